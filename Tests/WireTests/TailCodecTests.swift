import Causality
import Chance
import FoundationEssentials
import Journals
import Records
import Support
import SwiftProtobuf
import Testing
import Wire

struct TailCodecTests {
    @Test(arguments: UInt64(0)..<20)
    func `a tail reads back run by run`(_ block: UInt64) throws {
        var chance = SplitMix64(seed: block)
        for _ in 0..<50 {
            var runs: [UnverifiedRun] = []
            for _ in 0..<Int.random(in: 0...3, using: &chance) { runs.append(someRun(&chance)) }
            let read = try [UnverifiedRun](tail: tail(runs))
            #expect(read == runs)
            for (one, other) in zip(read, runs) {
                #expect(one.entries.map(\.rest) == other.entries.map(\.rest))
            }
        }
    }

    @Test func `a clock that is no longer measured is not taken for one that is`() throws {
        let measured = try #require(ClockOffset(milliseconds: 7))
        let sent = run(offsets: [measured, nil, nil, measured, nil])
        let read = try [UnverifiedRun](tail: tail([sent]))
        #expect(read == [sent])
    }

    @Test func `headers that cover an unsigned end come along`() throws {
        var covered = run(offsets: [nil])
        covered.cover = [[1, 2, 3], [4, 5, 6]]
        let read = try [UnverifiedRun](tail: tail([covered]))
        #expect(read == [covered])
    }

    private func run(offsets: [ClockOffset?]) -> UnverifiedRun {
        let entries = offsets.map { offset in
            UnverifiedEntry(time: Timestamp(milliseconds: 1), offset: offset, roster: 1, skeleton: [1], values: .none)
        }
        return UnverifiedRun(
            journal: JournalID(rawValue: 1), replica: ReplicaID(rawValue: 1), start: 1, entries: entries,
            signature: [UInt8](repeating: 9, count: 64))
    }

    @Test func `bytes beyond the limit on frames are refused unread`() {
        let bytes = [UInt8](repeating: 0, count: Limits.frameBytes + 1)
        #expect(throws: Malformed.self) { try [UnverifiedRun](tail: bytes) }
    }

    @Test func `no truncation and no flipped bit does harm`() throws {
        let seen = Dot(JournalID(rawValue: 2), 3)
        let put = Write(
            .put, field: "title", names: [Write.Name(seen)], value: .value(.list([.text("x"), .flag(true)])),
            reason: .value(.text("asked")))
        let context = VersionVector([VersionVector.Component(journal: seen.journal, position: seen.position)])
        let edit = Edit(record: RecordID(high: 0, low: 1), type: "talk", context: context, writes: [put])
        let (skeleton, values) = Change(author: .value(.text("p1")), edits: [edit]).encoded()
        let change = UnverifiedEntry(
            time: Timestamp(milliseconds: 5), offset: ClockOffset(milliseconds: 3), roster: 1, skeleton: skeleton,
            values: .sealed(seed: [UInt8](repeating: 7, count: 16), values: values))
        var erased = change
        erased.values = change.values.erasing([0])
        let sent = UnverifiedRun(
            journal: JournalID(rawValue: 1), replica: ReplicaID(rawValue: 1), start: 2, previous: .zero, entries: [change, erased],
            signature: [UInt8](repeating: 9, count: 64))
        let bytes = tail([sent])
        let whole = try [UnverifiedRun](tail: bytes)
        #expect(whole == [sent])
        for spoiled in bytes.truncations + bytes.flips {
            guard let runs = try? [UnverifiedRun](tail: spoiled) else { continue }
            for run in runs {
                for (i, entry) in run.entries.enumerated() {
                    let position = Position(rawValue: run.start.rawValue + UInt64(i))
                    _ = try? DecodedEntry(skeleton: entry.skeleton, values: entry.values, position: position, replica: run.replica)
                    _ = entry.rest
                }
            }
            #expect(tail(runs).isEmpty == runs.isEmpty)
        }
    }

    @Test(arguments: malformed)
    func `a run that cannot be is refused`(_ spoiling: Spoiling<Dundian_V1_Run>) throws {
        var spoiled = try Dundian_V1_Tail.sound()
        _ = try [UnverifiedRun](tail: spoiled.serializedBytes())
        spoiling.spoil(&spoiled.runs[0])
        let bytes: [UInt8] = try spoiled.serializedBytes()
        #expect(throws: Malformed.self) { try [UnverifiedRun](tail: bytes) }
    }
}

extension Dundian_V1_Tail {
    /// One run of two entries, the second with a value erased.
    fileprivate static func sound() throws -> Dundian_V1_Tail {
        let values = EntryValues.sealed(seed: [UInt8](repeating: 1, count: 16), values: [[1], [2]])
        let whole = UnverifiedEntry(time: Timestamp(milliseconds: 1), offset: nil, roster: 1, skeleton: [1], values: values)
        var erased = whole
        erased.values = values.erasing([1])
        let run = UnverifiedRun(
            journal: JournalID(rawValue: 1), replica: ReplicaID(rawValue: 2), start: 1, previous: .zero, entries: [whole, erased],
            signature: [UInt8](repeating: 9, count: 64))
        return try Dundian_V1_Tail(serializedBytes: tail([run]))
    }
}

private typealias Spoiled = Spoiling<Dundian_V1_Run>

private let malformed: [Spoiled] = [
    Spoiled("no journal") { $0.journal = 0 },
    Spoiled("no start") { $0.start = 0 },
    Spoiled("a start beyond the last position") { $0.start = Position.limit.rawValue + 1 },
    Spoiled("no entries") { $0.entries = [] },
    Spoiled("a previous hash of 31 bytes") { $0.previous.removeLast() },
    Spoiled("a time beyond the last") { run in
        run.time = .max
        run.entries[1].time = 1
    },
    Spoiled("a step in time beyond the last") { run in
        run.time = 1
        run.entries[1].time = .max
    },
    Spoiled("values without a seed") { $0.entries[0].seed = Data() },
    Spoiled("a seed of 15 bytes") { $0.entries[0].seed.removeLast() },
    Spoiled("a seed without values") { $0.entries[0].values = [] },
    Spoiled("values and parts") { $0.entries[0].parts = $0.entries[1].parts },
    Spoiled("a seed and parts") { $0.entries[1].seed = $0.entries[0].seed },
    Spoiled("a part without salt") { $0.entries[1].parts[0].salt = Data() },
    Spoiled("a salt of 17 bytes") { $0.entries[1].parts[0].salt.append(0) },
    Spoiled("a commitment of 33 bytes") { $0.entries[1].parts[1].erased.append(0) },
]
