// Long text on the screen: broken where a line is full, by cells, every line set in.

package enum Paragraph {
    /// - Parameter width: cells of the screen; nil where lines have no end. The text must be safe to print.
    package static func lines(_ text: String, indent: Int, width: Int?) -> [String] {
        let margin = String(repeating: " ", count: indent)
        return text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            guard let width, width > indent + 10 else { return [margin + line] }
            return broken(String(line), to: width - indent).map { margin + $0 }
        }
    }

    /// What does not stand at the beginning of a line.
    private static let closing: Set<Character> = Set("，。、；：！？）］】》〉」』”’〕,.;:!?)]}")

    private static func broken(_ line: String, to cells: Int) -> [String] {
        var lines: [String] = []
        var (current, used) = ("", 0)
        for character in line {
            let width = Screen.width(String(character))
            if used + width > cells {
                // A word is not torn if it begins on this line; Chinese is broken anywhere.
                if character.isASCII, character != " ", let space = current.lastIndex(of: " "),
                    current[space...].allSatisfy(\.isASCII), space > current.startIndex
                {
                    let word = String(current[current.index(after: space)...])
                    lines.append(String(current[..<space]))
                    (current, used) = (word, Screen.width(word))
                } else if closing.contains(character), current.count > 1, let last = current.last, !closing.contains(last) {
                    current.removeLast()
                    lines.append(current)
                    (current, used) = (String(last), Screen.width(String(last)))
                } else {
                    lines.append(current)
                    (current, used) = ("", 0)
                    if character == " " { continue }
                }
            }
            current.append(character)
            used += width
        }
        return lines + [current]
    }
}
