// Heals a store with damage in it: what verifies goes into a new store through the ingest door, as if a peer had sent it; what only this device had
// and stands behind damage is written anew under a new replica id; what cannot be saved is named. The damaged store is only read.
//
//      damaged store --> sieve --> tail --> ingest --> new store
//                          \--> own work behind damage --> commit --/

public import Causality
public import Journals
public import Records
import Wire

/// What became of a damaged store.
public struct RecoveryReport: Hashable, Sendable {
    /// An entry that cannot be read or is not what was hashed.
    public struct Damage: Hashable, Sendable {
        /// The scope it is in.
        public var scope: ScopeID
        /// Its name.
        public var dot: Dot
        /// Whether the centre has signed for it, so that the next sync brings it back.
        public var isAtCentre: Bool
        /// Whether it was this device's own.
        public var isOwn: Bool
    }

    /// Entries that were taken over as they are.
    public var kept = 0
    /// Entries that are damaged, ascending by scope and dot.
    public var damaged: [Damage] = []
    /// Others' entries, and own ones the centre has, that stood behind damage: a sync brings them again.
    public var behind = 0
    /// Own saves the centre did not have, written anew.
    public var rewritten = 0
    /// Of damaged own saves: values that their records still showed, written anew.
    public var salvagedValues = 0
    /// Own saves that were neither.
    public var lost: [Damage] = []
    /// Drafts taken over.
    public var drafts = 0
    /// Of these, what is not as it was saved: a person must read it through.
    public var damagedDrafts: [String] = []
    /// Settings that could not be read, by name; the roster among them means joining again.
    public var unreadableSettings: [String] = []
    /// What was written anew: its old name and its new one.
    public var renamed: [Dot: Dot] = [:]

    init() {}
}

/// The part of a store's journals that verifies and is signed, as a store that has nothing else.
private struct SoundJournals: JournalReader {
    struct Line {
        var stored: StoredJournal
        /// The last position of it that is handed on.
        var end = Position.none
        /// Its tip there.
        var hash = Hash.zero
        /// Where something is wrong.
        var damaged: [Position] = []
        /// Signatures that do not verify: as good as none.
        var unsigned: Set<Position> = []
    }
    let reader: any StoreReader
    var lines: [ScopeID: [JournalID: Line]] = [:]
    /// What is handed on, in the order of arrival.
    private var order: [ScopeID: [(arrival: Arrival, dot: Dot)]] = [:]

    init(_ reader: any StoreReader) throws {
        self.reader = reader
        for scope in try reader.scopes() {
            let branches = try reader.branchMap(in: scope)
            var order: [(arrival: Arrival, dot: Dot)] = []
            let journals = try reader.journals(in: scope).sorted {
                branches.line(of: $0.tip.journal).count < branches.line(of: $1.tip.journal).count
            }
            for journal in journals {
                let (line, arrivals) = sound(journal, branches, in: scope)
                lines[scope, default: [:]][journal.tip.journal] = line
                order += arrivals.prefix { $0.dot.position <= line.end }
            }
            self.order[scope] = order.sorted { $0.arrival < $1.arrival }
        }
    }

    /// Looks at every entry of a journal; each by itself where a page of them cannot be read.
    private func sound(
        _ journal: StoredJournal, _ branches: Branches, in scope: ScopeID
    ) -> (line: Line, arrivals: [(arrival: Arrival, dot: Dot)]) {
        let id = journal.tip.journal
        var line = Line(stored: journal)
        var arrivals: [(arrival: Arrival, dot: Dot)] = []
        let branch = branches[id]
        var position = (branch?.start ?? 1).previous
        var last = Hash.zero
        var key: PublicKey?
        var isSound = true
        if let branch, branch.start > 1 {
            let parent = lines[scope]?[branch.parent]
            isSound = parent.map { $0.end >= branch.start.previous } ?? false
            key = journal.tip.key
            last = (try? reader.entry(Dot(branch.parent, position), in: scope))??.hash ?? .zero
        }
        (line.end, line.hash) = (position, last)
        while position < journal.tip.position {
            let page = (try? reader.entries(of: id, in: scope, from: position.next, limit: 500)) ?? []
            let upper = page.isEmpty ? position.next : page[page.count - 1].position
            var byPosition = Dictionary(page.map { ($0.position, $0) }) { first, _ in first }
            while position < upper {
                position = position.next
                let entry = byPosition.removeValue(forKey: position) ?? (try? reader.entry(Dot(id, position), in: scope)) ?? nil
                guard let entry, entry.header(in: scope, previous: last).hash == entry.hash,
                    let decoded = try? DecodedEntry(
                        skeleton: entry.entry.skeleton, values: entry.entry.values, position: position, replica: entry.replica)
                else {
                    line.damaged.append(position)
                    isSound = false
                    if let hash = entry?.hash { last = hash }
                    continue
                }
                last = entry.hash
                if case .birth(let birth) = decoded { key = birth.key }
                arrivals.append((entry.arrival, entry.dot))
                var isSigned = branches.end(of: id) == position
                if let signature = entry.signature {
                    if key?.verifies(signature, .signedHead, entry.hash.bytes) == true {
                        isSigned = true
                    } else {
                        line.unsigned.insert(position)
                    }
                }
                if isSound, isSigned { (line.end, line.hash) = (position, entry.hash) }
            }
        }
        return (line, arrivals)
    }

    func scopes() -> [ScopeID] { lines.keys.sorted() }

    func journals(in scope: ScopeID) -> [StoredJournal] {
        (lines[scope] ?? [:]).keys.sorted().compactMap { journal($0, in: scope) }
    }

    func journal(_ id: JournalID, in scope: ScopeID) -> StoredJournal? {
        guard let line = lines[scope]?[id], line.end > .none else { return nil }
        var stored = line.stored
        (stored.tip.position, stored.tip.hash) = (line.end, line.hash)
        return stored
    }

    func branches(in scope: ScopeID) throws -> [Branches.Branch] { try reader.branches(in: scope) }
    func proofs(in scope: ScopeID) throws -> [UnverifiedForkProof] { try reader.proofs(in: scope) }

    func entry(_ dot: Dot, in scope: ScopeID) throws -> StoredEntry? {
        guard let line = lines[scope]?[dot.journal], dot.position <= line.end, var entry = try reader.entry(dot, in: scope) else {
            return nil
        }
        if line.unsigned.contains(dot.position) { entry.signature = nil }
        return entry
    }

    func entries(in scope: ScopeID, from arrival: Arrival, limit: Int) throws -> [StoredEntry] {
        let all = order[scope] ?? []
        let first = all.partitioningIndex { $0.arrival >= arrival }
        return try all[first...].prefix(limit).compactMap { try entry($0.dot, in: scope) }
    }

    func entries(of journal: JournalID, in scope: ScopeID, from position: Position, limit: Int) throws -> [StoredEntry] {
        guard let line = lines[scope]?[journal], position <= line.end, limit > 0 else { return [] }
        let last = min(line.end.rawValue, position.rawValue + UInt64(limit) - 1)
        return try (position.rawValue...last).compactMap { try entry(Dot(journal, Position(rawValue: $0)), in: scope) }
    }

    func arrival(of dot: Dot, in scope: ScopeID) throws -> Arrival? { try entry(dot, in: scope)?.arrival }
}

extension Array {
    /// The first index whose element fulfils what all later ones do too; the end if none does.
    fileprivate func partitioningIndex(where isIn: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isIn(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Replica {
    /// Takes over into a new, empty store what can be saved of a damaged one, and gives the replica in it.
    ///
    /// - Throws: what stands in the way of reading anything at all of the damaged store, or of writing the new one.
    public static func recovering(
        _ damaged: any Store, into store: any Store, signer: any Signer, rules: any MergeRules, clock: any WallClock,
        entropy: any Entropy, witness: (any Witness)? = nil
    ) throws -> (replica: Replica, report: RecoveryReport) {
        try damaged.reading { reader in
            var report = RecoveryReport()
            try takeOverSettings(from: reader, into: store, &report)
            let replica = try Replica(
                store: store, signer: signer, rules: rules, clock: clock, entropy: entropy, witness: witness)
            let sound = try SoundJournals(reader)
            for scope in sound.scopes() { report.kept += try replica.takeOver(scope, from: sound) }
            // What was at its tip may be gone here and be with others: no dot is used twice.
            _ = try replica.renewReplica()
            for scope in sound.scopes() { try replica.writeAnew(scope, from: sound, &report) }
            return (replica, report)
        }
    }

    private static func takeOverSettings(
        from reader: any StoreReader, into store: any Store, _ report: inout RecoveryReport
    ) throws {
        var settings: [(key: String, value: [UInt8])] = []
        let keys = (try? reader.settingKeys(beginning: "")) ?? [SettingKey.replica, SettingKey.ownReplicas, SettingKey.roster]
        // What is lacking is noted anew as it is taken over.
        for key in keys where !key.hasPrefix(SettingKey.lackingPrefix) {
            do { if let value = try reader.setting(key) { settings.append((key, value)) } } catch {
                report.unreadableSettings.append(key)
            }
        }
        let drafts = (try? reader.drafts()) ?? []
        report.damagedDrafts = drafts.filter(\.isDamaged).map(\.key)
        let quarantined = (try? reader.quarantined(limit: 10_000)) ?? []
        report.drafts = drafts.count
        try store.writing { writer in
            for (key, value) in settings { try writer.setSetting(key, value) }
            for draft in drafts { try writer.setDraft(draft.key, draft) }
            for piece in quarantined {
                try writer.quarantine(
                    piece.bytes, of: Dot(piece.journal, piece.position), in: piece.scope, fault: piece.fault, time: piece.time)
            }
        }
    }

    /// Ingests what is sound of a scope, every signed piece by itself, so that one that hangs on what is damaged takes none along; how many entries
    /// were stored.
    private func takeOver(_ scope: ScopeID, from sound: SoundJournals) throws -> Int {
        let piecesPerTransaction = 500
        var tail = try TailReader(scope: scope, peer: Knowledge(), in: sound)
        var stored = 0
        var waiting: [[UnverifiedRun]] = []
        func flush() throws {
            guard !waiting.isEmpty else { return }
            stored += try ingest(waiting, in: scope).stored
            waiting = []
        }
        while let part = try tail.next(in: sound, target: 1) {
            switch part {
            case .proof(let proof):
                try flush()
                do { try ingest(proof) } catch is Fault {}
            case .tail(let bytes, _):
                waiting.append(try [UnverifiedRun](tail: bytes))
                if waiting.count >= piecesPerTransaction { try flush() }
            }
        }
        try flush()
        return stored
    }

    // MARK: Own work behind damage

    private func writeAnew(_ scope: ScopeID, from sound: SoundJournals, _ report: inout RecoveryReport) throws {
        let own = try store.reading { try $0.ownReplicas() }
        let centre = try centreKnowledge(of: scope)
        let branches = try sound.reader.branchMap(in: scope)
        var waiting: [StoredEntry] = []
        var gone: [RecoveryReport.Damage] = []
        for (id, line) in (sound.lines[scope] ?? [:]).sorted(by: { $0.key < $1.key }) {
            let isOwn = own.contains(line.stored.tip.replica) && (line.stored.tip.key ?? key) == key
            let atCentre = centre[id]?.position ?? .none
            let damaged = Set(line.damaged)
            for position in line.damaged {
                let damage = RecoveryReport.Damage(
                    scope: scope, dot: Dot(id, position), isAtCentre: position <= atCentre, isOwn: isOwn)
                report.damaged.append(damage)
                if isOwn, !damage.isAtCentre { gone.append(damage) }
            }
            // Behind damage, or hanging on what is: it was not taken over.
            var position = try store.reading {
                try $0.journal(id, in: scope)?.tip.position ?? branches[id]?.start.previous ?? .none
            }
            while position < line.stored.tip.position {
                position = position.next
                if damaged.contains(position) { continue }
                guard isOwn, position > atCentre, position > 1, let entry = try sound.reader.entry(Dot(id, position), in: scope)
                else {
                    report.behind += 1
                    continue
                }
                waiting.append(entry)
            }
        }
        for entry in waiting.sorted(by: { $0.arrival < $1.arrival }) {
            do {
                if try writeAnew(entry, scope, branches, &report) { report.rewritten += 1 }
            } catch let error as ReplicaError where error.code != .storeFull {
                report.lost.append(.init(scope: scope, dot: entry.dot, isAtCentre: false, isOwn: true))
            }
        }
        for damage in gone {
            let values = try salvage(damage, scope, sound.reader)
            report.salvagedValues += values
            if values == 0, damage.dot.position > 1 { report.lost.append(damage) }
        }
    }

    /// Saves once more what an own entry says, as far as what it names is here; false if nothing is left of it.
    private func writeAnew(
        _ entry: StoredEntry, _ scope: ScopeID, _ branches: Branches, _ report: inout RecoveryReport
    ) throws -> Bool {
        let decoded = try DecodedEntry(
            skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position, replica: entry.replica)
        guard case .change(var change) = decoded else { return false }
        let renamed = report.renamed
        let dots = try commit(in: scope) { reader in
            func here(_ dot: Dot) throws -> Dot? {
                if let new = renamed[dot] { return new }
                return try reader.entry(dot, in: scope) == nil ? nil : dot
            }
            change.edits = try change.edits.compactMap { edit in
                var edit = edit
                var context = VersionVector()
                for component in branches.reading(edit.context, in: entry.journal).components {
                    let held = try reader.journal(component.journal, in: scope)?.tip.position ?? .none
                    context.see(Dot(component.journal, min(component.position, held)))
                    for (old, new) in renamed where old.journal == component.journal && old.position <= component.position {
                        context.see(new)
                    }
                }
                edit.context = context
                edit.writes = try edit.writes.compactMap { write in
                    var write = write
                    write.names = try write.names.compactMap { name in
                        let dot = branches.reading(name.dot, in: entry.journal)
                        return try here(dot).map { Write.Name($0, ordinal: name.ordinal) }
                    }
                    switch write.kind {
                    case .approve, .undo, .drop: return write.names.isEmpty ? nil : write
                    default: return write
                    }
                }
                return edit.writes.isEmpty ? nil : edit
            }
            return change.edits.isEmpty ? [] : [change]
        }
        guard let dot = dots.first else { return false }
        report.renamed[entry.dot] = dot
        return true
    }

    /// Saves once more the values of a damaged entry that its records still showed; how many.
    private func salvage(
        _ damage: RecoveryReport.Damage, _ scope: ScopeID, _ reader: any StoreReader
    ) throws -> Int {
        var found: [(state: RecordState, writes: [Write])] = []
        var last: RecordID?
        while let states = try? reader.states(in: scope, after: last, limit: 500), let end = states.last {
            last = end.record
            for state in states {
                var writes: [Write] = []
                for field in state.fields {
                    for candidate in field.candidates where candidate.dot == damage.dot && candidate.value != .erased {
                        writes.append(Write(.put, field: field.key, value: candidate.value))
                    }
                    for element in field.elements where element.name.dot == damage.dot && element.value != .erased {
                        writes.append(Write(.add, field: field.key, value: element.value))
                    }
                }
                if !writes.isEmpty { found.append((state, writes)) }
            }
        }
        var saved = 0
        for (state, writes) in found {
            do {
                try commit(in: scope) { new in
                    let now = try new.state(of: state.record, in: scope)
                    // It stands beside whatever is there: nobody can tell any more what it replaced.
                    let edit = Edit(
                        record: state.record, type: now?.type ?? state.type, context: now?.vector ?? VersionVector(), writes: writes
                    )
                    return [try change([edit], nil, new)]
                }
                saved += writes.count
            } catch let error as ReplicaError where error.code != .storeFull {}
        }
        return saved
    }
}
