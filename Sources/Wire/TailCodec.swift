// Tails to bytes and back. What follows from the entry before is left out (protocol/4-exchange.md, "Tails and frames").

import FoundationEssentials
import SwiftProtobuf

package import Causality
package import Journals

/// Builds one frame's tail, run by run.
package struct TailWriter {
    private var tail = Dundian_V1_Tail()
    private var last: (time: Timestamp, offset: ClockOffset?, roster: UInt32)?
    /// About what the encoded tail will have.
    package private(set) var byteCount = 0

    package init() {}

    package var isEmpty: Bool { tail.runs.isEmpty }

    /// Begins a run; `previous` where the receiver cannot know it.
    package mutating func begin(
        journal: JournalID, replica: ReplicaID, start: Position, previous: Hash?, version: UInt32 = 1
    ) {
        var run = Dundian_V1_Run()
        if version != 1 { run.version = version }
        run.journal = journal.rawValue
        if replica.rawValue != journal.rawValue { run.replica = replica.rawValue }
        run.start = start.rawValue
        if let previous { run.previous = Data(previous.bytes) }
        tail.runs.append(run)
        last = nil
        byteCount += 64
    }

    package mutating func append(_ entry: UnverifiedEntry) {
        let r = tail.runs.count - 1
        var item = Dundian_V1_Entry()
        if let last {
            // Times that go back are a damaged store's; the receiver will find that the hash is another.
            item.time = UInt64(clamping: entry.time.rawValue.subtractingReportingOverflow(last.time.rawValue).partialValue)
            if entry.offset != last.offset { item.offset = entry.offset?.milliseconds ?? .min }
            if entry.roster != last.roster { item.roster = entry.roster }
        } else {
            tail.runs[r].time = entry.time.rawValue
            if let offset = entry.offset { tail.runs[r].offset = offset.milliseconds }
            tail.runs[r].roster = entry.roster
        }
        last = (entry.time, entry.offset, entry.roster)
        item.skeleton = Data(entry.skeleton)
        switch entry.values {
        case .sealed(let seed, let values):
            item.seed = Data(seed)
            item.values = values.map { Data($0) }
        case .opened(let parts):
            item.parts = parts.map { part in
                var out = Dundian_V1_Part()
                switch part {
                case .present(let salt, let value): (out.salt, out.value) = (Data(salt), Data(value))
                case .erased(let commitment): out.erased = Data(commitment.bytes)
                }
                return out
            }
        }
        tail.runs[r].entries.append(item)
        byteCount += 16 + entry.encodedByteCount
    }

    /// Signs the run's last entry, or the last of the headers that cover it.
    package mutating func sign(_ signature: [UInt8], cover: [[UInt8]] = []) {
        tail.runs[tail.runs.count - 1].signature = Data(signature)
        tail.runs[tail.runs.count - 1].cover = cover.map { Data($0) }
        byteCount += 66 + cover.count * (Header.byteCount + 2)
    }

    package var bytes: [UInt8] { tail.bytes }
}

extension UnverifiedEntry {
    /// About what it takes on the wire.
    package var encodedByteCount: Int {
        let values: Int =
            switch self.values {
            case .sealed(let seed, let values): seed.count + values.reduce(0) { $0 + $1.count + 3 }
            case .opened(let parts): parts.count * 40 + self.values.byteCount
            }
        return skeleton.count + values
    }
}

extension [UnverifiedRun] {
    /// Reads the runs of a tail. What is left out is put back; nothing is checked yet.
    package init(tail bytes: [UInt8]) throws(Malformed) {
        guard bytes.count <= Limits.frameBytes else { throw Malformed("a frame has more than \(Limits.frameBytes) bytes") }
        self = try decoding(Dundian_V1_Tail.self, bytes) { tail in try tail.runs.map(UnverifiedRun.init) }
    }
}

extension UnverifiedRun {
    fileprivate init(_ run: Dundian_V1_Run) throws(Malformed) {
        guard run.journal != 0, run.start > 0, run.start <= Position.limit.rawValue, !run.entries.isEmpty else {
            throw Malformed("a run without journal, start or entries")
        }
        var time = run.time
        var offset = run.hasOffset ? ClockOffset(milliseconds: run.offset) : nil
        var roster = run.roster
        var entries: [UnverifiedEntry] = []
        entries.reserveCapacity(run.entries.count)
        for item in run.entries {
            let (sum, overflow) = time.addingReportingOverflow(Int64(clamping: item.time))
            guard !overflow else { throw Malformed("a time is out of range") }
            time = sum
            if item.hasOffset { offset = ClockOffset(milliseconds: item.offset) }
            if item.hasRoster { roster = item.roster }
            entries.append(
                UnverifiedEntry(
                    time: Timestamp(rawValue: time), offset: offset, roster: roster, skeleton: Array(item.skeleton),
                    values: try EntryValues(item)))
        }
        self.init(
            journal: JournalID(rawValue: run.journal),
            replica: ReplicaID(rawValue: run.replica == 0 ? run.journal : run.replica), start: Position(rawValue: run.start),
            previous: run.previous.isEmpty ? nil : try Hash(wire: run.previous), entries: entries,
            signature: run.signature.isEmpty ? nil : Array(run.signature), cover: run.cover.map { Array($0) })
        version = max(1, run.version)
    }
}

extension EntryValues {
    fileprivate init(_ item: Dundian_V1_Entry) throws(Malformed) {
        guard item.parts.isEmpty else {
            guard item.seed.isEmpty, item.values.isEmpty else { throw Malformed("an entry has both a seed and parts") }
            var parts: [Part] = []
            for part in item.parts {
                if part.erased.isEmpty {
                    guard part.salt.count == 16 else { throw Malformed("a salt has 16 bytes") }
                    parts.append(.present(salt: Array(part.salt), value: Array(part.value)))
                } else {
                    parts.append(.erased(commitment: try Hash(wire: part.erased)))
                }
            }
            self = .opened(parts)
            return
        }
        guard item.seed.count == (item.values.isEmpty ? 0 : 16) else { throw Malformed("a seed has 16 bytes, with values") }
        self = .sealed(seed: Array(item.seed), values: item.values.map { Array($0) })
    }
}
