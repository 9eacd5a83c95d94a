// A device that lies: it writes its own journal by hand, twice if it likes, claims what it has not seen, and hands on others' entries changed.

import Causality
import Chance
import Journals
import Records
import Replicas
import Wire

struct Liar {
    let signer: any Signer
    let scope: ScopeID
    let replica: ReplicaID
    var time: Timestamp
    var roster: UInt32 = 1
    /// Its journal as it last told it.
    private var told: [UnverifiedEntry] = []

    init(signer: any Signer, scope: ScopeID, replica: ReplicaID, time: Timestamp) {
        (self.signer, self.scope, self.replica, self.time) = (signer, scope, replica, time)
    }

    /// What it says to somebody, knowing what is written elsewhere.
    mutating func tell(
        _ entries: [StoredEntry], _ chance: inout SplitMix64
    ) throws -> (runs: [UnverifiedRun], isFork: Bool) {
        switch Int.random(in: 0..<7, using: &chance) {
        case 0, 1:
            // Its own journal, further, and honestly signed: that much it may.
            if told.isEmpty { told = [birth()] }
            told.append(edit(entries, inflated: false, &chance))
            return ([try run(told)], false)
        case 2:
            // The same place once more: a fork.
            guard told.count > 1 else { return ([], false) }
            told[told.count - 1] = edit(entries, inflated: false, &chance)
            return ([try run(told)], true)
        case 3:
            // It claims to have seen what nobody has written.
            guard !told.isEmpty else { return ([], false) }
            return ([try run(told + [edit(entries, inflated: true, &chance)])], false)
        case 4:
            // With a place left out.
            guard told.count > 2 else { return ([], false) }
            var run = try run(told)
            run.entries.remove(at: 1)
            return ([run], false)
        default:
            // Somebody else's entries, changed.
            guard let entry = entries.randomElement(using: &chance) else { return ([], false) }
            let run = UnverifiedRun(
                journal: entry.journal, replica: entry.replica, start: entry.position, entries: [entry.entry],
                signature: entry.signature ?? [UInt8](repeating: 1, count: 64))
            return (Self.spoil([run], &chance), false)
        }
    }

    /// The same runs with something changed in one of them.
    static func spoil(_ runs: [UnverifiedRun], _ chance: inout SplitMix64) -> [UnverifiedRun] {
        guard let r = runs.indices.randomElement(using: &chance), let e = runs[r].entries.indices.randomElement(using: &chance)
        else { return runs }
        var runs = runs
        switch Int.random(in: 0..<6, using: &chance) {
        case 0:
            guard let i = runs[r].entries[e].skeleton.indices.randomElement(using: &chance) else { break }
            runs[r].entries[e].skeleton[i] ^= 1 << UInt8.random(in: 0...7, using: &chance)
        case 1: runs[r].entries[e].time = Timestamp(milliseconds: Int64.random(in: 0...4_000_000_000_000, using: &chance))
        case 2: runs[r].entries[e].roster &+= 1
        case 3:
            if var signature = runs[r].signature, !signature.isEmpty {
                signature[Int.random(in: signature.indices, using: &chance)] ^= 1
                runs[r].signature = signature
            }
        case 4: runs[r].entries[e].values = EntryValues.sealed(seed: [UInt8](repeating: 3, count: 16), values: [[1, 2, 3]])
        default: runs[r].start = runs[r].start.next
        }
        return runs
    }

    private func birth() -> UnverifiedEntry {
        entry(Birth(key: signer.publicKey, earlier: nil).skeleton, [])
    }

    private func edit(_ entries: [StoredEntry], inflated: Bool, _ chance: inout SplitMix64) -> UnverifiedEntry {
        let record = RecordID(high: 0xec0d, low: UInt64.random(in: 0..<4, using: &chance) | scope.low << 8)
        var context = VersionVector()
        if inflated, let other = entries.randomElement(using: &chance) {
            context.see(Dot(other.journal, Position(rawValue: other.position.rawValue + 1_000)))
        }
        let write = Write(.put, field: "title", value: .value(.integer(Int64.random(in: 0...9, using: &chance))))
        let change = Change(edits: [Edit(record: record, type: "talk", context: context, writes: [write])])
        let (skeleton, values) = change.encoded()
        return entry(skeleton, values)
    }

    private func entry(_ skeleton: [UInt8], _ values: [[UInt8]]) -> UnverifiedEntry {
        UnverifiedEntry(
            time: time, offset: nil, roster: roster, skeleton: skeleton,
            values: .sealed(seed: [UInt8](repeating: 7, count: values.isEmpty ? 0 : 16), values: values))
    }

    private func run(_ entries: [UnverifiedEntry]) throws -> UnverifiedRun {
        var position = Position.none
        var previous = Hash.zero
        for entry in entries {
            position = position.next
            previous =
                Header(
                    scope: scope, replica: replica, position: position, previous: previous, time: entry.time, offset: entry.offset,
                    roster: entry.roster, rest: entry.rest
                ).hash
        }
        return UnverifiedRun(
            journal: JournalID(replica), replica: replica, start: 1, entries: entries,
            signature: try signer.sign(.signedHead, previous.bytes))
    }
}
