// The one SQLite file: what it survives, what it refuses, and who may use it at once.

import Causality
import Dispatch
import Foundation
import GRDB
import Journals
import Records
import Replicas
import StoreSQLite
import Synchronization
import Testing
import Worlds

private func contents(of path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

/// What opening a file is refused with; nil if it opens.
private func refusal(of path: String) -> ReplicaError? {
    do {
        _ = try SQLiteStore(path: path)
        return nil
    } catch { return error as? ReplicaError }
}

struct SQLiteStoreTests {
    // MARK: Opening

    @Test func `a store opened again has everything`() throws {
        let path = try TemporaryFolder.file()
        let world = try World()
        let scope = world.scope
        let draft = Draft(key: "note/1", saved: Timestamp(milliseconds: 5), bytes: Array("half a sent".utf8))

        func fill() throws -> (digests: [ScopeDigest], id: ReplicaID, quarantined: [Quarantined]) {
            let ann = try world.laptop("ann", store: SQLiteStore(path: path))
            var ben = try world.author("ben")
            try ann.put("Harbour", of: World.record(1), in: scope)
            _ = try ann.ingest([[ben.run([ben.birth(), ben.entry("Contested", of: World.record(1))])]], in: scope)
            var bad = try ben.run([ben.entry("Forged", of: World.record(2))])
            bad.signature = [UInt8](repeating: 0, count: 64)
            _ = try ann.ingest([[bad]], in: scope)
            try ann.store.writing { try $0.setDraft(draft.key, draft) }
            return (try ann.digests(), try ann.replicaID(), try ann.quarantined())
        }
        let before = try fill()
        #expect(before.quarantined.count == 1)

        for _ in 0..<2 {
            let store = try SQLiteStore(path: path)
            let ann = try world.replica("ann", store: store)
            let (digests, id, quarantined) = (try ann.digests(), try ann.replicaID(), try ann.quarantined())
            #expect(digests == before.digests)
            #expect(id == before.id)
            #expect(quarantined == before.quarantined)
            let drafts = try store.reading { try $0.drafts() }
            #expect(drafts == [draft])
            let items = try store.reading { try $0.itemCount() }
            #expect(items == 1)
            let roster = try ann.roster()
            #expect(roster?.bytes == world.roster.bytes)
            let report = try ann.check()
            #expect(report.faults.isEmpty)
            #expect(report.entries == 4)
            // The second time, the log has gone into the file.
            try store.checkpoint()
            let log = try contents(of: path + "-wal")
            #expect(log.isEmpty)
        }
    }

    @Test func `a file that is not SQLite is refused and left alone`() throws {
        let path = try TemporaryFolder.file()
        let text = Array("Dear diary, today it rained.".utf8)
        try Data(text).write(to: URL(fileURLWithPath: path))
        #expect(refusal(of: path)?.code == .storeUnreadable)
        let after = try contents(of: path)
        #expect(after == text)
    }

    @Test func `an empty file becomes a replica`() throws {
        let path = try TemporaryFolder.file()
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(refusal(of: path) == nil)
    }

    @Test func `another program's file is refused and left alone`() throws {
        let path = try TemporaryFolder.file()
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try db.execute(sql: "CREATE TABLE recipe (name TEXT)")
            try db.execute(sql: "PRAGMA application_id = 7")
        }
        try queue.close()
        let before = try contents(of: path)
        #expect(refusal(of: path)?.code == .storeUnreadable)
        let after = try contents(of: path)
        #expect(after == before)
    }

    @Test func `a damaged file is said to be damaged`() throws {
        let path = try TemporaryFolder.file()
        try Data("SQLite format 3\0 and then nothing that makes sense, for a hundred bytes and more, to fill the header.".utf8)
            .write(to: URL(fileURLWithPath: path))
        #expect(refusal(of: path)?.code == .storeUnreadable)
    }

    @Test func `a file from a newer version is refused`() throws {
        let path = try TemporaryFolder.file()
        #expect(refusal(of: path) == nil)
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('from the future')") }
        try queue.close()
        #expect(refusal(of: path)?.code == .storeTooNew)
    }

    @Test func `a folder that cannot be written to is said to be so`() throws {
        // A file in the folder's place: no right of root's helps there.
        let folder = try TemporaryFolder.file("folder")
        try Data().write(to: URL(fileURLWithPath: folder))
        #expect(refusal(of: folder + "/replica.db")?.code == .storeReadOnly)
    }

    // MARK: Writing

    @Test func `a full disk is said to be full, and nothing of the save is there`() throws {
        let store = try SQLiteStore(path: TemporaryFolder.file())
        let error = #expect(throws: ReplicaError.self) {
            try store.writing { writer in
                try writer.setSetting("a", [1])
                throw DatabaseError(resultCode: .SQLITE_FULL)
            }
        }
        #expect(error?.code == .storeFull)
        let setting = try store.reading { try $0.setting("a") }
        #expect(setting == nil)
        try store.writing { try $0.setSetting("a", [2]) }
    }

    @Test func `a save that was acknowledged is on the disk, not only on its way there`() throws {
        let store = try SQLiteStore(path: TemporaryFolder.file())
        // The store shows nobody the connection it writes by, so it is taken from behind.
        let pool = try #require(Mirror(reflecting: store).descendant("pool") as? DatabasePool)
        let pragmas = try pool.writeWithoutTransaction { db in
            try ["synchronous", "wal_autocheckpoint", "foreign_keys"].map { try Int.fetchOne(db, sql: "PRAGMA \($0)") }
        }
        #expect(pragmas == [2, 0, 1])
    }

    @Test func `two programs write to one replica by turns, and nothing is lost`() throws {
        let path = try TemporaryFolder.file()
        let world = try World()
        let scope = world.scope
        let first = try world.laptop("ann", store: SQLiteStore(path: path))
        let second = try world.replica("ann", store: SQLiteStore(path: path))
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            let replica = thread == 0 ? first : second
            for n in 0..<200 {
                do {
                    try replica.put("\(thread) \(n)", of: RecordID(high: UInt64(thread), low: UInt64(n)), in: scope)
                } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
        let failed = failures.withLock { $0 }
        #expect(failed == [])
        let entries = try first.entries(in: scope)
        #expect(entries.count == 401)
        let records = try second.store.reading { try $0.recordCount(in: scope) }
        #expect(records == 400)
        for replica in [first, second] {
            let report = try replica.check()
            #expect(report.faults.isEmpty)
        }
    }

    @Test func `whoever waits too long for the other is told, and reads on`() throws {
        let path = try TemporaryFolder.file()
        let first = try SQLiteStore(path: path)
        let second = try SQLiteStore(path: path, patienceMilliseconds: 4)
        try first.writing { writer in
            try writer.setSetting("a", [1])
            let writing = #expect(throws: ReplicaError.self) { try second.writing { try $0.setSetting("b", [2]) } }
            #expect(writing?.code == .storeBusy)
            let opening = #expect(throws: ReplicaError.self) { try SQLiteStore(path: path, patienceMilliseconds: 4) }
            #expect(opening?.code == .storeBusy)
            let reading = try second.reading { try $0.setting("a") }
            #expect(reading == nil)
        }
        try second.writing { try $0.setSetting("b", [2]) }
        let settings = try first.reading { try $0.settings(beginning: "").map { $0.key } }
        #expect(settings == ["a", "b"])
    }

    // MARK: SQL

    @Test func `every type has a view of its fields, which shows what is contested`() throws {
        let path = try TemporaryFolder.file()
        let views = RecordViews(
            rules: ReviewEverything(),
            types: [(type: "talk", fields: ["title", "place", "tags", "length"]), (type: "person", fields: ["name"])])
        let store = try SQLiteStore(path: path, views: views)
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann", store: store)
        let tags = ["x", "y"].map { Write(.add, field: "tags", value: .value(.text($0))) }
        let writes = [Write.put(.text("Harbour"), "title"), Write.put(.text("Room 1"), "place"), .put(.integer(45), "length")]
        try ann.commit(Change(writes + tags, of: World.record(1)), in: scope)
        // Written without having seen the first: both stand.
        try ann.commit(Change([.put(.text("Port"), "title")], of: World.record(1)), in: scope)
        try ann.put("Gone", of: World.record(2), in: scope)
        let gone = try #require(try ann.state(of: World.record(2), in: scope))
        try ann.commit(Change(edits: [gone.edit([Write(.delete)])]), in: scope)
        try ann.put(.text("Ann"), "name", of: World.record(3), type: "person", in: scope)

        let columns = ["title", "place", "tags", "length", "contested", "deleted"].map { "ifnull(\($0), '-')" }
        let query = "SELECT \(columns.joined(separator: " || '/' || ")) FROM talk ORDER BY id"
        let talks = try store.query(query).rows
        #expect(talks == [["Port/Room 1/x、y/45/title/0"], ["Gone/-/-/-/-/1"]])
        let length = try store.query("SELECT sum(length) FROM talk").rows
        #expect(length == [["45"]])
        let names = try store.query("SELECT scope || id || name FROM person WHERE name = ?", arguments: ["Ann"]).rows
        #expect(names == [["\(scope)\(World.record(3))Ann"]])
    }

    @Test func `views follow the catalogue when it changes`() throws {
        let path = try TemporaryFolder.file()
        func views(_ type: TypeKey, _ fields: [FieldKey]) throws -> [String] {
            let store = try SQLiteStore(
                path: path, views: RecordViews(rules: ReviewEverything(), types: [(type: type, fields: fields)]))
            let names = try store.query("SELECT name FROM sqlite_master WHERE type = 'view'").rows
            return try names.flatMap { $0.compactMap(\.self) } + store.query("SELECT * FROM \(type)").columns
        }
        let first = try views("talk", ["title"])
        #expect(first == ["talk", "id", "scope", "deleted", "changed", "contested", "title"])
        let second = try views("note", ["body", "place"])
        #expect(second == ["note", "id", "scope", "deleted", "changed", "contested", "body", "place"])
    }

    @Test func `nobody writes through a query`() throws {
        let store = try SQLiteStore(path: TemporaryFolder.file())
        try store.writing { try $0.setSetting("a", [1]) }
        #expect(throws: ReplicaError.self) { try store.query("DELETE FROM _setting") }
        let setting = try store.reading { try $0.setting("a") }
        #expect(setting == [1])
    }
}
