// Working days by the national holiday calendar (protocol/10-calendar.md). The calendar is data, a file for each year; what a year without a file
// is like nobody guesses.

/// There is no file for a year that a reckoning goes through.
public struct MissingYear: Error, Hashable, Sendable, CustomStringConvertible {
    /// The year.
    public var year: Int
    /// What is said of a year.
    public init(year: Int) { self.year = year }
    public var description: String { "the holidays of \(year) are not known" }
}

/// Working days, as far as years are known.
public struct WorkingCalendar: Sendable {
    private let years: [Int: HolidayYear]

    /// A calendar of these years; of two files for one year the later one.
    public init(_ years: [HolidayYear]) { self.years = Dictionary(years.map { ($0.year, $0) }) { _, later in later } }

    /// The years this version comes with.
    public static let national: WorkingCalendar = {
        let files = [
            PackageResources.holidays_2018_json, PackageResources.holidays_2019_json, PackageResources.holidays_2020_json,
            PackageResources.holidays_2021_json, PackageResources.holidays_2022_json, PackageResources.holidays_2023_json,
            PackageResources.holidays_2024_json, PackageResources.holidays_2025_json, PackageResources.holidays_2026_json,
        ]
        do { return WorkingCalendar(try files.map { try HolidayYear(bytes: $0) }) } catch {
            preconditionFailure("a built-in calendar is broken: \(error)")
        }
    }()

    /// These years besides, in place of those of the same number.
    public func adding(_ more: [HolidayYear]) -> WorkingCalendar { WorkingCalendar(Array(years.values) + more) }

    /// The years that are known, ascending.
    public var knownYears: [Int] { years.keys.sorted() }
    /// What is known of a year; nil: nothing.
    public subscript(year: Int) -> HolidayYear? { years[year] }

    private func known(_ year: Int) throws(MissingYear) -> HolidayYear {
        guard let year = years[year] else { throw MissingYear(year: year) }
        return year
    }

    /// Whether a day is worked.
    public func isWorkingDay(_ day: Day) throws(MissingYear) -> Bool { try known(day.year).isWorkingDay(day) }

    /// The day on which a period of so many working days ends that begins with the day after `day`.
    ///
    /// - Parameter count: 1 or more; of less the day itself.
    public func due(_ count: Int, workingDaysAfter day: Day) throws(MissingYear) -> Day {
        var left = count
        var day = day
        // The last year there is has no file, so that this ends.
        while left > 0 {
            day = Day(number: day.number + 1)
            if try isWorkingDay(day) { left -= 1 }
        }
        return day
    }

    /// How many working days there are after one day up to and with another; 0 if that is not later.
    public func workingDays(after start: Day, through end: Day) throws(MissingYear) -> Int {
        var count = 0
        var day = start
        while day < end {
            day = Day(number: day.number + 1)
            if try isWorkingDay(day) { count += 1 }
        }
        return count
    }

    /// Whether what is known of a day may yet be changed by the next year's announcement: it has reached back into the last days of
    /// December. Those are the days from 25 December on while the next year is not known.
    public func mayChange(_ day: Day) -> Bool {
        years[day.year] != nil && years[day.year + 1] == nil && "\(day)".dropFirst(5) >= "12-25"
    }

    /// What differs from working on Mondays to Fridays.
    public struct Difference: Hashable, Sendable {
        /// The days, without a gap.
        public var days: ClosedRange<Day>
        /// The holiday's key; nil: the weekend day is worked.
        public var holiday: String?
        /// The holiday's name; nil: the weekend day is worked.
        public var name: Label?
    }

    /// What differs after one day up to and with another, in the order of the days; a holiday in part, where only a part lies there.
    public func differences(after start: Day, through end: Day) throws(MissingYear) -> [Difference] {
        guard start < end else { return [] }
        let first = Day(number: start.number + 1)
        var found: [Difference] = []
        for number in first.year...end.year {
            let year = try known(number)
            for holiday in year.holidays {
                for span in holiday.spans where span.overlaps(first...end) {
                    found.append(Difference(days: span.clamped(to: first...end), holiday: holiday.key, name: holiday.name))
                }
            }
            for day in year.workingWeekendDays where (first...end).contains(day) { found.append(Difference(days: day...day)) }
        }
        return found.sorted { $0.days.lowerBound < $1.days.lowerBound }
    }
}

extension Day {
    /// Whether it is a Saturday or a Sunday.
    public var isWeekend: Bool { weekday >= 5 }

    /// 0 for a Monday, 6 for a Sunday.
    public var weekday: Int {
        // 1970-01-01 was a Thursday.
        (number % 7 + 7 + 3) % 7
    }

    /// Its year.
    public var year: Int { Int(description.prefix(4)) ?? 0 }
}
