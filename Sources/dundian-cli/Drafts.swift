// dundian draft: what was typed into a form and not saved yet.

import ArgumentParser
import Dundian
import Terminal

struct DraftCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "draft", abstract: tr("草稿：填了表还没有保存的。", "Drafts: forms that were begun and not saved yet."),
            discussion: tr(
                "填表时边写边存草稿，断电、死机、关窗口都不丢。草稿只在本机，不同步。",
                "A form is kept as you write: power, crash or a closed window lose nothing. Drafts stay on this device."),
            subcommands: [DraftList.self, DraftShow.self, DraftResume.self, DraftDiscard.self])
    }
}

struct DraftList: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: tr("列出草稿，最近写的在前。", "List drafts, the newest first."))
    }
    @OptionGroup var options: Options

    func run() throws {
        try options.run { folder in
            let box = DraftBox(folder)
            let showing = Showing(folder: folder)
            let drafts = try box.all()
            let setAside = box.setAside()
            options.show(
                .object([
                    (
                        "drafts",
                        .list(
                            drafts.map { draft in
                                .object([
                                    ("id", .string(draft.short)), ("type", .string(draft.form.origin.type.rawValue)),
                                    ("record", .optional(draft.form.origin.record.map { "\($0)" })),
                                    ("saved", .integer(draft.saved.rawValue)), ("open", .flag(box.isOpen(draft))),
                                    ("left", .list(box.files(of: draft).leftovers.map { .string($0) })),
                                ])
                            })
                    ), ("set_aside", .list(setAside.map { .string($0) })),
                ]),
                (drafts.isEmpty ? [tr("没有草稿。", "No drafts.")] : drafts.map { draft in line(draft, box, showing) })
                    + setAside.map(DraftBox.telling(setAside:)))
        }
    }

    private func line(_ draft: KeptDraft, _ box: DraftBox, _ showing: Showing) -> String {
        let what = draft.form.origin.record.map { Screen.line(showing.title($0), to: 40) } ?? tr("（新建）", "(new)")
        return "\(draft.short)  \(Screen.time(draft.saved.rawValue))  \(Screen.safe(showing.label(draft.form.origin.type))) \(what)"
            + (box.isOpen(draft)
                ? tr("  正在写", "  open now")
                : box.files(of: draft).leftovers.map { tr("  编辑器留下了 ", "  the editor left ") + Screen.safe($0) }.joined())
    }
}

struct DraftShow: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: tr("显示一份草稿。", "Show a draft."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("草稿编号。", "The draft's id."), valueName: "draft")) var id: String

    func run() throws {
        try options.run { folder in
            let draft = try DraftBox(folder).draft(named: id)
            options.show(
                .object([("id", .string(draft.short)), ("text", .string(draft.form.text))]),
                [Screen.safe(draft.form.text, lines: true)])
        }
    }
}

struct DraftResume: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "resume", abstract: tr("接着写一份草稿，写完保存。", "Go on with a draft and save it."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("草稿编号。", "The draft's id."), valueName: "draft")) var id: String

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let draft = try DraftBox(folder).draft(named: id)
            let editor = try FormEditor(finder)
            let filled = try editor.resume(draft)
            try FormOptions.save(filled, try editor.base(of: draft.form.origin).0, finder, options)
        }
    }
}

struct DraftDiscard: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "discard", abstract: tr("丢掉一份草稿，找不回来。", "Throw a draft away; it cannot be brought back."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("草稿编号。", "The draft's id."), valueName: "draft")) var id: String
    @Flag(name: .long, help: ArgumentHelp(tr("不必再问。", "Do not ask."))) var yes = false

    func run() throws {
        try options.run { folder in
            let box = DraftBox(folder)
            let draft = try box.draft(named: id)
            guard !box.isOpen(draft) else {
                throw Explanation(
                    "draft-open", exit: ExitStatus.tryAgain, tr("这份草稿正开在另一个窗口里。", "This draft is open in another window."),
                    tr("请先关掉那里。", "Close it there first."))
            }
            if !yes {
                guard Output.isAnsweredByPerson else {
                    throw Explanation(
                        "not-confirmed", exit: ExitStatus.usage, tr("丢掉的草稿找不回来。", "A draft that is thrown away is gone."),
                        tr("确定的话请加 --yes。", "Add --yes if you mean it."))
                }
                guard Output.confirms(tr("丢掉草稿 \(draft.short) 吗？", "Throw draft \(draft.short) away?")) else { return }
            }
            try box.discard(draft)
            options.show(.object([("discarded", .string(draft.short))]), [tr("已丢掉。", "Thrown away.")])
        }
    }
}
