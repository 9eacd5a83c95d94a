// Meetings over TCP: one listener, one thread for each laptop, each turning one machine. What arrives from one is passed on to all the
// others, so that laptops that cannot reach each other still converge through one that both reach.

import Causality
package import Journals
package import Replicas
public import Sync
import Synchronization
package import Wire

import class Foundation.Thread

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What happens at a meeting place, in order for each laptop.
public enum MeetingEvent: Sendable {
    /// Both hold the same now, or as much of it as they would take from each other.
    case met(MeetingSummary)
    /// A conversation came to an end before that.
    case failed(address: String, MeetingError, MeetingSummary)
    /// This replica's own store failed, so nothing can be taken in.
    case storeFailed(any Error)
    case left(MeetingSummary)
}

public final class MeetingPlace: Sendable {
    /// The port `dundian meet` listens on unless told otherwise.
    public static let defaultPort = 47_963
    private static let readBytes = 64 << 10
    private static let idleMilliseconds: Int32 = 50
    /// A conversation that does not get on for so long has lost its line.
    private static let silenceSeconds = 30
    /// Who is not known by then is sent away.
    private static let strangerSeconds = 10

    private let replica: Replica
    private let signer: any Signer
    private let compression: any FrameCompression
    private let report: @Sendable (MeetingEvent) -> Void

    private struct State {
        var isStopped = false
        var generation = 0
        var seats = Seats()
        var busy = 0
    }
    private let state = Mutex(State())

    package init(
        replica: Replica, signer: any Signer, compression: any FrameCompression,
        report: @escaping @Sendable (MeetingEvent) -> Void
    ) {
        (self.replica, self.signer, self.compression, self.report) = (replica, signer, compression, report)
    }

    // MARK: Coming and going

    /// Lets others come; returns the port. `host` nil: on every address of this machine.
    public func listen(on host: String? = nil, port: Int = MeetingPlace.defaultPort) throws -> Int {
        let listener = try Sockets.listen(on: host, port: port)
        thread { [self] in
            while !isStopped {
                guard let socket = Sockets.accept(listener, milliseconds: 100) else { continue }
                let host = socket.name(ofPeer: true).host
                guard begin({ $0.take(from: host) }) else { continue }
                thread { [self] in converse(socket, .responder, from: host) }
            }
        }
        return listener.name(ofPeer: false).port
    }

    /// Goes to another laptop and stays with it. Returns at once; what comes of it is reported.
    ///
    /// - Parameter isPatient: whether to go again when nobody is there yet, or the line broke.
    public func visit(_ host: String, port: Int, isPatient: Bool = false) {
        thread { [self] in
            var hasComplained = false
            while !isStopped, begin({ $0.take() }) {
                do throws(MeetingError) {
                    let socket = try Sockets.connect(to: host, port: port, milliseconds: 5_000)
                    guard converse(socket, .initiator), isPatient else { return }
                    hasComplained = true
                } catch {
                    end()
                    if !hasComplained { report(.failed(address: Self.text(host, port), error, MeetingSummary())) }
                    hasComplained = true
                    guard isPatient else { return }
                }
                for _ in 0..<20 where !isStopped { poll(nil, 0, 100) }
            }
        }
    }

    private static func text(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Ends every conversation at the next quiet moment.
    public func stop() { state.withLock { $0.isStopped = true } }

    public var isStopped: Bool { state.withLock { $0.isStopped } }
    /// Conversations there are, and those under way.
    public var conversations: (all: Int, busy: Int) { state.withLock { ($0.seats.taken, $0.busy) } }

    private func begin(_ take: (inout Seats) -> Bool) -> Bool {
        state.withLock { state in
            guard take(&state.seats) else { return false }
            state.busy += 1
            return true
        }
    }

    private func end() {
        state.withLock { state in
            state.seats.leave()
            state.busy -= 1
        }
    }

    private func thread(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.stackSize = 2 << 20
        thread.start()
    }

    // MARK: One conversation

    /// True if it may be worth going there again.
    ///
    /// - Parameter address: where somebody comes from of whom nothing is known; nil: this laptop went there.
    @discardableResult
    private func converse(_ socket: Socket, _ role: PeerRole, from address: String? = nil) -> Bool {
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        socket.set(SOL_SOCKET, SO_KEEPALIVE, 1)
        let (host, port) = socket.name(ofPeer: true)
        var summary = MeetingSummary()
        var isBusy = true
        var stranger = address
        defer {
            state.withLock { state in
                state.seats.leave(strangerFrom: stranger)
                if isBusy { state.busy -= 1 }
            }
        }
        do {
            var machine = try PeerExchange(
                replica: replica, signer: signer, role: role, secret: replica.entropy.bytes(32), compression: compression)
            do {
                try turn(&machine, socket, &isBusy, &stranger)
                summary = machine.summary
                report(.left(summary))
                return true
            } catch {
                // What the other should still hear, as why it is refused; then what came whole is kept.
                if let last = try? machine.nextChunk() { _ = write(last, to: socket) }
                do { try machine.finish() } catch is MeetingError {}
                summary = machine.summary
                if summary.received > 0 { state.withLock { $0.generation += 1 } }
                throw error
            }
        } catch let error as MeetingError {
            report(.failed(address: Self.text(host, port), error, summary))
            return error.code == .cut
        } catch {
            report(.storeFailed(error))
            return false
        }
    }

    private func turn(
        _ machine: inout PeerExchange, _ socket: Socket, _ isBusy: inout Bool, _ stranger: inout String?
    ) throws {
        var out: ArraySlice<UInt8> = []
        var buffer = [UInt8](repeating: 0, count: Self.readBytes)
        var seen = state.withLock { $0.generation }
        var received = 0
        let begun = now()
        var (lastMove, lastLook) = (begun, begun)
        while true {
            if out.isEmpty, let chunk = try machine.nextChunk() { out = chunk[...] }
            if machine.summary.received != received {
                received = machine.summary.received
                state.withLock { $0.generation += 1 }
                seen = state.withLock { $0.generation }
            }
            if machine.isIdle, out.isEmpty {
                if isBusy {
                    isBusy = false
                    report(.met(machine.summary))
                    state.withLock { $0.busy -= 1 }
                }
                if isStopped { return }
                // Something came from another laptop, or from another program that writes to this replica.
                let generation = state.withLock { $0.generation }
                if generation != seen || now() - lastLook >= 1 {
                    (seen, lastLook) = (generation, now())
                    try machine.wake()
                }
            }
            if !isBusy, !machine.isIdle {
                isBusy = true
                state.withLock { $0.busy += 1 }
                lastMove = now()
            }
            var wait = pollfd(fd: socket.descriptor, events: Int16(POLLIN) | (out.isEmpty ? 0 : Int16(POLLOUT)), revents: 0)
            guard poll(&wait, 1, Self.idleMilliseconds) >= 0 || errno == EINTR else { throw MeetingError(.cut) }
            if wait.revents & Int16(POLLOUT) != 0 {
                let count = write(Array(out.prefix(Self.readBytes)), to: socket)
                if count < 0 { throw MeetingError(.cut) }
                out = out.dropFirst(count)
                if count > 0 { lastMove = now() }
            }
            if wait.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
                let count = recv(socket.descriptor, &buffer, buffer.count, 0)
                if count > 0 {
                    lastMove = now()
                    try machine.received(buffer[..<count])
                } else if count == 0 {
                    try machine.finish()
                    return
                } else if errno != EAGAIN, errno != EINTR {
                    if machine.isIdle { return }
                    throw MeetingError(.cut)
                }
            }
            if isBusy, now() - lastMove > Self.silenceSeconds { throw MeetingError(.cut, "\(Self.silenceSeconds) s") }
            if machine.isKnown {
                if let address = stranger {
                    guard state.withLock({ $0.seats.become(knownFrom: address) }) else {
                        throw MeetingError(.cut, "\(Seats.knownMax)")
                    }
                    stranger = nil
                }
            } else if now() - begun > Self.strangerSeconds {
                throw MeetingError(.cut, "\(Self.strangerSeconds) s")
            }
        }
    }

    /// How much was written; -1 if the line is gone.
    private func write(_ bytes: [UInt8], to socket: Socket) -> Int {
        let count = send(socket.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        return count >= 0 ? count : errno == EAGAIN || errno == EINTR ? 0 : -1
    }

    /// Seconds that only go forward.
    private func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }
}
