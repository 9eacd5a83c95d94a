// What the index has for a query: candidates. Nothing it says is shown before the record itself was looked at.

import GRDB
import Causality
import Records

struct IndexSearch {
    /// The candidates of one segment: which slots, and how often each wanted word occurs there at most.
    private struct Part {
        var segment: StoredSegment
        var slots: [Int]
        var counts: [[UInt8]]
    }

    private var parts: [Part] = []
    /// Over all records that stand in the index.
    private(set) var records = 0
    private(set) var frequencies: [Int]
    private(set) var totalLength = 0

    /// - Parameter passedOver: records that do not stand in the index as they are.
    init(_ query: SearchQuery, in index: IndexReader, passingOver passedOver: Set<Int64>) throws {
        frequencies = [Int](repeating: 0, count: query.wanted.count)
        do {
            for size in try index.sizes() where size.live > 0 {
                if let segment = try index.segment(size.id) { try add(segment, query, index, passedOver) }
            }
        } catch is DatabaseError {
            // This is not the replica's damage, and must not be told as such.
            throw SearchFile.Unusable()
        }
    }

    private mutating func add(
        _ segment: StoredSegment, _ query: SearchQuery, _ index: IndexReader, _ passedOver: Set<Int64>
    ) throws {
        let slots = segment.records.count
        var isIn = [Bool](repeating: true, count: slots)
        for slot in 0..<slots {
            if segment.isDead[slot] || !passedOver.isEmpty && passedOver.contains(segment.records[slot]) {
                isIn[slot] = false
            } else {
                records += 1
                totalLength += Int(segment.lengths[slot])
            }
        }
        let live = isIn

        var counts: [[UInt8]] = []
        for (i, word) in query.wanted.enumerated() {
            let most = try atMost(Terms.lookUp(word), index, segment)
            for slot in 0..<slots where live[slot] && most[slot] > 0 { frequencies[i] += 1 }
            for slot in 0..<slots where most[slot] == 0 { isIn[slot] = false }
            counts.append(most)
        }
        for any in query.filterTerms {
            var has = [Bool](repeating: false, count: slots)
            for term in any {
                let counts = try index.counts(of: term...term, in: segment)
                for slot in 0..<slots where counts[slot] > 0 { has[slot] = true }
            }
            for slot in 0..<slots where !has[slot] { isIn[slot] = false }
        }
        for word in query.excluded {
            let look = Terms.lookUp(word)
            guard look.isExact else { continue }
            let counts = try atMost(look, index, segment)
            for slot in 0..<slots where counts[slot] > 0 { isIn[slot] = false }
        }
        for slot in 0..<slots where isIn[slot] && !query.isWithinTime(segment.changes[slot]) { isIn[slot] = false }
        let left = isIn.indices.filter { isIn[$0] }
        if !left.isEmpty { parts.append(Part(segment: segment, slots: left, counts: counts)) }
    }

    private func atMost(_ look: Terms.LookUp, _ index: IndexReader, _ segment: StoredSegment) throws -> [UInt8] {
        var most: [UInt8]?
        for range in look.ranges {
            let counts = try index.counts(of: range, in: segment)
            most = most.map { most in most.indices.map { min(most[$0], counts[$0]) } } ?? counts
        }
        // A word that no term tells anything of may be anywhere.
        return most ?? [UInt8](repeating: UInt8(Posting.countMax), count: segment.records.count)
    }

    /// Every candidate with the best place it can have.
    func forEachCandidate(_ ranking: Ranking, _ body: (Rank) -> Void) {
        for part in parts {
            for slot in part.slots {
                body(
                    Rank(
                        score: ranking.score(length: Int(part.segment.lengths[slot])) { Int(part.counts[$0][slot]) },
                        changed: part.segment.changes[slot], record: part.segment.records[slot]))
            }
        }
    }
}

extension SearchQuery {
    /// What a record must have at least one of, for each filter.
    fileprivate var filterTerms: [[Term]] {
        var all: [[Term]] = []
        if let types { all.append(types.map(Terms.of)) }
        if let scopes { all.append(scopes.map(Terms.of)) }
        if let people {
            all.append(people.authors.map { Terms.of(writer: $0) } + people.records.map { Terms.of(reference: $0) })
        }
        return all
    }

    func isWithinTime(_ changed: Int64) -> Bool {
        if let since, changed < since.rawValue { return false }
        if let until, changed >= until.rawValue { return false }
        return true
    }
}
