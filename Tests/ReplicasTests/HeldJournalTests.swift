// What counts: entries ahead of the roster are held, those behind a cut no longer count, and the records follow.

import Causality
import Journals
import Records
import Replicas
import Testing
import Wire
import Worlds

struct HeldJournalTests {
    @Test(arguments: StoreKind.allCases)
    func `entries that name a newer roster are stored and passed on, and count when it comes`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann")
        let ben = try world.laptop("ben", store: kind.open())
        let cy = try world.laptop("cy", store: kind.open())
        try ann.put("one", of: World.record(1), in: scope)
        let newer = try world.publish()
        try ann.accept(newer)
        try ann.put("two", of: World.record(1), in: scope)
        try ann.put("three", of: World.record(2), in: scope)

        // By hand, or the roster would come along: Ben has the older one, and passes on to Cy what he holds.
        _ = try ben.ingest(try world.units(of: ann, beyond: Knowledge()), in: scope)
        try world.meet(cy, ben)
        for replica in [ben, cy] {
            let entries = try replica.entries(in: scope)
            #expect(entries.count == 4)
            let texts = try [1, 2].flatMap { try replica.texts(of: World.record($0), in: scope) }
            #expect(texts == ["one"])
            let report = try replica.check()
            #expect(report.faults.isEmpty)
            #expect(report.held == 2)
        }

        // Ben is handed the roster, Cy gets it with a sync.
        try ben.accept(newer)
        try world.meet(cy, ann)
        let expected = try ann.digest(of: scope)
        for replica in [ben, cy] {
            let texts = try [1, 2].flatMap { try replica.texts(of: World.record($0), in: scope) }
            #expect(texts == ["two", "three"])
            let digest = try replica.digest(of: scope)
            #expect(digest == expected)
            let report = try replica.check()
            #expect(report.faults.isEmpty)
            #expect(report.held == 0)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a whole journal is held until its device is on the roster`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let ben = try world.laptop("ben", store: kind.open())
        let old = world.roster
        let late = try world.replica("late", store: kind.open())
        try late.accept(old)
        // Ann joins with a roster that Ben gets and Late does not.
        let ann = try world.laptop("ann")
        try ann.put("one", of: World.record(1), in: scope)
        for unit in try world.units(of: ann, beyond: Knowledge()) {
            for replica in [ben, late] {
                let report = try replica.ingest([unit], in: scope)
                #expect(report.refusals.isEmpty)
            }
        }
        let (now, not) = (try ben.texts(of: World.record(1), in: scope), try late.texts(of: World.record(1), in: scope))
        #expect(now == ["one"] && not.isEmpty)
        try late.accept(world.roster)
        let (one, other) = (try ben.digest(of: scope), try late.digest(of: scope))
        #expect(one == other)
    }

    /// What was seen of a held entry and written down by others waits for it without harm.
    @Test(arguments: StoreKind.allCases)
    func `edits that came before what they had seen counted fold the same`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann")
        let ben = try world.laptop("ben")
        let cy = try world.laptop("cy", store: kind.open())
        let older = world.roster
        let newer = try world.publish()
        try ann.accept(newer)
        try ben.accept(newer)
        let dot = try ann.put("first", of: World.record(1), in: scope)
        try world.meet(ben, ann)
        // An author who has Ben's view but still names the older roster.
        var dee = Author(
            key: World.key("ben"), scope: scope, replica: ReplicaID(rawValue: 0xdee), time: world.clock.now(),
            roster: older.roster.version)
        let state = try #require(try ben.state(of: World.record(1), in: scope))
        let second = Change([.put(.text("second"), naming: [dot])], of: World.record(1), seeing: state.vector)
        let run = try dee.run([dee.birth(), dee.entry(second)])
        for unit in try world.units(of: ann, beyond: Knowledge()) { _ = try cy.ingest([unit], in: scope) }
        for replica in [ann, ben, cy] {
            let report = try replica.ingest([[run]], in: scope)
            #expect(report.refusals.isEmpty)
        }
        let early = try cy.texts(of: World.record(1), in: scope)
        #expect(early == ["second"])
        try cy.accept(newer)
        let (here, there) = (try cy.digest(of: scope), try ann.digest(of: scope))
        #expect(here?.digest == there?.digest)
        let report = try cy.check()
        #expect(report.faults.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `behind a withdrawal's cut nothing counts, and the records show what stood before`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann")
        let ben = try world.laptop("ben", store: kind.open())
        try ben.put("Ben's", of: World.record(3), in: scope)
        try ann.put("one", of: World.record(1), in: scope)
        let cut = try ann.put("two", of: World.record(1), in: scope)
        try ann.put("three", of: World.record(1), in: scope)
        try ann.put("new", of: World.record(2), in: scope)
        try world.meet(ann, ben)
        let hash = try #require(try ann.store.reading { try $0.entry(cut, in: scope) }).hash
        let withdrawal = Roster.Withdrawal(scope: scope, journal: cut.journal, position: cut.position, hash: hash)
        let newer = try world.publish { $0.withdrawals.append(withdrawal) }
        for replica in [ann, ben] { try replica.accept(newer) }
        // What she writes after it does not count either, here or anywhere.
        try ann.put("four", of: World.record(1), in: scope)
        let quiet = try world.converge([ben, ann])
        #expect(quiet)
        let expected = try ann.digest(of: scope)
        for replica in [ann, ben] {
            let texts = try [1, 2, 3].flatMap { try replica.texts(of: World.record($0), in: scope) }
            #expect(texts == ["two", "Ben's"])
            let digest = try replica.digest(of: scope)
            #expect(digest == expected)
            let report = try replica.check()
            #expect(report.faults.isEmpty)
            #expect(report.held == 3)
            #expect(report.entries == 8)
        }
    }

    @Test func `entries of a device that has no grant are stored and do not count`() throws {
        let world = try World()
        let scope = world.scope
        let ben = try world.laptop("ben")
        var stranger = Author(
            key: World.key("stranger"), scope: scope, replica: ReplicaID(rawValue: 5), time: world.clock.now(),
            roster: world.roster.roster.version)
        let run = try stranger.run([stranger.birth(), stranger.entry("Psst", of: World.record(1))])
        let report = try ben.ingest([[run]], in: scope)
        #expect(report.stored == 2)
        let texts = try ben.texts(of: World.record(1), in: scope)
        #expect(texts.isEmpty)
        let check = try ben.check()
        #expect(check.faults.isEmpty)
        #expect(check.held == 2)
    }

    @Test func `a roster that does not continue the one here is refused`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        try ann.put("kept", of: World.record(1), in: world.scope)
        let current = world.roster
        let stranger = World.key("stranger")
        func signed(by signer: SigningKey? = nil, _ change: (inout Roster) -> Void) throws -> SignedRoster {
            var roster = current.roster
            roster.version += 1
            change(&roster)
            return try SignedRoster.signing(roster, by: signer ?? world.root)
        }
        let bad = [
            try signed { $0.version -= 2 },
            try signed {
                $0.version -= 1; $0.catalogue[0] = 1
            },
            try signed(by: stranger) { $0.root = stranger.publicKey },
            try signed { $0.people = [] },
            try signed { $0.devices = [] },
            try signed { $0.scopes = [] },
            try signed { $0.devices[0].grants = [] },
            try signed { $0.devices[0].grants[0].until = 1 },
        ]
        for roster in bad {
            let error = #expect(throws: ReplicaError.self) { try ann.accept(roster) }
            #expect(error?.code == .rosterRefused)
        }
        let kept = try ann.roster()
        #expect(kept?.bytes == current.bytes)
        let texts = try ann.texts(of: World.record(1), in: world.scope)
        #expect(texts == ["kept"])
    }

    @Test func `a roster signed by another than its root is no roster`() throws {
        let world = try World()
        let unverified = world.roster.unverified
        var forged = unverified
        forged.signature[0] ^= 1
        #expect(throws: Fault.self) { try forged.verified(by: world.root.publicKey) }
        #expect(throws: Fault.self) { try unverified.verified(by: World.key("stranger").publicKey) }
    }
}
