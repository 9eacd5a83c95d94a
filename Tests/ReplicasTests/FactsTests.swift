import Causality
import Journals
import Records
import Replicas
import Testing
import Worlds

struct FactsTests {
    @Test(arguments: StoreKind.allCases)
    func `facts say what the record says, or to ask it`(_ kind: StoreKind) throws {
        let world = try World()
        let (ann, ben) = (try world.laptop("ann", store: kind.open()), try world.laptop("ben"))
        let id = try ann.create(
            "letter", in: world.scope,
            fields: [
                ("status", .value(.text("draft"))), ("issued_at", .value(.date("2026-05-11"))),
                ("reply_within", .value(.integer(15))),
                ("unit", .value(.reference(World.record(9)))), ("asks", .value(.text(String(repeating: "长", count: 40)))),
                ("note", .value(.empty)),
            ])
        func facts() throws -> RecordFacts {
            var found: [RecordFacts] = []
            try ann.forEachFacts(of: "letter") { _, facts in found.append(facts) }
            return try #require(found.first)
        }
        let first = try facts()
        #expect(
            first.record == id && first["status"] == .value(.text("draft")) && first["issued_at"] == .value(.date("2026-05-11")))
        #expect(first["reply_within"] == .value(.integer(15)) && first["unit"] == .value(.reference(World.record(9))))
        #expect(first["asks"] == .ask && first["note"] == RecordFacts.Fact.none && first["other"] == .none)
        // Of two values the record tells.
        _ = try ben.ingest(try world.units(of: ann, beyond: Knowledge()), in: world.scope)
        try ann.edit(id, fields: [("status", .value(.text("issued")))])
        try ben.edit(id, fields: [("status", .value(.text("voided")))])
        _ = try ann.ingest(try world.units(of: ben, beyond: Knowledge()), in: world.scope)
        #expect(try facts()["status"] == .ask)
        #expect(try ann.records(referringTo: [World.record(9)]).map(\.id) == [id])
        try ann.delete(id)
        var left = 0
        try ann.forEachFacts(of: "letter") { _, _ in left += 1 }
        #expect(left == 0)
        #expect(try ann.records(referringTo: [World.record(9)]).isEmpty)
    }

    @Test func `bytes that are none are asked about, not believed`() {
        for bytes in [[200], [1], [1, 97], [1, 97, 9, 1], [1, 97, 2, 0xff, 0xff]] as [[UInt8]] {
            let facts = RecordFacts(record: World.record(1), storedBytes: bytes)
            #expect(facts["a"] == .ask || facts["a"] == .none)
        }
    }
}
