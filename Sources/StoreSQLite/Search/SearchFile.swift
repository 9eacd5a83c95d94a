// The index's file, `search.sqlite` beside the replica's. All of it can be made anew from the records at any time, and is, whenever it
// is missing, damaged, of another version, or does not belong to the replica as it stands.
//
//      segment --< chunk        what Segment.swift writes
//      place                    where each record stands
//      meta                     the stamp it shares with the replica, and what it was made by
//
// It has a rollback journal, not a write-ahead log: it is written rarely, by one process at a time, and needs no checkpoints.

import GRDB
import Records

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct SearchFile {
    /// "DuSr"
    private static let applicationID = 0x44755372
    /// Of this format, of the terms, and of how texts are folded.
    private static let version = 1

    private let queue: DatabaseQueue

    /// Why the file cannot be used.
    struct Unusable: Error {}

    /// Opens the file. It is opened for every search: so nobody goes on with a file that another process has replaced.
    /// - Parameter making: whether it is made if it is not there.
    init(path: String, vfs: String?, making: Bool) throws {
        if making {
            let made = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
            if made >= 0 { close(made) }
        }
        guard access(path, F_OK) == 0 else { throw Unusable() }
        var configuration = Configuration()
        configuration.label = "search"
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            // What was erased is overwritten in the file, too.
            try db.execute(sql: "PRAGMA secure_delete = ON")
            try db.execute(sql: "PRAGMA cache_size = -32000")
        }
        queue = try DatabaseQueue(path: SQLiteStore.location(path, vfs: vfs), configuration: configuration)
    }

    /// Takes a file that cannot be read out of the way.
    static func remove(_ path: String) {
        // The journal first: beside another file it would be played back into that.
        for name in [path + "-journal", path + "-wal", path + "-shm", path] { unlink(name) }
    }

    /// A snapshot of the index, if it is one, is of this version and made for these fields.
    func reading<T>(_ fields: SearchedFields, _ body: (IndexReader) throws -> T) throws -> T {
        try queue.read { db in
            guard try Int.fetchOne(db, sql: "PRAGMA application_id") == Self.applicationID,
                try Int.fetchOne(db, sql: "PRAGMA user_version") == Self.version,
                let stamp = try db.first(
                    "SELECT stamp FROM meta WHERE fields = ?", .text(fields.fingerprint), map: { $0.blob(0) })
            else { throw Unusable() }
            return try body(IndexReader(db: db, stamp: stamp))
        }
    }

    /// Empties the file, whatever was in it.
    func reset(_ fields: SearchedFields) throws {
        try queue.inDatabase { db in
            try db.inTransaction(.immediate) {
                for name in try String.fetchAll(
                    db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
                { try db.execute(sql: "DROP TABLE \"\(name.replacing("\"", with: "\"\""))\"") }
                try db.execute(
                    sql: """
                        CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), stamp BLOB NOT NULL, fields TEXT NOT NULL);
                        CREATE TABLE segment (
                            id INTEGER PRIMARY KEY,
                            count INTEGER NOT NULL,
                            gone INTEGER NOT NULL,
                            records BLOB NOT NULL,
                            changes BLOB NOT NULL,
                            lengths BLOB NOT NULL,
                            dead BLOB NOT NULL
                        );
                        CREATE TABLE chunk (
                            id INTEGER PRIMARY KEY,
                            segment INTEGER NOT NULL,
                            first INTEGER NOT NULL,
                            body BLOB NOT NULL
                        );
                        CREATE UNIQUE INDEX chunk_by_first ON chunk (segment, first);
                        CREATE TABLE place (record INTEGER PRIMARY KEY, segment INTEGER NOT NULL, slot INTEGER NOT NULL);
                        CREATE INDEX place_by_segment ON place (segment);
                        PRAGMA application_id = \(Self.applicationID);
                        PRAGMA user_version = \(Self.version);
                        """)
                try db.run("INSERT INTO meta (id, stamp, fields) VALUES (1, x'', ?)", .text(fields.fingerprint))
                return .commit
            }
        }
    }

    func writing(_ body: (IndexWriter) throws -> Void) throws {
        try queue.inDatabase { db in
            try db.inTransaction(.immediate) {
                try body(IndexWriter(db: db))
                return .commit
            }
        }
    }
}

/// One segment but for its lists.
struct StoredSegment {
    var id: Int64
    var records: [Int64]
    var changes: [Int64]
    var lengths: [UInt16]
    var isDead: [Bool]
}

struct IndexReader {
    let db: Database
    /// Shared with the replica that the index was made from.
    let stamp: [UInt8]

    struct Size {
        var id: Int64
        var count: Int
        /// How many of them are marked.
        var gone: Int
        var live: Int { count - gone }
    }

    func sizes() throws -> [Size] {
        try db.all("SELECT id, count, gone FROM segment ORDER BY id") {
            Size(id: $0.integer(0), count: Int($0.integer(1)), gone: Int($0.integer(2)))
        }
    }

    func segment(_ id: Int64) throws -> StoredSegment? {
        try db.first("SELECT records, changes, lengths, dead FROM segment WHERE id = ?", .integer(id)) { row in
            let records = row.blob(0).littleEndian(as: Int64.self)
            let (changes, lengths) = (row.blob(1).littleEndian(as: Int64.self), row.blob(2).littleEndian(as: UInt16.self))
            let dead = row.blob(3)
            guard records.count <= SegmentBuilder.slotsMax, changes.count == records.count, lengths.count == records.count,
                dead.count == (records.count + 7) / 8
            else { throw SearchFile.Unusable() }
            return StoredSegment(
                id: id, records: records, changes: changes, lengths: lengths,
                isDead: records.indices.map { dead[$0 / 8] & 1 << ($0 % 8) != 0 })
        }
    }

    func place(of record: Int64) throws -> (segment: Int64, slot: Int)? {
        try db.first("SELECT segment, slot FROM place WHERE record = ?", .integer(record)) {
            ($0.integer(0), Int($0.integer(1)))
        }
    }

    /// Adds up how often the terms of a range occur, by slot; never beyond the maximum.
    func counts(of range: ClosedRange<Term>, in segment: StoredSegment) throws -> [UInt8] {
        var counts = [UInt8](repeating: 0, count: segment.records.count)
        try db.each(
            """
            SELECT body FROM chunk WHERE segment = ?1 AND first <= ?3 AND first >= coalesce(
                (SELECT first FROM chunk WHERE segment = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1), ?2) ORDER BY first
            """, .integer(segment.id), .integer(Int64(range.lowerBound)), .integer(Int64(range.upperBound))
        ) { row in
            row.withBytes(0) { bytes in
                counts.withUnsafeMutableBufferPointer { counts in
                    Chunk.forEachPosting(in: bytes, range) { slot, count in
                        guard slot < counts.count else { return }
                        counts[slot] = min(UInt8(Posting.countMax), counts[slot] + count)
                    }
                }
            }
        }
        return counts
    }
}

struct IndexWriter {
    let db: Database

    func setStamp(_ stamp: [UInt8]) throws { try db.run("UPDATE meta SET stamp = ?", .blob(stamp)) }

    /// Marks a record as gone from where it stands.
    func remove(_ record: Int64) throws {
        guard let place = try IndexReader(db: db, stamp: []).place(of: record) else { return }
        try db.run("DELETE FROM place WHERE record = ?", .integer(record))
        guard var dead = try db.first("SELECT dead FROM segment WHERE id = ?", .integer(place.segment), map: { $0.blob(0) }),
            place.slot / 8 < dead.count
        else { return }
        dead[place.slot / 8] |= 1 << (place.slot % 8)
        try db.run("UPDATE segment SET dead = ?, gone = gone + 1 WHERE id = ?", .blob(dead), .integer(place.segment))
    }

    func removeSegment(_ id: Int64) throws {
        try db.run("DELETE FROM chunk WHERE segment = ?", .integer(id))
        try db.run("DELETE FROM place WHERE segment = ?", .integer(id))
        try db.run("DELETE FROM segment WHERE id = ?", .integer(id))
    }

    func add(_ segment: consuming SegmentBuilder) throws {
        let records = segment.records
        guard !records.isEmpty else { return }
        try db.run(
            "INSERT INTO segment (count, gone, records, changes, lengths, dead) VALUES (?, 0, ?, ?, ?, ?)",
            .integer(Int64(records.count)), .blob([UInt8](littleEndian: records)), .blob([UInt8](littleEndian: segment.changes)),
            .blob([UInt8](littleEndian: segment.lengths)), .blob([UInt8](repeating: 0, count: (records.count + 7) / 8)))
        let id = db.lastInsertedRowID
        for (slot, record) in records.enumerated() {
            try db.run(
                "INSERT OR REPLACE INTO place (record, segment, slot) VALUES (?, ?, ?)", .integer(record), .integer(id),
                .integer(Int64(slot)))
        }
        try segment.forEachChunk { first, bytes in
            try db.run(
                "INSERT INTO chunk (segment, first, body) VALUES (?, ?, ?)", .integer(id), .integer(Int64(first)), .blob(bytes))
        }
    }
}
