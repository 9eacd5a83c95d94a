// Forks: one replica id, two stores. Nothing anybody wrote is lost, everybody ends up with the same branches, and each store
// goes on under an id of its own.

import Causality
import Journals
import Records
import Replicas
import Testing
import Wire
import Worlds

/// A service, and a device whose store was copied after it had written a first value.
private final class Scene {
    let world: World
    let centre: Replica
    let one: Replica
    /// The replica id they share.
    let shared: ReplicaID
    var scope: ScopeID { world.scope }
    var journal: JournalID { JournalID(shared) }

    init(_ kind: StoreKind = .memory) throws {
        let world = try World()
        let one = try world.laptop("ann", store: kind.open())
        try one.put("common", of: World.record(1), in: world.scope)
        shared = try one.replicaID()
        centre = try world.centre(store: kind.open())
        (self.world, self.one) = (world, one)
    }

    func copy(of replica: Replica? = nil, _ kind: StoreKind = .memory) throws -> Replica {
        try world.copy(of: replica ?? one, named: "ann", store: kind.open())
    }

    func put(_ text: String, _ record: UInt64, by replica: Replica) throws {
        try replica.put(text, of: World.record(record), in: scope)
    }

    /// The hash a replica holds at a position of the journal they share.
    func hash(at position: UInt64, of replica: Replica) throws -> Hash {
        let entry = try replica.store.reading { try $0.entry(Dot(journal, Position(rawValue: position)), in: scope) }
        return try #require(entry).hash
    }

    func branch(first hash: Hash) -> JournalID { .branch(of: shared, first: hash) }

    /// Everybody meets until all is quiet; then all are the same and in order.
    func converges(_ replicas: Replica..., sourceLocation: SourceLocation = #_sourceLocation) throws {
        let others = try [world.laptop("ben"), world.laptop("cy", store: StoreKind.sqlite.open())]
        let everybody = [centre] + replicas + others
        let quiet = try world.converge(everybody)
        #expect(quiet, "somebody always has something to say", sourceLocation: sourceLocation)
        let expected = try centre.digest(of: scope)
        for (i, replica) in everybody.enumerated() {
            let digest = try replica.digest(of: scope)
            #expect(digest == expected, "replica \(i)", sourceLocation: sourceLocation)
            let report = try replica.check()
            #expect(report.faults == [], "replica \(i)", sourceLocation: sourceLocation)
            #expect(report.held == 0, "replica \(i)", sourceLocation: sourceLocation)
        }
    }

    /// What stands in a record at the centre.
    func texts(_ record: UInt64) throws -> [String] { try centre.texts(of: World.record(record), in: scope) }
}

struct ForkTests {
    @Test(arguments: StoreKind.allCases)
    func `two stores with one replica id become two branches, and no value is lost`(_ kind: StoreKind) throws {
        let scene = try Scene(kind)
        let two = try scene.copy(kind)
        try scene.put("from one", 1, by: scene.one)
        try scene.put("only one", 2, by: scene.one)
        try scene.put("from two", 1, by: two)
        try scene.put("only two", 3, by: two)
        try scene.put("more of two", 3, by: two)
        let firsts = try [scene.hash(at: 3, of: scene.one), scene.hash(at: 3, of: two)]

        try scene.world.meet(scene.one, scene.centre)
        try scene.world.meet(two, scene.centre)
        try scene.world.meet(scene.one, scene.centre)
        let journals = try scene.centre.journals(in: scene.scope)
        let expected = [scene.journal] + firsts.map { scene.branch(first: $0) }
        #expect(journals == expected.sorted())
        let texts = try [1, 2, 3].map { try scene.texts($0) }
        #expect(texts == [["from one", "from two"], ["only one"], ["more of two"]])
        try scene.converges(scene.one, two)

        // Each goes on under its own id, whose birth names the old one.
        let ids = try [scene.one.replicaID(), two.replicaID(), scene.shared]
        #expect(Set(ids).count == 3)
        for replica in [scene.one, two] {
            let seen = try replica.texts(of: World.record(1), in: scene.scope)
            #expect(seen == ["from one", "from two"])
        }
        try scene.put("settled", 1, by: two)
        let birth = try two.store.reading {
            try $0.entry(Dot(JournalID(try $0.replica().id), 1), in: scene.scope)?.decoded()
        }
        #expect(birth == .birth(Birth(key: two.key, earlier: scene.shared)))
        try scene.converges(scene.one, two)
        let settled = try scene.texts(1)
        #expect(settled == ["settled"])
    }

    @Test func `a branch goes on growing until its device learns of the fork`() throws {
        let scene = try Scene()
        let two = try scene.copy()
        try scene.put("one", 2, by: scene.one)
        try scene.put("two", 3, by: two)
        try scene.world.meet(scene.one, scene.centre)
        try scene.world.meet(two, scene.centre)
        // Here the fork is proven, of which the first store has not heard.
        try scene.put("one more", 2, by: scene.one)
        try scene.put("and more", 2, by: scene.one)
        try scene.world.meet(scene.one, scene.centre)
        let journals = try scene.centre.store.reading { try $0.journals(in: scene.scope) }
        #expect(journals.map(\.tip.position.rawValue).sorted() == [2, 3, 5])
        try scene.converges(scene.one, two)
        let texts = try [2, 3].map { try scene.texts($0) }
        #expect(texts == [["and more"], ["two"]])
    }

    @Test func `what others wrote on a branch before they knew of it as one replaces nothing, and is kept`() throws {
        let scene = try Scene()
        let two = try scene.copy()
        let dee = try scene.world.laptop("dee")
        try scene.put("one", 1, by: scene.one)
        try scene.world.meet(scene.one, scene.centre)
        try scene.world.meet(dee, scene.centre)
        try scene.put("dee, having seen one", 1, by: dee)
        try scene.put("two", 1, by: two)
        try scene.world.meet(two, scene.centre)
        try scene.converges(scene.one, two, dee)
        // One's own line replaced the common value; Dee's context reads as that up to the fork.
        let texts = try scene.texts(1)
        #expect(texts == ["dee, having seen one", "one", "two"])
    }

    @Test func `a third store is a third branch`() throws {
        let scene = try Scene()
        let (two, three) = (try scene.copy(), try scene.copy())
        for (n, replica) in [scene.one, two, three].enumerated() {
            try scene.put("from \(n + 1)", 1, by: replica)
            try scene.put("only \(n + 1)", UInt64(n + 2), by: replica)
        }
        let firsts = try [scene.one, two, three].map { try scene.hash(at: 3, of: $0) }
        for replica in [scene.one, two, three] { try scene.world.meet(replica, scene.centre) }
        try scene.converges(scene.one, two, three)
        let journals = try scene.centre.journals(in: scene.scope)
        let expected = [scene.journal] + firsts.map { scene.branch(first: $0) }
        #expect(journals == expected.sorted())
        let common = try scene.centre.store.reading { try $0.journal(scene.journal, in: scene.scope) }
        #expect(common?.tip.position == Position(rawValue: 2))
        let texts = try [1, 2, 3, 4].map { try scene.texts($0) }
        #expect(texts == [["from 1", "from 2", "from 3"], ["only 1"], ["only 2"], ["only 3"]])
    }

    @Test func `a branch forks again`() throws {
        let scene = try Scene()
        let two = try scene.copy()
        try scene.put("one", 2, by: scene.one)
        try scene.put("two", 3, by: two)
        let deeper = try scene.copy(of: two)
        try scene.put("two goes on", 4, by: two)
        try scene.put("deeper", 4, by: deeper)
        let first = try scene.hash(at: 3, of: two)
        let inner = try [scene.hash(at: 4, of: two), scene.hash(at: 4, of: deeper)]
        for replica in [scene.one, two, deeper] { try scene.world.meet(replica, scene.centre) }
        try scene.converges(scene.one, two, deeper)
        let branches = try scene.centre.store.reading { try $0.branchMap(in: scene.scope) }
        for hash in inner { #expect(branches[scene.branch(first: hash)]?.parent == scene.branch(first: first)) }
        #expect(branches[scene.branch(first: first)]?.parent == scene.journal)
        let texts = try [2, 3, 4].map { try scene.texts($0) }
        #expect(texts == [["one"], ["two"], ["deeper", "two goes on"]])
    }

    @Test func `a fork before a fork that is known takes it along`() throws {
        let scene = try Scene()
        let early = try scene.copy()
        try scene.put("goes on", 2, by: scene.one)
        let two = try scene.copy()
        try scene.put("one", 3, by: scene.one)
        try scene.put("two", 4, by: two)
        try scene.put("early", 5, by: early)
        for replica in [scene.one, two, early] { try scene.world.meet(replica, scene.centre) }
        try scene.converges(scene.one, two, early)
        let texts = try [1, 2, 3, 4, 5].map { try scene.texts($0) }
        #expect(texts == [["common"], ["goes on"], ["one"], ["two"], ["early"]])
        let common = try scene.centre.store.reading { try $0.journal(scene.journal, in: scene.scope) }
        #expect(common?.tip.position == Position(rawValue: 2))
    }

    @Test func `two devices that drew the same replica id fork at their births`() throws {
        let scene = try Scene()
        let dee = try scene.world.laptop("dee")
        try dee.store.writing { try $0.setReplica(scene.shared, earlier: nil) }
        try scene.put("dee", 2, by: dee)
        try scene.world.meet(scene.one, scene.centre)
        try scene.world.meet(dee, scene.centre)
        try scene.converges(scene.one, dee)
        let journals = try scene.centre.store.reading { try $0.journals(in: scene.scope) }
        #expect(journals.map(\.tip.position.rawValue) == [2, 2])
        #expect(!journals.map(\.tip.journal).contains(scene.journal))
        #expect(Set(journals.compactMap(\.tip.key)) == Set([scene.one.key, dee.key]))
        let texts = try [1, 2].map { try scene.texts($0) }
        #expect(texts == [["common"], ["dee"]])
        let ids = try [scene.one.replicaID(), dee.replicaID(), scene.shared]
        #expect(Set(ids).count == 3)
    }

    /// Only a lying device can fork inside what it signed at once: a copy of a store ends where a save did.
    @Test(arguments: StoreKind.allCases)
    func `a fork in the middle of a signed stretch is kept and passed on`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let centre = try world.centre(store: kind.open())
        var liar = try world.author("liar")
        var twin = liar
        let start = [liar.birth(), liar.entry("common", of: World.record(1))]
        let left = try liar.run(start + [liar.entry("left", of: World.record(2)), liar.entry("left", of: World.record(3))])
        let right = try twin.run(start + [twin.entry("right", of: World.record(2)), twin.entry("right", of: World.record(4))])
        for run in [left, right] {
            let report = try centre.ingest([[run]], in: scope)
            #expect(report.refusals.isEmpty)
        }
        let ben = try world.laptop("ben", store: kind.open())
        try ben.put("honest", of: World.record(5), in: scope)
        let quiet = try world.converge([centre, ben])
        #expect(quiet)
        let (here, there) = (try centre.digest(of: scope), try ben.digest(of: scope))
        #expect(here == there)
        let texts = try [1, 2, 3, 4, 5].map { try ben.texts(of: World.record($0), in: scope) }
        #expect(texts == [["common"], ["left", "right"], ["left"], ["right"], ["honest"]])
        for replica in [centre, ben] {
            let report = try replica.check()
            #expect(report.faults == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a forked journal that does not count is held, each entry once`(_ kind: StoreKind) throws {
        let world = try World()
        let centre = try world.centre(store: kind.open())
        var stranger = Author(
            key: World.key("stranger"), scope: world.scope, replica: ReplicaID(rawValue: 5), time: world.clock.now(), roster: 1)
        let common = try stranger.run([stranger.birth(), stranger.entry("common", of: World.record(1))])
        var twin = stranger
        let left = try stranger.run([stranger.entry("left", of: World.record(1))])
        let right = try twin.run([twin.entry("right", of: World.record(1))])
        for run in [common, left, right] { _ = try centre.ingest([[run]], in: world.scope) }
        let report = try centre.check()
        #expect(report.faults == [])
        #expect(report.entries == 4 && report.held == 4)
        // A newer roster that grants nothing changes nothing.
        try centre.accept(try world.publish())
        let after = try centre.check()
        #expect(after == report)
    }

    @Test func `a withdrawal's cut on a forked journal holds back what follows on every branch`() throws {
        let scene = try Scene()
        let two = try scene.copy()
        try scene.put("one", 2, by: scene.one)
        try scene.put("two", 3, by: two)
        try scene.world.meet(scene.one, scene.centre)
        try scene.world.meet(two, scene.centre)
        let hash = try scene.hash(at: 2, of: scene.centre)
        let newer = try scene.world.publish {
            $0.withdrawals.append(Roster.Withdrawal(scope: scene.scope, journal: scene.journal, position: 2, hash: hash))
        }
        try scene.centre.accept(newer)
        let ben = try scene.world.laptop("ben")
        let quiet = try scene.world.converge([scene.centre, scene.one, two, ben])
        #expect(quiet)
        let expected = try scene.centre.digest(of: scene.scope)
        for replica in [scene.centre, scene.one, two, ben] {
            let texts = try [1, 2, 3].map { try replica.texts(of: World.record($0), in: scene.scope) }
            #expect(texts == [["common"], [], []])
            let digest = try replica.digest(of: scene.scope)
            #expect(digest == expected)
            let report = try replica.check()
            #expect(report.faults == [])
            #expect(report.held == 2)
        }
    }
}
