// Where work that blocks on the disk is done, off the threads that serve the network.

import Dispatch
import Synchronization

/// A few serial queues, used by turns. Serial, because the threads of a concurrent queue are on Linux those of the cooperative pool.
final class Lanes: Sendable {
    private let queues: [DispatchQueue]
    private let turn = Atomic(0)

    init(_ label: String, count: Int = 8) { queues = (0..<count).map { DispatchQueue(label: "\(label).\($0)") } }

    func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        let queue = queues[turn.wrappingAdd(1, ordering: .relaxed).oldValue % queues.count]
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
