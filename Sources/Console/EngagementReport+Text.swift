// The report as lines for a terminal or a text file.

package import Supervision
import Terminal

extension EngagementReport {
    /// - Parameter width: cells of the screen; nil where lines have no end.
    package func lines(_ t: Language, width: Int?) -> [String] {
        let layout = ReportLayout(self)
        var lines = [Self.text(layout.title, t), Screen.safe(layout.subtitle[t]), ""]
        let labels = layout.summary.map { $0.label[t] }
        let widest = labels.map { Screen.width($0) }.max() ?? 0
        lines += zip(labels, layout.summary).map { "  " + Screen.padded($0, to: widest + 2) + Screen.safe($1.value[t]) }
        for (i, section) in layout.sections.enumerated() {
            lines += ["", t("\(Self.ordinal(i + 1))、", "\(i + 1). ") + section.heading[t]]
            for (j, block) in section.blocks.enumerated() {
                if j > 0 { lines.append("") }
                lines += Self.lines(block, t, width: width).map { $0.isEmpty ? $0 : "  " + $0 }
            }
        }
        return lines + [""] + layout.notes.map { Screen.safe($0[t]) }
    }

    private static func lines(_ block: ReportLayout.Block, _ t: Language, width: Int?) -> [String] {
        switch block {
        case .note(let note): return [Screen.safe(note[t])]
        case .facts(let facts): return facts.map { Screen.safe($0.label[t]) + t("：", ": ") + text($0.cell, t) }
        case .table(let grid):
            var table = Table(header: grid.columns.map { Screen.safe($0.label[t]) })
            table.isRight = Set(grid.columns.indices.filter { grid.columns[$0].width == .number })
            table.rows = grid.rows.map { row in
                var cells = row.cells.map { text($0, t) }
                // Marks stand before what they are about, so that they are not cut off with it.
                let mark = (row.isRestricted ? t("【限知】", "[restricted] ") : "") + waiting(row.waits, t)
                let first = grid.columns.firstIndex { $0.width != .number } ?? 0
                if cells.indices.contains(first) { cells[first] = mark + cells[first] }
                return cells
            }
            return (grid.caption.map { [Screen.safe($0[t])] } ?? []) + table.lines(width: width.map { max(40, $0 - 2) })
        }
    }

    /// `【待裁定 2】青石县财政局（或：中共青石县委员会）`
    static func text(_ cell: Cell, _ t: Language) -> String {
        let others = cell.others.map { Screen.safe($0[t]) }.joined(separator: t("、", ", "))
        return waiting(cell.waits, t) + Screen.safe(cell.value[t])
            + (others.isEmpty ? "" : t("（或：", " (or: ") + others + t("）", ")"))
    }

    private static func waiting(_ numbers: [Int], _ t: Language) -> String {
        guard !numbers.isEmpty else { return "" }
        let numbers = numbers.map(String.init).joined(separator: t("、", ", "))
        return t("【待裁定 ", "[review ") + numbers + t("】", "] ")
    }

    /// 一 to 十, as far as there are headings.
    static func ordinal(_ number: Int) -> String {
        let digits = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"]
        return digits.indices.contains(number) ? digits[number] : String(number)
    }
}
