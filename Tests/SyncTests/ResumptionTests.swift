// A message too long for the link's life: what came of it is kept, and the next link brings the rest and no more.

import Causality
import Chance
import Journals
import Records
import Replicas
import Support
import Sync
import Testing
import Wire
import Worlds

struct ResumptionTests {
    /// One entry that does not shrink and is far longer than a link carries before it is cut.
    private func scene(_ kind: StoreKind) throws -> (world: World, ann: Replica, ben: Replica, centre: Replica) {
        let world = try World()
        let centre = try world.centre(store: kind.open())
        let ann = try world.laptop("ann", store: kind.open())
        let ben = try world.laptop("ben", store: kind.open())
        try world.meet(ann, centre)
        try world.meet(ben, centre)
        var chance = SplitMix64(seed: 7)
        let text = String((0..<300_000).map { _ in Character(Unicode.Scalar(UInt8(97 + Int(chance.next() % 26)))) })
        try ann.put(text, of: World.record(1), in: world.scope)
        return (world, ann, ben, centre)
    }

    @Test(arguments: StoreKind.allCases)
    func `an upload that is cut again and again gets through, each byte about once`(_ kind: StoreKind) throws {
        let (world, ann, _, centre) = try scene(kind)
        var uploaded = 0
        var links = 0
        while true {
            let line = Line()
            line.uploadEnds = 40_000
            links += 1
            do { try world.meet(ann, centre, over: line) } catch is LineBroke {
                uploaded += 40_000
                #expect(links < 12)
                if links >= 12 { return }
                continue
            }
            uploaded += line.uploaded.count
            break
        }
        // Openings and lengths are all that was sent twice.
        #expect(uploaded < 300_000 + 2_000 * links)
        #expect(try centre.texts(of: World.record(1), in: world.scope) == ann.texts(of: World.record(1), in: world.scope))
        #expect(try centre.unfinishedMessage(from: ann.key) == nil)
        #expect(try ann.confirmations().map(\.unconfirmed) == [0])
    }

    @Test(arguments: StoreKind.allCases)
    func `a download that is cut again and again gets through`(_ kind: StoreKind) throws {
        let (world, ann, ben, centre) = try scene(kind)
        try world.meet(ann, centre)
        for links in 1... {
            let line = Line()
            line.downloadEnds = 40_000
            do { try world.meet(ben, centre, over: line) } catch is LineBroke {
                #expect(links < 12)
                if links >= 12 { return }
                continue
            }
            break
        }
        #expect(try ben.texts(of: World.record(1), in: world.scope) == ann.texts(of: World.record(1), in: world.scope))
        #expect(try ben.unfinishedMessage(from: world.service.publicKey) == nil)
    }

    @Test func `a kept beginning that nobody continues does no harm, and goes`() throws {
        let (world, ann, _, centre) = try scene(.memory)
        let line = Line()
        line.uploadEnds = 40_000
        #expect(throws: LineBroke.self) { try world.meet(ann, centre, over: line) }
        #expect(try centre.unfinishedMessage(from: ann.key)?.bytes.count ?? 0 > 30_000)
        // Now the message is another: a second entry stands in the way of the same bytes.
        try ann.erase([0], of: #require(ann.entries(in: world.scope).last?.dot), in: world.scope)
        try ann.put("short", of: World.record(2), in: world.scope)
        try world.meet(ann, centre)
        #expect(try centre.texts(of: World.record(2), in: world.scope) == ["short"])
        #expect(try centre.unfinishedMessage(from: ann.key) == nil)
    }

    @Test func `a continuation of nothing is refused`() throws {
        let world = try World()
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        try ann.put("one", of: World.record(1), in: world.scope)
        let line = Line()
        line.spoilUpload = { $0 += ExchangeMessage.continuation([1, 2, 3]).delimited }
        #expect(throws: (any Error).self) { try world.meet(ann, centre, over: line) }
        // Before the end it is refused for what it is.
        line.spoilUpload = { stream in
            let end = ExchangeMessage.end.delimited
            stream.removeLast(end.count)
            stream += ExchangeMessage.continuation([1, 2, 3]).delimited + end
        }
        #expect(throws: Malformed.self) { try world.meet(ann, centre, over: line) }
    }

    @Test func `frames grow with what was carried, so a cut costs a fifth at most`() throws {
        let world = try World()
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        for i in 0..<400 { try ann.put(String(repeating: "文", count: 300), of: World.record(UInt64(i)), in: world.scope) }
        let line = Line()
        try world.meet(ann, centre, over: line)
        var splitter = MessageSplitter()
        splitter.feed(line.uploaded)
        var before = 0
        var frames = 0
        while let message = try splitter.next() {
            guard case .frame? = try ExchangeMessage.decode(message) else { continue }
            #expect(message.count <= max(Limits.firstFrameBytes, before / 4) + 2_000)
            before += message.count
            frames += 1
        }
        #expect(frames > 8)
    }
}

struct BackoffTests {
    @Test func `waits double up to a minute, each within its half`() {
        var chance = SplitMix64(seed: 3)
        var backoff = Backoff()
        var span = 500
        for _ in 0..<12 {
            let wait = backoff.next(using: &chance)
            #expect((span / 2...span).contains(wait))
            span = min(60_000, span * 2)
        }
        backoff.reset()
        #expect(backoff.next(using: &chance) <= 500)
    }
}
