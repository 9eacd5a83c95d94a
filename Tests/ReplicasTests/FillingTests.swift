// Entries that came without values: what no order took is asked for and comes again; what an order took does not.

import Causality
import Journals
import Records
import Replicas
import Sync
import Testing
import Wire
import Worlds

struct FillingTests {
    private let record = World.record(1)

    /// A world with a restricted scope: whoever is admitted to it may order values erased.
    private static func worldWithSecrets() throws -> (World, secret: ScopeID) {
        let world = try World()
        let secret = ScopeID(high: 0x5ec, low: 1)
        try world.publish { $0.scopes.append(Roster.Scope(id: secret, name: "secret", title: "secret", kind: .restricted)) }
        return (world, secret)
    }

    /// What somebody passes on who left the values out.
    private func stripped(_ replica: Replica, _ world: World) throws -> [[UnverifiedRun]] {
        try world.units(of: replica, beyond: Knowledge()).map { unit in
            unit.map { run in
                var run = run
                for i in run.entries.indices {
                    run.entries[i].values = run.entries[i].values.erasing(Set(0..<run.entries[i].values.count))
                }
                return run
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `what a centre was given without its values it asks for, and signs for only when they are there`(_ kind: StoreKind) throws
    {
        let world = try World()
        let (ann, ben, centre) = (try world.laptop("ann"), try world.laptop("ben"), try world.centre(store: kind.open()))
        try ann.put("said", of: record, in: world.scope)
        _ = try centre.ingest(try stripped(ann, world), in: world.scope)
        #expect(try centre.texts(of: record, in: world.scope) == [])
        #expect(try centre.store.reading { try $0.lacking(in: world.scope).count } == 1)
        // Who does not have them either gets no work, and no confirmation of what is not there.
        try world.meet(ben, centre)
        #expect(try ben.store.reading { try $0.lacking(in: world.scope).count } == 1)
        // The author has: the same sync fills them in.
        let summary = try world.meet(ann, centre)
        #expect(summary.sent == 1 && summary.refusals == [])
        #expect(try centre.texts(of: record, in: world.scope) == ["said"])
        #expect(try centre.store.reading { try $0.lacking(in: world.scope) } == [])
        #expect(try ann.confirmations().map(\.unconfirmed) == [0])
        #expect(try centre.check().faults == [])
        // And from there whoever had them without.
        try world.meet(ben, centre)
        #expect(try ben.texts(of: record, in: world.scope) == ["said"])
        #expect(try world.meet(ben, centre).requests == 1)
        #expect(try ben.entries(in: world.scope).map(\.entry) == ann.entries(in: world.scope).map(\.entry))
    }

    @Test func `nothing is confirmed that nobody has any more`() throws {
        let world = try World()
        let (ann, ben, centre) = (try world.laptop("ann"), try world.laptop("ben"), try world.centre())
        try ann.put("said", of: record, in: world.scope)
        _ = try centre.ingest(try stripped(ann, world), in: world.scope)
        _ = try ben.ingest(try stripped(ann, world), in: world.scope)
        try ben.put("mine", of: World.record(2), in: world.scope)
        try world.meet(ben, centre)
        #expect(try ben.confirmations().map(\.unconfirmed) == [0])
        #expect(try centre.store.reading { try $0.lacking(in: world.scope).count } == 1)
        #expect(try world.meet(ben, centre).refusals == [])
    }

    @Test func `what an order took is not lacking and does not come back`() throws {
        let (world, secret) = try Self.worldWithSecrets()
        let (ann, ben, centre) = (try world.replica("ann"), try world.replica("ben"), try world.centre())
        for laptop in [ann, ben] { try world.join(laptop, [world.scope, secret]) }
        let dot = try ann.put("a clue", of: record, in: world.scope)
        #expect(try world.converge([centre, ann, ben]))
        try ann.commit(
            try ann.change([ann.erasure(of: ["title"], of: record, in: [dot], reason: "it is a clue")]), in: world.scope)
        // The centre has the order; Ben's laptop, which has the value, does not, and offers the entry again.
        try world.meet(ann, centre)
        #expect(try centre.store.reading { try $0.lacking(in: world.scope) } == [])
        _ = try centre.ingest(try world.units(of: ben, beyond: Knowledge()), in: world.scope)
        #expect(try centre.texts(of: record, in: world.scope) == [])
        // A device that joins later gets the entry without it, and the order.
        let cy = try world.laptop("cy")
        try world.meet(cy, centre)
        #expect(try cy.store.reading { try $0.lacking(in: world.scope) } == [])
        #expect(try world.meet(cy, centre).requests == 1)
    }

    @Test func `an order that came without its words is carried out when they come`() throws {
        let (world, secret) = try Self.worldWithSecrets()
        let (ann, centre) = (try world.replica("ann"), try world.centre())
        try world.join(ann, [world.scope, secret])
        let dot = try ann.put("a clue", of: record, in: world.scope)
        try world.meet(ann, centre)
        try ann.commit(
            try ann.change([ann.erasure(of: ["title"], of: record, in: [dot], reason: "it is a clue")]), in: world.scope)
        _ = try centre.ingest(try stripped(ann, world), in: world.scope)
        #expect(try centre.texts(of: record, in: world.scope) == ["a clue"])
        try world.meet(ann, centre)
        #expect(try centre.texts(of: record, in: world.scope) == [])
        #expect(try centre.store.reading { try $0.lacking(in: world.scope) } == [])
    }

    @Test func `an order whose record somebody pointed elsewhere since keeps what it took from coming back`() throws {
        let (world, secret) = try Self.worldWithSecrets()
        let (ann, centre) = (try world.replica("ann"), try world.centre())
        try world.join(ann, [world.scope, secret])
        let dot = try ann.put("a clue", of: record, in: world.scope)
        let whole = try world.units(of: ann, beyond: Knowledge())
        let order = try ann.erasure(of: ["title"], of: record, in: [dot], reason: "it is a clue")
        try ann.commit(try ann.change([order]), in: world.scope)
        try world.meet(ann, centre)
        // With a program that refuses nothing: the order's record now names another.
        let state = try #require(try centre.store.reading { try $0.state(of: order.record, in: world.scope) })
        let named = try #require(state["record"]?.candidates.first)
        let edit = Edit(
            record: order.record, type: order.type, context: state.vector,
            writes: [Write(.put, field: "record", names: [.init(named.dot)], value: .value(.reference(World.record(9))))])
        var eve = Author(
            key: World.key("ann"), scope: world.scope, replica: ReplicaID(rawValue: 0xe5e),
            time: Timestamp(milliseconds: World.start + 1_000),
            roster: world.roster.roster.version)
        let run = try eve.run([eve.birth(), eve.entry(Change(edits: [edit]))])
        #expect(try centre.ingest([[run]], in: world.scope).stored == 2)
        _ = try centre.ingest(whole, in: world.scope)
        #expect(try centre.texts(of: record, in: world.scope) == [])
        #expect(try centre.store.reading { try $0.lacking(in: world.scope) } == [])
    }

    @Test func `what came stripped and whole in one transaction is shown whole`() throws {
        let world = try World()
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        try ann.put("said", of: record, in: world.scope)
        _ = try centre.ingest(try stripped(ann, world) + world.units(of: ann, beyond: Knowledge()), in: world.scope)
        #expect(try centre.texts(of: record, in: world.scope) == ["said"])
        #expect(try centre.store.reading { try $0.lacking(in: world.scope) } == [])
    }

    @Test func `what nobody has any more keeps no archived scope on a laptop`() throws {
        let world = try World()
        let (ann, ben, centre) = (try world.laptop("ann"), try world.laptop("ben"), try world.centre())
        try ann.put("said", of: record, in: world.scope)
        for replica in [centre, ben] { _ = try replica.ingest(try stripped(ann, world), in: world.scope) }
        try ben.put("mine", of: World.record(2), in: world.scope)
        try world.meet(ben, centre)
        try world.publish { roster in
            roster.scopes[0].archive = Roster.Archive(
                since: Timestamp(milliseconds: World.start), keptUntil: Timestamp(milliseconds: World.start + 1_000))
        }
        try centre.accept(world.roster)
        for _ in 0..<3 { try world.meet(ben, centre) }
        #expect(try ben.departingScopes().map(\.unconfirmed) == [0])
        try ben.letGo(of: world.scope)
    }

    @Test func `two laptops at one table fill each other in`() throws {
        let world = try World()
        let (ann, ben) = (try world.laptop("ann"), try world.laptop("ben"))
        try ann.put("said", of: record, in: world.scope)
        _ = try ben.ingest(try stripped(ann, world), in: world.scope)
        #expect(try ben.texts(of: record, in: world.scope) == [])
        func machine(_ replica: Replica, _ name: String, _ role: PeerRole) throws -> PeerExchange {
            try PeerExchange(
                replica: replica, signer: World.key(name), role: role, secret: replica.entropy.bytes(32),
                compression: NoCompression())
        }
        var (one, other) = (try machine(ann, "ann", .initiator), try machine(ben, "ben", .responder))
        var isOver = false
        while !isOver {
            isOver = true
            if let chunk = try one.nextChunk() {
                isOver = false
                try other.received(chunk)
            }
            if let chunk = try other.nextChunk() {
                isOver = false
                try one.received(chunk)
            }
        }
        #expect(try ben.texts(of: record, in: world.scope) == ["said"])
        #expect(try ben.store.reading { try $0.lacking(in: world.scope) } == [])
    }
}
