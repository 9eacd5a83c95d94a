// Of the store contract what is in no journal: settings, what was quarantined, drafts. Settings and drafts carry sums: nothing signs them, and
// nothing else says what they were.

import Causality
import GRDB
import Journals
import Replicas
import Wire

extension SQLiteSession {
    func setting(_ key: String) throws -> [UInt8]? {
        try db.first("SELECT value, sum FROM _setting WHERE key = ?", .text(key)) { row in
            let value = row.blob(0)
            guard row.blob(1) == Self.settingSum(key, value) else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "setting \(key) is not what was written")
            }
            return value
        }
    }

    func settingKeys(beginning prefix: String) throws -> [String] {
        try db.all("SELECT key FROM _setting WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key", .text(prefix)) { $0.text(0) }
    }

    func setSetting(_ key: String, _ value: [UInt8]?) throws {
        if let value {
            try db.run(
                """
                INSERT INTO _setting (key, value, sum) VALUES (?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value, sum = excluded.sum
                """, .text(key), .blob(value), .blob(Self.settingSum(key, value)))
        } else {
            try db.run("DELETE FROM _setting WHERE key = ?", .text(key))
        }
    }

    // MARK: Sums

    /// What a setting is told from damage by.
    static func settingSum(_ key: String, _ value: [UInt8]) -> [UInt8] { sum(Array(key.utf8) + [0] + value) }

    static func draftSum(_ key: String, _ saved: Int64, _ bytes: [UInt8]) -> [UInt8] {
        var out = ByteWriter()
        out.i64(saved)
        return sum(Array(key.utf8) + [0] + out.bytes + bytes)
    }

    private static func sum(_ bytes: [UInt8]) -> [UInt8] { Array(Hash(.local, bytes).bytes.prefix(8)) }

    // MARK: Quarantine and drafts

    func quarantined(limit: Int) throws -> [Quarantined] {
        try db.all(
            """
            SELECT id, scope, journal, position, code, detail, time, bytes FROM _quarantine ORDER BY id DESC LIMIT ?
            """, .integer(Int64(limit))
        ) { row in
            Quarantined(
                id: row.integer(0), scope: try row.scope(1), journal: try row.journal(2), position: row.position(3),
                fault: Fault(Fault.Code(rawValue: row.text(4)) ?? .malformed, row.text(5)),
                time: Timestamp(rawValue: row.integer(6)), bytes: row.blob(7))
        }.reversed()
    }

    func quarantine(_ bytes: [UInt8], of dot: Dot, in scope: ScopeID, fault: Fault, time: Timestamp) throws {
        try db.run(
            """
            INSERT OR IGNORE INTO _quarantine (scope, journal, position, code, detail, time, digest, bytes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, .blob(scope.bytes), .blob(dot.journal.stored), .position(dot.position), .text(fault.code.rawValue),
            .text(fault.detail), .integer(time.rawValue), .blob(Hash(.value, bytes).bytes), .blob(bytes))
        // What a journal is refused again and again must not fill the disk: its newest pieces are kept.
        try db.run(
            """
            DELETE FROM _quarantine WHERE scope = ?1 AND journal = ?2 AND id NOT IN
            (SELECT id FROM _quarantine WHERE scope = ?1 AND journal = ?2 ORDER BY id DESC LIMIT ?3)
            """, .blob(scope.bytes), .blob(dot.journal.stored), .integer(Int64(Quarantined.perJournalMax)))
    }

    func drafts() throws -> [Draft] {
        try db.all("SELECT key, saved, bytes, sum FROM _draft ORDER BY key") { row in
            let (key, saved, bytes) = (row.text(0), row.integer(1), row.blob(2))
            return Draft(
                key: key, saved: Timestamp(rawValue: saved), bytes: bytes,
                isDamaged: row.blob(3) != Self.draftSum(key, saved, bytes))
        }
    }

    func setDraft(_ key: String, _ draft: Draft?) throws {
        if let draft {
            try db.run(
                """
                INSERT INTO _draft (key, saved, bytes, sum) VALUES (?, ?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET saved = excluded.saved, bytes = excluded.bytes, sum = excluded.sum
                """, .text(key), .integer(draft.saved.rawValue), .blob(draft.bytes),
                .blob(Self.draftSum(key, draft.saved.rawValue, draft.bytes)))
        } else {
            try db.run("DELETE FROM _draft WHERE key = ?", .text(key))
        }
    }
}
