// What the centre has confirmed: signed receipts, kept so that nobody has to take anybody's word; and a new replica id for a store
// that was restored or copied.

public import Causality
package import Journals
public import Records
package import Wire

/// How much of a scope's own work the centre has confirmed.
public struct Confirmation: Hashable, Sendable {
    /// The scope.
    public var scope: ScopeID
    /// Own entries that no receipt covers.
    public var unconfirmed: Int
    /// When the last receipt was signed, by the service's clock; nil: never.
    public var time: Timestamp?
}

/// A journal of this device's own work: how far the centre confirmed it, and where it ends.
package struct OwnJournal: Hashable, Sendable {
    package var id: JournalID
    package var confirmed: Position
    package var end: Position

    package func count(beyond position: Position) -> Int { Int(clamping: max(end, position).rawValue - position.rawValue) }
}

extension StoreReader {
    /// Up to where who stated a head holds what stands here: a head of another branch, by its hash, says nothing.
    package func position(provenBy head: Head, in scope: ScopeID) throws -> Position {
        try entry(Dot(head.journal, head.position), in: scope)?.hash == head.hash ? head.position : .none
    }
}

extension Replica {
    package func keep(_ receipt: Receipt) throws {
        let unverified = receipt.unverified
        var out = ByteWriter()
        out.blob32(unverified.statement)
        out.blob32(unverified.signature)
        let bytes = out.bytes
        try store.writing { writer in
            try writer.setSetting(SettingKey.receipt(receipt.scope), bytes)
            // The receipt names only journals that were sent; where it is for just what is held here, all of that is at the centre.
            let knowledge = try writer.knowledge(of: receipt.scope)
            if knowledge.digest(of: receipt.scope) == receipt.digest {
                try writer.setSetting(SettingKey.centre(receipt.scope), knowledge.stored)
            }
        }
    }

    /// Notes that the centre has said it holds a scope just as it is here; nothing if it is another by now.
    package func noteCentre(holds scope: ScopeID, as digest: Hash) throws {
        let stored: [UInt8]? = try store.reading { reader in
            let knowledge = try reader.knowledge(of: scope)
            guard knowledge.digest(of: scope) == digest, try reader.setting(SettingKey.centre(scope)) != knowledge.stored else {
                return nil
            }
            return knowledge.stored
        }
        if let stored { try store.writing { try $0.setSetting(SettingKey.centre(scope), stored) } }
    }

    /// What the centre is known to hold of a scope, by receipts it signed and by what it said was the same.
    package func centreKnowledge(of scope: ScopeID) throws -> Knowledge {
        try store.reading { try centreKnowledge(of: scope, in: $0) }
    }

    func centreKnowledge(of scope: ScopeID, in reader: any StoreReader) throws -> Knowledge {
        let whole = try reader.setting(SettingKey.centre(scope)).map { try Knowledge(stored: $0) } ?? Knowledge()
        return whole.joined(with: Knowledge(try receipt(of: scope, in: reader)?.heads ?? []))
    }

    /// The last receipt of a scope; nil if there is none, or none that this roster's service signed.
    package func receipt(of scope: ScopeID) throws -> Receipt? {
        try store.reading { try receipt(of: scope, in: $0) }
    }

    private func receipt(of scope: ScopeID, in reader: any StoreReader) throws -> Receipt? {
        guard let bytes = try reader.setting(SettingKey.receipt(scope)), let roster = try reader.roster() else { return nil }
        var stored = ByteReader(bytes)
        let unverified = UnverifiedReceipt(statement: try stored.blob32(), signature: try stored.blob32())
        return try? Receipt(checking: unverified, service: roster.roster.service)
    }

    /// What of this device's own work is only here.
    public func confirmations() throws -> [Confirmation] {
        try store.reading { reader in
            try reader.scopes().map { scope in
                let unconfirmed = try ownJournals(in: scope, reader).reduce(0) { $0 + $1.count(beyond: $1.confirmed) }
                return Confirmation(scope: scope, unconfirmed: unconfirmed, time: try receipt(of: scope, in: reader)?.time)
            }
        }
    }

    /// The records that this device's unconfirmed work is about, the newest work first, each once.
    public func unconfirmedRecords(limit: Int) throws -> [(scope: ScopeID, record: RecordID)] {
        try unconfirmedRecords(limit: limit, beyond: [:])
    }

    /// The same, without what lies within these positions.
    package func unconfirmedRecords(
        limit: Int, beyond known: [ScopeID: [JournalID: Position]]
    ) throws -> [(scope: ScopeID, record: RecordID)] {
        try store.reading { reader in
            var found: [(time: Timestamp, arrival: Arrival, scope: ScopeID, record: RecordID)] = []
            for scope in try reader.scopes() {
                let branches = try reader.branchMap(in: scope)
                for journal in try ownJournals(in: scope, reader) {
                    // The newest entries are enough: each is about one record at least, but for births.
                    let newest = journal.end.rawValue > 256 ? Position(rawValue: journal.end.rawValue - 256) : Position.none
                    let from = max(known[scope]?[journal.id] ?? .none, journal.confirmed, newest).next
                    for entry in try reader.entries(of: journal.id, in: scope, from: from, limit: 257) {
                        for placed in try entry.placedEdits(branches, author: nil) {
                            found.append((entry.entry.time, entry.arrival, scope, placed.edit.record))
                        }
                    }
                }
            }
            var seen: Set<RecordID> = []
            return found.sorted { ($0.time, $0.arrival) > ($1.time, $1.arrival) }.filter { seen.insert($0.record).inserted }
                .prefix(limit).map { ($0.scope, $0.record) }
        }
    }

    /// This device's journals of a scope.
    package func ownJournals(in scope: ScopeID, _ reader: any StoreReader) throws -> [OwnJournal] {
        let receipt = try receipt(of: scope, in: reader)
        let replicas = try reader.ownReplicas()
        let roster = try reader.roster()?.roster
        let person = roster?.device(key)?.person
        let own = try reader.journals(in: scope).filter { journal in
            // With a key that was lost since, too, but not what another person wrote under the same replica id.
            journal.tip.key == key
                || replicas.contains(journal.tip.replica) && journal.tip.key.flatMap { roster?.device($0)?.person } == person
        }
        let branches = try reader.branchMap(in: scope)
        return try own.map { journal in
            let tip = journal.tip
            var own = OwnJournal(id: tip.journal, confirmed: (branches[tip.journal]?.start ?? 1).previous, end: tip.position)
            if let head = receipt?.heads.first(where: { $0.journal == tip.journal }), head.position <= tip.position {
                own.confirmed = max(own.confirmed, try reader.position(provenBy: head, in: scope))
            }
            return own
        }
    }

    /// Goes on under a new replica id and returns it. Entries of the old one stay what they are.
    package func renewReplica() throws -> ReplicaID {
        try transacting { try renew($0.replica().id, in: $0) }
        becameDurable()
        return try replicaID()
    }
}
