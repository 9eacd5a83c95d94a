// Queries that a person types: they read everything and change nothing, whatever they say.

import Records
import Replicas
import StoreSQLite
import Testing
import Worlds

/// A store with one talk and a view of it.
private func store() throws -> SQLiteStore {
    let views = RecordViews(rules: ReviewEverything(), types: [(type: "talk", fields: ["title", "length"])])
    let store = try SQLiteStore(path: TemporaryFolder.file("a ?#%.db"), views: views)
    let world = try World()
    let ann = try world.laptop("ann", store: store)
    let writes = [Write.put(.text("Harbour"), "title"), .put(.integer(45), "length")]
    try ann.commit(Change(writes, of: World.record(1)), in: world.scope)
    return store
}

extension SQLiteStore {
    fileprivate func rows(_ sql: String, secondsMax: Double = 60, limit: Int = .max) throws -> [[SQLValue]] {
        var rows: [[SQLValue]] = []
        try select(sql, secondsMax: secondsMax) { _ in
        } row: { row in
            rows.append(row)
            return rows.count < limit
        }
        return rows
    }

    fileprivate func refusal(_ sql: String, secondsMax: Double = 60) -> QueryError.Code? {
        do {
            _ = try rows(sql, secondsMax: secondsMax)
            return nil
        } catch { return (error as? QueryError)?.code }
    }
}

struct SelectTests {
    @Test func `a query reads views and tables`() throws {
        let store = try store()
        let rows = try store.rows("SELECT title, length, NULL, 1.5, x'00ff' FROM talk; -- that is all")
        #expect(rows == [[.text("Harbour"), .integer(45), .null, .real(1.5), .blob([0, 255])]])
        let counts = try store.rows(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT count(*), (SELECT count(*) FROM _record) FROM n"
        )
        #expect(counts == [[.integer(5), .integer(1)]])
        let columns = try store.rows("SELECT name FROM pragma_table_info('talk')")
        #expect(columns.contains([.text("title")]))
        var names: [String] = []
        try store.select("SELECT 1 AS a, 2 AS b WHERE 0") {
            names = $0
        } row: { _ in
            true
        }
        #expect(names == ["a", "b"])
    }

    @Test(arguments: [
        "DELETE FROM _setting", "INSERT INTO _draft VALUES ('a', 1, x'')", "UPDATE _record SET deleted = 1 RETURNING id",
        "DROP VIEW talk", "CREATE TABLE t (a)", "CREATE TEMP TABLE t (a)", "ATTACH '/tmp/other.db' AS o", "DETACH main", "VACUUM",
        "VACUUM INTO '/tmp/copy.db'", "BEGIN", "COMMIT", "SAVEPOINT s", "REINDEX", "ANALYZE", "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = ON", "PRAGMA journal_mode = DELETE", "PRAGMA user_version = 7", "PRAGMA wal_checkpoint",
        "UPDATE sqlite_master SET sql = ''", "SELECT load_extension('x')", "EXPLAIN DELETE FROM _setting",
        "SELECT 1; DELETE FROM _setting", "SELECT 1; SELECT 2", "WITH a AS (SELECT 1) DELETE FROM _setting",
        "CREATE VIRTUAL TABLE t USING fts5(a)", "SELECT * FROM pragma_journal_mode('delete')",
    ])
    func `whatever does more than read is refused`(_ sql: String) throws {
        let store = try store()
        let before = try store.query("SELECT count(*) FROM _setting").rows
        let code = store.refusal(sql)
        #expect(code == .refused || code == .malformed)
        let after = try store.query("SELECT count(*) FROM _setting").rows
        #expect(after == before)
        let left = try store.query("SELECT count(*) FROM sqlite_master WHERE name = 't'").rows
        #expect(left == [["0"]])
    }

    @Test(arguments: [
        "SELECT * FROM _setting", "SELECT count(*) FROM _setting", "SELECT 1 WHERE EXISTS (SELECT 1 FROM _SETTING)",
        "WITH talk AS (SELECT * FROM _setting) SELECT * FROM talk", "SELECT title, (SELECT value FROM main._setting) FROM talk",
        "SELECT * FROM _draft", "SELECT * FROM _quarantine", "SELECT * FROM sqlite_dbpage",
    ])
    func `what the device keeps for itself is not read`(_ sql: String) throws {
        let code = try store().refusal(sql)
        // A SQLite without that table of pages does not know it.
        #expect(code == .refused || sql.contains("dbpage") && code == .malformed)
    }

    @Test(arguments: ["load_extension('x')", "LOAD_EXTENSION('x', 'y')", "fts3_tokenizer('simple')", "readfile('/etc/passwd')"])
    func `a function that loads code or opens files is said to be refused, known or not`(_ call: String) throws {
        let store = try store()
        let (called, filtered) = (store.refusal("SELECT \(call)"), store.refusal("SELECT title FROM talk WHERE \(call)"))
        #expect(called == .refused)
        #expect(filtered == .refused)
    }

    @Test(arguments: ["", " ", "-- nothing", "SELEC 1", "SELECT x FROM talk", "SELECT 1 FROM nowhere", "SELECT 'a\0b'"])
    func `what is no query is said to be none`(_ sql: String) throws {
        let code = try store().refusal(sql)
        #expect(code == .malformed)
    }

    @Test func `a query that takes too long is stopped`() throws {
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        let code = try store().refusal(endless, secondsMax: 0.05)
        #expect(code == .tooLong)
    }

    @Test func `rows come one by one and stop when asked`() throws {
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        let rows = try store().rows(endless, limit: 3)
        #expect(rows == [[.integer(1)], [.integer(2)], [.integer(3)]])
    }
}
