// What really happened, as an onlooker notes it: who wrote what, and what they had before their eyes. It knows no version vectors, contexts or
// positions, only which entries were in the author's store; the checkers compare with it what the fold makes of the same entries.

import Causality
import Journals
import Records

/// A write by what it means: entries are named by their hashes, which no fork changes.
struct TrueWrite {
    struct Place: Hashable {
        var entry: Hash
        var ordinal: UInt32 = 0
    }
    var kind: Write.Kind
    var field: FieldKey
    var names: [Place]
    var value: Content?
    /// Of an add: which of the edit's adds to the field it is.
    var ordinal: UInt32
}

struct TrueEdit {
    var record: RecordID
    var writes: [TrueWrite]
    /// Every entry that counted in its author's store when it was written.
    var seen: Set<Hash>

    var deletes: Bool { writes.contains { $0.kind == .delete } }
    var restores: Bool { writes.contains { $0.kind == .restore } }
}

/// An entry that was honestly written.
struct TrueEntry {
    var scope: ScopeID
    var replica: ReplicaID
    var position: Position
    var author: Int
    var edits: [TrueEdit]
    /// Whether it was written anew out of a damaged store, so that what its author had seen nobody can tell exactly.
    var isWrittenAnew = false
}

/// What a record is by the truth of some entries.
struct TrueState {
    var candidates: [FieldKey: Set<Hash>] = [:]
    var elements: [FieldKey: Set<TrueWrite.Place>] = [:]
    var standingDeletes: Set<Hash> = []
    /// Edits that a standing delete had not seen, nor they it.
    var apart: Set<Hash> = []

    /// The plainest reading of what a record is: every pair of edits is looked at.
    init(_ edits: [(entry: Hash, edit: TrueEdit)]) {
        func named(_ kinds: Set<Write.Kind>, _ counts: (Hash, TrueWrite) -> Bool = { _, _ in true }) -> Set<Named> {
            var found: Set<Named> = []
            for (entry, edit) in edits {
                for write in edit.writes where kinds.contains(write.kind) && counts(entry, write) {
                    for name in write.names where edit.seen.contains(name.entry) {
                        found.insert(Named(field: write.field, place: name))
                    }
                }
            }
            return found
        }
        let undone = named([.undo])
        let isInForce = { (entry: Hash, write: TrueWrite) in
            write.kind == .put || !undone.contains(Named(field: write.field, place: .init(entry: entry)))
        }
        let replaced = named([.put, .settle], isInForce)
        let dropped = named([.drop])
        for (entry, edit) in edits {
            for write in edit.writes {
                let place = TrueWrite.Place(entry: entry, ordinal: write.ordinal)
                switch write.kind {
                case .put, .settle:
                    if isInForce(entry, write), !replaced.contains(Named(field: write.field, place: .init(entry: entry))) {
                        candidates[write.field, default: []].insert(entry)
                    }
                case .add:
                    if !dropped.contains(Named(field: write.field, place: place)) {
                        elements[write.field, default: []].insert(place)
                    }
                default: break
                }
            }
        }
        // Deletes and restores that nobody took back.
        let deciding = edits.filter {
            ($0.edit.deletes || $0.edit.restores) && !undone.contains(Named(field: "", place: .init(entry: $0.entry)))
        }
        for (entry, edit) in deciding where edit.deletes {
            if !deciding.contains(where: { $0.entry != entry && $0.edit.seen.contains(entry) }) { standingDeletes.insert(entry) }
        }
        for (entry, edit) in edits where edit.writes.contains(where: { $0.kind != .delete }) {
            let isApart = edits.contains { other in
                standingDeletes.contains(other.entry) && other.entry != entry && !edit.seen.contains(other.entry)
                    && !other.edit.seen.contains(entry)
            }
            if isApart { apart.insert(entry) }
        }
    }

    private struct Named: Hashable {
        var field: FieldKey
        var place: TrueWrite.Place
    }
}
