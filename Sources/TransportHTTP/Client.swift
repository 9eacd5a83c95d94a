// The laptop's way to a service over HTTP: joining, signing in, syncing. The talking is Sync's; here are only requests, signatures
// and what can go wrong on the way.

import Access
import Causality
package import Journals
package import Replicas
import Sync
package import Wire

import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder

/// What went wrong between here and the service.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable: go by this.
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
        /// As many bytes have passed as were allowed.
        case limitReached = "limit-reached"
    }

    /// Which error.
    public var code: Code
    /// The code of the service's problem answer, as `join-code-used`.
    public var problem: String?
    /// What happened, in English or as the service put it.
    public var message: String
    /// What to do about it.
    public var next: String

    /// An error out of its parts.
    public init(_ code: Code, problem: String? = nil, message: String, next: String) {
        (self.code, self.problem, self.message, self.next) = (code, problem, message, next)
    }

    public var description: String { "\(message) \(next)" }
}

/// A service somewhere, and this replica's business with it.
public final class ServiceClient {
    let base: String
    let replica: Replica
    let compression: any StreamCompression
    let software: String
    let link: Link
    /// What the service takes in requests, as it said last.
    private(set) var acceptEncoding = ""
    private let signer: any Signer
    let language: String

    /// - Parameters:
    ///   - url: where the service is, as `https://centre.example:8443`.
    ///   - language: in which the service should explain what it refuses, `zh` or `en`.
    package init(
        url: String, replica: Replica, signer: any Signer, compression: any StreamCompression, software: String,
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
        do { link = try Link() } catch {
            throw TransportError(.unreachable, message: error.message, next: "Install libcurl anew.")
        }
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
    ///
    /// - Parameter waiting: seconds the service may keep the request until there is news.
    func post(_ path: String, _ body: [UInt8], waiting: Int? = nil) throws -> [UInt8] {
        let digest = RequestSignature.digest(of: body)
        for attempt in 0... {
            var session = try currentSession()
            let headers = try session.sign(path, covered: .body, digest: digest, replica: replica)
            do {
                return try exchangeBytes(path, body, headers: [("content-digest", digest)] + headers, waiting: waiting)
            } catch let error as TransportError {
                guard attempt == 0, error.problem == "session-unknown" || error.problem == "nonce-unknown" else { throw error }
                try replica.forgetSession()
            }
        }
        preconditionFailure("the loop returns or throws")
    }

    func currentSession() throws -> Session {
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

    private func exchangeBytes(
        _ path: String, _ body: [UInt8], headers: [(String, String)], waiting: Int? = nil
    ) throws -> [UInt8] {
        var received: [UInt8] = []
        let answer: Curl.Answer
        let common =
            [("content-type", "application/x-protobuf"), ("accept-language", language)]
            + (waiting.map { [("prefer", "wait=\($0)")] } ?? [])
        do {
            answer = try link.post(
                base + path, headers: common + headers, body: body, patience: waiting.map { $0 + 30 },
                sink: { _, chunk in
                    guard received.count + chunk.count <= Limits.answerBytes else {
                        throw TransportError(
                            .notDundian, message: "\(path) answered with more than \(Limits.answerBytes) bytes.",
                            next: "Nothing was taken in. Check the address.")
                    }
                    received += chunk
                })
        } catch let failure as CurlFailure {
            throw unreachable(failure)
        }
        try check(answer, received, stream: false)
        acceptEncoding = answer.acceptEncoding
        return received
    }

    /// Turns an answer that is not what was asked for into an error that says what it was.
    func check(_ answer: Curl.Answer, _ body: [UInt8], stream: Bool) throws {
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

    /// Only a link that was never there counts as unreachable; one that broke can be taken up again.
    private func unreachable(_ failure: CurlFailure) -> TransportError {
        TransportError(
            failure.isWithoutLink ? .unreachable : .cut, message: "\(base) cannot be reached: \(failure.message).",
            next: "Nothing is lost; what you write stays here. Try again when there is a link.")
    }

    func explained(_ error: any Error) -> any Error {
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

    func forgetSession() throws { try store.writing { try $0.setSetting(Self.sessionKey, nil) } }

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
