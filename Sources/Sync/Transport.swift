// What carries a sync to a service and back. The conversation is SyncClient's; a transport moves bytes and understands none of them.

import Journals
public import Replicas
import Wire

/// A way for the bytes of a sync to a service and back.
///
/// What a transport owes:
/// - bytes arrive as they were sent, in order, or it throws; it never retries half a stream by itself, a new sync does that;
/// - the service knows which device speaks, and answers only with scopes this device is granted: authentication is the transport's
///   business (HTTP signs each request with the device's key), the entries inside are signed anyway;
/// - it is private, if others can listen.
///
/// The conformance kit's `TransportConformance` finds out whether one of your own does the first of these.
public protocol Transport {
    /// Carries a request to the service and returns the body of its answer.
    ///
    /// - Parameters:
    ///   - path: which question this is, as `/v1/hello`. An answer to another one is refused by ``SyncClient``.
    ///   - body: at most 1 MiB; the answer is at most 8 MiB.
    /// - Throws: if no answer came, or something that is not the service's answer.
    func request(path: String, body: [UInt8]) throws -> [UInt8]

    /// Carries one exchange: sends ``ExchangeClient/opening`` and every ``ExchangeClient/nextChunk()``, says that this was all, and
    /// gives what comes back to ``ExchangeClient/received(_:)`` until the service's stream ends.
    ///
    /// It does not call ``ExchangeClient/finish()``; its caller does, also when this throws.
    func exchange(_ exchange: inout ExchangeClient) throws
}

/// The service's stream ended before the service said it was done.
public struct ExchangeCut: Error, Hashable, Sendable, CustomStringConvertible {
    /// New entries that had come whole and are kept.
    public var kept: Int

    public var description: String {
        "The exchange was cut. \(kept) new entries that had come whole are kept, nothing is lost. Sync again when the link is back."
    }
}

extension SyncClient {
    /// A sync that sends its frames uncompressed, for a transport that compresses or needs not to.
    public init(replica: Replica) { self.init(replica: replica, compression: NoCompression(), software: "dundian") }
}

extension Replica {
    /// Brings this replica and the service at the other end of a transport together. Blocks until that is done.
    ///
    /// - Throws: what the transport threw; ``ExchangeCut`` if the stream ended early; what did not verify. What came whole before
    ///   is kept, and the next sync goes on from there.
    public func sync(over transport: some Transport) throws -> SyncSummary {
        try noting(SyncFigures.init) { try converse(over: transport) }
    }

    private func converse(over transport: some Transport) throws -> SyncSummary {
        var machine = SyncClient(replica: self)
        var step = try machine.start()
        while true {
            switch step {
            case .request(let path, let body):
                step = try machine.answered(try transport.request(path: path, body: body))
            case .exchange(var exchange):
                do { try transport.exchange(&exchange) } catch {
                    try exchange.finish()
                    throw error
                }
                try exchange.finish()
                guard exchange.isComplete else { throw ExchangeCut(kept: exchange.report.stored) }
                step = try machine.exchanged(exchange)
            case .finished(let summary): return summary
            }
        }
    }
}

extension SyncFigures {
    package init(_ summary: SyncSummary, milliseconds: Double) {
        self.init(
            sent: summary.sent, received: summary.received, requests: summary.requests, bytesSent: summary.bytesSent,
            bytesReceived: summary.bytesReceived, milliseconds: milliseconds)
    }
}
