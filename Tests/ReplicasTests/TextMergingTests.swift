// Texts that two people wrote at apart: merged where they can be, settled place by place where not.

import Causality
import Journals
import Records
import Replicas
import Testing
import Worlds

private let id = World.record(1)

private struct TextEverywhere: MergeRules {
    func rule(of field: FieldKey, in type: TypeKey) -> MergeRule { .text }
}

private struct Table {
    let world: World
    let ann: Replica
    let ben: Replica

    /// Both have the text, and have written at it apart.
    init(_ kind: StoreKind, _ base: String, ann one: String, ben other: String) throws {
        world = try World()
        ann = try world.laptop("ann", store: kind.open(), rules: TextEverywhere())
        ben = try world.laptop("ben", store: kind.open(), rules: TextEverywhere())
        try ann.create("talk", in: world.scope, id: id, fields: [("body", .value(.text(base)))])
        try exchange()
        world.clock.advance(1_000)
        try ann.edit(id, fields: [("body", .value(.text(one)))])
        world.clock.advance(1_000)
        try ben.edit(id, fields: [("body", .value(.text(other)))])
        try exchange()
    }

    func exchange() throws {
        for (from, to) in [(ann, ben), (ben, ann)] {
            for unit in try world.units(of: from, beyond: Knowledge()) { _ = try to.ingest([unit], in: world.scope) }
        }
    }

    /// What both show; a fault if they differ.
    func shown() throws -> Outcome {
        let outcomes = try [ann, ben].map { try #require(try $0.record(id)?["body"]) }
        #expect(outcomes[0] == outcomes[1])
        let items = try [ann, ben].map { try $0.reviewItems().map(\.id) }
        #expect(items[0] == items[1])
        for replica in [ann, ben] { #expect(try replica.check().faults.isEmpty) }
        return outcomes[0]
    }

    var text: String? { get throws { try shown().candidate?.value.text } }
}

struct TextMergingTests {
    @Test(arguments: StoreKind.allCases)
    func `different sentences merge on every replica, and nothing waits`(_ kind: StoreKind) throws {
        let table = try Table(kind, "上午查账。下午走访。", ann: "上午查账目。下午走访。", ben: "上午查账。下午走访八户。")
        guard case .settled(let candidate, _, "text") = try table.shown() else { Issue.record("not merged"); return }
        #expect(candidate.value.text == "上午查账目。下午走访八户。")
        #expect(try table.ann.reviewItems().isEmpty)
        // Whoever goes on writing settles what had merged, and says by what rule.
        try table.ben.edit(id, fields: [("body", .value(.text("上午查账目。下午走访八户。晚上碰头。")))])
        try table.exchange()
        #expect(try table.text == "上午查账目。下午走访八户。晚上碰头。")
        #expect(try table.ann.reviewItems().isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `the same sentence waits, and is settled place by place without touching the rest`(_ kind: StoreKind) throws {
        let table = try Table(
            kind, "早查账。午走访五户。晚碰头。夜值班。", ann: "早查账目。午走访六户。晚碰头。夜值班一人。", ben: "早查账。午走访八户。晚碰头会。夜值班二人。")
        guard case .contested(let provisional, let among) = try table.shown() else { Issue.record("merged"); return }
        #expect(provisional.value.text == "早查账目。午走访八户。晚碰头会。夜值班二人。")
        #expect(among.count == 2)
        let item = try #require(try table.ann.reviewItems().first)
        for wrong in [[], [0], [0, 1, 0], [0, 7]] as [[Int]] {
            let places = wrong.map { TextMerge.Place.side($0) }
            #expect(throws: ReplicaError.self) { try table.ann.settle(item, by: .places(places), reason: "x") }
        }
        let annsFirst = try #require(among.firstIndex { $0.value.text?.contains("六户") == true })
        try table.ann.settle(item, by: .places([.side(annsFirst), .base]), reason: "counted again")
        try table.exchange()
        #expect(try table.text == "早查账目。午走访六户。晚碰头会。夜值班。")
    }

    @Test func `taking one candidate of a text keeps what the other changed elsewhere`() throws {
        let table = try Table(.memory, "早查账。午走访五户。", ann: "早查账目。午走访六户。", ben: "早查账。午走访八户。")
        let item = try #require(try table.ben.reviewItems().first)
        guard case .contested(_, let among) = try table.shown() else { Issue.record("merged"); return }
        let bens = try #require(among.firstIndex { $0.value.text?.contains("八户") == true })
        try table.ben.settle(item, by: .candidate(bens), reason: "his house count")
        try table.exchange()
        #expect(try table.text == "早查账目。午走访八户。")
    }

    @Test func `taking the one who cleared a text clears it`() throws {
        let table = try Table(.memory, "甲。", ann: "甲一。", ben: "甲。")
        try table.ann.edit(id, fields: [("body", .value(.empty))])
        try table.ben.edit(id, fields: [("body", .value(.text("甲二。")))])
        try table.exchange()
        let item = try #require(try table.ben.reviewItems().first)
        guard case .contested(_, let among) = try table.shown() else { Issue.record("merged"); return }
        let cleared = try #require(among.firstIndex { $0.value == .value(.empty) })
        try table.ben.settle(item, by: .candidate(cleared), reason: "said twice")
        try table.exchange()
        #expect(try table.shown().candidate?.value == .value(.empty))
    }

    @Test func `two texts with nothing before them wait whole`() throws {
        let world = try World()
        let (ann, ben) = (
            try world.laptop("ann", rules: TextEverywhere()), try world.laptop("ben", rules: TextEverywhere())
        )
        try ann.create("talk", in: world.scope, id: id, fields: [("title", .value(.text("x")))])
        for unit in try world.units(of: ann, beyond: Knowledge()) { _ = try ben.ingest([unit], in: world.scope) }
        try ann.edit(id, fields: [("body", .value(.text("甲。乙。")))])
        try ben.edit(id, fields: [("body", .value(.text("甲。丙。")))])
        for unit in try world.units(of: ben, beyond: Knowledge()) { _ = try ann.ingest([unit], in: world.scope) }
        let state = try #require(try ann.record(id)?.state)
        #expect(state.textMerge(of: "body", by: TextEverywhere()) == nil)
        guard case .contested? = state.outcome(of: "body", by: TextEverywhere()) else { Issue.record("not contested"); return }
    }

    @Test(arguments: StoreKind.allCases)
    func `states of a time before bases are folded anew when the replica is opened`(_ kind: StoreKind) throws {
        let table = try Table(kind, "甲。乙。", ann: "甲一。乙。", ben: "甲。乙二。")
        let store = table.ann.store
        try store.writing { writer in
            var state = try #require(try writer.state(of: id, in: table.world.scope))
            state = state.forgettingBases
            try writer.setState(state, in: table.world.scope, items: [], likeness: nil, edits: [])
            try writer.setSetting("fold", [1])
        }
        let opened = try Replica(
            store: store, signer: World.key("ann"), rules: TextEverywhere(), clock: table.world.clock, entropy: table.world.entropy)
        #expect(try opened.record(id)?["body"]?.candidate?.value.text == "甲一。乙二。")
        #expect(try opened.check().faults.isEmpty)
    }
}

extension RecordState {
    fileprivate var forgettingBases: RecordState {
        RecordState(
            restoring: record, type: type, vector: vector,
            fields: fields.map { field in
                var field = field
                field.base = nil
                return field
            }, standingDeletes: standingDeletes, unseenEdits: unseenEdits, latePuts: latePuts, wasEverDeleted: wasEverDeleted,
            changed: changed)
    }
}
