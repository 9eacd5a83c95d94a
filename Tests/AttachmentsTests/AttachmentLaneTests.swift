import Attachments
import Causality
import Chance
import Files
import Journals
import Records
import Replicas
import Support
import Testing
import Wire
import Worlds

import struct Foundation.UUID
import class Foundation.FileManager

/// A service in this process that can lose its link.
private final class NearbyService: AttachmentService {
    let host: AttachmentHost
    /// Requests until the link breaks; nil: never.
    var requestsLeft: Int?
    private(set) var largest = 0
    private(set) var requests = 0
    /// What becomes of a piece on its way.
    var spoil: ((AttachmentPiece) -> AttachmentPiece)?

    struct LinkLost: Error {}

    init(_ host: AttachmentHost) { self.host = host }

    private func pass() throws {
        requests += 1
        guard let left = requestsLeft else { return }
        guard left > 0 else { throw LinkLost() }
        requestsLeft = left - 1
    }

    func holdings(of keys: [AttachmentKey], in scope: ScopeID) throws -> [AttachmentHolding] {
        try pass()
        return try host.answer(AttachmentQuery(scope: scope, hashes: keys.map(\.hash))).holdings
    }

    func send(_ data: [UInt8], at offset: UInt64, of attachment: Attachments.Attachment) throws -> AttachmentHolding {
        try pass()
        largest = max(largest, data.count)
        let piece = AttachmentPiece(
            scope: attachment.key.scope, hash: attachment.key.hash, size: attachment.size, offset: offset, data: data)
        // Through its bytes, as over a wire.
        return try #require(try host.take(try AttachmentPiece(bytes: (spoil?(piece) ?? piece).bytes)).holdings.first)
    }

    func fetch(_ key: AttachmentKey, at offset: UInt64, limit: Int) throws -> (data: [UInt8], size: UInt64) {
        try pass()
        let piece = try host.give(AttachmentRead(scope: key.scope, hash: key.hash, offset: offset, limit: limit))
        let passed = try AttachmentPiece(bytes: (spoil?(piece) ?? piece).bytes)
        return (passed.data, passed.size)
    }
}

/// Two laptops and a centre, whose records are the same when `meet` returns.
private struct Field {
    let world: World
    let ann: Replica
    let ben: Replica
    let centre: Replica
    let host: AttachmentHost
    let service: NearbyService
    let folder: String

    init() throws {
        world = try World()
        (ann, ben, centre) = (try world.laptop("ann"), try world.laptop("ben"), try world.laptop("centre"))
        folder = FileManager.default.temporaryDirectory.path + "/attachments-\(UUID().uuidString)"
        host = AttachmentHost(replica: centre, vault: AttachmentFolder(path: folder + "/centre"))
        service = NearbyService(host)
    }

    func vault(_ name: String) -> AttachmentFolder { AttachmentFolder(path: "\(folder)/\(name)") }

    func meet() throws {
        let all = [ann, ben, centre]
        for from in all {
            for to in all where to !== from { _ = try to.ingest(try world.units(of: from, beyond: Knowledge()), in: world.scope) }
        }
    }

    /// Puts a file into a laptop's vault and a record of it into its replica.
    @discardableResult
    func attach(_ bytes: [UInt8], _ replica: Replica, _ vault: any AttachmentVault) throws -> Attachments.Attachment {
        var hasher = ContentHasher()
        hasher.update(bytes)
        let key = AttachmentKey(scope: world.scope, hash: hasher.finish())
        let holding = try vault.append(bytes, at: 0, of: key, size: UInt64(bytes.count))
        #expect(holding.isWhole)
        let record = try replica.create(
            Attachments.Attachment.type, in: world.scope,
            fields: [
                (Attachments.Attachment.hashField, .value(.text("\(key.hash)"))),
                (Attachments.Attachment.sizeField, .value(.integer(Int64(bytes.count)))),
            ])
        return Attachments.Attachment(record: record, key: key, size: UInt64(bytes.count))
    }

    func lane(_ replica: Replica, _ vault: any AttachmentVault) -> AttachmentLane {
        AttachmentLane(replica: replica, vault: vault, service: service)
    }

    func clear() { try? FileManager.default.removeItem(atPath: folder) }
}

private func photo(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}

struct AttachmentLaneTests {
    @Test func `a photo goes to the centre and from there to who asks for it`() throws {
        let field = try Field()
        defer { field.clear() }
        let (ann, ben) = (field.vault("ann"), field.vault("ben"))
        let attachment = try field.attach(photo(200_000, seed: 1), field.ann, ann)
        try field.meet()
        var lane = field.lane(field.ann, ann)
        let sent = try lane.run(.none)
        #expect(sent.sent == 1 && sent.unsent == 0)
        #expect(field.service.largest > 32 << 10)
        // Not asked for, not fetched.
        var other = field.lane(field.ben, ben)
        #expect(try other.run(.none).fetched == 0)
        #expect(try other.run(.upTo(199_999)).fetched == 0)
        #expect(try other.run(.none, asked: [attachment.key]).fetched == 1)
        #expect(try ben.read(attachment.key, at: 0, limit: 200_000) == photo(200_000, seed: 1))
        // The centre is not asked again about what it is known to hold.
        let requests = field.service.requests
        _ = try lane.run(.all)
        #expect(field.service.requests == requests)
    }

    @Test func `of an archived scope the centre is asked again about every content`() throws {
        let field = try Field()
        defer { field.clear() }
        let ann = field.vault("ann")
        let attachment = try field.attach(photo(1_000, seed: 3), field.ann, ann)
        try field.meet()
        var lane = field.lane(field.ann, ann)
        #expect(try lane.run(.none).sent == 1)
        // The centre is put back to before the photo came, and the scope is archived.
        try field.host.vault.remove(attachment.key)
        let roster = try field.world.publish { roster in
            roster.scopes[0].archive = Roster.Archive(since: field.world.clock.now(), keptUntil: field.world.clock.now())
        }
        try field.ann.accept(roster)
        #expect(try field.ann.departingScopes().count == 1)
        #expect(try lane.run(.none).sent == 1)
        #expect(try field.host.vault.holding(of: attachment.key).isWhole)
    }

    @Test func `what no record tells of any more is not given out for longer than a minute`() throws {
        let field = try Field()
        defer { field.clear() }
        let vault = field.vault("ann")
        let attachment = try field.attach(photo(1_000, seed: 4), field.ann, vault)
        try field.meet()
        var lane = field.lane(field.ann, vault)
        _ = try lane.run(.none)
        let read = AttachmentRead(scope: attachment.key.scope, hash: attachment.key.hash, offset: 0, limit: 10)
        #expect(try field.host.give(read).data.count == 10)
        try field.centre.delete(attachment.record)
        field.world.clock.advance(60_001)
        #expect(throws: AttachmentFault(.missing, attachment.key.hash)) { try field.host.give(read) }
    }

    @Test(arguments: [1, 2, 3, 5])
    func `a link that breaks after every few requests still brings it all, and nothing twice`(_ requests: Int) throws {
        let field = try Field()
        defer { field.clear() }
        let (ann, ben) = (field.vault("ann"), field.vault("ben"))
        let bytes = photo(300_001, seed: 2)
        let attachment = try field.attach(bytes, field.ann, ann)
        try field.meet()
        func until(_ replica: Replica, _ vault: AttachmentFolder, _ rule: AttachmentRule, _ isDone: () -> Bool) throws -> UInt64 {
            var passed: UInt64 = 0
            for _ in 0..<200 where !isDone() {
                // The question which the centre answers is a request too.
                field.service.requestsLeft = requests + 1
                var lane = field.lane(replica, vault)
                var ends: [UInt64] = []
                let start = vault.holding(of: attachment.key).bytes
                lane.progress = { _, bytes, _ in ends.append(bytes) }
                do { _ = try lane.run(rule) } catch is NearbyService.LinkLost {}
                if rule == .all, let last = ends.last { passed += last - start }
            }
            #expect(isDone())
            return passed
        }
        _ = try until(field.ann, ann, .none) { field.service.host.vault.isWhole(attachment.key) }
        let fetched = try until(field.ben, ben, .all) { ben.holding(of: attachment.key).isWhole }
        #expect(fetched == UInt64(bytes.count))
        #expect(try ben.read(attachment.key, at: 0, limit: bytes.count) == bytes)
    }

    @Test func `what nobody's record tells of is not taken, nor a piece of another size`() throws {
        let field = try Field()
        defer { field.clear() }
        let attachment = try field.attach(photo(1_000, seed: 3), field.ann, field.vault("ann"))
        let piece = AttachmentPiece(
            scope: field.world.scope, hash: attachment.key.hash, size: 1_000, offset: 0, data: photo(1_000, seed: 3))
        // The record has not come yet.
        #expect(throws: AttachmentFault(.unwanted, attachment.key.hash)) { _ = try field.host.take(piece) }
        try field.meet()
        var larger = piece
        larger.size = 2_000
        #expect(throws: AttachmentFault(.unwanted, attachment.key.hash)) { _ = try field.host.take(larger) }
        #expect(try field.host.take(piece).holdings == [AttachmentHolding(bytes: 1_000, isWhole: true, isWanted: true)])
    }

    @Test func `a forged content is never whole, and the right one gets through after it`() throws {
        let field = try Field()
        defer { field.clear() }
        let (ann, ben) = (field.vault("ann"), field.vault("ben"))
        let bytes = photo(100_000, seed: 4)
        let attachment = try field.attach(bytes, field.ann, ann)
        try field.meet()
        var lane = field.lane(field.ann, ann)
        field.service.spoil = { piece in
            var piece = piece
            if piece.offset == 0 { piece.data[7] ^= 1 }
            return piece
        }
        #expect(throws: AttachmentFault(.damaged, attachment.key.hash)) { _ = try lane.run(.none) }
        #expect(!field.service.host.vault.isWhole(attachment.key))
        field.service.spoil = nil
        #expect(try lane.run(.none).sent == 1)
        field.service.spoil = { piece in
            var piece = piece
            piece.data.reverse()
            return piece
        }
        var other = field.lane(field.ben, ben)
        #expect(try other.run(.all).damaged == [attachment.key])
        #expect(ben.holding(of: attachment.key) == AttachmentHolding())
        field.service.spoil = nil
        #expect(try other.run(.all).fetched == 1)
    }

    @Test func `a content damaged on the centre's disk is not given out, and comes again from who has it`() throws {
        let field = try Field()
        defer { field.clear() }
        let (ann, ben) = (field.vault("ann"), field.vault("ben"))
        let attachment = try field.attach(photo(50_000, seed: 5), field.ann, ann)
        try field.meet()
        var lane = field.lane(field.ann, ann)
        _ = try lane.run(.none)
        let file = "\(field.folder)/centre/\(Hex.string(field.world.scope.bytes))/\(attachment.key.hash)"
        var bytes = try #require(FileManager.default.contents(atPath: file))
        bytes[20_000] ^= 4
        #expect(FileManager.default.createFile(atPath: file, contents: bytes))
        var other = field.lane(field.ben, ben)
        #expect(try other.run(.all).damaged == [attachment.key])
        #expect(FileManager.default.fileExists(atPath: file + ".damaged"))
        #expect(try other.run(.all).missing == [attachment.key])
        // Who has it asks again what the centre holds.
        #expect(try lane.run(.none, recheck: true).sent == 1)
        #expect(try other.run(.all).fetched == 1)
    }

    @Test func `records go first: a run stops between two pieces and goes on later`() throws {
        let field = try Field()
        defer { field.clear() }
        let ann = field.vault("ann")
        try field.attach(photo(400_000, seed: 6), field.ann, ann)
        try field.meet()
        var lane = field.lane(field.ann, ann)
        var pieces = 0
        lane.isInterrupted = { pieces == 2 }
        lane.progress = { _, _, _ in pieces += 1 }
        let first = try lane.run(.none)
        #expect(first.wasInterrupted && first.sent == 0 && first.bytes == (32 << 10) + (64 << 10))
        lane.isInterrupted = { false }
        let second = try lane.run(.none)
        #expect(second.sent == 1 && first.bytes + second.bytes == 400_000)
    }

    @Test func `small ones are not kept waiting by a large one`() throws {
        let field = try Field()
        defer { field.clear() }
        let ann = field.vault("ann")
        for (i, size) in [300_000, 10, 20_000].enumerated() { try field.attach(photo(size, seed: UInt64(10 + i)), field.ann, ann) }
        try field.attach([], field.ann, ann)
        try field.meet()
        var sizes: [UInt64] = []
        var lane = field.lane(field.ann, ann)
        lane.progress = { attachment, bytes, _ in if bytes == attachment.size { sizes.append(bytes) } }
        #expect(try lane.run(.none).sent == 4)
        #expect(sizes == [0, 10, 20_000, 300_000])
    }
}

extension AttachmentVault {
    fileprivate func isWhole(_ key: AttachmentKey) -> Bool { (try? holding(of: key).isWhole) ?? false }
}
