// Records that are one thing: joined by pairs, read as one, rewritten never (protocol/9-review.md, "Looks like one thing").

public import Causality
import Journals
import Wire
public import Records

/// The sets of records that people said are one thing.
public struct JoinedRecords: Hashable, Sendable {
    private var sets: [RecordID: [RecordID]] = [:]

    /// Nothing is joined.
    public init() {}

    /// The sets that these pairs make.
    public init(_ pairs: some Sequence<(RecordID, RecordID)>) {
        for (a, b) in pairs where a != b {
            let (one, other) = (members(with: a), members(with: b))
            guard !one.contains(b) else { continue }
            let joined = (one + other).sorted()
            for member in joined { sets[member] = joined }
        }
    }

    /// Whether nothing is joined.
    public var isEmpty: Bool { sets.isEmpty }
    /// All records that a record is one thing with, itself among them, ascending.
    public func members(with record: RecordID) -> [RecordID] { sets[record] ?? [record] }
    /// The record whose id names what this one is: the smallest of its set.
    public func first(of record: RecordID) -> RecordID { sets[record]?.first ?? record }
    /// For every record that is one thing with an earlier one, that one.
    public var firsts: [RecordID: RecordID] { sets.compactMapValues(\.first).filter { $0.key != $0.value } }
    /// Every set of more than one, ascending by its first.
    public var all: [[RecordID]] { sets.filter { $0.key == $0.value.first }.map(\.value).sorted { $0[0] < $1[0] } }
}

extension Replica {
    /// Which records are one thing, in one scope or in all that are here: each pair is joined in the scope that holds its verdict.
    ///
    /// - Complexity: O(verdicts).
    public func joinedRecords(in scope: ScopeID? = nil) throws -> JoinedRecords {
        try store.reading { reader in
            var pairs: [(RecordID, RecordID)] = []
            let page = 1_000
            for scope in try scope.map({ [$0] }) ?? reader.scopes() {
                var offset = 0
                while true {
                    let verdicts = try reader.list(scope: scope, type: Verdict.type, deleted: false, limit: page, offset: offset)
                    for (_, state) in verdicts where Verdict(of: state, by: rules) == .same {
                        guard let pair = Verdict.pair(of: state, by: rules),
                            state.record == .sameAs(pair.first, pair.second, in: scope)
                        else { continue }
                        pairs.append(pair)
                    }
                    if verdicts.count < page { break }
                    offset += page
                }
            }
            return JoinedRecords(pairs)
        }
    }
}
