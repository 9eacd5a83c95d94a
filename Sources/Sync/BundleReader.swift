// Takes a bundle in, as a machine: pieces of the file in, entries into the replica. It holds one chunk, one message and a transaction's
// worth of entries. What is damaged ends the reading, and what had come whole before is kept.

import Access
public import Causality
public import Journals
package import Replicas
package import Wire

/// What came of reading a bundle.
public struct BundleSummary: Hashable, Sendable {
    /// Sections in the file, and how many of them are for this device.
    public var sections = 0
    /// Sections that are for this device.
    public var opened = 0
    /// Entries that were new.
    public var received = 0
    /// Entries that were here already.
    public var repeated = 0
    /// The scopes of which something was read to the end.
    public var scopes: [ScopeID] = []
    /// Who wrote it, where the writer's signature holds and the roster knows the device.
    public var writer: PublicKey?
    /// When it was written, by the writer's clock; nil unless the signature holds.
    public var written: Timestamp?
    /// The version of a newer roster that was in it.
    public var roster: UInt32?
    /// Journals found forked.
    public var forks: [JournalID] = []
    /// What was not taken, as lines to show.
    public var refusals: [String] = []
    /// Whether something earlier is missing here before the rest can be taken.
    public var lacksEarlier = false
    /// This store had been restored or copied and goes on under a new replica id.
    public var replacedReplica: ReplicaID?
    /// What ended the reading early.
    public var damage: BundleError?

    /// Nothing was read yet.
    public init() {}
}

package struct BundleReader {
    private enum State {
        case preamble
        case header
        case wraps(Int)
        case length
        case chunk(Int, isLast: Bool)
        case over
    }
    /// Within a section that opened: what its plaintext is at.
    private enum Part { case roster, messages, trailer }

    private let replica: Replica
    private let secret: AgreementSecret
    private let compression: any FrameCompression
    package private(set) var summary = BundleSummary()

    private var state = State.preamble
    private var buffer: [UInt8] = []
    private var at = 0
    private var preamble: [UInt8] = []
    private var header: [UInt8] = []
    private var number = 0
    private var chunk = 0

    /// Nil within a section that is for others.
    private var cipher: ChunkCipher?
    private var part = Part.roster
    private var plain: [UInt8] = []
    private var splitter = MessageSplitter()
    private var transcript = RunningHash(.bundle)
    private var scope: ScopeID?
    private var heads: [Head] = []
    private var inbox = Inbox()
    private var report = IngestReport()
    /// The replica id that this store had before it took anything in.
    private let startedAs: ReplicaID

    package init(replica: Replica, secret: AgreementSecret, compression: any FrameCompression) throws {
        guard try replica.roster() != nil else {
            throw ReplicaError(
                .notJoined, message: "This replica has not joined a service, so it can believe nobody's entries.",
                next: "Run: dundian join URL CODE")
        }
        (self.replica, self.secret, self.compression) = (replica, secret, compression)
        startedAs = try replica.replicaID()
    }

    /// Whether nothing more will be looked at.
    package var isOver: Bool { if case .over = state { true } else { false } }

    /// Takes the next piece of the file. Throws only what the replica's own store does; damage is in the summary.
    package mutating func received(_ bytes: some Collection<UInt8>) throws {
        guard !isOver else {
            if summary.damage == nil { try end(BundleError(.malformed, "more after the end")) }
            return
        }
        if at > 0 {
            buffer.removeFirst(at)
            at = 0
        }
        buffer.append(contentsOf: bytes)
        do {
            while try step() {}
        } catch let error as BundleError {
            try end(error)
        } catch let error as Malformed {
            try end(BundleError(.malformed, section: number, chunk: chunk, error.detail))
        } catch is BytesEnded {
            try end(BundleError(.malformed, section: number, chunk: chunk))
        }
    }

    /// The file is at its end.
    package mutating func finish() throws {
        if !isOver {
            let isBegun = !preamble.isEmpty || buffer.starts(with: BundleFormat.magic.prefix(max(1, buffer.count)))
            let hasChunk = cipher != nil
            try end(
                isBegun
                    ? BundleError(.cut, section: preamble.isEmpty ? nil : number, chunk: hasChunk ? chunk : nil)
                    : BundleError(.notABundle))
        } else if summary.damage == nil, summary.opened == 0 {
            summary.damage = BundleError(.notForThisDevice)
        }
    }

    private mutating func end(_ damage: BundleError) throws {
        try keep()
        summary.damage = summary.damage ?? damage
        state = .over
    }

    // MARK: The file

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard buffer.count - at >= count else { return nil }
        defer { at += count }
        return buffer[at..<at + count]
    }

    /// True if there may be more to do with what came.
    private mutating func step() throws -> Bool {
        switch state {
        case .preamble:
            let begun = buffer.prefix(BundleFormat.magic.count)
            guard BundleFormat.magic.starts(with: begun) else { throw BundleError(.notABundle) }
            guard let bytes = take(BundleFormat.preambleBytes) else { return false }
            var reader = ByteReader(Array(bytes.dropFirst(BundleFormat.magic.count)))
            let version = try reader.u16()
            guard version == BundleFormat.version else { throw BundleError(.newerVersion, "\(version)") }
            summary.sections = Int(try reader.u16())
            guard (1...BundleFormat.sectionsMax).contains(summary.sections) else { throw Malformed("sections") }
            preamble = Array(bytes)
            state = .header
        case .header:
            guard let bytes = take(4) else { return false }
            var reader = ByteReader(Array(bytes))
            guard Int(try reader.u16()) == number else { throw BundleError(.changed, section: number, "its number") }
            let wraps = Int(try reader.u16())
            guard (1...BundleFormat.recipientsMax).contains(wraps) else {
                throw BundleError(.changed, section: number, "\(wraps) recipients")
            }
            header = Array(bytes)
            state = .wraps(wraps)
        case .wraps(let count):
            guard let bytes = take(count * WrappedKey.byteCount) else { return false }
            header += bytes
            beginSection(wraps: bytes, count: count)
            state = .length
        case .length:
            guard let bytes = take(4) else { return false }
            var reader = ByteReader(Array(bytes))
            let word = try reader.u32()
            let length = Int(word & ~BundleFormat.lastChunk)
            guard (ChunkCipher.tagBytes + 1...ChunkCipher.tagBytes + ChunkCipher.chunkBytes).contains(length) else {
                throw BundleError(.changed, section: number, chunk: chunk, "its length")
            }
            state = .chunk(length, isLast: word & BundleFormat.lastChunk != 0)
        case .chunk(let length, let isLast):
            guard let bytes = take(length) else { return false }
            try open(bytes, isLast: isLast)
            chunk += 1
            state = .length
            if isLast { try endSection() }
        case .over: return false
        }
        return true
    }

    private mutating func beginSection(wraps: ArraySlice<UInt8>, count: Int) {
        (chunk, cipher, scope, heads, part) = (0, nil, nil, [], .roster)
        (plain, splitter, transcript) = ([], MessageSplitter(), RunningHash(.bundle))
        for i in 0..<count {
            let from = wraps.startIndex + i * WrappedKey.byteCount
            guard let key = WrappedKey.open(wraps[from..<from + WrappedKey.byteCount], with: secret) else { continue }
            cipher = ChunkCipher(key: key, associated: BundleFormat.associated(preamble: preamble, header: header))
            transcript.update(preamble + header)
            summary.opened += 1
            return
        }
    }

    private mutating func endSection() throws {
        if cipher != nil {
            guard case .trailer = part, plain.isEmpty else {
                throw BundleError(.malformed, section: number, chunk: chunk - 1, "it ends early")
            }
            cipher = nil
            if let scope, !summary.scopes.contains(scope) { summary.scopes.append(scope) }
        }
        number += 1
        state = number < summary.sections ? .header : .over
        if isOver, at < buffer.count { throw BundleError(.malformed, "more after the end") }
    }

    // MARK: A section's plaintext

    private mutating func open(_ sealed: ArraySlice<UInt8>, isLast: Bool) throws {
        guard var cipher else { return }
        guard let bytes = cipher.open(sealed, isLast: isLast) else {
            throw BundleError(.changed, section: number, chunk: chunk)
        }
        self.cipher = cipher
        plain += bytes
        if case .roster = part {
            guard try takeRoster() else {
                guard plain.count <= Limits.answerBytes else { throw Malformed("a roster without end") }
                return
            }
            part = .messages
        }
        if case .messages = part {
            splitter.feed(plain)
            plain = []
            while case .messages = part, let bytes = try splitter.next() { try take(bytes) }
        }
        if case .trailer = part {
            guard plain.count <= BundleFormat.trailerBytes else { throw Malformed("more after its trailer") }
            if isLast { try takeTrailer() }
        }
    }

    private mutating func takeRoster() throws -> Bool {
        guard plain.count >= 4 else { return false }
        var reader = ByteReader(Array(plain.prefix(4)))
        let length = Int(try reader.u32())
        guard length <= Limits.answerBytes else { throw Malformed("a roster of \(length) bytes") }
        guard plain.count >= 4 + length else { return false }
        let bytes = Array(plain[4..<4 + length])
        transcript.update(Array(plain.prefix(4 + length)))
        plain.removeFirst(4 + length)
        guard let current = try replica.roster() else { throw BundleError(.otherService) }
        do {
            let roster = try UnverifiedRoster(bytes: bytes).verified(by: current.roster.root)
            if roster.roster.version > current.roster.version {
                try replica.accept(roster)
                summary.roster = roster.roster.version
            }
        } catch is Fault {
            throw BundleError(.otherService, section: number)
        } catch let error as ReplicaError where error.code == .rosterRefused {
            throw BundleError(.rosterRefused, section: number, error.subject)
        }
        return true
    }

    private mutating func take(_ bytes: [UInt8]) throws {
        var prefix = ByteWriter()
        prefix.varint(UInt64(bytes.count))
        transcript.update(prefix.bytes)
        transcript.update(bytes)
        guard let message = try ExchangeMessage.decode(bytes) else { return }
        switch message {
        case .opening(let opening):
            try begin(opening.scope)
            heads += opening.heads
            guard heads.count <= Limits.journalsPerScope else { throw Malformed("too many journals in a scope") }
        case .frame(let frame):
            guard frame.scope == scope else { throw Malformed("a frame of a scope without an opening") }
            let runs = try frame.runs(compression)
            try inbox.add(runs, of: frame.scope, to: replica, into: &report)
        case .proof(let proof):
            guard proof.scope == scope else { throw Malformed("a proof of a scope without an opening") }
            try inbox.flush(to: replica, into: &report)
            do { try replica.ingest(proof) } catch let fault as Fault {
                summary.refusals.append("the proof that journal \(proof.journal) forked was refused: \(fault)")
            }
        case .end:
            try keep()
            part = .trailer
            plain = splitter.rest()
        default: throw Malformed("a message that has no place in a bundle")
        }
    }

    private mutating func begin(_ scope: ScopeID) throws {
        guard self.scope == nil || self.scope == scope else { throw Malformed("two scopes in one section") }
        guard self.scope == nil else { return }
        guard let roster = try replica.roster()?.roster, roster.isGranted(scope, to: replica.key, at: roster.version) else {
            throw BundleError(
                .scopeNotGranted, section: number, try replica.roster()?.roster.scope(scope)?.name ?? "\(scope)")
        }
        self.scope = scope
    }

    private mutating func takeTrailer() throws {
        guard plain.count == BundleFormat.trailerBytes, let scope else { throw Malformed("its trailer") }
        var reader = ByteReader(plain)
        let time = Timestamp(rawValue: try reader.i64())
        guard let key = PublicKey(try reader.raw(32)) else { throw Malformed("its writer's key") }
        transcript.update(Array(plain.prefix(40)))
        plain = []
        guard key.verifies(try reader.raw(64), .signedBundle, transcript.bytes) else {
            throw BundleError(.changed, section: number, chunk: chunk, "its writer's signature")
        }
        guard let roster = try replica.roster()?.roster, roster.isGranted(scope, to: key, at: roster.version) else { return }
        (summary.writer, summary.written) = (key, time)
        try replica.note(heard: Knowledge(heads), of: scope, from: key, at: time)
    }

    /// Stores what came whole.
    private mutating func keep() throws {
        try inbox.flush(to: replica, into: &report)
        summary.received += report.stored
        summary.repeated += report.skipped
        summary.forks += report.forks
        for refusal in report.refusals {
            summary.refusals.append(refusal.line(by: "this device"))
            if ["gap", "unseen-context", "does-not-link", "unproven-branch"].contains(refusal.code) { summary.lacksEarlier = true }
        }
        report = IngestReport()
        // Entries of one's own that were not here proved that this store was restored or copied.
        let id = try replica.replicaID()
        if id != startedAs { summary.replacedReplica = id }
    }
}
