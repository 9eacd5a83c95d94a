// One bundle and one handshake as bytes: protocol/vectors/bundle.json. Keys, chance and clock are given, and what HPKE's own chance made is
// taken from the file, so that every byte comes again. `DUNDIAN_WRITE_VECTORS=1 swift test --filter BundleVectorTests` writes it anew.

import Access
import Causality
import Foundation
import Journals
import Records
import Replicas
import Support
import Sync
import Testing
import Wire
import Worlds

struct BundleVectorTests {
    private struct File: Codable, Equatable {
        var version = 1
        var note: String
        var scope: String
        var root: String
        var seeds: [String]
        var agreements: [String]
        var contentKey: String
        var wraps: [String]
        var bundle: String
        var writer: String
        var time: String
        var records: Int
        var scopeDigest: String
        var knowledgeDigest: String
        var meeting: Meeting

        enum CodingKeys: String, CodingKey {
            case version, note, scope, root, seeds, agreements, wraps, bundle, writer, time, records, meeting
            case contentKey = "content_key"
            case scopeDigest = "scope_digest"
            case knowledgeDigest = "knowledge_digest"
        }
    }

    private struct Meeting: Codable, Equatable {
        var initiatorEphemeral: String
        var responderEphemeral: String
        var hello: String
        var reply: String
        var proof: String

        enum CodingKeys: String, CodingKey {
            case hello, reply, proof
            case initiatorEphemeral = "initiator_ephemeral"
            case responderEphemeral = "responder_ephemeral"
        }
    }

    private static let path = Example.folder.appendingPathComponent("bundle.json")

    /// Ann writes; what she wrote goes into a bundle for her and ben, and the two begin a meeting.
    private func make(wraps known: [String]?) throws -> File {
        let world = try World(seed: 20_261_125)
        let (ann, ben) = (try world.laptop("ann"), try world.laptop("ben"))
        try world.agree([ann, ben])
        try ann.put("first", of: World.record(1), in: world.scope)
        try ann.commit(
            Change([Write(.add, field: "tags", value: .value(.text("蹲点")))], of: World.record(2)), in: world.scope)
        world.clock.advance(60_000)
        try ann.put("second", of: World.record(1), in: world.scope)
        var (key, wraps): ([UInt8], [String]) = ([], [])
        var writer = try BundleWriter(
            try ann.planBundle(), of: ann, signer: World.key("ann"), compression: NoCompression()
        ) { content, recipient in
            key = content
            let wrap = try known.map { Hex.bytes($0[wraps.count]) ?? [] } ?? WrappedKey.sealing(content, to: recipient)
            wraps.append(Hex.string(wrap))
            return wrap
        }
        var bytes: [UInt8] = []
        while let chunk = try writer.nextChunk() { bytes += chunk }
        let digest = try #require(try ann.digest(of: world.scope))
        let keys = [World.key("ann"), World.key("ben")]

        let secrets = [world.entropy.bytes(32), world.entropy.bytes(32)]
        var initiator = try PeerExchange(
            replica: ann, signer: keys[0], role: .initiator, secret: secrets[0], compression: NoCompression())
        var responder = try PeerExchange(
            replica: ben, signer: keys[1], role: .responder, secret: secrets[1], compression: NoCompression())
        let hello = try #require(try initiator.nextChunk())
        try responder.received(hello)
        let reply = try #require(try responder.nextChunk())
        try initiator.received(reply)
        let proof = try #require(try initiator.nextChunk())
        try responder.received(proof)
        #expect(initiator.summary.peer == ben.key)
        #expect(responder.summary.peer == ann.key)
        return File(
            note: "A bundle by the first of two devices for both, frames plain; then the handshake of a meeting of the same two.",
            scope: "\(world.scope)", root: "\(world.root.publicKey)", seeds: keys.map { Hex.string($0.secret) },
            agreements: keys.compactMap { $0.agreement?.description }, contentKey: Hex.string(key), wraps: wraps,
            bundle: Hex.string(bytes), writer: "\(ann.key)", time: "\(world.clock.now().rawValue)", records: digest.records,
            scopeDigest: "\(digest.digest)", knowledgeDigest: "\(digest.knowledge)",
            meeting: Meeting(
                initiatorEphemeral: Hex.string(secrets[0]), responderEphemeral: Hex.string(secrets[1]), hello: Hex.string(hello),
                reply: Hex.string(reply), proof: Hex.string(proof)))
    }

    @Test func `the bundle and the handshake of the file come again byte by byte`() throws {
        if ProcessInfo.processInfo.environment["DUNDIAN_WRITE_VECTORS"] != nil {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try (encoder.encode(make(wraps: nil)) + Data("\n".utf8)).write(to: Self.path)
        }
        let kept = try JSONDecoder().decode(File.self, from: Data(contentsOf: Self.path))
        let again = try make(wraps: kept.wraps)
        #expect(again == kept)
    }

    @Test func `each device of the file reads its bundle to the digest in it`() throws {
        let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: Self.path))
        let scope = try #require(ScopeID(hex: file.scope))
        let bytes = try #require(Hex.bytes(file.bundle))
        for (seed, agreement) in zip(file.seeds, file.agreements) {
            let key = try #require(SigningKey(secret: Hex.bytes(seed) ?? []))
            #expect(key.agreement?.description == agreement)
            let world = try World()
            let reader = try Replica(
                store: MemoryStore(), signer: key, rules: ReviewEverything(), clock: world.clock, entropy: world.entropy)
            // It has heard of the root and not yet of itself: the roster in the bundle says the rest.
            try reader.accept(world.roster)
            var machine = try BundleReader(replica: reader, secret: key.agreementSecret, compression: NoCompression())
            try machine.received(bytes)
            try machine.finish()
            #expect(machine.summary.damage == nil)
            #expect(machine.summary.writer?.description == file.writer)
            #expect(machine.summary.written.map { "\($0.rawValue)" } == file.time)
            let digest = try #require(try reader.digest(of: scope))
            #expect("\(digest.digest)" == file.scopeDigest)
            #expect("\(digest.knowledge)" == file.knowledgeDigest)
            #expect(digest.records == file.records)
        }
    }
}
