// The store contract as cases anybody can run over a store of their own; our own tests run them over every store there is.

import Causality
import Journals
import Records
public import Replicas

/// A case that needs one empty store, and may ask for several.
public typealias StoreCase = ConformanceCase<() throws -> any Store>

/// A case that opens a place again: the closure makes the store at this place, a new one the first time a number is asked for, and
/// afterwards the same place opened again, also while an earlier store of it is still open.
public typealias DurableStoreCase = ConformanceCase<(_ place: Int) throws -> any Store>

/// Finds out whether a store keeps the contract of ``Store``.
///
/// ```swift
/// @Test(arguments: StoreConformance.cases)
/// func `my store keeps the contract`(_ conformance: StoreCase) throws {
///     try conformance.run { try MyStore(path: freshPath()) }
/// }
/// ```
public enum StoreConformance {
    /// What every store must do. Each case makes new, empty stores.
    public static let cases: [StoreCase] = journals + forks + records + facts + review + rest + transactions + concurrency

    /// What a store must do besides, if it outlives its process.
    public static let durableCases: [DurableStoreCase] = durability
}

// MARK: What the cases are made of

let scope = ScopeID(high: 1, low: 1)
let elsewhere = ScopeID(high: 1, low: 2)
let (ann, ben) = (JournalID(rawValue: 0xa), JournalID(rawValue: 0xffff_ffff_ffff_fff0))

/// Makes runs for a store to keep. A store looks into nothing, so the skeletons say nothing.
struct Hand {
    static let key: SigningKey = {
        guard let key = SigningKey(secret: [UInt8](repeating: 0x5e, count: 32)) else {
            preconditionFailure("32 bytes are a secret")
        }
        return key
    }()
    private(set) var tip: Tip

    init(_ journal: JournalID, in place: ScopeID = scope) {
        tip = Tip(scope: place, replica: ReplicaID(rawValue: journal.rawValue))
    }

    init(after tip: Tip) { self.tip = tip }

    func entry(_ position: UInt64, _ values: EntryValues = .none) -> UnverifiedEntry {
        UnverifiedEntry(
            time: Timestamp(milliseconds: Int64(1_000 * position)),
            offset: position % 2 == 0 ? ClockOffset(milliseconds: -5) : nil, roster: 3,
            skeleton: [UInt8(truncatingIfNeeded: position), 0xff], values: values)
    }

    mutating func run(_ count: Int, _ values: EntryValues = .none) throws -> VerifiedRun {
        var chain = OpenChain(after: tip)
        for _ in 0..<count {
            try chain.append(entry(chain.tip.position.next.rawValue, values), birthKey: Self.key.publicKey)
        }
        tip = chain.tip
        return try chain.signed(by: Self.key)
    }
}

func dot(_ journal: JournalID, _ position: UInt64) -> Dot { Dot(journal, Position(rawValue: position)) }

func record(_ high: UInt64) -> RecordID { RecordID(high: high, low: 7) }

func put(_ value: Value, _ field: FieldKey = "title") -> Write { Write(.put, field: field, value: .value(value)) }

/// A record's state after one edit.
func state(_ record: RecordID, type: TypeKey = "talk", time: Int64 = 0, title: String = "Harbour") throws -> RecordState {
    let edit = Edit(record: record, type: type, context: VersionVector(), writes: [put(.text(title))])
    return try require(
        RecordState.fold([PlacedEdit(dot: dot(ann, 2), time: Timestamp(milliseconds: time), author: "Ann", edit: edit)]))
}

/// The state of a record that its first edit deleted.
func deletedState(_ record: RecordID, time: Int64) throws -> RecordState {
    let edit = Edit(record: record, type: "talk", context: VersionVector(), writes: [Write(.delete)])
    return try require(
        RecordState.fold([PlacedEdit(dot: dot(ann, 2), time: Timestamp(milliseconds: time), author: "Ann", edit: edit)]))
}

func item(_ number: UInt64, of record: RecordID, in place: ScopeID = scope, since: Int64) -> QueuedItem {
    QueuedItem(
        id: ItemID(high: number, low: 0), scope: place,
        item: ReviewItem(.contested, record: record, field: "title", dots: [dot(ann, 2), dot(ben, 2)], more: []), type: "talk",
        since: Timestamp(milliseconds: since))
}

extension StoreWriter {
    /// Appends a run as if it came when it was signed.
    func append(_ run: VerifiedRun) throws -> Arrival { try append(run, received: run.tip.time) }

    /// Writes a record that is like nothing, with edits that decide nothing.
    func setState(_ state: RecordState, in scope: ScopeID, items: [QueuedItem], edits: [Arrival]) throws {
        try setState(state, in: scope, items: items, likeness: nil, edits: edits.map { NotedEdit($0) })
    }
}
