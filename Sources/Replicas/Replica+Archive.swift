// The end of a scope on a laptop: archived by the roster, let go once the centre has signed for all that was written here
// (protocol/14-archive.md).

public import Causality
public import Journals
import Records

extension StoreReader {
    /// Where the journals of this device ended when a scope was let go; empty if it never was.
    func leftEnds(in scope: ScopeID) throws -> [JournalID: Position] {
        guard let bytes = try setting(SettingKey.left(scope)) else { return [:] }
        var left = ByteReader(bytes)
        var ends: [JournalID: Position] = [:]
        while !left.isAtEnd { ends[JournalID(rawValue: try left.u64())] = Position(rawValue: try left.u64()) }
        return ends
    }

    /// Where a journal of this device ended when its scope was let go; none: it never was.
    package func leftEnd(of journal: JournalID, in scope: ScopeID) throws -> Position {
        try leftEnds(in: scope)[journal] ?? .none
    }
}

/// An archived scope that is still here.
public struct DepartingScope: Hashable, Sendable {
    /// The scope, as the roster has it.
    public var scope: Roster.Scope
    /// Entries here, one's own and others', that the centre is not known to hold: until they have arrived nothing goes.
    public var unconfirmed: Int
}

extension Replica {
    /// The archived scopes that are still here, in the roster's order.
    public func departingScopes() throws -> [DepartingScope] {
        guard let roster = try roster()?.roster, roster.numbering != key else { return [] }
        let here = Set(try store.reading { try $0.scopes() })
        return try roster.scopes.filter { $0.archive != nil && here.contains($0.id) }.map { scope in
            DepartingScope(scope: scope, unconfirmed: try entriesNotAtCentre(of: scope.id))
        }
    }

    /// How many entries of a scope are here that the centre is not known to hold, whoever wrote them.
    package func entriesNotAtCentre(of scope: ScopeID) throws -> Int {
        try store.reading { try entriesNotAtCentre(of: scope, $0) }
    }

    /// Of a scope that is leaving, the centre says what it holds now: if that is less than was known of it, as after it was restored from a backup,
    /// what was known is forgotten, and nothing leaves before it has arrived again.
    package func noteCentre(lacking scope: ScopeID, beyond held: Knowledge) throws {
        guard try roster()?.roster.scope(scope)?.archive != nil, try departingScopes().contains(where: { $0.scope.id == scope })
        else { return }
        let lacks = try store.reading { try entriesNotAtCentre(of: scope, knowing: held, $0) > 0 }
        guard lacks else { return }
        try store.writing { writer in
            try writer.setSetting(SettingKey.receipt(scope), nil)
            try writer.setSetting(SettingKey.centre(scope), nil)
        }
    }

    private func entriesNotAtCentre(of scope: ScopeID, _ reader: any StoreReader) throws -> Int {
        try entriesNotAtCentre(of: scope, knowing: centreKnowledge(of: scope, in: reader), reader)
    }

    private func entriesNotAtCentre(of scope: ScopeID, knowing held: Knowledge, _ reader: any StoreReader) throws -> Int {
        let known = Dictionary(held.heads.map { ($0.journal, $0) }) { first, _ in first }
        let branches = try reader.branchMap(in: scope)
        return try reader.journals(in: scope).reduce(0) { count, journal in
            let start = (branches[journal.tip.journal]?.start ?? 1).previous
            let proven = try known[journal.tip.journal].map { try reader.position(provenBy: $0, in: scope) } ?? start
            return count + Int(clamping: journal.tip.position.rawValue - min(journal.tip.position, max(proven, start)).rawValue)
        }
    }

    /// Lets go of an archived scope: everything of it leaves this store but the heads of one's own journals, which say where to go on should it be
    /// brought back.
    ///
    /// - Throws: ``ReplicaError`` with `scopeUnknown` if the roster does not archive it, `scopeUnsent` if the centre has not signed for everything.
    public func letGo(of scope: ScopeID) throws {
        try store.writing { writer in
            guard let roster = try writer.roster()?.roster, roster.scope(scope)?.archive != nil else {
                throw ReplicaError(
                    .scopeUnknown, "\(scope)", message: "Scope \(scope) is not archived.", next: "Nothing was removed.")
            }
            let own = try ownJournals(in: scope, writer)
            // Counted where it is removed: what another program has just taken in stays. One's own work goes only by what the centre has signed.
            guard try entriesNotAtCentre(of: scope, writer) == 0, own.allSatisfy({ $0.count(beyond: $0.confirmed) == 0 }) else {
                let name = roster.scope(scope)?.name ?? "\(scope)"
                throw ReplicaError(
                    .scopeUnsent, name, message: "The centre has not signed for all that is here of scope \(name).",
                    next: "Nothing was removed. Sync again.")
            }
            try remove(scope, from: writer)
        }
        observers.notify()
    }

    /// Removes a scope whose retention period is over from the centre's own store.
    package func purgeExpired(_ scope: ScopeID, roster: Roster) throws {
        guard let archive = roster.scope(scope)?.archive, archive.keptUntil <= clock.now() else {
            throw ReplicaError(
                .scopeUnknown, "\(scope)", message: "The retention period of scope \(scope) is not over.",
                next: "Nothing was removed.")
        }
        try purge(scope)
    }

    /// Removes a scope from this store for good.
    package func purge(_ scope: ScopeID) throws {
        try store.writing { try remove(scope, from: $0) }
        observers.notify()
    }

    /// Removes all there is of a scope but where one's own journals ended: they must not begin anew, and a store that knows of less than its witness
    /// would be taken for one that was put back.
    private func remove(_ scope: ScopeID, from writer: any StoreWriter) throws {
        // It may have been let go before, and not have come back as far: the entries after that are still there.
        var ends = try writer.leftEnds(in: scope)
        for journal in try ownJournals(in: scope, writer) { ends[journal.id] = max(ends[journal.id] ?? .none, journal.end) }
        var out = ByteWriter()
        for (journal, end) in ends.sorted(by: { $0.key < $1.key }) {
            out.u64(journal.rawValue)
            out.u64(end.rawValue)
        }
        try writer.purge(scope)
        try writer.setSetting(SettingKey.left(scope), ends.isEmpty ? nil : out.bytes)
        for key in [
            SettingKey.receipt(scope), SettingKey.centre(scope), SettingKey.erasures(scope), SettingKey.lacking(scope),
            Self.looked(scope),
        ] {
            try writer.setSetting(key, nil)
        }
    }

    /// Nobody writes where it is archived, nor before a scope that was brought back is all here again: a journal must not begin anew.
    func refuseArchived(_ scope: ScopeID, _ roster: Roster, _ reader: any StoreReader) throws {
        guard roster.scope(scope)?.archive == nil || roster.numbering == key else {
            throw ReplicaError(
                .scopeArchived, roster.scope(scope)?.name ?? "\(scope)",
                message: "Scope \(roster.scope(scope)?.name ?? "\(scope)") is archived: nothing is written there any more.",
                next: "Nothing was saved. If it is needed again, ask the administrator to bring it back, and sync.")
        }
        for (journal, end) in try reader.leftEnds(in: scope) {
            guard try reader.journal(journal, in: scope).map({ $0.tip.position >= end }) ?? false else {
                throw ReplicaError(
                    .scopeArchived, roster.scope(scope)?.name ?? "\(scope)",
                    message: "Scope \(roster.scope(scope)?.name ?? "\(scope)") was brought back, and not all of it is here again.",
                    next: "Nothing was saved. Sync first.")
            }
        }
    }
}
