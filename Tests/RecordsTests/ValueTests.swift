import Causality
import Records
import Testing

/// One letter, composed and decomposed: one text to Swift, two to the protocol, for their bytes differ.
private let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")

struct ValueTests {
    @Test func `values are equal when their bytes are, and not otherwise`() {
        #expect(Value.text(composed) != Value.text(decomposed))
        #expect(Value.decimal(composed) != Value.decimal(decomposed))
        #expect(Value.date(composed) != Value.date(decomposed))
        #expect(Value.time(composed) != Value.time(decomposed))
        #expect(Value.list([.text(composed)]) != Value.list([.text(decomposed)]))
        #expect(Set([Value.text(composed), Value.text(decomposed)]).count == 2)
        #expect(Value.text("5") != Value.integer(5))
        #expect(Value.text("") != Value.empty)
        #expect(Value.data([]) != Value.list([]))
    }

    @Test func `keys are equal when their bytes are, and not otherwise`() {
        #expect(FieldKey(composed) != FieldKey(decomposed))
        #expect(TypeKey(composed) != TypeKey(decomposed))
        #expect(Set([FieldKey(composed), FieldKey(decomposed)]).count == 2)
        #expect((FieldKey(composed) < FieldKey(decomposed)) != (FieldKey(decomposed) < FieldKey(composed)))
    }

    @Test func `a ladder is climbed by bytes`() {
        let rule = MergeRule.furthest(ladder: [composed])
        let (on, off) = (candidate(.text(composed), at: 2), candidate(.text(decomposed), at: 3))
        #expect(rule.outcome(of: [on, off])?.candidate?.dot == on.dot)
    }
}

/// A candidate put by nobody, at this position and time.
private func candidate(_ value: Value, at position: Position) -> Candidate {
    Candidate(
        dot: Dot(JournalID(rawValue: 1), position), time: Timestamp(milliseconds: Int64(position.rawValue)),
        value: .value(value))
}
