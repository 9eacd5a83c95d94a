// The first exchange of words: what differs, and what time it is (protocol/4-exchange.md, "Hello").

package import Causality
package import Journals
package import Replicas
package import Wire

extension Replica {
    /// The scopes this device follows: those the newest roster grants it, of archived ones only those whose work here has not all arrived.
    package func followedScopes() throws -> [ScopeID] {
        guard let scopes = try roster()?.roster.scopes(of: key) else { return [] }
        guard scopes.contains(where: { $0.archive != nil }) else { return scopes.map(\.id) }
        return try scopes.filter { try $0.archive == nil || entriesNotAtCentre(of: $0.id) > 0 }.map(\.id)
    }

    /// This replica's own clock, made monotone: never behind what its journals say.
    package func monotoneNow() throws -> Timestamp {
        try store.reading { reader in
            let own = JournalID(try reader.replica().id)
            return try reader.scopes().reduce(clock.now()) { now, scope in
                max(now, try reader.journal(own, in: scope)?.tip.time ?? now)
            }
        }
    }

    /// What the client says first.
    package func hello(software: String) throws -> HelloMessage {
        // Of what is archived and still here the centre is asked each time, or an old word of it would be taken for the present one.
        let scopes = try followedScopes()
        let leaving = try departingScopes().map(\.scope.id).filter { !scopes.contains($0) }
        return try store.reading { reader in
            HelloMessage(
                software: software, roster: try reader.roster()?.roster.version ?? 0,
                scopes: try (scopes + leaving).map { ($0, try reader.knowledge(of: $0).digest(of: $0)) })
        }
    }

    /// What the service answers to a device that is granted these scopes.
    ///
    /// - Parameters:
    ///   - device: whose unfinished message of last time is to be mentioned.
    ///   - tellsLacking: whether a scope of which nothing but values is lacking is told; to one that waits for news it is none.
    package func answer(
        _ hello: HelloMessage, granted: [ScopeID], device: PublicKey? = nil, tellsLacking: Bool = true
    ) throws -> HelloAnswer {
        let partial = try device.flatMap { try unfinishedMessage(from: $0)?.partial }
        return try store.reading { reader in
            let roster = try reader.roster()
            var named: [ScopeID: Hash] = [:]
            for (scope, digest) in hello.scopes { named[scope] = digest }
            return HelloAnswer(
                time: clock.now(), roster: roster.flatMap { $0.roster.version > hello.roster ? $0.unverified : nil },
                differing: try granted.compactMap { scope in
                    // What is archived goes to nobody who does not ask for it.
                    if named[scope] == nil, roster?.roster.scope(scope)?.archive != nil { return nil }
                    let knowledge = try reader.knowledge(of: scope)
                    let lacking = tellsLacking ? try reader.lackingToSay(in: scope) : []
                    guard named[scope] != knowledge.digest(of: scope) || !lacking.isEmpty else { return nil }
                    return knowledge.page(of: scope, after: nil, lacking: lacking)
                }, refused: hello.scopes.map(\.scope).filter { !granted.contains($0) }, partial: partial,
                wantsRoster: hello.newer == nil && (roster?.roster.version ?? .max) < hello.roster)
        }
    }

    /// Takes in the roster that a client brought, as after this service was put back to an older state: the same root's, continuing the one here. What
    /// is not is passed over.
    ///
    /// - Parameter admits: what else there is to say against it, by the one here and the one brought.
    /// - Returns: whether it was taken in.
    @discardableResult
    package func takeRoster(
        from hello: HelloMessage, if admits: (_ current: Roster, _ next: Roster) -> Bool = { _, _ in true }
    ) throws -> Bool {
        guard let newer = hello.newer, let current = try roster(), hello.roster > current.roster.version,
            let verified = try? newer.verified(by: current.roster.root), verified.roster.continues(current.roster),
            admits(current.roster, verified.roster)
        else { return false }
        try accept(verified)
        return true
    }

    /// A further page of what the service holds.
    package func answer(_ request: KnowledgeRequest) throws -> ScopeKnowledge {
        try store.reading { try $0.knowledge(of: request.scope).page(of: request.scope, after: request.after) }
    }

    package func answer(_ probe: Probe) throws -> ProbeAnswer {
        try store.reading { reader in
            ProbeAnswer(hashes: try probe.positions.map { try reader.entry(Dot(probe.journal, $0), in: probe.scope)?.hash })
        }
    }
}

extension Knowledge {
    fileprivate func page(of scope: ScopeID, after: JournalID?, lacking: [Dot] = []) -> ScopeKnowledge {
        let rest = heads.drop { head in after.map { head.journal <= $0 } ?? false }
        return ScopeKnowledge(
            scope: scope, heads: Array(rest.prefix(Limits.headsPerMessage)), more: rest.count > Limits.headsPerMessage,
            lacking: lacking)
    }
}

extension StoreReader {
    /// What is lacking of a scope, as much of it as fits into a message: the journals take turns, so that none keeps the others from being asked for.
    func lackingToSay(in scope: ScopeID) throws -> [Dot] {
        let all = try lacking(in: scope)
        guard all.count > Limits.lackingPerMessage else { return all.sorted() }
        var turn: [JournalID: Int] = [:]
        let turns = all.sorted().map { dot in
            turn[dot.journal, default: 0] += 1
            return (turn: turn[dot.journal] ?? 0, dot: dot)
        }
        return turns.sorted { ($0.turn, $0.dot) < ($1.turn, $1.dot) }.prefix(Limits.lackingPerMessage).map(\.dot).sorted()
    }

    /// Of these entries, those of which there is any value here.
    func withValues(_ dots: [Dot], in scope: ScopeID) throws -> Set<Dot> {
        Set(
            try dots.filter { dot in
                guard let values = try entry(dot, in: scope)?.entry.values else { return false }
                return values.lackingPlaces.count < values.count
            })
    }
}
