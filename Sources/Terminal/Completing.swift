// How a completion script is put where a shell finds it.

package import ArgumentParser
package import Supervision

package enum Completing {
    /// The shell a word means.
    package static func shell(_ name: String) -> CompletionShell? { CompletionShell(rawValue: name) }

    package static var shells: [String] { CompletionShell.allCases.map(\.rawValue) }

    package static func install(_ program: String, _ t: Language) -> String {
        t("安装：", "To install:") + """

                bash  \(program) completions bash > ~/.local/share/bash-completion/completions/\(program)
                zsh   \(program) completions zsh > ~/.zsh/completions/_\(program)\(t("（该文件夹须在 fpath 中）", " (the folder must be in fpath)"))
                fish  \(program) completions fish > ~/.config/fish/completions/\(program).fish
            """ + "\n" + t("文件夹没有的先用 mkdir -p 建好；新开一个终端即可使用。", "Make the folder first with mkdir -p; then open a new terminal.")
    }

    package static func unknown(_ name: String, _ t: Language) -> Explanation {
        Explanation(
            "shell-unknown", exit: ExitStatus.usage,
            t("没有 \(Screen.safe(name)) 的补全脚本。", "There is no completion script for \(Screen.safe(name))."),
            t("可以是：", "There is one for: ") + shells.joined(separator: t("、", ", ")))
    }
}
