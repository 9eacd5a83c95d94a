// What comes over the network before anybody is believed: streams cut into messages, messages, tails, and the small questions and answers
// around them. What decodes is written again and reads the same; a stream says the same however it was cut.
//
//      bytes = kind || what that kind reads; kinds: stream, tail, message, question

import Causality
import Journals
import Records
import Replicas
import Wire
import Worlds

enum FrameTarget {
    static func run(_ bytes: [UInt8]) {
        var cuts = Cuts(bytes)
        switch cuts.choice(of: 4) {
        case 0:
            let step = 1 + cuts.choice(of: 64)
            stream(cuts.all(), step: step)
        case 1: if let runs = try? [UnverifiedRun](tail: cuts.all()) { check(runs) }
        case 2: message(cuts.all())
        default:
            let question = questions[cuts.choice(of: questions.count)]
            question(cuts.all())
        }
    }

    // MARK: Streams

    private struct Split: Equatable {
        var messages: [[UInt8]] = []
        var isRefused = false
        var unfinished: UnfinishedMessage?
    }

    private static func split(_ bytes: [UInt8], step: Int) -> Split {
        var splitter = MessageSplitter()
        var split = Split()
        for piece in bytes.pieces(of: step) {
            splitter.feed(piece)
            do { while let message = try splitter.next() { split.messages.append(message) } } catch {
                split.isRefused = true
                return split
            }
        }
        split.unfinished = splitter.unfinished
        return split
    }

    private static func stream(_ bytes: [UInt8], step: Int) {
        let whole = split(bytes, step: bytes.count)
        promise(split(bytes, step: step) == whole, "a stream that comes \(step) bytes at a time is another stream")
        for bytes in whole.messages { message(bytes) }
        guard let unfinished = whole.unfinished else { return }
        promise(UnfinishedMessage(stored: unfinished.stored) == unfinished, "an unfinished message is kept as another one")
        promise(unfinished.partial.held < unfinished.partial.length, "all of an unfinished message is held")
        _ = unfinished.extended(byBeginningOf: unfinished)
    }

    // MARK: Messages

    static func message(_ bytes: [UInt8]) {
        guard let message = try? ExchangeMessage.decode(bytes) else { return }
        let again = try? ExchangeMessage.decode(message.bytes)
        promise(again == message, "a message is read back as another one")
        switch message {
        case .frame(let frame): if let runs = try? frame.runs(NoCompression()) { check(runs) }
        case .proof(let proof):
            promise((try? UnverifiedForkProof(storedBytes: proof.storedBytes)) == proof, "a proof is kept as another one")
            let key = World.key("ann").publicKey
            _ = try? ForkProof(checking: proof, previous: .zero, key: key, birthKey: DecodedEntry.birthKey)
        case .receipt(let receipt): _ = try? Receipt(checking: receipt, service: World.key("service").publicKey)
        default: break
        }
    }

    private static let questions: [@Sendable ([UInt8]) -> Void] = [
        { same($0, { try HelloMessage(bytes: $0) }, \.bytes) },
        { same($0, { try HelloAnswer(bytes: $0) }, \.bytes) },
        { same($0, { try ScopeKnowledge(bytes: $0) }, \.bytes) },
        { same($0, { try KnowledgeRequest(bytes: $0) }, \.bytes) },
        { same($0, { try Probe(bytes: $0) }, \.bytes) },
        { same($0, { try ProbeAnswer(bytes: $0) }, \.bytes) },
        { same($0, { try CatalogueMessage(bytes: $0) }, \.bytes) },
        { same($0, { try NonceMessage(bytes: $0) }, \.bytes) },
        { same($0, { try JoinMessage(bytes: $0) }, \.bytes) },
        { same($0, { try JoinAnswer(bytes: $0) }, \.bytes) },
        { same($0, { try SignInMessage(bytes: $0) }, \.bytes) },
        { same($0, { try SignInAnswer(bytes: $0) }, \.bytes) },
        { same($0, { try AttachmentQuery(bytes: $0) }, \.bytes) },
        { same($0, { try AttachmentAnswer(bytes: $0) }, \.bytes) },
        { same($0, { try AttachmentPiece(bytes: $0) }, \.bytes) },
        { same($0, { try AttachmentRead(bytes: $0) }, \.bytes) },
        { bytes in
            same(bytes, { try UnverifiedRoster(bytes: $0) }, \.bytes)
            guard let roster = try? UnverifiedRoster(bytes: bytes) else { return }
            _ = try? roster.claimedRoot()
            _ = try? roster.verified(by: World.key("root").publicKey)
        },
    ]

    private static func same<M: Equatable>(_ bytes: [UInt8], _ decode: ([UInt8]) throws -> M, _ encode: (M) -> [UInt8]) {
        guard let message = try? decode(bytes) else { return }
        let again = try? decode(encode(message))
        promise(again == message, "a \(M.self) is read back as another one")
    }

    // MARK: Tails

    /// What is promised of runs that decode.
    static func check(_ runs: [UnverifiedRun]) {
        var writer = TailWriter()
        for run in runs { writer.append(run) }
        // Headers cover nothing where there is no signature behind them; they are not written.
        let written = runs.map { run -> UnverifiedRun in
            var run = run
            if run.signature == nil { run.cover = [] }
            return run
        }
        promise((try? [UnverifiedRun](tail: writer.bytes)) == written, "runs are read back as other runs")
        for run in runs {
            var chain = OpenChain(after: Tip(scope: scope, replica: run.replica))
            for (i, entry) in run.entries.enumerated() {
                let position = Position(rawValue: run.start.rawValue + UInt64(i))
                _ = try? DecodedEntry(
                    skeleton: entry.skeleton, values: entry.values, position: position, replica: run.replica)
                _ = try? chain.append(entry, birthKey: DecodedEntry.birthKey(entry.skeleton))
            }
            chain.cut(run.signature, cover: run.cover)
            _ = try? chain.verified()
        }
    }

    private static let scope = ScopeID(high: 0xd0d1, low: 1)

    // MARK: Seeds

    static var seeds: [[UInt8]] {
        let messages = Samples.messages
        let stream = messages.flatMap(\.delimited)
        let root = World.key("root")
        let roster = sound { try World().roster.unverified }
        let hash = Hash(.value, [1])
        let key = World.key("ann").publicKey
        let agreement = World.key("ann").agreement
        let heads = [Head(journal: JournalID(rawValue: 7), position: 3, hash: hash)]
        let knowledge = ScopeKnowledge(scope: scope, heads: heads, more: true)
        // In the order of `questions`.
        let asked: [[UInt8]] = [
            HelloMessage(software: "dundian", roster: 3, scopes: [(scope, hash)]).bytes,
            HelloAnswer(
                time: Timestamp(milliseconds: World.start), roster: roster, differing: [knowledge], refused: [scope],
                partial: Partial(length: 9_000, held: 5_000, digest: hash)
            ).bytes,
            knowledge.bytes,
            KnowledgeRequest(scope: scope, after: JournalID(rawValue: 7)).bytes,
            Probe(scope: scope, journal: JournalID(rawValue: 7), positions: [1, 2, 4]).bytes,
            ProbeAnswer(hashes: [hash, nil]).bytes,
            CatalogueMessage(file: Array("{}".utf8)).bytes,
            NonceMessage(nonce: [UInt8](repeating: 5, count: 16)).bytes,
            JoinMessage(lookup: [1, 2], key: key, deviceName: "laptop 7", proof: [3], agreement: agreement).bytes,
            JoinAnswer(roster: roster).bytes,
            SignInMessage(key: key, ephemeral: [UInt8](repeating: 9, count: 32), agreement: agreement).bytes,
            SignInAnswer(session: [1], ephemeral: [2], signature: [3]).bytes,
            AttachmentQuery(scope: scope, hashes: [hash]).bytes,
            AttachmentAnswer(holdings: [AttachmentHolding(bytes: 3, isWhole: false, isWanted: true)]).bytes,
            AttachmentPiece(scope: scope, hash: hash, size: 9, offset: 3, data: [1, 2, 3]).bytes,
            AttachmentRead(scope: scope, hash: hash, offset: 3, limit: 4_096).bytes,
            roster.bytes,
        ]
        promise(asked.count == questions.count, "a question has no seed")
        let kinds = messages.map { [2] + $0.bytes } + asked.enumerated().map { [3, UInt8($0.offset)] + $0.element }
        let begun: [[UInt8]] = [[0, 63] + stream, [0, 4] + stream.dropLast(9), [1] + Samples.tail]
        let rosters = sound { [[UInt8]]([[3, 16] + (try SignedRoster.signing(Samples.roster, by: root)).unverified.bytes]) }
        return begun + kinds + rosters
    }
}
