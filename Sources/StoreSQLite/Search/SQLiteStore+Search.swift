// Searching: candidates from the index, every one looked at in the record as it stands; what the index does not hold as it stands
// (`_unindexed`) is scanned. So the answer is right however far the index is behind, and whether or not there is one.

import Causality
import GRDB
import Records
import Replicas

extension SQLiteStore {
    /// The best answers to a query, in order.
    ///
    /// Deleted records are not found. Nothing is written: how far the index follows is for ``index(_:limit:)``.
    /// - Parameter fields: which fields are searched; the index is used if it was made for the same.
    /// - Complexity: by the index a few milliseconds for 100,000 records; what is not indexed yet is read through.
    public func search(_ query: SearchQuery, fields: SearchedFields = SearchedFields()) throws -> [SearchHit] {
        guard query.limit > 0 else { return [] }
        // Between the two snapshots another process may have moved the index on: then they do not belong together, and are taken anew.
        for _ in 0..<3 {
            switch indexed(query, fields) {
            case .success(let hits?): return hits
            case .success(nil): continue
            case .failure(is SearchFile.Unusable), .failure(is DatabaseError):
                return try reading { db in try Search(query, fields, db).hits(from: nil) }
            case .failure(let error): throw error
            }
        }
        return try reading { db in try Search(query, fields, db).hits(from: nil) }
    }

    /// Nil if the snapshots of the index and of the records do not belong together.
    private func indexed(_ query: SearchQuery, _ fields: SearchedFields) -> Result<[SearchHit]?, any Error> {
        Result {
            let file = try SearchFile(path: indexPath, vfs: vfs, making: false)
            return try file.reading(fields) { index in
                try reading { db in
                    guard try IndexStamp(db).accepts(index.stamp) else { return nil }
                    let search = Search(query, fields, db)
                    let candidates = try IndexSearch(query, in: index, passingOver: search.unindexed())
                    return try search.hits(from: candidates)
                }
            }
        }
    }
}

/// What says that an index belongs to the records: written into both files, into the replica first.
struct IndexStamp {
    var current: [UInt8]
    /// The one before, while the index is being written.
    var previous: [UInt8]?

    init(_ db: Database) throws {
        (current, previous) =
            try db.first("SELECT stamp, previous FROM _index", map: { ($0.blob(0), $0.optionalBlob(1)) }) ?? ([], nil)
    }

    func accepts(_ stamp: [UInt8]) -> Bool { !stamp.isEmpty && (stamp == current || stamp == previous) }
}

/// One search on one snapshot of the records.
private struct Search {
    let query: SearchQuery
    let fields: SearchedFields
    let db: Database

    init(_ query: SearchQuery, _ fields: SearchedFields, _ db: Database) {
        (self.query, self.fields, self.db) = (query, fields, db)
    }

    /// Records the index does not hold as they stand.
    func unindexed() throws -> Set<Int64> { Set(try db.all("SELECT record FROM _unindexed") { $0.integer(0) }) }

    /// - Parameter candidates: what the index has; nil: every record is looked at.
    func hits(from candidates: IndexSearch?) throws -> [SearchHit] {
        var scanned: [Match] = []
        var (records, totalLength) = (candidates?.records ?? 0, candidates?.totalLength ?? 0)
        try db.each(
            candidates == nil
                ? "SELECT r.id, s.name, r.state FROM _record r JOIN _scope s ON s.id = r.scope WHERE r.deleted = 0"
                : """
                SELECT r.id, s.name, r.state FROM _unindexed u CROSS JOIN _record r ON r.id = u.record
                JOIN _scope s ON s.id = r.scope WHERE r.deleted = 0
                """
        ) { row in
            records += 1
            guard let match = try self.match(row)?.match else { return }
            totalLength += match.length
            scanned.append(match)
        }
        var frequencies = candidates?.frequencies ?? [Int](repeating: 0, count: query.wanted.count)
        for i in frequencies.indices { frequencies[i] += scanned.count }
        if candidates == nil { records = max(1, scanned.count) }
        let ranking = Ranking(records: records, frequencies: frequencies, totalLength: totalLength)

        let needed = query.offset.addingReportingOverflow(query.limit).overflow ? Int.max : query.offset + query.limit
        var found = scanned.map(ranking.rank).sorted()
        if let candidates { try add(candidates, to: &found, needed, ranking) }
        return try found.prefix(needed).dropFirst(query.offset).compactMap { rank in
            try self.match(rank.record).map {
                SearchHit(scope: $0.scope, state: $0.state, score: rank.score, snippets: query.snippets(of: $0.state, fields))
            }
        }
    }

    /// Looks at candidates, the most promising first, until none can come before what was found.
    private func add(_ candidates: IndexSearch, to found: inout [Rank], _ needed: Int, _ ranking: Ranking) throws {
        var seen: Set<Int64> = []
        var count = max(64, min(needed, 1_000_000) * 2)
        while true {
            var best = Best(count)
            candidates.forEachCandidate(ranking) { best.add($0) }
            for candidate in best.sorted() where seen.insert(candidate.record).inserted {
                if found.count >= needed, found[needed - 1] < candidate { return }
                guard let match = try self.match(candidate.record)?.match else { continue }
                let rank = ranking.rank(match)
                // Found ones are in order; most candidates belong near the end.
                let place = found.lastIndex { $0 < rank }.map { $0 + 1 } ?? 0
                found.insert(rank, at: place)
            }
            guard best.isCut else { return }
            count *= 8
        }
    }

    private typealias Found = (match: Match, scope: ScopeID, state: RecordState)

    private func match(_ record: Int64) throws -> Found? {
        try db.first(
            "SELECT r.id, s.name, r.state FROM _record r JOIN _scope s ON s.id = r.scope WHERE r.id = ?", .integer(record)
        ) { try match($0) } ?? nil
    }

    private func match(_ row: RowReader) throws -> Found? {
        let (scope, state) = (try row.scope(1), try RecordState(storedBytes: row.blob(2)))
        guard let answer = query.answer(of: state, in: scope, fields) else { return nil }
        let match = Match(
            record: row.integer(0), changed: state.changed?.time.rawValue ?? 0, counts: answer.counts, length: answer.length)
        return (match, scope, state)
    }
}
