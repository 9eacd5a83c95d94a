// The day a command counts by, as its options say it.

import ArgumentParser
import Dundian
import Foundation
import Terminal

/// The option `--on`.
struct AsOf: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp(tr("按这一天算；默认今天。", "As of this day; by default today."), valueName: "yyyy-mm-dd"))
    var on: String?

    /// The day that was given, else today.
    var day: Day { on.flatMap { Day($0) } ?? .today }

    func validate() throws { try Day.check(on) }
}

extension Day {
    /// Refuses what is given and is no day.
    static func check(_ text: String?) throws {
        guard text.map({ Day($0) != nil }) ?? true else {
            throw ValidationError(tr("日期写作 2026-05-11。", "A day is written as 2026-05-11."))
        }
    }

    /// Today, by the local time zone.
    static var today: Day {
        let now = Date()
        return Day(
            milliseconds: Int64(now.timeIntervalSince1970 * 1_000), minutesEastOfUTC: TimeZone.current.secondsFromGMT(for: now) / 60
        )
    }
}
