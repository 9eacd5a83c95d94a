// A table that leaves as a spreadsheet: as CSV, or as a flat OpenDocument spreadsheet, which LibreOffice turns into XLSX. Cells are text, numbers or
// days and never formulas: in the one because it has no other way to say so, in the other because every cell names its kind.

package import Supervision
package import Terminal

package struct Sheet: Sendable {
    package enum Value: Hashable, Sendable {
        case text(String)
        case number(Int)
        case day(Day)
        case empty
    }

    package var title: String
    package var language: Language
    package var header: [String]
    package var rows: [[Value]]

    package init(title: String, language: Language, header: [String], rows: [[Value]] = []) {
        (self.title, self.language, self.header, self.rows) = (title, language, header, rows)
    }

    /// RFC 4180, with a byte order mark for spreadsheets on Windows.
    package var csv: String {
        CSV.byteOrderMark + CSV.line(header.map { .text($0) })
            + rows.map { row in
                CSV.line(
                    row.map { value in
                        switch value {
                        case .text(let text): .text(text)
                        case .number(let number): .integer(Int64(number))
                        case .day(let day): .text("\(day)")
                        case .empty: .empty
                        }
                    })
            }.joined()
    }

    /// The file `.fods`.
    package var flatSpreadsheet: String {
        let widths = (0..<header.count).map { column in
            let longest =
                ([header[column]] + rows.map { column < $0.count ? Self.shown($0[column]) : "" }).map { text in
                    text.split(whereSeparator: \.isNewline).map { Screen.width(String($0)) }.max() ?? 0
                }.max() ?? 0
            return min(36, max(6, longest + 2))
        }
        let columns = widths.indices.map {
            "<table:table-column table:style-name=\"Column\($0)\" table:default-cell-style-name=\"Text\"/>"
        }
        let styles = widths.enumerated().map { i, width in
            "<style:style style:name=\"Column\(i)\" style:family=\"table-column\"><style:table-column-properties style:column-width=\"\(Double(width) * 0.21)cm\"/></style:style>"
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <office:document \(FlatXML.namespaces) office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
            \(FlatXML.fonts)
            <office:styles><style:style style:name="Default" style:family="table-cell"><style:text-properties style:font-name="Body" style:font-name-asian="Body" fo:font-size="11pt" style:font-size-asian="11pt"/></style:style></office:styles>
            <office:automatic-styles>
            \(styles.joined(separator: "\n"))
            <number:date-style style:name="Day"><number:year number:style="long"/><number:text>-</number:text><number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/></number:date-style>
            <style:style style:name="Text" style:family="table-cell" style:parent-style-name="Default"><style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top"/></style:style>
            <style:style style:name="DayCell" style:family="table-cell" style:parent-style-name="Default" style:data-style-name="Day"><style:table-cell-properties style:vertical-align="top"/></style:style>
            <style:style style:name="Head" style:family="table-cell" style:parent-style-name="Default"><style:table-cell-properties fo:background-color="#eeeeee" fo:border-bottom="0.03cm solid #555555" style:vertical-align="top"/><style:text-properties fo:font-weight="bold" style:font-weight-asian="bold"/></style:style>
            <style:style style:name="Sheet" style:family="table" style:master-page-name="Wide"><style:table-properties table:display="true"/></style:style>
            <style:page-layout style:name="WidePage"><style:page-layout-properties fo:page-width="29.7cm" fo:page-height="21cm" style:print-orientation="landscape" fo:margin-top="1.5cm" fo:margin-bottom="1.5cm" fo:margin-left="1.5cm" fo:margin-right="1.5cm" style:scale-to-X="1" style:scale-to-Y="0"/></style:page-layout>
            </office:automatic-styles>
            <office:master-styles><style:master-page style:name="Wide" style:page-layout-name="WidePage"/></office:master-styles>
            <office:body><office:spreadsheet>
            <table:table table:style-name="Sheet" table:name="\(FlatXML.text(String(title.filter { !"[]*?:/\\\\'".contains($0) }.prefix(31))))">
            \(columns.joined())
            <table:table-header-rows><table:table-row>\(header.map { Self.cell(.text($0), style: "Head") }.joined())</table:table-row></table:table-header-rows>
            \(rows.map { "<table:table-row>\($0.map { Self.cell($0, style: "Text") }.joined())</table:table-row>" }.joined(separator: "\n"))
            </table:table>
            </office:spreadsheet></office:body>
            </office:document>

            """
    }

    private static func shown(_ value: Value) -> String {
        switch value {
        case .text(let text): text
        case .number(let number): String(number)
        case .day(let day): "\(day)"
        case .empty: ""
        }
    }

    private static func cell(_ value: Value, style: String) -> String {
        switch value {
        case .text(let text):
            let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
                "<text:p>\(FlatXML.text(String($0)))</text:p>"
            }
            return
                "<table:table-cell table:style-name=\"\(style)\" office:value-type=\"string\">\(lines.joined())</table:table-cell>"
        case .number(let number):
            return
                "<table:table-cell table:style-name=\"\(style)\" office:value-type=\"float\" office:value=\"\(number)\"><text:p>\(number)</text:p></table:table-cell>"
        case .day(let day):
            return
                "<table:table-cell table:style-name=\"DayCell\" office:value-type=\"date\" office:date-value=\"\(day)\"><text:p>\(day)</text:p></table:table-cell>"
        case .empty: return "<table:table-cell/>"
        }
    }
}
