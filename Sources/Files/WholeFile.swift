// A file that is there whole or not at all, for its owner's eyes alone: written beside its name and moved there when it is finished.

import Foundation

package import Supervision

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

package final class FreshFile {
    package let path: String
    /// Where it is written until it is finished.
    package let partial: String
    private let replaces: Bool
    private let t: Language
    private var handle: Int32
    private var buffer: [UInt8] = []
    private var isFinished = false

    /// Begins the file.
    /// - Parameter replaces: whether a file of that name may be there and is then replaced.
    package init(_ path: String, replaces: Bool, _ t: Language) throws {
        (self.path, self.replaces, self.t) = (path, replaces, t)
        if !replaces, Self.isThere(path) { throw Self.exists(path, t) }
        partial = "\(path).partial-\(getpid())"
        handle = open(partial, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if handle < 0 { throw Self.unwritable(path, t) }
    }

    deinit {
        if handle >= 0 { close(handle) }
        if !isFinished { unlink(partial) }
    }

    package func write(_ text: String) throws {
        buffer += text.utf8
        if buffer.count >= 1 << 18 { try flush() }
    }

    private func flush() throws {
        var done = 0
        while done < buffer.count {
            let count = buffer[done...].withUnsafeBytes { Foundation.write(handle, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.unwritable(path, t) }
            done += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Puts the file under its name, after it is on the disk.
    package func finish() throws {
        try flush()
        guard fsync(handle) == 0 else { throw Self.unwritable(path, t) }
        close(handle)
        handle = -1
        if replaces {
            guard rename(partial, path) == 0 else { throw Self.unwritable(path, t) }
        } else if link(partial, path) == 0 {
            unlink(partial)
        } else {
            // Some file systems of memory sticks know no links: between the look and the move another program could slip in.
            if errno == EEXIST || Self.isThere(path) { throw Self.exists(path, t) }
            guard rename(partial, path) == 0 else { throw Self.unwritable(path, t) }
        }
        isFinished = true
    }

    package static func isThere(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0
    }

    package static func exists(_ path: String, _ t: Language) -> Explanation {
        Explanation(
            "file-exists", exit: ExitStatus.badInput,
            t("\(Screen.safe(path)) 已经存在。", "\(Screen.safe(path)) is there already."),
            t("什么也没有写。请换一个名字，或用 --force 覆盖。", "Nothing was written. Give another name, or --force to replace it."))
    }

    static func unwritable(_ path: String, _ t: Language) -> Explanation {
        let isFull = errno == ENOSPC || errno == EDQUOT
        return Explanation(
            "file-unwritable", exit: ExitStatus.storage,
            isFull
                ? t("磁盘已满：\(Screen.safe(path))。", "The disk is full: \(Screen.safe(path)).")
                : t("无法写入 \(Screen.safe(path))。", "\(Screen.safe(path)) cannot be written."),
            t("没有留下写了一半的文件。", "No half-written file was left."))
    }
}
