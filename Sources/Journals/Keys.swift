// Ed25519 keys and what they sign. A message always begins with the tag of what it is.

import Causality
import Crypto

/// Makes a signature; the key may live in memory, in a file, or in hardware.
public protocol Signer: Sendable {
    var publicKey: PublicKey { get }
    func signature(over message: [UInt8]) throws -> [UInt8]
}

/// An Ed25519 public key, 32 bytes.
public struct PublicKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The 32 bytes, for a store to keep.
    public let bytes: [UInt8]

    /// The key with these bytes; nil unless there are 32. Whether they are a key shows when something is verified.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    package func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
        return key.isValidSignature(signature, for: message)
    }

    public static func < (a: PublicKey, b: PublicKey) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
    public var description: String { Hex.string(bytes) }
}

/// An Ed25519 key pair held in memory.
public struct SigningKey: Signer {
    private let key: Curve25519.Signing.PrivateKey
    /// The half others know.
    public let publicKey: PublicKey

    /// A new key from the system's randomness.
    public init() { self.init(Curve25519.Signing.PrivateKey()) }

    /// The key of these 32 secret bytes; nil for any other count.
    public init?(secret: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: secret) else { return nil }
        self.init(key)
    }

    private init(_ key: Curve25519.Signing.PrivateKey) {
        self.key = key
        // An Ed25519 public key has 32 bytes by definition, so the force cannot fail.
        // swift-format-ignore
        publicKey = PublicKey(Array(key.publicKey.rawRepresentation))!
    }

    /// The 32 secret bytes. Whoever has them is this device.
    public var secret: [UInt8] { Array(key.rawRepresentation) }

    /// Signs with the secret half.
    public func signature(over message: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: message)) }
}

/// The message a head signature signs.
func headMessage(_ hash: Hash) -> [UInt8] { [HashTag.signedHead.rawValue] + hash.bytes }

extension Signer {
    package func sign(_ tag: HashTag, _ bytes: [UInt8]) throws -> [UInt8] {
        try signature(over: [tag.rawValue] + bytes)
    }
}

extension PublicKey {
    package func verifies(_ signature: [UInt8], _ tag: HashTag, _ bytes: [UInt8]) -> Bool {
        verifies(signature, over: [tag.rawValue] + bytes)
    }
}
