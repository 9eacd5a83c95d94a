// Decisions are found in the entries that decide, each read against the record as its author had it.

import Causality
import Journals
import Records
import Wire

extension RecordState {
    /// What the values in dispute of a field came from, whether or not somebody has decided already.
    fileprivate func overBase(of field: FieldKey) -> Content? {
        guard let state = self[field] else { return nil }
        return state.candidates.allSatisfy(\.isDecision) ? state.candidates.first?.overBase : state.base
    }
}

struct LookedAt: Hashable {
    var entry: Arrival
    var record: RecordID
}

/// Reads decisions of one scope; keeps the pasts of the records it has met.
struct DecisionReader {
    let scope: ScopeID
    let rules: any MergeRules
    let branches: Branches
    private let authors = Authors()
    private var pasts: [RecordID: [PlacedEdit]] = [:]
    private var devices: [JournalID: String] = [:]

    init(scope: ScopeID, rules: any MergeRules, branches: Branches) {
        (self.scope, self.rules, self.branches) = (scope, rules, branches)
    }

    private mutating func past(of record: RecordID, _ reader: any StoreReader) throws -> [PlacedEdit] {
        if let known = pasts[record] { return known }
        let edits = try reader.history(of: record, in: scope).flatMap { entry in
            try entry.placedEdits(branches, author: authors.author(of: entry.journal, in: scope, reader))
                .filter { $0.edit.record == record }
        }
        pasts[record] = edits
        return edits
    }

    private mutating func device(of journal: JournalID, _ reader: any StoreReader) throws -> String? {
        if let known = devices[journal] { return known }
        guard let key = try reader.journal(journal, in: scope)?.tip.key, let name = try reader.roster()?.roster.device(key)?.name
        else {
            return nil
        }
        devices[journal] = name
        return name
    }

    mutating func decided(_ entry: StoredEntry, _ record: RecordID, _ filter: DecisionFilter, _ reader: any StoreReader) throws
        -> [Decided]
    {
        let author = try authors.author(of: entry.journal, in: scope, reader)
        guard let edit = try entry.placedEdits(branches, author: author).first(where: { $0.edit.record == record }),
            edit.edit.decides, filter.admits(edit.dot, edit.author, edit.edit.writes)
        else { return [] }
        let past = try past(of: record, reader)
        let seen = past.filter { edit.edit.context.has($0.dot) }
        guard filter.admitsOver(seen) else { return [] }
        let before = RecordState.fold(seen)
        let items = before.map { $0.reviewItems(by: rules) } ?? []
        let device = try device(of: entry.journal, reader)
        func make(_ act: Decided.Act, _ write: Write, _ item: ReviewItem, over: [Candidate] = [], value: Content? = nil) -> Decided
        {
            Decided(
                dot: edit.dot, arrival: entry.arrival, scope: scope, record: record, type: edit.edit.type, field: write.field,
                act: act, item: item, id: item.id(in: scope),
                since: before?.since(item, by: rules) ?? edit.time, author: edit.author, device: device, time: edit.time,
                received: entry.received,
                reason: write.reason?.text.map { Reason($0) }, value: value, over: over, against: [])
        }
        return edit.edit.writes.compactMap { write in
            switch write.kind {
            case .settle:
                guard !(write.reason?.claimsRule ?? false) else { return nil }
                let item = Self.item(of: write, among: items, before, rules)
                // A broken check is settled field by field.
                let over = item.kind == .brokenCheck ? before?[write.field]?.candidates : before?.choices(for: item, by: rules)
                var decided = make(.settled, write, item, over: over ?? [], value: write.value)
                if item.kind == .contested { decided.overBase = before?.overBase(of: write.field) }
                return decided
            case .undo where write.field.rawValue.isEmpty:
                let names = Set(write.names.map(\.dot))
                guard
                    let made = past.first(where: { edit in
                        names.contains(edit.dot) && edit.edit.writes.contains { $0.kind.isOfRecord }
                    })
                else { return nil }
                let then = RecordState.fold(past.filter { made.edit.context.has($0.dot) })
                let asked = then?.reviewItems(by: rules).first { $0.kind == .deleteAgainstEdit || $0.kind == .putOnDeleted }
                var decided = make(.undone, write, asked ?? ReviewItem(.deleteAgainstEdit, record: record))
                decided.against = made.author.map { [$0] } ?? []
                decided.since = made.time
                return decided
            case .approve, .undo:
                guard let settle = Self.settle(named: write, in: past),
                    let made = settle.edit.writes.first(where: { $0.field == write.field })
                else { return nil }
                let then = RecordState.fold(past.filter { settle.edit.context.has($0.dot) })
                let item = Self.item(of: made, among: then?.reviewItems(by: rules) ?? [], then, rules)
                var decided = make(write.kind == .approve ? .approved : .undone, write, item, value: made.value)
                decided.over = [
                    Candidate(
                        dot: settle.dot, isSettle: true, time: settle.time, author: settle.author, value: made.value ?? .erased,
                        reason: made.reason)
                ]
                decided.since = settle.time
                return decided
            case .delete, .restore:
                guard let item = items.first(where: { $0.kind == .deleteAgainstEdit || $0.kind == .putOnDeleted }) else {
                    return nil
                }
                var decided = make(write.kind == .delete ? .deleted : .kept, write, item)
                let setAside =
                    write.kind == .restore
                    ? item.kind == .putOnDeleted ? [] : item.dots : item.kind == .putOnDeleted ? item.dots : item.more
                decided.against = Set(past.filter { setAside.contains($0.dot) }.compactMap(\.author)).sorted(by: String.precedes)
                return decided
            case .put:
                guard edit.edit.type == Verdict.type, write.field == "verdict",
                    let after = RecordState.fold(past.filter { $0.dot == edit.dot || edit.edit.context.has($0.dot) }),
                    let pair = Verdict.pair(of: after, by: rules)
                else { return nil }
                let item = ReviewItem(LookingAlike(record: pair.second, other: pair.first))
                var decided = make(.judged(Verdict(of: after, by: rules)), write, item, value: write.value)
                decided.record = record
                decided.reason = edit.edit.writes.first { $0.field == "reason" }?.value?.text.map { Reason($0) }
                return decided
            case .add, .drop: return nil
            }
        }
    }

    /// The item that a settle answers: one that was open when it was made, else the question it puts itself.
    private static func item(of write: Write, among items: [ReviewItem], _ before: RecordState?, _ rules: any MergeRules)
        -> ReviewItem
    {
        let checks = before.map { rules.checks(of: $0.type) } ?? []
        if let item = items.first(where: { $0.field == write.field && $0.kind != .brokenCheck })
            ?? items.first(where: { item in
                item.kind == .brokenCheck
                    && checks.contains { $0.key == item.field && ($0.first == write.field || $0.second == write.field) }
            })
        {
            return item
        }
        let dots = Set(write.names.map(\.dot)).sorted()
        return ReviewItem(.contested, record: before?.record ?? RecordID(high: 0, low: 0), field: write.field, dots: dots)
    }

    private static func settle(named write: Write, in past: [PlacedEdit]) -> PlacedEdit? {
        let names = Set(write.names.map(\.dot))
        return past.first { edit in
            names.contains(edit.dot) && edit.edit.writes.contains { $0.kind == .settle && $0.field == write.field }
        }
    }
}
