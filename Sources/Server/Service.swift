// The central service: its routes, and who is let in. Which store stands behind the replica it does not know.

import Access
package import Attachments
import Causality
import Dispatch
import HTTPTypes
package import Hummingbird
package import Journals
import Logging
package import Replicas
import Supervision
import Sync
import Synchronization
package import Wire

package struct Service: Sendable {
    private let replica: Replica
    private let authority: Authority
    private let signer: any Signer
    private let compression: any StreamCompression
    private let sessions: Sessions
    private let lanes = Lanes("dundian.store")
    private let attachments: AttachmentHost
    private let numbered: [NumberedType]
    private let logger = Logger(label: "dundian.exchange")
    private let rosterAtStart: RosterVersion

    package init(
        replica: Replica, authority: Authority, signer: any Signer, compression: any StreamCompression,
        attachments: any AttachmentVault = MemoryVault()
    ) {
        (self.replica, self.authority, self.signer) = (replica, authority, signer)
        self.compression = compression
        numbered = authority.numbered
        self.attachments = AttachmentHost(replica: replica, vault: attachments)
        sessions = Sessions(clock: replica.clock) { [entropy = replica.entropy] in entropy.bytes($0) }
        rosterAtStart = RosterVersion((try? replica.roster())?.roster.version ?? 0)
    }

    /// The roster version this service began with, or was brought.
    private final class RosterVersion: Sendable {
        private let version: Mutex<UInt32>
        init(_ version: UInt32) { self.version = Mutex(version) }
        func withLock<T>(_ body: (inout sending UInt32) -> sending T) -> T { version.withLock(body) }
    }

    package func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ProblemMiddleware())
        router.get("/") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: "蹲点中心服务 · Dundian central service\n")))
        }
        router.post("/v1/nonce") { _, _ in
            protobuf(NonceMessage(nonce: sessions.nonce()).bytes)
        }
        router.post("/v1/join") { request, _ in try await join(request) }
        router.post("/v1/sign-in") { request, _ in try await signIn(request) }
        router.post("/v1/hello") { request, _ in
            let (device, body) = try await authenticated(request)
            let hello = try HelloMessage(bytes: body)
            if hello.newer != nil { try await takeRoster(from: hello) }
            let answer = try await news(for: hello, of: device, waitingSeconds: request.headers.waitSeconds)
            return protobuf(answer.bytes, for: request)
        }
        router.post("/v1/knowledge") { request, _ in
            let (device, body) = try await authenticated(request)
            let message = try KnowledgeRequest(bytes: body)
            return protobuf(
                try await blocking {
                    try demand(message.scope, of: device)
                    return try replica.answer(message).bytes
                }, for: request)
        }
        router.post("/v1/probe") { request, _ in
            let (device, body) = try await authenticated(request)
            let probe = try Probe(bytes: body)
            return protobuf(
                try await blocking {
                    try demand(probe.scope, of: device)
                    return try replica.answer(probe).bytes
                })
        }
        router.post("/v1/exchange") { request, _ in try await exchange(request) }
        router.post("/v1/catalogue") { request, _ in
            _ = try await authenticated(request)
            return protobuf(CatalogueMessage(file: authority.catalogue.bytes).bytes, for: request)
        }
        router.post("/v1/attachments/holdings") { request, _ in
            let (device, body) = try await authenticated(request)
            let query = try AttachmentQuery(bytes: body)
            return protobuf(
                try await blocking {
                    try demand(query.scope, of: device)
                    return try attachments.answer(query).bytes
                }, for: request)
        }
        router.post("/v1/attachments/put") { request, _ in
            let (device, body) = try await authenticated(request)
            let piece = try AttachmentPiece(bytes: body)
            return protobuf(
                try await blocking {
                    try demand(piece.scope, of: device)
                    return try attachments.take(piece).bytes
                })
        }
        router.post("/v1/attachments/get") { request, _ in
            let (device, body) = try await authenticated(request)
            let read = try AttachmentRead(bytes: body)
            // Photos and scans are compressed already.
            return protobuf(
                try await blocking {
                    try demand(read.scope, of: device)
                    return try attachments.give(read).bytes
                })
        }
        return router
    }

    /// Runs what blocks on the disk off the threads that serve the network.
    private func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await lanes.run(body)
    }

    /// An answer, compressed where that helps and the client can read it. It also says what the service can read in requests.
    private func protobuf(_ bytes: [UInt8], for request: Request? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/x-protobuf"]
        if !compression.codings.isEmpty { headers[.acceptEncoding] = compression.codings.joined(separator: ", ") }
        var body = bytes
        if bytes.count > 1_024, let (coding, encoder) = encoder(for: request) {
            body = encoder.encode(bytes) + encoder.finish()
            headers[.contentEncoding] = coding
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    private func encoder(for request: Request?) -> (coding: String, encoder: any StreamEncoder)? {
        guard let accepted = request?.headers[.acceptEncoding], let coding = compression.coding(acceptedBy: accepted),
            let encoder = compression.encoder(coding, pieceBytes: NoCompression.smallPieceBytes)
        else { return nil }
        return (coding, encoder)
    }

    /// Numbers what is ready in these scopes. What cannot be numbered now, as on a full disk, keeps no laptop from syncing.
    private func giveNumbers(in scopes: [ScopeID]) async {
        do {
            let given = try await blocking { [numbered] in try scopes.reduce(0) { try $0 + replica.giveNumbers(in: $1, numbered) } }
            if given > 0 { logger.info("numbers given", metadata: ["count": "\(given)"]) }
        } catch { logger.warning("numbers could not be given", metadata: ["reason": "\(error)"]) }
    }

    /// Numbers what was ready when the service was last killed, or was not looked at for another reason.
    package func catchUpNumbers() async throws {
        let scopes = try await blocking { [numbered] in
            numbered.isEmpty ? [] : try authority.roster().scopes.map(\.id)
        }
        await giveNumbers(in: scopes)
    }

    /// Removes the contents of attachments that no record has told of for so many days.
    package func tidyAttachments(afterDays days: Int) async throws -> Int {
        try await blocking { try attachments.tidy(grace: Int64(days) * 86_400_000).count }
    }

    // MARK: Hello

    /// Takes in a newer roster that a laptop brings back, unless somebody has changed the one here since this began, whose change would be gone without
    /// a word; or it names record types that are not here, which this service would then sign away.
    private func takeRoster(from hello: HelloMessage) async throws {
        let (known, types) = (rosterAtStart, authority.catalogueHash)
        let isTaken = try await blocking {
            try replica.takeRoster(from: hello) { current, next in
                known.withLock { $0 == current.version } && next.catalogue == types
            }
        }
        if isTaken {
            rosterAtStart.withLock { $0 = hello.roster }
            logger.notice("a laptop brought back a newer roster", metadata: ["version": "\(hello.roster)"])
        } else {
            logger.warning(
                "a laptop has a newer roster, which was not taken: it does not continue this one, this one was changed since the service began, or it names other record types (catalogue.json)",
                metadata: ["version": "\(hello.roster)"])
        }
    }

    /// The longest a request is kept waiting for news.
    private static let waitSecondsMax = 120
    /// How often a waiting request looks by itself: what another process of this service changed tells nobody.
    private static let lookSeconds = 5

    /// What is new for a device; if nothing is, the answer is kept back until something is, or the time is over.
    package func news(for hello: HelloMessage, of device: PublicKey, waitingSeconds: Int) async throws -> HelloAnswer {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(min(max(0, waitingSeconds), Self.waitSecondsMax))
        var isNoted = false
        while true {
            // Asked for before each look, so that no change falls between; a stream whose reader was cancelled has ended.
            let changes = replica.changes()
            let answer = try await blocking {
                try replica.answer(hello, granted: granted(device), device: device, tellsLacking: waitingSeconds == 0)
            }
            if !isNoted { await noteContact(with: device, isWhole: answer.differing.isEmpty) }
            isNoted = true
            let left = end - clock.now
            if answer.hasNews || left <= .zero { return answer }
            await withTaskGroup { group in
                group.addTask { for await _ in changes { return } }
                group.addTask { try? await Task.sleep(for: min(left, .seconds(Self.lookSeconds))) }
                await group.next()
                group.cancelAll()
            }
            try Task.checkCancellation()
        }
    }

    /// Notes when a device was heard of. What cannot be noted, as on a full disk, keeps no laptop from syncing.
    private func noteContact(with device: PublicKey, isWhole: Bool) async {
        do { try await blocking { try Contact.note(device, isWhole: isWhole, in: replica) } } catch {
            Logger(label: "dundian-server").warning("a contact was not noted", metadata: ["reason": "\(error)"])
        }
    }

    // MARK: Access

    private func granted(_ device: PublicKey) throws -> [ScopeID] {
        try authority.roster().scopes(of: device).map(\.id)
    }

    private func demand(_ scope: ScopeID, of device: PublicKey) throws {
        guard try granted(device).contains(scope) else { throw Problem(.scopeNotGranted, "\(scope)") }
    }

    private func body(of request: Request) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Limits.requestBytes {
            throw Problem(.tooLarge, "\(length) bytes")
        }
        do {
            let buffer = try await request.body.collect(upTo: Limits.requestBytes)
            return Array(buffer.readableBytesView)
        } catch { throw Problem(.tooLarge, "more than \(Limits.requestBytes) bytes") }
    }

    private func signature(
        of request: Request, covered: RequestSignature.Covered, tag: String, algorithm: String
    ) throws -> ReceivedSignature {
        guard
            let signature = ReceivedSignature(
                input: request.headers[.signatureInput], signature: request.headers[.signature], covered: covered),
            signature.tag == tag, signature.algorithm == algorithm
        else { throw Problem(.signatureInvalid, "signature-input does not cover what it must") }
        return signature
    }

    /// A request within a session, checked: who sent it, and its body.
    private func authenticated(_ request: Request) async throws -> (device: PublicKey, body: [UInt8]) {
        let signature = try signature(
            of: request, covered: .body, tag: "dundian-session", algorithm: "hmac-sha256")
        let body = try await body(of: request)
        let digest = RequestSignature.digest(of: body)
        guard request.headers[.contentDigest] == digest else { throw Problem(.signatureInvalid, "content-digest") }
        let path = request.uri.path
        let device = try await blocking { try self.device(of: signature, path: path, covered: .body, digest: digest) }
        return (device, body)
    }

    /// The device a session signature is from. Uses up the signature's counter.
    private func device(
        of signature: ReceivedSignature, path: String, covered: RequestSignature.Covered, digest: String
    ) throws -> PublicKey {
        guard let id = Hex.bytes(signature.keyID), let session = sessions.session(id) else { throw Problem(.sessionUnknown) }
        let base = RequestSignature.base(path: path, covered: covered, digest: digest, parameters: signature.parameters)
        guard RequestSignature.isMAC(signature.signature, of: base, key: session.key) else { throw Problem(.signatureInvalid) }
        guard let counter = UInt64(signature.nonce), sessions.accept(counter, of: id) else { throw Problem(.nonceUnknown) }
        guard try authority.roster().device(session.device) != nil else { throw Problem(.deviceUnknown) }
        return session.device
    }

    /// Checks a request signed by a device key over a nonce of ours, and gives the nonce.
    private func deviceNonce(_ request: Request, body: [UInt8], key: PublicKey) throws -> [UInt8] {
        let signature = try signature(of: request, covered: .body, tag: "dundian-device", algorithm: "ed25519")
        let digest = RequestSignature.digest(of: body)
        guard request.headers[.contentDigest] == digest, signature.keyID == key.description else {
            throw Problem(.signatureInvalid, "content-digest or keyid")
        }
        let base = RequestSignature.base(
            path: request.uri.path, covered: .body, digest: digest, parameters: signature.parameters)
        guard key.verifies(signature.signature, over: base) else { throw Problem(.signatureInvalid) }
        guard let nonce = Hex.bytes(signature.nonce), sessions.redeem(nonce) else { throw Problem(.nonceUnknown) }
        return nonce
    }

    private func join(_ request: Request) async throws -> Response {
        guard sessions.mayTry else { throw Problem(.tooManyAttempts) }
        let bytes = try await body(of: request)
        let message = try JoinMessage(bytes: bytes)
        let nonce = try deviceNonce(request, body: bytes, key: message.key)
        do {
            let roster = try await blocking { try authority.admit(message, nonce: nonce) }
            return protobuf(JoinAnswer(roster: roster.unverified).bytes)
        } catch let problem as Problem {
            sessions.noteFailure()
            throw problem
        }
    }

    private func signIn(_ request: Request) async throws -> Response {
        let bytes = try await body(of: request)
        let message = try SignInMessage(bytes: bytes)
        let nonce = try deviceNonce(request, body: bytes, key: message.key)
        let roster = try await blocking { try authority.roster() }
        guard roster.device(message.key) != nil else { throw Problem(.deviceUnknown) }
        try await blocking { try authority.note(message.agreement, of: message.key) }
        let ephemeral = SessionKey.ephemeral()
        let session = replica.entropy.bytes(16)
        guard
            let key = SessionKey.derive(
                secret: ephemeral.secret, other: message.ephemeral, nonce: nonce, device: message.key, service: signer.publicKey)
        else { throw Problem(.badRequest, "the ephemeral key is no key") }
        let transcript = SessionKey.transcript(
            nonce: nonce, device: message.key, clientEphemeral: message.ephemeral, serviceEphemeral: ephemeral.public,
            session: session)
        sessions.open(device: message.key, key: key, id: session)
        let answer = SignInAnswer(
            session: session, ephemeral: ephemeral.public, signature: try signer.sign(.signedSignIn, transcript))
        return protobuf(answer.bytes)
    }

    // MARK: Exchange

    /// One exchange in memory: the machine, used by one thread at a time.
    private final class Conversation: Sendable {
        struct State {
            var machine: ExchangeServer
            /// Of the laptop's stream, if it is compressed, and of the answer's.
            let decoder: (any StreamDecoder)?
            let encoder: (any StreamEncoder)?
            var isClosed = false

            mutating func received(_ bytes: some Collection<UInt8>, verifyOpening: ([UInt8]) throws -> Void) throws {
                guard let decoder else { return try machine.received(bytes, verifyOpening: verifyOpening) }
                try decoder.decode(bytes) { try machine.received($0, verifyOpening: verifyOpening) }
            }

            mutating func nextChunk(granted: [ScopeID]) throws -> [UInt8]? {
                guard !isClosed else { return nil }
                if let chunk = try machine.nextChunk(granted: granted) { return encoder?.encode(chunk) ?? chunk }
                isClosed = true
                return encoder?.finish()
            }
        }
        // The codecs are used under the lock alone.
        private struct Guarded: @unchecked Sendable { var state: State }
        private let guarded: Mutex<Guarded>

        init(_ machine: ExchangeServer, decoder: (any StreamDecoder)?, encoder: (any StreamEncoder)?) {
            guarded = Mutex(Guarded(state: State(machine: machine, decoder: decoder, encoder: encoder)))
        }

        func withLock<T>(_ body: (inout State) throws -> sending T) rethrows -> sending T {
            try guarded.withLock { try body(&$0.state) }
        }
    }

    private func exchange(_ request: Request) async throws -> Response {
        let signature = try signature(
            of: request, covered: .opening, tag: "dundian-session", algorithm: "hmac-sha256")
        guard let digest = request.headers[.dundianOpening] else { throw Problem(.signatureInvalid, "dundian-opening") }
        let path = request.uri.path
        let (device, granted) = try await blocking {
            let device = try self.device(of: signature, path: path, covered: .opening, digest: digest)
            return (device, try self.granted(device))
        }
        var decoder: (any StreamDecoder)?
        if let coding = request.headers[.contentEncoding] {
            decoder = compression.decoder(coding)
            guard decoder != nil else { throw Problem(.badRequest, "content-encoding \(coding)") }
        }
        let coded = encoder(for: request)
        let conversation = Conversation(
            ExchangeServer(
                replica: replica, device: device, granted: granted, signer: signer,
                compression: coded == nil ? compression : NoCompression()), decoder: decoder, encoder: coded?.encoder)
        let start = ContinuousClock.now
        var received = 0
        do {
            for try await buffer in request.body {
                received += buffer.readableBytes
                try await blocking {
                    try conversation.withLock { state in
                        try state.received(buffer.readableBytesView) { opening in
                            guard RequestSignature.digest(of: opening) == digest else {
                                throw Problem(.signatureInvalid, "the openings are not the ones signed")
                            }
                        }
                    }
                }
            }
        } catch {
            try await blocking { try conversation.withLock { try $0.machine.finish() } }
            throw error
        }
        guard conversation.withLock({ $0.machine.isEnded }) else { throw ExchangeBroken(reason: .cut) }
        // What became ready with this is numbered before the answer, which then carries the numbers along.
        await giveNumbers(in: granted)
        var headers: HTTPFields = [.contentType: "application/x-dundian-stream"]
        if let coding = coded?.coding { headers[.contentEncoding] = coding }
        let bytesReceived = received
        return Response(
            status: .ok, headers: headers,
            body: .init { writer in
                var sent = 0
                while let chunk = try await blocking({
                    // On a slow link an answer takes long enough for a grant to be withdrawn meanwhile.
                    let granted = try self.granted(device)
                    return try conversation.withLock { try $0.nextChunk(granted: granted) }
                }) {
                    // By its first piece the answer has said what was taken: whatever becomes of the rest, the laptop's work is here.
                    if sent == 0, conversation.withLock({ $0.machine.holdsAllOfPeer }) {
                        await noteContact(with: device, isWhole: true)
                    }
                    sent += chunk.count
                    try await writer.write(ByteBuffer(bytes: chunk))
                }
                try await writer.finish(nil)
                // Of whom and about what stays unsaid: a log is read by more people than the records are.
                logger.info(
                    "exchange",
                    metadata: [
                        "scopes": "\(granted.count)", "bytes-received": "\(bytesReceived)", "bytes-sent": "\(sent)",
                        "milliseconds": "\(Int((ContinuousClock.now - start) / .milliseconds(1)))",
                    ])
            })
    }
}

extension HTTPFields {
    /// How long a client is willing to wait for an answer (`prefer: wait=N`, RFC 7240); 0 unless it says so.
    fileprivate var waitSeconds: Int {
        let preferences = self[.prefer]?.split(separator: ",").map { $0.filter { $0 != " " } } ?? []
        return preferences.lazy.compactMap { $0.hasPrefix("wait=") ? Int($0.dropFirst(5)) : nil }.first ?? 0
    }
}

/// Turns whatever goes wrong into a problem answer.
private struct ProblemMiddleware: RouterMiddleware {
    typealias Context = BasicRequestContext

    @concurrent func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        let language: Language = request.headers[.acceptLanguage]?.hasPrefix("en") == true ? .english : .chinese
        do { return try await next(request, context) } catch {
            if let http = error as? HTTPError, http.status == .notFound { return Problem(.notFound).response(in: language) }
            let problem = Problem(error)
            if problem.code == .internal { context.logger.error("\(request.uri.path): \(error)") }
            return problem.response(in: language)
        }
    }
}

// Names written here are tokens, so the forces cannot fail.
// swift-format-ignore: NeverForceUnwrap
extension HTTPField.Name {
    fileprivate static let signature = Self("signature")!
    fileprivate static let signatureInput = Self("signature-input")!
    fileprivate static let contentDigest = Self("content-digest")!
    fileprivate static let prefer = Self("prefer")!
    fileprivate static let dundianOpening = Self("dundian-opening")!
}
