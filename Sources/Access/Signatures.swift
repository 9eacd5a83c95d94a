// What both sides of a conversation compute alike. HTTP Message Signatures (RFC 9421) and digests (RFC 9530) as protocol/5-access.md uses them: the same few lines on both sides.

import Crypto
package import Journals

import struct FoundationEssentials.Data

package enum RequestSignature {
    /// What a signature covers besides the method and the path.
    package enum Covered: String, Sendable {
        case body = "content-digest"
        case opening = "dundian-opening"
    }

    /// `sha-256=:<base64>:`
    package static func digest(of bytes: [UInt8]) -> String {
        "sha-256=:\(Data(SHA256.hash(data: bytes)).base64EncodedString()):"
    }

    package static func parameters(covered: Covered, nonce: String, key: String, algorithm: String, tag: String) -> String {
        #"("@method" "@path" "\#(covered.rawValue)");nonce="\#(nonce)";keyid="\#(key)";alg="\#(algorithm)";tag="\#(tag)""#
    }

    /// The bytes that are signed.
    package static func base(path: String, covered: Covered, digest: String, parameters: String) -> [UInt8] {
        Array(
            """
            "@method": POST
            "@path": \(path)
            "\(covered.rawValue)": \(digest)
            "@signature-params": \(parameters)
            """.utf8)
    }

    package static func header(_ signature: [UInt8]) -> String { "dundian=:\(Data(signature).base64EncodedString()):" }

    package static func mac(_ base: [UInt8], key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: base, using: SymmetricKey(data: key)))
    }

    package static func isMAC(_ signature: [UInt8], of base: [UInt8], key: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: base, using: SymmetricKey(data: key))
    }
}

/// The signature headers of a request, read apart.
package struct ReceivedSignature: Sendable {
    package let parameters: String
    package let nonce: String
    package let keyID: String
    package let algorithm: String
    package let tag: String
    package let signature: [UInt8]

    /// Nil unless the two headers are exactly of the form the protocol uses, covering what it must.
    package init?(input: String?, signature: String?, covered: RequestSignature.Covered) {
        guard let input, let signature, input.hasPrefix("dundian="), signature.hasPrefix("dundian=:"), signature.hasSuffix(":"),
            let bytes = Data(base64Encoded: String(signature.dropFirst(9).dropLast()))
        else { return nil }
        let parameters = String(input.dropFirst(8))
        func value(_ name: String) -> String {
            guard let start = parameters.firstRange(of: ";\(name)=\"")?.upperBound else { return "" }
            return String(parameters[start...].prefix { $0 != "\"" })
        }
        (nonce, keyID, algorithm, tag) = (value("nonce"), value("keyid"), value("alg"), value("tag"))
        let expected = RequestSignature.parameters(
            covered: covered, nonce: nonce, key: keyID, algorithm: algorithm, tag: tag)
        // By bytes: to Swift a Greek question mark is a semicolon.
        guard parameters.utf8.elementsEqual(expected.utf8) else { return nil }
        self.parameters = parameters
        self.signature = Array(bytes)
    }
}

/// Both sides' arithmetic of signing in.
package enum SessionKey {
    /// What the service signs when it answers a sign-in.
    package static func transcript(
        nonce: [UInt8], device: PublicKey, clientEphemeral: [UInt8], serviceEphemeral: [UInt8], session: [UInt8]
    ) -> [UInt8] {
        nonce + device.bytes + clientEphemeral + serviceEphemeral + session
    }

    /// Nil if the other's ephemeral key is no key.
    package static func derive(
        secret: [UInt8], other: [UInt8], nonce: [UInt8], device: PublicKey, service: PublicKey
    ) -> [UInt8]? {
        guard let mine = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret),
            let theirs = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: other),
            let shared = try? mine.sharedSecretFromKeyAgreement(with: theirs)
        else { return nil }
        let key = shared.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: nonce, sharedInfo: Array("dundian-session-1".utf8) + device.bytes + service.bytes,
            outputByteCount: 32)
        return key.withUnsafeBytes { Array($0) }
    }

    /// A fresh X25519 key pair.
    package static func ephemeral() -> (secret: [UInt8], public: [UInt8]) {
        let key = Curve25519.KeyAgreement.PrivateKey()
        return (Array(key.rawRepresentation), Array(key.publicKey.rawRepresentation))
    }
}

/// What a join code proves, without showing it.
package enum JoinProof {
    /// What the service keeps of a code.
    package static func key(secret: String) -> [UInt8] { Hash(.joinKey, Array(secret.utf8)).bytes }
    package static func lookup(key: [UInt8]) -> [UInt8] { Array(Hash(.joinLookup, key).bytes.prefix(16)) }

    package static func proof(key: [UInt8], nonce: [UInt8], device: PublicKey, name: String) -> [UInt8] {
        RequestSignature.mac(nonce + device.bytes + Array(name.utf8), key: key)
    }

    package static func isProof(_ proof: [UInt8], key: [UInt8], nonce: [UInt8], device: PublicKey, name: String) -> Bool {
        RequestSignature.isMAC(proof, of: nonce + device.bytes + Array(name.utf8), key: key)
    }
}
