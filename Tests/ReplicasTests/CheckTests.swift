// `check`: that it finds what went wrong on the disk, and says nothing where nothing did.

import Causality
import Foundation
import GRDB
import Journals
import Records
import Replicas
import StoreSQLite
import Testing
import Worlds

/// A replica in a file with two journals and a contested record, and a way to the file around it.
private struct Damage {
    let ann: Replica
    private let queue: DatabaseQueue

    init() throws {
        let world = try World()
        let path = try TemporaryFolder.file()
        let ann = try world.laptop("ann", store: SQLiteStore(path: path))
        try ann.put("one", of: World.record(1), in: world.scope)
        try ann.put("two", of: World.record(1), in: world.scope)
        try ann.put("other", of: World.record(2), in: world.scope)
        var ben = try world.author("ben")
        let run = try ben.run([ben.birth(), ben.entry("contested", of: World.record(1))])
        _ = try ann.ingest([[run]], in: world.scope)
        self.ann = ann
        queue = try DatabaseQueue(path: path)
        let report = try ann.check()
        #expect(report.faults == [])
        #expect(report.entries == 6)
        #expect(report.records == 2)
    }

    func run(_ sql: String) throws { try queue.write { try $0.execute(sql: sql) } }

    /// Flips the lowest bit of a byte in a column of the entry at an arrival.
    func flip(_ column: String, byte: Int, of entry: Int) throws {
        try queue.write { db in
            let sql = "SELECT \"\(column)\" FROM _entry WHERE id = ?"
            var bytes = [UInt8](try #require(try Data.fetchOne(db, sql: sql, arguments: [entry])))
            bytes[byte % bytes.count] ^= 1
            try db.execute(sql: "UPDATE _entry SET \"\(column)\" = ? WHERE id = ?", arguments: [Data(bytes), entry])
        }
    }
}

struct CheckTests {
    @Test(arguments: ["hash", "skeleton", "values", "signature"])
    func `a flipped byte in an entry is found wherever it is`(_ column: String) throws {
        let damage = try Damage()
        for byte in stride(from: 0, to: 140, by: 17) {
            try damage.flip(column, byte: byte, of: 3)
            let faults = try damage.ann.check().faults
            #expect(!faults.isEmpty, "byte \(byte)")
            try damage.flip(column, byte: byte, of: 3)
        }
        let faults = try damage.ann.check().faults
        #expect(faults == [])
    }

    @Test(arguments: [
        "UPDATE _entry SET time = time + 1 WHERE id = 2",
        "UPDATE _entry SET clock_offset = 5 WHERE id = 2",
        "UPDATE _entry SET roster = roster + 1 WHERE id = 2",
        "UPDATE _entry SET position = 9 WHERE id = 2",
        "UPDATE _entry SET signature = NULL WHERE id = 4",
        "UPDATE _journal SET hash = zeroblob(32) WHERE id = 1",
        "UPDATE _journal SET position = position + 1 WHERE id = 1",
        "UPDATE _journal SET position = position - 1 WHERE id = 1",
        "UPDATE _journal SET counted = counted - 1 WHERE id = 1",
        "DELETE FROM _edit WHERE entry = 3",
        "DELETE FROM _record WHERE id = 1",
        "UPDATE _record SET name = zeroblob(16) WHERE id = 1",
        "UPDATE _record SET state = (SELECT state FROM _record WHERE id = 2) WHERE id = 1",
        "INSERT INTO _edit (record, entry) VALUES (2, 3)",
    ])
    func `a row that was changed is found`(_ sql: String) throws {
        let damage = try Damage()
        try damage.run(sql)
        let faults = try damage.ann.check().faults
        #expect(!faults.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `a record that is not what its edits fold to is found`(_ kind: StoreKind) throws {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        try ann.put("one", of: World.record(1), in: world.scope)
        let earlier = try #require(try ann.state(of: World.record(1), in: world.scope))
        try ann.put("two", of: World.record(1), in: world.scope)
        try ann.store.writing { try $0.setState(earlier, in: world.scope, items: [], likeness: nil, edits: []) }
        let faults = try ann.check().faults
        #expect(faults.count == 1)
        #expect(faults.first?.contains("\(World.record(1))") == true)
    }

    @Test(arguments: StoreKind.allCases)
    func `a value that is not the one that was hashed is found`(_ kind: StoreKind) throws {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        let dot = try ann.put("one", of: World.record(1), in: world.scope)
        let entry = try #require(try ann.entries(in: world.scope).last)
        guard case .sealed(let seed, _) = entry.entry.values else {
            Issue.record("a fresh entry is sealed")
            return
        }
        let forged = EntryValues.sealed(seed: seed, values: [[0x0a, 0x03] + Array("two".utf8)])
        try ann.store.writing { try $0.setValues(forged, of: dot, in: world.scope) }
        let faults = try ann.check().faults
        #expect(faults.contains { $0.contains("\(dot)") })
    }

    @Test(arguments: StoreKind.allCases)
    func `a replica in order is counted and found in order`(_ kind: StoreKind) throws {
        let world = try World()
        let other = ScopeID(high: 0xd0d1, low: 2)
        let ann = try world.replica("ann", store: kind.open())
        let nothing = try ann.check()
        #expect(nothing == CheckReport())
        try world.join(ann, [world.scope, other])
        try ann.put("one", of: World.record(1), in: world.scope)
        try ann.put("two", of: World.record(2), in: other)
        try ann.put("three", of: World.record(2), in: other)
        let report = try ann.check()
        #expect(report.faults == [])
        let counts = [report.scopes, report.entries, report.records, report.held]
        #expect(counts == [2, 5, 2, 0])
    }
}
