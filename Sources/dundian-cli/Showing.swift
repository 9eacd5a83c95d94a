// Records and values as lines and as JSON, in the catalogue's words.

import Dundian
import Terminal

struct Showing {
    let folder: ReplicaFolder
    private let titles = Titles()
    var catalogue: Catalogue { folder.catalogue }

    init(folder: ReplicaFolder) { self.folder = folder }

    /// Titles that were asked for: in a list the same few records are referred to again and again.
    private final class Titles {
        var known: [RecordID: String] = [:]
        var joined: JoinedRecords?
    }

    /// Which records are one thing, as it was when this was first asked for.
    var joined: JoinedRecords {
        if let joined = titles.joined { return joined }
        let joined = (try? folder.replica.joinedRecords()) ?? JoinedRecords()
        titles.joined = joined
        return joined
    }

    // MARK: Names

    func label(_ type: TypeKey) -> String {
        switch type {
        // Records of review itself, which no catalogue has.
        case Verdict.type: tr("异同认定", "Verdict on two records")
        case ReviewNote.type: tr("复核留言", "Review note")
        case ErasureOrder.type: tr("抹除令", "Order to erase")
        default: catalogue.type(type)?.label[tr] ?? Screen.safe(type.rawValue)
        }
    }

    func label(_ field: FieldKey, _ type: TypeKey) -> String {
        if type == Verdict.type, field == "verdict" { return tr("认定", "Verdict") }
        return catalogue.type(type)?.field(field.rawValue)?.label[tr] ?? field.rawValue
    }

    func person(_ id: String?) -> String {
        guard let id else { return tr("某人", "somebody") }
        return (try? folder.replica.roster())?.roster.person(id)?.name ?? id
    }

    /// A record's one-line title by its catalogue fields; its id if it has none.
    func title(_ record: Record) -> String { title(record.state) }

    func title(_ state: RecordState, depth: Int = 0) -> String {
        if let pair = Verdict.pair(of: state, by: catalogue), depth < 2 {
            return "\(title(pair.first, depth: depth + 1)) = \(title(pair.second, depth: depth + 1))"
        }
        let keys = catalogue.type(state.type)?.title ?? []
        let parts = keys.compactMap { key -> String? in
            if catalogue.type(state.type)?.field(key)?.given == .numbering {
                return (try? folder.replica.givenNumber(of: state.record, FieldKey(key)))?.text
            }
            let outcome = state.outcome(of: FieldKey(key), by: catalogue)
            guard let value = outcome?.candidate?.value.value, value != .empty else { return nil }
            return text(value, FieldKey(key), state.type, depth: depth + 1)
        }
        return parts.isEmpty ? short(state.record) : parts.joined(separator: " ")
    }

    /// What a record is called where another refers to it; its id if it is not here.
    func title(_ id: RecordID, depth: Int = 0) -> String {
        if let title = titles.known[id] { return title }
        guard depth < 3, let record = try? folder.replica.record(id) else { return short(id) }
        let title = title(record.state, depth: depth)
        titles.known[id] = title
        return title
    }

    /// The id as a person types it.
    func short(_ id: RecordID) -> String { (try? folder.replica.shortID(of: id))?.description ?? ShortID(id).description }
    func short(_ id: ItemID) -> String { (try? folder.replica.shortID(of: id))?.description ?? ShortID(id).description }

    /// One record on one line.
    func line(_ record: Record) -> String {
        let (short, title) = (short(record.id), title(record))
        let shown = title == short ? tr("（没有标题）", "(no title)") : Screen.safe(Screen.cut(title, to: 50))
        return "\(short)  \(Screen.safe(label(record.type)))  \(marks(record))\(shown)"
    }

    /// Stands before a record's title, so that it is not cut off with it.
    func marks(_ record: Record) -> String {
        let first = joined.first(of: record.id)
        return (record.isDeleted ? tr("【已删除】", "[deleted] ") : "") + (record.items.isEmpty ? "" : tr("【待裁定】", "[review] "))
            + (first == record.id ? "" : tr("【同 \(short(first))】", "[same as \(short(first))] "))
    }

    /// What a field shows that the central service numbers: the number it gave, whatever anybody wrote there; nil for other fields.
    func officialNumber(_ record: Record, _ key: FieldKey) -> String? {
        guard catalogue.type(record.type)?.field(key.rawValue)?.given == .numbering else { return nil }
        if let given = try? folder.replica.givenNumber(of: record.id, key) { return given.text }
        guard let written = record.value(key)?.plainText, !written.isEmpty else { return tr("未编号", "not numbered yet") }
        return tr("未编号（有人自填“\(written)”，不作数）", "not numbered yet (somebody wrote \"\(written)\", which does not count)")
    }

    /// What a record lacks that it is expected to have.
    func missing(_ record: Record) -> [String] {
        guard let type = catalogue.type(record.type), !record.isDeleted else { return [] }
        return type.missing { field in
            switch record[FieldKey(field.key)] {
            case .set(let elements)?: elements.isEmpty ? nil : ""
            case let outcome?:
                if let value = outcome.candidate?.value.value, value != .empty { value.plainText } else { nil }
            case nil: nil
            }
        }.map { Screen.safe($0.label[tr]) }
    }

    // MARK: Values

    func text(_ value: Value, _ field: FieldKey, _ type: TypeKey, depth: Int = 0) -> String {
        switch value {
        case .flag(let flag): return flag ? tr("是", "yes") : tr("否", "no")
        case .text(let text):
            if type == Verdict.type, field == "verdict", let verdict = Verdict(rawValue: text) {
                return verdict == .same ? tr("同一事项", "one thing") : tr("两回事", "two things")
            }
            return catalogue.type(type)?.field(field.rawValue)?.choice(text)?.label[tr] ?? text
        case .reference(let id): return title(id, depth: depth)
        case .empty: return ""
        default: return value.plainText
        }
    }

    func text(_ content: Content, _ field: FieldKey, _ type: TypeKey) -> String {
        guard let value = content.value else { return tr("（已抹去）", "(erased)") }
        return text(value, field, type)
    }

    func json(_ value: Value) -> JSON {
        switch value {
        case .empty: .null
        case .integer(let number): .integer(number)
        case .flag(let flag): .flag(flag)
        case .list(let values): .list(values.map(json))
        default: .string(value.plainText)
        }
    }

    func json(_ content: Content) -> JSON { content.value.map(json) ?? .object([("erased", .flag(true))]) }

    // MARK: Records

    func json(_ record: Record) -> JSON {
        .object([
            ("id", .string("\(record.id)")), ("short", .string(short(record.id))), ("scope", .string("\(record.scope)")),
            ("type", .string(record.type.rawValue)),
            ("title", .string(title(record))), ("deleted", .flag(record.isDeleted)),
            ("changed_at", record.state.changed.map { .integer($0.time.rawValue) } ?? .null),
            ("changed_by", .optional(record.state.changed?.author)),
            (
                "fields",
                .object(
                    record.fields.map {
                        (
                            $0.key.rawValue,
                            json($0.outcome, merge: merge(of: $0.key, in: record), of: record.state[$0.key]?.candidates ?? [])
                        )
                    })
            ),
            ("review", .list(record.items.map { .string("\($0.id)") })),
            ("same_as", .list(joined.members(with: record.id).filter { $0 != record.id }.map { .string("\($0)") })),
        ])
    }

    /// Texts that were written apart, as they merge; nil where nothing was.
    func merge(of key: FieldKey, in record: Record) -> TextMerge? { record.state.textMerge(of: key, by: catalogue) }

    func json(_ merge: TextMerge) -> JSON {
        .list(
            merge.spans.map { span in
                switch span {
                case .same(let text): .object([("same", .string(text))])
                case .merged(let base, let text, let sides):
                    .object([
                        (
                            "merged",
                            .object([("base", .string(base)), ("text", .string(text)), ("sides", .list(sides.map { .count($0) }))])
                        )
                    ])
                case .open(let base, let alternatives):
                    .object([
                        (
                            "open",
                            .object([
                                ("base", .string(base)),
                                (
                                    "alternatives",
                                    .list(
                                        alternatives.map {
                                            .object([("text", .string($0.text)), ("sides", .list($0.sides.map { .count($0) }))])
                                        })
                                ), ("punctuation", .flag(span.differsOnlyInPunctuation)),
                            ])
                        )
                    ])
                }
            })
    }

    func json(_ outcome: Outcome, merge: TextMerge?, of candidates: [Candidate]) -> JSON {
        guard let merge, case .object(var members) = json(outcome) else { return json(outcome) }
        if !members.contains(where: { $0.0 == "candidates" }) { members.append(("candidates", .list(candidates.map(json)))) }
        return .object(members + [("merge", json(merge))])
    }

    func json(_ outcome: Outcome) -> JSON {
        switch outcome {
        case .settled(let candidate, let overridden, let rule):
            var members: [(String, JSON)] = [("state", .string("settled")), ("value", json(candidate.value))]
            if let rule { members.append(("rule", .string(rule))) }
            if !overridden.isEmpty { members.append(("overridden", .list(overridden.map(json)))) }
            return .object(members)
        case .contested(let provisional, let among):
            return .object([
                ("state", .string("contested")), ("value", json(provisional.value)), ("candidates", .list(among.map(json))),
            ])
        case .set(let elements):
            return .object([("state", .string("set")), ("value", .list(elements.map { json($0.value) }))])
        }
    }

    func json(_ candidate: Candidate) -> JSON {
        .object([
            ("dot", .string("\(candidate.dot)")), ("value", json(candidate.value)), ("author", .optional(candidate.author)),
            ("author_name", .string(person(candidate.author))), ("time", .integer(candidate.time.rawValue)),
        ])
    }

    func proposalJSON(_ candidate: Candidate) -> JSON {
        guard case .object(let members) = json(candidate) else { return .null }
        let reason = candidate.reason?.text.map { Reason($0) }
        return .object(
            members + [
                ("code", .optional(reason?.code)), ("reason", .optional(reason?.comment)),
                ("approved", .flag(candidate.isApproved)),
                ("writers", .list(candidate.writers.map(JSON.string))),
            ])
    }

    func decisionJSON(_ decided: Decided) -> JSON {
        var verdict: String?
        if case .judged(let judged) = decided.act { verdict = judged?.rawValue ?? "none" }
        return .object([
            ("name", .string(ReviewDesk.name(of: decided))), ("dot", .string("\(decided.dot)")),
            ("act", .string(decided.act.name)), ("verdict", .optional(verdict)),
            ("item", .string("\(decided.id)")), ("kind", .string(decided.item.kind.name)), ("scope", .string("\(decided.scope)")),
            ("record", .string("\(decided.record)")), ("type", .string(decided.type.rawValue)),
            ("field", decided.field.rawValue.isEmpty ? .null : .string(decided.field.rawValue)),
            ("author", .optional(decided.author)), ("author_name", .string(person(decided.author))),
            ("device", .optional(decided.device)), ("time", .integer(decided.time.rawValue)),
            ("since", .integer(decided.since.rawValue)), ("code", .optional(decided.reason?.code)),
            ("reason", .optional(decided.reason?.comment)), ("value", decided.value.map(json) ?? .null),
            ("over", .list(decided.over.map(json))),
        ])
    }

    // MARK: Review items

    func label(_ kind: ReviewItem.Kind) -> String {
        switch kind {
        case .contested: tr("同一字段有几个值", "several values")
        case .deleteAgainstEdit: tr("一边删除一边修改", "deleted and edited apart")
        case .putOnDeleted: tr("已删除的记录又被写入", "written after deletion")
        case .unfoundedSettlement: tr("自动合并的理由不成立", "unfounded merge")
        case .unapproved: tr("未经同意的裁定又被改写", "written over an unapproved decision")
        case .brokenCheck: tr("分头写的内容彼此矛盾", "values that do not go together")
        case .pastSeal: tr("封存时没有看到的修改", "written past a seal")
        case .looksAlike: tr("疑为同一事项的两条记录", "looks like one thing")
        case .overridden: tr("规则略过的值", "passed over by a rule")
        case .mergedApart: tr("分头写、已合并", "merged while apart")
        }
    }

    func json(_ item: QueuedItem, _ record: Record?) -> JSON {
        let field = item.item.field.rawValue
        let candidates = item.item.field.rawValue.isEmpty ? [] : record?.state[item.item.field]?.candidates ?? []
        let merge = item.item.kind == .contested ? record.flatMap { self.merge(of: item.item.field, in: $0) } : nil
        let merged: [(String, JSON)] = merge.map { [("merge", json($0))] } ?? []
        return .object(
            [
                ("id", .string("\(item.id)")), ("short", .string(short(item.id))), ("kind", .string(item.item.kind.name)),
                ("record", .string("\(item.item.record)")),
                ("scope", .string("\(item.scope)")), ("type", .string(item.type.rawValue)),
                ("title", .optional(record.map { title($0) })), ("field", field.isEmpty ? .null : .string(field)),
                ("since", .integer(item.since.rawValue)), ("candidates", .list(candidates.map(json))),
            ] + merged + [
                ("dots", .list(item.item.dots.map { .string("\($0)") })), ("more", .list(item.item.more.map { .string("\($0)") })),
            ])
    }

    /// - Parameter check: what is wrong, where a check is broken.
    func line(_ item: QueuedItem, _ record: Record?, check: String? = nil) -> String {
        let field =
            check.map { tr("，", ", ") + $0 }
            ?? (item.item.field.rawValue.isEmpty
                ? "" : tr("，字段“\(label(item.item.field, item.type))”", ", field \"\(label(item.item.field, item.type))\""))
        let name = record.map { Screen.safe(Screen.cut(title($0), to: 40)) } ?? short(item.item.record)
        return
            "\(short(item.id))  \(label(item.item.kind))\(tr("：", ": "))\(label(item.type)) \(name)\(Screen.safe(field))"
    }
}
