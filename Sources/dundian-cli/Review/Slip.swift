// dundian review export: a slip for the file. What was in dispute, who wrote what, what was decided, by whom, and room to sign.

import ArgumentParser
import Dundian
import Files
import Terminal

struct ReviewExport: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "export", abstract: tr("打印用的裁定单，可存入案卷。", "A slip to print for the file."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(
        help: ArgumentHelp(tr("事项编号，或裁定的编号（见 review log）。", "An item's id, or a decision's (from review log)."), valueName: "item"))
    var item: String
    @Option(
        name: .long, help: ArgumentHelp(tr("写到这个文件；不写就打印出来。", "Write it to this file; otherwise it is printed."), valueName: "file")
    ) var out: String?
    @Flag(name: .long, help: ArgumentHelp(tr("文件已有时覆盖。", "Replace the file if it is there."))) var force = false

    func run() throws {
        try review.run { desk in
            let lines = try self.lines(desk)
            guard let out else {
                for line in lines { Screen.print(line) }
                return
            }
            let file = try WholeFile(out, replaces: force)
            try file.write(lines.joined(separator: "\n") + "\n")
            try file.finish()
            review.options.show(.object([("file", .string(out))]), [tr("已写入：", "Written: ") + Screen.safe(out)])
        }
    }

    private func lines(_ desk: ReviewDesk) throws -> [String] {
        let width = 76
        let rule = String(repeating: "─", count: width / 2)
        let queued: QueuedItem
        var decided: Decided?
        do { queued = try desk.finder.item(item) } catch let error as ReplicaError where error.code == .itemUnknown {
            let found = try desk.decision(item)
            let type = try desk.replica.record(found.item.record, in: found.scope)?.type ?? found.type
            queued = QueuedItem(id: found.id, scope: found.scope, item: found.item, type: type, since: found.since)
            decided = found
        }
        let page = try desk.page(queued)
        let secret = desk.sensitivity(queued) == .restricted ? [tr("【限知】", "[RESTRICTED]")] : []
        var lines = secret + [tr("裁 定 单", "REVIEW SLIP"), rule]
        lines += page.head
        lines.append("  " + tr("记录：", "Record: ") + "\(queued.item.record)")
        lines.append("  " + tr("事项：", "Item: ") + "\(queued.id)")
        lines.append(rule)
        if let decided {
            lines.append(tr("在争议中的值：", "In dispute:"))
            for (i, candidate) in decided.over.enumerated() {
                lines.append("  \(i + 1)) " + desk.who(candidate.dot, author: candidate.author, in: decided.scope))
                lines += value(candidate.value, decided, desk, width)
            }
            lines.append(tr("裁定：", "Decision: ") + page.told(decided))
            lines.append("  " + desk.who(decided.dot, author: decided.author, in: decided.scope))
            if let chosen = decided.value { lines += value(chosen, decided, desk, width) }
            let since = try desk.replica.decisions(about: decided.record).filter {
                $0.time >= decided.time && $0.dot != decided.dot && $0.field == decided.field
            }
            for later in since { lines.append(tr("之后：", "Then: ") + page.told(later)) }
            let state =
                switch try desk.state(of: decided) {
                case .holds: tr("生效。", "It holds.")
                case .proposed: tr("等另一人同意。", "It waits for somebody else's approval.")
                case .undone: tr("已撤销。", "It was taken back.")
                case .past: tr("之后字段又有改动。", "The field has changed since.")
                }
            lines.append(tr("现状：", "State: ") + state)
        } else {
            lines += page.lines.dropFirst(page.head.count)
            lines.append(tr("现状：待裁定。", "State: open."))
        }
        lines += [
            rule,
            tr(
                "经办人：______________　复核人：______________　日期：____________",
                "Decided by: ____________  Approved by: ____________  Date: __________"),
        ]
        return lines + secret
    }

    private func value(_ content: Content, _ decided: Decided, _ desk: ReviewDesk, _ width: Int) -> [String] {
        let type = (try? desk.replica.record(decided.item.record, in: decided.scope))??.type ?? decided.type
        let text =
            content == .value(.empty)
            ? tr("（清空）", "(cleared)") : Screen.safe(desk.showing.text(content, decided.field, type), lines: true)
        return Paragraph.lines(text, indent: 5, width: width)
    }
}
