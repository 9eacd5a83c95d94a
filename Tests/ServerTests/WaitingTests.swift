// Requests that are kept until there is news, and a watch that waits for it. Nothing here sleeps: pauses are counted, not made, and every
// wait is for something that comes.

import Causality
import Dundian
import Foundation
import Hummingbird
import Journals
import Logging
import Replicas
import Server
import Sync
import Synchronization
import Testing
import TransportHTTP
import Wire
import Worlds

struct WaitingTests {
    private func service(_ world: World, _ centre: Replica) -> Service {
        let authority = Authority(replica: centre, root: world.root, service: world.service, catalogue: .supervision)
        return Service(replica: centre, authority: authority, signer: world.service, compression: NoCompression())
    }

    @Test(.timeLimit(.minutes(5)))
    func `a kept hello whose grant is withdrawn meanwhile is answered, and tells nothing of the scope`() async throws {
        let world = try World()
        let (ann, ben, centre) = (try world.laptop("ann"), try world.laptop("ben"), try world.centre())
        for laptop in [ann, ben] { try world.meet(laptop, centre) }
        let hello = try ann.hello(software: "test")
        let service = service(world, centre)
        let answer = Task { [key = ann.key] in try await service.news(for: hello, of: key, waitingSeconds: 50) }
        // Its contact is noted once it was looked at and had no news.
        while try centre.store.reading({ try Contact.all(in: $0) }).isEmpty { await Task.yield() }
        let ended = try world.publish { $0.devices[0].grants[0].until = $0.version }
        try centre.accept(ended)
        try ben.put("not for Ann", of: World.record(2), in: world.scope)
        try world.meet(ben, centre)
        let said = try await answer.value
        #expect(said.roster?.bytes == ended.unverified.bytes)
        #expect(said.differing.isEmpty)
        #expect(said.refused == [world.scope])
    }

    /// - Parameter isResent: whether the service says, too, that it does not hold what it was sent.
    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `a watch on a scope that never comes to be the same asks ever more rarely`(_ isResent: Bool) async throws {
        let world = try World()
        let (ann, centre) = (try world.laptop("ann"), try world.centre())
        try ann.put("one", of: World.record(1), in: world.scope)
        try world.meet(ann, centre)
        // A service that always says it holds what it then does not send.
        let inner = service(world, centre).router().buildResponder()
        let nowhere = Head(journal: JournalID(rawValue: 7), position: 3, hash: Hash(.knowledge, []))
        let hellos = Mutex(0)
        let heads = isResent ? [nowhere] : try centre.knowledge(of: world.scope).heads + [nowhere]
        let answer = HelloAnswer(
            time: world.clock.now(), roster: nil,
            differing: [ScopeKnowledge(scope: world.scope, heads: heads.sorted { $0.journal < $1.journal }, more: false)],
            refused: [])
        let port = AsyncStream<Int>.makeStream()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder { (request: Request, context: BasicRequestContext) in
                guard request.uri.path == "/v1/hello" else { return try await inner.respond(to: request, context: context) }
                hellos.withLock { $0 += 1 }
                return Response(
                    status: .ok, headers: [.contentType: "application/x-protobuf"],
                    body: .init(byteBuffer: ByteBuffer(bytes: answer.bytes)))
            }, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.continuation.yield($0.localAddress?.port ?? 0) }, logger: logger)
        let running = Task { try await application.run() }
        defer { running.cancel() }
        var ports = port.stream.makeAsyncIterator()
        let url = "http://127.0.0.1:\(try #require(await ports.next()))"

        let pauses = Mutex<[Int]>([])
        var options = SyncOptions()
        options.isCancelled = { pauses.withLock { $0.count } >= 8 }
        options.pause = { milliseconds, _ in pauses.withLock { $0.append(milliseconds) } }
        let (synced, waited) = try await offThread { [options] in
            var (synced, waited) = (0, 0)
            let client = try ServiceClient(url: url, replica: ann, signer: World.key("ann"))
            try client.watch(options) { event in
                switch event {
                case .synced: synced += 1
                case .waiting: waited += 1
                }
            }
            return (synced, waited)
        }
        #expect(synced + waited == 8, "each round is followed by a pause")
        let asked = hellos.withLock { $0 }
        #expect(asked <= 40, "\(asked) hellos for 8 rounds")
        let lengths = pauses.withLock { $0 }
        #expect(lengths.allSatisfy { $0 > 0 })
        #expect(try #require(lengths.max()) > 8 * (try #require(lengths.first)), "\(lengths)")
    }
}

/// Blocking work on a thread of its own.
private func offThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result(catching: body)) }.start()
    }
}
