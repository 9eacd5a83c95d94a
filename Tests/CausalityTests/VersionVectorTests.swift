import Causality
import Support
import Testing

// Ids on both sides of where a signed number would turn over.
private let journals = ([1, 0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff] as [UInt64]).map { JournalID(rawValue: $0) }

/// Every vector of three journals with positions 0, 1 and 2.
private let small = (0..<27).map { (n: UInt64) -> VersionVector in
    let positions = [n % 3, n / 3 % 3, n / 9]
    return VersionVector(
        zip(journals, positions).map { VersionVector.Component(journal: $0, position: Position(rawValue: $1)) })
}

struct VersionVectorTests {
    @Test(arguments: Example.all(in: "version-vectors"))
    func `vectors compare, join and have dots as the protocol says`(_ example: Example) {
        let expect = example["expect"]
        if example["vector"].isNull {
            let (a, b) = (example["a"].vector, example["b"].vector)
            #expect(a.relation(to: b).rawValue == expect["compare"].text)
            #expect(b.relation(to: a).rawValue == expect["reverse"].text)
            #expect(a.joined(with: b) == expect["join"].vector)
            #expect(b.joined(with: a) == expect["join"].vector)
        } else {
            #expect(example["vector"].vector.has(example["dot"].dot) == expect["has"].flag)
        }
    }

    @Test func `the relation is that of the components, a missing one being nothing`() {
        for a in small {
            for b in small {
                let less = journals.contains { a[$0] < b[$0] }
                let more = journals.contains { a[$0] > b[$0] }
                let relation: VersionVector.Relation =
                    switch (less, more) {
                    case (false, false): .equal
                    case (true, false): .before
                    case (false, true): .after
                    case (true, true): .concurrent
                    }
                #expect(a.relation(to: b) == relation)
                #expect(a.covers(b) == !less)
                #expect((a == b) == (relation == .equal))
            }
        }
    }

    @Test func `a join is the least vector that covers both, whatever the order`() {
        for a in small {
            #expect(a.joined(with: a) == a)
            for b in small {
                let join = a.joined(with: b)
                #expect(join == b.joined(with: a))
                #expect(journals.allSatisfy { join[$0] == max(a[$0], b[$0]) })
                let isAssociative = small.allSatisfy { join.joined(with: $0) == a.joined(with: b.joined(with: $0)) }
                #expect(isAssociative)
            }
        }
    }

    @Test func `seeing a dot raises its component and nothing else`() {
        for a in small {
            for journal in journals {
                for position: Position in [0, 1, 2, 3] {
                    let seen = a.seeing(Dot(journal, position))
                    #expect(journals.allSatisfy { seen[$0] == ($0 == journal ? max(a[$0], position) : a[$0]) })
                    #expect(position == 0 || seen.has(Dot(journal, position)))
                    #expect(VersionVector(ascending: seen.components) == seen)
                }
            }
        }
    }

    @Test func `components that are not ascending or not positive are refused`() {
        func components(_ parts: [(UInt64, Position)]) -> [VersionVector.Component] {
            parts.map { VersionVector.Component(journal: JournalID(rawValue: $0.0), position: $0.1) }
        }
        #expect(VersionVector(ascending: components([(1, 1), (2, 5), (.max, 1)]))?.count == 3)
        #expect(VersionVector(ascending: [])?.isEmpty == true)
        #expect(VersionVector(ascending: components([(2, 1), (1, 1)])) == nil)
        #expect(VersionVector(ascending: components([(1, 1), (1, 2)])) == nil)
        #expect(VersionVector(ascending: components([(1, 1), (2, 0)])) == nil)
    }
}

extension VersionVector {
    fileprivate func seeing(_ dot: Dot) -> VersionVector {
        var seen = self
        seen.see(dot)
        return seen
    }
}
