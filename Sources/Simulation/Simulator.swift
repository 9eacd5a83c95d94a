// Runs schedules: one to its verdict, many in a row, and a failing one down to the steps it needs.

import Chance
import Journals

/// What became of one schedule.
package struct Verdict: Sendable {
    package var violation: Violation?
    /// Equal for equal schedules, or the run was not deterministic.
    package var trace: UInt64
    package var coverage: Coverage
    package var steps: Int
}

package struct Simulator: Sendable {
    /// Whether signatures are simulated, which makes a run several times as fast.
    package var isQuick: Bool
    package init(isQuick: Bool = true) { self.isQuick = isQuick }

    /// Runs a schedule to its end, lets everybody meet, and judges.
    ///
    /// - Parameter telling: is told each step and what came of it.
    package func run(_ schedule: Schedule, telling: ((String) -> Void)? = nil) -> Verdict {
        guard isQuick else { return judged(schedule, telling) }
        return SignatureScheme.$simulated.withValue(QuickSignatures()) { judged(schedule, telling) }
    }

    private func judged(_ schedule: Schedule, _ telling: ((String) -> Void)?) -> Verdict {
        do {
            let world = try SimulatedWorld(schedule, isQuick: isQuick, telling: telling)
            var violation: Violation?
            var taken = 0
            do {
                for step in schedule.steps {
                    taken += 1
                    world.tell("\(taken). \(step)")
                    try world.take(step)
                }
                try world.judge(isSettled: false)
                try world.settle()
                try world.judge(isSettled: true)
                if schedule.seed % 8 == 0 { try world.checkThemselves() }
            } catch let found as Violation {
                violation = found
            } catch {
                violation = Violation("no error without a cause", "\(error)")
            }
            return Verdict(violation: violation, trace: world.trace, coverage: world.seen, steps: taken)
        } catch {
            return Verdict(
                violation: Violation("no error without a cause", "setting up: \(error)"), trace: 0, coverage: Coverage(), steps: 0)
        }
    }

    /// The smallest schedule found that breaks the same promise: pieces of the list are left out, ever smaller ones, while it still does; then hazards,
    /// and parties from the end.
    package func shrunk(_ schedule: Schedule) -> Schedule {
        guard let promise = run(schedule).violation?.promise else { return schedule }
        var best = schedule
        func fails(_ candidate: Schedule) -> Bool { run(candidate).violation?.promise == promise }
        var size = max(1, best.steps.count / 2)
        while true {
            var at = 0
            var hasShrunk = false
            while at < best.steps.count {
                var candidate = best
                candidate.steps.removeSubrange(at..<min(at + size, best.steps.count))
                if fails(candidate) {
                    best = candidate
                    hasShrunk = true
                } else {
                    at += size
                }
            }
            if size == 1, !hasShrunk { break }
            size = max(1, size / 2)
        }
        for hazard in Hazard.allCases where best.hazards.contains(hazard) {
            var candidate = best
            candidate.hazards.remove(hazard)
            if fails(candidate) { best = candidate }
        }
        while best.laptops > 2 || best.hubs > 1 {
            var candidate = best
            if candidate.hubs > 1 { candidate.hubs -= 1 } else { candidate.laptops -= 1 }
            guard fails(candidate) else { break }
            best = candidate
        }
        return best
    }
}
