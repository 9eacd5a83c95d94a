// A file that is there whole or not at all, for its owner's eyes alone: written beside its name, put on the disk, and moved there when
// it is finished. What a program that was killed leaves is called NAME.partial-N.

package import Replicas

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Errors are ``ReplicaError``s with `fileExists`, `fileUnwritable` or `diskFull`.
package final class WholeFile {
    package let path: String
    /// Where it is written until it is finished.
    package let partial: String
    private let replaces: Bool
    private var handle: Int32
    private var buffer: [UInt8] = []
    private var isFinished = false

    /// Begins the file.
    /// - Parameter replaces: whether a file of that name may be there and is then replaced.
    package init(_ path: String, replaces: Bool) throws {
        (self.path, self.replaces) = (path, replaces)
        if !replaces, Self.isThere(path) { throw Self.exists(path) }
        partial = "\(path).partial-\(getpid())"
        // Nobody else alive has this number: what bears it was left by a program that was killed.
        var left = stat()
        if lstat(partial, &left) == 0, left.st_mode & S_IFMT == S_IFREG, left.st_uid == getuid() { unlink(partial) }
        handle = open(partial, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if handle < 0 {
            // What stands under that name is not ours to take away.
            isFinished = true
            throw Self.unwritable(path)
        }
    }

    deinit {
        if handle >= 0 { close(handle) }
        if !isFinished { unlink(partial) }
    }

    package func write(_ bytes: some Sequence<UInt8>) throws {
        buffer += bytes
        if buffer.count >= 1 << 18 { try flush() }
    }

    package func write(_ text: String) throws { try write(text.utf8) }

    private func flush() throws {
        var done = 0
        while done < buffer.count {
            let count = buffer[done...].withUnsafeBytes { systemWrite(handle, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.unwritable(path) }
            done += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Puts the file under its name, after it is on the disk.
    package func finish() throws {
        try flush()
        guard fsync(handle) == 0 else { throw Self.unwritable(path) }
        close(handle)
        handle = -1
        if replaces {
            guard rename(partial, path) == 0 else { throw Self.unwritable(path) }
        } else if link(partial, path) == 0 {
            unlink(partial)
        } else {
            // Some file systems of memory sticks know no links: between the look and the move another program could slip in.
            if errno == EEXIST || Self.isThere(path) { throw Self.exists(path) }
            guard rename(partial, path) == 0 else { throw Self.unwritable(path) }
        }
        isFinished = true
        Self.keepNames(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")
    }

    /// Puts the names in a folder on the disk: they too must survive the stick being pulled out now. A file system that cannot sync a folder has no
    /// better way.
    package static func keepNames(_ folder: String) {
        let handle = open(folder, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else { return }
        fsync(handle)
        close(handle)
    }

    package static func isThere(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0
    }

    package static func exists(_ path: String) -> ReplicaError {
        ReplicaError(
            .fileExists, path, message: "\(path) is there already.",
            next: "Nothing was written. Give another name, or --force to replace it.")
    }

    /// What the last call of the system complained of.
    package static func unwritable(_ path: String) -> ReplicaError {
        let left = "No half-written file was left, and one that was there is untouched."
        if errno == ENOSPC || errno == EDQUOT || errno == EFBIG {
            return ReplicaError(
                .diskFull, path, message: "The disk of \(path) is full.", next: "\(left) Make room, or choose another place.")
        }
        return ReplicaError(
            .fileUnwritable, path, message: "\(path) cannot be written: \(String(cString: strerror(errno))).",
            next: "\(left) Check the path, its permissions and the stick.")
    }
}

// Inside the class `write` means its own.
#if canImport(Glibc)
    private func systemWrite(_ handle: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int { Glibc.write(handle, bytes, count) }
#elseif canImport(Musl)
    private func systemWrite(_ handle: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int { Musl.write(handle, bytes, count) }
#endif
