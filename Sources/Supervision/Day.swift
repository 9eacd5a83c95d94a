// Days of the civil calendar, as records write them. No clock and no time zone of its own.

public import Records

/// A day between 0000-01-01 and 9999-12-31.
public struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public let number: Int

    private static let first = Day.number(year: 0, month: 1, day: 1)
    private static let last = Day.number(year: 9_999, month: 12, day: 31)

    /// The day so many days after 1970-01-01; the first or the last there is if that lies outside.
    public init(number: Int) { self.number = min(max(number, Self.first), Self.last) }

    /// Reads `2026-05-11`; nil unless it is a day that exists.
    public init?(_ text: some StringProtocol) { self.init(digits: String(text)) }

    /// The same for a whole text, without detours: lists of thousands of records are read by it.
    public init?(_ text: String) { self.init(digits: text) }

    private init?(digits text: String) {
        var (parts, part) = ((0, 0, 0), 0)
        var count = 0
        for byte in text.utf8 {
            switch (count, byte) {
            case (4, 0x2d), (7, 0x2d): part += 1
            case (4, _), (7, _), (10..., _): return nil
            case (_, 0x30...0x39):
                let digit = Int(byte - 0x30)
                switch part {
                case 0: parts.0 = parts.0 * 10 + digit
                case 1: parts.1 = parts.1 * 10 + digit
                default: parts.2 = parts.2 * 10 + digit
                }
            default: return nil
            }
            count += 1
        }
        let (year, month, day) = parts
        guard count == 10, (1...12).contains(month) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...days[month - 1]).contains(day) else { return nil }
        number = Self.number(year: year, month: month, day: day)
    }

    /// The day a date or time of a record says; nil for any other value.
    public init?(of value: Value?) {
        switch value {
        case .date(let text)?: self.init(text)
        case .time(let text)?: self.init(text.prefix(10))
        default: return nil
        }
    }

    /// The day it is at a moment where clocks are so many minutes ahead of UTC.
    public init(milliseconds: Int64, minutesEastOfUTC minutes: Int) {
        let (local, overflow) = milliseconds.addingReportingOverflow(Int64(minutes) * 60_000)
        let moment = overflow ? milliseconds : local
        self.init(number: Int(moment / 86_400_000) - (moment % 86_400_000 < 0 ? 1 : 0))
    }

    // Years are counted from March, so that the leap day is a year's last; 400 of them have 146,097 days.
    private static func number(year: Int, month: Int, day: Int) -> Int {
        let year = month > 2 ? year + 400 : year + 399
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468 - 146_097
    }

    public var description: String {
        let sinceMarch = number + 719_468 + 146_097
        let (era, dayOfEra) = sinceMarch.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * fromMarch + 2) / 5 + 1
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = yearOfEra + (era - 1) * 400 + (month <= 2 ? 1 : 0)
        return "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(day, 2))"
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
    }

    public static func < (a: Day, b: Day) -> Bool { a.number < b.number }
    /// How many days from the second to the first.
    public static func - (a: Day, b: Day) -> Int { a.number - b.number }
    /// The day so many days later.
    public static func + (day: Day, days: Int) -> Day { Day(number: day.number + days) }
}
