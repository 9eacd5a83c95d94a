// What the values of a record must not say together. Two valid edits can merge into a record that does (protocol/9-review.md, "Broken checks").

/// A check over two fields of one type.
public struct RecordCheck: Hashable, Sendable {
    /// What it demands.
    public enum Demand: Hashable, Sendable {
        /// The second date or time is not before the first.
        case notBefore
        /// Where the first field has this text, the second was not left cleared.
        case requires(String)
    }

    /// Its stable name within the type.
    public var key: FieldKey
    /// What it demands.
    public var demand: Demand
    /// The field it starts from.
    public var first: FieldKey
    /// The field it is about.
    public var second: FieldKey

    /// A check out of its parts.
    public init(key: FieldKey, _ demand: Demand, _ first: FieldKey, _ second: FieldKey) {
        (self.key, self.demand, self.first, self.second) = (key, demand, first, second)
    }

    /// Whether a record that shows these values breaks it.
    public func isBroken(by state: RecordState, _ rules: some MergeRules) -> Bool {
        isBroken { state.outcome(of: $0, by: rules)?.candidate?.value.value }
    }

    /// Whether fields that show these values break it.
    public func isBroken(showing shown: (FieldKey) -> Value?) -> Bool {
        guard let a = shown(first), let b = shown(second) else { return false }
        switch demand {
        case .notBefore:
            switch (a, b) {
            case (.date(let a), .date(let b)): return b.utf8.lexicographicallyPrecedes(a.utf8)
            case (.time(let a), .time(let b)):
                guard let a = Moment(a), let b = Moment(b) else { return false }
                return b.seconds < a.seconds
            default: return false
            }
        case .requires(let text):
            guard case .text(let said) = a else { return false }
            return said.isExactly(text) && b == .empty
        }
    }
}
