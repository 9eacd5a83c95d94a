import Causality
import FoundationEssentials
import Journals
import Support
import SwiftProtobuf
import Testing
import Wire

private let scope = ScopeID(high: 1, low: 2)
private let journal = JournalID(rawValue: 3)
private let hash = Hash(.header, [4])
private let head = Head(journal: journal, position: 5, hash: hash)
private let side = ForkBranch(headers: [[1], [2, 3]], signature: [4], birth: [5])

private let messages: [ExchangeMessage] = [
    .opening(Opening(scope: scope, heads: [], zstd: false)), .opening(Opening(scope: scope, heads: [head, head], zstd: true)),
    .proof(
        UnverifiedForkProof(
            scope: scope, journal: journal, replica: ReplicaID(rawValue: 6), position: 7, branches: [side, side])),
    .frame(UnverifiedFrame(scope: scope, body: .plain([1, 2]))), .frame(UnverifiedFrame(scope: scope, body: .zstd([3, 4]))),
    .refusal(Refusal(scope: scope, journal: journal, position: .limit, code: "gap", detail: "缺")),
    .divergence(Divergence(scope: scope, journal: journal, position: 1)),
    .receipt(UnverifiedReceipt(statement: [1], signature: [2])), .end,
]

struct MessageTests {
    @Test(arguments: messages)
    func `what one side says the other reads`(_ message: ExchangeMessage) throws {
        let read = try ExchangeMessage.decode(message.bytes)
        #expect(read == message)
        var splitter = MessageSplitter()
        splitter.feed(message.delimited)
        let split = try splitter.next()
        #expect(split == message.bytes)
    }

    @Test(arguments: messages)
    func `no truncation and no flipped bit of a message does harm`(_ message: ExchangeMessage) {
        for spoiled in message.bytes.truncations + message.bytes.flips {
            if let read = try? ExchangeMessage.decode(spoiled) { #expect(!read.bytes.isEmpty) }
        }
    }

    @Test func `a kind of message nobody knows is passed over`() throws {
        // Field 100, length-delimited, empty.
        let unknown = try ExchangeMessage.decode([0xa2, 0x06, 0x00])
        #expect(unknown == nil)
    }

    @Test func `ids and hashes of another size are refused`() throws {
        // An opening whose scope has 15 bytes.
        let bytes = [0x0a, 0x11, 0x0a, 0x0f] + [UInt8](repeating: 0, count: 15)
        #expect(throws: Malformed.self) { try ExchangeMessage.decode(bytes) }
    }

    @Test func `a receipt says what the service signed and nothing else`() throws {
        let service = SigningKey()
        let receipt = try Receipt(
            scope: scope, time: Timestamp(milliseconds: 8), digest: hash, heads: [head], signer: service)
        let read = try Receipt(checking: receipt.unverified, service: service.publicKey)
        #expect(read == receipt)
        var forged = receipt.unverified
        forged.statement[0] ^= 1
        let spoiled = forged
        #expect(throws: Fault.self) { try Receipt(checking: spoiled, service: service.publicKey) }
        #expect(throws: Fault.self) { try Receipt(checking: receipt.unverified, service: SigningKey().publicKey) }
    }

    @Test func `a roster reads back with the signature of its root, and with no other`() throws {
        let (root, stranger) = (SigningKey(), SigningKey())
        var roster = Roster(
            version: 2, root: root.publicKey, service: stranger.publicKey, issued: Timestamp(milliseconds: -1),
            expires: Timestamp(milliseconds: .max), catalogue: [1, 2, 3])
        roster.people = [Roster.Person(id: "p1", name: "林")]
        let grants = [Roster.Grant(scope: scope, from: 1, until: 2), Roster.Grant(scope: scope, from: 2)]
        roster.devices = [Roster.Device(key: stranger.publicKey, person: "p1", name: "laptop", grants: grants)]
        roster.scopes = [Roster.Scope(id: scope, name: "home", title: "家", kind: .restricted)]
        roster.withdrawals = [Roster.Withdrawal(scope: scope, journal: journal, position: 5, hash: hash)]
        let signed = try SignedRoster.signing(roster, by: root)
        let sent = try UnverifiedRoster(bytes: signed.unverified.bytes)
        let read = try sent.verified(by: root.publicKey)
        #expect(read.roster == roster)
        let claimed = try sent.claimedRoot()
        #expect(claimed == root.publicKey)
        #expect(throws: Fault.self) { try sent.verified(by: stranger.publicKey) }
        for i in sent.roster.indices {
            var forged = sent
            forged.roster[i] ^= 1
            let spoiled = forged
            #expect(throws: Fault.self) { try spoiled.verified(by: root.publicKey) }
        }
    }

    @Test(arguments: Example.all(in: "signing", kinds: ["roster"]))
    func `the roster of the signing vectors is read`(_ example: Example) throws {
        let expect = example["expect"]
        let sent = UnverifiedRoster(roster: example["bytes"].bytes, signature: expect["signature"].bytes)
        let roster = try sent.verified(by: expect["public_key"].key).roster
        #expect(roster.root == expect["public_key"].key)
        let root = try #require(SigningKey(secret: example["seed"].bytes))
        let again = try SignedRoster.signing(roster, by: root)
        #expect(again.roster == roster)
    }

    @Test(arguments: Example.all(in: "signing", kinds: ["statement"]))
    func `the statement of the signing vectors is a receipt`(_ example: Example) throws {
        let expect = example["expect"]
        let sent = UnverifiedReceipt(statement: example["bytes"].bytes, signature: expect["signature"].bytes)
        let receipt = try Receipt(checking: sent, service: expect["public_key"].key)
        #expect(receipt.unverified == sent)
    }
}

struct PositionTests {
    /// A head, a divergence or a probe at a position that no journal has is refused before anybody counts on from it.
    @Test(arguments: [0, UInt64(Int64.max) + 1, .max])
    func `there are no positions before the first and behind the last`(_ position: UInt64) throws {
        let scope = Data(ScopeID(high: 1, low: 2).bytes)
        var head = Dundian_V1_Head()
        (head.journal, head.position, head.hash) = (7, position, Data(count: 32))
        var opening = Dundian_V1_Message()
        opening.opening.scope = scope
        opening.opening.heads = [head]
        var divergence = Dundian_V1_Message()
        divergence.divergence.scope = scope
        (divergence.divergence.journal, divergence.divergence.position) = (7, position)
        var probe = Dundian_V1_Probe()
        (probe.scope, probe.journal, probe.positions) = (scope, 7, [position])
        for message in [opening, divergence] {
            let bytes: [UInt8] = try message.serializedBytes()
            #expect(throws: Malformed.self) { try ExchangeMessage.decode(bytes) }
        }
        let bytes: [UInt8] = try probe.serializedBytes()
        #expect(throws: Malformed.self) { try Probe(bytes: bytes) }
    }
}
