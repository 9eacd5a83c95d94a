// The commands that decide: take, edit, propose, approve, return, undo. What they do to the record is Replica+Settling's affair.

import ArgumentParser
import Dundian
import Terminal

/// Why: a code that can be counted, and words.
struct ReasonOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp(tr("理由。", "The reason."), valueName: "text")) var reason: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr(
                "理由的类别：verified 已核对，newer 情况有更新，complete 更完整，correction 笔误更正，same 意思相同，agreed 双方同意，instructed 上级决定，other 其他。",
                "The kind of reason: verified, newer, complete, correction, same, agreed, instructed, other."),
            valueName: "category"))
    var code: String?

    func validate() throws {
        if let code, Reason.Code(rawValue: code) == nil {
            throw ValidationError(
                tr("没有这个类别：\(Screen.safe(code))。可用：", "There is no such code: \(Screen.safe(code)). Use one of: ")
                    + Reason.Code.allCases.map(\.rawValue).joined(separator: " "))
        }
        guard reason?.isEmpty == false || code.map({ $0 != Reason.Code.other.rawValue }) ?? false else {
            throw ValidationError(tr("裁定要有理由：--reason，或 --code。", "A decision needs a reason: --reason, or --code."))
        }
    }

    func made(isProposal: Bool = false) -> Reason {
        Reason(code.flatMap(Reason.Code.init(rawValue:)) ?? .other, reason ?? "", isProposal: isProposal)
    }
}

/// What is to become of an item.
struct ChoiceOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp(tr("选第几个值（从 1 起）。", "Which value, from 1."), valueName: "number")) var candidate: Int?
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr(
                "逐处选：每处待定取第几个值，如 2,1；0 为原来的，1+2 为先 1 后 2 都留。",
                "For each open place of a text, which value, as 2,1; 0: as before; 1+2: both, 1 first."),
            valueName: "numbers"))
    var spans: String?
    @Option(name: .long, help: ArgumentHelp(tr("另定的值。", "Another value."), valueName: "value")) var value: String?
    @Flag(
        name: .long,
        help: ArgumentHelp(tr("保留记录；彼此矛盾的值，就这样保留。", "Keep the record; of values that do not go together, keep them so.")))
    var keep = false
    @Flag(name: .long, help: ArgumentHelp(tr("确认删除。", "Delete the record."))) var delete = false
    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp(
            tr("彼此矛盾的字段改为：字段=值。", "New values for fields that do not go together: field=value."), valueName: "field=value"))
    var set: [String] = []
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("校验码，见 review show；别人已经裁定过的，要写。", "The mark that review show gives; needed where somebody has decided already."),
            valueName: "mark"))
    var mark: String?
    @Flag(name: .long, help: ArgumentHelp(tr("两条记录是同一事项。", "The two records are one thing."))) var same = false
    @Flag(name: .long, help: ArgumentHelp(tr("两条记录是两回事。", "The two records are two things."))) var different = false

    func validate() throws {
        _ = try spans.map(places)
        if let candidate, candidate < 1 { throw ValidationError(tr("--candidate 从 1 起。", "--candidate counts from 1.")) }
        let ways = [candidate != nil, spans != nil, value != nil, keep, delete, !set.isEmpty, same, different]
        guard ways.filter(\.self).count == 1 else {
            throw ValidationError(
                tr(
                    "请用 --candidate、--spans、--value、--keep、--delete、--set、--same、--different 之一。",
                    "Give one of --candidate, --spans, --value, --keep, --delete, --set, --same, --different."))
        }
    }

    private func places(_ text: String) throws -> [TextMerge.Place] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let numbers = try part.split(separator: "+", omittingEmptySubsequences: false).map { part -> Int in
                guard let number = Int(part), (0...100_000).contains(number) else {
                    throw ValidationError(tr("--spans 的写法如 2,1 或 1+2,0。", "--spans is written as 2,1 or 1+2,0."))
                }
                return number
            }
            if numbers.count > 1 { return .joined(numbers.map { $0 - 1 }) }
            return numbers[0] == 0 ? .base : .side(numbers[0] - 1)
        }
    }

    /// What somebody decided meanwhile is not decided over unseen.
    func seen(_ item: QueuedItem, _ desk: ReviewDesk, _ options: Options) throws -> [Dot]? {
        guard item.isProposed || mark != nil else { return nil }
        let page = try desk.page(item)
        guard page.mark == LegibleAlphabet.canonical(mark ?? "") else { throw desk.seenOtherwise(page, mark, options) }
        return page.seen
    }

    func decision(_ item: QueuedItem, _ desk: ReviewDesk) throws -> Replica.Decision {
        let type = desk.folder.catalogue.type(item.type)
        if let candidate { return .candidate(candidate - 1) }
        if let spans { return .places(try places(spans)) }
        if let value {
            let field = type?.field(item.item.field.rawValue)
            return .value(try field?.value(value) { try desk.finder.record($0).id } ?? .text(value))
        }
        if same || different { return .verdict(same ? .same : .different) }
        guard !set.isEmpty else { return keep ? .keep : .delete }
        var values: [FieldKey: Value] = [:]
        for (key, input) in try Writing.read(set, type, takesUnknown: false, desk.finder) {
            guard case .value(let value) = input else { throw ValidationError(tr("--set 只用于单个值。", "--set takes single values.")) }
            values[key] = value
        }
        return .fields(values)
    }
}

extension ReviewDesk {
    /// Decides and says what came of it. What was decided meanwhile by somebody else is shown instead.
    func settle(_ item: QueuedItem, _ decision: Replica.Decision, _ reason: Reason, seen: [Dot]? = nil, _ options: Options) throws {
        let waits: Bool
        do {
            waits = try orShowing(item, options) { try replica.settle(item, by: decision, reason: reason, seen: seen) }
        } catch let error as ReplicaError where error.code == .choiceUnknown {
            throw try noChoice(item, decision)
        }
        options.show(
            .object([("id", .string("\(item.id)")), ("settled", .flag(!waits)), ("proposed", .flag(waits))]),
            [
                waits
                    ? tr(
                        "已提出；另一人同意后生效：dundian review show \(showing.short(item.id))",
                        "Proposed; it holds once somebody else has approved it: dundian review show \(showing.short(item.id))")
                    : tr("已裁定，下次同步时送出。", "Settled; it goes out with the next sync.")
            ])
    }

    /// Why an item cannot be settled as was asked.
    private func noChoice(_ item: QueuedItem, _ decision: Replica.Decision) throws -> Explanation {
        let page = try page(item)
        let message: String
        switch decision {
        case .candidate where page.telling != nil, .places where page.telling != nil:
            let count = page.telling?.openCount ?? 0
            message = tr(
                "这段文字有 \(count) 处待定，每处要选那里有的写法之一；没有改过某处的人，那里没有写法可选。",
                "Places of this text that are open: \(count). Each needs one of the values offered there; whoever left a place alone has none there."
            )
        case .candidate where !page.choices.isEmpty:
            message = tr("这一项可选的是 1 到 \(page.choices.count)。", "The choices of this item are 1 to \(page.choices.count).")
        default:
            message = tr(
                "“\(showing.label(item.item.kind))”不能这样裁定。", "That is not a way to settle \"\(showing.label(item.item.kind))\".")
        }
        return Explanation(
            "choice-unknown", exit: ExitStatus.badInput, message,
            tr(
                "什么也没有改。可用的做法见：dundian review show \(page.id)",
                "Nothing was changed. The ways are in: dundian review show \(page.id)"))
    }

    /// Refuses to approve or send back where nothing waits; to approve also where several decisions differ.
    func checkProposed(_ page: ItemPage, wantsOne: Bool) throws {
        let isOne = page.proposals.allSatisfy { $0.value == page.proposals.first?.value }
        guard page.proposals.isEmpty || wantsOne && !isOne else { return }
        throw Explanation(
            "choice-unknown", exit: ExitStatus.badInput,
            page.proposals.isEmpty
                ? tr("还没有人裁定这一项。", "Nobody has decided this item yet.")
                : tr("这一项有几个不同的裁定，要先选定一个。", "This item has several decisions that differ; one has to be chosen first."),
            tr("什么也没有改。请看：dundian review show \(page.id)", "Nothing was changed. See: dundian review show \(page.id)"))
    }

    /// Takes a decision back; what is none, or does not stand any more, is refused.
    func undo(_ decided: Decided, _ reason: Reason) throws {
        let message: String
        switch (decided.act, try state(of: decided)) {
        case (.approved, _), (.undone, _), (.judged(nil), _):
            message = tr("能撤销的是裁定本身，不是对它的同意或撤销。", "Only a decision is taken back, not its approval or its undoing.")
        case (_, .undone): message = tr("这次裁定已经撤销了。", "This decision was taken back already.")
        case (_, .past): message = tr("那次裁定之后又有改动，它已不作数。", "What it decided has changed since; it no longer stands.")
        case (_, .holds), (_, .proposed): return try replica.undo(decided, reason: reason)
        }
        throw Explanation(
            "choice-unknown", exit: ExitStatus.badInput, message,
            tr("什么也没有改。请看：dundian review log", "Nothing was changed. See: dundian review log"))
    }

    /// The mark given is not that of what the item is now: that is shown, and nothing is done.
    func seenOtherwise(_ page: ItemPage, _ mark: String?, _ options: Options) -> Explanation {
        if !options.json { for line in page.lines + page.ways { Screen.complain(line) } }
        return Explanation(
            "seen-otherwise", exit: ExitStatus.badInput,
            mark.map { mark in
                tr(
                    "校验码 \(Screen.safe(mark)) 与现在的值不符：在你看过之后有了变化。",
                    "The mark \(Screen.safe(mark)) is not that of the present values: they have changed since you looked.")
            } ?? tr("这一项已有人裁定过。", "Somebody has decided this item already."),
            tr(
                "什么也没有改。请看过现在的值，再写上它的校验码 \(page.mark)。",
                "Nothing was changed. Look at the present values, then give their mark, \(page.mark)."))
    }

    /// Runs `body`; if the item is no longer what it was, what it has become stands before the error.
    func orShowing<T>(_ item: QueuedItem, _ options: Options, _ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as ReplicaError where error.code == .itemUnknown {
            if !options.json { for line in try becameOf(item) { Screen.complain(line) } }
            throw error
        }
    }

    /// What an item has become that is no longer open, or no longer what was looked at.
    func becameOf(_ item: QueuedItem) throws -> [String] {
        if let now = try replica.reviewItems(beginning: ShortID(item.id, count: 24), limit: 1).first {
            return [tr("它有了变化，现在是：", "It has changed; now it is:")] + (try page(now).lines)
        }
        let page = try page(item)
        let last = page.earlier.last { $0.id == item.id } ?? page.earlier.last
        return last.map { [tr("它已有结果：", "It was decided: ") + page.told($0)] } ?? []
    }
}

struct Take: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "take", abstract: tr("裁定一项，理由一并留存。", "Settle an item; the reason stands with it."),
            discussion: tr(
                "重要字段的裁定先是提议，另一人同意后生效。", "A decision about an important field is a proposal until somebody else has approved it."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String
    @OptionGroup var choice: ChoiceOptions
    @OptionGroup var reason: ReasonOptions

    func run() throws {
        try review.run { desk in
            let item = try desk.finder.item(item)
            let seen = try choice.seen(item, desk, review.options)
            try desk.settle(item, try choice.decision(item, desk), reason.made(), seen: seen, review.options)
        }
    }
}

struct Propose: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "propose",
            abstract: tr(
                "提议怎样裁定：无论什么字段，另一人同意后才生效。", "Propose a decision: whatever the field, it holds once somebody else has approved it."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String
    @OptionGroup var choice: ChoiceOptions
    @OptionGroup var reason: ReasonOptions

    func validate() throws {
        if choice.keep && choice.set.isEmpty || choice.delete || choice.same || choice.different {
            throw ValidationError(
                tr(
                    "整条记录的去留和两条记录的异同，用 take 裁定，不能提议。",
                    "Whether a record stays and whether two are one is decided with take, not proposed."))
        }
    }

    func run() throws {
        try review.run { desk in
            let item = try desk.finder.item(item)
            let seen = try choice.seen(item, desk, review.options)
            try desk.settle(item, try choice.decision(item, desk), reason.made(isProposal: true), seen: seen, review.options)
        }
    }
}

struct Approve: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "approve", abstract: tr("同意别人的裁定，它随即生效。", "Approve somebody else's decision; it holds from then on."),
            discussion: tr(
                "校验码由 review show 给出，随所示的值而变：看到的是什么，同意的就是什么。自己提出的、自己写过其中一个值的，不能同意。",
                "The mark is what review show gives; it changes with the values shown, so that you approve what you saw. Nobody approves what they decided or wrote."
            ))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String
    @Argument(help: ArgumentHelp(tr("校验码，见 review show。", "The mark that review show gives."), valueName: "mark")) var mark: String

    func run() throws {
        try review.run { desk in
            let item = try desk.finder.item(item)
            let page = try desk.page(item)
            try desk.checkProposed(page, wantsOne: true)
            guard page.mark == LegibleAlphabet.canonical(mark) else { throw desk.seenOtherwise(page, mark, review.options) }
            try desk.orShowing(item, review.options) { try desk.replica.approve(item, seen: page.seen) }
            review.options.show(
                .object([("id", .string("\(item.id)")), ("approved", .flag(true))]),
                [tr("已同意，即刻生效，下次同步时送出。", "Approved; it holds now, and goes out with the next sync.")])
        }
    }
}

struct SendBack: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "return", abstract: tr("退回别人的裁定，原来的几个值重新待定。", "Send a decision back: the values in dispute stand again."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String
    @OptionGroup var reason: ReasonOptions

    func run() throws {
        try review.run { desk in
            let item = try desk.finder.item(item)
            let page = try desk.page(item)
            try desk.checkProposed(page, wantsOne: false)
            try desk.orShowing(item, review.options) { try desk.replica.sendBack(item, reason: reason.made(), seen: page.seen) }
            review.options.show(
                .object([("id", .string("\(item.id)")), ("returned", .flag(true))]),
                [tr("已退回，提议人会在 dundian inbox 看到。", "Sent back; whoever proposed it finds it in dundian inbox.")])
        }
    }
}

struct UndoDecision: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "undo", abstract: tr("撤销一次裁定，原来的几个值重新待定。", "Take a decision back: what it was chosen over stands again."),
            discussion: tr("编号见 review log。", "review log gives the ids."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("裁定的编号，见 review log。", "The decision's id, from review log."), valueName: "decision"))
    var decision: String
    @OptionGroup var reason: ReasonOptions

    func run() throws {
        try review.run { desk in
            let decided = try desk.decision(decision)
            try desk.undo(decided, reason.made())
            review.options.show(
                .object([("id", .string("\(decided.id)")), ("undone", .flag(true))]),
                [tr("已撤销，这一项重新待裁定；下次同步时送出。", "Taken back: the item is open again; it goes out with the next sync.")])
        }
    }
}
