// dundian finding classify: a finding that turns out to be a clue leaves the ordinary scope. dundian erase: earlier words of a field go.

import ArgumentParser
import Dundian
import Foundation
import Terminal

extension Finder {
    /// Erasing takes the right to a restricted scope: a person named for such matter, not everybody of the team.
    fileprivate func demandErasing() throws {
        guard try !replica.mayErase() else { return }
        throw Explanation(
            "erasing-forbidden", exit: ExitStatus.noPermission,
            tr("本机没有任何限知范围的权限，不能抹去内容。", "This device is admitted to no restricted scope, so it may not erase."),
            tr("什么也没有改。请由有限知权限的人来做。", "Nothing was changed. Ask somebody who is admitted to one."))
    }
}

struct ClassifyFinding: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "classify",
            abstract: tr(
                "把问题定为线索：移到限知范围，原来的内容抹去。",
                "Make a finding a clue: it moves to the restricted scope, and its values in the ordinary one are erased."),
            discussion: tr(
                "在限知范围里建一条线索，内容照抄；原记录写过的内容在本机抹去、删除，别的电脑下次同步时也抹去。附件的内容一同移走。\n抹去的找不回来；线索里的那份还在。写进碰头会清单或报告里的字，会列出来，请改写后再 dundian erase。",
                "A clue with its values is made in the restricted scope; all that was ever written in the finding is erased here, at once, and elsewhere with the next sync; the record is deleted. Contents of attachments move along.\nWhat is erased does not come back; the clue keeps it. Texts of meetings and reports that repeat it are named: rewrite them, then dundian erase."
            ))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("问题的编号。", "The finding's id."), valueName: "id")) var id: String
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("限知范围的名字；只有一个时可不写。", "The restricted scope's name; not needed if there is only one."), valueName: "scope"))
    var scope: String?
    @Flag(name: .long, help: ArgumentHelp(tr("不问，直接做。", "Do it without asking."))) var yes = false

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let replica = folder.replica
            let finding = try finder.record(id, of: "finding")
            guard !finding.isDeleted else {
                throw ReplicaError(
                    .recordDeleted, "\(finding.id)", message: "The finding is deleted.",
                    next: "Nothing was changed. Restore it first, or erase it: dundian erase")
            }
            try finder.demandErasing()
            let restricted = try finder.scope(scope, for: folder.catalogue.type("clue"))
            let contested = finding.fields.filter { if case .contested = $0.outcome { true } else { false } }
            guard contested.isEmpty else {
                throw ReplicaError(
                    .fieldContested, contested[0].key.rawValue,
                    message: "Field \(contested[0].key) has several values that nobody has chosen between.",
                    next: "Nothing was changed. Settle it first: dundian review list")
            }
            let attachments = try self.attachments(of: finding, folder)
            let copies = try self.copies(of: finding, finder)
            if !yes {
                let question = tr(
                    "“\(Screen.safe(finder.showing.title(finding)))”将移入限知范围，原来的内容抹去，不能恢复。继续吗？",
                    "\"\(Screen.safe(finder.showing.title(finding)))\" moves to the restricted scope and is erased here for good. Go on?"
                )
                guard Output.isAnsweredByPerson, Output.confirms(question) else {
                    throw Explanation(
                        "not-confirmed", exit: ExitStatus.usage, tr("没有做。", "Nothing was done."),
                        tr("确定要做，加 --yes。", "If you are sure, add --yes."))
                }
            }

            // The clue, with what the finding said.
            let clue = replica.freshRecordID()
            let known = Set((folder.catalogue.type("clue")?.fields ?? []).map(\.key))
            var fields: [(FieldKey, FieldInput)] = []
            for field in finding.fields
            where known.contains(field.key.rawValue) && !["status", "disposition", "attachments"].contains(field.key.rawValue) {
                switch field.outcome {
                case .set(let elements): fields.append((field.key, .elements(elements.compactMap(\.value.value))))
                default:
                    if let value = field.outcome.candidate?.value.value, value != .empty {
                        fields.append((field.key, .value(value)))
                    }
                }
            }
            fields.append(("status", .value(.text("noted"))))
            // Contents of attachments are copied before anything is saved: what is copied and not told of goes by itself.
            var moved: [(old: Record, new: RecordID, fields: [(FieldKey, FieldInput)])] = []
            for (record, attachment) in attachments {
                let path = FileManager.default.temporaryDirectory.appendingPathComponent("dundian-\(UUID().uuidString)").path
                defer { try? FileManager.default.removeItem(atPath: path) }
                try folder.write(attachment, to: path)
                let key = try folder.keep(path, in: restricted)
                var values: [(FieldKey, FieldInput)] = record.fields.compactMap { field in
                    field.outcome.candidate?.value.value.map { (field.key, .value($0)) }
                }
                values.removeAll { $0.0 == Attachment.hashField }
                values.append((Attachment.hashField, .value(.text("\(key.hash)"))))
                moved.append((record, replica.freshRecordID(), values))
            }
            if !moved.isEmpty { fields.append(("attachments", .elements(moved.map { .reference($0.new) }))) }
            var changes: [(ScopeID, Change)] = [
                (
                    restricted,
                    try replica.change(
                        moved.map { try replica.creation(of: $0.new, Attachment.type, $0.fields) } + [
                            replica.creation(of: clue, "clue", fields)
                        ])
                )
            ]
            // What stood in the ordinary scope goes: the values first, then the record itself.
            for record in [finding] + moved.map(\.old) {
                let all = record.fields.map(\.key)
                let entries = try replica.entries(writing: all, of: record.id, standing: true)
                changes.append(
                    (
                        record.scope,
                        try replica.change([
                            replica.erasure(of: [], of: record.id, in: entries, reason: tr("改归限知范围", "moved to a restricted scope"))
                        ])
                    ))
                changes.append((record.scope, try replica.change([record.state.edit([Write(.delete)])])))
            }
            for record in copies.references {
                guard let edit = try replica.amendment(of: record.state, [("findings", .dropping([.reference(finding.id)]))]) else {
                    continue
                }
                changes.append((record.scope, try replica.change([edit])))
            }
            try replica.commit(changes)
            try folder.indexForSearch()
            let showing = finder.showing
            var lines = [
                tr("已建线索：", "Made the clue: ") + showing.short(clue),
                tr(
                    "原来的内容已在本机抹去；同步之后，中心和别的电脑也抹去：dundian sync",
                    "What stood there is erased here; the centre and other laptops follow with a sync: dundian sync"),
            ]
            if !copies.texts.isEmpty {
                lines.append(
                    tr(
                        "这些记录里还有同样的话，请改写，再用 dundian erase 抹去旧的：",
                        "These still say it. Rewrite them, then erase what they said: dundian erase"))
                lines += copies.texts.map {
                    "  \(showing.short($0.record.id))  \(Screen.safe(showing.label($0.record.type)))  \(showing.label($0.field, $0.record.type))  dundian erase \(showing.short($0.record.id)) \($0.field)"
                }
            }
            options.show(
                .object([
                    ("clue", .string("\(clue)")), ("finding", .string("\(finding.id)")), ("attachments", .count(moved.count)),
                    (
                        "copies",
                        .list(
                            copies.texts.map {
                                .object([("record", .string("\($0.record.id)")), ("field", .string($0.field.rawValue))])
                            })
                    ),
                ]), lines)
        }
    }

    private func attachments(of finding: Record, _ folder: ReplicaFolder) throws -> [(Record, Attachment)] {
        let all = try folder.replica.attachments()
        return try finding.elements("attachments").compactMap { value -> (Record, Attachment)? in
            guard case .reference(let id) = value, let record = try folder.replica.record(id), !record.isDeleted,
                let attachment = all.first(where: { $0.record == id })
            else { return nil }
            guard folder.isWhole(attachment) else {
                throw Explanation(
                    "attachment-missing", exit: ExitStatus.notFound,
                    tr("它的附件本机没有全部内容，移不走。", "Not all of its attachments' contents are here, so they cannot move along."),
                    tr("什么也没有改。请先取回：dundian file fetch", "Nothing was changed. Fetch them first: dundian file fetch"))
            }
            return (record, attachment)
        }
    }

    /// Other records of the scope that refer to it by a set, and texts that repeat its title.
    private func copies(
        of finding: Record, _ finder: Finder
    ) throws -> (references: [Record], texts: [(record: Record, field: FieldKey)]) {
        var references: [Record] = []
        var texts: [(Record, FieldKey)] = []
        let title = finding.text("title") ?? ""
        for state in try finder.replica.states(in: [finding.scope]) where state.record != finding.id && !state.isDeleted {
            guard let record = try? finder.replica.record(state.record, in: finding.scope) else { continue }
            if record.elements("findings").contains(.reference(finding.id)) { references.append(record) }
            guard title.count > 3 else { continue }
            for field in record.fields {
                if case .text(let text)? = field.outcome.candidate?.value.value, text.contains(title) {
                    texts.append((record, field.key))
                }
            }
        }
        return (references, texts)
    }
}

struct EraseCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "erase",
            abstract: tr("抹去一个字段以前写过的内容；现在的值留着。", "Erase what was written in a field before; the value that stands is kept."),
            discussion: tr(
                "抹去的找不回来，别的电脑和中心下次同步时也抹去；历史里看得到抹去了，看不到内容；谁抹的、为什么，见 dundian record list erasure。先改写，再抹旧的。--standing 连现在的值一起抹去。",
                "What is erased does not come back; the centre and other laptops follow with a sync. The history shows that it was erased, not what it said; by whom and why: dundian record list erasure. Rewrite first, then erase what was there. --standing erases the present value, too."
            ))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号。", "The record's id."), valueName: "id")) var id: String
    @Argument(help: ArgumentHelp(tr("字段。", "Fields."), valueName: "field")) var fields: [String]
    @Option(name: .long, help: ArgumentHelp(tr("理由。", "The reason."), valueName: "text")) var because: String
    @Flag(name: .long, help: ArgumentHelp(tr("连现在的值一起抹去。", "The value that stands, too."))) var standing = false
    @Flag(name: .long, help: ArgumentHelp(tr("不问，直接做。", "Do it without asking."))) var yes = false

    func validate() throws {
        guard because.contains(where: { !$0.isWhitespace }) else { throw ValidationError(tr("理由不能空着。", "The reason is empty.")) }
    }

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let record = try finder.record(id)
            try finder.demandErasing()
            let type = folder.catalogue.type(record.type)
            let keys = try fields.map { name -> FieldKey in
                let key = FieldKey(type?.field(named: name)?.key ?? name)
                guard record.state[key] != nil || record[key] != nil else {
                    throw Explanation(
                        "field-unknown", exit: ExitStatus.badInput,
                        tr(
                            "这条记录没有写过字段 \(Screen.safe(name))。",
                            "Nothing was ever written in field \(Screen.safe(name)) of this record."),
                        tr("什么也没有改。", "Nothing was changed."))
                }
                return key
            }
            // Field by field: an entry may hold what stands in one and what went in another.
            let named = try keys.map { ($0, try folder.replica.entries(writing: [$0], of: record.id, standing: standing)) }.filter {
                !$0.1.isEmpty
            }
            let count = named.reduce(0) { $0 + $1.1.count }
            guard count > 0 else {
                options.show(.object([("erased", .count(0))]), [tr("没有可抹去的。", "There is nothing to erase.")])
                return
            }
            if !yes {
                let question = tr("将抹去 \(count) 处内容，不能恢复。继续吗？", "\(count) values will be erased for good. Go on?")
                guard Output.isAnsweredByPerson, Output.confirms(question) else {
                    throw Explanation(
                        "not-confirmed", exit: ExitStatus.usage, tr("没有做。", "Nothing was done."),
                        tr("确定要做，加 --yes。", "If you are sure, add --yes."))
                }
            }
            let edits = try named.map { try folder.replica.erasure(of: [$0.0], of: record.id, in: $0.1, reason: because) }
            try folder.replica.commit(try folder.replica.change(edits), in: record.scope)
            try folder.indexForSearch()
            options.show(
                .object([("erased", .count(count)), ("fields", .list(named.map { .string($0.0.rawValue) }))]),
                [tr("已抹去 \(count) 处；同步之后，中心和别的电脑也抹去。", "\(count) values erased; the centre and other laptops follow with a sync.")])
        }
    }
}
