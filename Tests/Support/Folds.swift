// Folds as vectors write them: edits to read, states to write down for comparison (protocol/vectors/README.md).

package import Causality
package import Chance
package import Journals
package import Records

extension JSON {
    /// The vectors are ours: what does not read is a mistake in them, and traps.
    private func sound<T>(_ value: T?) -> T {
        guard let value else { preconditionFailure("does not read: \(self)") }
        return value
    }

    package var bytes: [UInt8] { sound(Hex.bytes(text)) }
    package var scope: ScopeID { sound(ScopeID(hex: text)) }
    package var record: RecordID { sound(RecordID(hex: text)) }
    package var replica: ReplicaID { sound(ReplicaID(hex: text)) }
    package var journal: JournalID { sound(JournalID(hex: text)) }
    package var position: Position { Position(rawValue: UInt64(number)) }
    package var hash: Hash { sound(Hash(bytes)) }
    package var key: PublicKey { sound(PublicKey(bytes)) }
    package var dot: Dot { Dot(self[0].journal, self[1].position) }
    package var offset: ClockOffset? { isNull ? nil : ClockOffset(milliseconds: number) }

    package var vector: VersionVector {
        VersionVector(list.map { VersionVector.Component(journal: $0[0].journal, position: $0[1].position) })
    }

    private var name: Write.Name { Write.Name(dot, ordinal: list.count > 2 ? UInt32(self[2].number) : 0) }

    private var content: Content? {
        switch self {
        case .null: return nil
        case .string(let text): return .value(.text(text.text))
        default: break
        }
        guard let (kind, inner) = members.first else { preconditionFailure("no value: \(self)") }
        switch kind.text {
        case "erased": return .erased
        case "empty": return .value(.empty)
        case "integer": return .value(.integer(inner.number))
        case "decimal": return .value(.decimal(inner.text))
        case "flag": return .value(.flag(inner.flag))
        case "date": return .value(.date(inner.text))
        case "time": return .value(.time(inner.text))
        case "reference": return .value(.reference(inner.record))
        case "data": return .value(.data(inner.bytes))
        case "list": return .value(.list(inner.list.compactMap { $0.content?.value }))
        default: preconditionFailure("an unknown kind of value: \(self)")
        }
    }

    fileprivate var write: Write {
        guard let kind = Write.Kind.allCases.first(where: { "\($0)" == self["kind"].text }) else {
            preconditionFailure("an unknown kind of write: \(self)")
        }
        let field = self["field"].isNull ? "" : self["field"].text
        return Write(
            kind, field: FieldKey(field), names: self["names"].list.map(\.name), value: self["value"].content,
            reason: self["reason"].content)
    }
}

extension Example {
    package var scope: ScopeID { self["scope"].scope }
    package var record: RecordID { self["record"].record }
    package var rules: ExampleRules { ExampleRules(json: self["rules"]) }

    /// The forks the case knows; none in fold.json.
    package var branches: Branches {
        Branches(
            self["forks"].list.flatMap { fork in
                fork["branches"].list.map { branch in
                    Branches.Branch(
                        journal: branch.journal, parent: fork["journal"].journal, replica: fork["replica"].replica,
                        start: fork["position"].position)
                }
            })
    }

    /// The edits, read as the forks want it; a case with several records says which of each.
    package var edits: [PlacedEdit] {
        let branches = branches
        return self["edits"].list.map { json in
            let dot = json["dot"].dot
            var edit = Edit(
                record: json["record"].isNull ? record : json["record"].record, type: TypeKey(json["type"].text),
                context: branches.reading(json["context"].vector, in: dot.journal), writes: json["writes"].list.map(\.write))
            for w in edit.writes.indices {
                for n in edit.writes[w].names.indices {
                    edit.writes[w].names[n].dot = branches.reading(edit.writes[w].names[n].dot, in: dot.journal)
                }
            }
            let time = Timestamp(milliseconds: json["time"].number).corrected(by: json["offset"].offset)
            return PlacedEdit(dot: dot, time: time, author: json["author"].isNull ? nil : json["author"].text, edit: edit)
        }
    }

    /// What a state says otherwise than the case expects. Digests and ids are somebody else's to check.
    package func differences(from state: RecordState?) -> [String] {
        guard let state else { return ["nothing was folded"] }
        return state.expectation(by: rules).members.compactMap { (key, found) -> String? in
            var wanted = self["expect"][key]
            if key == "items" { wanted = .array(wanted.list.map { .object($0.members.filter { $0.key != "id" }) }) }
            if key == "state", wanted.isNull { return nil }
            return found == wanted ? nil : "\(key.text): \(found), not \(wanted)"
        }
    }
}

/// The rules a case gives its fields; a field it does not name is unknown.
package struct ExampleRules: MergeRules {
    fileprivate let json: JSON

    package func rule(of field: FieldKey, in type: TypeKey) -> MergeRule { Self.rule(json[Spelling(field.rawValue)]) }

    fileprivate static func rule(_ rule: JSON) -> MergeRule {
        guard !rule.isNull else { return .review }
        switch rule["rule"].text {
        case "review": return .review
        case "text": return .text
        case "union": return .union
        case "latest": return .latest
        case "furthest": return .furthest(ladder: rule["ladder"].list.map(\.text))
        default: preconditionFailure("an unknown rule: \(rule)")
        }
    }
}

/// The types a case of review.json has.
package struct ExampleTypes: MergeRules {
    private let json: JSON

    package init(_ json: JSON) { self.json = json }

    private func field(_ field: FieldKey, _ type: TypeKey) -> JSON {
        json[Spelling(type.rawValue)]["fields"][Spelling(field.rawValue)]
    }

    package func rule(of field: FieldKey, in type: TypeKey) -> MergeRule { ExampleRules.rule(self.field(field, type)) }

    package func needsSecondPerson(_ field: FieldKey, in type: TypeKey) -> Bool {
        let mark = self.field(field, type)["second_person"]
        return !mark.isNull && mark.flag
    }

    package func checks(of type: TypeKey) -> [RecordCheck] {
        json[Spelling(type.rawValue)]["checks"].list.map { check in
            let fields = check["fields"].list.map { FieldKey($0.text) }
            return RecordCheck(
                key: FieldKey(check["key"].text), check["kind"].text == "not_before" ? .notBefore : .requires(check["value"].text),
                fields[0], fields[1])
        }
    }

    package func guards(of type: TypeKey) -> [RecordGuard] {
        let sealing = json[Spelling(type.rawValue)]["sealed_when"]
        guard !sealing.isNull else { return [] }
        return [.sealed(field: FieldKey(sealing["field"].text), values: Set(sealing["values"].list.map(\.text)))]
    }

    package func naturalKey(of type: TypeKey) -> [FieldKey] {
        json[Spelling(type.rawValue)]["natural_key"].list.map { FieldKey($0.text) }
    }
}

// MARK: States to JSON

extension RecordState {
    /// The review items by kind, then field, then dots.
    package func sortedItems(by rules: some MergeRules) -> [ReviewItem] {
        reviewItems(by: rules).sorted { a, b in
            if a.kind != b.kind { return a.kind.rawValue < b.kind.rawValue }
            let (x, y) = (Spelling(a.field.rawValue), Spelling(b.field.rawValue))
            return x != y ? x < y : a.dots.lexicographicallyPrecedes(b.dots)
        }
    }

    /// This state as the `expect` of a case.
    fileprivate func expectation(by rules: some MergeRules) -> JSON {
        var fields: [Spelling: JSON] = [:]
        for field in self.fields {
            let candidates = field.candidates.map { candidate in
                JSON.object([
                    "dot": JSON(candidate.dot), "kind": .string(candidate.isSettle ? "settle" : "put"),
                    "approvals": JSON(candidate.approvals.map(\.dot)),
                ])
            }
            let elements = field.elements.map { element in
                JSON.array(JSON(element.name.dot).list + [.whole(Int64(element.name.ordinal))])
            }
            fields[Spelling(field.key.rawValue)] = .object(["candidates": .array(candidates), "elements": .array(elements)])
        }
        var shown: [Spelling: JSON] = [:]
        for field in self.shown(by: rules) { shown[Spelling(field.key.rawValue)] = JSON(field.outcome) }
        let items = sortedItems(by: rules).map { item in
            JSON.object([
                "kind": .string(Spelling(item.kind.name)), "field": .string(Spelling(item.field.rawValue)),
                "dots": JSON(item.dots), "more": JSON(item.more),
            ])
        }
        var provisional: [Spelling: JSON] = [:]
        for field in self.fields where textMerge(of: field.key, by: rules) != nil {
            if case .contested(let candidate, _)? = outcome(of: field.key, by: rules) {
                provisional[Spelling(field.key.rawValue)] = candidate.value == .value(.empty) ? .string("") : JSON(candidate.value)
            }
        }
        return .object([
            "provisional_texts": provisional.isEmpty ? .null : .object(provisional),
            "type": .string(Spelling(type.rawValue)),
            "vector": JSON(vector.components.map { Dot($0.journal, $0.position) }),
            "fields": .object(fields),
            "standing_deletes": JSON(standingDeletes),
            "unseen_edits": JSON(unseenEdits),
            "late_puts": JSON(latePuts),
            "deleted": .bool(isDeleted),
            "shown": .object(shown),
            "items": .array(items),
            "state": .string(Spelling(Hex.string(canonicalBytes))),
        ])
    }
}

extension JSON {
    package init(_ dot: Dot) {
        self = .array([.string(Spelling(dot.journal.description)), .whole(Int64(clamping: dot.position.rawValue))])
    }

    package init(_ dots: [Dot]) { self = .array(dots.map { JSON($0) }) }

    package init(_ content: Content) {
        switch content {
        case .erased: self = .object(["erased": .bool(true)])
        case .value(let value): self.init(value)
        }
    }

    private init(_ value: Value) {
        func text(_ text: String) -> JSON { .string(Spelling(text)) }
        switch value {
        case .empty: self = .object(["empty": .bool(true)])
        case .text(let inner): self = text(inner)
        case .integer(let inner): self = .object(["integer": .whole(inner)])
        case .decimal(let inner): self = .object(["decimal": text(inner)])
        case .flag(let inner): self = .object(["flag": .bool(inner)])
        case .date(let inner): self = .object(["date": text(inner)])
        case .time(let inner): self = .object(["time": text(inner)])
        case .reference(let inner): self = .object(["reference": text(inner.description)])
        case .list(let inner): self = .object(["list": .array(inner.map { JSON($0) })])
        case .data(let inner): self = .object(["data": text(Hex.string(inner))])
        case .unrecognised(let inner): self = .object(["unrecognised": text(Hex.string(inner))])
        }
    }

    package init(_ outcome: Outcome) {
        switch outcome {
        case .settled(let candidate, let overridden, _):
            self = .object([
                "state": .string("settled"), "value": JSON(candidate.value), "overridden": JSON(overridden.map(\.dot)),
            ])
        case .contested(let provisional, _):
            self = .object(["state": .string("contested"), "provisional": JSON(provisional.dot)])
        case .set(let elements):
            self = .object(["state": .string("set"), "value": .array(elements.map { JSON($0.value) })])
        }
    }
}

// MARK: Orders

extension [PlacedEdit] {
    /// Up to five edits in every order, more in fifty.
    package var orders: [[PlacedEdit]] {
        count <= 5 ? permutations : shuffles { edits, chance in edits.shuffled(using: &chance) }
    }

    /// The same, of those orders in which no edit comes before one that its context has. There may be none.
    package var causalOrders: [[PlacedEdit]] {
        count <= 5
            ? permutations.filter(\.isCausal) : shuffles { edits, chance in edits.causallyShuffled(using: &chance) }
    }

    private func shuffles(_ shuffle: ([PlacedEdit], inout SplitMix64) -> [PlacedEdit]?) -> [[PlacedEdit]] {
        (0..<50).compactMap { (seed: UInt64) -> [PlacedEdit]? in
            var chance = SplitMix64(seed: seed)
            return shuffle(self, &chance)
        }
    }

    private var isCausal: Bool {
        indices.allSatisfy { i in !self[..<i].contains { $0.edit.context.has(self[i].dot) } }
    }

    /// Nil if contexts go round in a circle, as only a made-up case can.
    package func causallyShuffled(using chance: inout some RandomNumberGenerator) -> [PlacedEdit]? {
        var rest = shuffled(using: &chance)
        var order: [PlacedEdit] = []
        while !rest.isEmpty {
            let waiting = rest
            let next = rest.firstIndex { edit in
                !waiting.contains { $0.dot != edit.dot && edit.edit.context.has($0.dot) }
            }
            guard let next else { return nil }
            order.append(rest.remove(at: next))
        }
        return order
    }

    /// Folded as they come, looking back only where `folding` asks for it.
    package var foldedOneByOne: RecordState? {
        var state: RecordState?
        for i in indices { state = state?.folding(self[i]) ?? RecordState.fold(self[...i]) }
        return state
    }
}
