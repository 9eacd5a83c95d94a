// A replica: one person's full, writable copy of the scopes they work on. Two doors lead into it, commit (our own edits, signed here)
// and ingest (other people's entries, verified here); both end in the same place: journal, then fold, then record.

public import Causality
import Synchronization
import Wire

public import Journals
public import Records

/// Where chance comes from: the system at the edge, a seed in tests.
public protocol Entropy: Sendable {
    func next() -> UInt64
}

extension Entropy {
    package func bytes(_ count: Int) -> [UInt8] {
        var out: [UInt8] = []
        while out.count < count {
            let word = next()
            for i in 0..<8 where out.count < count { out.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * i))) }
        }
        return out
    }
}

/// One person's full, writable copy of the scopes they work on.
///
/// Calls block while the store works: make them off the cooperative pool. Any thread may make them.
public final class Replica: Sendable {
    package let store: any Store
    package let rules: any MergeRules
    package let clock: any WallClock
    package let entropy: any Entropy
    let signer: any Signer
    package let instruments: (any Instruments)?
    let witness: (any Witness)?
    let itself = Mutex(SelfKnowledge())
    let observers = Observers()

    /// Opens the replica in this store; a store used for the first time gets a replica id.
    ///
    /// - Parameters:
    ///   - signer: this device's key; the roster binds it to a person.
    ///   - rules: how fields are merged, as a catalogue says.
    ///   - instruments: who is told, in numbers and codes, what happens.
    ///   - witness: who remembers, outside the store, how far it had got; nil: a store that was put back or copied shows only when it meets a peer.
    /// - Throws: what the store throws.
    public init(
        store: any Store, signer: any Signer, rules: any MergeRules, clock: any WallClock, entropy: any Entropy,
        instruments: (any Instruments)? = nil, witness: (any Witness)? = nil
    ) throws {
        (self.instruments, self.witness) = (instruments, witness)
        (self.store, self.signer, self.rules) = (store, signer, rules)
        (self.clock, self.entropy) = (clock, entropy)
        var isNew = false
        if try store.reading({ try $0.setting(SettingKey.replica) }) == nil {
            try store.writing { writer in
                guard try writer.setting(SettingKey.replica) == nil else { return }
                try writer.setReplica(Self.freshID(entropy), earlier: nil)
                try writer.setSetting(SettingKey.fold, foldStamp)
                isNew = true
            }
        }
        try askWitness(isNew: isNew)
        if try store.reading({ try $0.setting(SettingKey.fold) }) != foldStamp { try foldAnew() }
    }

    /// What a fold makes of entries, and by which rules items were found. 2: the bases that texts are merged from. 3: what decisions were
    /// chosen over, what records are like. 4: what its authors had left standing, and deletions that were taken back.
    /// 5: facts and links beside the states. 6: what was dropped past a seal.
    private var foldStamp: [UInt8] {
        // FNV-1a: it only has to change with the rules.
        let stamp = rules.fingerprint.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var out = ByteWriter()
        out.u8(6)
        out.u64(stamp)
        return out.bytes
    }

    /// Folds everything as this version does; nothing but states and items is written.
    private func foldAnew() throws {
        try store.writing { writer in
            guard try writer.setting(SettingKey.fold) != foldStamp else { return }
            for scope in try writer.scopes() { try rebuild(scope, in: writer) }
            try writer.setSetting(SettingKey.fold, foldStamp)
        }
    }

    static func freshID(_ entropy: any Entropy) -> ReplicaID {
        while true {
            let raw = entropy.next()
            if raw != 0 { return ReplicaID(rawValue: raw) }
        }
    }

    /// This device's key.
    public var key: PublicKey { signer.publicKey }

    /// What bundles for this device are sealed to.
    public var agreement: AgreementKey? { signer.agreement }

    /// The replica id this store writes under now.
    public func replicaID() throws -> ReplicaID { try store.reading { try $0.replica().id } }

    // MARK: Roster and clock

    /// The newest roster this device has; nil before it has joined.
    public func roster() throws -> SignedRoster? { try store.reading { try $0.roster() } }

    /// Takes in a roster: the first one, or one that continues what is here. What now counts is folded, what no longer counts is not.
    package func accept(_ roster: SignedRoster) throws { try updateRoster { _, _ in roster } }

    /// Makes the next roster out of the present one, in one transaction with whatever else `make` writes.
    package func updateRoster(_ make: (SignedRoster?, any StoreWriter) throws -> SignedRoster) throws {
        try store.writing { writer in
            let current = try writer.roster()
            let roster = try make(current, writer)
            if let current {
                if current.bytes == roster.bytes { return }
                guard roster.roster.continues(current.roster) else {
                    throw ReplicaError(
                        .rosterRefused, "\(roster.roster.version)",
                        message: "Roster \(roster.roster.version) does not continue roster \(current.roster.version).",
                        next: "Nothing was changed. Ask the administrator whether the service was replaced or restored.")
                }
            }
            try writer.setSetting(SettingKey.roster, roster.unverified.bytes)
            for scope in try writer.scopes() { try recount(scope, in: writer) }
        }
        observers.notify()
    }

    /// Notes how far this clock is from the service's.
    package func setClockOffset(_ offset: ClockOffset) throws {
        var out = ByteWriter()
        out.i64(offset.milliseconds)
        let bytes = out.bytes
        try store.writing { try $0.setSetting(SettingKey.offset, bytes) }
    }

    /// What the service's clock shows beside this one, as last measured.
    public func clockOffset() throws -> ClockOffset? { try store.reading { try $0.clockOffset() } }

    // MARK: Commit

    /// Saves a change to one scope and returns its dot. Durable when this returns.
    @discardableResult
    public func commit(_ change: Change, in scope: ScopeID) throws -> Dot {
        try commit(in: scope) { _ in [change] }[0]
    }

    /// Saves changes made by looking at the records as they are, in one transaction: all of them or none.
    @discardableResult
    public func commit(in scope: ScopeID, _ make: (any StoreReader) throws -> [Change]) throws -> [Dot] {
        let dots = try transacting { try write(make($0), in: scope, to: $0) }
        note([.committed(scope: scope, entries: dots.count)])
        becameDurable()
        return dots
    }

    /// Saves changes to several scopes in one transaction: all of them or none.
    /// - Parameter then: makes further changes by looking at what the first ones left; they belong to the same transaction.
    public func commit(
        _ changes: [(scope: ScopeID, change: Change)],
        then more: (any StoreReader) throws -> [(scope: ScopeID, change: Change)] = { _ in [] }
    ) throws {
        let saved = try transacting { writer in
            let first = try write(changes, to: writer)
            return try first + write(more(writer), to: writer)
        }
        note(saved.map { .committed(scope: $0.scope, entries: $0.entries) })
        becameDurable()
    }

    private func write(
        _ changes: [(scope: ScopeID, change: Change)], to writer: any StoreWriter
    ) throws -> [(scope: ScopeID, entries: Int)] {
        var scopes: [ScopeID] = []
        for item in changes where !scopes.contains(item.scope) { scopes.append(item.scope) }
        return try scopes.map { scope in
            let changes = changes.filter { $0.scope == scope }.map(\.change)
            return (scope, try write(changes, in: scope, to: writer).count)
        }
    }

    func write(_ changes: [Change], in scope: ScopeID, to writer: any StoreWriter) throws -> [Dot] {
        guard !changes.isEmpty else { return [] }
        guard let roster = try writer.roster()?.roster else {
            throw ReplicaError(
                .notJoined, message: "This replica has not joined a service, so nobody has granted it a scope.",
                next: "Run: dundian join URL CODE")
        }
        guard roster.isGranted(scope, to: key, at: roster.version) else {
            throw ReplicaError(
                .scopeNotGranted, "\(scope)",
                message: "This device may not write to scope \(roster.scope(scope)?.name ?? "\(scope)").",
                next: "Nothing was saved. Ask the administrator for access.")
        }
        try refuseArchived(scope, roster, writer)
        var (id, earlier) = try writingID(in: writer)
        if let key = try writer.journal(JournalID(id), in: scope)?.tip.key, key != self.key {
            // The device has another key than its journal began with: it goes on under a new replica id, or nobody would believe it.
            (id, earlier) = (Self.freshID(entropy), id)
            try writer.setReplica(id, earlier: earlier)
        }
        let offset = try writer.clockOffset()
        var tip = try writer.journal(JournalID(id), in: scope)?.tip ?? Tip(scope: scope, replica: id)
        var batch = FoldBatch(scope: scope, rules: rules, branches: try writer.branchMap(in: scope))
        var dots: [Dot] = []
        var chain = OpenChain(after: tip)
        var decoded: [DecodedEntry] = []
        var waiting = (entries: 0, bytes: 0)

        func append(_ skeleton: [UInt8], _ values: EntryValues, _ what: DecodedEntry) throws {
            let size = skeleton.count + values.byteCount
            if waiting.entries > 0,
                waiting.entries == Limits.entriesPerSignature || waiting.bytes + size > Limits.unsignedBytes
            {
                try flush()
            }
            let entry = UnverifiedEntry(
                time: max(clock.now(), tip.time), offset: offset, roster: max(roster.version, tip.roster), skeleton: skeleton,
                values: values)
            guard size <= Limits.entryBytes, values.count <= Limits.valuesPerEntry else {
                throw ReplicaError(
                    .entryTooLarge, "\(size)",
                    message:
                        "This change has \(size) bytes and \(values.count) values; one change holds at most 1 MiB and 4,096 values.",
                    next: "Nothing was saved. Split it, or attach long documents as files.")
            }
            try chain.append(entry, birthKey: key)
            tip = chain.tip
            decoded.append(what)
            waiting = (waiting.entries + 1, waiting.bytes + size)
        }
        func flush() throws {
            let run = try chain.signed(by: signer)
            try take(run, decoded, inOrder: true, roster: roster, batch: &batch, writer: writer)
            chain = OpenChain(after: tip)
            decoded = []
            waiting = (0, 0)
        }

        if tip.position == .none {
            let birth = Birth(key: key, earlier: earlier)
            try append(birth.skeleton, .none, .birth(birth))
        }
        for change in changes {
            try refuseForbidden(change, in: scope, writer)
            let (skeleton, bytes) = change.encoded()
            let values = EntryValues.sealed(seed: bytes.isEmpty ? [] : entropy.bytes(16), values: bytes)
            try append(skeleton, values, try checked(skeleton, values, at: tip, batch.branches, writer))
            dots.append(Dot(tip.journal, tip.position))
        }
        try flush()
        try batch.write(to: writer)
        wrote(Dot(tip.journal, tip.position), by: id, in: scope)
        return dots
    }

    /// What another replica will read in a change of ours; refused here if it would be refused there.
    private func checked(
        _ skeleton: [UInt8], _ values: EntryValues, at tip: Tip, _ branches: Branches, _ reader: any StoreReader
    ) throws -> DecodedEntry {
        func refusal(_ detail: String) -> ReplicaError {
            ReplicaError(
                .changeMalformed, detail, message: "This change cannot be saved: \(detail).",
                next: "Nothing was saved. This is a mistake of the program that made the change.")
        }
        // An oversized change is refused for its size, by the caller.
        guard skeleton.count + values.byteCount <= Limits.entryBytes, values.count <= Limits.valuesPerEntry else {
            return .change(Change(edits: []))
        }
        let decoded: DecodedEntry
        do {
            decoded = try DecodedEntry(
                skeleton: skeleton, values: values, position: tip.position.next, replica: tip.replica)
        } catch { throw refusal(error.detail) }
        guard case .change(let change) = decoded else { return decoded }
        for edit in change.edits {
            for component in branches.reading(edit.context, in: tip.journal).components where component.journal != tip.journal {
                guard let held = try reader.journal(component.journal, in: tip.scope), held.tip.position >= component.position
                else { throw refusal("it claims to have seen \(component.journal):\(component.position)") }
            }
        }
        return decoded
    }

    /// Stores a verified run, and folds those of its entries that count.
    ///
    /// - Returns: whether what was accepted of a withdrawn journal came on one of its branches, so that more may count now than what came.
    @discardableResult
    func take(
        _ run: VerifiedRun, _ decoded: [DecodedEntry], inOrder: Bool, roster: Roster?, batch: inout FoldBatch,
        writer: any StoreWriter
    ) throws -> Bool {
        let scope = run.base.scope
        let before = try counted(before: run.base, in: writer)
        let first = try writer.append(run, received: clock.now())
        let line = batch.branches.line(of: run.journal).map(\.journal)
        let hasCut = roster?.withdrawals.contains { cut in
            cut.scope == scope && cut.journal != run.journal && line.contains(cut.journal) && run.base.position < cut.position
                && cut.position <= run.tip.position
        }
        guard hasCut != true else { return true }
        guard before == run.base.position, let roster, let key = run.tip.key else { return false }
        guard try !isCutOff(run.journal, line, roster, batch.branches, scope, writer) else { return false }
        var counted = before
        for (i, entry) in run.entries.enumerated() {
            guard
                roster.counts(entry.header.position, on: line, in: scope, by: key, naming: entry.header.roster)
            else { break }
            counted = entry.header.position
            try batch.fold(
                decoded[i], at: Dot(run.journal, counted), time: entry.header.time.corrected(by: entry.header.offset),
                arrival: first + Arrival(i), inOrder: inOrder, in: writer)
        }
        if counted > before { try writer.setCounted(counted, of: run.journal, in: scope) }
        return false
    }

    /// How far the line that a tip ends counts.
    private func counted(before tip: Tip, in reader: any StoreReader) throws -> Position {
        if let journal = try reader.journal(tip.journal, in: tip.scope) { return journal.counted }
        guard let branch = try reader.branchMap(in: tip.scope)[tip.journal], branch.start > 1 else { return .none }
        let parent = try reader.journal(branch.parent, in: tip.scope)?.counted ?? .none
        return parent == branch.start.previous ? parent : .none
    }

    // MARK: What counts

    /// Brings a scope's records in step with the roster: releases what now counts, takes back what no longer does.
    ///
    /// - Parameter foldingAnew: whether every record is folded again in any case, as when entries read differently since a fork was proven.
    func recount(_ scope: ScopeID, in writer: any StoreWriter, foldingAnew: Bool = false) throws {
        guard let roster = try writer.roster()?.roster else {
            if foldingAnew { try rebuild(scope, in: writer) }
            return
        }
        let branches = try writer.branchMap(in: scope)
        var batch = FoldBatch(scope: scope, rules: rules, branches: branches)
        let journals = try writer.journals(in: scope).sorted {
            branches.line(of: $0.tip.journal).count < branches.line(of: $1.tip.journal).count
        }
        var shrank = foldingAnew
        for journal in journals {
            guard let key = journal.tip.key else { continue }
            let now = try countable(journal, by: key, roster, branches, in: writer)
            if now == journal.counted { continue }
            try writer.setCounted(now, of: journal.tip.journal, in: scope)
            // What counts late may be ready for a number.
            try writer.setSetting(Self.looked(scope), nil)
            if now < journal.counted {
                shrank = true
            } else if !shrank {
                try forEachEntry(of: journal.tip.journal, from: max(journal.counted.next, 1), through: now, scope, writer) {
                    entry in
                    try batch.fold(entry, inOrder: false, in: writer)
                }
            }
        }
        if shrank { try rebuild(scope, in: writer) } else { try batch.write(to: writer) }
    }

    private func countable(
        _ journal: StoredJournal, by key: PublicKey, _ roster: Roster, _ branches: Branches, in reader: any StoreReader
    ) throws -> Position {
        let id = journal.tip.journal
        var counted = Position.none
        if let branch = branches[id], branch.start > 1 {
            let parent = try reader.journal(branch.parent, in: journal.tip.scope)?.counted ?? .none
            guard parent == branch.start.previous else { return .none }
            counted = parent
        }
        let line = branches.line(of: id).map(\.journal)
        guard try !isCutOff(id, line, roster, branches, journal.tip.scope, reader) else { return counted }
        // A roster that continues another takes nothing back but by a cut, so what counted before the first cut is not looked at again.
        let cuts = roster.withdrawals.filter { $0.scope == journal.tip.scope && line.contains($0.journal) }.map(\.position)
        counted = max(counted, min(journal.counted, cuts.min() ?? journal.counted))
        var from = counted.next
        while true {
            let entries = try reader.entries(of: id, in: journal.tip.scope, from: from, limit: 1_000)
            for entry in entries {
                guard roster.counts(entry.position, on: line, in: journal.tip.scope, by: key, naming: entry.entry.roster) else {
                    return counted
                }
                counted = entry.position
            }
            guard let last = entries.last else { return counted }
            from = last.position.next
        }
    }

    /// Whether a branch leaves its line at or before a withdrawal's cut without holding what was accepted there.
    private func isCutOff(
        _ id: JournalID, _ line: [JournalID], _ roster: Roster, _ branches: Branches, _ scope: ScopeID, _ reader: any StoreReader
    ) throws -> Bool {
        guard let branch = branches[id] else { return false }
        return try roster.withdrawals.contains { withdrawal in
            guard withdrawal.scope == scope, withdrawal.journal != id, line.contains(withdrawal.journal),
                branch.start <= withdrawal.position
            else { return false }
            return try reader.entry(Dot(id, withdrawal.position), in: scope)?.hash != withdrawal.hash
        }
    }

    private func forEachEntry(
        of journal: JournalID, from first: Position, through last: Position, _ scope: ScopeID, _ reader: any StoreReader,
        _ body: (StoredEntry) throws -> Void
    ) throws {
        var from = first
        while from <= last {
            let entries = try reader.entries(of: journal, in: scope, from: from, limit: 500)
            for entry in entries where entry.position <= last { try body(entry) }
            guard let end = entries.last else { return }
            from = end.position.next
        }
    }

    /// Folds a scope anew from its journals.
    func rebuild(_ scope: ScopeID, in writer: any StoreWriter) throws {
        try writer.removeStates(in: scope)
        let branches = try writer.branchMap(in: scope)
        var counted: [JournalID: Position] = [:]
        for journal in try writer.journals(in: scope) { counted[journal.tip.journal] = journal.counted }
        var batch = FoldBatch(scope: scope, rules: rules, branches: branches)
        var arrival: Arrival = 0
        while true {
            let entries = try writer.entries(in: scope, from: arrival, limit: 1_000)
            for entry in entries where entry.position <= counted[entry.journal, default: .none] {
                try batch.fold(entry, inOrder: true, in: writer)
            }
            try batch.write(to: writer)
            guard let last = entries.last else { return }
            arrival = last.arrival + 1
        }
    }

    // MARK: Erasing

    /// Removes values of an entry and their salts. Chain and fold stay as they are; the record shows that something was erased.
    package func erase(_ places: Set<Int>, of dot: Dot, in scope: ScopeID) throws {
        try store.writing { writer in
            guard let entry = try writer.entry(dot, in: scope) else {
                throw ReplicaError(.recordUnknown, "\(dot)", message: "There is no entry \(dot).", next: "Sync first.")
            }
            try writer.setValues(entry.entry.values.erasing(places), of: dot, in: scope)
            let branches = try writer.branchMap(in: scope)
            var batch = FoldBatch(scope: scope, rules: rules, branches: branches)
            for placed in try entry.placedEdits(branches, author: nil) { try batch.touch(placed.edit.record, in: writer) }
            try batch.write(to: writer)
        }
        observers.notify()
    }
}

extension FoldBatch {
    mutating func fold(_ entry: StoredEntry, inOrder: Bool, in store: any StoreWriter) throws {
        let decoded = try DecodedEntry(
            skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position, replica: entry.replica)
        try fold(
            decoded, at: entry.dot, time: entry.entry.time.corrected(by: entry.entry.offset), arrival: entry.arrival,
            inOrder: inOrder, in: store)
    }
}

// MARK: Settings

/// The names under which a replica keeps its few settings.
package enum SettingKey {
    package static let replica = "replica"
    package static let ownReplicas = "own-replicas"
    package static let roster = "roster"
    package static let offset = "clock-offset"
    package static let catalogue = "catalogue"
    /// The version of the fold that made the states.
    package static let fold = "fold"
    package static func receipt(_ scope: ScopeID) -> String { "receipt/\(scope)" }
    /// Entries that are here without values which no order took.
    package static func lacking(_ scope: ScopeID) -> String { "\(lackingPrefix)\(scope)" }
    package static let lackingPrefix = "lacking/"
    package static func erasures(_ scope: ScopeID) -> String { "erasures/\(scope)" }
    /// The heads of this device's journals of a scope that was let go.
    package static func left(_ scope: ScopeID) -> String { "left/\(scope)" }
    package static func centre(_ scope: ScopeID) -> String { "centre/\(scope)" }
}

extension StoreReader {
    package func replica() throws -> (id: ReplicaID, earlier: ReplicaID?) {
        guard let bytes = try setting(SettingKey.replica) else { throw BytesEnded() }
        var reader = ByteReader(bytes)
        let id = ReplicaID(rawValue: try reader.u64())
        let earlier = try reader.u64()
        return (id, earlier == 0 ? nil : ReplicaID(rawValue: earlier))
    }

    /// Every replica id this store has had.
    package func ownReplicas() throws -> Set<ReplicaID> {
        var reader = ByteReader(try setting(SettingKey.ownReplicas) ?? [])
        var own: Set<ReplicaID> = [try replica().id]
        while !reader.isAtEnd { own.insert(ReplicaID(rawValue: try reader.u64())) }
        return own
    }

    package func roster() throws -> SignedRoster? {
        guard let bytes = try setting(SettingKey.roster) else { return nil }
        return try RosterCache.shared.verified(bytes)
    }

    package func clockOffset() throws -> ClockOffset? {
        guard let bytes = try setting(SettingKey.offset) else { return nil }
        var reader = ByteReader(bytes)
        return ClockOffset(milliseconds: try reader.i64())
    }
}

/// Only checked rosters are kept, and disks are not trusted: the check is repeated, but not for bytes that were checked before.
private final class RosterCache: Sendable {
    static let shared = RosterCache()
    /// A process has one replica open and with it one roster, two where a newer one just came; a simulation has many.
    private static let countMax = 8
    private let latest = Mutex<[(bytes: [UInt8], roster: SignedRoster)]>([])

    func verified(_ bytes: [UInt8]) throws -> SignedRoster {
        if let known = latest.withLock({ $0.first { $0.bytes == bytes }?.roster }) { return known }
        let unverified = try UnverifiedRoster(bytes: bytes)
        let roster = try unverified.verified(by: try unverified.claimedRoot())
        latest.withLock { latest in
            latest.insert((bytes, roster), at: 0)
            if latest.count > Self.countMax { latest.removeLast() }
        }
        return roster
    }
}

extension StoreWriter {
    package func setReplica(_ id: ReplicaID, earlier: ReplicaID?) throws {
        var out = ByteWriter()
        out.u64(id.rawValue)
        out.u64(earlier?.rawValue ?? 0)
        try setSetting(SettingKey.replica, out.bytes)
        var own = ByteWriter()
        own.raw(try setting(SettingKey.ownReplicas) ?? [])
        own.u64(id.rawValue)
        try setSetting(SettingKey.ownReplicas, own.bytes)
    }
}
