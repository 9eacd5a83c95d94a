// Ed25519 keys and what they sign. A message always begins with the tag of what it is.

import Causality
import Crypto

/// Makes a signature; the key may live in memory, in a file, or in hardware.
public protocol Signer: Sendable {
    var publicKey: PublicKey { get }
    func signature(over message: [UInt8]) throws -> [UInt8]
    /// What bundles for this device are sealed to; nil if this key cannot open any.
    var agreement: AgreementKey? { get }
}

extension Signer {
    /// Without a key to agree on a signer has nothing that bundles could be sealed to.
    public var agreement: AgreementKey? { nil }
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
        if let scheme = SignatureScheme.simulated { return scheme.verifies(signature, over: message, by: self) }
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
        return key.isValidSignature(signature, for: message)
    }

    public static func < (a: PublicKey, b: PublicKey) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
    public var description: String { Hex.string(bytes) }
}

/// What a simulation puts in Ed25519's place, which costs more than all else it does. Only code of this package can, and only around a
/// call of its own.
package protocol SimulatedSignatures: Sendable {
    func verifies(_ signature: [UInt8], over message: [UInt8], by key: PublicKey) -> Bool
}

package enum SignatureScheme {
    @TaskLocal package static var simulated: (any SimulatedSignatures)?
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

    /// What bundles for this device are sealed to.
    public var agreement: AgreementKey? { agreementSecret.publicKey }

    /// The X25519 secret of the same device. It follows from the signing secret, so there is no second file to lose.
    public var agreementSecret: AgreementSecret { AgreementSecret(derivedFrom: secret) }

    /// Signs with the secret half.
    public func signature(over message: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: message)) }
}

/// An X25519 public key, 32 bytes: what a bundle for a device is sealed to.
public struct AgreementKey: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// Nil unless 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    public var description: String { Hex.string(bytes) }
}

/// An X25519 secret held in memory.
public struct AgreementSecret: Sendable {
    package let bytes: [UInt8]
    /// The half that others seal to.
    public let publicKey: AgreementKey?

    fileprivate init(derivedFrom secret: [UInt8]) {
        bytes = Hash(.agreementSecret, secret).bytes
        let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes)
        publicKey = key.flatMap { AgreementKey(Array($0.publicKey.rawRepresentation)) }
    }
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
