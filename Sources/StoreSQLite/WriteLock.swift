// The lock that every write transaction and every checkpoint runs under. SQLite before 3.51.3 can damage a WAL file when two
// connections write or checkpoint at the same moment; one lock file, held around all of it, keeps them apart across processes.

import Replicas
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

final class WriteLock: Sendable {
    private let descriptor: Int32
    let path: String
    /// How long to wait for another process.
    private let patienceMilliseconds: Int

    init(path: String, patienceMilliseconds: Int) throws {
        self.path = path
        self.patienceMilliseconds = patienceMilliseconds
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw ReplicaError(
                .storeReadOnly, path, message: "The lock file \(path) cannot be opened: \(reason).",
                next: "Make the folder writable for this user, or choose another with --replica.")
        }
    }

    deinit { close(descriptor) }

    /// Runs `body` while no other process writes or checkpoints. Not reentrant; within the process the caller keeps writers apart.
    func held<T>(_ body: () throws -> T) throws -> T {
        var waited = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw ReplicaError(
                    .storeUnreadable, path, message: "Locking \(path) failed: \(String(cString: strerror(errno))).",
                    next: "The folder must be on a local disk; network folders often cannot lock.")
            }
            guard waited < patienceMilliseconds else {
                throw ReplicaError(
                    .storeBusy, path, message: "Another process has been writing to this replica for \(waited / 1000) seconds.",
                    next: "Nothing was saved. Wait for it to finish, then try again.")
            }
            usleep(2_000)
            waited += 2
        }
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }
}
