import Supervision
import Testing

import class Foundation.FileManager
import class Foundation.JSONDecoder
import struct Foundation.URL

private struct VectorFile: Decodable { var cases: [VectorCase] }

/// A case of working-days.json.
struct VectorCase: Decodable, Sendable, CustomTestStringConvertible {
    enum Expected: Decodable, Equatable, Sendable {
        case flag(Bool)
        case count(Int)
        case day(String)
        case missing(Int)

        private struct Missing: Decodable { var missing_year: Int }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let count = try? container.decode(Int.self) {
                self = .count(count)
            } else if let day = try? container.decode(String.self) {
                self = .day(day)
            } else {
                self = .missing(try container.decode(Missing.self).missing_year)
            }
        }
    }

    var name: String
    var kind: String
    var day: String?
    var after: String?
    var through: String?
    var count: Int?
    var expect: Expected
    var testDescription: String { name }
}

struct WorkingCalendarTests {
    static let vectors: [VectorCase] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        guard let bytes = FileManager.default.contents(atPath: root.path + "/protocol/vectors/working-days.json"),
            let file = try? JSONDecoder().decode(VectorFile.self, from: bytes)
        else { return [] }
        return file.cases
    }()

    @Test func `there are vectors`() { #expect(Self.vectors.count >= 60) }

    @Test(arguments: vectors)
    func `working days are reckoned as the vectors say`(_ vector: VectorCase) throws {
        func day(_ text: String?) throws -> Day { try #require(text.flatMap { Day($0) }) }
        let calendar = WorkingCalendar.national
        let got: VectorCase.Expected
        do {
            switch vector.kind {
            case "is_working": got = .flag(try calendar.isWorkingDay(try day(vector.day)))
            case "due": got = .day("\(try calendar.due(try #require(vector.count), workingDaysAfter: try day(vector.after)))")
            default: got = .count(try calendar.workingDays(after: try day(vector.after), through: try day(vector.through)))
            }
        } catch let missing as MissingYear { got = .missing(missing.year) }
        #expect(got == vector.expect)
    }

    private static let year = """
        {"year": 2030, "announced": [{"number": "x"}], "holidays": [
          {"key": "new_year", "name": {"zh": "元旦", "en": "New Year"}, "days": ["2030-01-01"]}],
         "working_weekend_days": ["2030-01-05"]}
        """

    @Test func `an organisation adds a year, and it is reckoned by`() throws {
        let more = try HolidayYear(bytes: Array(Self.year.utf8))
        let calendar = WorkingCalendar.national.adding([more])
        #expect(calendar.knownYears == Array(2019...2026) + [2030])
        #expect(try !calendar.isWorkingDay(#require(Day("2030-01-01"))))
        #expect(try calendar.isWorkingDay(#require(Day("2030-01-05"))))
        #expect(calendar[2030]?.holidays.map(\.name.en) == ["New Year"])
    }

    static let broken = [
        (#""2030-01-05""#, #""2030-01-01""#), (#""2030-01-05""#, #""2030-01-04""#), (#""2030-01-05""#, #""2031-01-04""#),
        (#"["2030-01-01"]"#, #"["2030-02-30"]"#), (#"["2030-01-01"]"#, #"["2030-01-01", "2030-01-01"]"#),
        (#"["2030-01-01"]"#, "[]"),
        (#""year": 2030"#, #""year": "2030""#),
    ]

    @Test(arguments: broken.indices)
    func `a file that contradicts itself is no calendar`(_ i: Int) {
        let text = Self.year.replacing(Self.broken[i].0, with: Self.broken[i].1)
        #expect(text != Self.year)
        #expect(throws: CalendarFault.self) { _ = try HolidayYear(bytes: Array(text.utf8)) }
    }
}
