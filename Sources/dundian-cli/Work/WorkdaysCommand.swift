// dundian workdays: working days by the national calendar.

import ArgumentParser
import Dundian
import Foundation
import Terminal

extension ReplicaFolder {
    /// The national calendar with the years of this folder's own.
    func workingCalendar() throws -> WorkingCalendar { try .national(with: path, tr) }
}

extension Day {
    /// `周六`
    fileprivate var weekdayName: String {
        let (zh, en) = [("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"), ("周五", "Fri"), ("周六", "Sat"), ("周日", "Sun")][
            weekday]
        return tr(zh, en)
    }
}

extension ClosedRange<Day> {
    /// `2026-10-01 至 2026-10-07`, or the one day.
    fileprivate var told: String { lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound) \(tr("至", "to")) \(upperBound)" }
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
        guard from == nil || year == nil else {
            throw ValidationError(tr("--from 与工作日数同用，不与 --year 同用。", "--from belongs to a number of working days, not to --year."))
        }
        guard count.map({ (0...5_000).contains($0) }) ?? true else {
            throw ValidationError(tr("工作日数为 0 到 5000。", "Working days are 0 to 5000."))
        }
        try Day.check(from)
    }

    func run() throws {
        try options.run { folder in
            let calendar = try folder.workingCalendar()
            if let year {
                guard let known = calendar[year] else { throw MissingYear(year: year) }
                show(known)
            } else {
                try show(count ?? 0, after: from.flatMap { Day($0) } ?? .today, calendar)
            }
        }
    }

    private func show(_ count: Int, after start: Day, _ calendar: WorkingCalendar) throws {
        let due = try calendar.due(count, workingDaysAfter: start)
        let met = try calendar.differences(after: start, through: due)
        let mayChange = calendar.mayChange(due)
        var lines = [
            tr(
                "\(start) 之后第 \(count) 个工作日是 \(due)（\(due.weekdayName)）。",
                "\(count) working days after \(start) end on \(due) (\(due.weekdayName)).")
        ]
        if !met.isEmpty { lines.append(tr("其间：", "Between:")) }
        lines += met.map { difference in
            let what =
                difference.name.map { Screen.safe($0[tr]) + tr("放假", ", off") }
                ?? tr("上班（\(difference.days.lowerBound.weekdayName)）", "worked (\(difference.days.lowerBound.weekdayName))")
            return "    \(difference.days.told)  \(what)"
        }
        if mayChange {
            lines.append(
                tr(
                    "\(due.year + 1) 年的放假安排还没有，它可能改动 12 月底的日子。",
                    "The holidays of \(due.year + 1) are not known yet; they may change the last days of December."))
        }
        options.show(
            .object([
                ("from", .string("\(start)")), ("working_days", .count(count)), ("due", .string("\(due)")),
                (
                    "met",
                    .list(
                        met.map {
                            .object([
                                ("from", .string("\($0.days.lowerBound)")), ("to", .string("\($0.days.upperBound)")),
                                ("worked", .flag($0.holiday == nil)), ("holiday", .optional($0.holiday)),
                                ("name", .optional($0.name?[tr])),
                            ])
                        })
                ), ("may_change", .flag(mayChange)),
            ]), lines)
    }

    private func show(_ year: HolidayYear) {
        var table = Table(header: [tr("节日", "Holiday"), tr("放假", "Off"), tr("天数", "Days")])
        table.rows = year.holidays.map { holiday in
            [
                Screen.safe(holiday.name[tr]), holiday.spans.map(\.told).joined(separator: tr("，", ", ")),
                tr("\(holiday.days.count) 天", holiday.days.count == 1 ? "1 day" : "\(holiday.days.count) days"),
            ]
        }
        let worked = year.workingWeekendDays.map { "\($0)\(tr("（", " ("))\($0.weekdayName)\(tr("）", ")"))" }
        options.show(
            .object([
                ("year", .count(year.year)),
                (
                    "announced",
                    .list(
                        year.announced.map {
                            .object([
                                ("title", .string($0.title)), ("number", .string($0.number)), ("date", .string("\($0.date)")),
                                ("note", .optional($0.note?[tr])),
                            ])
                        })
                ),
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
                + (worked.isEmpty ? [] : [tr("调休上班：", "Worked: ") + worked.joined(separator: tr("、", ", "))])
                + year.announced.map { announced in
                    tr("依据：", "By: ") + Screen.safe(announced.title)
                        + tr(
                            "（\(Screen.safe(announced.number))，\(announced.date)）",
                            " (\(Screen.safe(announced.number)), \(announced.date))")
                        + (announced.note.map { tr("：", ": ") + Screen.safe($0[tr]) } ?? "")
                })
    }
}
