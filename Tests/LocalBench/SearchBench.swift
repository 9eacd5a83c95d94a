// What a search costs beside reading everything with raw SQLite's LIKE, in the same run over the same texts.
//
//   dundian-bench-local search [RECORDS]

import ArgumentParser
import BenchSupport
import Causality
import Foundation
import Records
import Replicas
import StoreSQLite
import Worlds

struct SearchBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "search")
    @Argument(help: "How many records.") var records = 100_000

    private static let rounds = 20
    private static let fields = SearchedFields(
        titles: ["talk_note": ["title"]],
        ignored: ["talk_note": ["kind", "village", "author", "lang", "status", "way", "device"]])

    func run() throws {
        let home = FileManager.default.temporaryDirectory.path + "/dundian-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        let world = try World()
        let store = try SQLiteStore(path: home + "/replica.sqlite")
        let replica = try world.laptop("writer", store: store)
        let raw = RawSQLite(path: home + "/raw.sqlite")
        let filling = try seconds {
            for start in stride(from: 0, to: records, by: 2_000) {
                let part = (start..<min(start + 2_000, records)).map { Workload(UInt64($0)) }
                try replica.commit(part.map { (world.scope, Change(edits: [$0.creation])) })
                raw.write(part.map { ($0.record.bytes, $0.json) }, perTransaction: 2_000)
            }
        }
        print("workload W, \(records) records, written twice in \(figure(filling)) s")
        let scanning = try search(store, "土地")
        let indexing = try seconds { try store.index(Self.fields) }
        print(line("index made", "\(figure(indexing)) s, \(Int(Double(records) / indexing)) records/s"))
        print(line("without an index", "\(milliseconds(scanning.median)) ms for two characters: every record is read"))
        print(
            "\nthe best 20 of all that were found, \(Self.rounds) times each; raw SQLite: LIKE over the same texts, counting only")
        // The workload writes common characters often: the first rows are the worst a search can meet.
        for (what, text) in [
            ("the commonest character", "的"), ("a common character", "村"), ("a rare character", "装"),
            ("two characters, common", "的一"), ("two characters", "土地"), ("two characters, rare", "织装"),
            ("three characters", "土地流"), ("two words", "土地 干部"), ("one word without another", "土地 -鱼塘"), ("a word not there", "鱼塘"),
        ] { try report(what, text, store, raw) }
        var query = SearchQuery("土地")
        query.types = ["talk_note"]
        query.scopes = [world.scope]
        query.since = Timestamp(milliseconds: World.start)
        query.until = Timestamp(milliseconds: World.start + 86_400_000)
        let filtered = try search(store, query)
        print(line("by type, scope and time", "\(milliseconds(filtered.median)) ms, at most \(milliseconds(filtered.slowest))"))

        // A thousand edits that the index has not followed yet
        for start in stride(from: 0, to: min(1_000, records), by: 100) {
            for i in start..<start + 100 {
                let next = Workload(UInt64(i), version: 2)
                try replica.edit(next.record, fields: next.fields.map { (FieldKey($0.key), .value($0.value)) })
            }
        }
        let behind = try search(store, "土地")
        print(line("1,000 edits not yet indexed", "\(milliseconds(behind.median)) ms, at most \(milliseconds(behind.slowest))"))
        let following = try seconds { try store.index(Self.fields) }
        print(line("index brought up to date", "\(figure(following)) s"))
    }

    private struct Times {
        var found = 0
        var median: Double
        var slowest: Double

        init(_ times: [Double], found: Int) {
            let sorted = times.sorted()
            (median, slowest, self.found) = (sorted[sorted.count / 2], sorted[sorted.count - 1], found)
        }
    }

    private func search(_ store: SQLiteStore, _ text: String) throws -> Times { try search(store, SearchQuery(text)) }

    private func search(_ store: SQLiteStore, _ query: SearchQuery) throws -> Times {
        var found = 0
        return try Times(
            (0..<Self.rounds).map { _ in try seconds { found = try store.search(query, fields: Self.fields).count } }, found: found)
    }

    private func report(_ what: String, _ text: String, _ store: SQLiteStore, _ raw: RawSQLite) throws {
        let ours = try search(store, text)
        var matches = 0
        let first = text.split(separator: " ").first.map(String.init) ?? text
        let scan = Times((0..<3).map { _ in seconds { matches = raw.count(with: first) } }, found: 0)
        print(
            line(
                what,
                "\(milliseconds(ours.median)) ms, at most \(milliseconds(ours.slowest)); raw SQLite \(milliseconds(scan.median)) ms; ratio "
                    + "\(figure(scan.median / ours.median)) (\(matches) records have \(first))"))
    }

    private func milliseconds(_ seconds: Double) -> String { String(format: "%.1f", seconds * 1000) }
}
