import Supervision
import Support
import Testing

import class Foundation.FileManager

struct WorkingCalendarTests {
    @Test(arguments: Example.all(in: "working-days", kinds: ["is_working", "due", "between", "may_change"]))
    func `working days are reckoned as the vectors say`(_ example: Example) throws {
        func day(_ key: Spelling) throws -> Day { try #require(Day(example[key].text)) }
        let calendar = WorkingCalendar.national
        let got: JSON
        do {
            got =
                switch example["kind"].text {
                case "is_working": .bool(try calendar.isWorkingDay(try day("day")))
                case "due":
                    .string(
                        Spelling("\(try calendar.due(Int(example["count"].number), workingDaysAfter: try day("after")))"))
                case "between": .whole(Int64(try calendar.workingDays(after: try day("after"), through: try day("through"))))
                default: .bool(calendar.mayChange(try day("day")))
                }
        } catch let missing as MissingYear { got = .object(["missing_year": .whole(Int64(missing.year))]) }
        #expect(got == example["expect"])
    }

    @Test(arguments: Example.all(in: "working-days", kinds: ["file"]))
    func `a file is read, or what is wrong with it is named`(_ example: Example) {
        let got: JSON
        // No text of these files has anything that JSON would escape.
        do { got = .whole(Int64(try HolidayYear(bytes: Array(example["file"].description.utf8)).year)) } catch {
            got = .object(["fault": .string(Spelling(error.code))])
            #expect(error.what(.chinese) != error.what(.english))
        }
        #expect(got == example["expect"])
    }

    @Test func `bytes that are no JSON are no calendar`() {
        #expect { _ = try HolidayYear(bytes: []) } throws: { ($0 as? CalendarFault)?.code == "malformed" }
        #expect { _ = try HolidayYear(bytes: [0xff]) } throws: { ($0 as? CalendarFault)?.code == "malformed" }
    }

    @Test func `every file there is comes with the program`() throws {
        let folder = Example.folder.deletingLastPathComponent().appendingPathComponent("calendar").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { Int($0.prefix(4)) }
        #expect(files.sorted() == WorkingCalendar.national.knownYears)
    }

    @Test(arguments: WorkingCalendar.national.knownYears)
    func `a day is off or worked whichever way it is asked`(_ year: Int) throws {
        let calendar = WorkingCalendar.national
        let (first, last) = (try #require(Day("\(year)-01-01")), try #require(Day("\(year)-12-31")))
        let known = try #require(calendar[year])
        #expect(known.announced.first?.title.contains("\(year)") == true)
        #expect(known.announced.allSatisfy { $0.date.year >= year - 1 && $0.date <= last })
        let off = Set(known.holidays.flatMap(\.days))
        for day in (first.number...last.number).map({ Day(number: $0) }) {
            let isWorked = known.workingWeekendDays.contains(day) || (!day.isWeekend && !off.contains(day))
            #expect(try calendar.isWorkingDay(day) == isWorked)
            guard day > first else { continue }
            let before = Day(number: day.number - 1)
            #expect(try calendar.workingDays(after: before, through: day) == (isWorked ? 1 : 0))
            #expect(try calendar.due(1, workingDaysAfter: before) >= day || year == calendar.knownYears.last)
        }
    }

    @Test func `a deadline is the day by which so many working days have passed`() throws {
        let calendar = WorkingCalendar.national
        let start = try #require(Day("2024-01-25"))
        for count in 1...300 {
            let due = try calendar.due(count, workingDaysAfter: start)
            #expect(try calendar.isWorkingDay(due))
            #expect(try calendar.workingDays(after: start, through: due) == count)
        }
    }

    @Test func `what is met on the way is told in order and cut where the way begins and ends`() throws {
        func met(_ start: String, _ end: String) throws -> [String] {
            try WorkingCalendar.national.differences(after: #require(Day(start)), through: #require(Day(end))).map {
                "\($0.days.lowerBound) \($0.days.upperBound) \($0.holiday ?? "worked")"
            }
        }
        #expect(
            try met("2026-09-25", "2026-10-10") == [
                "2026-09-26 2026-09-27 mid_autumn", "2026-10-01 2026-10-07 national_day", "2026-10-10 2026-10-10 worked",
            ])
        #expect(
            try met("2018-12-28", "2019-02-04") == [
                "2018-12-29 2018-12-29 worked", "2018-12-30 2018-12-31 new_year", "2019-01-01 2019-01-01 new_year",
                "2019-02-02 2019-02-02 worked", "2019-02-03 2019-02-03 worked", "2019-02-04 2019-02-04 spring_festival",
            ])
        #expect(try met("2026-05-05", "2026-05-05").isEmpty)
        #expect(throws: MissingYear(year: 2027)) { _ = try met("2026-12-30", "2027-01-01") }
    }

    private static let year = """
        {"year": 2027, "announced": [{"title": "示例", "number": "示例", "date": "2026-11-26"}], "holidays": [
          {"key": "new_year", "name": {"zh": "元旦", "en": "New Year"}, "days": ["2027-01-01"]}], "working_weekend_days": ["2027-01-09"]}
        """

    @Test func `an organisation adds a year, and it is reckoned by`() throws {
        let more = try HolidayYear(bytes: Array(Self.year.utf8))
        let calendar = WorkingCalendar.national.adding([more])
        #expect(calendar.knownYears == Array(2018...2027))
        #expect(try calendar.due(2, workingDaysAfter: #require(Day("2026-12-31"))) == Day("2027-01-05"))
        #expect(try calendar.isWorkingDay(#require(Day("2027-01-09"))))
        #expect(try !calendar.mayChange(#require(Day("2026-12-31"))))
        #expect(calendar[2027]?.holidays.map(\.name.en) == ["New Year"])
    }

    @Test func `its year takes the place of ours`() throws {
        let own = try HolidayYear(
            bytes: Array(
                Self.year.replacing("2027-", with: "2026-").replacing("2027", with: "2026")
                    .replacing("2026-01-09", with: "2026-01-10").utf8))
        let calendar = WorkingCalendar.national.adding([own])
        #expect(try calendar.isWorkingDay(#require(Day("2026-10-01"))))
        #expect(try calendar.isWorkingDay(#require(Day("2026-01-10"))))
    }
}
