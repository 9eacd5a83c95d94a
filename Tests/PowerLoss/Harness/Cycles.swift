// Power cuts: at a prepared replica, or while one is being made, somebody works by chance until the power goes, at an effect by chance. It may go again
// while the store is opened afterwards. Then everything promised is looked for, and work goes on.

import ArgumentParser
import CPowerVFS
import Chance
import Foundation
import Worlds

struct Cycles: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cycles", abstract: "Cuts the power in the middle of work, again and again.", aliases: ["powerloss"])
    @Option(help: "How many times.") var cycles = 2_000
    @Option(help: "The first seed.") var seed: UInt64 = 1

    private struct Tally {
        var cuts = 0
        var acknowledged = 0
        var lost = 0
        var corrupt = 0
    }

    func run() throws {
        let bench = try Bench()
        let start = Date()
        var tally = Tally()
        var done = 0
        for n in 0..<cycles {
            let seed = seed &+ UInt64(n)
            done += 1
            let findings = Self.cycle(seed, bench, &tally)
            if !findings.isEmpty { print("seed \(seed): \(findings.text)") }
            tally.lost += findings.lost.isEmpty ? 0 : 1
            tally.corrupt += findings.corrupt.isEmpty ? 0 : 1
            if tally.lost + tally.corrupt >= 10 { break }
        }
        let figures: [(String, Int)] = [
            ("cycles", done), ("cuts", tally.cuts), ("acknowledged", tally.acknowledged), ("lost", tally.lost),
            ("corrupt", tally.corrupt), ("seconds", Int(Date().timeIntervalSince(start))),
        ]
        print("power loss: " + figures.map { "\($0) \($1)" }.joined(separator: "  ") + "  seed \(seed)")
        if tally.lost + tally.corrupt > 0 {
            print("see one again: dundian-powerloss cycles --cycles 1 --seed SEED")
            throw ExitCode(1)
        }
    }

    private static func cycle(_ seed: UInt64, _ bench: Bench, _ tally: inout Tally) -> Findings {
        var chance = SplitMix64(seed: seed)
        let isFresh = chance.once(in: 12)
        let sitting = bench.sitting(seed: seed, isFresh: isFresh)
        let before = sitting.promised.count
        // Often soon: opening and the first save have fewer effects than what may follow.
        power_fail_after(UInt64.random(in: 0..<(chance.once(in: 3) ? 60 : 300), using: &chance))
        do {
            try sitting.open()
            if isFresh { try sitting.join() }
            for _ in 0..<Int.random(in: 1...12, using: &chance) { try sitting.work(&chance) }
        } catch {
            if power_is_gone() == 0 { return Findings(corrupt: ["it failed while the power was on: \(error)"]) }
        }
        tally.acknowledged += max(0, sitting.promised.count - before)
        cut(sitting, &chance, &tally)
        // The power may go while it is opened again, and again.
        while chance.once(in: 3) {
            power_fail_after(UInt64.random(in: 0..<30, using: &chance))
            do { try sitting.open() } catch {
                if power_is_gone() == 0 { return Findings(corrupt: ["it does not open: \(error)"]) }
            }
            cut(sitting, &chance, &tally)
        }
        do {
            try sitting.open()
            var findings = try sitting.findings()
            guard findings.isEmpty, !sitting.promised.isPurged else { return findings }
            // And it goes on.
            try sitting.goOn()
            findings = try sitting.findings()
            sitting.close()
            return findings
        } catch {
            return Findings(corrupt: ["it does not go on: \(error)"])
        }
    }

    private static func cut(_ sitting: Sitting, _ chance: inout SplitMix64, _ tally: inout Tally) {
        tally.cuts += Int(power_is_gone())
        sitting.close()
        power_restore(chance.next())
    }
}
