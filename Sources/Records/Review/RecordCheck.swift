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
        func shown(_ key: FieldKey) -> Value? { state.outcome(of: key, by: rules)?.candidate?.value.value }
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

/// A moment as a record writes it: `2026-05-11T09:30+08:00`, with seconds or Z too.
struct Moment {
    /// Since 1970-01-01T00:00Z.
    let seconds: Int

    /// Nil if it is not written so.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        func digits(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            return bytes[range].reduce(0 as Int?) { number, byte in
                (0x30...0x39).contains(byte) ? number.map { $0 * 10 + Int(byte - 0x30) } : nil
            }
        }
        func has(_ character: Unicode.Scalar, at i: Int) -> Bool { i < bytes.count && UInt32(bytes[i]) == character.value }
        guard let year = digits(0..<4), has("-", at: 4), let month = digits(5..<7), has("-", at: 7), let day = digits(8..<10),
            has("T", at: 10), let hour = digits(11..<13), has(":", at: 13), let minute = digits(14..<16)
        else { return nil }
        var (at, second) = (16, 0)
        if has(":", at: at) {
            guard let read = digits(17..<19) else { return nil }
            (at, second) = (19, read)
        }
        var offset = 0
        if has("Z", at: at) {
            guard at + 1 == bytes.count else { return nil }
        } else {
            guard has("+", at: at) || has("-", at: at), let hours = digits(at + 1..<at + 3), has(":", at: at + 3),
                let minutes = digits(at + 4..<at + 6), at + 6 == bytes.count
            else { return nil }
            offset = (hours * 60 + minutes) * (has("-", at: at) ? -1 : 1)
        }
        // Days since 1970 of the proleptic Gregorian calendar, counted in years that begin in March.
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
    }
}
