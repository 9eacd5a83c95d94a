// Takes counting entries to record states: loads a record once, folds what came for it, writes it once.

package import Causality
package import Journals
package import Records
import Wire

extension StoredEntry {
    /// The edits in it, read as its journal means them.
    func placedEdits(_ branches: Branches, author: String?) throws(Fault) -> [PlacedEdit] {
        let decoded = try DecodedEntry(
            skeleton: entry.skeleton, values: entry.values, position: position, replica: replica)
        return decoded.placedEdits(at: dot, time: entry.time.corrected(by: entry.offset), branches, author: author)
    }
}

extension DecodedEntry {
    /// - Parameter author: whom the roster binds the journal's key to. What the entry itself claims counts only where nobody is.
    func placedEdits(at dot: Dot, time: Timestamp, _ branches: Branches, author: String?) -> [PlacedEdit] {
        guard case .change(let change) = self else { return [] }
        let author = author ?? change.author?.text
        return change.edits.map { edit in
            var edit = edit
            if !branches.isEmpty {
                edit.context = branches.reading(edit.context, in: dot.journal)
                for w in edit.writes.indices {
                    for n in edit.writes[w].names.indices {
                        edit.writes[w].names[n].dot = branches.reading(edit.writes[w].names[n].dot, in: dot.journal)
                    }
                }
            }
            return PlacedEdit(dot: dot, time: time, author: author, edit: edit)
        }
    }
}

/// The records that one transaction touches.
struct FoldBatch {
    let scope: ScopeID
    let rules: any MergeRules
    let branches: Branches

    private struct Record {
        var state: RecordState?
        /// What it was like before.
        var likeness: Likeness?
        var edits: [NotedEdit] = []
        var isStale = false
    }
    private let authors = Authors()
    private var records: [RecordID: Record] = [:]
    private var order: [RecordID] = []
    /// What came in this batch that erasing looks at: orders, and entries they may name.
    private(set) var noted: (orders: [RecordID], entries: [Dot]) = ([], [])

    init(scope: ScopeID, rules: any MergeRules, branches: Branches) {
        (self.scope, self.rules, self.branches) = (scope, rules, branches)
    }

    /// Folds the edits of a counting entry. `inOrder` is false for entries that others, already folded, may have seen: their
    /// records are folded from all edits when the batch is written.
    mutating func fold(
        _ decoded: DecodedEntry, at dot: Dot, time: Timestamp, arrival: Arrival, inOrder: Bool, in store: any StoreWriter
    ) throws {
        let author = try authors.author(of: dot.journal, in: scope, store)
        noted.entries.append(dot)
        for placed in decoded.placedEdits(at: dot, time: time, branches, author: author) {
            let id = placed.edit.record
            if placed.edit.type == ErasureOrder.type { noted.orders.append(id) }
            var record: Record
            if let known = records[id] {
                record = known
            } else {
                record = Record(state: try store.state(of: id, in: scope))
                record.likeness = record.state.flatMap { $0.likeness(by: rules) }
                order.append(id)
            }
            record.edits.append(NotedEdit(arrival, decides: placed.edit.decides))
            if record.isStale || !inOrder {
                record.isStale = true
            } else if let state = record.state {
                if let next = state.folding(placed) { record.state = next } else { record.isStale = true }
            } else {
                record.state = RecordState.fold(first: placed)
            }
            records[id] = record
        }
    }

    /// Has an order that can be read only now carried out when the batch is written.
    mutating func note(order id: RecordID, by dot: Dot) {
        noted.orders.append(id)
        noted.entries.append(dot)
    }

    /// Has a record folded from all its edits when the batch is written; nothing if it is not here.
    mutating func touch(_ id: RecordID, in store: any StoreReader) throws {
        // One that is new in this transaction the store does not have yet.
        records[id]?.isStale = true
        guard let state = try store.state(of: id, in: scope) else { return }
        if records[id] == nil {
            records[id] = Record(state: state, likeness: state.likeness(by: rules))
            order.append(id)
        }
        records[id]?.isStale = true
    }

    /// Writes every touched record, and what it and others look like now.
    mutating func write(to store: any StoreWriter) throws {
        var groups: [Likeness: Int] = [:]
        for id in order {
            guard var record = records[id] else { continue }
            if record.isStale {
                // The store must know of the new edits before it can be asked for all of them.
                if let state = record.state ?? seed(record, id, store) {
                    try store.setState(state, in: scope, items: [], likeness: record.likeness, edits: record.edits)
                    record.edits = []
                }
                record.state = try refold(id, in: store)
            }
            guard let state = record.state else { continue }
            let likeness = state.likeness(by: rules)
            let canBeSealed = rules.guards(of: state.type).contains { if case .sealed = $0 { true } else { false } }
            if canBeSealed, !record.edits.isEmpty {
                // What stands past a seal is told from all edits, these too.
                try store.setState(state, in: scope, items: [], likeness: likeness, edits: record.edits)
                record.edits = []
            }
            try store.setState(
                state, in: scope, items: try queuedItems(of: state, in: store), likeness: likeness, edits: record.edits)
            for group in [record.likeness, likeness] { if let group { groups[group, default: 0] += 1 } }
            for other in try judged(by: state, in: store) { groups[other, default: 0] += 1 }
        }
        records = [:]
        order = []
        for group in groups.keys.sorted() { try compare(group, changed: groups[group] ?? 0, in: store) }
        if !noted.entries.isEmpty {
            let hasErased = try carryOut(noted.orders, arrived: noted.entries, in: store)
            noted = ([], [])
            if hasErased { try write(to: store) }
        }
    }

    // MARK: Looking alike

    /// What the records are like that a verdict is about.
    private func judged(by state: RecordState, in store: any StoreReader) throws -> [Likeness] {
        guard let pair = Verdict.pair(of: state, by: rules) else { return [] }
        return try [pair.first, pair.second].compactMap { try store.state(of: $0, in: scope)?.likeness(by: rules) }
    }

    /// Asks about those records of one likeness that nobody has said anything about.
    private func compare(_ likeness: Likeness, changed: Int, in store: any StoreWriter) throws {
        // Whoever was among the first before is looked at too.
        let ids = try store.records(like: likeness, in: scope, limit: LookingAlike.mostCompared + changed)
        let pairs = try LookingAlike.pairs(of: Array(ids.prefix(LookingAlike.mostCompared))) { a, b in
            Verdict(of: try store.state(of: .sameAs(a, b, in: scope), in: scope), by: rules)
        }
        for id in ids {
            let before = try store.items(of: id, in: scope)
            let others = before.filter { $0.item.kind != .looksAlike }
            let wanted = pairs.filter { $0.record == id }.map(ReviewItem.init)
            guard wanted != before.filter({ $0.item.kind == .looksAlike }).map(\.item),
                let state = try store.state(of: id, in: scope)
            else { continue }
            let items = try wanted.map { try queued($0, of: state, in: store) }
            try store.setState(state, in: scope, items: others + items, likeness: likeness, edits: [])
        }
    }

    /// A state to hang a new record's edits on until all of them are folded.
    private func seed(_ record: Record, _ id: RecordID, _ store: any StoreWriter) -> RecordState? {
        for edit in record.edits {
            guard let entry = try? store.entries(in: scope, from: edit.entry, limit: 1).first,
                let placed = try? entry.placedEdits(branches, author: nil).first(where: { $0.edit.record == id })
            else { continue }
            return RecordState.fold([placed])
        }
        return nil
    }

    func refold(_ id: RecordID, in store: any StoreReader) throws -> RecordState? {
        let edits = try store.history(of: id, in: scope).flatMap { entry in
            try entry.placedEdits(branches, author: authors.author(of: entry.journal, in: scope, store))
                .filter { $0.edit.record == id }
        }
        return RecordState.fold(edits)
    }

    /// What of a record waits for a person or tells them something, but for what it looks like.
    func queuedItems(of state: RecordState, in reader: any StoreReader) throws -> [QueuedItem] {
        let past = try pastSeal(of: state, in: reader).map { [$0] } ?? []
        return try (state.reviewItems(by: rules) + past + state.notices(by: rules)).map { try queued($0, of: state, in: reader) }
    }

    /// What was done to a sealed record that nobody who sealed it had seen.
    func pastSeal(of state: RecordState, in reader: any StoreReader) throws -> ReviewItem? {
        try state.pastSeal(by: rules) { seal in
            try reader.entry(seal.dot, in: scope)?.placedEdits(branches, author: nil).first { $0.edit.record == state.record }?.edit
                .context
        } drops: {
            try reader.history(of: state.record, in: scope).flatMap { entry in
                try entry.placedEdits(branches, author: nil).filter { $0.edit.record == state.record }.compactMap {
                    RecordState.Drop($0.edit, by: $0.dot)
                }
            }
        }
    }

    private func queued(_ item: ReviewItem, of state: RecordState, in reader: any StoreReader) throws -> QueuedItem {
        var people = Set(state.disputed(item, by: rules).flatMap(\.writers))
        people.formUnion(state.proposals(for: item).flatMap(\.writers))
        for dot in item.dots + item.more {
            if let author = try authors.author(of: dot.journal, in: scope, reader) { people.insert(author) }
        }
        if let other = item.other {
            // Whoever had a hand in either.
            for state in [state, try reader.state(of: other, in: scope)] {
                if let author = state?.changed?.author { people.insert(author) }
            }
        }
        return QueuedItem(
            id: item.id(in: scope), scope: scope, item: item, type: state.type, since: state.since(item, by: rules),
            isProposed: state.isProposed(item), people: people.sorted(by: String.precedes))
    }
}

extension Edit {
    /// Whether it decides something rather than writes: stores keep such edits apart, so that they are found again.
    var decides: Bool {
        type == Verdict.type
            || writes.contains { write in
                switch write.kind {
                case .settle, .approve, .undo: true
                case .delete, .restore: !context.isEmpty
                case .put, .add, .drop: false
                }
            }
    }
}

extension RecordState {
    /// What it is like; nil if it is like nothing.
    package func likeness(by rules: any MergeRules) -> Likeness? {
        guard let bytes = likenessBytes(by: rules, encoded: \.bytes) else { return nil }
        return Likeness(bytes: Hash(.likeness, bytes).bytes[..<16])
    }
}

extension RecordID {
    /// The record that verdicts on two records of a scope are written to.
    package static func sameAs(_ a: RecordID, _ b: RecordID, in scope: ScopeID) -> RecordID {
        let bytes = Hash(.sameAs, scope.bytes + min(a, b).bytes + max(a, b).bytes).bytes
        // A hash has 32 bytes, so the first 16 are always there.
        return RecordID(bytes: bytes[..<16]) ?? RecordID(high: 0, low: 0)
    }
}

/// Who wrote: the person the roster binds to the key a journal began with, whatever its entries claim.
final class Authors {
    private var known: [JournalID: String] = [:]

    func author(of journal: JournalID, in scope: ScopeID, _ reader: any StoreReader) throws -> String? {
        if let person = known[journal] { return person }
        guard let key = try reader.journal(journal, in: scope)?.tip.key else { return nil }
        let person = try reader.roster()?.roster.device(key)?.person
        known[journal] = person
        return person
    }
}

extension ReviewItem {
    package func id(in scope: ScopeID) -> ItemID {
        let bytes = Hash(.reviewItem, identityBytes(in: scope)).bytes
        // A hash has 32 bytes, so the first 16 are always there.
        return ItemID(bytes: bytes[..<16]) ?? ItemID(high: 0, low: 0)
    }
}

extension RecordState {
    package var digest: Hash { Hash(.recordState, canonicalBytes) }
}
