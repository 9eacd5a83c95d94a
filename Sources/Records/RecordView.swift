// A record as a reader is shown it: the outcome of each field.

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
        // Most fields have one value that somebody put there: no rule has a say in it.
        if field.candidates.count == 1, !field.candidates[0].isSettle, field.candidates[0].waiting.isEmpty {
            return .settled(field.candidates[0], overridden: [], rule: nil)
        }
        let outcome = ruled(field, by: rules)
        guard case .settled(let candidate, _, let rule)? = outcome,
            isUnapproved(field, settledBy: rule, rules)
                || field.candidates.contains(where: { isUnfounded($0, in: field.key, rules) })
        else { return outcome }
        return .contested(provisional: candidate, among: field.candidates)
    }

    /// What the field's rule makes of its candidates, whether or not a person has a say in it too.
    func ruled(_ field: FieldState, by rules: some MergeRules) -> Outcome? {
        rules.rule(of: field.key, in: type).outcome(of: field.candidates, from: field.base, isHeldOpen: field.isHeldOpen)
    }

    /// Whether a settle says that a rule had settled what it was chosen over, and it had not.
    func isUnfounded(_ candidate: Candidate, in field: FieldKey, _ rules: some MergeRules) -> Bool {
        guard candidate.isSettle, let claim = candidate.reason?.text.flatMap(RuleClaim.init(reason:)) else { return false }
        return !claim.holds(over: candidate, rule: rules.rule(of: field, in: type))
    }

    /// Whether a field that its rule settles still needs somebody else's approval.
    func isUnapproved(_ field: FieldState, settledBy rule: String?, _ rules: some MergeRules) -> Bool {
        guard field.candidates.contains(where: { !$0.waiting.isEmpty }) else { return false }
        let isMarked = rules.needsSecondPerson(field.key, in: type)
        let waiting = field.candidates.map { candidate in candidate.waiting.contains { isMarked || $0.isProposal } }
        return rule == "equal" ? !waiting.contains(false) : waiting.contains(true)
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
}
