import Access
import Causality
import Journals
import Support
import Testing

private let key = [UInt8](repeating: 7, count: 32)

struct SealingTests {
    @Test func `a content key opens for the device it was sealed to and for nobody else`() throws {
        let (ann, ben) = (signer(1), signer(2))
        let wrapped = try WrappedKey.sealing(key, to: try #require(ann.agreement))
        #expect(wrapped.count == WrappedKey.byteCount)
        #expect(WrappedKey.open(wrapped, with: ann.agreementSecret) == key)
        #expect(WrappedKey.open(wrapped, with: ben.agreementSecret) == nil)
    }

    @Test func `a wrapped key of which any byte changed does not open`() throws {
        let ann = signer(1)
        let wrapped = try WrappedKey.sealing(key, to: try #require(ann.agreement))
        for i in wrapped.indices {
            var changed = wrapped
            changed[i] ^= 1
            // X25519 disregards the top bit of a key; HPKE binds the key's bytes all the same.
            #expect(WrappedKey.open(changed, with: ann.agreementSecret) == nil, "byte \(i)")
        }
        for count in 0..<wrapped.count { #expect(WrappedKey.open(wrapped.prefix(count), with: ann.agreementSecret) == nil) }
    }

    @Test func `the agreement key follows from the device's secret, and is not it`() throws {
        let ann = signer(1)
        let again = try #require(SigningKey(secret: ann.secret))
        #expect(ann.agreement == again.agreement)
        #expect(ann.agreement != signer(2).agreement)
        #expect(ann.agreementSecret.bytes != ann.secret)
        #expect(ann.agreement?.bytes != ann.publicKey.bytes)
    }

    @Test func `chunks open in their order, with their end, and not otherwise`() throws {
        var sealer = ChunkCipher(key: key, associated: [1])
        let chunks = [try sealer.seal([1, 2, 3]), try sealer.seal([4]), try sealer.seal([5], isLast: true)]
        func opened(_ order: [(Int, Bool)], associated: [UInt8] = [1]) -> [[UInt8]?] {
            var opener = ChunkCipher(key: key, associated: associated)
            return order.map { opener.open(chunks[$0.0], isLast: $0.1) }
        }
        #expect(opened([(0, false), (1, false), (2, true)]) == [[1, 2, 3], [4], [5]])
        #expect(opened([(1, false)]) == [nil])
        #expect(opened([(0, true)]) == [nil])
        #expect(opened([(0, false), (2, true)]) == [[1, 2, 3], nil])
        #expect(opened([(0, false), (1, false), (2, false)]).last == .some(nil))
        #expect(opened([(0, false)], associated: [2]) == [nil])
    }

    @Test func `both sides of a meeting make the same keys, and another transcript makes others`() throws {
        let (a, b) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        let (pa, pb) = (try #require(MeetingKeys.publicKey(of: a)), try #require(MeetingKeys.publicKey(of: b)))
        let one = try #require(MeetingKeys.derive(secret: a, other: pb, transcript: [1]))
        let two = try #require(MeetingKeys.derive(secret: b, other: pa, transcript: [1]))
        #expect(one == two)
        #expect(one.initiator != one.responder)
        let other = try #require(MeetingKeys.derive(secret: a, other: pb, transcript: [2]))
        #expect(other != one)
        #expect(MeetingKeys.derive(secret: a, other: [UInt8](repeating: 0, count: 32), transcript: [1]) == nil)
    }
}
