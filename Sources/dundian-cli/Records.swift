// dundian record: making, changing and looking at records of any type.

import ArgumentParser
import Dundian
import Foundation
import Terminal

struct RecordCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "record", abstract: tr("建立、修改、查看记录。", "Make, change and look at records."),
            subcommands: [New.self, EditRecord.self, List.self, Show.self, Delete.self, Restore.self, History.self])
    }
}

/// Finds what a person means by an id or the beginning of one.
struct Finder {
    let replica: Replica

    func record(_ text: String) throws -> Record {
        let matches = text.count >= 4 ? try replica.records(beginning: text) : []
        guard matches.count < 2 || matches.contains(where: { "\($0)" == text.lowercased() }) else {
            throw Explanation(
                "id-ambiguous", exit: ExitStatus.badInput,
                tr("编号 \(Screen.safe(text)) 对应不止一条记录。", "\(Screen.safe(text)) is the beginning of several ids."),
                tr("请多写几位。", "Give more of it."))
        }
        guard let id = matches.first, let record = try replica.record(id) else {
            throw ReplicaError(
                .recordUnknown, text, message: "There is no record \(Screen.safe(text)) here.",
                next: "Check the id (at least four of its characters); if somebody else made it, sync first.")
        }
        return record
    }

    func item(_ text: String) throws -> QueuedItem {
        let items = try replica.reviewItems(limit: 100_000).filter { $0.id.description.hasPrefix(text.lowercased()) }
        guard items.count == 1, let item = items.first else {
            throw ReplicaError(
                .itemUnknown, text, message: "No open review item, or more than one, begins with \(Screen.safe(text)).",
                next: "Look at what is open: dundian review list")
        }
        return item
    }

    /// The scope a name means; without a name the only granted one of the type's kind.
    func scope(_ name: String?, for type: Catalogue.RecordType?) throws -> ScopeID {
        guard let roster = try replica.roster()?.roster else {
            throw ReplicaError(
                .notJoined, message: "This replica has not joined a service, so nobody has granted it a scope.",
                next: "Run: dundian join URL CODE")
        }
        let scopes = roster.scopes(of: replica.key)
        if let name {
            guard let scope = scopes.first(where: { $0.name == name }) else {
                throw ReplicaError(
                    .scopeUnknown, name, message: "This device has no scope \(Screen.safe(name)).", next: "See: dundian status")
            }
            if type?.scope == .restricted, scope.kind != .restricted {
                throw Explanation(
                    "scope-unfit", exit: ExitStatus.badInput,
                    tr(
                        "这类记录只能放在限知范围里，\(Screen.safe(name)) 不是。",
                        "Records of this type belong in a restricted scope, which \(Screen.safe(name)) is not."),
                    tr("什么也没有保存。dundian status 可查看范围。", "Nothing was saved. See dundian status."))
            }
            return scope.id
        }
        let kind: Roster.Scope.Kind =
            switch type?.scope {
            case .directory?: .directory
            case .restricted?: .restricted
            default: .ordinary
            }
        let fitting = scopes.filter { $0.kind == kind }
        guard fitting.count == 1 else {
            throw Explanation(
                "scope-ambiguous", exit: ExitStatus.badInput,
                fitting.isEmpty
                    ? tr("本机没有适合这类记录的范围。", "This device has no scope for this type of record.")
                    : tr("有几个范围适合这类记录。", "Several scopes fit this type of record."),
                tr("请用 --scope 写明范围；dundian status 可查看。", "Name one with --scope; see dundian status."))
        }
        return fitting[0].id
    }
}

/// Reads `field=value`, `field+=value` and `field-=value` by the catalogue. A field the catalogue does not know is taken as text.
struct FieldParser {
    let finder: Finder
    let type: Catalogue.RecordType?

    func fields(_ texts: [String]) throws -> [(FieldKey, FieldInput)] {
        var result: [(FieldKey, FieldInput)] = []
        func merge(_ key: FieldKey, _ input: FieldInput) throws {
            for i in result.indices where result[i].0 == key {
                switch (result[i].1, input) {
                case (.elements(let a), .elements(let b)): result[i].1 = .elements(a + b)
                case (.adding(let a), .adding(let b)): result[i].1 = .adding(a + b)
                case (.dropping(let a), .dropping(let b)): result[i].1 = .dropping(a + b)
                case (.adding, .dropping), (.dropping, .adding): continue
                default:
                    throw Explanation(
                        "field-repeated", exit: ExitStatus.badInput,
                        tr("字段 \(Screen.safe(key.rawValue)) 写了两次。", "Field \(Screen.safe(key.rawValue)) is given twice."),
                        tr("什么也没有保存。", "Nothing was saved."))
                }
                return
            }
            result.append((key, input))
        }
        for text in texts {
            guard let equals = text.firstIndex(of: "=") else {
                throw Explanation(
                    "field-malformed", exit: ExitStatus.badInput,
                    tr("“\(Screen.safe(text))”不是 字段=值。", "\"\(Screen.safe(text))\" is not field=value."),
                    tr("什么也没有保存。", "Nothing was saved."))
            }
            var name = text[..<equals]
            let given = String(text[text.index(after: equals)...])
            var mark: Character?
            if let last = name.last, last == "+" || last == "-" {
                mark = last
                name = name.dropLast()
            }
            guard !name.isEmpty, name.utf8.count <= 64 else {
                throw Explanation(
                    "field-malformed", exit: ExitStatus.badInput, tr("字段名须有 1 到 64 字节。", "A field's name has 1 to 64 bytes."),
                    tr("什么也没有保存。", "Nothing was saved."))
            }
            let field = type?.fields.first { $0.key == name || $0.label.zh == name || $0.label.en == name }
            let key = FieldKey(field?.key ?? String(name))
            if let field, mark != nil, !field.kind.isSet {
                throw Explanation(
                    "field-malformed", exit: ExitStatus.badInput,
                    tr("字段 \(field.key) 不是集合，不能用 += 或 -=。", "Field \(field.key) is not a set: it takes no += or -=."),
                    tr("什么也没有保存。", "Nothing was saved."))
            }
            let value = try field?.value(given, reference: reference) ?? .text(given)
            if field?.kind.isSet ?? (mark != nil) {
                let values = value == .empty ? [] : [value]
                try merge(key, mark == "+" ? .adding(values) : mark == "-" ? .dropping(values) : .elements(values))
            } else {
                try merge(key, .value(value))
            }
        }
        return result
    }

    private func reference(_ text: String) throws -> RecordID? {
        if let id = RecordID(hex: text) { return id }
        return try finder.record(text).id
    }
}

struct New: ParsableCommand {
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

    func run() throws {
        try options.run { folder in
            let finder = Finder(replica: folder.replica)
            if let file {
                let ids = try Loader(folder: folder, finder: finder).load(file)
                options.show(
                    .object([("created", .count(ids.count))]), [tr("已新建 \(ids.count) 条记录。", "Made \(ids.count) records.")])
                return
            }
            guard let type, (1...64).contains(type.utf8.count) else {
                throw Explanation(
                    "type-missing", exit: ExitStatus.usage, tr("没有写明记录类型（1 到 64 字节）。", "No record type was given (1 to 64 bytes)."),
                    "dundian record new --help")
            }
            let known = folder.catalogue.types.first { $0.key == type || $0.label.zh == type || $0.label.en == type }
            let key = TypeKey(known?.key ?? type)
            let input = try FieldParser(finder: finder, type: known).fields(fields)
            let id = try folder.replica.create(key, in: try finder.scope(scope, for: known), fields: input)
            let showing = Showing(folder: folder)
            options.show(
                .object([("id", .string("\(id)"))]),
                [tr("已保存：", "Saved: ") + "\(showing.label(key)) \(showing.short(id))"])
        }
    }
}

/// Many records from a file of JSON lines: `{"scope":…,"type":…,"label":…,"fields":{…}}`, references as `"@label"` of an earlier line.
/// All of them are saved, or none.
struct Loader {
    let folder: ReplicaFolder
    let finder: Finder

    func load(_ path: String) throws -> [RecordID] {
        guard let bytes = FileManager.default.contents(atPath: path), let text = String(validating: bytes, as: UTF8.self) else {
            throw Explanation(
                "file-unreadable", exit: ExitStatus.notFound,
                tr("读不了文件 \(Screen.safe(path))（须为 UTF-8）。", "\(Screen.safe(path)) cannot be read as UTF-8 text."),
                tr("什么也没有保存。", "Nothing was saved."))
        }
        var labels: [String: RecordID] = [:]
        var changes: [(scope: ScopeID, change: Change)] = []
        var ids: [RecordID] = []
        // Lines end with LF or CRLF, whichever editor wrote them.
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (number, line) in lines.enumerated() where !line.isEmpty {
            do {
                guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                    throw Explanation("line-malformed", exit: ExitStatus.badInput, tr("不是 JSON 对象", "not a JSON object"), "")
                }
                if object["notice"] != nil { continue }
                guard let type = object["type"] as? String, let given = object["fields"] as? [String: Any] else {
                    throw Explanation(
                        "line-malformed", exit: ExitStatus.badInput, tr("缺 type 或 fields", "type or fields is missing"), "")
                }
                let known = folder.catalogue.type(TypeKey(type))
                let scope = try finder.scope(object["scope"] as? String, for: known)
                let id = folder.replica.freshRecordID()
                let fields = try given.sorted { $0.key < $1.key }.map { key, value in
                    (FieldKey(key), try input(value, known?.field(key), key, labels))
                }
                let edit = try folder.replica.creation(of: id, TypeKey(type), fields)
                changes.append((scope, try folder.replica.change([edit])))
                if let label = object["label"] as? String { labels[label] = id }
                ids.append(id)
            } catch {
                let explanation = Explanation(error, tr)
                throw Explanation(
                    explanation.code, exit: ExitStatus.badInput,
                    tr("第 \(number + 1) 行：", "Line \(number + 1): ") + explanation.message,
                    tr("什么也没有保存；改好文件后再试。", "Nothing was saved; mend the file and try again."))
            }
        }
        try folder.replica.commit(changes)
        return ids
    }

    private func input(
        _ given: Any, _ field: Catalogue.Field?, _ key: String, _ labels: [String: RecordID]
    ) throws -> FieldInput {
        func value(_ given: Any) throws -> Value {
            let text: String
            switch given {
            case let string as String: text = string
            case let number as NSNumber:
                if field == nil { return number.isBoolean ? .flag(number.boolValue) : .integer(number.int64Value) }
                text = number.isBoolean ? (number.boolValue ? "true" : "false") : number.stringValue
            default: throw ValueFault(field: key, given: "\(given)", reason: .isList)
            }
            guard let field else { return .text(text) }
            return try field.value(text) { name in
                name.hasPrefix("@") ? labels[String(name.dropFirst())] : RecordID(hex: name)
            }
        }
        if let list = given as? [Any] { return .elements(try list.map(value)) }
        let single = try value(given)
        return field?.kind.isSet == true ? .elements([single]) : .value(single)
    }
}

extension NSNumber {
    fileprivate var isBoolean: Bool {
        String(cString: objCType) == "c" || self === (true as NSNumber) || self === (false as NSNumber)
    }
}

struct EditRecord: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "edit",
            abstract: tr(
                "修改记录：字段=值；集合可用 字段+=值、字段-=值；留空即清除。",
                "Edit a record: field=value; sets take field+=value and field-=value; nothing clears."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号，可只写开头。", "The record's id, or its beginning."), valueName: "id")) var id: String
    @Argument(help: ArgumentHelp(tr("字段=值。", "field=value."), valueName: "field=value")) var fields: [String]
    @Option(name: .long, help: ArgumentHelp(tr("这次修改的说明。", "A message about this change."), valueName: "text")) var message: String?

    func run() throws {
        try options.run { folder in
            let finder = Finder(replica: folder.replica)
            let record = try finder.record(id)
            let input = try FieldParser(finder: finder, type: folder.catalogue.type(record.type)).fields(fields)
            let changed = try folder.replica.edit(record.id, fields: input, message: message)
            options.show(
                .object([("id", .string("\(record.id)")), ("changed", .flag(changed))]),
                [changed ? tr("已保存。", "Saved.") : tr("没有变化。", "Nothing changed.")])
        }
    }
}

struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: tr("列出记录，最近改动的在前。", "List records, the newest change first."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("只列这一类型。", "Only this type."), valueName: "type")) var type: String?
    @Option(name: .long, help: ArgumentHelp(tr("只列这个范围。", "Only this scope."), valueName: "scope")) var scope: String?
    @Option(name: .long, help: ArgumentHelp(tr("最多多少条。", "At most this many."), valueName: "count")) var limit = 50
    @Option(name: .long, help: ArgumentHelp(tr("跳过前面多少条。", "Skip this many."), valueName: "count")) var offset = 0

    func run() throws {
        try options.run { folder in
            let known = folder.catalogue.types.first { $0.key == type || $0.label.zh == type || $0.label.en == type }
            let scopeID = try scope.map { try Finder(replica: folder.replica).scope($0, for: nil) }
            let records = try folder.replica.records(
                type: (known?.key ?? type).map { TypeKey($0) }, in: scopeID, limit: max(0, limit), offset: max(0, offset))
            let showing = Showing(folder: folder)
            options.show(
                .object([("records", .list(records.map { showing.json($0) }))]),
                records.isEmpty
                    ? [tr("没有记录。", "No records.")]
                    : records.map { record in
                        let marks =
                            (record.isDeleted ? tr("【已删除】", "[deleted] ") : "")
                            + (record.items.isEmpty ? "" : tr("【待裁定】", "[review] "))
                        return
                            "\(showing.short(record.id))  \(Screen.padded(showing.label(record.type), to: 10))  \(marks)\(Screen.safe(Screen.cut(showing.title(record), to: 60)))"
                    })
        }
    }
}

struct Show: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: tr("显示一条记录。", "Show a record."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号，可只写开头。", "The record's id, or its beginning."), valueName: "id")) var id: String

    func run() throws {
        try options.run { folder in
            let record = try Finder(replica: folder.replica).record(id)
            let showing = Showing(folder: folder)
            options.show(showing.json(record), showing.lines(record))
        }
    }
}

struct Delete: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "delete", abstract: tr("删除记录（可恢复）。", "Delete a record (it can be restored)."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号，可只写开头。", "The record's id, or its beginning."), valueName: "id")) var id: String
    @Option(name: .long, help: ArgumentHelp(tr("理由。", "The reason."), valueName: "text")) var reason: String?

    func run() throws {
        try options.run { folder in
            let record = try Finder(replica: folder.replica).record(id)
            try folder.replica.delete(record.id, reason: reason)
            options.show(
                .object([("id", .string("\(record.id)")), ("deleted", .flag(true))]),
                [tr("已删除，可用 dundian record restore 恢复。", "Deleted; dundian record restore brings it back.")])
        }
    }
}

struct Restore: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "restore", abstract: tr("恢复已删除的记录。", "Restore a deleted record."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号，可只写开头。", "The record's id, or its beginning."), valueName: "id")) var id: String
    @Option(name: .long, help: ArgumentHelp(tr("理由。", "The reason."), valueName: "text")) var reason: String?

    func run() throws {
        try options.run { folder in
            let record = try Finder(replica: folder.replica).record(id)
            try folder.replica.restore(record.id, reason: reason)
            options.show(
                .object([("id", .string("\(record.id)")), ("deleted", .flag(false))]), [tr("已恢复。", "Restored.")])
        }
    }
}

struct History: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "history", abstract: tr("谁在何时改了什么。", "Who changed what, and when."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号，可只写开头。", "The record's id, or its beginning."), valueName: "id")) var id: String

    func run() throws {
        try options.run { folder in
            let record = try Finder(replica: folder.replica).record(id)
            let history = try folder.replica.history(of: record.id)
            let showing = Showing(folder: folder)
            options.show(
                .object([("id", .string("\(record.id)")), ("edits", .list(history.map { json($0, showing) }))]),
                history.flatMap { lines($0, record.type, showing) })
        }
    }

    private func json(_ edit: HistoryEdit, _ showing: Showing) -> JSON {
        .object([
            ("dot", .string("\(edit.dot)")), ("time", .integer(edit.time.rawValue)), ("author", .optional(edit.author)),
            ("author_name", .string(showing.person(edit.author))), ("message", .optional(edit.message)),
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

    private func lines(_ edit: HistoryEdit, _ type: TypeKey, _ showing: Showing) -> [String] {
        let message = edit.message.map { "  \(Screen.safe($0))" } ?? ""
        return ["\(Screen.time(edit.time.rawValue))  \(Screen.safe(showing.person(edit.author)))\(message)"]
            + edit.writes.map { write in
                let field = Screen.safe(showing.label(write.field, type))
                let value = write.value.map { Screen.safe(Screen.cut(showing.text($0, write.field, type), to: 60)) } ?? ""
                let reason = write.reason?.text.map { tr("（理由：", " (reason: ") + Screen.safe($0) + tr("）", ")") } ?? ""
                let what: String =
                    switch write.kind {
                    case .put: tr("写 ", "put ") + "\(field) = \(value)"
                    case .settle: tr("裁定 ", "settled ") + "\(field) = \(value)"
                    case .approve: tr("同意对 \(field) 的裁定", "approved the settlement of \(field)")
                    case .undo: tr("撤销对 \(field) 的裁定", "undid the settlement of \(field)")
                    case .add: tr("加入 ", "added ") + "\(field) + \(value)"
                    case .drop: tr("去掉 \(field) 中的 \(write.names.count) 项", "dropped \(write.names.count) of \(field)")
                    case .delete: tr("删除", "deleted")
                    case .restore: tr("恢复", "restored")
                    }
                return "    " + what + reason
            }
    }
}

// MARK: Review

struct Review: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "review", abstract: tr("裁定冲突：没有什么是悄悄定下的。", "Settle conflicts: nothing is settled silently."),
            subcommands: [ReviewList.self, ReviewShow.self, Take.self])
    }
}

struct ReviewList: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: tr("列出等待裁定的各项，最早的在前。", "List what waits for review, the oldest first."))
    }
    @OptionGroup var options: Options
    @Option(name: .long, help: ArgumentHelp(tr("只列这个范围。", "Only this scope."), valueName: "scope")) var scope: String?
    @Option(name: .long, help: ArgumentHelp(tr("最多多少项。", "At most this many."), valueName: "count")) var limit = 100

    func run() throws {
        try options.run { folder in
            let scopeID = try scope.map { try Finder(replica: folder.replica).scope($0, for: nil) }
            let items = try folder.replica.reviewItems(in: scopeID, limit: max(0, limit)).map {
                ($0, try folder.replica.record($0.item.record, in: $0.scope))
            }
            let showing = Showing(folder: folder)
            options.show(
                .object([("items", .list(items.map { showing.json($0.0, $0.1) }))]),
                items.isEmpty
                    ? [tr("没有等待裁定的事项。", "Nothing waits for review.")] : items.map { showing.line($0.0, $0.1) })
        }
    }
}

struct ReviewShow: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: tr("显示一个待裁定事项和可选的做法。", "Show an item and the ways to settle it."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String

    func run() throws {
        try options.run { folder in
            let item = try Finder(replica: folder.replica).item(item)
            let record = try folder.replica.record(item.item.record, in: item.scope)
            let showing = Showing(folder: folder)
            options.show(showing.json(item, record), lines(item, record, showing))
        }
    }

    private func lines(_ item: QueuedItem, _ record: Record?, _ showing: Showing) -> [String] {
        let id = String(item.id.description.prefix(8))
        var lines = [showing.line(item, record)]
        switch item.item.kind {
        case .contested, .unfoundedSettlement:
            for (i, candidate) in (record?.state[item.item.field]?.candidates ?? []).enumerated() {
                lines.append(
                    "  \(i + 1)) \(Screen.safe(showing.person(candidate.author)))  \(Screen.time(candidate.time.rawValue))")
                lines.append("     " + Screen.safe(showing.text(candidate.value, item.item.field, item.type), lines: true))
            }
            lines.append(tr("选定其一：", "Take one: ") + "dundian review take \(id) --candidate 1 --reason \(tr("理由", "REASON"))")
            lines.append(
                tr("另定新值：", "Or another: ")
                    + "dundian review take \(id) --value \(tr("新值", "VALUE")) --reason \(tr("理由", "REASON"))")
        case .deleteAgainstEdit, .putOnDeleted:
            lines.append(tr("保留记录：", "Keep the record: ") + "dundian review take \(id) --keep --reason \(tr("理由", "REASON"))")
            lines.append(tr("确认删除：", "Delete it: ") + "dundian review take \(id) --delete --reason \(tr("理由", "REASON"))")
        }
        return lines
    }
}

struct Take: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "take", abstract: tr("裁定一项，理由一并留存。", "Settle an item; the reason stands with it."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String
    @Option(name: .long, help: ArgumentHelp(tr("选第几个值（从 1 起）。", "Which value, from 1."), valueName: "number")) var candidate: Int?
    @Option(name: .long, help: ArgumentHelp(tr("另定的值。", "Another value."), valueName: "value")) var value: String?
    @Flag(name: .long, help: ArgumentHelp(tr("保留记录。", "Keep the record."))) var keep = false
    @Flag(name: .long, help: ArgumentHelp(tr("确认删除。", "Delete the record."))) var delete = false
    @Option(name: .long, help: ArgumentHelp(tr("理由。", "The reason."), valueName: "text")) var reason: String

    func validate() throws {
        let ways = [candidate != nil, value != nil, keep, delete].filter(\.self).count
        guard ways == 1 else {
            throw ValidationError(
                tr("请用 --candidate、--value、--keep、--delete 之一。", "Give one of --candidate, --value, --keep, --delete."))
        }
    }

    func run() throws {
        try options.run { folder in
            let finder = Finder(replica: folder.replica)
            let item = try finder.item(item)
            let decision: Replica.Decision
            if let candidate {
                decision = .candidate(candidate - 1)
            } else if let value {
                let field = folder.catalogue.type(item.type)?.field(item.item.field.rawValue)
                decision = .value(try field?.value(value) { try finder.record($0).id } ?? .text(value))
            } else {
                decision = keep ? .keep : .delete
            }
            try folder.replica.settle(item, by: decision, reason: reason)
            options.show(
                .object([("id", .string("\(item.id)")), ("settled", .flag(true))]),
                [tr("已裁定，下次同步时送出。", "Settled; it goes out with the next sync.")])
        }
    }
}
