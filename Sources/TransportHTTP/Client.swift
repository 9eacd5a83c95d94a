// The laptop's way to a service over HTTP: joining, signing in, syncing. The talking is Sync's; here are only requests, signatures
// and what can go wrong on the way.

import Access
import Causality
package import Journals
package import Replicas
public import Sync
package import Wire

import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder

/// What went wrong between here and the service.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// No connection, or it broke before an answer.
        case unreachable
        /// The stream was cut. What came whole is kept.
        case cut
        /// What answered is not a Dundian service: a captive portal, a proxy's page, another program.
        case notDundian = "not-dundian"
        /// The service answered with a problem; `problem` has its code.
        case refused
        /// The service's answers contradict each other, or its key is not the one expected.
        case distrusted
        case joinCodeMalformed = "join-code-malformed"
        case urlMalformed = "url-malformed"
    }

    public var code: Code
    /// The code of the service's problem answer, as `join-code-used`.
    public var problem: String?
    public var message: String
    public var next: String

    public init(_ code: Code, problem: String? = nil, message: String, next: String) {
        (self.code, self.problem, self.message, self.next) = (code, problem, message, next)
    }

    public var description: String { "\(message) \(next)" }
}

/// A service somewhere, and this replica's business with it.
public final class ServiceClient {
    private let base: String
    private let replica: Replica
    private let signer: any Signer
    private let compression: any FrameCompression
    private let software: String
    private let language: String

    /// - Parameters:
    ///   - url: where the service is, as `https://centre.example:8443`.
    ///   - language: in which the service should explain what it refuses, `zh` or `en`.
    package init(
        url: String, replica: Replica, signer: any Signer, compression: any FrameCompression, software: String,
        language: String
    ) throws(TransportError) {
        guard url.hasPrefix("https://") || url.hasPrefix("http://"), url.count > 8 else {
            throw TransportError(
                .urlMalformed, message: "\(url) is not the address of a service.",
                next: "Give it as the administrator wrote it, beginning with https://.")
        }
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        (self.replica, self.signer) = (replica, signer)
        (self.compression, self.software) = (compression, software)
        self.language = language
    }

    // MARK: Join

    /// Joins with a one-time code: the service puts this device's key on its roster, and the roster comes back.
    public func join(code text: String, deviceName: String) throws {
        guard let code = JoinCode(text) else {
            throw TransportError(
                .joinCodeMalformed, message: "That is not a join code: a code has 24 letters and digits.",
                next: "Check it against what the administrator gave you; hyphens and capitals do not matter.")
        }
        let nonce = try nonce()
        let key = JoinProof.key(secret: code.secret)
        let message = JoinMessage(
            lookup: JoinProof.lookup(key: key), key: signer.publicKey, deviceName: deviceName,
            proof: JoinProof.proof(key: key, nonce: nonce, device: signer.publicKey, name: deviceName),
            agreement: signer.agreement)
        let answer = try JoinAnswer(bytes: try postSigned("/v1/join", message.bytes, nonce: nonce))
        let root = try answer.roster.claimedRoot()
        guard root.fingerprint == code.fingerprint else {
            throw TransportError(
                .distrusted, message: "The service at \(base) is not the one the join code is from.",
                next: "Nothing was joined. Check the address; if it is right, tell the administrator.")
        }
        let roster = try answer.roster.verified(by: root)
        guard roster.roster.device(signer.publicKey) != nil else {
            throw TransportError(
                .distrusted, message: "The service's roster does not list this device.",
                next: "Nothing was joined. Ask the administrator for a new code.")
        }
        try replica.accept(roster)
    }

    // MARK: Sync

    /// Brings this replica and the service together.
    public func sync() throws -> SyncSummary {
        do { return try converse() } catch { throw explained(error) }
    }

    private func converse() throws -> SyncSummary {
        var machine = SyncClient(replica: replica, compression: compression, software: software)
        var step = try machine.start()
        while true {
            switch step {
            case .request(let path, let body): step = try machine.answered(try post(path, body))
            case .exchange(let exchange): step = try machine.exchanged(try run(exchange))
            case .finished(let summary): return summary
            }
        }
    }

    /// One exchange. An exchange that breaks keeps what came whole and then says that it was cut.
    private func run(_ exchange: ExchangeClient) throws -> ExchangeClient {
        var exchange = exchange
        var retried = false
        while true {
            var session = try currentSession()
            var opening: [UInt8]? = exchange.opening
            var sending = exchange
            var problem: [UInt8] = []
            let digest = RequestSignature.digest(of: exchange.opening)
            let headers =
                [
                    ("content-type", "application/x-dundian-stream"), ("accept-language", language), ("dundian-opening", digest),
                ] + (try session.sign("/v1/exchange", covered: .opening, digest: digest, replica: replica))
            do {
                let answer = try Curl().post(
                    base + "/v1/exchange", headers: headers,
                    source: {
                        if let first = opening {
                            opening = nil
                            return first
                        }
                        return try sending.nextChunk()
                    },
                    sink: { answer, chunk in
                        if answer.status == 200, answer.contentType.hasPrefix("application/x-dundian-stream") {
                            try sending.received(chunk)
                        } else {
                            problem += chunk.prefix(Limits.answerBytes - problem.count)
                        }
                    })
                try sending.finish()
                if answer.status == 401, !retried {
                    retried = true
                    try replica.forgetSession()
                    continue
                }
                try check(answer, problem, stream: true)
                exchange = sending
            } catch let failure as CurlFailure {
                try sending.finish()
                throw broken(failure, kept: sending.report.stored)
            } catch {
                // A malformed or mistimed message: what was whole before it is kept.
                try sending.finish()
                throw explained(error)
            }
            guard exchange.isComplete else {
                throw broken(CurlFailure(code: 18, message: "the stream ended early"), kept: exchange.report.stored)
            }
            return exchange
        }
    }

    private func broken(_ failure: CurlFailure, kept: Int) -> TransportError {
        TransportError(
            failure.code == 7 || failure.code == 6 || failure.code == 5 ? .unreachable : .cut,
            message: "The exchange with \(base) broke off: \(failure.message).",
            next: "\(kept) new entries that had come whole are kept, nothing is lost. Sync again when the link is back.")
    }

    // MARK: Requests

    private func nonce() throws -> [UInt8] {
        try NonceMessage(bytes: try exchangeBytes("/v1/nonce", [], headers: [])).nonce
    }

    /// A request signed by the device key, over a nonce of the service's.
    private func postSigned(_ path: String, _ body: [UInt8], nonce: [UInt8]) throws -> [UInt8] {
        let digest = RequestSignature.digest(of: body)
        let parameters = RequestSignature.parameters(
            covered: .body, nonce: Hex.string(nonce), key: signer.publicKey.description, algorithm: "ed25519",
            tag: "dundian-device")
        let signature = try signer.signature(
            over: RequestSignature.base(path: path, covered: .body, digest: digest, parameters: parameters))
        return try exchangeBytes(
            path, body,
            headers: [
                ("content-digest", digest), ("signature-input", "dundian=\(parameters)"),
                ("signature", RequestSignature.header(signature)),
            ])
    }

    /// A request within the session; a session the service no longer knows is made anew, once.
    private func post(_ path: String, _ body: [UInt8]) throws -> [UInt8] {
        let digest = RequestSignature.digest(of: body)
        for attempt in 0... {
            var session = try currentSession()
            let headers = try session.sign(path, covered: .body, digest: digest, replica: replica)
            do {
                return try exchangeBytes(path, body, headers: [("content-digest", digest)] + headers)
            } catch let error as TransportError {
                guard attempt == 0, error.problem == "session-unknown" || error.problem == "nonce-unknown" else { throw error }
                try replica.forgetSession()
            }
        }
        preconditionFailure("the loop returns or throws")
    }

    private func currentSession() throws -> Session {
        if let session = try replica.session() { return session }
        guard let roster = try replica.roster()?.roster else {
            throw ReplicaError(
                .notJoined, message: "This replica has not joined a service.", next: "Run: dundian join URL CODE")
        }
        let nonce = try nonce()
        let ephemeral = SessionKey.ephemeral()
        let message = SignInMessage(key: signer.publicKey, ephemeral: ephemeral.public, agreement: signer.agreement)
        let answer = try SignInAnswer(bytes: try postSigned("/v1/sign-in", message.bytes, nonce: nonce))
        let transcript = SessionKey.transcript(
            nonce: nonce, device: signer.publicKey, clientEphemeral: ephemeral.public, serviceEphemeral: answer.ephemeral,
            session: answer.session)
        guard roster.service.verifies(answer.signature, .signedSignIn, transcript),
            let key = SessionKey.derive(
                secret: ephemeral.secret, other: answer.ephemeral, nonce: nonce, device: signer.publicKey, service: roster.service)
        else {
            throw TransportError(
                .distrusted, message: "What answers at \(base) cannot prove to be the service this device joined.",
                next: "Nothing was sent. Check the address; on a guest network, sign in to the network first.")
        }
        let session = Session(id: answer.session, key: key, counter: 0)
        try replica.keep(session)
        return session
    }

    private func exchangeBytes(_ path: String, _ body: [UInt8], headers: [(String, String)]) throws -> [UInt8] {
        var received: [UInt8] = []
        let answer: Curl.Answer
        do {
            answer = try Curl().post(
                base + path, headers: [("content-type", "application/x-protobuf"), ("accept-language", language)] + headers,
                body: body,
                sink: { _, chunk in
                    guard received.count + chunk.count <= Limits.answerBytes else {
                        throw TransportError(
                            .notDundian, message: "\(path) answered with more than \(Limits.answerBytes) bytes.",
                            next: "Nothing was taken in. Check the address.")
                    }
                    received += chunk
                })
        } catch let failure as CurlFailure {
            throw TransportError(
                .unreachable, message: "\(base) cannot be reached: \(failure.message).",
                next: "Nothing is lost; what you write stays here. Try again when there is a link.")
        }
        try check(answer, received, stream: false)
        return received
    }

    /// Turns an answer that is not what was asked for into an error that says what it was.
    private func check(_ answer: Curl.Answer, _ body: [UInt8], stream: Bool) throws {
        let expected = stream ? "application/x-dundian-stream" : "application/x-protobuf"
        if answer.status == 200, answer.contentType.hasPrefix(expected) { return }
        if answer.contentType.hasPrefix("application/problem+json"),
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(body))
        {
            throw TransportError(
                .refused, problem: problem.code,
                message: problem.detail ?? problem.title ?? "The service refused: \(problem.code).",
                next: problem.next ?? "")
        }
        let what =
            (300..<400).contains(answer.status)
            ? "redirects elsewhere"
            : "answers with status \(answer.status) and \(answer.contentType.isEmpty ? "no type" : answer.contentType)"
        throw TransportError(
            .notDundian, message: "What is at \(base) \(what), not as a Dundian service does.",
            next: "Nothing was taken in. On a guest network, sign in to the network first; else check the address.")
    }

    private func explained(_ error: any Error) -> any Error {
        switch error {
        case let malformed as Malformed:
            TransportError(
                .distrusted, message: "The service sent what cannot be read: \(malformed.detail).",
                next: "What came before is kept. Sync again; if it happens again, tell the administrator.")
        case let fault as Fault:
            TransportError(
                .distrusted, message: "The service sent what does not verify: \(fault).",
                next: "What came before is kept. Sync again; if it happens again, tell the administrator.")
        case let broken as ExchangeBroken:
            TransportError(
                .distrusted, message: "The service broke the exchange: \(broken.reason).",
                next: "What came before is kept. Sync again; if it happens again, tell the administrator.")
        default: error
        }
    }

    private struct Problem: Decodable {
        var type: String
        var title: String?
        var detail: String?
        var next: String?
        var code: String { type.hasPrefix("urn:dundian:problem:") ? String(type.dropFirst(20)) : type }
    }
}

/// A signed-in session, kept in the replica so that the next sync needs no sign-in.
struct Session {
    var id: [UInt8]
    var key: [UInt8]
    var counter: UInt64

    /// Headers that sign a request within this session.
    mutating func sign(
        _ path: String, covered: RequestSignature.Covered, digest: String, replica: Replica
    ) throws -> [(String, String)] {
        counter = try replica.nextCounter(of: self)
        let parameters = RequestSignature.parameters(
            covered: covered, nonce: String(counter), key: Hex.string(id), algorithm: "hmac-sha256", tag: "dundian-session")
        let base = RequestSignature.base(path: path, covered: covered, digest: digest, parameters: parameters)
        return [
            ("signature-input", "dundian=\(parameters)"),
            ("signature", RequestSignature.header(RequestSignature.mac(base, key: key))),
        ]
    }
}

extension Replica {
    private static let sessionKey = "session"

    fileprivate func session() throws -> Session? {
        guard let bytes = try store.reading({ try $0.setting(Self.sessionKey) }) else { return nil }
        var reader = ByteReader(bytes)
        return Session(id: try reader.blob32(), key: try reader.blob32(), counter: try reader.u64())
    }

    fileprivate func keep(_ session: Session) throws {
        try store.writing { try $0.setSetting(Self.sessionKey, session.stored) }
    }

    fileprivate func forgetSession() throws { try store.writing { try $0.setSetting(Self.sessionKey, nil) } }

    /// The next request's counter, taken so that two processes of one replica never use the same.
    fileprivate func nextCounter(of session: Session) throws -> UInt64 {
        try store.writing { writer in
            var next = session
            if let bytes = try writer.setting(Self.sessionKey) {
                var reader = ByteReader(bytes)
                let stored = Session(id: try reader.blob32(), key: try reader.blob32(), counter: try reader.u64())
                if stored.id == session.id { next = stored }
            }
            next.counter += 1
            try writer.setSetting(Self.sessionKey, next.stored)
            return next.counter
        }
    }
}

extension Session {
    fileprivate var stored: [UInt8] {
        var out = ByteWriter()
        out.blob32(id)
        out.blob32(key)
        out.u64(counter)
        return out.bytes
    }
}
