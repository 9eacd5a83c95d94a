// How the index follows behind the records. The replica's own file says, exactly and durably, what the index does not hold as it
// stands: a record stands in `_unindexed` from the transaction that changed it until after the index has been written.
//
//      1. replica   these are taken; the stamp to come is announced beside the one before
//      2. index     segments written, with the new stamp                   (one transaction)
//      3. replica   taken ones that did not change meanwhile are struck off the list
//
// After a crash anywhere between, the index bears one of the two stamps and what was taken is still listed: it is indexed again.
// An index with another stamp (of a copy, of a backup, restored apart from the replica) is made anew.

import GRDB
import Records
import Replicas

extension SQLiteStore {
    /// How many records are written to the index at once.
    private static let indexBatch = SegmentBuilder.slotsMax

    /// Writes into the search index what it does not hold yet, and takes out what was erased, deleted or purged.
    ///
    /// If another process is at it already, nothing is done. Savers are held up for moments only.
    /// - Parameter limit: after this many records it stops, however many are left.
    /// - Returns: how many records a search still has to read through.
    @discardableResult
    public func index(_ fields: SearchedFields = SearchedFields(), limit: Int = .max) throws -> Int {
        let lock = try WriteLock(path: indexPath + ".lock", patienceMilliseconds: 0)
        do {
            try lock.held {
                var file = try usableFile(fields)
                var done = 0
                while done < limit, try waiting() > 0 {
                    done += try indexBatch(file, fields)
                    file = try usableFile(fields)
                }
            }
        } catch let error as ReplicaError where error.code == .storeBusy {
            // Another process indexes, or a save has the replica for long: a search is right all the same.
        }
        return try waiting()
    }

    private func waiting() throws -> Int {
        try reading { db in try db.first("SELECT count(*) FROM _unindexed") { Int($0.integer(0)) } ?? 0 }
    }

    /// The index's file, made anew if it is not of use.
    private func usableFile(_ fields: SearchedFields) throws -> SearchFile {
        if let file = try? SearchFile(path: indexPath, vfs: vfs, making: false),
            let stamp = try? file.reading(fields, { $0.stamp }), try reading({ try IndexStamp($0).accepts(stamp) })
        {
            return file
        }
        // Nothing is indexed any more; only then may the file go.
        let stamp = try writing { db in
            try db.run("UPDATE _index SET stamp = randomblob(16), previous = NULL")
            try db.run("DELETE FROM _unindexed")
            try db.run("INSERT INTO _unindexed (record) SELECT id FROM _record")
            return try IndexStamp(db).current
        }
        SearchFile.remove(indexPath)
        return try writingIndex {
            let file = try SearchFile(path: indexPath, vfs: vfs, making: true)
            try file.reset(fields)
            try file.writing { try $0.setStamp(stamp) }
            return file
        }
    }

    /// One round. Returns how many records it did.
    private func indexBatch(_ file: SearchFile, _ fields: SearchedFields) throws -> Int {
        let held = try writingIndex { try file.reading(fields) { $0.stamp } }
        let (stamp, taken) = try writing { db -> ([UInt8], [Int64]) in
            try db.run("UPDATE _unindexed SET taken = 0 WHERE taken = 1")
            // What must leave the file goes first.
            try db.run(
                """
                UPDATE _unindexed SET taken = 1 WHERE record IN (
                    SELECT record FROM _unindexed ORDER BY erased DESC, record LIMIT ?)
                """, .integer(Int64(Self.indexBatch)))
            try db.run("UPDATE _index SET previous = ?, stamp = randomblob(16)", .blob(held))
            return (
                try IndexStamp(db).current,
                try db.all("SELECT record FROM _unindexed WHERE taken = 1 ORDER BY record") { $0.integer(0) }
            )
        }
        try reading { db in
            let erased = Set(try db.all("SELECT record FROM _unindexed WHERE erased = 1") { $0.integer(0) })
            try self.writingIndex {
                try file.writing { index in
                    try self.write(taken, erased: erased, into: index, fields, db)
                    try index.setStamp(stamp)
                }
            }
        }
        try writing { db in
            try db.run("DELETE FROM _unindexed WHERE taken = 1")
            try db.run("UPDATE _index SET previous = NULL")
        }
        return taken.count
    }

    private func write(
        _ taken: [Int64], erased: Set<Int64>, into index: IndexWriter, _ fields: SearchedFields, _ db: Database
    ) throws {
        let reader = IndexReader(db: index.db, stamp: [])
        // A segment in which an erased record stands, or stood before it was changed, is written anew: its lists tell what was erased.
        let leaving = erased.intersection(taken)
        var tainted: [Int64] = []
        if !leaving.isEmpty {
            for size in try reader.sizes() {
                if let segment = try reader.segment(size.id), segment.records.contains(where: leaving.contains) {
                    tainted.append(size.id)
                }
            }
        }
        for record in taken { try index.remove(record) }
        var records = taken
        func dissolve(_ segment: Int64) throws {
            records += try index.db.all("SELECT record FROM place WHERE segment = ?", .integer(segment)) { $0.integer(0) }
            try index.removeSegment(segment)
        }
        for segment in tainted { try dissolve(segment) }
        // Small segments are joined, so that there are never many: each time a record moves, its segment is twice as large.
        for size in try reader.sizes().sorted(by: { $0.live < $1.live }) {
            guard size.live == 0 || size.live <= records.count && records.count + size.live <= SegmentBuilder.slotsMax else {
                break
            }
            try dissolve(size.id)
        }
        var segment = SegmentBuilder()
        for record in Set(records).sorted() {
            if segment.isFull {
                try index.add(segment)
                segment = SegmentBuilder()
            }
            try db.each(
                "SELECT s.name, r.state FROM _record r JOIN _scope s ON s.id = r.scope WHERE r.id = ? AND r.deleted = 0",
                .integer(record)
            ) { row in segment.add(record, try RecordState(storedBytes: row.blob(1)), in: try row.scope(0), fields) }
        }
        try index.add(segment)
    }

    /// What goes wrong with the index is said of the index: it may be thrown away.
    private func writingIndex<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as DatabaseError {
            throw ReplicaError(
                .storeReadOnly, indexPath, message: "The search index cannot be written: \(error.message ?? "unknown").",
                next:
                    "Searching works without it, more slowly. It is made again by itself; \(indexPath) may be deleted at any time.")
        }
    }
}
