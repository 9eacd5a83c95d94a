// A replica's store in one SQLite file: opening, transactions, checkpoints. The contract itself is in SQLiteSession.swift.
//
// Several processes may have one replica open. Readers see a snapshot; writers and checkpoints follow each other under WriteLock.

import CSQLite
import Dispatch
import GRDB
import Records
public import Replicas
import Synchronization

import class Foundation.FileHandle

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A replica's store in one SQLite file, which several processes may have open.
public final class SQLiteStore: WatchedStore {
    private let pool: DatabasePool
    private let lock: WriteLock
    private let instruments: (any Instruments)?
    private let watch: ChangeWatch
    /// Where observers ask, by turns: serial queues, because the threads of a concurrent one are on Linux those of the cooperative pool.
    private let lanes = (0..<readersMax).map { DispatchQueue(label: "replica.observing.\($0)") }
    private let queries = Atomic(0)
    /// The log still holds what was erased.
    private let owesCheckpoint = Atomic(false)
    let views: RecordViews?
    /// Where the file is.
    public let path: String
    let vfs: String?
    /// The search index's, which can be made anew at any time.
    var indexPath: String { Self.indexPath(path) }

    /// Who may read at once.
    private static let readersMax = 4
    /// WAL pages after which a writer checkpoints, still under the lock.
    private static let checkpointPages = 8_000
    /// A page and its frame header.
    private static let walFrameBytes = 4_096 + 24

    /// Opens or makes the replica in this file.
    ///
    /// - Parameters:
    ///   - views: which record types get an SQL view, and how their fields are shown in it.
    ///   - vfs: the name of a registered SQLite VFS to go through, for stores that encrypt their pages.
    ///   - syncingFolder: puts the names in the file's folder on the disk, for a VFS with a folder of its own; nil: the system's folder is synced.
    ///   - patienceMilliseconds: how long to wait for another process that writes.
    ///   - instruments: who is told how long each write took.
    /// - Throws: ``ReplicaError`` with `storeReadOnly`, `storeUnreadable`, `storeTooNew`, `storeFull` or `storeBusy`.
    public init(
        path: String, views: RecordViews? = nil, vfs: String? = nil, syncingFolder: (() -> Void)? = nil,
        patienceMilliseconds: Int = 30_000, instruments: (any Instruments)? = nil
    ) throws {
        (self.path, self.vfs, self.views, self.instruments) = (path, vfs, views, instruments)
        try Self.checkHeader(of: path, encrypted: vfs != nil)
        // SQLite syncs the name of a log that it makes, and not of one that an opening before it made and left when it broke off.
        let isLogLeft = vfs != nil || access(path + "-wal", F_OK) == 0
        // The log and its index take their permissions from the file, so it is made before SQLite would.
        let made = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        if made >= 0 { close(made) }
        let lock = try WriteLock(path: path + ".lock", patienceMilliseconds: patienceMilliseconds)
        self.lock = lock
        let name = Self.location(path, vfs: vfs)
        watch = ChangeWatch(bell: lock.path) {
            var configuration = Self.configuration(nil)
            (configuration.readonly, configuration.label) = (true, "replica.changes")
            return try DatabaseQueue(path: name, configuration: configuration)
        }
        do {
            pool = try lock.held {
                let pool = try DatabasePool(path: name, configuration: Self.configuration(views))
                try pool.writeWithoutTransaction { db in
                    // GRDB believes that the log is on before SQLite has written so. After a write that failed there is a rollback journal, whose
                    // deletion nobody syncs: a power cut could undo a save.
                    guard try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal" else {
                        throw DatabaseError(resultCode: .SQLITE_IOERR, message: "the log could not be turned on")
                    }
                    // A save that was acknowledged must survive a power cut. GRDB sets NORMAL when it turns the log on, so this comes after; and
                    // before the first table, so that nothing unsynced stands in the log before a save.
                    try db.execute(sql: "PRAGMA synchronous = FULL")
                }
                let (isNew, isUnfinished) = try pool.read { db in
                    let id = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
                    let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
                    guard id == Schema.applicationID || isEmpty else { throw Self.foreign(path) }
                    guard try !Schema.migrator.hasBeenSuperseded(db) else {
                        throw ReplicaError(
                            .storeTooNew, path, message: "\(path) was written by a newer version of Dundian.",
                            next: "Nothing was changed. Use that version, or newer.")
                    }
                    return (id != Schema.applicationID, try !Schema.migrator.hasCompletedMigrations(db))
                }
                // Before the first table: a file that was begun and broke off is known as ours, and is gone on with.
                if isNew { try pool.write { try $0.execute(sql: "PRAGMA application_id = \(Schema.applicationID)") } }
                try Schema.migrator.migrate(pool)
                // The names of file and log too must survive a power cut, even where an opening before this one made them and broke off.
                if isUnfinished || isLogLeft { if let syncingFolder { syncingFolder() } else { Self.syncFolder(of: path) } }
                try pool.writeWithoutTransaction { db in try views?.install(in: db) }
                return pool
            }
        } catch {
            throw Self.explained(error, path)
        }
    }

    /// A file that is there but is not SQLite is said to be so before anything touches it.
    private static func checkHeader(of path: String, encrypted: Bool) throws {
        guard !encrypted, let file = FileHandle(forReadingAtPath: path) else { return }
        defer { try? file.close() }
        guard let data = (try? file.read(upToCount: 100)) ?? nil, !data.isEmpty else { return }
        let head = Array(data)
        guard head.count == 100, head.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw ReplicaError(
                .storeUnreadable, path, message: "\(path) is not a replica: it is not an SQLite file.",
                next: "Nothing was changed. Restore it from a backup, or choose another folder with --replica.")
        }
        // The header's schema cookie and application id: a file with tables and without our id is somebody else's.
        func word(_ at: Int) -> Int { head[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        if word(40) != 0, word(68) != Schema.applicationID { throw foreign(path) }
    }

    private static func syncFolder(of path: String) {
        let folder = open(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".", O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func foreign(_ path: String) -> ReplicaError {
        ReplicaError(
            .storeUnreadable, path, message: "\(path) is an SQLite file of another program.",
            next: "Nothing was changed. Choose another folder with --replica.")
    }

    /// The index stands beside the replica: `replica.sqlite` has `search.sqlite`, any other name has its own before it.
    private static func indexPath(_ path: String) -> String {
        let name = "replica.sqlite"
        return path.hasSuffix("/" + name) ? path.dropLast(name.count) + "search.sqlite" : path + ".search.sqlite"
    }

    /// A file's name for SQLite, which goes through a VFS if one is named.
    static func location(_ path: String, vfs: String?) -> String { vfs.map { "file:\(escaped(path))?vfs=\($0)" } ?? path }

    /// A path as it stands in a URI.
    private static func escaped(_ path: String) -> String {
        path.map { $0 == "%" ? "%25" : $0 == "?" ? "%3f" : $0 == "#" ? "%23" : String($0) }.joined()
    }

    private static func configuration(_ views: RecordViews?) -> Configuration {
        var configuration = Configuration()
        configuration.label = "replica"
        configuration.maximumReaderCount = readersMax
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            // What is erased or written over leaves no bytes behind in free pages.
            try db.execute(sql: "PRAGMA secure_delete = ON")
            try db.execute(sql: "PRAGMA foreign_keys = ON")
            try db.execute(sql: "PRAGMA cache_size = -32000")
            guard dundian_no_checkpoint_on_close(db.sqliteConnection) == 0 else {
                throw DatabaseError(message: "this SQLite cannot leave its log alone on close")
            }
            views?.register(in: db)
        }
        return configuration
    }

    /// Runs `body` on a snapshot, beside writers. A read within a read sees the same state.
    public func reading<T>(_ body: (any StoreReader) throws -> T) throws -> T {
        do {
            return try pool.unsafeReentrantRead { db in
                try Self.inSnapshot(db) { try body(SQLiteSession(db)) }
            }
        } catch { throw Self.explained(error, path) }
    }

    private static func inSnapshot<T>(_ db: Database, _ body: () throws -> T) throws -> T {
        var result: Result<T, any Error>?
        if db.isInsideTransaction { return try body() }
        try db.inTransaction(.deferred) {
            result = Result { try body() }
            return .commit
        }
        guard let result else { preconditionFailure("the transaction ran") }
        return try result.get()
    }

    /// Runs `body` alone among all writers, of other processes too. Durable when this returns.
    public func writing<T>(_ body: (any StoreWriter) throws -> T) throws -> T {
        let start = ContinuousClock.now
        defer { instruments?.note(.storeWrote(milliseconds: (ContinuousClock.now - start) / .milliseconds(1))) }
        var hasErased = false
        let result = try writing { (db: Database) in
            let session = SQLiteSession(db)
            let result = try body(session)
            hasErased = session.hasErased
            return result
        }
        // What was erased still stands in the log until that is moved into the file. A reader may hold it back: then the next write tries.
        if hasErased { owesCheckpoint.store(true, ordering: .relaxed) }
        if owesCheckpoint.load(ordering: .relaxed), (try? checkpoint()) != nil { owesCheckpoint.store(false, ordering: .relaxed) }
        return result
    }

    /// The same for what the store contract does not offer.
    func writing<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            let result = try pool.writeWithoutTransaction { db in
                try lock.held {
                    var result: T?
                    try db.inTransaction(.immediate) {
                        result = try body(db)
                        return .commit
                    }
                    checkpointIfLong(db)
                    guard let result else { preconditionFailure("the transaction ran") }
                    return result
                }
            }
            watch.ring()
            return result
        } catch { throw Self.explained(error, path) }
    }

    // MARK: Observing

    /// Yields after each write transaction, of other processes too; at times without a change.
    public func changes() -> AsyncStream<Void> { watch.stream() }

    /// Runs a query on a thread where it may block, on a snapshot that all its reads see.
    public func observing<T: Sendable>(_ query: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            lanes[queries.add(1, ordering: .relaxed).oldValue % Self.readersMax].async {
                continuation.resume(with: Result { try self.reading { (_: any StoreReader) in try query() } })
            }
        }
    }

    // MARK: Checkpoints and checks

    /// Moves the log into the file when it has grown long. Readers may hold it back; the next writer tries again.
    private func checkpointIfLong(_ db: Database) {
        var information = stat()
        guard stat(path + "-wal", &information) == 0, information.st_size > Self.checkpointPages * Self.walFrameBytes else {
            return
        }
        // Nobody waits for readers here: what they still need stays for the next writer.
        try? db.execute(sql: "PRAGMA busy_timeout = 0")
        _ = try? db.checkpoint(.truncate)
        try? db.execute(sql: "PRAGMA busy_timeout = 5000")
    }

    /// Moves the whole log into the file. For backups and before a long rest.
    public func checkpoint() throws {
        do {
            try pool.writeWithoutTransaction { db in try lock.held { _ = try db.checkpoint(.truncate) } }
        } catch { throw Self.explained(error, path) }
    }

    /// What SQLite's own checks find; takes time in proportion to the file.
    public func faults() throws -> [String] {
        try reading { (db: Database) in
            var faults =
                try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
                + Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(20).map { "foreign key: \($0)" }
            let session = SQLiteSession(db)
            for key in try session.settingKeys(beginning: "") {
                do { _ = try session.setting(key) } catch { faults.append("\(error)") }
            }
            faults += try session.drafts().filter(\.isDamaged).map { "draft \($0.key) is not what was written" }
            return faults
        }
    }

    /// A snapshot for what the store contract does not offer; within a read, the same one.
    func reading<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try pool.unsafeReentrantRead { db in try Self.inSnapshot(db) { try body(db) } }
        } catch { throw Self.explained(error, path) }
    }

    // MARK: Errors

    /// SQLite's word for what went wrong, as an error that says what to do.
    static func explained(_ error: any Error, _ path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        switch error.resultCode {
        case .SQLITE_FULL:
            return ReplicaError(
                .storeFull, path, message: "The disk with \(path) is full.",
                next: "Nothing of this was saved; what was saved before is safe. Free some space and try again.")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return ReplicaError(
                .storeReadOnly, path, message: "\(path) cannot be written: \(error.message ?? "no permission").",
                next: "Make the file and its folder writable for this user, or choose another with --replica.")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            return ReplicaError(
                .storeUnreadable, path, message: "\(path) is damaged: \(error.message ?? "unreadable").",
                next:
                    "Keep a copy of the folder as it is. Then run: dundian recover. If that fails, restore a backup and sync: what the centre confirmed comes back."
            )
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return ReplicaError(
                .storeBusy, path, message: "\(path) is in use by another program.", next: "Nothing was saved. Try again.")
        default: return error
        }
    }
}
