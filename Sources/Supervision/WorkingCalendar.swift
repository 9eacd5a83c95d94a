// Working days by the national holiday calendar (protocol/10-calendar.md). The calendar is data, a file for each year; what a year without a file
// is like nobody guesses.

import FoundationEssentials

/// There is no file for a year that a reckoning goes through.
public struct MissingYear: Error, Hashable, Sendable, CustomStringConvertible {
    /// The year.
    public var year: Int
    /// What is said of a year.
    public init(year: Int) { self.year = year }
    public var description: String { "the holidays of \(year) are not known" }
}

/// A file is no year's calendar, or contradicts itself.
public struct CalendarFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in English.
    public var message: String
    public var description: String { message }
}

/// What differs in one year from working on Mondays to Fridays.
public struct HolidayYear: Sendable {
    /// A holiday with all its days.
    public struct Holiday: Sendable {
        /// Stable, as `spring_festival`.
        public var key: String
        /// For people to read.
        public var name: Label
        /// Ascending; weekends within it too.
        public var days: [Day]
    }

    /// The year.
    public let year: Int
    /// The numbers of the announcements it is taken from.
    public let announced: [String]
    /// In the order of the year.
    public let holidays: [Holiday]
    /// Weekend days that are worked, ascending.
    public let workingWeekendDays: [Day]
    fileprivate let off: Set<Day>
    fileprivate let worked: Set<Day>

    private struct File: Decodable {
        struct Announcement: Decodable { var number: String }
        struct Holiday: Decodable {
            var key: String
            var name: Label
            var days: [String]
        }
        var year: Int
        var announced: [Announcement]
        var holidays: [Holiday]
        var working_weekend_days: [String]
    }

    /// Reads a year's file and checks what its JSON Schema cannot say.
    public init(bytes: [UInt8]) throws(CalendarFault) {
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(bytes)) } catch {
            throw CalendarFault(message: "not a year's calendar: \(error)")
        }
        var holidays: [Holiday] = []
        var off: Set<Day> = []
        for holiday in file.holidays {
            let days = try Self.days(holiday.days, of: file.year)
            guard off.isDisjoint(with: days), Set(days).count == days.count else {
                throw CalendarFault(message: "\(file.year), \(holiday.key): a day is off twice")
            }
            off.formUnion(days)
            holidays.append(Holiday(key: holiday.key, name: holiday.name, days: days.sorted()))
        }
        guard !holidays.isEmpty, holidays.allSatisfy({ !$0.days.isEmpty }) else {
            throw CalendarFault(message: "\(file.year): a holiday without days")
        }
        let worked = try Self.days(file.working_weekend_days, of: file.year)
        guard off.isDisjoint(with: worked) else { throw CalendarFault(message: "\(file.year): a day is off and worked") }
        for day in worked where !day.isWeekend {
            throw CalendarFault(message: "\(file.year): \(day) is worked anyway, it is no weekend day")
        }
        (year, announced, workingWeekendDays) = (file.year, file.announced.map(\.number), worked.sorted())
        self.holidays = holidays.sorted { $0.days[0] < $1.days[0] }
        (self.off, self.worked) = (off, Set(worked))
    }

    private static func days(_ texts: [String], of year: Int) throws(CalendarFault) -> [Day] {
        var days: [Day] = []
        for text in texts {
            guard let day = Day(text), day.year == year else {
                throw CalendarFault(message: "\(text) is no day of \(year)")
            }
            days.append(day)
        }
        return days
    }
}

/// Working days, as far as years are known.
public struct WorkingCalendar: Sendable {
    private let years: [Int: HolidayYear]

    /// A calendar of these years; of two files for one year the later one.
    public init(_ years: [HolidayYear]) { self.years = Dictionary(years.map { ($0.year, $0) }) { _, later in later } }

    /// The years this version comes with.
    public static let national: WorkingCalendar = {
        let files = [
            PackageResources.holidays_2019_json, PackageResources.holidays_2020_json, PackageResources.holidays_2021_json,
            PackageResources.holidays_2022_json, PackageResources.holidays_2023_json, PackageResources.holidays_2024_json,
            PackageResources.holidays_2025_json, PackageResources.holidays_2026_json,
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

    /// Whether a day is worked.
    public func isWorkingDay(_ day: Day) throws(MissingYear) -> Bool {
        guard let year = years[day.year] else { throw MissingYear(year: day.year) }
        return day.isWeekend ? year.worked.contains(day) : !year.off.contains(day)
    }

    /// The day on which a period of so many working days ends that begins with the day after `day`.
    ///
    /// - Parameter count: 1 or more; of less the day itself.
    public func due(_ count: Int, workingDaysAfter day: Day) throws(MissingYear) -> Day {
        var left = count
        var day = day
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
}

extension Day {
    /// Whether it is a Saturday or a Sunday.
    public var isWeekend: Bool {
        // 1970-01-01 was a Thursday.
        let weekday = (number % 7 + 7 + 3) % 7
        return weekday >= 5
    }

    /// Its year.
    public var year: Int { Int(description.prefix(4)) ?? 0 }
}
