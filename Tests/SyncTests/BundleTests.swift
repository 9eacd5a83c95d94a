// Bundles from writer to reader, whole, damaged, late and twice.

import Access
import Causality
import Journals
import Records
import Replicas
import StoreSQLite
import Support
import Sync
import Testing
import Wire
import Worlds

/// What a stick carries.
func bundle(
    of replica: Replica, named name: String, scopes: [ScopeID]? = nil, to persons: [String]? = nil,
    basis: BundleBasis = .heard
) throws -> [UInt8] {
    let plan = try replica.planBundle(of: scopes, to: persons, basis: basis)
    var writer = try BundleWriter(plan, of: replica, signer: World.key(name), compression: NoCompression())
    var bytes: [UInt8] = []
    while let chunk = try writer.nextChunk() { bytes += chunk }
    return bytes
}

@discardableResult
func read(_ bytes: [UInt8], into replica: Replica, named name: String, step: Int = 4_096) throws -> BundleSummary {
    var reader = try BundleReader(
        replica: replica, secret: World.key(name).agreementSecret, compression: NoCompression())
    for start in stride(from: 0, to: bytes.count, by: step) {
        try reader.received(bytes[start..<min(start + step, bytes.count)])
    }
    try reader.finish()
    return reader.summary
}

/// A scope's fold and knowledge, for comparing.
private func same(_ a: Replica, _ b: Replica, in scope: ScopeID) throws -> Bool {
    guard let x = try a.digest(of: scope), let y = try b.digest(of: scope) else { return false }
    return x.digest == y.digest && x.knowledge == y.knowledge
}

struct BundleTests {
    /// Two laptops whose devices bundles can be sealed to; ann wrote three records.
    private func pair(_ kind: StoreKind = .memory) throws -> (world: World, ann: Replica, ben: Replica) {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        let ben = try world.laptop("ben", store: kind.open())
        try world.agree([ann, ben])
        for n in 1...3 as ClosedRange<UInt64> { try ann.put("note \(n)", of: World.record(n), in: world.scope) }
        return (world, ann, ben)
    }

    @Test(arguments: StoreKind.allCases)
    func `what one laptop wrote another reads from a stick, and the second time nothing is new`(_ kind: StoreKind) throws {
        let (world, ann, ben) = try pair(kind)
        let bytes = try bundle(of: ann, named: "ann")
        let first = try read(bytes, into: ben, named: "ben")
        #expect(first.damage == nil)
        #expect(first.received == 4)
        #expect(first.writer == ann.key)
        #expect(first.scopes == [world.scope])
        #expect(try same(ann, ben, in: world.scope))
        let second = try read(bytes, into: ben, named: "ben")
        #expect(second.damage == nil)
        #expect(second.received == 0)
        #expect(second.repeated == 4)
        #expect(try same(ann, ben, in: world.scope))
    }

    @Test func `a bundle cut at any byte says so, keeps what was whole, and the rest comes with the next copy`() throws {
        let (world, ann, _) = try pair()
        let bytes = try bundle(of: ann, named: "ann")
        for end in 0..<bytes.count {
            let ben = try world.laptop("ben")
            let summary = try read(Array(bytes[..<end]), into: ben, named: "ben", step: 97)
            #expect(summary.damage?.code == (end == 0 ? .notABundle : .cut), "cut at \(end)")
            #expect(summary.refusals.isEmpty)
        }
        let ben = try world.laptop("ben")
        try read(Array(bytes.dropLast()), into: ben, named: "ben")
        #expect(try read(bytes, into: ben, named: "ben").damage == nil)
        #expect(try same(ann, ben, in: world.scope))
    }

    @Test func `a bundle of which any bit changed is found out, and nothing false is taken in`() throws {
        let (world, ann, _) = try pair()
        let bytes = try bundle(of: ann, named: "ann")
        for i in bytes.indices {
            var changed = bytes
            changed[i] ^= 1 << UInt8(i % 8)
            let ben = try world.laptop("ben")
            let summary = try read(changed, into: ben, named: "ben")
            #expect(summary.damage != nil, "byte \(i)")
            #expect(summary.refusals.isEmpty)
            #expect(try ben.quarantined().isEmpty)
        }
    }

    @Test func `frames before the damage are kept, and it is said where the damage is`() throws {
        let (world, ann, ben) = try pair()
        let text = String(repeating: "蹲点", count: 40_000)
        for n in 1...12 as ClosedRange<UInt64> { try ann.put("\(n)" + text, of: World.record(n), in: world.scope) }
        var bytes = try bundle(of: ann, named: "ann")
        bytes[bytes.count - 200_000] ^= 1
        let summary = try read(bytes, into: ben, named: "ben", step: 70_000)
        let damage = try #require(summary.damage)
        #expect(damage.code == .changed)
        #expect(damage.section == 0)
        #expect(try #require(damage.chunk) == (bytes.count - 200_000) / (ChunkCipher.chunkBytes + 20))
        #expect(summary.received > 4)
        #expect(summary.received < 16)
        #expect(try ben.texts(of: World.record(1), in: world.scope).first?.hasPrefix("1") == true)
    }

    @Test func `chunks that change places are found out`() throws {
        let (world, ann, ben) = try pair()
        let text = String(repeating: "蹲点", count: 40_000)
        for n in 1...4 as ClosedRange<UInt64> { try ann.put("\(n)" + text, of: World.record(n), in: world.scope) }
        let bytes = try bundle(of: ann, named: "ann")
        let from = BundleBytes.firstChunk(recipients: 2)
        let size = 4 + ChunkCipher.chunkBytes + ChunkCipher.tagBytes
        let swapped =
            bytes[..<from] + bytes[(from + size)..<(from + 2 * size)] + bytes[from..<(from + size)] + bytes[(from + 2 * size)...]
        let summary = try read(Array(swapped), into: ben, named: "ben")
        #expect(summary.damage == BundleError(.changed, section: 0, chunk: 0))
        #expect(summary.received == 0)
    }

    @Test func `more after the end is no part of a bundle`() throws {
        let (_, ann, ben) = try pair()
        let bytes = try bundle(of: ann, named: "ann")
        #expect(try read(bytes + [0], into: ben, named: "ben").damage?.code == .malformed)
        #expect(try read(bytes + bytes, into: ben, named: "ben", step: bytes.count).damage?.code == .malformed)
    }

    @Test func `a bundle for another person opens for nobody else`() throws {
        let (world, ann, ben) = try pair()
        let eve = try world.laptop("eve")
        try world.agree([eve])
        let name = "\(ben.key)"
        let bytes = try bundle(of: ann, named: "ann", to: [name])
        let summary = try read(bytes, into: eve, named: "eve")
        #expect(summary.damage?.code == .notForThisDevice)
        #expect(summary.received == 0)
        #expect(try read(bytes, into: ben, named: "ben").received == 4)
        #expect(throws: BundleError(.personUnknown, "nobody")) { try bundle(of: ann, named: "ann", to: ["nobody"]) }
    }

    @Test func `a bundle tells who has no key nothing: no name, no id, no text of it is in clear`() throws {
        let (world, ann, ben) = try pair()
        let bytes = try bundle(of: ann, named: "ann")
        let secrets: [[UInt8]] = [
            world.scope.bytes, ann.key.bytes, ben.key.bytes, ann.agreement?.bytes ?? [], ben.agreement?.bytes ?? [],
            world.root.publicKey.bytes, Array("note 1".utf8), Array("everyone".utf8),
        ]
        for secret in secrets { #expect(bytes.firstRange(of: secret) == nil) }
    }

    @Test func `of several scopes each is sealed to those who may see it`() throws {
        let world = try World()
        let secret = ScopeID(high: 9, low: 9)
        try world.publish { $0.scopes.append(Roster.Scope(id: secret, name: "secret", title: "Secret", kind: .restricted)) }
        let (ann, ben, eve) = (try world.replica("ann"), try world.replica("ben"), try world.laptop("eve"))
        for replica in [ann, ben] { try world.join(replica, [world.scope, secret]) }
        try world.agree([ann, ben, eve])
        try ann.put("open", of: World.record(1), in: world.scope)
        try ann.put("closed", of: World.record(2), in: secret)
        let bytes = try bundle(of: ann, named: "ann")
        let bens = try read(bytes, into: ben, named: "ben")
        #expect(bens.opened == 2)
        #expect(bens.received == 4)
        let eves = try read(bytes, into: eve, named: "eve")
        #expect(eves.sections == 2)
        #expect(eves.opened == 1)
        #expect(eves.damage == nil)
        #expect(try eve.knowledge(of: secret).heads.isEmpty)
        #expect(try eve.texts(of: World.record(1), in: world.scope) == ["open"])
    }

    @Test func `a device the scope was taken from cannot open what is written after`() throws {
        let (world, ann, ben) = try pair()
        try world.publish { roster in
            for i in roster.devices.indices where roster.devices[i].key == ben.key {
                roster.devices[i].grants[0].until = roster.version
            }
        }
        try ann.accept(world.roster)
        let eve = try world.laptop("eve")
        try world.agree([eve])
        let bytes = try bundle(of: ann, named: "ann")
        let summary = try read(bytes, into: ben, named: "ben")
        #expect(summary.damage?.code == .notForThisDevice)
    }

    @Test func `a newer roster comes along, an older one is passed over, another service's is refused`() throws {
        let (world, ann, ben) = try pair()
        try world.publish { $0.people.append(Roster.Person(id: "new", name: "New")) }
        try ann.accept(world.roster)
        let bytes = try bundle(of: ann, named: "ann")
        #expect(try read(bytes, into: ben, named: "ben").roster == world.roster.roster.version)
        #expect(try ben.roster()?.roster.person("new") != nil)
        try ben.put("late", of: World.record(9), in: world.scope)
        try world.publish()
        try ben.accept(world.roster)
        let again = try read(bytes, into: ben, named: "ben")
        #expect(again.roster == nil)
        #expect(again.damage == nil)
        #expect(try ben.roster()?.roster.version == world.roster.roster.version)

        let other = try Replica(
            store: MemoryStore(), signer: World.key("ben"), rules: ReviewEverything(), clock: world.clock,
            entropy: world.entropy)
        let root = World.key("another root")
        var roster = Roster(
            version: 1, root: root.publicKey, service: root.publicKey, issued: Timestamp(milliseconds: 1),
            expires: Timestamp(milliseconds: 2), catalogue: [])
        roster.scopes = world.roster.roster.scopes
        roster.devices = [
            Roster.Device(key: other.key, person: "p", name: "d", grants: [Roster.Grant(scope: world.scope, from: 1)])
        ]
        try other.accept(try .signing(roster, by: root))
        let refused = try read(bytes, into: other, named: "ben")
        #expect(refused.damage?.code == .otherService)
        #expect(refused.received == 0)
    }

    @Test func `a bundle holds what its readers were not heard to have; never heard, it holds everything`() throws {
        let (world, ann, ben) = try pair()
        #expect(try read(bundle(of: ann, named: "ann"), into: ben, named: "ben").received == 4)
        // Ben's own bundle tells ann what he has now.
        try read(bundle(of: ben, named: "ben", basis: .request), into: ann, named: "ann")
        #expect(try ann.heard(of: world.scope, from: ben.key) == ben.knowledge(of: world.scope))
        #expect(try ann.alsoHeld(in: world.scope) == [ben.key])
        try ann.put("one more", of: World.record(4), in: world.scope)
        #expect(try ann.alsoHeld(in: world.scope).isEmpty)
        let next = try read(bundle(of: ann, named: "ann"), into: ben, named: "ben")
        #expect(next.received == 1)
        #expect(next.repeated == 0)
        #expect(try read(bundle(of: ann, named: "ann", basis: .everything), into: ben, named: "ben").repeated == 5)
        // Somebody nobody has heard of yet may see the scope too: now everything goes along again.
        try world.agree([try world.laptop("eve")])
        #expect(try read(bundle(of: ann, named: "ann"), into: ben, named: "ben").repeated == 5)
    }

    @Test func `what somebody says who is not on the roster, or an older word, changes nothing that was heard`() throws {
        let (world, ann, ben) = try pair()
        let old = try bundle(of: ben, named: "ben", basis: .request)
        try read(bundle(of: ann, named: "ann"), into: ben, named: "ben")
        world.clock.advance(1_000)
        try read(bundle(of: ben, named: "ben", basis: .request), into: ann, named: "ann")
        let heard = try ann.heard(of: world.scope, from: ben.key)
        try read(old, into: ann, named: "ann")
        #expect(try ann.heard(of: world.scope, from: ben.key) == heard)
        // A key that nobody granted anything signs for a knowledge of its own.
        let forged = try bundle(of: ann, named: "nobody", basis: .request)
        let summary = try read(forged, into: ben, named: "ben")
        #expect(summary.writer == nil)
        #expect(try ben.heard(of: world.scope, from: World.key("nobody").publicKey) == nil)
    }

    @Test func `beyond the centre goes only what it has not signed for`() throws {
        let (world, ann, ben) = try pair()
        let centre = try world.centre()
        try world.meet(ann, centre)
        try world.meet(ben, centre)
        try ann.put("after", of: World.record(5), in: world.scope)
        let summary = try read(bundle(of: ann, named: "ann", basis: .centre), into: ben, named: "ben")
        #expect(summary.received == 1)
        #expect(summary.repeated == 0)
        #expect(try same(ann, ben, in: world.scope))
    }

    @Test func `what follows on something that is missing is refused, and it is said that earlier things are missing`() throws {
        let (world, ann, _) = try pair()
        let centre = try world.centre()
        try world.meet(ann, centre)
        try ann.put("after", of: World.record(5), in: world.scope)
        let eve = try world.laptop("eve")
        try world.agree([eve])
        let summary = try read(bundle(of: ann, named: "ann", basis: .centre), into: eve, named: "eve")
        #expect(summary.lacksEarlier)
        #expect(summary.received == 0)
        #expect(summary.damage == nil)
        #expect(try eve.quarantined().isEmpty)
        #expect(try read(bundle(of: ann, named: "ann", basis: .everything), into: eve, named: "eve").received == 5)
    }

    @Test func `what does not verify is not taken and lies in quarantine`() throws {
        let (world, ann, ben) = try pair()
        let author = try world.author("mallory")
        var forger = author
        var run = try forger.run([forger.birth(), forger.entry("false", of: World.record(7))])
        run.signature = [UInt8](repeating: 0, count: 64)
        var tail = TailWriter()
        tail.append(run)
        let frame = UnverifiedFrame(scope: world.scope, tail: tail.bytes, compression: nil)
        let bytes = try BundleBytes(
            messages: [
                ExchangeMessage.opening(Opening(scope: world.scope, heads: [], zstd: false)), .frame(frame), .end,
            ], roster: ann.roster(), to: ben.agreement, by: World.key("ann")
        ).bytes
        let summary = try read(bytes, into: ben, named: "ben")
        #expect(summary.damage == nil)
        #expect(summary.received == 0)
        #expect(summary.refusals.count == 1)
        #expect(try ben.quarantined().map(\.fault.code) == [.signatureInvalid])
    }

    @Test func `messages that have no place in a bundle end it, and hostile sizes take no memory`() throws {
        let (world, ann, ben) = try pair()
        let stranger = ScopeID(high: 5, low: 5)
        let opening = ExchangeMessage.opening(Opening(scope: world.scope, heads: [], zstd: false))
        let cases: [[ExchangeMessage]] = [
            [opening, .divergence(Divergence(scope: world.scope, journal: JournalID(rawValue: 1), position: 1)), .end],
            [opening, .opening(Opening(scope: stranger, heads: [], zstd: false)), .end],
            [.frame(UnverifiedFrame(scope: world.scope, tail: [], compression: nil)), .end],
            [.end], [opening],
        ]
        for messages in cases {
            let bytes = try BundleBytes(messages: messages, roster: ann.roster(), to: ben.agreement, by: World.key("ann")).bytes
            #expect(try read(bytes, into: ben, named: "ben").damage?.code == .malformed)
        }
        let foreign = try BundleBytes(
            messages: [.opening(Opening(scope: stranger, heads: [], zstd: false)), .end], roster: ann.roster(),
            to: ben.agreement, by: World.key("ann")
        ).bytes
        #expect(try read(foreign, into: ben, named: "ben").damage?.code == .scopeNotGranted)
        var huge = try bundle(of: ann, named: "ann")
        for i in 0..<4 { huge[BundleBytes.firstChunk(recipients: 2) + i] = 0x7f }
        #expect(try read(huge, into: ben, named: "ben").damage == BundleError(.changed, section: 0, chunk: 0, "its length"))
    }

    @Test func `a newer kind of bundle and no bundle at all are told apart`() throws {
        let (_, ann, ben) = try pair()
        var newer = try bundle(of: ann, named: "ann")
        newer[9] = 2
        #expect(try read(newer, into: ben, named: "ben").damage?.code == .newerVersion)
        #expect(try read(Array("PK not this".utf8), into: ben, named: "ben").damage?.code == .notABundle)
    }

    @Test func `two stores under one replica id meet by stick: the fork is proven, both sides stay`() throws {
        let (world, ann, ben) = try pair()
        let clone = try world.copy(of: ann, named: "ann")
        try ann.put("by ann", of: World.record(1), in: world.scope)
        try clone.put("by the clone", of: World.record(1), in: world.scope)
        try read(bundle(of: ann, named: "ann"), into: ben, named: "ben")
        try read(bundle(of: ben, named: "ben", basis: .request), into: clone, named: "ann")
        let summary = try read(bundle(of: clone, named: "ann"), into: ben, named: "ben")
        #expect(summary.forks.count == 1)
        #expect(try ben.texts(of: World.record(1), in: world.scope) == ["by ann", "by the clone"])
    }

    @Test func `a store restored from a backup that meets its own lost entries goes on under a new replica id`() throws {
        let (world, ann, ben) = try pair()
        let backup = try world.copy(of: ann, named: "ann")
        let old = try backup.replicaID()
        try ann.put("lost", of: World.record(8), in: world.scope)
        try read(bundle(of: ann, named: "ann"), into: ben, named: "ben")
        let summary = try read(bundle(of: ben, named: "ben", basis: .everything), into: backup, named: "ann")
        #expect(summary.replacedReplica != nil)
        #expect(try backup.replicaID() != old)
        #expect(try backup.texts(of: World.record(8), in: world.scope) == ["lost"])
    }

    @Test func `without anybody to seal to there is no bundle, and who cannot be reached yet is named`() throws {
        let world = try World()
        let ann = try world.laptop("ann")
        let ben = try world.laptop("ben")
        let eve = try world.laptop("eve")
        #expect(throws: BundleError(.noRecipients)) { try ann.planBundle() }
        try world.agree([ann, ben])
        #expect(try ann.planBundle().unreachable == [eve.key])
    }
}

/// A bundle put together by hand, where a writer would refuse to.
struct BundleBytes {
    let bytes: [UInt8]

    static func firstChunk(recipients: Int) -> Int { 12 + 4 + WrappedKey.byteCount * recipients }

    init(messages: [ExchangeMessage], roster: SignedRoster?, to recipient: AgreementKey?, by signer: SigningKey) throws {
        let (roster, recipient) = (try #require(roster), try #require(recipient))
        let key = [UInt8](repeating: 3, count: 32)
        var out = ByteWriter()
        out.raw([0x89] + Array("DUNDIAN".utf8))
        out.u16(1)
        out.u16(1)
        let preamble = out.bytes
        var header = ByteWriter()
        header.u16(0)
        header.u16(1)
        header.raw(try WrappedKey.sealing(key, to: recipient))
        var plain = ByteWriter()
        plain.blob32(roster.unverified.bytes)
        for message in messages { plain.raw(message.delimited) }
        plain.i64(World.start)
        plain.raw(signer.publicKey.bytes)
        var transcript = RunningHash(.bundle)
        transcript.update(preamble + header.bytes + plain.bytes)
        plain.raw(try signer.sign(.signedBundle, transcript.bytes))
        var cipher = ChunkCipher(key: key, associated: Hash(.bundle, preamble, header.bytes).bytes)
        let sealed = try cipher.seal(plain.bytes, isLast: true)
        var chunk = ByteWriter()
        chunk.u32(UInt32(sealed.count) | 1 << 31)
        bytes = preamble + header.bytes + chunk.bytes + sealed
    }
}
