// Manual pages made from the commands (roff, man(7)): one for the program, one for each command below it, with their verbs.

package import Supervision

import Foundation

package struct ManualPage: Hashable, Sendable {
    /// `dundian-talk.1`
    package var name: String
    package var text: String
}

package enum Manuals {
    /// The pages of a program.
    /// - Parameter version: stands at the foot of every page.
    package static func pages(_ root: CommandTree, version: String, _ t: Language) -> [ManualPage] {
        let commands = root.shownSubcommands
        let others = commands.map { "\(root.commandName)-\($0.commandName)" }
        let head = page(root, [root.commandName], others, version, t)
        return [head]
            + commands.map { command in
                page(command, [root.commandName, command.commandName], [root.commandName], version, t)
            }
    }

    private static func page(
        _ tree: CommandTree, _ path: [String], _ others: [String], _ version: String, _ t: Language
    ) -> ManualPage {
        let name = path.joined(separator: "-")
        let program = path[0]
        var lines = [
            ".\\\" " + t("由程序的命令生成。", "Made from the program's commands."),
            ".TH \(quoted(name.uppercased())) 1 \"\" \(quoted("\(program) \(version)")) \(quoted(t("蹲点手册", "Dundian manual")))",
            // Nothing but blanks and marked places may break a line: Chinese text has few, and is not stretched to the margin.
            ".ad l", ".nh",
            ".SH " + t("名称", "NAME"), escaped(name) + " \\- " + escaped(trimmedStop(tree.abstract ?? "")),
            ".SH " + t("用法", "SYNOPSIS"),
        ]
        let verbs = path.count > 1 ? leaves(of: tree, path) : []
        let shown = verbs.isEmpty ? [(tree, path)] : verbs
        for (i, (tree, path)) in shown.enumerated() {
            if i > 0 { lines.append(".br") }
            lines.append(synopsis(tree, path, t))
        }
        if let discussion = tree.discussion, !discussion.isEmpty {
            lines.append(".SH " + t("说明", "DESCRIPTION"))
            lines += paragraphs(discussion)
        }
        if path.count == 1 {
            lines.append(".SH " + t("命令", "COMMANDS"))
            lines += tree.shownSubcommands.flatMap { tagged("\\fB\(escaped($0.commandName))\\fR", $0.abstract ?? "") }
            lines += options(tree, t)
        } else if verbs.isEmpty {
            lines += options(tree, t)
        } else {
            lines.append(".SH " + t("子命令", "COMMANDS"))
            for (tree, path) in verbs {
                lines.append(".SS " + quoted(path.dropFirst().joined(separator: " ")))
                lines += paragraphs(
                    [tree.abstract, tree.discussion].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "\n"))
                for argument in tree.shownArguments { lines += tagged(label(argument, t), argument.help(t)) }
            }
        }
        if !others.isEmpty {
            lines.append(".SH " + t("参见", "SEE ALSO"))
            lines.append(others.map { "\\fB\(escaped($0))\\fR(1)" }.joined(separator: t("、\n", ",\n")))
        }
        return ManualPage(name: name + ".1", text: lines.joined(separator: "\n") + "\n")
    }

    /// The commands below one that take no further word.
    private static func leaves(of tree: CommandTree, _ path: [String]) -> [(CommandTree, [String])] {
        tree.shownSubcommands.flatMap { command -> [(CommandTree, [String])] in
            let path = path + [command.commandName]
            return command.shownSubcommands.isEmpty ? [(command, path)] : leaves(of: command, path)
        }
    }

    private static func synopsis(_ tree: CommandTree, _ path: [String], _ t: Language) -> String {
        let name = path.joined(separator: " ")
        let rest = escaped(String(tree.synopsis(path, t).dropFirst(name.count)), breaks: true)
        return "\\fB\(escaped(name))\\fR" + (rest.isEmpty ? "" : " " + rest)
    }

    private static func options(_ tree: CommandTree, _ t: Language) -> [String] {
        tree.sections(t).flatMap { section in
            [".SH " + quoted(section.title)] + section.arguments.flatMap { tagged(label($0, t), $0.help(t)) }
        }
    }

    private static func label(_ argument: CommandTree.Argument, _ t: Language) -> String {
        "\\fB\(escaped(argument.label(t)))\\fR"
    }

    private static func tagged(_ tag: String, _ text: String) -> [String] {
        [".TP", tag] + (text.isEmpty ? ["\\&"] : text.split(separator: "\n").map { escaped(String($0), breaks: true) })
    }

    private static func paragraphs(_ text: String) -> [String] {
        text.split(separator: "\n").enumerated().flatMap { i, line -> [String] in
            // Lines of a list stay lines.
            let start = i == 0 ? [] : [line.hasPrefix(" ") ? ".br" : ".PP"]
            return start + [escaped(String(line), breaks: !line.hasPrefix(HelpPage.example))]
        }
    }

    private static func trimmedStop(_ text: String) -> String {
        var text = text.split(separator: "\n").first ?? ""
        if let last = text.last, "。.".contains(last) { text.removeLast() }
        return String(text)
    }

    /// Text that roff takes for text: no requests, no escapes, hyphens that can be copied.
    /// - Parameter breaks: whether lines may break between ideographs.
    private static func escaped(_ text: String, breaks: Bool = false) -> String {
        var out = ""
        var before: Character?
        for character in text {
            if breaks, let last = before, last != " ", HelpPage.mayBreak(last, character) { out += "\\:" }
            before = character
            switch character {
            case "\\": out += "\\e"
            case "-": out += "\\-"
            case "'": out += "\\(aq"
            case "`": out += "\\(ga"
            case "^": out += "\\(ha"
            case "~": out += "\\(ti"
            default: out.append(character)
            }
        }
        while out.hasPrefix(" ") { out.removeFirst() }
        return out.hasPrefix(".") || out.hasPrefix("\\(aq") ? "\\&" + out : out
    }

    private static func quoted(_ text: String) -> String { "\"" + escaped(text).replacing("\"", with: "\\(dq") + "\"" }

    /// Writes the pages into a folder: English ones to `man1`, Chinese ones to `zh_CN/man1`.
    /// - Returns: the folder they are in.
    package static func write(_ pages: [ManualPage], to folder: String, _ t: Language) throws -> String {
        let place = folder + t("/zh_CN/man1", "/man1")
        do {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            for page in pages {
                try Data(page.text.utf8).write(to: URL(fileURLWithPath: "\(place)/\(page.name)"), options: .atomic)
            }
        } catch {
            throw Explanation(
                "folder-unwritable", exit: ExitStatus.storage,
                t("写不了文件夹 \(Screen.safe(place))。", "\(Screen.safe(place)) cannot be written."),
                t("请换一个文件夹。", "Choose another folder."))
        }
        return place
    }
}
