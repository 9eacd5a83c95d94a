// What is to be sent of one scope, message by message: to the service, at a table or by stick.

import Causality
import Journals
import Replicas
import Wire

struct ScopeTail: Sendable {
    let scope: ScopeID
    private(set) var tail: TailReader
    let compression: (any FrameCompression)?
    /// Bytes of frames so far, before compression.
    private(set) var carried = 0

    init(scope: ScopeID, tail: TailReader, compression: (any FrameCompression)?) {
        (self.scope, self.tail, self.compression) = (scope, tail, compression)
    }

    /// The next message; nil when all is said.
    ///
    /// - Parameter target: how large a frame should become.
    mutating func next(
        _ replica: Replica, target: Int = Limits.frameTargetBytes
    ) throws -> (message: ExchangeMessage, entries: Int)? {
        switch try replica.store.reading({ try tail.next(in: $0, target: target) }) {
        case .proof(let proof)?: return (.proof(proof), 0)
        case .tail(let bytes, let entries)?:
            carried += bytes.count
            return (.frame(UnverifiedFrame(scope: scope, tail: bytes, compression: compression)), entries)
        case nil: return nil
        }
    }
}
