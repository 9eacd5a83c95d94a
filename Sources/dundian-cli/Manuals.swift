// Completion scripts and manual pages, made from the commands themselves.

import ArgumentParser
import Dundian
import Terminal

struct Completions: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "completions", abstract: tr("印出 shell 的补全脚本。", "Print a shell's completion script."),
            discussion: Completing.install("dundian", tr))
    }
    @Argument(
        help: ArgumentHelp(tr("bash、zsh 或 fish。", "bash, zsh or fish."), valueName: "shell"),
        completion: .list(Completing.shells))
    var shell: String
    @Option(name: .long, help: ArgumentHelp(tr("语言：zh 或 en。", "Language: zh or en."), valueName: "zh|en"))
    var lang: String?

    func run() throws {
        guard let shell = Completing.shell(shell) else {
            let explanation = Completing.unknown(shell, tr)
            explanation.show(json: false, tr)
            throw ExitCode(explanation.exit)
        }
        Screen.print(Program.completionScript(for: shell))
    }
}

struct Manual: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "manual", abstract: tr("把手册页写进一个文件夹。", "Write the manual pages into a folder."),
            discussion: tr(
                "中文页写到其中的 zh_CN/man1，英文页（--lang en）写到 man1。例：dundian manual ~/.local/share/man，然后 man dundian。",
                "Pages go to man1 in it, Chinese ones (--lang zh) to zh_CN/man1. Example: dundian manual ~/.local/share/man, then man dundian."
            ))
    }
    @Argument(help: ArgumentHelp(tr("文件夹。", "The folder."), valueName: "folder"), completion: .directory) var folder: String
    @Option(name: .long, help: ArgumentHelp(tr("语言：zh 或 en。", "Language: zh or en."), valueName: "zh|en"))
    var lang: String?

    func run() throws {
        do {
            let pages = Manuals.pages(try CommandTree(Program.self), version: Dundian.version, tr)
            let place = try Manuals.write(pages, to: folder, tr)
            Screen.print(tr("已写好 \(pages.count) 页：", "Wrote \(pages.count) pages: ") + Screen.safe(place))
        } catch {
            let explanation = Explanation(error, tr)
            explanation.show(json: false, tr)
            throw ExitCode(explanation.exit)
        }
    }
}
