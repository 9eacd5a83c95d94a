// dundian-simulate: runs schedules from seeds, on as many threads as there are cores, and says what broke and how to see it again.

import ArgumentParser
import Foundation
import Simulation
import Synchronization

@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dundian-simulate",
        abstract: "Runs seeded schedules of laptops and hubs that fail, and checks what Dundian promises.",
        discussion: """
            Every seed gives the same schedule and the same trace. A failure prints its seed, is cut down to the steps it needs, and is written \
            to a file that --replay runs again.
            """)

    @Option(help: "The first seed.") var seed: UInt64 = 1
    @Option(help: "How many schedules.") var schedules: Int = 20_000
    @Option(help: "How many minutes; the schedules are then as many as it takes.") var minutes: Double?
    @Option(help: "How many threads; as many as there are cores unless given.") var jobs: Int?
    @Flag(help: "With Ed25519 in place of the simulated signatures.") var full = false
    @Option(help: "Runs the schedule in this file and tells every step.") var replay: String?
    @Option(help: "Where failing schedules are written.") var failures = "."
    @Flag(help: "Each schedule twice: both must leave the same trace.") var twice = false
    @Flag(help: "Landmarks that were never reached do not fail the run; runs of fewer than 20,000 schedules they never fail.")
    var noLandmarks = false
    @Flag(help: "Ends at the first violation and exits with 0 if there was one: for planted bugs.") var expectViolation = false

    func run() throws {
        if let replay { return try runAgain(replay) }
        let tally = Tally()
        let start = Date()
        let deadline = minutes.map { start.addingTimeInterval($0 * 60) }
        let count = minutes == nil ? schedules : Int.max
        let simulator = Simulator(isQuick: !full)
        let next = Atomic<Int>(0)
        let stop = Atomic<Bool>(false)
        let (seed, twice, expectViolation) = (seed, twice, expectViolation)
        let threads = (0..<(jobs ?? ProcessInfo.processInfo.activeProcessorCount)).map { _ in
            Worker {
                while !stop.load(ordering: .relaxed) {
                    let n = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    if n >= count || deadline.map({ Date() >= $0 }) ?? false { return }
                    let schedule = Schedule(seed: seed &+ UInt64(n))
                    let verdict = simulator.run(schedule)
                    if twice, simulator.run(schedule).trace != verdict.trace { tally.differs(schedule) }
                    tally.add(verdict, of: schedule)
                    if expectViolation, verdict.violation != nil { stop.store(true, ordering: .relaxed) }
                }
            }
        }
        for thread in threads { thread.start() }
        for thread in threads { thread.wait() }
        try report(tally, seconds: Date().timeIntervalSince(start), threads: threads.count, simulator)
    }

    private func report(_ tally: Tally, seconds: TimeInterval, threads: Int, _ simulator: Simulator) throws {
        let (count, steps, coverage, failing, unequal) = tally.total
        let rate = Double(count) / max(seconds, 0.001)
        print(
            "schedules \(count)  steps \(steps)  seeds \(seed)..<\(seed + UInt64(count))  seconds \(Int(seconds))  threads \(threads)  per second and thread \(Int(rate / Double(threads)))  signatures \(full ? "Ed25519" : "simulated")"
        )
        for landmark in Landmark.allCases { print("  \(landmark.rawValue) \(coverage[landmark])") }
        print("violations \(failing.count)")
        if expectViolation {
            guard let first = failing.first else { throw ExitCode(1) }
            print("found after \(first.schedule.seed - seed + 1) schedules: \(first.violation)")
        }
        for (schedule, violation) in failing.prefix(expectViolation ? 1 : 5) {
            print("seed \(schedule.seed): \(violation)")
            let small = simulator.shrunk(schedule)
            let path = "\(failures)/schedule-\(schedule.seed).txt"
            try "# \(simulator.run(small).violation.map { "\($0)" } ?? "\(violation)")\n\(small)".write(
                toFile: path, atomically: true, encoding: .utf8)
            print("  cut down to \(small.steps.count) steps; see them again: dundian-simulate --replay \(path)")
        }
        for schedule in unequal.prefix(5) { print("seed \(schedule.seed): two runs left different traces") }
        if expectViolation { return }
        let mustReachAll = !noLandmarks && count >= 20_000
        let missing = coverage.missing
        if !missing.isEmpty { print("never reached: \(missing.map(\.rawValue).joined(separator: ", "))") }
        if !failing.isEmpty || !unequal.isEmpty || (mustReachAll && !missing.isEmpty) { throw ExitCode(1) }
    }

    private func runAgain(_ path: String) throws {
        guard let schedule = Schedule(text: try String(contentsOfFile: path, encoding: .utf8)) else {
            throw ValidationError("\(path) is no schedule.")
        }
        let verdict = Simulator(isQuick: !full).run(schedule) { print($0) }
        print(String(verdict.trace, radix: 16))
        if let violation = verdict.violation {
            print("after \(verdict.steps) steps: \(violation)")
            throw ExitCode(1)
        }
        print("nothing is wrong")
    }
}

/// What all threads found.
private final class Tally: Sendable {
    private let state = Mutex<State>(State())
    private struct State {
        var count = 0
        var steps = 0
        var coverage = Coverage()
        var failing: [(schedule: Schedule, violation: Violation)] = []
        var unequal: [Schedule] = []
    }

    func add(_ verdict: Verdict, of schedule: Schedule) {
        state.withLock { state in
            state.count += 1
            state.steps += verdict.steps
            state.coverage.add(verdict.coverage)
            if let violation = verdict.violation { state.failing.append((schedule, violation)) }
        }
    }

    func differs(_ schedule: Schedule) { state.withLock { $0.unequal.append(schedule) } }

    var total: (Int, Int, Coverage, [(schedule: Schedule, violation: Violation)], [Schedule]) {
        state.withLock {
            ($0.count, $0.steps, $0.coverage, $0.failing.sorted { $0.schedule.seed < $1.schedule.seed }, $0.unequal)
        }
    }
}

/// A thread that can be waited for, with room for deep recursion. `Thread` is not `Sendable`, but is only started here.
private final class Worker: @unchecked Sendable {
    private let thread: Thread
    private let done = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        let done = self.done
        thread = Thread {
            body()
            done.signal()
        }
        thread.stackSize = 8 << 20
    }

    func start() { thread.start() }
    func wait() { done.wait() }
}
