// dundian due: what is to be answered or put right by when.

import ArgumentParser
import Dundian
import Terminal

/// Something that is due.
private struct DueItem {
    let id: RecordID
    let type: TypeKey
    let due: Day
    /// Days of the calendar from today; less than 0: overdue.
    let left: Int
    /// The next year's announcement may yet move it.
    var mayChange = false
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
    @OptionGroup var asOf: AsOf

    @Option(name: .long, help: ArgumentHelp(tr("最多列几项。", "List at most so many."), valueName: "count")) var limit = 100

    func validate() throws {
        guard limit > 0 else { throw ValidationError(tr("--limit 要大于 0。", "--limit is above 0.")) }
    }

    func run() throws {
        try options.run { folder in
            let showing = Finder(folder: folder).showing
            let today = asOf.day
            let calendar = try folder.workingCalendar()
            var items: [DueItem] = []
            var unknown: Set<Int> = []
            // Many letters go out on one day.
            var known: [[Int]: Day] = [:]
            try folder.forEachLean("letter") { record in
                guard record.text("status") == "issued", let issued = record.day("issued_at") else { return }
                do {
                    let days = LetterDeadline.days(record.integer("reply_within").map { Int(clamping: $0) })
                    let due = try known[[issued.number, days]] ?? calendar.due(days, workingDaysAfter: issued)
                    known[[issued.number, days]] = due
                    items.append(
                        DueItem(
                            id: record.facts.record, type: "letter", due: due, left: due.number - today.number,
                            mayChange: calendar.mayChange(due)))
                } catch let missing as MissingYear { unknown.insert(missing.year) }
            }
            try folder.forEachLean("rectification") { record in
                guard ["open", "under_way"].contains(record.text("state") ?? ""), let due = record.day("deadline") else { return }
                items.append(DueItem(id: record.facts.record, type: "rectification", due: due, left: due.number - today.number))
            }
            items = items.filter { !overdue || $0.left < 0 }.sorted {
                $0.due != $1.due ? $0.due < $1.due : $0.id < $1.id
            }
            var table = Table(header: [tr("编号", "Id"), tr("类型", "Type"), tr("事项", "What"), tr("到期", "Due"), tr("还剩", "Left")])
            let shown = items.prefix(limit)
            table.rows = shown.map {
                [
                    showing.short($0.id), Screen.safe(showing.label($0.type)), Screen.safe(showing.title($0.id)),
                    "\($0.due)" + ($0.mayChange ? tr("（待定）", " (may change)") : ""),
                    $0.left < 0 ? tr("超期 \(-$0.left) 天", "\(-$0.left) days over") : tr("\($0.left) 天", "\($0.left) days"),
                ]
            }
            options.show(
                .object([
                    ("on", .string("\(today)")), ("total", .count(items.count)), ("overdue", .count(items.count { $0.left < 0 })),
                    (
                        "items",
                        .list(
                            shown.map {
                                .object([
                                    ("id", .string("\($0.id)")), ("type", .string($0.type.rawValue)),
                                    ("title", .string(showing.title($0.id))), ("due", .string("\($0.due)")),
                                    ("days_left", .count($0.left)), ("may_change", .flag($0.mayChange)),
                                ])
                            })
                    ), ("missing_years", .list(unknown.sorted().map(JSON.count))),
                ]),
                (items.isEmpty ? [tr("没有到期的。", "Nothing is due.")] : table.lines(width: Output.width))
                    + (items.count > shown.count
                        ? [
                            tr(
                                "共 \(items.count) 项，这里是最早到期的 \(shown.count) 项；更多：--limit。",
                                "\(items.count) in all, the \(shown.count) due first are here; more: --limit.")
                        ] : [])
                    + unknown.sorted().map { Explanation(MissingYear(year: $0), tr).message })
        }
    }
}
