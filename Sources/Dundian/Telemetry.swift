// Logs and counters: what a replica tells its instruments, through swift-log and swift-metrics. Which events there are, and that none
// can hold a value, a name or a key, is Replicas' affair (Instruments.swift); here are only labels and levels.

public import Logging
public import Metrics
public import Replicas

/// Logs through swift-log and counts through swift-metrics.
///
/// Nothing that a record says reaches it: no value, no message, no person's or scope's name, no key, no path. What is logged of
/// a scope or a journal is its random id. What is usual is logged at `debug`, what somebody should look at is a `warning`.
public struct Telemetry: Instruments {
    private let logger: Logger
    private let factory: any MetricsFactory
    private let counters: Counters

    /// - Parameters:
    ///   - logger: where lines go; its level decides which.
    ///   - metrics: where counters go; nil: where `MetricsSystem` was told to send them.
    public init(logger: Logger = Logger(label: "dundian"), metrics: (any MetricsFactory)? = nil) {
        self.logger = logger
        factory = metrics ?? MetricsSystem.factory
        counters = Counters(factory)
    }

    private struct Counters: Sendable {
        let commits, committed, sent, received, repeated, bytesSent, bytesReceived, forks, retries, failures: Counter
        let reviewItems: Gauge
        let syncDuration, storeWrite: Metrics.Timer

        init(_ factory: any MetricsFactory) {
            func counter(_ name: String) -> Counter { Counter(label: "dundian.\(name)", dimensions: [], factory: factory) }
            commits = counter("commits")
            committed = counter("entries.committed")
            sent = counter("entries.sent")
            received = counter("entries.received")
            repeated = counter("entries.repeated")
            bytesSent = counter("bytes.sent")
            bytesReceived = counter("bytes.received")
            forks = counter("forks")
            retries = counter("retries")
            failures = counter("sync.failures")
            reviewItems = Gauge(label: "dundian.review.items", dimensions: [], factory: factory)
            syncDuration = Metrics.Timer(label: "dundian.sync.duration", dimensions: [], factory: factory)
            storeWrite = Metrics.Timer(label: "dundian.store.write", dimensions: [], factory: factory)
        }
    }

    /// Logs and counts one event.
    public func note(_ event: InstrumentEvent) {
        count(event)
        log(event)
    }

    private func count(_ event: InstrumentEvent) {
        switch event {
        case .committed(_, let entries):
            counters.commits.increment()
            counters.committed.increment(by: entries)
        case .ingested(_, _, let repeated): counters.repeated.increment(by: repeated)
        case .refused(_, _, _, let code):
            Counter(label: "dundian.refused", dimensions: [("code", code)], factory: factory).increment()
        case .quarantined(_, _, _, let code):
            Counter(label: "dundian.quarantined", dimensions: [("code", code)], factory: factory).increment()
        case .forked: counters.forks.increment()
        case .reviewItems(let open): counters.reviewItems.record(open)
        case .storeWrote(let milliseconds): counters.storeWrite.recordNanoseconds(Self.nanoseconds(milliseconds))
        case .synced(let figures):
            counters.sent.increment(by: figures.sent)
            counters.received.increment(by: figures.received)
            counters.bytesSent.increment(by: figures.bytesSent)
            counters.bytesReceived.increment(by: figures.bytesReceived)
            counters.syncDuration.recordNanoseconds(Self.nanoseconds(figures.milliseconds))
        case .syncFailed: counters.failures.increment()
        case .retried: counters.retries.increment()
        }
    }

    private static func nanoseconds(_ milliseconds: Double) -> Int64 { Int64(clamping: Int(min(milliseconds * 1e6, 1e18))) }

    private func log(_ event: InstrumentEvent) {
        switch event {
        case .committed(let scope, let entries):
            logger.debug("committed", metadata: ["scope": "\(scope)", "entries": "\(entries)"])
        case .ingested(let scope, let entries, let repeated):
            logger.debug(
                "ingested", metadata: ["scope": "\(scope)", "entries": "\(entries)", "repeated": "\(repeated)"])
        case .refused(let scope, let journal, let position, let code):
            logger.warning("refused", metadata: Self.place(scope, journal, position, code))
        case .quarantined(let scope, let journal, let position, let code):
            logger.warning("quarantined", metadata: Self.place(scope, journal, position, code))
        case .forked(let scope, let journal):
            logger.warning("forked", metadata: ["scope": "\(scope)", "journal": "\(journal)"])
        case .reviewItems(let open): logger.trace("review items", metadata: ["open": "\(open)"])
        case .storeWrote(let milliseconds): logger.trace("store wrote", metadata: ["milliseconds": "\(milliseconds)"])
        case .synced(let figures):
            logger.debug(
                "synced",
                metadata: [
                    "sent": "\(figures.sent)", "received": "\(figures.received)", "requests": "\(figures.requests)",
                    "bytes-sent": "\(figures.bytesSent)", "bytes-received": "\(figures.bytesReceived)",
                    "milliseconds": "\(Int(figures.milliseconds))",
                ])
        case .syncFailed(let code, let milliseconds):
            logger.warning("sync failed", metadata: ["code": "\(code)", "milliseconds": "\(Int(milliseconds))"])
        case .retried(let code): logger.debug("trying again", metadata: ["code": "\(code)"])
        }
    }

    private static func place(_ scope: ScopeID, _ journal: JournalID, _ position: Position, _ code: String) -> Logger.Metadata {
        ["scope": "\(scope)", "journal": "\(journal)", "position": "\(position.rawValue)", "code": "\(code)"]
    }
}
