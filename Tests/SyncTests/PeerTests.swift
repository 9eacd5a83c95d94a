// Laptops at one table: two machines, or four, and the line between them as a test wants it.

import Causality
import Chance
import Journals
import Records
import Replicas
import StoreSQLite
import Support
import Sync
import Testing
import Wire
import Worlds

/// Two machines and the line between them.
struct Table {
    var a: PeerExchange
    var b: PeerExchange
    /// How many bytes go through from one side to the other; nil: all.
    var endsToB: Int?
    var endsToA: Int?
    private(set) var toB: [UInt8] = []
    private(set) var toA: [UInt8] = []
    var errors: [MeetingError] = []

    init(_ a: (Replica, String), _ b: (Replica, String)) throws {
        func machine(_ side: (Replica, String), _ role: PeerRole) throws -> PeerExchange {
            try PeerExchange(
                replica: side.0, signer: World.key(side.1), role: role, secret: side.0.entropy.bytes(32),
                compression: NoCompression())
        }
        (self.a, self.b) = (try machine(a, .initiator), try machine(b, .responder))
    }

    /// Lets both talk, in small turns, until neither has anything to say; then hangs up if the line was cut.
    mutating func talk() throws {
        var isCut = false
        var said = true
        while said, !isCut {
            said = false
            if let chunk = try a.nextChunk() {
                said = true
                let through = chunk.prefix(max(0, (endsToB ?? .max) - toB.count))
                isCut = isCut || through.count < chunk.count
                toB += through
                try hear { try $0.b.received(through) }
            }
            if let chunk = try b.nextChunk() {
                said = true
                let through = chunk.prefix(max(0, (endsToA ?? .max) - toA.count))
                isCut = isCut || through.count < chunk.count
                toA += through
                try hear { try $0.a.received(through) }
            }
        }
        if isCut || !errors.isEmpty {
            try hear { try $0.a.finish() }
            try hear { try $0.b.finish() }
        }
    }

    private mutating func hear(_ body: (inout Table) throws -> Void) throws {
        do { try body(&self) } catch let error as MeetingError { errors.append(error) }
    }
}

@discardableResult
func meet(_ a: (Replica, String), _ b: (Replica, String)) throws -> Table {
    var table = try Table(a, b)
    try table.talk()
    return table
}

struct PeerTests {
    private func pair(_ kind: StoreKind = .memory) throws -> (world: World, ann: Replica, ben: Replica) {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        let ben = try world.laptop("ben", store: kind.open())
        try ann.put("by ann", of: World.record(1), in: world.scope)
        try ben.put("by ben", of: World.record(2), in: world.scope)
        return (world, ann, ben)
    }

    private func same(_ replicas: [Replica], in scope: ScopeID) throws -> Bool {
        let digests = try replicas.map { try $0.digest(of: scope) }
        return digests.allSatisfy { $0 != nil && $0?.digest == digests[0]?.digest && $0?.knowledge == digests[0]?.knowledge }
    }

    @Test(arguments: StoreKind.allCases)
    func `two laptops give each other what they lack, and then know that they hold the same`(_ kind: StoreKind) throws {
        let (world, ann, ben) = try pair(kind)
        let table = try meet((ann, "ann"), (ben, "ben"))
        #expect(table.errors == [])
        #expect(table.a.isIdle)
        #expect(table.b.isIdle)
        #expect(table.a.summary.isSame)
        #expect(table.a.summary.sent == 2)
        #expect(table.a.summary.received == 2)
        #expect(table.a.summary.peer == ben.key)
        #expect(table.b.summary.peer == ann.key)
        #expect(try same([ann, ben], in: world.scope))
        #expect(try ann.alsoHeld(in: world.scope) == [ben.key])
        #expect(try ben.alsoHeld(in: world.scope) == [ann.key])
        let again = try meet((ben, "ben"), (ann, "ann"))
        #expect(again.a.summary.sent + again.b.summary.sent == 0)
        #expect(again.a.summary.rounds == 1)
    }

    @Test func `what is written while they sit together goes over at the next wake`() throws {
        let (world, ann, ben) = try pair()
        var table = try meet((ann, "ann"), (ben, "ben"))
        try ann.put("later", of: World.record(3), in: world.scope)
        try table.a.wake()
        try table.talk()
        #expect(table.errors == [])
        #expect(try same([ann, ben], in: world.scope))
        try ben.put("both", of: World.record(4), in: world.scope)
        try ann.put("at once", of: World.record(5), in: world.scope)
        try table.a.wake()
        try table.b.wake()
        try table.talk()
        #expect(table.errors == [])
        #expect(try same([ann, ben], in: world.scope))
        let rounds = table.a.summary.rounds
        try table.a.wake()
        try table.talk()
        #expect(table.a.summary.rounds == rounds)
    }

    @Test(arguments: StoreKind.allCases)
    func `what a neighbour holds is not at the centre yet, but not only here either`(_ kind: StoreKind) throws {
        let (world, ann, ben) = try pair(kind)
        func work() throws -> UnconfirmedWork { try ann.unconfirmedWork() }
        func onlyHere() throws -> [RecordID] {
            try ann.unconfirmedRecords(limit: 9, beyond: work().known).map(\.record)
        }
        #expect(try (work().count, work().onlyHere) == (2, 2))
        #expect(try work().devices.isEmpty)
        #expect(try onlyHere() == [World.record(1)])
        try meet((ann, "ann"), (ben, "ben"))
        #expect(try (work().count, work().onlyHere) == (2, 0))
        #expect(try work().devices == [ben.key])
        #expect(try onlyHere().isEmpty)
        try ann.put("after the table", of: World.record(3), in: world.scope)
        #expect(try (work().count, work().onlyHere) == (3, 1))
        #expect(try work().devices == [ben.key])
        #expect(try onlyHere() == [World.record(3)])
        #expect(try ann.unconfirmedRecords(limit: 9).map(\.record).count == 2)
        // At the centre, nothing of it is told of any more.
        let centre = try world.centre()
        try world.meet(ann, centre)
        #expect(try (work().count, work().onlyHere) == (0, 0))
        #expect(try work().devices.isEmpty)
    }

    @Test func `a neighbour who holds another branch of a journal holds nothing of this one`() throws {
        let (world, ann, ben) = try pair()
        let knowledge = try ann.knowledge(of: world.scope)
        let other = Knowledge(knowledge.heads.map { Head(journal: $0.journal, position: $0.position, hash: Hash(.knowledge, [])) })
        try ann.note(heard: other, of: world.scope, from: ben.key, at: world.clock.now())
        #expect(try ann.unconfirmedWork().onlyHere == 2)
        #expect(try ann.unconfirmedWork().devices.isEmpty)
        try ann.note(heard: knowledge, of: world.scope, from: ben.key, at: world.clock.now())
        #expect(try ann.unconfirmedWork().onlyHere == 0)
    }

    @Test func `the newer roster is handed over first, from either side`() throws {
        for isInitiator in [true, false] {
            let (world, ann, ben) = try pair()
            try world.publish { $0.people.append(Roster.Person(id: "new", name: "New")) }
            try ann.accept(world.roster)
            let table = try isInitiator ? meet((ann, "ann"), (ben, "ben")) : meet((ben, "ben"), (ann, "ann"))
            #expect(table.errors == [])
            #expect(try ben.roster()?.roster.version == world.roster.roster.version)
            #expect(try same([ann, ben], in: world.scope))
        }
    }

    @Test func `who joined after the other last heard brings the roster that says so`() throws {
        let (world, ann, _) = try pair()
        let eve = try world.replica("eve")
        let old = world.roster
        try world.grant(eve.key, [world.scope])
        try eve.accept(world.roster)
        let late = try world.replica("late")
        try late.accept(old)
        try late.accept(world.roster)
        #expect(try ann.roster()?.roster.device(eve.key) != nil)
        let dan = try Replica(
            store: MemoryStore(), signer: World.key("ben"), rules: ReviewEverything(), clock: world.clock, entropy: world.entropy)
        try dan.accept(old)
        let table = try meet((dan, "ben"), (eve, "eve"))
        #expect(table.errors == [])
        #expect(try dan.roster()?.roster.device(eve.key) != nil)
    }

    @Test func `a stranger is told nothing, and a roster least of all`() throws {
        let (world, ann, _) = try pair()
        let stranger = try world.replica("stranger")
        try stranger.accept(world.roster)
        let table = try meet((stranger, "stranger"), (ann, "ann"))
        #expect(Set(table.errors.map(\.code)).isSubset(of: [.stranger, .refused, .cut]))
        #expect(table.errors.contains { $0.code == .stranger })
        #expect(table.a.summary.received == 0)
        #expect(table.b.summary.sent == 0)
    }

    @Test func `a device from which every scope was taken gets nothing, not even the newer roster`() throws {
        let (world, ann, ben) = try pair()
        let before = try ben.roster()?.roster.version
        try world.publish { roster in
            for i in roster.devices.indices where roster.devices[i].key == ben.key {
                roster.devices[i].grants[0].until = roster.version
            }
        }
        try ann.accept(world.roster)
        let table = try meet((ben, "ben"), (ann, "ann"))
        #expect(table.errors.contains { $0.code == .withdrawn })
        #expect(table.errors.contains { $0.code == .refused })
        #expect(try ben.roster()?.roster.version == before)
        #expect(try ben.texts(of: World.record(1), in: world.scope) == [])
    }

    @Test func `of scopes that only one of them may see neither name nor entry goes over`() throws {
        let world = try World()
        let (ours, yours) = (ScopeID(high: 9, low: 1), ScopeID(high: 9, low: 2))
        try world.publish { roster in
            for (id, name) in [(ours, "ours"), (yours, "yours")] {
                roster.scopes.append(Roster.Scope(id: id, name: name, title: name, kind: .restricted))
            }
        }
        let (ann, ben) = (try world.replica("ann"), try world.replica("ben"))
        try world.join(ann, [world.scope, ours])
        try world.join(ben, [world.scope, yours])
        try ann.put("shared", of: World.record(1), in: world.scope)
        try ann.put("ours", of: World.record(2), in: ours)
        try ben.put("yours", of: World.record(3), in: yours)
        let table = try meet((ann, "ann"), (ben, "ben"))
        #expect(table.errors == [])
        #expect(table.a.summary.scopes == [world.scope])
        #expect(table.a.summary.sent == 2)
        #expect(table.b.summary.sent == 0)
        #expect(try ben.knowledge(of: ours).heads.isEmpty)
        #expect(try ann.knowledge(of: yours).heads.isEmpty)
    }

    @Test func `a line cut after any byte loses nothing, and the next meeting brings the rest`() throws {
        let (world, ann, ben) = try pair()
        let whole = try meet((try twin(of: ann, "ann", world), "ann"), (try twin(of: ben, "ben", world), "ben"))
        for isToA in [true, false] {
            let length = isToA ? whole.toA.count : whole.toB.count
            for end in 0..<length {
                let (x, y) = (try twin(of: ann, "ann", world), try twin(of: ben, "ben", world))
                var table = try Table((x, "ann"), (y, "ben"))
                if isToA { table.endsToA = end } else { table.endsToB = end }
                try table.talk()
                #expect(table.errors.allSatisfy { $0.code == .cut }, "\(table.errors)")
                if end % 40 == 0 || end == length - 1 {
                    #expect(try meet((x, "ann"), (y, "ben")).errors == [])
                    #expect(try same([x, y], in: world.scope))
                }
            }
        }
    }

    /// The same device with the same entries in another store, for trying one thing many times.
    private func twin(of replica: Replica, _ name: String, _ world: World) throws -> Replica {
        try world.copy(of: replica, named: name)
    }

    @Test func `a changed byte ends the meeting, and nothing false is taken in`() throws {
        let (world, ann, ben) = try pair()
        let length = try meet((try twin(of: ann, "ann", world), "ann"), (try twin(of: ben, "ben", world), "ben")).toB.count
        for i in stride(from: 0, to: length, by: 3) {
            let (x, y) = (try twin(of: ann, "ann", world), try twin(of: ben, "ben", world))
            var a = try PeerExchange(
                replica: x, signer: World.key("ann"), role: .initiator, secret: world.entropy.bytes(32),
                compression: NoCompression())
            var b = try PeerExchange(
                replica: y, signer: World.key("ben"), role: .responder, secret: world.entropy.bytes(32),
                compression: NoCompression())
            var (at, failed) = (0, false)
            while !failed {
                var said = false
                if var chunk = try a.nextChunk() {
                    said = true
                    if (at..<at + chunk.count).contains(i) { chunk[i - at] ^= 0x10 }
                    at += chunk.count
                    do { try b.received(chunk) } catch is MeetingError { failed = true }
                }
                if let chunk = try b.nextChunk() {
                    said = true
                    do { try a.received(chunk) } catch is MeetingError { failed = true }
                }
                if !said { break }
            }
            // A length that grew leaves the other waiting for bytes that never come: the line's silence ends that.
            if !failed { #expect(throws: MeetingError(.cut)) { try b.finish() } }
            #expect(try y.quarantined().isEmpty)
            #expect(b.summary.refusals == [])
        }
    }

    @Test func `the words of one meeting said again to another bring nothing`() throws {
        let (world, ann, ben) = try pair()
        let heard = try meet((ann, "ann"), (ben, "ben"))
        let eve = try world.laptop("eve")
        for stream in [heard.toB, heard.toA] {
            var machine = try PeerExchange(
                replica: eve, signer: World.key("eve"), role: .responder, secret: world.entropy.bytes(32),
                compression: NoCompression())
            #expect(throws: MeetingError.self) { try machine.received(stream) }
            #expect(machine.summary.peer == nil)
        }
        #expect(try eve.knowledge(of: world.scope).heads.isEmpty)
    }

    @Test func `who listens learns neither keys nor names nor scopes`() throws {
        let (world, ann, ben) = try pair()
        let table = try meet((ann, "ann"), (ben, "ben"))
        let secrets = [
            ann.key.bytes, ben.key.bytes, world.root.publicKey.bytes, world.scope.bytes, Array("by ann".utf8),
            Array("everyone".utf8),
        ]
        for secret in secrets {
            #expect(table.toA.firstRange(of: secret) == nil)
            #expect(table.toB.firstRange(of: secret) == nil)
        }
    }

    @Test func `laptops of two services, a laptop and itself, and something else on the port do not meet`() throws {
        let (world, ann, ben) = try pair()
        let other = try Replica(
            store: MemoryStore(), signer: World.key("other"), rules: ReviewEverything(), clock: world.clock, entropy: world.entropy)
        let root = World.key("another root")
        try other.accept(
            try .signing(
                Roster(
                    version: 1, root: root.publicKey, service: root.publicKey, issued: Timestamp(milliseconds: 1),
                    expires: Timestamp(milliseconds: 2), catalogue: []), by: root))
        #expect(try meet((ann, "ann"), (other, "other")).errors.contains { $0.code == .otherService })
        #expect(try meet((ann, "ann"), (twin(of: ann, "ann", world), "ann")).errors.contains { $0.code == .oneself })
        func responder() throws -> PeerExchange {
            try PeerExchange(
                replica: ben, signer: World.key("ben"), role: .responder, secret: world.entropy.bytes(32),
                compression: NoCompression())
        }
        var machine = try responder()
        #expect(throws: MeetingError(.notDundian)) { try machine.received(Array("GET / HTTP/1.1\r\n".utf8)) }
        machine = try responder()
        let newer = [0x89] + Array("DUNMEET".utf8) + [0, 2] + [UInt8](repeating: 1, count: 32)
        #expect(throws: MeetingError(.otherVersion, "2")) { try machine.received(newer) }
        var initiator = try PeerExchange(
            replica: ann, signer: World.key("ann"), role: .initiator, secret: world.entropy.bytes(32), compression: NoCompression())
        let key = try #require(World.key("x").agreement).bytes
        #expect(throws: MeetingError(.malformed, "a record of 2139062143 bytes")) {
            try initiator.received(key + [0x7f, 0x7f, 0x7f, 0x7f])
        }
    }

    @Test func `a clone caught at a meeting: the fork is proven on both sides and both keep both`() throws {
        for extra in 0...2 {
            let (world, ann, ben) = try pair()
            let clone = try world.copy(of: ann, named: "ann")
            let eve = try world.laptop("eve")
            try ann.put("the one", of: World.record(1), in: world.scope)
            try clone.put("the other", of: World.record(1), in: world.scope)
            for n in 0..<extra { try clone.put("more \(n)", of: World.record(7), in: world.scope) }
            try meet((ann, "ann"), (ben, "ben"))
            try meet((clone, "ann"), (eve, "eve"))
            let table = try meet((ben, "ben"), (eve, "eve"))
            #expect(table.errors == [])
            #expect(table.a.summary.isSame)
            #expect(try same([ben, eve], in: world.scope))
            #expect(try ben.texts(of: World.record(1), in: world.scope) == ["the one", "the other"])
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `four laptops that meet in any order hold the same in the end`(_ seed: UInt64) throws {
        var chance = SplitMix64(seed: seed)
        let world = try World(seed: seed)
        let names = ["ann", "ben", "eve", "dan"]
        let laptops = try names.enumerated().map { i, name in
            try world.laptop(name, store: (i % 2 == 0 ? StoreKind.memory : .sqlite).open())
        }
        for _ in 0..<20 {
            let i = Int.random(in: 0..<4, using: &chance)
            try laptops[i].put(
                "\(chance.next() % 100)", of: World.record(UInt64.random(in: 1...4, using: &chance)), in: world.scope)
            world.clock.advance(1_000)
            if Bool.random(using: &chance) {
                let j = (i + Int.random(in: 1...3, using: &chance)) % 4
                #expect(try meet((laptops[i], names[i]), (laptops[j], names[j])).errors == [])
            }
        }
        // A chain there and back again.
        for (i, j) in [(0, 1), (1, 2), (2, 3), (1, 2), (0, 1)] { try meet((laptops[i], names[i]), (laptops[j], names[j])) }
        #expect(try same(laptops, in: world.scope))
    }
}
