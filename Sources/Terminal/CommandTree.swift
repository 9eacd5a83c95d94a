// The tree of commands as ArgumentParser knows it (its dump-help form), for help pages and manuals in the reader's language.

package import ArgumentParser
import Supervision

import Foundation

package struct CommandTree: Decodable, Sendable {
    package struct Argument: Decodable, Sendable {
        struct Name: Decodable, Sendable {
            var kind: String
            var name: String

            var typed: String { kind == "long" ? "--\(name)" : "-\(name)" }
        }

        var kind: String
        var shouldDisplay: Bool
        var sectionTitle: String?
        var isOptional: Bool
        var isRepeating: Bool
        var names: [Name]?
        var preferredName: Name?
        var valueName: String?
        var defaultValue: String?
        var allValues: [String]?
        var abstract: String?
        var discussion: String?

        var isPositional: Bool { kind == "positional" }

        /// `<count>`
        private func value(_ t: Language) -> String { "<\(Placeholders.translated(valueName ?? "", t))>" }

        /// `--limit <count>`, without brackets.
        private func bare(_ t: Language) -> String {
            guard let name = preferredName?.typed else { return value(t) }
            return kind == "flag" ? name : "\(name) \(value(t))"
        }

        /// `[--limit <count>]`
        func synopsis(_ t: Language) -> String {
            let repeated = bare(t) + (isRepeating ? " ..." : "")
            return isOptional ? "[\(repeated)]" : repeated
        }

        /// `-h, --help`
        func label(_ t: Language) -> String {
            guard let names, !isPositional else { return bare(t) }
            let all = names.map(\.typed).joined(separator: ", ")
            return kind == "flag" ? all : "\(all) \(value(t))"
        }

        /// What it is for, with its default.
        func help(_ t: Language) -> String {
            var parts = [(abstract ?? "").isEmpty ? "" : UsageWords.translated(abstract: abstract ?? "", t)]
            if let allValues, !allValues.isEmpty {
                parts.append(t("（可选：", "(one of: ") + allValues.joined(separator: t("、", ", ")) + t("）", ")"))
            }
            if let defaultValue { parts.append(t("（默认：", "(default: ") + defaultValue + t("）", ")")) }
            return parts.filter { !$0.isEmpty }.joined(separator: t("", " "))
        }
    }

    package var commandName: String
    package var abstract: String?
    package var discussion: String?
    package var subcommands: [CommandTree]?
    package var arguments: [Argument]?
    package var aliases: [String]?
    package var shouldDisplay: Bool

    private struct File: Decodable { var command: CommandTree }

    /// The commands of a program.
    package init(_ root: any ParsableCommand.Type) throws {
        self = try JSONDecoder().decode(File.self, from: Data(root._dumpHelp().utf8)).command
    }

    /// Those a reader is told of; `help` goes without saying.
    package var shownSubcommands: [CommandTree] {
        (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    }

    var shownArguments: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }

    /// The command that words lead to, as `talk new`, and how it is called.
    package func command(_ words: some Sequence<Substring>) -> (tree: CommandTree, path: [String]) {
        var (tree, path) = (self, [commandName])
        for word in words {
            guard let next = tree.subcommands?.first(where: { $0.commandName == word }) else { break }
            tree = next
            path.append(next.commandName)
        }
        return (tree, path)
    }

    /// The first of what was typed that should name a command and nearly does; nil if all of them do, or one is far from any.
    func slip(in arguments: some Sequence<String>) -> (typed: String, meant: String)? {
        var tree = self
        for word in arguments {
            guard let below = tree.subcommands, !below.isEmpty, !word.hasPrefix("-") else { return nil }
            if let next = below.first(where: { $0.names.contains(word) }) {
                tree = next
                continue
            }
            let near = tree.shownSubcommands.flatMap(\.names).map { (name: $0, distance: Spelling.distance($0, word)) }
                .filter { $0.distance <= min(2, word.count / 2) }
            return near.min { $0.distance < $1.distance }.map { (word, $0.name) }
        }
        return nil
    }

    private var names: [String] { [commandName] + (aliases ?? []) }

    /// `dundian talk new [<options>] ...`: all of it, or with many options only what has to be given.
    func synopsis(_ path: [String], _ t: Language) -> String {
        let arguments = shownArguments.filter { !($0.preferredName.map { ["help", "version"].contains($0.name) } ?? false) }
        var words = path
        if arguments.count > 8 {
            words.append(t("[<选项>]", "[<options>]"))
            words += arguments.filter { $0.isPositional || !$0.isOptional }.map { $0.synopsis(t) }
        } else {
            words += arguments.map { $0.synopsis(t) }
        }
        if !shownSubcommands.isEmpty { words.append(t("<子命令>", "<subcommand>")) }
        return words.joined(separator: " ")
    }

    /// Options and flags by heading, in the order they come; those without one last.
    func sections(_ t: Language) -> [(title: String, arguments: [Argument])] {
        var sections: [(title: String, arguments: [Argument])] = []
        func add(_ argument: Argument, to title: String) {
            if let i = sections.firstIndex(where: { $0.title == title }) {
                sections[i].arguments.append(argument)
            } else {
                sections.append((title, [argument]))
            }
        }
        for argument in shownArguments where argument.isPositional { add(argument, to: t("参数", "ARGUMENTS")) }
        for argument in shownArguments where !argument.isPositional {
            if let title = argument.sectionTitle { add(argument, to: t(title, title.uppercased())) }
        }
        for argument in shownArguments where !argument.isPositional && argument.sectionTitle == nil {
            add(argument, to: t("选项", "OPTIONS"))
        }
        return sections
    }
}
