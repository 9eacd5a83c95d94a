// Comma-separated values (RFC 4180), for spreadsheets: a cell out of a record is never taken for a formula.

import Foundation

package enum CSV {
    /// Tells a spreadsheet on Windows that the file is UTF-8.
    package static let byteOrderMark = "\u{FEFF}"

    /// One line, ended as the RFC wants it.
    package static func line(_ cells: [Cell]) -> String { cells.map(text).joined(separator: ",") + "\r\n" }

    private static func text(_ cell: Cell) -> String {
        switch cell {
        case .empty: ""
        case .integer(let number): String(number)
        case .decimal(let digits): quoted(digits)
        case .flag(let flag): flag ? "true" : "false"
        case .text(let text): quoted(guarded(text))
        }
    }

    /// Puts an apostrophe before a text that a spreadsheet would run as a formula.
    ///
    /// Spaces and invisible characters before the sign are looked past: some programs take them off before they read the cell.
    package static func guarded(_ text: String) -> String {
        let first = text.unicodeScalars.first { scalar in
            if "\t\r\n".unicodeScalars.contains(scalar) { return true }
            switch scalar.properties.generalCategory {
            case .spaceSeparator, .control, .format: return false
            default: return true
            }
        }
        guard let first, "=+-@\t\r\n＝＋－＠﹢﹣﹦﹫−".unicodeScalars.contains(first) else { return text }
        return "'" + text
    }

    package static func quoted(_ text: String) -> String {
        let needsQuotes = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        guard needsQuotes || text.hasPrefix(" ") || text.hasSuffix(" ") else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

/// What stands in one place of a table that goes out.
package enum Cell: Hashable, Sendable {
    case empty
    case integer(Int64)
    /// Digits as they were written: `12.50` stays so.
    case decimal(String)
    case flag(Bool)
    case text(String)
}
