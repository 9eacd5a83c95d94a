// What ArgumentParser says when a command line is wrong, in Chinese. It says it in English only, so its sentences are known here by their
// shape; one that is not known is shown as it is.

package import Supervision

package enum UsageWords {
    /// A help text that ArgumentParser itself writes.
    static func translated(abstract: String, _ t: Language) -> String {
        switch abstract {
        case "Show help information.": t("显示说明。", abstract)
        case "Show the version.": t("显示版本。", abstract)
        case "Show subcommand help information.": t("显示子命令的说明。", abstract)
        default: abstract
        }
    }

    /// A whole message: what is wrong, the usage line, where to read more.
    package static func translated(_ message: String, _ t: Language) -> String {
        guard t == .chinese else { return message }
        return message.split(separator: "\n", omittingEmptySubsequences: false).map { line($0) }.joined(separator: "\n")
    }

    private static func line(_ line: Substring) -> String {
        if let rest = line.dropping("Error: ") { return "错误：" + Placeholders.translated(in: sentence(rest)[...]) }
        if let rest = line.dropping("   or: ") { return "  或：" + Placeholders.translated(in: sentence(rest)[...]) }
        if let rest = line.dropping("Help:  ") { return "说明：" + Placeholders.translated(in: rest) }
        if let rest = line.dropping("Usage: ") { return "用法：" + Placeholders.translated(in: rest) }
        if let found = line.match("  See '", "' for more information.") { return "  详见：\(found[0])" }
        return String(line)
    }

    private static func sentence(_ text: Substring) -> String {
        // The longest shapes first: a shorter one would take their beginnings.
        let shapes: [([String], ([Substring]) -> String)] = [
            (["Unknown option '", "'. Did you mean '", "'?"], { "没有选项“\($0[0])”。是不是“\($0[1])”？" }),
            (["Unknown option '", "'"], { "没有选项“\($0[0])”。" }),
            (["Missing value for '", "' in '", "'"], { "“\($0[1])”中的“\($0[0])”缺值。" }),
            (["Missing value for '", "'"], { "“\($0[0])”缺值。" }),
            (["The option '", "' does not take any value, but '", "' was specified."], { "选项“\($0[0])”不带值，却写了“\($0[1])”。" }),
            (["Unexpected argument '", "'. Did you mean '", "'?"], { "没有“\($0[0])”。是不是“\($0[1])”？" }),
            (["Unexpected argument '", "'"], { "多出了“\($0[0])”。" }),
            (["", " unexpected arguments: '", "'"], { "多出了 \($0[0]) 项：“\(Self.list($0[1]))”。" }),
            (["Missing expected argument '", "'"], { "缺少“\($0[0])”。" }),
            (["Missing one of: '", "'"], { "下列各项要写其一：“\(Self.list($0[0]))”。" }),
            (
                ["Value to be set with flag '", "' had already been set with flag '", "'"],
                { "“\($0[0])”与前面的“\($0[1])”冲突，只能写一个。" }
            ),
            (
                ["The value '", "' is invalid for '", "'. Please provide one of '", "'."],
                { "“\($0[0])”不能作“\($0[1])”的值；可以是：“\(Self.list($0[2]))”。" }
            ),
            (
                ["The value '", "' is invalid for '", "'. Please provide one of the following:"],
                { "“\($0[0])”不能作“\($0[1])”的值；可以是：" }
            ),
            (["The value '", "' is invalid for '", "': ", ""], { "“\($0[0])”不能作“\($0[1])”的值：\($0[2])" }),
            (["The value '", "' is invalid for '", "'"], { "“\($0[0])”不能作“\($0[1])”的值。" }),
            (["Missing required subcommand.", ""], { _ in "缺少子命令。" }),
            (["Invalid option: ", ""], { "不是选项：\($0[0])" }),
            (["Can't generate completion scripts for '", "'."], { "做不出“\($0[0])”的补全脚本。" }),
            (["Can't autodetect a supported shell.", ""], { _ in "认不出用的是哪种 shell。" }),
            (["Command '", "' is not a parent of the current command."], { "“\($0[0])”不是上一级命令。" }),
        ]
        for (shape, say) in shapes {
            if let found = text.match(shape) { return say(found) }
        }
        return String(text)
    }

    /// `a', 'b` as `a”、“b`
    private static func list(_ text: Substring) -> String {
        String(text).replacing("', '", with: "”、“").replacing("' and '", with: "”、“").replacing("' or '", with: "”、“")
    }
}

extension Substring {
    fileprivate func dropping(_ prefix: String) -> Substring? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }

    /// What stands between these pieces, which follow one another from the beginning to the end; nil if they do not.
    fileprivate func match(_ pieces: String...) -> [Substring]? { match(pieces) }

    fileprivate func match(_ pieces: [String]) -> [Substring]? {
        guard let first = pieces.first, var rest = dropping(first) else { return nil }
        var found: [Substring] = []
        for (i, piece) in pieces.enumerated().dropFirst() {
            if i == pieces.count - 1 {
                guard rest.hasSuffix(piece) else { return nil }
                return found + [rest.dropLast(piece.count)]
            }
            guard let range = rest.firstRange(of: piece) else { return nil }
            found.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return found
    }
}
