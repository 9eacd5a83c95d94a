// Which of the records that answer a query come first: BM25 over the words of the query, then the newest change.
//
// The index knows only how often a word can occur at most: 张三丰 as often as 张三 and 三丰 both do. So its candidates are taken by
// their best possible score, each is looked at in the record itself, and it is enough when none left could come before what was found.

import Foundation
import Records

/// A record that answers a query, or may.
struct Match {
    /// Its key in the replica's file: also its order of arrival.
    var record: Int64
    var changed: Int64
    var counts: [Int]
    var length: Int
}

/// What a match is ordered by, best first.
struct Rank: Comparable {
    var score: Double
    var changed: Int64
    var record: Int64

    static func < (a: Rank, b: Rank) -> Bool {
        if a.score != b.score { return a.score > b.score }
        if a.changed != b.changed { return a.changed > b.changed }
        return a.record > b.record
    }
}

struct Ranking {
    /// How fast another occurrence counts less, and how much a long record is held against it.
    private static let (saturation, lengthShare) = (1.2, 0.6)

    private var weights: [Double]
    private var averageLength: Double

    /// - Parameter frequencies: how many of the records have each word.
    init(records: Int, frequencies: [Int], totalLength: Int) {
        weights = frequencies.map { log(1 + (Double(max(records, $0) - $0) + 0.5) / (Double($0) + 0.5)) }
        averageLength = max(1, Double(totalLength) / Double(max(1, records)))
    }

    func score(length: Int, _ count: (Int) -> Int) -> Double {
        let norm = Self.saturation * (1 - Self.lengthShare + Self.lengthShare * Double(length) / averageLength)
        var score = 0.0
        for (i, weight) in weights.enumerated() {
            let count = Double(count(i))
            score += weight * count * (Self.saturation + 1) / (count + norm)
        }
        return score
    }

    func rank(_ match: Match) -> Rank {
        Rank(score: score(length: match.length) { match.counts[$0] }, changed: match.changed, record: match.record)
    }
}

/// The best of what it is shown, in order, however much that is.
struct Best {
    private var ranks: [Rank] = []
    private var worst: Rank?
    private let count: Int
    /// Whether anything was left out.
    private(set) var isCut = false

    init(_ count: Int) { self.count = count }

    mutating func add(_ rank: Rank) {
        if let worst, worst < rank {
            isCut = true
            return
        }
        ranks.append(rank)
        if ranks.count >= max(64, 2 * count) { cut() }
    }

    private mutating func cut() {
        ranks.sort()
        guard ranks.count > count else { return }
        isCut = true
        ranks.removeLast(ranks.count - count)
        worst = ranks.last
    }

    /// All that are left, best first.
    mutating func sorted() -> [Rank] {
        cut()
        return ranks
    }
}
