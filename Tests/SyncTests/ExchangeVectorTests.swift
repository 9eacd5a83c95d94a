// One whole exchange as bytes: protocol/vectors/exchange.json. Two laptops meet a service one after the other; keys, chance and clock are
// given, so that every byte comes again. `DUNDIAN_WRITE_VECTORS=1 swift test --filter ExchangeVectorTests` writes the file anew.

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

struct ExchangeVectorTests {
    private struct File: Codable, Equatable {
        var version = 1
        var note: String
        var scope: String
        var root: String
        var service: String
        var roster: String
        var rosterSignature: String
        var steps: [Step]
        var records: Int
        var scopeDigest: String
        var knowledgeDigest: String

        enum CodingKeys: String, CodingKey {
            case version, note, scope, root, service, roster, steps, records
            case rosterSignature = "roster_signature"
            case scopeDigest = "scope_digest"
            case knowledgeDigest = "knowledge_digest"
        }
    }

    private struct Step: Codable, Equatable {
        var laptop: String
        var helloAnswer: String
        var upload: String
        var download: String

        enum CodingKeys: String, CodingKey {
            case laptop, upload, download
            case helloAnswer = "hello_answer"
        }
    }

    /// Two laptops write apart: different records, one field of one record, an element, a deletion.
    private func speak() throws -> (file: File, laptops: [Replica]) {
        let world = try World(seed: 20_261_122)
        let centre = try world.centre()
        let ann = try world.laptop("ann")
        let ben = try world.laptop("ben")
        var steps: [Step] = []
        func meet(_ laptop: Replica, _ name: String) throws {
            let line = Line()
            try world.meet(laptop, centre, over: line)
            steps.append(
                Step(
                    laptop: name, helloAnswer: Hex.string(line.answers[0]), upload: Hex.string(line.uploaded),
                    download: Hex.string(line.downloaded)))
        }
        try ann.put("first", of: World.record(1), in: world.scope)
        try ann.commit(
            Change([Write(.add, field: "tags", value: .value(.text("蹲点")))], of: World.record(2)), in: world.scope)
        try meet(ann, "ann")
        try meet(ben, "ben")
        world.clock.advance(60_000)
        try ann.put("second, by ann", of: World.record(1), in: world.scope)
        try ben.put("second, by ben", of: World.record(1), in: world.scope)
        let state = try #require(try ben.state(of: World.record(2), in: world.scope))
        try ben.commit(Change(edits: [state.edit([Write(.delete, reason: .value(.text("twice")))])]), in: world.scope)
        for (laptop, name) in [(ann, "ann"), (ben, "ben"), (ann, "ann")] { try meet(laptop, name) }
        let digest = try #require(try centre.digest(of: world.scope))
        let roster = world.roster.unverified
        let file = File(
            note: "Each step: what the service answered to hello, then both streams of the exchange, whole. Frames are plain.",
            scope: "\(world.scope)", root: "\(world.root.publicKey)", service: "\(world.service.publicKey)",
            roster: Hex.string(roster.roster), rosterSignature: Hex.string(roster.signature), steps: steps,
            records: digest.records, scopeDigest: "\(digest.digest)", knowledgeDigest: "\(digest.knowledge)")
        return (file, [ann, ben])
    }

    private static let path = Example.folder.appendingPathComponent("exchange.json")

    @Test func `two laptops and a service speak the same bytes again`() throws {
        let file = try speak().file
        if ProcessInfo.processInfo.environment["DUNDIAN_WRITE_VECTORS"] != nil {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try (encoder.encode(file) + Data("\n".utf8)).write(to: Self.path)
        }
        let kept = try JSONDecoder().decode(File.self, from: Data(contentsOf: Self.path))
        #expect(file == kept)
    }

    @Test func `whoever hears the streams from the file ends up with the digest in it`() throws {
        let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: Self.path))
        let scope = try #require(ScopeID(hex: file.scope))
        let root = try #require(PublicKey(Hex.bytes(file.root) ?? []))
        let service = try #require(PublicKey(Hex.bytes(file.service) ?? []))
        let roster = try UnverifiedRoster(
            roster: Hex.bytes(file.roster) ?? [], signature: Hex.bytes(file.rosterSignature) ?? []
        ).verified(by: root)
        let listener = try World().replica("listener")
        try listener.accept(roster)
        var receipts: [Receipt] = []
        for step in file.steps {
            _ = try HelloAnswer(bytes: Hex.bytes(step.helloAnswer) ?? [])
            for stream in [step.upload, step.download] {
                var splitter = MessageSplitter()
                splitter.feed(Hex.bytes(stream) ?? [])
                var last: ExchangeMessage?
                while let bytes = try splitter.next() {
                    last = try ExchangeMessage.decode(bytes)
                    switch last {
                    case .frame(let frame)?:
                        let report = try listener.ingest([try frame.runs(NoCompression())], in: frame.scope)
                        #expect(report.refusals == [])
                    case .receipt(let receipt)?: receipts.append(try Receipt(checking: receipt, service: service))
                    default: break
                    }
                }
                #expect(last == .end)
                #expect(!splitter.isInsideMessage)
            }
        }
        let digest = try #require(try listener.digest(of: scope))
        #expect("\(digest.digest)" == file.scopeDigest)
        #expect("\(digest.knowledge)" == file.knowledgeDigest)
        #expect(digest.records == file.records)
        #expect(receipts.count == file.steps.count)
        #expect(receipts.last?.digest == digest.knowledge)
    }
}
