// How bundles and meetings keep what they carry secret (protocol/7-bundles.md): content keys wrapped with HPKE (RFC 9180), chunks
// sealed with ChaCha20-Poly1305 under a counter, and the key exchange of a meeting.

import Crypto
package import Journals

import struct FoundationEssentials.Data

/// The key of one section of a bundle, sealed to one device.
package enum WrappedKey {
    /// What a wrapped key takes: the encapsulated key, the key, the tag.
    package static let byteCount = 32 + 32 + 16
    private static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly
    private static let info = Data("dundian-bundle-1".utf8)

    /// Seals a content key to a device. The ephemeral key is the library's: the only chance here that is not an argument.
    package static func sealing(_ key: [UInt8], to recipient: AgreementKey) throws -> [UInt8] {
        let recipient = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: recipient.bytes)
        var sender = try HPKE.Sender(recipientKey: recipient, ciphersuite: suite, info: info)
        let sealed = try sender.seal(Data(key))
        return Array(sender.encapsulatedKey) + Array(sealed)
    }

    /// Nil if it is not for this device.
    package static func open(_ wrapped: some Collection<UInt8>, with secret: AgreementSecret) -> [UInt8]? {
        guard wrapped.count == byteCount,
            let secret = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret.bytes),
            var recipient = try? HPKE.Recipient(
                privateKey: secret, ciphersuite: suite, info: info, encapsulatedKey: Data(wrapped.prefix(32)))
        else { return nil }
        return (try? recipient.open(Data(wrapped.dropFirst(32)))).map { Array($0) }
    }
}

/// Seals or opens chunks in their order. A chunk that was moved, changed, or is not the last although it says so does not open.
package struct ChunkCipher: Sendable {
    package static let tagBytes = 16
    /// Plaintext in a chunk.
    package static let chunkBytes = 64 << 10

    private let key: SymmetricKey
    private let associated: [UInt8]
    private var counter: UInt64 = 0

    package init(key: [UInt8], associated: [UInt8]) {
        (self.key, self.associated) = (SymmetricKey(data: key), associated)
    }

    /// 00 00 00 || u64(counter) || whether it is the last.
    private mutating func nonce(isLast: Bool) throws -> ChaChaPoly.Nonce {
        defer { counter += 1 }
        let number = withUnsafeBytes(of: counter.bigEndian) { Array($0) }
        return try ChaChaPoly.Nonce(data: [0, 0, 0] + number + [isLast ? 1 : 0])
    }

    package mutating func seal(_ plain: some Collection<UInt8>, isLast: Bool = false) throws -> [UInt8] {
        let box = try ChaChaPoly.seal(
            Data(plain), using: key, nonce: nonce(isLast: isLast), authenticating: associated)
        return Array(box.ciphertext) + Array(box.tag)
    }

    /// Nil if it is not what was sealed at this place.
    package mutating func open(_ sealed: some Collection<UInt8>, isLast: Bool = false) -> [UInt8]? {
        guard sealed.count >= Self.tagBytes, let nonce = try? nonce(isLast: isLast),
            let box = try? ChaChaPoly.SealedBox(
                nonce: nonce, ciphertext: Data(sealed.dropLast(Self.tagBytes)), tag: Data(sealed.suffix(Self.tagBytes))),
            let plain = try? ChaChaPoly.open(box, using: key, authenticating: associated)
        else { return nil }
        return Array(plain)
    }
}

/// A tagged hash of bytes that come bit by bit.
package struct RunningHash: Sendable {
    private var hasher = SHA256()

    package init(_ tag: HashTag) { hasher.update(data: [tag.rawValue]) }
    package mutating func update(_ bytes: [UInt8]) { hasher.update(data: bytes) }
    package var bytes: [UInt8] { Array(hasher.finalize()) }
}

/// The keys of one meeting, one for each direction.
package enum MeetingKeys {
    /// Nil if the other's ephemeral key is no key.
    package static func derive(secret: [UInt8], other: [UInt8], transcript: [UInt8]) -> (initiator: [UInt8], responder: [UInt8])? {
        guard let mine = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret),
            let theirs = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: other),
            let shared = try? mine.sharedSecretFromKeyAgreement(with: theirs),
            // A key of small order gives a secret that everybody knows.
            shared.withUnsafeBytes({ $0.contains { $0 != 0 } })
        else { return nil }
        let both = shared.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: transcript, sharedInfo: Array("dundian-meeting-1".utf8), outputByteCount: 64)
        let bytes = both.withUnsafeBytes { Array($0) }
        return (Array(bytes.prefix(32)), Array(bytes.suffix(32)))
    }

    /// The public half of an ephemeral secret; nil if it is no key.
    package static func publicKey(of secret: [UInt8]) -> [UInt8]? {
        (try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret)).map { Array($0.publicKey.rawRepresentation) }
    }
}
