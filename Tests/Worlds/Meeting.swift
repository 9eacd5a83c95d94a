// Two replicas meet: a whole sync without a network, over a line as bad as a test wants it; or a handing over of pieces by hand.

import Causality
package import Journals
package import Replicas
import Simulation
package import Sync
import Wire

/// The stream ended early, or came changed.
package struct LineBroke: Error { package init() {} }

/// The line between a laptop and a service.
package final class Line {
    /// Bytes that come at a time.
    package var chunk = 4_096
    /// How many bytes of a stream come through; nil: all.
    package var uploadEnds: Int?
    package var downloadEnds: Int?
    /// What becomes of a stream on its way.
    package var spoilUpload: ((inout [UInt8]) -> Void)?
    package var spoilDownload: ((inout [UInt8]) -> Void)?
    /// Heads in a page of knowledge.
    package var headsPerPage = Int.max

    /// What was asked for, in order.
    package private(set) var paths: [String] = []
    /// What came back, in the order of `paths`, but for exchanges.
    package private(set) var answers: [[UInt8]] = []
    /// The last exchange's streams, as they were sent.
    package private(set) var uploaded: [UInt8] = []
    package private(set) var downloaded: [UInt8] = []

    /// Whether the service says of the last exchange that all the laptop had is there.
    package fileprivate(set) var serviceHoldsAll = false

    package init() {}

    /// Lets a request through to the service.
    fileprivate func answer(
        _ path: String, _ body: [UInt8], by centre: Replica, granted: [ScopeID], to device: PublicKey
    ) throws -> [UInt8] {
        paths.append(path)
        let answer = try answering(path, body, by: centre, granted: granted, to: device)
        answers.append(answer)
        return answer
    }

    private func answering(
        _ path: String, _ body: [UInt8], by centre: Replica, granted: [ScopeID], to device: PublicKey
    ) throws -> [UInt8] {
        switch path {
        case "/v1/hello":
            let hello = try HelloMessage(bytes: body)
            try centre.takeRoster(from: hello)
            var answer = try centre.answer(hello, granted: granted, device: device)
            answer.differing = answer.differing.map { page($0) }
            return answer.bytes
        case "/v1/knowledge": return page(try centre.answer(try KnowledgeRequest(bytes: body))).bytes
        case "/v1/probe": return try centre.answer(try Probe(bytes: body)).bytes
        default: throw LineBroke()
        }
    }

    private func page(_ knowledge: ScopeKnowledge) -> ScopeKnowledge {
        guard knowledge.heads.count > headsPerPage else { return knowledge }
        return ScopeKnowledge(scope: knowledge.scope, heads: Array(knowledge.heads.prefix(headsPerPage)), more: true)
    }

    /// Lets an exchange through.
    fileprivate func run(_ client: inout ExchangeClient, with server: inout ExchangeServer) throws {
        paths.append("/v1/exchange")
        let opening = client.opening
        uploaded = opening
        downloaded = []
        while let chunk = try client.nextChunk() { uploaded += chunk }
        try carry(uploaded, through: uploadEnds, spoil: spoilUpload) { chunk in
            try server.received(chunk) { bytes in
                guard bytes == opening else { throw LineBroke() }
            }
        }
        guard server.isEnded else { throw LineBroke() }
        while let chunk = try server.nextChunk() { downloaded += chunk }
        try carry(downloaded, through: downloadEnds, spoil: spoilDownload) { chunk in try client.received(chunk) }
        guard client.isComplete else { throw LineBroke() }
    }

    private func carry(
        _ stream: [UInt8], through end: Int?, spoil: ((inout [UInt8]) -> Void)?, to take: ([UInt8]) throws -> Void
    ) throws {
        var stream = stream
        spoil?(&stream)
        let end = min(end ?? stream.count, stream.count)
        var at = 0
        while at < end {
            let next = min(at + chunk, end)
            try take(Array(stream[at..<next]))
            at = next
        }
    }
}

extension World {
    /// A sync of the first replica, as a laptop, with the second, as the service. When the line breaks, what came whole is kept and
    /// the error is thrown, as a transport would.
    @discardableResult
    package func meet(
        _ laptop: Replica, _ centre: Replica, over line: Line = Line(), signer: SigningKey? = nil
    ) throws -> SyncSummary {
        let granted = try centre.roster()?.roster.scopes(of: laptop.key).map(\.id) ?? []
        var client = SyncClient(replica: laptop, compression: NoCompression(), software: "Worlds")
        var step = try client.start()
        while true {
            switch step {
            case .request(let path, let body):
                step = try client.answered(line.answer(path, body, by: centre, granted: granted, to: laptop.key))
            case .exchange(var exchange):
                var server = ExchangeServer(
                    replica: centre, device: laptop.key, granted: granted, signer: signer ?? service,
                    compression: NoCompression())
                defer { line.serviceHoldsAll = server.holdsAllOfPeer }
                do { try line.run(&exchange, with: &server) } catch {
                    try server.finish()
                    try exchange.finish()
                    throw error
                }
                step = try client.exchanged(exchange)
            case .finished(let summary): return summary
            }
        }
    }

    /// Everybody meets the first one until nobody has anything to say; true if that came about.
    package func converge(_ replicas: [Replica]) throws -> Bool {
        for _ in 0..<5 {
            let requests = try replicas.dropFirst().map { try meet($0, replicas[0]).requests }
            if requests.allSatisfy({ $0 == 1 }) { return true }
        }
        return false
    }

    // MARK: By hand

    /// What a peer lacks in the order of arrival, in the smallest pieces that verify by themselves, each through the wire's bytes.
    package func units(of replica: Replica, beyond peer: Knowledge) throws -> [[UnverifiedRun]] {
        try separateUnits(of: replica.entries(in: scope), beyond: peer).map { unit in
            var tail = TailWriter()
            for run in unit { tail.append(run) }
            return try [UnverifiedRun](tail: tail.bytes)
        }
    }
}
