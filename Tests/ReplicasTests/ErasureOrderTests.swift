// An order to erase: what it names goes at whoever holds it, whichever comes first, and only by those who may.

import Causality
import Journals
import Records
import Replicas
import Testing
import Worlds

private let secret = ScopeID(high: 0x5ec, low: 1)

/// Ann is admitted to a restricted scope, Ben and Cem are not.
private struct Town {
    let world: World
    let ann: Replica
    let ben: Replica
    let cem: Replica
    let finding = World.record(1)

    init(_ kind: StoreKind) throws {
        world = try World()
        try world.publish { $0.scopes.append(Roster.Scope(id: secret, name: "secret", title: "Secret", kind: .restricted)) }
        ann = try world.replica("ann", store: kind.open())
        try world.join(ann, [world.scope, secret])
        (ben, cem) = (try world.laptop("ben", store: kind.open()), try world.laptop("cem", store: kind.open()))
        for replica in [ann, ben, cem] { try replica.accept(world.roster) }
        try ann.create(
            "finding", in: world.scope, id: finding,
            fields: [("title", .value(.text("whispered"))), ("aspect", .value(.text("other")))],
            message: "heard it myself")
        try ann.edit(finding, fields: [("title", .value(.text("shouted")))])
    }

    var annID: ReplicaID { get throws { try ann.replicaID() } }

    /// Hands over what the other lacks, from the arrival on.
    func hand(_ from: Replica, to other: Replica, beyond known: Knowledge = Knowledge()) throws {
        _ = try other.ingest(try world.units(of: from, beyond: known), in: world.scope)
    }

    func texts(_ replica: Replica) throws -> [String?] {
        try replica.history(of: finding).flatMap(\.writes).filter { $0.field == "title" }.map { $0.value?.text }
    }

    func order(_ replica: Replica, standing: Bool = true, fields: [FieldKey] = ["title"]) throws {
        let entries = try replica.entries(writing: fields, of: finding, standing: standing)
        try replica.commit(
            try replica.change([try replica.erasure(of: fields, of: finding, in: entries, reason: "it is a clue")]), in: world.scope
        )
    }
}

struct ErasureOrderTests {
    @Test(arguments: StoreKind.allCases)
    func `nobody widens, blunts or takes back an order`(_ kind: StoreKind) throws {
        let town = try Town(kind)
        try town.hand(town.ann, to: town.ben)
        try town.order(town.ann)
        try town.hand(town.ann, to: town.cem)
        let order = try #require(
            try town.cem.store.reading {
                try $0.list(scope: town.world.scope, type: ErasureOrder.type, deleted: nil, limit: 2, offset: 0).first?.state
            })
        // The door refuses it.
        #expect(throws: ReplicaError.self) { try town.cem.delete(order.record) }
        #expect(throws: ReplicaError.self) { try town.ann.edit(order.record, fields: [("reason", .value(.text("no")))]) }
        // A program that asks nobody drops the field and deletes the order: as if somebody else had, in a journal of their own.
        var stranger = try town.world.author("dan")
        for replica in [town.ann, town.ben, town.cem] { try replica.accept(town.world.roster) }
        let element = try #require(order["fields"]?.elements.first?.name)
        let edit = Edit(
            record: order.record, type: ErasureOrder.type, context: order.vector,
            writes: [Write(.drop, field: "fields", names: [element]), Write(.delete)])
        let run = try stranger.run([stranger.birth(), stranger.entry(Change(edits: [edit]))])
        for replica in [town.ann, town.cem] { _ = try replica.ingest([[run]], in: town.world.scope) }
        // Ben hears of order and deletion together.
        try town.hand(town.ann, to: town.ben)
        for replica in [town.ann, town.ben, town.cem] {
            #expect(try town.texts(replica) == [nil, nil])
            #expect(try replica.record(town.finding)?.text("aspect") == "other")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `what an order names goes here at once, and elsewhere when the order comes`(_ kind: StoreKind) throws {
        let town = try Town(kind)
        try town.hand(town.ann, to: town.ben)
        #expect(try town.texts(town.ben) == ["whispered", "shouted"])
        try town.order(town.ann)
        #expect(try town.texts(town.ann) == [nil, nil])
        #expect(try town.ann.record(town.finding)?.text("aspect") == "other")
        #expect(try town.texts(town.ben) == ["whispered", "shouted"])
        try town.hand(town.ann, to: town.ben)
        #expect(try town.texts(town.ben) == [nil, nil])
        #expect(try town.ben.record(town.finding)?.text("aspect") == "other")
        #expect(try town.ann.digest(of: town.world.scope) == town.ben.digest(of: town.world.scope))
        #expect(try town.ben.check().faults.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `an order that comes before what it names is carried out when that comes`(_ kind: StoreKind) throws {
        let town = try Town(kind)
        // Ben has the old words, Cem gets the order from Ann first: Ann's entries are erased by then, so Cem's old words come from Ben.
        try town.hand(town.ann, to: town.ben)
        let mine = try town.ann.create("note", in: town.world.scope, fields: [("text", .value(.text("hers")))])
        try town.ben.create("other", in: town.world.scope, id: World.record(7), fields: [("title", .value(.text("his words")))])
        try town.hand(town.ben, to: town.ann)
        let entries = try town.ann.entries(writing: ["title"], of: World.record(7), standing: true)
        let order = try town.ann.change([try town.ann.erasure(of: ["title"], of: World.record(7), in: entries, reason: "no")])
        try town.ann.commit(order, in: town.world.scope)
        // Cem takes in only Ann's journal: the order is there, Ben's entry is not.
        let annals = JournalID(try town.annID)
        let units = try town.world.units(of: town.ann, beyond: Knowledge()).map { unit in unit.filter { $0.journal == annals } }
        _ = try town.cem.ingest(units.filter { !$0.isEmpty }, in: town.world.scope)
        #expect(try town.cem.record(mine) != nil)
        #expect(try town.cem.record(World.record(7)) == nil)
        // Ben never saw the order: he still hands on his words. They are not kept.
        #expect(try town.ben.record(World.record(7))?.text("title") == "his words")
        try town.hand(town.ben, to: town.cem)
        let record = try #require(try town.cem.record(World.record(7)))
        #expect(record.text("title") == nil && record["title"] != nil)
        #expect(try town.cem.check().faults.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `an order of somebody who is admitted to no restricted scope does nothing`(_ kind: StoreKind) throws {
        let town = try Town(kind)
        try town.hand(town.ann, to: town.ben)
        #expect(try town.ann.mayErase())
        #expect(try !town.ben.mayErase())
        try town.order(town.ben)
        #expect(try town.texts(town.ben) == ["whispered", "shouted"])
        try town.hand(town.ben, to: town.ann)
        #expect(try town.texts(town.ann) == ["whispered", "shouted"])
    }

    @Test(arguments: StoreKind.allCases)
    func `what stands is kept where only earlier words are to go, other records are not touched`(_ kind: StoreKind) throws {
        let town = try Town(kind)
        let state = try #require(try town.ann.record(town.finding)).state
        let both = try town.ann.change([
            try #require(try town.ann.amendment(of: state, [("aspect", .value(.text("policy")))])),
            try town.ann.creation(of: World.record(2), "finding", [("title", .value(.text("another")))]),
        ])
        try town.ann.commit(both, in: town.world.scope)
        try town.order(town.ann, standing: false)
        #expect(try town.texts(town.ann) == [nil, "shouted"])
        try town.order(town.ann, standing: true, fields: ["aspect"])
        #expect(try town.ann.record(World.record(2))?.text("title") == "another")
        #expect(try town.ann.record(town.finding)?.text("title") == "shouted")
        #expect(try town.ann.record(town.finding)?.text("aspect") == nil)
        // A message goes with the values of the only record it is about.
        #expect(try town.ann.history(of: town.finding).first?.message == nil)
    }

    @Test func `orders are not erased, and nonsense in an order is none`() throws {
        let town = try Town(.memory)
        try town.order(town.ann)
        let orders = try town.ann.records(type: ErasureOrder.type)
        #expect(orders.count == 1)
        let entries = try town.ann.entries(writing: ["reason"], of: orders[0].id, standing: true)
        try town.ann.commit(
            try town.ann.change([try town.ann.erasure(of: [], of: orders[0].id, in: entries, reason: "hide")]), in: town.world.scope
        )
        #expect(try town.ann.record(orders[0].id)?.text("reason") == "it is a clue")
        for text in ["", "x", "1:2", "0000000000000001:1", "0000000000000001:", ":5"] {
            #expect(ErasureOrder.dot(text) == nil, "\(text)")
        }
    }

    @Test func `the bytes leave the file and its log`() throws {
        let path = try TemporaryFolder.file()
        let world = try World()
        try world.publish { $0.scopes.append(Roster.Scope(id: secret, name: "secret", title: "Secret", kind: .restricted)) }
        let ann = try world.replica("ann", store: try StoreKind.sqlite(at: path))
        try world.join(ann, [world.scope, secret])
        let id = try ann.create("finding", in: world.scope, fields: [("title", .value(.text("Xq7whisperedXq7")))])
        try ann.edit(id, fields: [("title", .value(.text("Xq7shoutedXq7")))])
        #expect(try StoreKind.bytes(at: path, contain: "Xq7"))
        let entries = try ann.entries(writing: ["title"], of: id, standing: true)
        try ann.commit(try ann.change([try ann.erasure(of: ["title"], of: id, in: entries, reason: "no")]), in: world.scope)
        #expect(try !StoreKind.bytes(at: path, contain: "Xq7"))
    }
}
