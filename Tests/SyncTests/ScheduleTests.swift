// Schedules that nobody thought of: some replicas edit and meet as chance has it, over lines that break. In the end all have
// the same, and nothing that was ever written is lost.

import Causality
import Chance
import Foundation
import Journals
import Records
import Replicas
import Support
import Testing
import Wire
import Worlds

/// How many schedules are tried; more, if the environment says so.
private let seeds = ProcessInfo.processInfo.environment["DUNDIAN_SEEDS"].flatMap { Int($0) } ?? 2_000
private let perCase = 25

/// One schedule.
private struct Schedule {
    let world: World
    var scope: ScopeID { world.scope }
    private var chance: SplitMix64
    private let replicas: [Replica]
    private let clocks: [ScriptedClock]
    /// Every put and settle that was saved.
    private(set) var saved: Set<Place> = []

    /// A value's place: where it was written, and by which entry.
    struct Place: Hashable {
        var record: RecordID
        var field: FieldKey
        var name: Write.Name
    }

    init(seed: UInt64, in world: World) throws {
        self.world = world
        var chance = SplitMix64(seed: seed)
        let names = ["ann", "ben", "cy", "dee"].prefix(chance.once(in: 4) ? 4 : 3)
        // Clocks that are wrong, each in its own way.
        clocks = names.map { _ in ScriptedClock(World.start + Int64.random(in: -5_000...5_000, using: &chance)) }
        replicas = try zip(names, clocks).map { try world.laptop($0, clock: $1) }
        self.chance = chance
    }

    /// Lets everything happen and returns what is wrong afterwards.
    mutating func run() throws -> [String] {
        for _ in 0..<Int.random(in: 8...16, using: &chance) {
            if chance.once(in: 3) { try meeting() } else { try edit() }
        }
        guard try world.converge(replicas) else { return ["somebody always has something to say"] }
        return try faults()
    }

    // MARK: Meeting

    private mutating func meeting() throws {
        let pair = replicas.shuffled(using: &chance).prefix(2)
        let (one, other) = (pair[0], pair[1])
        guard chance.once(in: 3) else {
            try handOver(from: one, to: other)
            return
        }
        let line = Line()
        line.chunk = Int.random(in: 5...500, using: &chance)
        if chance.once(in: 3) { line.uploadEnds = Int.random(in: 0...1_500, using: &chance) }
        if chance.once(in: 3) { line.downloadEnds = Int.random(in: 0...1_500, using: &chance) }
        do { try world.meet(one, other, over: line) } catch is LineBroke {}
    }

    /// Some of what the other lacks, in frames and transactions of any size.
    private mutating func handOver(from one: Replica, to other: Replica) throws {
        var units = try world.units(of: one, beyond: other.knowledge(of: scope))[...]
        units = units.prefix(Int.random(in: 0...units.count, using: &chance))
        while !units.isEmpty {
            var frames: [[UnverifiedRun]] = []
            for _ in 0..<Int.random(in: 1...2, using: &chance) where !units.isEmpty {
                let count = min(Int.random(in: 1...3, using: &chance), units.count)
                frames.append(units.prefix(count).flatMap(\.self))
                units = units.dropFirst(count)
            }
            let report = try other.ingest(frames, in: scope)
            if let refusal = report.refusals.first { throw Fault(.malformed, "refused: \(refusal.code) \(refusal.detail)") }
        }
    }

    // MARK: Editing

    private mutating func edit() throws {
        let who = Int.random(in: replicas.indices, using: &chance)
        clocks[who].advance(Int64.random(in: -50...500, using: &chance))
        let replica = replicas[who]
        var edited: [Edit] = []
        let dots = try replica.commit(in: scope) { reader in
            var changes: [Change] = []
            for number in (UInt64(0)..<3).shuffled(using: &chance).prefix(chance.once(in: 5) ? 2 : 1) {
                let record = World.record(number)
                let state = try reader.state(of: record, in: scope)
                let edit = Edit(
                    record: record, type: state?.type ?? (chance.once(in: 8) ? "note" : "talk"),
                    context: state?.vector ?? VersionVector(), writes: writes(on: state))
                if changes.isEmpty {
                    let author = chance.once(in: 2) ? Content.value(.text("somebody")) : nil
                    changes = [Change(author: author, edits: [edit])]
                } else {
                    changes[0].edits.append(edit)
                }
            }
            edited = changes.flatMap(\.edits)
            return changes
        }
        for edit in edited {
            for write in edit.writes where write.kind == .put || write.kind == .settle {
                saved.insert(Place(record: edit.record, field: write.field, name: Write.Name(dots[0])))
            }
        }
    }

    private mutating func writes(on state: RecordState?) -> [Write] {
        if let state, chance.once(in: 8) { return [Write(state.isDeleted ? .restore : .delete)] }
        var writes: [Write] = []
        if chance.once(in: 3) { writes = setWrites(on: state) }
        if writes.isEmpty || chance.once(in: 2) { writes.append(fieldWrite(on: state)) }
        return writes
    }

    private mutating func fieldWrite(on state: RecordState?) -> Write {
        let field: FieldKey = chance.once(in: 2) ? "title" : "place"
        let value = Content.value(.integer(Int64.random(in: 0...3, using: &chance)))
        let candidates = state?[field]?.candidates ?? []
        let settles = candidates.filter(\.isSettle)
        if !settles.isEmpty, chance.once(in: 3) {
            let kind: Write.Kind = chance.once(in: 2) ? .approve : .undo
            return Write(kind, field: field, names: [Write.Name(chance.one(of: settles).dot)])
        }
        if candidates.count > 1, !chance.once(in: 4) {
            // By a person or, now and then, as a rule would have it.
            let reason = chance.once(in: 3) ? "rule:latest@1" : "talked it over"
            return Write(
                .settle, field: field, names: candidates.map { Write.Name($0.dot) }, value: value, reason: .value(.text(reason)))
        }
        if candidates.isEmpty || chance.once(in: 10) { return Write(.put, field: field, value: value) }
        return Write(.put, field: field, names: [Write.Name(chance.one(of: candidates).dot)], value: value)
    }

    private mutating func setWrites(on state: RecordState?) -> [Write] {
        let elements = state?["tags"]?.elements ?? []
        if !elements.isEmpty, chance.once(in: 2) {
            let gone = elements.shuffled(using: &chance).prefix(Int.random(in: 1...2, using: &chance))
            return [Write(.drop, field: "tags", names: gone.map(\.name))]
        }
        return (0..<Int.random(in: 1...2, using: &chance)).map { _ in
            Write(.add, field: "tags", value: .value(.integer(Int64.random(in: 0...3, using: &chance))))
        }
    }

    // MARK: Judging

    /// What is wrong now that all is quiet.
    private func faults() throws -> [String] {
        var faults: [String] = []
        let digests = try replicas.map { try $0.digest(of: scope) }
        if Set(digests).count != 1 { faults.append("the digests differ") }
        faults += try replicas[replicas.count - 1].check().faults
        let expected = try standing()
        let states = try replicas[0].store.reading { try $0.states(in: scope, after: nil, limit: 100) }
        var shown: Set<Place> = []
        for state in states {
            for field in state.fields {
                let names = field.candidates.map { Write.Name($0.dot) } + field.elements.map(\.name)
                for name in names { shown.insert(Place(record: state.record, field: field.key, name: name)) }
            }
        }
        for place in expected.subtracting(shown) { faults.append("\(place) was lost") }
        for place in shown.subtracting(expected) { faults.append("\(place) should not stand") }
        return faults
    }

    /// What the entries say should stand: of puts and settles all that were not undone, nor named by another such write that had
    /// seen them; of adds all that no drop names that had seen them. Throws if something that was saved is not there.
    private func standing() throws -> Set<Place> {
        var edits: [(dot: Dot, edit: Edit)] = []
        for entry in try replicas[0].entries(in: scope) {
            guard case .change(let change) = try entry.decoded() else { continue }
            for edit in change.edits { edits.append((entry.dot, edit)) }
        }
        func named(by kinds: Set<Write.Kind>, unless isVoid: (Place) -> Bool = { _ in false }) -> Set<Place> {
            var places: Set<Place> = []
            for (dot, edit) in edits {
                for write in edit.writes where kinds.contains(write.kind) {
                    let own = Place(record: edit.record, field: write.field, name: Write.Name(dot))
                    if write.kind == .settle, isVoid(own) { continue }
                    for name in write.names where edit.context.has(name.dot) {
                        places.insert(Place(record: edit.record, field: write.field, name: name))
                    }
                }
            }
            return places
        }
        let undone = named(by: [.undo])
        let replaced = named(by: [.put, .settle]) { undone.contains($0) }
        let dropped = named(by: [.drop])

        var written: Set<Place> = []
        var standing: Set<Place> = []
        for (dot, edit) in edits {
            var ordinal: UInt32 = 0
            for write in edit.writes {
                switch write.kind {
                case .put, .settle:
                    let place = Place(record: edit.record, field: write.field, name: Write.Name(dot))
                    written.insert(place)
                    let isUndone = write.kind == .settle && undone.contains(place)
                    if !isUndone, !replaced.contains(place) { standing.insert(place) }
                case .add:
                    let place = Place(record: edit.record, field: write.field, name: Write.Name(dot, ordinal: ordinal))
                    ordinal += 1
                    if !dropped.contains(place) { standing.insert(place) }
                default: break
                }
            }
        }
        guard saved.isSubset(of: written) else { throw Fault(.gap, "an entry that was saved is gone") }
        return standing
    }
}

struct ScheduleTests {
    @Test(arguments: Array(stride(from: 0, to: seeds, by: perCase)))
    func `whatever happens, all end up with the same and nothing is lost`(_ first: Int) throws {
        let world = try World(seed: UInt64(first) + 1)
        for seed in first..<first + perCase {
            do {
                var schedule = try Schedule(seed: UInt64(seed), in: world)
                let faults = try schedule.run()
                #expect(faults == [], "seed \(seed)")
            } catch { Issue.record("seed \(seed): \(error)") }
        }
    }
}
