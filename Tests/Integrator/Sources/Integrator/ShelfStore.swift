// A store of one's own, against nothing but the public contract: journals in memory, what the fold made as bytes, as a store over
// a key-value database would keep it. The conformance kit says whether it keeps the contract (Conformance.swift).

import Dundian
import Synchronization

final class ShelfStore: Store {
    private let contents = Mutex(Contents())

    /// An empty store.
    init() {}

    func reading<T>(_ body: (any StoreReader) throws -> T) throws -> T {
        let snapshot = contents.withLock { $0 }
        return try body(Session(snapshot))
    }

    func writing<T>(_ body: (any StoreWriter) throws -> T) throws -> T {
        // The lock is held throughout, so that writers follow each other; what a throwing body did is dropped.
        var result: Result<T, any Error>?
        contents.withLock { contents in
            let session = Session(contents)
            result = Result { try body(session) }
            if case .success = result { contents = session.contents }
        }
        switch result {
        case .success(let value)?: return value
        case .failure(let error)?: throw error
        case nil: preconditionFailure("the body ran")
        }
    }

    func faults() throws -> [String] { [] }

    fileprivate struct Contents: Sendable {
        struct Journal: Sendable {
            var stored: StoredJournal
            /// Index in `entries` of the scope, by position.
            var arrivals: [Position: Int] = [:]
        }
        struct Scope: Sendable {
            var journals: [JournalID: Journal] = [:]
            var branches: [JournalID: Branches.Branch] = [:]
            var proofs: [[UInt8]] = []
            var entries: [StoredEntry] = []
            var states: [RecordID: [UInt8]] = [:]
            /// By record: the entries that edit it, and whether they decide.
            var edits: [RecordID: [Int: Bool]] = [:]
            var likeness: [RecordID: Likeness] = [:]
            var items: [RecordID: [QueuedItem]] = [:]
        }
        var scopes: [ScopeID: Scope] = [:]
        var settings: [String: [UInt8]] = [:]
        var quarantine: [Quarantined] = []
        var drafts: [String: Draft] = [:]
    }

    fileprivate final class Session: StoreWriter {
        var contents: Contents
        init(_ contents: Contents) { self.contents = contents }

        private func scope(_ id: ScopeID) -> Contents.Scope { contents.scopes[id] ?? Contents.Scope() }
    }
}

extension ShelfStore.Session {
    // MARK: Journals

    func scopes() -> [ScopeID] { contents.scopes.keys.sorted() }

    func journals(in scope: ScopeID) -> [StoredJournal] {
        self.scope(scope).journals.values.map(\.stored).sorted { $0.tip.journal < $1.tip.journal }
    }

    func journal(_ id: JournalID, in scope: ScopeID) -> StoredJournal? { contents.scopes[scope]?.journals[id]?.stored }

    func branches(in scope: ScopeID) -> [Branches.Branch] {
        self.scope(scope).branches.values.sorted { $0.journal < $1.journal }
    }

    func proofs(in scope: ScopeID) throws -> [UnverifiedForkProof] {
        try self.scope(scope).proofs.map { try UnverifiedForkProof(storedBytes: $0) }
    }

    func entry(_ dot: Dot, in scope: ScopeID) -> StoredEntry? {
        guard let contents = contents.scopes[scope], let i = contents.journals[dot.journal]?.arrivals[dot.position] else {
            return nil
        }
        return contents.entries[i]
    }

    func entries(in scope: ScopeID, from arrival: Arrival, limit: Int) -> [StoredEntry] {
        Array(self.scope(scope).entries.dropFirst(Int(max(arrival, 0))).prefix(limit))
    }

    func entries(of journal: JournalID, in scope: ScopeID, from position: Position, limit: Int) -> [StoredEntry] {
        guard let contents = contents.scopes[scope], let journal = contents.journals[journal] else { return [] }
        let end = journal.stored.tip.position.rawValue
        guard position.rawValue <= end, limit > 0 else { return [] }
        return (position.rawValue...min(end, position.rawValue + UInt64(limit) - 1))
            .compactMap { journal.arrivals[Position(rawValue: $0)] }.map { contents.entries[$0] }
    }

    func arrival(of dot: Dot, in scope: ScopeID) -> Arrival? { entry(dot, in: scope)?.arrival }

    func append(_ run: VerifiedRun, received: Timestamp) throws -> Arrival {
        var scope = self.scope(run.base.scope)
        var journal =
            scope.journals[run.journal]
            ?? .init(stored: StoredJournal(tip: run.base, counted: run.base.position))
        precondition(journal.stored.tip.position == run.base.position && journal.stored.tip.hash == run.base.hash)
        let first = scope.entries.count
        for stored in run.stored(from: Arrival(first), received: received) {
            journal.arrivals[stored.position] = scope.entries.count
            scope.entries.append(stored)
        }
        journal.stored.tip = run.tip
        scope.journals[run.journal] = journal
        contents.scopes[run.base.scope] = scope
        return Arrival(first)
    }

    func setCounted(_ position: Position, of journal: JournalID, in scope: ScopeID) {
        contents.scopes[scope]?.journals[journal]?.stored.counted = position
    }

    func split(_ id: JournalID, in scopeID: ScopeID, at position: Position, into branch: JournalID) throws {
        var scope = self.scope(scopeID)
        guard var parent = scope.journals[id] else { return }
        var child = ShelfStore.Contents.Journal(stored: parent.stored)
        child.stored.tip.journal = branch
        for (p, i) in parent.arrivals where p >= position {
            child.arrivals[p] = i
            parent.arrivals[p] = nil
            scope.entries[i].journal = branch
        }
        for (key, other) in scope.branches where other.parent == id && other.start > position {
            scope.branches[key]?.parent = branch
        }
        scope.branches[branch] = Branches.Branch(
            journal: branch, parent: id, replica: parent.stored.tip.replica, start: position)
        scope.journals[branch] = child
        if let i = parent.arrivals[position.previous] {
            let last = scope.entries[i]
            parent.stored.tip.position = last.position
            parent.stored.tip.hash = last.hash
            parent.stored.tip.time = last.entry.time
            parent.stored.tip.roster = last.entry.roster
            parent.stored.counted = min(parent.stored.counted, last.position)
            scope.journals[id] = parent
        } else {
            scope.journals[id] = nil
        }
        contents.scopes[scopeID] = scope
    }

    func insert(_ branch: Branches.Branch, in scope: ScopeID) {
        contents.scopes[scope, default: ShelfStore.Contents.Scope()].branches[branch.journal] = branch
    }

    func insert(_ proof: ForkProof) {
        contents.scopes[proof.evidence.scope, default: ShelfStore.Contents.Scope()].proofs.append(proof.evidence.storedBytes)
    }

    func setValues(_ values: EntryValues, of dot: Dot, in scope: ScopeID) {
        guard let i = contents.scopes[scope]?.journals[dot.journal]?.arrivals[dot.position] else { return }
        contents.scopes[scope]?.entries[i].entry.values = values
    }

    // MARK: Records

    func state(of record: RecordID, in scope: ScopeID) throws -> RecordState? {
        try contents.scopes[scope]?.states[record].map { try RecordState(storedBytes: $0) }
    }

    func history(of record: RecordID, in scope: ScopeID) -> [StoredEntry] {
        guard let scope = contents.scopes[scope] else { return [] }
        return scope.edits[record, default: [:]].keys.sorted().map { scope.entries[$0] }
    }

    func editCount(in scope: ScopeID) -> Int { self.scope(scope).edits.values.reduce(0) { $0 + $1.count } }

    func states(in scope: ScopeID, after record: RecordID?, limit: Int) throws -> [RecordState] {
        let states = self.scope(scope).states
        return try states.keys.filter { id in record.map { $0 < id } ?? true }.sorted().prefix(limit)
            .compactMap { try states[$0].map { try RecordState(storedBytes: $0) } }
    }

    func list(
        scope: ScopeID?, type: TypeKey?, deleted: Bool?, limit: Int, offset: Int
    ) throws -> [(scope: ScopeID, state: RecordState)] {
        var all: [(scope: ScopeID, state: RecordState)] = []
        for id in scope.map({ [$0] }) ?? scopes() {
            for state in try self.scope(id).states.values.map({ try RecordState(storedBytes: $0) })
            where (type == nil || state.type == type) && (deleted == nil || state.isDeleted == deleted) {
                all.append((id, state))
            }
        }
        let time = { (state: RecordState) in state.changed?.time ?? Timestamp(milliseconds: .min) }
        all.sort { a, b in
            time(a.state) != time(b.state) ? time(a.state) > time(b.state) : a.state.record < b.state.record
        }
        return Array(all.dropFirst(offset).prefix(limit))
    }

    func count(scope: ScopeID?, type: TypeKey?, deleted: Bool?) throws -> Int {
        try list(scope: scope, type: type, deleted: deleted, limit: .max, offset: 0).count
    }

    func scope(of record: RecordID) -> ScopeID? { scopes().first { scope($0).states[record] != nil } }

    func records(_ ids: ClosedRange<RecordID>, limit: Int) -> [RecordID] {
        let found = scopes().flatMap { scope($0).states.keys }.filter { ids.contains($0) }
        return Array(Set(found).sorted().prefix(limit))
    }

    func recordCount(in scope: ScopeID) -> Int { self.scope(scope).states.count }

    func records(like likeness: Likeness, in scope: ScopeID, limit: Int) -> [RecordID] {
        Array(self.scope(scope).likeness.filter { $0.value == likeness }.keys.sorted().prefix(limit))
    }

    func decisions(in scope: ScopeID, before arrival: Arrival?, limit: Int) -> [(entry: StoredEntry, record: RecordID)] {
        let scope = self.scope(scope)
        var found: [(entry: Int, record: RecordID)] = []
        for (record, edits) in scope.edits {
            for (entry, decides) in edits where decides && arrival.map({ entry < Int($0) }) ?? true {
                found.append((entry, record))
            }
        }
        found.sort { $0.entry != $1.entry ? $0.entry > $1.entry : $0.record < $1.record }
        return found.prefix(limit).map { (scope.entries[$0.entry], $0.record) }
    }

    private func queued(in scope: ScopeID?, areNotices: Bool, limit: Int, offset: Int) -> [QueuedItem] {
        let all = (scope.map { [$0] } ?? scopes()).flatMap { self.scope($0).items.values.flatMap(\.self) }
        return Array(
            all.filter { $0.item.kind.isNotice == areNotices }.sorted { $0.since != $1.since ? $0.since < $1.since : $0.id < $1.id }
                .dropFirst(offset).prefix(limit))
    }

    func items(in scope: ScopeID?, limit: Int, offset: Int) -> [QueuedItem] {
        queued(in: scope, areNotices: false, limit: limit, offset: offset)
    }

    func notices(limit: Int, offset: Int) -> [QueuedItem] { queued(in: nil, areNotices: true, limit: limit, offset: offset) }

    func items(_ ids: ClosedRange<ItemID>, limit: Int) -> [QueuedItem] {
        let all = scopes().flatMap { scope($0).items.values.flatMap(\.self) }
        return Array(all.filter { ids.contains($0.id) }.sorted { $0.id < $1.id }.prefix(limit))
    }

    func items(of record: RecordID, in scope: ScopeID) -> [QueuedItem] { self.scope(scope).items[record] ?? [] }

    func itemCount() -> Int {
        contents.scopes.values.reduce(0) { $0 + $1.items.values.reduce(0) { $0 + $1.count { !$0.item.kind.isNotice } } }
    }

    func setState(
        _ state: RecordState, in scope: ScopeID, items: [QueuedItem], likeness: Likeness?, edits: [NotedEdit]
    ) {
        contents.scopes[scope, default: ShelfStore.Contents.Scope()].states[state.record] = state.storedBytes
        contents.scopes[scope]?.items[state.record] = items.isEmpty ? nil : items
        contents.scopes[scope]?.likeness[state.record] = likeness
        for edit in edits { contents.scopes[scope]?.edits[state.record, default: [:]][Int(edit.entry)] = edit.decides }
    }

    func removeStates(in scope: ScopeID) {
        contents.scopes[scope]?.states = [:]
        contents.scopes[scope]?.items = [:]
        contents.scopes[scope]?.likeness = [:]
        contents.scopes[scope]?.edits = [:]
    }

    func purge(_ scope: ScopeID) {
        contents.scopes[scope] = nil
        contents.quarantine.removeAll { $0.scope == scope }
    }

    // MARK: The rest

    func setting(_ key: String) -> [UInt8]? { contents.settings[key] }

    func settingKeys(beginning prefix: String) -> [String] { contents.settings.keys.filter { $0.hasPrefix(prefix) }.sorted() }

    func setSetting(_ key: String, _ value: [UInt8]?) { contents.settings[key] = value }

    func quarantined(limit: Int) -> [Quarantined] { Array(contents.quarantine.suffix(limit)) }

    func quarantine(_ bytes: [UInt8], of dot: Dot, in scope: ScopeID, fault: Fault, time: Timestamp) {
        guard
            !contents.quarantine.contains(where: {
                $0.bytes == bytes && $0.scope == scope && $0.journal == dot.journal && $0.position == dot.position
            })
        else { return }
        contents.quarantine.append(
            Quarantined(
                id: (contents.quarantine.last?.id ?? 0) + 1, scope: scope, journal: dot.journal, position: dot.position,
                fault: fault,
                time: time, bytes: bytes))
        let ofJournal = contents.quarantine.filter { $0.scope == scope && $0.journal == dot.journal }
        if ofJournal.count > Quarantined.perJournalMax, let oldest = ofJournal.first {
            contents.quarantine.removeAll { $0.id == oldest.id }
        }
    }

    func drafts() -> [Draft] { contents.drafts.values.sorted { $0.key < $1.key } }

    func setDraft(_ key: String, _ draft: Draft?) { contents.drafts[key] = draft }
}
