// A merge of texts as people read it: what was taken from whom, what is open and between what.

package import Records
package import Supervision

package struct MergeTelling {
    package let merge: TextMerge
    /// Who and when, by side; safe to print.
    private let sides: [String]
    private let tr: Language

    package init(_ merge: TextMerge, sides: [String], _ tr: Language) { (self.merge, self.sides, self.tr) = (merge, sides, tr) }

    /// What different people changed in different sentences, each as its difference.
    package func merged(isColoured: Bool) -> [String] {
        merge.spans.compactMap { span in
            guard case .merged(let base, let text, let authors) = span else { return nil }
            return who(authors) + tr("：", ": ")
                + TextDifference(from: base, to: text).shown(isColoured: isColoured, marks: .words(tr))
        }
    }

    /// The whole text with a mark where something is open, as `［待定 1］`; not safe to print.
    package var text: String {
        var number = 0
        return merge.spans.map { span in
            switch span {
            case .same(let text), .merged(_, let text, _): return text
            case .open:
                number += 1
                return tr("［待定 \(number)］", "[open \(number)]")
            }
        }.joined()
    }

    /// Each open place: what stood there, and by the numbers of its candidates what stands there now.
    package func open(isColoured: Bool) -> [String] {
        var lines: [String] = []
        var number = 0
        for span in merge.spans {
            guard case .open(let base, let alternatives) = span else { continue }
            number += 1
            let note = span.differsOnlyInPunctuation ? tr("（只差标点）", " (differs only in punctuation)") : ""
            lines.append(tr("待定 \(number)", "open \(number)") + note)
            lines.append("  0) " + tr("原来：", "before: ") + quoted(base))
            for alternative in alternatives {
                let numbers = alternative.sides.map { "\($0 + 1)" }.joined(separator: tr("、", ", "))
                lines.append(
                    "  \(numbers)) \(who(alternative.sides))\(tr("：", ": "))"
                        + (alternative.text.isEmpty
                            ? tr("删去", "deleted")
                            : base.isEmpty
                                ? quoted(alternative.text)
                                : TextDifference(from: base, to: alternative.text).shown(isColoured: isColoured, marks: .words(tr)))
                )
            }
        }
        return lines
    }

    /// How many places are open.
    package var openCount: Int { merge.openCount }

    /// For each open place the number of the first value offered there.
    package var firstChoices: [Int] {
        merge.spans.compactMap { span in
            guard case .open(_, let alternatives) = span else { return nil }
            return (alternatives.first?.sides.first ?? -1) + 1
        }
    }

    /// As `--spans` takes it: wherever something is open all that is offered there, one after the other. Nil if somewhere that makes no sense.
    package var bothEverywhere: String? {
        var places: [String] = []
        for span in merge.spans {
            guard case .open(_, let alternatives) = span else { continue }
            guard span.canBeJoined else { return nil }
            places.append(alternatives.map { "\(($0.sides.first ?? -1) + 1)" }.joined(separator: "+"))
        }
        return places.joined(separator: ",")
    }

    /// The first number that is offered wherever something is open; nil if none is.
    package var everywhere: Int? {
        sides.indices.first { side in merge.text(choosing: [Int?](repeating: side, count: merge.openCount)) != nil }.map { $0 + 1 }
    }

    private func who(_ authors: [Int]) -> String {
        authors.map { sides.indices.contains($0) ? sides[$0] : "\($0 + 1)" }.joined(separator: tr("、", ", "))
    }

    private func quoted(_ text: String) -> String {
        text.isEmpty ? tr("（空）", "(empty)") : Screen.safe(text.replacing("\n", with: "⏎"))
    }
}
