// What one entry is made of, and what a store gives back of it. What is read and written again reads the same; what cannot be read is
// refused with the error that says so.
//
//      bytes = kind || what that kind reads; kinds: entry, header, value, stored state, stored item, other stored things
//      entry = which values are erased, a bit each || position || skeleton piece || value pieces

import Causality
import Journals
import Records
import Replicas
import Supervision
import Wire
import Worlds

enum EntryTarget {
    private static let replica = ReplicaID(rawValue: 7)
    private static let seed = [UInt8](repeating: 7, count: 16)

    static func run(_ bytes: [UInt8]) {
        var cuts = Cuts(bytes)
        switch cuts.choice(of: 6) {
        case 0: entry(&cuts)
        case 1: header(cuts.all())
        case 2: value(cuts.all())
        case 3: if let state = try? RecordState(storedBytes: cuts.all()) { check(state) }
        case 4:
            let make = { (bytes: [UInt8]) in
                try? QueuedItem(
                    id: ItemID(high: 1, low: 2), scope: Samples.scope, type: "talk", since: Samples.time, storedBytes: bytes)
            }
            if let item = make(cuts.all()) { promise(make(item.storedBytes) == item, "an item is kept as another one") }
        default: stored(&cuts)
        }
    }

    // MARK: Entries

    private static func entry(_ cuts: inout Cuts) {
        let erased = cuts.byte()
        let position = Position(rawValue: UInt64(cuts.byte()))
        let skeleton = cuts.piece()
        var contents: [[UInt8]] = []
        while !cuts.isAtEnd { contents.append(cuts.piece()) }
        var values = EntryValues.sealed(seed: contents.isEmpty ? [] : seed, values: contents)
        let places = contents.indices.filter { $0 < 8 && erased & (1 << $0) != 0 }
        if !places.isEmpty {
            let commitments = values.commitments
            values = values.erasing(Set(places))
            promise(values.commitments == commitments, "what is erased leaves another commitment")
        }
        promise((try? EntryValues(storedBytes: values.storedBytes)) == values, "values are kept as other values")
        _ = DecodedEntry.birthKey(skeleton)
        guard let decoded = try? DecodedEntry(skeleton: skeleton, values: values, position: position, replica: replica) else {
            return
        }
        switch decoded {
        case .birth(let birth):
            let again = try? DecodedEntry(skeleton: birth.skeleton, values: .none, position: 1, replica: replica)
            promise(again == decoded, "a birth is read back as another one")
        case .change(let change):
            guard places.isEmpty else { return }
            let (skeleton, values) = change.encoded()
            let sealed = EntryValues.sealed(seed: values.isEmpty ? [] : seed, values: values)
            let again = try? DecodedEntry(skeleton: skeleton, values: sealed, position: position, replica: replica)
            promise(again == decoded, "a change is read back as another one")
            promise(values == contents, "values are written as other bytes than they came in")
            fold(change, at: position)
        }
    }

    /// One change folded by itself, record by record.
    private static func fold(_ change: Change, at position: Position) {
        for edit in change.edits {
            let placed = PlacedEdit(
                dot: Dot(JournalID(replica), position), time: Samples.time, author: change.author?.text, edit: edit)
            guard let state = RecordState.fold([placed]) else { fatalError("a promise is broken: an edit folds to nothing") }
            promise(RecordState.fold(first: placed) == state, "a first edit folds to something else by itself")
            check(state)
        }
    }

    private static func header(_ bytes: [UInt8]) {
        guard let header = try? Header(bytes: bytes) else { return }
        promise(header.bytes == bytes, "a header is written as other bytes than it came in")
    }

    private static func value(_ bytes: [UInt8]) {
        guard let value = try? Value(bytes: bytes) else { return }
        promise(value.bytes == bytes, "a value is written as other bytes than it came in")
        promise((try? Value(bytes: value.bytes)) == value, "a value is read back as another one")
        _ = value.plainText
    }

    // MARK: What a store gives back

    private static func check(_ state: RecordState) {
        promise((try? RecordState(storedBytes: state.storedBytes)) == state, "a record is kept as another one")
        _ = state.canonicalBytes
        _ = state.shown(by: Catalogue.supervision)
        _ = state.reviewItems(by: Catalogue.supervision)
    }

    private static func stored(_ cuts: inout Cuts) {
        switch cuts.choice(of: 4) {
        case 0:
            guard let values = try? EntryValues(storedBytes: cuts.all()) else { return }
            promise((try? EntryValues(storedBytes: values.storedBytes)) == values, "values are kept as other values")
        case 1:
            guard let proof = try? UnverifiedForkProof(storedBytes: cuts.all()) else { return }
            promise((try? UnverifiedForkProof(storedBytes: proof.storedBytes)) == proof, "a proof is kept as another one")
        case 2:
            guard let knowledge = try? Knowledge(stored: cuts.all()) else { return }
            promise((try? Knowledge(stored: knowledge.stored)) == knowledge, "knowledge is kept as other knowledge")
        default:
            guard let message = UnfinishedMessage(stored: cuts.all()) else { return }
            promise(UnfinishedMessage(stored: message.stored) == message, "an unfinished message is kept as another one")
        }
    }

    // MARK: Seeds

    static var seeds: [[UInt8]] {
        let run = Samples.run
        let entries = run.entries.enumerated().map { i, entry -> [UInt8] in
            let values = entry.values.contents.map { $0 ?? [] }
            return [0, i == 2 ? 5 : 0, UInt8(i + 1)] + Cuts.piece(entry.skeleton) + values.flatMap(Cuts.piece)
        }
        let headers = Samples.author.headers(of: run.entries).map { [1] + $0.bytes }
        let values = Samples.values.map { [2] + $0.bytes }
        let states = (1...6 as ClosedRange<UInt8>).compactMap { n in
            RecordState.fold(
                FoldTarget.edits([UInt8](repeating: n &* 37, count: 64).enumerated().map { $0.element &+ UInt8($0.offset) }))
        }
        let item = QueuedItem(
            id: ItemID(high: 1, low: 2), scope: Samples.scope,
            item: ReviewItem(
                .contested, record: RecordID(high: 3, low: 4), field: "title", dots: [Dot(JournalID(rawValue: 2), 3)], more: [],
                other: RecordID(high: 3, low: 5)),
            type: "talk", since: Samples.time, isProposed: true, people: ["p1"])
        let knowledge = Knowledge([Head(journal: JournalID(rawValue: 7), position: 3, hash: Hash(.value, [1]))])
        let others: [[UInt8]] = [
            [0] + run.entries[1].values.storedBytes, [0] + run.entries[3].values.storedBytes, [1] + Samples.proof.storedBytes,
            [2] + knowledge.stored, [3] + (UnfinishedMessage(length: 9, bytes: [1, 2, 3])?.stored ?? []),
        ]
        return entries + headers + values + states.map { [3] + $0.storedBytes } + [[4] + item.storedBytes]
            + others.map { [5] + $0 }
    }
}
