// Editing what was looked at a while ago: what came meanwhile is never written over.

import Causality
import Journals
import Records
import Replicas
import Testing
import Worlds

private let id = World.record(1)

/// A record with a title and a place, and the version its author now sees.
private func looking(_ replica: Replica, _ world: World) throws -> VersionVector {
    try replica.create("talk", in: world.scope, id: id, fields: [("title", .value(.text("a"))), ("place", .value(.text("here")))])
    return try #require(try replica.record(id)).state.vector
}

struct SeenEditTests {
    @Test(arguments: StoreKind.allCases)
    func `with nothing new it is an ordinary edit, and takes the draft with it`(_ kind: StoreKind) throws {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        let seen = try looking(ann, world)
        try ann.saveDraft("form/1", [1, 2, 3])
        let edit = try ann.edit(id, seen: seen, fields: [("title", .value(.text("b")))], discarding: "form/1")
        #expect(edit == SeenEdit(changed: true, crossed: [], deletedSince: false))
        let (texts, drafts) = try (ann.texts(of: id, in: world.scope), ann.drafts().count)
        #expect(texts == ["b"])
        #expect(drafts == 0)
    }

    @Test(arguments: StoreKind.allCases)
    func `a field changed meanwhile has both values then, and the others are untouched`(_ kind: StoreKind) throws {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        let seen = try looking(ann, world)
        // Another process of the same replica saves while the editor is open.
        try ann.edit(id, fields: [("title", .value(.text("meanwhile"))), ("place", .value(.text("there")))])
        let edit = try ann.edit(id, seen: seen, fields: [("title", .value(.text("mine")))])
        #expect(edit == SeenEdit(changed: true, crossed: ["title"], deletedSince: false))
        let (titles, places) = try (ann.texts(of: id, in: world.scope), ann.texts(of: id, "place", in: world.scope))
        #expect(titles == ["meanwhile", "mine"])
        #expect(places == ["there"])
        let items = try ann.reviewItems().map(\.item.field)
        #expect(items == ["title"])
        let report = try ann.check()
        #expect(report.faults.isEmpty)
    }

    @Test func `what a sync brought meanwhile stands beside it on every replica`() throws {
        let world = try World()
        let (ann, ben) = (try world.laptop("ann"), try world.laptop("ben"))
        let seen = try looking(ann, world)
        for unit in try world.units(of: ann, beyond: Knowledge()) { _ = try ben.ingest([unit], in: world.scope) }
        try ben.edit(id, fields: [("title", .value(.text("ben's")))])
        for unit in try world.units(of: ben, beyond: Knowledge()) { _ = try ann.ingest([unit], in: world.scope) }
        try ann.edit(id, seen: seen, fields: [("title", .value(.text("ann's")))])
        for unit in try world.units(of: ann, beyond: Knowledge()) { _ = try ben.ingest([unit], in: world.scope) }
        let texts = try [ann, ben].map { try $0.texts(of: id, in: world.scope) }
        #expect(texts == [["ann's", "ben's"], ["ann's", "ben's"]])
        let (a, b) = try (ann.digest(of: world.scope)?.digest, ben.digest(of: world.scope)?.digest)
        #expect(a == b)
    }

    @Test func `a set keeps what was added meanwhile`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        try ann.create("talk", in: world.scope, id: id, fields: [("talkers", .elements([.text("a"), .text("b")]))])
        let seen = try #require(try ann.record(id)).state.vector
        try ann.edit(id, fields: [("talkers", .adding([.text("c")]))])
        try ann.edit(id, seen: seen, fields: [("talkers", .elements([.text("b"), .text("d")]))])
        let elements = try ann.state(of: id, in: world.scope)?["talkers"]?.elements.compactMap { $0.value.text }
        #expect(Set(elements ?? []) == ["b", "c", "d"])
    }

    @Test func `an edit of what was deleted meanwhile waits for review`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        let seen = try looking(ann, world)
        try ann.delete(id)
        let edit = try ann.edit(id, seen: seen, fields: [("title", .value(.text("b")))])
        #expect(edit.deletedSince)
        let items = try ann.reviewItems().map(\.item.kind)
        #expect(items == [.deleteAgainstEdit])
    }

    @Test func `a record can be looked at as it was`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        let seen = try looking(ann, world)
        try ann.edit(id, fields: [("title", .value(.text("b")))])
        let (then, before) = try (ann.record(id, at: seen)?.text("title"), ann.record(id, at: VersionVector()))
        #expect(then == "a")
        #expect(before == nil)
    }

    @Test func `nothing that would change is no edit, but the draft goes`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        let seen = try looking(ann, world)
        try ann.saveDraft("form/1", [1])
        let edit = try ann.edit(id, seen: seen, fields: [("title", .value(.text("a")))], discarding: "form/1")
        #expect(!edit.changed)
        let drafts = try ann.drafts().count
        #expect(drafts == 0)
    }

    @Test func `a save that fails keeps the draft`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        let seen = try looking(ann, world)
        try ann.saveDraft("form/1", [1])
        let long = String(repeating: "x", count: 2_000_000)
        #expect(throws: ReplicaError.self) {
            try ann.edit(id, seen: seen, fields: [("title", .value(.text(long)))], discarding: "form/1")
        }
        let drafts = try ann.drafts().count
        #expect(drafts == 1)
    }
}
