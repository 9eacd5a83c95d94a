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
        var edits: [Arrival] = []
        var isStale = false
    }
    private let authors = Authors()
    private var records: [RecordID: Record] = [:]
    private var order: [RecordID] = []

    init(scope: ScopeID, rules: any MergeRules, branches: Branches) {
        (self.scope, self.rules, self.branches) = (scope, rules, branches)
    }

    /// Folds the edits of a counting entry. `inOrder` is false for entries that others, already folded, may have seen: their
    /// records are folded from all edits when the batch is written.
    mutating func fold(
        _ decoded: DecodedEntry, at dot: Dot, time: Timestamp, arrival: Arrival, inOrder: Bool, in store: any StoreWriter
    ) throws {
        let author = try authors.author(of: dot.journal, in: scope, store)
        for placed in decoded.placedEdits(at: dot, time: time, branches, author: author) {
            let id = placed.edit.record
            var record: Record
            if let known = records[id] {
                record = known
            } else {
                record = Record(state: try store.state(of: id, in: scope))
                order.append(id)
            }
            record.edits.append(arrival)
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

    /// Writes every touched record.
    mutating func write(to store: any StoreWriter) throws {
        for id in order {
            guard var record = records[id] else { continue }
            if record.isStale {
                // The store must know of the new edits before it can be asked for all of them.
                if let state = record.state ?? seed(record, id, store) {
                    try store.setState(state, in: scope, items: [], edits: record.edits)
                    record.edits = []
                }
                record.state = try refold(id, in: store)
            }
            guard let state = record.state else { continue }
            try store.setState(state, in: scope, items: queuedItems(of: state), edits: record.edits)
        }
        records = [:]
        order = []
    }

    /// A state to hang a new record's edits on until all of them are folded.
    private func seed(_ record: Record, _ id: RecordID, _ store: any StoreWriter) -> RecordState? {
        for arrival in record.edits {
            guard let entry = try? store.entries(in: scope, from: arrival, limit: 1).first,
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

    func queuedItems(of state: RecordState) -> [QueuedItem] {
        state.reviewItems(by: rules).map { item in
            QueuedItem(
                id: item.id(in: scope), scope: scope, item: item, type: state.type,
                since: state.changed?.time ?? Timestamp(milliseconds: 0))
        }
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
