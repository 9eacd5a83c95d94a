// dundian history: who changed what, when, on which device.

import ArgumentParser
import Dundian
import Terminal

struct HistoryVerb<let place: Int>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "history",
            abstract: tr("谁在何时、在哪台设备上改了什么。", "Who changed what, when, and on which device."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号，可只写开头。", "The record's id, or its beginning."), valueName: "id")) var id: String

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let record = try VerbPlace(place).record(id, finder, verb: "history")
            let history = try folder.replica.history(of: record.id)
            let told = HistoryTelling(history: history, type: record.type, showing: finder.showing)
            options.show(
                .object([
                    ("id", .string("\(record.id)")), ("short", .string(finder.showing.short(record.id))),
                    ("edits", .list(history.map(told.json))),
                ]), history.flatMap(told.lines))
        }
    }
}

/// A record's past, told with what each write found there.
struct HistoryTelling {
    let history: [HistoryEdit]
    let type: TypeKey
    let showing: Showing
    private let edits: [Dot: HistoryEdit]

    init(history: [HistoryEdit], type: TypeKey, showing: Showing) {
        (self.history, self.type, self.showing) = (history, type, showing)
        edits = Dictionary(history.map { ($0.dot, $0) }) { first, _ in first }
    }

    func json(_ edit: HistoryEdit) -> JSON {
        .object([
            ("dot", .string("\(edit.dot)")), ("time", .integer(edit.time.rawValue)), ("author", .optional(edit.author)),
            ("author_name", .string(showing.person(edit.author))), ("device", .optional(edit.device)),
            ("message", .optional(edit.message)), ("undoes", .optional(edit.undoes.map { "\($0)" })),
            (
                "writes",
                .list(
                    edit.writes.map { write in
                        .object([
                            ("kind", .string("\(write.kind)")),
                            ("field", write.field.rawValue.isEmpty ? .null : .string(write.field.rawValue)),
                            ("value", write.value.map { showing.json($0) } ?? .null), ("reason", .optional(write.reason?.text)),
                            ("names", .list(write.names.map { .string("\($0.dot)") })),
                        ])
                    })
            ),
        ])
    }

    func lines(_ edit: HistoryEdit) -> [String] {
        var head = showing.by(edit.author, edit.time)
        if let device = edit.device { head += tr("（", " (") + Screen.safe(device) + tr("）", ")") }
        if let undone = edit.undoes {
            let when = edits[undone].map { String(Screen.time($0.time.rawValue).prefix(16)) }
            head +=
                when.map { tr("  撤销 \($0) 的修改", "  undoes the change of \($0)") } ?? tr("  撤销较早的一次修改", "  undoes an earlier change")
        } else if let message = edit.message {
            head += "  " + (message == Redraft.message ? tr("由记录起草", "drafted from the records") : Screen.safe(message))
        }
        if edit.dot == history.first?.dot { head += tr("  建立", "  made it") }
        let order = showing.catalogue.type(type)?.fields.map(\.key) ?? []
        let writes = edit.writes.filter { !isMark($0, in: edit) }.enumerated().sorted { a, b in
            let (x, y) = (place(a.element, in: order), place(b.element, in: order))
            return (x, a.offset) < (y, b.offset)
        }
        return [head] + writes.map { "    " + line($0.element) }
    }

    /// Fields are told in the catalogue's order, those it does not know behind them.
    private func place(_ write: Write, in order: [String]) -> Int { order.firstIndex(of: write.field.rawValue) ?? order.count }

    /// A record with no field filled in is made by a restore, which tells nothing.
    private func isMark(_ write: Write, in edit: HistoryEdit) -> Bool { write.kind == .restore && edit.dot == history.first?.dot }

    private func line(_ write: Write) -> String {
        let field = Screen.safe(showing.label(write.field, type))
        let reason: String =
            switch write.reason?.text {
            case nil: ""
            case let rule? where RuleClaim(reason: rule)?.name == MergeRule.text.name:
                tr("（此前分头写的已自行合并，在合并的文字上修改）", " (what was written apart had been merged, and this was written on the merge)")
            case let rule? where RuleClaim(reason: rule) != nil:
                tr("（此前几个值由规则取定）", " (a rule had chosen among several values)")
            case let text?: tr("（理由：", " (reason: ") + ReviewDesk.told(Reason(text)) + tr("）", ")")
            }
        let what: String =
            switch write.kind {
            case .put: "\(field)\(tr("：", ": "))\(change(write))"
            case .settle where write.reason?.text.flatMap(RuleClaim.init(reason:)) != nil:
                "\(field)\(tr("：", ": "))\(shown(write.value, write.field))"
            case .settle: tr("裁定 ", "settled ") + "\(field)\(tr("：", ": "))" + shown(write.value, write.field)
            case .approve: tr("同意对 \(field) 的裁定", "approved the settlement of \(field)")
            case .undo where write.field.rawValue.isEmpty:
                tr("撤销关于记录去留的裁定", "undid the decision whether the record stays")
            case .undo: tr("撤销对 \(field) 的裁定", "undid the settlement of \(field)")
            case .add: "\(field)\(tr("：", ": "))+ \(shown(write.value, write.field))"
            case .drop:
                "\(field)\(tr("：", ": "))- "
                    + write.names.map { shown(element($0, write.field), write.field) }.joined(separator: tr("、", ", "))
            case .delete: tr("删除", "deleted")
            case .restore: tr("恢复", "restored")
            }
        return what + reason
    }

    /// What a put made of what was there: texts as their difference, other values as old and new.
    private func change(_ write: Write) -> String {
        guard let name = write.names.first, let before = value(at: name.dot, write.field) else {
            return shown(write.value, write.field)
        }
        let isChoice = showing.catalogue.type(type)?.field(write.field.rawValue)?.choices != nil
        if case .text(let old)? = before.value, case .text(let new)? = write.value?.value, !isChoice {
            return TextDifference(from: old, to: new).shown(isColoured: Output.isColoured)
        }
        if before.value == .empty { return shown(write.value, write.field) }
        return "\(shown(before, write.field)) → \(shown(write.value, write.field))"
    }

    private func shown(_ content: Content?, _ field: FieldKey) -> String {
        guard let content else { return tr("（不在这里）", "(not here)") }
        if content.value == .empty { return tr("（空）", "(empty)") }
        return Screen.safe(Screen.cut(showing.text(content, field, type).replacing("\n", with: "⏎"), to: 120))
    }

    private func value(at dot: Dot, _ field: FieldKey) -> Content? {
        edits[dot]?.writes.first { $0.field == field && ($0.kind == .put || $0.kind == .settle) }?.value
    }

    private func element(_ name: Write.Name, _ field: FieldKey) -> Content? {
        let adds = edits[name.dot]?.writes.filter { $0.kind == .add && $0.field == field } ?? []
        return adds.indices.contains(Int(name.ordinal)) ? adds[Int(name.ordinal)].value : nil
    }
}
