import Causality
import Journals
import Support
import Testing

// Session keys, proofs of a join key and the signatures of requests within a session are for Access' tests.
struct SigningVectorTests {
    @Test(arguments: Example.all(in: "signing", kinds: ["head", "roster", "statement"]))
    func `heads, rosters and statements are signed under their own tags`(_ example: Example) throws {
        let tags: [String: HashTag] = ["head": .signedHead, "roster": .signedRoster, "statement": .signedStatement]
        let tag = try #require(tags[example["kind"].text])
        let bytes = example["kind"].text == "head" ? example["hash"].bytes : example["bytes"].bytes
        let expect = example["expect"]
        #expect([tag.rawValue] + bytes == expect["message"].bytes)
        try check(example["seed"].bytes, tag, bytes, expect["public_key"].key, expect["signature"].bytes)
        for other in tags.values where other != tag {
            #expect(!expect["public_key"].key.verifies(expect["signature"].bytes, other, bytes))
        }
    }

    @Test(arguments: Example.all(in: "signing", kinds: ["sign_in"]))
    func `the answer to a sign-in is signed by the service`(_ example: Example) throws {
        let expect = example["expect"]
        let message = expect["message"].bytes
        #expect(message.first == HashTag.signedSignIn.rawValue)
        try check(
            example["statement_seed"].bytes, .signedSignIn, Array(message.dropFirst()), expect["service_key"].key,
            expect["signature"].bytes)
    }

    private func check(_ seed: [UInt8], _ tag: HashTag, _ bytes: [UInt8], _ key: PublicKey, _ signature: [UInt8]) throws {
        let signer = try #require(SigningKey(secret: seed))
        #expect(signer.publicKey == key)
        #expect(signer.secret == seed)
        #expect(key.verifies(signature, tag, bytes))
        let own = try signer.sign(tag, bytes)
        #expect(key.verifies(own, tag, bytes))
        #if os(Linux)
            // Elsewhere a signature may be made with chance, which RFC 8032 does not have but lets through.
            #expect(own == signature)
        #endif
        for i in signature.indices {
            var spoiled = signature
            spoiled[i] ^= 1
            #expect(!key.verifies(spoiled, tag, bytes))
        }
        #expect(!key.verifies(signature, tag, bytes + [0]))
        #expect(!key.verifies([], tag, bytes))
    }

    @Test(arguments: Example.all(in: "signing", kinds: ["device_request"]))
    func `a request of a device verifies over its signature base`(_ example: Example) throws {
        let signer = try #require(SigningKey(secret: example["seed"].bytes))
        let base = Array(example["expect"]["base"].text.utf8)
        #expect(signer.publicKey.verifies(example["expect"]["signature"].bytes, over: base))
    }

    @Test(arguments: Example.all(in: "signing", kinds: ["join_code"]))
    func `a join code holds a secret and the fingerprint of a root key`(_ example: Example) throws {
        let (expect, root) = (example["expect"], example["root_key"].key)
        let code = try #require(JoinCode(example["code"].text))
        #expect(root.fingerprint == expect["fingerprint"].text)
        #expect((code.fingerprint == root.fingerprint) == expect["matches"].flag)
        let key = Hash(.joinKey, Array(code.secret.utf8))
        #expect(key.description == expect["join_key"].text)
        #expect(Array(Hash(.joinLookup, key.bytes).bytes[..<16]) == expect["lookup"].bytes)
    }
}
