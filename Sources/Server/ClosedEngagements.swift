// The end of an engagement: which scopes are over, because all their engagements are closed and nothing in them waits for anybody
// (protocol/14-archive.md).

import Causality
package import Journals
import Records
package import Replicas
package import Supervision

package struct ClosedEngagements {
    private let replica: Replica
    private let catalogue: Catalogue

    package init(replica: Replica, catalogue: Catalogue) { (self.replica, self.catalogue) = (replica, catalogue) }

    /// The scopes that may be archived now, restricted ones with those they belong to.
    /// - Parameter days: how long an engagement has been closed.
    package func scopes(of roster: Roster, closedFor days: Int) throws -> [Roster.Scope] {
        let limit = replica.clock.now().rawValue - Int64(days) * 86_400_000
        return try replica.store.reading { reader in
            var over: Set<ScopeID> = []
            for scope in roster.scopes where scope.kind == .ordinary && scope.archive == nil {
                if try isOver(scope.id, since: limit, reader) { over.insert(scope.id) }
            }
            let archived = over.union(roster.scopes.filter { $0.kind == .ordinary && $0.archive != nil }.map(\.id))
            for scope in roster.scopes where scope.kind == .restricted && scope.archive == nil {
                if try belongs(scope.id, to: archived, reader) { over.insert(scope.id) }
            }
            return roster.scopes.filter { over.contains($0.id) }
        }
    }

    private func isOver(_ scope: ScopeID, since limit: Int64, _ reader: any StoreReader) throws -> Bool {
        try isClosed(scope, since: limit, reader) && reader.items(in: scope, limit: 1, offset: 0).isEmpty
            && openWork(in: scope, reader) == 0
    }

    /// Whether a scope has engagements, and all of them have been closed since then.
    private func isClosed(_ scope: ScopeID, since limit: Int64, _ reader: any StoreReader) throws -> Bool {
        let engagements = try reader.list(scope: scope, type: "engagement", deleted: false, limit: 1_000, offset: 0).map(\.state)
        return !engagements.isEmpty
            && engagements.allSatisfy { state in
                guard case .settled(let status, _, _)? = state.outcome(of: "status", by: catalogue) else { return false }
                return status.value.text == "closed" && status.time.rawValue <= limit
            }
    }

    /// How many cards wait for an answer and how many ledgers are not done: they are written on, so their scope stays on the laptops.
    private func openWork(in scope: ScopeID, _ reader: any StoreReader) throws -> Int {
        func count(_ type: TypeKey, _ isOpen: (RecordState) -> Bool) throws -> Int {
            try reader.list(scope: scope, type: type, deleted: false, limit: .max, offset: 0).count { isOpen($0.state) }
        }
        func text(_ state: RecordState, _ field: FieldKey) -> String? {
            state.outcome(of: field, by: catalogue)?.candidate?.value.text
        }
        let letters = try count("letter") { state in
            switch text(state, "status") {
            case "ready", "issued": true
            case "replied": text(state, "verdict") == "returned"
            default: false
            }
        }
        let ledgers = try count("rectification") { state in
            switch text(state, "state") {
            case "open", "under_way", "done": true
            case "perfunctory": text(state, "accountability") == nil
            default: false
            }
        }
        return letters + ledgers
    }

    /// Of scopes whose engagements have been closed for so many days and that nevertheless stay: how many cards and ledgers in them are open.
    package func kept(of roster: Roster, closedFor days: Int) throws -> [(scope: Roster.Scope, open: Int)] {
        let limit = replica.clock.now().rawValue - Int64(days) * 86_400_000
        return try replica.store.reading { reader in
            try roster.scopes.filter { $0.kind == .ordinary && $0.archive == nil }.compactMap { scope in
                let open = try isClosed(scope.id, since: limit, reader) ? openWork(in: scope.id, reader) : 0
                return open > 0 ? (scope, open) : nil
            }
        }
    }

    /// Whether all that a restricted scope holds refers to records of these scopes, and there is something.
    private func belongs(_ scope: ScopeID, to archived: Set<ScopeID>, _ reader: any StoreReader) throws -> Bool {
        guard try reader.items(in: scope, limit: 1, offset: 0).isEmpty else { return false }
        var last: RecordID?
        var isLinked = false
        while true {
            let page = try reader.states(in: scope, after: last, limit: 1_000)
            for state in page where !state.isDeleted {
                for key in ["engagement", "talk"] as [FieldKey] {
                    guard case .reference(let id)? = state.outcome(of: key, by: catalogue)?.candidate?.value.value else { continue }
                    guard let home = try reader.scope(of: id), archived.contains(home) else { return false }
                    isLinked = true
                }
            }
            guard page.count == 1_000 else { return isLinked }
            last = page.last?.record
        }
    }
}
