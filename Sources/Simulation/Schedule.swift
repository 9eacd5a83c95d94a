// A schedule: which faults there may be, and a list of small steps. A step says what happens and with what luck; who does it to whom follows from
// the state it meets, so every part of a list is a list that runs, and a failure can be cut down to the few steps it needs.

package import Chance

/// What may go wrong in a schedule, besides people writing without seeing each other.
package enum Hazard: String, CaseIterable, Sendable {
    /// A link ends in the middle.
    case cut
    /// A request or a frame comes twice, or frames come in another order.
    case again
    /// Bytes change on their way.
    case noise
    /// A machine stops between any two effects.
    case crash
    /// An effect of a store fails.
    case fail
    /// A disk is full for a while.
    case full
    /// A bit of a store flips.
    case rot
    /// Clocks are off, drift and jump.
    case clock
    /// A store is copied, and both go on.
    case clone
    /// A laptop is restored from an older copy.
    case restore
    /// A hub is restored from an older copy.
    case restoreHub
    /// Scopes are granted and withdrawn, and not everybody knows yet.
    case roster
    /// Values are erased.
    case erase
    /// Some have an older catalogue.
    case catalogue
    /// A device lies.
    case liar
    /// Bundles are carried: late, twice, cut short, to the wrong place.
    case bundle
}

/// One thing that happens.
package struct Step: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, CaseIterable, Sendable {
        case edit, sync, meet, carry, bundle, read, crash, fail, full, rot, recover, clock, copy, clone, restore, restoreHub,
            roster, erase,
            catalogue, lie
    }
    package var kind: Kind
    /// Decides everything else about it.
    package var luck: UInt64

    package init(_ kind: Kind, luck: UInt64) { (self.kind, self.luck) = (kind, luck) }
    package var description: String { "\(kind.rawValue) \(luck)" }
}

package struct Schedule: Hashable, Sendable, CustomStringConvertible {
    package var seed: UInt64
    package var laptops: Int
    package var hubs: Int
    package var hazards: Set<Hazard>
    package var steps: [Step]

    package static let laptopsMax = 5
    package static let stepsMax = 40

    /// The schedule of a seed. Each hazard is left out of half of all schedules, or none would show what one alone does.
    package init(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        self.seed = seed
        // Mostly small: a failure that needs many is seldom the first of its kind.
        let isSmall = !chance.once(in: 4)
        laptops = Int.random(in: 2...(isSmall ? 3 : Self.laptopsMax), using: &chance)
        hubs = chance.once(in: 3) ? 2 : 1
        hazards = []
        for hazard in Hazard.allCases where chance.once(in: hazard == .rot ? 6 : 2) { hazards.insert(hazard) }
        steps = []
        // In half of all schedules two things happen far more often than the rest: what needs several of a kind comes about so.
        var weights = Self.weights(hazards)
        if chance.once(in: 2) {
            for _ in 0..<2 { weights[Int.random(in: weights.indices, using: &chance)].weight *= 5 }
        }
        let total = weights.reduce(0) { $0 + $1.weight }
        for _ in 0..<Int.random(in: 4...(isSmall ? 16 : Self.stepsMax), using: &chance) {
            var place = Int.random(in: 0..<total, using: &chance)
            for (kind, weight) in weights {
                if place < weight {
                    steps.append(Step(kind, luck: chance.next()))
                    break
                }
                place -= weight
            }
        }
    }

    package init(seed: UInt64, laptops: Int, hubs: Int, hazards: Set<Hazard>, steps: [Step]) {
        (self.seed, self.laptops, self.hubs) = (seed, laptops, hubs)
        (self.hazards, self.steps) = (hazards, steps)
    }

    private static func weights(_ hazards: Set<Hazard>) -> [(kind: Step.Kind, weight: Int)] {
        var weights: [(Step.Kind, Int)] = [(.edit, 30), (.sync, 18), (.carry, 6), (.meet, 1)]
        let of: [(Hazard, [(Step.Kind, Int)])] = [
            (.crash, [(.crash, 6)]), (.fail, [(.fail, 4)]), (.full, [(.full, 3)]), (.rot, [(.rot, 2), (.recover, 3)]),
            (.clock, [(.clock, 4)]),
            (.clone, [(.clone, 3)]), (.restore, [(.copy, 4), (.restore, 3)]), (.restoreHub, [(.copy, 3), (.restoreHub, 2)]),
            (.roster, [(.roster, 4)]), (.erase, [(.erase, 3)]), (.catalogue, [(.catalogue, 2)]), (.liar, [(.lie, 6)]),
            (.bundle, [(.bundle, 3), (.read, 5)]),
        ]
        for (hazard, kinds) in of where hazards.contains(hazard) { weights += kinds }
        return weights
    }

    // MARK: Text

    /// As it is kept in a file: a head line, then a line for each step.
    package var description: String {
        let named = Hazard.allCases.filter(hazards.contains).map(\.rawValue).joined(separator: ",")
        return
            (["schedule 1 seed \(seed) laptops \(laptops) hubs \(hubs) hazards \(named.isEmpty ? "none" : named)"]
            + steps.map(\.description)).joined(separator: "\n") + "\n"
    }

    /// Reads what ``description`` wrote; lines that begin with `#` are passed over.
    package init?(text: String) {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ") }
        guard let head = lines.first, head.count == 10, head.prefix(3).elementsEqual(["schedule", "1", "seed"]),
            let seed = UInt64(head[3]), let laptops = Int(head[5]), let hubs = Int(head[7]), (2...8).contains(laptops),
            (1...2).contains(hubs)
        else { return nil }
        let names = head[9] == "none" ? [] : head[9].split(separator: ",")
        let hazards = names.compactMap { Hazard(rawValue: String($0)) }
        let steps = lines.dropFirst().compactMap { line -> Step? in
            guard line.count == 2, let kind = Step.Kind(rawValue: String(line[0])), let luck = UInt64(line[1]) else { return nil }
            return Step(kind, luck: luck)
        }
        guard hazards.count == names.count, steps.count == lines.count - 1 else { return nil }
        self.init(seed: seed, laptops: laptops, hubs: hubs, hazards: Set(hazards), steps: steps)
    }
}
