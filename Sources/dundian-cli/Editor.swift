// A person's editor, run on a file while the file is watched.

import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct Editor {
    /// What the shell is to run, as `vim` or `code --wait`.
    let command: String

    /// $VISUAL, else $EDITOR, else the first of nano and vi that is there.
    init() throws {
        let environment = ProcessInfo.processInfo.environment
        for name in ["VISUAL", "EDITOR"] {
            if let asked = environment[name], asked.contains(where: { !$0.isWhitespace }) {
                command = asked
                return
            }
        }
        let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        for name in ["nano", "vi"] where folders.contains(where: { access("\($0)/\(name)", X_OK) == 0 }) {
            command = name
            return
        }
        throw Explanation(
            "editor-missing", exit: ExitStatus.notFound,
            tr("找不到编辑器。", "There is no editor."),
            tr(
                "请装 nano 或 vi，或用环境变量 EDITOR 指明；也可以直接写 字段=值，或用 --form-file 交来填好的表。",
                "Install nano or vi, or name one in EDITOR; or give field=value, or a filled-in form with --form-file."))
    }

    /// Runs it on a file, and calls `changed` whenever the file was written.
    /// - Returns: whether the editor ended well.
    func run(on file: String, changed: () throws -> Void) throws -> Bool {
        // As system(3) does: keys that interrupt are for the editor.
        let (interrupt, quit) = (signal(SIGINT, SIG_IGN), signal(SIGQUIT, SIG_IGN))
        defer {
            signal(SIGINT, interrupt)
            signal(SIGQUIT, quit)
        }
        // Before the editor starts: a quick one may have written before anybody looks again.
        var version = FileVersion(file)
        let child = try spawn(file)
        var status: Int32 = 0
        while true {
            let ended = waitpid(child, &status, WNOHANG)
            if ended < 0, errno == EINTR { continue }
            // After the end once more: its last writing counts too.
            let now = FileVersion(file)
            if now != version, now != nil {
                version = now
                try changed()
            }
            if ended != 0 { break }
            usleep(150_000)
        }
        return status == 0
    }

    private func spawn(_ file: String) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var usual = sigset_t()
        sigemptyset(&usual)
        for number in [SIGINT, SIGQUIT, SIGPIPE] { sigaddset(&usual, number) }
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        let words = ["sh", "-c", command + " \"$@\"", command, file]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, "/bin/sh", nil, &attributes, &arguments, environ)
        guard failure == 0 else {
            throw Explanation(
                "editor-failed", exit: ExitStatus.internal,
                tr("启动不了编辑器 \(Screen.safe(command))：", "The editor \(Screen.safe(command)) cannot be started: ")
                    + String(cString: strerror(failure)),
                tr("写的内容留作草稿：dundian draft list", "What was written is kept: dundian draft list"))
        }
        return child
    }
}
