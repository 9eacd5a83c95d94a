// What the centre has confirmed: signed receipts, kept so that nobody has to take anybody's word; and a new replica id for a store
// that was restored or copied.

public import Causality
import Journals
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

extension Replica {
    package func keep(_ receipt: Receipt) throws {
        let unverified = receipt.unverified
        var out = ByteWriter()
        out.blob32(unverified.statement)
        out.blob32(unverified.signature)
        let bytes = out.bytes
        try store.writing { try $0.setSetting(SettingKey.receipt(receipt.scope), bytes) }
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
                let receipt = try receipt(of: scope, in: reader)
                let unconfirmed = try unconfirmed(in: scope, receipt, reader).reduce(0) { count, journal in
                    count + Int(clamping: journal.end.rawValue - journal.confirmed.rawValue)
                }
                return Confirmation(scope: scope, unconfirmed: unconfirmed, time: receipt?.time)
            }
        }
    }

    /// The records that this device's unconfirmed work is about, the newest work first, each once.
    public func unconfirmedRecords(limit: Int) throws -> [(scope: ScopeID, record: RecordID)] {
        try store.reading { reader in
            var found: [(time: Timestamp, arrival: Arrival, scope: ScopeID, record: RecordID)] = []
            for scope in try reader.scopes() {
                let branches = try reader.branchMap(in: scope)
                for journal in try unconfirmed(in: scope, receipt(of: scope, in: reader), reader) {
                    // The newest entries are enough: each is about one record at least, but for births.
                    let newest = journal.end.rawValue > 256 ? Position(rawValue: journal.end.rawValue - 256) : Position.none
                    let from = max(journal.confirmed, newest).next
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

    /// This device's journals of a scope: how far the centre confirmed each, and where it ends.
    private func unconfirmed(
        in scope: ScopeID, _ receipt: Receipt?, _ reader: any StoreReader
    ) throws -> [(id: JournalID, confirmed: Position, end: Position)] {
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
            var confirmed = (branches[tip.journal]?.start ?? 1).previous
            // A receipt is for what it names by its hash: of another branch it says nothing.
            if let head = receipt?.heads.first(where: { $0.journal == tip.journal }), head.position <= tip.position,
                try reader.entry(Dot(head.journal, head.position), in: scope)?.hash == head.hash
            {
                confirmed = max(confirmed, head.position)
            }
            return (tip.journal, confirmed, tip.position)
        }
    }

    /// Goes on under a new replica id and returns it. Entries of the old one stay what they are.
    package func renewReplica() throws -> ReplicaID {
        let fresh = Self.freshID(entropy)
        try store.writing { try $0.setReplica(fresh, earlier: $0.replica().id) }
        return fresh
    }
}
