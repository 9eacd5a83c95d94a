// The store contract: settings, drafts, quarantine.

import Causality
import Journals
import Records
import Replicas

extension StoreConformance {
    static let rest: [StoreCase] = [
        StoreCase("settings are set, replaced, found by prefix and removed") { make in
            let store = try make()
            try store.writing { writer in
                for key in ["b", "a%1", "a_2", "a"] { try writer.setSetting(key, Array(key.utf8)) }
                try writer.setSetting("b", [])
            }
            try store.reading { reader in
                let (empty, missing) = (try reader.setting("b"), try reader.setting("c"))
                try expect(empty == [] && missing == nil)
                let found = try reader.settings(beginning: "a")
                let keys = ["a", "a%1", "a_2"]
                try expect(found.map { $0.key } == keys)
                try expect(found.map { $0.value } == keys.map { Array($0.utf8) })
                let literal = try reader.settings(beginning: "a_")
                try expect(literal.map { $0.key } == ["a_2"])
                let all = try reader.settings(beginning: "")
                try expect(all.count == 4)
            }
            try store.writing { writer in
                try writer.setSetting("a", nil)
                try writer.setSetting("never", nil)
            }
            let gone = try store.reading { try $0.setting("a") }
            try expect(gone == nil)
        },
        StoreCase("drafts are kept by key until they are taken away") { make in
            let store = try make()
            let drafts = ["a", "b"].map { Draft(key: $0, saved: Timestamp(milliseconds: 5), bytes: Array("\($0) 🦆".utf8)) }
            let newer = Draft(key: "a", saved: Timestamp(milliseconds: 6), bytes: [])
            try store.writing { writer in
                for draft in drafts.reversed() { try writer.setDraft(draft.key, draft) }
            }
            let both = try store.reading { try $0.drafts() }
            try expect(both == drafts)
            try store.writing { writer in
                try writer.setDraft("a", newer)
                try writer.setDraft("b", nil)
            }
            let one = try store.reading { try $0.drafts() }
            try expect(one == [newer])
        },
        StoreCase("what did not verify is kept once, with the reason, the newest last") { make in
            let store = try make()
            let faults = [Fault(.signatureInvalid, "first"), Fault(.malformed, "second"), Fault(.tooLarge)]
            try store.writing { writer in
                for (n, fault) in faults.enumerated() {
                    for _ in 0..<2 {
                        try writer.quarantine(
                            [UInt8(n), 0], of: dot(ann, UInt64(n + 1)), in: scope, fault: fault, time: Timestamp(milliseconds: 9))
                    }
                }
            }
            try store.writing {
                try $0.quarantine([0, 0], of: dot(ann, 1), in: scope, fault: faults[1], time: Timestamp(milliseconds: 10))
            }
            let all = try store.reading { try $0.quarantined(limit: 10) }
            try expect(all.map(\.fault) == faults)
            try expect(all.map(\.bytes) == [[0, 0], [1, 0], [2, 0]])
            try expect(all.map(\.position) == [1, 2, 3])
            try expect(all.allSatisfy { $0.scope == scope && $0.journal == ann && $0.time == Timestamp(milliseconds: 9) })
            try expect(zip(all, all.dropFirst()).allSatisfy { $0.id < $1.id })
            let newest = try store.reading { try $0.quarantined(limit: 2) }
            try expect(newest == Array(all.dropFirst()))
        },
    ]
}
