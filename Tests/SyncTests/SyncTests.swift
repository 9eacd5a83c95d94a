// A sync between a laptop and the service, over a good line.

import Causality
import Journals
import Records
import Replicas
import Sync
import Testing
import Wire
import Worlds

struct SyncTests {
    @Test func `a centre that was put back gets its newer roster back from a laptop, and nobody is refused for it`() throws {
        let world = try World()
        let (ann, store) = (try world.laptop("ann"), MemoryStore())
        let centre = try world.centre(store: store)
        try ann.put("one", of: World.record(1), in: world.scope)
        try world.meet(ann, centre)
        let backup = store.snapshot()
        let ben = try world.laptop("ben")
        try centre.accept(world.roster)
        try world.meet(ann, centre)
        try world.meet(ben, centre)
        store.restore(backup)
        let again = try world.replica("service", store: store)
        let version = try #require(try again.roster()).roster.version
        #expect(version < world.roster.roster.version)
        // Ann's laptop has the newer one; Ben's, which the older one does not know, syncs after it.
        let line = Line()
        try world.meet(ann, again, over: line)
        #expect(line.paths.starts(with: ["/v1/hello", "/v1/hello"]))
        #expect(try again.roster()?.roster.version == world.roster.roster.version)
        try ben.put("two", of: World.record(2), in: world.scope)
        try world.meet(ben, again)
        #expect(try again.texts(of: World.record(2), in: world.scope) == ["two"])
        #expect(try world.meet(ann, again).refusals == [])
    }

    @Test func `a roster that does not continue the centre's is not taken from a laptop, and the sync goes on`() throws {
        let world = try World()
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        let other = try SignedRoster.signing(
            Roster(
                version: 99, root: World.key("stranger").publicKey, service: world.service.publicKey, issued: world.clock.now(),
                expires: world.clock.now(), catalogue: [UInt8](repeating: 0, count: 32)), by: World.key("stranger"))
        var hello = try ann.hello(software: "test")
        (hello.roster, hello.newer) = (99, other.unverified)
        #expect(try !centre.takeRoster(from: hello))
        #expect(try centre.roster() == world.roster)
        // Asked for once, it is not asked for again.
        #expect(try !centre.answer(hello, granted: [world.scope]).wantsRoster)
    }

    @Test func `a sync with nothing to say is one request`() throws {
        let world = try World()
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        let empty = try world.meet(ann, centre)
        #expect(empty.requests == 1)
        try ann.put("one", of: World.record(1), in: world.scope)
        let line = Line()
        let first = try world.meet(ann, centre, over: line)
        #expect(line.paths == ["/v1/hello", "/v1/exchange"])
        #expect(first.requests == 2 && first.sent == 2 && first.received == 0)
        let idle = try world.meet(ann, centre)
        #expect(idle.requests == 1 && idle.sent == 0 && idle.receipts.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `what either side lacks comes, and comes once`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let centre = try world.centre(store: kind.open())
        let ann = try world.laptop("ann", store: kind.open())
        let ben = try world.laptop("ben", store: kind.open())
        try ann.put("one", of: World.record(1), in: scope)
        try ann.put("two", of: World.record(2), in: scope)
        let up = try world.meet(ann, centre)
        #expect([up.sent, up.received, up.repeated] == [3, 0, 0])

        // A first sync, with something of one's own.
        try ben.put("three", of: World.record(3), in: scope)
        let both = try world.meet(ben, centre)
        #expect([both.sent, both.received, both.repeated] == [2, 3, 0])

        // And only what is new from then on.
        try ben.put("more", of: World.record(1), in: scope)
        try ann.put("four", of: World.record(4), in: scope)
        let later = try world.meet(ben, centre)
        #expect([later.sent, later.received, later.repeated] == [1, 0, 0])
        let back = try world.meet(ann, centre)
        #expect([back.sent, back.received, back.repeated] == [1, 3, 0])
        let last = try world.meet(ben, centre)
        #expect([last.sent, last.received, last.repeated] == [0, 1, 0])

        let expected = try centre.digest(of: scope)
        for replica in [ann, ben] {
            let digest = try replica.digest(of: scope)
            #expect(digest == expected)
        }
        let texts = try ann.texts(of: World.record(1), in: scope)
        #expect(texts == ["more"])
        let report = try centre.check()
        #expect(report.faults.isEmpty)
    }

    @Test func `every scope that is granted is synced, and no other`() throws {
        let world = try World()
        let (second, closed) = (ScopeID(high: 0xd0d1, low: 2), ScopeID(high: 0xd0d1, low: 3))
        let centre = try world.centre()
        try world.publish { roster in
            for (scope, name) in [(second, "second"), (closed, "closed")] {
                roster.scopes.append(Roster.Scope(id: scope, name: name, title: name, kind: .restricted))
            }
        }
        let (ann, ben) = (try world.replica("ann"), try world.replica("ben"))
        try world.join(ann, [world.scope, second, closed])
        try world.join(ben, [world.scope, second])
        for (n, scope) in [world.scope, second, closed].enumerated() {
            try ann.put("\(n)", of: World.record(UInt64(n)), in: scope)
        }
        let up = try world.meet(ann, centre)
        #expect(up.sent == 6 && up.receipts.count == 3)
        let down = try world.meet(ben, centre)
        #expect(down.received == 4 && down.receipts.count == 2)
        let scopes = try ben.store.reading { try $0.scopes() }
        #expect(scopes == [world.scope, second])
    }

    @Test func `a newer roster comes with the hello`() throws {
        let world = try World()
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        let newer = try world.publish()
        try centre.accept(newer)
        let summary = try world.meet(ann, centre)
        #expect(summary.requests == 1)
        let roster = try ann.roster()
        #expect(roster?.bytes == newer.bytes)
    }

    @Test func `the clock's offset is measured, and entries carry it`() throws {
        let world = try World()
        let clock = ScriptedClock(World.start - 3_600_000)
        let (ann, centre) = (try world.laptop("ann", clock: clock), try world.centre())
        try ann.put("unmeasured", of: World.record(1), in: world.scope)
        try world.meet(ann, centre)
        let offset = try ann.clockOffset()
        #expect(offset?.milliseconds == 3_600_000)
        try ann.put("measured", of: World.record(1), in: world.scope)
        let offsets = try ann.entries(in: world.scope).map { $0.entry.offset?.milliseconds }
        #expect(offsets == [nil, nil, 3_600_000])
        let state = try #require(try ann.state(of: World.record(1), in: world.scope))
        #expect(state.changed?.time == Timestamp(milliseconds: World.start))
    }

    @Test func `knowledge comes in as many pages as it takes`() throws {
        let world = try World()
        let scope = world.scope
        let centre = try world.centre()
        for name in ["ann", "ben", "cy", "dee"] {
            let laptop = try world.laptop(name)
            try laptop.put(name, of: World.record(UInt64(name.utf8.count)), in: scope)
            try world.meet(laptop, centre)
        }
        let eve = try world.laptop("eve")
        try eve.put("eve", of: World.record(9), in: scope)
        let line = Line()
        line.headsPerPage = 1
        let summary = try world.meet(eve, centre, over: line)
        #expect(line.paths == ["/v1/hello", "/v1/knowledge", "/v1/knowledge", "/v1/knowledge", "/v1/exchange"])
        #expect([summary.sent, summary.received, summary.repeated] == [2, 8, 0])
        let (here, there) = (try eve.digest(of: scope), try centre.digest(of: scope))
        #expect(here == there)
    }

    @Test func `chunks of any size make no difference`() throws {
        for chunk in [1, 2, 3, 7, 100_000] {
            let world = try World()
            let scope = world.scope
            let (ann, centre, ben) = (try world.laptop("ann"), try world.centre(), try world.laptop("ben"))
            try ann.put("港口 🦆", of: World.record(1), in: scope)
            let line = Line()
            line.chunk = chunk
            try world.meet(ann, centre, over: line)
            try world.meet(ben, centre, over: line)
            let (here, there) = (try ben.digest(of: scope), try ann.digest(of: scope))
            #expect(here == there, "chunks of \(chunk)")
        }
    }

    // MARK: Receipts

    @Test func `a receipt is kept, and says what is confirmed`() throws {
        let world = try World()
        let scope = world.scope
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        try ann.put("one", of: World.record(1), in: scope)
        let before = try ann.confirmations()
        #expect(before.map(\.unconfirmed) == [2])
        #expect(before.compactMap(\.time).isEmpty)
        world.clock.advance(1_000)
        let summary = try world.meet(ann, centre)
        #expect(summary.receipts == [scope])
        let after = try #require(try ann.confirmations().first)
        #expect(after.scope == scope && after.unconfirmed == 0)
        #expect(after.time == Timestamp(milliseconds: World.start + 1_000))
        let receipt = try #require(try ann.receipt(of: scope))
        let knowledge = try centre.knowledge(of: scope)
        #expect(receipt.digest == knowledge.digest(of: scope))
        #expect(receipt.heads == knowledge.heads)
        let checked = try Receipt(checking: receipt.unverified, service: world.service.publicKey)
        #expect(checked == receipt)

        try ann.put("two", of: World.record(1), in: scope)
        try ann.put("three", of: World.record(1), in: scope)
        let open = try ann.confirmations()
        #expect(open.map(\.unconfirmed) == [2])
        try world.meet(ann, centre)
        let closed = try ann.confirmations()
        #expect(closed.map(\.unconfirmed) == [0])
    }

    @Test(arguments: StoreKind.allCases)
    func `the records only here are named, the newest work first, each once`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let (ann, centre) = (try world.laptop("ann", store: kind.open()), try world.centre())
        let ben = try world.laptop("ben")
        try ben.put("Ben's", of: World.record(9), in: scope)
        try world.meet(ben, centre)
        try ann.put("old", of: World.record(1), in: scope)
        try world.meet(ann, centre)
        let none = try ann.unconfirmedRecords(limit: 10)
        #expect(none.isEmpty)
        for number in [2, 1, 3, 2] as [UInt64] {
            world.clock.advance(1_000)
            try ann.put("\(number) again", of: World.record(number), in: scope)
        }
        let (all, two) = (try ann.unconfirmedRecords(limit: 10), try ann.unconfirmedRecords(limit: 2))
        #expect(all.map(\.record) == [2, 3, 1].map { World.record($0) })
        #expect(two.map(\.record) == [2, 3].map { World.record($0) })
        #expect(all.allSatisfy { $0.scope == scope })
    }

    @Test func `a receipt that the service did not sign is not believed`() throws {
        let world = try World()
        let scope = world.scope
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        try ann.put("one", of: World.record(1), in: scope)
        let fault = #expect(throws: Fault.self) { try world.meet(ann, centre, signer: World.key("stranger")) }
        #expect(fault?.code == .signatureInvalid)
        let receipt = try ann.receipt(of: scope)
        #expect(receipt == nil)
        let confirmations = try ann.confirmations()
        #expect(confirmations.map(\.unconfirmed) == [2])
    }

    @Test func `a receipt that was lost on the way comes with the next sync`() throws {
        let world = try World()
        let scope = world.scope
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        try ann.put("one", of: World.record(1), in: scope)
        let line = Line()
        line.downloadEnds = 0
        #expect(throws: LineBroke.self) { try world.meet(ann, centre, over: line) }
        let held = try centre.entries(in: scope)
        #expect(held.count == 2)
        try world.meet(ann, centre)
        let confirmations = try ann.confirmations()
        #expect(confirmations.map(\.unconfirmed) == [0])
    }

    // MARK: Who may

    @Test func `a scope that is not granted is not opened`() throws {
        let world = try World()
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        try ann.put("one", of: World.record(1), in: world.scope)
        let client = try ExchangeClient(
            replica: ann, peer: [world.scope: Knowledge()], resending: [:], partial: nil, compression: NoCompression())
        var server = ExchangeServer(
            replica: centre, device: ann.key, granted: [], signer: world.service, compression: NoCompression())
        let broken = #expect(throws: ExchangeBroken.self) { try server.received(client.opening) { _ in } }
        #expect(broken?.reason == .scopeNotGranted(world.scope))
        let scopes = try centre.store.reading { try $0.scopes() }
        #expect(scopes.isEmpty)
    }

    @Test func `a grant that is withdrawn while an answer is under way ends it there`() throws {
        let world = try World()
        let (ann, ben, centre) = (try world.laptop("ann"), try world.laptop("ben"), try world.centre())
        for i in 0..<200 { try ann.put(String(repeating: "x", count: 2_000), of: World.record(UInt64(i)), in: world.scope) }
        try world.meet(ann, centre)
        var client = try ExchangeClient(
            replica: ben, peer: [world.scope: Knowledge()], resending: [:], partial: nil, compression: NoCompression())
        var server = ExchangeServer(
            replica: centre, device: ben.key, granted: [world.scope], signer: world.service, compression: NoCompression())
        try server.received(client.opening) { _ in }
        while let chunk = try client.nextChunk() { try server.received(chunk) { _ in } }
        // The receipt, and a frame.
        for _ in 0..<2 { try client.received(#require(try server.nextChunk(granted: [world.scope]))) }
        while let chunk = try server.nextChunk(granted: []) { try client.received(chunk) }
        try client.finish()
        #expect(client.isComplete)
        let held = try ben.entries(in: world.scope).count
        #expect(held > 0 && held < 100)
    }

    @Test func `a device learns that a scope was taken from it`() throws {
        let world = try World()
        let scope = world.scope
        let (ann, ben, centre) = (try world.laptop("ann"), try world.laptop("ben"), try world.centre())
        try ann.put("one", of: World.record(1), in: scope)
        try world.meet(ann, centre)
        // Ann is the roster's first device. The laptops have the older roster yet.
        let ended = try world.publish { $0.devices[0].grants[0].until = $0.version }
        try centre.accept(ended)
        try ben.put("not for Ann", of: World.record(2), in: scope)
        try world.meet(ben, centre)
        let summary = try world.meet(ann, centre)
        #expect(summary.requests == 1 && summary.received == 0)
        #expect(summary.withdrawn == [scope])
        let roster = try ann.roster()
        #expect(roster?.bytes == ended.bytes)
        let texts = try [1, 2].flatMap { try ann.texts(of: World.record($0), in: scope) }
        #expect(texts == ["one"])
    }

    @Test func `who speaks out of turn is not listened to`() throws {
        let world = try World()
        let scope = world.scope
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        let opening = ExchangeMessage.opening(Opening(scope: scope, heads: [], zstd: false))
        let frame = ExchangeMessage.frame(UnverifiedFrame(scope: scope, body: .plain([])))
        let divergence = ExchangeMessage.divergence(Divergence(scope: scope, journal: JournalID(rawValue: 1), position: 1))
        let wrong: [[ExchangeMessage]] = [[frame], [opening, frame, opening], [opening, divergence], [opening, .end, .end]]
        for messages in wrong {
            var server = ExchangeServer(
                replica: centre, device: ann.key, granted: [scope], signer: world.service, compression: NoCompression())
            let stream = messages.flatMap { $0.delimited }
            #expect(throws: ExchangeBroken.self) { try server.received(stream) { _ in } }
        }
        // The openings are what the request was signed over: if they are not, nothing after them is looked at.
        var server = ExchangeServer(
            replica: centre, device: ann.key, granted: [scope], signer: world.service, compression: NoCompression())
        #expect(throws: LineBroke.self) {
            try server.received(opening.delimited + frame.delimited) { bytes in
                #expect(bytes == opening.delimited)
                throw LineBroke()
            }
        }
    }
}
