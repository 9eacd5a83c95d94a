// Edits of one record as some replicas might come to write them.

import Causality
import Chance
package import Records

// Ids on both sides of where a signed number would turn over.
private let replicas = ([1, 2, 0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff] as [UInt64]).map { JournalID(rawValue: $0) }

/// Two to nine edits of one record, the same for the same seed.
package func someEdits(_ seed: UInt64) -> [PlacedEdit] {
    var chance = SplitMix64(seed: seed)
    return someEdits(of: RecordID(high: 0, low: seed), using: &chance)
}

/// Two to nine edits in the order they were written. Each replica sees what it wrote and, now and then, all that another has seen.
package func someEdits(of record: RecordID, using chance: inout some RandomNumberGenerator) -> [PlacedEdit] {
    var seen: [JournalID: VersionVector] = [:]
    var edits: [PlacedEdit] = []
    for _ in 0..<Int.random(in: 2...9, using: &chance) {
        let me = chance.one(of: replicas)
        if !chance.once(in: 3) {
            let other = seen[chance.one(of: replicas)] ?? VersionVector()
            seen[me] = other.joined(with: seen[me] ?? VersionVector())
        }
        let context = seen[me] ?? VersionVector()
        let dot = Dot(me, Position(rawValue: context[me].rawValue + UInt64.random(in: 1...3, using: &chance)))
        let writes = someWrites(after: edits.filter { context.has($0.dot) }, using: &chance)
        let type: TypeKey = chance.once(in: 12) ? "note" : "talk"
        let author = (["p1", "p2", "p3", nil] as [String?])[Int.random(in: 0...3, using: &chance)]
        edits.append(
            PlacedEdit(
                dot: dot, time: Timestamp(milliseconds: Int64.random(in: 0...3, using: &chance)), author: author,
                edit: Edit(record: record, type: type, context: context, writes: writes)))
        seen[me, default: VersionVector()].see(dot)
    }
    return edits
}

private func someWrites(after visible: [PlacedEdit], using chance: inout some RandomNumberGenerator) -> [Write] {
    if chance.once(in: 10) { return [Write(.delete)] }
    var writes = chance.once(in: 10) ? [Write(.restore)] : []
    let fields: [FieldKey] = ["title", "place", "tags"]
    for field in fields.shuffled(using: &chance).prefix(Int.random(in: 1...2, using: &chance)) {
        writes.append(contentsOf: someWrites(of: field, after: visible, using: &chance))
    }
    return writes
}

private func someWrites(of field: FieldKey, after visible: [PlacedEdit], using chance: inout some RandomNumberGenerator) -> [Write]
{
    /// What an author could name, oldest first.
    func names(_ kinds: Set<Write.Kind>) -> [Write.Name] {
        visible.flatMap { edit -> [Write.Name] in
            let writes = edit.edit.writes.filter { $0.field == field && kinds.contains($0.kind) }
            return writes.indices.map { Write.Name(edit.dot, ordinal: writes[$0].kind == .add ? UInt32($0) : 0) }
        }
    }
    let kinds: [Write.Kind] = [.put, .put, .put, .settle, .settle, .approve, .undo, .add, .add, .drop]
    let values: [Content] = [.value(.text("x")), .value(.text("y")), .value(.integer(1)), .value(.empty), .erased]
    let value = chance.one(of: values)
    switch chance.one(of: kinds) {
    case .settle:
        let all = names([.put, .settle])
        guard !all.isEmpty else { break }
        let reasons: [Content?] = [
            nil, .value(.text("asked")), .value(.text("rule:equal@1")), .value(.text("rule:latest@1")), .erased,
        ]
        let named = Array(all.suffix(Int.random(in: 1...3, using: &chance)))
        return [Write(.settle, field: field, names: named, value: value, reason: chance.one(of: reasons))]
    case .approve:
        guard let settle = names([.settle]).randomElement(using: &chance) else { break }
        return [Write(.approve, field: field, names: [settle])]
    case .undo:
        guard let settle = names([.settle]).randomElement(using: &chance) else { break }
        return [Write(.undo, field: field, names: [settle])]
    case .add:
        let add = Write(.add, field: field, value: value)
        return chance.once(in: 3) ? [add, add] : [add]
    case .drop:
        let adds = names([.add])
        guard !adds.isEmpty else { break }
        return [Write(.drop, field: field, names: Array(adds.suffix(Int.random(in: 1...2, using: &chance))))]
    default: break
    }
    let latest = names([.put, .settle]).suffix(2).randomElement(using: &chance)
    return [Write(.put, field: field, names: chance.once(in: 4) ? [] : latest.map { [$0] } ?? [], value: value)]
}
