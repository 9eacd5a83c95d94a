// Who wants to hear that something changed, and how they are told.

import Synchronization

/// Tells those who listen that something changed.
///
/// What a listener has not taken yet is one element, however often it was told: it will look once, and see all of it.
package final class Observers: Sendable {
    private struct Listeners {
        var continuations: [Int: AsyncStream<Void>.Continuation] = [:]
        var made = 0
    }

    private let listeners = Mutex(Listeners())
    private let becameIdle: @Sendable () -> Void

    /// - Parameter becameIdle: called when the last listener has gone.
    package init(becameIdle: @escaping @Sendable () -> Void = {}) { self.becameIdle = becameIdle }

    deinit { listeners.withLock { for continuation in $0.continuations.values { continuation.finish() } } }

    package var isIdle: Bool { listeners.withLock { $0.continuations.isEmpty } }

    package func notify() {
        let all = listeners.withLock { Array($0.continuations.values) }
        for continuation in all { continuation.yield() }
    }

    package func stream() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let id = listeners.withLock { listeners in
                listeners.made += 1
                listeners.continuations[listeners.made] = continuation
                return listeners.made
            }
            continuation.onTermination = { [weak self] _ in self?.remove(id) }
        }
    }

    private func remove(_ id: Int) {
        // Taken out under the lock, let go outside it: its end could call back.
        let (removed, isIdle) = listeners.withLock { listeners in
            (listeners.continuations.removeValue(forKey: id), listeners.continuations.isEmpty)
        }
        if removed != nil, isIdle { becameIdle() }
    }
}
