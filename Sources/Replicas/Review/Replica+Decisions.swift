// What was decided, by whom and over what: found in the entries that decide, each read against the record as its author had it. From this come
// receipts (whose value was not chosen), the day's digest and the figures.

public import Causality
import Journals
public import Records
import Wire

/// One decision, or what was done about one.
public struct Decided: Hashable, Sendable {
    /// What was done.
    public enum Act: Hashable, Sendable {
        /// A value was chosen, or written.
        case settled
        /// A decision was approved.
        case approved
        /// A decision was taken back, or sent back.
        case undone
        /// A record that was deleted and edited apart stays.
        case kept
        /// It goes.
        case deleted
        /// Two records are one thing, or are not; nil: it was taken back.
        case judged(Verdict?)

        /// Its stable name, as `settled`.
        public var name: String {
            switch self {
            case .settled: "settled"
            case .approved: "approved"
            case .undone: "undone"
            case .kept: "kept"
            case .deleted: "deleted"
            case .judged: "judged"
            }
        }
    }

    /// The entry it came in.
    public var dot: Dot
    /// Where that entry stands in the order of its scope here.
    public var arrival: Arrival
    /// The scope.
    public var scope: ScopeID
    /// The record it is about.
    public var record: RecordID
    /// The record's type.
    public var type: TypeKey
    /// The field; empty where it is about the record as a whole.
    public var field: FieldKey
    /// What was done.
    public var act: Act
    /// The item it answered.
    public var item: ReviewItem
    /// That item's id.
    public var id: ItemID
    /// Since when the item had waited.
    public var since: Timestamp
    /// Who decided, by the roster's id.
    public var author: String?
    /// What the roster calls the device it was done on.
    public var device: String?
    /// By the service's clock.
    public var time: Timestamp
    /// When it came here, by this device's clock; nil: before that was noted.
    public var received: Timestamp?
    /// Why; nil: nothing was said, or it was erased.
    public var reason: Reason?
    /// What was chosen, approved or taken back; nil where no value was.
    public var value: Content?
    /// What it was chosen over, with authors.
    public var over: [Candidate]
    /// And what those had come from.
    public var overBase: Content?
    /// Those whose edit or deletion it set aside, where the record as a whole was in dispute.
    public var against: [String]
}

extension Replica {
    /// What was decided, the newest here first.
    ///
    /// - Parameters:
    ///   - since: only what came here at or after this time: also what somebody decided offline long before.
    ///   - limit: at most this many.
    public func decisions(in scope: ScopeID? = nil, since: Timestamp? = nil, limit: Int = 1_000) throws -> [Decided] {
        try store.reading { reader in
            var all: [Decided] = []
            for scope in try scope.map({ [$0] }) ?? reader.scopes() {
                var past = DecisionReader(scope: scope, rules: rules, branches: try reader.branchMap(in: scope))
                var before: Arrival?
                var found: [Decided] = []
                // More than one change can have edits, so that none is cut in two for good.
                let size = 5_000
                var seen: Set<LookedAt> = []
                scan: while found.count < limit {
                    let page = try reader.decisions(in: scope, before: before, limit: size)
                    for one in page where seen.insert(LookedAt(entry: one.entry.arrival, record: one.record)).inserted {
                        for decided in try past.decided(one.entry, one.record, reader)
                        where since.map({ (decided.received ?? decided.time) >= $0 }) ?? true {
                            found.append(decided)
                        }
                    }
                    // They stand in the order in which they came.
                    if let since, let last = page.last, let received = last.entry.received, received < since { break scan }
                    guard let last = page.last, page.count == size else { break }
                    before = last.entry.arrival + 1
                }
                all += found
            }
            return Array(all.sorted { $0.time != $1.time ? $0.time > $1.time : $1.dot < $0.dot }.prefix(limit))
        }
    }

    /// What was decided about one record, the oldest first.
    public func decisions(about record: RecordID) throws -> [Decided] {
        try store.reading { reader in
            guard let scope = try reader.scope(of: record) else { return [] }
            var past = DecisionReader(scope: scope, rules: rules, branches: try reader.branchMap(in: scope))
            return try reader.history(of: record, in: scope).flatMap { try past.decided($0, record, reader) }
        }
    }
}

extension RecordState {
    /// What the values in dispute of a field came from, whether or not somebody has decided already.
    fileprivate func overBase(of field: FieldKey) -> Content? {
        guard let state = self[field] else { return nil }
        return state.candidates.allSatisfy(\.isDecision) ? state.candidates.first?.overBase : state.base
    }
}

private struct LookedAt: Hashable {
    var entry: Arrival
    var record: RecordID
}

/// Reads decisions of one scope; keeps the pasts of the records it has met.
private struct DecisionReader {
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

    mutating func decided(_ entry: StoredEntry, _ record: RecordID, _ reader: any StoreReader) throws -> [Decided] {
        let past = try past(of: record, reader)
        guard let edit = past.first(where: { $0.dot == entry.dot }), edit.edit.decides else { return [] }
        let before = RecordState.fold(past.filter { edit.edit.context.has($0.dot) })
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
