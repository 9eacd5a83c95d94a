// dundian review edit: the merge in a person's editor. The file is the editor's and stays until it is decided: a killed editor, a refused save,
// a power cut lose nothing that was written to it.
//
//     ※ lines that begin so are left out
//     全文，［待定 1｜罗以宁：才拿到名单。｜沈立群：当场才看到名单。｜］后面的话。

import ArgumentParser
import Dundian
import Files
import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The text of an item as an editor shows it, and what came back.
struct MergeSheet {
    private static let note: Character = "※"
    let page: ItemPage

    /// What stands before the open place of this number.
    private static func opening(_ number: Int) -> String { tr("［待定 \(number)｜", "[open \(number)|") }
    private static let separator = tr("｜", "|")
    private static let closing = tr("］", "]")

    /// How many places are to be filled in.
    var openCount: Int { page.telling?.openCount ?? 1 }

    /// Nil where there is no text to edit.
    var text: String? {
        let notes =
            tr(
                "※ \(page.id)：请把每处［待定 …］整个换成该写的话，存盘退出。以 ※ 开头的行不算。\n※ 不想裁定就什么也不改，直接退出。\n",
                "※ \(page.id): replace each [open ...] as a whole by what should stand there, then save and leave. Lines that begin with ※ are left out.\n※ To decide nothing, leave without a change.\n"
            )
        let people = page.choices.map { page.desk.person($0.author) }
        func named(_ sides: [Int]) -> String {
            sides.map { people.indices.contains($0) ? people[$0] : "\($0 + 1)" }.joined(separator: tr("、", ", "))
        }
        if let merge = page.telling?.merge {
            var number = 0
            let body = merge.spans.map { span -> String in
                switch span {
                case .same(let text), .merged(_, let text, _): return text
                case .open(_, let alternatives):
                    number += 1
                    return Self.opening(number)
                        + alternatives.map { named($0.sides) + tr("：", ": ") + $0.text + Self.separator }.joined() + Self.closing
                }
            }.joined()
            return notes + body + "\n"
        }
        let kind = page.desk.folder.catalogue.type(page.item.type)?.field(page.item.item.field.rawValue)?.kind
        guard kind == nil || kind == .text || kind == .longText else { return nil }
        let texts = page.choices.compactMap { $0.value == .value(.empty) ? "" : $0.value.text }
        guard !texts.isEmpty, texts.count == page.choices.count else { return nil }
        return notes + Self.opening(1)
            + zip(people, texts).map { $0 + tr("：", ": ") + $1 + Self.separator }.joined() + Self.closing + "\n"
    }

    /// What the edited text says.
    /// - Throws: an ``Explanation`` if a place is still open.
    func read(_ edited: String) throws -> String {
        for number in 1...max(1, openCount) where edited.contains(Self.opening(number)) {
            throw Explanation(
                "still-open", exit: ExitStatus.badInput,
                tr("第 \(number) 处还没有改：", "Place \(number) is still open: ") + Self.opening(number) + "…",
                tr(
                    "写的都留着；再打开接着改：dundian review edit \(page.id)",
                    "What you wrote is kept; go on with: dundian review edit \(page.id)"))
        }
        // Only the sheet's own remarks are left out: notes have lines of their own that begin so. Some editors write CR LF.
        let remarks = Set((text ?? "").split(separator: "\n").prefix { $0.first == Self.note })
        var lines = edited.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false).filter {
            !remarks.contains($0)
        }
        // The newline at the end is the editor's.
        if lines.last?.isEmpty == true { lines.removeLast() }
        let written = lines.joined(separator: "\n")
        guard !written.isEmpty else {
            throw Explanation(
                "still-open", exit: ExitStatus.badInput, tr("一个字也没有留下。", "Nothing is left of the text."),
                tr(
                    "什么也没有裁定。真要清空：dundian review take \(page.id) --value \"\"",
                    "Nothing was decided. To clear the field: dundian review take \(page.id) --value \"\""))
        }
        return written
    }
}

extension ReviewDesk {
    /// Has a person write the text of an item.
    /// - Returns: nil if they left it as it was.
    func edited(_ page: ItemPage) throws -> (text: String, file: String)? {
        let sheet = MergeSheet(page: page)
        guard let text = sheet.text else {
            throw Explanation(
                "not-text", exit: ExitStatus.badInput, tr("这一项没有可以编辑的文字。", "This item has no text to edit."),
                tr("请用：dundian review show \(page.id)", "See: dundian review show \(page.id)"))
        }
        let directory = folder.path + "/review"
        mkdir(directory, 0o700)
        // Another state of the values is another file: what was written about other values is not taken for an answer to these.
        let file = "\(directory)/\(page.item.id)-\(page.mark).txt"
        for other in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where other.hasPrefix("\(page.item.id)-") && !file.hasSuffix("/" + other) {
            Screen.complain(tr("以前就别的值写的还在：", "What you wrote about earlier values is still there: ") + "\(directory)/\(other)")
        }
        if access(file, F_OK) == 0 {
            Screen.complain(tr("接着写上次没有写完的：", "Going on with what was left unfinished: ") + file)
        } else {
            let whole = try WholeFile(file, replaces: true)
            try whole.write(text)
            try whole.finish()
        }
        let ended = try Editor().run(on: file) {}
        guard let written = try? String(contentsOfFile: file, encoding: .utf8), ended else {
            throw Explanation(
                "editor-failed", exit: ExitStatus.badInput,
                tr("编辑器没有正常结束，或存的不是 UTF-8。", "The editor did not end well, or saved something that is not UTF-8."),
                tr("什么也没有裁定；写的都在 \(file)，再运行一次就接着写。", "Nothing was decided; what you wrote is in \(file): run it again to go on."))
        }
        if written == text {
            unlink(file)
            return nil
        }
        return (try sheet.read(written), file)
    }
}

struct ReviewEdit: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "edit",
            abstract: tr("在编辑器里把几个写法合成自己的话，再裁定。", "Write the merge in your editor, and settle the item on it."),
            discussion: tr("编辑器取自 VISUAL 或 EDITOR。", "The editor is VISUAL or EDITOR."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String
    @Flag(name: .long, help: ArgumentHelp(tr("只提议，另一人同意后才生效。", "Only propose it: it holds once somebody else has approved it.")))
    var propose = false
    @OptionGroup var reason: ReasonOptions

    func run() throws {
        try review.run { desk in
            let page = try desk.page(try desk.finder.item(item))
            guard let (text, file) = try desk.edited(page) else {
                return review.options.show(
                    .object([("id", .string("\(page.item.id)")), ("settled", .flag(false))]),
                    [tr("没有改，什么也没有裁定。", "Unchanged: nothing was decided.")])
            }
            try desk.settle(
                page.item, .value(text.isEmpty ? .empty : .text(text)), reason.made(isProposal: propose), seen: page.seen,
                review.options)
            unlink(file)
        }
    }
}
