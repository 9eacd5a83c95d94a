// dundian due: what is to be answered or put right by when.

import ArgumentParser
import Dundian
import Terminal

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
                    + unknown.sorted().map { Explanation(MissingYear(year: $0), tr).message })
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
