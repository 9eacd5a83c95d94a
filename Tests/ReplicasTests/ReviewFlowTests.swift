// A conflict from its making to its end: proposed, approved, sent back, undone, by people at different laptops.

import Causality
import Journals
import Records
import Replicas
import Testing
import Worlds

private let id = World.record(1)
private let other = World.record(2)

private struct OfficeRules: MergeRules {
    func rule(of field: FieldKey, in type: TypeKey) -> MergeRule {
        field == "body" ? .text : field == "liaison" ? .latest : .review
    }
    func needsSecondPerson(_ field: FieldKey, in type: TypeKey) -> Bool { field == "title" || field == "body" }
    func naturalKey(of type: TypeKey) -> [FieldKey] { type == "unit" ? ["name"] : [] }
    func checks(of type: TypeKey) -> [RecordCheck] {
        type == "talk" ? [RecordCheck(key: "order", .notBefore, "start", "end")] : []
    }
}

/// Two who write and two who settle.
private struct Office {
    let world: World
    let ann: Replica
    let ben: Replica
    let cat: Replica
    let dan: Replica
    var scope: ScopeID { world.scope }
    var all: [Replica] { [ann, ben, cat, dan] }

    init(_ kind: StoreKind = .memory) throws {
        let world = try World()
        let laptops = try ["ann", "ben", "cat", "dan"].map { try world.laptop($0, store: kind.open(), rules: OfficeRules()) }
        (self.world, ann, ben, cat, dan) = (world, laptops[0], laptops[1], laptops[2], laptops[3])
    }

    func meet() throws {
        for from in all {
            for to in all where to !== from {
                for unit in try world.units(of: from, beyond: Knowledge()) { _ = try to.ingest([unit], in: scope) }
            }
        }
        world.clock.advance(1_000)
        let items = try all.map { try $0.reviewItems() }
        #expect(Set(items.map { $0.map(\.id) }).count == 1, "everybody has the same items")
        for replica in all { #expect(try replica.check().faults.isEmpty) }
    }

    /// A field that both write apart.
    func contest(_ field: FieldKey = "title", _ base: String = "Harbour", ann one: String = "Port", ben two: String = "Quay") throws
    {
        try ann.create("talk", in: scope, id: id, fields: [(field, .value(.text(base)))])
        try meet()
        try ann.edit(id, fields: [(field, .value(.text(one)))])
        world.clock.advance(1_000)
        try ben.edit(id, fields: [(field, .value(.text(two)))])
        try meet()
    }

    /// Whom the roster binds a laptop to.
    func name(_ replica: Replica) throws -> String { try #require(try replica.person()) }

    func item(_ replica: Replica) throws -> QueuedItem { try #require(try replica.reviewItems().first) }

    func take(_ text: String, _ replica: Replica, _ reason: Reason = Reason(.verified, "asked")) throws {
        let item = try item(replica)
        let choices = try #require(try replica.record(id)).state.choices(for: item.item, by: OfficeRules())
        let index = try #require(choices.firstIndex { $0.value.text == text })
        try replica.settle(item, by: .candidate(index), reason: reason)
    }
}

struct ReviewFlowTests {
    @Test(arguments: StoreKind.allCases)
    func `a decision about a marked field holds once somebody has approved it who wrote nothing of it`(_ kind: StoreKind) throws {
        let office = try Office(kind)
        try office.contest()
        let item = try office.item(office.cat)
        #expect(try Set(item.people) == [office.name(office.ann), office.name(office.ben)])
        try office.take("Port", office.cat)
        try office.meet()
        let proposed = try office.item(office.dan)
        #expect(proposed.id == item.id)
        #expect(proposed.isProposed)
        guard case .contested(let provisional, _)? = try office.ann.record(id)?["title"] else { Issue.record("settled"); return }
        #expect(provisional.value.text == "Port")
        for one in [office.ann, office.ben, office.cat] {
            let error = #expect(throws: ReplicaError.self) { try one.approve(try office.item(one)) }
            #expect(error?.code == .approvalRefused)
        }
        try office.dan.approve(proposed)
        try office.meet()
        #expect(try office.ann.reviewItems().isEmpty)
        #expect(try office.ann.record(id)?.text("title") == "Port")
    }

    @Test func `an approval that another program writes for its own author counts for nobody`() throws {
        let office = try Office()
        try office.contest()
        try office.take("Port", office.cat)
        let state = try #require(try office.cat.state(of: id, in: office.scope))
        let settle = try #require(state["title"]?.candidates.first)
        try office.cat.commit(
            Change(edits: [state.edit([Write(.approve, field: "title", names: [.init(settle.dot)])])]), in: office.scope)
        try office.meet()
        #expect(try office.dan.reviewItems().map(\.isProposed) == [true])
        #expect(try office.dan.record(id)?.state["title"]?.candidates.first?.approvals.count == 1)
    }

    @Test func `an ordinary edit is refused while a decision waits, and one from elsewhere gets round nothing`() throws {
        let office = try Office()
        try office.contest()
        try office.take("Port", office.cat)
        let error = #expect(throws: ReplicaError.self) { try office.cat.edit(id, fields: [("title", .value(.text("Pier")))]) }
        #expect(error?.code == .fieldContested)
        let state = try #require(try office.cat.state(of: id, in: office.scope))
        let settle = try #require(state["title"]?.candidates.first)
        try office.cat.commit(
            Change(edits: [
                state.edit([Write(.put, field: "title", names: [.init(settle.dot)], value: .value(.text("Pier")))])
            ]), in: office.scope)
        try office.meet()
        #expect(try office.dan.reviewItems().map(\.item.kind) == [.unapproved])
    }

    @Test func `the same decision twice is one, different ones are one item with two proposals`() throws {
        let office = try Office()
        try office.contest()
        let id = try office.item(office.cat).id
        try office.take("Port", office.cat)
        try office.take("Quay", office.dan)
        try office.meet()
        let item = try office.item(office.ann)
        #expect(item.id == id)
        let record = try #require(try office.ann.record(item.item.record))
        #expect(record.state.proposals(for: item.item).count == 2)
        // Nobody can approve two things at once.
        #expect(throws: ReplicaError.self) { try office.ann.approve(item) }

        let again = try Office()
        try again.contest()
        try again.take("Port", again.cat)
        try again.take("Port", again.dan)
        try again.meet()
        // Neither approves the other's: both have proposed it.
        #expect(try again.item(again.ann).isProposed)
        try again.cat.approve(try again.item(again.cat))
        try again.meet()
        #expect(try again.ann.reviewItems().isEmpty)
    }

    @Test func `what comes concurrently opens it again, whoever had approved, and says what was decided`() throws {
        let office = try Office()
        try office.contest()
        try office.take("Port", office.cat)
        for unit in try office.world.units(of: office.cat, beyond: Knowledge()) {
            _ = try office.dan.ingest([unit], in: office.scope)
        }
        try office.dan.approve(try office.item(office.dan))
        #expect(try office.dan.reviewItems().isEmpty)
        // Ben has seen nothing of it.
        let state = try #require(try office.ben.state(of: id, in: office.scope))
        let own = try #require(state["title"]?.candidates.first { $0.value.text == "Quay" })
        try office.ben.commit(
            Change(edits: [state.edit([Write(.put, field: "title", names: [.init(own.dot)], value: .value(.text("Wharf")))])]),
            in: office.scope)
        try office.meet()
        let item = try office.item(office.dan)
        #expect(item.item.kind == .contested)
        let values = try #require(try office.dan.record(id)).state["title"]?.candidates.compactMap(\.value.text)
        #expect(Set(values ?? []) == ["Port", "Wharf"])
        #expect(try office.dan.decisions(about: id).map(\.act) == [.settled, .approved])
    }

    @Test func `a proposal is sent back, its author is told, and the values stand again under the same id`() throws {
        let office = try Office()
        try office.contest()
        let before = try office.item(office.cat)
        try office.take("Port", office.cat)
        try office.meet()
        try office.dan.sendBack(try office.item(office.dan), reason: Reason(.other, "ask them first"))
        try office.meet()
        let after = try office.item(office.cat)
        #expect(after == before)
        let receipts = try office.cat.receipts()
        #expect(receipts.map(\.kind) == [.takenBack])
        #expect(receipts.first?.decided.reason == Reason(.other, "ask them first"))
    }

    @Test func `whose value was not chosen is told what was, by whom and why, and may object`() throws {
        let office = try Office()
        try office.contest("place")
        let item = try office.item(office.cat)
        let candidates = try #require(try office.cat.record(id)?.state["place"]?.candidates)
        let port = try #require(candidates.firstIndex { $0.value.text == "Port" })
        #expect(try office.cat.settle(item, by: .candidate(port), reason: Reason(.newer, "the register")) == false)
        try office.meet()
        #expect(try office.ann.receipts().isEmpty)
        let receipt = try #require(try office.ben.receipts().first)
        #expect(receipt.kind == .notChosen)
        #expect(receipt.own.map(\.value.text) == ["Quay"])
        #expect(receipt.decided.value?.text == "Port")
        #expect(try receipt.decided.author == office.name(office.cat))
        #expect(receipt.decided.reason?.code == "newer")
        try office.ben.undo(receipt.decided, reason: Reason(.other, "I was there"))
        try office.meet()
        #expect(try office.item(office.cat).id == item.id)
        #expect(try office.cat.decisions(about: id).last?.act == .undone)
    }

    @Test func `of merged texts only who lost an open place is told`() throws {
        let office = try Office()
        try office.contest("body", "早查账。午走访五户。", ann: "早查账目。午走访六户。", ben: "早查账。午走访八户。")
        let item = try office.item(office.cat)
        let record = try #require(try office.cat.record(id))
        let merge = try #require(record.state.merge(for: item.item, by: OfficeRules()))
        let bens = try #require(
            record.state.choices(for: item.item, by: OfficeRules()).firstIndex { $0.value.text?.contains("八") == true })
        #expect(merge.openCount == 1)
        #expect(try office.cat.settle(item, by: .places([.side(bens)]), reason: Reason(.verified)) == true)
        try office.meet()
        #expect(try office.ann.receipts().map(\.kind) == [.notChosen])
        #expect(try office.ben.receipts().isEmpty)
        // The second person still sees what was in dispute, not only what was chosen.
        let proposed = try office.item(office.dan)
        let there = try #require(try office.dan.record(id))
        #expect(there.state.merge(for: proposed.item, by: OfficeRules()) == merge)
        try office.dan.approve(proposed)
        try office.meet()
        #expect(try office.ann.record(id)?.text("body") == "早查账目。午走访八户。")
    }

    @Test func `what was looked at is what is decided: anything newer is shown first`() throws {
        let office = try Office()
        try office.contest()
        let item = try office.item(office.cat)
        let seen = try #require(try office.cat.record(id)?.state["title"]?.candidates.map(\.dot))
        try office.take("Port", office.dan)
        try office.meet()
        let error = #expect(throws: ReplicaError.self) {
            try office.cat.settle(item, by: .value(.text("Pier")), reason: "x", seen: seen)
        }
        #expect(error?.code == .itemUnknown)
    }

    @Test(arguments: StoreKind.allCases)
    func `units made on two laptops look like one thing until somebody says`(_ kind: StoreKind) throws {
        let office = try Office(kind)
        try office.ann.create("unit", in: office.scope, id: id, fields: [("name", .value(.text("青石镇 Ａ所")))])
        try office.ben.create("unit", in: office.scope, id: other, fields: [("name", .value(.text("青石镇a所")))])
        #expect(try office.ann.reviewItems().isEmpty)
        try office.meet()
        let item = try office.item(office.cat)
        #expect(item.item.kind == .looksAlike)
        #expect(item.item.record == other && item.item.other == id)
        try office.cat.settle(item, by: .verdict(.same), reason: Reason(.verified))
        try office.meet()
        for replica in office.all {
            #expect(try replica.reviewItems().isEmpty)
            #expect(try replica.joinedRecords(in: office.scope).members(with: other) == [id, other])
            #expect(try replica.joinedRecords().first(of: other) == id)
        }
        let judged = try #require(try office.dan.decisions().first)
        #expect(judged.act == .judged(.same))
        try office.dan.undo(judged, reason: Reason(.other, "two offices"))
        try office.meet()
        #expect(try office.item(office.ann).id == item.id)
        #expect(try office.ann.joinedRecords().isEmpty)
        try office.cat.settle(try office.item(office.cat), by: .verdict(.different), reason: Reason(.verified))
        try office.meet()
        #expect(try office.ann.reviewItems().isEmpty)
        // Another name, and the question is gone by itself; the same again, and the verdict holds.
        try office.ann.edit(id, fields: [("name", .value(.text("别的所")))])
        try office.ann.edit(id, fields: [("name", .value(.text("青石镇A所")))])
        try office.meet()
        #expect(try office.ann.reviewItems().isEmpty)
    }

    @Test func `opposite verdicts are a conflict like any other`() throws {
        let office = try Office()
        try office.ann.create("unit", in: office.scope, id: id, fields: [("name", .value(.text("一所")))])
        try office.ann.create("unit", in: office.scope, id: other, fields: [("name", .value(.text("一所")))])
        try office.meet()
        try office.cat.settle(try office.item(office.cat), by: .verdict(.same), reason: "x")
        try office.dan.settle(try office.item(office.dan), by: .verdict(.different), reason: "y")
        try office.meet()
        #expect(try office.ann.reviewItems().map(\.item.kind).contains(.contested))
    }

    @Test func `two valid edits that merge into nonsense wait, and nobody writes nonsense alone`() throws {
        let office = try Office()
        try office.ann.create(
            "talk", in: office.scope, id: id,
            fields: [("start", .value(.time("2026-05-11T09:00+08:00"))), ("end", .value(.time("2026-05-11T11:00+08:00")))])
        try office.meet()
        let error = #expect(throws: ReplicaError.self) {
            try office.ann.edit(id, fields: [("end", .value(.time("2026-05-11T00:30+00:00")))])
        }
        #expect(error?.code == .checkBroken)
        try office.ann.edit(id, fields: [("start", .value(.time("2026-05-11T10:30+08:00")))])
        try office.ben.edit(id, fields: [("end", .value(.time("2026-05-11T10:00+08:00")))])
        try office.meet()
        let item = try office.item(office.cat)
        #expect(item.item.kind == .brokenCheck)
        #expect(try Set(item.people) == [office.name(office.ann), office.name(office.ben)])
        try office.cat.settle(
            item, by: .fields(["end": .time("2026-05-11T12:00+08:00")]), reason: Reason(.correction))
        try office.meet()
        #expect(try office.ann.reviewItems().isEmpty)
        #expect(try office.ann.record(id)?.text("end") == "2026-05-11T12:00+08:00")
        #expect(try office.ben.receipts().count == 1)
    }

    @Test func `what a rule passed over is told quietly, to whose it was`() throws {
        let office = try Office()
        try office.contest("liaison")
        #expect(try office.ann.reviewItems().isEmpty)
        #expect(try office.ann.reviewItemCount() == 0)
        #expect(try office.ann.notices().map(\.item.kind) == [.overridden])
        #expect(try office.cat.notices().isEmpty)
    }

    @Test func `claims, comments and who was asked reach everybody and bind nobody`() throws {
        let office = try Office()
        try office.contest()
        let item = try office.item(office.cat)
        let now = try office.cat.serviceTime()
        let later = Timestamp(milliseconds: now.rawValue + 3_600_000)
        try office.cat.say(.claim, about: item, until: later)
        office.world.clock.advance(1_000)
        try office.dan.say(.claim, about: item, until: later)
        try office.dan.say(.assign, about: item, person: "ben", until: later, text: "please")
        try office.meet()
        let handling = try office.ann.handling(of: item.id, in: office.scope, at: now)
        #expect(try handling.claim?.author == office.name(office.cat))
        #expect(handling.assignment?.person == "ben")
        #expect(handling.notes.compactMap(\.text) == ["please"])
        let past = Timestamp(milliseconds: later.rawValue + 120_000)
        let overdue = try office.ann.handling(of: item.id, in: office.scope, at: past)
        #expect(overdue.claim == nil)
        #expect(overdue.isOverdue(at: past))
        try office.take("Port", office.dan)
        #expect(try office.item(office.dan).isProposed)
    }

    @Test(arguments: [Replica.Decision.keep, .delete])
    func `whether a record stays or goes is decided, told, objected to and asked again`(_ decision: Replica.Decision) throws {
        let office = try Office()
        try office.ann.create("talk", in: office.scope, id: id, fields: [("title", .value(.text("Dyke")))])
        try office.meet()
        try office.ann.edit(id, fields: [("title", .value(.text("Dyke repair")))])
        try office.ben.delete(id)
        try office.meet()
        let item = try office.item(office.cat)
        #expect(item.item.kind == .deleteAgainstEdit)
        try office.cat.settle(item, by: decision, reason: Reason(.verified))
        try office.meet()
        let (author, other) = decision == .keep ? (office.ben, office.ann) : (office.ann, office.ben)
        #expect(try other.receipts().isEmpty)
        let receipt = try #require(try author.receipts().first)
        #expect(receipt.kind == .setAside)
        #expect(try office.dan.reviewItems().isEmpty)
        try author.undo(receipt.decided, reason: Reason(.other, "not so"))
        try office.meet()
        for replica in office.all {
            #expect(try replica.record(id)?.isDeleted == true)
            #expect(try office.item(replica).id == item.id)
        }
        #expect(try office.cat.receipts().map(\.kind) == [.takenBack])
        let again = #expect(throws: ReplicaError.self) { try author.undo(receipt.decided, reason: Reason(.other)) }
        #expect(again?.code == .choiceUnknown)
        try office.dan.settle(try office.item(office.dan), by: .keep, reason: Reason(.agreed))
        try office.meet()
        #expect(try office.ann.record(id)?.isDeleted == false)
        #expect(try office.ann.reviewItems().isEmpty)
    }

    @Test func `what was written between keeping a record and taking that back is asked about, not lost`() throws {
        let office = try Office()
        try office.ann.create("talk", in: office.scope, id: id, fields: [("title", .value(.text("Dyke")))])
        try office.meet()
        try office.ann.edit(id, fields: [("title", .value(.text("Dyke repair")))])
        try office.ben.delete(id)
        try office.meet()
        try office.cat.settle(try office.item(office.cat), by: .keep, reason: Reason(.verified))
        try office.meet()
        try office.dan.edit(id, fields: [("place", .value(.text("North")))])
        try office.ben.undo(try #require(try office.ben.decisions().first), reason: Reason(.other, "it was a double"))
        try office.meet()
        let item = try office.item(office.ann)
        #expect(item.item.kind == .deleteAgainstEdit)
        #expect(item.people.contains(try office.name(office.dan)))
    }

    @Test func `decisions are found by who made them, by name, and by whose words they are about`() throws {
        let office = try Office()
        try office.contest()
        try office.take("Port", office.cat)
        try office.meet()
        let decided = try #require(try office.ann.decisions().first)
        #expect(try office.ann.decisions(.by(office.name(office.cat))) == [decided])
        #expect(try office.ann.decisions(.by(office.name(office.dan))).isEmpty)
        #expect(try office.ann.decisions(.over(office.name(office.ann))) == [decided])
        #expect(try office.ann.decisions(.over(office.name(office.dan))).isEmpty)
        #expect(try office.ann.decisions(.named { dot, field in dot == decided.dot && field == "title" }) == [decided])
        #expect(try office.ann.decisions(.named { dot, field in dot == decided.dot && field == "body" }).isEmpty)
    }

    @Test func `thirty laptops that wrote thirty times each make one item, and one decision ends it`() throws {
        let world = try World()
        let laptops = try (0..<30).map { try world.laptop("p\($0)", rules: OfficeRules()) }
        try laptops[0].create("talk", in: world.scope, id: id, fields: [("place", .value(.text("start")))])
        let first = try world.units(of: laptops[0], beyond: Knowledge())
        for laptop in laptops.dropFirst() { for unit in first { _ = try laptop.ingest([unit], in: world.scope) } }
        for (i, laptop) in laptops.enumerated() {
            for n in 0..<30 { try laptop.edit(id, fields: [("place", .value(.text("\(i)-\(n)")))]) }
        }
        let desk = try world.laptop("desk", rules: OfficeRules())
        for laptop in laptops {
            _ = try desk.ingest(try world.units(of: laptop, beyond: Knowledge()), in: world.scope)
        }
        let items = try desk.reviewItems()
        #expect(items.count == 1)
        #expect(items.first?.item.dots.count == 30)
        try desk.settle(try #require(items.first), by: .candidate(7), reason: Reason(.verified))
        #expect(try desk.reviewItems().isEmpty)
    }
}
