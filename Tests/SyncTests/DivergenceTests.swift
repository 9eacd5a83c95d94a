// Where the two sides hold different entries: finding the place, and what becomes of a store that was restored or copied.

import Causality
import Journals
import Records
import Replicas
import Sync
import Testing
import Wire
import Worlds

struct DivergenceTests {
    @Test(arguments: [0, 1, 255, 300, 598])
    func `the first entry that differs is found by few questions`(_ common: Int) throws {
        let world = try World()
        let scope = world.scope
        let centre = try world.centre()
        let one = try world.laptop("ann")
        func write(_ count: Int, _ text: String, by replica: Replica) throws {
            let changes = (0..<count).map { Change([.put(.text("\(text) \($0)"))], of: World.record(UInt64($0))) }
            try replica.commit(in: scope) { _ in changes }
        }
        // At least the birth is common.
        try write(1 + common, "common", by: one)
        let two = try world.copy(of: one, named: "ann")
        try write(599 - common, "one", by: one)
        try write(601 - common, "two", by: two)
        try world.meet(one, centre)
        let line = Line()
        let summary = try world.meet(two, centre, over: line)
        let probes = line.paths.filter { $0 == "/v1/probe" }.count
        #expect(probes >= 1 && probes <= 2)
        #expect(summary.sent == 601 - common)
        let quiet = try world.converge([centre, one, two])
        #expect(quiet)
        let expected = try centre.digest(of: scope)
        for replica in [one, two] {
            let digest = try replica.digest(of: scope)
            #expect(digest == expected)
        }
        let journals = try centre.store.reading { try $0.journals(in: scope) }
        #expect(journals.map { Int($0.tip.position.rawValue) }.sorted() == [2 + common, 601, 603])
        let report = try centre.check()
        #expect(report.faults == [])
    }

    /// Only the service can see it when the laptop's entry of somebody else's journal is not the service's, which has more of it.
    @Test func `a divergence that the service finds is settled in a second round`() throws {
        let world = try World()
        let scope = world.scope
        let centre = try world.centre()
        let one = try world.laptop("ann")
        let dee = try world.laptop("dee")
        try one.put("common", of: World.record(1), in: scope)
        let two = try world.copy(of: one, named: "ann")
        try one.put("one", of: World.record(2), in: scope)
        try one.put("one more", of: World.record(2), in: scope)
        try two.put("two", of: World.record(3), in: scope)
        try world.meet(one, centre)
        try world.meet(dee, two)
        let line = Line()
        try world.meet(dee, centre, over: line)
        #expect(line.paths == ["/v1/hello", "/v1/exchange", "/v1/hello", "/v1/probe", "/v1/exchange"])
        let quiet = try world.converge([centre, one, two, dee])
        #expect(quiet)
        let texts = try [1, 2, 3].map { try centre.texts(of: World.record($0), in: scope) }
        #expect(texts == [["common"], ["one more"], ["two"]])
        let expected = try centre.digest(of: scope)
        for replica in [one, two, dee] {
            let digest = try replica.digest(of: scope)
            #expect(digest == expected)
            let report = try replica.check()
            #expect(report.faults == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a restored store gets its lost entries back and goes on under a new replica id`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let centre = try world.centre()
        let ann = try world.laptop("ann", store: kind.open())
        try ann.put("one", of: World.record(1), in: scope)
        let backup = try world.copy(of: ann, named: "ann", store: kind.open())
        try ann.put("two", of: World.record(1), in: scope)
        try ann.put("three", of: World.record(2), in: scope)
        try world.meet(ann, centre)
        let old = try ann.replicaID()

        let summary = try world.meet(backup, centre)
        let new = try backup.replicaID()
        #expect(new != old)
        #expect(summary.replacedReplica == new)
        #expect(summary.received == 2 && summary.forks.isEmpty)
        let confirmations = try backup.confirmations()
        #expect(confirmations.map(\.unconfirmed) == [0])
        try backup.put("four", of: World.record(1), in: scope)
        let birth = try backup.store.reading { try $0.entry(Dot(JournalID(new), 1), in: scope)?.decoded() }
        #expect(birth == .birth(Birth(key: ann.key, earlier: old)))
        let again = try world.meet(backup, centre)
        #expect(again.replacedReplica == nil)
        let texts = try [1, 2].map { try centre.texts(of: World.record($0), in: scope) }
        #expect(texts == [["four"], ["three"]])
        let branches = try centre.store.reading { try $0.branches(in: scope) }
        #expect(branches.isEmpty)
    }

    @Test func `a store restored from before anything was written goes on under a new replica id too`() throws {
        let world = try World()
        let scope = world.scope
        let centre = try world.centre()
        let ann = try world.laptop("ann")
        let backup = try world.copy(of: ann, named: "ann")
        try ann.put("one", of: World.record(1), in: scope)
        try world.meet(ann, centre)
        let summary = try world.meet(backup, centre)
        #expect(summary.replacedReplica != nil)
        let (old, new) = (try ann.replicaID(), try backup.replicaID())
        #expect(old != new)
    }

    @Test func `a restored store that wrote before it synced keeps both`() throws {
        let world = try World()
        let scope = world.scope
        let centre = try world.centre()
        let ann = try world.laptop("ann")
        try ann.put("one", of: World.record(1), in: scope)
        let backup = try world.copy(of: ann, named: "ann")
        for text in ["two", "three", "four"] { try ann.put(text, of: World.record(2), in: scope) }
        try world.meet(ann, centre)
        // One entry where the service has three: outrun and diverged at once.
        try backup.put("written after the backup", of: World.record(3), in: scope)
        try world.meet(backup, centre)
        let quiet = try world.converge([centre, backup, ann])
        #expect(quiet)
        let texts = try [1, 2, 3].map { try centre.texts(of: World.record($0), in: scope) }
        #expect(texts == [["one"], ["four"], ["written after the backup"]])
        let (here, there) = (try backup.digest(of: scope), try centre.digest(of: scope))
        #expect(here == there)
        let ids = try [ann.replicaID(), backup.replicaID()]
        #expect(ids[0] != ids[1])
    }
}
