// A meeting of two laptops, as a machine without I/O: bytes in, bytes out, both sides alike after the handshake (protocol/7-bundles.md,
// "Meeting").
//
//      handshake --> greeting --> newer roster --> round --> idle --> round ...
//      round: openings of every scope both may see; then, where they differ, proofs and frames both ways at once, each to its end;
//             then openings again, until they say the same.
//
// Nothing is said of a scope before the newest roster either side has grants it to both.

import Access
public import Causality
public import Journals
package import Replicas
package import Wire

/// What a meeting with one laptop brought.
public struct MeetingSummary: Hashable, Sendable {
    /// The other laptop's device key; nil until it has proven it.
    public var peer: PublicKey?
    /// Entries sent.
    public var sent = 0
    /// Entries received that were new.
    public var received = 0
    /// Entries received that were here already.
    public var repeated = 0
    /// How often openings were compared.
    public var rounds = 0
    /// The scopes both may see.
    public var scopes: [ScopeID] = []
    /// The version of a newer roster the other had.
    public var roster: UInt32?
    /// Journals found forked.
    public var forks: [JournalID] = []
    /// What was not taken, as lines to show.
    public var refusals: [String] = []
    /// Whether both held the same when they last compared.
    public var isSame = false
    /// This store had been restored or copied and goes on under this new replica id.
    public var replacedReplica: ReplicaID?

    /// Nothing has been said yet.
    public init() {}
}

package struct PeerExchange {
    /// The kinds of what is said within the records.
    private enum Kind: UInt8 {
        case greeting = 1
        case roster = 2
        case exchange = 3
        case openingsSaid = 4
        case goodbye = 5
    }

    private enum Phase { case handshake, greeting, idle, opening, tails, over }

    private static let roundsInARow = 5

    package private(set) var summary = MeetingSummary()

    private let replica: Replica
    private let compression: any FrameCompression
    private let root: PublicKey
    private var handshake: PeerHandshake
    private var input = RecordSplitter()
    private var splitter = MessageSplitter()
    private var phase = Phase.handshake

    private var sending: ChunkCipher?
    private var receiving: ChunkCipher?
    /// Plaintext to be sealed and sent.
    private var plain: [UInt8] = []
    private var out: [UInt8] = []

    /// The newest roster the other is known to have, and its clock when it greeted.
    private var peerRoster: UInt32?
    private var peerTime = Timestamp(milliseconds: 0)

    // One round.
    private var mine: [ScopeID: Hash] = [:]
    private var theirs: [ScopeID: [Head]] = [:]
    /// Entries that either side holds and lacks values of.
    private var mineLacking: [ScopeID: [Dot]] = [:]
    private var theirLacking: [ScopeID: [Dot]] = [:]
    private var saidOpenings = false
    private var gotOpenings = false
    private var outboxes: [ScopeTail] = []
    private var saidEnd = false
    private var gotEnd = false
    private var roundsSinceIdle = 0
    private var theyTakeZstd = false

    private var inbox = Inbox()
    private var report = IngestReport()

    /// - Parameter secret: 32 bytes that nobody has seen.
    package init(
        replica: Replica, signer: any Signer, role: PeerRole, secret: [UInt8], compression: any FrameCompression
    ) throws {
        guard let roster = try replica.roster() else {
            throw ReplicaError(
                .notJoined, message: "This replica has not joined a service, so it knows nobody to meet.",
                next: "Run: dundian join URL CODE")
        }
        (self.replica, self.compression, root) = (replica, compression, roster.roster.root)
        handshake = try PeerHandshake(role: role, signer: signer, root: roster.roster.root, secret: secret)
    }

    /// Whether both are known to each other and nothing is under way.
    package var isIdle: Bool { phase == .idle && out.isEmpty && plain.isEmpty && handshake.out.isEmpty }
    package var isOver: Bool { phase == .over }
    /// Whether the other has proven to be a device that may see something here.
    package var isKnown: Bool { [.idle, .opening, .tails].contains(phase) }

    // MARK: Bytes

    /// Takes what came. What it throws ends the meeting; call ``finish()`` then, and send what ``nextChunk()`` still gives.
    package mutating func received(_ bytes: some Collection<UInt8>) throws {
        guard phase != .over else { return }
        input.feed(bytes)
        do {
            if phase == .handshake {
                guard try handshake.advance(&input) else { return }
                (sending, receiving) = (handshake.sending, handshake.receiving)
                summary.peer = handshake.peer
                phase = .greeting
                try greet()
            }
            while phase != .over, let record = try input.next() {
                guard let bytes = receiving?.open(record) else { throw MeetingError(.distrusted, "a record does not open") }
                splitter.feed(bytes)
                while phase != .over, let message = try splitter.next() { try take(message) }
            }
        } catch let malformed as Malformed {
            throw MeetingError(.malformed, malformed.detail)
        } catch is BytesEnded {
            throw MeetingError(.malformed)
        }
    }

    /// What to send now; nil when there is nothing to say until more comes.
    package mutating func nextChunk() throws -> [UInt8]? {
        if !handshake.out.isEmpty { return handshake.drain() }
        while out.isEmpty, plain.isEmpty, phase == .tails, !saidEnd { try sayNext() }
        try seal()
        guard !out.isEmpty else { return nil }
        defer { out = [] }
        return out
    }

    /// The line is gone: stores what came whole. Throws if it went in the middle of something.
    package mutating func finish() throws {
        try keep()
        defer { phase = .over }
        if phase != .idle, phase != .over { throw MeetingError(.cut) }
    }

    private mutating func seal() throws {
        guard !plain.isEmpty, var cipher = sending else { return }
        var record = ByteWriter(reserving: plain.count + 64)
        for start in stride(from: 0, to: plain.count, by: ChunkCipher.chunkBytes) {
            let sealed = try cipher.seal(plain[start..<min(start + ChunkCipher.chunkBytes, plain.count)])
            record.u32(UInt32(sealed.count))
            record.raw(sealed)
        }
        sending = cipher
        plain = []
        out += record.bytes
    }

    private mutating func say(_ kind: Kind, _ body: [UInt8] = []) {
        var message = ByteWriter(reserving: body.count + 6)
        message.varint(UInt64(body.count + 1))
        message.u8(kind.rawValue)
        message.raw(body)
        plain += message.bytes
    }

    // MARK: Who may see what

    private mutating func greet() throws {
        var greeting = ByteWriter()
        greeting.u32(try replica.roster()?.roster.version ?? 0)
        greeting.i64(try replica.monotoneNow().rawValue)
        say(.greeting, greeting.bytes)
    }

    /// The scopes that the roster here grants to both, ascending; throws if it grants the other none at all.
    private mutating func shared() throws -> [ScopeID] {
        guard let roster = try replica.roster()?.roster, let peer = summary.peer else { return [] }
        guard roster.device(peer) != nil else { try refuse(.stranger) }
        let theirs = Set(roster.scopes(of: peer).map(\.id))
        guard !theirs.isEmpty else { try refuse(.withdrawn) }
        return roster.scopes(of: replica.key).filter { $0.archive == nil }.map(\.id).filter(theirs.contains).sorted()
    }

    private mutating func refuse(_ code: MeetingError.Code) throws -> Never {
        say(.goodbye, Array(code.rawValue.utf8))
        outboxes = []
        phase = .over
        throw MeetingError(code, "\(summary.peer?.description.prefix(12) ?? "")")
    }

    /// Both have greeted, or one got the newer roster: whoever has the newer one hands it over, then the first round begins.
    private mutating func settleRosters() throws {
        guard let current = try replica.roster(), let version = peerRoster else { return }
        // A newer roster of the other's may list what is a stranger here: it says the next word.
        if version > current.roster.version { return }
        _ = try shared()
        if version < current.roster.version {
            say(.roster, current.unverified.bytes)
            peerRoster = current.roster.version
        }
        try beginRound()
    }

    // MARK: Rounds

    /// Begins a round if something came here since the last one.
    package mutating func wake() throws {
        guard phase == .idle else { return }
        let scopes = try shared()
        let isNew = try replica.store.reading { reader in
            if let roster = try reader.roster()?.roster.version, let known = peerRoster, roster > known { return true }
            return try scopes.contains { try reader.knowledge(of: $0).digest(of: $0) != mine[$0] }
        }
        guard isNew else { return }
        roundsSinceIdle = 0
        try settleRosters()
    }

    private mutating func beginRound() throws {
        let scopes = try shared()
        summary.scopes = scopes
        (mine, mineLacking) = ([:], [:])
        var messages: [[UInt8]] = []
        try replica.store.reading { reader in
            for scope in scopes {
                let knowledge = try reader.knowledge(of: scope)
                mine[scope] = knowledge.digest(of: scope)
                mineLacking[scope] = try reader.lackingToSay(in: scope)
                messages += knowledge.openings(
                    of: scope, zstd: !(compression is NoCompression), lacking: mineLacking[scope] ?? []
                ).map { ExchangeMessage.opening($0).bytes }
            }
        }
        for message in messages { say(.exchange, message) }
        say(.openingsSaid)
        (saidOpenings, phase) = (true, .opening)
        if gotOpenings { try compare() }
    }

    /// Both sides' openings are known, and both compute the same from them.
    private mutating func compare() throws {
        summary.rounds += 1
        roundsSinceIdle += 1
        (saidOpenings, gotOpenings) = (false, false)
        let knowledge = theirs.mapValues { Knowledge($0) }
        let lacking = theirLacking
        (theirs, theirLacking) = ([:], [:])
        let common = mine.keys.sorted().filter { knowledge[$0] != nil }
        for scope in common {
            guard let peer = summary.peer, let heard = knowledge[scope] else { continue }
            try replica.note(heard: heard, of: scope, from: peer, at: peerTime)
        }
        let isOther = Set(common.filter { mine[$0] != knowledge[$0]?.digest(of: $0) })
        summary.isSame = isOther.isEmpty
        // Values that either lacks are looked for once.
        let differing = common.filter { scope in
            isOther.contains(scope)
                || roundsSinceIdle == 1 && !((mineLacking[scope] ?? []) + (lacking[scope] ?? [])).isEmpty
        }
        guard !differing.isEmpty, roundsSinceIdle < Self.roundsInARow else {
            phase = .idle
            return
        }
        if let replaced = try replica.replaceIfOutrun(by: knowledge.mapValues(\.heads)) { summary.replacedReplica = replaced }
        outboxes = try replica.store.reading { reader in
            try differing.map { scope in
                let peer = knowledge[scope] ?? Knowledge()
                // Where the other holds other entries than stand here, the whole journal goes along and proves the fork there.
                var resending: [JournalID: Position] = [:]
                for head in try replica.divergences(from: peer, in: scope, reader) { resending[head.journal] = 1 }
                return ScopeTail(
                    scope: scope,
                    tail: try TailReader(
                        scope: scope, peer: peer, resending: resending, filling: lacking[scope] ?? [], in: reader),
                    compression: theyTakeZstd ? compression : nil)
            }
        }
        (saidEnd, gotEnd, phase) = (false, false, .tails)
    }

    private mutating func sayNext() throws {
        while !outboxes.isEmpty {
            // A roster that came meanwhile may have taken the scope from the other.
            let scope = outboxes[0].scope
            if try shared().contains(scope), let (message, entries) = try outboxes[0].next(replica) {
                summary.sent += entries
                say(.exchange, message.bytes)
                return
            }
            outboxes.removeFirst()
        }
        say(.exchange, ExchangeMessage.end.bytes)
        saidEnd = true
        if gotEnd { try beginRound() }
    }

    // MARK: What comes

    private mutating func take(_ message: [UInt8]) throws {
        guard let first = message.first else { throw Malformed("an empty message") }
        let body = Array(message.dropFirst())
        // Kinds of later versions are passed over.
        guard let kind = Kind(rawValue: first) else { return }
        switch kind {
        case .greeting:
            guard phase == .greeting, peerRoster == nil else { throw Malformed("a second greeting") }
            var reader = ByteReader(body)
            peerRoster = try reader.u32()
            peerTime = Timestamp(rawValue: try reader.i64())
            try settleRosters()
        case .roster: try takeRoster(body)
        case .exchange:
            guard let message = try ExchangeMessage.decode(body) else { return }
            try take(message)
        case .openingsSaid:
            guard phase == .idle || phase == .opening, !gotOpenings else { throw Malformed("openings out of turn") }
            gotOpenings = true
            if phase == .idle { roundsSinceIdle = 0 }
            if saidOpenings { try compare() } else { try beginRound() }
        case .goodbye:
            phase = .over
            throw MeetingError(.refused, String(decoding: body.prefix(64), as: UTF8.self))
        }
    }

    private mutating func takeRoster(_ body: [UInt8]) throws {
        guard peerRoster != nil, let current = try replica.roster() else { throw Malformed("a roster before the greeting") }
        let roster: SignedRoster
        do { roster = try UnverifiedRoster(bytes: body).verified(by: root) } catch let fault as Fault {
            throw MeetingError(.distrusted, "\(fault)")
        }
        peerRoster = max(peerRoster ?? 0, roster.roster.version)
        if roster.roster.version > current.roster.version {
            try keep()
            try replica.accept(roster)
            summary.roster = roster.roster.version
        }
        if phase == .greeting { try settleRosters() } else { _ = try shared() }
    }

    private mutating func take(_ message: ExchangeMessage) throws {
        switch message {
        case .opening(let opening):
            guard phase == .idle || phase == .opening, !gotOpenings else { throw Malformed("an opening out of turn") }
            // By its older roster the other may name what it no longer shares: it is not answered.
            guard try shared().contains(opening.scope) else { return }
            theyTakeZstd = opening.zstd
            theirs[opening.scope, default: []] += opening.heads
            theirLacking[opening.scope, default: []] += opening.lacking
            guard theirLacking[opening.scope, default: []].count <= Limits.lackingPerMessage else {
                throw Malformed("too much is said to be lacking")
            }
            guard theirs[opening.scope, default: []].count <= Limits.journalsPerScope else {
                throw Malformed("too many journals in a scope")
            }
        case .frame(let frame):
            try demand(frame.scope)
            try inbox.add(try frame.runs(compression), of: frame.scope, to: replica, into: &report)
        case .proof(let proof):
            try demand(proof.scope)
            try inbox.flush(to: replica, into: &report)
            do { try replica.ingest(proof) } catch let fault as Fault {
                summary.refusals.append("this device refused a proof that journal \(proof.journal) forked: \(fault)")
            }
        case .end:
            guard phase == .tails, !gotEnd else { throw Malformed("an end out of turn") }
            try keep()
            gotEnd = true
            if saidEnd { try beginRound() }
        default: throw Malformed("a message that has no place at a meeting")
        }
    }

    private func demand(_ scope: ScopeID) throws {
        guard phase == .tails, !gotEnd, mine[scope] != nil else { throw Malformed("something of a scope that was not opened") }
    }

    private mutating func keep() throws {
        try inbox.flush(to: replica, into: &report)
        summary.received += report.stored
        summary.repeated += report.skipped
        summary.forks += report.forks
        summary.refusals += report.refusals.map { $0.line(by: "this device") }
        report = IngestReport()
    }
}
