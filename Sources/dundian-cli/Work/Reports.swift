// dundian report draft and write, talk print, letter print: documents out of records.

import ArgumentParser
import Documents
import Dundian
import Terminal

struct DraftReport: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "draft",
            abstract: tr(
                "由记录起草报告，或按新的记录更新草稿；手改过的字不会丢。",
                "Draft the report out of the records, or bring it up to date; what was edited by hand is not lost."),
            discussion: tr(
                "手改与新记录改的是不同的句子，就合在一起；同一句两边都改了，那一部分不动，并把差别显示出来，--take 用新的。",
                "Where hand and records changed different sentences, both stand. Where they changed the same, the section is left and the difference shown; --take takes the new one."
            ))
    }
    @OptionGroup var options: Options
    @Argument(
        help: ArgumentHelp(
            tr("任务或报告的编号；只有一个任务时可不写。", "The id of the engagement or report; not needed if there is only one."), valueName: "id"))
    var id: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("这一部分用新起草的，可写几次，如 findings。", "Take the new draft of this section, may be given often, as findings."),
            valueName: "section"))
    var take: [String] = []
    @Flag(name: .long, help: ArgumentHelp(tr("只显示会写什么，不保存。", "Only show what would be written."))) var dryRun = false
    @OptionGroup var asOf: AsOf

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let showing = finder.showing
            let engagement = try finder.engagement(id)
            let records = try finder.caseFile(of: [engagement.scope])
            guard let state = records.records[engagement.id] else { return }
            let draft = ReportDraft(of: state, in: records, on: asOf.day, tr)
            let known = Set(draft.sections.map(\.field.rawValue))
            if let unknown = take.first(where: { !known.contains($0) }) {
                throw Explanation(
                    "section-unknown", exit: ExitStatus.badInput,
                    tr("没有这一部分：\(Screen.safe(unknown))。", "There is no such section: \(Screen.safe(unknown))."),
                    tr("有：", "There are: ") + draft.sections.map(\.field.rawValue).joined(separator: tr("、", ", ")))
            }
            // The one that was named, else the only one that is not filed.
            let reports = records.live("report", "engagement", refersTo: engagement.id)
            let named = try id.map { try finder.record($0) }.flatMap { $0.type == "report" ? $0.id : nil }
            let report = named ?? reports.first { records.text($0, "status") != "filed" }?.record
            if let report, let state = records.records[report], records.text(state, "status") == "filed" {
                throw Explanation(
                    "report-filed", exit: ExitStatus.noPermission,
                    tr("这份报告已经归档，不再起草。", "This report is filed: it is not drafted any more."),
                    tr("什么也没有改。", "Nothing was changed."))
            }
            let texts = Dictionary(uniqueKeysWithValues: draft.sections.map { ($0.field, $0.text) })
            var (fields, kept) = try Drafting.fields(texts, of: report, replaces: false, finder)
            for name in take {
                let key = FieldKey(name)
                kept.removeAll { $0 == key }
                fields.removeAll { $0.0 == key }
                if let text = texts[key] { fields.append((key, .value(text.isEmpty ? .empty : .text(text)))) }
            }
            var saved = report
            if !dryRun, !fields.isEmpty || report == nil {
                if let report {
                    try folder.replica.edit(report, fields: fields, message: Redraft.message)
                } else {
                    let title = tr("\(records.title(engagement.id).zh)情况报告", "Report on \(records.title(engagement.id).en)")
                    saved = try folder.replica.create(
                        "report", in: engagement.scope,
                        fields: [
                            ("engagement", .value(.reference(engagement.id))), ("title", .value(.text(title))),
                            ("status", .value(.text("drafting"))),
                        ] + fields, message: Redraft.message)
                }
            }
            var lines = [Screen.safe(showing.title(engagement))]
            for (field, text) in draft.sections {
                let name = showing.label(field, "report")
                if kept.contains(field), let report, let standing = try folder.replica.record(report)?.text(field) {
                    lines.append(
                        tr(
                            "\(name)：手改与记录对不上，没有动。差别（左边是现有的）：",
                            "\(name): hand's work and records do not go together; left. The difference (what stands first):"))
                    lines += showing.difference(from: standing, to: text)
                    lines.append(tr("    用新的：", "    To take the new one: ") + "dundian report draft --take \(field)")
                } else if fields.contains(where: { $0.0 == field }) {
                    lines.append(name + (dryRun ? tr("：会更新", ": would be brought up to date") : tr("：已更新", ": brought up to date")))
                } else {
                    let stands = try report.flatMap { try folder.replica.record($0) }?.text(field) ?? ""
                    lines.append(
                        name
                            + (!text.isEmpty
                                ? tr("：没有变化", ": unchanged")
                                : stands.isEmpty
                                    ? tr("：记录里还没有", ": the records say nothing yet")
                                    : tr("：记录里没有，写着的是手写的", ": the records say nothing; what stands was written by hand")))
                }
            }
            if let saved {
                lines.append(
                    tr("报告：", "Report: ") + showing.short(saved)
                        + tr(
                            "；写成文件：dundian report write \(showing.short(saved)) 报告.docx",
                            "; as a file: dundian report write \(showing.short(saved)) report.docx"))
            }
            options.show(
                .object([
                    ("engagement", .string("\(engagement.id)")), ("report", .optional(saved.map { "\($0)" })),
                    ("written", .list(fields.map { .string($0.0.rawValue) })), ("kept", .list(kept.map { .string($0.rawValue) })),
                    ("sections", .object(draft.sections.map { ($0.field.rawValue, .string($0.text)) })),
                ]), lines)
        }
    }
}

struct WriteDocument<let place: Int>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "write", abstract: tr("写成文件：.docx、.pdf、.html。", "Write it as a file: .docx, .pdf, .html."),
            discussion: tr(
                ".docx、.pdf、.odt 由 LibreOffice 转成（Scripts/setup --documents 安装）；.html 和 .fodt 不需要它。限知的部分不在文件里。",
                ".docx, .pdf and .odt are made with LibreOffice (Scripts/setup --documents installs it); .html and .fodt need nothing. Restricted parts are not in it."
            ))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号。", "The record's id."), valueName: "id")) var id: String
    @Argument(help: ArgumentHelp(tr("文件，格式看结尾。", "The file; its ending says the form."), valueName: "file")) var path: String
    @Flag(name: .long, help: ArgumentHelp(tr("覆盖已有的文件。", "Replace a file that is there."))) var force = false

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let record = try VerbPlace(place).record(id, finder, verb: "write")
            let records = try finder.caseFile(of: [record.scope])
            guard let state = records.records[record.id] else { return }
            let document: Document
            switch record.type {
            case "talk": document = Document(talk: state, in: records, tr)
            case "letter":
                let number = try folder.replica.givenNumber(of: record.id, "number")?.text
                document = Document(letter: state, number: number, in: records, tr)
            default: document = Document(report: state, in: records, tr)
            }
            try OutgoingFile.write(document, to: path, force: force)
            options.show(
                .object([("id", .string("\(record.id)")), ("file", .string(path))]), [tr("已写入：", "Written: ") + Screen.safe(path)])
        }
    }
}

extension Showing {
    /// How a text differs from another, to be read on the screen.
    func difference(from old: String, to new: String) -> [String] {
        TextDifference(from: old, to: new).shown(isColoured: Output.isColoured).split(separator: "⏎").flatMap {
            Paragraph.lines(String($0), indent: 4, width: Output.width)
        }
    }
}
