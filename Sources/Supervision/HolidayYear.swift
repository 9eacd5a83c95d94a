// A year of the holiday calendar as its file says it (protocol/10-calendar.md): what differs from working on Mondays to Fridays.

import FoundationEssentials

/// A file is no year's calendar, or contradicts itself.
public struct CalendarFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// It is not JSON of the form that the schema describes.
        case malformed(String)
        /// A year before 1949 or after 9998.
        case yearOutside(Int)
        /// A text that is no day.
        case notDay(String)
        /// A day of another year than the file's.
        case otherYear(Day)
        /// A day that is off or worked twice, or both off and worked.
        case twice(Day)
        /// A day that is said to be worked and is no Saturday or Sunday.
        case workedAnyway(Day)
        /// A holiday without a day, by its key; empty: there is no holiday at all.
        case withoutDays(String)
        /// No announcement is named.
        case withoutSource
    }

    /// What is wrong.
    public var reason: Reason

    /// A fault of this kind.
    public init(_ reason: Reason) { self.reason = reason }

    /// A stable name of what is wrong, as page 10 has them.
    public var code: String {
        switch reason {
        case .malformed: "malformed"
        case .yearOutside: "year-outside"
        case .notDay: "not-a-day"
        case .otherYear: "other-year"
        case .twice: "twice"
        case .workedAnyway: "worked-anyway"
        case .withoutDays: "without-days"
        case .withoutSource: "without-source"
        }
    }

    public var description: String { what(.english) }

    /// What is wrong, as a sentence without its full stop.
    public func what(_ t: Language) -> String {
        func text(_ zh: String, _ en: String) -> String { Label(zh: zh, en: en)[t] }
        return switch reason {
        case .malformed(let detail): text("不是规定格式的 JSON（\(detail)）", "it is not JSON of the form that is asked for (\(detail))")
        case .yearOutside(let year): text("年份 \(year) 不在 1949 至 9998 之间", "the year \(year) is not between 1949 and 9998")
        case .notDay(let day): text("“\(day)”不是日期", "\"\(day)\" is no day")
        case .otherYear(let day): text("\(day) 不是这一年的日子", "\(day) is no day of this year")
        case .twice(let day): text("\(day) 出现了两次", "\(day) is there twice")
        case .workedAnyway(let day): text("\(day) 不是周六或周日，本来就上班", "\(day) is no Saturday or Sunday and is worked anyway")
        case .withoutDays(""): text("一个节日也没有", "there is no holiday")
        case .withoutDays(let key): text("节日 \(key) 没有日子", "the holiday \(key) has no days")
        case .withoutSource: text("没有写明依据的文件", "no announcement is named")
        }
    }
}

/// What differs in one year from working on Mondays to Fridays.
public struct HolidayYear: Sendable {
    /// A document that the year is taken from.
    public struct Announcement: Hashable, Sendable {
        /// As on the document.
        public var title: String
        /// Its number, as `国办发明电〔2025〕7号`.
        public var number: String
        /// When it was signed.
        public var date: Day
        /// What it changed of an earlier one, or what of this year it says; nil: it is the year's own.
        public var note: Label?
    }

    /// A holiday with all its days.
    public struct Holiday: Sendable {
        /// Stable, as `spring_festival`.
        public var key: String
        /// For people to read.
        public var name: Label
        /// Ascending; weekends within it too.
        public var days: [Day]
        /// The days as spans without a gap, ascending.
        public var spans: [ClosedRange<Day>] {
            days.reduce(into: []) { spans, day in
                if let last = spans.last, day - last.upperBound == 1 {
                    spans[spans.count - 1] = last.lowerBound...day
                } else {
                    spans.append(day...day)
                }
            }
        }
    }

    /// The year.
    public let year: Int
    /// The announcements it is taken from, its own first.
    public let announced: [Announcement]
    /// In the order of the year.
    public let holidays: [Holiday]
    /// Weekend days that are worked, ascending.
    public let workingWeekendDays: [Day]
    private let off: Set<Day>
    private let worked: Set<Day>

    private struct File: Decodable {
        struct Announcement: Decodable {
            var title: String
            var number: String
            var date: String
            var note: Label?
        }
        struct Holiday: Decodable {
            var key: String
            var name: Label
            var days: [String]
        }
        var year: Int
        var announced: [Announcement]
        var holidays: [Holiday]
        var workingWeekendDays: [String]

        enum CodingKeys: String, CodingKey {
            case year, announced, holidays
            case workingWeekendDays = "working_weekend_days"
        }
    }

    /// Reads a year's file and checks what its JSON Schema cannot say.
    public init(bytes: [UInt8]) throws(CalendarFault) {
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(bytes)) } catch {
            throw CalendarFault(.malformed("\(error)"))
        }
        guard (1_949...9_998).contains(file.year) else { throw CalendarFault(.yearOutside(file.year)) }
        guard !file.announced.isEmpty else { throw CalendarFault(.withoutSource) }
        guard !file.holidays.isEmpty else { throw CalendarFault(.withoutDays("")) }
        var announced: [Announcement] = []
        for item in file.announced {
            announced.append(
                Announcement(title: item.title, number: item.number, date: try Self.day(item.date), note: item.note))
        }
        var seen: Set<Day> = []
        func days(_ texts: [String]) throws(CalendarFault) -> [Day] {
            var days: [Day] = []
            for text in texts {
                let day = try Self.day(text)
                guard day.year == file.year else { throw CalendarFault(.otherYear(day)) }
                guard seen.insert(day).inserted else { throw CalendarFault(.twice(day)) }
                days.append(day)
            }
            return days.sorted()
        }
        var holidays: [Holiday] = []
        for holiday in file.holidays {
            let days = try days(holiday.days)
            guard !days.isEmpty else { throw CalendarFault(.withoutDays(holiday.key)) }
            holidays.append(Holiday(key: holiday.key, name: holiday.name, days: days))
        }
        off = seen
        workingWeekendDays = try days(file.workingWeekendDays)
        worked = Set(workingWeekendDays)
        if let day = workingWeekendDays.first(where: { !$0.isWeekend }) { throw CalendarFault(.workedAnyway(day)) }
        self.year = file.year
        self.announced = announced
        self.holidays = holidays.sorted { $0.days[0] < $1.days[0] }
    }

    private static func day(_ text: String) throws(CalendarFault) -> Day {
        guard let day = Day(text) else { throw CalendarFault(.notDay(text)) }
        return day
    }

    /// Whether a day of this year is worked.
    func isWorkingDay(_ day: Day) -> Bool { day.isWeekend ? worked.contains(day) : !off.contains(day) }
}
