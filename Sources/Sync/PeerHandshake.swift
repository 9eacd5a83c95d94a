// How two laptops make sure of each other before a word is said (protocol/7-bundles.md, "Meeting").
//
//      initiator -> responder   89 "DUNMEET" || u16(1) || ephemeral key
//      responder -> initiator   ephemeral key || record(device key || signature)
//      initiator -> responder   record(device key || signature)
//
// Who they are goes only under keys that need the root's public key to make: who listens learns two random keys, and who is of another
// service cannot go past them.

import Access
import Causality
import Journals
import Wire

/// Why a meeting did not come about, or ended.
public struct MeetingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable: programs and translations go by it.
    public enum Code: String, Sendable {
        /// What answers there is no laptop that meets.
        case notDundian = "not-dundian"
        /// The other laptop's program is newer, or older, and speaks another version.
        case otherVersion = "meeting-version"
        /// It is of another service, or the line was tampered with.
        case otherService = "meeting-of-another-service"
        /// It cannot prove to be the device it says it is.
        case distrusted
        /// Nobody's roster lists the device.
        case stranger = "meeting-stranger"
        /// The device is listed and has no scope any more.
        case withdrawn = "meeting-withdrawn"
        /// It said that this device is a stranger to it, or withdrawn.
        case refused = "meeting-refused"
        /// It said what has no place.
        case malformed = "meeting-malformed"
        /// It is this device itself.
        case oneself = "meeting-oneself"
        /// The line broke. What came whole is kept.
        case cut = "meeting-cut"
        /// Nobody is there.
        case unreachable
    }

    /// What is wrong.
    public var code: Code
    /// For whoever looks closer; English.
    public var detail: String
    /// An error out of its parts.
    public init(_ code: Code, _ detail: String = "") { (self.code, self.detail) = (code, detail) }
    public var description: String { code.rawValue + (detail.isEmpty ? "" : ": \(detail)") }
}

package enum PeerRole: Sendable { case initiator, responder }

/// Cuts a stream into sealed records: u32(length) || sealed bytes.
struct RecordSplitter: Sendable {
    private var buffer: [UInt8] = []
    private var at = 0

    mutating func feed(_ bytes: some Collection<UInt8>) {
        if at > 0 {
            buffer.removeFirst(at)
            at = 0
        }
        buffer.append(contentsOf: bytes)
    }

    var isInsideRecord: Bool { at < buffer.count }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard buffer.count - at >= count else { return nil }
        defer { at += count }
        return Array(buffer[at..<at + count])
    }

    /// What has come, without taking it.
    func peek(_ count: Int) -> ArraySlice<UInt8> { buffer[at..<min(at + count, buffer.count)] }

    /// The next record's sealed bytes; a length over the limit is refused before anything is kept for it.
    mutating func next() throws(MeetingError) -> [UInt8]? {
        guard buffer.count - at >= 4 else { return nil }
        let length = buffer[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
        guard (ChunkCipher.tagBytes + 1...ChunkCipher.tagBytes + ChunkCipher.chunkBytes).contains(length) else {
            throw MeetingError(.malformed, "a record of \(length) bytes")
        }
        guard buffer.count - at >= 4 + length else { return nil }
        at += 4
        return take(length)
    }
}

struct PeerHandshake: Sendable {
    static let magic: [UInt8] = [0x89] + Array("DUNMEET".utf8)
    static let version: UInt16 = 1
    private static let helloBytes = 8 + 2 + 32
    private static let proofBytes = 32 + 64

    private enum State { case awaitingHello, awaitingKey, awaitingProof, done }

    let role: PeerRole
    private let signer: any Signer
    private let root: PublicKey
    private let secret: [UInt8]
    private let ephemeral: [UInt8]
    private var state: State
    private var transcript: [UInt8]
    /// To be sent.
    private(set) var out: [UInt8] = []
    private(set) var sending = ChunkCipher(key: [UInt8](repeating: 0, count: 32), associated: [])
    private(set) var receiving = ChunkCipher(key: [UInt8](repeating: 0, count: 32), associated: [])
    /// Who the other is, once proven.
    private(set) var peer: PublicKey?

    /// - Parameter secret: 32 bytes that nobody has seen.
    init(role: PeerRole, signer: any Signer, root: PublicKey, secret: [UInt8]) throws {
        guard let ephemeral = MeetingKeys.publicKey(of: secret) else { throw MeetingError(.malformed, "an ephemeral key") }
        (self.role, self.signer, self.root, self.secret, self.ephemeral) = (role, signer, root, secret, ephemeral)
        transcript = root.bytes
        switch role {
        case .initiator:
            var hello = ByteWriter()
            hello.raw(Self.magic)
            hello.u16(Self.version)
            hello.raw(ephemeral)
            out = hello.bytes
            transcript += hello.bytes
            state = .awaitingKey
        case .responder: state = .awaitingHello
        }
    }

    mutating func drain() -> [UInt8] {
        defer { out = [] }
        return out
    }

    /// Goes as far as what came allows; true when the other is proven.
    mutating func advance(_ input: inout RecordSplitter) throws -> Bool {
        while true {
            switch state {
            case .awaitingHello:
                guard Self.magic.starts(with: input.peek(8)) else { throw MeetingError(.notDundian) }
                guard let hello = input.take(Self.helloBytes) else { return false }
                var reader = ByteReader(Array(hello.dropFirst(8)))
                let version = try reader.u16()
                guard version == Self.version else { throw MeetingError(.otherVersion, "\(version)") }
                transcript += hello
                try agree(with: Array(hello.suffix(32)), last: ephemeral)
                out = ephemeral
                out += try proof()
                state = .awaitingProof
            case .awaitingKey:
                guard let key = input.take(32) else { return false }
                try agree(with: key, last: key)
                state = .awaitingProof
            case .awaitingProof:
                guard let record = try input.next() else { return false }
                try check(record)
                if role == .initiator { out += try proof() }
                state = .done
            case .done: return true
            }
        }
    }

    private mutating func agree(with other: [UInt8], last: [UInt8]) throws {
        transcript += last
        transcript = Hash(.meeting, transcript).bytes
        guard let keys = MeetingKeys.derive(secret: secret, other: other, transcript: transcript) else {
            throw MeetingError(.malformed, "an ephemeral key that is none")
        }
        let (mine, theirs) = role == .initiator ? (keys.initiator, keys.responder) : (keys.responder, keys.initiator)
        sending = ChunkCipher(key: mine, associated: transcript)
        receiving = ChunkCipher(key: theirs, associated: transcript)
    }

    /// What a side signs: all that was said before it, its role and its key.
    private func statement(_ role: PeerRole, _ key: PublicKey) -> [UInt8] {
        Hash(.meeting, transcript + [role == .initiator ? 1 : 2], key.bytes).bytes
    }

    private mutating func proof() throws -> [UInt8] {
        let mine = signer.publicKey
        let said = mine.bytes + (try signer.sign(.signedMeeting, statement(role, mine)))
        let sealed = try sending.seal(said)
        if role == .responder { transcript = Hash(.meeting, transcript, said).bytes }
        var record = ByteWriter()
        record.u32(UInt32(sealed.count))
        record.raw(sealed)
        return record.bytes
    }

    private mutating func check(_ record: [UInt8]) throws {
        guard let said = receiving.open(record) else { throw MeetingError(.otherService) }
        guard said.count == Self.proofBytes, let key = PublicKey(Array(said.prefix(32))) else {
            throw MeetingError(.malformed, "a proof of \(said.count) bytes")
        }
        let other: PeerRole = role == .initiator ? .responder : .initiator
        guard key.verifies(Array(said.suffix(64)), .signedMeeting, statement(other, key)) else {
            throw MeetingError(.distrusted)
        }
        guard key != signer.publicKey else { throw MeetingError(.oneself) }
        if other == .responder { transcript = Hash(.meeting, transcript, said).bytes }
        peer = key
    }
}
