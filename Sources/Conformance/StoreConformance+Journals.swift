// The store contract: entries, journals, values.

import Causality
import Journals
import Records
import Replicas

extension StoreConformance {
    static let journals: [StoreCase] = [
        StoreCase("entries come back as they went in, in the order they arrived") { make in
            let store = try make()
            var (hand, other) = (Hand(ann), Hand(ben))
            let sealed = EntryValues.sealed(seed: [UInt8](repeating: 9, count: 16), values: [[1, 2], []])
            let runs = try [hand.run(2), other.run(1, sealed), hand.run(3, sealed.erasing([0]))]
            let firsts = try store.writing { writer in try runs.map { try writer.append($0) } }
            let all = try store.reading { try $0.entries(in: scope, from: 0, limit: 100) }

            try expect(all.map(\.dot) == [dot(ann, 1), dot(ann, 2), dot(ben, 1), dot(ann, 3), dot(ann, 4), dot(ann, 5)])
            try expect(all.map(\.arrival) == [firsts[0], firsts[0] + 1, firsts[1], firsts[2], firsts[2] + 1, firsts[2] + 2])
            try expect(zip(all, all.dropFirst()).allSatisfy { $0.arrival < $1.arrival })
            let chained = runs.flatMap(\.entries)
            try expect(all.map(\.hash) == chained.map(\.hash))
            try expect(all.map(\.entry.skeleton) == chained.map(\.skeleton))
            try expect(all.map(\.entry.values) == chained.map(\.values))
            try expect(all.map(\.entry.time) == chained.map(\.header.time))
            try expect(all.map(\.entry.offset) == chained.map(\.header.offset))
            try expect(all.map(\.entry.roster) == chained.map(\.header.roster))
            try expect(all.map(\.replica) == chained.map(\.header.replica))
            try expect(all.map(\.signature) == [nil, runs[0].signature, runs[1].signature, nil, nil, runs[2].signature])
        },
        StoreCase("entries are read from a place on, no more of them than asked for") { make in
            let store = try make()
            var (hand, other, far) = (Hand(ann), Hand(ben), Hand(ann, in: elsewhere))
            let runs = try [hand.run(3), far.run(2), other.run(2), hand.run(2)]
            let firsts = try store.writing { writer in try runs.map { try writer.append($0) } }
            try store.reading { reader in
                let some = try reader.entries(in: scope, from: firsts[0] + 1, limit: 3)
                try expect(some.map(\.dot) == [dot(ann, 2), dot(ann, 3), dot(ben, 1)])
                let rest = try reader.entries(in: scope, from: firsts[3] + 1, limit: 100)
                try expect(rest.map(\.dot) == [dot(ann, 5)])
                let none = try reader.entries(in: scope, from: firsts[3] + 2, limit: 100)
                try expect(none.isEmpty)
                let journal = try reader.entries(of: ann, in: scope, from: 2, limit: 3)
                try expect(journal.map(\.dot) == [dot(ann, 2), dot(ann, 3), dot(ann, 4)])
                let beyond = try reader.entries(of: ann, in: scope, from: 6, limit: 3)
                try expect(beyond.isEmpty)
                let far = try reader.entries(in: elsewhere, from: 0, limit: 100)
                try expect(far.map(\.dot) == [dot(ann, 1), dot(ann, 2)])
            }
        },
        StoreCase("an entry is found by its dot, and so is its arrival") { make in
            let store = try make()
            var hand = Hand(ann)
            let run = try hand.run(2)
            let first = try store.writing { try $0.append(run) }
            try store.reading { reader in
                let found = try reader.entry(dot(ann, 2), in: scope)
                try expect(found?.hash == run.entries[1].hash)
                let arrival = try reader.arrival(of: dot(ann, 2), in: scope)
                try expect(arrival == first + 1)
                let missing = [(dot(ann, 3), scope), (dot(ann, 0), scope), (dot(ben, 1), scope), (dot(ann, 1), elsewhere)]
                for (nothing, place) in missing {
                    let entry = try reader.entry(nothing, in: place)
                    try expect(entry == nil)
                    let arrival = try reader.arrival(of: nothing, in: place)
                    try expect(arrival == nil)
                }
            }
        },
        StoreCase("a journal ends where its last run did, and counts as far as was set") { make in
            let store = try make()
            var (hand, other, far) = (Hand(ann), Hand(ben), Hand(ben, in: elsewhere))
            let runs = try [other.run(1), hand.run(2), far.run(1), hand.run(1)]
            try store.writing { writer in
                for run in runs { _ = try writer.append(run) }
                try writer.setCounted(2, of: ann, in: scope)
            }
            try store.reading { reader in
                let scopes = try reader.scopes()
                try expect(scopes == [scope, elsewhere])
                let journals = try reader.journals(in: scope)
                try expect(journals == [StoredJournal(tip: hand.tip, counted: 2), StoredJournal(tip: other.tip, counted: 0)])
                let one = try reader.journal(ann, in: scope)
                try expect(one == journals[0])
                let missing = try reader.journal(ann, in: elsewhere)
                try expect(missing == nil)
                let knowledge = try reader.knowledge(of: scope)
                try expect(knowledge.heads.map(\.hash) == [hand.tip.hash, other.tip.hash])
            }
        },
        StoreCase("the values of an entry are replaced, and nothing else of it") { make in
            let store = try make()
            var hand = Hand(ann)
            let run = try hand.run(3, .sealed(seed: [UInt8](repeating: 9, count: 16), values: [[1], [2]]))
            let erased = run.entries[1].values.erasing([1])
            _ = try store.writing { try $0.append(run) }
            let before = try store.reading { try $0.entries(in: scope, from: 0, limit: 10) }
            try store.writing { try $0.setValues(erased, of: dot(ann, 2), in: scope) }
            let after = try store.reading { try $0.entries(in: scope, from: 0, limit: 10) }
            var expected = before
            expected[1].entry.values = erased
            try expect(after == expected)
        },
        StoreCase("a writer sees what it has written itself") { make in
            let store = try make()
            var hand = Hand(ann)
            let (first, second) = (try hand.run(1), try hand.run(1))
            let count = try store.writing { writer in
                _ = try writer.append(first)
                _ = try writer.append(second)
                return try writer.entries(in: scope, from: 0, limit: 10).count
            }
            try expect(count == 2)
        },
    ]
}
