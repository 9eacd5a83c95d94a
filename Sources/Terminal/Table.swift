// A table on the screen: columns aligned by the cells their texts take, cut where the screen ends.

package struct Table {
    package var header: [String]
    package var rows: [[String]] = []
    /// Columns whose texts stand at the right: numbers.
    package var isRight: Set<Int> = []

    package init(header: [String]) { self.header = header }

    /// - Parameter width: cells of the screen; nil where lines have no end. Texts must be safe to print.
    package func lines(width: Int?) -> [String] {
        var widths = header.map { Screen.width($0) }
        for row in rows {
            for i in row.indices where i < widths.count { widths[i] = max(widths[i], Screen.width(row[i])) }
        }
        let least = header.map { max(Screen.width($0), 9) }
        let gaps = 2 * max(0, widths.count - 1)
        if let width {
            // The widest column gives way first, as far as its header.
            while widths.reduce(gaps, +) > width,
                let widest = widths.indices.filter({ widths[$0] > least[$0] }).max(by: { widths[$0] < widths[$1] })
            {
                let others = widths.indices.filter { $0 != widest }.map { widths[$0] }
                let excess = widths.reduce(gaps, +) - width
                let step = max(1, min(excess, widths[widest] - (others.filter { $0 < widths[widest] }.max() ?? 0)))
                widths[widest] = max(least[widest], widths[widest] - step)
            }
        } else {
            widths = widths.map { min($0, 60) }
        }
        return ([header] + rows).map { row in
            var line = ""
            for i in widths.indices {
                let text = Screen.cut(i < row.count ? row[i] : "", to: widths[i])
                let isLast = i == widths.count - 1
                let padding = String(repeating: " ", count: max(0, widths[i] - Screen.width(text)))
                line += isRight.contains(i) ? padding + text : isLast ? text : text + padding
                if !isLast { line += "  " }
            }
            while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
            return line
        }
    }
}
