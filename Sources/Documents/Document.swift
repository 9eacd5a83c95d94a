// A document as a value: what stands in it, in order. How it becomes a page or a file is elsewhere, so that both say the same.

package import Supervision

package struct Document: Hashable, Sendable {
    package enum Block: Hashable, Sendable {
        /// 1 or 2.
        case heading(String, level: Int)
        case paragraph(String)
        /// A paragraph set apart: a remark, a warning.
        case note(String)
        /// Labels with what they stand for.
        case facts([Fact])
        case table(header: [String], rows: [[String]])
        /// Lines to sign on.
        case signatures([String])
    }

    package struct Fact: Hashable, Sendable {
        package var label: String
        package var value: String
        package init(_ label: String, _ value: String) { (self.label, self.value) = (label, value) }
    }

    package var title: String
    package var language: Language
    /// Stands at the foot of every page.
    package var footer: String
    package var blocks: [Block]

    package init(title: String, language: Language, footer: String, blocks: [Block] = []) {
        (self.title, self.language, self.footer, self.blocks) = (title, language, footer, blocks)
    }

    /// A text of several lines as paragraphs.
    package mutating func add(text: String) {
        for line in text.split(whereSeparator: \.isNewline) where line.contains(where: { !$0.isWhitespace }) {
            blocks.append(.paragraph(String(line)))
        }
    }
}
