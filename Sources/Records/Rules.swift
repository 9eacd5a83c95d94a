// Merge rules: what a reader is shown of a field with several candidates. They act on the way out and change no state.

import Causality

/// How a field with several candidates is read.
public enum MergeRule: Hashable, Sendable {
    case review
    case text
    case union
    case latest
    /// Values from the least to the furthest along.
    case furthest(ladder: [String])

    /// Its stable name, as catalogues write it.
    public var name: String {
        switch self {
        case .review: "review"
        case .text: "text"
        case .union: "union"
        case .latest: "latest"
        case .furthest: "furthest"
        }
    }
}

/// Which rule a field has. A catalogue is one; no catalogue at all is `review` everywhere.
public protocol MergeRules: Sendable {
    /// How a field is read that has several candidates.
    func rule(of field: FieldKey, in type: TypeKey) -> MergeRule
    /// Whether a decision about the field holds only once somebody else has approved it.
    func needsSecondPerson(_ field: FieldKey, in type: TypeKey) -> Bool
    /// What records of a type must not say.
    func checks(of type: TypeKey) -> [RecordCheck]
    /// The fields by which two records of a type look like one thing; none: they never do.
    func naturalKey(of type: TypeKey) -> [FieldKey]
    /// Edits of a type's records that are refused where they are made.
    func guards(of type: TypeKey) -> [RecordGuard]
    /// The first field of a type's titles; nil: it has none.
    func titleField(of type: TypeKey) -> FieldKey?
    /// Changes with the rules: what was found by others is found anew.
    var fingerprint: [UInt8] { get }
}

extension MergeRules {
    /// No field is marked.
    public func needsSecondPerson(_ field: FieldKey, in type: TypeKey) -> Bool { false }
    /// There are none.
    public func checks(of type: TypeKey) -> [RecordCheck] { [] }
    /// Records are never compared.
    public func naturalKey(of type: TypeKey) -> [FieldKey] { [] }
    /// Nothing is refused.
    public func guards(of type: TypeKey) -> [RecordGuard] { [] }
    /// No type is known.
    public func titleField(of type: TypeKey) -> FieldKey? { nil }
    /// Rules that never change.
    public var fingerprint: [UInt8] { [] }
}

/// No rule merges anything: what differs waits for a person.
public struct ReviewEverything: MergeRules {
    /// The rules of somebody without a catalogue.
    public init() {}
    public func rule(of field: FieldKey, in type: TypeKey) -> MergeRule { .review }
}

/// What a field shows.
public enum Outcome: Hashable, Sendable {
    /// One value stands. `overridden` lists what a rule passed over; `rule` names it, `equal` where equal values met, `text` where
    /// texts were merged: then the value is the merged one, and all else that of the newest.
    case settled(Candidate, overridden: [Candidate], rule: String?)
    /// Waits for review; the first value is only what to show meanwhile.
    case contested(provisional: Candidate, among: [Candidate])
    /// A set: each element once.
    case set([Element])

    /// The value to show; for a contested field the provisional one. Nil for a set.
    public var candidate: Candidate? {
        switch self {
        case .settled(let candidate, _, _), .contested(let candidate, _): candidate
        case .set: nil
        }
    }
}

extension MergeRule {
    /// Settles several candidates of one field, or leaves them contested.
    ///
    /// - Parameters:
    ///   - base: what the candidates come from, as ``FieldState/base`` has it; only `text` asks for it.
    ///   - isHeldOpen: whether the author of one had seen another and let it stand: neither `text` nor equal values settle that.
    public func outcome(of candidates: [Candidate], from base: Content? = nil, isHeldOpen: Bool = false) -> Outcome? {
        guard let newest = candidates.max(by: { $0.isEarlier(than: $1) }) else { return nil }
        if candidates.count == 1 { return .settled(newest, overridden: [], rule: nil) }
        if !isHeldOpen, newest.value != .erased, candidates.allSatisfy({ $0.value == newest.value }) {
            return .settled(newest, overridden: [], rule: "equal")
        }
        switch self {
        case .latest:
            return .settled(newest, overridden: candidates.filter { $0.dot != newest.dot }, rule: name)
        case .furthest(let ladder):
            func rung(_ candidate: Candidate) -> Int {
                candidate.value.text.flatMap { text in ladder.firstIndex { $0.isExactly(text) } } ?? -1
            }
            let furthest = candidates.max { a, b in
                rung(a) != rung(b) ? rung(a) < rung(b) : a.isEarlier(than: b)
            }
            guard let furthest else { return nil }
            return .settled(furthest, overridden: candidates.filter { $0.dot != furthest.dot }, rule: name)
        case .text:
            guard let merge = TextMerge(of: candidates, from: base) else {
                return .contested(provisional: newest, among: candidates)
            }
            var merged = newest
            merged.value = merge.content(merge.text(openAs: candidates.firstIndex { $0.dot == newest.dot }), of: candidates)
            return merge.isSettled && !isHeldOpen
                ? .settled(merged, overridden: [], rule: name) : .contested(provisional: merged, among: candidates)
        case .review, .union:
            return .contested(provisional: newest, among: candidates)
        }
    }
}

extension TextMerge {
    /// The candidates of one field merged, each a side, in their order; nil unless all of them and the base are texts or cleared.
    public init?(of candidates: [Candidate], from base: Content?) {
        guard let base = base?.mergeable, candidates.count > 1 else { return nil }
        let sides = candidates.compactMap(\.value.mergeable)
        guard sides.count == candidates.count else { return nil }
        self.init(base: base, sides: sides)
    }

    /// What the field holds then. A text that was cleared, and to which nobody added anything, stays cleared.
    package func content(_ text: String, of candidates: [Candidate]) -> Content {
        text.isEmpty && candidates.contains { $0.value == .value(.empty) } ? .value(.empty) : .value(.text(text))
    }
}

extension Content {
    fileprivate var mergeable: String? { self == .value(.empty) ? "" : text }
}

/// The claim of a settle that it only writes down what a rule had settled: `rule:<name>@<version>`.
public struct RuleClaim: Hashable, Sendable {
    private static let prefix = "rule:"
    /// The rule's name.
    public var name: String
    /// Its version; the present one is 1.
    public var version: Int

    /// A claim out of its parts.
    public init(name: String, version: Int = 1) { (self.name, self.version) = (name, version) }

    /// Nil unless the whole reason is such a claim; anything else is a person's own words.
    public init?(reason: String) {
        guard reason.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let parts = reason.utf8.dropFirst(Self.prefix.utf8.count).split(separator: 0x40, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = String(parts[0]), let digits = String(parts[1]), !digits.isEmpty,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        self.name = name
        // Every rule has version 1, written so.
        version = digits == "1" ? 1 : 0
    }

    /// The text a settle carries as its reason.
    public var reason: String { "\(Self.prefix)\(name)@\(version)" }

    /// Whether the rule claimed really settles what a settle names.
    package func holds(over settle: Candidate, rule: MergeRule) -> Bool {
        let (candidates, base) = (settle.over, settle.overBase)
        if candidates.contains(where: { $0.value == .erased }) { return true }
        guard version == 1 else { return false }
        switch name {
        case MergeRule.text.name where rule == .text && base == .erased: return true
        case "equal", rule.name:
            let outcome = rule.outcome(of: candidates, from: base, isHeldOpen: settle.overWasHeldOpen)
            guard case .settled(_, _, let settledBy)? = outcome else { return false }
            return name != "equal" || settledBy == "equal" || candidates.count == 1
        default: return false
        }
    }
}
