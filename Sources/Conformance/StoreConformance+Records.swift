// The store contract: record states, lists, histories, review items.

import Causality
import Journals
import Records
import Replicas

extension StoreConformance {
    static let records: [StoreCase] = [
        StoreCase("a state with everything in it comes back whole") { make in
            let id = record(1)
            var edits: [PlacedEdit] = []
            func add(_ place: Dot, seeing seen: [Dot] = [], by author: String? = nil, _ writes: Write...) {
                var context = VersionVector()
                for dot in seen { context.see(dot) }
                let edit = Edit(record: id, type: "talk", context: context, writes: writes)
                let time = Timestamp(milliseconds: Int64(place.position.rawValue))
                edits.append(PlacedEdit(dot: place, time: time, author: author, edit: edit))
            }
            let (a2, a3, b2, b3, b4) = (dot(ann, 2), dot(ann, 3), dot(ben, 2), dot(ben, 3), dot(ben, 4))
            add(
                a2, by: "Ann", put(.text("a")), Write(.add, field: "tags", value: .value(.integer(-1))),
                Write(.add, field: "tags", value: .erased), put(.unrecognised([0xfa, 0x01, 0x00]), "odd"))
            add(b2, Write(.put, field: "title", value: .value(.list([.flag(true), .text("b")])), reason: .erased))
            let both = [Write.Name(a2), Write.Name(b2)]
            let rule = Content.value(.text("rule:latest@1"))
            add(a3, seeing: [a2, b2], Write(.settle, field: "title", names: both, value: .value(.text("c")), reason: rule))
            add(b3, seeing: [a3, b2], by: "Ben", Write(.approve, field: "title", names: [Write.Name(a3)]))
            add(dot(ann, 4), seeing: [a3, b2], Write(.drop, field: "tags", names: [Write.Name(a2, ordinal: 0)]))
            add(b4, seeing: [a3, b3], Write(.delete))
            add(dot(ben, 5), seeing: [a3, b4], put(.empty, "place"))
            let state = try require(RecordState.fold(edits))
            try expect(state.isDeleted && !state.unseenEdits.isEmpty && !state.latePuts.isEmpty)
            let store = try make()
            try store.writing { try $0.setState(state, in: scope, items: [], edits: []) }
            let kept = try store.reading { try $0.state(of: id, in: scope) }
            try expect(kept == state)
        },
        StoreCase("states come ascending by record, page by page, the last one written") { make in
            let store = try make()
            let highs: [UInt64] = [0, 1, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, .max]
            let ids = highs.map { record($0) }
            let states = try ids.map { try state($0) }
            let newer = try state(ids[2], title: "Second")
            try store.writing { writer in
                for state in states.reversed() { try writer.setState(state, in: scope, items: [], edits: []) }
                try writer.setState(newer, in: scope, items: [], edits: [])
                try writer.setState(states[0], in: elsewhere, items: [], edits: [])
            }
            try store.reading { reader in
                let first = try reader.states(in: scope, after: nil, limit: 2)
                try expect(first.map(\.record) == [ids[0], ids[1]])
                let rest = try reader.states(in: scope, after: ids[1], limit: 10)
                try expect(rest == [newer, states[3], states[4]])
                let none = try reader.states(in: scope, after: ids[4], limit: 10)
                try expect(none.isEmpty)
                let (count, far) = (try reader.recordCount(in: scope), try reader.recordCount(in: elsewhere))
                try expect(count == 5 && far == 1)
                let missing = try reader.state(of: ids[1], in: elsewhere)
                try expect(missing == nil)
            }
        },
        StoreCase("a list shows the newest first, of one type and scope or of all, deleted or not") { make in
            let store = try make()
            let made: [(scope: ScopeID, state: RecordState)] = [
                (scope, try state(record(1), time: 10)), (scope, try state(record(2), time: 30)),
                (scope, try state(record(3), type: "person", time: 20)), (elsewhere, try state(record(4), time: 20)),
                (scope, try deletedState(record(5), time: 5)),
            ]
            try store.writing { writer in
                for (scope, state) in made { try writer.setState(state, in: scope, items: [], edits: []) }
            }
            func list(
                _ scope: ScopeID?, _ type: TypeKey?, deleted: Bool? = nil, limit: Int = 10, offset: Int = 0
            ) throws -> [RecordID] {
                let found = try store.reading { reader in
                    let all = try reader.list(scope: scope, type: type, deleted: deleted, limit: 10, offset: 0)
                    try expectEqual(try reader.count(scope: scope, type: type, deleted: deleted), all.count, "a count")
                    return try reader.list(scope: scope, type: type, deleted: deleted, limit: limit, offset: offset)
                }
                try expect(found.allSatisfy { one in made.contains { $0.scope == one.scope && $0.state == one.state } })
                return found.map { $0.state.record }
            }
            let all = try list(nil, nil)
            try expect(all == [record(2), record(3), record(4), record(1), record(5)])
            let talks = try list(nil, "talk", deleted: false)
            try expect(talks == [record(2), record(4), record(1)])
            let gone = try list(scope, "talk", deleted: true)
            try expect(gone == [record(5)])
            let here = try list(scope, nil, deleted: false)
            try expect(here == [record(2), record(3), record(1)])
            let both = try list(scope, "talk")
            try expect(both == [record(2), record(1), record(5)])
            let page = try list(nil, nil, limit: 2, offset: 1)
            try expect(page == [record(3), record(4)])
            let nothing = try list(ScopeID(high: 9, low: 9), nil) + list(nil, "zither") + list(nil, nil, offset: 5)
            try expect(nothing.isEmpty)
        },
        StoreCase("a record is found by its scope and by a range its id is in") { make in
            let store = try make()
            let highs: [UInt64] = [0xab01_0000_0000_0000, 0xab12_0000_0000_0000, 0xcd00_0000_0000_0000]
            let ids = highs.map { record($0) }
            let states = try ids.map { try state($0) }
            try store.writing { writer in
                try writer.setState(states[0], in: scope, items: [], edits: [])
                try writer.setState(states[1], in: elsewhere, items: [], edits: [])
                try writer.setState(states[2], in: scope, items: [], edits: [])
            }
            func range(_ low: UInt64, _ high: UInt64) -> ClosedRange<RecordID> {
                RecordID(high: low, low: 0)...RecordID(high: high, low: .max)
            }
            let expected: [(ClosedRange<RecordID>, [RecordID])] = [
                (range(0xab << 56, 0xac << 56 - 1), [ids[0], ids[1]]), (range(0xab01 << 48, 0xab11 << 48), [ids[0]]),
                (range(0, .max), ids), (ids[2]...ids[2], [ids[2]]), (range(0xab02 << 48, 0xab12 << 48 - 1), []),
                (RecordID(high: highs[0], low: 8)...RecordID(high: highs[1], low: 7), [ids[1]]),
            ]
            try store.reading { reader in
                for (range, records) in expected {
                    let found = try reader.records(range, limit: 10)
                    try expect(found == records, "\(range)")
                }
                let one = try reader.records(range(0, .max), limit: 1)
                try expect(one == [ids[0]])
                let scopes = try ids.map { try reader.scope(of: $0) }
                try expect(scopes == [scope, elsewhere, scope])
                let missing = try reader.scope(of: record(5))
                try expect(missing == nil)
            }
        },
        StoreCase("review items are found by a range their ids are in, ascending") { make in
            let store = try make()
            let items = [item(3, of: record(1), since: 10), item(2, of: record(1), since: 20), item(9, of: record(1), since: 5)]
            let one = try state(record(1))
            try store.writing { try $0.setState(one, in: scope, items: items, edits: []) }
            func found(_ low: UInt64, _ high: UInt64, limit: Int = 10) throws -> [QueuedItem] {
                try store.reading { try $0.items(ItemID(high: low, low: 0)...ItemID(high: high, low: 0), limit: limit) }
            }
            let (some, first, none) = (try found(2, 8), try found(0, .max, limit: 1), try found(4, 8))
            try expect(some == [items[1], items[0]])
            try expect(first == [items[1]])
            try expect(none.isEmpty)
        },
        StoreCase("a record's history is the entries that edit it, each once, in the order of arrival") { make in
            let store = try make()
            var (hand, other, far) = (Hand(ann), Hand(ben), Hand(ann, in: elsewhere))
            let (mine, theirs, distant) = (try hand.run(3), try other.run(2), try far.run(1))
            let (one, two) = (try state(record(1)), try state(record(2)))
            try store.writing { writer in
                let (a, b, c) = (try writer.append(mine), try writer.append(theirs), try writer.append(distant))
                try writer.setState(one, in: scope, items: [], edits: [b + 1, a + 1])
                try writer.setState(one, in: scope, items: [], edits: [a + 1, a + 2])
                try writer.setState(two, in: scope, items: [], edits: [a + 1])
                try writer.setState(two, in: elsewhere, items: [], edits: [c])
            }
            try store.reading { reader in
                let history = try reader.history(of: record(1), in: scope)
                try expect(history.map(\.dot) == [dot(ann, 2), dot(ann, 3), dot(ben, 2)])
                let short = try reader.history(of: record(2), in: scope)
                try expect(short.map(\.dot) == [dot(ann, 2)])
                let none = try reader.history(of: record(3), in: scope)
                try expect(none.isEmpty)
                let counts = try [scope, elsewhere].map { try reader.editCount(in: $0) }
                try expect(counts == [4, 1])
            }
        },
        StoreCase("review items stand oldest first, and go with the state they came with") { make in
            let store = try make()
            let (one, two) = (try state(record(1)), try state(record(2)))
            let items = [
                item(3, of: record(1), since: 10), item(2, of: record(1), since: 10), item(1, of: record(1), since: 30),
                item(4, of: record(2), in: elsewhere, since: 20),
            ]
            try store.writing { writer in
                try writer.setState(one, in: scope, items: Array(items[..<3]), edits: [])
                try writer.setState(two, in: elsewhere, items: [items[3]], edits: [])
            }
            func queue(_ scope: ScopeID?, limit: Int = 10, offset: Int = 0) throws -> [QueuedItem] {
                try store.reading { try $0.items(in: scope, limit: limit, offset: offset) }
            }
            let all = try queue(nil)
            try expect(all == [items[1], items[0], items[3], items[2]])
            let here = try queue(scope)
            try expect(here == [items[1], items[0], items[2]])
            let page = try queue(nil, limit: 2, offset: 1)
            try expect(page == [items[0], items[3]])
            let none = try queue(ScopeID(high: 9, low: 9))
            try expect(none.isEmpty)

            try store.writing { try $0.setState(one, in: scope, items: [items[2]], edits: []) }
            let fewer = try queue(nil)
            try expect(fewer == [items[3], items[2]])
            let count = try store.reading { try $0.itemCount() }
            try expect(count == 2)
        },
        StoreCase("removing a scope's states leaves its entries and every other scope") { make in
            let store = try make()
            var hand = Hand(ann)
            let run = try hand.run(2)
            let (one, two) = (try state(record(1)), try state(record(2)))
            try store.writing { writer in
                let first = try writer.append(run)
                try writer.setState(one, in: scope, items: [item(1, of: record(1), since: 1)], edits: [first + 1])
                try writer.setState(two, in: elsewhere, items: [item(2, of: record(2), in: elsewhere, since: 1)], edits: [])
                try writer.removeStates(in: scope)
            }
            try store.reading { reader in
                let counts = try [reader.recordCount(in: scope), reader.editCount(in: scope), reader.itemCount()]
                try expect(counts == [0, 0, 1])
                let history = try reader.history(of: record(1), in: scope)
                try expect(history.isEmpty)
                let entries = try reader.entries(in: scope, from: 0, limit: 10)
                try expect(entries.count == 2)
                let far = try reader.state(of: record(2), in: elsewhere)
                try expect(far == two)
            }
        },
    ]
}
