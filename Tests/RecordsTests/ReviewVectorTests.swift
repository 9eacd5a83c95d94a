import Causality
import Journals
import Records
import Replicas
import Support
import Testing

/// The records of a scope as a case of review.json makes them.
private struct ReviewedScope {
    let example: Example
    let rules: ExampleTypes
    let states: [RecordID: RecordState]
    private let contexts: [RecordID: [Dot: VersionVector]]
    private let drops: [RecordID: [RecordState.Drop]]

    init(_ example: Example, in order: (([PlacedEdit]) -> [PlacedEdit]) = { $0 }) {
        self.example = example
        rules = ExampleTypes(example["types"])
        contexts = Dictionary(grouping: example.edits, by: \.edit.record).mapValues { edits in
            Dictionary(edits.map { ($0.dot, $0.edit.context) }) { first, _ in first }
        }
        drops = Dictionary(grouping: example.edits, by: \.edit.record).mapValues { edits in
            edits.compactMap { RecordState.Drop($0.edit, by: $0.dot) }
        }
        states = Dictionary(grouping: order(example.edits), by: \.edit.record).compactMapValues { RecordState.fold($0) }
    }

    private func verdict(_ a: RecordID, _ b: RecordID) -> Verdict? {
        Verdict(of: states[.sameAs(a, b, in: example.scope)], by: rules)
    }

    private var alike: [ReviewItem] {
        let groups = Dictionary(grouping: states.values) { $0.likeness(by: rules) }
        return groups.flatMap { likeness, states -> [ReviewItem] in
            guard likeness != nil else { return [] }
            let ids = states.map(\.record).sorted().prefix(LookingAlike.mostCompared)
            return LookingAlike.pairs(of: Array(ids), verdict: verdict).map { pair in
                ReviewItem(.looksAlike, record: pair.record, other: pair.other)
            }
        }
    }

    private func json(_ item: ReviewItem) -> JSON {
        .object([
            "kind": text(item.kind.name), "number": .whole(Int64(item.kind.rawValue)), "record": text("\(item.record)"),
            "other": item.other.map { text("\($0)") } ?? .null, "field": text(item.field.rawValue), "dots": JSON(item.dots),
            "more": JSON(item.more), "id": text("\(item.id(in: example.scope))"),
        ])
    }

    private func text(_ text: String) -> JSON { .string(Spelling(text)) }

    var items: [JSON] {
        let own = states.values.flatMap { state in
            state.reviewItems(by: rules) + [past(state)].compactMap(\.self)
        }
        return (own + alike).sorted { $0.id(in: example.scope) < $1.id(in: example.scope) }.map { item in
            guard case .object(var members) = json(item) else { return .null }
            members["status"] = text(states[item.record]?.isProposed(item) ?? false ? "proposed" : "open")
            return .object(members)
        }
    }

    private func past(_ state: RecordState) -> ReviewItem? {
        state.pastSeal(by: rules) {
            contexts[state.record]?[$0.dot]
        } drops: {
            drops[state.record] ?? []
        }
    }

    var notices: [JSON] {
        states.values.flatMap { $0.notices(by: rules) }.sorted { $0.id(in: example.scope) < $1.id(in: example.scope) }.map(json)
    }

    func shown(_ record: RecordID) -> JSON {
        var shown: [Spelling: JSON] = [:]
        for field in states[record]?.shown(by: rules) ?? [] { shown[Spelling(field.key.rawValue)] = JSON(field.outcome) }
        return .object(shown)
    }

    func dots(_ record: RecordID, _ dots: (Candidate, FieldKey, TypeKey) -> [Dot]) -> JSON {
        guard let state = states[record] else { return .null }
        var fields: [Spelling: JSON] = [:]
        for field in state.fields {
            let found = Set(field.candidates.flatMap { dots($0, field.key, state.type) }).sorted()
            if !found.isEmpty { fields[Spelling(field.key.rawValue)] = JSON(found) }
        }
        return .object(fields)
    }

    func waiting(_ record: RecordID) -> JSON {
        dots(record) { candidate, field, type in
            candidate.waiting.filter { $0.isProposal || rules.needsSecondPerson(field, in: type) }.map(\.dot)
        }
    }

    func approved(_ record: RecordID) -> JSON { dots(record) { candidate, _, _ in candidate.isApproved ? [candidate.dot] : [] } }

    /// What differs from the case.
    var differences: [String] {
        let expected = example["expect"]
        var differences: [String] = []
        func compare(_ what: String, _ found: JSON, _ wanted: JSON) {
            if found != wanted { differences.append("\(what): \(found), not \(wanted)") }
        }
        compare("items", .array(items), expected["items"])
        compare("notices", .array(notices), expected["notices"])
        for (id, record) in expected["records"].members {
            guard let id = RecordID(hex: id.text) else { return ["no id: \(id)"] }
            compare("shown", shown(id), record["shown"])
            compare("waiting", waiting(id), record["waiting"])
            compare("approved", approved(id), record["approved"])
        }
        for (id, likeness) in expected["likeness"].members {
            let found = RecordID(hex: id.text).flatMap { states[$0]?.likeness(by: rules) }
            compare("likeness of \(id)", found.map { text("\($0)") } ?? .null, likeness)
        }
        for reason in expected["reasons"].list {
            let candidates = states[reason["record"].record]?[FieldKey(reason["field"].text)]?.candidates ?? []
            guard let candidate = candidates.first(where: { $0.dot == reason["dot"].dot }), candidate.isDecision else { continue }
            let read = candidate.reason?.text.map { Reason($0) }
            compare("code", read.map { text($0.code) } ?? .null, reason["code"])
            // An empty comment and none are the same to whoever reads them.
            compare("comment", text(read?.comment ?? ""), reason["comment"].isNull ? text("") : reason["comment"])
        }
        return differences
    }
}

struct ReviewVectorTests {
    @Test(arguments: Example.all(in: "review"))
    func `what waits for whom, what is asked and what is told are as expected, in whatever order edits come`(_ example: Example) {
        #expect(ReviewedScope(example).differences == [])
        #expect(ReviewedScope(example) { $0.reversed() }.differences == [])
    }

    @Test(arguments: Example.all(in: "review"))
    func `edits folded one by one as they came are edits folded all at once`(_ example: Example) {
        for (record, edits) in Dictionary(grouping: example.edits, by: \.edit.record) {
            #expect(edits.foldedOneByOne == RecordState.fold(edits), "\(record)")
        }
    }
}
