// An archived scope leaves a laptop when all of it is at the centre, and not before; brought back, it is all there again.

import Causality
import Journals
import Records
import Replicas
import Sync
import Testing
import Worlds

struct ArchiveTests {
    private func archive(_ world: World, _ isArchived: Bool = true) throws {
        try world.publish { roster in
            roster.scopes[0].archive =
                isArchived
                ? Roster.Archive(
                    since: Timestamp(milliseconds: World.start), keptUntil: Timestamp(milliseconds: World.start + 1_000)) : nil
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `it leaves once the centre has signed for everything, with every trace`(_ kind: StoreKind) throws {
        let world = try World()
        let centre = try world.centre()
        let (ann, ben) = (try world.laptop("ann", store: kind.open()), try world.laptop("ben", store: kind.open()))
        let id = try ann.create("talk", in: world.scope, fields: [("work", .value(.text("said")))])
        #expect(try world.converge([centre, ann, ben]))
        try ben.edit(id, fields: [("work", .value(.text("said more")))])
        try archive(world)
        for replica in [centre, ann] { try replica.accept(world.roster) }
        // Ann's work is there; so is all she has of others.
        #expect(try ann.departingScopes().map(\.unconfirmed) == [0])
        try ann.letGo(of: world.scope)
        #expect(try ann.record(id) == nil && ann.recordCount() == 0 && ann.departingScopes().isEmpty)
        #expect(try ann.store.reading { try $0.journals(in: world.scope) }.isEmpty)
        #expect(throws: ReplicaError.self) { try ann.create("talk", in: world.scope, fields: [("work", .value(.text("late")))]) }
        _ = try world.meet(ann, centre)
        #expect(try ann.recordCount() == 0)

        // Ben does not know yet, and what he wrote still arrives.
        #expect(throws: ReplicaError.self) { try ben.letGo(of: world.scope) }
        _ = try world.meet(ben, centre)
        _ = try world.meet(ben, centre)
        #expect(try centre.record(id)?.text("work") == "said more")
        #expect(try ben.departingScopes().map(\.unconfirmed) == [0])
        try ben.letGo(of: world.scope)
        #expect(try ben.recordCount() == 0)
        #expect(try ben.check().faults.isEmpty && centre.check().faults.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `unsent work of one's own, or handed on by others, keeps it here`(_ kind: StoreKind) throws {
        let world = try World()
        let centre = try world.centre()
        let (ann, ben) = (try world.laptop("ann", store: kind.open()), try world.laptop("ben", store: kind.open()))
        let id = try ann.create("talk", in: world.scope, fields: [("work", .value(.text("said")))])
        #expect(try world.converge([centre, ann, ben]))
        try ben.edit(id, fields: [("work", .value(.text("only Ben and Ann")))])
        _ = try ann.ingest(try world.units(of: ben, beyond: Knowledge()), in: world.scope)
        try archive(world)
        for replica in [centre, ann] { try replica.accept(world.roster) }
        #expect(try ann.departingScopes().map(\.unconfirmed) == [2])
        #expect(throws: ReplicaError.self) { try ann.letGo(of: world.scope) }
        #expect(try ann.record(id)?.text("work") == "only Ben and Ann")
        // It is still followed, so it arrives by Ann should Ben never come.
        #expect(try ann.followedScopes() == [world.scope])
        _ = try world.meet(ann, centre)
        _ = try world.meet(ann, centre)
        #expect(try centre.record(id)?.text("work") == "only Ben and Ann")
        #expect(try ann.followedScopes().isEmpty)
        try ann.letGo(of: world.scope)
    }

    @Test(arguments: StoreKind.allCases)
    func `a centre that was restored and lacks what it once signed for gets it again before anything leaves`(_ kind: StoreKind)
        throws
    {
        let world = try World()
        let (before, ann) = (MemoryStore(), try world.laptop("ann", store: kind.open()))
        let centre = try world.centre(store: before)
        let backup = before.snapshot()
        let id = try ann.create("talk", in: world.scope, fields: [("work", .value(.text("said")))])
        #expect(try world.converge([centre, ann]))
        #expect(try ann.confirmations().map(\.unconfirmed) == [0])
        before.restore(backup)
        try archive(world)
        try centre.accept(world.roster)
        // The roster comes with this very sync, and the old receipt is there: it must not be believed.
        _ = try world.meet(ann, centre)
        #expect(try centre.record(id)?.text("work") == "said")
        _ = try world.meet(ann, centre)
        #expect(try ann.departingScopes().map(\.unconfirmed) == [0])
        try ann.letGo(of: world.scope)
        #expect(try centre.record(id)?.text("work") == "said")
    }

    @Test(arguments: StoreKind.allCases)
    func `brought back it is all here again before anybody writes, and no journal begins anew`(_ kind: StoreKind) throws {
        let world = try World()
        let centre = try world.centre()
        let ann = try world.laptop("ann", store: kind.open())
        let id = try ann.create("talk", in: world.scope, fields: [("work", .value(.text("said")))])
        #expect(try world.converge([centre, ann]))
        try archive(world)
        for replica in [centre, ann] { try replica.accept(world.roster) }
        try ann.letGo(of: world.scope)
        // Let go of once more, with nothing here, it still knows where its journal ended.
        try ann.letGo(of: world.scope)
        try archive(world, false)
        for replica in [centre, ann] { try replica.accept(world.roster) }
        #expect(throws: ReplicaError.self) {
            try ann.create("talk", in: world.scope, fields: [("work", .value(.text("too early")))])
        }
        #expect(try world.converge([centre, ann]))
        #expect(try ann.record(id)?.text("work") == "said")
        try ann.edit(id, fields: [("work", .value(.text("said again")))])
        #expect(try world.converge([centre, ann]))
        #expect(try centre.record(id)?.text("work") == "said again")
        #expect(try centre.store.reading { try $0.proofs(in: world.scope) }.isEmpty)
        #expect(try centre.digest(of: world.scope) == ann.digest(of: world.scope))
    }

    @Test func `the centre keeps it until its term, and gives it to nobody who does not ask`() throws {
        let world = try World()
        let centre = try world.centre()
        let ann = try world.laptop("ann")
        try ann.create("talk", in: world.scope, fields: [("work", .value(.text("said")))])
        #expect(try world.converge([centre, ann]))
        try archive(world)
        try centre.accept(world.roster)
        #expect(throws: ReplicaError.self) { try centre.purgeExpired(world.scope, roster: world.roster.roster) }
        #expect(try centre.recordCount() == 1)
        let late = try world.laptop("late")
        try late.accept(world.roster)
        _ = try world.meet(late, centre)
        #expect(try late.recordCount() == 0)
        world.clock.advance(1_000)
        try centre.purgeExpired(world.scope, roster: world.roster.roster)
        #expect(try centre.recordCount() == 0)
    }
}
