// The files of one draft, by name: the one that its editor opens, and what editors leave beside it when they die.
//
//     talk-k7q2m4xd.txt               0600, the editor's file
//     talk-k7q2m4xd.txt.save          nano's whole text, written when its terminal went away; Emacs's is #talk-k7q2m4xd.txt#
//     .talk-k7q2m4xd.txt.swp          vim's swap file: only vim can read it (vim -r), and only beside the editor's file
//     talk-k7q2m4xd.txt~              the text before the last writing
//     talk-k7q2m4xd.lock              locked while the form is open
//     talk-k7q2m4xd.other-encoding    what an editor saved that is not UTF-8; a person's to remove, never ours

import Dundian

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct DraftFiles {
    let folder: String
    /// The draft's name.
    let name: String

    static let otherEncoding = "other-encoding"

    var text: String { "\(folder)/\(name).txt" }
    var rescued: [String] { ["\(text).save", "\(folder)/#\(name).txt#"] }
    var swaps: [String] { ["swp", "swo", "swn"].map { "\(folder)/.\(name).txt.\($0)" } }
    var backup: String { text + "~" }
    var lock: String { "\(folder)/\(name).lock" }

    /// What lies there that only an editor, or a person, can make something of.
    var leftovers: [String] { (swaps + [backup]).filter { FileVersion($0) != nil } }

    func remove() { for file in [text, backup] + rescued + swaps { unlink(file) } }

    /// Moves away a file that is no UTF-8 text, under a name that nothing has.
    /// - Returns: where it is now; nil if it could not be moved.
    func setAside(_ file: String) -> String? {
        for number in 1... {
            let kept = "\(folder)/\(name).\(Self.otherEncoding)" + (number == 1 ? "" : "-\(number)")
            if access(kept, F_OK) == 0 { continue }
            return rename(file, kept) == 0 ? kept : nil
        }
        return nil
    }
}

/// Which writing of a file stands there.
struct FileVersion: Equatable {
    private var inode: UInt64
    private var size: Int64
    private var seconds: Int64
    private var nanoseconds: Int64

    init?(_ path: String) {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        (inode, size) = (UInt64(info.st_ino), Int64(info.st_size))
        (seconds, nanoseconds) = (Int64(info.st_mtim.tv_sec), Int64(info.st_mtim.tv_nsec))
    }

    var written: Timestamp { Timestamp(milliseconds: seconds * 1000 + nanoseconds / 1_000_000) }
}

/// Goes with the process, however it ends.
final class DraftLock {
    private let path: String
    private let handle: Int32

    /// Nil if another has it.
    init?(_ path: String) {
        self.path = path
        while true {
            let handle = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard handle >= 0 else { return nil }
            guard flock(handle, LOCK_EX | LOCK_NB) == 0 else {
                close(handle)
                return nil
            }
            // Its last holder may have taken the file away between the two.
            var (ours, there) = (stat(), stat())
            if fstat(handle, &ours) == 0, stat(path, &there) == 0, ours.st_ino == there.st_ino {
                self.handle = handle
                return
            }
            close(handle)
        }
    }

    deinit {
        unlink(path)
        close(handle)
    }
}
