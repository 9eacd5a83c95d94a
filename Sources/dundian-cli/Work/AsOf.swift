// What an answer counts by, as its options say it: the day, and whether what is restricted is in it.

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

/// The option `--restricted` of an answer that may be handed on.
struct Restriction: ParsableArguments {
    @Flag(
        name: .long,
        help: ArgumentHelp(tr("包括受限范围里的；只供指定人员阅看。", "Take in what is in restricted scopes; for those named only.")))
    var restricted = false
}

extension Day {
    /// Refuses what is given and is no day.
    static func check(_ text: String?) throws {
        guard text.map({ Day($0) != nil }) ?? true else {
            throw ValidationError(tr("日期写作 2026-05-11。", "A day is written as 2026-05-11."))
        }
    }
}
