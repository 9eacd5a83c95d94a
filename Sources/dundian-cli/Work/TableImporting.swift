// dundian import FILE --type: people and units out of a spreadsheet, looked through before anything is saved.

import Dundian
import Foundation
import Terminal

struct TableImporting {
    let finder: Finder
    let options: Options
    let type: Catalogue.RecordType
    let scope: ScopeID
    let duplicates: TableImport.Duplicates?
    let saves: Bool
    let message: String?

    func run(_ path: String, sheet: Int) throws {
        let bytes = try Importer.contents(of: path)
        let cells = try self.cells(bytes, path, sheet: sheet)
        let records = try finder.replica.states(in: [scope]).filter { $0.type.rawValue == type.key }
        let table = TableImport(
            type, given: try given(cells.first ?? []), records: records, rules: finder.folder.catalogue, tr,
            reference: try references())
        let plan = try table.plan(cells)
        let showing = finder.showing
        var lines = [
            tr("“\(type.label.zh)”，\(plan.rows.count) 行；字段：", "\(type.label.en), \(plan.rows.count) rows; fields: ")
                + plan.columns.map { showing.label($0, TypeKey(type.key)) }.joined(separator: tr("、", ", "))
        ]
        if !plan.unused.isEmpty {
            lines.append(
                tr("不认识、不导入的列：", "Columns that are no field and stay out: ")
                    + Screen.safe(plan.unused.joined(separator: tr("、", ", "))))
        }
        for row in plan.rows {
            var line = tr("第 \(row.number) 行  ", "row \(row.number)  ") + Screen.safe(row.title)
            if let twin = row.twin {
                line += tr("  【像已有的 \(showing.short(twin))】", "  [looks like \(showing.short(twin))]")
                if !row.differing.isEmpty {
                    line +=
                        tr("不同：", " differs: ")
                        + row.differing.map { showing.label($0, TypeKey(type.key)) }.joined(separator: tr("、", ", "))
                }
            }
            if let other = row.twinRow {
                line += tr("  【像第 \(other) 行】", "  [looks like row \(other)]")
            }
            lines.append(line)
            lines += row.faults.map { tr("    有误：", "    faulty: ") + $0 }
        }
        let (faulty, twins) = (plan.faulty.count, plan.duplicates.count)
        let makeable = plan.rows.count { $0.faults.isEmpty && $0.twin == nil && $0.twinRow == nil }
        if saves, faulty > 0 {
            throw Explanation(
                "rows-faulty", exit: ExitStatus.badInput,
                (lines + [tr("\(faulty) 行有误。", "\(faulty) rows are faulty.")]).joined(separator: "\n"),
                tr("什么也没有保存；改好表再导入。", "Nothing was saved; mend the table and import it again."))
        }
        if saves, twins > 0, duplicates == nil {
            throw Explanation(
                "rows-duplicate", exit: ExitStatus.badInput,
                (lines + [tr("\(twins) 行像已有的记录或前面的行。", "\(twins) rows look like a record that is here, or an earlier row.")])
                    .joined(separator: "\n"),
                tr(
                    "什么也没有保存。请选：--duplicates skip 跳过，fill 把空着的补上，new 另建（之后在裁定里认定是否同一个）。",
                    "Nothing was saved. Choose: --duplicates skip leaves them out, fill fills in what is empty, new makes them (the review then asks whether two are one)."
                ))
        }
        var (made, filled) = (0, 0)
        if saves {
            let saving = try table.changes(plan, duplicates: duplicates ?? .skip, by: finder.replica, message: message)
            try finder.replica.commit(saving.changes.map { (scope, $0) })
            (made, filled) = (saving.made.count, saving.filled)
            lines.append(
                tr("已新建 \(made) 条", "Made \(made) records") + (filled > 0 ? tr("，补齐 \(filled) 条", ", filled in \(filled)") : "")
                    + tr("。", "."))
        } else {
            lines.append(
                tr(
                    "可新建 \(makeable) 条，像已有的 \(twins) 条，有误 \(faulty) 行。这是预览，没有保存；保存加 --save。",
                    "\(makeable) to be made, \(twins) look like one that is here, \(faulty) faulty. This is a preview: nothing was saved; add --save."
                ))
        }
        options.show(
            .object([
                ("type", .string(type.key)), ("columns", .list(plan.columns.map { .string($0.rawValue) })),
                ("unused", .list(plan.unused.map(JSON.string))),
                (
                    "rows",
                    .list(
                        plan.rows.map { row in
                            .object([
                                ("row", .count(row.number)), ("title", .string(row.title)),
                                ("faults", .list(row.faults.map(JSON.string))),
                                ("looks_like", .optional(row.twin.map { "\($0)" })),
                                ("looks_like_row", row.twinRow.map(JSON.count) ?? .null),
                                ("differs", .list(row.differing.map { .string($0.rawValue) })),
                            ])
                        })
                ), ("saved", .flag(saves)), ("created", .count(made)), ("filled", .count(filled)),
            ]), lines)
    }

    private func cells(_ bytes: [UInt8], _ path: String, sheet: Int) throws -> [[String]] {
        var bytes = bytes
        let ending = OutgoingFile.ending(of: path)
        if ["xlsx", "xls", "ods", "fods", "et"].contains(ending) {
            bytes = try Office.convert(
                bytes, ending: ending, to: "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,\(sheet)")
        }
        guard let text = TableImport.text(of: bytes) else {
            throw Explanation(
                "file-unreadable", exit: ExitStatus.badInput,
                tr(
                    "\(Screen.safe(path)) 不是表格，也不是 UTF-8 或 GB 18030 的文本。",
                    "\(Screen.safe(path)) is neither a spreadsheet nor text in UTF-8 or GB 18030."),
                tr("什么也没有保存。请另存为 .xlsx 或 .csv。", "Nothing was saved. Save it as .xlsx or .csv."))
        }
        do { return try TableImport.cells(of: text) } catch {
            throw Explanation(
                "file-unreadable", exit: ExitStatus.badInput,
                tr("\(Screen.safe(path)) 的引号或分隔不成表。", "\(Screen.safe(path)) is no table: its quotes or separators do not fit."),
                tr("什么也没有保存。请用表格软件打开检查，再另存。", "Nothing was saved. Open it with a spreadsheet program and save it anew."))
        }
    }

    /// Records of an engagement are of the only one there is, if no column says.
    private func given(_ header: [String]) throws -> [(FieldKey, FieldInput)] {
        guard let field = type.field("engagement"), field.required == true,
            !header.contains(where: { type.field(named: $0.trimmingCharacters(in: .whitespaces))?.key == "engagement" })
        else { return [] }
        let engagements = try finder.replica.states(in: [scope]).filter { $0.type == "engagement" && !$0.isDeleted }
        return engagements.count == 1 ? [("engagement", .value(.reference(engagements[0].record)))] : []
    }

    /// Cells name records by their title, or by the first part of it, or by id.
    private func references() throws -> (String, Catalogue.Field) throws -> RecordID? {
        let file = try finder.caseFile(of: [scope])
        var names: [String: [String: Set<RecordID>]] = [:]
        return { text, field in
            guard let target = field.target else { return try finder.reference(text, field) }
            if names[target] == nil {
                var found: [String: Set<RecordID>] = [:]
                for state in file.live(TypeKey(target)) {
                    let first =
                        finder.folder.catalogue.type(state.type)?.title.first.map { file.shown(state, FieldKey($0)).zh } ?? ""
                    for name in Set([file.title(state.record).zh, first]) where !name.isEmpty {
                        found[name, default: []].insert(file.first(of: state.record))
                    }
                }
                names[target] = found
            }
            let meant = names[target]?[text] ?? []
            if meant.count == 1 { return meant.first }
            guard meant.isEmpty else {
                throw Explanation(
                    "reference-ambiguous", exit: ExitStatus.badInput,
                    tr("有几条记录都叫这个名字，请写编号", "several records are called so; give the id"), "")
            }
            return ShortID(text) == nil ? nil : try? finder.reference(text, field)
        }
    }
}
