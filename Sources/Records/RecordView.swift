// A record as a reader is shown it: the outcome of each field, and what waits for a person.

public import Causality

/// Something a person has to decide. Its identity comes from what is in dispute, so every replica names it alike.
public struct ReviewItem: Hashable, Sendable {
    /// What kind of dispute it is.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case contested = 1
        case deleteAgainstEdit = 2
        case putOnDeleted = 3
        case unfoundedSettlement = 4

        /// Its stable name, as `contested`.
        public var name: String {
            switch self {
            case .contested: "contested"
            case .deleteAgainstEdit: "delete_against_edit"
            case .putOnDeleted: "put_on_deleted"
            case .unfoundedSettlement: "unfounded_settlement"
            }
        }
    }

    /// What kind of dispute it is.
    public var kind: Kind
    /// The record it is about.
    public var record: RecordID
    /// Empty where the record as a whole is in dispute.
    public var field: FieldKey
    /// The entries in dispute, ascending.
    public var dots: [Dot]
    /// Further entries it involves, ascending; which, depends on the kind.
    public var more: [Dot]

    package init(_ kind: Kind, record: RecordID, field: FieldKey = "", dots: [Dot], more: [Dot] = []) {
        (self.kind, self.record, self.field, self.dots, self.more) = (kind, record, field, dots, more)
    }

    /// What its id is a hash of (protocol/3-fold.md, "Review items").
    package func identityBytes(in scope: ScopeID) -> [UInt8] {
        var out = ByteWriter(reserving: 128)
        out.raw(scope.bytes)
        out.raw(record.bytes)
        out.u8(kind.rawValue)
        out.text16(field.rawValue)
        out.dots(dots)
        out.dots(more)
        return out.bytes
    }
}

/// A field with what its rule makes of it.
public struct ShownField: Hashable, Sendable {
    /// The field.
    public var key: FieldKey
    /// What it shows.
    public var outcome: Outcome
}

extension RecordState {
    /// Every field that has something to show, ascending by key.
    public func shown(by rules: some MergeRules) -> [ShownField] {
        fields.compactMap { field in
            outcome(of: field, rules: rules).map { ShownField(key: field.key, outcome: $0) }
        }
    }

    /// What a field shows by these rules; nil if nothing was ever written to it.
    public func outcome(of key: FieldKey, by rules: some MergeRules) -> Outcome? {
        self[key].flatMap { outcome(of: $0, rules: rules) }
    }

    /// How the candidates of a field merge that has the rule `text`; nil if they cannot be merged, or do not differ.
    public func textMerge(of key: FieldKey, by rules: some MergeRules) -> TextMerge? {
        guard let field = self[key], rules.rule(of: key, in: type) == .text,
            !field.candidates.allSatisfy({ $0.value == field.candidates.first?.value })
        else { return nil }
        return TextMerge(of: field.candidates, from: field.base)
    }

    private func outcome(of field: FieldState, rules: some MergeRules) -> Outcome? {
        if field.candidates.isEmpty { return field.elements.isEmpty ? nil : .set(Self.distinct(field.elements)) }
        return rules.rule(of: field.key, in: type).outcome(of: field.candidates, from: field.base)
    }

    /// Elements with equal values once, in the order they were first added.
    private static func distinct(_ elements: [Element]) -> [Element] {
        let ordered = elements.sorted { a, b in
            if a.time != b.time { return a.time < b.time }
            return a.name.dot != b.name.dot ? a.name.dot < b.name.dot : a.name.ordinal < b.name.ordinal
        }
        var seen: Set<Content> = []
        return ordered.filter { $0.value == .erased || seen.insert($0.value).inserted }
    }

    /// What of this record waits for a person, in a stable order.
    public func reviewItems(by rules: some MergeRules) -> [ReviewItem] {
        var items: [ReviewItem] = []
        for field in fields {
            let rule = rules.rule(of: field.key, in: type)
            if case .contested? = rule.outcome(of: field.candidates, from: field.base) {
                items.append(ReviewItem(.contested, record: record, field: field.key, dots: field.candidates.map(\.dot)))
            }
            for candidate in field.candidates where candidate.isSettle {
                if let claim = candidate.reason?.text.flatMap(RuleClaim.init(reason:)),
                    !claim.holds(over: candidate.ruledOver, from: candidate.ruledBase, rule: rule)
                {
                    items.append(
                        ReviewItem(.unfoundedSettlement, record: record, field: field.key, dots: [candidate.dot]))
                }
            }
        }
        if !unseenEdits.isEmpty {
            items.append(ReviewItem(.deleteAgainstEdit, record: record, dots: standingDeletes, more: unseenEdits))
        }
        if !latePuts.isEmpty {
            items.append(ReviewItem(.putOnDeleted, record: record, dots: latePuts))
        }
        return items
    }
}
