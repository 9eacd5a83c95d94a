// One connection to the service, kept from request to request, with a meter on it: how many bytes passed, how many may, and whether
// somebody wants it to stop.

import CCurl
public import Sync

/// How a sync treats its link.
public struct SyncOptions: Sendable {
    /// Bytes that may pass, both ways together; nil: as many as it takes.
    public var maxBytes: Int?
    /// How many attempts in a row may bring nothing before the sync gives up. 1: the first break is the end.
    public var attempts = 6
    /// A link that gives less than eight bytes a second for so long is dead.
    public var deadAfterSeconds = 45
    /// Told about once a second how far it is, on the thread that syncs.
    public var progress: (@Sendable (SyncProgress) -> Void)?
    /// Asked about once a second; true ends the sync. What came whole is kept.
    public var isCancelled: @Sendable () -> Bool = { false }
    /// Waits for so many milliseconds, or less if cancelled.
    public var pause: @Sendable (_ milliseconds: Int, _ isCancelled: @Sendable () -> Bool) -> Void = { milliseconds, isCancelled in
        var left = milliseconds
        while left > 0, !isCancelled() {
            let step = min(left, 100)
            dundian_sleep_milliseconds(Int(step))
            left -= step
        }
    }

    /// As a person at a terminal wants it.
    public init() {}
}

/// Why a transfer was ended from this side.
enum LinkStopped: Error {
    case cancelled
    case limit
}

final class Link {
    let curl: Curl
    var options = SyncOptions()
    /// Bytes of earlier requests.
    private var sentBefore = 0
    private var receivedBefore = 0
    /// Bytes of the request under way.
    private var sentNow = 0
    private var receivedNow = 0
    /// Told when bytes have passed.
    var onTick: (() throws -> Void)?

    init() throws(CurlFailure) { curl = try Curl() }

    var bytesSent: Int { sentBefore + sentNow }
    var bytesReceived: Int { receivedBefore + receivedNow }
    var bytes: Int { bytesSent + bytesReceived }

    /// Begins counting anew.
    func reset() { (sentBefore, receivedBefore, sentNow, receivedNow) = (0, 0, 0, 0) }

    /// On a metered link bytes pass in small pieces, so that no more than one goes over the limit.
    private static let meteredPieceBytes = 2_048

    /// The same bytes, none of them handed out beyond the limit: what libcurl has taken will pass.
    private func metered(_ source: @escaping Curl.Source) -> Curl.Source {
        guard let max = options.maxBytes else { return source }
        var pending: ArraySlice<UInt8> = []
        var given = 0
        return { [self] in
            if pending.isEmpty { pending = try source()?[...] ?? [] }
            let left = max - sentBefore - receivedBefore - receivedNow - given
            guard pending.isEmpty || left > 0 else { throw LinkStopped.limit }
            let piece = pending.prefix(min(left, Self.meteredPieceBytes))
            pending = pending.dropFirst(piece.count)
            given += piece.count
            return piece.isEmpty ? nil : Array(piece)
        }
    }

    /// POSTs over this link. Throws ``LinkStopped`` where it was stopped from this side.
    ///
    /// - Parameter patience: seconds without any bytes that are no sign of a dead link; nil: as the options say.
    func post(
        _ url: String, headers: [(String, String)], body: [UInt8] = [], source: Curl.Source? = nil, patience: Int? = nil,
        sink: @escaping (Curl.Answer, [UInt8]) throws -> Void
    ) throws -> Curl.Answer {
        guard !options.isCancelled() else { throw LinkStopped.cancelled }
        defer {
            let (sent, received) = curl.headerBytes
            sentBefore += sentNow + sent
            receivedBefore += receivedNow + received
            (sentNow, receivedNow) = (0, 0)
        }
        return try curl.post(
            url, headers: headers, body: body, source: source.map(metered), deadAfterSeconds: patience ?? options.deadAfterSeconds,
            pieceBytes: options.maxBytes == nil ? 65_536 : Self.meteredPieceBytes,
            tick: { [self] sent, received in
                (sentNow, receivedNow) = (sent, received)
                if let max = options.maxBytes, bytes >= max { throw LinkStopped.limit }
                if options.isCancelled() { throw LinkStopped.cancelled }
                try onTick?()
            }, sink: sink)
    }
}
