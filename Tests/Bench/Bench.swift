// Figures, each beside raw SQLite doing the same in the same run. A ratio of 1.00 means as fast as raw SQLite; rates on a shared machine
// wander, ratios hold.
//
//   Bench [RECORDS]

import ArgumentParser
import BenchSupport
import Causality
import Compression
import Dundian
import Foundation
import Hummingbird
import Journals
import Logging
import Records
import Replicas
import Server
import StoreSQLite
import Sync
import TransportHTTP
import Wire

@main
struct Bench: AsyncParsableCommand {
    @Argument(help: "How many records.") var records = 20_000

    func run() async throws {
        let home = FileManager.default.temporaryDirectory.path + "/dundian-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        let all = (0..<UInt64(records)).map { Workload($0) }
        let changed = stride(from: 37, to: UInt64(records), by: 100).map { Workload($0, version: 2) }
        let world = try await World(home: home)
        print("workload W, \(records) records, \(all[0].json.utf8.count) bytes each, durable (synchronous=FULL)")

        // Local bulk commit
        let raw = RawSQLite(path: home + "/raw.sqlite")
        let rawBulk = seconds { raw.write(all.map { ($0.record.bytes, $0.json) }, perTransaction: 2_000) }
        let bulk = try seconds {
            for start in stride(from: 0, to: all.count, by: 2_000) {
                let part = all[start..<min(start + 2_000, all.count)]
                try world.writer.replica.commit(
                    part.map { (world.scope, Change(edits: [$0.creation])) })
            }
        }
        report("local bulk commit", records, bulk, rawBulk)

        // The service gets it, then a laptop that has nothing
        _ = try await world.sync(world.writer)
        let first = try await world.timedSync(world.reader)
        report("first sync over loopback", records, first, rawBulk)

        // One in a hundred changed
        let copy = home + "/raw-copy.sqlite"
        raw.run("PRAGMA wal_checkpoint(TRUNCATE)")
        try FileManager.default.copyItem(atPath: home + "/raw.sqlite", toPath: copy)
        let rawChanged = RawSQLite(path: copy)
        let rawUpsert = seconds { rawChanged.write(changed.map { ($0.record.bytes, $0.json) }, perTransaction: 2_000) }
        for record in changed {
            try world.writer.replica.edit(
                record.record, fields: record.fields.map { (FieldKey($0.key), .value($0.value)) })
        }
        _ = try await world.sync(world.writer)
        let incremental = try await world.timedSync(world.reader)
        report("1 % changed, pulled", changed.count, incremental, rawUpsert)

        // Nothing new
        let rounds = 50
        var idle = 0.0
        for _ in 0..<rounds { idle += try await world.timedSync(world.reader) }
        let rawSaves = Array(all.prefix(500)).map { (name: $0.record.bytes.reversed() as [UInt8], body: $0.json) }
        let rawSingle = seconds { raw.write(rawSaves, perTransaction: 1) }
        print(
            line(
                "idle sync",
                "\(figure(idle / Double(rounds) * 1000)) ms each; a raw durable row takes \(figure(rawSingle / 500 * 1000)) ms"))

        // Single durable saves
        let single = try seconds {
            for record in all.prefix(500) {
                var edit = record.creation
                edit.record = RecordID(high: record.record.low, low: record.record.high)
                try world.writer.replica.commit(Change(edits: [edit]), in: world.scope)
            }
        }
        report("single durable save", 500, single, rawSingle)
        try wireOverhead(world)
    }

    /// What one save costs on the wire beyond its compressed values, when 500 saves travel together.
    private func wireOverhead(_ world: World) throws {
        let zstd = Zstd()
        let saves = try world.writer.store.reading { reader in
            let own = JournalID(try reader.replica().id)
            let tip = try reader.journal(own, in: world.scope)?.tip.position.rawValue ?? 0
            return try reader.entries(of: own, in: world.scope, from: Position(rawValue: tip - 499), limit: 500)
        }
        var tail = TailWriter()
        tail.begin(journal: saves[0].journal, replica: saves[0].replica, start: saves[0].position, previous: nil)
        for save in saves { tail.append(save.entry) }
        tail.sign(saves[499].signature ?? [])
        let values = saves.flatMap { $0.entry.values.contents.compactMap(\.self).flatMap(\.self) }
        let whole = zstd.compressed(tail.bytes)?.count ?? tail.bytes.count
        let alone = zstd.compressed(values)?.count ?? values.count
        print(
            line("wire, per one-record save", "\((whole - alone) / 500) bytes beyond its compressed values (\(whole / 500) in all)")
        )
    }

    private func report(_ what: String, _ count: Int, _ ours: Double, _ raw: Double) {
        print(
            line(
                what,
                "\(Int(Double(count) / ours)) records/s; raw SQLite \(Int(Double(count) / raw)); ratio \(figure(raw / ours))"))
    }

}

/// A service in this process and two laptops beside it.
struct World {
    let scope: ScopeID
    let writer: ReplicaFolder
    let reader: ReplicaFolder
    private let url: String
    private let running: Task<Void, any Error>

    init(home: String) async throws {
        let centre = try ReplicaFolder(path: home + "/centre")
        let root = SigningKey()
        let service = SigningKey()
        let authority = Authority(replica: centre.replica, root: root, service: service, catalogue: .supervision)
        try authority.begin()
        scope = try authority.addScope(name: "bench", title: "bench", kind: .ordinary).id
        let port = AsyncStream<Int>.makeStream()
        var logger = Logger(label: "bench")
        logger.logLevel = .critical
        let router = Service(replica: centre.replica, authority: authority, signer: service, compression: Zstd()).router()
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.continuation.yield($0.localAddress?.port ?? 0) }, logger: logger)
        running = Task { try await application.run() }
        var ports = port.stream.makeAsyncIterator()
        url = "http://127.0.0.1:\(await ports.next() ?? 0)"
        writer = try ReplicaFolder(path: home + "/writer")
        reader = try ReplicaFolder(path: home + "/reader")
        for folder in [writer, reader] {
            let code = try authority.invite(person: folder.path, scopes: ["bench"], lifetimeMilliseconds: 60_000)
            let url = url
            try await offThread { try folder.service(at: url).join(code: "\(code)", deviceName: "bench") }
        }
    }

    func sync(_ folder: ReplicaFolder) async throws -> SyncSummary {
        let url = url
        return try await offThread { try folder.service(at: url).sync() }
    }

    func timedSync(_ folder: ReplicaFolder) async throws -> Double {
        let url = url
        return try await offThread { try seconds { _ = try folder.service(at: url).sync() } }
    }
}

/// Blocking work on a thread of its own, so that the service's threads stay free.
private func offThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result(catching: body)) }.start()
    }
}
