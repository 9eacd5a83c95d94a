// A command's help as a page for the screen, in the reader's language and measured in cells: ArgumentParser's own is English and wraps
// Chinese lines twice too wide.

package import Supervision

package enum HelpPage {
    /// What a line begins with that shows something to type.
    static let example = "    "

    /// - Parameter columns: cells of the screen.
    package static func text(_ tree: CommandTree, _ path: [String], columns: Int, _ t: Language) -> String {
        let columns = min(max(columns, 40), 110)
        var out: [String] = []
        for text in [tree.abstract, tree.discussion] {
            guard let text, !text.isEmpty else { continue }
            out += text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
                // What is to be copied stays in one piece.
                line.hasPrefix(example)
                    ? [String(line)] : wrapped(String(line), to: columns, hanging: line.hasPrefix(" ") ? "      " : "")
            }
            out.append("")
        }
        out += usage(t("用法：", "USAGE: "), tree.synopsis(path, t), columns)
        for section in tree.sections(t) {
            out += ["", section.title + t("：", ":")]
            out += section.arguments.flatMap { entry($0.label(t), $0.help(t), columns) }
        }
        let subcommands = tree.shownSubcommands
        if !subcommands.isEmpty {
            out += ["", t("子命令：", "SUBCOMMANDS:")]
            out += subcommands.flatMap { entry($0.commandName, $0.abstract ?? "", columns) }
            let help = ([path[0], "help"] + path.dropFirst()).joined(separator: " ")
            out += ["", t("  某个子命令的说明：\(help) <子命令>", "  See '\(help) <subcommand>' for detailed help.")]
        }
        return out.joined(separator: "\n")
    }

    /// A usage line, never broken between an option and its value.
    static func usage(_ start: String, _ synopsis: String, _ columns: Int) -> [String] {
        var joined = ""
        for character in synopsis {
            let isInside = (character == "<" || character == ".") && joined.hasSuffix(" ")
            if isInside, let before = joined.dropLast().last, before.isLetter || (character == "." && before != "]") {
                joined.removeLast()
                joined.append("\u{A0}")
            }
            joined.append(character)
        }
        let hanging = String(repeating: " ", count: Screen.width(start))
        return wrapped(start + joined, to: columns, hanging: hanging).map { $0.replacing("\u{A0}", with: " ") }
    }

    /// A label, and what it is behind or below it.
    private static func entry(_ label: String, _ help: String, _ columns: Int) -> [String] {
        let indent = 26
        let lines = help.isEmpty ? [] : wrapped(help, to: columns - indent)
        let start = "  " + label
        let blank = String(repeating: " ", count: indent)
        guard Screen.width(start) < indent - 1, let first = lines.first else { return [start] + lines.map { blank + $0 } }
        return [Screen.padded(start, to: indent) + first] + lines.dropFirst().map { blank + $0 }
    }

    /// Breaks a line at blanks and between ideographs, never before a closing mark; what hangs keeps its indentation.
    package static func wrapped(_ text: String, to cells: Int, hanging: String = "") -> [String] {
        guard Screen.width(text) > cells else { return [text] }
        var lines: [String] = []
        var line = ""
        for piece in pieces(of: text) {
            let start = lines.isEmpty ? "" : hanging
            if !line.isEmpty, Screen.width(start + line + trimmedEnd(piece)) > cells {
                lines.append(start + trimmedEnd(line))
                line = String(piece.drop { $0 == " " })
            } else {
                line += piece
            }
        }
        if !line.isEmpty { lines.append((lines.isEmpty ? "" : hanging) + line) }
        return lines
    }

    private static let closing = Set<Character>("，。、：；！？）】》”’」』…)]}>,.:;!?")
    private static let opening = Set<Character>("（【《“‘「『([{<")

    /// Parts between which a line may break.
    private static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        var before: Character?
        for character in text {
            if let last = before, mayBreak(last, character) {
                pieces.append(piece)
                piece = ""
            }
            piece.append(character)
            before = character
        }
        return pieces + [piece]
    }

    static func mayBreak(_ a: Character, _ b: Character) -> Bool {
        if b == " " || closing.contains(b) || opening.contains(a) { return false }
        return a == " " || Screen.width(a) == 2 || Screen.width(b) == 2
    }

    private static func trimmedEnd(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
