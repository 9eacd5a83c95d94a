// dundian-server figures, due, ledger: what the central office asks of all engagements at once, archived ones included.

import ArgumentParser
import Causality
import Console
import Dundian
import Replicas
import Server
import Terminal

/// What such a question is asked by.
struct Asking: ParsableArguments {
    @Flag(name: .long, help: ArgumentHelp(tr("包括限知内容；只供指定人员阅看。", "Take in what is restricted; for those named only.")))
    var restricted = false
    @Option(name: .long, help: ArgumentHelp(tr("按这一天算；默认今天。", "As of this day; by default today."), valueName: "yyyy-mm-dd"))
    var on: String?

    var day: Day { on.flatMap { Day($0) } ?? .today }

    func validate() throws {
        if let on, Day(on) == nil { throw ValidationError(tr("日期须如 2026-05-11。", "A day is written as 2026-05-11.")) }
    }
}

struct FiguresCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "figures",
            abstract: tr("一段时间的监督数字，合计和各单位的，含已归档的。", "The figures of a period, in all and for each unit, of what is archived too."))
    }
    @OptionGroup var options: Options
    @Option(name: .long, help: ArgumentHelp(tr("哪一年。", "The year."), valueName: "year")) var year: Int?
    @Option(name: .long, help: ArgumentHelp(tr("从哪天起。", "From this day on."), valueName: "yyyy-mm-dd")) var from: String?
    @Option(name: .long, help: ArgumentHelp(tr("到哪天止；默认今天。", "To this day; by default today."), valueName: "yyyy-mm-dd"))
    var to: String?
    @Flag(name: .long, help: ArgumentHelp(tr("包括限知内容；只供指定人员阅看。", "Take in what is restricted; for those named only.")))
    var restricted = false

    private var period: ClosedRange<Day>? { Day.period(year: year, from: from, to: to) }

    func validate() throws {
        guard period != nil else {
            throw ValidationError(
                tr("请写 --year 2026，或 --from 2026-01-01 --to 2026-06-30。", "Give --year 2026, or --from 2026-01-01 --to 2026-06-30.")
            )
        }
    }

    func run() throws {
        try options.run { centre in
            guard let period else { return }
            let report = try FiguresReport(
                of: centre.replica, catalogue: centre.catalogue, in: period, restricted: restricted, tr)
            let lines = try report.lines(tr, width: Screen.columns)
            let json = try report.json()
            options.show(json, lines)
        }
    }
}

struct DueCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "due",
            abstract: tr(
                "到期的：等回复的卡和书，没改完的整改。", "What is due: cards and letters that wait for a reply, rectifications that are not done."))
    }
    @OptionGroup var options: Options
    @OptionGroup var asking: Asking
    @Flag(name: .long, help: ArgumentHelp(tr("只列已经超期的。", "Only what is overdue."))) var overdue = false
    @Option(name: .long, help: ArgumentHelp(tr("最多列几项。", "List at most so many."), valueName: "count")) var limit = 100

    func validate() throws {
        guard limit > 0 else { throw ValidationError(tr("--limit 要大于 0。", "--limit is above 0.")) }
    }

    func run() throws {
        try options.run { centre in
            let report = try DueReport(
                of: centre.replica, catalogue: centre.catalogue, calendar: try .national(with: options.path, tr), on: asking.day,
                overdue: overdue, restricted: asking.restricted, limit: limit)
            let (json, lines) = (try report.json(tr), try report.lines(tr, width: Screen.columns))
            options.show(json, lines)
        }
    }
}

struct LedgerCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "ledger", abstract: tr("一个单位的整改台账，含已归档的。", "One unit's ledger of rectifications, archived ones included."))
    }
    @OptionGroup var options: Options
    @OptionGroup var asking: Asking
    @Argument(help: ArgumentHelp(tr("单位的编号。", "The unit's id."), valueName: "id")) var unit: String

    func run() throws {
        try options.run { centre in
            let found =
                try ShortID(unit).map { short in
                    try centre.replica.store.reading { reader in try reader.records(short.range(of: RecordID.self), limit: 2) }
                } ?? []
            guard found.count == 1, let unit = try centre.replica.record(found[0]), unit.type == "unit" else {
                throw Explanation(
                    "record-unknown", exit: ExitStatus.notFound,
                    tr("中心没有编号为 \(Screen.safe(unit)) 的单位。", "The centre has no unit \(Screen.safe(unit))."),
                    tr("编号见 dundian-server figures --json。", "Ids are in dundian-server figures --json."))
            }
            let ledger = try UnitLedger(
                of: unit, in: centre.replica, catalogue: centre.catalogue, on: asking.day, restricted: asking.restricted)
            let lines = try ledger.lines(tr, width: Screen.columns)
            let json = try ledger.json(tr) { record in
                let values = record.fields.compactMap { field in
                    field.outcome.candidate?.value.value.map { (field.key.rawValue, JSON.string($0.plainText)) }
                }
                return .object([("id", .string("\(record.id)")), ("fields", .object(values))])
            }
            options.show(json, lines)
        }
    }
}
