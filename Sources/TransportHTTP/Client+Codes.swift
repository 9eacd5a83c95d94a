// The codes of transport errors, for logs and counters.

import Replicas

extension TransportError: CodedError {
    package var codeName: String { problem.map { "\(code.rawValue)/\($0)" } ?? code.rawValue }
}
