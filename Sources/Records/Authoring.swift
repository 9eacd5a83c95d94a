// How an author's wishes become writes (protocol/3-fold.md, "Writing"): a put names the one value it replaces; where a rule had
// settled several, a settle names them all and says so; a contested field is not edited but settled.

import Causality

/// The field has several values that nobody has chosen between.
public struct FieldIsContested: Error, Hashable, Sendable {
    /// The record it is about.
    public var record: RecordID
    /// The contested field.
    public var field: FieldKey
}

extension RecordState {
    /// The write that gives a field this value; nil if it has it already.
    public func writing(
        _ value: Value, to key: FieldKey, by rules: some MergeRules
    ) throws(FieldIsContested) -> Write? {
        let candidates = self[key]?.candidates ?? []
        guard let outcome = outcome(of: key, by: rules), !candidates.isEmpty else {
            return value == .empty ? nil : Write(.put, field: key, value: .value(value))
        }
        switch outcome {
        case .settled(let standing, _, nil):
            if standing.value == .value(value) { return nil }
            return Write(.put, field: key, names: [.init(standing.dot)], value: .value(value))
        case .settled(let standing, _, let rule?):
            if standing.value == .value(value) { return nil }
            return Write(
                .settle, field: key, names: candidates.map { .init($0.dot) }, value: .value(value),
                reason: .value(.text(RuleClaim(name: rule).reason)))
        case .contested, .set:
            throw FieldIsContested(record: record, field: key)
        }
    }

    /// The writes that make a set hold exactly these elements: adds for new ones, drops for those no longer wanted.
    public func writing(elements wanted: [Value], to key: FieldKey) -> [Write] {
        let present = self[key]?.elements ?? []
        let gone = present.filter { element in element.value.value.map { !wanted.contains($0) } ?? false }
        var seen = Set(present.compactMap(\.value.value))
        var writes: [Write] = []
        if !gone.isEmpty { writes.append(Write(.drop, field: key, names: gone.map(\.name))) }
        for value in wanted where seen.insert(value).inserted {
            writes.append(Write(.add, field: key, value: .value(value)))
        }
        return writes
    }

    /// The settle that decides a field: this value in place of every candidate it has now.
    public func settling(_ key: FieldKey, on value: Content, reason: String) -> Write? {
        guard let candidates = self[key]?.candidates, !candidates.isEmpty else { return nil }
        return Write(
            .settle, field: key, names: candidates.map { .init($0.dot) }, value: value, reason: .value(.text(reason)))
    }

    /// An edit that has seen all of this state.
    public func edit(_ writes: [Write]) -> Edit {
        Edit(record: record, type: type, context: vector, writes: writes)
    }
}
