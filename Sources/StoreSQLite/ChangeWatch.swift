// Notices that a replica file was changed, by this process or another, while somebody listens.
//
// Whoever has written rings: it opens the lock file for writing and closes it, once its transaction can be read. Listeners hear that from
// the kernel (inotify, on Linux), which also closes the file for a process that was killed before it could ring. The log itself is no
// bell: it grows before what is in it can be read. A ring says only "look": SQLite's data_version, asked over a connection kept for it,
// says whether there is something to tell. Where no ring arrives, a slow look finds the change.

import GRDB
import Replicas
import Synchronization

import class Foundation.Thread

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

final class ChangeWatch: Sendable {
    private let bell: String
    private let connect: @Sendable () throws -> DatabaseQueue
    private let observers: Observers
    private let isWatching = Mutex(false)

    /// - Parameters:
    ///   - bell: a file that is there, and that whoever has written opens for writing and closes.
    ///   - connect: makes a connection to the replica for this alone.
    init(bell: String, connect: @escaping @Sendable () throws -> DatabaseQueue) {
        (self.bell, self.connect) = (bell, connect)
        // The thread hears this too, and ends.
        observers = Observers { Self.ring(bell) }
    }

    /// Lets all who listen look, whichever process they are in.
    func ring() { Self.ring(bell) }

    private static func ring(_ bell: String) {
        let file = open(bell, O_WRONLY | O_CLOEXEC)
        if file >= 0 { close(file) }
    }

    /// Yields after changes, and once when the watching has begun: what was changed just before may be new to the listener.
    func stream() -> AsyncStream<Void> {
        let stream = observers.stream()
        let isNeeded = isWatching.withLock { isWatching in
            defer { isWatching = true }
            return !isWatching
        }
        if isNeeded { Thread.detachNewThread { self.watch() } }
        return stream
    }

    private func watch() {
        let ear = Ear(bell)
        var connection = try? connect()
        var seen = connection.flatMap(Self.version)
        observers.notify()
        while true {
            let heard = ear.wait()
            // Whoever begins to listen is noted before they ask whether somebody watches: either they are seen here, or they start anew.
            let isOver = isWatching.withLock { isWatching in
                if observers.isIdle { isWatching = false }
                return !isWatching
            }
            if isOver { return }
            if connection == nil { connection = try? connect() }
            let now = connection.flatMap(Self.version)
            // A file that cannot be read is a thing to tell too: who asks next gets the error.
            if now != seen || (now == nil && heard) {
                seen = now
                observers.notify()
            }
        }
    }

    /// Another number after each commit of another connection; nil if the file cannot be read.
    private static func version(_ connection: DatabaseQueue) -> Int? {
        try? connection.unsafeRead { try Int.fetchOne($0, sql: "PRAGMA data_version") }
    }
}

/// Hears that a file was closed by somebody who could write it.
private struct Ear: ~Copyable {
    private let descriptor: Int32

    /// How long to wait where rings are heard, and where they are not.
    private static let (slowMilliseconds, deafMilliseconds): (Int32, Int32) = (2_000, 200)

    init(_ path: String) {
        #if os(Linux)
            let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
            if descriptor >= 0, inotify_add_watch(descriptor, path, UInt32(IN_CLOSE_WRITE)) < 0 {
                close(descriptor)
                self.descriptor = -1
            } else {
                self.descriptor = descriptor
            }
        #else
            descriptor = -1
        #endif
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Waits for a ring, or until it is time to look without one. Several rings are heard as one.
    func wait() -> Bool {
        guard descriptor >= 0 else {
            usleep(UInt32(Self.deafMilliseconds) * 1_000)
            return false
        }
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&event, 1, Self.slowMilliseconds) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while read(descriptor, &buffer, buffer.count) > 0 {}
        return true
    }
}
