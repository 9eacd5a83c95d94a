// What a catalogue forbids outright is refused at the commit door, whichever way it comes; what others wrote is taken in.

import Causality
import Journals
import Records
import Replicas
import Testing
import Worlds

private struct Guarding: MergeRules {
    func rule(of field: FieldKey, in type: TypeKey) -> MergeRule {
        type == "talk" && field == "status" ? .furthest(ladder: ["draft", "sealed"]) : .review
    }
    func guards(of type: TypeKey) -> [RecordGuard] {
        switch type {
        case "talk": [.sealed(field: "status", values: ["sealed"])]
        case "clue":
            [
                .neverNames(
                    .init(
                        field: "recipient", paths: [["unit"], ["engagement", "units"]], except: ["案件监督管理室"], zh: "线索不送被监督单位。",
                        en: "Not to the unit."))
            ]
        default: []
        }
    }
    func titleField(of type: TypeKey) -> FieldKey? { type == "unit" ? "name" : nil }
}

private func code(_ body: () throws -> Void) -> ReplicaError.Code? {
    do { try body() } catch { return (error as? ReplicaError)?.code }
    return nil
}

struct GuardTests {
    @Test(arguments: StoreKind.allCases)
    func `a sealed record is not edited, deleted, undone or imported over`(_ kind: StoreKind) throws {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open(), rules: Guarding())
        let id = try ann.create(
            "talk", in: world.scope, fields: [("work", .value(.text("said"))), ("status", .value(.text("draft")))])
        let seen = try #require(try ann.record(id)).state
        try ann.edit(id, fields: [("work", .value(.text("said so"))), ("status", .value(.text("sealed")))])
        let digest = try ann.digest(of: world.scope)
        #expect(code { try ann.edit(id, fields: [("work", .value(.text("never said")))]) } == .recordSealed)
        #expect(code { try ann.edit(id, fields: [("status", .value(.text("draft")))]) } == .recordSealed)
        #expect(code { try ann.delete(id) } == .recordSealed)
        #expect(try ann.undo()?.left.map(\.reason) == [.sealed])
        // A form that was opened before it was sealed.
        #expect(code { try ann.edit(id, seen: seen.vector, fields: [("work", .value(.text("late")))]) } == .recordSealed)
        let state = try #require(try ann.record(id)).state
        let amendment = try #require(try ann.amendment(of: state, [("work", .value(.text("x")))]))
        #expect(code { try ann.commit(try ann.change([amendment]), in: world.scope) } == .recordSealed)
        #expect(try ann.digest(of: world.scope) == digest)
        // An amendment is a record of its own.
        try ann.create(
            "amendment", in: world.scope, fields: [("talk", .value(.reference(id))), ("reason", .value(.text("misheard")))])
    }

    @Test func `what was written apart from a seal is taken in, not lost`() throws {
        let world = try World()
        let (ann, ben) = (try world.laptop("ann", rules: Guarding()), try world.laptop("ben", rules: Guarding()))
        let id = try ann.create("talk", in: world.scope, fields: [("work", .value(.text("said")))])
        _ = try ben.ingest(try world.units(of: ann, beyond: Knowledge()), in: world.scope)
        try ann.edit(id, fields: [("status", .value(.text("sealed")))])
        try ben.edit(id, fields: [("work", .value(.text("said more")))])
        _ = try ann.ingest(try world.units(of: ben, beyond: Knowledge()), in: world.scope)
        #expect(try ann.record(id)?.text("work") == "said more")
        #expect(try ann.record(id)?.text("status") == "sealed")
        // It waits for a person, everywhere under one id, and meanwhile it can be put right.
        let item = try #require(try ann.reviewItems().first)
        #expect(item.item.kind == .pastSeal && item.item.field == "status" && item.item.more.count == 1)
        _ = try ben.ingest(try world.units(of: ann, beyond: Knowledge()), in: world.scope)
        #expect(try ben.reviewItems().map(\.id) == [item.id])
        try ann.edit(id, fields: [("work", .value(.text("said")))])
        let next = try #require(try ann.reviewItems().first)
        #expect(next.id != item.id)
        #expect(code { try ann.settle(item, by: .keep, reason: Reason(.verified)) } == .itemUnknown)
        try ann.settle(next, by: .keep, reason: Reason(.verified))
        #expect(try ann.reviewItems().isEmpty)
        #expect(code { try ann.edit(id, fields: [("work", .value(.text("again")))]) } == .recordSealed)
        _ = try ben.ingest(try world.units(of: ann, beyond: Knowledge()), in: world.scope)
        #expect(try ben.reviewItems().isEmpty && ben.digest(of: world.scope) == ann.digest(of: world.scope))
    }

    @Test func `an element dropped apart from a seal waits for a person, too`() throws {
        let world = try World()
        let (ann, ben) = (try world.laptop("ann", rules: Guarding()), try world.laptop("ben", rules: Guarding()))
        let id = try ann.create(
            "talk", in: world.scope,
            fields: [("status", .value(.text("draft"))), ("talkers", .elements([.text("bob"), .text("cat")]))])
        _ = try ben.ingest(try world.units(of: ann, beyond: Knowledge()), in: world.scope)
        try ben.edit(id, fields: [("talkers", .elements([.text("cat")]))])
        try ann.edit(id, fields: [("status", .value(.text("sealed")))])
        _ = try ann.ingest(try world.units(of: ben, beyond: Knowledge()), in: world.scope)
        let item = try #require(try ann.reviewItems().first)
        #expect(item.item.kind == .pastSeal)
        #expect(try item.item.more == ben.history(of: id).map(\.dot).suffix(1))
        try ann.settle(item, by: .keep, reason: Reason(.verified))
        #expect(try ann.reviewItems().isEmpty)
        _ = try ben.ingest(try world.units(of: ann, beyond: Knowledge()), in: world.scope)
        #expect(try ben.reviewItems().isEmpty && ben.digest(of: world.scope) == ann.digest(of: world.scope))
    }

    @Test func `a clue is not addressed to the supervised unit, by whichever reference that is found`() throws {
        let world = try World()
        let ann = try world.laptop("ann", rules: Guarding())
        let unit = try ann.create("unit", in: world.scope, fields: [("name", .value(.text("青石县财政局")))])
        let other = try ann.create("unit", in: world.scope, fields: [("name", .value(.text("青石县教育局")))])
        let engagement = try ann.create("engagement", in: world.scope, fields: [("units", .elements([.reference(other)]))])
        func make(_ recipient: String) throws {
            try ann.create(
                "clue", in: world.scope,
                fields: [
                    ("unit", .value(.reference(unit))), ("engagement", .value(.reference(engagement))),
                    ("recipient", .value(.text(recipient))),
                ])
        }
        #expect(code { try make("青石县财政局党组") } == .writeForbidden)
        #expect(code { try make("青石县教育局") } == .writeForbidden)
        #expect(code { try make("青石县 教育　局") } == .writeForbidden)
        #expect(code { try make("案件监督管理室") } == nil)
        #expect(code { try make("青石县财政局案件监督管理室") } == nil)
        #expect(code { try make("案件监督管理室、青石县财政局") } == .writeForbidden)
        let clue = try ann.create("clue", in: world.scope, fields: [("recipient", .value(.text("青石县财政局")))])
        #expect(code { try ann.edit(clue, fields: [("unit", .value(.reference(unit)))]) } == .writeForbidden)
        #expect(code { try ann.edit(clue, fields: [("unit", .value(.reference(other)))]) } == nil)
    }
}
