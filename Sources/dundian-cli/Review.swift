// dundian review: what waits for a person, and settling it.

import ArgumentParser
import Dundian
import Terminal

struct Review: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "review", abstract: tr("裁定冲突：没有什么是悄悄定下的。", "Settle conflicts: nothing is settled silently."),
            subcommands: [ReviewList.self, ReviewShow.self, Take.self])
    }
}

struct ReviewList: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: tr("列出等待裁定的各项，最早的在前。", "List what waits for review, the oldest first."))
    }
    @OptionGroup var options: Options
    @Option(name: .long, help: ArgumentHelp(tr("只列这个范围。", "Only this scope."), valueName: "scope")) var scope: String?
    @Option(name: .long, help: ArgumentHelp(tr("最多多少项。", "At most this many."), valueName: "count")) var limit = 100

    func run() throws {
        try options.run { folder in
            let scopeID = try scope.map { try Finder(folder: folder).scope($0, for: nil) }
            let items = try folder.replica.reviewItems(in: scopeID, limit: max(0, limit)).map {
                ($0, try folder.replica.record($0.item.record, in: $0.scope))
            }
            let showing = Showing(folder: folder)
            options.show(
                .object([("items", .list(items.map { showing.json($0.0, $0.1) }))]),
                items.isEmpty
                    ? [tr("没有等待裁定的事项。", "Nothing waits for review.")] : items.map { showing.line($0.0, $0.1) })
        }
    }
}

struct ReviewShow: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: tr("显示一个待裁定事项和可选的做法。", "Show an item and the ways to settle it."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String

    func run() throws {
        try options.run { folder in
            let item = try Finder(folder: folder).item(item)
            let record = try folder.replica.record(item.item.record, in: item.scope)
            let showing = Showing(folder: folder)
            options.show(showing.json(item, record), lines(item, record, showing))
        }
    }

    private func lines(_ item: QueuedItem, _ record: Record?, _ showing: Showing) -> [String] {
        let id = showing.short(item.id)
        var lines = [showing.line(item, record)]
        if item.item.kind == .contested, let telling = record.flatMap({ showing.telling(of: item.item.field, in: $0) }) {
            return lines + mergeLines(telling, id)
        }
        switch item.item.kind {
        case .contested, .unfoundedSettlement:
            for (i, candidate) in (record?.state[item.item.field]?.candidates ?? []).enumerated() {
                lines.append(
                    "  \(i + 1)) \(Screen.safe(showing.person(candidate.author)))  \(Screen.time(candidate.time.rawValue))")
                lines.append("     " + Screen.safe(showing.text(candidate.value, item.item.field, item.type), lines: true))
            }
            lines.append(tr("选定其一：", "Take one: ") + "dundian review take \(id) --candidate 1 --reason \(tr("理由", "REASON"))")
            lines.append(
                tr("另定新值：", "Or another: ")
                    + "dundian review take \(id) --value \(tr("新值", "VALUE")) --reason \(tr("理由", "REASON"))")
        case .deleteAgainstEdit, .putOnDeleted:
            lines.append(tr("保留记录：", "Keep the record: ") + "dundian review take \(id) --keep --reason \(tr("理由", "REASON"))")
            lines.append(tr("确认删除：", "Delete it: ") + "dundian review take \(id) --delete --reason \(tr("理由", "REASON"))")
        }
        return lines
    }

    /// Nobody's work is at stake but where the same sentence was written in several ways; so only that is asked.
    private func mergeLines(_ telling: MergeTelling, _ id: String) -> [String] {
        let reason = tr("理由", "REASON")
        let merged = telling.merged(isColoured: Output.isColoured)
        // A line before the text: nothing in it can pass for a choice.
        var lines = Paragraph.lines(Screen.safe(telling.text, lines: true), indent: 0, width: Output.width.map { $0 - 5 }).map {
            "   │ " + $0
        }
        lines += telling.open(isColoured: Output.isColoured).map { "  " + $0 }
        if !merged.isEmpty {
            lines.append(tr("  已自行合并的，怎样裁定都保留：", "  Merged by itself, and kept however this is settled:"))
            lines += merged.map { "    " + $0 }
        }
        if let number = telling.everywhere {
            lines.append(
                tr("待定之处都取第 \(number) 个：", "Take number \(number) wherever it is open: ")
                    + "dundian review take \(id) --candidate \(number) --reason \(reason)")
        }
        if telling.openCount > 1 || telling.everywhere == nil {
            let choices = telling.firstChoices.map { "\($0)" }.joined(separator: ",")
            lines.append(
                tr("逐处选（0 为原来的）：", "Or place by place (0: as before): ")
                    + "dundian review take \(id) --spans \(choices) --reason \(reason)")
        }
        lines.append(
            tr("另定全文：", "Or a text of your own: ")
                + "dundian review take \(id) --value \(tr("全文", "TEXT")) --reason \(reason)")
        return lines
    }
}

struct Take: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "take", abstract: tr("裁定一项，理由一并留存。", "Settle an item; the reason stands with it."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String
    @Option(name: .long, help: ArgumentHelp(tr("选第几个值（从 1 起）。", "Which value, from 1."), valueName: "number")) var candidate: Int?
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("逐处选：每处待定取第几个值，如 2,1；0 为原来的。", "For each open place of a text, which value, as 2,1; 0: as before."),
            valueName: "numbers"))
    var spans: String?
    @Option(name: .long, help: ArgumentHelp(tr("另定的值。", "Another value."), valueName: "value")) var value: String?
    @Flag(name: .long, help: ArgumentHelp(tr("保留记录。", "Keep the record."))) var keep = false
    @Flag(name: .long, help: ArgumentHelp(tr("确认删除。", "Delete the record."))) var delete = false
    @Option(name: .long, help: ArgumentHelp(tr("理由。", "The reason."), valueName: "text")) var reason: String

    func validate() throws {
        _ = try spans.map(choices)
        if let candidate, candidate < 1 { throw ValidationError(tr("--candidate 从 1 起。", "--candidate counts from 1.")) }
        let ways = [candidate != nil, spans != nil, value != nil, keep, delete].filter(\.self).count
        guard ways == 1 else {
            throw ValidationError(
                tr(
                    "请用 --candidate、--spans、--value、--keep、--delete 之一。",
                    "Give one of --candidate, --spans, --value, --keep, --delete."))
        }
    }

    private func choices(_ text: String) throws -> [Int?] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let number = Int(part), (0...100_000).contains(number) else {
                throw ValidationError(tr("--spans 的写法如 2,1。", "--spans is written as 2,1."))
            }
            return number == 0 ? nil : number - 1
        }
    }

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let item = try finder.item(item)
            let decision: Replica.Decision
            if let candidate {
                decision = .candidate(candidate - 1)
            } else if let spans {
                decision = .spans(try choices(spans))
            } else if let value {
                let field = folder.catalogue.type(item.type)?.field(item.item.field.rawValue)
                decision = .value(try field?.value(value) { try finder.record($0).id } ?? .text(value))
            } else {
                decision = keep ? .keep : .delete
            }
            try folder.replica.settle(item, by: decision, reason: reason)
            options.show(
                .object([("id", .string("\(item.id)")), ("settled", .flag(true))]),
                [tr("已裁定，下次同步时送出。", "Settled; it goes out with the next sync.")])
        }
    }
}
