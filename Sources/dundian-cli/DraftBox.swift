// Drafts: what was typed into a form and not saved yet. While an editor runs, its file is copied into the replica's draft table each time
// it changes; what dies leaves both, and the newer one counts.
//
//   REPLICA/drafts/            0700
//     talk-k7q2m4xd.txt        0600, the editor's file; beside it what the editor itself leaves (.swp, .save, ~)
//     talk-k7q2m4xd.lock       locked while the form is open
//   draft table                form/k7q2m4xd -> FormDraft
//
// The editor's file is taken away before the record is saved, and the row goes with the save: a file without a row is one that an
// editor wrote after its dundian had died, and becomes a draft again.

import Dundian
import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A draft as it is kept.
struct KeptDraft {
    /// Eight characters, as they stand in the file's name.
    var id: String
    var saved: Timestamp
    var form: FormDraft

    var key: String { DraftBox.prefix + id }
    var name: String { "\(form.origin.type.rawValue)-\(id)" }
    /// As people type it: `k7q2-m4xd`
    var short: String { id.count == 8 ? "\(id.prefix(4))-\(id.suffix(4))" : id }
}

struct DraftBox {
    static let prefix = "form/"

    let replica: Replica
    let path: String

    init(_ folder: ReplicaFolder) {
        replica = folder.replica
        path = folder.path + "/drafts"
    }

    // MARK: Looking

    /// The drafts something was written in, the newest first. What a dead editor left is taken in.
    func all() throws -> [KeptDraft] {
        try takeIn()
        return try stored().filter { $0.form.isTouched || isOpen($0) }.sorted { $0.saved > $1.saved }
    }

    /// The newest draft of this type and record that is not open elsewhere.
    func draft(of type: TypeKey, _ record: RecordID?) throws -> KeptDraft? {
        try all().first { $0.form.origin.type == type && $0.form.origin.record == record && $0.form.isTouched && !isOpen($0) }
    }

    func draft(named typed: String) throws -> KeptDraft {
        let name = typed.lowercased().filter { $0 != "-" }
        let found = try all().filter { !name.isEmpty && $0.id.hasPrefix(name) }
        guard found.count == 1, let draft = found.first else {
            throw Explanation(
                "draft-unknown", exit: ExitStatus.notFound,
                tr("没有编号为 \(Screen.safe(typed)) 的草稿。", "There is no draft \(Screen.safe(typed))."),
                tr("查看：dundian draft list", "See: dundian draft list"))
        }
        return draft
    }

    private func stored() throws -> [KeptDraft] {
        try replica.drafts().compactMap { draft in
            guard draft.key.hasPrefix(Self.prefix), let form = FormDraft(bytes: draft.bytes) else { return nil }
            return KeptDraft(id: String(draft.key.dropFirst(Self.prefix.count)), saved: draft.saved, form: form)
        }
    }

    // MARK: Keeping

    /// A new draft, kept from now on.
    func begin(_ form: FormDraft) throws -> KeptDraft {
        let id = ShortID(replica.freshRecordID()).description.filter { $0 != "-" }
        let draft = KeptDraft(id: id, saved: SystemClock().now(), form: form)
        try keep(draft)
        return draft
    }

    func keep(_ draft: KeptDraft) throws { try replica.saveDraft(draft.key, draft.form.bytes) }

    func discard(_ draft: KeptDraft) throws {
        try replica.discardDraft(draft.key)
        removeFiles(of: draft)
    }

    // MARK: Files

    func file(of draft: KeptDraft) -> String { "\(path)/\(draft.name).txt" }

    /// Writes the file that an editor is to open.
    func write(_ draft: KeptDraft) throws {
        try makeFolder()
        let file = file(of: draft)
        unlink(file)
        let handle = Glibc.open(file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        defer { if handle >= 0 { close(handle) } }
        guard handle >= 0, FileHandle(fileDescriptor: handle).writesAll(Array(draft.form.text.utf8)) else {
            throw ReplicaError(.storeReadOnly, file, message: "\(file) cannot be written.", next: "Nothing was saved.")
        }
    }

    private func makeFolder() throws {
        mkdir(path, 0o700)
        var info = stat()
        guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, info.st_uid == geteuid(), chmod(path, 0o700) == 0 else {
            throw ReplicaError(.storeReadOnly, path, message: "\(path) is no folder of yours.", next: "Nothing was saved.")
        }
    }

    /// Takes away the editor's file and all that editors leave beside it.
    func removeFiles(of draft: KeptDraft) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where name.contains(draft.id) {
            unlink("\(path)/\(name)")
        }
    }

    /// Holds a draft's form open, so that no other dundian takes it up; nil if one has it.
    func lock(_ draft: KeptDraft) throws -> DraftLock? {
        try makeFolder()
        return DraftLock("\(path)/\(draft.name).lock")
    }

    func isOpen(_ draft: KeptDraft) -> Bool {
        let lock = "\(path)/\(draft.name).lock"
        return access(lock, F_OK) == 0 && DraftLock(lock) == nil
    }

    // MARK: After a crash

    /// Takes what a dead editor left into the table: files that are newer than their rows, and files without one.
    private func takeIn() throws {
        let rows = try stored()
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] {
            // nano writes NAME.txt.save when its terminal goes away.
            guard
                let stem = ["txt", "txt.save"].lazy.compactMap({ name.hasSuffix(".\($0)") ? name.dropLast($0.count + 1) : nil })
                    .first,
                let id = stem.split(separator: "-").last.map(String.init), id.count >= 8
            else { continue }
            let file = "\(path)/\(name)"
            guard let (text, written) = read(file) else { continue }
            if var row = rows.first(where: { $0.id == id }) {
                if isOpen(row) { continue }
                if written > row.saved, !text.utf8.elementsEqual(row.form.text.utf8) {
                    row.form.text = text
                    try keep(row)
                }
            } else if let origin = Form.origin(of: text) {
                try keep(KeptDraft(id: id, saved: written, form: FormDraft(origin: origin, shown: "", text: text)))
            } else {
                // Nothing says what it is: it stays for a person to look at.
                continue
            }
            unlink(file)
        }
        for row in rows where !row.form.isTouched && !isOpen(row) {
            if let now = try stored().first(where: { $0.id == row.id }), !now.form.isTouched { try discard(now) }
        }
    }

    /// A text file and when it was last written; nil for what cannot be read as text.
    func read(_ file: String) -> (text: String, written: Timestamp)? {
        guard let version = FileVersion(file), let bytes = FileManager.default.contents(atPath: file),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return (text, version.written)
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
    private let handle: Int32

    init?(_ path: String) {
        handle = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard handle >= 0 else { return nil }
        guard flock(handle, LOCK_EX | LOCK_NB) == 0 else {
            close(handle)
            return nil
        }
    }

    deinit { close(handle) }
}

extension FileHandle {
    fileprivate func writesAll(_ bytes: [UInt8]) -> Bool {
        do {
            try write(contentsOf: bytes)
            try synchronize()
            return true
        } catch { return false }
    }
}
