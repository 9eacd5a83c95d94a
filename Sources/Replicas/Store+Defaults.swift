// What a store written before these requirements does for them: right, though not quickly; or says that it cannot.

public import Causality
public import Records

extension StoreReader {
    /// Reads every state of the type.
    public func forEachFacts(of type: TypeKey, in scope: ScopeID?, _ body: (ScopeID, RecordFacts) throws -> Void) throws {
        let page = 4_000
        var offset = 0
        while true {
            let found = try list(scope: scope, type: type, deleted: false, limit: page, offset: offset)
            for one in found { try body(one.scope, RecordFacts(one.state)) }
            if found.count < page { return }
            offset += page
        }
    }

    /// Reads every state there is.
    public func states(referringTo targets: Set<RecordID>) throws -> [(scope: ScopeID, state: RecordState)] {
        let page = 4_000
        return try scopes().flatMap { scope in
            var found: [(scope: ScopeID, state: RecordState)] = []
            var last: RecordID?
            while true {
                let states = try self.states(in: scope, after: last, limit: page)
                found += states.filter { !targets.isDisjoint(with: $0.links) }.map { (scope, $0) }
                if states.count < page { return found }
                last = states.last?.record
            }
        }
    }
}

extension StoreWriter {
    /// Says that this store cannot: nothing is removed.
    ///
    /// - Throws: ``ReplicaError`` with `storeReadOnly`.
    public func purge(_ scope: ScopeID) throws {
        throw ReplicaError(
            .storeReadOnly, "\(scope)", message: "This store cannot remove a scope for good.",
            next: "Nothing was removed. Its maker has to add `purge`.")
    }
}
