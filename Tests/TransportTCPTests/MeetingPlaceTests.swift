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

    @Test(.timeLimit(.minutes(1)))
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
        let digests = try laptops.map { try $0.digest(of: world.scope)?.digest }
        #expect(digests[0] != nil && digests[0] == digests[2])
    }

    @Test(.timeLimit(.minutes(1)))
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
        guard case .failed(_, let error, let summary)? = refused else { return }
        #expect(error.code == .stranger)
        #expect(summary.sent == 0)
        place.visit("127.0.0.1", port: 1)
        let nobody = await anns.first { if case .failed = $0 { true } else { false } }
        guard case .failed(let address, let unreachable, _)? = nobody else { return }
        #expect(address == "127.0.0.1:1")
        #expect(unreachable.code == .unreachable)
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
