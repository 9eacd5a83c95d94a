// A form in a person's editor: opened, watched, read back, opened again with what is wrong in it, until it is saved, or left as a draft.

import Dundian
import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A form that was filled in and is to be saved; its draft goes with the save.
struct FilledForm {
    var fields: [(FieldKey, FieldInput)]
    /// The version of the record that its author saw.
    var seen: VersionVector
    var draft: KeptDraft
}

struct FormEditor {
    let finder: Finder
    private let box: DraftBox
    private let editor: Editor

    init(_ finder: Finder) throws {
        self.finder = finder
        box = DraftBox(finder.folder)
        editor = try Editor()
    }

    /// Has a person fill in the form of a record, or of a new one.
    ///
    /// - Parameters:
    ///   - record: nil for a new one.
    ///   - given: what was given on the command line; it is filled in already.
    /// - Returns: nil if nothing is to be saved.
    func edit(
        _ type: Catalogue.RecordType, _ record: Record?, given: [(FieldKey, FieldInput)], scope: String?, message: String?
    ) throws -> FilledForm? {
        let shown = finder.formValues(type, record)
        if let draft = try box.draft(of: TypeKey(type.key), record?.id) {
            if given.isEmpty, agrees(toResume: draft) { return try resume(draft) }
            Screen.complain(tr("这份草稿还留着：", "This draft is still here: ") + "dundian draft resume \(draft.short)")
        }
        let text = Form.text(type, finder.filling(shown, with: given), tr)
        let draft = try box.begin(
            FormDraft(origin: shown.origin, scope: scope, message: message, shown: text, text: text))
        return try run(draft, type, shown)
    }

    /// Goes on with a draft.
    func resume(_ draft: KeptDraft) throws -> FilledForm? {
        let (type, shown) = try base(of: draft.form.origin)
        return try run(draft, type, shown)
    }

    private func agrees(toResume draft: KeptDraft) -> Bool {
        let found = tr(
            "有一份 \(Screen.time(draft.saved.rawValue)) 的草稿（\(draft.short)），没有保存过。",
            "There is a draft of \(Screen.time(draft.saved.rawValue)) (\(draft.short)) that was never saved.")
        guard Output.isAnsweredByPerson else {
            Screen.complain(found + tr("接着写。", " Going on with it."))
            return true
        }
        return Output.agrees(found + tr("接着写吗？", " Go on with it?"))
    }

    /// The type of a form and what it had shown: the record as it was then, whatever has come since.
    func base(of origin: FormOrigin) throws -> (Catalogue.RecordType, FormValues) {
        guard let type = finder.folder.catalogue.type(origin.type) else { throw Self.untyped(origin.type) }
        guard let id = origin.record else { return (type, finder.formValues(type, nil)) }
        guard let record = try finder.replica.record(id, at: origin.seen) else {
            throw ReplicaError(
                .recordUnknown, "\(id)", message: "There is no record \(id) here.",
                next: "Check the id; if somebody else made it, sync first.")
        }
        var shown = finder.formValues(type, record)
        shown.origin = origin
        return (type, shown)
    }

    static func untyped(_ type: TypeKey) -> Explanation {
        Explanation(
            "type-unknown", exit: ExitStatus.badInput,
            tr(
                "类型目录里没有“\(Screen.safe(type.rawValue))”，做不出表。",
                "The catalogue has no \(Screen.safe(type.rawValue)), so there is no form of it."),
            tr("请直接写 字段=值。", "Give field=value instead."))
    }

    // MARK: The round

    private func run(_ begun: KeptDraft, _ type: Catalogue.RecordType, _ shown: FormValues) throws -> FilledForm? {
        var draft = begun
        guard let lock = try box.lock(draft) else {
            throw Explanation(
                "draft-open", exit: ExitStatus.tryAgain, tr("这份草稿正开在另一个窗口里。", "This draft is open in another window."),
                tr("请到那里写完。", "Finish it there."))
        }
        defer { withExtendedLifetime(lock) {} }
        while true {
            let opened = draft.form.text
            try box.write(draft)
            let files = box.files(of: draft)
            let file = files.text
            let version = FileVersion(file)
            let endedWell = try editor.run(on: file) { take(file, into: &draft) }
            let wasWritten = FileVersion(file) != version
            try check(files)
            guard endedWell else { throw try failed(draft) }
            unlink(files.backup)
            if !draft.form.isTouched, files.leftovers.isEmpty {
                try box.discard(draft)
                return nil
            }
            // A draft that was opened again and left as it was stays a draft, unless it was written on purpose.
            guard wasWritten, draft.form.isTouched else { throw try left(draft) }
            files.remove()
            let reading = finder.read(draft.form.text, type, shown)
            if reading.faults.isEmpty {
                let fields = reading.inputs(against: shown)
                if fields.isEmpty, shown.origin.record != nil {
                    try box.discard(draft)
                    return nil
                }
                return FilledForm(fields: fields, seen: shown.origin.seen, draft: draft)
            }
            let annotated = Form.annotated(draft.form.text, reading, tr)
            guard annotated != opened else {
                throw reading.explanation(
                    tr("没有保存，草稿留着：", "Not saved; the draft is kept: ") + "dundian draft resume \(draft.short)")
            }
            draft.form.text = annotated
            try box.keep(draft)
        }
    }

    /// Copies the editor's file into the draft. A moment in which it cannot be read is passed over: the next one comes.
    private func take(_ file: String, into draft: inout KeptDraft) {
        guard let (text, written) = box.read(file), !text.utf8.elementsEqual(draft.form.text.utf8) else { return }
        (draft.form.text, draft.saved) = (text, written)
        do { try box.keep(draft) } catch {
            // The file still has it, and is what counts after a crash.
        }
    }

    /// What an editor left in another encoding stays, under another name.
    private func check(_ files: DraftFiles) throws {
        guard FileVersion(files.text) != nil, box.read(files.text) == nil else { return }
        throw Explanation(
            "form-not-utf8", exit: ExitStatus.badInput, tr("没有保存。", "Nothing was saved."),
            DraftBox.telling(setAside: files.setAside(files.text) ?? files.text))
    }

    private func failed(_ begun: KeptDraft) throws -> any Error {
        let draft = try box.takeIn(begun)
        let isEmpty = !draft.form.isTouched && box.files(of: draft).leftovers.isEmpty
        if isEmpty { try box.discard(draft) }
        return Explanation(
            "editor-failed", exit: ExitStatus.badInput, tr("编辑器没有正常结束。", "The editor did not end well."),
            isEmpty ? tr("什么也没有保存。", "Nothing was saved.") : tr("没有保存。", "Nothing was saved. ") + whereItIs(draft))
    }

    private func left(_ begun: KeptDraft) throws -> Explanation {
        let draft = try box.takeIn(begun)
        return Explanation(
            "draft-left", exit: ExitStatus.badInput, tr("退出时没有存盘，记录没有改。", "The form was left unwritten; the record is unchanged."),
            whereItIs(draft))
    }

    /// How to go on with a draft, and what its editor left.
    private func whereItIs(_ draft: KeptDraft) -> String {
        let files = box.files(of: draft)
        let leftovers = files.leftovers.map { file in
            let name = "'" + Screen.safe(file) + "'"
            return files.swaps.contains(file)
                ? tr("编辑器留下了没存的内容，找回：vim -r \(name)", "The editor left what was not written; recover it: vim -r \(name)")
                : tr("编辑器留下了 \(name)", "The editor left \(name)")
        }
        return ([tr("草稿留着：", "The draft is kept: ") + "dundian draft resume \(draft.short)"] + leftovers).joined(separator: "\n")
    }
}
