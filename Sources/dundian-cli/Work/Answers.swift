// What the central office asks: the figures of a period, one unit's ledger, and everything that touches a person or a unit.

import ArgumentParser
import Documents
import Dundian
import Terminal

extension Record {
    fileprivate func day(_ key: FieldKey) -> Day? { Day(of: value(key)) }

    /// Every record it refers to by the values it shows.
    fileprivate var references: Set<RecordID> {
        var found: Set<RecordID> = []
        for field in fields {
            switch field.outcome {
            case .set(let elements):
                for element in elements { if case .reference(let id)? = element.value.value { found.insert(id) } }
            case .settled, .contested:
                if case .reference(let id)? = field.outcome.candidate?.value.value { found.insert(id) }
            }
        }
        return found
    }
}

/// A record as its facts tell it, and as a whole where they do not.
struct LeanRecord {
    let facts: RecordFacts
    let whole: () -> Record?

    func value(_ key: FieldKey) -> Value? {
        switch facts[key] {
        case .value(let value): value
        case .none: nil
        case .ask: whole()?.value(key)
        }
    }

    func text(_ key: FieldKey) -> String? { if case .text(let text)? = value(key) { text } else { nil } }
    func integer(_ key: FieldKey) -> Int64? { if case .integer(let number)? = value(key) { number } else { nil } }
    func reference(_ key: FieldKey) -> RecordID? { if case .reference(let id)? = value(key) { id } else { nil } }

    func day(_ key: FieldKey) -> Day? { Day(of: value(key)) }
}

extension ReplicaFolder {
    /// Hands on the records of a type that are not deleted, by their facts.
    func forEachLean(_ type: TypeKey, _ body: (LeanRecord) throws -> Void) throws {
        try replica.forEachFacts(of: type) { scope, facts in
            try body(LeanRecord(facts: facts) { try? replica.record(facts.record, in: scope) })
        }
    }
}

// MARK: Figures

struct FiguresCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "figures", abstract: tr("一段时间的监督数字，合计和各单位的。", "The figures of a period, in all and for each unit."),
            discussion: tr(
                "批示、汇报、个人事项报告、两卡一书、问询、审核、说明、建制。卡和书按发出日期算，作废的不算。例：dundian figures --year 2026",
                "Directives, briefings, self-reports, cards and letters, inquiries, persons vetted, statements, rules built. Cards and letters count by the day they went out, voided ones not. Example: dundian figures --year 2026"
            ))
    }
    @OptionGroup var options: Options
    @Option(name: .long, help: ArgumentHelp(tr("哪一年。", "The year."), valueName: "year")) var year: Int?
    @Option(name: .long, help: ArgumentHelp(tr("从哪天起。", "From this day on."), valueName: "yyyy-mm-dd")) var from: String?
    @Option(name: .long, help: ArgumentHelp(tr("到哪天止。", "To this day."), valueName: "yyyy-mm-dd")) var to: String?

    @Option(
        name: .long,
        help: ArgumentHelp(tr("写进表格文件，格式看结尾。", "Write them to a table, in the form its ending says."), valueName: "file"))
    var out: String?
    @Flag(name: .long, help: ArgumentHelp(tr("覆盖已有的文件。", "Replace a file that is there."))) var force = false

    private var period: ClosedRange<Day>? {
        if let year { return Day("\(year)-01-01").flatMap { first in Day("\(year)-12-31").map { first...$0 } } }
        guard let first = from.flatMap({ Day($0) }), let last = to.flatMap({ Day($0) }) ?? Optional(Day.today), first <= last else {
            return nil
        }
        return first...last
    }

    func validate() throws {
        try Day.check(from)
        try Day.check(to)
        guard (year == nil) != (from == nil), to == nil || from != nil, period != nil else {
            throw ValidationError(
                tr("请写 --year 2026，或 --from 2026-01-01 --to 2026-06-30。", "Give --year 2026, or --from 2026-01-01 --to 2026-06-30.")
            )
        }
    }

    func run() throws {
        try options.run { folder in
            guard let period else { return }
            let showing = Finder(folder: folder).showing
            var events: [FigureEvent] = []
            // Records that are one unit count as one.
            func unit(_ record: LeanRecord, _ key: FieldKey) -> String? {
                record.reference(key).map { "\(showing.joined.first(of: $0))" }
            }
            try folder.forEachLean("activity") { record in
                guard let figure = record.text("kind").flatMap(Figure.ofActivity), let day = record.day("date") else { return }
                var count = 1
                if figure.countsPersons, let persons = record.integer("count"), persons >= 0 { count = Int(persons) }
                events.append(FigureEvent(figure, day: day, unit: unit(record, "unit"), count: count))
            }
            try folder.forEachLean("letter") { record in
                guard let figure = record.text("kind").flatMap(Figure.ofLetter), let day = record.day("issued_at"),
                    let status = record.text("status"), ["issued", "replied", "closed"].contains(status)
                else { return }
                events.append(FigureEvent(figure, day: day, unit: unit(record, "recipient_unit")))
            }
            let figures = Figures(events, in: period)
            let units = figures.units.keys.map { (key: $0, title: RecordID(hex: $0).map { showing.title($0) } ?? $0) }.sorted {
                $0.title < $1.title
            }
            var table = Table(header: [tr("项目", "Figure"), tr("合计", "Total")] + units.map { Screen.safe($0.title) })
            table.isRight = Set(1...(units.count + 1))
            table.rows = Figure.allCases.map { figure in
                [figure.label[tr], "\(figures.total[figure] ?? 0)"] + units.map { "\(figures.units[$0.key]?[figure] ?? 0)" }
            }
            if let path = out {
                var sheet = Sheet(
                    title: tr("监督数字", "Figures"), language: tr,
                    header: [tr("项目", "Figure"), tr("合计", "Total")] + units.map(\.title))
                sheet.rows = Figure.allCases.map { figure in
                    [.text(figure.label[tr]), .number(figures.total[figure] ?? 0)]
                        + units.map { .number(figures.units[$0.key]?[figure] ?? 0) }
                }
                try OutgoingFile.write(sheet, to: path, force: force)
                Screen.complain(tr("已写入：", "Written: ") + Screen.safe(path))
            }
            func json(_ counts: [Figure: Int]) -> JSON {
                .object(Figure.allCases.map { ($0.rawValue, .count(counts[$0] ?? 0)) })
            }
            options.show(
                .object([
                    ("from", .string("\(period.lowerBound)")), ("to", .string("\(period.upperBound)")),
                    ("total", json(figures.total)),
                    (
                        "units",
                        .list(
                            units.map {
                                .object([
                                    ("unit", .string($0.key)), ("title", .string($0.title)),
                                    ("figures", json(figures.units[$0.key] ?? [:])),
                                ])
                            })
                    ),
                ]),
                [tr("\(period.lowerBound) 至 \(period.upperBound)", "\(period.lowerBound) to \(period.upperBound)")]
                    + table.lines(width: Output.width))
        }
    }
}

// MARK: Ledger

struct Ledger: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "ledger", abstract: tr("一个单位的整改台账。", "One unit's ledger of rectifications."),
            discussion: tr(
                "一单位一台账：每个问题怎样改、谁负责、何时改完、查验如何。",
                "For each finding the measure, who is responsible, by when, and what a check showed."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("单位的编号。", "The unit's id."), valueName: "id")) var unit: String
    @OptionGroup var file: OutgoingFile

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let showing = finder.showing
            let unit = try finder.record(unit)
            let same = Set(showing.joined.members(with: unit.id))
            let today = Day.today
            let entries = try folder.replica.records(referringTo: same).filter {
                $0.type == "rectification" && ($0.reference("unit").map(same.contains) ?? false)
            }.sorted {
                ($0.day("deadline") ?? today, $0.id) < ($1.day("deadline") ?? today, $1.id)
            }
            func isOver(_ record: Record) -> Bool {
                guard let due = record.day("deadline"), let state = record.text("state") else { return false }
                return due < today && ["open", "under_way"].contains(state)
            }
            let states = folder.catalogue.type("rectification")?.field("state")
            var table = Table(header: [
                tr("编号", "Id"), tr("问题", "Finding"), tr("措施", "Measure"), tr("责任人", "Responsible"), tr("期限", "Deadline"),
                tr("状态", "State"),
            ])
            table.rows = entries.map { record in
                [
                    showing.short(record.id), Screen.safe(record.reference("finding").map { showing.title($0) } ?? ""),
                    Screen.safe((record.text("measure") ?? "").replacing("\n", with: " ")),
                    Screen.safe(record.text("responsible") ?? ""),
                    record.day("deadline")?.description ?? "",
                    Screen.safe(record.text("state").flatMap { states?.choice($0)?.label[tr] } ?? "")
                        + (isOver(record) ? tr("，超期", ", overdue") : ""),
                ]
            }
            if file.to != nil {
                let scopes = Set(entries.map(\.scope) + [unit.scope])
                let records = try finder.caseFile(of: scopes)
                try file.write(
                    Sheet(
                        ledger: entries.map(\.state), title: tr("整改台账 ", "Ledger ") + showing.title(unit), in: records, tr))
            }
            options.show(
                .object([
                    ("unit", .string("\(unit.id)")), ("title", .string(showing.title(unit))),
                    ("overdue", .count(entries.count(where: isOver))),
                    ("entries", .list(entries.map { showing.json($0) })),
                ]),
                ["\(tr("整改台账：", "Ledger: "))\(Screen.safe(showing.title(unit)))"]
                    + (entries.isEmpty ? [tr("台账是空的。", "The ledger is empty.")] : table.lines(width: Output.width))
                    + [
                        tr(
                            "共 \(entries.count) 项，超期 \(entries.count(where: isOver)) 项。",
                            "\(entries.count) in all, \(entries.count(where: isOver)) overdue.")
                    ])
        }
    }
}

// MARK: About

struct About: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "about", abstract: tr("涉及某人或某单位的全部记录，按时间排。", "Everything that touches a person or a unit, by time."),
            discussion: tr(
                "一人一档：谈话、卡和书、活动、问题。只有本机看得到的范围里的。",
                "One person, one file: talks, cards and letters, activities, findings; of the scopes this device may see."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("人、单位或任何记录的编号。", "The id of a person, a unit, or any record."), valueName: "id")) var id: String

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let showing = finder.showing
            let subject = try finder.record(id)
            let same = Set(showing.joined.members(with: subject.id))
            let inner: Set<TypeKey> = [Verdict.type, ReviewNote.type, ErasureOrder.type]
            let found = try folder.replica.records(referringTo: same).filter {
                !inner.contains($0.type) && !$0.references.isDisjoint(with: same)
            }
            /// The day a record is about: its first date or time, else the day it was last changed.
            func day(_ record: Record) -> String {
                let dated = folder.catalogue.type(record.type)?.fields.filter { $0.kind == .date || $0.kind == .time } ?? []
                if let day = dated.lazy.compactMap({ record.day(FieldKey($0.key)) }).first { return "\(day)" }
                return record.state.changed.map { String(Screen.time($0.time.rawValue).prefix(10)) } ?? ""
            }
            let rows = found.map { (day: day($0), record: $0) }.sorted { ($0.day, $0.record.id) < ($1.day, $1.record.id) }
            var table = Table(header: [tr("日期", "Day"), tr("编号", "Id"), tr("类型", "Type"), tr("标题", "Title")])
            table.rows = rows.map {
                [
                    $0.day, showing.short($0.record.id), Screen.safe(showing.label($0.record.type)),
                    showing.marks($0.record) + Screen.safe(showing.title($0.record)),
                ]
            }
            let counts = Dictionary(grouping: found, by: \.type).map { "\(showing.label($0.key)) \($0.value.count)" }.sorted()
            options.show(
                .object([
                    ("id", .string("\(subject.id)")), ("title", .string(showing.title(subject))),
                    ("same_as", .list(same.filter { $0 != subject.id }.sorted().map { .string("\($0)") })),
                    (
                        "records",
                        .list(
                            rows.map {
                                .object([
                                    ("day", .string($0.day)), ("id", .string("\($0.record.id)")),
                                    ("type", .string($0.record.type.rawValue)),
                                    ("title", .string(showing.title($0.record))),
                                ])
                            })
                    ),
                ]),
                ["\(Screen.safe(showing.label(subject.type)))\(tr("：", ": "))\(Screen.safe(showing.title(subject)))"]
                    + (rows.isEmpty ? [] : table.lines(width: Output.width))
                    + [
                        rows.isEmpty
                            ? tr("没有记录涉及。", "No record refers to it.")
                            : tr("共 \(rows.count) 条：", "\(rows.count) in all: ") + counts.joined(separator: tr("，", ", "))
                    ])
        }
    }
}
