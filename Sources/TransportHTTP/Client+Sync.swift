// A sync over HTTP: the machine's steps as requests, taken up again where a weak link broke off.

import Access
import Causality
import Journals
import Replicas
public import Sync
import Wire

extension CurlFailure {
    /// No proxy or host was found, or nothing listens there.
    var isWithoutLink: Bool { (5...7).contains(code) }
}

/// How far two sides had come when an attempt began, as far as can be told.
private struct Standing: Equatable {
    /// Entries that were still to be sent.
    var toSend: Int?
    /// Bytes held of a message that had broken off, on either side.
    var held: Int
}

/// An attempt that ended before its end.
private struct BrokenAttempt: Error {
    var error: any Error
    var summary: SyncSummary
    var standing: Standing
}

extension ServiceClient {
    /// Brings this replica and the service together. A link that breaks is taken up again as the options say.
    ///
    /// - Throws: ``TransportError``, `unreachable` or `cut` when the link did not last; what came whole is kept, and the next sync goes on
    ///   from there.
    public func sync(_ options: SyncOptions = SyncOptions()) throws -> SyncSummary {
        link.reset()
        return try syncOverLink(options)
    }

    /// A sync whose bytes are counted on top of what passed before.
    private func syncOverLink(_ options: SyncOptions) throws -> SyncSummary {
        link.options = options
        return try replica.noting(SyncFigures.init) { try attempt(options) }
    }

    private func attempt(_ options: SyncOptions) throws -> SyncSummary {
        let (sentBefore, receivedBefore) = (link.bytesSent, link.bytesReceived)
        var total = SyncSummary()
        var backoff = Backoff()
        var random = EntropySource(entropy: replica.entropy)
        var failures = 0
        var last: Standing?
        func finished() -> SyncSummary {
            (total.bytesSent, total.bytesReceived) = (link.bytesSent - sentBefore, link.bytesReceived - receivedBefore)
            return total
        }
        while true {
            do {
                total.add(try converse(last?.toSend, isWeak: total.breaks > 0 || options.maxBytes != nil))
                return finished()
            } catch let broken as BrokenAttempt {
                total.add(broken.summary)
                switch broken.error {
                case LinkStopped.limit:
                    total.isLimitReached = true
                    return finished()
                case let error as TransportError where error.code == .cut || (error.code == .unreachable && total.breaks > 0):
                    // What left here may never have arrived: only what the other side holds, or what came, is progress.
                    if broken.summary.received > 0 || last.map({ broken.standing.isBeyond($0) }) ?? false {
                        (failures, backoff) = (0, Backoff())
                    }
                    last = Standing(toSend: broken.standing.toSend ?? last?.toSend, held: broken.standing.held)
                    failures += 1
                    total.breaks += 1
                    guard failures < options.attempts, total.breaks < 1_000 else { throw error }
                    replica.note([.retried(code: error.codeName)])
                    options.pause(backoff.next(using: &random), options.isCancelled)
                case LinkStopped.cancelled:
                    throw TransportError(
                        .cut, message: "The sync was stopped.", next: "What came whole is kept; the next sync goes on from there.")
                default: throw explained(broken.error)
                }
            }
        }
    }

    /// - Parameter isWeak: whether the link has broken, or may carry little.
    private func converse(_ unsent: Int?, isWeak: Bool) throws -> SyncSummary {
        var machine = SyncClient(replica: replica, compression: compression, software: software)
        var arrived = 0
        var toSend: Int?
        do {
            var step = try machine.start()
            while true {
                switch step {
                case .request(let path, let body):
                    let answer = try post(path, body)
                    // A service that takes compressed streams gets one, and its frames go plain within.
                    if compression.coding(acceptedBy: acceptEncoding) != nil { machine.compression = NoCompression() }
                    step = try machine.answered(answer)
                case .exchange(let exchange):
                    // What was on its way when the last attempt broke, and is not to be sent any more, had arrived.
                    if toSend == nil, let unsent { arrived = max(0, unsent - exchange.toSend) }
                    toSend = exchange.toSend
                    step = try machine.exchanged(try run(exchange, isWeak: isWeak) { machine.broke($0) })
                case .finished(var summary):
                    summary.sent += toSend == nil ? unsent ?? 0 : arrived
                    return summary
                }
            }
        } catch {
            var summary = machine.summary
            summary.sent += arrived
            let own = try replica.roster().flatMap { try replica.unfinishedMessage(from: $0.roster.service) }?.bytes.count ?? 0
            throw BrokenAttempt(
                error: error, summary: summary, standing: Standing(toSend: toSend, held: machine.bytesHeldByPeer + own))
        }
    }

    /// One exchange. What came whole of one that breaks is kept; `broke` is told before the error goes on.
    private func run(
        _ exchange: ExchangeClient, isWeak: Bool, broke: (ExchangeClient) -> Void
    ) throws -> ExchangeClient {
        var retried = false
        while true {
            var session = try currentSession()
            var sending = exchange
            var problem: [UInt8] = []
            let digest = RequestSignature.digest(of: exchange.opening)
            let coding = compression.coding(acceptedBy: acceptEncoding)
            let pieceBytes = isWeak ? NoCompression.smallPieceBytes : NoCompression.largePieceBytes
            let encoder = coding.flatMap { compression.encoder($0, pieceBytes: pieceBytes) }
            let headers =
                [
                    ("content-type", "application/x-dundian-stream"), ("accept-language", language), ("dundian-opening", digest),
                ] + (coding.map { [("content-encoding", $0)] } ?? [])
                + (try session.sign("/v1/exchange", covered: .opening, digest: digest, replica: replica))
            var opening: [UInt8]? = exchange.opening
            var isFinished = false
            func next() throws -> [UInt8]? {
                if let first = opening {
                    opening = nil
                    return first
                }
                return try sending.nextChunk()
            }
            var reported = SyncProgress()
            link.onTick = { [link] in
                guard let progress = link.options.progress else { return }
                var now = SyncProgress()
                (now.entriesSent, now.entriesToSend) = (sending.sent, sending.toSend)
                (now.entriesReceived, now.entriesToReceive) = (sending.received, sending.toReceive)
                (now.bytesSent, now.bytesReceived) = (link.bytesSent, link.bytesReceived)
                guard now != reported else { return }
                reported = now
                progress(now)
            }
            defer { link.onTick = nil }
            do {
                let answer = try link.post(
                    base + "/v1/exchange", headers: headers,
                    source: {
                        guard let encoder else { return try next() }
                        if let chunk = try next() { return encoder.encode(chunk) }
                        guard !isFinished else { return nil }
                        isFinished = true
                        return encoder.finish()
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
            } catch {
                // Also of a stream with a malformed or mistimed message what was whole before it is kept.
                try sending.finish()
                broke(sending)
                guard let failure = error as? CurlFailure else { throw error }
                throw self.broken(failure, kept: sending.report.stored)
            }
            guard sending.isComplete else {
                broke(sending)
                throw self.broken(CurlFailure(code: 18, message: "the stream ended early"), kept: sending.report.stored)
            }
            return sending
        }
    }

    private func broken(_ failure: CurlFailure, kept: Int) -> TransportError {
        TransportError(
            failure.isWithoutLink ? .unreachable : .cut, message: "The exchange with \(base) broke off: \(failure.message).",
            next: "\(kept) new entries that had come whole are kept, nothing is lost. Sync again when the link is back.")
    }

    // MARK: Watching

    /// What a watch tells of itself.
    public enum WatchEvent: Sendable {
        case synced(SyncSummary)
        /// There is no link; the next try comes after so many milliseconds.
        case waiting(TransportError, milliseconds: Int)
    }

    /// How long the service keeps a request that waits for news.
    private static let waitSeconds = 50

    /// Syncs whenever there is something new on either side, until cancelled or until the bytes allowed are used up. Without a link it waits
    /// for one.
    ///
    /// - Throws: ``TransportError`` where waiting is no help: the service refuses this device, or is not the one it joined.
    public func watch(_ options: SyncOptions, report: (WatchEvent) -> Void) throws {
        link.reset()
        var backoff = Backoff()
        var random = EntropySource(entropy: replica.entropy)
        while !options.isCancelled() {
            do {
                let before = Self.unconfirmed(replica)
                let summary = try syncOverLink(options)
                report(.synced(summary))
                if summary.isLimitReached { return }
                // Where there always seems to be news and none ever comes, or what is sent is never taken, nobody is asked in a hurry.
                if summary.received > 0 || Self.unconfirmed(replica) < before {
                    backoff.reset()
                } else {
                    options.pause(backoff.next(using: &random), options.isCancelled)
                }
                try waitForNews(options)
            } catch LinkStopped.limit { return } catch let error as TransportError where error.mayPass {
                if options.isCancelled() { return }
                let milliseconds = backoff.next(using: &random)
                report(.waiting(error, milliseconds: milliseconds))
                options.pause(milliseconds, options.isCancelled)
            }
        }
    }

    /// Own entries that no receipt covers.
    private static func unconfirmed(_ replica: Replica) -> Int {
        (try? replica.confirmations())?.reduce(0) { $0 + $1.unconfirmed } ?? 0
    }

    /// Returns when the service has news, something more was written here, or it was cancelled.
    private func waitForNews(_ options: SyncOptions) throws {
        // What the service would not take does not become news by lying there.
        let known = Self.unconfirmed(replica)
        link.options = options
        link.options.isCancelled = { [replica] in options.isCancelled() || Self.unconfirmed(replica) > known }
        while !link.options.isCancelled() {
            let hello = try replica.hello(software: software).bytes
            do {
                let answer = try HelloAnswer(bytes: try post("/v1/hello", hello, waiting: Self.waitSeconds))
                if answer.hasNews { return }
            } catch LinkStopped.cancelled { return } catch { throw explained(error) }
        }
    }
}

extension Standing {
    /// Whether something arrived between an earlier attempt and this one.
    fileprivate func isBeyond(_ earlier: Standing) -> Bool {
        held > earlier.held || (toSend ?? .max) < (earlier.toSend ?? .max)
    }
}

extension TransportError {
    /// Whether trying again later may help.
    fileprivate var mayPass: Bool {
        switch code {
        case .unreachable, .cut, .notDundian: true
        case .refused: ["storage-full", "internal", "too-many-attempts", "nonce-unknown", "session-unknown"].contains(problem)
        case .distrusted, .joinCodeMalformed, .urlMalformed, .limitReached: false
        }
    }
}

/// A replica's chance as Swift's generators want it.
private struct EntropySource: RandomNumberGenerator {
    let entropy: any Entropy
    mutating func next() -> UInt64 { entropy.next() }
}
