// How long to wait before trying a link again: longer each time, and never two laptops at the same moment.

/// Waits that double from half a second up to a minute, each drawn between half of that and all of it.
public struct Backoff: Sendable {
    private static let firstMilliseconds = 500
    private static let lastMilliseconds = 60_000
    private var failures = 0

    /// Nothing has happened yet.
    public init() {}

    /// The link worked: the next wait is short again.
    public mutating func reset() { failures = 0 }

    /// Milliseconds to wait after one more failure.
    public mutating func next(using random: inout some RandomNumberGenerator) -> Int {
        let span = min(Self.lastMilliseconds, Self.firstMilliseconds << min(failures, 16))
        failures += 1
        return span / 2 + Int(random.next(upperBound: UInt64(span / 2 + 1)))
    }
}

/// How far a sync has come.
public struct SyncProgress: Hashable, Sendable {
    /// Entries handed to the link.
    public var entriesSent = 0
    /// Entries the other side lacked when it began.
    public var entriesToSend = 0
    /// Entries that have come.
    public var entriesReceived = 0
    /// Entries the other side was ahead when it began.
    public var entriesToReceive = 0
    /// Bytes on the link so far, headers included, both of this and of earlier attempts.
    public var bytesSent = 0
    /// Bytes received on the link so far, as ``bytesSent``.
    public var bytesReceived = 0

    /// Nothing has happened yet.
    public init() {}
}
