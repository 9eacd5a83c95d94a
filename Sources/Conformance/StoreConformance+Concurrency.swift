// The store contract where authors of stores most often go wrong: several threads, errors half way, and opening again.

import Causality
import Dispatch
import Journals
import Records
import Replicas
import Synchronization

extension StoreConformance {
    static let concurrency: [StoreCase] = [
        StoreCase("writers follow each other, so no write is lost") { make in
            let store = try make()
            try atOnce(4) { _ in
                for _ in 0..<25 {
                    try store.writing { writer in
                        let count = try writer.setting("count")?.first ?? 0
                        try writer.setSetting("count", [count + 1])
                    }
                }
            }
            try expectEqual(try store.reading { try $0.setting("count") } ?? [], [100], "100 increments of a setting")
        },
        StoreCase("arrivals grow by one, whoever appends") { make in
            let store = try make()
            try atOnce(4) { n in
                var hand = Hand(JournalID(rawValue: UInt64(n + 1)))
                for _ in 0..<10 {
                    let run = try hand.run(3)
                    let first = try store.writing { try $0.append(run) }
                    let mine = try store.reading { try $0.entries(in: scope, from: first, limit: 3) }
                    try expect(
                        mine.map(\.hash) == run.stored(from: first, received: run.tip.time).map(\.hash),
                        "a run's entries do not follow each other")
                }
            }
            let all = try store.reading { try $0.entries(in: scope, from: 0, limit: 1_000) }
            try expectEqual(all.count, 120, "entries")
            try expect(zip(all, all.dropFirst()).allSatisfy { $0.arrival < $1.arrival }, "arrivals do not grow")
        },
        StoreCase("a reader beside a writer never sees half of a transaction") { make in
            let store = try make()
            try atOnce(2) { n in
                for i in 0..<50 {
                    if n == 0 {
                        try store.writing { writer in
                            try writer.setSetting("left", [UInt8(i)])
                            try writer.setSetting("right", [UInt8(i)])
                        }
                    } else {
                        let pair = try store.reading { (try $0.setting("left"), try $0.setting("right")) }
                        try expect(pair.0 == pair.1, "one setting of two was seen")
                    }
                }
            }
        },
        StoreCase("a limit of none gives nothing, a large one everything") { make in
            let store = try make()
            var hand = Hand(ann)
            let run = try hand.run(3)
            let one = try state(record(1))
            let items = [item(1, of: record(1), since: 1)]
            try store.writing { writer in
                let first = try writer.append(run)
                try writer.setState(one, in: scope, items: items, edits: [first])
            }
            try store.reading { reader in
                for (limit, entries, records) in [(0, 0, 0), (1_000_000, 3, 1)] {
                    try expectEqual(try reader.entries(in: scope, from: 0, limit: limit).count, entries, "entries of a scope")
                    try expectEqual(try reader.entries(of: ann, in: scope, from: 1, limit: limit).count, entries, "of a journal")
                    try expectEqual(try reader.states(in: scope, after: nil, limit: limit).count, records, "states")
                    try expectEqual(
                        try reader.list(scope: nil, type: nil, deleted: nil, limit: limit, offset: 0).count, records, "a list")
                    try expectEqual(try reader.items(in: nil, limit: limit, offset: 0).count, records, "items")
                    try expectEqual(
                        try reader.records(RecordID(high: 0, low: 0)...RecordID(high: .max, low: .max), limit: limit).count,
                        records, "ids")
                }
            }
        },
        StoreCase("quarantine keeps the newest of a journal, and a flood in one takes nothing from another") { make in
            let store = try make()
            let more = Quarantined.perJournalMax + 3
            try store.writing { writer in
                try writer.quarantine(
                    [1], of: dot(ben, 1), in: scope, fault: Fault(.malformed), time: Timestamp(milliseconds: 1))
                for n in 0..<more {
                    try writer.quarantine(
                        [UInt8(n)], of: dot(ann, 1), in: scope, fault: Fault(.malformed), time: Timestamp(milliseconds: 1))
                }
            }
            let all = try store.reading { try $0.quarantined(limit: 1_000) }
            try expectEqual(all.filter { $0.journal == ben }.count, 1, "pieces of the quiet journal")
            let flood = all.filter { $0.journal == ann }.map(\.bytes)
            try expectEqual(flood, (3..<more).map { [UInt8($0)] }, "pieces of the loud journal")
        },
    ]

    static let durability: [DurableStoreCase] = [
        DurableStoreCase("what a write returned from is there when the place is opened again") { make in
            var hand = Hand(ann)
            let sealed = EntryValues.sealed(seed: [UInt8](repeating: 9, count: 16), values: [[1, 2], []])
            let run = try hand.run(3, sealed)
            let one = try state(record(1))
            let items = [item(1, of: record(1), since: 1)]
            try make(1).writing { writer in
                let first = try writer.append(run)
                try writer.setCounted(2, of: ann, in: scope)
                try writer.setState(one, in: scope, items: items, edits: [first + 1])
                try writer.setSetting("a", [])
                try writer.setDraft("d", Draft(key: "d", saved: Timestamp(milliseconds: 5), bytes: [1]))
                try writer.quarantine([1], of: dot(ben, 1), in: scope, fault: Fault(.gap, "why"), time: Timestamp(milliseconds: 1))
            }
            let tip = hand.tip
            let again = try make(1)
            try again.reading { reader in
                try expectEqual(try reader.journals(in: scope), [StoredJournal(tip: tip, counted: 2)], "journals")
                let entries = try reader.entries(in: scope, from: 0, limit: 10)
                try expectEqual(entries, run.stored(from: entries.first?.arrival ?? 0, received: run.tip.time), "entries")
                try expectEqual(try reader.state(of: record(1), in: scope), one, "a state")
                try expectEqual(try reader.items(in: scope, limit: 10, offset: 0), items, "review items")
                try expectEqual(try reader.history(of: record(1), in: scope).map(\.dot), [dot(ann, 2)], "a history")
                try expectEqual(try reader.setting("a"), [], "an empty setting")
                try expectEqual(try reader.drafts().map(\.bytes), [[1]], "drafts")
                try expectEqual(try reader.quarantined(limit: 10).map(\.fault), [Fault(.gap, "why")], "quarantine")
            }
            let next = try hand.run(1)
            let last = try again.reading { try $0.entries(in: scope, from: 0, limit: 10) }.last?.arrival ?? 0
            try expect(try again.writing { try $0.append(next) } > last, "arrivals begin anew after opening again")
        },
        DurableStoreCase("what a writer did that threw is not there when the place is opened again") { make in
            var hand = Hand(ann)
            let run = try hand.run(1)
            let store = try make(1)
            try store.writing { try $0.setSetting("before", [1]) }
            try expectStop {
                try store.writing { writer in
                    _ = try writer.append(run)
                    try writer.setSetting("before", [2])
                    throw Stop()
                }
            }
            try make(1).reading { reader in
                try expectEqual(try reader.setting("before"), [1], "the setting")
                try expectEqual(try reader.scopes(), [], "scopes")
            }
        },
        DurableStoreCase("two that have one place open write in turn and see each other") { make in
            let stores = [try make(1), try make(1)]
            try atOnce(2) { n in
                for _ in 0..<20 {
                    try stores[n].writing { try $0.setSetting("count", [(try $0.setting("count")?.first ?? 0) + 1]) }
                }
            }
            for store in stores {
                try expectEqual(try store.reading { try $0.setting("count") } ?? [], [40], "40 increments by two")
            }
        },
        DurableStoreCase("two places are two stores") { make in
            try make(1).writing { try $0.setSetting("a", [1]) }
            try expectEqual(try make(2).reading { try $0.setting("a") }, nil, "a setting of another place")
        },
    ]
}

/// Runs `body` on several threads and throws what the first of them threw.
private func atOnce(_ threads: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: threads) { n in
        do { try body(n) } catch { failure.withLock { if $0 == nil { $0 = error } } }
    }
    if let error = failure.withLock({ $0 }) { throw error }
}
