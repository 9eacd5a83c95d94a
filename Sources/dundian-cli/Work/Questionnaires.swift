// dundian questionnaire tally: what the anonymous sheets of a questionnaire say together.

import ArgumentParser
import Documents
import Dundian
import Terminal

struct TallySheets: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "tally",
            abstract: tr("汇总答卷：每题多少是、多少否、多少没答。", "Tally the sheets: for each question how many yes, no, or nothing."),
            discussion: tr(
                "题目一行一题，写作“1. 题目”；不带题号的行是方面的名称。答卷不记名。",
                "Questions are lines as \"1. question\"; a line without a number names the aspect of those below. Sheets name nobody."
            ))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("问卷的编号。", "The questionnaire's id."), valueName: "id")) var id: String
    @Flag(name: .long, help: ArgumentHelp(tr("列出简述。", "List what sheets say in words."))) var accounts = false
    @OptionGroup var file: OutgoingFile

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let record = try finder.record(id, of: "questionnaire")
            let records = try finder.caseFile(of: [record.scope])
            guard let state = records.records[record.id] else { return }
            let tally = SheetTally(of: state, in: records)
            let header = [
                tr("题号", "No."), tr("方面", "Aspect"), tr("题目", "Question"), tr("是", "Yes"), tr("否", "No"), tr("未答", "Blank"),
            ]
            let both = tally.lines.contains { $0.both > 0 }
            let title = finder.showing.title(record)
            var sheet = Sheet(
                title: title, language: tr, header: header + (both ? [tr("又是又否", "Both")] : []) + [tr("简述", "In words")])
            sheet.rows = tally.lines.map { line in
                [
                    Int(line.question.number).map { .number($0) } ?? .text(line.question.number), .text(line.question.heading),
                    .text(line.question.text), .number(line.yes), .number(line.no), .number(line.blank),
                ] + (both ? [.number(line.both)] : []) + [
                    line.accounts.isEmpty ? .empty : .text(line.accounts.joined(separator: "\n"))
                ]
            }
            try file.write(sheet)
            var table = Table(
                header: [header[0], header[3], header[4], header[5]] + (both ? [tr("又是又否", "Both")] : []) + [header[2]])
            table.isRight = [1, 2, 3]
            var lines = [Screen.safe(title), tr("答卷 \(tally.sheets) 份。", "\(tally.sheets) sheets.")]
            table.rows = tally.lines.map { line in
                [line.question.number, "\(line.yes)", "\(line.no)", "\(line.blank)"] + (both ? ["\(line.both)"] : []) + [
                    Screen.safe(line.question.text)
                ]
            }
            lines +=
                tally.lines.isEmpty
                ? [tr("问卷里没有带题号的题目。", "The questionnaire has no numbered questions.")] : table.lines(width: Output.width)
            if accounts {
                for line in tally.lines where !line.accounts.isEmpty {
                    lines.append("\(line.question.number). \(Screen.safe(line.question.text))")
                    lines += line.accounts.flatMap { Paragraph.lines("- " + Screen.safe($0), indent: 4, width: Output.width) }
                }
                if !tally.remarks.isEmpty {
                    lines.append(tr("不属于哪一题的：", "To no question in particular:"))
                    lines += tally.remarks.flatMap { Paragraph.lines("- " + Screen.safe($0), indent: 4, width: Output.width) }
                }
            }
            if !tally.unknown.isEmpty {
                lines.append(
                    tr("答卷里有问卷没有的题号：", "Sheets answer questions there are not: ")
                        + Screen.safe(tally.unknown.joined(separator: tr("、", ", "))))
            }
            options.show(
                .object([
                    ("questionnaire", .string("\(record.id)")), ("sheets", .count(tally.sheets)),
                    (
                        "questions",
                        .list(
                            tally.lines.map { line in
                                .object([
                                    ("number", .string(line.question.number)), ("aspect", .string(line.question.heading)),
                                    ("question", .string(line.question.text)), ("yes", .count(line.yes)), ("no", .count(line.no)),
                                    ("both", .count(line.both)), ("blank", .count(line.blank)),
                                    ("accounts", .list(line.accounts.map(JSON.string))),
                                ])
                            })
                    ), ("remarks", .list(tally.remarks.map(JSON.string))), ("unknown", .list(tally.unknown.map(JSON.string))),
                ]), lines)
        }
    }
}
