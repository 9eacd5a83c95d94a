// dundian-powerloss: the SQLite store on a disk that loses power in the middle of everything, fails at the n-th effect for every n, and flips every bit.
// The disk is CPowerVFS; what runs on it is the store and the replica as shipped.

import ArgumentParser
import CPowerVFS
import Causality
import Chance
import Foundation
import Journals
import Records
import Replicas
import StoreSQLite
import Wire
import Worlds

@main
struct PowerLoss: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dundian-powerloss", abstract: "The SQLite store on a disk that loses power, fails and flips bits.",
        subcommands: [Cycles.self, Failures.self, Flips.self])
}

/// A replica on the disk that fails, and a colleague's entries for it.
final class Bench {
    let world: World
    let scope: ScopeID
    /// What a colleague wrote, in pieces that verify by themselves.
    let pieces: [[UnverifiedRun]]
    private let path: String

    init() throws {
        guard power_register() == 0 else { throw ValidationError("The disk cannot be registered.") }
        world = try World()
        scope = world.scope
        path = try TemporaryFolder.file()
        let ben = try world.laptop("ben")
        for number in 0..<40 {
            try ben.put("by ben, number \(number)", of: World.record(UInt64(100 + number % 7)), in: scope)
        }
        let ann = try world.replica("ann")
        try world.join(ann)
        pieces = try world.units(of: ben, beyond: Knowledge())
        power_disk_reset()
        try prepare()
        power_disk_save()
    }

    /// What every cycle starts with: a replica that has joined and holds a little.
    private func prepare() throws {
        let replica = try open()
        try replica.accept(world.roster)
        for number in 0..<12 {
            try replica.put("prepared \(number)", of: World.record(UInt64(number % 5)), in: scope)
        }
        _ = try replica.ingest(Array(pieces.prefix(4)), in: scope)
        try (replica.store as? SQLiteStore)?.checkpoint()
    }

    func open() throws -> Replica {
        let store = try SQLiteStore(path: path, vfs: "power")
        return try Replica(
            store: store, signer: World.key("ann"), rules: ReviewEverything(), clock: world.clock, entropy: world.entropy)
    }
}

/// What a run of work had promised when it ended.
struct Promised {
    var saves: [(dot: Dot, hash: Hash)] = []
    var pieces = 0
    /// How many pieces were there from the start.
    var piecesBefore = 4
    var drafts: [String: [UInt8]] = [:]
    /// What was being written to a draft when it ended: the old one or this may be there.
    var draftUnderWay: String?

    /// What of it does not hold in a replica.
    func broken(in replica: Replica, _ bench: Bench) throws -> [String] {
        var faults = try replica.check().faults
        for save in saves {
            let there = try replica.store.reading { try $0.entry(save.dot, in: bench.scope) }
            if there?.hash != save.hash { faults.append("the save \(save.dot) was acknowledged and is gone") }
        }
        let held = Set(try replica.entries(in: bench.scope).map(\.hash))
        for piece in bench.pieces.prefix(pieces) {
            for run in piece where try !holds(run, replica, bench) {
                faults.append("an entry taken in is gone (\(held.count) are here)")
            }
        }
        let drafts = try replica.store.reading { try $0.drafts() }
        for (key, bytes) in self.drafts where key != draftUnderWay {
            if drafts.first(where: { $0.key == key })?.bytes != bytes { faults.append("draft \(key) is gone") }
        }
        return faults
    }

    private func holds(_ run: UnverifiedRun, _ replica: Replica, _ bench: Bench) throws -> Bool {
        let last = run.start.rawValue + UInt64(run.entries.count) - 1
        return try replica.store.reading { try $0.entry(Dot(run.journal, Position(rawValue: last)), in: bench.scope) } != nil
    }
}

extension Bench {
    /// Something a person or a sync does, by chance; what it promised is noted once it has returned.
    func work(_ replica: Replica, _ promised: inout Promised, _ chance: inout SplitMix64) throws {
        world.clock.advance(1_000)
        switch Int.random(in: 0..<10, using: &chance) {
        case 0..<5:
            let record = World.record(UInt64.random(in: 0..<8, using: &chance))
            try save(replica, &promised) { try $0.put("value \(chance.next() % 1_000)", of: record, in: self.scope) }
        case 5:
            let text = String(repeating: "a long note ", count: Int.random(in: 100...3_000, using: &chance))
            try save(replica, &promised) { try $0.put(text, "body", of: World.record(9), in: self.scope) }
        case 6, 7:
            let next = max(promised.piecesBefore, promised.pieces)
            guard next < pieces.count else { return }
            _ = try replica.ingest([pieces[next]], in: scope)
            promised.pieces = next + 1
        case 8:
            let (key, bytes) = ("draft \(chance.next() % 3)", chance.bytes(40))
            promised.draftUnderWay = key
            try replica.store.writing { try $0.setDraft(key, Draft(key: key, saved: self.world.clock.now(), bytes: bytes)) }
            promised.drafts[key] = bytes
            promised.draftUnderWay = nil
        default: try (replica.store as? SQLiteStore)?.checkpoint()
        }
    }

    func save(_ replica: Replica, _ promised: inout Promised, _ body: (Replica) throws -> Dot) throws {
        let dot = try body(replica)
        guard let entry = try? replica.store.reading({ try $0.entry(dot, in: scope) }) else {
            // The power went right after: by its dot it can be looked for all the same.
            return
        }
        promised.saves.append((dot, entry.hash))
    }
}

struct Cycles: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cycles", abstract: "Cuts the power in the middle of work, again and again.")
    @Option(help: "How many times.") var cycles = 2_000
    @Option(help: "The first seed.") var seed: UInt64 = 1

    func run() throws {
        let bench = try Bench()
        let start = Date()
        var (acknowledged, cuts, wrong) = (0, 0, 0)
        for n in 0..<cycles {
            let cycleSeed = seed &+ UInt64(n)
            var chance = SplitMix64(seed: cycleSeed)
            var promised = Promised()
            // Now and then the file is just being made.
            let isFresh = chance.once(in: 12)
            if isFresh { power_disk_reset() } else { power_disk_load() }
            promised.piecesBefore = isFresh ? 0 : 4
            power_fail_after(UInt64.random(in: 1...160, using: &chance))
            do {
                let replica = try bench.open()
                if isFresh { try replica.accept(bench.world.roster) }
                for _ in 0..<Int.random(in: 1...10, using: &chance) { try bench.work(replica, &promised, &chance) }
            } catch {
                if power_is_gone() == 0 { throw error }
            }
            cuts += Int(power_is_gone())
            acknowledged += promised.saves.count + promised.pieces
            power_restore(chance.next())
            do {
                let broken = try promised.broken(in: bench.open(), bench)
                if !broken.isEmpty {
                    wrong += 1
                    print("seed \(cycleSeed): \(broken.prefix(3).joined(separator: "; "))")
                }
            } catch {
                wrong += 1
                print("seed \(cycleSeed): it does not open: \(error)")
            }
            if wrong >= 10 { break }
        }
        print(
            "power loss: cycles \(cycles)  cut \(cuts)  acknowledged \(acknowledged)  lost or corrupt \(wrong)  seeds \(seed)..<\(seed + UInt64(cycles))  seconds \(Int(Date().timeIntervalSince(start)))"
        )
        if wrong > 0 { throw ExitCode(1) }
    }
}

struct Failures: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failures", abstract: "Fails the n-th effect of a scenario, for every n there is.")
    @Option(help: "How many scenarios, from the first; all unless given.") var scenarios = Int.max

    private typealias Scenario = (name: String, isFresh: Bool, body: (Replica, inout Promised, Bench) throws -> Void)

    private static var all: [Scenario] {
        [
            ("first open", true, { _, _, _ in }),
            ("opening again", false, { _, _, _ in }),
            (
                "a save", false,
                { replica, promised, bench in
                    try bench.save(replica, &promised) { try $0.put("x", of: World.record(1), in: bench.scope) }
                }
            ),
            (
                "a long save", false,
                { replica, promised, bench in
                    let text = String(repeating: "long ", count: 20_000)
                    try bench.save(replica, &promised) { try $0.put(text, "body", of: World.record(1), in: bench.scope) }
                }
            ),
            (
                "taking in", false,
                { replica, promised, bench in
                    _ = try replica.ingest(Array(bench.pieces.dropFirst(4).prefix(6)), in: bench.scope)
                    promised.pieces = 10
                }
            ),
            (
                "taking in all at once", false,
                { replica, promised, bench in
                    _ = try replica.ingest(bench.pieces, in: bench.scope)
                    promised.pieces = bench.pieces.count
                }
            ),
            (
                "a newer roster", false,
                { replica, _, bench in
                    try replica.accept(bench.world.roster.roster.version > 3 ? bench.world.roster : bench.world.publish())
                }
            ),
            (
                "a draft", false,
                { replica, promised, bench in
                    promised.draftUnderWay = "d"
                    try replica.store.writing {
                        try $0.setDraft("d", Draft(key: "d", saved: bench.world.clock.now(), bytes: [1, 2, 3]))
                    }
                    promised.draftUnderWay = nil
                    promised.drafts["d"] = [1, 2, 3]
                }
            ),
            (
                "a checkpoint", false,
                { replica, promised, bench in
                    try bench.save(replica, &promised) { try $0.put("x", of: World.record(1), in: bench.scope) }
                    try (replica.store as? SQLiteStore)?.checkpoint()
                }
            ),
            (
                "erasing", false,
                { replica, _, bench in
                    guard let dot = try replica.state(of: World.record(1), in: bench.scope)?["title"]?.candidates.first?.dot else {
                        return
                    }
                    try replica.erase([0], of: dot, in: bench.scope)
                }
            ),
            ("a purge", false, { replica, _, bench in try replica.store.writing { try $0.purge(bench.scope) } }),
            (
                "quarantine", false,
                { replica, _, bench in
                    var spoilt = bench.pieces[4]
                    spoilt[0].signature?[0] ^= 1
                    _ = try replica.ingest([spoilt], in: bench.scope)
                }
            ),
        ]
    }

    func run() throws {
        let bench = try Bench()
        let start = Date()
        // SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_IOERR_FSYNC
        let codes: [Int32] = [778, 13, 1_034]
        var (places, wrong) = (0, 0)
        for scenario in Self.all.prefix(scenarios) {
            var ofScenario = 0
            for code in codes {
                var n: UInt64 = 1
                while true {
                    if scenario.isFresh { power_disk_reset() } else { power_disk_load() }
                    var promised = Promised()
                    power_fail_nth(n, code)
                    do {
                        let replica = try bench.open()
                        try scenario.body(replica, &promised, bench)
                    } catch {}
                    let hasFailed = power_nth_failed() != 0
                    power_fail_nth(0, 0)
                    do {
                        let broken = try promised.broken(in: bench.open(), bench)
                        if !broken.isEmpty {
                            wrong += 1
                            print("\(scenario.name), effect \(n), code \(code): \(broken.prefix(3).joined(separator: "; "))")
                        }
                    } catch {
                        wrong += 1
                        print("\(scenario.name), effect \(n), code \(code): it does not open: \(error)")
                    }
                    guard hasFailed, wrong < 10 else { break }
                    ofScenario += 1
                    n += 1
                }
            }
            places += ofScenario
            print("  \(scenario.name): \(ofScenario) places")
        }
        print(
            "failures: scenarios \(min(scenarios, Self.all.count))  places \(places)  wrong \(wrong)  seconds \(Int(Date().timeIntervalSince(start)))"
        )
        if wrong > 0 { throw ExitCode(1) }
    }
}

struct Flips: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flips", abstract: "Flips bits of a store: damage is said, or nothing is other than before.")
    @Option(help: "Every how manieth bit.") var every: Int64 = 1
    @Option(help: "The first bit.") var first: Int64 = 0

    func run() throws {
        let bench = try Bench()
        let start = Date()
        power_disk_load()
        let size = power_size("replica.db")
        let sound = try Self.whole(of: bench.open(), bench)
        var (flips, refused, found, same, wrong) = (0, 0, 0, 0, 0)
        for bit in stride(from: first, to: size * 8, by: Int64.Stride(every)) {
            power_disk_load()
            power_flip("replica.db", bit)
            flips += 1
            do {
                let replica = try bench.open()
                if try !replica.check().faults.isEmpty {
                    found += 1
                } else if try Self.whole(of: replica, bench) == sound {
                    same += 1
                } else {
                    wrong += 1
                    print("bit \(bit): check says all is well, and it reads otherwise than before")
                }
            } catch { refused += 1 }
            if wrong >= 10 { break }
        }
        print(
            "flips: file \(size) bytes  bits flipped \(flips)  refused \(refused)  found by check \(found)  without effect \(same)  wrong \(wrong)  seconds \(Int(Date().timeIntervalSince(start)))"
        )
        if wrong > 0 { throw ExitCode(1) }
    }

    /// Everything a reader is shown.
    private static func whole(of replica: Replica, _ bench: Bench) throws -> [String] {
        let states = try replica.store.reading { try $0.states(in: bench.scope, after: nil, limit: 1_000) }
        let entries = try replica.entries(in: bench.scope).map { "\($0)" }
        return states.map { "\($0)" } + entries + ["\(try replica.replicaID())", "\(try replica.roster()?.roster.version ?? 0)"]
    }
}
