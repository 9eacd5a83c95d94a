// dundian review log: what was decided, by whom, over what; and how a decision is named when it is to be taken back.

import ArgumentParser
import Dundian
import Terminal

struct Decisions: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "log", abstract: tr("列出已作的裁定，最新的在前。", "List what was decided, the newest first."))
    }
    @OptionGroup var review: ReviewOptions
    @Option(name: .long, help: ArgumentHelp(tr("只列这个人作的。", "Only what this person decided."), valueName: "person")) var by: String?
    @Option(name: .long, help: ArgumentHelp(tr("只列这条记录的。", "Only about this record."), valueName: "id")) var record: String?
    @Option(name: .long, help: ArgumentHelp(tr("最多多少条。", "At most this many."), valueName: "count")) var limit = 50

    func run() throws {
        try review.run { desk in
            let person = try by.map(desk.personID)
            let all =
                try record.map { try desk.replica.decisions(about: try desk.finder.record($0).id).reversed() }
                ?? desk.replica.decisions(person.map { .by($0) } ?? .all, limit: max(0, limit))
            let decided = all.filter { person == nil || $0.author == person }.prefix(max(0, limit))
            review.options.show(
                .object([("decisions", .list(decided.map(desk.showing.decisionJSON)))]),
                decided.isEmpty ? [tr("还没有裁定过什么。", "Nothing was decided yet.")] : decided.flatMap(desk.lines))
        }
    }
}

extension ReviewDesk {
    /// Ten characters that name a decision: what `review undo` and `inbox object` take.
    static func name(of decided: Decided) -> String { name(of: decided.dot, decided.field) }

    private static func name(of dot: Dot, _ field: FieldKey) -> String {
        let text = "\(dot) \(field)"
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let mixed = (hash ^ hash >> 29) &* 0xbf58_476d_1ce4_e5b9
        let characters = LegibleAlphabet.characters(of: mixed ^ mixed >> 32, count: 8)
        return "\(characters.prefix(4))-\(characters.suffix(4))"
    }

    /// The decision a name means.
    func decision(_ name: String) throws -> Decided {
        let wanted = LegibleAlphabet.canonical(name)
        let isNamed: @Sendable (Dot, FieldKey) -> Bool = { dot, field in
            wanted.count >= 4 && LegibleAlphabet.canonical(Self.name(of: dot, field)).hasPrefix(wanted)
        }
        let found = try replica.decisions(.named(isNamed), limit: .max).filter { isNamed($0.dot, $0.field) }
        guard found.count == 1, let decided = found.first else {
            throw Explanation(
                found.isEmpty ? "decision-unknown" : "id-ambiguous",
                exit: found.isEmpty ? ExitStatus.notFound : ExitStatus.badInput,
                found.isEmpty
                    ? tr("没有编号为 \(Screen.safe(name)) 的裁定。", "There is no decision \(Screen.safe(name)).")
                    : tr("编号 \(Screen.safe(name)) 对应不止一个裁定。", "\(Screen.safe(name)) is the beginning of several ids."),
                tr("什么也没有改。请看：dundian review log", "Nothing was changed. See: dundian review log"))
        }
        return decided
    }

    /// A decision in the log: what, then over what.
    func lines(_ decided: Decided) -> [String] {
        let record = try? replica.record(decided.item.record, in: decided.scope)
        let title = record.map { Screen.safe(Screen.cut(showing.title($0), to: 30)) } ?? showing.short(decided.item.record)
        let type = record?.type ?? decided.type
        let field =
            decided.act == .kept || decided.act == .deleted || decided.type == Verdict.type
            ? "" : tr("，", ", ") + self.field(decided.field, type)
        let page =
            (try? ItemPage(
                QueuedItem(id: decided.id, scope: decided.scope, item: decided.item, type: type, since: decided.since), self))
        return [
            "\(Self.name(of: decided))  \(showing.label(type)) \(title)\(field)",
            "  " + (page?.told(decided) ?? ""),
        ]
    }

    /// The roster's id of a person by id or name.
    func personID(_ name: String) throws -> String {
        let people = try replica.roster()?.roster.people ?? []
        if let person = people.first(where: { $0.id == name }) ?? people.first(where: { $0.name == name }) { return person.id }
        throw Explanation(
            "person-unknown", exit: ExitStatus.notFound,
            tr("名册上没有 \(Screen.safe(name))。", "Nobody on the roster is called \(Screen.safe(name))."),
            tr("名册上有：", "There are: ") + people.map { Screen.safe($0.name) }.joined(separator: tr("、", ", ")))
    }
}
