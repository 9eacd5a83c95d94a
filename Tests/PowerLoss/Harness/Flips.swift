// Flipped bits: every single bit of a small store, one at a time. Whoever opens it is told that it is damaged, or `check` tells them, or everything
// reads exactly as before. In the log, whose end SQLite itself drops from the first bit that is wrong, it may also read exactly as it did after an
// earlier save; then the witness knows.

import ArgumentParser
import CPowerVFS
import Chance
import Foundation
import Records
import Replicas
import Worlds

struct Flips: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flips", abstract: "Flips bits of a store: damage is said, or nothing is other than before.")
    @Option(help: "Every how manieth bit.") var every: Int64 = 1
    @Option(help: "The first bit.") var first: Int64 = 0
    @Flag(help: "Bits of the write-ahead log, not of the file.") var log = false
    @Flag(help: "A store with pages as shipped, which is larger.") var asShipped = false
    @Option(help: .hidden) var ledger: String?

    private enum Count: Int, CaseIterable { case flips, refused, found, same, earlier, crashed, size, wrong }

    /// The counts of bits that are believed although they are wrong, by what they show in: after the others.
    private static func believed(_ part: Whole.Part) -> Int {
        Count.allCases.count + (Whole.Part.allCases.firstIndex(of: part) ?? 0)
    }

    func run() throws {
        if let ledger { return try flip(Ledger(ledger)) }
        let start = Date()
        let ledger = try Ledger()
        ledger.place = first
        let arguments = ["flips", "--every", "\(every)"] + (log ? ["--log"] : []) + (asShipped ? ["--as-shipped"] : [])
        try ledger.supervise(arguments) { place, signal, _ in
            print("bit \(place): the process ended with signal \(signal)")
            ledger[Count.crashed.rawValue] += 1
            ledger.place = place + every
        }
        func count(_ what: Count) -> Int64 { ledger[what.rawValue] }
        let figures: [(String, Int64)] = [
            (log ? "bytes of the log" : "bytes of the file", count(.size)), ("bits flipped", count(.flips)),
            ("refused", count(.refused)), ("found", count(.found)), ("without effect", count(.same)),
            ("an earlier state", count(.earlier)), ("wrong", count(.wrong)), ("crashed", count(.crashed)),
            ("seconds", Int64(Date().timeIntervalSince(start))),
        ]
        print("flips: " + figures.map { "\($0) \($1)" }.joined(separator: "  "))
        for part in Whole.Part.allCases where ledger[Self.believed(part)] > 0 {
            print("  believed though wrong, in \(part): \(ledger[Self.believed(part)])")
        }
        if count(.wrong) + count(.crashed) > 0 { throw ExitCode(1) }
    }

    /// From the ledger's place on; what becomes of each bit is counted in it.
    private func flip(_ ledger: Ledger) throws {
        let bench = try Bench(pageSize: asShipped ? nil : 512, records: 2, saves: 3)
        let writer = bench.sitting(seed: 1)
        try writer.open()
        // What it was like after each save that is still in the log.
        var states = [try Whole(of: writer.opened(), bench)]
        if log {
            for number in 0..<3 {
                try writer.save("in the log \(number)", of: World.record(UInt64(number)))
                states.append(try Whole(of: writer.opened(), bench))
            }
        } else {
            try writer.checkpoint()
        }
        writer.close()
        power_disk_save(1)
        let sound = states[states.count - 1]
        let path = bench.path + (log ? "-wal" : "")
        let size = power_disk_size(path)
        ledger[Count.size.rawValue] = size
        while ledger.place < size * 8 {
            let bit = ledger.place
            power_disk_load(1)
            power_seed(UInt64(bit))
            _ = power_disk_flip(path, bit)
            let (what, parts) = Self.outcome(of: writer, sound, log ? states : [], bench)
            writer.close()
            ledger[what.rawValue] += 1
            for part in parts { ledger[Self.believed(part)] += 1 }
            if what == .wrong, ledger[what.rawValue] <= 10 {
                print("bit \(bit): check says all is well, and it reads otherwise than before: \(parts)")
                fflush(nil)
            }
            ledger[Count.flips.rawValue] += 1
            ledger.place = bit + every
        }
    }

    private static func outcome(
        of writer: Sitting, _ sound: Whole, _ earlier: [Whole], _ bench: Bench
    ) -> (what: Count, parts: [Whole.Part]) {
        do {
            // The witness has seen all that the writer did: whoever knows less, or has another name, is doubted.
            try writer.open()
            let replica = try writer.opened()
            guard try replica.check().faults.isEmpty else { return (.found, []) }
            let whole = try Whole(of: replica, bench)
            if whole == sound { return (.same, []) }
            if replica.isDoubted { return (earlier.contains(whole) ? .earlier : .found, []) }
            return (.wrong, whole.parts(differingFrom: sound))
        } catch { return (.refused, []) }
    }
}

/// Everything a reader is shown.
private struct Whole: Equatable {
    enum Part: String, CaseIterable { case states, listed, entries, arrivals, items, settings, drafts, quarantined }

    private var states: [RecordState]
    private var listed: [RecordID]
    private var entries: [StoredEntry]
    private var items: [QueuedItem]
    private var settings: [String: [UInt8]] = [:]
    private var drafts: [Draft]
    private var quarantined: [Quarantined]

    init(of replica: Replica, _ bench: Bench) throws {
        let reader = replica.store
        states = try reader.reading { try $0.states(in: bench.scope, after: nil, limit: 1_000) }
        listed = try reader.reading {
            try $0.list(scope: nil, type: nil, deleted: nil, limit: 1_000, offset: 0).map(\.state.record)
        }
        entries = try replica.entries(in: bench.scope)
        items = try reader.reading { try $0.items(in: nil, limit: 1_000, offset: 0) + $0.notices(limit: 1_000, offset: 0) }
        for setting in try reader.reading({ try $0.settings(beginning: "") }) { settings[setting.key] = setting.value }
        drafts = try reader.reading { try $0.drafts() }
        quarantined = try replica.quarantined()
    }

    /// Where and when entries came, which no signature covers, is a part of its own.
    private var bare: [StoredEntry] {
        entries.map { entry in
            var entry = entry
            (entry.arrival, entry.received) = (0, nil)
            return entry
        }
    }

    func parts(differingFrom other: Whole) -> [Part] {
        Part.allCases.filter { part in
            switch part {
            case .states: states != other.states
            case .listed: listed != other.listed
            case .entries: bare != other.bare
            case .arrivals: entries != other.entries && bare == other.bare
            case .items: items != other.items
            case .settings: settings != other.settings
            case .drafts: drafts != other.drafts
            case .quarantined: quarantined != other.quarantined
            }
        }
    }
}
