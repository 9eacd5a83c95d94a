// One review item on one page: what it is about, what is in dispute and by whom, what was decided so far, what can be done. The same page for
// `review show`, the session and the slip.

import Dundian
import Terminal

struct ItemPage {
    let item: QueuedItem
    let desk: ReviewDesk
    let record: Record?
    /// The record it looks like; nil but for that kind.
    let other: Record?
    /// The values in dispute, then what was decided so far; numbered from 1.
    let choices: [Candidate]
    let proposals: [Candidate]
    let telling: MergeTelling?
    let handling: ReviewHandling
    /// What was decided about it before, the oldest first.
    let earlier: [Decided]
    /// What the page shows, in four characters: it changes whenever that does.
    let mark: String

    init(_ item: QueuedItem, _ desk: ReviewDesk) throws {
        (self.item, self.desk) = (item, desk)
        record = try desk.replica.record(item.item.record, in: item.scope)
        other = try item.item.other.flatMap { try desk.replica.record($0, in: item.scope) }
        // Of an item that is settled, what was decided is no proposal any more.
        let isOpen = record?.items.contains { $0.id == item.id } ?? false
        let state = record?.state
        choices = state?.choices(for: item.item, by: desk.folder.catalogue) ?? []
        proposals = isOpen ? state?.proposals(for: item.item) ?? [] : []
        let sides = choices.map { desk.who($0.dot, author: $0.author, in: item.scope) }
        telling = state?.merge(for: item.item, by: desk.folder.catalogue).flatMap {
            $0.isSettled ? nil : MergeTelling($0, sides: sides, tr)
        }
        handling = try desk.handling(of: item)
        let standing = Set(proposals.map(\.dot))
        earlier = try desk.replica.decisions(about: item.item.record).filter { decided in
            (decided.id == item.id || item.item.kind != .looksAlike && decided.field == item.item.field)
                && !standing.contains(decided.dot)
        }
        mark = state.map { ReviewDesk.mark(of: $0, item.item) } ?? ""
    }

    /// The item's id as a person types it.
    var id: String { desk.showing.short(item.id) }
    /// The dots of what stands, as the commands that decide expect them.
    var seen: [Dot] { record?.state[item.item.field]?.candidates.map(\.dot) ?? [] }

    // MARK: Lines

    var lines: [String] { head + standing + body + decided }

    /// What it is about, in two lines.
    var head: [String] {
        let title = record.map { Screen.safe(Screen.cut(desk.showing.title($0), to: 40)) } ?? desk.showing.short(item.item.record)
        var parts = [desk.scope(item.scope), tr("等了 \(desk.age(item))", "waiting for \(desk.age(item))")]
        if !item.people.isEmpty { parts.append(desk.people(item.people)) }
        switch desk.sensitivity(item) {
        case .ordinary: break
        case .personal: parts.append(tr("涉个人", "personal"))
        case .restricted: parts.append(tr("限知", "restricted"))
        }
        if desk.needsSecondPerson(item) { parts.append(tr("须两人", "two persons")) }
        return [
            "\(id)  \(desk.showing.label(item.item.kind))\(tr("：", ": "))\(desk.showing.label(item.type)) \(title)"
                + (desk.fields(of: item).isEmpty ? "" : tr("，", ", ") + desk.subject(item)),
            "  " + parts.joined(separator: " · "),
        ]
    }

    /// Where it stands with the people who look after it.
    var standing: [String] {
        var lines: [String] = []
        if let claim = handling.claim {
            let until = claim.until.map { tr("，到 \(ReviewDesk.minute($0))", ", until \(ReviewDesk.minute($0))") } ?? ""
            lines.append("  " + tr("已认领：", "Claimed: ") + desk.person(claim.author) + until)
        }
        if let asked = handling.assignment {
            let until = asked.until.map { tr("，\(ReviewDesk.minute($0)) 前", ", by \(ReviewDesk.minute($0))") } ?? ""
            let late = handling.isOverdue(at: desk.now) ? tr("（已过期，谁有空谁办）", " (overdue: whoever can may take it)") : ""
            lines.append("  " + tr("已请：", "Asked: ") + desk.person(asked.person) + until + late)
        }
        for note in handling.notes where note.text != nil {
            lines.append(
                "  " + tr("留言：", "Comment: ") + desk.person(note.author) + tr("，", ", ") + ReviewDesk.minute(note.time)
                    + tr("：", ": ")
                    + Screen.safe((note.text ?? "").replacing("\n", with: " ")))
        }
        return lines
    }

    private var body: [String] {
        switch item.item.kind {
        case .contested, .unfoundedSettlement, .unapproved, .overridden, .mergedApart:
            return telling.map(mergeLines) ?? valueLines
        case .brokenCheck: return checkLines
        case .deleteAgainstEdit, .putOnDeleted, .pastSeal: return recordLines
        case .looksAlike: return likeLines
        }
    }

    /// What was decided so far and waits, then what was decided before.
    var decided: [String] {
        var lines: [String] = []
        for proposal in proposals {
            let number = (choices.firstIndex { $0.dot == proposal.dot } ?? 0) + 1
            lines.append(
                tr("  裁定 \(number)) ", "  decision \(number)) ") + desk.who(proposal.dot, author: proposal.author, in: item.scope)
                    + tr("：", ": ") + ReviewDesk.told(proposal.reason?.text.map { Reason($0) }))
            lines += shown(proposal, indent: 5)
            for approval in proposal.approvals where proposal.isApproved {
                lines.append("     " + tr("已同意：", "approved: ") + desk.who(approval.dot, author: approval.author, in: item.scope))
            }
        }
        if !proposals.isEmpty {
            let isOne = proposals.allSatisfy { $0.value == proposals.first?.value }
            lines.append(
                isOne
                    ? tr("  等另一人同意后生效。", "  It holds once somebody else has approved it.")
                    : tr("  有几个不同的裁定，要选定一个。", "  There are several decisions; one has to be chosen."))
        }
        if let last = earlier.last {
            lines.append(tr("  这一项以前裁定过：", "  It was decided before:"))
            lines += earlier.suffix(4).map { "    " + told($0) }
            if item.item.kind == .unapproved {
                for candidate in last.over where !candidate.isDecision {
                    lines.append(
                        "      " + tr("那时的值：", "then in dispute: ")
                            + desk.who(candidate.dot, author: candidate.author, in: item.scope))
                    lines += shown(candidate, indent: 8)
                }
            }
            let why =
                last.act == .undone
                ? tr("因此重开。", "so it is open again.")
                : item.item.kind == .unapproved
                    ? tr("还没有另一人同意，就有人改了值，所以再问。", "somebody wrote another value before it was approved, so it is asked again.")
                    : tr("之后又来了没有看到那次裁定的内容，所以再问。", "what came since had not seen that decision, so it is asked again.")
            lines.append("    " + why)
        }
        return lines
    }

    /// A decision on one line.
    func told(_ decided: Decided) -> String {
        let what: String
        switch decided.act {
        case .settled: what = tr("定为“\(short(decided.value))”", "chose \"\(short(decided.value))\"")
        case .approved: what = tr("同意", "approved")
        case .undone where decided.value == nil: what = tr("撤销关于去留的裁定", "took the decision to keep or delete it back")
        case .undone: what = tr("撤销裁定“\(short(decided.value))”", "took back \"\(short(decided.value))\"")
        case .kept: what = tr("保留记录", "kept the record")
        case .deleted: what = tr("确认删除", "deleted it")
        case .judged(.same?): what = tr("认定为同一事项", "said they are one thing")
        case .judged(.different?): what = tr("认定为两回事", "said they are two")
        case .judged(nil): what = tr("收回认定", "took the verdict back")
        }
        return
            "\(ReviewDesk.minute(decided.time)) \(desk.person(decided.author)) \(what)\(tr("：", ": "))\(ReviewDesk.told(decided.reason))"
    }

    private func short(_ content: Content?) -> String {
        guard let content else { return "" }
        return Screen.line(desk.showing.text(content, item.item.field, item.type).replacing("\n", with: " "), to: 40)
    }

    // MARK: Bodies

    /// What a candidate says, as a difference from what was there before where both are long texts.
    private func shown(_ candidate: Candidate, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        let field = item.item.field
        guard candidate.value != .value(.empty) else { return [margin + tr("（清空）", "(cleared)")] }
        let base = record?.state[field].flatMap { $0.base ?? $0.candidates.first?.overBase }
        let isLong = desk.folder.catalogue.type(item.type)?.field(field.rawValue)?.kind == .longText
        if isLong, let before = base?.text, let text = candidate.value.text, !before.isEmpty {
            return TextDifference(from: before, to: text).shown(isColoured: Output.isColoured, marks: .words(tr)).split(
                separator: "\n", omittingEmptySubsequences: false
            ).map {
                margin + $0
            }
        }
        let text = Screen.safe(desk.showing.text(candidate.value, field, item.type), lines: true)
        return Paragraph.lines(text, indent: indent, width: Output.width)
    }

    private var valueLines: [String] {
        var lines: [String] = []
        if let base = record?.state[item.item.field]?.base, let value = base.value, value != .empty {
            lines.append("  " + tr("原来：", "before:"))
            lines += Paragraph.lines(
                Screen.safe(desk.showing.text(value, item.item.field, item.type), lines: true), indent: 5, width: Output.width)
        }
        for (i, candidate) in choices.enumerated() where !proposals.contains(where: { $0.dot == candidate.dot }) {
            lines.append("  \(i + 1)) \(desk.who(candidate.dot, author: candidate.author, in: item.scope))")
            lines += shown(candidate, indent: 5)
        }
        return lines
    }

    /// Nobody's work is at stake but where the same sentence was written in several ways; so only that is asked.
    private func mergeLines(_ telling: MergeTelling) -> [String] {
        let merged = telling.merged(isColoured: Output.isColoured)
        // A line before the text: nothing in it can pass for a choice.
        var lines = Paragraph.lines(Screen.safe(telling.text, lines: true), indent: 0, width: Output.width.map { $0 - 5 }).map {
            "   │ " + $0
        }
        // The terminal itself breaks lines with colours in them, whose width nobody can count.
        lines += telling.open(isColoured: Output.isColoured).flatMap { line in
            Output.isColoured ? ["  " + line] : Paragraph.lines(line, indent: 2, width: Output.width)
        }
        if !merged.isEmpty {
            lines.append(tr("  已自行合并的，怎样裁定都保留：", "  Merged by itself, and kept however this is settled:"))
            lines += merged.map { "    " + $0 }
        }
        return lines
    }

    private var checkLines: [String] {
        desk.fields(of: item).flatMap { key -> [String] in
            guard let candidate = record?.state.outcome(of: key, by: desk.folder.catalogue)?.candidate else { return [] }
            let value = Screen.safe(desk.showing.text(candidate.value, key, item.type), lines: true)
            return [
                "  \(desk.field(key, item.type))\(tr("：", ": "))\(value)",
                "     " + desk.who(candidate.dot, author: candidate.author, in: item.scope),
            ]
        }
    }

    private var recordLines: [String] {
        func told(_ dots: [Dot], _ what: String) -> [String] {
            dots.map { "  \(what)\(tr("：", ": "))\(desk.who($0, author: nil, in: item.scope))" }
        }
        let edits = item.item.kind == .putOnDeleted ? item.item.dots : item.item.more
        var lines: [String] =
            switch item.item.kind {
            case .deleteAgainstEdit: told(item.item.dots, tr("删除", "deleted"))
            case .pastSeal: told(item.item.dots, tr("封存", "sealed"))
            default: []
            }
        let most = 20
        let history = (try? desk.replica.history(of: item.item.record)) ?? []
        for dot in edits.suffix(most) {
            lines += told([dot], tr("修改", "edited"))
            lines += changes(history.first { $0.dot == dot }).map { "     " + $0 }
        }
        if edits.count > most {
            lines.append(tr("  …… 更早的还有 \(edits.count - most) 次修改", "  … and \(edits.count - most) edits before"))
        }
        return lines
    }

    /// What an edit wrote, field by field.
    private func changes(_ edit: HistoryEdit?) -> [String] {
        (edit?.writes ?? []).compactMap { write in
            guard write.kind.hasValue, let value = write.value else { return nil }
            return desk.field(write.field, item.type) + tr("：", ": ")
                + Screen.line(desk.showing.text(value, write.field, item.type).replacing("\n", with: " "), to: 60)
        }
    }

    private var likeLines: [String] {
        [(1, other), (2, record)].flatMap { number, record -> [String] in
            guard let record else { return [] }
            let type = desk.folder.catalogue.type(record.type)
            let shown = (type?.fields ?? []).compactMap { field -> String? in
                guard let value = record.value(FieldKey(field.key)), value != .empty else { return nil }
                let text = desk.showing.text(value, FieldKey(field.key), record.type).replacing("\n", with: " ")
                return "     \(Screen.safe(field.label[tr]))\(tr("：", ": "))\(Screen.line(text, to: 60))"
            }
            let author = record.state.changed
            let who = author.map { desk.who($0.dot, author: $0.author, in: record.scope) } ?? ""
            return ["  \(number)) \(desk.showing.short(record.id))  \(who)"] + shown
        }
    }

    // MARK: What can be done

    /// The commands that settle it, to be typed.
    var ways: [String] {
        let code = tr("理由", "REASON")
        let take = "dundian review take \(id)" + (proposals.isEmpty ? "" : " --mark \(mark)")
        func way(_ words: String, _ command: String) -> String { words + command }
        var lines: [String] = []
        if !proposals.isEmpty, proposals.allSatisfy({ $0.value == proposals.first?.value }) {
            lines.append(way(tr("同意：", "Approve: "), "dundian review approve \(id) \(mark)"))
            lines.append(way(tr("退回：", "Send back: "), "dundian review return \(id) --reason \(code)"))
        }
        switch item.item.kind {
        case .contested, .unfoundedSettlement, .unapproved:
            if let telling {
                if let number = telling.everywhere {
                    lines.append(
                        way(
                            tr("待定之处都取第 \(number) 个：", "Take number \(number) wherever it is open: "),
                            "\(take) --candidate \(number) --reason \(code)"))
                }
                if telling.openCount > 1 || telling.everywhere == nil {
                    let choices = telling.firstChoices.map { "\($0)" }.joined(separator: ",")
                    lines.append(
                        way(tr("逐处选（0 为原来的）：", "Or place by place (0: as before): "), "\(take) --spans \(choices) --reason \(code)")
                    )
                }
                if let both = telling.bothEverywhere {
                    lines.append(
                        way(tr("都留（先后相接）：", "Keep all, one after the other: "), "\(take) --spans \(both) --reason \(code)"))
                }
                lines.append(way(tr("改成自己的话：", "Or in your own words: "), "dundian review edit \(id)"))
            } else {
                lines.append(way(tr("选定其一：", "Take one: "), "\(take) --candidate 1 --reason \(code)"))
                lines.append(
                    way(tr("另定新值：", "Or another: "), "\(take) --value \(tr("新值", "VALUE")) --reason \(code)"))
            }
        case .deleteAgainstEdit, .putOnDeleted:
            lines.append(way(tr("保留记录：", "Keep the record: "), "\(take) --keep --reason \(code)"))
            lines.append(way(tr("确认删除：", "Delete it: "), "\(take) --delete --reason \(code)"))
        case .pastSeal:
            lines.append(way(tr("照现在的样子封存：", "Seal it as it stands: "), "\(take) --keep --reason \(code)"))
            lines.append(
                way(tr("先改回去，再照此封存：", "Or put it right first: "), "dundian record edit \(desk.showing.short(item.item.record)) …"))
        case .brokenCheck:
            let fields = desk.fields(of: item).map { "\($0.rawValue)=\(tr("新值", "VALUE"))" }.joined(separator: " ")
            lines.append(way(tr("改正：", "Put it right: "), "\(take) --set \(fields) --reason \(code)"))
            lines.append(way(tr("就是这样：", "It is so: "), "\(take) --keep --reason \(code)"))
        case .looksAlike:
            lines.append(way(tr("是同一事项：", "They are one thing: "), "\(take) --same --reason \(code)"))
            lines.append(way(tr("是两回事：", "They are two: "), "\(take) --different --reason \(code)"))
        case .overridden, .mergedApart: break
        }
        return lines
    }

    // MARK: JSON

    var json: JSON {
        guard case .object(let members) = desk.showing.json(item, record) else { return .null }
        return .object(
            members + [
                ("scope_name", .string(desk.scope(item.scope))), ("people", .list(item.people.map(JSON.string))),
                ("sensitivity", .string(desk.sensitivity(item).rawValue)), ("second_person", .flag(desk.needsSecondPerson(item))),
                ("status", .string(status)), ("mark", .string(mark)),
                ("proposals", .list(proposals.map(desk.showing.proposalJSON))),
                ("claimed_by", .optional(handling.claim?.author)), ("assigned_to", .optional(handling.assignment?.person)),
                ("due", handling.assignment?.until.map { .integer($0.rawValue) } ?? .null),
                ("overdue", .flag(handling.isOverdue(at: desk.now))),
                ("comments", .list(handling.notes.compactMap(\.text).map(JSON.string))),
                ("other", .optional(item.item.other.map { "\($0)" })),
                ("earlier", .list(earlier.map(desk.showing.decisionJSON))),
            ])
    }

    /// `open`, `claimed` or `proposed`.
    var status: String { item.isProposed ? "proposed" : handling.claim != nil ? "claimed" : "open" }
}
