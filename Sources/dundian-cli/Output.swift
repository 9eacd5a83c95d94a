// What this run writes to: a person's screen, or a file or program.

import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

enum Output {
    static let isTerminal = isatty(1) == 1
    static let isAnsweredByPerson = isatty(0) == 1 && isTerminal

    /// Colours only on a screen, and not where somebody asked for none (no-color.org).
    static let isColoured = isTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

    /// Cells of the screen; nil where lines have no end.
    static let width: Int? = Screen.columns

    /// Asks; anything but an answer that begins with n is yes.
    static func agrees(_ question: String) -> Bool {
        FileHandle.standardOutput.write(Data("\(question) [Y/n] ".utf8))
        return !(readLine()?.lowercased().hasPrefix("n") ?? true)
    }

    /// Asks; only an answer that begins with y is yes.
    static func confirms(_ question: String) -> Bool {
        FileHandle.standardOutput.write(Data("\(question) [y/N] ".utf8))
        return readLine()?.lowercased().hasPrefix("y") ?? false
    }
}
