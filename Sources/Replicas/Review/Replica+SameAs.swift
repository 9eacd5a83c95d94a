// Records that are one thing: joined by pairs, read as one, rewritten never (protocol/9-review.md, "Looks like one thing").

public import Causality
public import Records

extension Replica {
    /// All records of a scope that a record is one thing with, itself among them, ascending: the first gives the set its name.
    ///
    /// - Complexity: O(verdicts in the scope).
    public func joined(with record: RecordID, in scope: ScopeID) throws -> [RecordID] {
        try store.reading { reader in
            var neighbours: [RecordID: [RecordID]] = [:]
            let page = 1_000
            var offset = 0
            while true {
                let verdicts = try reader.list(scope: scope, type: Verdict.type, deleted: false, limit: page, offset: offset)
                for (_, state) in verdicts where Verdict(of: state, by: rules) == .same {
                    guard let pair = Verdict.pair(of: state, by: rules) else { continue }
                    neighbours[pair.first, default: []].append(pair.second)
                    neighbours[pair.second, default: []].append(pair.first)
                }
                if verdicts.count < page { break }
                offset += page
            }
            var joined: Set<RecordID> = [record]
            var next = [record]
            while let one = next.popLast() {
                for other in neighbours[one] ?? [] where joined.insert(other).inserted { next.append(other) }
            }
            return joined.sorted()
        }
    }
}
