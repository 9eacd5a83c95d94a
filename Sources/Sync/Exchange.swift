// The exchange itself, both sides, as machines: chunks of bytes in, chunks of bytes out (protocol/4-exchange.md, "Exchange").
//
//      laptop:   openings, then proofs and frames, then end
//      service:  refusals, divergences and receipt for each scope, then proofs and frames, then end
//
// On either side memory holds one frame to send, and of what came a transaction's worth: 2,000 entries or 8 MiB, or what came within half a
// second. Frames grow with what has been carried: a cut costs at most a fifth of it.

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
    /// On a slow link each frame is stored as it comes: it need not come again whatever happens to the link.
    private static let millisecondsPerTransaction: Int64 = 500
    private var stored: Timestamp?

    var count: Int { entries }

    mutating func add(_ runs: [UnverifiedRun], of scope: ScopeID, to replica: Replica, into report: inout IngestReport) throws {
        if self.scope != scope { try flush(to: replica, into: &report) }
        self.scope = scope
        frames.append(runs)
        for run in runs {
            entries += run.entries.count
            bytes += run.entries.reduce(0) { $0 + $1.encodedByteCount }
        }
        let now = replica.clock.now()
        let age = abs(now.rawValue - (stored ?? now).rawValue)
        stored = stored ?? now
        if entries >= Self.entriesPerTransaction || bytes >= Self.bytesPerTransaction || age >= Self.millisecondsPerTransaction {
            try flush(to: replica, into: &report)
        }
    }

    mutating func flush(to replica: Replica, into report: inout IngestReport) throws {
        guard let scope, !frames.isEmpty else { return }
        let waiting = frames
        (frames, entries, bytes) = ([], 0, 0)
        stored = replica.clock.now()
        report.add(try replica.ingest(waiting, in: scope))
    }
}

/// What is to be sent, scope by scope.
private struct Outbox: Sendable {
    private var tails: [ScopeTail]
    /// What the other side holds of a message that broke off: only its rest is sent, when its turn comes.
    private var partial: Partial?
    /// Of scopes that are done.
    private var carried = 0
    let entryCount: Int

    init(_ tails: [ScopeTail], partial: Partial?) {
        (self.tails, self.partial) = (tails, partial)
        entryCount = tails.reduce(0) { $0 + $1.tail.entryCount }
    }

    /// Drops what is of other scopes.
    mutating func keep(_ scopes: [ScopeID]) { tails.removeAll { !scopes.contains($0.scope) } }

    mutating func next(_ replica: Replica) throws -> (bytes: [UInt8], entries: Int)? {
        while !tails.isEmpty {
            let target = min(max(Limits.firstFrameBytes, (carried + tails[0].carried) / 4), Limits.frameTargetBytes)
            if let (message, entries) = try tails[0].next(replica, target: target) {
                return (delimited(message), entries)
            }
            carried += tails.removeFirst().carried
        }
        return nil
    }

    private mutating func delimited(_ message: ExchangeMessage) -> [UInt8] {
        let bytes = message.bytes
        guard let rest = partial?.rest(of: bytes) else { return ExchangeMessage.delimited(bytes) }
        partial = nil
        return ExchangeMessage.continuation(rest).delimited
    }
}

extension Knowledge {
    /// The openings that state this knowledge.
    func openings(of scope: ScopeID, zstd: Bool, lacking: [Dot]) -> [Opening] {
        stride(from: 0, to: max(heads.count, 1), by: Limits.headsPerMessage).map { start in
            let page = Array(heads[min(start, heads.count)..<min(start + Limits.headsPerMessage, heads.count)])
            return Opening(scope: scope, heads: page, zstd: zstd, lacking: start == 0 ? lacking : [])
        }
    }
}

/// The laptop's side of one exchange: a stream of bytes each way.
///
/// Send ``opening``, then what ``nextChunk()`` gives until it gives nil; give what comes back to ``received(_:)``, in order and in
/// pieces of any size. Both directions may run at once, but one thread uses this value at a time. Call ``finish()`` at the end,
/// also when the stream broke.
public struct ExchangeClient {
    /// What to send first: which scopes, and what is held of them. The HTTP transport's signature covers it.
    public let opening: [UInt8]
    package private(set) var sent = 0
    package private(set) var report = IngestReport()
    package private(set) var receipts: [ScopeID] = []
    package private(set) var refusals: [String] = []
    package private(set) var divergences: [Divergence] = []
    /// Whether the service said it was done.
    public private(set) var isComplete = false

    /// How many entries there were to send, and to receive, when it began.
    package let toSend: Int
    package let toReceive: Int
    /// How many have come, stored or not yet.
    package var received: Int { report.stored + report.skipped + inbox.count }

    private let replica: Replica
    private let compression: any FrameCompression
    private var outbox: Outbox
    private var unfinished: Resumption
    private let scopes: Set<ScopeID>
    private var saidEnd = false
    private var splitter = MessageSplitter()
    private var inbox = Inbox()
    private let service: PublicKey

    package init(
        replica: Replica, peer: [ScopeID: Knowledge], resending: [ScopeID: [JournalID: Position]],
        lacking: [ScopeID: [Dot]] = [:], partial: Partial?, compression: any FrameCompression
    ) throws {
        guard let roster = try replica.roster() else { throw ExchangeBroken(reason: .outOfTurn("not joined")) }
        service = roster.roster.service
        (self.replica, self.compression) = (replica, compression)
        let unfinished = try Resumption(from: service, replica)
        var openings: [Opening] = []
        var tails: [ScopeTail] = []
        var toReceive = 0
        try replica.store.reading { reader in
            for (scope, knowledge) in peer.sorted(by: { $0.key < $1.key }) {
                let mine = try reader.knowledge(of: scope)
                openings += mine.openings(
                    of: scope, zstd: !(compression is NoCompression), lacking: try reader.lackingToSay(in: scope))
                let tail = try TailReader(
                    scope: scope, peer: knowledge, resending: resending[scope] ?? [:], filling: lacking[scope] ?? [], in: reader)
                tails.append(ScopeTail(scope: scope, tail: tail, compression: compression))
                toReceive += knowledge.count(beyond: mine)
            }
        }
        if !openings.isEmpty { openings[0].partial = unfinished.partial }
        opening = openings.flatMap { ExchangeMessage.opening($0).delimited }
        outbox = Outbox(tails, partial: partial)
        (toSend, self.toReceive, self.unfinished) = (outbox.entryCount, toReceive, unfinished)
        scopes = Set(peer.keys)
    }

    /// What to send after the openings; nil when all is said.
    public mutating func nextChunk() throws -> [UInt8]? {
        if let (bytes, entries) = try outbox.next(replica) {
            sent += entries
            return bytes
        }
        guard !saidEnd else { return nil }
        saidEnd = true
        return ExchangeMessage.end.delimited
    }

    /// Takes a piece of the service's stream. What comes whole is stored by and by.
    ///
    /// - Throws: what could not be read or was out of turn: end the stream and call ``finish()``.
    public mutating func received(_ chunk: some Collection<UInt8>) throws {
        splitter.feed(chunk)
        while let bytes = try splitter.next() {
            guard !isComplete else { throw ExchangeBroken(reason: .outOfTurn("more after the end")) }
            guard let message = try ExchangeMessage.decode(bytes) else { continue }
            try take(message)
        }
    }

    /// Stores what is left. Call it also when the stream broke: what came whole is kept.
    public mutating func finish() throws {
        try inbox.flush(to: replica, into: &report)
        try unfinished.end(with: splitter, isComplete: isComplete, replica)
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
        case .continuation(let rest):
            let message = try unfinished.completed(by: rest)
            try take(message)
        case .end:
            isComplete = true
            try finish()
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
    private var openings: [(scope: ScopeID, heads: [Head], lacking: [Dot])] = []
    private var readsZstd = true
    private var partial: Partial?
    private var unfinished: Resumption?
    private var opened = false
    private var openingBytes: [UInt8] = []
    private var ended = false

    /// What to say before the news; nil until the laptop has said everything.
    private var waiting: ArraySlice<[UInt8]>?
    private var outbox: Outbox?
    private var saidEnd = false
    private var isDiverging = false

    package init(
        replica: Replica, device: PublicKey, granted: [ScopeID], signer: any Signer, compression: any FrameCompression
    ) {
        (self.replica, self.device, self.granted) = (replica, device, Set(granted))
        (self.signer, self.compression) = (signer, compression)
    }

    /// Whether the laptop said it was done.
    package var isEnded: Bool { ended }

    /// Whether all that the laptop had to send is here. Known from the first of ``nextChunk()`` on.
    package var holdsAllOfPeer: Bool { ended && waiting != nil && report.refusals.isEmpty && !isDiverging }

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
            try endOpenings(verifyOpening)
            try take(message)
        }
        // A long message shows by its first byte that the openings are over, however little of it comes.
        if !opened, let first = splitter.unfinished?.bytes.first, first != ExchangeMessage.openingTag {
            try endOpenings(verifyOpening)
        }
    }

    private mutating func endOpenings(_ verifyOpening: ([UInt8]) throws -> Void) throws {
        guard !opened else { return }
        opened = true
        try verifyOpening(openingBytes)
        openingBytes = []
        unfinished = try Resumption(from: device, replica)
    }

    /// Stores what came whole of a stream that broke, and the beginning of what did not: they need not come again.
    package mutating func finish() throws {
        try inbox.flush(to: replica, into: &report)
        guard var resumption = unfinished else { return }
        try resumption.end(with: splitter, isComplete: ended, replica)
        unfinished = resumption
    }

    private mutating func open(_ opening: Opening) throws {
        guard granted.contains(opening.scope) else { throw ExchangeBroken(reason: .scopeNotGranted(opening.scope)) }
        if openings.isEmpty { (partial, readsZstd) = (opening.partial, opening.zstd) }
        if let i = openings.firstIndex(where: { $0.scope == opening.scope }) {
            openings[i].heads += opening.heads
            guard openings[i].heads.count <= Limits.journalsPerScope else { throw Malformed("too many journals in a scope") }
        } else {
            openings.append((opening.scope, opening.heads, opening.lacking))
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
        case .continuation(let rest):
            guard var resumption = unfinished else { return }
            let message = try resumption.completed(by: rest)
            unfinished = resumption
            try take(message)
        case .end:
            ended = true
            try finish()
        case .opening, .refusal, .divergence, .receipt:
            throw ExchangeBroken(reason: .outOfTurn("a message only the service sends"))
        }
    }

    /// What to send; nil when all is said. Only after ``isEnded``.
    ///
    /// - Parameter granted: the scopes the device may see by now; of others nothing more is sent. Nil: as when it began.
    package mutating func nextChunk(granted: [ScopeID]? = nil) throws -> [UInt8]? {
        if waiting == nil { try answer() }
        if let chunk = waiting?.popFirst() { return chunk }
        if var box = outbox {
            outbox = nil
            if let granted { box.keep(granted) }
            let next = try box.next(replica)
            outbox = box
            if let (bytes, _) = next { return bytes }
        }
        guard !saidEnd else { return nil }
        saidEnd = true
        return ExchangeMessage.end.delimited
    }

    /// What became of what the laptop sent comes before any news, so that it knows even if the link then breaks.
    private mutating func answer() throws {
        var words: [ExchangeMessage] = []
        var tails: [ScopeTail] = []
        try replica.store.reading { reader in
            for (scope, heads, lacking) in openings {
                words += report.refusals.filter { $0.scope == scope }.map(ExchangeMessage.refusal)
                let peer = Knowledge(heads)
                let diverging = try replica.divergences(from: peer, in: scope, reader)
                if !diverging.isEmpty { isDiverging = true }
                words += diverging.map {
                    .divergence(Divergence(scope: scope, journal: $0.journal, position: $0.position))
                }
                words.append(try receipt(scope, in: reader))
                guard diverging.isEmpty else { continue }
                let tail = try TailReader(scope: scope, peer: peer, filling: lacking, in: reader)
                tails.append(ScopeTail(scope: scope, tail: tail, compression: readsZstd ? compression : nil))
            }
        }
        outbox = Outbox(tails, partial: partial)
        waiting = words.map(\.delimited)[...]
    }

    /// Signs for what is held: of every journal something came of, and of every journal of this device's person.
    private func receipt(_ scope: ScopeID, in reader: any StoreReader) throws -> ExchangeMessage {
        // What came without values is not signed for, nor what stands behind it.
        let knowledge = try reader.knowledge(of: scope).before(reader.lacking(in: scope)) { try reader.entry($0, in: scope)?.hash }
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
