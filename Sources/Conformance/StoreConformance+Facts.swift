// The store contract: facts, who refers to whom, and a scope that goes for good.

import Causality
import Journals
import Records
import Replicas

extension StoreConformance {
    static let facts: [StoreCase] = [
        StoreCase("facts are those of the newest state, of records of the type that are not deleted") { make in
            let store = try make()
            let (one, other, far) = (record(1), record(2), record(3))
            try store.writing { writer in
                try writer.setState(try state(one, title: "Old"), in: scope, items: [], edits: [])
                try writer.setState(try state(one, title: "New"), in: scope, items: [], edits: [])
                try writer.setState(try state(other, type: "person"), in: scope, items: [], edits: [])
                try writer.setState(try deletedState(record(4), time: 1), in: scope, items: [], edits: [])
                try writer.setState(try state(far, title: "Far"), in: elsewhere, items: [], edits: [])
            }
            func facts(_ type: TypeKey, _ place: ScopeID? = nil) throws -> Set<String> {
                try store.reading { reader in
                    var found: Set<String> = []
                    try reader.forEachFacts(of: type, in: place) { scope, facts in
                        guard case .value(.text(let title)) = facts["title"], facts["place"] == .none else { return }
                        found.insert("\(scope.low) \(facts.record.high) \(title)")
                    }
                    return found
                }
            }
            try expectEqual(try facts("talk"), ["1 1 New", "2 3 Far"], "facts of a type")
            try expectEqual(try facts("talk", elsewhere), ["2 3 Far"], "facts of a type in a scope")
            try expectEqual(try facts("person"), ["1 2 Harbour"], "facts of another type")
            try expectEqual(try facts("nothing"), [], "facts of no type")
        },
        StoreCase("who refers to a record is found, as the states stand now, each once") { make in
            let store = try make()
            let (target, another) = (record(50), record(51))
            func referring(_ id: RecordID, _ writes: Write...) throws -> RecordState {
                let edit = Edit(record: id, type: "talk", context: VersionVector(), writes: writes)
                return try require(
                    RecordState.fold([PlacedEdit(dot: dot(ann, 2), time: Timestamp(milliseconds: 0), author: nil, edit: edit)]))
            }
            func found(_ targets: RecordID...) throws -> [RecordID] {
                try store.reading { try $0.states(referringTo: Set(targets)).map(\.state.record) }
            }
            let both = try referring(
                record(1), put(.reference(target), "subject"), Write(.add, field: "persons", value: .value(.reference(another))),
                Write(.add, field: "persons", value: .value(.reference(target))))
            let one = try referring(record(2), put(.list([.reference(another)]), "list"))
            try store.writing { writer in
                try writer.setState(both, in: scope, items: [], edits: [])
                try writer.setState(one, in: elsewhere, items: [], edits: [])
            }
            try expectEqual(try found(target), [record(1)], "who refers to one")
            try expectEqual(try found(target, another), [record(1), record(2)], "who refers to either")
            try expectEqual(try found(record(52)), [], "who refers to none")
            try store.writing {
                try $0.setState(try referring(record(1), put(.reference(another), "subject")), in: scope, items: [], edits: [])
            }
            try expectEqual(try found(target), [], "who referred before")
            try expectEqual(try found(another), [record(1), record(2)], "who refers now")
            try store.writing { try $0.removeStates(in: elsewhere) }
            try expectEqual(try found(another), [record(1)], "who is left")
        },
        StoreCase("a scope that is purged is gone, and every other stays") { make in
            let store = try make()
            var hand = Hand(ann)
            try store.writing { writer in
                _ = try writer.append(hand.run(2), received: Timestamp(milliseconds: 1))
                for place in [scope, elsewhere] {
                    let number: UInt64 = place == scope ? 1 : 2
                    try writer.setState(
                        try state(record(number)), in: place, items: [item(number, of: record(number), in: place, since: 1)],
                        edits: [])
                }
            }
            try store.writing { try $0.purge(scope) }
            try store.reading { reader in
                try expectEqual(try reader.recordCount(in: scope), 0, "records of the purged scope")
                let (journals, items, entries) = (
                    try reader.journals(in: scope), try reader.items(in: scope, limit: 9, offset: 0),
                    try reader.entries(in: scope, from: 0, limit: 9)
                )
                try expect(journals.isEmpty && items.isEmpty && entries.isEmpty)
                let (found, far) = (try reader.scope(of: record(1)), try reader.recordCount(in: elsewhere))
                try expect(found == nil && far == 1)
                try expectEqual(try reader.scopes().contains(scope), false, "whether the scope is listed")
            }
            // It may come again.
            var again = Hand(ann)
            try store.writing { _ = try $0.append(again.run(1), received: Timestamp(milliseconds: 2)) }
            try expectEqual(try store.reading { try $0.entries(in: scope, from: 0, limit: 9).count }, 1, "entries that came again")
        },
    ]
}
