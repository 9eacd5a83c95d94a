// dundian undo: takes back this device's last save, by another save.

import ArgumentParser
import Dundian
import Terminal

struct UndoCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "undo", abstract: tr("撤销本机最近一次保存。", "Undo the last save of this device."),
            discussion: tr(
                "先显示会改回什么，在终端上问过再做；历史都留着。别人后来改过的不动。再运行一次，就撤销更早的一次。",
                "Shows what it would bring back, and on a terminal asks first; history stays. What somebody changed since is left alone. Run again, it undoes the save before."
            ))
    }
    @OptionGroup var options: Options
    @Flag(name: .long, help: ArgumentHelp(tr("不必再问。", "Do not ask."))) var yes = false

    func run() throws {
        try options.run { folder in
            guard let undoing = try folder.replica.undoing() else {
                throw Explanation(
                    "nothing-to-undo", exit: ExitStatus.notFound,
                    tr("本机没有可以撤销的保存。", "This device has saved nothing that could be undone."),
                    "")
            }
            let telling = UndoTelling(showing: Showing(folder: folder), undoing: undoing)
            guard !undoing.edits.isEmpty else {
                throw Explanation(
                    "undo-overtaken", exit: ExitStatus.badInput,
                    tr("最近一次保存已不能撤销：", "The last save cannot be undone any more:")
                        + telling.left().map { "\n  " + $0 }.joined(),
                    tr("什么也没有改。", "Nothing was changed. ") + telling.instead())
            }
            if !options.json {
                for line in telling.lines() { Screen.print(line) }
                if !yes, Output.isAnsweredByPerson, !Output.confirms(tr("撤销吗？", "Undo it?")) {
                    Screen.print(tr("没有撤销。", "Nothing was undone."))
                    return
                }
            }
            guard let done = try folder.replica.undo(expecting: undoing) else {
                throw Explanation(
                    "undo-overtaken", exit: ExitStatus.tryAgain, tr("就在刚才，记录又有了改动。", "The records have changed just now."),
                    tr("什么也没有撤销。请再运行一次。", "Nothing was undone. Run it again."))
            }
            options.show(telling.json(done), [tr("已撤销。", "Undone.")])
        }
    }
}

private struct UndoTelling {
    let showing: Showing
    let undoing: Undoing

    func json(_ done: Undoing) -> JSON {
        .object([
            ("undone", .string("\(done.dot)")), ("scope", .string("\(done.scope)")), ("time", .integer(done.time.rawValue)),
            ("message", .optional(done.message)),
            (
                "records",
                .list(
                    done.edits.map {
                        .object([
                            ("id", .string("\($0.record)")), ("short", .string(showing.short($0.record))),
                            ("writes", .list($0.writes.map { .string("\($0.kind)") })),
                        ])
                    })
            ),
            (
                "left",
                .list(
                    done.left.map {
                        .object([
                            ("id", .string("\($0.record)")),
                            ("field", $0.field.rawValue.isEmpty ? .null : .string($0.field.rawValue)),
                            ("reason", .string(code($0.reason))),
                        ])
                    })
            ),
        ])
    }

    func lines() -> [String] {
        let when = Screen.time(undoing.time.rawValue).prefix(16)
        var lines = [tr("最近一次保存（\(when)）将改回：", "The last save (\(when)) would be taken back:")]
        for edit in undoing.edits {
            lines.append("  \(Screen.safe(showing.label(edit.type))) \(showing.short(edit.record))  \(title(edit.record))")
            lines += edit.writes.map { "      " + line($0, edit) }
        }
        let left = left()
        if !left.isEmpty { lines += [tr("这些不动：", "These stay:")] + left.map { "  " + $0 } }
        return lines
    }

    func left() -> [String] {
        undoing.left.map { left in
            let field =
                left.field.rawValue.isEmpty
                ? "" : tr("，字段“", ", field \"") + Screen.safe(label(left.field, left.record)) + tr("”", "\"")
            return "\(showing.short(left.record))  \(title(left.record))\(field)\(tr("：", ": "))\(words(left.reason))"
        }
    }

    /// What to do where nothing can be undone: a field with several values is settled, others can be edited.
    func instead() -> String {
        let items = items()
        guard items.isEmpty else {
            return tr("请先裁定：", "Settle it: ") + items.map { "dundian review show \(showing.short($0))" }.joined(separator: "\n")
        }
        return tr("可以直接修改：dundian edit 编号 字段=值", "You can edit instead: dundian edit ID field=value")
    }

    /// The review items that keep something from being undone.
    private func items() -> [ItemID] {
        undoing.left.filter { $0.reason == .contested }.compactMap { left in
            (try? showing.folder.replica.record(left.record))?.items.first { $0.item.field == left.field }?.id
        }
    }

    private func title(_ record: RecordID) -> String { Screen.safe(Screen.cut(showing.title(record), to: 50)) }

    private func type(_ record: RecordID) -> TypeKey { undoing.undone.first { $0.record == record }?.type ?? "" }

    private func label(_ field: FieldKey, _ record: RecordID) -> String { showing.label(field, type(record)) }

    private func line(_ write: Write, _ edit: Edit) -> String {
        let field = Screen.safe(showing.label(write.field, edit.type))
        switch write.kind {
        case .put:
            let state = try? showing.folder.replica.record(edit.record)
            let now = state?[write.field]?.candidate?.value
            let (old, new) = (shown(now, write.field, edit.type), shown(write.value, write.field, edit.type))
            return "\(field)\(tr("：", ": "))\(old) → \(new)"
        case .add: return "\(field)\(tr("：", ": "))+ \(shown(write.value, write.field, edit.type))"
        case .drop:
            let elements = (try? showing.folder.replica.record(edit.record))?.state[write.field]?.elements ?? []
            let gone = elements.filter { write.names.contains($0.name) }.map { shown($0.value, write.field, edit.type) }
            return "\(field)\(tr("：", ": "))- \(gone.joined(separator: tr("、", ", ")))"
        case .undo: return tr("撤销对 \(field) 的裁定，恢复裁定前的各个值", "the settlement of \(field) is undone; the values before it are back")
        case .delete: return tr("删除这条记录（可恢复）", "the record is deleted (it can be restored)")
        case .restore: return tr("恢复这条记录", "the record is restored")
        case .settle, .approve: return field
        }
    }

    private func shown(_ content: Content?, _ field: FieldKey, _ type: TypeKey) -> String {
        guard let content, content.value != .empty else { return tr("（空）", "(empty)") }
        return Screen.safe(Screen.cut(showing.text(content, field, type).replacing("\n", with: " "), to: 60))
    }

    private func words(_ reason: Undoing.Reason) -> String {
        switch reason {
        case .changedSince: tr("后来有人改过", "somebody has changed it since")
        case .merged: tr("已与别人的修改合并，请直接修改", "it is merged with what others wrote: edit it instead")
        case .contested: tr("有几个值，等人裁定", "it has several values and waits for review")
        case .erased: tr("原来的内容已抹去或不在本机", "what was there before is erased, or not here")
        case .deleted: tr("记录已删除", "the record is deleted")
        case .final: tr("同意和撤销不能再撤销", "approvals and undos are not taken back")
        case .sealed: tr("记录已封存，要更正请另写更正记录", "the record is sealed: put it right with an amendment")
        }
    }

    private func code(_ reason: Undoing.Reason) -> String {
        switch reason {
        case .changedSince: "changed_since"
        case .merged: "merged"
        case .contested: "contested"
        case .erased: "erased"
        case .deleted: "deleted"
        case .final: "final"
        case .sealed: "sealed"
        }
    }
}
