// Erasing a value: it is gone, and nothing else is.

import Causality
import Journals
import Records
import Replicas
import Testing
import Wire
import Worlds

struct ErasingTests {
    @Test(arguments: StoreKind.allCases)
    func `an erased value is gone from journal and record, and chain and digest stay`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann", store: kind.open())
        let reasoned = Write(.put, field: "place", value: .value(.text("Room 1")), reason: .value(.text("asked")))
        var change = Change([.put(.text("secret")), reasoned], of: World.record(1))
        change.author = .value(.text("Ann"))
        let dot = try ann.commit(change, in: scope)
        let before = try ann.digest(of: scope)
        // The author is the first value, the title the second.
        try ann.erase([1], of: dot, in: scope)
        let after = try ann.digest(of: scope)
        #expect(after == before)
        let state = try #require(try ann.state(of: World.record(1), in: scope))
        let (title, place) = (try #require(state["title"]?.candidates.first), try #require(state["place"]?.candidates.first))
        #expect(title.value == Content.erased)
        #expect(place.value == Content.value(.text("Room 1")))
        // Whatever the entry claims, its author is whom the roster binds its key to.
        #expect(place.author == "\(ann.key)")
        let shown = state.outcome(of: "title", by: ReviewEverything())?.candidate
        #expect(shown == title)

        let entry = try #require(try ann.entries(in: scope).last)
        let erased = entry.entry.values.contents.map { $0 == nil }
        #expect(erased == [false, true, false, false])
        guard case .opened = entry.entry.values else {
            Issue.record("the seed is still there")
            return
        }
        let report = try ann.check()
        #expect(report.faults.isEmpty)

        // Erasing more of the same entry, and the same again.
        try ann.erase([0, 1], of: dot, in: scope)
        let again = try ann.check()
        #expect(again.faults.isEmpty)
        let anonymous = try #require(try ann.state(of: World.record(1), in: scope))
        let authors = anonymous["place"]?.candidates.compactMap(\.author) ?? ["no place"]
        #expect(authors == ["\(ann.key)"])
        let last = try ann.digest(of: scope)
        #expect(last == before)
    }

    @Test(arguments: StoreKind.allCases)
    func `an erased value is passed on as its commitment`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann")
        let centre = try world.centre(store: kind.open())
        let dot = try ann.put("secret", of: World.record(1), in: scope)
        try ann.put("open", of: World.record(2), in: scope)
        try ann.erase([0], of: dot, in: scope)
        try world.meet(ann, centre)
        let ben = try world.laptop("ben", store: kind.open())
        try world.meet(ben, centre)
        let expected = try ann.digest(of: scope)
        for replica in [centre, ben] {
            let digest = try replica.digest(of: scope)
            #expect(digest == expected)
            let values = try [1, 2].flatMap { try replica.values(of: World.record($0), in: scope) }
            #expect(values == [Content.erased, Content.value(.text("open"))])
            let report = try replica.check()
            #expect(report.faults.isEmpty)
        }
        // What is edited on top of it settles as ever.
        try ben.put("new", of: World.record(1), in: scope)
        let texts = try ben.texts(of: World.record(1), in: scope)
        #expect(texts == ["new"])
    }

    @Test func `whoever has the value keeps it when it is sent again as erased`() throws {
        let world = try World()
        let scope = world.scope
        let (ann, ben) = (try world.laptop("ann"), try world.laptop("ben"))
        let dot = try ann.put("secret", of: World.record(1), in: scope)
        for unit in try world.units(of: ann, beyond: Knowledge()) { _ = try ben.ingest([unit], in: scope) }
        try ann.erase([0], of: dot, in: scope)
        for unit in try world.units(of: ann, beyond: Knowledge()) {
            let report = try ben.ingest([unit], in: scope)
            let count = unit.reduce(0) { $0 + $1.entries.count }
            #expect(report.skipped == count)
            #expect(report.refusals.isEmpty && report.forks.isEmpty)
        }
        let texts = try ben.texts(of: World.record(1), in: scope)
        #expect(texts == ["secret"])
    }

    @Test func `another commitment in an erased value's place is another entry`() throws {
        let world = try World()
        let ben = try world.laptop("ben")
        var ann = try world.author("ann")
        var run = try ann.run([ann.birth(), ann.entry("secret", of: World.record(1))])
        run.entries[1].values = .opened([.erased(commitment: Hash(.value, [1]))])
        let report = try ben.ingest([[run]], in: world.scope)
        #expect(report.stored == 0)
        #expect(report.refusals.map(\.code) == ["signature-invalid"])
    }

    @Test func `an entry that is not here cannot be erased`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        let error = #expect(throws: ReplicaError.self) {
            try ann.erase([0], of: Dot(JournalID(rawValue: 1), 2), in: world.scope)
        }
        #expect(error?.code == .recordUnknown)
    }
}
