// The side that is asked: says what it holds, takes pieces, gives pieces. Who may ask about which scope is settled before it is called.

import Causality
import Journals
package import Replicas
import Synchronization
package import Wire

/// Answers the requests of the attachments' lane out of a vault.
package final class AttachmentHost: Sendable {
    private let replica: Replica
    package let vault: any AttachmentVault
    private let known = Mutex(Known())

    /// What records told of when they were last looked through, with the sizes they gave.
    private struct Known {
        var sizes: [AttachmentKey: Set<UInt64>] = [:]
        var time: Timestamp?
    }
    /// How long what records told of is believed: what was erased meanwhile is given out no longer than this.
    private static let memoryMilliseconds: Int64 = 60_000

    package init(replica: Replica, vault: any AttachmentVault) { (self.replica, self.vault) = (replica, vault) }

    package func answer(_ query: AttachmentQuery) throws -> AttachmentAnswer {
        let keys = query.hashes.map { AttachmentKey(scope: query.scope, hash: $0) }
        let sizes = try sizes(of: keys)
        return AttachmentAnswer(
            holdings: try keys.map { key in
                var holding = try vault.holding(of: key)
                holding.isWanted = sizes[key] != nil
                return holding
            })
    }

    /// Takes a piece in.
    /// - Throws: ``AttachmentFault`` with `unwanted` if no record here tells of a content of that size, or `damaged`.
    package func take(_ piece: AttachmentPiece) throws -> AttachmentAnswer {
        let key = AttachmentKey(scope: piece.scope, hash: piece.hash)
        guard try sizes(of: [key])[key]?.contains(piece.size) ?? false else { throw AttachmentFault(.unwanted, piece.hash) }
        var holding = try vault.append(piece.data, at: piece.offset, of: key, size: piece.size)
        holding.isWanted = true
        return AttachmentAnswer(holdings: [holding])
    }

    /// A piece of what is whole here. The first piece is given only after all of it was checked.
    /// - Throws: ``AttachmentFault`` with `missing` or `damaged`.
    package func give(_ read: AttachmentRead) throws -> AttachmentPiece {
        let key = AttachmentKey(scope: read.scope, hash: read.hash)
        let holding = try vault.holding(of: key)
        guard holding.isWhole, try sizes(of: [key])[key] != nil else { throw AttachmentFault(.missing, read.hash) }
        if read.offset == 0 { try vault.verify(key) }
        guard read.offset <= holding.bytes else { throw AttachmentFault(.missing, read.hash) }
        let data = try vault.read(key, at: read.offset, limit: read.limit)
        return AttachmentPiece(scope: read.scope, hash: read.hash, size: holding.bytes, offset: read.offset, data: data)
    }

    /// Removes what no record has told of for so long.
    package func tidy(grace milliseconds: Int64) throws -> [AttachmentKey] {
        try look()
        let wanted = Set(known.withLock { Array($0.sizes.keys) })
        return try vault.tidy(
            keeping: wanted, now: replica.clock.now(), grace: milliseconds, soonIn: try replica.scopesWithErasures())
    }

    /// The sizes that records give to these contents. Looked through anew after a while, and where one is not known: records come before contents.
    private func sizes(of keys: [AttachmentKey]) throws -> [AttachmentKey: Set<UInt64>] {
        let now = replica.clock.now()
        let isStale = known.withLock { known in
            guard let time = known.time, abs(now.rawValue - time.rawValue) < Self.memoryMilliseconds else { return true }
            return keys.contains { known.sizes[$0] == nil }
        }
        if isStale { try look() }
        return known.withLock { known in
            Dictionary(keys.compactMap { key in known.sizes[key].map { (key, $0) } }) { first, _ in first }
        }
    }

    private func look() throws {
        var found: [AttachmentKey: Set<UInt64>] = [:]
        for attachment in try replica.attachments() { found[attachment.key, default: []].insert(attachment.size) }
        let now = replica.clock.now()
        known.withLock { $0 = Known(sizes: found, time: now) }
    }
}
