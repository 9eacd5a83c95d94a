// How far each journal of a scope is held, with head hashes (protocol/4-exchange.md).

package import Causality

package struct Head: Hashable, Sendable {
    package var journal: JournalID
    package var position: Position
    package var hash: Hash

    package init(journal: JournalID, position: Position, hash: Hash) {
        (self.journal, self.position, self.hash) = (journal, position, hash)
    }
}

package struct Knowledge: Hashable, Sendable {
    /// Ascending by journal.
    package private(set) var heads: [Head]

    package init(_ heads: [Head] = []) { self.heads = heads.sorted { $0.journal < $1.journal } }

    package subscript(journal: JournalID) -> Head? {
        var low = 0
        var high = heads.count
        while low < high {
            let middle = (low + high) / 2
            if heads[middle].journal < journal { low = middle + 1 } else { high = middle }
        }
        return low < heads.count && heads[low].journal == journal ? heads[low] : nil
    }

    package func digest(of scope: ScopeID) -> Hash {
        var out = ByteWriter(reserving: 20 + 48 * heads.count)
        out.raw(scope.bytes)
        out.u32(UInt32(heads.count))
        for head in heads {
            out.dot(Dot(head.journal, head.position))
            out.hash(head.hash)
        }
        return Hash(.knowledge, out.bytes)
    }
}
