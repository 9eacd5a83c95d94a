// Damaged stores: what verifies is saved as it is, own work behind damage is written anew, what cannot be saved is named. And stores that were
// copied or put back: their witness tells, before anything is written.

import Causality
import GRDB
import Journals
import Records
import Replicas
import StoreSQLite
import Synchronization
import Testing
import Worlds

struct RecoveryTests {
    private let record = World.record(1)

    /// Flips a bit in the entry that wrote this dot.
    private func flip(_ dot: Dot, of replica: Replica, in scope: ScopeID) throws {
        let store = try #require(replica.store as? MemoryStore)
        let arrival = try #require(try store.reading { try $0.arrival(of: dot, in: scope) })
        #expect(store.flip(bit: 77, ofEntry: Int(arrival), in: scope))
        #expect(try !replica.check().faults.isEmpty)
    }

    private func recovered(_ replica: Replica, named name: String, _ world: World) throws -> (Replica, RecoveryReport) {
        try Replica.recovering(
            replica.store, into: MemoryStore(), signer: World.key(name), rules: ReviewEverything(), clock: world.clock,
            entropy: world.entropy)
    }

    @Test func `a colleague's damaged entry and what stood behind it come again with a sync`() throws {
        let world = try World()
        let (ann, ben, centre) = (try world.laptop("ann"), try world.laptop("ben"), try world.centre())
        let first = try ben.put("by ben", of: record, in: world.scope)
        try ben.put("later", of: record, in: world.scope)
        try ann.put("by ann", of: World.record(2), in: world.scope)
        #expect(try world.converge([centre, ann, ben]))
        try flip(first, of: ann, in: world.scope)
        let (healed, report) = try recovered(ann, named: "ann", world)
        #expect(report.damaged.map(\.dot) == [first])
        #expect(report.damaged.map(\.isAtCentre) == [true])
        #expect(report.lost == [])
        #expect(try healed.check().faults == [])
        try world.meet(healed, centre)
        #expect(try healed.digest(of: world.scope) == centre.digest(of: world.scope))
        #expect(try healed.texts(of: record, in: world.scope) == ["later"])
    }

    @Test func `own saves behind damage that nobody else has are written anew, and the damaged one's value too`() throws {
        let world = try World()
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        try ann.put("confirmed", of: record, in: world.scope)
        try world.meet(ann, centre)
        let damaged = try ann.put("damaged", "place", of: record, in: world.scope)
        try ann.put("behind", of: record, in: world.scope)
        try ann.put("another", of: World.record(2), in: world.scope)
        try flip(damaged, of: ann, in: world.scope)
        let (healed, report) = try recovered(ann, named: "ann", world)
        #expect(report.rewritten == 2)
        #expect(report.salvagedValues == 1)
        #expect(report.lost == [])
        #expect(try healed.replicaID() != ann.replicaID())
        #expect(try healed.check().faults == [])
        try world.meet(healed, centre)
        #expect(try centre.texts(of: record, in: world.scope) == ["behind"])
        #expect(try centre.texts(of: record, "place", in: world.scope) == ["damaged"])
        #expect(try centre.texts(of: World.record(2), in: world.scope) == ["another"])
        #expect(try centre.digest(of: world.scope) == healed.digest(of: world.scope))
    }

    @Test func `a damaged save that its record no longer shows is named as lost`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        let first = try ann.put("first", of: record, in: world.scope)
        try ann.put("second", of: record, in: world.scope)
        try flip(first, of: ann, in: world.scope)
        let (healed, report) = try recovered(ann, named: "ann", world)
        #expect(report.lost.map(\.dot) == [first])
        #expect(try healed.texts(of: record, in: world.scope) == ["second"])
    }

    @Test func `a whole store is taken over whole, drafts, forks and all`() throws {
        let world = try World()
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        try ann.put("one", of: record, in: world.scope)
        let copy = try world.copy(of: ann, named: "ann")
        try ann.put("two", of: record, in: world.scope)
        try copy.put("three", of: record, in: world.scope)
        _ = try world.converge([centre, ann, copy])
        try ann.store.writing { try $0.setDraft("talk", Draft(key: "talk", saved: world.clock.now(), bytes: [1, 2])) }
        let (healed, report) = try recovered(ann, named: "ann", world)
        #expect(report.damaged == [])
        #expect(report.drafts == 1)
        #expect(try healed.digest(of: world.scope) == ann.digest(of: world.scope))
        #expect(try healed.check().faults == [])
    }

    @Test func `one damaged draft or setting takes no other along, and a damaged draft is kept and named`() throws {
        let world = try World()
        let path = try TemporaryFolder.file()
        let store = try SQLiteStore(path: path)
        let ann = try world.laptop("ann", store: store)
        try store.writing { writer in
            for key in ["damaged", "sound"] {
                try writer.setDraft(key, Draft(key: key, saved: world.clock.now(), bytes: [1, 2]))
                try writer.setSetting(key, [1])
            }
        }
        try DatabaseQueue(path: path).write { db in
            try db.execute(sql: "UPDATE _draft SET bytes = x'0103' WHERE key = 'damaged'")
            try db.execute(sql: "UPDATE _setting SET value = x'02' WHERE key = 'damaged'")
        }
        #expect(try ann.drafts().map(\.isDamaged) == [true, false])
        #expect(throws: ReplicaError.self) { try store.reading { try $0.setting("damaged") } }
        #expect(try store.faults().count == 2)
        let (healed, report) = try recovered(ann, named: "ann", world)
        #expect(report.drafts == 2)
        #expect(report.damagedDrafts == ["damaged"])
        #expect(report.unreadableSettings == ["damaged"])
        #expect(try healed.drafts().map(\.bytes) == [[1, 3], [1, 2]])
        #expect(try healed.store.reading { try $0.setting("sound") } == [1])
        #expect(try healed.roster() != nil)
    }
}

/// Remembers in memory, or not at all.
private final class MemoryWitness: Witness {
    private let state = Mutex<Testimony>(.none)
    init(_ testimony: Testimony = .none) { state.withLock { $0 = testimony } }
    func testimony() -> Testimony { state.withLock { $0 } }
    func remember(_ progress: OwnProgress) {
        state.withLock { state in
            guard state != .unable else { return }
            let last: OwnProgress? = if case .progress(let last) = state { last } else { nil }
            state = .progress(progress.merged(with: last))
        }
    }
}

struct WitnessTests {
    private let record = World.record(1)

    private func open(_ store: any Store, _ witness: any Witness, _ world: World) throws -> Replica {
        let replica = try Replica(
            store: store, signer: World.key("ann"), rules: ReviewEverything(), clock: world.clock, entropy: world.entropy,
            witness: witness)
        try world.join(replica)
        return replica
    }

    @Test func `a store that is what it was goes on under its replica id`() throws {
        let world = try World()
        let (store, witness) = (MemoryStore(), MemoryWitness())
        let ann = try open(store, witness, world)
        try ann.put("one", of: record, in: world.scope)
        let again = try open(store, witness, world)
        #expect(!again.isDoubted)
        try again.put("two", of: record, in: world.scope)
        #expect(try again.replicaID() == ann.replicaID())
    }

    @Test func `a store that was put back takes a new replica id before it writes, and no dot is used twice`() throws {
        let world = try World()
        let (store, witness, centre) = (MemoryStore(), MemoryWitness(), try world.centre())
        let ann = try open(store, witness, world)
        try ann.put("one", of: record, in: world.scope)
        let backup = store.snapshot()
        try ann.put("two", of: record, in: world.scope)
        try world.meet(ann, centre)
        store.restore(backup)
        let back = try open(store, witness, world)
        #expect(back.isDoubted)
        let old = try back.replicaID()
        let dot = try back.put("three", of: record, in: world.scope)
        #expect(dot.journal != JournalID(old))
        #expect(!back.isDoubted)
        #expect(try !open(store, witness, world).isDoubted)
        try world.meet(back, centre)
        #expect(try centre.texts(of: record, in: world.scope) == ["three", "two"])
        #expect(try centre.store.reading { try $0.branches(in: world.scope) } == [])
    }

    @Test func `a copy that its witness does not know takes a new replica id; a witness that cannot remember says nothing`() throws
    {
        let world = try World()
        let (store, witness) = (MemoryStore(), MemoryWitness())
        let ann = try open(store, witness, world)
        try ann.put("one", of: record, in: world.scope)
        let copy = MemoryStore()
        copy.restore(store.snapshot())
        #expect(try open(copy, MemoryWitness(), world).isDoubted)
        #expect(try !open(copy, MemoryWitness(.unable), world).isDoubted)
    }
}
