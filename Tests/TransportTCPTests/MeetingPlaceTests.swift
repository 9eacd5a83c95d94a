// Meetings over real sockets on loopback, and what is read of announcements.

import Causality
import Journals
import Replicas
import Support
import Sync
import Synchronization
import Testing
import TransportTCP
import Wire
import Worlds

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A connection that says nothing, from an address of this machine.
private final class Silence {
    private let descriptor: Int32

    init(from source: String, to port: Int) throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        func call(_ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ host: String, _ port: Int) throws {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            try #require(inet_pton(AF_INET, host, &address.sin_addr) == 1)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(result == 0)
        }
        try call(bind, source, 0)
        try call(connect, "127.0.0.1", port)
    }

    deinit { close(descriptor) }

    /// Whether the other end hung up; waits until it did.
    var isSentAway: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) <= 0
    }
}

/// What happened at a place, to be waited for.
private struct Happenings: Sendable {
    let stream: AsyncStream<MeetingEvent>
    let report: @Sendable (MeetingEvent) -> Void

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: MeetingEvent.self)
        (self.stream, report) = (stream, { continuation.yield($0) })
    }

    /// The first one that fits.
    func first(where fits: @Sendable (MeetingEvent) -> Bool) async -> MeetingEvent? {
        for await event in stream where fits(event) { return event }
        return nil
    }
}

struct MeetingPlaceTests {
    private func place(_ replica: Replica, _ name: String, _ happenings: Happenings) -> MeetingPlace {
        MeetingPlace(
            replica: replica, signer: World.key(name), compression: NoCompression(), report: happenings.report)
    }

    @Test(.timeLimit(.minutes(5)))
    func `three laptops of which the middle one knows both hold the same, and news goes on to the far end`() async throws {
        let world = try World()
        let names = ["ann", "ben", "eve"]
        let laptops = try names.map { try world.laptop($0) }
        for (i, laptop) in laptops.enumerated() {
            try laptop.put("by \(names[i])", of: World.record(UInt64(i)), in: world.scope)
        }
        let happenings = names.map { _ in Happenings() }
        let places = zip(laptops, zip(names, happenings)).map { place($0, $1.0, $1.1) }
        defer { for place in places { place.stop() } }
        let ports = try places.map { try $0.listen(on: "127.0.0.1", port: 0) }
        places[1].visit("127.0.0.1", port: ports[0])
        places[1].visit("127.0.0.1", port: ports[2])
        for end in [0, 2] {
            let met = await happenings[end].first { event in
                if case .met(let summary) = event { summary.received == 4 } else { false }
            }
            #expect(met != nil)
        }
        let digests = try laptops.map { try #require(try $0.digest(of: world.scope)).digest }
        #expect(digests[0] == digests[2])
    }

    @Test(.timeLimit(.minutes(5)))
    func `whoever says nothing keeps few seats, from one address and in all, and laptops still meet and go on`() async throws {
        let world = try World()
        let (ann, ben) = (try world.laptop("ann"), try world.laptop("ben"))
        try ben.put("by ben", of: World.record(1), in: world.scope)
        let (anns, bens) = (Happenings(), Happenings())
        let (place, other) = (place(ann, "ann", anns), place(ben, "ben", bens))
        defer {
            place.stop()
            other.stop()
        }
        let port = try place.listen(on: "127.0.0.1", port: 0)
        let fromOne = try (0..<Seats.strangersPerAddressMax + 3).map { _ in try Silence(from: "127.0.0.2", to: port) }
        for silence in fromOne.dropFirst(Seats.strangersPerAddressMax) { #expect(silence.isSentAway) }
        other.visit("127.0.0.1", port: port)
        func received(_ count: Int) async -> MeetingEvent? {
            await anns.first { if case .met(let summary) = $0 { summary.received == count } else { false } }
        }
        #expect(await received(2) != nil)
        // The table is full of strangers; ben has a seat of his own.
        let fromMany = try (Seats.strangersPerAddressMax..<Seats.strangersMax + 2).map {
            try Silence(from: "127.0.1.\($0)", to: port)
        }
        for silence in fromMany.suffix(2) { #expect(silence.isSentAway) }
        #expect(place.conversations.all == Seats.strangersMax + 1)
        try ben.put("more", of: World.record(1), in: world.scope)
        #expect(await received(3) != nil)
    }

    @Test(.timeLimit(.minutes(5)))
    func `where nobody listens, and where a stranger comes, it is said`() async throws {
        let world = try World()
        let (ann, stranger) = (try world.laptop("ann"), try world.replica("stranger"))
        try stranger.accept(world.roster)
        let (anns, strangers) = (Happenings(), Happenings())
        let (place, other) = (place(ann, "ann", anns), place(stranger, "stranger", strangers))
        defer {
            place.stop()
            other.stop()
        }
        other.visit("127.0.0.1", port: try place.listen(on: "127.0.0.1", port: 0))
        let refused = await anns.first { if case .failed = $0 { true } else { false } }
        guard case .failed(_, let error, let summary) = try #require(refused) else { return }
        #expect(error.code == .stranger)
        #expect(summary.sent == 0)
        place.visit("127.0.0.1", port: 1)
        let nobody = await anns.first { if case .failed = $0 { true } else { false } }
        guard case .failed(let address, let unreachable, _) = try #require(nobody) else { return }
        #expect(address == "127.0.0.1:1")
        #expect(unreachable.code == .unreachable)
    }
}

struct SeatsTests {
    @Test func `strangers have few seats, fewer from one address, and get them back`() {
        var seats = Seats()
        let fromOne = (0...Seats.strangersPerAddressMax).map { _ in seats.take(from: "a") }
        #expect(fromOne == Array(repeating: true, count: Seats.strangersPerAddressMax) + [false])
        let others = (Seats.strangersPerAddressMax..<Seats.strangersMax).map { "b\($0)" }
        let fromOthers = (others + ["c"]).map { seats.take(from: $0) }
        #expect(fromOthers == others.map { _ in true } + [false])
        #expect(seats.taken == Seats.strangersMax)
        seats.leave(strangerFrom: "a")
        let came = (seats.take(from: "c"), seats.become(knownFrom: "c"), seats.take(from: "c"))
        #expect(came == (true, true, true))
        #expect(seats.known == 1)
        for address in ["a", "a", "a", "c"] + others { seats.leave(strangerFrom: address) }
        seats.leave()
        #expect(seats == Seats())
    }

    @Test func `strangers take no seat from whoever is known, and of those there are not too many either`() {
        var seats = Seats()
        for i in 0..<Seats.strangersMax { _ = seats.take(from: "\(i)") }
        let known = (1..<Seats.knownMax).map { _ in seats.take() } + [seats.become(knownFrom: "0")]
        #expect(known.allSatisfy { $0 })
        let beyond = (seats.take(), seats.become(knownFrom: "1"))
        #expect(beyond == (false, false))
        let stranger = seats.take(from: "0")
        #expect(stranger)
        #expect(seats.taken == Seats.knownMax + Seats.strangersMax)
    }
}

struct FoundLaptopTests {
    @Test func `a resolved line gives name, address, port and mark`() {
        let line = #"=;wlp3s0;IPv4;5f0c77aa01;_dundian._tcp;local;host.local;192.168.3.7;47963;"t=0011223344556677" "x=y""#
        let found = FoundLaptop(line: line)
        #expect(found?.nonce == "5f0c77aa01")
        #expect(found?.host == "192.168.3.7")
        #expect(found?.port == 47_963)
        #expect(found?.mark == "0011223344556677")
        let local = #"=;eth0;IPv6;5f;_dundian._tcp;local;h.local;fe80::1;5;"t=0011223344556677""#
        #expect(FoundLaptop(line: local)?.host == "fe80::1%eth0")
    }

    @Test(arguments: [
        "", "+;eth0;IPv4;5f;_dundian._tcp;local", #"=;eth0;IPv4;5f;_ssh._tcp;local;h.local;10.0.0.1;5;"t=0011223344556677""#,
        #"=;eth0;IPv4;$(reboot);_dundian._tcp;local;h.local;10.0.0.1;5;"t=0011223344556677""#,
        #"=;eth0;IPv4;5f;_dundian._tcp;local;h.local;-oProxyCommand;5;"t=0011223344556677""#,
        #"=;eth0;IPv4;5f;_dundian._tcp;local;h.local;10.0.0.1;0;"t=0011223344556677""#,
        #"=;eth0;IPv4;5f;_dundian._tcp;local;h.local;10.0.0.1;5;"t=00""#,
        #"=;eth0;IPv4;5f;_dundian._tcp;local;h.local;10.0.0.1;5;"#,
    ])
    func `whatever else is announced is passed over`(_ line: String) { #expect(FoundLaptop(line: line) == nil) }

    @Test func `the mark shows only to those of the same service, and is another for each name`() {
        let (root, other) = (World.key("root").publicKey, World.key("other").publicKey)
        #expect(MeetingPlace.mark(of: root, nonce: "a").count == 16)
        #expect(MeetingPlace.mark(of: root, nonce: "a") != MeetingPlace.mark(of: other, nonce: "a"))
        #expect(MeetingPlace.mark(of: root, nonce: "a") != MeetingPlace.mark(of: root, nonce: "b"))
    }
}
