// Live queries: what is told, what is not told twice, who is heard, and when it ends. Every wait is for a value; the limit only ends a test
// that failed.

import Causality
import Dispatch
import GRDB
import Journals
import Records
import Replicas
import StoreSQLite
import Synchronization
import Testing
import Worlds

private typealias Record = Replicas.Record

/// How many records there are.
private func count(_ replica: Replica) -> Observation<Int> { replica.observe { try $0.recordCount() } }

@Suite(.timeLimit(.minutes(2)))
struct ObservationTests {
    @Test(arguments: StoreKind.allCases)
    func `the first result comes at once, and then each one that differs`(_ kind: StoreKind) async throws {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        var counts = count(ann).makeAsyncIterator()
        #expect(try await counts.next() == 0)
        for n in 1...5 {
            try ann.put("Harbour", of: World.record(UInt64(n)), in: world.scope)
            #expect(try await counts.next() == n)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a change that leaves the result as it was is not told`(_ kind: StoreKind) async throws {
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann", store: kind.open())
        var texts = ann.observe { try $0.texts(of: World.record(1), in: scope) }.makeAsyncIterator()
        #expect(try await texts.next() == [])
        try ann.put("Harbour", of: World.record(1), in: world.scope)
        #expect(try await texts.next() == ["Harbour"])
        try ann.put("Elsewhere", of: World.record(2), in: world.scope)
        try ann.store.writing { try $0.setDraft("a", Draft(key: "a", saved: Timestamp(milliseconds: 1), bytes: [1])) }
        try ann.put("Port", of: World.record(1), in: world.scope)
        try ann.put("Harbour", of: World.record(1), in: world.scope)
        try ann.put("Quay", of: World.record(1), in: world.scope)
        #expect(try await texts.next() == ["Quay"])
    }

    @Test func `what another store object does to the same file is told`() async throws {
        let path = try TemporaryFolder.file()
        let world = try World()
        let ann = try world.laptop("ann", store: SQLiteStore(path: path))
        let other = try world.replica("ann", store: SQLiteStore(path: path))
        var counts = count(ann).makeAsyncIterator()
        #expect(try await counts.next() == 0)
        for n in 1...20 {
            try other.put("Harbour", of: World.record(UInt64(n)), in: world.scope)
            #expect(try await counts.next() == n)
        }
    }

    @Test func `what another process does is told`() async throws {
        let path = try TemporaryFolder.file()
        let world = try World()
        let ann = try world.laptop("ann", store: SQLiteStore(path: path))
        var counts = count(ann).makeAsyncIterator()
        #expect(try await counts.next() == 0)
        await #expect(processExitsWith: .success) { [path = path as String] in
            let world = try World()
            let other = try world.replica("ann", store: SQLiteStore(path: path))
            try other.put("Harbour", of: World.record(1), in: world.scope)
        }
        #expect(try await counts.next() == 1)
    }

    @Test func `what a program changes without ringing is found all the same`() async throws {
        let path = try TemporaryFolder.file()
        let store = try SQLiteStore(path: path)
        let ann = try World().laptop("ann", store: store)
        var settings = ann.observe { try $0.store.reading { try $0.setting("a") } }.makeAsyncIterator()
        #expect(try await settings.next() == .some(nil))
        let stranger = try DatabaseQueue(path: path)
        // With the sum by which damage is told.
        try await stranger.write {
            try $0.execute(sql: "INSERT INTO _setting (key, value, sum) VALUES ('a', x'07', x'b81647aba50f17b4')")
        }
        #expect(try await settings.next() == .some([7]))
    }

    @Test(arguments: [false, true])
    func `of a burst, the last result is never missed`(_ throughAnotherStore: Bool) async throws {
        let path = try TemporaryFolder.file()
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann", store: SQLiteStore(path: path))
        let writer = throughAnotherStore ? try world.replica("ann", store: SQLiteStore(path: path)) : ann
        let failures = Mutex<[String]>([])
        for round in 0..<10 {
            let last = (round + 1) * 30
            DispatchQueue.global().async {
                do {
                    for n in round * 30..<last { try writer.put("Harbour", of: World.record(UInt64(n)), in: scope) }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
            var before = -1
            for try await seen in count(ann) {
                #expect(seen > before)
                before = seen
                if seen == last { break }
            }
            #expect(before == last)
        }
        #expect(failures.withLock { $0 } == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `who is slow gets the newest result and none of those before it`(_ kind: StoreKind) async throws {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        let asked = Atomic(0)
        var counts = ann.observe { replica in
            asked.add(1, ordering: .relaxed)
            return try replica.recordCount()
        }.makeAsyncIterator()
        #expect(try await counts.next() == 0)
        for n in 1...50 { try ann.put("Harbour", of: World.record(UInt64(n)), in: world.scope) }
        #expect(try await counts.next() == 50)
        #expect(asked.load(ordering: .relaxed) == 2)
    }

    @Test func `all calls of a query see one state`() async throws {
        let path = try TemporaryFolder.file()
        let world = try World()
        let scope = world.scope
        let store = try SQLiteStore(path: path)
        let ann = try world.laptop("ann", store: store)
        let other = try world.replica("ann", store: SQLiteStore(path: path))
        let next = Atomic<UInt64>(1)
        var counts = ann.observe { replica in
            let first = try replica.recordCount()
            // Something is saved elsewhere between the two calls; three times, or this would never rest.
            let n = next.add(1, ordering: .relaxed).oldValue
            if n <= 3 { try other.put("Harbour", of: World.record(n), in: scope) }
            return [first, try replica.recordCount(), Int(try store.query("SELECT count(*) FROM _record").rows[0][0] ?? "") ?? -1]
        }.makeAsyncIterator()
        var seen: [Int] = []
        while let counts = try await counts.next() {
            #expect(Set(counts).count == 1)
            seen.append(counts[0])
            if counts[0] == 3 { break }
        }
        #expect(seen == [0, 1, 2, 3])
    }

    @Test func `queries that block do not hold up what else is to be done`() async throws {
        let world = try World()
        let ann = try world.laptop("ann", store: StoreKind.sqlite.open())
        // More than the pool has threads; each is let go only by a task that needs one.
        let gate = DispatchSemaphore(value: 0)
        let queries = 40
        try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<queries {
                group.addTask {
                    var counts = ann.observe { replica in
                        gate.wait()
                        return try replica.recordCount()
                    }.makeAsyncIterator()
                    return try await counts.next()
                }
            }
            group.addTask {
                for _ in 0..<queries {
                    await Task.yield()
                    gate.signal()
                }
                return 0
            }
            for try await result in group { #expect(result == 0) }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `it ends when its task is cancelled`(_ kind: StoreKind) async throws {
        let world = try World()
        let ann = try world.laptop("ann", store: kind.open())
        let (began, signal) = AsyncStream.makeStream(of: Int.self)
        let task = Task {
            for try await seen in count(ann) { signal.yield(seen) }
            signal.finish()
        }
        var seen = began.makeAsyncIterator()
        #expect(await seen.next() == 0)
        task.cancel()
        #expect(await seen.next() == nil)
        try await task.value
    }

    @Test func `it ends with the error of its query, and may be begun anew`() async throws {
        struct Odd: Error {}
        let world = try World()
        let ann = try world.laptop("ann", store: StoreKind.sqlite.open())
        let counts = ann.observe { replica in
            let count = try replica.recordCount()
            if count % 2 == 1 { throw Odd() }
            return count
        }
        var first = counts.makeAsyncIterator()
        #expect(try await first.next() == 0)
        try ann.put("Harbour", of: World.record(1), in: world.scope)
        await #expect(throws: Odd.self) { try await first.next() }
        try ann.put("Harbour", of: World.record(2), in: world.scope)
        #expect(try await first.next() == nil)
        var second = counts.makeAsyncIterator()
        #expect(try await second.next() == 2)
    }

    @Test func `who comes later, after the last has gone, is told like the first`() async throws {
        let world = try World()
        let ann = try world.laptop("ann", store: StoreKind.sqlite.open())
        for n in 0..<50 {
            for try await seen in count(ann) {
                if seen == n { try ann.put("Harbour", of: World.record(UInt64(n)), in: world.scope) } else { break }
            }
        }
        #expect(try ann.recordCount() == 50)
    }

    @Test func `a store that cannot tell is observed through its replica`() async throws {
        let world = try World()
        let ann = try world.laptop("ann", store: QuietStore())
        var counts = count(ann).makeAsyncIterator()
        #expect(try await counts.next() == 0)
        try ann.put("Harbour", of: World.record(1), in: world.scope)
        #expect(try await counts.next() == 1)
    }

    @Test(arguments: StoreKind.allCases)
    func `records and review items are told as they come, change and are settled`(_ kind: StoreKind) async throws {
        let world = try World()
        let scope = world.scope
        let ann = try world.laptop("ann", store: kind.open())
        var talks = ann.observeRecords(type: "talk", in: scope).makeAsyncIterator()
        var talk = ann.observeRecord(World.record(1)).makeAsyncIterator()
        var items = ann.observeReviewItems().makeAsyncIterator()
        #expect(try await talks.next() == [])
        #expect(try await talk.next() == .some(nil))
        #expect(try await items.next() == [])

        try ann.put("Harbour", of: World.record(1), in: scope)
        #expect(try await talks.next()?.map { $0.text("title") } == ["Harbour"])
        #expect(try await talk.next()??.text("title") == "Harbour")

        // Written without having seen the first: both stand.
        var ben = try world.author("ben")
        _ = try ann.ingest([[ben.run([ben.birth(), ben.entry("Port", of: World.record(1))])]], in: scope)
        let open = try #require(try await items.next())
        #expect(open.map(\.item.kind) == [.contested])
        try ann.settle(open[0], by: .value(.text("Quay")), reason: "decided")
        #expect(try await items.next() == [])
        var shown: String?
        while shown != "Quay", let next = try await talk.next() { shown = next?.text("title") }
        #expect(shown == "Quay")
    }
}

/// Tells nobody when it is changed.
private final class QuietStore: Store {
    private let inner = MemoryStore()

    func reading<T>(_ body: (any StoreReader) throws -> T) throws -> T { try inner.reading(body) }
    func writing<T>(_ body: (any StoreWriter) throws -> T) throws -> T { try inner.writing(body) }
    func faults() throws -> [String] { [] }
}
