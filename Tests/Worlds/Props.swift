// What stands in for the outside: time, chance, disks.

package import Causality
import Foundation
package import Replicas
import StoreSQLite
import Support
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Shows the time it was last set to.
package final class ScriptedClock: WallClock {
    private let milliseconds: Mutex<Int64>

    package init(_ start: Int64) { milliseconds = Mutex(start) }

    package func now() -> Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
    package func set(_ time: Int64) { milliseconds.withLock { $0 = time } }
    package func advance(_ by: Int64) { milliseconds.withLock { $0 += by } }
}

/// Both stores there are.
package enum StoreKind: String, CaseIterable, Sendable {
    case memory, sqlite

    /// A new, empty one.
    package func open() throws -> any Store {
        switch self {
        case .memory: return MemoryStore()
        case .sqlite: return try SQLiteStore(path: TemporaryFolder.file())
        }
    }

    /// A store in this file.
    package static func sqlite(at path: String) throws -> any Store { try SQLiteStore(path: path) }

    /// Whether a text stands in a store's file or in its log, byte for byte.
    package static func bytes(at path: String, contain text: String) throws -> Bool {
        ["", "-wal"].contains { ending in
            (FileManager.default.contents(atPath: path + ending) ?? Data()).firstRange(of: Data(text.utf8)) != nil
        }
    }
}

/// Fresh folders, gone when the process ends.
package enum TemporaryFolder {
    private static let root: URL = {
        atexit { _ = try? FileManager.default.removeItem(at: TemporaryFolder.root) }
        return FileManager.default.temporaryDirectory.appendingPathComponent("dundian-tests-\(UUID().uuidString)")
    }()

    /// A path in a new folder; nothing is there yet.
    package static func file(_ name: String = "replica.db") throws -> String {
        let folder = root.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appendingPathComponent(name).path
    }
}
