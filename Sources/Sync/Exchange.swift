// The exchange itself, both sides, as machines: chunks of bytes in, chunks of bytes out (protocol/4-exchange.md, "Exchange").
//
//      laptop:   openings, then proofs and frames, then end
//      service:  refusals, divergences, proofs and frames, receipt for each scope, then end
//
// On either side memory holds one frame to send, and of what came a transaction's worth: 2,000 entries or 8 MiB.

package import Causality
package import Journals
package import Replicas
package import Wire

/// What one exchange was cut short by, or broke.
package struct ExchangeBroken: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// The stream ended without its end.
        case cut
        /// The other side said what has no place here.
        case outOfTurn(String)
        /// The other side is not granted this scope.
        case scopeNotGranted(ScopeID)
    }
    package var reason: Reason
    package init(reason: Reason) { self.reason = reason }
}

/// Entries received but not yet stored: a transaction's worth.
struct Inbox: Sendable {
    static let entriesPerTransaction = 2_000
    private var scope: ScopeID?
    private var frames: [[UnverifiedRun]] = []
    private var entries = 0
    private var bytes = 0
    /// Frames are at most 2 MiB, so this and one more is what an exchange holds.
    private static let bytesPerTransaction = 8 << 20

    mutating func add(_ runs: [UnverifiedRun], of scope: ScopeID, to replica: Replica, into report: inout IngestReport) throws {
        if self.scope != scope { try flush(to: replica, into: &report) }
        self.scope = scope
        frames.append(runs)
        for run in runs {
            entries += run.entries.count
            bytes += run.entries.reduce(0) { $0 + $1.encodedByteCount }
        }
        if entries >= Self.entriesPerTransaction || bytes >= Self.bytesPerTransaction { try flush(to: replica, into: &report) }
    }

    mutating func flush(to replica: Replica, into report: inout IngestReport) throws {
        guard let scope, !frames.isEmpty else { return }
        let waiting = frames
        (frames, entries, bytes) = ([], 0, 0)
        report.add(try replica.ingest(waiting, in: scope))
    }
}

/// What is to be sent of one scope.
struct Outbox: Sendable {
    let scope: ScopeID
    var tail: TailReader
    let compression: (any FrameCompression)?

    mutating func next(_ replica: Replica) throws -> (bytes: [UInt8], entries: Int)? {
        try nextPart(replica).map { ($0.delimited, $1) }
    }

    /// The next message without its length.
    mutating func nextMessage(_ replica: Replica) throws -> (bytes: [UInt8], entries: Int)? {
        try nextPart(replica).map { ($0.bytes, $1) }
    }

    private mutating func nextPart(_ replica: Replica) throws -> (message: ExchangeMessage, entries: Int)? {
        let part = try replica.store.reading { try tail.next(in: $0) }
        switch part {
        case .proof(let proof)?: return (.proof(proof), 0)
        case .tail(let bytes, let entries)?:
            return (.frame(UnverifiedFrame(scope: scope, tail: bytes, compression: compression)), entries)
        case nil: return nil
        }
    }
}

extension Knowledge {
    /// The openings that state this knowledge.
    func openings(of scope: ScopeID, zstd: Bool) -> [ExchangeMessage] {
        stride(from: 0, to: max(heads.count, 1), by: Limits.headsPerMessage).map { start in
            let page = Array(heads[min(start, heads.count)..<min(start + Limits.headsPerMessage, heads.count)])
            return .opening(Opening(scope: scope, heads: page, zstd: zstd))
        }
    }
}

/// The laptop's side.
package struct ExchangeClient {
    /// The openings, which the request's signature covers.
    package let opening: [UInt8]
    package private(set) var sent = 0
    package private(set) var report = IngestReport()
    package private(set) var receipts: [ScopeID] = []
    package private(set) var refusals: [String] = []
    package private(set) var divergences: [Divergence] = []
    /// Whether the service said it was done.
    package private(set) var isComplete = false

    private let replica: Replica
    private let compression: any FrameCompression
    private var outboxes: [Outbox]
    private let scopes: Set<ScopeID>
    private var saidEnd = false
    private var splitter = MessageSplitter()
    private var inbox = Inbox()
    private let service: PublicKey

    package init(
        replica: Replica, peer: [ScopeID: Knowledge], resending: [ScopeID: [JournalID: Position]],
        compression: any FrameCompression
    ) throws {
        guard let roster = try replica.roster() else { throw ExchangeBroken(reason: .outOfTurn("not joined")) }
        service = roster.roster.service
        (self.replica, self.compression) = (replica, compression)
        var opening: [UInt8] = []
        var outboxes: [Outbox] = []
        try replica.store.reading { reader in
            for (scope, knowledge) in peer.sorted(by: { $0.key < $1.key }) {
                let mine = try reader.knowledge(of: scope)
                for message in mine.openings(of: scope, zstd: !(compression is NoCompression)) { opening += message.delimited }
                let tail = try TailReader(scope: scope, peer: knowledge, resending: resending[scope] ?? [:], in: reader)
                outboxes.append(Outbox(scope: scope, tail: tail, compression: compression))
            }
        }
        (self.opening, self.outboxes) = (opening, outboxes)
        scopes = Set(peer.keys)
    }

    /// What to send after the openings; nil when all is said.
    package mutating func nextChunk() throws -> [UInt8]? {
        while !outboxes.isEmpty {
            if let (bytes, entries) = try outboxes[0].next(replica) {
                sent += entries
                return bytes
            }
            outboxes.removeFirst()
        }
        guard !saidEnd else { return nil }
        saidEnd = true
        return ExchangeMessage.end.delimited
    }

    package mutating func received(_ chunk: some Collection<UInt8>) throws {
        splitter.feed(chunk)
        while let bytes = try splitter.next() {
            guard !isComplete else { throw ExchangeBroken(reason: .outOfTurn("more after the end")) }
            guard let message = try ExchangeMessage.decode(bytes) else { continue }
            try take(message)
        }
    }

    /// Stores what is left. Call it also when the stream broke: what came whole is kept.
    package mutating func finish() throws {
        try inbox.flush(to: replica, into: &report)
        for refusal in report.refusals { refusals.append(refusal.line(by: "this device")) }
        report.refusals = []
    }

    private mutating func take(_ message: ExchangeMessage) throws {
        switch message {
        case .frame(let frame):
            try demand(frame.scope)
            try inbox.add(try frame.runs(compression), of: frame.scope, to: replica, into: &report)
        case .proof(let proof):
            try demand(proof.scope)
            try inbox.flush(to: replica, into: &report)
            do { try replica.ingest(proof) } catch let fault as Fault {
                refusals.append("this device refused a proof that journal \(proof.journal) forked: \(fault)")
            }
        case .receipt(let unverified):
            try inbox.flush(to: replica, into: &report)
            let receipt = try Receipt(checking: unverified, service: service)
            try replica.keep(receipt)
            receipts.append(receipt.scope)
        case .refusal(let refusal): refusals.append(refusal.line(by: "the service"))
        case .divergence(let divergence): divergences.append(divergence)
        case .end:
            try finish()
            isComplete = true
        case .opening: throw ExchangeBroken(reason: .outOfTurn("an opening from the service"))
        }
    }

    private func demand(_ scope: ScopeID) throws {
        guard scopes.contains(scope) else { throw ExchangeBroken(reason: .outOfTurn("something of a scope that was not opened")) }
    }
}

extension Refusal {
    func line(by whom: String) -> String {
        "\(whom) refused journal \(journal) at \(position): \(code)\(detail.isEmpty ? "" : " (\(detail))")"
    }
}

/// The service's side, for one device.
package struct ExchangeServer: Sendable {
    private let replica: Replica
    private let device: PublicKey
    private let granted: Set<ScopeID>
    private let signer: any Signer
    private let compression: any FrameCompression

    private var splitter = MessageSplitter()
    private var inbox = Inbox()
    private var report = IngestReport()
    private var openings: [(scope: ScopeID, heads: [Head], zstd: Bool)] = []
    private var opened = false
    private var openingBytes: [UInt8] = []
    private var ended = false

    private var outbox: Outbox?
    private var waiting: [[UInt8]] = []
    private var next = 0
    /// How much of `waiting` was said.
    private var said = 0
    private var saidEnd = false

    package init(
        replica: Replica, device: PublicKey, granted: [ScopeID], signer: any Signer, compression: any FrameCompression
    ) {
        (self.replica, self.device, self.granted) = (replica, device, Set(granted))
        (self.signer, self.compression) = (signer, compression)
    }

    /// Whether the laptop said it was done.
    package var isEnded: Bool { ended }

    /// Takes a chunk of the laptop's stream. `verifyOpening` is asked once, with the bytes of all openings, before anything of
    /// the rest is looked at.
    package mutating func received(_ chunk: some Collection<UInt8>, verifyOpening: ([UInt8]) throws -> Void) throws {
        splitter.feed(chunk)
        while let bytes = try splitter.next() {
            guard !ended else { throw ExchangeBroken(reason: .outOfTurn("more after the end")) }
            guard let message = try ExchangeMessage.decode(bytes) else { continue }
            if case .opening(let opening) = message {
                guard !opened else { throw ExchangeBroken(reason: .outOfTurn("an opening after the first frame")) }
                var prefix = ByteWriter()
                prefix.varint(UInt64(bytes.count))
                openingBytes += prefix.bytes + bytes
                guard openingBytes.count <= Limits.answerBytes else { throw Malformed("openings without end") }
                try open(opening)
                continue
            }
            if !opened {
                opened = true
                try verifyOpening(openingBytes)
                openingBytes = []
            }
            try take(message)
        }
    }

    /// Stores what came whole of a stream that broke: it need not come again.
    package mutating func finish() throws { try inbox.flush(to: replica, into: &report) }

    private mutating func open(_ opening: Opening) throws {
        guard granted.contains(opening.scope) else { throw ExchangeBroken(reason: .scopeNotGranted(opening.scope)) }
        if let i = openings.firstIndex(where: { $0.scope == opening.scope }) {
            openings[i].heads += opening.heads
            guard openings[i].heads.count <= Limits.journalsPerScope else { throw Malformed("too many journals in a scope") }
        } else {
            openings.append((opening.scope, opening.heads, opening.zstd))
        }
    }

    private mutating func take(_ message: ExchangeMessage) throws {
        switch message {
        case .frame(let frame):
            guard openings.contains(where: { $0.scope == frame.scope }) else {
                throw ExchangeBroken(reason: .outOfTurn("a frame of a scope without an opening"))
            }
            try inbox.add(try frame.runs(compression), of: frame.scope, to: replica, into: &report)
        case .proof(let proof):
            guard openings.contains(where: { $0.scope == proof.scope }) else {
                throw ExchangeBroken(reason: .outOfTurn("a proof of a scope without an opening"))
            }
            try inbox.flush(to: replica, into: &report)
            do { try replica.ingest(proof) } catch let fault as Fault {
                report.refusals.append(
                    Refusal(
                        scope: proof.scope, journal: proof.journal, position: proof.position, code: fault.code.rawValue,
                        detail: fault.detail))
            }
        case .end:
            try inbox.flush(to: replica, into: &report)
            ended = true
        case .opening, .refusal, .divergence, .receipt:
            throw ExchangeBroken(reason: .outOfTurn("a message only the service sends"))
        }
    }

    /// What to send; nil when all is said. Only after ``isEnded``.
    package mutating func nextChunk() throws -> [UInt8]? {
        while true {
            if said < waiting.count {
                said += 1
                return waiting[said - 1]
            }
            if var box = outbox {
                if let (bytes, _) = try box.next(replica) {
                    outbox = box
                    return bytes
                }
                outbox = nil
                return try replica.store.reading { try receipt(openings[next - 1].scope, in: $0).delimited }
            }
            guard next < openings.count else {
                guard !saidEnd else { return nil }
                saidEnd = true
                return ExchangeMessage.end.delimited
            }
            try begin(openings[next])
            next += 1
        }
    }

    private mutating func begin(_ opening: (scope: ScopeID, heads: [Head], zstd: Bool)) throws {
        let (scope, heads, zstd) = opening
        for refusal in report.refusals where refusal.scope == scope { waiting.append(ExchangeMessage.refusal(refusal).delimited) }
        let peer = Knowledge(heads)
        try replica.store.reading { reader in
            let diverging = try replica.divergences(from: peer, in: scope, reader)
            for head in diverging {
                let divergence = Divergence(scope: scope, journal: head.journal, position: head.position)
                waiting.append(ExchangeMessage.divergence(divergence).delimited)
            }
            if diverging.isEmpty {
                let tail = try TailReader(scope: scope, peer: peer, in: reader)
                outbox = Outbox(scope: scope, tail: tail, compression: zstd ? compression : nil)
            } else {
                waiting.append(try receipt(opening.scope, in: reader).delimited)
            }
        }
    }

    /// Signs for what is held: of every journal something came of, and of every journal of this device's person.
    private func receipt(_ scope: ScopeID, in reader: any StoreReader) throws -> ExchangeMessage {
        let knowledge = try reader.knowledge(of: scope)
        let roster = try reader.roster()?.roster
        let person = roster?.device(device)?.person
        let keys = Set((roster?.devices ?? []).filter { $0.person == person }.map(\.key) + [device])
        let own = Set(
            try reader.journals(in: scope).filter { $0.tip.key.map(keys.contains) ?? false }.map(\.tip.journal))
        let receipt = try Receipt(
            scope: scope, time: replica.clock.now(), digest: knowledge.digest(of: scope),
            heads: knowledge.heads.filter { report.journals.contains($0.journal) || own.contains($0.journal) }, signer: signer)
        return .receipt(receipt.unverified)
    }
}
