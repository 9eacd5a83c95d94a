// The day it is where a program runs, and the holidays a folder adds.

import Foundation
package import Supervision

extension Day {
    /// Today, by the local time zone.
    package static var today: Day {
        let now = Date()
        return Day(
            milliseconds: Int64(now.timeIntervalSince1970 * 1_000), minutesEastOfUTC: TimeZone.current.secondsFromGMT(for: now) / 60
        )
    }

    /// A year, or from a day to a day, today unless it is said; nil if that makes no period.
    package static func period(year: Int?, from: String?, to: String?) -> ClosedRange<Day>? {
        guard (year == nil) != (from == nil), to == nil || from != nil else { return nil }
        if let year { return Day("\(year)-01-01").flatMap { first in Day("\(year)-12-31").map { first...$0 } } }
        guard let first = from.flatMap({ Day($0) }), let last = to.map({ Day($0) }) ?? .today, first <= last else { return nil }
        return first...last
    }
}

extension WorkingCalendar {
    /// The national calendar with the years in a folder's own folder `calendar`.
    /// - Throws: ``Explanation`` for a file that is no calendar.
    package static func national(with folder: String, _ t: Language) throws -> WorkingCalendar {
        let files =
            (try? FileManager.default.contentsOfDirectory(atPath: folder + "/calendar"))?.filter { $0.hasSuffix(".json") }.sorted()
            ?? []
        return WorkingCalendar.national.adding(
            try files.map { name in
                let file = "\(folder)/calendar/\(name)"
                do { return try HolidayYear(bytes: Array(FileManager.default.contents(atPath: file) ?? Data())) } catch let fault
                    as CalendarFault
                {
                    throw Explanation(fault, file: file, t)
                }
            })
    }
}
