// Counting by the choices of a field. Every record counted is in exactly one place, so that a table's sums are the number of records.

package import Supervision

/// How many there are of each, in a fixed order.
package struct Tally: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        package var label: Label
        package var count: Int
    }

    package private(set) var lines: [Line] = []

    package var total: Int { lines.reduce(0) { $0 + $1.count } }

    /// Lines that stand there even with nothing to count.
    init(_ labels: [Label] = []) { lines = labels.map { Line(label: $0, count: 0) } }

    mutating func count(_ label: Label, _ count: Int = 1) {
        if let i = lines.firstIndex(where: { $0.label == label }) {
            lines[i].count += count
        } else {
            lines.append(Line(label: label, count: count))
        }
    }

    package func count(of label: Label) -> Int { lines.first { $0.label == label }?.count ?? 0 }
}

/// Counts by two fields at once.
package struct CrossTable: Hashable, Sendable {
    package private(set) var rows: [Label]
    package private(set) var columns: [Label]
    private var counts: [[Int]]

    /// Rows and columns that stand there even with nothing to count.
    init(rows: [Label], columns: [Label]) {
        (self.rows, self.columns) = (rows, columns)
        counts = rows.map { _ in columns.map { _ in 0 } }
    }

    mutating func count(_ row: Label, _ column: Label) {
        let c = columns.firstIndex(of: column) ?? columns.count
        if c == columns.count {
            columns.append(column)
            for i in counts.indices { counts[i].append(0) }
        }
        let r = rows.firstIndex(of: row) ?? rows.count
        if r == rows.count {
            rows.append(row)
            counts.append(columns.map { _ in 0 })
        }
        counts[r][c] += 1
    }

    package subscript(row: Int, column: Int) -> Int { counts[row][column] }
    package func total(ofRow row: Int) -> Int { counts[row].reduce(0, +) }
    package func total(ofColumn column: Int) -> Int { counts.reduce(0) { $0 + $1[column] } }
    package var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
}

/// What stands in a table where a field does not say.
enum Unsaid {
    static let empty = Label(zh: "未填", en: "Not filled in")
    static let contested = Label(zh: "待裁定", en: "Waits for review")
}
