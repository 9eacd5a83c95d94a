// The store contract over both stores there are: the conformance kit, as a stranger runs it over theirs.

import DundianConformance
import Replicas
import StoreSQLite
import Testing
import Worlds

struct StoreContractTests {
    @Test(arguments: StoreConformance.cases)
    func `the store in memory keeps the contract`(_ conformance: StoreCase) throws {
        try conformance.run { MemoryStore() }
    }

    @Test(arguments: StoreConformance.cases)
    func `the store in SQLite keeps the contract`(_ conformance: StoreCase) throws {
        try conformance.run { try SQLiteStore(path: TemporaryFolder.file()) }
    }

    @Test(arguments: StoreConformance.durableCases)
    func `the store in SQLite outlives its process`(_ conformance: DurableStoreCase) throws {
        let paths = [try TemporaryFolder.file(), try TemporaryFolder.file()]
        try conformance.run { try SQLiteStore(path: paths[$0 - 1]) }
    }

    @Test func `the kit finds what breaks the contract`() throws {
        let broken = StoreConformance.cases.filter { conformance in
            do { try conformance.run { ForgetfulStore() } } catch { return true }
            return false
        }
        // A store that forgets its settings fails wherever settings are looked at, and nowhere else.
        #expect(broken.map(\.name).contains("settings are set, replaced, found by prefix and removed"))
        #expect(broken.count < StoreConformance.cases.count / 2)
    }
}

/// Loses one setting.
private final class ForgetfulStore: Store {
    private let inner = MemoryStore()

    func reading<T>(_ body: (any StoreReader) throws -> T) throws -> T { try inner.reading(body) }

    func writing<T>(_ body: (any StoreWriter) throws -> T) throws -> T {
        let result = try inner.writing(body)
        try inner.writing { try $0.setSetting("a", nil) }
        return result
    }

    func faults() throws -> [String] { [] }
}
