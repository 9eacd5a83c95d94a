// What a replica needs of a place to keep things: this contract and nothing more. One suite of tests runs over every store.
//
// A store keeps journals (entries in the order they arrived, which is a causal order), the record states the fold made of them,
// and a few named settings. It decides nothing: what goes in was verified, and only the fold writes records.

public import Causality
public import Journals
public import Records

/// A place to keep a replica. Blocks while it works: call it off the cooperative pool.
///
/// A store decides nothing and checks nothing: what goes in was verified, which the types say, for only the verifier makes a
/// ``VerifiedRun`` or a ``ForkProof``. The conformance kit, product `DundianConformance`, has a case for every sentence of the
/// contract: run it over a store of your own before you trust notes to it.
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
///
/// ``VerifiedRun/stored(from:)`` makes them; a store keeps their parts and gives them back.
public struct StoredEntry: Hashable, Sendable {
    /// Where it stands in the order this store received its scope's entries.
    public var arrival: Arrival
    /// The journal it is in now: a fork found later moves it into a branch.
    public var journal: JournalID
    /// The replica id it names, which no fork changes.
    public var replica: ReplicaID
    /// Its place in the journal, from 1.
    public var position: Position
    /// Of its header.
    public var hash: Hash
    /// What it says.
    public var entry: UnverifiedEntry
    /// Over this entry and all before it in its journal; nil where a later one covers it.
    public var signature: [UInt8]?
    /// When it came here, by this device's clock; nil for what came before stores noted it.
    public var received: Timestamp?

    /// An entry out of its parts, as a store gives back what it kept.
    public init(
        arrival: Arrival, journal: JournalID, replica: ReplicaID, position: Position, hash: Hash, entry: UnverifiedEntry,
        signature: [UInt8]?, received: Timestamp?
    ) {
        (self.arrival, self.journal, self.replica, self.position) = (arrival, journal, replica, position)
        (self.hash, self.entry, self.signature, self.received) = (hash, entry, signature, received)
    }

    /// Its name: journal and position.
    public var dot: Dot { Dot(journal, position) }
}

extension VerifiedRun {
    /// The run's entries as a store keeps them, the first one arriving at `first` and the others following by one each.
    public func stored(from first: Arrival, received: Timestamp?) -> [StoredEntry] {
        entries.enumerated().map { i, entry in
            StoredEntry(
                arrival: first + Arrival(i), journal: journal, replica: entry.header.replica, position: entry.header.position,
                hash: entry.hash,
                entry: UnverifiedEntry(
                    time: entry.header.time, offset: entry.header.offset, roster: entry.header.roster, skeleton: entry.skeleton,
                    values: entry.values),
                signature: i == entries.count - 1 ? signature : nil, received: received)
        }
    }

    /// How many entries it has; never 0.
    public var count: Int { entries.count }
}

/// A journal as it is kept.
public struct StoredJournal: Hashable, Sendable {
    /// Its last entry.
    public var tip: Tip
    /// The last position that counts; what follows is held.
    public var counted: Position

    /// A journal out of its parts, as a store gives back what it kept.
    public init(tip: Tip, counted: Position) { (self.tip, self.counted) = (tip, counted) }
}

/// Bytes that did not verify, kept apart with the reason.
public struct Quarantined: Hashable, Sendable {
    /// How many pieces of one journal a store keeps, the newest.
    public static let perJournalMax = 64

    /// Ascending in the order they came; the store gives it.
    public var id: Int64
    /// The scope it was received for.
    public var scope: ScopeID
    /// The journal it claims to be of.
    public var journal: JournalID
    /// The position that was wrong.
    public var position: Position
    /// What was wrong.
    public var fault: Fault
    /// When it came, by this device's clock.
    public var time: Timestamp
    /// What was received: a tail of one run.
    public var bytes: [UInt8]

    /// A piece out of its parts, as a store gives back what it kept.
    public init(
        id: Int64, scope: ScopeID, journal: JournalID, position: Position, fault: Fault, time: Timestamp, bytes: [UInt8]
    ) {
        (self.id, self.scope, self.journal, self.position) = (id, scope, journal, position)
        (self.fault, self.time, self.bytes) = (fault, time, bytes)
    }
}

/// One open review item, or notice, and where it is.
public struct QueuedItem: Hashable, Sendable {
    /// Its name, alike on every replica.
    public var id: ItemID
    /// The scope its record is in.
    public var scope: ScopeID
    /// What is in dispute.
    public var item: ReviewItem
    /// The record's type.
    public var type: TypeKey
    /// The newest edit it is about, by the service's clock.
    public var since: Timestamp
    /// Whether somebody has decided, so that it waits for approval or for a choice between decisions.
    public var isProposed: Bool
    /// Whose edits are in dispute, by the roster's ids, ascending.
    public var people: [String]

    /// An item out of its parts, as a store gives back what it kept.
    public init(
        id: ItemID, scope: ScopeID, item: ReviewItem, type: TypeKey, since: Timestamp, isProposed: Bool = false,
        people: [String] = []
    ) {
        (self.id, self.scope, self.item, self.type, self.since) = (id, scope, item, type, since)
        (self.isProposed, self.people) = (isProposed, people)
    }
}

/// An entry that edits a record, as the fold notes it.
public struct NotedEdit: Hashable, Sendable {
    /// The entry.
    public var entry: Arrival
    /// Whether it decides something: settles, approves, undoes, deletes or restores, or says whether two records are one thing.
    public var decides: Bool

    /// One out of its parts.
    public init(_ entry: Arrival, decides: Bool = false) { (self.entry, self.decides) = (entry, decides) }
}

/// Names a review item alike on every replica: 16 bytes.
public struct ItemID: Name128 {
    public let high: UInt64
    public let low: UInt64
    public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }
}

/// A note being written: crash-safe, only here, in no journal.
public struct Draft: Hashable, Sendable {
    /// Which note it is of; the program's choice.
    public var key: String
    /// When it was saved, by this device's clock.
    public var saved: Timestamp
    /// What was written so far; the program's choice.
    public var bytes: [UInt8]
    /// Whether the bytes are not what was saved: a person must read them through. What is saved is sound.
    public var isDamaged: Bool
    /// A draft out of its parts.
    public init(key: String, saved: Timestamp, bytes: [UInt8], isDamaged: Bool = false) {
        (self.key, self.saved, self.bytes, self.isDamaged) = (key, saved, bytes, isDamaged)
    }
}

/// What can be asked of the journals a store keeps, on one unchanging state: enough to hand on what is in them.
///
/// Nothing here is an error because it is not there, as in ``StoreReader``.
public protocol JournalReader {
    /// Every scope that has a journal or a record, ascending.
    func scopes() throws -> [ScopeID]
    /// The journals of a scope, branches too, ascending by id.
    func journals(in scope: ScopeID) throws -> [StoredJournal]
    /// One journal; nil if nothing of it is stored.
    func journal(_ id: JournalID, in scope: ScopeID) throws -> StoredJournal?
    /// The branches noted in a scope, ascending by their journal's id.
    func branches(in scope: ScopeID) throws -> [Branches.Branch]
    /// The evidence of forks in a scope, in the order it was inserted.
    func proofs(in scope: ScopeID) throws -> [UnverifiedForkProof]
    /// The entry with this name; nil if it is not here.
    func entry(_ dot: Dot, in scope: ScopeID) throws -> StoredEntry?
    /// Entries of a scope at and after an arrival, in the order of arrival, at most `limit`.
    func entries(in scope: ScopeID, from arrival: Arrival, limit: Int) throws -> [StoredEntry]
    /// Entries of one journal from a position on, in the order of positions, at most `limit`.
    func entries(of journal: JournalID, in scope: ScopeID, from position: Position, limit: Int) throws -> [StoredEntry]
    /// Where an entry stands in the order of arrival; nil if it is not here.
    func arrival(of dot: Dot, in scope: ScopeID) throws -> Arrival?
}

/// What can be asked of a store, on one unchanging state.
///
/// Nothing here is an error because it is not there: an unknown scope, journal or record gives nil, nothing or 0. What a method throws
/// is the world's fault (a disk, a damaged file) and ends the transaction.
public protocol StoreReader: JournalReader {
    // MARK: Records

    /// A record as it was last written; nil if it never was.
    func state(of record: RecordID, in scope: ScopeID) throws -> RecordState?
    /// The counting entries that edit a record, each once, in the order of arrival.
    func history(of record: RecordID, in scope: ScopeID) throws -> [StoredEntry]
    /// How many (entry, record) pairs the store knows of in a scope.
    func editCount(in scope: ScopeID) throws -> Int
    /// States ascending by record id, after a given one (nil: from the first), at most `limit`.
    func states(in scope: ScopeID, after record: RecordID?, limit: Int) throws -> [RecordState]
    /// Records by ``RecordState/changed``, the newest first and then ascending by id; nil: of every scope, every type, whether deleted or not.
    func list(
        scope: ScopeID?, type: TypeKey?, deleted: Bool?, limit: Int, offset: Int
    ) throws -> [(scope: ScopeID, state: RecordState)]
    /// How many records `list` would give without a limit.
    func count(scope: ScopeID?, type: TypeKey?, deleted: Bool?) throws -> Int
    /// Hands on the facts of every record of a type that is not deleted, in any order.
    func forEachFacts(of type: TypeKey, in scope: ScopeID?, _ body: (ScopeID, RecordFacts) throws -> Void) throws
    /// The records that refer to any of these by ``RecordState/links``, each once, ascending by scope and id.
    func states(referringTo targets: Set<RecordID>) throws -> [(scope: ScopeID, state: RecordState)]
    /// The scope a record is in; the smallest if, against the rules, there are several.
    func scope(of record: RecordID) throws -> ScopeID?
    /// Record ids within a range, ascending, each once, at most `limit`.
    func records(_ ids: ClosedRange<RecordID>, limit: Int) throws -> [RecordID]
    /// How many records a scope has, deleted ones included.
    func recordCount(in scope: ScopeID) throws -> Int
    /// The smallest ids of a scope's records with this likeness, ascending, at most `limit`.
    func records(like likeness: Likeness, in scope: ScopeID, limit: Int) throws -> [RecordID]
    /// Edits that decide, of a scope, the newest arrival first and then ascending by record, before an arrival (nil: from the newest), at most `limit`.
    func decisions(in scope: ScopeID, before arrival: Arrival?, limit: Int) throws -> [(entry: StoredEntry, record: RecordID)]
    /// Open review items of a scope, or of all (nil): the oldest ``QueuedItem/since`` first, then ascending by id. No notices.
    func items(in scope: ScopeID?, limit: Int, offset: Int) throws -> [QueuedItem]
    /// Items and notices with ids within a range, ascending by id, at most `limit`.
    func items(_ ids: ClosedRange<ItemID>, limit: Int) throws -> [QueuedItem]
    /// Items and notices of one record, in the order in which they were written.
    func items(of record: RecordID, in scope: ScopeID) throws -> [QueuedItem]
    /// Notices of all scopes, in the order of `items`.
    func notices(limit: Int, offset: Int) throws -> [QueuedItem]
    /// How many review items are open in all scopes; no notices.
    func itemCount() throws -> Int

    // MARK: The rest

    /// A named setting; nil if it is not set. An empty one is not nil.
    func setting(_ key: String) throws -> [UInt8]?
    /// The keys of settings that begin with a prefix, byte for byte, ascending; those too whose value is damaged. No letter of it is a pattern.
    func settingKeys(beginning prefix: String) throws -> [String]
    /// The newest quarantined pieces, at most `limit`, the newest last.
    func quarantined(limit: Int) throws -> [Quarantined]
    /// Every draft, ascending by key; one that is damaged says so.
    func drafts() throws -> [Draft]
}

extension StoreReader {
    /// Settings whose keys begin with a prefix, byte for byte, ascending by key. No letter of it is a pattern.
    public func settings(beginning prefix: String) throws -> [(key: String, value: [UInt8])] {
        try settingKeys(beginning: prefix).compactMap { key in try setting(key).map { (key, $0) } }
    }
}

/// What can be done to a store within one transaction. What was written is seen by later reads of the same transaction.
public protocol StoreWriter: StoreReader {
    /// Puts a run behind its journal's tip and returns the arrival of its first entry; the others follow by one each.
    ///
    /// Arrivals of a scope only grow. The journal's tip becomes the run's; a journal that was not there counts as far as
    /// ``VerifiedRun/base`` stands. ``VerifiedRun/stored(from:received:)`` gives what to keep.
    func append(_ run: VerifiedRun, received: Timestamp) throws -> Arrival
    /// Notes how far a journal counts.
    func setCounted(_ position: Position, of journal: JournalID, in scope: ScopeID) throws
    /// Ends a journal before a position and moves what follows into a branch; later branches of it hang on that branch.
    ///
    /// The branch gets the journal's tip and counted position and is noted with ``insert(_:in:)``; the journal's tip becomes the
    /// entry before `position`, and it counts at most that far; with no entry before, the journal is gone. Branches of the
    /// journal that start after `position` have the new branch as parent from now on. Arrivals stay.
    func split(_ journal: JournalID, in scope: ScopeID, at position: Position, into branch: JournalID) throws
    /// Notes a branch that may have no entries yet.
    func insert(_ branch: Branches.Branch, in scope: ScopeID) throws
    /// Keeps the evidence of a fork.
    func insert(_ proof: ForkProof) throws
    /// Replaces the values of an entry and nothing else of it. The old ones must not be found again.
    func setValues(_ values: EntryValues, of dot: Dot, in scope: ScopeID) throws

    /// Writes a record as the fold left it, its items and notices, what it is like, and which further entries edit it.
    ///
    /// State, items and likeness replace what was there; `edits` are added to those noted before, an entry noted twice counting once.
    func setState(
        _ state: RecordState, in scope: ScopeID, items: [QueuedItem], likeness: Likeness?, edits: [NotedEdit]) throws
    /// Removes every record of a scope with its review items and edits; the entries stay.
    func removeStates(in scope: ScopeID) throws

    /// Removes all there is of a scope: records, entries, journals, branches, proofs. Nothing of it must be found again.
    func purge(_ scope: ScopeID) throws

    /// Sets a named setting; nil removes it.
    func setSetting(_ key: String, _ value: [UInt8]?) throws
    /// Keeps bytes that did not verify, once for each (scope, dot, bytes); of one journal the newest
    /// ``Quarantined/perJournalMax``.
    func quarantine(_ bytes: [UInt8], of dot: Dot, in scope: ScopeID, fault: Fault, time: Timestamp) throws
    /// Keeps a draft under a key; nil removes it.
    func setDraft(_ key: String, _ draft: Draft?) throws
}

extension JournalReader {
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
