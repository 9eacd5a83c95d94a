// dundian workdays: working days by the national calendar. dundian due: what is to be answered or put right by when.

import ArgumentParser
import Dundian
import Foundation
import Terminal

extension MissingYear {
    var explanation: Explanation {
        Explanation(
            "year-missing", exit: ExitStatus.notFound,
            tr("没有 \(year) 年的放假安排，这一年的工作日无从算起。", "The holidays of \(year) are not known, so its working days cannot be counted."),
            tr(
                "把公布的安排写成 protocol/calendar/\(year).json 那样的文件，放到副本文件夹的 calendar/ 里，或更新程序。",
                "Write what was announced as a file like protocol/calendar/2026.json into calendar/ in the replica's folder, or update the program."
            ))
    }
}

extension ReplicaFolder {
    /// The national calendar with the years of this folder's own.
    func workingCalendar() throws -> WorkingCalendar {
        let files =
            (try? FileManager.default.contentsOfDirectory(atPath: path + "/calendar"))?.filter { $0.hasSuffix(".json") }.sorted()
            ?? []
        return WorkingCalendar.national.adding(
            try files.map { name in
                let file = "\(path)/calendar/\(name)"
                do { return try HolidayYear(bytes: Array(FileManager.default.contents(atPath: file) ?? Data())) } catch {
                    throw Explanation(
                        "calendar-malformed", exit: ExitStatus.badInput,
                        tr("\(Screen.safe(file)) 不是一年的放假安排：", "\(Screen.safe(file)) is no year's calendar: ")
                            + Screen.safe("\(error)"),
                        tr("请改正或移走它。", "Put it right, or take it away."))
                }
            })
    }
}

extension Day {
    /// Today, by the local time zone.
    static var today: Day {
        let now = Date()
        return Day(
            milliseconds: Int64(now.timeIntervalSince1970 * 1_000), minutesEastOfUTC: TimeZone.current.secondsFromGMT(for: now) / 60
        )
    }
}

struct Workdays: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "workdays", abstract: tr("按国家放假安排数工作日。", "Count working days by the national holidays."),
            discussion: tr(
                "从某天的次日数起：dundian workdays 15 --from 2026-09-25。某年的安排：dundian workdays --year 2026。",
                "Counted from the day after: dundian workdays 15 --from 2026-09-25. A year's holidays: dundian workdays --year 2026."
            ))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("几个工作日。", "How many working days."), valueName: "count")) var count: Int?
    @Option(
        name: .long, help: ArgumentHelp(tr("从哪天的次日起；默认今天。", "From the day after this; by default today."), valueName: "yyyy-mm-dd"))
    var from: String?
    @Option(name: .long, help: ArgumentHelp(tr("显示这一年的放假和调休。", "Show this year's holidays."), valueName: "year")) var year: Int?

    func validate() throws {
        guard (count == nil) != (year == nil) else {
            throw ValidationError(tr("请写工作日数，或 --year。", "Give a number of working days, or --year."))
        }
        guard count.map({ (0...5_000).contains($0) }) ?? true else {
            throw ValidationError(tr("工作日数为 0 到 5000。", "Working days are 0 to 5000."))
        }
        guard from.map({ Day($0) != nil }) ?? true else {
            throw ValidationError(tr("日期写作 2026-05-11。", "A day is written as 2026-05-11."))
        }
    }

    func run() throws {
        try options.run { folder in
            let calendar = try folder.workingCalendar()
            if let year { return try show(year, calendar) }
            let start = from.flatMap { Day($0) } ?? .today
            let due: Day
            do { due = try calendar.due(count ?? 0, workingDaysAfter: start) } catch let missing as MissingYear {
                throw missing.explanation
            }
            let met = (start.year...due.year).compactMap { calendar[$0] }.flatMap { year -> [String] in
                year.holidays.filter { $0.days.contains { start < $0 && $0 <= due } }.map { $0.name[tr] }
                    + year.workingWeekendDays.filter { start < $0 && $0 <= due }.map { tr("\($0) 上班", "\($0) is worked") }
            }
            options.show(
                .object([
                    ("from", .string("\(start)")), ("working_days", .count(count ?? 0)), ("due", .string("\(due)")),
                    ("met", .list(met.map(JSON.string))),
                ]),
                [tr("\(start) 之后第 \(count ?? 0) 个工作日是 \(due)。", "\(count ?? 0) working days after \(start) end on \(due).")]
                    + (met.isEmpty ? [] : [tr("其间：", "Between: ") + met.joined(separator: tr("、", ", "))]))
        }
    }

    private func show(_ number: Int, _ calendar: WorkingCalendar) throws {
        guard let year = calendar[number] else { throw MissingYear(year: number).explanation }
        var table = Table(header: [tr("节日", "Holiday"), tr("放假", "Off"), tr("天数", "Days")])
        table.rows = year.holidays.map { holiday in
            let (first, last) = (holiday.days[0], holiday.days[holiday.days.count - 1])
            let isWhole = last.number - first.number == holiday.days.count - 1
            let days =
                isWhole && first != last
                ? "\(first) \(tr("至", "to")) \(last)" : holiday.days.map(\.description).joined(separator: " ")
            return [holiday.name[tr], days, tr("\(holiday.days.count) 天", "\(holiday.days.count) days")]
        }
        options.show(
            .object([
                ("year", .count(number)), ("announced", .list(year.announced.map(JSON.string))),
                (
                    "holidays",
                    .list(
                        year.holidays.map {
                            .object([
                                ("key", .string($0.key)), ("name", .string($0.name[tr])),
                                ("days", .list($0.days.map { .string("\($0)") })),
                            ])
                        })
                ),
                ("working_weekend_days", .list(year.workingWeekendDays.map { .string("\($0)") })),
            ]),
            table.lines(width: Output.width)
                + [tr("调休上班：", "Worked: ") + year.workingWeekendDays.map(\.description).joined(separator: " ")]
                + [tr("依据：", "By: ") + year.announced.joined(separator: tr("、", ", "))])
    }
}

/// Something that is due.
private struct DueItem {
    let record: Record
    let due: Day
    /// Days of the calendar from today; less than 0: overdue.
    let left: Int
}

struct DueCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "due",
            abstract: tr(
                "到期的：等回复的卡和书，没改完的整改。", "What is due: cards and letters that wait for a reply, rectifications that are not done."),
            discussion: tr(
                "卡和书的回复期限按工作日算，默认 15 个，从发出的次日起。",
                "Replies to cards and letters are due in working days, 15 unless written otherwise, from the day after they went out."
            ))
    }
    @OptionGroup var options: Options
    @Flag(name: .long, help: ArgumentHelp(tr("只列已经超期的。", "Only what is overdue."))) var overdue = false
    @Option(name: .long, help: ArgumentHelp(tr("按这一天算；默认今天。", "As of this day; by default today."), valueName: "yyyy-mm-dd"))
    var on: String?

    func validate() throws {
        guard on.map({ Day($0) != nil }) ?? true else {
            throw ValidationError(tr("日期写作 2026-05-11。", "A day is written as 2026-05-11."))
        }
    }

    func run() throws {
        try options.run { folder in
            let showing = Finder(folder: folder).showing
            let today = on.flatMap { Day($0) } ?? .today
            let calendar = try folder.workingCalendar()
            var items: [DueItem] = []
            var unknown: Set<Int> = []
            for record in try records("letter", ["issued"], "status", folder) {
                guard case .date(let text)? = record.value("issued_at"), let issued = Day(text) else { continue }
                var days = 15
                if case .integer(let number)? = record.value("reply_within"), (1...5_000).contains(number) { days = Int(number) }
                do {
                    let due = try calendar.due(days, workingDaysAfter: issued)
                    items.append(DueItem(record: record, due: due, left: due.number - today.number))
                } catch let missing as MissingYear { unknown.insert(missing.year) }
            }
            for record in try records("rectification", ["open", "under_way"], "state", folder) {
                guard case .date(let text)? = record.value("deadline"), let due = Day(text) else { continue }
                items.append(DueItem(record: record, due: due, left: due.number - today.number))
            }
            items = items.filter { !overdue || $0.left < 0 }.sorted {
                $0.due != $1.due ? $0.due < $1.due : $0.record.id < $1.record.id
            }
            var table = Table(header: [tr("编号", "Id"), tr("类型", "Type"), tr("事项", "What"), tr("到期", "Due"), tr("还剩", "Left")])
            table.rows = items.map {
                [
                    showing.short($0.record.id), Screen.safe(showing.label($0.record.type)), Screen.safe(showing.title($0.record)),
                    "\($0.due)",
                    $0.left < 0 ? tr("超期 \(-$0.left) 天", "\(-$0.left) days over") : tr("\($0.left) 天", "\($0.left) days"),
                ]
            }
            options.show(
                .object([
                    ("on", .string("\(today)")), ("overdue", .count(items.count { $0.left < 0 })),
                    (
                        "items",
                        .list(
                            items.map {
                                .object([
                                    ("id", .string("\($0.record.id)")), ("type", .string($0.record.type.rawValue)),
                                    ("title", .string(showing.title($0.record))), ("due", .string("\($0.due)")),
                                    ("days_left", .count($0.left)),
                                ])
                            })
                    ), ("missing_years", .list(unknown.sorted().map(JSON.count))),
                ]),
                (items.isEmpty ? [tr("没有到期的。", "Nothing is due.")] : table.lines(width: Output.width))
                    + unknown.sorted().map { MissingYear(year: $0).explanation.message })
        }
    }

    /// The records of a type that stand at one of these values.
    private func records(_ type: TypeKey, _ values: Set<String>, _ field: FieldKey, _ folder: ReplicaFolder) throws -> [Record] {
        var found: [(ScopeID, RecordID)] = []
        try folder.replica.forEachRecord(type: type, deleted: false) { scope, state in
            guard case .text(let value)? = state.outcome(of: field, by: folder.catalogue)?.candidate?.value.value,
                values.contains(value)
            else { return }
            found.append((scope, state.record))
        }
        return try found.compactMap { try folder.replica.record($0.1, in: $0.0) }
    }
}
