// When two records look like one thing: the same natural key (protocol/9-review.md, "Looks like one thing"). The hash over these bytes is taken
// where the fold meets the store.

public import Causality

/// Records of one scope with one likeness look like one thing: 16 bytes.
public struct Likeness: Name128 {
    public let high: UInt64
    public let low: UInt64
    public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }
}

/// What was said about two records that look like one thing.
public enum Verdict: String, Hashable, Sendable, CaseIterable {
    case same, different

    /// The type of the records that verdicts are.
    public static let type: TypeKey = "same_as"

    /// The verdict a `same_as` record gives; nil: none. Any value but `same` says that they differ.
    public init?(of state: RecordState?, by rules: some MergeRules) {
        guard let state, !state.isDeleted, let value = state.outcome(of: "verdict", by: rules)?.candidate?.value,
            value != .value(.empty)
        else { return nil }
        self = value.text.map { $0.isExactly(Verdict.same.rawValue) } ?? false ? .same : .different
    }

    /// The two records a `same_as` record is about.
    public static func pair(of state: RecordState, by rules: some MergeRules) -> (first: RecordID, second: RecordID)? {
        func reference(_ key: FieldKey) -> RecordID? {
            guard case .reference(let id)? = state.outcome(of: key, by: rules)?.candidate?.value.value else { return nil }
            return id
        }
        guard state.type == type, let first = reference("first"), let second = reference("second") else { return nil }
        return (first, second)
    }
}

/// Two records that look like one thing and that nobody has said anything about.
public struct LookingAlike: Hashable, Sendable {
    /// How many records of one likeness are looked at.
    public static let mostCompared = 32

    /// The one the item is of.
    public var record: RecordID
    /// The one it looks like; the smaller id.
    public var other: RecordID

    /// A pair out of its parts.
    package init(record: RecordID, other: RecordID) { (self.record, self.other) = (record, other) }

    /// The pairs to ask about among records of one likeness.
    ///
    /// - Parameter ids: the smallest ids of that likeness, ascending, at most ``mostCompared``.
    public static func pairs(
        of ids: [RecordID], verdict: (_ smaller: RecordID, _ larger: RecordID) throws -> Verdict?
    ) rethrows -> [LookingAlike] {
        // The first record that each is one thing with, through whichever others.
        var first = ids.map { $0 }
        var judged: Set<[Int]> = []
        for (i, id) in ids.enumerated() {
            for j in 0..<i {
                guard let verdict = try verdict(ids[j], id) else { continue }
                judged.insert([j, i])
                guard verdict == .same, first[i] != first[j] else { continue }
                let (a, b) = (min(first[i], first[j]), max(first[i], first[j]))
                for k in first.indices where first[k] == b { first[k] = a }
            }
        }
        var pairs: [LookingAlike] = []
        let kept = ids.indices.filter { first[$0] == ids[$0] }
        for i in kept {
            if let j = kept.first(where: { $0 < i && !isJudged(first[$0], first[i]) }) {
                pairs.append(LookingAlike(record: ids[i], other: ids[j]))
            }
        }
        func isJudged(_ a: RecordID, _ b: RecordID) -> Bool {
            judged.contains { pair in
                let (x, y) = (first[pair[0]], first[pair[1]])
                return (x == a && y == b) || (x == b && y == a)
            }
        }
        return pairs
    }
}

extension RecordState {
    /// What its likeness is a hash of; nil if it is like nothing.
    /// - Parameter encoded: the bytes of a value on the wire.
    package func likenessBytes(by rules: some MergeRules, encoded: (Value) -> [UInt8]) -> [UInt8]? {
        let keys = rules.naturalKey(of: type)
        guard !keys.isEmpty, !isDeleted else { return nil }
        var out = ByteWriter(reserving: 64)
        out.text16(type.rawValue)
        for key in keys {
            guard let value = outcome(of: key, by: rules)?.candidate?.value.value, value != .empty else { return nil }
            let bytes: [UInt8]
            if case .text(let text) = value { bytes = Array(text.reducedToLikeness.utf8) } else { bytes = encoded(value) }
            guard !bytes.isEmpty else { return nil }
            out.u32(UInt32(bytes.count))
            out.raw(bytes)
        }
        return out.bytes
    }
}

extension String {
    /// In half width and small letters, without blanks.
    fileprivate var reducedToLikeness: String {
        var out = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            var value = scalar.value
            if (0xff01...0xff5e).contains(value) { value -= 0xfee0 }
            if (0x41...0x5a).contains(value) { value += 0x20 }
            if let scalar = Unicode.Scalar(value), !scalar.properties.isWhitespace { out.append(scalar) }
        }
        return String(out)
    }
}
