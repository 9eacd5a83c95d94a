// The carrier messages of protocol/dundian.proto as our own types, and the mapping between them.

import FoundationEssentials
import SwiftProtobuf

public import Causality
public import Journals

/// What one side of an exchange says to the other.
package enum ExchangeMessage: Hashable, Sendable {
    case opening(Opening)
    case proof(UnverifiedForkProof)
    case frame(UnverifiedFrame)
    case refusal(Refusal)
    case divergence(Divergence)
    case receipt(UnverifiedReceipt)
    /// In place of a message whose beginning the receiver holds: its other bytes.
    case continuation([UInt8])
    case end
}

package struct Opening: Hashable, Sendable {
    package var scope: ScopeID
    package var heads: [Head]
    package var zstd: Bool
    /// In the first opening: what is held of a message that broke off.
    package var partial: Partial?
    /// Entries that are held without values which no order took.
    package var lacking: [Dot]
    package init(scope: ScopeID, heads: [Head], zstd: Bool, partial: Partial? = nil, lacking: [Dot] = []) {
        (self.scope, self.heads, self.zstd, self.partial, self.lacking) = (scope, heads, zstd, partial, lacking)
    }
}

/// A tail on its way, possibly compressed.
package struct UnverifiedFrame: Hashable, Sendable {
    package enum Body: Hashable, Sendable { case plain([UInt8]), zstd([UInt8]) }
    package var scope: ScopeID
    package var body: Body
    package init(scope: ScopeID, body: Body) { (self.scope, self.body) = (scope, body) }
}

package struct Refusal: Hashable, Sendable {
    package var scope: ScopeID
    package var journal: JournalID
    package var position: Position
    package var code: String
    package var detail: String
    package init(scope: ScopeID, journal: JournalID, position: Position, code: String, detail: String) {
        (self.scope, self.journal, self.position) = (scope, journal, position)
        (self.code, self.detail) = (code, detail)
    }
}

package struct Divergence: Hashable, Sendable {
    package var scope: ScopeID
    package var journal: JournalID
    package var position: Position
    package init(scope: ScopeID, journal: JournalID, position: Position) {
        (self.scope, self.journal, self.position) = (scope, journal, position)
    }
}

package struct UnverifiedReceipt: Hashable, Sendable {
    package var statement: [UInt8]
    package var signature: [UInt8]
    package init(statement: [UInt8], signature: [UInt8]) { (self.statement, self.signature) = (statement, signature) }
}

/// What the central service says it holds durably.
public struct Receipt: Hashable, Sendable {
    public let scope: ScopeID
    /// By the service's clock.
    public let time: Timestamp
    public let digest: Hash
    package let heads: [Head]
    package let bytes: [UInt8]
    package let signature: [UInt8]

    /// Makes and signs a statement.
    package init(scope: ScopeID, time: Timestamp, digest: Hash, heads: [Head], signer: some Signer) throws {
        var message = Dundian_V1_Statement()
        message.scope = Data(scope.bytes)
        message.time = time.rawValue
        message.digest = Data(digest.bytes)
        message.heads = heads.map(Dundian_V1_Head.init)
        bytes = message.bytes
        signature = try signer.sign(.signedStatement, bytes)
        (self.scope, self.time, self.digest, self.heads) = (scope, time, digest, heads)
    }

    /// Checks that the service signed it.
    package init(checking receipt: UnverifiedReceipt, service: PublicKey) throws(Fault) {
        guard service.verifies(receipt.signature, .signedStatement, receipt.statement) else {
            throw Fault(.signatureInvalid, "the receipt is not signed by the service")
        }
        do {
            let message = try Dundian_V1_Statement(serializedBytes: receipt.statement)
            scope = try ScopeID(wire: message.scope)
            digest = try Hash(wire: message.digest)
            time = Timestamp(rawValue: message.time)
            heads = try message.heads.map { try Head($0) }
        } catch {
            throw Fault(.malformed, "the receipt does not decode")
        }
        (bytes, signature) = (receipt.statement, receipt.signature)
    }

    package var unverified: UnverifiedReceipt { UnverifiedReceipt(statement: bytes, signature: signature) }
}

package struct HelloMessage: Hashable, Sendable {
    package var software: String
    package var roster: UInt32
    package var scopes: [(scope: ScopeID, digest: Hash)]
    /// The client's roster, where the service asked for it.
    package var newer: UnverifiedRoster?
    package init(
        software: String, roster: UInt32, scopes: [(scope: ScopeID, digest: Hash)], newer: UnverifiedRoster? = nil
    ) {
        (self.software, self.roster, self.scopes, self.newer) = (software, roster, scopes, newer)
    }
    package static func == (a: Self, b: Self) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    package var bytes: [UInt8] {
        var out = Dundian_V1_Hello()
        out.software = software
        out.roster = roster
        out.scopes = scopes.map { item in
            var scope = Dundian_V1_ScopeDigest()
            scope.scope = Data(item.scope.bytes)
            scope.digest = Data(item.digest.bytes)
            return scope
        }
        if let newer { out.newer = newer.message }
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_Hello.self, bytes) { message in
            HelloMessage(
                software: message.software, roster: message.roster,
                scopes: try message.scopes.map { (try ScopeID(wire: $0.scope), try Hash(wire: $0.digest)) },
                newer: message.hasNewer ? UnverifiedRoster(message.newer) : nil)
        }
    }
}

package struct ScopeKnowledge: Hashable, Sendable {
    package var scope: ScopeID
    package var heads: [Head]
    package var more: Bool
    /// Entries that are held without values which no order took.
    package var lacking: [Dot]
    package init(scope: ScopeID, heads: [Head], more: Bool, lacking: [Dot] = []) {
        (self.scope, self.heads, self.more, self.lacking) = (scope, heads, more, lacking)
    }

    package var bytes: [UInt8] { message.bytes }

    fileprivate var message: Dundian_V1_ScopeKnowledge {
        var out = Dundian_V1_ScopeKnowledge()
        out.scope = Data(scope.bytes)
        out.heads = heads.map(Dundian_V1_Head.init)
        out.more = more
        out.lacking = lacking.map(Dundian_V1_Lacking.init)
        return out
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_ScopeKnowledge.self, bytes) { try ScopeKnowledge($0) }
    }

    fileprivate init(_ message: Dundian_V1_ScopeKnowledge) throws {
        try self.init(
            scope: ScopeID(wire: message.scope), heads: message.heads.map { try Head($0) }, more: message.more,
            lacking: try [Dot](message.lacking))
    }
}

extension Dundian_V1_Lacking {
    fileprivate init(_ dot: Dot) {
        self.init()
        (journal, position) = (dot.journal.rawValue, dot.position.rawValue)
    }
}

extension [Dot] {
    fileprivate init(_ lacking: [Dundian_V1_Lacking]) throws(Malformed) {
        guard lacking.count <= Limits.lackingPerMessage else { throw Malformed("too much is said to be lacking") }
        self = []
        for dot in lacking {
            let dot = Dot(JournalID(rawValue: dot.journal), try Position(wire: dot.position))
            guard last.map({ $0 < dot }) ?? true else { throw Malformed("what is lacking is not ascending") }
            append(dot)
        }
    }
}

package struct HelloAnswer: Hashable, Sendable {
    package var time: Timestamp
    package var roster: UnverifiedRoster?
    package var differing: [ScopeKnowledge]
    package var refused: [ScopeID]
    /// What the service holds of a message of the last exchange that broke off.
    package var partial: Partial?
    /// Whether the client's roster is newer than the service's, which would have it.
    package var wantsRoster: Bool
    package init(
        time: Timestamp, roster: UnverifiedRoster?, differing: [ScopeKnowledge], refused: [ScopeID], partial: Partial? = nil,
        wantsRoster: Bool = false
    ) {
        (self.time, self.roster, self.differing, self.refused) = (time, roster, differing, refused)
        (self.partial, self.wantsRoster) = (partial, wantsRoster)
    }

    /// Whether it tells the client anything but the time.
    package var hasNews: Bool { roster != nil || !differing.isEmpty || !refused.isEmpty || wantsRoster }

    package var bytes: [UInt8] {
        var out = Dundian_V1_HelloAnswer()
        out.time = time.rawValue
        if let roster { out.roster = roster.message }
        out.differing = differing.map(\.message)
        out.refused = refused.map { Data($0.bytes) }
        if let partial { out.partial = Dundian_V1_Partial(partial) }
        out.wantsRoster = wantsRoster
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_HelloAnswer.self, bytes) { message in
            HelloAnswer(
                time: Timestamp(rawValue: message.time), roster: message.hasRoster ? UnverifiedRoster(message.roster) : nil,
                differing: try message.differing.map { try ScopeKnowledge($0) },
                refused: try message.refused.map { try ScopeID(wire: $0) },
                partial: message.hasPartial ? try Partial(message.partial) : nil, wantsRoster: message.wantsRoster)
        }
    }
}

package struct KnowledgeRequest: Hashable, Sendable {
    package var scope: ScopeID
    package var after: JournalID
    package init(scope: ScopeID, after: JournalID) { (self.scope, self.after) = (scope, after) }

    package var bytes: [UInt8] {
        var out = Dundian_V1_KnowledgeRequest()
        out.scope = Data(scope.bytes)
        out.after = after.rawValue
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_KnowledgeRequest.self, bytes) {
            KnowledgeRequest(scope: try ScopeID(wire: $0.scope), after: JournalID(rawValue: $0.after))
        }
    }
}

package struct Probe: Hashable, Sendable {
    package var scope: ScopeID
    package var journal: JournalID
    package var positions: [Position]
    package init(scope: ScopeID, journal: JournalID, positions: [Position]) {
        (self.scope, self.journal, self.positions) = (scope, journal, positions)
    }

    package var bytes: [UInt8] {
        var out = Dundian_V1_Probe()
        out.scope = Data(scope.bytes)
        out.journal = journal.rawValue
        out.positions = positions.map(\.rawValue)
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_Probe.self, bytes) {
            guard $0.positions.count <= Limits.positionsPerProbe else { throw Malformed("too many positions in a probe") }
            return Probe(
                scope: try ScopeID(wire: $0.scope), journal: JournalID(rawValue: $0.journal),
                positions: try $0.positions.map { try Position(wire: $0) })
        }
    }
}

package struct ProbeAnswer: Hashable, Sendable {
    package var hashes: [Hash?]
    package init(hashes: [Hash?]) { self.hashes = hashes }

    package var bytes: [UInt8] {
        var out = Dundian_V1_ProbeAnswer()
        out.hashes = hashes.map { Data($0?.bytes ?? []) }
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_ProbeAnswer.self, bytes) { message in
            ProbeAnswer(hashes: try message.hashes.map { $0.isEmpty ? nil : try Hash(wire: $0) })
        }
    }
}

/// The catalogue in force, as the service has it.
package struct CatalogueMessage: Hashable, Sendable {
    package var file: [UInt8]
    package init(file: [UInt8]) { self.file = file }

    package var bytes: [UInt8] {
        var out = Dundian_V1_CatalogueFile()
        out.file = Data(file)
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_CatalogueFile.self, bytes) { CatalogueMessage(file: Array($0.file)) }
    }
}

package struct NonceMessage: Hashable, Sendable {
    package var nonce: [UInt8]
    package init(nonce: [UInt8]) { self.nonce = nonce }

    package var bytes: [UInt8] {
        var out = Dundian_V1_Nonce()
        out.nonce = Data(nonce)
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_Nonce.self, bytes) { NonceMessage(nonce: Array($0.nonce)) }
    }
}

package struct JoinMessage: Hashable, Sendable {
    package var lookup: [UInt8]
    package var key: PublicKey
    package var deviceName: String
    package var proof: [UInt8]
    package var agreement: AgreementKey?
    package init(lookup: [UInt8], key: PublicKey, deviceName: String, proof: [UInt8], agreement: AgreementKey?) {
        (self.lookup, self.key, self.deviceName, self.proof) = (lookup, key, deviceName, proof)
        self.agreement = agreement
    }

    package var bytes: [UInt8] {
        var out = Dundian_V1_Join()
        out.lookup = Data(lookup)
        out.deviceKey = Data(key.bytes)
        out.deviceName = deviceName
        out.proof = Data(proof)
        if let agreement { out.agreement = Data(agreement.bytes) }
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_Join.self, bytes) {
            JoinMessage(
                lookup: Array($0.lookup), key: try PublicKey(wire: $0.deviceKey), deviceName: $0.deviceName,
                proof: Array($0.proof), agreement: try AgreementKey(wire: $0.agreement))
        }
    }
}

package struct JoinAnswer: Hashable, Sendable {
    package var roster: UnverifiedRoster
    package init(roster: UnverifiedRoster) { self.roster = roster }

    package var bytes: [UInt8] {
        var out = Dundian_V1_JoinAnswer()
        out.roster = roster.message
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_JoinAnswer.self, bytes) { JoinAnswer(roster: UnverifiedRoster($0.roster)) }
    }
}

package struct SignInMessage: Hashable, Sendable {
    package var key: PublicKey
    package var ephemeral: [UInt8]
    package var agreement: AgreementKey?
    package init(key: PublicKey, ephemeral: [UInt8], agreement: AgreementKey?) {
        (self.key, self.ephemeral, self.agreement) = (key, ephemeral, agreement)
    }

    package var bytes: [UInt8] {
        var out = Dundian_V1_SignIn()
        out.deviceKey = Data(key.bytes)
        out.ephemeral = Data(ephemeral)
        if let agreement { out.agreement = Data(agreement.bytes) }
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_SignIn.self, bytes) {
            SignInMessage(
                key: try PublicKey(wire: $0.deviceKey), ephemeral: Array($0.ephemeral),
                agreement: try AgreementKey(wire: $0.agreement))
        }
    }
}

package struct SignInAnswer: Hashable, Sendable {
    package var session: [UInt8]
    package var ephemeral: [UInt8]
    package var signature: [UInt8]
    package init(session: [UInt8], ephemeral: [UInt8], signature: [UInt8]) {
        (self.session, self.ephemeral, self.signature) = (session, ephemeral, signature)
    }

    package var bytes: [UInt8] {
        var out = Dundian_V1_SignInAnswer()
        out.session = Data(session)
        out.ephemeral = Data(ephemeral)
        out.signature = Data(signature)
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_SignInAnswer.self, bytes) {
            SignInAnswer(session: Array($0.session), ephemeral: Array($0.ephemeral), signature: Array($0.signature))
        }
    }
}

// MARK: Mapping

/// Decodes a message and maps it; anything wrong on the way is one kind of error.
func decoding<M: Message, T>(_ type: M.Type, _ bytes: [UInt8], _ map: (M) throws -> T) throws(Malformed) -> T {
    do { return try map(try M(serializedBytes: bytes)) } catch let malformed as Malformed { throw malformed } catch {
        throw Malformed("\(M.protoMessageName) does not decode")
    }
}

extension Message {
    /// The encoded message. Encoding proto3 messages to memory has no way to fail.
    var bytes: [UInt8] { (try? serializedBytes()) ?? [] }
}

extension ScopeID {
    init(wire data: Data) throws(Malformed) {
        guard let id = ScopeID(bytes: data) else { throw Malformed("a scope id has 16 bytes") }
        self = id
    }
}

extension Hash {
    init(wire data: Data) throws(Malformed) {
        guard let hash = Hash(Array(data)) else { throw Malformed("a hash has 32 bytes") }
        self = hash
    }
}

extension Position {
    /// A position from 1 to the last there can be.
    init(wire value: UInt64) throws(Malformed) {
        guard value > 0, value <= Position.limit.rawValue else { throw Malformed("there is no position \(value)") }
        self.init(rawValue: value)
    }
}

extension PublicKey {
    init(wire data: Data) throws(Malformed) {
        guard let key = PublicKey(Array(data)) else { throw Malformed("a public key has 32 bytes") }
        self = key
    }
}

extension AgreementKey {
    /// Nil where none was said.
    init?(wire data: Data) throws(Malformed) {
        if data.isEmpty { return nil }
        guard let key = AgreementKey(Array(data)) else { throw Malformed("an agreement key has 32 bytes") }
        self = key
    }
}

extension Dundian_V1_Head {
    init(_ head: Head) {
        journal = head.journal.rawValue
        position = head.position.rawValue
        hash = Data(head.hash.bytes)
    }
}

extension Head {
    init(_ message: Dundian_V1_Head) throws(Malformed) {
        guard message.journal != 0 else { throw Malformed("a journal id is not 0") }
        self.init(
            journal: JournalID(rawValue: message.journal), position: try Position(wire: message.position),
            hash: try Hash(wire: message.hash))
    }
}

extension Dundian_V1_Partial {
    fileprivate init(_ partial: Partial) {
        length = UInt32(partial.length)
        held = UInt32(partial.held)
        digest = Data(partial.digest.bytes)
    }
}

extension Partial {
    fileprivate init(_ message: Dundian_V1_Partial) throws(Malformed) {
        guard message.length <= Limits.messageBytes, message.held < message.length else {
            throw Malformed("a partial message of \(message.length) bytes")
        }
        self.init(length: Int(message.length), held: Int(message.held), digest: try Hash(wire: message.digest))
    }
}

extension ExchangeMessage {
    package var bytes: [UInt8] {
        var out = Dundian_V1_Message()
        switch self {
        case .opening(let opening):
            out.opening.scope = Data(opening.scope.bytes)
            out.opening.heads = opening.heads.map(Dundian_V1_Head.init)
            out.opening.zstd = opening.zstd
            if let partial = opening.partial { out.opening.partial = Dundian_V1_Partial(partial) }
            out.opening.lacking = opening.lacking.map(Dundian_V1_Lacking.init)
        case .proof(let proof): out.proof = proof.message
        case .frame(let frame):
            out.frame.scope = Data(frame.scope.bytes)
            switch frame.body {
            case .plain(let bytes): out.frame.plain = Data(bytes)
            case .zstd(let bytes): out.frame.zstd = Data(bytes)
            }
        case .refusal(let refusal):
            out.refusal.scope = Data(refusal.scope.bytes)
            out.refusal.journal = refusal.journal.rawValue
            out.refusal.position = refusal.position.rawValue
            out.refusal.code = refusal.code
            out.refusal.detail = refusal.detail
        case .divergence(let divergence):
            out.divergence.scope = Data(divergence.scope.bytes)
            out.divergence.journal = divergence.journal.rawValue
            out.divergence.position = divergence.position.rawValue
        case .receipt(let receipt):
            out.receipt.statement = Data(receipt.statement)
            out.receipt.signature = Data(receipt.signature)
        case .continuation(let rest): out.continuation.rest = Data(rest)
        case .end: out.end = Dundian_V1_End()
        }
        return out.bytes
    }

    /// Nil for a kind of message this version does not know: it is passed over.
    package static func decode(_ bytes: [UInt8]) throws(Malformed) -> ExchangeMessage? {
        try decoding(Dundian_V1_Message.self, bytes) { message in
            switch message.kind {
            case .opening(let opening)?:
                guard opening.heads.count <= Limits.headsPerMessage else { throw Malformed("too many heads in a message") }
                return .opening(
                    Opening(
                        scope: try ScopeID(wire: opening.scope), heads: try opening.heads.map { try Head($0) },
                        zstd: opening.zstd, partial: opening.hasPartial ? try Partial(opening.partial) : nil,
                        lacking: try [Dot](opening.lacking)))
            case .proof(let proof)?: return .proof(try UnverifiedForkProof(proof))
            case .frame(let frame)?:
                return .frame(
                    UnverifiedFrame(
                        scope: try ScopeID(wire: frame.scope),
                        body: frame.zstd.isEmpty ? .plain(Array(frame.plain)) : .zstd(Array(frame.zstd))))
            case .refusal(let refusal)?:
                return .refusal(
                    Refusal(
                        scope: try ScopeID(wire: refusal.scope), journal: JournalID(rawValue: refusal.journal),
                        position: try Position(wire: max(1, refusal.position)), code: refusal.code, detail: refusal.detail))
            case .divergence(let divergence)?:
                return .divergence(
                    Divergence(
                        scope: try ScopeID(wire: divergence.scope), journal: JournalID(rawValue: divergence.journal),
                        position: try Position(wire: divergence.position)))
            case .receipt(let receipt)?:
                return .receipt(UnverifiedReceipt(statement: Array(receipt.statement), signature: Array(receipt.signature)))
            case .continuation(let continuation)?: return .continuation(Array(continuation.rest))
            case .end?: return .end
            case nil: return nil
            }
        }
    }
}

extension UnverifiedForkProof {
    package var bytes: [UInt8] { message.bytes }

    fileprivate var message: Dundian_V1_ForkProof {
        var out = Dundian_V1_ForkProof()
        out.scope = Data(scope.bytes)
        out.journal = journal.rawValue
        out.replica = replica.rawValue
        out.position = position.rawValue
        out.branches = branches.map { branch in
            var item = Dundian_V1_Branch()
            item.headers = branch.headers.map { Data($0) }
            item.signature = Data(branch.signature)
            item.birth = Data(branch.birth)
            return item
        }
        return out
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_ForkProof.self, bytes) { try UnverifiedForkProof($0) }
    }

    fileprivate init(_ message: Dundian_V1_ForkProof) throws {
        self.init(
            scope: try ScopeID(wire: message.scope), journal: JournalID(rawValue: message.journal),
            replica: ReplicaID(rawValue: message.replica), position: try Position(wire: message.position),
            branches: message.branches.map {
                ForkBranch(headers: $0.headers.map { Array($0) }, signature: Array($0.signature), birth: Array($0.birth))
            })
    }
}
