// The store contract: all or nothing, snapshots, several threads.

import Causality
import Journals
import Records
import Replicas

extension StoreConformance {
    static let transactions: [StoreCase] = [
        StoreCase("what a writer did that threw did not happen") { make in
            let store = try make()
            var hand = Hand(ann)
            let run = try hand.run(2)
            let one = try state(record(1))
            func write(_ writer: any StoreWriter) throws {
                let first = try writer.append(run)
                try writer.setState(one, in: scope, items: [item(1, of: record(1), since: 1)], edits: [first])
                try writer.setSetting("a", [1])
                try writer.setDraft("a", Draft(key: "a", saved: Timestamp(milliseconds: 1), bytes: []))
                try writer.quarantine([1], of: dot(ann, 1), in: scope, fault: Fault(.malformed), time: Timestamp(milliseconds: 1))
            }
            try expectStop {
                try store.writing { writer in
                    try write(writer)
                    throw Stop()
                }
            }
            try store.reading { reader in
                let (scopes, drafts) = (try reader.scopes(), try reader.drafts())
                try expect(scopes.isEmpty && drafts.isEmpty)
                let (setting, quarantined) = (try reader.setting("a"), try reader.quarantined(limit: 10))
                try expect(setting == nil && quarantined.isEmpty)
                let counts = try [reader.recordCount(in: scope), reader.itemCount()]
                try expect(counts == [0, 0])
            }
            // And it can be done again.
            try store.writing { try write($0) }
            let entries = try store.reading { try $0.entries(in: scope, from: 0, limit: 10) }
            try expect(entries.map(\.hash) == run.entries.map(\.hash))
        },
        StoreCase("a reader sees one state, whatever is written meanwhile") { make in
            let store = try make()
            var hand = Hand(ann)
            let (first, second) = (try hand.run(1), try hand.run(1))
            _ = try store.writing { try $0.append(first) }
            try store.reading { reader in
                let before = try reader.entries(in: scope, from: 0, limit: 10)
                try store.writing { writer in
                    _ = try writer.append(second)
                    try writer.setSetting("a", [1])
                }
                let after = try reader.entries(in: scope, from: 0, limit: 10)
                try expect(before.count == 1 && after == before)
                let setting = try reader.setting("a")
                try expect(setting == nil)
                let journal = try reader.journal(ann, in: scope)
                try expect(journal?.tip.position == Position(rawValue: 1))
            }
            let now = try store.reading { try $0.entries(in: scope, from: 0, limit: 10) }
            try expect(now.count == 2)
        },
        StoreCase("a store in order finds no fault with itself") { make in
            let store = try make()
            var hand = Hand(ann)
            let run = try hand.run(2)
            _ = try store.writing { try $0.append(run) }
            let faults = try store.faults()
            try expect(faults.isEmpty)
        },
    ]
}
