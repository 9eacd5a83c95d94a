// The commands that print completion scripts and write manual pages; the same for every program, made from its own commands.

package import ArgumentParser
package import Supervision

/// The commands of a program, and the language they speak in this run.
package protocol SpeakingCommand: ParsableCommand {
    static var language: Language { get }
}

extension SpeakingCommand {
    static var name: String { configuration.commandName ?? "" }

    /// Runs `body`; what goes wrong is explained and ends the program.
    fileprivate static func explaining(_ body: () throws -> Void) throws {
        do { try body() } catch {
            let explanation = Explanation(error, language)
            explanation.show(json: false, language)
            throw ExitCode(explanation.exit)
        }
    }

    fileprivate static var langHelp: ArgumentHelp {
        ArgumentHelp(language("语言：zh 或 en。", "Language: zh or en."), valueName: "zh|en")
    }
}

package struct Completions<Root: SpeakingCommand>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "completions",
            abstract: Root.language("输出 shell 的补全脚本。", "Print a shell's completion script."),
            discussion: Completing.install(Root.name, Root.language))
    }
    @Argument(
        help: ArgumentHelp(Root.language("bash、zsh 或 fish。", "bash, zsh or fish."), valueName: "shell"),
        completion: .list(Completing.shells))
    var shell: String
    @Option(name: .long, help: Root.langHelp) var lang: String?

    package init() {}

    package func run() throws {
        try Root.explaining {
            guard let known = Completing.shell(shell) else { throw Completing.unknown(shell, Root.language) }
            Screen.print(Root.completionScript(for: known))
        }
    }
}

package struct Manual<Root: SpeakingCommand>: ParsableCommand {
    package static var configuration: CommandConfiguration {
        let name = Root.name
        return CommandConfiguration(
            commandName: "manual",
            abstract: Root.language("把手册页写进一个文件夹。", "Write the manual pages into a folder."),
            discussion: Root.language(
                "中文页写到其中的 zh_CN/man1，英文页（--lang en）写到 man1。例：\(name) manual ~/.local/share/man，然后 man \(name)。",
                "English pages go to man1 in it, Chinese ones (--lang zh) to zh_CN/man1. Example: \(name) manual ~/.local/share/man, then man \(name)."
            ))
    }
    @Argument(help: ArgumentHelp(Root.language("文件夹。", "The folder."), valueName: "folder"), completion: .directory)
    var folder: String
    @Option(name: .long, help: Root.langHelp) var lang: String?

    package init() {}

    package func run() throws {
        let t = Root.language
        try Root.explaining {
            let pages = Manuals.pages(try CommandTree(Root.self), version: Root.configuration.version, t)
            let place = try Manuals.write(pages, to: folder, t)
            Screen.print(t("已写好 \(pages.count) 页：", "Wrote \(pages.count) pages: ") + Screen.safe(place))
        }
    }
}
