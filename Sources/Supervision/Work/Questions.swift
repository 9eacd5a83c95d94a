// Questions as people write them in one text: numbered lines, headings between them, for an outline the basis of a question in 【】.

/// One question of an outline or a questionnaire.
public struct Question: Hashable, Sendable {
    /// Its number as written; answer sheets name it so.
    public var number: String
    /// What is asked.
    public var text: String
    /// Why it is asked; empty: it is not said.
    public var basis: String
    /// The heading it stands under; empty: none.
    public var heading: String

    /// A question out of its parts.
    public init(number: String, text: String, basis: String = "", heading: String = "") {
        (self.number, self.text, self.basis, self.heading) = (number, text, basis, heading)
    }

    /// Reads a text: a line that begins with a number and `.`, `、`, `)` or `．` is a question, the lines after it that are set in belong to it, any
    /// other line is a heading for what follows.
    public static func all(in text: String) -> [Question] {
        var found: [Question] = []
        var heading = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let isSetIn = line.first?.isWhitespace ?? false
            let line = String(line).trimmingBlanks()
            guard !line.isEmpty else { continue }
            if let (number, rest) = numbered(line) {
                let (text, basis) = parted(rest)
                found.append(Question(number: number, text: text, basis: basis, heading: heading))
            } else if isSetIn, !found.isEmpty {
                let (more, basis) = parted(line)
                let last = found.count - 1
                if !more.isEmpty { found[last].text += " " + more }
                if !basis.isEmpty { found[last].basis = basis }
            } else {
                heading = line
            }
        }
        return found
    }

    /// The text of questions, numbered anew; those of one heading stand together below it.
    public static func text(_ questions: [Question]) -> String {
        var lines: [String] = []
        var heading = ""
        for (i, question) in questions.enumerated() {
            if question.heading != heading {
                heading = question.heading
                if !heading.isEmpty { lines.append(heading) }
            }
            lines.append("\(i + 1). \(question.text)" + (question.basis.isEmpty ? "" : "【\(question.basis)】"))
        }
        return lines.joined(separator: "\n")
    }

    private static func numbered(_ line: String) -> (number: String, rest: String)? {
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count <= 4, let mark = line.dropFirst(digits.count).first, ".、)）．".contains(mark) else {
            return nil
        }
        let rest = String(line.dropFirst(digits.count + 1)).trimmingBlanks()
        return rest.isEmpty ? nil : (String(digits), rest)
    }

    /// Parts a question from its basis at the end.
    private static func parted(_ text: String) -> (text: String, basis: String) {
        guard text.hasSuffix("】"), let open = text.lastIndex(of: "【") else { return (text, "") }
        let basis = text[text.index(after: open)...].dropLast()
        return (String(text[..<open]).trimmingBlanks(), String(basis))
    }
}
