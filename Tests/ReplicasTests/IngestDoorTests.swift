// The ingest door: what a broken line or a lying device can send, and what becomes of it. Nothing of it is ever taken for anything
// else than it is, and nothing that was here is lost.

import Causality
import Journals
import Records
import Replicas
import Testing
import Wire
import Worlds

/// A reader, and an author of whom it holds the birth and a first change.
private final class Scene {
    let world: World
    let ben: Replica
    var ann: Author
    var scope: ScopeID { world.scope }

    init() throws {
        let world = try World()
        let ben = try world.laptop("ben")
        var ann = try world.author("ann")
        let run = try ann.run([ann.birth(), ann.entry("Harbour", of: World.record(1))])
        _ = try ben.ingest([[run]], in: world.scope)
        (self.world, self.ben, self.ann) = (world, ben, ann)
    }

    /// An author's next run of some first edits.
    func next(_ texts: String...) throws -> UnverifiedRun {
        try ann.run(texts.map { ann.entry($0, of: World.record(2)) })
    }

    /// Offers runs in one frame and expects them all refused, with nothing taken in and nothing lost.
    func refuses(
        _ runs: [UnverifiedRun], _ code: Fault.Code, quarantined: Bool = true, _ comment: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let (entries, digests, before) = (try ben.entries(in: scope), try ben.digests(), try ben.quarantined())
        let report = try ben.ingest([runs], in: scope)
        let codes = report.refusals.map(\.code)
        #expect(codes == [String](repeating: code.rawValue, count: runs.count), "\(comment)", sourceLocation: sourceLocation)
        #expect(report.stored == 0 && report.forks.isEmpty, "\(comment)", sourceLocation: sourceLocation)
        let (after, digestsAfter) = (try ben.entries(in: scope), try ben.digests())
        #expect(after == entries && digestsAfter == digests, "\(comment)", sourceLocation: sourceLocation)

        let added = try ben.quarantined().dropFirst(before.count)
        #expect(added.count == (quarantined ? runs.count : 0), "\(comment)", sourceLocation: sourceLocation)
        for (run, kept) in zip(runs, added) {
            let read = try [UnverifiedRun](tail: kept.bytes)
            #expect(read == [run], "\(comment)", sourceLocation: sourceLocation)
            #expect(kept.fault.code == code && !kept.fault.detail.isEmpty, "\(comment)", sourceLocation: sourceLocation)
            #expect(kept.scope == scope && kept.journal == run.journal, "\(comment)", sourceLocation: sourceLocation)
        }
    }

    /// Offers runs and expects them taken.
    func takes(_ runs: [UnverifiedRun], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let report = try ben.ingest([runs], in: scope)
        #expect(report.refusals.isEmpty, sourceLocation: sourceLocation)
        let count = runs.reduce(0) { $0 + $1.entries.count }
        #expect(report.stored == count, sourceLocation: sourceLocation)
        let check = try ben.check()
        #expect(check.faults.isEmpty, sourceLocation: sourceLocation)
    }
}

private func tail(_ runs: UnverifiedRun...) -> [UInt8] {
    var tail = TailWriter()
    for run in runs { tail.append(run) }
    return tail.bytes
}

struct IngestDoorTests {
    // MARK: Bytes

    @Test func `a tail cut off anywhere does not read`() throws {
        let scene = try Scene()
        let bytes = tail(try scene.next("one", "two"))
        for count in 1..<bytes.count {
            #expect(throws: Malformed.self, "\(count) bytes") { try [UnverifiedRun](tail: Array(bytes.prefix(count))) }
        }
        try scene.takes(try [UnverifiedRun](tail: bytes))
    }

    @Test func `any flipped bit leaves what is stored as it was written, or not stored`() throws {
        let world = try World()
        var ann = try world.author("ann")
        let run = try ann.run([ann.birth(), ann.entry("Hi", of: World.record(1))])
        let bytes = tail(run)
        let holder = try world.laptop("ben")
        _ = try holder.ingest([[run]], in: world.scope)
        let original = try holder.entries(in: world.scope)
        #expect(original.count == 2)
        for bit in 0..<8 * bytes.count {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let runs = try? [UnverifiedRun](tail: flipped) else { continue }
            let ben = try world.replica("ben")
            try ben.accept(world.roster)
            _ = try ben.ingest([runs], in: world.scope)
            let stored = try ben.entries(in: world.scope)
            #expect(stored == Array(original.prefix(stored.count)), "bit \(bit)")
            // Nor does it stand in the way of the right one, or harm one who has that.
            if bit % 5 == 0 {
                _ = try ben.ingest([[run]], in: world.scope)
                let whole = try ben.entries(in: world.scope)
                #expect(whole == original, "bit \(bit)")
                _ = try holder.ingest([runs], in: world.scope)
            }
        }
        let after = try holder.entries(in: world.scope)
        #expect(after == original)
        let check = try holder.check()
        #expect(check.faults.isEmpty)
    }

    @Test func `what did not verify is kept apart with its bytes and the reason, once`() throws {
        let scene = try Scene()
        var run = try scene.next("one")
        run.signature = [UInt8](repeating: 0, count: 64)
        scene.world.clock.set(World.start + 5)
        try scene.refuses([run], .signatureInvalid)
        _ = try scene.ben.ingest([[run]], in: scene.scope)
        let kept = try scene.ben.quarantined()
        #expect(kept.count == 1)
        #expect(kept.map(\.time) == [Timestamp(milliseconds: World.start + 5)])
        #expect(kept.map(\.position) == [3])
        #expect(kept.map(\.bytes) == [tail(run)])
    }

    // MARK: Chains and signatures

    @Test func `a run without its signature, or with another's, is refused`() throws {
        let scene = try Scene()
        let run = try scene.next("one", "two")
        var bad = run
        bad.signature = nil
        try scene.refuses([bad], .signatureInvalid)
        bad.signature = run.signature.map { [UInt8]($0.reversed()) }
        try scene.refuses([bad], .signatureInvalid)
        let stranger = try World.key("stranger").sign(.signedHead, scene.ann.hash.bytes)
        bad.signature = stranger
        try scene.refuses([bad], .signatureInvalid)
        // Nor does a right signature cover fewer or other entries than it was made over.
        bad = run
        bad.entries.removeLast()
        try scene.refuses([bad], .signatureInvalid)
        bad = run
        bad.entries.reverse()
        try scene.refuses([bad], .signatureInvalid)
        try scene.takes([run])
    }

    @Test func `a gap is refused, and so are runs out of their order`() throws {
        let scene = try Scene()
        let (first, second) = (try scene.next("one"), try scene.next("two"))
        try scene.refuses([second], .gap, quarantined: false)
        try scene.refuses([second, first], .gap, quarantined: false)
        try scene.takes([first, second])
    }

    @Test func `a run that follows another entry than the one here is refused`() throws {
        let scene = try Scene()
        let run = try scene.next("one")
        var bad = run
        bad.previous = Hash(.header, [1])
        try scene.refuses([bad], .doesNotLink, quarantined: false)
        bad.previous = try scene.ben.entries(in: scene.scope).last?.hash
        try scene.takes([bad])
    }

    @Test func `a journal that is nobody's is refused`() throws {
        let scene = try Scene()
        var run = try scene.next("one")
        run.journal = JournalID(rawValue: 77)
        try scene.refuses([run], .unprovenBranch, quarantined: false)
    }

    @Test func `an entry older than the one before is refused`() throws {
        let scene = try Scene()
        let good = scene.ann
        scene.ann.time = Timestamp(milliseconds: World.start - 1)
        try scene.refuses([try scene.next("one")], .clockBackwards)
        scene.ann = good
        try scene.takes([try scene.next("one")])
    }

    @Test func `an entry that names an older roster than the one before is refused`() throws {
        let scene = try Scene()
        let good = scene.ann
        scene.ann.roster -= 1
        try scene.refuses([try scene.next("one")], .rosterBackwards)
        scene.ann = good
        try scene.takes([try scene.next("one")])
    }

    @Test func `an entry over the limits is refused, one at them is taken`() throws {
        let scene = try Scene()
        let good = scene.ann
        let empty = scene.ann.entry("", of: World.record(2))
        // The text's length takes two bytes more than that of an empty one.
        let room = Limits.entryBytes - empty.skeleton.count - empty.values.byteCount - 2
        try scene.refuses([try scene.next(String(repeating: "x", count: room + 1))], .tooLarge)
        scene.ann = good
        let adds = { (count: Int) in
            Change((0..<count).map { Write(.add, field: "tags", value: .value(.integer(Int64($0)))) }, of: World.record(3))
        }
        try scene.refuses([try scene.ann.run([scene.ann.entry(adds(Limits.valuesPerEntry + 1))])], .tooLarge)
        scene.ann = good
        let large = try scene.next(String(repeating: "x", count: room))
        let many = try scene.ann.run([scene.ann.entry(adds(Limits.valuesPerEntry))])
        try scene.takes([large])
        try scene.takes([many])
    }

    @Test func `a run in a newer format is refused as such`() throws {
        let scene = try Scene()
        var run = try scene.next("one")
        run.version = 2
        let report = try scene.ben.ingest([[run]], in: scene.scope)
        #expect(report.refusals.map(\.code) == [Fault.Code.unsupportedVersion.rawValue])
        #expect(report.stored == 0)
        // What is kept apart is what came, so that a newer program can take it in.
        let kept = try #require(try scene.ben.quarantined().last)
        let read = try [UnverifiedRun](tail: kept.bytes)
        #expect(read == [run])
    }

    // MARK: Meaning

    @Test func `an entry that claims to have seen what is not here is refused`() throws {
        let scene = try Scene()
        let ghost = VersionVector.Component(journal: JournalID(rawValue: 9), position: 1)
        let own = VersionVector.Component(journal: scene.ann.journal, position: 2)
        let context = VersionVector([ghost, own])
        let change = Change([.put(.text("haunted"))], of: World.record(1), seeing: context)
        try scene.refuses([try scene.ann.run([scene.ann.entry(change)])], .unseenContext)
    }

    @Test func `an entry that claims to have seen further than is here is refused until the rest comes`() throws {
        let scene = try Scene()
        var cy = try scene.world.author("cy")
        let (first, second) = (
            try cy.run([cy.birth(), cy.entry("one", of: World.record(3))]), try cy.run([cy.entry("two", of: World.record(4))])
        )
        let seen = VersionVector([VersionVector.Component(journal: cy.journal, position: 3)])
        let run = try scene.ann.run([scene.ann.entry(Change([.put(.text("ahead"))], of: World.record(4), seeing: seen))])
        try scene.takes([first])
        try scene.refuses([run], .unseenContext)
        try scene.takes([second, run])
    }

    @Test func `a birth stands at position 1 and nowhere else`() throws {
        let scene = try Scene()
        try scene.refuses([try scene.ann.run([scene.ann.birth()])], .malformed)
        var cy = try scene.world.author("cy")
        try scene.refuses([try cy.run([cy.entry("unborn", of: World.record(1))])], .malformed)
    }

    @Test func `a skeleton that does not mean anything is refused, though its author signed it`() throws {
        let scene = try Scene()
        let good = scene.ann
        let skeleton = ByHand(own: scene.ann.journal)
        // One that is right, to show that it is not the hand it is written by.
        try scene.takes([try scene.ann.run([scene.ann.entry(skeleton: skeleton.plain, values: [Value.text("x").bytes])])])
        let text = Value.text("x").bytes
        for (what, bytes, values) in skeleton.wrong {
            scene.ann = good
            _ = try scene.ann.run([scene.ann.entry(skeleton: skeleton.plain, values: [text])])
            let run = try scene.ann.run([scene.ann.entry(skeleton: bytes, values: values)])
            try scene.refuses([run], .malformed, what)
        }
    }

    @Test func `a value nested as deep as allowed is taken, one deeper is refused`() throws {
        let scene = try Scene()
        let good = scene.ann
        func nested(_ depth: Int) -> Change {
            var value = Value.integer(1)
            for _ in 0..<depth { value = .list([value]) }
            return Change([.put(value)], of: World.record(2))
        }
        try scene.refuses([try scene.ann.run([scene.ann.entry(nested(Limits.nesting + 1))])], .malformed)
        scene.ann = good
        try scene.takes([try scene.ann.run([scene.ann.entry(nested(Limits.nesting))])])
    }

    // MARK: What is here already

    @Test func `what is here already is passed over`() throws {
        let scene = try Scene()
        let (first, second) = (try scene.next("one"), try scene.next("two"))
        try scene.takes([first])
        let before = try scene.ben.entries(in: scene.scope)
        let report = try scene.ben.ingest([[first]], in: scene.scope)
        #expect(report.skipped == 1 && report.stored == 0 && report.refusals.isEmpty)
        let after = try scene.ben.entries(in: scene.scope)
        #expect(after == before)
        // Together with what is new, in one run and in two.
        var both = first
        both.entries += second.entries
        both.signature = second.signature
        let mixed = try scene.ben.ingest([[both]], in: scene.scope)
        #expect(mixed.skipped == 1 && mixed.stored == 1 && mixed.refusals.isEmpty)
        let again = try scene.ben.ingest([[first, second], [both]], in: scene.scope)
        #expect(again.skipped == 4 && again.stored == 0 && again.refusals.isEmpty)
    }

    @Test func `another entry in the place of one that is here proves a fork, and both are kept`() throws {
        let scene = try Scene()
        var other = scene.ann
        let first = try scene.next("one")
        let second = try other.run([other.entry("other", of: World.record(2))])
        try scene.takes([first])
        let report = try scene.ben.ingest([[second]], in: scene.scope)
        #expect(report.forks == [scene.ann.journal])
        #expect(report.stored == 1 && report.refusals.isEmpty)
        let texts = try scene.ben.texts(of: World.record(2), in: scene.scope)
        #expect(texts == ["one", "other"])
        let branches = try scene.ben.store.reading { try $0.branches(in: scene.scope) }
        let ids = [scene.ann.hash, other.hash].map { JournalID.branch(of: scene.ann.replica, first: $0) }
        #expect(branches.map(\.journal) == ids.sorted())
        let check = try scene.ben.check()
        #expect(check.faults.isEmpty)
    }

    @Test func `another entry that its device did not sign proves nothing`() throws {
        let scene = try Scene()
        var liar = Author(
            key: World.key("stranger"), scope: scene.scope, replica: scene.ann.replica, time: scene.ann.time,
            roster: scene.ann.roster)
        let birth = try liar.run([liar.birth(), liar.entry("stolen", of: World.record(1))])
        // A birth with another key is a fork, for both sides are signed by their own; a change in a journal that is here is not.
        try scene.takes([try scene.next("one")])
        var run = birth
        run.entries = [birth.entries[1]]
        run.start = 3
        try scene.refuses([run], .signatureInvalid)
    }

    // MARK: Frames

    @Test func `one journal's bad run does not keep the others out, unless they depend on it`() throws {
        let scene = try Scene()
        var (cy, dee) = (try scene.world.author("cy"), try scene.world.author("dee"))
        var bad = try cy.run([cy.birth(), cy.entry("broken", of: World.record(3))])
        bad.signature = [UInt8](repeating: 1, count: 64)
        let seen = VersionVector([VersionVector.Component(journal: cy.journal, position: 2)])
        let depending = try dee.run([
            dee.birth(), dee.entry(Change([.put(.text("after"))], of: World.record(3), seeing: seen)),
        ])
        let good = try scene.next("one")
        let report = try scene.ben.ingest([[bad, depending, good]], in: scene.scope)
        #expect(report.stored == 1)
        let refused = Set(report.refusals.map { [$0.journal.description, $0.code] })
        let expected: Set<[String]> = [
            [cy.journal.description, "signature-invalid"], [dee.journal.description, "unseen-context"],
        ]
        #expect(refused == expected)
        let journals = try Set(scene.ben.journals(in: scene.scope))
        #expect(journals.contains(scene.ann.journal))
        #expect(!journals.contains(cy.journal) && !journals.contains(dee.journal))
        let texts = try scene.ben.texts(of: World.record(2), in: scene.scope)
        #expect(texts == ["one"])
    }

    @Test func `of one journal a frame's runs are taken together or not at all`() throws {
        let scene = try Scene()
        let first = try scene.next("one")
        var second = try scene.next("two")
        second.signature = [UInt8](repeating: 1, count: 64)
        try scene.refuses([first, second], .signatureInvalid)
    }

    @Test func `an earlier run may leave its signature to a later one of the frame`() throws {
        let scene = try Scene()
        var first = try scene.next("one")
        first.signature = nil
        let second = try scene.next("two")
        try scene.takes([first, second])
    }

    @Test func `a reference to what comes later in the frame is refused`() throws {
        let scene = try Scene()
        var cy = try scene.world.author("cy")
        let first = try scene.next("one")
        let seen = VersionVector([VersionVector.Component(journal: scene.ann.journal, position: 3)])
        let second = try cy.run([
            cy.birth(), cy.entry(Change([.put(.text("two"))], of: World.record(2), seeing: seen)),
        ])
        let report = try scene.ben.ingest([[second, first]], in: scene.scope)
        #expect(report.refusals.map(\.code) == ["unseen-context"])
        #expect(report.stored == 1)
        try scene.takes([second])
    }

    // MARK: Evidence

    @Test func `evidence that proves nothing is refused`() throws {
        let scene = try Scene()
        let here = scene.ann.headers(of: [scene.ann.entry("one", of: World.record(2))])
        let there = scene.ann.headers(of: [scene.ann.entry("other", of: World.record(2))])
        try scene.takes([try scene.next("one")])
        func branch(_ headers: [Header], _ key: SigningKey = World.key("ann")) throws -> ForkBranch {
            ForkBranch(headers: headers.map(\.bytes), signature: try key.sign(.signedHead, headers[0].hash.bytes))
        }
        let sides = try [branch(here), branch(there)].sorted {
            Hash(.header, $0.headers[0]) < Hash(.header, $1.headers[0])
        }
        let right = UnverifiedForkProof(
            scope: scene.scope, journal: scene.ann.journal, replica: scene.ann.replica, position: 3, branches: sides)
        var newer = sides[1]
        newer.headers[0][0] = 2
        let wrong: [(UnverifiedForkProof, Fault.Code)] = [
            (changed(right) { $0.branches.removeLast() }, .proofInvalid),
            (changed(right) { $0.branches.reverse() }, .proofInvalid),
            (changed(right) { $0.branches[1] = $0.branches[0] }, .proofInvalid),
            (changed(right) { $0.branches[1].headers = [] }, .proofInvalid),
            (changed(right) { $0.branches[1].signature[3] ^= 1 }, .proofInvalid),
            (changed(right) { $0.branches[1].headers[0][100] ^= 1 }, .proofInvalid),
            (changed(right) { $0.position = 2 }, .proofInvalid),
            (changed(right) { $0.branches[1] = newer }, .unsupportedVersion),
        ]
        let digests = try scene.ben.digests()
        for (i, (proof, code)) in wrong.enumerated() {
            let fault = #expect(throws: Fault.self, "proof \(i)") { try scene.ben.ingest(proof) }
            #expect(fault?.code == code, "proof \(i)")
            let after = try scene.ben.digests()
            #expect(after == digests)
        }
        try scene.ben.ingest(right)
        let branches = try scene.ben.store.reading { try $0.branches(in: scene.scope) }
        #expect(branches.count == 2)
    }
}

private func changed(_ proof: UnverifiedForkProof, _ change: (inout UnverifiedForkProof) -> Void) -> UnverifiedForkProof {
    var proof = proof
    change(&proof)
    return proof
}

/// Skeletons in protobuf by hand, to say what our own encoder never would.
private struct ByHand {
    let own: JournalID
    private let x = Value.text("x").bytes

    init(own: JournalID) { self.own = own }

    private func field(_ number: UInt64, _ content: some Collection<UInt8>) -> [UInt8] {
        var out = ByteWriter()
        out.varint(number << 3 | 2)
        out.varint(UInt64(content.count))
        out.raw(content)
        return out.bytes
    }

    private func number(_ number: UInt64, _ value: UInt64) -> [UInt8] {
        var out = ByteWriter()
        out.varint(number << 3)
        out.varint(value)
        return out.bytes
    }

    private func context(_ replicas: [UInt64], _ positions: [UInt64]) -> [UInt8] {
        // fixed64 stands least byte first.
        var fixed: [UInt8] = []
        for replica in replicas {
            for byte in 0..<8 { fixed.append(UInt8(truncatingIfNeeded: replica >> UInt64(8 * byte))) }
        }
        var varints = ByteWriter()
        for position in positions { varints.varint(position) }
        return field(1, fixed) + field(2, varints.bytes)
    }

    private func write(_ kind: UInt64 = 0, field name: String = "title", names: [[UInt8]] = [], reason: Bool = false) -> [UInt8] {
        var out = number(1, kind) + field(2, name.utf8)
        for name in names { out += field(3, name) }
        if reason { out += number(4, 1) }
        return out
    }

    private func edit(
        recordBytes: Int = 16, type: String = "talk", context: [UInt8] = [], _ writes: [UInt8]...
    ) -> [UInt8] {
        var out = field(1, [UInt8](repeating: 1, count: recordBytes)) + field(2, type.utf8)
        if !context.isEmpty { out += field(3, context) }
        for write in writes { out += field(4, write) }
        return out
    }

    private func change(_ edits: [UInt8]...) -> [UInt8] {
        var out: [UInt8] = []
        for edit in edits { out += field(3, edit) }
        return field(2, out)
    }

    /// One edit that puts one field.
    var plain: [UInt8] { change(edit(write())) }

    /// What is wrong, the skeleton, and its values. The author's last position is 3.
    var wrong: [(String, [UInt8], [[UInt8]])] {
        let seen = context([own.rawValue], [3])
        let long = String(repeating: "k", count: 65)
        var cases: [(String, [UInt8], [[UInt8]])] = []
        func add(_ what: String, _ skeleton: [UInt8], _ values: [[UInt8]]) { cases.append((what, skeleton, values)) }

        add("nothing", [], [])
        add("no protobuf", [0xff, 0xff, 0xff], [])
        add("a change without edits", change(), [])
        add("one record twice", change(edit(write()), edit(write())), [x, x])
        add("a record id of 15 bytes", change(edit(recordBytes: 15, write())), [x])
        add("no type", change(edit(type: "", write())), [x])
        add("a long type", change(edit(type: long, write())), [x])
        add("no writes", change(edit()), [])
        add("an unknown kind", change(edit(write(8))), [x])
        add("no field", change(edit(write(field: ""))), [x])
        add("a long field", change(edit(write(field: long))), [x])
        add("a delete of a field", change(edit(write(6))), [])
        add("one field put twice", change(edit(write(), write())), [x, x])
        add("a put and a settle of one field", change(edit(context: seen, write(), write(1, names: [[]]))), [x, x])
        add("a value too few", change(edit(write())), [])
        add("a value too many", change(edit(write())), [x, x])
        add("a text that is not UTF-8", change(edit(write())), [field(1, [0xff])])
        add("a reason that is no text", change(edit(write(reason: true))), [x, number(2, 2)])

        add("a put that names two", change(edit(context: seen, write(names: [[], number(2, 1)]))), [x])
        add("a settle that names none", change(edit(context: seen, write(1))), [x])
        add("an approve that names none", change(edit(context: seen, write(2))), [])
        add("an undo that names two", change(edit(context: seen, write(3, names: [[], number(2, 1)]))), [])
        add("an add with a name", change(edit(context: seen, write(4, names: [[]]))), [x])
        add("a drop that names none", change(edit(context: seen, write(5))), [])
        add("a name without a context", change(edit(write(names: [[]]))), [x])
        add("a name outside its context", change(edit(context: seen, write(names: [number(1, 1)]))), [x])
        add("a name before the first entry", change(edit(context: seen, write(names: [number(2, 3)]))), [x])

        let first = UInt64(1)
        add("a ragged context", change(edit(context: context([own.rawValue], [3, 3]), write())), [x])
        add("a context out of order", change(edit(context: context([own.rawValue, first], [3, 1]), write())), [x])
        add(
            "a context with one journal twice", change(edit(context: context([own.rawValue, own.rawValue], [1, 2]), write())), [x])
        add("a context that begins at 0", change(edit(context: context([own.rawValue], [0]), write())), [x])
        add("its own future", change(edit(context: context([own.rawValue], [4]), write())), [x])
        let crowd = (1...1_025).map { UInt64($0) }
        add("a crowded context", change(edit(context: context(crowd, crowd), write())), [x])
        return cases
    }
}
