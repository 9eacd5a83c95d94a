// Nonces and sessions, in memory: after a restart everybody signs in again (protocol/5-access.md).

import Causality
import Journals
import Synchronization
import Wire

/// A signed-in device.
struct DeviceSession: Sendable {
    var device: PublicKey
    var key: [UInt8]
    var ends: Timestamp
    /// The highest counter accepted, and which of the 64 up to it were used: bit 0 is the highest.
    var highest: UInt64 = 0
    var used: UInt64 = 0

    /// Accepts a counter once, and none more than 64 below the highest.
    mutating func accept(_ counter: UInt64) -> Bool {
        if counter > highest {
            let step = counter - highest
            used = step >= 64 ? 1 : used << step | 1
            highest = counter
            return true
        }
        let back = highest - counter
        guard back < 64, used & (1 << back) == 0 else { return false }
        used |= 1 << back
        return true
    }
}

final class Sessions: Sendable {
    private static let nonceLifetimeMilliseconds: Int64 = 5 * 60_000
    private static let sessionLifetimeMilliseconds: Int64 = 12 * 3_600_000
    private static let attemptsPerMinute = 20
    /// A flood of nonces must not fill the memory.
    private static let noncesMax = 100_000

    private struct State {
        var nonces: [[UInt8]: Timestamp] = [:]
        var sessions: [[UInt8]: DeviceSession] = [:]
        var failures: [Timestamp] = []
    }
    private let state = Mutex(State())
    private let clock: any WallClock
    private let chance: @Sendable (Int) -> [UInt8]

    init(clock: any WallClock, chance: @escaping @Sendable (Int) -> [UInt8]) {
        (self.clock, self.chance) = (clock, chance)
    }

    func nonce() -> [UInt8] {
        let nonce = chance(16)
        let now = clock.now()
        state.withLock { state in
            if state.nonces.count >= Self.noncesMax {
                state.nonces = state.nonces.filter { now.rawValue - $0.value.rawValue < Self.nonceLifetimeMilliseconds }
                if state.nonces.count >= Self.noncesMax { state.nonces = [:] }
            }
            state.nonces[nonce] = now
        }
        return nonce
    }

    /// True once for each nonce, within five minutes.
    func redeem(_ nonce: [UInt8]) -> Bool {
        let now = clock.now()
        return state.withLock { state in
            guard let given = state.nonces.removeValue(forKey: nonce) else { return false }
            return now.rawValue - given.rawValue < Self.nonceLifetimeMilliseconds
        }
    }

    func open(device: PublicKey, key: [UInt8], id: [UInt8]) {
        let now = clock.now()
        state.withLock { state in
            state.sessions = state.sessions.filter { $0.value.ends > now }
            state.sessions[id] = DeviceSession(
                device: device, key: key, ends: Timestamp(rawValue: now.rawValue + Self.sessionLifetimeMilliseconds))
        }
    }

    func session(_ id: [UInt8]) -> DeviceSession? {
        let now = clock.now()
        return state.withLock { state in state.sessions[id].flatMap { $0.ends > now ? $0 : nil } }
    }

    /// Uses up a counter of a session whose signature was checked.
    func accept(_ counter: UInt64, of id: [UInt8]) -> Bool {
        state.withLock { $0.sessions[id]?.accept(counter) ?? false }
    }

    /// Whether join codes may be tried now.
    var mayTry: Bool {
        let now = clock.now()
        return state.withLock { state in
            state.failures.removeAll { now.rawValue - $0.rawValue > 60_000 }
            return state.failures.count < Self.attemptsPerMinute
        }
    }

    func noteFailure() {
        let now = clock.now()
        state.withLock { $0.failures.append(now) }
    }
}
