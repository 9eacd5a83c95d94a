// Cases anybody can run over a transport of their own: a whole sync, and every way a line can fail. What goes wrong is made to go
// wrong at the service's end, so a transport needs no hook for it.

import Causality
public import Journals
import Records
import Replicas
public import Sync

/// A case that needs transports to a service: the closure makes one for a device, whose far end calls this service's
/// ``ConformanceService/respond(to:body:from:)`` and ``ConformanceService/exchange(with:)``.
public typealias TransportCase = ConformanceCase<(ConformanceService, _ device: PublicKey) throws -> any Transport>

/// Finds out whether a transport carries a sync's bytes unharmed, or says that it did not.
public enum TransportConformance {
    /// What every transport must do.
    public static let cases: [TransportCase] = [
        TransportCase("a whole sync brings both sides to the same records") { connect in
            let world = try World(connect)
            try world.write(world.ann, 3)
            try world.write(world.ben, 2)
            let first = try world.sync(world.ann)
            try expect(first.sent == 4 && first.received == 0, "sent \(first.sent), received \(first.received)")
            let second = try world.sync(world.ben)
            try expect(second.sent == 3 && second.received == 4, "sent \(second.sent), received \(second.received)")
            _ = try world.sync(world.ann)
            try world.expectEqual()
            try expect(try world.ann.confirmations().allSatisfy { $0.unconfirmed == 0 }, "the service's receipt did not arrive")
        },
        TransportCase("a sync with nothing to say is one request") { connect in
            let world = try World(connect)
            try world.write(world.ann, 1)
            _ = try world.sync(world.ann)
            let before = world.service.requests.count
            let summary = try world.sync(world.ann)
            try expect(summary.sent == 0 && summary.received == 0, "something was sent again")
            try expect(world.service.requests.suffix(from: before) == ["/v1/hello"], "asked \(world.service.requests)")
        },
        TransportCase("repeated, a sync changes nothing") { connect in
            let world = try World(connect)
            try world.write(world.ann, 5)
            for _ in 0..<3 {
                _ = try world.sync(world.ann)
                _ = try world.sync(world.ben)
            }
            try world.expectEqual()
            try expect(try world.ben.recordCount() == 5, "records were lost or doubled")
        },
        TransportCase("more than one frame goes through, either way") { connect in
            let world = try World(connect)
            try world.write(world.ann, 40, bytes: 100_000)
            _ = try world.sync(world.ann)
            let summary = try world.sync(world.ben)
            try expect(summary.received == 41, "received \(summary.received) of 41 entries")
            try world.expectEqual()
        },
        TransportCase("an answer that comes byte by byte is the same answer") { connect in
            let world = try World(connect)
            try world.write(world.ann, 3)
            _ = try world.sync(world.ann)
            world.service.fail(ConformanceService.Faults(piece: 1))
            let summary = try world.sync(world.ben)
            try expect(summary.received == 4, "received \(summary.received) of 4 entries")
            try world.expectEqual()
        },
        TransportCase("an answer cut at any byte is an error, and the next sync makes it good") { connect in
            for end in [0, 1, 100, 400] {
                let world = try World(connect)
                try world.write(world.ann, 3)
                _ = try world.sync(world.ann)
                world.service.fail(ConformanceService.Faults(downloadEnds: end))
                try world.expectFailure(of: world.ben, "an answer cut at byte \(end)")
                _ = try world.sync(world.ben)
                try world.expectEqual()
            }
        },
        TransportCase("a stream cut on its way up at any byte is an error, and the next sync makes it good") { connect in
            for end in [0, 1, 100, 400] {
                let world = try World(connect)
                try world.write(world.ann, 3)
                world.service.fail(ConformanceService.Faults(uploadEnds: end))
                try world.expectFailure(of: world.ann, "a stream cut at byte \(end)")
                _ = try world.sync(world.ann)
                _ = try world.sync(world.ben)
                try world.expectEqual()
            }
        },
        TransportCase("an answer that is somebody else's is refused, and nothing of it is taken in") { connect in
            let world = try World(connect)
            try world.write(world.ann, 1)
            world.service.fail(
                ConformanceService.Faults(answer: Array("<html><title>Please sign in</title></html>".utf8)))
            try world.expectFailure(of: world.ann, "a portal's page")
            _ = try world.sync(world.ann)
            _ = try world.sync(world.ben)
            try world.expectEqual()
        },
        TransportCase("a byte changed on the way is never believed") { connect in
            for place in [0, 40, 200, 350] {
                let world = try World(connect)
                try world.write(world.ann, 3)
                _ = try world.sync(world.ann)
                world.service.fail(ConformanceService.Faults(spoils: place))
                // Most places make the sync fail; some only make a frame refused. Either way no record may differ afterwards.
                _ = try? world.sync(world.ben)
                _ = try world.sync(world.ben)
                try world.expectEqual()
            }
        },
        TransportCase("a device that has not joined gets no answer") { connect in
            let world = try World(connect)
            let other = try ConformanceService()
            let stranger = try other.laptop("Stranger")
            let transport = try connect(world.service, world.strangerKey(stranger.key))
            var answered = false
            do {
                _ = try transport.request(path: "/v1/hello", body: [])
                answered = true
            } catch {}
            try expect(!answered, "the service's refusal became an answer")
        },
    ]

    /// Two people and a service.
    private struct World {
        let service: ConformanceService
        let ann: Replica
        let ben: Replica
        let connect: (ConformanceService, PublicKey) throws -> any Transport

        init(_ connect: @escaping (ConformanceService, PublicKey) throws -> any Transport) throws {
            service = try ConformanceService()
            (ann, ben) = (try service.laptop("Ann"), try service.laptop("Ben"))
            self.connect = connect
        }

        /// A key nobody has here: that of another service's device, its last byte turned.
        func strangerKey(_ key: PublicKey) throws -> PublicKey {
            var bytes = key.bytes
            bytes[31] ^= 1
            return try require(PublicKey(bytes))
        }

        func write(_ replica: Replica, _ count: Int, bytes: Int = 8) throws {
            for n in 0..<count {
                // Random-looking, so that a transport's own compression has work to do.
                let text = (0..<bytes / 8).map { _ in String(replica.entropy.next(), radix: 36) }.joined() + "\(n)"
                try replica.create("note", in: service.scope, fields: [("text", .value(.text(text)))])
            }
        }

        func sync(_ replica: Replica) throws -> SyncSummary {
            let transport = try connect(service, replica.key)
            return try replica.sync(over: transport)
        }

        func expectFailure(of replica: Replica, _ what: String, file: String = #fileID, line: Int = #line) throws {
            do { _ = try sync(replica) } catch { return }
            throw ConformanceFailure(message: "\(what) passed for a sync", place: "\(file):\(line)")
        }

        func expectEqual(file: String = #fileID, line: Int = #line) throws {
            _ = try sync(ann)
            _ = try sync(ben)
            let digests = try [ann, ben, service.replica].map { try $0.digests().map(\.digest) }
            try expect(digests[0] == digests[2] && digests[1] == digests[2], "the digests differ", file: file, line: line)
            for replica in [ann, ben, service.replica] {
                let faults = try replica.check().faults
                try expect(faults.isEmpty, "check: \(faults)", file: file, line: line)
            }
        }
    }
}
