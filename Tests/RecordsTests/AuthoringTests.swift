import Causality
import Records
import Testing

private struct Rule: MergeRules {
    var rule: MergeRule
    func rule(of field: FieldKey, in type: TypeKey) -> MergeRule { rule }
}

/// A record whose title these replicas put, none having seen another, and whose tags they added.
private func record(titles: [Value] = [], tags: [Value] = []) throws -> RecordState {
    var edits: [PlacedEdit] = []
    func write(_ write: Write) {
        let dot = Dot(JournalID(rawValue: UInt64(edits.count + 1)), 2)
        edits.append(
            PlacedEdit(
                dot: dot, time: Timestamp(milliseconds: Int64(edits.count)), author: nil,
                edit: Edit(record: RecordID(high: 0, low: 1), type: "talk", context: VersionVector(), writes: [write])))
    }
    write(Write(.put, field: "other", value: .value(.flag(true))))
    for title in titles { write(Write(.put, field: "title", value: .value(title))) }
    for tag in tags { write(Write(.add, field: "tags", value: .value(tag))) }
    return try #require(RecordState.fold(edits))
}

struct AuthoringTests {
    @Test func `an empty field is put without a name, and not cleared`() throws {
        let state = try record()
        let put = try state.writing(.text("x"), to: "title", by: ReviewEverything())
        #expect(put == Write(.put, field: "title", value: .value(.text("x"))))
        let clearing = try state.writing(.empty, to: "title", by: ReviewEverything())
        #expect(clearing == nil)
    }

    @Test func `a field with one value is put in its place, unless it is the same value`() throws {
        let state = try record(titles: [.text("x")])
        let names = (state["title"]?.candidates ?? []).map { Write.Name($0.dot) }
        let put = try state.writing(.text("y"), to: "title", by: ReviewEverything())
        #expect(put == Write(.put, field: "title", names: names, value: .value(.text("y"))))
        let same = try state.writing(.text("x"), to: "title", by: ReviewEverything())
        #expect(same == nil)
    }

    @Test(
        arguments: [
            (.latest, "latest"), (.furthest(ladder: ["y", "x"]), "furthest"), (.review, "equal"),
        ] as [(MergeRule, String)])
    func `what a rule settled is replaced by a settle that names it all and says so`(_ rule: MergeRule, _ name: String) throws {
        let state = try record(titles: [.text("x"), .text(name == "equal" ? "x" : "y")])
        let names = (state["title"]?.candidates ?? []).map { Write.Name($0.dot) }
        let write = try state.writing(.text("z"), to: "title", by: Rule(rule: rule))
        let settle = Write(
            .settle, field: "title", names: names, value: .value(.text("z")), reason: .value(.text("rule:\(name)@1")))
        #expect(write == settle)
    }

    @Test(arguments: [MergeRule.review, .text, .union])
    func `a contested field is not edited but settled by a person`(_ rule: MergeRule) throws {
        let state = try record(titles: [.text("x"), .text("y")])
        #expect(throws: FieldIsContested.self) { try state.writing(.text("z"), to: "title", by: Rule(rule: rule)) }
        let settle = try #require(state.settling("title", on: .value(.text("x")), reason: "asked"))
        #expect(settle.names.map(\.dot) == state["title"]?.candidates.map(\.dot))
        #expect(settle.reason?.text == "asked")
        #expect(state.settling("place", on: .erased, reason: "asked") == nil)
    }

    @Test func `a set is brought to what is wanted by adds and drops`() throws {
        let state = try record(tags: [.text("x"), .text("y"), .text("y")])
        let elements = state["tags"]?.elements ?? []
        let writes = state.writing(elements: [.text("z"), .text("x"), .text("z")], to: "tags")
        #expect(
            writes == [
                Write(.drop, field: "tags", names: elements.dropFirst().map(\.name)),
                Write(.add, field: "tags", value: .value(.text("z"))),
            ])
        #expect(state.writing(elements: [.text("y"), .text("x")], to: "tags") == [])
    }

    @Test(arguments: ["rule:latest@1", "rule:equal@1", "rule:latest@9", "rule:shortest@1"])
    func `a reason that names a rule and a version is a claim`(_ reason: String) {
        #expect(RuleClaim(reason: reason) != nil)
    }

    @Test(arguments: ["", "rule", "rule:", "rule:latest", "Rule:latest@1", " rule:latest@1", "by rule:latest@1"])
    func `a reason that only mentions a rule is a person's reason`(_ reason: String) {
        #expect(RuleClaim(reason: reason) == nil)
    }
}
