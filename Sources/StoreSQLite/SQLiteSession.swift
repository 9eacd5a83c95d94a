// The store contract in SQL, within one transaction on one connection.

import Causality
import GRDB
import Journals
import Records
import Replicas
import Wire

final class SQLiteSession: StoreWriter {
    let db: Database
    /// Whether values were erased in this transaction.
    private(set) var hasErased = false
    private var scopeKeys: [ScopeID: Int64] = [:]
    private var journalKeys: [Place: Int64] = [:]

    private struct Place: Hashable {
        var scope: ScopeID
        var journal: JournalID
    }

    init(_ db: Database) { self.db = db }

    // MARK: Keys

    /// The small integer a scope has inside; nil if nothing of it is here.
    private func key(_ scope: ScopeID) throws -> Int64? {
        if let key = scopeKeys[scope] { return key }
        let key = try db.first("SELECT id FROM _scope WHERE name = ?", .blob(scope.bytes)) { $0.integer(0) }
        scopeKeys[scope] = key
        return key
    }

    private func makeKey(_ scope: ScopeID) throws -> Int64 {
        if let key = try key(scope) { return key }
        try db.run("INSERT INTO _scope (name) VALUES (?)", .blob(scope.bytes))
        scopeKeys[scope] = db.lastInsertedRowID
        return db.lastInsertedRowID
    }

    private func key(_ journal: JournalID, in scope: ScopeID) throws -> Int64? {
        let place = Place(scope: scope, journal: journal)
        if let key = journalKeys[place] { return key }
        guard let scopeKey = try key(scope) else { return nil }
        let key = try db.first(
            "SELECT id FROM _journal WHERE scope = ? AND name = ?", .integer(scopeKey), .blob(journal.stored)
        ) { $0.integer(0) }
        journalKeys[place] = key
        return key
    }

    private func recordKey(_ record: RecordID, _ scope: Int64) throws -> Int64? {
        try db.first("SELECT id FROM _record WHERE name = ? AND scope = ?", .blob(record.bytes), .integer(scope)) {
            $0.integer(0)
        }
    }

    // MARK: Journals

    func scopes() throws -> [ScopeID] {
        try db.all("SELECT name FROM _scope ORDER BY name") { try $0.scope(0) }
    }

    private static let journalColumns = "name, replica, position, hash, time, roster, key, counted"

    private func storedJournal(_ row: RowReader, _ scope: ScopeID) throws -> StoredJournal {
        StoredJournal(
            tip: Tip(
                scope: scope, journal: try row.journal(0), replica: try row.replica(1), position: row.position(2),
                hash: try row.hash(3), time: Timestamp(rawValue: row.integer(4)), roster: UInt32(clamping: row.integer(5)),
                key: row.optionalBlob(6).flatMap { PublicKey($0) }),
            counted: row.position(7))
    }

    func journals(in scope: ScopeID) throws -> [StoredJournal] {
        guard let key = try key(scope) else { return [] }
        return try db.all(
            "SELECT \(Self.journalColumns) FROM _journal WHERE scope = ? ORDER BY name", .integer(key)
        ) { try storedJournal($0, scope) }
    }

    func journal(_ id: JournalID, in scope: ScopeID) throws -> StoredJournal? {
        guard let key = try key(id, in: scope) else { return nil }
        return try db.first("SELECT \(Self.journalColumns) FROM _journal WHERE id = ?", .integer(key)) {
            try storedJournal($0, scope)
        }
    }

    func branches(in scope: ScopeID) throws -> [Branches.Branch] {
        guard let key = try key(scope) else { return [] }
        return try db.all(
            "SELECT name, parent, replica, start FROM _branch WHERE scope = ? ORDER BY name", .integer(key)
        ) { row in
            Branches.Branch(
                journal: try row.journal(0), parent: try row.journal(1), replica: try row.replica(2), start: row.position(3))
        }
    }

    func proofs(in scope: ScopeID) throws -> [UnverifiedForkProof] {
        guard let key = try key(scope) else { return [] }
        return try db.all("SELECT bytes FROM _fork_proof WHERE scope = ? ORDER BY id", .integer(key)) {
            try UnverifiedForkProof(storedBytes: $0.blob(0))
        }
    }

    private static let entryColumns = """
        e.id, j.name, j.replica, e.position, e.hash, e.time, e.clock_offset, e.roster, e.skeleton, e."values", e.signature, e.received
        """

    private func storedEntry(_ row: RowReader) throws -> StoredEntry {
        StoredEntry(
            arrival: row.integer(0), journal: try row.journal(1), replica: try row.replica(2), position: row.position(3),
            hash: try row.hash(4),
            entry: UnverifiedEntry(
                time: Timestamp(rawValue: row.integer(5)),
                offset: row.optionalInteger(6).flatMap { ClockOffset(milliseconds: $0) }, roster: UInt32(clamping: row.integer(7)),
                skeleton: row.blob(8), values: try EntryValues(storedBytes: row.blob(9))), signature: row.optionalBlob(10),
            received: row.optionalInteger(11).map(Timestamp.init(rawValue:)))
    }

    func entry(_ dot: Dot, in scope: ScopeID) throws -> StoredEntry? {
        guard let key = try key(dot.journal, in: scope) else { return nil }
        return try db.first(
            "SELECT \(Self.entryColumns) FROM _entry e JOIN _journal j ON j.id = e.journal WHERE e.journal = ? AND e.position = ?",
            .integer(key), .position(dot.position)
        ) { try storedEntry($0) }
    }

    func entries(in scope: ScopeID, from arrival: Arrival, limit: Int) throws -> [StoredEntry] {
        guard let key = try key(scope) else { return [] }
        return try db.all(
            """
            SELECT \(Self.entryColumns) FROM _entry e JOIN _journal j ON j.id = e.journal
            WHERE e.scope = ? AND e.id >= ? ORDER BY e.id LIMIT ?
            """, .integer(key), .integer(arrival), .integer(Int64(limit))
        ) { try storedEntry($0) }
    }

    func entries(of journal: JournalID, in scope: ScopeID, from position: Position, limit: Int) throws -> [StoredEntry] {
        guard let key = try key(journal, in: scope) else { return [] }
        return try db.all(
            """
            SELECT \(Self.entryColumns) FROM _entry e JOIN _journal j ON j.id = e.journal
            WHERE e.journal = ? AND e.position >= ? ORDER BY e.position LIMIT ?
            """, .integer(key), .position(position), .integer(Int64(limit))
        ) { try storedEntry($0) }
    }

    func arrival(of dot: Dot, in scope: ScopeID) throws -> Arrival? {
        guard let key = try key(dot.journal, in: scope) else { return nil }
        return try db.first(
            "SELECT id FROM _entry WHERE journal = ? AND position = ?", .integer(key), .position(dot.position)
        ) { $0.integer(0) }
    }

    func append(_ run: VerifiedRun, received: Timestamp) throws -> Arrival {
        let scope = try makeKey(run.base.scope)
        let journal: Int64
        if let key = try key(run.journal, in: run.base.scope) {
            journal = key
            let held = try db.first("SELECT position, hash FROM _journal WHERE id = ?", .integer(key)) {
                ($0.position(0), try $0.hash(1))
            }
            // Whoever verified the run did so against this very transaction's state.
            precondition(held?.0 == run.base.position && held?.1 == run.base.hash, "a run must follow its journal's tip")
            try db.run(
                "UPDATE _journal SET position = ?, hash = ?, time = ?, roster = ?, key = ? WHERE id = ?",
                .position(run.tip.position), .blob(run.tip.hash.bytes), .integer(run.tip.time.rawValue),
                .integer(Int64(run.tip.roster)), .optional(run.tip.key?.bytes), .integer(key))
        } else {
            try db.run(
                """
                INSERT INTO _journal (scope, name, replica, position, hash, time, roster, key, counted)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, .integer(scope), .blob(run.journal.stored), .blob(JournalID(run.base.replica).stored),
                .position(run.tip.position), .blob(run.tip.hash.bytes), .integer(run.tip.time.rawValue),
                .integer(Int64(run.tip.roster)), .optional(run.tip.key?.bytes), .position(run.base.position))
            journal = db.lastInsertedRowID
            journalKeys[Place(scope: run.base.scope, journal: run.journal)] = journal
        }
        var first: Arrival = 0
        for (i, entry) in run.entries.enumerated() {
            try db.run(
                """
                INSERT INTO _entry (
                    scope, journal, position, hash, time, clock_offset, roster, signature, skeleton, "values", received)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, .integer(scope), .integer(journal), .position(entry.header.position), .blob(entry.hash.bytes),
                .integer(entry.header.time.rawValue), .optional(entry.header.offset?.milliseconds),
                .integer(Int64(entry.header.roster)), i == run.entries.count - 1 ? .optional(run.signature) : .null,
                .blob(entry.skeleton), .blob(entry.values.storedBytes), .integer(received.rawValue))
            // Nobody else inserts within this transaction, so the ids follow each other.
            if i == 0 { first = db.lastInsertedRowID }
        }
        return first
    }

    func setCounted(_ position: Position, of journal: JournalID, in scope: ScopeID) throws {
        guard let key = try key(journal, in: scope) else { return }
        try db.run("UPDATE _journal SET counted = ? WHERE id = ?", .position(position), .integer(key))
    }

    func split(_ id: JournalID, in scope: ScopeID, at position: Position, into branch: JournalID) throws {
        guard let parent = try journal(id, in: scope), let parentKey = try key(id, in: scope) else { return }
        let scopeKey = try makeKey(scope)
        try db.run(
            """
            INSERT INTO _journal (scope, name, replica, position, hash, time, roster, key, counted)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, .integer(scopeKey), .blob(branch.stored), .blob(JournalID(parent.tip.replica).stored),
            .position(parent.tip.position), .blob(parent.tip.hash.bytes), .integer(parent.tip.time.rawValue),
            .integer(Int64(parent.tip.roster)), .optional(parent.tip.key?.bytes), .position(parent.counted))
        let branchKey = db.lastInsertedRowID
        try db.run(
            "UPDATE _entry SET journal = ? WHERE journal = ? AND position >= ?", .integer(branchKey), .integer(parentKey),
            .position(position))
        try db.run(
            "UPDATE _branch SET parent = ? WHERE scope = ? AND parent = ? AND start > ?", .blob(branch.stored),
            .integer(scopeKey), .blob(id.stored), .position(position))
        try insert(
            Branches.Branch(journal: branch, parent: id, replica: parent.tip.replica, start: position), in: scope)
        if let last = try entry(Dot(id, position.previous), in: scope) {
            try db.run(
                "UPDATE _journal SET position = ?, hash = ?, time = ?, roster = ?, counted = min(counted, ?) WHERE id = ?",
                .position(last.position), .blob(last.hash.bytes), .integer(last.entry.time.rawValue),
                .integer(Int64(last.entry.roster)), .position(last.position), .integer(parentKey))
        } else {
            try db.run("DELETE FROM _journal WHERE id = ?", .integer(parentKey))
            journalKeys[Place(scope: scope, journal: id)] = nil
        }
    }

    func insert(_ branch: Branches.Branch, in scope: ScopeID) throws {
        try db.run(
            "INSERT INTO _branch (scope, name, parent, replica, start) VALUES (?, ?, ?, ?, ?)", .integer(try makeKey(scope)),
            .blob(branch.journal.stored), .blob(branch.parent.stored), .blob(JournalID(branch.replica).stored),
            .position(branch.start))
    }

    func insert(_ proof: ForkProof) throws {
        try db.run(
            "INSERT INTO _fork_proof (scope, bytes) VALUES (?, ?)", .integer(try makeKey(proof.evidence.scope)),
            .blob(proof.evidence.storedBytes))
    }

    func setValues(_ values: EntryValues, of dot: Dot, in scope: ScopeID) throws {
        guard let key = try key(dot.journal, in: scope) else { return }
        hasErased = true
        try db.run(
            "UPDATE _entry SET \"values\" = ? WHERE journal = ? AND position = ?", .blob(values.storedBytes), .integer(key),
            .position(dot.position))
        // Whatever stood in these records must leave the index's file, not only its lists.
        try db.run(
            """
            INSERT INTO _unindexed (record, erased)
            SELECT x.record, 1 FROM _entry e JOIN _edit x ON x.entry = e.id WHERE e.journal = ? AND e.position = ?
            ON CONFLICT (record) DO UPDATE SET erased = 1, taken = 0
            """, .integer(key), .position(dot.position))
    }

    // MARK: Records

    func state(of record: RecordID, in scope: ScopeID) throws -> RecordState? {
        guard let key = try key(scope) else { return nil }
        return try db.first(
            "SELECT name, state FROM _record WHERE name = ? AND scope = ?", .blob(record.bytes), .integer(key)
        ) { try $0.state(0, 1) }
    }

    func history(of record: RecordID, in scope: ScopeID) throws -> [StoredEntry] {
        guard let scopeKey = try key(scope), let key = try recordKey(record, scopeKey) else { return [] }
        return try db.all(
            """
            SELECT \(Self.entryColumns) FROM _edit x JOIN _entry e ON e.id = x.entry JOIN _journal j ON j.id = e.journal
            WHERE x.record = ? ORDER BY e.id
            """, .integer(key)
        ) { try storedEntry($0) }
    }

    func editCount(in scope: ScopeID) throws -> Int {
        guard let key = try key(scope) else { return 0 }
        return try db.first(
            "SELECT count(*) FROM _edit x JOIN _record r ON r.id = x.record WHERE r.scope = ?", .integer(key)
        ) { Int($0.integer(0)) } ?? 0
    }

    func states(in scope: ScopeID, after record: RecordID?, limit: Int) throws -> [RecordState] {
        guard let key = try key(scope) else { return [] }
        return try db.all(
            "SELECT name, state FROM _record WHERE name > ? AND scope = ? ORDER BY name LIMIT ?", .blob(record?.bytes ?? []),
            .integer(key), .integer(Int64(limit))
        ) { try $0.state(0, 1) }
    }

    func list(
        scope: ScopeID?, type: TypeKey?, deleted: Bool?, limit: Int, offset: Int
    ) throws -> [(scope: ScopeID, state: RecordState)] {
        guard let listed = try listed(scope, type, deleted) else { return [] }
        return try db.all(
            """
            SELECT s.name, r.name, r.state FROM _record r JOIN _scope s ON s.id = r.scope \(listed.condition)
            ORDER BY r.changed DESC, r.name LIMIT ?4 OFFSET ?5
            """, listed.scope, listed.type, listed.deleted, .integer(Int64(limit)), .integer(Int64(offset))
        ) { (try $0.scope(0), try $0.state(1, 2)) }
    }

    func count(scope: ScopeID?, type: TypeKey?, deleted: Bool?) throws -> Int {
        guard let listed = try listed(scope, type, deleted) else { return 0 }
        return try db.first(
            "SELECT count(*) FROM _record r \(listed.condition)", listed.scope, listed.type, listed.deleted
        ) { Int($0.integer(0)) } ?? 0
    }

    /// The condition for a list, with its arguments 1 to 3; nil if the scope is not here.
    private func listed(
        _ scope: ScopeID?, _ type: TypeKey?, _ deleted: Bool?
    ) throws -> (condition: String, scope: Bind, type: Bind, deleted: Bind)? {
        var scopeKey: Int64 = 0
        if let scope {
            guard let key = try key(scope) else { return nil }
            scopeKey = key
        }
        let conditions = [
            scope == nil ? "?1 = 0" : "r.scope = ?1", type == nil ? "?2 = ''" : "r.type = ?2",
            deleted == nil ? "?3 = 0" : "r.deleted = ?3",
        ]
        return (
            "WHERE " + conditions.joined(separator: " AND "), .integer(scopeKey), .text(type?.rawValue ?? ""),
            .integer(deleted == true ? 1 : 0)
        )
    }

    func scope(of record: RecordID) throws -> ScopeID? {
        try db.first(
            "SELECT s.name FROM _record r JOIN _scope s ON s.id = r.scope WHERE r.name = ? ORDER BY s.name",
            .blob(record.bytes)
        ) { try $0.scope(0) }
    }

    func records(_ ids: ClosedRange<RecordID>, limit: Int) throws -> [RecordID] {
        try db.all(
            "SELECT DISTINCT name FROM _record WHERE name BETWEEN ? AND ? ORDER BY name LIMIT ?", .blob(ids.lowerBound.bytes),
            .blob(ids.upperBound.bytes), .integer(Int64(limit))
        ) { try $0.record(0) }
    }

    func recordCount(in scope: ScopeID) throws -> Int {
        guard let key = try key(scope) else { return 0 }
        return try db.first("SELECT count(*) FROM _record WHERE scope = ?", .integer(key)) { Int($0.integer(0)) } ?? 0
    }

    func setState(
        _ state: RecordState, in scope: ScopeID, items: [QueuedItem], likeness: Likeness?, edits: [NotedEdit]
    ) throws {
        let scopeKey = try makeKey(scope)
        let deleted: Int64 = state.isDeleted ? 1 : 0
        let changed = state.changed?.time.rawValue ?? 0
        var record: Int64?
        var before: [UInt8] = []
        let known = try db.first(
            "SELECT id, links FROM _record WHERE name = ? AND scope = ?", .blob(state.record.bytes), .integer(scopeKey)
        ) { ($0.integer(0), $0.blob(1)) }
        if let known { (record, before) = known }
        let (facts, links) = (RecordFacts(state).storedBytes, state.links.flatMap(\.bytes))
        if let key = record {
            try db.run(
                "UPDATE _record SET type = ?, deleted = ?, changed = ?, state = ?, likeness = ?, facts = ?, links = ? WHERE id = ?",
                .text(state.type.rawValue), .integer(deleted), .integer(changed), .blob(state.storedBytes),
                .optional(likeness?.bytes), .blob(facts), .blob(links), .integer(key))
            try db.run("DELETE FROM _item WHERE record = ?", .integer(key))
        } else {
            try db.run(
                "INSERT INTO _record (scope, name, type, deleted, changed, state, likeness, facts, links) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                .integer(scopeKey), .blob(state.record.bytes), .text(state.type.rawValue), .integer(deleted), .integer(changed),
                .blob(state.storedBytes), .optional(likeness?.bytes), .blob(facts), .blob(links))
            record = db.lastInsertedRowID
        }
        guard let record else { return }
        if before != links {
            let (old, new) = (Self.chunks(before), Self.chunks(links))
            for target in old.subtracting(new) {
                try db.run("DELETE FROM _link WHERE target = ? AND record = ?", .blob(target), .integer(record))
            }
            for target in new.subtracting(old) {
                try db.run("INSERT OR IGNORE INTO _link (target, record) VALUES (?, ?)", .blob(target), .integer(record))
            }
        }
        try db.run(
            """
            INSERT INTO _unindexed (record, erased) VALUES (?1, ?2)
            ON CONFLICT (record) DO UPDATE SET erased = max(erased, ?2), taken = 0
            """, .integer(record), .integer(deleted))
        for edit in edits {
            try db.run(
                "INSERT OR IGNORE INTO _edit (record, entry, decides) VALUES (?, ?, ?)", .integer(record), .integer(edit.entry),
                .integer(edit.decides ? 1 : 0))
        }
        for item in items {
            try db.run(
                "INSERT INTO _item (name, record, scope, since, content, notice) VALUES (?, ?, ?, ?, ?, ?)",
                .blob(item.id.bytes), .integer(record), .integer(scopeKey), .integer(item.since.rawValue),
                .blob(item.storedBytes), .integer(item.item.kind.isNotice ? 1 : 0))
        }
    }

    /// The record ids that stand one after the other.
    private static func chunks(_ bytes: [UInt8]) -> Set<[UInt8]> {
        Set(stride(from: 0, to: bytes.count - bytes.count % 16, by: 16).map { Array(bytes[$0..<($0 + 16)]) })
    }

    func forEachFacts(of type: TypeKey, in scope: ScopeID?, _ body: (ScopeID, RecordFacts) throws -> Void) throws {
        var names: [Int64: ScopeID] = [:]
        for (id, name) in try db.all("SELECT id, name FROM _scope", map: { ($0.integer(0), try $0.scope(1)) }) { names[id] = name }
        var only: Int64 = 0
        if let scope {
            guard let key = try key(scope) else { return }
            only = key
        }
        try db.each(
            """
            SELECT scope, name, facts FROM _record INDEXED BY record_by_facts WHERE type = ?1 AND deleted = 0 \(scope == nil ? "AND ?2 = 0" : "AND scope = ?2")
            """, .text(type.rawValue), .integer(only)
        ) { row in
            guard let scope = names[row.integer(0)] else { return }
            try body(scope, RecordFacts(record: try row.record(1), storedBytes: row.blob(2)))
        }
    }

    func states(referringTo targets: Set<RecordID>) throws -> [(scope: ScopeID, state: RecordState)] {
        var keys: Set<Int64> = []
        for target in targets {
            keys.formUnion(try db.all("SELECT record FROM _link WHERE target = ?", .blob(target.bytes)) { $0.integer(0) })
        }
        let found = try keys.compactMap { key in
            try db.first(
                "SELECT s.name, r.name, r.state FROM _record r JOIN _scope s ON s.id = r.scope WHERE r.id = ?", .integer(key)
            ) { (scope: try $0.scope(0), state: try $0.state(1, 2)) }
        }
        return found.sorted { ($0.scope, $0.state.record) < ($1.scope, $1.state.record) }
    }

    func removeStates(in scope: ScopeID) throws {
        guard let key = try key(scope) else { return }
        try db.run("DELETE FROM _link WHERE record IN (SELECT id FROM _record WHERE scope = ?)", .integer(key))
        try db.run(
            """
            INSERT INTO _unindexed (record, erased) SELECT id, 1 FROM _record WHERE scope = ?
            ON CONFLICT (record) DO UPDATE SET erased = 1, taken = 0
            """, .integer(key))
        try db.run("DELETE FROM _item WHERE scope = ?", .integer(key))
        try db.run("DELETE FROM _edit WHERE record IN (SELECT id FROM _record WHERE scope = ?)", .integer(key))
        try db.run("DELETE FROM _record WHERE scope = ?", .integer(key))
    }

    func purge(_ scope: ScopeID) throws {
        try db.run("DELETE FROM _quarantine WHERE scope = ?", .blob(scope.bytes))
        guard let key = try key(scope) else { return }
        try removeStates(in: scope)
        hasErased = true
        for table in ["_fork_proof", "_branch", "_entry", "_journal"] {
            try db.run("DELETE FROM \(table) WHERE scope = ?", .integer(key))
        }
        try db.run("DELETE FROM _scope WHERE id = ?", .integer(key))
        scopeKeys[scope] = nil
        journalKeys = journalKeys.filter { $0.key.scope != scope }
    }

    func items(in scope: ScopeID?, limit: Int, offset: Int) throws -> [QueuedItem] {
        var scopeKey: Int64 = 0
        if let scope {
            guard let key = try key(scope) else { return [] }
            scopeKey = key
        }
        return try db.all(
            """
            \(Self.itemColumns) WHERE i.notice = 0 \(scope == nil ? "" : "AND i.scope = ?1")
            ORDER BY i.since, i.name LIMIT ?2 OFFSET ?3
            """, .integer(scopeKey), .integer(Int64(limit)), .integer(Int64(offset)), map: Self.item)
    }

    func items(_ ids: ClosedRange<ItemID>, limit: Int) throws -> [QueuedItem] {
        try db.all(
            "\(Self.itemColumns) WHERE i.name BETWEEN ? AND ? ORDER BY i.name LIMIT ?", .blob(ids.lowerBound.bytes),
            .blob(ids.upperBound.bytes), .integer(Int64(limit)), map: Self.item)
    }

    private static let itemColumns = """
        SELECT i.name, s.name, i.content, r.type, i.since FROM _item i
        JOIN _record r ON r.id = i.record JOIN _scope s ON s.id = i.scope
        """

    private static func item(_ row: RowReader) throws -> QueuedItem {
        guard let id = ItemID(bytes: row.blob(0)) else { throw BytesEnded() }
        return try QueuedItem(
            id: id, scope: try row.scope(1), type: TypeKey(row.text(3)), since: Timestamp(rawValue: row.integer(4)),
            storedBytes: row.blob(2))
    }

    func items(of record: RecordID, in scope: ScopeID) throws -> [QueuedItem] {
        guard let key = try key(scope), let record = try recordKey(record, key) else { return [] }
        return try db.all("\(Self.itemColumns) WHERE i.record = ? ORDER BY i.id", .integer(record), map: Self.item)
    }

    func notices(limit: Int, offset: Int) throws -> [QueuedItem] {
        try db.all(
            "\(Self.itemColumns) WHERE i.notice = 1 ORDER BY i.since, i.name LIMIT ? OFFSET ?", .integer(Int64(limit)),
            .integer(Int64(offset)), map: Self.item)
    }

    func itemCount() throws -> Int { try db.first("SELECT count(*) FROM _item WHERE notice = 0") { Int($0.integer(0)) } ?? 0 }

    // MARK: Likeness and decisions

    func records(like likeness: Likeness, in scope: ScopeID, limit: Int) throws -> [RecordID] {
        guard let key = try key(scope) else { return [] }
        return try db.all(
            "SELECT name FROM _record WHERE scope = ? AND likeness = ? ORDER BY name LIMIT ?", .integer(key),
            .blob(likeness.bytes), .integer(Int64(limit))
        ) { try $0.record(0) }
    }

    func decisions(in scope: ScopeID, before arrival: Arrival?, limit: Int) throws -> [(entry: StoredEntry, record: RecordID)] {
        guard let key = try key(scope) else { return [] }
        return try db.all(
            """
            SELECT \(Self.entryColumns), r.name FROM _edit d JOIN _entry e ON e.id = d.entry
            JOIN _journal j ON j.id = e.journal JOIN _record r ON r.id = d.record
            WHERE d.decides = 1 AND d.entry < ? AND e.scope = ? ORDER BY d.entry DESC, r.name LIMIT ?
            """, .integer(arrival ?? .max), .integer(key), .integer(Int64(limit))
        ) { (try storedEntry($0), try $0.record(12)) }
    }
}

extension Name64 {
    /// Eight bytes, most significant first, so that SQL orders them as the protocol does.
    var stored: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: rawValue >> (56 - 8 * UInt64($0))) } }
}

extension Bind {
    static func position(_ position: Position) -> Bind { .integer(Int64(clamping: position.rawValue)) }
}

extension RowReader {
    func position(_ i: Int32) -> Position { Position(rawValue: UInt64(clamping: integer(i))) }

    fileprivate func word(_ i: Int32) throws -> UInt64 {
        let bytes = blob(i)
        guard bytes.count == 8 else { throw BytesEnded() }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    func journal(_ i: Int32) throws -> JournalID { JournalID(rawValue: try word(i)) }
    fileprivate func replica(_ i: Int32) throws -> ReplicaID { ReplicaID(rawValue: try word(i)) }

    fileprivate func hash(_ i: Int32) throws -> Hash {
        guard let hash = Hash(blob(i)) else { throw BytesEnded() }
        return hash
    }

    func scope(_ i: Int32) throws -> ScopeID {
        guard let scope = ScopeID(bytes: blob(i)) else { throw BytesEnded() }
        return scope
    }

    /// A record's state, which must be the named record's.
    fileprivate func state(_ name: Int32, _ state: Int32) throws -> RecordState {
        let restored = try RecordState(storedBytes: blob(state))
        guard try record(name) == restored.record else { throw BytesEnded() }
        return restored
    }

    fileprivate func record(_ i: Int32) throws -> RecordID {
        guard let record = RecordID(bytes: blob(i)) else { throw BytesEnded() }
        return record
    }
}
