// Writing by form: in an editor, or from a file that was filled in elsewhere; and the form itself, to be filled in elsewhere.

import ArgumentParser
import Dundian
import Foundation
import Terminal

struct FormOptions: ParsableArguments {
    @Flag(
        name: .long,
        help: ArgumentHelp(tr("用编辑器填表；在终端上不写字段时也是这样。", "Fill in a form in an editor, as on a terminal where no field is given.")))
    var form = false
    @Option(
        name: .long,
        help: ArgumentHelp(tr("读一张填好的表；- 是标准输入。", "Read a form that was filled in; - is standard input."), valueName: "file"),
        completion: .file())
    var formFile: String?

    func validate() throws {
        if form, formFile != nil { throw ValidationError(tr("--form 与 --form-file 只用一个。", "Give one of --form and --form-file.")) }
    }

    /// Whether the record is written by form.
    func isAsked(given: [String]) -> Bool { form || formFile != nil || (given.isEmpty && Output.isAnsweredByPerson) }
}

extension FormOptions {
    /// Makes a record by form and says so.
    func create(
        _ key: TypeKey, _ known: Catalogue.RecordType?, _ given: [(FieldKey, FieldInput)], scope: String?, message: String?,
        _ finder: Finder, _ options: Options
    ) throws {
        guard let type = known else { throw FormEditor.untyped(key) }
        // Better to hear now that there is no scope than after an hour's writing.
        _ = try finder.scope(scope, for: type)
        if let formFile {
            let text = try Self.text(of: formFile)
            let shown = finder.formValues(type, nil)
            let reading = try Self.reading(text, type, shown, finder)
            if reading.origin?.record != nil {
                throw Self.misplaced(tr("这是一张修改已有记录的表。", "This form is for changing a record."), tr("请用 edit。", "Use edit."))
            }
            let fields = reading.inputs(against: shown)
            let over = Set(fields.map(\.0))
            try Writing.create(
                key, type, given.filter { !over.contains($0.0) } + fields, scope: scope, message: message, finder, options)
            return
        }
        let filled = try FormEditor(finder).edit(type, nil, given: given, scope: scope, message: message)
        try Self.save(filled, type, finder, options)
    }

    /// Changes a record by form and says so.
    func edit(
        _ record: Record, _ given: [(FieldKey, FieldInput)], message: String?, _ finder: Finder, _ options: Options
    ) throws {
        guard let type = finder.folder.catalogue.type(record.type) else { throw FormEditor.untyped(record.type) }
        if record.isDeleted {
            throw ReplicaError(
                .recordDeleted, finder.showing.short(record.id), message: "Record \(finder.showing.short(record.id)) is deleted.",
                next: "Nothing was changed. Restore it first: dundian restore \(finder.showing.short(record.id))")
        }
        guard let formFile else {
            let filled = try FormEditor(finder).edit(type, record, given: given, scope: nil, message: message)
            return try Self.save(filled, type, finder, options)
        }
        let text = try Self.text(of: formFile)
        guard let origin = Form.origin(of: text), origin.record == record.id else {
            throw Self.misplaced(
                tr("这张表不是从这条记录做出来的。", "This form was not made from this record."),
                tr("请先取它的表：", "Get its form first: ") + "dundian record form \(finder.showing.short(record.id))")
        }
        guard let then = try finder.replica.record(record.id, at: origin.seen) else {
            throw Self.misplaced(tr("这张表所写的版本本机没有。", "The version this form names is not here."), tr("请先同步。", "Sync first."))
        }
        let shown = finder.formValues(type, then)
        let fields = try Self.reading(text, type, shown, finder).inputs(against: shown)
        let over = Set(fields.map(\.0))
        let edit = try finder.replica.edit(
            record.id, seen: origin.seen, fields: given.filter { !over.contains($0.0) } + fields, message: message)
        Self.tell(edit, record.id, type, finder, options)
    }

    /// Saves a form that was filled in, its draft going with it.
    static func save(
        _ filled: FilledForm?, _ type: Catalogue.RecordType, _ finder: Finder, _ options: Options
    ) throws {
        guard let filled else {
            options.show(.object([("changed", .flag(false))]), [tr("没有变化，什么也没有保存。", "Nothing changed; nothing was saved.")])
            return
        }
        let form = filled.draft.form
        do {
            if let id = form.origin.record {
                let edit = try finder.replica.edit(
                    id, seen: filled.seen, fields: filled.fields, message: form.message, discarding: filled.draft.key)
                tell(edit, id, type, finder, options)
            } else {
                let scope = try finder.scope(form.scope, for: type)
                let id = try finder.replica.create(
                    TypeKey(type.key), in: scope, fields: filled.fields, message: form.message, discarding: filled.draft.key)
                Writing.tellCreated(id, TypeKey(type.key), finder, options)
            }
        } catch {
            Screen.complain(
                tr("没有保存成，草稿留着：", "It could not be saved; the draft is kept: ") + "dundian draft resume \(filled.draft.short)")
            throw error
        }
    }

    private static func tell(
        _ edit: SeenEdit, _ id: RecordID, _ type: Catalogue.RecordType, _ finder: Finder, _ options: Options
    ) {
        var lines = [edit.changed ? tr("已保存。", "Saved.") : tr("没有变化。", "Nothing changed.")]
        func names(_ fields: [FieldKey]) -> String {
            fields.map { Screen.safe(finder.showing.label($0, TypeKey(type.key))) }.joined(separator: tr("、", ", "))
        }
        let record = try? finder.replica.record(id)
        let merged = edit.crossed.filter { if case .settled(_, _, "text")? = record?[$0] { true } else { false } }
        let ruled = edit.crossed.filter { if case .contested? = record?[$0] { false } else { !merged.contains($0) } }
        let contested = edit.crossed.filter { !merged.contains($0) && !ruled.contains($0) }
        if !merged.isEmpty {
            lines.append(
                tr(
                    "你写的时候，别处也改了：\(names(merged))。两边改的地方不同，已合并：dundian show \(finder.showing.short(id))",
                    "Meanwhile somebody else changed: \(names(merged)). In other places than you; it is merged: dundian show \(finder.showing.short(id))"
                ))
        }
        if !ruled.isEmpty {
            lines.append(
                tr(
                    "你写的时候，别处也改了：\(names(ruled))。按该字段的规则取定：dundian show \(finder.showing.short(id))",
                    "Meanwhile somebody else changed: \(names(ruled)). The field's rule has chosen: dundian show \(finder.showing.short(id))"
                ))
        }
        if !contested.isEmpty {
            lines.append(
                tr(
                    "你写的时候，别处也改了：\(names(contested))。两边的值都留着，待裁定：dundian review list",
                    "Meanwhile somebody else changed: \(names(contested)). Both values are kept; see dundian review list"))
        }
        if edit.deletedSince {
            lines.append(
                tr(
                    "你写的时候，这条记录被删除了；修改已留着，待裁定：dundian review list",
                    "Meanwhile the record was deleted; your change is kept: dundian review list"))
        }
        options.show(
            .object([
                ("id", .string("\(id)")), ("short", .string(finder.showing.short(id))), ("changed", .flag(edit.changed)),
                ("crossed", .list(edit.crossed.map { .string($0.rawValue) })), ("deleted_since", .flag(edit.deletedSince)),
            ]), lines + finder.showing.adviceLines(id))
    }

    // MARK: Files

    private static func text(of path: String) throws -> String {
        let bytes =
            path == "-" ? try? FileHandle.standardInput.readToEnd() ?? Data() : FileManager.default.contents(atPath: path)
        guard let bytes, let text = String(validating: bytes, as: UTF8.self) else {
            throw Explanation(
                "file-unreadable", exit: ExitStatus.notFound,
                tr("读不了文件 \(Screen.safe(path))（须为 UTF-8）。", "\(Screen.safe(path)) cannot be read as UTF-8 text."),
                tr("什么也没有保存。", "Nothing was saved."))
        }
        return text
    }

    private static func reading(
        _ text: String, _ type: Catalogue.RecordType, _ shown: FormValues, _ finder: Finder
    ) throws -> FormReading {
        let reading = finder.read(text, type, shown)
        guard reading.faults.isEmpty else {
            throw reading.explanation(tr("什么也没有保存；改好表再试。", "Nothing was saved; mend the form and try again."))
        }
        return reading
    }

    private static func misplaced(_ what: String, _ next: String) -> Explanation {
        Explanation("form-misplaced", exit: ExitStatus.badInput, what, tr("什么也没有保存。", "Nothing was saved. ") + next)
    }
}

// MARK: The form itself

struct FormVerb<let place: Int>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let any = VerbPlace(place).type == nil
        return CommandConfiguration(
            commandName: "form", abstract: tr("印一张表，填好再交来。", "Print a form, to be filled in and given back."),
            discussion: tr(
                any
                    ? "写类型得到空表，写编号得到那条记录的表。填好后用 edit 编号 --form-file 文件，或 new 类型 --form-file 文件。"
                    : "不写编号得到空表。填好后用 new --form-file 文件，或 edit 编号 --form-file 文件。",
                any
                    ? "A type gives an empty form, an id that record's. Give it back with edit ID --form-file FILE, or new TYPE --form-file FILE."
                    : "Without an id it is empty. Give it back with new --form-file FILE, or edit ID --form-file FILE."))
    }
    @OptionGroup var options: Options
    @Argument(
        help: ArgumentHelp(
            VerbPlace(place).type == nil
                ? tr("类型，或记录编号。", "A type, or a record's id.") : tr("记录编号，可只写开头。", "The record's id, or its beginning."),
            valueName: VerbPlace(place).type == nil ? "type|id" : "id"))
    var id: String?

    func validate() throws {
        if VerbPlace(place).type == nil, id == nil { throw ValidationError(tr("请写明类型或编号。", "Give a type or an id.")) }
    }

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let (type, values) = try asked(finder)
            let text = Form.text(type, values, tr)
            if options.json {
                Screen.print(JSON.object([("form", .string(text))]).text)
            } else {
                FileHandle.standardOutput.write(Data((Output.isTerminal ? Screen.safe(text, lines: true) : text).utf8))
            }
        }
    }

    private func asked(_ finder: Finder) throws -> (Catalogue.RecordType, FormValues) {
        if let type = VerbPlace(place).type ?? id.flatMap({ finder.type($0).known }), VerbPlace(place).type == nil || id == nil {
            return (type, finder.formValues(type, nil))
        }
        let record = try VerbPlace(place).record(id ?? "", finder, verb: "form")
        guard let type = finder.folder.catalogue.type(record.type) else { throw FormEditor.untyped(record.type) }
        return (type, finder.formValues(type, record))
    }
}
