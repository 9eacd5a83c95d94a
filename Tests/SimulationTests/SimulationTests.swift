// The simulator itself: schedules that once showed a bug, a few hundred new ones, and that a seed is a seed.

import Foundation
import Simulation
import Testing

struct SimulationTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Schedules")
    static let kept: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".txt") }.sorted()

    /// Each was cut down from a schedule that broke a promise, of the code as it was or of a planted bug.
    @Test(arguments: kept)
    func `a schedule that once showed a bug passes`(_ name: String) throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
        let schedule = try #require(Schedule(text: text))
        #expect(Simulator().run(schedule).violation == nil)
        #expect(Simulator(isQuick: false).run(schedule).violation == nil)
    }

    @Test func `schedules were kept`() { #expect(Self.kept.count >= 25) }

    @Test(arguments: Array(stride(from: UInt64(1), to: 241, by: 40)))
    func `promises hold whatever happens`(_ first: UInt64) {
        for seed in first..<first + 40 {
            let verdict = Simulator().run(Schedule(seed: seed))
            #expect(verdict.violation == nil, "seed \(seed)")
        }
    }

    @Test(arguments: [3, 14, 159, 2_653] as [UInt64])
    func `a seed leaves the same trace every time, and a schedule is what its text says`(_ seed: UInt64) throws {
        let schedule = Schedule(seed: seed)
        let again = try #require(Schedule(text: schedule.description))
        #expect(again == schedule)
        #expect(Simulator().run(again).trace == Simulator().run(schedule).trace)
        #expect(Simulator().run(Schedule(seed: seed + 1)).trace != Simulator().run(schedule).trace)
    }

    @Test func `what is no schedule is not read as one`() {
        #expect(Schedule(text: "") == nil)
        #expect(Schedule(text: "schedule 1 seed 1 laptops 2 hubs 1 hazards sunshine\n") == nil)
        #expect(Schedule(text: "schedule 1 seed 1 laptops 2 hubs 1 hazards none\nsail 3\n") == nil)
        #expect(Schedule(text: "schedule 2 seed 1 laptops 2 hubs 1 hazards none\n") == nil)
    }

    @Test func `any part of a schedule runs`() {
        var schedule = Schedule(seed: 271_828)
        while !schedule.steps.isEmpty {
            #expect(Simulator().run(schedule).violation == nil)
            schedule.steps.removeFirst((schedule.steps.count + 2) / 3)
        }
    }
}
