import Causality
import Journals
import Records
import Replicas
import Support
import Testing
import Worlds

private let letters = NumberedType(
    type: "letter", field: "number", kind: "kind", day: "day", state: "state", ready: ["ready", "sent"],
    forms: ["card": "C〔{year}〕{number}", "book": "B〔{year}〕{number}"])

/// A centre that gives numbers, and people who write letters.
private struct Desk {
    let world: World
    let centre: Replica
    let ann: Replica
    let ben: Replica
    let kind: StoreKind
    let store: any Store

    init(_ kind: StoreKind) throws {
        let store = try kind.open()
        let world = try World()
        (ann, ben) = (try world.laptop("ann"), try world.laptop("ben"))
        centre = try world.laptop("centre", store: store)
        (self.world, self.kind, self.store) = (world, kind, store)
        let key = centre.key
        try world.publish { $0.numbering = key }
        for replica in [ann, ben, centre] { try replica.accept(world.roster) }
    }

    func meet(_ all: [Replica]? = nil) throws {
        let all = all ?? [ann, ben, centre]
        for from in all {
            for to in all where to !== from { _ = try to.ingest(try world.units(of: from, beyond: Knowledge()), in: world.scope) }
        }
    }

    @discardableResult
    func write(_ replica: Replica, _ kind: String = "card", _ day: String = "2026-05-11", state: String = "ready") throws
        -> RecordID
    {
        try replica.create(
            "letter", in: world.scope,
            fields: [("kind", .value(.text(kind))), ("day", .value(.date(day))), ("state", .value(.text(state)))])
    }

    func give(_ replica: Replica? = nil) throws -> Int { try (replica ?? centre).giveNumbers(in: world.scope, [letters]) }
    func number(_ id: RecordID, _ replica: Replica? = nil) throws -> String? {
        try (replica ?? ann).givenNumber(of: id, letters.field)?.text
    }
}

struct NumbersTests {
    @Test(arguments: StoreKind.allCases)
    func `each kind and year counts for itself, without gap or repeat, whoever asks how often`(_ kind: StoreKind) throws {
        let desk = try Desk(kind)
        let ids = try (0..<3).map { _ in try desk.write(desk.ann) }
        let old = try desk.write(desk.ben, "card", "2025-12-30")
        let book = try desk.write(desk.ben, "book")
        let draft = try desk.write(desk.ben, "card", state: "draft")
        try desk.meet()
        #expect(try desk.give() == 5)
        #expect(try desk.give() == 0)
        try desk.meet()
        #expect(try desk.give() == 0)
        let given = try ids.compactMap { try desk.number($0) }
        #expect(Set(given) == ["C〔2026〕1", "C〔2026〕2", "C〔2026〕3"])
        #expect(try desk.number(old) == "C〔2025〕1")
        #expect(try desk.number(book, desk.ben) == "B〔2026〕1")
        #expect(try desk.number(draft) == nil)
        // Ready later, and once; what is changed after it keeps its number.
        try desk.ben.edit(draft, fields: [("state", .value(.text("ready")))])
        try desk.ann.edit(ids[0], fields: [("state", .value(.text("sent"))), ("day", .value(.date("2027-01-01")))])
        try desk.meet()
        #expect(try desk.give() == 1)
        try desk.meet()
        #expect(try desk.number(draft) == "C〔2026〕4")
        #expect(try desk.ann.record(ids[0])?.text("number") == desk.number(ids[0]))
        let counters = try desk.centre.numberCounters([letters])
        #expect(counters.map { "\($0.kind) \($0.year) \($0.last)" } == ["book 2026 1", "card 2025 1", "card 2026 4"])
        #expect(counters.map(\.waits) == [false, false, false])
    }

    @Test func `nobody but the device the roster names gives any`() throws {
        let desk = try Desk(.memory)
        let id = try desk.write(desk.ann)
        try desk.meet()
        #expect(try desk.give(desk.ben) == 0)
        // Another program that writes into the field, even with the mark of a number.
        let state = try #require(try desk.ann.record(id)?.state)
        let forged = Write(.put, field: "number", value: .value(.text("C〔2026〕99")))
        try desk.ann.commit(try desk.ann.change([state.edit([forged])], message: "number:card/2026/99"), in: desk.world.scope)
        try desk.meet()
        #expect(try desk.number(id) == nil)
        #expect(try desk.give() == 1)
        try desk.meet()
        #expect(try desk.number(id) == "C〔2026〕1")
        // Written over afterwards, it is still the number that was given.
        try desk.ben.edit(id, fields: [("number", .value(.text("C〔2026〕7")))])
        try desk.meet()
        #expect(try desk.number(id, desk.centre) == "C〔2026〕1")
        #expect(try desk.give() == 0)
    }

    @Test(arguments: StoreKind.allCases)
    func `a restored centre gives none until an operator has said which was the last`(_ kind: StoreKind) throws {
        let desk = try Desk(kind)
        for _ in 0..<3 { try desk.write(desk.ann) }
        try desk.meet()
        #expect(try desk.give() == 3)
        try desk.meet()
        _ = try desk.centre.renewReplica()
        let late = try desk.write(desk.ben)
        let other = try desk.write(desk.ben, "book")
        try desk.meet()
        #expect(try desk.give() == 0)
        #expect(try desk.centre.numberCounters([letters]).first { $0.kind == "card" }?.waits == true)
        let low = #expect(throws: ReplicaError.self) {
            try desk.centre.confirmNumber(kind: "card", year: 2026, last: 2, [letters])
        }
        #expect(low?.code == .choiceUnknown)
        // The register says that a fifth was given which nobody here has.
        try desk.centre.confirmNumber(kind: "card", year: 2026, last: 5, [letters])
        #expect(try desk.give() == 1)
        try desk.centre.confirmNumber(kind: "book", year: 2026, last: 0, [letters])
        #expect(try desk.give() == 1)
        try desk.meet()
        #expect(try desk.number(late) == "C〔2026〕6")
        #expect(try desk.number(other) == "B〔2026〕1")
    }

    @Test func `a centre that learns of numbers of its own that it lacks stops by itself`() throws {
        let desk = try Desk(.memory)
        try desk.write(desk.ann)
        try desk.meet()
        _ = try desk.give()
        try desk.meet()
        // The same device with an empty store, as after the disk was replaced.
        let restored = try desk.world.laptop("centre")
        _ = try restored.ingest(try desk.world.units(of: desk.ann, beyond: Knowledge()), in: desk.world.scope)
        #expect(try desk.give(restored) == 0)
        try desk.write(desk.ben)
        _ = try restored.ingest(try desk.world.units(of: desk.ben, beyond: Knowledge()), in: desk.world.scope)
        #expect(try desk.give(restored) == 0)
        #expect(try restored.numberCounters([letters]).map(\.waits) == [true])
        try restored.confirmNumber(kind: "card", year: 2026, last: 1, [letters])
        #expect(try desk.give(restored) == 1)
    }

    @Test func `what cannot be written gives no number, and the next one is not skipped`() throws {
        let desk = try Desk(.memory)
        let id = try desk.write(desk.ann)
        try desk.meet()
        // Withdrawn from the scope: the centre may not write there.
        let key = desk.centre.key
        try desk.world.publish { roster in
            for i in roster.devices.indices where roster.devices[i].key == key {
                for g in roster.devices[i].grants.indices { roster.devices[i].grants[g].until = roster.version }
            }
        }
        try desk.centre.accept(desk.world.roster)
        #expect(throws: ReplicaError.self) { try desk.give() }
        #expect(try desk.centre.numberCounters([letters]).allSatisfy { $0.last == 0 })
        try desk.world.join(desk.centre)
        #expect(try desk.give() == 1)
        try desk.ann.accept(desk.world.roster)
        try desk.meet()
        #expect(try desk.number(id) == "C〔2026〕1")
    }
}
