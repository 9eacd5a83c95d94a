// What the central office asks: the figures of a period, one unit's ledger, and everything that touches a person or a unit.

import ArgumentParser
import Console
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
    @OptionGroup var restriction: Restriction
    private var restricted: Bool { restriction.restricted }

    private var period: ClosedRange<Day>? { Day.period(year: year, from: from, to: to) }

    func validate() throws {
        try Day.check(from)
        try Day.check(to)
        guard period != nil else {
            throw ValidationError(
                tr("请写 --year 2026，或 --from 2026-01-01 --to 2026-06-30。", "Give --year 2026, or --from 2026-01-01 --to 2026-06-30.")
            )
        }
    }

    func run() throws {
        try options.run { folder in
            guard let period else { return }
            let report = try FiguresReport(
                of: folder.replica, catalogue: folder.catalogue, in: period, restricted: restricted, tr)
            if let path = out {
                var sheet = Sheet(
                    title: tr("监督数字", "Figures") + (restricted ? tr("（含受限内容）", " (with restricted matter)") : ""), language: tr,
                    header: report.header(tr))
                sheet.rows = report.rows(tr).map { [.text($0.label)] + $0.numbers.map { .number($0) } }
                try OutgoingFile.write(sheet, to: path, force: force)
                Screen.complain(tr("已写入：", "Written: ") + Screen.safe(path))
            }
            let (json, lines) = (try report.json(), try report.lines(tr, width: Output.width))
            options.show(json, lines)
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
    @OptionGroup var restriction: Restriction

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let ledger = try UnitLedger(
                of: try finder.record(unit), in: folder.replica, catalogue: folder.catalogue, on: .today,
                restricted: restriction.restricted)
            if file.to != nil {
                let scopes = Set(ledger.entries.map(\.scope) + [ledger.unit.scope])
                let records = try finder.caseFile(of: scopes)
                let title =
                    tr("整改台账 ", "Ledger ") + ledger.title(tr)
                    + (restriction.restricted ? tr("（含受限内容）", " (with restricted matter)") : "")
                try file.write(Sheet(ledger: ledger.entries.map(\.state), title: title, in: records, tr))
            }
            let json = try ledger.json(tr) { finder.showing.json($0) }
            let lines = try ledger.lines(tr, width: Output.width)
            options.show(json, lines)
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
