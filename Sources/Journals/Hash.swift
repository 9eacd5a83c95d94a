// SHA-256 with a tag for each use (protocol/1-definitions.md), and the 32 bytes it leaves.

package import Causality
import Crypto

/// What a hash is of. No value of one kind can pass for another.
package enum HashTag: UInt8 {
    case header = 0x10
    case skeleton = 0x11
    case value = 0x12
    case rest = 0x13
    case salt = 0x14
    case recordState = 0x15
    case scopeState = 0x16
    case knowledge = 0x17
    case branch = 0x18
    case reviewItem = 0x19
    case signedHead = 0x1a
    case signedRoster = 0x1b
    case signedStatement = 0x1c
    case signedSignIn = 0x1d
    case rootFingerprint = 0x1e
    case joinKey = 0x1f
    case joinLookup = 0x20
    case partialMessage = 0x21
    case agreementSecret = 0x22
    case bundle = 0x23
    case signedBundle = 0x24
    case meeting = 0x25
    case signedMeeting = 0x26
    case meetingPlace = 0x27
    case likeness = 0x28
    case sameAs = 0x29
    /// Of what never leaves a device.
    case local = 0x2a
}

/// A SHA-256 hash: 32 bytes. Two of one thing compare equal; of what, the tag inside says.
public struct Hash: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let a: UInt64
    private let b: UInt64
    private let c: UInt64
    private let d: UInt64

    /// 32 zero bytes: what a journal's first entry names as the one before it.
    public static let zero = Hash(a: 0, b: 0, c: 0, d: 0)

    private init(a: UInt64, b: UInt64, c: UInt64, d: UInt64) { (self.a, self.b, self.c, self.d) = (a, b, c, d) }

    /// The hash with these bytes, as ``bytes`` gave them; nil unless there are 32.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self = bytes.withUnsafeBytes { Hash(raw: $0) }
    }

    private init(raw: UnsafeRawBufferPointer) {
        func word(_ i: Int) -> UInt64 { UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self)) }
        self.init(a: word(0), b: word(1), c: word(2), d: word(3))
    }

    /// SHA-256 of the tag byte and these bytes.
    package init(_ tag: HashTag, _ bytes: [UInt8]) {
        var hasher = SHA256()
        withUnsafeBytes(of: tag.rawValue) { hasher.update(bufferPointer: $0) }
        bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        self = hasher.finalize().withUnsafeBytes { Hash(raw: $0) }
    }

    /// SHA-256 of the tag byte and these pieces, one after the other.
    package init(_ tag: HashTag, _ first: some Collection<UInt8>, _ second: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(first.count + second.count)
        bytes.append(contentsOf: first)
        bytes.append(contentsOf: second)
        self.init(tag, bytes)
    }

    /// The 32 bytes, for a store to keep.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            raw.storeBytes(of: a.bigEndian, toByteOffset: 0, as: UInt64.self)
            raw.storeBytes(of: b.bigEndian, toByteOffset: 8, as: UInt64.self)
            raw.storeBytes(of: c.bigEndian, toByteOffset: 16, as: UInt64.self)
            raw.storeBytes(of: d.bigEndian, toByteOffset: 24, as: UInt64.self)
            count = 32
        }
    }

    /// Lends the 32 bytes without an array of them.
    package func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeBytes(of: (a.bigEndian, b.bigEndian, c.bigEndian, d.bigEndian)) { try body($0) }
    }

    /// The first eight bytes as a number.
    package var prefix64: UInt64 { a }

    /// The order of the bytes, the first one weighing most.
    public static func < (x: Hash, y: Hash) -> Bool {
        if x.a != y.a { return x.a < y.a }
        if x.b != y.b { return x.b < y.b }
        if x.c != y.c { return x.c < y.c }
        return x.d < y.d
    }

    public var description: String { Hex.string(bytes) }
}

/// SHA-256 of bytes that come one after the other, without a tag: the name of an attachment's content.
public struct ContentHasher {
    private var hasher = SHA256()
    /// Nothing so far.
    public init() {}
    /// Takes more bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) } }
    /// The hash of all that came.
    public func finish() -> Hash {
        // SHA-256 has 32 bytes.
        Hash(hasher.finalize().withUnsafeBytes { Array($0) }) ?? .zero
    }
}

extension ByteWriter {
    package mutating func hash(_ hash: Hash) { hash.withBytes { raw($0) } }
}

extension ByteReader {
    package mutating func hash() throws(BytesEnded) -> Hash {
        guard let hash = Hash(try raw(32)) else { throw BytesEnded() }
        return hash
    }
}

/// SHA-512 of the salt tag and these bytes: four salts of 16 bytes.
func saltBlock(seed: [UInt8], block: UInt32) -> [UInt8] {
    var input = ByteWriter(reserving: 21)
    input.u8(HashTag.salt.rawValue)
    input.raw(seed)
    input.u32(block)
    return Array(SHA512.hash(data: input.bytes))
}
