// A service without HTTP: a replica in memory, a roster of its own, and the answers a transport carries. For tests only: it believes
// whoever says which device they are.

public import Causality
public import Journals
public import Replicas
import Records
public import Sync
import Synchronization
import Wire

/// A service in memory, for the far end of a transport under test.
///
/// Your server end calls ``respond(to:body:from:)`` for a request and ``exchange(with:)`` for an exchange, and sends back what it is
/// given. When one of them throws, it ends the connection without an answer, as a service that fails does.
public final class ConformanceService: Sendable {
    /// The scope every joined replica is granted.
    public let scope = ScopeID(high: 0xc0f0, low: 1)
    /// The service's own replica, to look into.
    public let replica: Replica

    private let root: SigningKey
    private let key: SigningKey
    private let clock: TestClock
    private let state: Mutex<State>

    private struct State: Sendable {
        var roster: SignedRoster
        var faults = Faults()
        var requests: [String] = []
    }

    /// What goes wrong at the service's end, once each.
    package struct Faults: Sendable {
        /// The upload is dropped after so many bytes.
        package var uploadEnds: Int?
        /// The answer stream is dropped after so many bytes.
        package var downloadEnds: Int?
        /// The answer stream comes in pieces of this size.
        package var piece: Int?
        /// The byte of the answer stream at this place is another.
        package var spoils: Int?
        /// What comes instead of the next answer.
        package var answer: [UInt8]?

        package init(
            uploadEnds: Int? = nil, downloadEnds: Int? = nil, piece: Int? = nil, spoils: Int? = nil, answer: [UInt8]? = nil
        ) {
            (self.uploadEnds, self.downloadEnds, self.piece) = (uploadEnds, downloadEnds, piece)
            (self.spoils, self.answer) = (spoils, answer)
        }
    }

    /// A service nobody has joined.
    public init() throws {
        (root, key, clock) = (try TestKeys.key(1), try TestKeys.key(2), TestClock())
        var roster = Roster(
            version: 1, root: root.publicKey, service: key.publicKey, issued: clock.now(),
            expires: Timestamp(milliseconds: TestClock.start + 31_536_000_000), catalogue: [UInt8](repeating: 0, count: 32))
        roster.scopes = [Roster.Scope(id: scope, name: "conformance", title: "Conformance", kind: .ordinary)]
        let signed = try SignedRoster.signing(roster, by: root)
        replica = try Replica(
            store: MemoryStore(), signer: key, rules: ReviewEverything(), clock: clock, entropy: TestEntropy(seed: 1))
        try replica.accept(signed)
        state = Mutex(State(roster: signed))
    }

    /// Puts a replica's device on the roster under this person's name, grants it ``scope``, and hands it the roster.
    ///
    /// Replicas that joined before learn of it with their next sync.
    public func join(_ replica: Replica, person: String) throws {
        let roster = try state.withLock { state in
            var next = state.roster.roster
            next.version += 1
            if next.person(person) == nil { next.people.append(Roster.Person(id: person, name: person)) }
            next.devices.append(
                Roster.Device(
                    key: replica.key, person: person, name: person, grants: [Roster.Grant(scope: scope, from: next.version)]))
            state.roster = try SignedRoster.signing(next, by: root)
            return state.roster
        }
        try self.replica.accept(roster)
        try replica.accept(roster)
    }

    /// A replica of a person who has joined; kept in this store, or in memory.
    public func laptop(
        _ person: String, store: any Store = MemoryStore(), instruments: (any Instruments)? = nil
    ) throws -> Replica {
        let seed = UInt64(try replica.roster()?.roster.devices.count ?? 0) + 100
        let replica = try Replica(
            store: store, signer: try TestKeys.key(UInt8(truncatingIfNeeded: seed)), rules: ReviewEverything(), clock: clock,
            entropy: TestEntropy(seed: seed), instruments: instruments)
        try join(replica, person: person)
        return replica
    }

    /// The paths asked for so far, exchanges as `/v1/exchange`.
    public var requests: [String] { state.withLock { $0.requests } }

    package func fail(_ faults: Faults) { state.withLock { $0.faults = faults } }

    // MARK: What a server end calls

    /// The answer's body to a request of this device.
    ///
    /// - Throws: if the path is unknown, the body cannot be read, or the device is not on the roster.
    public func respond(to path: String, body: [UInt8], from device: PublicKey) throws -> [UInt8] {
        let (granted, instead) = try admit(device, path)
        if let instead { return instead }
        switch path {
        case "/v1/hello":
            let hello = try HelloMessage(bytes: body)
            try replica.takeRoster(from: hello)
            return try replica.answer(hello, granted: granted, device: device).bytes
        case "/v1/knowledge":
            let request = try KnowledgeRequest(bytes: body)
            guard granted.contains(request.scope) else { throw ServiceRefusal.notGranted }
            return try replica.answer(request).bytes
        case "/v1/probe":
            let probe = try Probe(bytes: body)
            guard granted.contains(probe.scope) else { throw ServiceRefusal.notGranted }
            return try replica.answer(probe).bytes
        default: throw ServiceRefusal.unknownPath
        }
    }

    /// The service's side of one exchange with this device.
    public func exchange(with device: PublicKey) throws -> ConformanceExchange {
        let (granted, _) = try admit(device, "/v1/exchange")
        let faults = state.withLock { state in
            defer { state.faults = Faults() }
            return state.faults
        }
        return ConformanceExchange(
            ExchangeServer(replica: replica, device: device, granted: granted, signer: key, compression: NoCompression()), faults)
    }

    private func admit(_ device: PublicKey, _ path: String) throws -> (granted: [ScopeID], instead: [UInt8]?) {
        let instead = state.withLock { state in
            state.requests.append(path)
            defer { state.faults.answer = nil }
            return state.faults.answer
        }
        guard let roster = try replica.roster()?.roster, roster.device(device) != nil else { throw ServiceRefusal.deviceUnknown }
        return (roster.scopes(of: device).map(\.id), instead)
    }
}

/// Why a ``ConformanceService`` gave no answer.
public enum ServiceRefusal: Error, Hashable, Sendable {
    /// The device has not joined.
    case deviceUnknown
    /// No such question.
    case unknownPath
    /// The device is not granted the scope it asks about.
    case notGranted
    /// The connection is to be dropped here, as a case wants it.
    case dropped
}

/// The service's side of one exchange: give it what arrives, then send what it has to say.
///
/// When a method throws, drop the connection; what came whole is stored by then.
public struct ConformanceExchange {
    private var machine: ExchangeServer
    private let faults: ConformanceService.Faults
    private var taken = 0
    private var given = 0
    private var waiting: [UInt8] = []

    init(_ machine: ExchangeServer, _ faults: ConformanceService.Faults) { (self.machine, self.faults) = (machine, faults) }

    /// Takes a piece of the laptop's stream, of any size.
    public mutating func received(_ chunk: [UInt8]) throws {
        let whole = faults.uploadEnds.map { min(chunk.count, max(0, $0 - taken)) } ?? chunk.count
        taken += chunk.count
        do {
            try machine.received(chunk[..<whole]) { _ in }
            if whole < chunk.count { throw ServiceRefusal.dropped }
        } catch {
            try machine.finish()
            throw error
        }
    }

    /// The next piece to send once the laptop's stream has ended; nil when all is said.
    public mutating func nextChunk() throws -> [UInt8]? {
        guard machine.isEnded else {
            try machine.finish()
            throw ServiceRefusal.dropped
        }
        if waiting.isEmpty {
            guard let next = try machine.nextChunk() else { return nil }
            waiting = next
        }
        var piece = Array(waiting.prefix(faults.piece ?? waiting.count))
        if let end = faults.downloadEnds {
            guard given < end else { throw ServiceRefusal.dropped }
            piece = Array(piece.prefix(end - given))
        }
        waiting.removeFirst(piece.count)
        if let place = faults.spoils, (given..<given + piece.count).contains(place) { piece[place - given] ^= 0x55 }
        given += piece.count
        return piece
    }
}

/// A transport that calls the service directly: the plainest there is, to test with and to compare with.
public struct DirectTransport: Transport {
    private let service: ConformanceService
    private let device: PublicKey

    /// A transport between this service and the replica with this device key.
    public init(to service: ConformanceService, from device: PublicKey) { (self.service, self.device) = (service, device) }

    /// Asks the service directly.
    public func request(path: String, body: [UInt8]) throws -> [UInt8] {
        try service.respond(to: path, body: body, from: device)
    }

    /// Hands every piece over, then takes every piece.
    public func exchange(_ exchange: inout ExchangeClient) throws {
        var far = try service.exchange(with: device)
        try far.received(exchange.opening)
        while let chunk = try exchange.nextChunk() { try far.received(chunk) }
        while let chunk = try far.nextChunk() { try exchange.received(chunk) }
    }
}

// MARK: What stands in for the outside

/// Stands still, so that a case comes out alike every time.
private struct TestClock: WallClock {
    /// 2026-05-11T00:00Z
    static let start: Int64 = 1_778_457_600_000
    func now() -> Timestamp { Timestamp(milliseconds: Self.start) }
}

private final class TestEntropy: Entropy {
    private let state: Mutex<UInt64>
    init(seed: UInt64) { state = Mutex(seed &* 0x9e37_79b9_7f4a_7c15 | 1) }

    /// SplitMix64.
    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }
}

private enum TestKeys {
    static func key(_ n: UInt8) throws -> SigningKey { try require(SigningKey(secret: [UInt8](repeating: n, count: 32))) }
}
