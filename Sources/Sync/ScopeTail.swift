// What is to be sent of one scope at a table or by stick: whole messages, full-sized frames, nothing resumed.

import Causality
import Replicas
import Wire

struct ScopeTail: Sendable {
    let scope: ScopeID
    var tail: TailReader
    let compression: (any FrameCompression)?

    /// The next message; nil when all is said.
    mutating func next(_ replica: Replica) throws -> (message: ExchangeMessage, entries: Int)? {
        switch try replica.store.reading({ try tail.next(in: $0) }) {
        case .proof(let proof)?: (.proof(proof), 0)
        case .tail(let bytes, let entries)?:
            (.frame(UnverifiedFrame(scope: scope, tail: bytes, compression: compression)), entries)
        case nil: nil
        }
    }
}
