// The other side of every ratio: the same records written by the shortest C there is, with the same durability.

import CSQLite
import Foundation

package final class RawSQLite {
    private var db: OpaquePointer?
    private var upsert: OpaquePointer?
    private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    package init(path: String) {
        precondition(sqlite3_open(path, &db) == SQLITE_OK)
        for sql in [
            "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA cache_size = -32000",
            "CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, body TEXT NOT NULL)",
        ] { run(sql) }
        let sql = "INSERT INTO record (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body"
        precondition(sqlite3_prepare_v2(db, sql, -1, &upsert, nil) == SQLITE_OK)
    }

    deinit {
        sqlite3_finalize(upsert)
        sqlite3_close(db)
    }

    package func run(_ sql: String) { precondition(sqlite3_exec(db, sql, nil, nil, nil) == SQLITE_OK, "\(sql) failed") }

    package func write(_ rows: some Sequence<(name: [UInt8], body: String)>, perTransaction: Int) {
        var inside = 0
        for row in rows {
            if inside == 0 { run("BEGIN IMMEDIATE") }
            sqlite3_bind_blob(upsert, 1, row.name, 16, transient)
            sqlite3_bind_text(upsert, 2, row.body, -1, transient)
            precondition(sqlite3_step(upsert) == SQLITE_DONE)
            sqlite3_reset(upsert)
            inside += 1
            if inside == perTransaction {
                run("COMMIT")
                inside = 0
            }
        }
        if inside > 0 { run("COMMIT") }
    }

    /// Reads every row.
    package func readAll() {
        var statement: OpaquePointer?
        precondition(sqlite3_prepare_v2(db, "SELECT name, body FROM record ORDER BY body", -1, &statement, nil) == SQLITE_OK)
        defer { sqlite3_finalize(statement) }
        while sqlite3_step(statement) == SQLITE_ROW { _ = sqlite3_column_bytes(statement, 1) }
    }

    /// How many records have a text in them, by reading them all.
    package func count(with text: String) -> Int {
        var statement: OpaquePointer?
        precondition(sqlite3_prepare_v2(db, "SELECT count(*) FROM record WHERE body LIKE ?", -1, &statement, nil) == SQLITE_OK)
        defer { sqlite3_finalize(statement) }
        sqlite3_bind_text(statement, 1, "%\(text)%", -1, transient)
        precondition(sqlite3_step(statement) == SQLITE_ROW)
        return Int(sqlite3_column_int64(statement, 0))
    }
}
