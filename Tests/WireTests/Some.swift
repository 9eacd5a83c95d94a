// Values, changes and runs by chance, and messages spoiled on purpose.

import Causality
import Chance
import Journals
import Records
import Support
import Wire

/// A message and one way to make it wrong.
struct Spoiling<Message>: Sendable, CustomStringConvertible {
    let description: String
    let spoil: @Sendable (inout Message) -> Void
    init(_ description: String, _ spoil: @escaping @Sendable (inout Message) -> Void) {
        (self.description, self.spoil) = (description, spoil)
    }
}

/// Any value but bytes that are not recognised; lists up to three deep.
func someValue(_ chance: inout SplitMix64, depth: Int = 0) -> Value {
    let texts = ["", "x", "谈话", "cafe\u{301}", "caf\u{e9}", String(repeating: "long ", count: 60)]
    let numbers: [Int64] = [0, 1, -1, 63, 64, -65, .max, .min]
    switch Int.random(in: 0..<(depth < 3 ? 10 : 9), using: &chance) {
    case 0: return .empty
    case 1: return .text(chance.one(of: texts))
    case 2: return .integer(chance.one(of: numbers))
    case 3: return .decimal(chance.one(of: ["0", "-1.50", "12345678901234567890"]))
    case 4: return .flag(chance.once(in: 2))
    case 5: return .date("2026-05-11")
    case 6: return .time("2026-05-11T09:30+08:00")
    case 7: return .reference(RecordID(using: &chance))
    case 8: return .data(chance.bytes(Int.random(in: 0...200, using: &chance)))
    default:
        var items: [Value] = []
        for _ in 0..<Int.random(in: 0...3, using: &chance) { items.append(someValue(&chance, depth: depth + 1)) }
        return .list(items)
    }
}

/// A change that an author could write, of one to three records.
func someChange(_ chance: inout SplitMix64) -> Change {
    var change = Change(edits: [])
    if chance.once(in: 2) { change.author = .value(.text("p1")) }
    if chance.once(in: 3) { change.message = .value(.text("")) }
    for n in 1...Int.random(in: 1...3, using: &chance) {
        var context = VersionVector()
        for _ in 0..<Int.random(in: 0...4, using: &chance) {
            let last: UInt64 = chance.once(in: 2) ? 300 : Position.limit.rawValue
            let position = Position(rawValue: UInt64.random(in: 1...last, using: &chance))
            context.see(Dot(JournalID(rawValue: UInt64.random(in: 1...9, using: &chance)), position))
        }
        let edit = Edit(
            record: RecordID(high: UInt64(n), low: chance.next()), type: "talk", context: context,
            writes: someWrites(naming: context, &chance))
        change.edits.append(edit)
    }
    return change
}

private func someWrites(naming context: VersionVector, _ chance: inout SplitMix64) -> [Write] {
    if chance.once(in: 8) { return [Write(.delete, reason: someReason(&chance))] }
    var writes = chance.once(in: 8) ? [Write(.restore)] : []
    let kinds: [Write.Kind] = context.isEmpty ? [.put, .add] : [.put, .settle, .approve, .undo, .add, .drop]
    for n in 0..<Int.random(in: 1...4, using: &chance) {
        let kind = chance.one(of: kinds)
        let counts: ClosedRange<Int> =
            switch kind {
            case .put: context.isEmpty ? 0...0 : 0...1
            case .settle, .drop: 1...4
            case .approve, .undo: 1...1
            case .add, .delete, .restore: 0...0
            }
        var names: [Write.Name] = []
        for _ in 0..<Int.random(in: counts, using: &chance) {
            let component = chance.one(of: context.components)
            let position = Position(rawValue: UInt64.random(in: 1...component.position.rawValue, using: &chance))
            names.append(Write.Name(Dot(component.journal, position), ordinal: chance.once(in: 3) ? 2 : 0))
        }
        writes.append(
            Write(
                kind, field: FieldKey("field_\(n)"), names: names, value: kind.hasValue ? .value(someValue(&chance)) : nil,
                reason: someReason(&chance)))
    }
    return writes
}

private func someReason(_ chance: inout SplitMix64) -> Content? {
    chance.once(in: 3) ? .value(.text("because")) : nil
}

/// A run as a sender could send it, of one to four entries that say nothing.
func someRun(_ chance: inout SplitMix64) -> UnverifiedRun {
    var entries: [UnverifiedEntry] = []
    var time = chance.one(of: [0, -5, 1_778_463_000_000, .min] as [Int64])
    var offset: ClockOffset?
    var roster: UInt32 = 0
    for _ in 1...Int.random(in: 1...4, using: &chance) {
        time += Int64.random(in: 0...1_000, using: &chance)
        if chance.once(in: 2) { offset = ClockOffset(milliseconds: Int64.random(in: -9...9, using: &chance)) }
        if chance.once(in: 2) { roster += UInt32.random(in: 0...2, using: &chance) }
        entries.append(
            UnverifiedEntry(
                time: Timestamp(milliseconds: time), offset: offset, roster: roster,
                skeleton: chance.bytes(Int.random(in: 0...40, using: &chance)), values: someValues(&chance)))
    }
    let replica = ReplicaID(rawValue: UInt64.random(in: 1...UInt64.max, using: &chance))
    return UnverifiedRun(
        journal: chance.once(in: 3) ? JournalID(rawValue: UInt64.random(in: 1...UInt64.max, using: &chance)) : JournalID(replica),
        replica: replica, start: Position(rawValue: UInt64.random(in: 1...9, using: &chance)),
        previous: chance.once(in: 2) ? Hash(chance.bytes(32)) : nil, entries: entries,
        signature: chance.once(in: 4) ? nil : chance.bytes(64))
}

private func someValues(_ chance: inout SplitMix64) -> EntryValues {
    if chance.once(in: 3) { return .sealed(seed: [], values: []) }
    var values: [[UInt8]] = []
    for _ in 1...Int.random(in: 1...5, using: &chance) { values.append(chance.bytes(Int.random(in: 0...20, using: &chance))) }
    let sealed = EntryValues.sealed(seed: chance.bytes(16), values: values)
    return chance.once(in: 2) ? sealed : sealed.erasing(Set(values.indices.filter { $0 % 2 == 0 }))
}

/// These runs as a tail.
func tail(_ runs: [UnverifiedRun]) -> [UInt8] {
    var writer = TailWriter()
    for run in runs {
        writer.begin(journal: run.journal, replica: run.replica, start: run.start, previous: run.previous)
        for entry in run.entries { writer.append(entry) }
        if let signature = run.signature { writer.sign(signature, cover: run.cover) }
    }
    return writer.bytes
}
