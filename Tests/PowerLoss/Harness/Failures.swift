// Failures: for every n of a scenario, the n-th thing that can fail does. Whatever comes of it is said by an error or needs nobody's attention; then the
// same is done again and succeeds, the power goes, and everything promised is looked for.

import ArgumentParser
import CPowerVFS
import Foundation
import Records
import Replicas
import Worlds

/// What fails.
private enum Failing: CaseIterable {
    case effect, effectsFromThere, fullDisk, fullDiskFromThere, read, readsFromThere, allocation

    static let onDisk = allCases.filter { $0 != .allocation }
    private static let full: Int32 = 13  // SQLITE_FULL

    func arm(_ n: UInt64) {
        switch self {
        case .effect: power_fail_nth(n, 0, 0)
        case .effectsFromThere: power_fail_nth(n, 0, 1)
        case .fullDisk: power_fail_nth(n, Self.full, 0)
        case .fullDiskFromThere: power_fail_nth(n, Self.full, 1)
        case .read: power_fail_nth_read(n, 0)
        case .readsFromThere: power_fail_nth_read(n, 1)
        case .allocation: power_malloc_fail_nth(n, 0)
        }
    }

    /// How many failed since it was armed.
    var count: UInt64 { self == .allocation ? power_malloc_failures() : power_failures() }

    static func disarm() {
        power_fail_nth(0, 0, 0)
        power_fail_nth_read(0, 0)
        power_malloc_fail_nth(0, 0)
    }
}

private struct Scenario: Sendable {
    var name: String
    var isFresh = false
    /// Whether opening is part of it, or is over before anything fails.
    var opens = false
    var body: @Sendable (Sitting) throws -> Void

    static let all = [
        Scenario(name: "first open", isFresh: true, opens: true) { sitting in try sitting.join() },
        Scenario(name: "opening again", opens: true) { _ in },
        Scenario(name: "a save") { sitting in try sitting.save("x", of: World.record(1)) },
        Scenario(name: "a long save") { sitting in
            try sitting.save(String(repeating: "long ", count: 20_000), "body", of: World.record(1))
        },
        Scenario(name: "many saves at once") { sitting in
            try sitting.save((0..<40).map { (World.record(UInt64($0 % 9)), "one of many \($0)") })
        },
        Scenario(name: "taking in") { sitting in try sitting.takeIn(6) },
        Scenario(name: "taking in by pieces, all there is") { sitting in for _ in 0..<40 { try sitting.takeIn() } },
        Scenario(name: "a newer roster") { sitting in try sitting.accept(sitting.bench.nextRoster) },
        Scenario(name: "a draft") { sitting in try sitting.setDraft("draft 0", [4, 5, 6]) },
        Scenario(name: "a checkpoint") { sitting in
            try sitting.save("x", of: World.record(1))
            try sitting.checkpoint()
        },
        Scenario(name: "erasing") { sitting in
            if let save = sitting.promised.saves.first { try sitting.erase(save) }
        },
        Scenario(name: "a purge") { sitting in try sitting.purge() },
        Scenario(name: "quarantine") { sitting in try sitting.takeInSpoilt() },
        Scenario(name: "the search index") { sitting in try sitting.index() },
    ]
}

/// All scenarios, each with all that fails in it.
private struct Sweep {
    var failing: [Failing]
    var scenarios: [Scenario]
    var every: Int

    static let wrong = 0
    static let told = 1
    static let trapped = 2
    private static let firstScenario = 8

    func places(_ scenario: Int, _ ledger: Ledger) -> Int64 { ledger[Self.firstScenario + scenario] }

    /// From the ledger's place on.
    func run(_ ledger: Ledger, losesSyncs: Bool) throws {
        if failing.contains(.allocation), power_malloc_install() != 0 { throw Broken("SQLite was there first") }
        power_failed_syncs_lose(losesSyncs ? 1 : 0)
        let bench = try Bench()
        while ledger.sweep.0 < scenarios.count {
            let (s, f) = ledger.sweep
            let n = ledger.place + 1
            guard try place(n, scenarios[s], failing[f], bench, ledger) else {
                ledger.place = 0
                ledger.sweep = f + 1 < failing.count ? (s, f + 1) : (s + 1, 0)
                continue
            }
            ledger[Self.firstScenario + s] += 1
            ledger.place += Int64(every)
            if ledger[Self.wrong] >= 20 { return }
        }
    }

    /// Fails at one place. False: there is no such place any more.
    private func place(_ n: Int64, _ scenario: Scenario, _ failing: Failing, _ bench: Bench, _ ledger: Ledger) throws -> Bool {
        let sitting = bench.sitting(seed: UInt64(n), isFresh: scenario.isFresh)
        if !scenario.opens { try sitting.open() }
        failing.arm(UInt64(n))
        do {
            if scenario.opens { try sitting.open() }
            try scenario.body(sitting)
        } catch { ledger[Self.told] += 1 }
        let hasFailed = failing.count > 0
        Failing.disarm()
        func complain(_ what: String) {
            ledger[Self.wrong] += 1
            print("\(scenario.name), \(failing) \(n): \(what)")
            fflush(nil)
        }
        do {
            // What the failed call left must be right for whoever has the store open, and the same again must succeed.
            if sitting.replica == nil { try sitting.open() }
            let findings = try sitting.findings()
            if !findings.isEmpty { complain(findings.text) }
            try sitting.takeStock()
            if scenario.isFresh, try sitting.opened().roster() == nil { try sitting.join() }
            try scenario.body(sitting)
            sitting.close()
            power_restore(UInt64(n))
            try sitting.open()
            let after = try sitting.findings()
            if !after.isEmpty { complain("after doing it again and a power cut: \(after.text)") }
        } catch { complain("it does not go on: \(error)") }
        sitting.close()
        return hasFailed
    }

    /// In children, as one may crash.
    func supervise(_ arguments: [String], _ title: String) throws {
        let start = Date()
        let ledger = try Ledger()
        try ledger.supervise(arguments) { place, signal, said in
            let (s, f) = ledger.sweep
            // The wrapper around SQLite ends the process where memory for a bound value is lacking: a crash like any other, after which all is
            // as after a power cut; but nobody's mistake here.
            if failing[f] == .allocation, said.contains("SQLite error 7") {
                ledger[Self.trapped] += 1
            } else {
                ledger[Self.wrong] += 1
                let name = "\(scenarios[s].name), \(failing[f]) \(place + 1)"
                print("\(name): the process ended with signal \(signal): \(said.suffix(300))")
                guard ledger[Self.wrong] < 20 else { throw ExitCode(1) }
            }
            ledger[Self.firstScenario + s] += 1
            ledger.place = place + Int64(every)
        }
        var total: Int64 = 0
        for (s, scenario) in scenarios.enumerated() {
            total += places(s, ledger)
            print("  \(scenario.name): \(places(s, ledger)) places")
        }
        let figures: [(String, Int64)] = [
            ("scenarios", Int64(scenarios.count)), ("places", total), ("told by an error", ledger[Self.told]),
            ("ended by the wrapper", ledger[Self.trapped]), ("wrong", ledger[Self.wrong]),
            ("seconds", Int64(Date().timeIntervalSince(start))),
        ]
        print("\(title): " + figures.map { "\($0) \($1)" }.joined(separator: "  "))
        if ledger[Self.wrong] > 0 { throw ExitCode(1) }
    }
}

struct Failures: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failures", abstract: "Fails the n-th effect or read of a scenario, for every n there is.")
    @Option(help: "How many scenarios, from the first; all unless given.") var scenarios = Int.max
    @Option(help: "Every how manieth n.") var every = 1
    @Flag(help: "What a failed sync was for may be lost for good, as on Linux. SQLite does not hold against that.")
    var losingSyncs = false
    @Option(help: .hidden) var ledger: String?

    func run() throws {
        let sweep = Sweep(failing: Failing.onDisk, scenarios: Array(Scenario.all.prefix(scenarios)), every: every)
        if let ledger { return try sweep.run(Ledger(ledger), losesSyncs: losingSyncs) }
        var arguments = ["failures", "--scenarios", "\(scenarios)", "--every", "\(every)"]
        if losingSyncs { arguments.append("--losing-syncs") }
        try sweep.supervise(arguments, "failures")
    }
}

struct Allocations: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allocations", abstract: "Fails the n-th allocation inside SQLite, for every n there is.")
    @Option(help: "How many scenarios, from the first; all unless given.") var scenarios = Int.max
    @Option(help: "Every how manieth n.") var every = 1
    @Option(help: .hidden) var ledger: String?

    func run() throws {
        let sweep = Sweep(failing: [.allocation], scenarios: Array(Scenario.all.prefix(scenarios)), every: every)
        if let ledger { return try sweep.run(Ledger(ledger), losesSyncs: false) }
        try sweep.supervise(["allocations", "--scenarios", "\(scenarios)", "--every", "\(every)"], "allocations")
    }
}
