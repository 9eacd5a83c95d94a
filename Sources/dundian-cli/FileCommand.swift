// dundian file: photos, scans and documents of records. What is said of them is a record; their contents lie beside the replica.

import ArgumentParser
import Dundian
import Foundation
import Terminal

struct FileCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "file", abstract: tr("附件：照片、扫描件、文件。", "Attachments: photos, scans, documents."),
            discussion: tr(
                "内容随同步送到中心，排在记录之后；别人的内容按规则自动取，或点名取。",
                "Contents go to the centre with a sync, after the records; those of others are fetched by rule, or when asked for."),
            subcommands: [
                FileAdd.self, FileList.self, FileFetch.self, FileSave.self, FileCheck.self, FileRule.self,
            ])
    }
}

/// An attachment with what is known of its content.
struct FileFacts {
    let record: Record
    let attachment: Attachment
    let holding: AttachmentHolding
    let isAtCentre: Bool

    init(_ record: Record, _ attachment: Attachment, _ folder: ReplicaFolder) throws {
        (self.record, self.attachment) = (record, attachment)
        holding = try folder.attachments.holding(of: attachment.key)
        isAtCentre = try folder.attachments.isAtCentre(attachment.key)
    }

    /// Where its content is, in words.
    var place: String {
        switch (holding.isWhole, isAtCentre) {
        case (true, true): tr("本机有，中心有", "here and at the centre")
        case (true, false): tr("只在本机，未送出", "only here, not sent yet")
        case (false, _) where holding.bytes > 0:
            tr("取了 \(Self.percent(holding.bytes, attachment.size))%", "\(Self.percent(holding.bytes, attachment.size)) % fetched")
        case (false, _): tr("本机没有", "not here")
        }
    }

    private static func percent(_ part: UInt64, _ whole: UInt64) -> UInt64 { whole == 0 ? 100 : part * 100 / whole }
}

extension Finder {
    /// The attachment whose record an id names.
    func attachment(_ id: String) throws -> FileFacts {
        let record = try record(id)
        guard let attachment = Attachment(record.state, in: record.scope, by: folder.catalogue) else {
            throw Explanation(
                "not-attachment", exit: ExitStatus.badInput,
                tr(
                    "\(showing.short(record.id)) 不是附件，或没有写明内容。",
                    "\(showing.short(record.id)) is no attachment, or does not say which content."),
                tr("请看：dundian file list", "See: dundian file list"))
        }
        return try FileFacts(record, attachment, folder)
    }

    /// The attachments that a record refers to, in any of its fields.
    func attachments(of record: Record) throws -> [FileFacts] {
        let fields = folder.catalogue.type(record.type)?.fields.filter { $0.kind == .attachmentSet } ?? []
        let ids = fields.flatMap { field -> [RecordID] in
            guard case .set(let elements)? = record[FieldKey(field.key)] else { return [] }
            return elements.compactMap { if case .reference(let id)? = $0.value.value { id } else { nil } }
        }
        return try ids.compactMap { id in
            guard let record = try replica.record(id),
                let attachment = Attachment(record.state, in: record.scope, by: folder.catalogue)
            else { return nil }
            return try FileFacts(record, attachment, folder)
        }
    }
}

extension Showing {
    func json(_ facts: FileFacts) -> JSON {
        .object([
            ("id", .string("\(facts.record.id)")), ("short", .string(short(facts.record.id))),
            ("name", .string(title(facts.record))),
            ("size", .integer(Int64(facts.attachment.size))), ("sha256", .string("\(facts.attachment.key.hash)")),
            ("here", .flag(facts.holding.isWhole)), ("bytes_here", .integer(Int64(facts.holding.bytes))),
            ("at_centre", .flag(facts.isAtCentre)),
        ])
    }

    /// How many of a record's attachments are here; nil if it has none.
    func attachmentsLine(_ facts: [FileFacts]) -> String? {
        guard !facts.isEmpty else { return nil }
        let here = facts.count(where: \.holding.isWhole)
        return here == facts.count
            ? tr("附件 \(facts.count) 件，都在本机：dundian file list", "\(facts.count) attachments, all here: dundian file list")
            : tr(
                "附件 \(facts.count) 件，本机有 \(here) 件：dundian file fetch",
                "\(here) of \(facts.count) attachments here: dundian file fetch")
    }
}

private struct FileAdd: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "add", abstract: tr("把文件附到一条记录上。", "Attach files to a record."),
            discussion: tr("文件被复制到副本旁边，原文件不动。", "The file is copied beside the replica; the original stays."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("文件，可有几个。", "The files."), valueName: "file")) var files: [String]
    @Option(name: .long, help: ArgumentHelp(tr("附到哪条记录。", "The record they belong to."), valueName: "id")) var to: String
    @Option(
        name: .long,
        help: ArgumentHelp(tr("记录的哪个字段；默认是它的附件字段。", "Its field; by default the one for attachments."), valueName: "field"))
    var field: String?
    @Option(name: .long, help: ArgumentHelp(tr("名称；默认是文件名。", "The name; by default the file's."), valueName: "name")) var name:
        String?
    @Option(name: .long, help: ArgumentHelp(tr("说明。", "A note."), valueName: "text")) var note: String?

    func validate() throws {
        guard name == nil || files.count == 1 else {
            throw ValidationError(tr("--name 只用于一个文件。", "--name goes with one file."))
        }
    }

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let record = try finder.record(to)
            let fields = folder.catalogue.type(record.type)?.fields.filter { $0.kind == .attachmentSet } ?? []
            guard let field = field.map({ asked in fields.first { $0.key == asked || $0.label.zh == asked } }) ?? fields.first
            else {
                throw Explanation(
                    "field-unknown", exit: ExitStatus.badInput,
                    tr(
                        "“\(finder.showing.label(record.type))”没有可以放附件的字段。",
                        "A \(finder.showing.label(record.type)) has no field for attachments."),
                    tr("什么也没有添加。", "Nothing was added."))
            }
            var added: [FileFacts] = []
            for file in files {
                var described: [(FieldKey, FieldInput)] = [
                    ("name", .value(.text(name ?? URL(fileURLWithPath: file).lastPathComponent)))
                ]
                if let type = Self.mediaType(of: file) { described.append(("media_type", .value(.text(type)))) }
                if let note { described.append(("note", .value(.text(note)))) }
                let id = try folder.attach(file, to: record.id, field: FieldKey(field.key), described: described)
                guard let made = try folder.replica.record(id),
                    let attachment = Attachment(made.state, in: made.scope, by: folder.catalogue)
                else { continue }
                let facts = try FileFacts(made, attachment, folder)
                added.append(facts)
                if !options.json {
                    Screen.print(
                        "\(finder.showing.short(id))  \(Screen.safe(finder.showing.title(made)))  \(ByteCount(bytes: Int(attachment.size)).text)"
                    )
                }
            }
            options.show(
                .object([("added", .list(added.map { finder.showing.json($0) }))]),
                [tr("已附上 \(added.count) 件；下次同步时送到中心。", "\(added.count) attached; they go to the centre with the next sync.")])
        }
    }

    /// By the name's ending; nil where it says nothing.
    private static func mediaType(of file: String) -> String? {
        switch URL(fileURLWithPath: file).pathExtension.lowercased() {
        case "jpg", "jpeg": "image/jpeg"
        case "png": "image/png"
        case "heic": "image/heic"
        case "webp": "image/webp"
        case "tif", "tiff": "image/tiff"
        case "pdf": "application/pdf"
        case "doc": "application/msword"
        case "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        case "xls": "application/vnd.ms-excel"
        case "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        case "wps": "application/vnd.ms-works"
        case "ofd": "application/ofd"
        case "txt": "text/plain"
        case "mp3": "audio/mpeg"
        case "m4a": "audio/mp4"
        case "mp4": "video/mp4"
        case "zip": "application/zip"
        default: nil
        }
    }
}

private struct FileList: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: tr("列出附件，和内容在哪里。", "List attachments, and where their contents are."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("只列这条记录的。", "Only those of this record."), valueName: "id")) var record: String?
    @Flag(name: .long, help: ArgumentHelp(tr("只列内容不在本机的。", "Only those whose contents are not here."))) var missing = false

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            var all: [FileFacts]
            if let record {
                let record = try finder.record(record)
                all = try finder.attachments(of: record)
                if let attachment = Attachment(record.state, in: record.scope, by: folder.catalogue) {
                    all.append(try FileFacts(record, attachment, folder))
                }
            } else {
                all = try folder.replica.attachments().compactMap { attachment in
                    try folder.replica.record(attachment.record).map { try FileFacts($0, attachment, folder) }
                }
            }
            let shown = all.filter { !missing || !$0.holding.isWhole }
            var table = Table(header: [tr("编号", "Id"), tr("名称", "Name"), tr("大小", "Size"), tr("内容", "Content")])
            table.isRight = [2]
            table.rows = shown.map {
                [
                    finder.showing.short($0.record.id), Screen.safe(finder.showing.title($0.record)),
                    ByteCount(bytes: Int($0.attachment.size)).text, $0.place,
                ]
            }
            let here = all.count(where: \.holding.isWhole)
            options.show(
                .object([
                    ("here", .count(here)), ("total", .count(all.count)), ("files", .list(shown.map { finder.showing.json($0) })),
                ]),
                (shown.isEmpty ? [] : table.lines(width: Output.width))
                    + [
                        all.isEmpty
                            ? tr("没有附件。", "No attachments.")
                            : tr("共 \(all.count) 件，本机有 \(here) 件。", "\(here) of \(all.count) here.")
                    ])
        }
    }
}

private struct FileFetch: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "fetch",
            abstract: tr("从中心取附件的内容。断了再运行就接着取。", "Fetch contents from the centre. Run it again to go on where it broke off."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("附件，或有附件的记录；不写就取全部。", "Attachments, or records that have some; none: all."), valueName: "id"))
    var ids: [String] = []
    @Flag(
        name: .long,
        help: ArgumentHelp(tr("再问一遍中心有没有本机的附件，没有的重新送。", "Ask the centre again whether it has those here, and send what it lacks.")))
    var recheck = false

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            var asked: [FileFacts] = []
            for id in ids {
                let record = try finder.record(id)
                if let attachment = Attachment(record.state, in: record.scope, by: folder.catalogue) {
                    asked.append(try FileFacts(record, attachment, folder))
                } else {
                    asked += try finder.attachments(of: record)
                }
            }
            let wanted = try ids.isEmpty ? folder.replica.attachments() : asked.map(\.attachment)
            guard let url = try folder.replica.setting("service-url") else {
                throw ReplicaError(
                    .notJoined, message: "This replica has not joined a service.", next: "Run: dundian join URL CODE")
            }
            let carrier = Carrier(
                folder: folder, service: try folder.service(at: url, language: tr), options: options, quiet: false)
            let summary = try carrier.carry(asked: wanted, recheck: recheck)
            let here = try wanted.count { try folder.attachments.holding(of: $0.key).isWhole }
            options.show(
                .object([
                    ("fetched", .count(summary.fetched)), ("sent", .count(summary.sent)), ("here", .count(here)),
                    ("total", .count(wanted.count)), ("missing", .list(summary.missing.map { .string("\($0.hash)") })),
                    ("damaged", .list(summary.damaged.map { .string("\($0.hash)") })),
                ]),
                [
                    tr(
                        "取到 \(summary.fetched) 件；所要的 \(wanted.count) 件，本机有 \(here) 件。",
                        "\(summary.fetched) fetched; \(here) of the \(wanted.count) asked for are here.")
                ]
                    + Carrier.lines(summary))
            if here < wanted.count { throw ExitCode(ExitStatus.notTaken) }
        }
    }
}

private struct FileSave: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "save", abstract: tr("把附件的内容另存为文件；存的时候核对。", "Save a content as a file; it is checked on the way."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("附件编号。", "The attachment's id."), valueName: "id")) var id: String
    @Option(name: .long, help: ArgumentHelp(tr("写到这个文件；默认是它的名称。", "The file; by default its name."), valueName: "file")) var out:
        String?
    @Flag(name: .long, help: ArgumentHelp(tr("文件已有时覆盖。", "Replace the file if it is there."))) var force = false

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let facts = try finder.attachment(id)
            // A name out of a record is a name, not a way into other folders.
            let name = finder.showing.title(facts.record).replacing("/", with: "_").filter { !$0.isNewline && $0 != "\0" }
            let path = out ?? (name.hasPrefix(".") ? "_" + name : name)
            do { try folder.write(facts.attachment, to: path, overwriting: force) } catch let fault as AttachmentFault {
                throw Carrier.explanation(fault, finder.showing.short(facts.record.id))
            }
            options.show(
                .object([("file", .string(path)), ("size", .integer(Int64(facts.attachment.size)))]),
                [tr("已存为：", "Saved as: ") + Screen.safe(path)])
        }
    }
}

private struct FileCheck: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "check", abstract: tr("核对本机全部附件的内容。", "Check every content here against its hash."))
    }
    @OptionGroup var options: Options

    func run() throws {
        try options.run { folder in
            var (good, damaged) = (0, [AttachmentKey]())
            for key in try folder.attachments.keys() where try folder.attachments.holding(of: key).isWhole {
                do {
                    try folder.attachments.verify(key)
                    good += 1
                } catch let fault as AttachmentFault where fault.code == .damaged { damaged.append(key) }
            }
            let removed = try folder.tidyAttachments()
            options.show(
                .object([
                    ("good", .count(good)), ("damaged", .list(damaged.map { .string("\($0.hash)") })),
                    ("removed", .count(removed.count)),
                ]),
                [tr("完好 \(good) 件，损坏 \(damaged.count) 件。", "\(good) good, \(damaged.count) damaged.")]
                    + damaged.map { tr("  损坏，已放到一边：", "  damaged, set aside: ") + "\($0.hash)" }
                    + (damaged.isEmpty ? [] : [tr("重新取：dundian file fetch", "Fetch them again: dundian file fetch")]))
            if !damaged.isEmpty { throw ExitCode(ExitStatus.faultsFound) }
        }
    }
}

private struct FileRule: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "rule", abstract: tr("同步时自动取哪些附件。", "Which contents a sync fetches unasked."),
            discussion: tr(
                "none 不取；all 全取；2M 不超过 2 MB 的。不写就显示现在的。",
                "none; all; 2M: those of at most 2 MB. Without one it shows the present rule."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("规则。", "The rule."), valueName: "rule")) var rule: String?

    func validate() throws {
        if let rule, Self.read(rule) == nil {
            throw ValidationError(tr("规则是 none、all 或 2M 这样的大小。", "A rule is none, all, or a size as 2M."))
        }
    }

    private static func read(_ text: String) -> AttachmentRule? {
        AttachmentRule(text) ?? ByteCount(text).map { .upTo(UInt64($0.bytes)) }
    }

    func run() throws {
        try options.run { folder in
            if let rule = rule.flatMap(Self.read) { try folder.setAttachmentRule(rule) }
            let rule = try folder.attachmentRule()
            let told =
                switch rule {
                case .none: tr("同步时不自动取附件。", "A sync fetches no contents unasked.")
                case .all: tr("同步时取全部附件。", "A sync fetches all contents.")
                case .upTo(let bytes):
                    tr(
                        "同步时取不超过 \(ByteCount(bytes: Int(bytes)).text) 的附件。",
                        "A sync fetches contents of at most \(ByteCount(bytes: Int(bytes)).text).")
                }
            options.show(.object([("rule", .string("\(rule)"))]), [told])
        }
    }
}

/// Carries contents and says how far it is.
struct Carrier {
    let folder: ReplicaFolder
    let service: ServiceClient
    let options: Options
    let quiet: Bool

    func carry(asked: [Attachment] = [], recheck: Bool = false) throws -> AttachmentSummary {
        let isShown = !quiet && !options.json && isatty(2) != 0
        defer { if isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) } }
        let unsent = { try? folder.replica.confirmations().reduce(0) { $0 + $1.unconfirmed } }
        let before = unsent() ?? 0
        return try folder.carryAttachments(
            over: service, asked: asked, recheck: recheck,
            isInterrupted: { (unsent() ?? 0) > before },
            progress: { attachment, bytes, isSending in
                guard isShown else { return }
                let size = ByteCount(bytes: Int(attachment.size)).text
                let line =
                    (isSending ? tr("送附件 ", "sending ") : tr("取附件 ", "fetching "))
                    + "\(ByteCount(bytes: Int(bytes)).text) / \(size)"
                FileHandle.standardError.write(Data("\r\(line)\u{1B}[K".utf8))
            })
    }

    /// What did not go as it should.
    static func lines(_ summary: AttachmentSummary) -> [String] {
        var lines: [String] = []
        if !summary.missing.isEmpty {
            lines.append(
                tr(
                    "有 \(summary.missing.count) 件中心还没有：等有它的电脑同步。",
                    "\(summary.missing.count) are not at the centre yet: the laptop that has them must sync."))
        }
        if !summary.damaged.isEmpty {
            lines.append(
                tr(
                    "有 \(summary.damaged.count) 件内容与哈希不符，没有收下；请再同步。",
                    "\(summary.damaged.count) were not what their hashes say and were not taken; sync again."))
        }
        if summary.wasInterrupted {
            lines.append(tr("有新写的记录要先送：dundian sync", "There are new records to send first: dundian sync"))
        }
        return lines
    }

    static func explanation(_ fault: AttachmentFault, _ id: String) -> Explanation {
        switch fault.code {
        case .missing:
            Explanation(
                fault.code.rawValue, exit: ExitStatus.notFound, tr("这件附件的内容不在本机。", "The content of this attachment is not here."),
                tr("请取来：dundian file fetch \(id)", "Fetch it: dundian file fetch \(id)"))
        case .damaged:
            Explanation(
                fault.code.rawValue, exit: ExitStatus.storage,
                tr("本机这件附件的内容已损坏，已放到一边。", "The content of this attachment is damaged here; it was set aside."),
                tr("什么也没有写。请重新取：dundian file fetch \(id)", "Nothing was written. Fetch it again: dundian file fetch \(id)"))
        case .tooLarge:
            Explanation(
                fault.code.rawValue, exit: ExitStatus.badInput,
                tr("文件太大：一件附件最多 1 GiB。", "The file is too large: an attachment has at most 1 GiB."),
                tr("什么也没有添加。", "Nothing was added."))
        case .unwanted:
            Explanation(
                fault.code.rawValue, exit: ExitStatus.notTaken,
                tr("中心还没有说到这件附件的记录。", "The centre has no record yet that tells of this attachment."),
                tr("请先同步：dundian sync", "Sync first: dundian sync"))
        }
    }
}
