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
            let place = try replica.roster()?.roster.scope(restricted).map { "\($0.title) (\($0.name))" } ?? "\(restricted)"
            if !yes {
                let question = tr(
                    "“\(Screen.safe(finder.showing.title(finding)))”将移入限知范围 \(Screen.safe(place))，原来的内容抹去，不能恢复。继续吗？",
                    "\"\(Screen.safe(finder.showing.title(finding)))\" moves to the restricted scope \(Screen.safe(place)) and is erased here for good. Go on?"
                )
                guard Output.isAnsweredByPerson, Output.confirms(question) else {
                    throw Explanation(
                        "not-confirmed", exit: ExitStatus.usage, tr("没有做。", "Nothing was done."),
                        tr("确定要做，加 --yes。", "If you are sure, add --yes."))
                }
            }

            // What was written while the question stood there is in no copy that is about to be made.
            guard try replica.record(finding.id)?.state == finding.state else {
                throw Explanation(
                    "changed-meanwhile", exit: ExitStatus.tryAgain, tr("这条问题刚刚有改动。", "The finding was changed just now."),
                    tr(
                        "什么也没有改。请看过再做一次：dundian show \(finder.showing.short(finding.id))",
                        "Nothing was changed. Look at it and do it again: dundian show \(finder.showing.short(finding.id))"))
            }
            // The clue, with what the finding said.
            let clue = replica.freshRecordID()
            let known = Set((folder.catalogue.type("clue")?.fields ?? []).map(\.key))
            var fields: [(FieldKey, FieldInput)] = []
            // What was done about the finding was not done about the clue; what the clue has no field for is kept in words.
            let own: Set<String> = ["status", "attachments"]
            let done: Set<String> = ["disposition", "disposition_date", "disposition_recipient", "document_number"]
            var words: [String] = []
            for field in finding.fields where !own.contains(field.key.rawValue) {
                guard known.contains(field.key.rawValue), !done.contains(field.key.rawValue) else {
                    let contents: [Content] =
                        switch field.outcome {
                        case .set(let elements): elements.map(\.value)
                        default: field.outcome.candidate.map { [$0.value] } ?? []
                        }
                    let text = contents.filter { $0 != .value(.empty) }.map { finder.showing.text($0, field.key, finding.type) }
                        .joined(separator: tr("、", ", "))
                    if !text.isEmpty { words.append("\(finder.showing.label(field.key, finding.type))\(tr("：", ": "))\(text)") }
                    continue
                }
                switch field.outcome {
                case .set(let elements): fields.append((field.key, .elements(elements.compactMap(\.value.value))))
                default:
                    if let value = field.outcome.candidate?.value.value, value != .empty {
                        fields.append((field.key, .value(value)))
                    }
                }
            }
            if !words.isEmpty {
                let note = ([finding.text("evidence_note") ?? ""] + words).filter { !$0.isEmpty }.joined(separator: "\n")
                fields.removeAll { $0.0 == "evidence_note" }
                fields.append(("evidence_note", .value(.text(note))))
            }
            fields.append(("status", .value(.text("noted"))))
            // Contents of attachments are copied before anything is saved: what is copied and not told of goes by itself.
            var moved: [(old: Record, new: RecordID, fields: [(FieldKey, FieldInput)])] = []
            for (record, attachment) in attachments {
                let key = try folder.keep(attachment, in: restricted)
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
                // Every entry that wrote to it, reasons of deletions and messages too, as far as what was copied had seen.
                let entries = try replica.history(of: record.id).map(\.dot).filter { record.state.vector.has($0) }
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
            lines[0] += tr("，在 ", ", in ") + Screen.safe(place)
            if try replica.drafts().contains(where: { draft in
                copies.words.contains { draft.bytes.firstRange(of: Array($0.utf8)) != nil }
            }) {
                lines.append(
                    tr("本机有草稿写着同样的话：dundian draft list", "A draft on this laptop says it too: dundian draft list"))
            }
            if !copies.texts.isEmpty {
                lines.append(
                    tr(
                        "这些记录提到它，现在或以前可能写着同样的话，请看过、改写，再用 dundian erase 抹去旧的：",
                        "These speak of it, and say or once said what it said. Look, rewrite them, then erase what they said: dundian erase"
                    ))
                lines += copies.texts.map {
                    "  \(showing.short($0.record.id))  \(Screen.safe(showing.label($0.record.type)))  \(showing.label($0.field, $0.record.type))  dundian erase \(showing.short($0.record.id)) \($0.field)"
                }
            }
            options.show(
                .object([
                    ("clue", .string("\(clue)")), ("scope", .string("\(restricted)")), ("finding", .string("\(finding.id)")),
                    ("attachments", .count(moved.count)),
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
            guard case .reference(let id) = value else { return nil }
            guard let record = try folder.replica.record(id), let attachment = all.first(where: { $0.record == id }) else {
                throw Explanation(
                    "attachment-missing", exit: ExitStatus.notFound,
                    tr("它的一件附件本机没有，移不走。", "One of its attachments is not here, so it cannot move along."),
                    tr("什么也没有改。请先同步，或从问题里去掉这件附件。", "Nothing was changed. Sync first, or take it out of the finding."))
            }
            if record.isDeleted { return nil }
            let others = try folder.replica.records(referringTo: [id]).filter { $0.id != finding.id && $0.id != id }
            guard others.isEmpty else {
                throw Explanation(
                    "attachment-shared", exit: ExitStatus.badInput,
                    tr("它的附件还用在别的记录里，一移走那边就没有了。", "One of its attachments is used by another record, which would lose it."),
                    tr(
                        "什么也没有改。请先从那条记录去掉，或在那边另存一份：dundian file",
                        "Nothing was changed. Take it out of that record first, or add the file there anew: dundian file"))
            }
            guard folder.isWhole(attachment) else {
                throw Explanation(
                    "attachment-missing", exit: ExitStatus.notFound,
                    tr("它的附件本机没有全部内容，移不走。", "Not all of its attachments' contents are here, so they cannot move along."),
                    tr("什么也没有改。请先取回：dundian file fetch", "Nothing was changed. Fetch them first: dundian file fetch"))
            }
            return (record, attachment)
        }
    }

    /// Records that list it, and texts that say or once said what it said: its title or account as they ever were, or anything in a record that refers to it.
    private func copies(
        of finding: Record, _ finder: Finder
    ) throws -> (references: [Record], texts: [(record: Record, field: FieldKey)], words: [String]) {
        let replica = finder.replica
        var words: Set<String> = []
        for edit in try replica.history(of: finding.id) {
            for write in edit.writes where ["title", "account"].contains(write.field.rawValue) && write.kind.hasValue {
                let text = write.value?.text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
                if text.count > 1 { words.insert(text) }
            }
        }
        let referring = Set(try replica.records(referringTo: [finding.id]).map(\.id))
        var references: [Record] = []
        var texts: [(Record, FieldKey)] = []
        let moving = Set(finding.elements("attachments").compactMap { if case .reference(let id) = $0 { id } else { nil } })
        for state in try replica.states(in: [finding.scope]) where state.record != finding.id && !moving.contains(state.record) {
            guard state.type != ErasureOrder.type, let record = try? replica.record(state.record, in: finding.scope) else {
                continue
            }
            if !record.isDeleted, record.elements("findings").contains(.reference(finding.id)) { references.append(record) }
            let type = finder.folder.catalogue.type(record.type)
            var found: Set<FieldKey> = []
            for edit in try replica.history(of: record.id) {
                for write in edit.writes where write.kind.hasValue {
                    guard let text = write.value?.text, !text.isEmpty else { continue }
                    let kind = type?.field(write.field.rawValue)?.kind
                    let isProse = kind == .longText || kind == nil
                    if words.contains(where: { text.contains($0) }) || referring.contains(record.id) && isProse {
                        found.insert(write.field)
                    }
                }
            }
            texts += found.sorted { $0.rawValue < $1.rawValue }.map { (record, $0) }
        }
        return (references, texts, words.sorted())
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
                if type?.field(key.rawValue)?.given == .numbering {
                    throw Explanation(
                        "field-given", exit: ExitStatus.badInput,
                        tr("编号给出了就不能抹去。", "A number that was given is not erased."),
                        tr("什么也没有改。作废请改状态：status=voided。", "Nothing was changed. To void it, set its status: status=voided."))
                }
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
