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

extension Knowledge {
    /// Of each journal what stands before the first of these entries.
    ///
    /// - Parameter hash: of an entry that is held.
    package func before(_ dots: Set<Dot>, hash: (Dot) throws -> Hash?) rethrows -> Knowledge {
        if dots.isEmpty { return self }
        let first = Dictionary(dots.map { ($0.journal, $0.position) }) { min($0, $1) }
        return Knowledge(
            try heads.compactMap { head in
                guard let position = first[head.journal], position <= head.position else { return head }
                let last = Dot(head.journal, position.previous)
                return try hash(last).map { Head(journal: head.journal, position: last.position, hash: $0) }
            })
    }

    /// For each journal the further head of the two.
    package func joined(with other: Knowledge) -> Knowledge {
        var best: [JournalID: Head] = [:]
        for head in heads + other.heads where best[head.journal].map({ $0.position < head.position }) ?? true {
            best[head.journal] = head
        }
        return Knowledge(Array(best.values))
    }

    /// What every one of several holds: the journals that all have, each no further than the one who is least far.
    package static func common(of all: [Knowledge]) -> Knowledge {
        guard let first = all.first else { return Knowledge() }
        return Knowledge(
            first.heads.compactMap { head in
                var least = head
                for other in all.dropFirst() {
                    guard let theirs = other[head.journal] else { return nil }
                    if theirs.position < least.position { least = theirs }
                }
                return least
            })
    }

    /// As a replica keeps it among its settings.
    package var stored: [UInt8] {
        var out = ByteWriter(reserving: 4 + 48 * heads.count)
        out.u32(UInt32(heads.count))
        for head in heads {
            out.dot(Dot(head.journal, head.position))
            out.hash(head.hash)
        }
        return out.bytes
    }

    package init(stored bytes: [UInt8]) throws(BytesEnded) {
        var reader = ByteReader(bytes)
        let count = Int(try reader.u32())
        guard bytes.count == 4 + 48 * count else { throw BytesEnded() }
        var heads: [Head] = []
        for _ in 0..<count {
            let dot = try reader.dot()
            heads.append(Head(journal: dot.journal, position: dot.position, hash: try reader.hash()))
        }
        self.init(heads)
    }
}
