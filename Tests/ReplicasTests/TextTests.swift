// Any text, any type, any field: what is written is what everybody reads, byte for byte.

import Causality
import Journals
import Records
import Replicas
import StoreSQLite
import Testing
import Wire
import Worlds

private let texts = [
    "",
    String(repeating: "港口文物的故事。", count: 25_000),
    String(repeating: "👩‍👩‍👧‍👦🏳️‍🌈🇸🇬é👍🏽", count: 500),
    "\u{0}before and after a zero\u{0}",
    "مرحبا\u{200f} \u{202e}backwards\u{202c}",
    "line one\r\nline two\n\ttab",
    "caf\u{e9}",
    "cafe\u{301}",
    "'; DROP TABLE _entry; --",
    "\u{10ffff}\u{feff}\u{fffd}",
]

struct TextTests {
    @Test(arguments: texts.indices)
    func `a text survives commit, sync and reopening as it was written`(_ index: Int) throws {
        let text = texts[index]
        let world = try World()
        let scope = world.scope
        let path = try TemporaryFolder.file()
        let ann = try world.laptop("ann")
        let centre = try world.centre()
        try ann.put(text, of: World.record(1), in: scope)
        try world.meet(ann, centre)
        do {
            let ben = try world.laptop("ben", store: SQLiteStore(path: path))
            try world.meet(ben, centre)
        }
        let ben = try world.replica("ben", store: SQLiteStore(path: path))
        for replica in [ann, centre, ben] {
            let read = try replica.texts(of: World.record(1), in: scope).map { Array($0.utf8) }
            #expect(read == [Array(text.utf8)])
        }
        let report = try ben.check()
        #expect(report.faults.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `two spellings of one letter are two fields, two types, two values`(_ kind: StoreKind) throws {
        let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann", store: kind.open())
        let writes = [Write.put(.text("a"), FieldKey(composed)), Write.put(.text("b"), FieldKey(decomposed))]
        try ann.commit(Change(writes, of: World.record(1), type: TypeKey(composed)), in: scope)
        try ann.commit(Change(writes, of: World.record(2), type: TypeKey(decomposed)), in: scope)
        for text in [composed, decomposed] {
            try ann.commit(Change([.put(.text(text), "title")], of: World.record(1)), in: scope)
        }
        let state = try #require(try ann.state(of: World.record(1), in: scope))
        #expect(state.fields.count == 3)
        guard case .contested? = state.outcome(of: "title", by: ReviewEverything()) else {
            Issue.record("two texts with other bytes were taken as one")
            return
        }
        let listed = try ann.store.reading { try $0.list(scope: nil, type: TypeKey(composed), deleted: nil, limit: 10, offset: 0) }
        #expect(listed.map { $0.state.record } == [World.record(1)])
        let report = try ann.check()
        #expect(report.faults.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `types, fields and values that nobody knows are kept and passed on`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann")
        let centre = try world.centre(store: kind.open())
        let odd = Value.unrecognised([0xfa, 0x01, 0x02, 0x68, 0x69])
        let values: [(FieldKey, Value)] = [
            ("not-yet", odd), ("in-a-list", .list([odd, .empty, .text("x")])), ("raw", .data([0, 255])),
        ]
        let writes = values.map { Write.put($0.1, $0.0) }
        try ann.commit(Change(writes, of: World.record(1), type: "zither"), in: scope)
        try world.meet(ann, centre)
        let ben = try world.laptop("ben", store: kind.open())
        try world.meet(ben, centre)
        for replica in [centre, ben] {
            let state = try #require(try replica.state(of: World.record(1), in: scope))
            #expect(state.type == "zither")
            for (field, value) in values {
                let read = state[field]?.candidates.map(\.value) ?? []
                #expect(read == [Content.value(value)])
            }
        }
        // And who does not know them edits them like any other.
        try ben.put(.text("now"), "not-yet", of: World.record(1), in: scope)
        let now = try ben.values(of: World.record(1), "not-yet", in: scope)
        #expect(now == [Content.value(.text("now"))])
    }

    @Test(arguments: StoreKind.allCases)
    func `what a newer program added to a skeleton is kept and passed on`(_ kind: StoreKind) throws {
        let world = try World()
        let scope = world.scope
        let ben = try world.laptop("ben", store: kind.open())
        let cy = try world.laptop("cy", store: kind.open())
        var ann = try world.author("ann")
        let (skeleton, values) = Change([.put(.text("x"))], of: World.record(1)).encoded()
        // Field 15, two bytes long.
        let newer = skeleton + [0x7a, 0x02, 0x68, 0x69]
        let run = try ann.run([ann.birth(), ann.entry(skeleton: newer, values: values)])
        let report = try ben.ingest([[run]], in: scope)
        #expect(report.stored == 2)
        try world.meet(cy, ben)
        for replica in [ben, cy] {
            let entry = try replica.store.reading { try $0.entry(ann.last, in: scope) }
            #expect(entry?.entry.skeleton == newer)
            let texts = try replica.texts(of: World.record(1), in: scope)
            #expect(texts == ["x"])
            let check = try replica.check()
            #expect(check.faults.isEmpty)
        }
    }
}
