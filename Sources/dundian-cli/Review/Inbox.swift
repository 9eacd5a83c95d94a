// dundian inbox: what was decided over one's own words, and the one command to object. Quieter, what rules did with them by themselves.

import ArgumentParser
import Dundian
import Terminal

struct Inbox: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "inbox",
            abstract: tr(
                "我写的没有被选上的：选了什么，谁选的，为什么；不同意可以提出。", "Where my words were not chosen: what was, by whom, why; and how to object."),
            subcommands: [InboxList.self, InboxObject.self], defaultSubcommand: InboxList.self)
    }
}

struct InboxList: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: tr("列出。", "List them."))
    }
    @OptionGroup var review: ReviewOptions
    @Flag(name: .long, help: ArgumentHelp(tr("看过的也列出。", "Show those I have seen, too."))) var all = false
    @Flag(name: .long, help: ArgumentHelp(tr("列出之后，都算看过。", "What was shown counts as seen."))) var seen = false
    @Option(name: .long, help: ArgumentHelp(tr("最多多少条。", "At most this many."), valueName: "count")) var limit = 50

    /// The setting that says which receipts were seen: their names.
    private static let setting = "inbox-seen"

    func run() throws {
        try review.run { desk in
            let known = Set((try desk.replica.setting(Self.setting) ?? "").split(separator: " ").map(String.init))
            let receipts = try desk.replica.receipts(limit: 1_000_000).filter {
                all || !known.contains(ReviewDesk.name(of: $0.decided))
            }
            let notices = try desk.replica.notices(limit: max(0, limit))
            let shown = receipts.prefix(max(0, limit))
            let states = try shown.map { ($0, try desk.state(of: $0.decided)) }
            let told = try notices.map { ($0, try desk.replica.record($0.item.record, in: $0.scope)) }
            review.options.show(
                .object([
                    ("total", .count(receipts.count)), ("receipts", .list(states.map { desk.json($0.0, $0.1) })),
                    ("notices", .list(told.map { desk.showing.json($0.0, $0.1) })),
                ]),
                lines(states, receipts.count, told, desk))
            if seen {
                let names = known.union(shown.map { ReviewDesk.name(of: $0.decided) })
                try desk.replica.setSetting(Self.setting, names.sorted().joined(separator: " "))
            }
        }
    }

    private func lines(
        _ receipts: [(ReviewReceipt, DecisionState)], _ total: Int, _ notices: [(QueuedItem, Record?)], _ desk: ReviewDesk
    ) -> [String] {
        var lines: [String] = []
        if total == 0 { lines.append(tr("没有新的：你写的都还在，或已被选上。", "Nothing new: what you wrote stands, or was chosen.")) }
        for (receipt, state) in receipts { lines += desk.lines(receipt, state) }
        if receipts.count < total {
            lines.append(tr("共 \(total) 条，以上 \(receipts.count) 条。", "\(total) in all, \(receipts.count) shown."))
        }
        if !notices.isEmpty {
            lines.append(tr("按规则自行处理的（你写的都留在历史里）：", "Done by rule (what you wrote is kept in the history):"))
            lines += notices.map { "  " + desk.showing.line($0.0, $0.1) }
        }
        return lines
    }
}

struct InboxObject: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "object", abstract: tr("不同意一次裁定：原来的几个值重新待定。", "Object to a decision: the values in dispute stand again."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("裁定的编号，见 inbox。", "The decision's id, from the inbox."), valueName: "decision")) var decision:
        String
    @Option(name: .long, help: ArgumentHelp(tr("为什么不同意。", "Why."), valueName: "text")) var reason: String

    func run() throws {
        try review.run { desk in
            let decided = try desk.decision(decision)
            let me = try desk.replica.person()
            guard let me, decided.receipt(for: me) != nil else {
                throw Explanation(
                    "not-yours", exit: ExitStatus.badInput, tr("这次裁定没有略过你写的内容。", "This decision passed over nothing you wrote."),
                    tr(
                        "什么也没有改。操作员可用 dundian review undo 撤销裁定。",
                        "Nothing was changed. An operator takes decisions back with dundian review undo."))
            }
            if decided.act == .kept || decided.act == .deleted {
                throw Explanation(
                    "choice-unknown", exit: ExitStatus.badInput,
                    tr("记录的去留不能这样重开。", "Whether a record stays or goes is not opened again so."),
                    tr(
                        "什么也没有改。恢复用 dundian restore，删除用 dundian delete。",
                        "Nothing was changed. Use dundian restore, or dundian delete."))
            }
            if decided.act == .undone {
                throw Explanation(
                    "choice-unknown", exit: ExitStatus.badInput,
                    tr("你的裁定已被撤销，那一项正待裁定。", "Your decision was taken back; the item is open."),
                    tr("请重新裁定：dundian review list", "Decide anew: dundian review list"))
            }
            try desk.replica.undo(decided, reason: Reason(.other, reason))
            review.options.show(
                .object([("id", .string("\(decided.id)")), ("reopened", .flag(true))]),
                [tr("已提出，这一项重新待裁定；下次同步时送出。", "Objection made: the item is open again; it goes out with the next sync.")])
        }
    }
}

/// What a decision is now.
enum DecisionState: String {
    /// It holds.
    case holds
    /// It waits for somebody's approval.
    case proposed
    /// It was taken back.
    case undone
    /// The field has gone on since.
    case past
}

extension ReviewDesk {
    func state(of decided: Decided) throws -> DecisionState {
        guard decided.act == .settled, let record = try replica.record(decided.record, in: decided.scope) else { return .holds }
        if let candidate = record.state[decided.field]?.candidates.first(where: { $0.dot == decided.dot }) {
            if case .contested? = record[decided.field] { return candidate.isApproved ? .past : .proposed }
            return .holds
        }
        let undone = try replica.history(of: decided.record).contains { edit in
            edit.writes.contains { $0.kind == .undo && $0.field == decided.field && $0.names.contains { $0.dot == decided.dot } }
        }
        return undone ? .undone : .past
    }

    func json(_ receipt: ReviewReceipt, _ state: DecisionState) -> JSON {
        let kind =
            switch receipt.kind {
            case .notChosen: "not_chosen"
            case .setAside: "set_aside"
            case .takenBack: "taken_back"
            }
        return .object([
            ("name", .string(Self.name(of: receipt.decided))), ("kind", .string(kind)), ("state", .string(state.rawValue)),
            ("decided", showing.decisionJSON(receipt.decided)), ("own", .list(receipt.own.map { showing.json($0) })),
        ])
    }

    /// What was chosen, by whom, why; what one's own was; how to object.
    func lines(_ receipt: ReviewReceipt, _ state: DecisionState) -> [String] {
        let decided = receipt.decided
        var lines = self.lines(decided)
        func value(_ content: Content?) -> String {
            guard let content else { return "" }
            return content == .value(.empty)
                ? tr("（清空）", "(cleared)")
                : Screen.safe(showing.text(content, decided.field, decided.type).replacing("\n", with: " "))
        }
        if receipt.kind != .setAside {
            lines += Paragraph.lines(tr("选定：", "chosen: ") + value(decided.value), indent: 4, width: Output.width)
            for own in receipt.own {
                let shown: String
                if let text = own.value.text, let chosen = decided.value?.text, text.count > 40 {
                    // From what was chosen to one's own: what of it is missing stands out.
                    shown = TextDifference(from: chosen, to: text).shown(isColoured: Output.isColoured, marks: .words(tr))
                } else {
                    shown = value(own.value)
                }
                lines += Paragraph.lines(tr("你写的：", "yours: ") + shown, indent: 4, width: Output.width)
            }
        }
        if receipt.kind == .takenBack {
            return lines + ["    " + tr("那一项正待裁定：", "Its item is open: ") + "dundian review list"]
        }
        if receipt.kind == .setAside {
            let record = showing.short(decided.record)
            let way = decided.act == .deleted ? "dundian restore \(record)" : "dundian delete \(record)"
            return lines + ["    " + tr("不同意，先同裁定的人商量；要改：", "If you object, talk to whoever decided; to change it: ") + way]
        }
        switch state {
        case .holds:
            let reason = tr("为什么", "WHY")
            lines.append("    " + tr("不同意：", "To object: ") + "dundian inbox object \(Self.name(of: decided)) --reason \(reason)")
        case .proposed:
            lines.append(
                "    " + tr("还在等另一人同意。不同意：", "It still waits for approval. To object: ")
                    + "dundian inbox object \(Self.name(of: decided)) --reason \(tr("为什么", "WHY"))")
        case .undone: lines.append("    " + tr("后来撤销了。", "It was taken back later."))
        case .past: lines.append("    " + tr("这个字段之后又有改动。", "The field has changed since."))
        }
        return lines
    }
}
