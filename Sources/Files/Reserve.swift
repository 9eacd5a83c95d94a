// Room set aside beside a replica while there is plenty, given back when the disk is full: saving needs space that others can take, but what was
// saved must still get out.

import Replicas

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file that takes up room until the room is needed.
public struct Reserve: Sendable {
    /// What a sync writes down of itself, some times over.
    public static let bytes: Int64 = 4 << 20
    /// No room is set aside on a disk with less than this.
    private static let plenty: Int64 = 16 * bytes
    private let path: String
    private let folder: String

    /// The reserve of a replica folder.
    public init(in folder: String) { (self.folder, path) = (folder, folder + "/reserve") }

    /// Whether room is set aside.
    public var isKept: Bool {
        var file = stat()
        return stat(path, &file) == 0 && file.st_size >= Self.bytes
    }

    /// Sets room aside if there is none and there is plenty.
    public func keep() {
        guard !isKept, let free = free(), free >= Self.plenty else { return }
        // One that was begun and broke off is of no use.
        unlink(path)
        let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        if posix_fallocate(file, 0, off_t(Self.bytes)) != 0 { unlink(path) }
    }

    /// Gives the room back if the disk is full; whether it did.
    public func giveIfFull() -> Bool {
        guard isKept, let free = free(), free < Self.bytes else { return false }
        return unlink(path) == 0
    }

    /// Bytes this user may still write there; nil if the disk does not say.
    private func free() -> Int64? {
        var disk = statvfs()
        guard statvfs(folder, &disk) == 0 else { return nil }
        return Int64(clamping: UInt64(disk.f_bavail)) &* Int64(clamping: UInt64(disk.f_frsize))
    }
}
