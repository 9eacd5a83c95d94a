// The commit door: what a replica writes itself.

import Causality
import Journals
import Records
import Replicas
import Testing
import Wire
import Worlds

/// A change of one new record.
private func change(_ text: String, _ number: UInt64) -> Change { Change([.put(.text(text))], of: World.record(number)) }

struct CommitDoorTests {
    @Test(arguments: StoreKind.allCases)
    func `the first commit begins the journal with a birth, and the next goes on behind it`(_ kind: StoreKind) throws {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        let journal = JournalID(try ann.replicaID())
        let first = try ann.put("Harbour", of: World.record(1), in: world.scope)
        let second = try ann.put("Port", of: World.record(1), in: world.scope)
        let entries = try ann.entries(in: world.scope)

        #expect([first, second] == [Dot(journal, 2), Dot(journal, 3)])
        #expect(entries.map(\.dot) == [Dot(journal, 1), first, second])
        let birth = try entries[0].decoded()
        #expect(birth == .birth(Birth(key: ann.key, earlier: nil)))
        var previous = Hash.zero
        for entry in entries {
            #expect(entry.header(in: world.scope, previous: previous).hash == entry.hash)
            previous = entry.hash
        }
        let signature = try #require(entries[2].signature)
        #expect(ann.key.verifies(signature, .signedHead, entries[2].hash.bytes))
        let texts = try ann.texts(of: World.record(1), in: world.scope)
        #expect(texts == ["Port"])
    }

    @Test func `every scope has a journal of its own`() throws {
        let world = try World()
        let other = ScopeID(high: 0xd0d1, low: 2)
        let ann = try world.replica("ann")
        try world.join(ann, [world.scope, other])
        try ann.commit([(world.scope, change("here", 1)), (other, change("there", 2)), (world.scope, change("again", 3))])
        let counts = try [ann.entries(in: world.scope).count, ann.entries(in: other).count]
        #expect(counts == [3, 2])
    }

    @Test func `time never goes back in a journal, whatever the clock does`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        let (before, after): (Int64, Int64) = (978_307_200_000, 4_070_908_800_000)  // 2001 and 2099
        for (number, time) in [World.start, before, after, before].enumerated() {
            world.clock.set(time)
            try ann.put("\(number)", of: World.record(UInt64(number)), in: world.scope)
        }
        let times = try ann.entries(in: world.scope).map(\.entry.time.rawValue)
        #expect(times == [World.start, World.start, World.start, after, after])
        let report = try ann.check()
        #expect(report.faults.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `a commit of a thousand changes is signed every 256 entries or sooner`(_ kind: StoreKind) throws {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        let changes = (0..<1_000).map { change("\($0)", UInt64($0)) }
        let dots = try ann.commit(in: world.scope) { _ in changes }
        #expect(dots.map(\.position.rawValue) == Array(2...1_001))
        let entries = try ann.entries(in: world.scope)
        let signed = entries.filter { $0.signature != nil }.map { Int($0.position.rawValue) }
        #expect(signed.last == 1_001)
        #expect(zip([0] + signed, signed).allSatisfy { $1 - $0 <= Limits.entriesPerSignature })
        let report = try ann.check()
        #expect(report.faults.isEmpty)
        #expect(report.records == 1_000)
    }

    @Test func `a commit of large entries is signed every 32 KiB, or entry by entry where one is longer`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        let texts = (0..<5).map { String(repeating: "\($0)", count: $0 == 3 ? 1_000_000 : 400_000) }
        try ann.commit(in: world.scope) { _ in texts.enumerated().map { change($1, UInt64($0)) } }
        try ann.commit(in: world.scope) { _ in (0..<100).map { change(String(repeating: "x", count: 1_000), 10 + $0) } }
        var unsigned: [Int] = []
        var signatures = 0
        for entry in try ann.entries(in: world.scope) {
            unsigned.append(entry.entry.skeleton.count + entry.entry.values.byteCount)
            #expect(unsigned.count == 1 || unsigned.reduce(0, +) <= Limits.unsignedBytes)
            guard entry.signature != nil else { continue }
            unsigned = []
            signatures += 1
        }
        #expect(unsigned.isEmpty)
        // The birth and the five long ones each, and four for the hundred.
        #expect((9...11).contains(signatures))
        let report = try ann.check()
        #expect(report.faults.isEmpty)
    }

    @Test func `a change that is too large is refused, and nothing of the commit is saved`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        try ann.put("kept", of: World.record(1), in: world.scope)
        let digests = try ann.digests()
        let long = change(String(repeating: "x", count: 1 << 20), 3)
        let many = Change(
            (0..<4_097).map { Write(.add, field: "tags", value: .value(.integer(Int64($0)))) }, of: World.record(3))
        for large in [long, many] {
            let error = #expect(throws: ReplicaError.self) {
                try ann.commit(in: world.scope) { _ in [change("small", 2), large, change("small", 4)] }
            }
            #expect(error?.code == .entryTooLarge)
        }
        let after = try ann.digests()
        #expect(after == digests)
    }

    @Test func `a replica that has not joined saves nothing`() throws {
        let world = try World()
        let ann = try world.replica("ann")
        let error = #expect(throws: ReplicaError.self) { try ann.put("lost", of: World.record(1), in: world.scope) }
        #expect(error?.code == .notJoined)
        let scopes = try ann.store.reading { try $0.scopes() }
        #expect(scopes.isEmpty)
    }

    @Test func `a scope that is not granted takes nothing, nor does any other in the same save`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        let closed = ScopeID(high: 9, low: 9)
        let error = #expect(throws: ReplicaError.self) {
            try ann.commit([(world.scope, change("here", 1)), (closed, change("there", 2))])
        }
        #expect(error?.code == .scopeNotGranted)
        let scopes = try ann.store.reading { try $0.scopes() }
        #expect(scopes.isEmpty)
    }

    @Test func `a grant that has ended takes nothing more`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        try ann.put("before", of: World.record(1), in: world.scope)
        let ended = try world.publish { $0.devices[0].grants[0].until = $0.version }
        try ann.accept(ended)
        let error = #expect(throws: ReplicaError.self) { try ann.put("after", of: World.record(1), in: world.scope) }
        #expect(error?.code == .scopeNotGranted)
        // What was written while it held goes on counting.
        let texts = try ann.texts(of: World.record(1), in: world.scope)
        #expect(texts == ["before"])
    }

    /// One such entry would keep everything behind it from ever being taken in anywhere.
    @Test func `a change that no other replica would take is not saved`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        try ann.put("kept", of: World.record(1), in: world.scope)
        let digests = try ann.digests()
        let own = JournalID(try ann.replicaID())
        let put = Write.put(.text("x"))
        func seeing(_ journal: JournalID, _ position: UInt64) -> VersionVector {
            VersionVector([VersionVector.Component(journal: journal, position: Position(rawValue: position))])
        }
        var nested = Value.text("deep")
        for _ in 0..<17 { nested = .list([nested]) }
        let record = World.record(2)
        let changes: [(String, Change)] = [
            ("without edits", Change(edits: [])),
            ("without writes", Change([], of: record)),
            ("two edits of one record", Change(edits: Change([put], of: record).edits + Change([put], of: record).edits)),
            ("a type without a name", Change([put], of: record, type: "")),
            ("a type with a long name", Change([put], of: record, type: TypeKey(String(repeating: "t", count: 65)))),
            ("a field without a name", Change([.put(.text("x"), "")], of: record)),
            ("a field with a long name", Change([.put(.text("x"), FieldKey(String(repeating: "f", count: 65)))], of: record)),
            ("a field put twice", Change([put, put], of: record)),
            ("a settle of nothing", Change([Write(.settle, field: "title", value: .value(.text("x")))], of: record)),
            ("a value too deep", Change([.put(nested)], of: record)),
            ("its own future", Change([put], of: record, seeing: seeing(own, 3))),
            ("what nobody has seen", Change([put], of: record, seeing: seeing(JournalID(rawValue: 77), 1))),
        ]
        for (what, change) in changes {
            #expect(throws: (any Error).self, "\(what)") { try ann.commit(change, in: world.scope) }
            let after = try ann.digests()
            #expect(after == digests, "\(what)")
        }
    }
}
