// What the review queue costs when it has piled up: the list of 10,000 open items among 1,000,000 records beside the same rows read with raw
// SQLite, and one record that thirty laptops wrote a hundred times each.
//
//   dundian-bench-local review [RECORDS] [--items ITEMS]

import ArgumentParser
import BenchSupport
import Causality
import Foundation
import Journals
import Records
import Replicas
import StoreSQLite
import Worlds

struct ReviewBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "review")
    @Argument(help: "How many records.") var records = 1_000_000
    @Option(help: "How many of them wait for review.") var items = 10_000

    private static let rounds = 10

    func run() throws {
        let home = FileManager.default.temporaryDirectory.path + "/dundian-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        try list(home)
        try pileUp(home)
    }

    private func edit(_ i: Int, _ text: String, _ names: [Write.Name] = [], after context: VersionVector = VersionVector()) -> Edit
    {
        Edit(
            record: World.record(UInt64(i)), type: "talk_note", context: context,
            writes: [Write(.put, field: "title", names: names, value: .value(.text(text)))])
    }

    private func list(_ home: String) throws {
        let world = try World()
        let replica = try world.laptop("writer", store: SQLiteStore(path: home + "/replica.sqlite"))
        let other = try world.laptop("other", store: SQLiteStore(path: home + "/other.sqlite"))
        func each(_ range: Range<Int>, _ body: ([Int]) throws -> Void) rethrows {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: 1_000) {
                try body(Array(start..<min(start + 1_000, range.upperBound)))
            }
        }
        let filling = try seconds {
            try each(0..<items) { part in
                try replica.commit(Change(edits: part.map { edit($0, "talk \($0)") }), in: world.scope)
            }
            for unit in try world.units(of: replica, beyond: Knowledge()) { _ = try other.ingest([unit], in: world.scope) }
            for (who, word) in [(replica, "here"), (other, "there")] {
                world.clock.advance(1_000)
                try each(0..<items) { part in
                    let edits = try part.compactMap { i in
                        try who.record(World.record(UInt64(i))).flatMap {
                            try who.amendment(of: $0.state, [("title", .value(.text("talk \(i) \(word)")))])
                        }
                    }
                    try who.commit(Change(edits: edits), in: world.scope)
                }
            }
            for unit in try world.units(of: other, beyond: Knowledge()) { _ = try replica.ingest([unit], in: world.scope) }
            try each(items..<max(items, records)) { part in
                try replica.commit(Change(edits: part.map { edit($0, "talk \($0)") }), in: world.scope)
            }
        }
        let open = try replica.reviewItems(limit: .max)
        precondition(open.count == items, "\(open.count) items are open")
        let raw = RawSQLite(path: home + "/raw.sqlite")
        raw.write(
            open.map { ($0.id.bytes, "\($0.since) \($0.item.record) \($0.people) \($0.item.dots)") }, perTransaction: 10_000)
        print("\(try replica.recordCount()) records, \(open.count) items open; made in \(figure(filling)) s\n")
        try report("all items read", try times { _ = try replica.reviewItems(limit: .max) }, times { raw.readAll() })
        try report("the list of 100 opens", try times { try openList(replica) }, times { raw.readAll() })
        try report("a page of 100 items", try times { _ = try replica.reviewItems(limit: 100) }, times { raw.readAll() })
        let item = open[items / 2]
        try report(
            "one item by its id",
            try times { _ = try replica.reviewItems(beginning: ShortID(item.id), limit: 2) }, times { raw.readAll() })
    }

    /// What `dundian review list` does.
    private func openList(_ replica: Replica) throws {
        let now = try replica.serviceTime()
        let items = try replica.reviewItems(limit: .max)
        for item in items.prefix(100) {
            _ = try replica.record(item.item.record, in: item.scope)
            _ = try replica.handling(of: item.id, in: item.scope, at: now)
        }
    }

    private func pileUp(_ home: String) throws {
        let world = try World()
        let id = World.record(1)
        let first = try world.laptop("p0", store: SQLiteStore(path: home + "/p0.sqlite"))
        try first.create("talk_note", in: world.scope, id: id, fields: [("title", .value(.text("start")))])
        let start = try world.units(of: first, beyond: Knowledge())
        let desk = try world.laptop("desk", store: SQLiteStore(path: home + "/desk.sqlite"))
        for unit in start { _ = try desk.ingest([unit], in: world.scope) }
        var taking = 0.0
        for i in 0..<30 {
            let laptop = try world.laptop("q\(i)")
            for unit in start { _ = try laptop.ingest([unit], in: world.scope) }
            for n in 0..<100 { try laptop.edit(id, fields: [("title", .value(.text("\(i)-\(n)")))]) }
            let units = try world.units(of: laptop, beyond: Knowledge())
            taking += try seconds { _ = try desk.ingest(units, in: world.scope) }
        }
        let open = try desk.reviewItems()
        precondition(open.count == 1 && open[0].item.dots.count == 30)
        let settling = try seconds { try desk.settle(open[0], by: .candidate(7), reason: Reason(.verified)) }
        let left = try desk.reviewItemCount()
        precondition(left == 0, "one decision closes them all")
        print(
            "\n30 laptops with 100 edits each on one record: taken in within \(figure(taking)) s, one item; settled in \(figure(settling * 1000)) ms"
        )
    }

    private func times(_ body: () throws -> Void) rethrows -> Double {
        let all = try (0..<Self.rounds).map { _ in try seconds(body) }.sorted()
        return all[all.count / 2]
    }

    private func report(_ what: String, _ ours: Double, _ raw: Double) throws {
        func milliseconds(_ seconds: Double) -> String { String(format: "%.2f", seconds * 1000) }
        print(
            line(
                what,
                "\(milliseconds(ours)) ms; raw SQLite reading every item once \(milliseconds(raw)) ms; ratio \(figure(ours / raw))")
        )
    }
}
