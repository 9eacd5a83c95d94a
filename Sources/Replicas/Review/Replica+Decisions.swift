// What was decided, by whom and over what. From this come receipts (whose value was not chosen), the day's digest and the figures.

public import Causality
import Journals
public import Records
import Wire

/// One decision, or what was done about one.
public struct Decided: Hashable, Sendable {
    /// What was done.
    public enum Act: Hashable, Sendable {
        /// A value was chosen, or written.
        case settled
        /// A decision was approved.
        case approved
        /// A decision was taken back, or sent back.
        case undone
        /// A record that was deleted and edited apart stays.
        case kept
        /// It goes.
        case deleted
        /// Two records are one thing, or are not; nil: it was taken back.
        case judged(Verdict?)

        /// Its stable name, as `settled`.
        public var name: String {
            switch self {
            case .settled: "settled"
            case .approved: "approved"
            case .undone: "undone"
            case .kept: "kept"
            case .deleted: "deleted"
            case .judged: "judged"
            }
        }
    }

    /// The entry it came in.
    public var dot: Dot
    /// Where that entry stands in the order of its scope here.
    public var arrival: Arrival
    /// The scope.
    public var scope: ScopeID
    /// The record it is about.
    public var record: RecordID
    /// The record's type.
    public var type: TypeKey
    /// The field; empty where it is about the record as a whole.
    public var field: FieldKey
    /// What was done.
    public var act: Act
    /// The item it answered.
    public var item: ReviewItem
    /// That item's id.
    public var id: ItemID
    /// Since when the item had waited.
    public var since: Timestamp
    /// Who decided, by the roster's id.
    public var author: String?
    /// What the roster calls the device it was done on.
    public var device: String?
    /// By the service's clock.
    public var time: Timestamp
    /// When it came here, by this device's clock; nil: before that was noted.
    public var received: Timestamp?
    /// Why; nil: nothing was said, or it was erased.
    public var reason: Reason?
    /// What was chosen, approved or taken back; nil where no value was.
    public var value: Content?
    /// What it was chosen over, with authors.
    public var over: [Candidate]
    /// And what those had come from.
    public var overBase: Content?
    /// Those whose edit or deletion it set aside, where the record as a whole was in dispute.
    public var against: [String]
}

/// Which decisions somebody asks for: told apart before the history of their records is folded, so that a few among many are found fast.
public struct DecisionFilter: Sendable {
    /// By the entry, its author and its writes alone.
    let admits: @Sendable (_ entry: Dot, _ author: String?, _ writes: [Write]) -> Bool
    /// And by what its author had seen of the record.
    let admitsOver: @Sendable (_ past: [PlacedEdit]) -> Bool

    /// Every decision.
    public static let all = DecisionFilter { _, _, _ in true }
    /// What this person decided, by the roster's id.
    public static func by(_ person: String) -> DecisionFilter { DecisionFilter { _, author, _ in author == person } }
    /// What others decided about records that this person had written to.
    public static func over(_ person: String) -> DecisionFilter {
        DecisionFilter { _, author, _ in
            author != person
        } over: { past in
            past.contains { $0.author == person }
        }
    }
    /// Those whose entry and field are what is looked for.
    public static func named(_ isNamed: @escaping @Sendable (Dot, FieldKey) -> Bool) -> DecisionFilter {
        DecisionFilter { entry, _, writes in writes.contains { isNamed(entry, $0.field) } }
    }

    private init(
        _ admits: @escaping @Sendable (Dot, String?, [Write]) -> Bool,
        over admitsOver: @escaping @Sendable ([PlacedEdit]) -> Bool = { _ in true }
    ) {
        (self.admits, self.admitsOver) = (admits, admitsOver)
    }
}

extension Replica {
    /// What was decided, the newest here first.
    ///
    /// - Parameters:
    ///   - since: only what came here at or after this time: also what somebody decided offline long before.
    ///   - filter: only those.
    ///   - limit: at most this many.
    public func decisions(
        in scope: ScopeID? = nil, since: Timestamp? = nil, _ filter: DecisionFilter = .all, limit: Int = 1_000
    ) throws -> [Decided] {
        try store.reading { reader in
            var all: [Decided] = []
            for scope in try scope.map({ [$0] }) ?? reader.scopes() {
                var past = DecisionReader(scope: scope, rules: rules, branches: try reader.branchMap(in: scope))
                var before: Arrival?
                var found: [Decided] = []
                // More than one change can have edits, so that none is cut in two for good.
                let size = 5_000
                var seen: Set<LookedAt> = []
                scan: while found.count < limit {
                    let page = try reader.decisions(in: scope, before: before, limit: size)
                    for one in page where seen.insert(LookedAt(entry: one.entry.arrival, record: one.record)).inserted {
                        for decided in try past.decided(one.entry, one.record, filter, reader)
                        where since.map({ (decided.received ?? decided.time) >= $0 }) ?? true {
                            found.append(decided)
                        }
                    }
                    // They stand in the order in which they came.
                    if let since, let last = page.last, let received = last.entry.received, received < since { break scan }
                    guard let last = page.last, page.count == size else { break }
                    before = last.entry.arrival + 1
                }
                all += found
            }
            return Array(all.sorted { $0.time != $1.time ? $0.time > $1.time : $1.dot < $0.dot }.prefix(limit))
        }
    }

    /// What was decided about one record, the oldest first.
    public func decisions(about record: RecordID) throws -> [Decided] {
        try store.reading { reader in
            guard let scope = try reader.scope(of: record) else { return [] }
            var past = DecisionReader(scope: scope, rules: rules, branches: try reader.branchMap(in: scope))
            return try reader.history(of: record, in: scope).flatMap { try past.decided($0, record, .all, reader) }
        }
    }
}
