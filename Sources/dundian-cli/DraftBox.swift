// Drafts: what was typed into a form and not saved yet. While an editor runs, its file is copied into the replica's draft table each time
// it changes; what dies leaves both, and the newer one counts.
//
//   REPLICA/drafts/            0700
//     talk-k7q2m4xd.txt        0600, the editor's file, and what else DraftFiles names
//   draft table                form/k7q2m4xd -> FormDraft
//
// The editor's file is taken away before the record is saved, and the row goes with the save: a file without a row is one that an
// editor wrote after its dundian had died, and becomes a draft again.
// Only files whose names DraftFiles knows are ever removed, and none of them that may hold what was typed and not yet saved.

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
    /// Whether it is not what was saved.
    var isDamaged = false

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

    /// The drafts something was written in, or may have been, the newest first. What a dead editor left is taken in.
    func all() throws -> [KeptDraft] {
        try takeIn()
        return try stored().filter { holdsSomething($0) || isOpen($0) }.sorted { $0.saved > $1.saved }
    }

    /// Whether something was written, or an editor left what only it can read.
    private func holdsSomething(_ draft: KeptDraft) -> Bool { draft.form.isTouched || !files(of: draft).leftovers.isEmpty }

    /// The newest draft of this type and record that is not open elsewhere.
    func draft(of type: TypeKey, _ record: RecordID?) throws -> KeptDraft? {
        try all().first { $0.form.origin.type == type && $0.form.origin.record == record && !isOpen($0) }.map { warned($0) }
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
        return warned(draft)
    }

    private func stored() throws -> [KeptDraft] {
        try replica.drafts().compactMap { draft in
            guard draft.key.hasPrefix(Self.prefix), let form = FormDraft(bytes: draft.bytes) else { return nil }
            return KeptDraft(
                id: String(draft.key.dropFirst(Self.prefix.count)), saved: draft.saved, form: form, isDamaged: draft.isDamaged)
        }
    }

    /// The draft, after saying so if the disk damaged it: what is saved next is taken as it stands.
    private func warned(_ draft: KeptDraft) -> KeptDraft {
        if draft.isDamaged {
            Screen.complain(
                tr(
                    "草稿 \(draft.short) 在磁盘上有损坏，内容可能有错：请通读核对再保存。",
                    "Draft \(draft.short) was damaged on the disk and may be wrong: read it through before you save it."))
        }
        return draft
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
        files(of: draft).remove()
    }

    // MARK: Files

    func files(of draft: KeptDraft) -> DraftFiles { DraftFiles(folder: path, name: draft.name) }

    /// What editors saved in other encodings, for a person to see to.
    func setAside() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
        return names.filter { $0.contains(".\(DraftFiles.otherEncoding)") }.map { "\(path)/\($0)" }
    }

    /// Writes the file that an editor is to open.
    func write(_ draft: KeptDraft) throws {
        try makeFolder()
        let file = files(of: draft).text
        unlink(file)
        let handle = open(file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
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

    /// Holds a draft's form open, so that no other dundian takes it up; nil if one has it.
    func lock(_ draft: KeptDraft) throws -> DraftLock? {
        try makeFolder()
        return DraftLock(files(of: draft).lock)
    }

    func isOpen(_ draft: KeptDraft) -> Bool {
        let lock = files(of: draft).lock
        return access(lock, F_OK) == 0 && DraftLock(lock) == nil
    }

    // MARK: After a crash

    /// Takes what dead editors left into the table: files that are newer than their rows, and files without one.
    private func takeIn() throws {
        let rows = try stored()
        for row in rows where !isOpen(row) {
            // Another dundian may have gone on with it since.
            guard let now = try stored().first(where: { $0.id == row.id }) else { continue }
            if !holdsSomething(try takeIn(now)) { try discard(now) }
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] {
            guard
                let stem = ["txt", "txt.save"].lazy.compactMap({ name.hasSuffix(".\($0)") ? name.dropLast($0.count + 1) : nil })
                    .first, !name.hasPrefix("."),
                let id = stem.split(separator: "-").last.map(String.init), id.count >= 8, !rows.contains(where: { $0.id == id }),
                // Where nothing says what it is, it stays for a person to look at.
                let (text, written) = read("\(path)/\(name)"), let origin = Form.origin(of: text)
            else { continue }
            try keep(KeptDraft(id: id, saved: written, form: FormDraft(origin: origin, shown: "", text: text)))
            unlink("\(path)/\(name)")
        }
    }

    /// Takes what an editor left of this draft into the table.
    func takeIn(_ draft: KeptDraft) throws -> KeptDraft {
        var draft = draft
        let files = files(of: draft)
        for file in [files.text] + files.rescued where FileVersion(file) != nil {
            guard let (text, written) = read(file) else {
                if let kept = files.setAside(file) { Screen.complain(Self.telling(setAside: kept)) }
                continue
            }
            if written > draft.saved, !text.utf8.elementsEqual(draft.form.text.utf8) {
                (draft.form.text, draft.saved) = (text, written)
                try keep(draft)
            }
            // A swap file can only be read beside the text it belongs to.
            if file != files.text || files.leftovers.isEmpty { unlink(file) }
        }
        return draft
    }

    static func telling(setAside kept: String) -> String {
        tr(
            "编辑器存的不是 UTF-8 文字，原文件留在 \(Screen.safe(kept))，请另存为 UTF-8，再用 --form-file 交来。",
            "What the editor saved is not UTF-8 text; the file is kept as \(Screen.safe(kept)): convert it and give it with --form-file."
        )
    }

    /// A text file and when it was last written; nil for what cannot be read as text.
    func read(_ file: String) -> (text: String, written: Timestamp)? {
        guard let version = FileVersion(file), let bytes = FileManager.default.contents(atPath: file),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return (text, version.written)
    }
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
