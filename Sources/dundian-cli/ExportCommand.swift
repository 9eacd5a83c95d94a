// Records out into files, and in again; SQL over them.

import ArgumentParser
import Dundian
import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct ExportCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "export",
            abstract: tr("把记录导出为文件：JSON 行、CSV 或 SQLite。", "Write the records into files: JSON lines, CSV or SQLite."),
            discussion: tr(
                "导出的文件不加密，含个人信息，只有本用户可读；写完整之后才出现在所写的位置。",
                "The files are personal data and not encrypted; only this user can read them. They appear when they are whole."))
    }
    @OptionGroup var options: Options
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("JSON 行文件，dundian import 可读回。", "A file of JSON lines, which dundian import reads."), valueName: "file"))
    var jsonl: String?
    @Option(
        name: .long, help: ArgumentHelp(tr("文件夹，每种类型一个 CSV 文件。", "A folder, with one CSV file for each type."), valueName: "folder")
    )
    var csv: String?
    @Option(
        name: .long,
        help: ArgumentHelp(tr("SQLite 文件，每种类型一张表。", "An SQLite file, with one table for each type."), valueName: "file"))
    var sqlite: String?
    @Option(name: .long, help: ArgumentHelp(tr("只导出这种类型。", "Only records of this type."), valueName: "type")) var type: String?
    @Option(name: .long, help: ArgumentHelp(tr("只导出这个范围。", "Only this scope."), valueName: "scope")) var scope: String?
    @Flag(name: .long, help: ArgumentHelp(tr("也导出已删除的。", "Deleted ones, too."))) var deleted = false
    @Flag(name: .long, help: ArgumentHelp(tr("覆盖已有的文件。", "Replace files that are there."))) var force = false
    @Flag(
        name: .long,
        help: ArgumentHelp(tr("CSV 以 BOM 开头，供 Excel 认出中文。", "Begin CSV files with a BOM, so that Excel reads Chinese.")))
    var bom = false
    @Flag(name: .long, help: ArgumentHelp(tr("CSV 的表头和选项用文字而不用键。", "In CSV, headers and choices in words instead of keys.")))
    var labels = false

    func validate() throws {
        guard [jsonl, csv, sqlite].compactMap(\.self).count == 1 else {
            throw ValidationError(tr("请写明一种格式：--jsonl、--csv 或 --sqlite。", "Give one of --jsonl, --csv and --sqlite."))
        }
        guard csv != nil || !(bom || labels) else {
            throw ValidationError(tr("--bom 和 --labels 只用于 --csv。", "--bom and --labels belong to --csv."))
        }
    }

    func run() throws {
        try options.run { folder in
            options.makeRoom(folder)
            let finder = Finder(folder: folder)
            var exporter = Exporter()
            exporter.type = type.map { finder.type($0).key }
            exporter.scope = try scope.map { try finder.scope($0, for: nil) }
            exporter.includesDeleted = deleted
            Screen.complain(
                tr("注意：导出的文件含个人信息，没有加密。用完请删除。", "Note: what is exported is personal data and not encrypted. Delete it after use."))
            let progress = ProgressCount()
            defer { progress.clear() }
            let count: Int
            if let jsonl {
                count = try exporter.run(
                    folder.replica, into: JSONLinesTarget(jsonl, replaces: force, folder.catalogue), progress: progress.show)
            } else if let csv {
                let target = try CSVTarget(
                    csv, replaces: force, hasMark: bom, words: labels ? tr : nil, folder.catalogue)
                count = try exporter.run(folder.replica, into: target, progress: progress.show)
            } else {
                count = try exporter.run(
                    folder.replica, into: SQLiteTarget(sqlite ?? "", replaces: force, folder.catalogue), progress: progress.show
                )
            }
            progress.clear()
            let path = jsonl ?? csv ?? sqlite ?? ""
            options.show(
                .object([("exported", .count(count)), ("path", .string(path))]),
                [tr("已导出 \(count) 条记录：\(Screen.safe(path))", "Exported \(count) records: \(Screen.safe(path))")])
        }
    }
}

/// How far it is, on one line of the screen that is written over.
private struct ProgressCount {
    private let isShown = isatty(2) == 1

    func show(_ done: Int, _ total: Int) { if isShown { write("\r\(done)/\(total)") } }
    /// Takes the line away.
    func clear() { if isShown { write("\r\u{1B}[K") } }
    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

// MARK: Import

struct ImportCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "import",
            abstract: tr(
                "从表格或 JSON 行文件导入记录：全部导入，或一条也不导入。", "Take in records from a spreadsheet or a file of JSON lines: all, or none."),
            discussion: tr(
                "表格（.xlsx、.csv、.ods）：第一行写字段名称，一行一条，--type 写明类型；先预览，加 --save 才保存。例：dundian import 名单.xlsx --type person\nJSON 行文件的格式与 dundian export --jsonl 相同。本机已有且相同的跳过；已有而不同的拒绝，除非用 --update。\n--update 不会盖掉别人的改动：每行的 seen 是导出时的版本，此后别人也改了的字段，两个值都留着待裁定。没有 seen 的行，只改 changed_at 之后没有改过的字段；两者都没有的，只填空的和改自己写的。",
                "A table (.xlsx, .csv, .ods) has field names in its first row and a record in each other; --type says of which type. It is shown first and saved with --save. Example: dundian import people.xlsx --type person\nA file of JSON lines is as dundian export --jsonl writes it. Records that are here and the same are passed over; those that differ are refused, unless by --update.\n--update writes over nobody's newer value: seen in a line is the version it was exported from, and a field that was changed since has both values, for review. A line without it changes only fields that were not changed after its changed_at; a line with neither fills in what is empty and replaces what you wrote yourself."
            ))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("表格，或 JSON 行文件。", "A table, or a file of JSON lines."), valueName: "file")) var file: String
    @Option(
        name: .long, help: ArgumentHelp(tr("表格里是哪种记录，如 person。", "Of which type a table's rows are, as person."), valueName: "type")
    )
    var type: String?
    @Option(name: .long, help: ArgumentHelp(tr("表格导入哪个范围。", "The scope for a table's rows."), valueName: "scope")) var scope:
        String?
    @Option(name: .long, help: ArgumentHelp(tr("表格文件里的第几张表。", "Which sheet of the file."), valueName: "number")) var sheet = 1
    @Flag(name: .long, help: ArgumentHelp(tr("保存表格里的；不写只预览。", "Save a table's rows; without it they are only shown."))) var save =
        false
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("像已有记录的行：skip 跳过，fill 补空，new 另建。", "Rows that look like a record that is here: skip, fill what is empty, or new."),
            valueName: "what"))
    var duplicates: TableImport.Duplicates?
    @Flag(name: .long, help: ArgumentHelp(tr("只检查，不保存。", "Look only; save nothing."))) var dryRun = false
    @Flag(name: .long, help: ArgumentHelp(tr("已有而不同的，改成文件里的内容。", "Change records that differ to what the file says."))) var update =
        false
    @Option(name: .long, help: ArgumentHelp(tr("这次导入的说明。", "A message about this import."), valueName: "text")) var message: String?

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            if let type { return try importTable(type, finder) }
            let importer = Importer(finder, updates: update, message: message)
            let plan = try importer.plan(try Importer.contents(of: file))
            if !dryRun { try importer.commit(plan) }
            let (created, updated) = (plan.created.count, plan.updated.count)
            options.show(
                .object([
                    ("created", .count(created)), ("updated", .count(updated)), ("unchanged", .count(plan.unchanged)),
                    (
                        "crossed",
                        .list(
                            plan.crossed.map { record, fields in
                                .object([("id", .string("\(record)")), ("fields", .list(fields.map { .string($0.rawValue) }))])
                            })
                    ),
                    ("saved", .flag(!dryRun)),
                ]),
                [
                    tr(
                        "新建 \(created) 条，修改 \(updated) 条，相同而跳过 \(plan.unchanged) 条。",
                        "\(created) made, \(updated) changed, \(plan.unchanged) the same and passed over.")
                        + (dryRun ? tr("这是试运行，没有保存。", " This was a dry run: nothing was saved.") : "")
                ]
                    + (plan.orders > 0
                        ? [
                            tr(
                                "文件里有 \(plan.orders) 道抹除令，不由文件带入；要抹除用 dundian erase。",
                                "The file has \(plan.orders) orders to erase; a file gives none: use dundian erase.")
                        ] : [])
                    + crossed(plan, finder))
        }
    }
}

extension TableImport.Duplicates: ExpressibleByArgument {}

extension ImportCommand {
    func validate() throws {
        guard type != nil || !save && duplicates == nil && scope == nil && sheet == 1 else {
            throw ValidationError(tr("这些选项用于表格，请写明 --type。", "These options are for tables: give --type."))
        }
        guard type == nil || !update && !dryRun else {
            throw ValidationError(tr("--update 和 --dry-run 用于 JSON 行文件。", "--update and --dry-run are for files of JSON lines."))
        }
        guard (1...1_000).contains(sheet) else { throw ValidationError(tr("表的序号从 1 起。", "Sheets count from 1.")) }
    }

    private func importTable(_ name: String, _ finder: Finder) throws {
        guard let known = finder.type(name).known else {
            throw Explanation(
                "type-unknown", exit: ExitStatus.badInput,
                tr("没有这种记录：\(Screen.safe(name))。", "There is no such type: \(Screen.safe(name))."),
                tr("如 unit、person。", "As unit, person."))
        }
        try TableImporting(
            finder: finder, options: options, type: known, scope: try finder.scope(scope, for: known), duplicates: duplicates,
            saves: save,
            message: message
        ).run(file, sheet: sheet)
    }

    private func crossed(_ plan: Importer.Plan, _ finder: Finder) -> [String] {
        guard !plan.crossed.isEmpty else { return [] }
        let lines = plan.crossed.prefix(20).map { id, fields in
            let type = (try? finder.replica.record(id))?.type ?? ""
            let names = fields.map { Screen.safe(finder.showing.label($0, type)) }.joined(separator: tr("、", ", "))
            return "  \(finder.showing.short(id))  " + (fields.isEmpty ? tr("已被删除", "deleted") : names)
        }
        let more = plan.crossed.count - lines.count
        return [
            tr(
                "导出之后别处也改了，两边都留着；规则定不下的等人裁定（dundian review list）：",
                "Changed elsewhere, too, since the export; both are kept, and what no rule settles waits for review (dundian review list):"
            )
        ] + lines + (more > 0 ? [tr("  另有 \(more) 条。", "  and \(more) more.")] : [])
    }
}

extension Importer {
    init(_ finder: Finder, updates: Bool = false, message: String? = nil) {
        self.init(
            replica: finder.replica, catalogue: finder.folder.catalogue, updates: updates, message: message, tr
        ) { name, type in try finder.scope(name, for: type) }
    }

    static func contents(of path: String) throws -> [UInt8] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Explanation(
                "file-unreadable", exit: ExitStatus.notFound,
                tr("读不了文件 \(Screen.safe(path))。", "\(Screen.safe(path)) cannot be read."), tr("什么也没有保存。", "Nothing was saved."))
        }
        return Array(bytes)
    }
}
