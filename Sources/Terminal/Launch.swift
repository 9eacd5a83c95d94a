// Running a program's commands: what ArgumentParser throws is said in the reader's language.

package import ArgumentParser
package import Supervision

import Foundation

/// What a program says when its command line asks for help, or is wrong.
package struct Answer: Hashable, Sendable {
    package var text: String
    package var exit: Int32
    /// Help and versions go to standard output, complaints to standard error.
    package var isAsked: Bool { exit == 0 }

    package init(
        _ error: any Error, _ root: any ParsableCommand.Type, arguments: [String] = Array(CommandLine.arguments.dropFirst()),
        columns: Int,
        _ t: Language
    ) {
        exit = root.exitCode(for: error).rawValue
        let message = root.fullMessage(for: error, columns: 100_000)
        guard exit == 0, let usage = Self.usage(in: message), let tree = try? CommandTree(root) else {
            // A version or a completion script is not prose.
            text = exit == 0 ? message : Self.complaint(Self.suggesting(message, root, arguments), columns: columns, t)
            return
        }
        let words = usage.split(separator: " ").dropFirst()
        let (command, path) = tree.command(words)
        text = HelpPage.text(command, path, columns: columns, t)
    }

    /// What a message complains of is often a slip in a command's name, whatever stands behind it: then that is said.
    private static func suggesting(_ message: String, _ root: any ParsableCommand.Type, _ arguments: [String]) -> String {
        guard let slip = (try? CommandTree(root))?.slip(in: arguments) else { return message }
        let rest = message.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
        return (["Error: Unexpected argument '\(slip.typed)'. Did you mean '\(slip.meant)'?"] + rest).joined(separator: "\n")
    }

    private static func complaint(_ message: String, columns: Int, _ t: Language) -> String {
        let start = t("用法：", "Usage: ")
        let lines = UsageWords.translated(Screen.safe(message, lines: true), t).split(
            separator: "\n", omittingEmptySubsequences: false)
        return lines.flatMap { line in
            line.hasPrefix(start) ? HelpPage.usage(start, String(line.dropFirst(start.count)), columns) : [String(line)]
        }.joined(separator: "\n")
    }

    /// The usage line of a help page; nil for anything else.
    private static func usage(in message: String) -> Substring? {
        guard message.hasPrefix("OVERVIEW: ") || message.hasPrefix("USAGE: ") else { return nil }
        return message.split(separator: "\n").last { $0.hasPrefix("USAGE: ") }?.dropFirst(7)
    }

    /// Says it and ends the program.
    package func end() -> Never {
        if !text.isEmpty { if isAsked { Screen.print(text) } else { Screen.complain(text) } }
        Foundation.exit(exit)
    }
}

package enum Launch {
    /// Runs what the command line says.
    package static func run(_ root: any ParsableCommand.Type, columns: Int, _ t: Language) {
        do {
            var command = try root.parseAsRoot()
            try command.run()
        } catch { Answer(error, root, columns: columns, t).end() }
    }

    /// Runs what the command line says, waiting where it has to.
    package static func run(_ root: any AsyncParsableCommand.Type, columns: Int, _ t: Language) async {
        do {
            var command = try root.parseAsRoot()
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
        } catch { Answer(error, root, columns: columns, t).end() }
    }
}
