// A world to test in: a root, a service, people with laptops, a clock that stands still until it is set, chance that comes again.

package import Causality
package import Journals
package import Replicas
package import Records
package import Simulation
import Wire

/// Everybody's keys come from their names, everything else from one seed: the same world every time.
package final class World {
    /// 2026-05-11T00:00Z
    package static let start: Int64 = 1_778_457_600_000

    package let root: SigningKey
    package let service: SigningKey
    package let clock: ScriptedClock
    package let entropy: SeededEntropy
    /// The scope that everybody is granted.
    package let scope = ScopeID(high: 0xd0d1, low: 1)
    package private(set) var roster: SignedRoster
    private var members: [Member] = []

    private struct Member { weak var replica: Replica? }

    package init(seed: UInt64 = 1) throws {
        let (root, service) = (World.key("root"), World.key("service"))
        var roster = Roster(
            version: 1, root: root.publicKey, service: service.publicKey, issued: Timestamp(milliseconds: World.start),
            expires: Timestamp(milliseconds: World.start + 31_536_000_000), catalogue: [UInt8](repeating: 0, count: 32))
        roster.scopes = [Roster.Scope(id: scope, name: "everyone", title: "Everyone", kind: .ordinary)]
        (self.root, self.service) = (root, service)
        (clock, entropy) = (ScriptedClock(World.start), SeededEntropy(seed))
        self.roster = try SignedRoster.signing(roster, by: root)
    }

    /// The key pair that belongs to a name.
    package static func key(_ name: String) -> SigningKey {
        let seed = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }
        guard let key = SigningKey(secret: SeededEntropy(seed).bytes(32)) else { preconditionFailure("a secret has 32 bytes") }
        return key
    }

    // MARK: Rosters

    /// Signs the next roster. Nobody has it yet.
    @discardableResult
    package func publish(_ change: (inout Roster) -> Void = { _ in }) throws -> SignedRoster {
        var next = roster.roster
        next.version += 1
        change(&next)
        roster = try SignedRoster.signing(next, by: root)
        return roster
    }

    /// Lets a device write to scopes from the next roster on, unless it may already.
    package func grant(_ key: PublicKey, _ scopes: [ScopeID]) throws {
        let current = roster.roster
        let missing = scopes.filter { !current.isGranted($0, to: key, at: current.version) }
        guard !missing.isEmpty else { return }
        try publish { roster in
            let grants = missing.map { Roster.Grant(scope: $0, from: roster.version) }
            if let i = roster.devices.firstIndex(where: { $0.key == key }) {
                roster.devices[i].grants += grants
            } else {
                roster.people.append(Roster.Person(id: "\(key)", name: "\(key)"))
                roster.devices.append(Roster.Device(key: key, person: "\(key)", name: "\(key)", grants: grants))
            }
        }
        for member in members { try member.replica?.accept(roster) }
    }

    // MARK: Replicas

    /// A replica that has not joined.
    package func replica(
        _ name: String, store: any Store = MemoryStore(), clock: ScriptedClock? = nil,
        rules: any MergeRules = ReviewEverything()
    ) throws -> Replica {
        try Replica(
            store: store, signer: World.key(name), rules: rules, clock: clock ?? self.clock, entropy: entropy)
    }

    /// Grants scopes to a replica and hands it, and all who joined before, the roster.
    package func join(_ replica: Replica, _ scopes: [ScopeID]? = nil) throws {
        try grant(replica.key, scopes ?? [scope])
        try replica.accept(roster)
        members.append(Member(replica: replica))
    }

    /// Puts these devices' agreement keys on the roster, as their next sign-in would, and hands it to all who joined.
    package func agree(_ replicas: [Replica]) throws {
        try publish { roster in
            for replica in replicas {
                if let i = roster.devices.firstIndex(where: { $0.key == replica.key }) {
                    roster.devices[i].agreement = replica.agreement
                }
            }
        }
        for member in members { try member.replica?.accept(roster) }
    }

    /// A replica that has joined.
    package func laptop(
        _ name: String, store: any Store = MemoryStore(), clock: ScriptedClock? = nil, rules: any MergeRules = ReviewEverything()
    ) throws -> Replica {
        let replica = try replica(name, store: store, clock: clock, rules: rules)
        try join(replica)
        return replica
    }

    /// The central service's replica: it has the roster and writes nothing.
    package func centre(store: any Store = MemoryStore(), rules: any MergeRules = ReviewEverything()) throws -> Replica {
        let replica = try replica("service", store: store, rules: rules)
        try replica.accept(roster)
        members.append(Member(replica: replica))
        return replica
    }

    /// A second store of the same device, with what the first one holds and under its replica id: a restored backup, a copied disk.
    package func copy(of original: Replica, named name: String, store: any Store = MemoryStore()) throws -> Replica {
        let copy = try laptop(name, store: store)
        for unit in try units(of: original, beyond: Knowledge()) { _ = try copy.ingest([unit], in: scope) }
        let (id, earlier) = try original.store.reading { try $0.replica() }
        try copy.store.writing { try $0.setReplica(id, earlier: earlier) }
        return copy
    }

    /// Somebody who writes a journal by hand, and may.
    package func author(_ name: String) throws -> Author {
        let key = World.key(name)
        try grant(key.publicKey, [scope])
        return Author(
            key: key, scope: scope, replica: ReplicaID(rawValue: entropy.next()), time: clock.now(), roster: roster.roster.version)
    }
}
