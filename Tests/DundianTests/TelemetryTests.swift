// What is logged and counted, and above all what is not: nothing that a record says may be found in a log line or a label.

import Causality
import Dundian
import DundianConformance
import Journals
import Logging
import MetricsTestKit
import Replicas
import Synchronization
import Testing
import Worlds

struct TelemetryTests {
    @Test func `a text that was saved, synced, refused, quarantined and fought over is in no log line and no label`() throws {
        let secret = "密谈内容-7f3a"
        let (lines, metrics) = (Lines(), TestMetrics())
        let telemetry = Telemetry(logger: lines.logger, metrics: metrics)

        // Saved, synced, and in conflict.
        let service = try ConformanceService()
        let ann = try service.laptop("Ann-\(secret)", instruments: telemetry)
        let ben = try service.laptop("Ben", instruments: telemetry)
        let id = try ann.create("talk", in: service.scope, fields: [("title", .value(.text(secret)))], message: secret)
        for replica in [ann, ben] { _ = try replica.sync(over: DirectTransport(to: service, from: replica.key)) }
        for replica in [ann, ben] { try replica.edit(id, fields: [("title", .value(.text("\(secret) \(replica.key)")))]) }
        for replica in [ann, ben, ann] { _ = try replica.sync(over: DirectTransport(to: service, from: replica.key)) }
        #expect(try ann.reviewItemCount() == 1)

        // A service that answers with the secret.
        service.fail(ConformanceService.Faults(answer: Array(secret.utf8)))
        #expect(throws: (any Error).self) { try ann.sync(over: DirectTransport(to: service, from: ann.key)) }

        // Refused and quarantined.
        let world = try World()
        let store = MemoryStore()
        let laptop = try Replica(
            store: store, signer: World.key("laptop"), rules: ReviewEverything(), clock: world.clock, entropy: world.entropy,
            instruments: telemetry)
        try world.join(laptop)
        var liar = try world.author("liar")
        var run = try liar.run([liar.birth(), liar.entry(secret, of: World.record(1))])
        run.signature?[0] ^= 1
        let report = try laptop.ingest([[run]], in: world.scope)
        #expect(report.refusals.count == 1)
        #expect(try laptop.quarantined().count == 1)

        let all = lines.all
        for word in ["committed", "ingested", "synced", "sync failed", "refused", "quarantined", "review items"] {
            #expect(all.contains { $0.contains(word) }, "\(word) was not logged")
        }
        #expect(try metrics.expectCounter("dundian.quarantined", [("code", "signature-invalid")]).totalValue == 1)
        let labels = metrics.counters.flatMap { [$0.label] + $0.dimensions.flatMap { [$0.0, $0.1] } }
        for text in [secret, "\(ann.key)", "\(ben.key)", "\(liar.key.publicKey)", "Ben"] {
            #expect((all + labels).filter { $0.contains(text) } == [])
        }
    }

    @Test func `saves and syncs are counted`() throws {
        let metrics = TestMetrics()
        let service = try ConformanceService()
        let ann = try service.laptop("Ann", instruments: Telemetry(logger: Lines().logger, metrics: metrics))
        let ben = try service.laptop("Ben")
        for _ in 0..<3 { try ann.create("talk", in: service.scope, fields: [("title", .value(.text("x")))]) }
        _ = try ann.sync(over: DirectTransport(to: service, from: ann.key))
        try ben.create("talk", in: service.scope, fields: [])
        _ = try ben.sync(over: DirectTransport(to: service, from: ben.key))
        _ = try ann.sync(over: DirectTransport(to: service, from: ann.key))
        #expect(try metrics.expectCounter("dundian.commits").totalValue == 3)
        #expect(try metrics.expectCounter("dundian.entries.committed").totalValue == 3)
        // The birth of each journal is an entry too.
        #expect(try metrics.expectCounter("dundian.entries.sent").totalValue == 4)
        #expect(try metrics.expectCounter("dundian.entries.received").totalValue == 2)
        #expect(try metrics.expectTimer("dundian.sync.duration").values.count == 2)
        #expect(try metrics.expectGauge("dundian.review.items").lastValue == 0)
    }

    @Test func `the SQLite store says how long it wrote`() throws {
        let metrics = TestMetrics()
        let telemetry = Telemetry(logger: Lines().logger, metrics: metrics)
        let store = try SQLiteStore(path: TemporaryFolder.file(), instruments: telemetry)
        try store.writing { try $0.setSetting("a", [1]) }
        #expect(try metrics.expectTimer("dundian.store.write").values.count == 1)
    }
}

/// Keeps every line with all its metadata.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "dundian") { [self] _ in Handler(lines: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:]) \(metadata)") }
        }
    }
}
