// Live queries: the result of a query now, and again each time it has become another one.
//
// Nothing is pushed. The store says only that something changed; who observes asks again when they are ready for the next result. So a
// burst of saves, or a slow screen, costs one query, and what is shown last is always what is there.

public import Causality
public import Records

/// A store that tells when it was changed, so that ``Replica/observe(_:)`` also sees what other replicas over it, and other processes, do.
///
/// A store without this can be observed too: then only what its own `Replica` object does is seen, and queries run on the cooperative pool.
public protocol WatchedStore: Store {
    /// Yields after each write transaction that changed the store, whoever made it, and never before its writes can be read.
    ///
    /// What has not been taken yet is one element, however much was changed; elements without a change are allowed. The stream may be
    /// asked for on any thread and must not block it.
    func changes() -> AsyncStream<Void>

    /// Runs a query, which may read in several calls, where it may block: not on the cooperative pool.
    ///
    /// If the store can, it lets all the query's calls see one unchanging state.
    func observing<T: Sendable>(_ query: @escaping @Sendable () throws -> T) async throws -> T
}

/// What a query gives now, and again each time that has changed.
///
/// The first result comes at once. Equal results in a row come once, several changes in a row may come as one, and the last is never missed.
/// It ends when its task is cancelled, and with the error if the query throws one; to go on, iterate anew. Each iteration asks on its own.
public struct Observation<Element: Equatable & Sendable>: AsyncSequence, Sendable {
    let replica: Replica
    let query: @Sendable (Replica) throws -> Element

    /// Begins to listen.
    public func makeAsyncIterator() -> AsyncIterator {
        // Before the first look, so that no change falls between.
        let changes = (replica.store as? any WatchedStore)?.changes() ?? replica.changes()
        return AsyncIterator(replica: replica, query: query, changes: changes.makeAsyncIterator())
    }

    /// One iteration. It listens until it is let go.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let replica: Replica
        let query: @Sendable (Replica) throws -> Element
        var changes: AsyncStream<Void>.Iterator
        private var last: Element?
        private var isOver = false

        init(
            replica: Replica, query: @escaping @Sendable (Replica) throws -> Element, changes: AsyncStream<Void>.Iterator
        ) {
            (self.replica, self.query, self.changes) = (replica, query, changes)
        }

        /// The next result that differs from the one before; nil if the task was cancelled.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws -> Element? {
            guard !isOver else { return nil }
            // Until there is a result to hand out, this is the end: an error or a cancelled task leaves it so.
            isOver = true
            while true {
                if last != nil, await changes.next(isolation: actor) == nil { return nil }
                if Task.isCancelled { return nil }
                let result = try await ask()
                if Task.isCancelled { return nil }
                guard result != last else { continue }
                (last, isOver) = (result, false)
                return result
            }
        }

        private func ask() async throws -> Element {
            let (replica, query) = (replica, query)
            guard let store = replica.store as? any WatchedStore else { return try query(replica) }
            return try await store.observing { try query(replica) }
        }
    }
}

extension Replica {
    /// Yields after each save and each sync through this object that may have changed a record. Several changes in a row may yield once.
    ///
    /// To be told of results instead, and of what other processes change, use ``observe(_:)``.
    public func changes() -> AsyncStream<Void> { observers.stream() }

    /// What a query gives now, and again each time that has changed.
    ///
    /// ```swift
    /// for try await count in replica.observe({ try $0.reviewItemCount() }) { show(count) }
    /// ```
    ///
    /// On a ``WatchedStore``, as the SQLite store is one, changes by other processes are seen too, and the query runs off the cooperative
    /// pool; in SQLite all its calls see one state. The query only reads, and its result should hold no more than is shown: it is kept to be compared.
    public func observe<T: Equatable & Sendable>(_ query: @escaping @Sendable (Replica) throws -> T) -> Observation<T> {
        Observation(replica: self, query: query)
    }

    /// The records that ``records(type:in:deleted:limit:offset:)`` gives, and again each time one of them, or which they are, has changed.
    public func observeRecords(
        type: TypeKey? = nil, in scope: ScopeID? = nil, deleted: Bool? = nil, limit: Int = 100, offset: Int = 0
    ) -> Observation<[Record]> {
        observe { try $0.records(type: type, in: scope, deleted: deleted, limit: limit, offset: offset) }
    }

    /// One record, and again each time it has changed; nil as long as it is not here.
    public func observeRecord(_ id: RecordID) -> Observation<Record?> { observe { try $0.record(id) } }

    /// What waits for a person, the oldest first, and again each time that has changed.
    public func observeReviewItems(in scope: ScopeID? = nil, limit: Int = 100) -> Observation<[QueuedItem]> {
        observe { try $0.reviewItems(in: scope, limit: limit) }
    }
}
