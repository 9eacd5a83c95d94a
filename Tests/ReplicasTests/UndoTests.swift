// Undo: the last save of this device is taken back, whatever it was; what somebody changed since stays, and is said.

import Causality
import Chance
import Journals
import Records
import Replicas
import Support
import Testing
import Worlds

private let record = World.record(1)

/// What a reader sees of a record: its fields' values, and whether it is deleted.
private struct Seen: Equatable {
    var fields: [FieldKey: Set<Content>] = [:]
    var isDeleted = false

    init(_ replica: Replica, _ scope: ScopeID, _ id: RecordID = record) throws {
        guard let state = try replica.state(of: id, in: scope) else { return }
        isDeleted = state.isDeleted
        for field in state.fields {
            let values = Set(field.candidates.map(\.value) + field.elements.map(\.value)).subtracting([.value(.empty)])
            if !values.isEmpty { fields[field.key] = values }
        }
    }
}

/// Ann and Ben with laptops, and a record of Ann's that both have.
private struct Pair {
    let world: World
    let (ann, ben): (Replica, Replica)
    var scope: ScopeID { world.scope }

    init(_ kind: StoreKind = .memory, fields: [(FieldKey, FieldInput)] = [("title", .value(.text("Harbour")))]) throws {
        world = try World()
        (ann, ben) = (try world.laptop("ann", store: kind.open()), try world.laptop("ben", store: kind.open()))
        try ann.create("talk", in: scope, id: record, fields: fields)
        try meet()
    }

    /// Each takes in what the other has.
    func meet() throws {
        for (from, to) in [(ann, ben), (ben, ann)] {
            for unit in try world.units(of: from, beyond: Knowledge()) { _ = try to.ingest([unit], in: scope) }
        }
    }
}

struct UndoTests {
    /// Each way to save, on a record with a title, two elements in a set, and a field two people disagree on.
    enum Save: CaseIterable, Sendable {
        case create, put, clear, fill, add, drop, replaceSet, several, delete, restore, settle, emptyRecord

        func callAsFunction(_ ann: Replica, _ scope: ScopeID) throws {
            switch self {
            case .create: try ann.create("talk", in: scope, fields: [("title", .value(.text("new")))])
            case .emptyRecord: try ann.create("talk", in: scope, fields: [])
            case .put: try ann.edit(record, fields: [("title", .value(.text("Port")))])
            case .clear: try ann.edit(record, fields: [("title", .value(.empty))])
            case .fill: try ann.edit(record, fields: [("place", .value(.text("Room 1")))])
            case .add: try ann.edit(record, fields: [("tags", .adding([.text("c"), .text("d")]))])
            case .drop: try ann.edit(record, fields: [("tags", .dropping([.text("a")]))])
            case .replaceSet: try ann.edit(record, fields: [("tags", .elements([.text("b"), .text("z")]))])
            case .several:
                try ann.edit(record, fields: [("title", .value(.text("Port"))), ("tags", .adding([.text("e")]))], message: "both")
            case .delete: try ann.delete(record)
            case .restore: try ann.restore(World.record(2))
            case .settle:
                let item = try #require(try ann.reviewItems(in: scope).first)
                try ann.settle(item, by: .candidate(0), reason: "decided")
            }
        }
    }

    @Test(arguments: Save.allCases, StoreKind.allCases)
    func `every kind of save is undone, here and where it syncs to`(_ save: Save, _ kind: StoreKind) throws {
        let pair = try Pair(
            kind, fields: [("title", .value(.text("Harbour"))), ("tags", .elements([.text("a"), .text("b")]))])
        let (ann, ben, scope) = (pair.ann, pair.ben, pair.scope)
        // The two disagree on one field, and Ben deleted a record.
        try ann.edit(record, fields: [("lead", .value(.text("Ann")))])
        try ben.edit(record, fields: [("lead", .value(.text("Ben")))])
        try ben.create("talk", in: scope, id: World.record(2), fields: [("title", .value(.text("gone")))])
        try ben.delete(World.record(2))
        try pair.meet()

        let ids = [record, World.record(2)]
        let before = try ids.map { try Seen(ann, scope, $0) }
        try save(ann, scope)
        let saved = try ann.entries(in: scope).last?.dot
        let undoing = try #require(try ann.undoing())
        #expect(undoing.dot == saved)
        #expect(undoing.left.isEmpty)
        let done = try ann.undo(expecting: undoing)
        #expect(done == undoing)

        let after = try ids.map { try Seen(ann, scope, $0) }
        #expect(after == before)
        let edited = try #require(undoing.undone.first).record
        if save == .create || save == .emptyRecord {
            let made = try Seen(ann, scope, edited)
            #expect(made.isDeleted)
        }
        try pair.meet()
        let digests = try [ann, ben].map { try $0.digest(of: scope) }
        #expect(digests[0] == digests[1])
        let history = try #require(try ben.history(of: edited).last)
        #expect(history.undoes == saved)
        // The world calls devices and people by their keys.
        #expect(history.device == "\(ann.key)")
        let report = try ann.check()
        #expect(report.faults.isEmpty)
    }

    @Test(arguments: 0..<40)
    func `undoing one save after another walks back through every state there was`(_ seed: UInt64) throws {
        var chance = SplitMix64(seed: seed)
        let pair = try Pair(fields: [])
        let (ann, scope) = (pair.ann, pair.scope)
        var states = [try Seen(ann, scope)]
        for _ in 0..<12 {
            let text = Value.text("\(Int.random(in: 0..<4, using: &chance))")
            if try Seen(ann, scope).isDeleted {
                try ann.restore(record)
            } else {
                switch Int.random(in: 0..<5, using: &chance) {
                case 0: try ann.delete(record)
                case 1: try ann.edit(record, fields: [("title", .value(text))])
                case 2: try ann.edit(record, fields: [("tags", .adding([text]))])
                case 3: try ann.edit(record, fields: [("tags", .dropping([text]))])
                default: try ann.edit(record, fields: [("title", .value(.empty)), ("tags", .elements([text]))])
                }
            }
            let seen = try Seen(ann, scope)
            // A save that changed nothing wrote nothing.
            if seen != states.last { states.append(seen) }
        }
        while states.count > 1 {
            states.removeLast()
            let done = try #require(try ann.undo())
            #expect(done.left.isEmpty)
            let seen = try Seen(ann, scope)
            #expect(seen == states.last)
        }
        let creation = try #require(try ann.undo())
        #expect(creation.edits.map(\.writes) == [[Write(.delete)]])
        let nothing = try ann.undo()
        #expect(nothing == nil)
    }

    @Test func `what somebody changed since stays, and is said; the rest is undone`() throws {
        let pair = try Pair()
        let (ann, ben, scope) = (pair.ann, pair.ben, pair.scope)
        try ann.edit(record, fields: [("title", .value(.text("Port"))), ("place", .value(.text("Room 1")))])
        try pair.meet()
        try ben.edit(record, fields: [("title", .value(.text("Quay")))])
        try pair.meet()
        let done = try #require(try ann.undo())
        #expect(done.left == [Undoing.Left(record: record, field: "title", reason: .changedSince)])
        let texts = try [ann.texts(of: record, "title", in: scope), ann.texts(of: record, "place", in: scope)]
        #expect(texts == [["Quay"], []])
    }

    @Test func `a field that is contested is left to the review`() throws {
        let pair = try Pair()
        try pair.ann.edit(record, fields: [("title", .value(.text("Port")))])
        try pair.ben.edit(record, fields: [("title", .value(.text("Quay")))])
        try pair.meet()
        let undoing = try #require(try pair.ann.undoing())
        #expect(undoing.edits.isEmpty)
        #expect(undoing.left.map(\.reason) == [.contested])
        let count = try pair.ann.entries(in: pair.scope).count
        try pair.ann.undo()
        let after = try pair.ann.entries(in: pair.scope).count
        #expect(after == count)
    }

    @Test func `a record somebody else wrote in is not deleted by undoing its creation`() throws {
        let pair = try Pair()
        try pair.ben.edit(record, fields: [("place", .value(.text("Room 1")))])
        try pair.meet()
        let undoing = try #require(try pair.ann.undoing())
        #expect(undoing.edits.isEmpty)
        #expect(undoing.left == [Undoing.Left(record: record, field: "", reason: .changedSince)])
    }

    @Test func `nothing is undone on a record that was deleted since, and a delete somebody repeated stands`() throws {
        let pair = try Pair()
        try pair.ann.edit(record, fields: [("title", .value(.text("Port")))])
        try pair.meet()
        try pair.ben.delete(record)
        try pair.meet()
        let edit = try #require(try pair.ann.undoing())
        #expect(edit.left.map(\.reason) == [.deleted])

        let other = try Pair()
        try other.ann.delete(record)
        try other.ben.delete(record)
        try other.meet()
        let delete = try #require(try other.ann.undoing())
        #expect(delete.left.map(\.reason) == [.changedSince])
    }

    @Test func `what was there before and was erased cannot be brought back`() throws {
        let pair = try Pair()
        let first = try #require(try pair.ann.entries(in: pair.scope).last)
        try pair.ann.edit(record, fields: [("title", .value(.text("Port")))])
        try pair.ann.erase([1], of: first.dot, in: pair.scope)
        let undoing = try #require(try pair.ann.undoing())
        #expect(undoing.left.map(\.reason) == [.erased])
    }

    @Test func `another person's saves are not mine to undo, and nothing saved is nothing to undo`() throws {
        let pair = try Pair()
        let nothing = try pair.ben.undoing()
        #expect(nothing == nil)
        try pair.ben.edit(record, fields: [("title", .value(.text("Quay")))])
        try pair.meet()
        let mine = try #require(try pair.ann.undoing())
        #expect(mine.undone.first?.context.isEmpty == true)
    }

    @Test func `what was agreed to is done, or nothing`() throws {
        let pair = try Pair()
        try pair.ann.edit(record, fields: [("title", .value(.text("Port")))])
        let shown = try #require(try pair.ann.undoing())
        try pair.ann.edit(record, fields: [("title", .value(.text("Pier")))])
        let done = try pair.ann.undo(expecting: shown)
        #expect(done == nil)
        let texts = try pair.ann.texts(of: record, in: pair.scope)
        #expect(texts == ["Pier"])
    }

    @Test func `the newest save is the newest of all scopes`() throws {
        let world = try World()
        let other = ScopeID(high: 0xd0d1, low: 2)
        let ann = try world.replica("ann")
        try world.join(ann, [world.scope, other])
        try ann.create("talk", in: other, id: World.record(2), fields: [])
        world.clock.set(World.start + 1_000)
        try ann.create("talk", in: world.scope, id: record, fields: [])
        var records: [RecordID] = []
        while let done = try ann.undo() { records += done.edits.map(\.record) }
        #expect(records == [record, World.record(2)])
    }

    @Test(arguments: [
        "undo:00000000000000a1:7", "undo:00000000000000a1:18446744073709551615",
    ])
    func `a mark is read as it is written`(_ text: String) throws {
        let mark = try #require(UndoMark(text))
        #expect(mark.message == text)
    }

    @Test(arguments: [
        "", "undo", "undo:", "undo:a1:7", "undo:00000000000000a1", "undo:00000000000000a1:", "undo:00000000000000a1:0",
        "undo:00000000000000a1:07", "undo:00000000000000a1:+7", "undo:00000000000000A1:7", "undo:00000000000000a1:7:8",
        " undo:00000000000000a1:7", "undo:00000000000000a1:7\n", "Undo:00000000000000a1:7", "undo: my last save",
    ])
    func `any other message is a person's words`(_ text: String) { #expect(UndoMark(text) == nil) }
}
