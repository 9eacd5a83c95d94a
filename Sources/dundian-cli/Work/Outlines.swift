// dundian outline assemble: a person's own outline, out of the common one and of what records say of them.

import ArgumentParser
import Dundian
import Terminal

struct AssembleOutline: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "assemble",
            abstract: tr(
                "为一个人拟提纲：共性问题，加上由记录来的个性问题及依据。",
                "A person's outline: the common questions, and their own out of the records, each with its basis."),
            discussion: tr(
                "共性提纲默认取任务里的全部，--common 可指定。个性问题来自涉及本人和所在单位的问题、资料、卡和书、整改。\n默认只显示；--save 存为一份个人提纲，再用 dundian outline edit --form 修改。",
                "All common outlines of the engagement are taken unless --common names some. Their own questions come from findings, materials, letters and rectifications that touch the person or their unit.\nIt is only shown unless --save is there; then go on with dundian outline edit --form."
            ))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("谈话对象的编号。", "The person's id."), valueName: "person")) var person: String
    @Option(
        name: .long,
        help: ArgumentHelp(tr("任务的编号；只有一个时可不写。", "The engagement's id; not needed if there is only one."), valueName: "id"))
    var engagement: String?
    @Option(
        name: .long, help: ArgumentHelp(tr("共性提纲的编号，可写几次。", "The id of a common outline, may be given often."), valueName: "id"))
    var common: [String] = []
    @Option(name: .long, help: ArgumentHelp(tr("提纲名称。", "The outline's title."), valueName: "text")) var title: String?
    @Flag(name: .long, help: ArgumentHelp(tr("保存。", "Keep it."))) var save = false

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let subject = try finder.record(person, of: "person")
            let engagement = try finder.engagement(engagement)
            let records = try finder.caseFile(of: [engagement.scope, subject.scope])
            guard let state = records.records[subject.id] else { return }
            let outlines =
                common.isEmpty
                ? records.live("outline", "engagement", refersTo: engagement.id).filter { records.text($0, "kind") == "common" }
                : try common.map { try finder.record($0) }.map(\.state)
            let assembly = OutlineAssembly(for: state, engagement: engagement.id, from: outlines, in: records, tr)
            let name = records.shown(state, "name")[tr]
            let title = title ?? tr("\(name)谈话提纲", "Outline for \(name)")
            guard !assembly.questions.isEmpty else {
                throw Explanation(
                    "outline-empty", exit: ExitStatus.notFound,
                    tr("没有共性提纲，记录里也没有涉及这个人的。", "There is no common outline, and no record touches this person."),
                    tr("先建共性提纲：dundian outline new kind=common …", "Make a common one first: dundian outline new kind=common ..."))
            }
            var saved: RecordID?
            if save {
                saved = try folder.replica.create(
                    "outline", in: engagement.scope,
                    fields: [
                        ("engagement", .value(.reference(engagement.id))), ("title", .value(.text(title))),
                        ("kind", .value(.text("individual"))),
                        ("subject", .value(.reference(subject.id))), ("questions", .value(.text(assembly.text))),
                    ], message: Redraft.message)
            }
            options.show(
                .object([
                    ("person", .string("\(subject.id)")), ("title", .string(title)), ("common", .count(assembly.common)),
                    (
                        "questions",
                        .list(
                            assembly.questions.map {
                                .object([
                                    ("number", .string($0.number)), ("text", .string($0.text)), ("basis", .string($0.basis)),
                                    ("heading", .string($0.heading)),
                                ])
                            })
                    ), ("id", .optional(saved.map { "\($0)" })),
                ]),
                [Screen.safe(title)] + Paragraph.lines(Screen.safe(assembly.text, lines: true), indent: 2, width: Output.width)
                    + [
                        tr(
                            "共性 \(assembly.common) 题，个性 \(assembly.questions.count - assembly.common) 题。",
                            "\(assembly.common) common, \(assembly.questions.count - assembly.common) of their own."),
                        saved.map { tr("已保存：", "Saved: ") + finder.showing.short($0) }
                            ?? tr("要保存加 --save。", "Add --save to keep it."),
                    ])
        }
    }
}
