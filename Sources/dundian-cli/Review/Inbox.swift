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

    /// The setting that says which receipts and notices were seen: their names and ids.
    private static let setting = "inbox-seen"

    func run() throws {
        try review.run { desk in
            let known = Set((try desk.replica.setting(Self.setting) ?? "").split(separator: " ").map(String.init))
            let receipts = try desk.replica.receipts(limit: .max).filter {
                all || !known.contains(ReviewDesk.name(of: $0.decided))
            }
            let notices = try desk.replica.notices(limit: .max).filter { all || !known.contains("\($0.id)") }.compactMap(
                desk.notice)
            let shown = receipts.prefix(max(0, limit))
            let told = Array(notices.prefix(max(0, limit)))
            let states = try shown.map { ($0, try desk.state(of: $0.decided)) }
            review.options.show(
                .object([
                    ("total", .count(receipts.count)), ("receipts", .list(states.map { desk.json($0.0, $0.1) })),
                    ("notices_total", .count(notices.count)), ("notices", .list(told.map(desk.json))),
                ]),
                lines(states, receipts.count, told, notices.count, desk))
            if seen {
                let names = known.union(shown.map { ReviewDesk.name(of: $0.decided) }).union(told.map { "\($0.item.id)" })
                try desk.replica.setSetting(Self.setting, names.sorted().joined(separator: " "))
            }
        }
    }

    private func lines(
        _ receipts: [(ReviewReceipt, DecisionState)], _ total: Int, _ notices: [InboxNotice], _ noticed: Int, _ desk: ReviewDesk
    ) -> [String] {
        var lines: [String] = []
        if total == 0 { lines.append(tr("没有新的：你写的都还在，或已被选上。", "Nothing new: what you wrote stands, or was chosen.")) }
        for (receipt, state) in receipts { lines += desk.lines(receipt, state) }
        if receipts.count < total {
            lines.append(tr("共 \(total) 条，以上 \(receipts.count) 条。", "\(total) in all, \(receipts.count) shown."))
        }
        if !notices.isEmpty {
            lines.append(tr("按规则自行处理的（你写的都留在历史里）：", "Done by rule (what you wrote is kept in the history):"))
            for notice in notices { lines += desk.lines(notice).map { "  " + $0 } }
        }
        if notices.count < noticed {
            lines.append(tr("  共 \(noticed) 条，以上 \(notices.count) 条。", "  \(noticed) in all, \(notices.count) shown."))
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
            if decided.act == .undone {
                throw Explanation(
                    "choice-unknown", exit: ExitStatus.badInput,
                    tr("你的裁定已被撤销，那一项正待裁定。", "Your decision was taken back; the item is open."),
                    tr("请重新裁定：dundian review list", "Decide anew: dundian review list"))
            }
            try desk.undo(decided, Reason(.other, reason))
            review.options.show(
                .object([("id", .string("\(decided.id)")), ("reopened", .flag(true))]),
                [tr("已提出，这一项重新待裁定；下次同步时送出。", "Objection made: the item is open again; it goes out with the next sync.")])
        }
    }
}

/// What a rule did with one's own words: passed over them, or merged them with others'.
struct InboxNotice {
    let item: QueuedItem
    let record: Record
    /// What the field shows now.
    let shown: Content
    /// One's own candidates.
    let own: [Candidate]
    /// Who wrote the others, by the roster's ids.
    let others: [String]
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
        guard [.settled, .kept, .deleted].contains(decided.act), let record = try replica.record(decided.record, in: decided.scope)
        else { return .holds }
        if let candidate = record.state[decided.field]?.candidates.first(where: { $0.dot == decided.dot }) {
            if case .contested? = record[decided.field] { return candidate.isApproved ? .past : .proposed }
            return .holds
        }
        let undone = try replica.history(of: decided.record).contains { edit in
            edit.writes.contains { $0.kind == .undo && $0.field == decided.field && $0.names.contains { $0.dot == decided.dot } }
        }
        if undone { return .undone }
        guard decided.act != .settled else { return .past }
        return record.isDeleted == (decided.act == .deleted) ? .holds : .past
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

    /// A notice with what it is about; nil where one's own words stand as they were.
    func notice(_ item: QueuedItem) -> InboxNotice? {
        guard let me = try? replica.person(), let record = try? replica.record(item.item.record, in: item.scope),
            let candidates = record.state[item.item.field]?.candidates, let shown = record[item.item.field]?.candidate?.value
        else { return nil }
        let own = candidates.filter { $0.author == me }
        guard own.contains(where: { $0.value != shown }) else { return nil }
        let others = Set(candidates.compactMap(\.author)).subtracting([me]).sorted { person($0) < person($1) }
        return InboxNotice(item: item, record: record, shown: shown, own: own, others: others)
    }

    func json(_ notice: InboxNotice) -> JSON {
        guard case .object(let members) = showing.json(notice.item, notice.record) else { return .null }
        let (field, type) = (notice.item.item.field, notice.item.type)
        return .object(
            members + [
                ("shown", .string(showing.text(notice.shown, field, type))), ("own", .list(notice.own.map { showing.json($0) })),
                ("others", .list(notice.others.map(JSON.string))),
            ])
    }

    /// What stands, whose it is besides, and what one's own was.
    func lines(_ notice: InboxNotice) -> [String] {
        let (field, type) = (notice.item.item.field, notice.item.type)
        let isMerged = notice.item.item.kind == .mergedApart
        func value(_ content: Content) -> String {
            content == .value(.empty)
                ? tr("（清空）", "(cleared)") : Screen.safe(showing.text(content, field, type).replacing("\n", with: " "))
        }
        let others = notice.others.isEmpty ? "" : tr("，另有：", "; also by: ") + people(notice.others)
        var lines = [showing.line(notice.item, notice.record) + others]
        for own in notice.own where own.value != notice.shown {
            let text: String
            if let mine = own.value.text, let merged = notice.shown.text, isMerged || mine.count > 40 {
                // From one's own to what stands: what others brought stands out.
                text = TextDifference(from: mine, to: merged).shown(isColoured: Output.isColoured, marks: .words(tr))
                lines += Paragraph.lines(tr("与你写的相比：", "against yours: ") + text, indent: 4, width: Output.width)
            } else {
                lines += Paragraph.lines(tr("现为：", "now: ") + value(notice.shown), indent: 4, width: Output.width)
                lines += Paragraph.lines(tr("你写的：", "yours: ") + value(own.value), indent: 4, width: Output.width)
            }
        }
        return lines
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
        if receipt.kind != .setAside, decided.value != nil {
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
        switch state {
        case .holds:
            let reason = tr("为什么", "WHY")
            lines.append("    " + tr("不同意：", "To object: ") + "dundian inbox object \(Self.name(of: decided)) --reason \(reason)")
        case .proposed:
            lines.append(
                "    " + tr("还在等另一人同意。不同意：", "It still waits for approval. To object: ")
                    + "dundian inbox object \(Self.name(of: decided)) --reason \(tr("为什么", "WHY"))")
        case .undone: lines.append("    " + tr("后来撤销了。", "It was taken back later."))
        case .past:
            lines.append(
                "    "
                    + (receipt.kind == .setAside
                        ? tr("这条记录之后又有改动。", "The record has changed since.") : tr("这个字段之后又有改动。", "The field has changed since.")))
        }
        return lines
    }
}
