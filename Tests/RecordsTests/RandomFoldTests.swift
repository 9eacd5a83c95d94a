import Causality
import Chance
import Records
import Support
import Testing

/// 2,500 seeds in blocks, so that they run side by side.
private let blocks = (UInt64(0)..<20).map { $0 * 125..<($0 + 1) * 125 }

struct RandomFoldTests {
    @Test(arguments: blocks)
    func `the order edits come in makes no difference, nor does their coming twice`(_ seeds: Range<UInt64>) throws {
        for seed in seeds {
            let edits = someEdits(seed)
            let state = try #require(RecordState.fold(edits))
            var chance = SplitMix64(seed: seed)
            for _ in 0..<5 {
                let shuffled = edits.shuffled(using: &chance)
                #expect(RecordState.fold(shuffled) == state, "seed \(seed)")
            }
            let doubled = (edits + edits).shuffled(using: &chance)
            #expect(RecordState.fold(doubled) == state, "seed \(seed)")
        }
    }

    @Test(arguments: blocks)
    func `edits folded one by one as they were seen are edits folded all at once`(_ seeds: Range<UInt64>) throws {
        for seed in seeds {
            let edits = someEdits(seed)
            let state = try #require(RecordState.fold(edits))
            #expect(edits.foldedOneByOne == state, "seed \(seed)")
            var chance = SplitMix64(seed: seed)
            for _ in 0..<2 {
                let order = try #require(edits.causallyShuffled(using: &chance))
                #expect(order.foldedOneByOne == state, "seed \(seed)")
            }
        }
    }

    @Test(arguments: blocks)
    func `the state is what the protocol says, read word for word`(_ seeds: Range<UInt64>) throws {
        for seed in seeds {
            let edits = someEdits(seed)
            let state = try #require(RecordState.fold(edits))
            let plain = try #require(PlainFold(edits).state)
            #expect(state.canonicalBytes == plain.canonicalBytes, "seed \(seed)")
            for field in state.fields { #expect(field.base == PlainFold(edits).base(field.key), "seed \(seed), \(field.key)") }
        }
    }

    @Test(arguments: blocks)
    func `no put is lost: it stands, or an edit that had seen it put something in its place`(_ seeds: Range<UInt64>) throws {
        for seed in seeds {
            let edits = someEdits(seed)
            let state = try #require(RecordState.fold(edits))
            let plain = PlainFold(edits)
            #expect(edits.allSatisfy { state.vector.has($0.dot) }, "seed \(seed)")
            for field in ["title", "place", "tags"] as [FieldKey] {
                let inForce = plain.inForce(field)
                for written in plain.writes(field, .put, .settle) {
                    let dot = written.edit.dot
                    let stands = state[field]?.candidates.contains { $0.dot == dot } ?? false
                    let isReplaced = inForce.contains { plain.names($0, dot) }
                    let isUndone = written.write.kind == .settle && plain.writes(field, .undo).contains { plain.names($0, dot) }
                    #expect(stands || isReplaced || isUndone, "seed \(seed), \(field) of \(dot)")
                    #expect(!(stands && (isReplaced || isUndone)), "seed \(seed), \(field) of \(dot)")
                }
            }
        }
    }

    @Test func `an edit of a record that was never deleted is folded without looking back`() throws {
        let first = PlacedEdit(
            dot: Dot(JournalID(rawValue: 1), 2), time: Timestamp(milliseconds: 1), author: nil,
            edit: Edit(
                record: RecordID(high: 0, low: 1), type: "talk", context: VersionVector(),
                writes: [
                    Write(.put, field: "title", value: .value(.text("x"))),
                    Write(.add, field: "tags", value: .value(.flag(true))),
                ]))
        let state = try #require(RecordState.fold([first]))
        let put = try state.writing(.text("y"), to: "title", by: ReviewEverything())
        let write = try #require(put)
        let second = PlacedEdit(
            dot: Dot(JournalID(rawValue: 2), 2), time: Timestamp(milliseconds: 2), author: nil, edit: state.edit([write]))
        #expect(state.folding(second) == RecordState.fold([first, second]))
    }
}
