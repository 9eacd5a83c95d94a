// dundian review at a terminal: one question a screen, a key per answer. Each decision is saved at once; what somebody else decided meanwhile is
// shown and not decided over.

import ArgumentParser
import Dundian
import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct ReviewSession: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "session",
            abstract: tr(
                "逐项裁定：一屏一问，一键一答（不写子命令就是它）。", "Settle item by item: one question a screen, one key an answer (the default)."),
            discussion: tr(
                "要在终端里用；? 是按键说明，q 离开。已裁定的当场保存。", "For a terminal; ? explains the keys, q leaves. What is decided is saved at once.")
        )
    }
    @OptionGroup var review: ReviewOptions
    @OptionGroup var filter: ItemFilter

    func run() throws {
        guard Output.isAnsweredByPerson, !review.options.json else { throw CleanExit.helpRequest(Review.self) }
        try review.run { desk in
            let items = try filter.items(desk)
            if items.isEmpty { return Screen.print(tr("没有等待裁定的事项。", "Nothing waits for review.")) }
            let sitting = try Sitting(desk, items)
            try sitting.run()
        }
    }
}

/// One person at the queue.
final class Sitting {
    let desk: ReviewDesk
    let keyboard: Keyboard
    private var items: [QueuedItem]
    private var at = 0
    private var message: String?
    /// What was decided in this session, the newest last.
    private var done: [(item: QueuedItem, what: String, canBeUndone: Bool)] = []

    init(_ desk: ReviewDesk, _ items: [QueuedItem]) throws {
        (self.desk, self.items) = (desk, items)
        keyboard = try Keyboard()
    }

    private enum Next { case stay, go, quit }

    func run() throws {
        while at < items.count {
            guard
                let item = try desk.replica.reviewItems(beginning: ShortID(items[at].id, count: 24), limit: 1).first(where: {
                    $0.id == items[at].id
                })
            else {
                // Settled by somebody, or asked anew under another name.
                let became = try desk.becameOf(items[at])
                if !done.contains(where: { $0.item.id == items[at].id }) {
                    show(
                        [tr("第 \(at + 1) 项已不在待裁定之列。", "Item \(at + 1) is no longer open.")] + became,
                        keys: tr("按任意键继续", "any key goes on"))
                    _ = keyboard.next()
                }
                at += 1
                continue
            }
            switch try ask(try desk.page(item)) {
            case .stay: break
            case .go: at += 1
            case .quit:
                finish()
                return
            }
        }
        finish()
    }

    // MARK: A screen

    private func show(_ lines: [String], keys: String) {
        let width = max(40, Screen.columns ?? 80)
        let status = tr(
            "第 \(min(at + 1, items.count)) 项，共 \(items.count) 项 · 本次已办 \(done.count) 项",
            "item \(min(at + 1, items.count)) of \(items.count) · \(done.count) done in this session")
        let body = lines.flatMap { line in
            // Colours are in no line that has to be broken.
            line.contains("\u{1b}") ? [line] : Paragraph.lines(line, indent: 0, width: width)
        }
        let rows = max(10, Self.rows - 4)
        var from = 0
        while true {
            let part = body[from..<min(body.count, from + rows)]
            var screen =
                "\u{1b}[2J\u{1b}[H" + status + "\n" + String(repeating: "─", count: width / 2) + "\n" + part.joined(separator: "\n")
                + "\n"
            let isLast = from + rows >= body.count
            if let message, isLast { screen += Paragraph.lines(message, indent: 0, width: width).joined(separator: "\n") + "\n" }
            screen +=
                isLast
                ? Self.packed(keys.components(separatedBy: "  ")).joined(separator: "\n") + "\n"
                : tr("—— 按任意键看下面 ——", "-- any key for more --")
            FileHandle.standardOutput.write(Data(screen.utf8))
            if isLast { break }
            if keyboard.next() == .end { break }
            from += rows
        }
        message = nil
    }

    /// What belongs together stays on one line.
    private static func packed(_ words: [String]) -> [String] {
        let width = max(40, Screen.columns ?? 80)
        var lines: [String] = []
        for word in words {
            if let last = lines.last, Screen.width(last) + 2 + Screen.width(word) <= width {
                lines[lines.count - 1] = last + "  " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }

    private static var rows: Int {
        var size = winsize()
        return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? Int(size.ws_row) : 24
    }

    // MARK: A question

    private func ask(_ page: ItemPage) throws -> Next {
        let isOne = !page.proposals.isEmpty && page.proposals.allSatisfy { $0.value == page.proposals.first?.value }
        let isText = page.telling != nil || MergeSheet(page: page).text != nil
        var keys: [String] = []
        switch page.item.item.kind {
        case .contested, .unfoundedSettlement, .unapproved:
            keys.append(
                page.telling == nil
                    ? tr("数字 选定其值", "a number takes that value")
                    : tr("数字 逐处选（0 原来的）", "a number takes that side, place by place (0: as before)"))
            if isText { keys.append(tr("e 自己写", "e write it yourself")) }
            if canKeepBoth(page) { keys.append(tr("k 都留", "k keep both")) }
        case .deleteAgainstEdit, .putOnDeleted: keys.append(tr("1 保留记录  2 确认删除", "1 keep the record  2 delete it"))
        case .brokenCheck: keys.append(tr("1 就是这样  e 改正", "1 it is so  e put it right"))
        case .pastSeal: keys.append(tr("1 照现在的样子封存", "1 seal it as it stands"))
        case .looksAlike: keys.append(tr("1 是同一事项  2 是两回事", "1 one thing  2 two things"))
        case .overridden, .mergedApart: break
        }
        if isOne { keys.append(tr("a 同意  r 退回", "a approve  r send back")) }
        keys.append(tr("s 以后再说  n 留言  c 认领  u 撤销上一个  ? 说明  q 离开", "s later  n comment  c claim  u undo my last  ? help  q quit"))
        show(page.lines, keys: keys.joined(separator: "  "))
        let key = keyboard.next()
        switch key {
        case .end, .character("q"): return .quit
        case .character("s"): return .go
        case .character("?"):
            show(Self.help, keys: tr("按任意键返回", "any key returns"))
            _ = keyboard.next()
        case .character("n"):
            if let text = keyboard.line(tr("留言（空行不留）：", "Comment (empty: none): ")), !text.isEmpty {
                try saying(page) { try self.desk.replica.say(.comment, about: page.item, text: text) }
            }
        case .character("c"):
            let until = Timestamp(milliseconds: desk.now.rawValue + 24 * 3_600_000)
            try saying(page) { try self.desk.replica.say(.claim, about: page.item, until: until) }
        case .character("u"): try undoLast()
        case .character("a") where isOne:
            return try deciding(page, tr("已同意", "approved")) {
                try self.desk.replica.approve(page.item, seen: page.seen)
                return nil
            }
        case .character("r") where isOne:
            guard let reason = reason() else { return .stay }
            return try deciding(page, tr("已退回", "sent back")) {
                try self.desk.replica.sendBack(page.item, reason: reason, seen: page.seen)
                return nil
            }
        case .character("e"):
            return page.item.item.kind == .brokenCheck ? try correct(page) : isText ? try edit(page) : .stay
        case .character("k") where canKeepBoth(page): return try keepBoth(page)
        case .character(let digit) where digit.isASCII && digit.isNumber: return try choose(page, digit)
        default: message = tr("这个键在这里没有用；? 是说明。", "That key does nothing here; ? explains.")
        }
        return .stay
    }

    private func choose(_ page: ItemPage, _ digit: Character) throws -> Next {
        guard let number = self.number(digit, most: page.choices.count) else { return .stay }
        let decision: Replica.Decision
        switch (page.item.item.kind, number) {
        case (.deleteAgainstEdit, 1), (.putOnDeleted, 1), (.brokenCheck, 1), (.pastSeal, 1): decision = .keep
        case (.deleteAgainstEdit, 2), (.putOnDeleted, 2): decision = .delete
        case (.looksAlike, 1): decision = .verdict(.same)
        case (.looksAlike, 2): decision = .verdict(.different)
        case (.contested, _), (.unfoundedSettlement, _), (.unapproved, _):
            let isProposal =
                page.choices.indices.contains(number - 1) && page.proposals.contains { $0.dot == page.choices[number - 1].dot }
            if let telling = page.telling, !isProposal {
                guard let places = self.places(page, telling, first: number) else { return .stay }
                decision = .places(places)
            } else {
                guard page.choices.indices.contains(number - 1) else {
                    message = tr("没有第 \(number) 个。", "There is no number \(number).")
                    return .stay
                }
                decision = .candidate(number - 1)
            }
        default:
            message = tr("没有第 \(number) 个。", "There is no number \(number).")
            return .stay
        }
        return try settle(page, decision)
    }

    /// A number of one key, or, where there are more than nine, of several and Enter.
    private func number(_ digit: Character, most: Int) -> Int? {
        guard most > 9 else { return digit.wholeNumberValue }
        var text = String(digit)
        while true {
            FileHandle.standardOutput.write(Data("\r\(text)".utf8))
            switch keyboard.next() {
            case .character(let next) where next.isASCII && next.isNumber && text.count < 4: text.append(next)
            case .enter: return Int(text)
            default: return nil
            }
        }
    }

    /// Every open place asked in turn; nil: somebody thought better of it.
    private func places(_ page: ItemPage, _ telling: MergeTelling, first: Int) -> [TextMerge.Place]? {
        let open = telling.merge.spans.filter { if case .open = $0 { true } else { false } }
        var places: [TextMerge.Place] = []
        var pending: Int? = first
        while places.count < open.count {
            guard case .open(_, let alternatives) = open[places.count] else { return nil }
            var number = pending
            pending = nil
            if number == nil {
                show(
                    page.lines,
                    keys: tr(
                        "待定 \(places.count + 1)（共 \(open.count) 处）：选几？Esc 退回",
                        "open \(places.count + 1) of \(open.count): which number? Esc goes back"))
                guard case .character(let digit) = keyboard.next(), digit.isASCII, digit.isNumber else { return nil }
                number = self.number(digit, most: page.choices.count)
            }
            guard let number else { return nil }
            guard number == 0 || alternatives.contains(where: { $0.sides.contains(number - 1) }) else {
                message = tr("待定 \(places.count + 1) 没有第 \(number) 个。", "open \(places.count + 1) has no number \(number).")
                if places.isEmpty { return nil }
                continue
            }
            places.append(number == 0 ? .base : .side(number - 1))
        }
        return places
    }

    // MARK: Both, one's own words

    private func canKeepBoth(_ page: ItemPage) -> Bool {
        if let telling = page.telling { return telling.bothEverywhere != nil }
        return page.item.item.kind == .contested && page.proposals.isEmpty && page.choices.count == 2
            && desk.folder.catalogue.type(page.item.type)?.field(page.item.item.field.rawValue)?.kind == .longText
            && page.choices.allSatisfy { $0.value.text != nil }
    }

    private func keepBoth(_ page: ItemPage) throws -> Next {
        show(page.lines, keys: tr("都留：1 按编号先后  2 反过来  Esc 退回", "keep both: 1 in their order  2 the other way round  Esc goes back"))
        let isReversed: Bool
        switch keyboard.next() {
        case .character("1"): isReversed = false
        case .character("2"): isReversed = true
        default: return .stay
        }
        guard let telling = page.telling else {
            let texts = page.choices.compactMap(\.value.text)
            return try settle(page, .value(.text((isReversed ? texts.reversed() : texts).joined(separator: "\n"))))
        }
        let places = telling.merge.spans.compactMap { span -> TextMerge.Place? in
            guard case .open(_, let alternatives) = span else { return nil }
            let sides = alternatives.compactMap(\.sides.first)
            return .joined(isReversed ? sides.reversed() : sides)
        }
        return try settle(page, .places(places))
    }

    private func edit(_ page: ItemPage) throws -> Next {
        do {
            keyboard.cooked()
            defer { keyboard.raw() }
            guard let (text, file) = try desk.edited(page) else { return .stay }
            keyboard.raw()
            let next = try settle(page, .value(text.isEmpty ? .empty : .text(text)))
            if next == .go { unlink(file) }
            return next
        } catch { return failed(error) }
    }

    private func correct(_ page: ItemPage) throws -> Next {
        let type = desk.folder.catalogue.type(page.item.type)
        var values: [FieldKey: Value] = [:]
        for key in desk.fields(of: page.item) {
            let question = tr("\(desk.field(key, page.item.type))（空行不变）：", "\(desk.field(key, page.item.type)) (empty: as it is): ")
            guard let text = keyboard.line(question) else { return .stay }
            if text.isEmpty { continue }
            do {
                if let value = try type?.field(key.rawValue)?.value(text, reference: { try self.desk.finder.record($0).id }) {
                    values[key] = value
                }
            } catch { return failed(error) }
        }
        return values.isEmpty ? .stay : try settle(page, .fields(values))
    }

    // MARK: Deciding

    /// The reason: a key for its code, a line for the comment. Nil: somebody thought better of it.
    private func reason() -> Reason? {
        let codes = Reason.Code.allCases
        let list = codes.enumerated().map { "\($0 + 1) \(ReviewDesk.label($1.rawValue))" }
        let lines = Self.packed([tr("理由：", "Reason:")] + list + [tr("Esc 退回", "Esc goes back")])
        FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n").utf8))
        guard case .character(let digit) = keyboard.next(), let number = digit.wholeNumberValue, codes.indices.contains(number - 1)
        else { return nil }
        let code = codes[number - 1]
        let question = code == .other ? tr("说明：", "In words: ") : tr("说明（可空）：", "In words (may be empty): ")
        guard let comment = keyboard.line(question) else { return nil }
        if code == .other, comment.isEmpty {
            message = tr("“其他”要写说明；没有裁定。", "\"Other\" needs words; nothing was decided.")
            return nil
        }
        return Reason(code, comment)
    }

    private func settle(_ page: ItemPage, _ decision: Replica.Decision) throws -> Next {
        guard let reason = reason() else { return .stay }
        // A record that stays or goes is no question any more: only its history tells, and restore or delete changes it.
        let kind = page.item.item.kind
        return try deciding(page, tr("已裁定", "settled"), canBeUndone: kind != .deleteAgainstEdit && kind != .putOnDeleted) {
            try self.desk.replica.settle(page.item, by: decision, reason: reason, seen: page.seen)
                ? tr("已提出，等另一人同意", "proposed: somebody else has to approve it") : nil
        }
    }

    /// Decides; what became of the item in between is shown instead.
    private func deciding(
        _ page: ItemPage, _ what: String, canBeUndone: Bool = false, _ body: () throws -> String?
    ) throws -> Next {
        do {
            let told = try body() ?? what
            done.append((page.item, told, canBeUndone))
            message = "\(page.id)\(tr("：", ": "))\(told)\(tr("。", "."))"
            return .go
        } catch let error as ReplicaError where error.code == .itemUnknown {
            let became = try desk.becameOf(page.item)
            show(
                [tr("你看的时候，别人动了这一项；你的裁定没有保存。", "Somebody else changed this item while you looked; your decision was not saved.")]
                    + became, keys: tr("按任意键继续", "any key goes on"))
            _ = keyboard.next()
            return .stay
        } catch { return failed(error) }
    }

    private func saying(_ page: ItemPage, _ body: () throws -> Void) throws {
        do { try body() } catch { _ = failed(error) }
    }

    private func failed(_ error: any Error) -> Next {
        let explanation = Explanation(error, tr)
        message = tr("没有做成：", "Not done: ") + Screen.safe(explanation.message) + " " + Screen.safe(explanation.next)
        return .stay
    }

    /// Takes back what was last decided here: the item comes up again.
    private func undoLast() throws {
        guard let index = done.lastIndex(where: \.canBeUndone) else {
            message = tr(
                "这次没有可以撤销的裁定（同意、退回、记录的去留不在此列）。",
                "No decision of this session can be undone (approvals, returns, and whether a record stays are not).")
            return
        }
        let last = done[index]
        let me = try desk.replica.person()
        let about =
            last.item.item.kind == .looksAlike
            ? try desk.replica.decisions(limit: 100) : try desk.replica.decisions(about: last.item.item.record).reversed()
        guard let decided = about.first(where: { $0.id == last.item.id && $0.author == me }) else {
            message = tr("找不到上一个裁定。", "The last decision is not to be found.")
            return
        }
        do {
            try desk.replica.undo(decided, reason: Reason(.other, tr("自己撤销", "taken back by myself")))
            done.remove(at: index)
            if let index = items.firstIndex(where: { $0.id == last.item.id }) { at = index }
            message = tr("已撤销上一个裁定，回到那一项。", "The last decision was taken back; here is its item again.")
        } catch { _ = failed(error) }
    }

    // MARK: The end, and help

    private func finish() {
        keyboard.cooked()
        let left = (try? desk.replica.reviewItemCount()) ?? 0
        Screen.print(
            "\u{1b}[2J\u{1b}[H"
                + tr("本次办了 \(done.count) 项，还有 \(left) 项待裁定。", "\(done.count) done in this session, \(left) still open."))
        for one in done {
            Screen.print(
                "  \(desk.showing.short(one.item.id))  \(desk.showing.label(one.item.item.kind))\(tr("：", ": "))\(one.what)")
        }
        if !done.isEmpty {
            Screen.print(tr("下次同步时送出；撤销见：dundian review log", "They go out with the next sync; to undo see: dundian review log"))
        }
    }

    private static var help: [String] {
        [
            tr(
                "数字    选定那个值；文字有几处待定的，一处一处选，0 是原来的",
                "number  take that value; of a text with several open places, place by place, 0 as before"),
            tr("k       都留：先后相接", "k       keep both, one after the other"),
            tr("e       在编辑器里写自己的话；彼此矛盾的字段，逐个改", "e       write it in your editor; fields that do not go together, one by one"),
            tr(
                "a r     同意、退回别人的裁定（自己提的、写过其中一个值的，不能同意）",
                "a r     approve or send back somebody else's decision (not your own, nor where you wrote a value)"),
            tr("s       以后再说，到下一项", "s       later: on to the next"),
            tr("n c     留言，认领", "n c     comment, claim"),
            tr("u       撤销本次的上一个裁定，回到那一项", "u       take back the last decision of this session, and see its item again"),
            tr("q       离开；已裁定的都保存了", "q       leave; what was decided is saved"),
            tr(
                "每次裁定都要理由：先按一个数字选类别，再写说明。按 Esc 就不裁定。",
                "Each decision needs a reason: a number for its kind, then words. Esc decides nothing."),
        ]
    }
}
