// What a replica needs of a place to keep things: this contract and nothing more. One suite of tests runs over every store.
//
// A store keeps journals (entries in the order they arrived, which is a causal order), the record states the fold made of them,
// and a few named settings. It decides nothing: what goes in was verified, and only the fold writes records.

public import Causality
public import Journals
public import Records

/// A place to keep a replica. Blocks while it works: call it off the cooperative pool.
public protocol Store: Sendable {
    /// Runs `body` on one unchanging state.
    func reading<T>(_ body: (any StoreReader) throws -> T) throws -> T

    /// Runs `body` alone among all writers, of other processes too. What it did is durable when this returns, or, if it throws,
    /// did not happen.
    func writing<T>(_ body: (any StoreWriter) throws -> T) throws -> T

    /// What the store itself can say about its health; empty if all is well.
    func faults() throws -> [String]
}

/// Where an entry stands in the order a store received them.
public typealias Arrival = Int64

/// An entry as it is kept.
public struct StoredEntry: Hashable, Sendable {
    package var arrival: Arrival
    package var journal: JournalID
    package var replica: ReplicaID
    package var position: Position
    package var hash: Hash
    package var entry: UnverifiedEntry
    package var signature: [UInt8]?

    package init(
        arrival: Arrival, journal: JournalID, replica: ReplicaID, position: Position, hash: Hash, entry: UnverifiedEntry,
        signature: [UInt8]?
    ) {
        (self.arrival, self.journal, self.replica, self.position) = (arrival, journal, replica, position)
        (self.hash, self.entry, self.signature) = (hash, entry, signature)
    }

    package var dot: Dot { Dot(journal, position) }
}

/// A journal as it is kept.
public struct StoredJournal: Hashable, Sendable {
    package var tip: Tip
    /// The last position that counts; what follows is held.
    package var counted: Position
    package init(tip: Tip, counted: Position) { (self.tip, self.counted) = (tip, counted) }
}

/// Bytes that did not verify, kept apart with the reason.
public struct Quarantined: Hashable, Sendable {
    /// How many pieces of one journal are kept.
    package static let perJournalMax = 64

    public var id: Int64
    public var scope: ScopeID
    public var journal: JournalID
    public var position: Position
    public var fault: Fault
    public var time: Timestamp
    /// What was received: a tail of one run.
    public var bytes: [UInt8]

    package init(
        id: Int64, scope: ScopeID, journal: JournalID, position: Position, fault: Fault, time: Timestamp, bytes: [UInt8]
    ) {
        (self.id, self.scope, self.journal, self.position) = (id, scope, journal, position)
        (self.fault, self.time, self.bytes) = (fault, time, bytes)
    }
}

/// One open review item and where it is.
public struct QueuedItem: Hashable, Sendable {
    public var id: ItemID
    public var scope: ScopeID
    public var item: ReviewItem
    public var type: TypeKey
    /// The newest edit it is about, by the service's clock.
    public var since: Timestamp

    package init(id: ItemID, scope: ScopeID, item: ReviewItem, type: TypeKey, since: Timestamp) {
        (self.id, self.scope, self.item, self.type, self.since) = (id, scope, item, type, since)
    }
}

/// Names a review item alike on every replica: 16 bytes.
public struct ItemID: Name128 {
    public let high: UInt64
    public let low: UInt64
    public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }
}

/// A note being written: crash-safe, only here, in no journal.
public struct Draft: Hashable, Sendable {
    public var key: String
    public var saved: Timestamp
    public var bytes: [UInt8]
    public init(key: String, saved: Timestamp, bytes: [UInt8]) { (self.key, self.saved, self.bytes) = (key, saved, bytes) }
}

public protocol StoreReader {
    // Journals
    /// Every scope that has a journal or a record.
    func scopes() throws -> [ScopeID]
    func journals(in scope: ScopeID) throws -> [StoredJournal]
    func journal(_ id: JournalID, in scope: ScopeID) throws -> StoredJournal?
    func branches(in scope: ScopeID) throws -> [Branches.Branch]
    func proofs(in scope: ScopeID) throws -> [UnverifiedForkProof]
    func entry(_ dot: Dot, in scope: ScopeID) throws -> StoredEntry?
    /// Entries of a scope at and after an arrival, in order.
    func entries(in scope: ScopeID, from arrival: Arrival, limit: Int) throws -> [StoredEntry]
    /// Entries of one journal from a position on, in order.
    func entries(of journal: JournalID, in scope: ScopeID, from position: Position, limit: Int) throws -> [StoredEntry]
    func arrival(of dot: Dot, in scope: ScopeID) throws -> Arrival?

    // Records
    func state(of record: RecordID, in scope: ScopeID) throws -> RecordState?
    /// The counting entries that edit a record.
    func history(of record: RecordID, in scope: ScopeID) throws -> [StoredEntry]
    /// How many (entry, record) pairs the store knows of in a scope.
    func editCount(in scope: ScopeID) throws -> Int
    /// States ascending by record id, after a given one.
    func states(in scope: ScopeID, after record: RecordID?, limit: Int) throws -> [RecordState]
    /// The newest records of a type first; nil: of every scope, every type, whether deleted or not.
    func list(
        scope: ScopeID?, type: TypeKey?, deleted: Bool?, limit: Int, offset: Int
    ) throws -> [(scope: ScopeID, state: RecordState)]
    /// How many records `list` would give without a limit.
    func count(scope: ScopeID?, type: TypeKey?, deleted: Bool?) throws -> Int
    /// The scope a record is in.
    func scope(of record: RecordID) throws -> ScopeID?
    /// Record ids within a range, ascending, each once, at most `limit`.
    func records(_ ids: ClosedRange<RecordID>, limit: Int) throws -> [RecordID]
    func recordCount(in scope: ScopeID) throws -> Int
    func items(in scope: ScopeID?, limit: Int, offset: Int) throws -> [QueuedItem]
    /// Items with ids within a range, ascending by id, at most `limit`.
    func items(_ ids: ClosedRange<ItemID>, limit: Int) throws -> [QueuedItem]
    func itemCount() throws -> Int

    // The rest
    func setting(_ key: String) throws -> [UInt8]?
    /// Settings whose keys begin with a prefix, ascending.
    func settings(beginning prefix: String) throws -> [(key: String, value: [UInt8])]
    func quarantined(limit: Int) throws -> [Quarantined]
    func drafts() throws -> [Draft]
}

public protocol StoreWriter: StoreReader {
    /// Puts a run behind its journal's tip and returns the arrival of its first entry; the others follow by one each.
    func append(_ run: VerifiedRun) throws -> Arrival
    func setCounted(_ position: Position, of journal: JournalID, in scope: ScopeID) throws
    /// Ends a journal before a position and moves what follows into a branch; later branches of it hang on that branch.
    func split(_ journal: JournalID, in scope: ScopeID, at position: Position, into branch: JournalID) throws
    /// Notes a branch that may have no entries yet.
    func insert(_ branch: Branches.Branch, in scope: ScopeID) throws
    func insert(_ proof: ForkProof) throws
    func setValues(_ values: EntryValues, of dot: Dot, in scope: ScopeID) throws

    /// Writes a record as the fold left it, what of it waits for review, and which further entries edit it.
    func setState(_ state: RecordState, in scope: ScopeID, items: [QueuedItem], edits: [Arrival]) throws
    func removeStates(in scope: ScopeID) throws

    /// Nil removes it.
    func setSetting(_ key: String, _ value: [UInt8]?) throws
    func quarantine(_ bytes: [UInt8], of dot: Dot, in scope: ScopeID, fault: Fault, time: Timestamp) throws
    func setDraft(_ key: String, _ draft: Draft?) throws
}

extension StoreReader {
    package func branchMap(in scope: ScopeID) throws -> Branches { Branches(try branches(in: scope)) }

    package func knowledge(of scope: ScopeID) throws -> Knowledge {
        Knowledge(
            try journals(in: scope).map { Head(journal: $0.tip.journal, position: $0.tip.position, hash: $0.tip.hash) })
    }

    /// The tip a next entry of this journal would follow: of a replica nobody has heard of, the place before its birth; of a
    /// branch without entries, where it leaves its parent. Nil for a journal id that is neither.
    package func tip(of journal: JournalID, replica: ReplicaID, in scope: ScopeID) throws -> Tip? {
        if let stored = try self.journal(journal, in: scope) { return stored.tip }
        let branches = try branchMap(in: scope)
        guard let branch = branches[journal] else {
            return journal == JournalID(replica) && branches.end(of: journal) == nil
                ? Tip(scope: scope, replica: replica) : nil
        }
        guard branch.start > 1 else {
            var tip = Tip(scope: scope, replica: branch.replica)
            (tip.journal, tip.isBranchPoint) = (journal, true)
            return tip
        }
        guard let before = try entry(Dot(branch.parent, branch.start.previous), in: scope) else { return nil }
        var tip = Tip(
            scope: scope, journal: journal, replica: branch.replica, position: before.position, hash: before.hash,
            time: before.entry.time, roster: before.entry.roster, key: try self.journal(branch.parent, in: scope)?.tip.key)
        tip.isBranchPoint = true
        return tip
    }
}
