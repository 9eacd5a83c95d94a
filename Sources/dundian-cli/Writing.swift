// The verbs that write: new, edit, delete, restore.

import ArgumentParser
import Dundian
import Terminal

/// What the verbs have in common, under a type, under `record` or by themselves.
enum Writing {
    /// Reads fields as they were typed.
    static func read(
        _ fields: [String], _ type: Catalogue.RecordType?, takesUnknown: Bool, _ finder: Finder
    ) throws -> [(FieldKey, FieldInput)] {
        try FieldParser(type: type, takesUnknown: takesUnknown, tr, reference: finder.reference).fields(fields)
    }

    /// Makes a record and says so.
    static func create(
        _ type: TypeKey, _ known: Catalogue.RecordType?, _ input: [(FieldKey, FieldInput)], scope: String?, message: String?,
        _ finder: Finder, _ options: Options
    ) throws {
        let id = try finder.replica.create(type, in: try finder.scope(scope, for: known), fields: input, message: message)
        tellCreated(id, type, finder, options)
    }

    static func tellCreated(_ id: RecordID, _ type: TypeKey, _ finder: Finder, _ options: Options) {
        let showing = finder.showing
        options.show(
            .object([("id", .string("\(id)")), ("short", .string(showing.short(id)))]),
            [tr("已保存：", "Saved: ") + "\(showing.label(type)) \(showing.short(id))"] + showing.adviceLines(id))
    }

    /// Changes a record and says so.
    static func edit(
        _ record: Record, _ input: [(FieldKey, FieldInput)], message: String?, _ finder: Finder, _ options: Options
    ) throws {
        let changed = try finder.replica.edit(record.id, fields: input, message: message)
        options.show(
            .object([
                ("id", .string("\(record.id)")), ("short", .string(finder.showing.short(record.id))), ("changed", .flag(changed)),
            ]),
            [changed ? tr("已保存。", "Saved.") : tr("没有变化。", "Nothing changed.")] + finder.showing.adviceLines(record.id))
    }

    /// Nothing was given to write.
    static func fieldsMissing(_ type: Catalogue.RecordType?, _ usage: String) -> Explanation {
        let expected = (type?.fields ?? []).filter { $0.required == true }.map { $0.name(in: tr) }
        return Explanation(
            "fields-missing", exit: ExitStatus.usage,
            tr("没有写明任何字段。", "No field was given.")
                + (expected.isEmpty ? "" : tr("应填：", " Expected: ") + expected.joined(separator: tr("、", ", ")) + tr("。", ".")),
            usage)
    }
}

// MARK: New

struct NewVerb<let place: Int>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "new", abstract: tr("新建一条。", "Make one."),
            discussion: tr("字段写作 --字段 值，或 字段=值；集合可写几次。", "Give fields as --field value or field=value; sets take several."))
    }
    @OptionGroup var options: Options
    @OptionGroup(title: tr("字段", "Fields")) var flags: FieldOptions<place>
    @Argument(help: ArgumentHelp(tr("字段=值。", "field=value."), valueName: "field=value")) var fields: [String] = []
    @Option(name: .long, help: ArgumentHelp(tr("范围的名字。", "The scope's name."), valueName: "scope")) var scope: String?
    @Option(name: .long, help: ArgumentHelp(tr("这次保存的说明。", "A message about this save."), valueName: "text")) var message: String?
    @Flag(name: .long, help: ArgumentHelp(tr("也收下类型里没有的字段。", "Take fields the type does not have, too."))) var unknownFields = false
    @OptionGroup var form: FormOptions

    func run() throws {
        try options.run { folder in
            guard let type = VerbPlace(place).type else { return }
            let given = fields + flags.given
            let finder = Finder(folder: folder)
            let input = try Writing.read(given, type, takesUnknown: unknownFields, finder)
            if form.isAsked(given: given) {
                return try form.create(TypeKey(type.key), type, input, scope: scope, message: message, finder, options)
            }
            guard !given.isEmpty else { throw Writing.fieldsMissing(type, "\(VerbPlace(place).command) new --help") }
            try Writing.create(TypeKey(type.key), type, input, scope: scope, message: message, finder, options)
        }
    }
}

struct NewRecords: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "new",
            abstract: tr("新建一条记录，或从 JSON 行文件一次新建许多条。", "Make a record, or many at once from a file of JSON lines."),
            discussion: tr(
                "dundian record new unit name=青石县农业农村局 tier=county\ndundian record new --file records.jsonl（全部建成，或一条也不建）",
                "dundian record new unit name=... tier=county\ndundian record new --file records.jsonl (all of them, or none)"))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录类型，如 talk。", "The record type, as talk."), valueName: "type")) var type: String?
    @Argument(help: ArgumentHelp(tr("字段=值。", "field=value."), valueName: "field=value")) var fields: [String] = []
    @Option(name: .long, help: ArgumentHelp(tr("范围的名字。", "The scope's name."), valueName: "scope")) var scope: String?
    @Option(name: .long, help: ArgumentHelp(tr("JSON 行文件。", "A file of JSON lines."), valueName: "file")) var file: String?
    @Option(name: .long, help: ArgumentHelp(tr("这次保存的说明。", "A message about this save."), valueName: "text")) var message: String?
    @Flag(name: .long, help: ArgumentHelp(tr("也收下类型里没有的字段。", "Take fields the type does not have, too."))) var unknownFields = false
    @OptionGroup var form: FormOptions

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            if let file {
                let importer = Importer(finder, message: message)
                let plan = try importer.plan(try Importer.contents(of: file))
                try importer.commit(plan)
                let count = plan.created.count
                options.show(.object([("created", .count(count))]), [tr("已新建 \(count) 条记录。", "Made \(count) records.")])
                return
            }
            guard let type, (1...64).contains(type.utf8.count) else {
                throw Explanation(
                    "type-missing", exit: ExitStatus.usage, tr("没有写明记录类型（1 到 64 字节）。", "No record type was given (1 to 64 bytes)."),
                    "dundian record new --help")
            }
            let (key, known) = finder.type(type)
            guard key != ErasureOrder.type else {
                throw Explanation(
                    "erasing-by-command", exit: ExitStatus.usage, tr("抹除令不这样写。", "An order to erase is not written so."),
                    tr("什么也没有保存。请用 dundian erase。", "Nothing was saved. Use dundian erase."))
            }
            let input = try Writing.read(fields, known, takesUnknown: unknownFields, finder)
            if form.isAsked(given: fields), known != nil || form.form || form.formFile != nil {
                return try form.create(key, known, input, scope: scope, message: message, finder, options)
            }
            try Writing.create(key, known, input, scope: scope, message: message, finder, options)
        }
    }
}

// MARK: Edit

struct EditVerb<let place: Int>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "edit",
            abstract: tr(
                "修改：字段=值；集合可用 字段+=值、字段-=值；值留空即清除。",
                "Change one: field=value; sets take field+=value and field-=value; an empty value clears."))
    }
    @OptionGroup var options: Options
    @OptionGroup(title: tr("字段", "Fields")) var flags: FieldOptions<place>
    @Argument(help: ArgumentHelp(tr("记录编号，可只写开头。", "The record's id, or its beginning."), valueName: "id")) var id: String
    @Argument(help: ArgumentHelp(tr("字段=值。", "field=value."), valueName: "field=value")) var fields: [String] = []
    @Option(name: .long, help: ArgumentHelp(tr("这次修改的说明。", "A message about this change."), valueName: "text")) var message: String?
    @Flag(name: .long, help: ArgumentHelp(tr("也收下类型里没有的字段。", "Take fields the type does not have, too."))) var unknownFields = false
    @OptionGroup var form: FormOptions

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let record = try VerbPlace(place).record(id, finder, verb: "edit")
            let given = fields + flags.given
            let type = folder.catalogue.type(record.type)
            let input = try Writing.read(given, type, takesUnknown: unknownFields, finder)
            if form.isAsked(given: given) { return try form.edit(record, input, message: message, finder, options) }
            guard !given.isEmpty else { throw Writing.fieldsMissing(nil, "\(VerbPlace(place).command) edit --help") }
            try Writing.edit(record, input, message: message, finder, options)
        }
    }
}

// MARK: Delete, restore

struct DeleteVerb<let place: Int>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "delete", abstract: tr("删除（可恢复）。", "Delete one (it can be restored)."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号，可只写开头。", "The record's id, or its beginning."), valueName: "id")) var id: String
    @Option(name: .long, help: ArgumentHelp(tr("理由。", "The reason."), valueName: "text")) var reason: String?

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let record = try VerbPlace(place).record(id, finder, verb: "delete")
            try folder.replica.delete(record.id, reason: reason)
            let short = finder.showing.short(record.id)
            options.show(
                .object([("id", .string("\(record.id)")), ("short", .string(short)), ("deleted", .flag(true))]),
                [
                    tr("已删除：", "Deleted: ") + Screen.safe(finder.showing.title(record)),
                    tr("要恢复：", "To bring it back: ") + "dundian restore \(short)",
                ])
        }
    }
}

struct RestoreVerb<let place: Int>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "restore", abstract: tr("恢复已删除的一条。", "Restore a deleted one."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号，可只写开头。", "The record's id, or its beginning."), valueName: "id")) var id: String
    @Option(name: .long, help: ArgumentHelp(tr("理由。", "The reason."), valueName: "text")) var reason: String?

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let record = try VerbPlace(place).record(id, finder, verb: "restore")
            try folder.replica.restore(record.id, reason: reason)
            options.show(
                .object([
                    ("id", .string("\(record.id)")), ("short", .string(finder.showing.short(record.id))), ("deleted", .flag(false)),
                ]), [tr("已恢复：", "Restored: ") + Screen.safe(finder.showing.title(record))])
        }
    }
}
