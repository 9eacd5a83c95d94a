// What the review queue asks of a store: notices apart from items, likeness, decisions, when entries came.

import Causality
import Journals
import Records
import Replicas

extension StoreConformance {
    static let review: [StoreCase] = [
        StoreCase("notices stand apart from items, and both are found by record and by id") { make in
            let store = try make()
            let one = try state(record(1))
            let asked = item(1, of: record(1), since: 10)
            let told = QueuedItem(
                id: ItemID(high: 2, low: 0), scope: scope,
                item: ReviewItem(.overridden, record: record(1), field: "place", dots: [dot(ann, 2), dot(ben, 2)]), type: "talk",
                since: Timestamp(milliseconds: 5), people: ["Ann", "Ben"])
            try store.writing { try $0.setState(one, in: scope, items: [asked, told], edits: []) }
            try store.reading { reader in
                let items = try reader.items(in: nil, limit: 10, offset: 0)
                try expectEqual(items, [asked], "items")
                let count = try reader.itemCount()
                try expectEqual(count, 1, "count")
                let notices = try reader.notices(limit: 10, offset: 0)
                try expectEqual(notices, [told], "notices")
                let none = try reader.notices(limit: 10, offset: 1)
                try expect(none.isEmpty)
                let both = try reader.items(of: record(1), in: scope)
                try expectEqual(both, [asked, told], "of the record")
                let elsewhere = try reader.items(of: record(1), in: elsewhere)
                try expect(elsewhere.isEmpty)
                let found = try reader.items(told.id...told.id, limit: 5)
                try expectEqual(found, [told], "by id")
            }
            try store.writing { try $0.setState(one, in: scope, items: [], edits: []) }
            let left = try store.reading { try $0.notices(limit: 10, offset: 0) }
            try expect(left.isEmpty, "notices go with the state they came with")
        },
        StoreCase("an item comes back whole") { make in
            let store = try make()
            let one = try state(record(1))
            let alike = QueuedItem(
                id: ItemID(high: 1, low: 9), scope: scope, item: ReviewItem(.looksAlike, record: record(1), other: record(2)),
                type: "talk", since: Timestamp(milliseconds: 7), isProposed: true, people: ["Ann", "", "本"])
            try store.writing { try $0.setState(one, in: scope, items: [alike], edits: []) }
            let back = try store.reading { try $0.items(in: scope, limit: 1, offset: 0) }
            try expectEqual(back, [alike], "the item")
        },
        StoreCase("records that are alike are found within their scope, ascending, and only as they are now") { make in
            let store = try make()
            let (likeness, another) = (Likeness(high: 5, low: 1), Likeness(high: 5, low: 2))
            let states = try [record(3), record(1), record(2), record(4)].map { try state($0) }
            func alike(_ likeness: Likeness, in place: ScopeID = scope, limit: Int = 10) throws -> [RecordID] {
                try store.reading { try $0.records(like: likeness, in: place, limit: limit) }
            }
            try store.writing { writer in
                for state in states[..<3] { try writer.setState(state, in: scope, items: [], likeness: likeness, edits: []) }
                try writer.setState(states[3], in: elsewhere, items: [], likeness: likeness, edits: [])
            }
            let all = try alike(likeness)
            try expectEqual(all, [record(1), record(2), record(3)], "alike")
            let first = try alike(likeness, limit: 2)
            try expectEqual(first, [record(1), record(2)], "the first two")
            let far = try alike(likeness, in: elsewhere)
            try expectEqual(far, [record(4)], "elsewhere")
            try store.writing { writer in
                try writer.setState(states[1], in: scope, items: [], likeness: another, edits: [])
                try writer.setState(states[2], in: scope, items: [], likeness: nil, edits: [])
            }
            let now = try (alike(likeness), alike(another))
            try expect(now == ([record(3)], [record(1)]), "what it is like now")
            try store.writing { try $0.removeStates(in: scope) }
            let gone = try alike(likeness)
            try expect(gone.isEmpty)
        },
        StoreCase("decisions are found the newest first, and entries say when they came") { make in
            let store = try make()
            var hand = Hand(ann)
            let run = try hand.run(4)
            let (one, two) = (try state(record(1)), try state(record(2)))
            let first = try store.writing { writer in
                let first = try writer.append(run, received: Timestamp(milliseconds: 77))
                try writer.setState(
                    one, in: scope, items: [], likeness: nil,
                    edits: [NotedEdit(first + 1), NotedEdit(first + 2, decides: true), NotedEdit(first + 3, decides: true)])
                try writer.setState(two, in: scope, items: [], likeness: nil, edits: [NotedEdit(first + 3, decides: true)])
                return first
            }
            try store.reading { reader in
                let all = try reader.decisions(in: scope, before: nil, limit: 10)
                try expectEqual(all.map(\.entry.arrival), [first + 3, first + 3, first + 2], "arrivals")
                try expectEqual(all.map(\.record), [record(1), record(2), record(1)], "records")
                let earlier = try reader.decisions(in: scope, before: first + 3, limit: 10)
                try expectEqual(earlier.map(\.record), [record(1)], "before")
                let page = try reader.decisions(in: scope, before: nil, limit: 1)
                try expectEqual(page.count, 1, "the limit")
                let none = try reader.decisions(in: elsewhere, before: nil, limit: 10)
                try expect(none.isEmpty)
                let came = try reader.entries(in: scope, from: first, limit: 10).map(\.received)
                try expectEqual(came, [Timestamp?](repeating: Timestamp(milliseconds: 77), count: 4), "when entries came")
            }
        },
    ]
}
