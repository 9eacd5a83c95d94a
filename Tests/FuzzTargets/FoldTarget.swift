// Edits of one record as some replicas might come to write them, decided byte by byte. However they come they fold to one state, which is
// what the protocol's page says word for word, and which loses no put.
//
//      bytes = one byte for each choice in making the edits, and after them for each choice of an order

import Causality
import Chance
import Records
import Replicas
import Supervision
import Support

enum FoldTarget {
    static func edits(_ bytes: [UInt8]) -> [PlacedEdit] {
        var chance = DecidedChance(bytes)
        return someEdits(of: RecordID(high: 0, low: 1), using: &chance)
    }

    static func run(_ bytes: [UInt8]) {
        var chance = DecidedChance(bytes)
        let edits = someEdits(of: RecordID(high: 0, low: 1), using: &chance)
        guard let state = RecordState.fold(edits) else { fatalError("a promise is broken: edits fold to nothing") }
        sameInAnyOrder(edits, state, &chance)
        sameAsThePage(edits, state)
        losesNothing(edits, state)
        promise((try? RecordState(storedBytes: state.storedBytes)) == state, "a record is kept as another one")
        _ = state.shown(by: Catalogue.supervision)
        _ = state.reviewItems(by: Catalogue.supervision)
    }

    private static func sameInAnyOrder(_ edits: [PlacedEdit], _ state: RecordState, _ chance: inout DecidedChance) {
        promise(RecordState.fold(edits.reversed()) == state, "edits backwards fold to another state")
        promise(RecordState.fold(edits.shuffled(using: &chance)) == state, "edits in another order fold to another state")
        promise(RecordState.fold((edits + edits).shuffled(using: &chance)) == state, "edits that come twice fold to another state")
        promise(edits.foldedOneByOne == state, "edits one by one fold to another state")
        if let order = edits.causallyShuffled(using: &chance) {
            promise(order.foldedOneByOne == state, "edits one by one in another order fold to another state")
        }
    }

    private static func sameAsThePage(_ edits: [PlacedEdit], _ state: RecordState) {
        let page = PlainFold(edits)
        promise(page.state?.canonicalBytes == state.canonicalBytes, "the state is not what the page says")
        for field in state.fields {
            promise(page.base(field.key) == field.base, "the base of \(field.key) is not what the page says")
        }
    }

    /// A put stands, or an edit that had seen it put something in its place, or it was a settle that was undone.
    private static func losesNothing(_ edits: [PlacedEdit], _ state: RecordState) {
        let page = PlainFold(edits)
        for edit in edits { promise(state.vector.has(edit.dot), "the state does not say that it has \(edit.dot)") }
        for field in Set(edits.flatMap(\.edit.writes).filter { !$0.kind.isOfRecord }.map(\.field)) {
            let inForce = page.inForce(field)
            for written in page.writes(field, .put, .settle) {
                let dot = written.edit.dot
                let stands = state[field]?.candidates.contains { $0.dot == dot } ?? false
                let isReplaced = inForce.contains { page.names($0, dot) }
                let isUndone = written.write.kind == .settle && page.writes(field, .undo).contains { page.names($0, dot) }
                promise(stands != (isReplaced || isUndone), "\(field) of \(dot) is lost, or stands though it was replaced")
            }
        }
    }

    static var seeds: [[UInt8]] {
        (1...12 as ClosedRange<UInt64>).map { seed in
            var chance = SplitMix64(seed: seed)
            return chance.bytes(160)
        }
    }
}
