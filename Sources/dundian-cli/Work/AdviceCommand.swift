// dundian advice: what the sources ask for and records do not show yet; and how it is answered.

import ArgumentParser
import Dundian
import Terminal

struct AdviceCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "advice",
            abstract: tr(
                "提示：按规定还缺什么，各有出处；可以照办，也可以写明理由。",
                "Advice: what the rules still ask for, each with its source; follow it or answer it."),
            subcommands: [AdviceList.self, AdviceAnswer.self], defaultSubcommand: AdviceList.self)
    }
}

struct AdviceList: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list", abstract: tr("列出提示（默认）。", "List it (the default)."),
            discussion: tr(
                "写了任务或记录的编号，只列它的；不写就列本机全部。--all 连同已答复的。",
                "With the id of an engagement or record only what is about it; --all with what was answered."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("任务或记录的编号。", "The id of an engagement or a record."), valueName: "id")) var id: String?
    @Flag(name: .long, help: ArgumentHelp(tr("连同已答复的。", "What was answered, too."))) var all = false
    @OptionGroup var asOf: AsOf

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let day = asOf.day
            var found: [Advice]
            if let id {
                let record = try finder.record(id)
                let file = try finder.caseFile(around: record)
                found = try Advice.all(in: file, on: day, calendar: folder.workingCalendar()).filter {
                    $0.record == record.id
                        || record.type == "engagement"
                            && file.records[$0.record].flatMap { file.reference($0, "engagement") } == record.id
                }
            } else {
                found = try Advice.all(in: finder.caseFile(), on: day, calendar: folder.workingCalendar())
            }
            let answered = found.count { $0.answer != nil }
            if !all { found = found.filter { $0.answer == nil } }
            let showing = finder.showing
            var lines: [String] = []
            var last: RecordID?
            for advice in found {
                if advice.record != last {
                    last = advice.record
                    lines.append(
                        "\(showing.short(advice.record))  \(Screen.safe(showing.label(advice.type)))  \(Screen.safe(showing.title(advice.record)))"
                    )
                }
                lines += showing.lines(advice)
            }
            let open = found.count { $0.answer == nil }
            lines.append(
                open == 0
                    ? tr("没有未答复的提示。", "No advice is open.") : tr("共 \(open) 条未答复。", "\(open) open.")
            )
            if answered > 0 {
                lines[lines.count - 1] +=
                    tr("已答复 \(answered) 条", " \(answered) answered") + (all ? tr("。", ".") : tr("，--all 可见。", ", see --all."))
            }
            if open > 0 {
                lines.append(
                    tr(
                        "写明理由：dundian advice answer 编号 规定 --because 理由",
                        "To answer one: dundian advice answer ID RULE --because WHY"))
            }
            options.show(
                .object([
                    ("on", .string("\(day)")), ("open", .count(open)), ("answered", .count(answered)),
                    ("advice", .list(found.map(showing.json))),
                ]), lines)
        }
    }
}

struct AdviceAnswer: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "answer", abstract: tr("答复一条提示：为什么不这样做。", "Answer one: why it is not followed here."),
            discussion: tr(
                "答复作为一条记录保存，随记录同步，谁都看得到；删去答复，提示就又出现。",
                "The answer is a record of its own that syncs; whoever sees the record sees it. Delete it, and the advice is open again."
            ))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号。", "The record's id."), valueName: "id")) var id: String
    @Argument(help: ArgumentHelp(tr("规定的名字，如 who_talks。", "The rule's name, as who_talks."), valueName: "rule")) var rule: String
    @Option(name: .long, help: ArgumentHelp(tr("理由。", "The reason."), valueName: "text")) var because: String
    @OptionGroup var asOf: AsOf

    func validate() throws {
        guard because.contains(where: { !$0.isWhitespace }) else { throw ValidationError(tr("理由不能空着。", "The reason is empty.")) }
    }

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let record = try finder.record(id)
            guard folder.catalogue.type(Advice.answerType) != nil else {
                throw Explanation(
                    "advice-unanswerable", exit: ExitStatus.badInput,
                    tr("这里用的目录里没有“对提示的答复”。", "The catalogue in use has no type for answers to advice."),
                    tr("什么也没有保存。", "Nothing was saved."))
            }
            let open = try Advice.all(
                in: finder.caseFile(around: record), on: asOf.day, calendar: folder.workingCalendar()
            ).filter { $0.record == record.id && $0.answer == nil }
            let meant = open.filter { $0.key == rule }
            let fitting = meant.isEmpty ? open.filter { $0.rule.rawValue == rule } : meant
            guard fitting.count == 1 else {
                throw Explanation(
                    "advice-unknown", exit: ExitStatus.badInput,
                    fitting.isEmpty
                        ? tr("这条记录没有这样一条未答复的提示：\(Screen.safe(rule))。", "The record has no such open advice: \(Screen.safe(rule)).")
                        : tr("有几条，请写全：", "There are several; write it in full:") + fitting.map { "\n  \($0.key)" }.joined(),
                    open.isEmpty
                        ? tr("它没有未答复的提示。", "None is open.")
                        : tr("未答复的：", "Open: ") + open.map(\.key).joined(separator: tr("、", ", ")))
            }
            let id = try folder.replica.create(
                Advice.answerType, in: record.scope, fields: fitting[0].answering(because).map { ($0, .value($1)) })
            options.show(
                .object([
                    ("id", .string("\(id)")), ("record", .string("\(record.id)")), ("rule", .string(fitting[0].rule.rawValue)),
                ]),
                [tr("已答复：", "Answered: ") + fitting[0].rule.label[tr]])
        }
    }
}

extension Showing {
    /// Advice below the record it is about.
    func lines(_ advice: Advice) -> [String] {
        let mark = advice.answer == nil ? tr("  提示 ", "  advice ") : tr("  已答复 ", "  answered ")
        let head =
            mark
            + "\(advice.key)\(tr("：", ": "))\(advice.says[tr])\(tr("（来源 \(advice.rule.source)）", " (source \(advice.rule.source.replacing("、", with: ", ")))"))"
        let next =
            advice.answer.map { tr("理由（\(person($0.author))）：", "because (\(person($0.author))): ") + $0.reason }
            ?? advice.wayOn[tr]
        return Paragraph.lines(Screen.safe(head), indent: 0, width: Output.width)
            + Paragraph.lines(Screen.safe(next), indent: 6, width: Output.width)
    }

    func json(_ advice: Advice) -> JSON {
        .object([
            ("record", .string("\(advice.record)")), ("type", .string(advice.type.rawValue)),
            ("rule", .string(advice.rule.rawValue)),
            ("about", .string(advice.about)), ("source", .string(advice.rule.source)), ("says", .string(advice.says[tr])),
            ("next", .string(advice.wayOn[tr])),
            (
                "answer",
                advice.answer.map {
                    .object([("id", .string("\($0.record)")), ("reason", .string($0.reason)), ("author", .optional($0.author))])
                } ?? .null
            ),
        ])
    }

    /// What is open about a record that was just saved.
    func adviceLines(_ id: RecordID) -> [String] { openAdvice(id).flatMap(lines) }

    /// What is open about one record.
    func openAdvice(_ id: RecordID) -> [Advice] {
        guard let record = try? folder.replica.record(id), !record.isDeleted,
            AdviceRule.types.contains(record.type), let calendar = try? folder.workingCalendar(),
            let file = try? Finder(folder: folder).caseFile(around: record)
        else { return [] }
        return Advice.all(in: file, on: .today, calendar: calendar).filter { $0.record == id && $0.answer == nil }
    }
}
