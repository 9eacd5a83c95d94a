// Documents and tables written to a file; the file's ending says in what form.

import ArgumentParser
import Documents
import Dundian
import Files
import Terminal

struct OutgoingFile: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp(tr("写进文件，格式看结尾。", "Write it to a file, in the form its ending says."), valueName: "file"))
    var to: String?
    @Flag(name: .long, help: ArgumentHelp(tr("覆盖已有的文件。", "Replace a file that is there."))) var force = false

    /// Writes a document: `.html`, `.fodt`, and with LibreOffice `.docx`, `.odt`, `.pdf`.
    static func write(_ document: Document, to path: String, force: Bool) throws {
        let contents: [UInt8]
        switch ending(of: path) {
        case "html", "htm": contents = Array(document.page.utf8)
        case "fodt": contents = Array(document.flatText.utf8)
        case "docx": contents = try Office.convert(Array(document.flatText.utf8), ending: "fodt", to: "docx:MS Word 2007 XML")
        case "pdf": contents = try Office.convert(Array(document.flatText.utf8), ending: "fodt", to: "pdf:writer_pdf_Export")
        case "odt": contents = try Office.convert(Array(document.flatText.utf8), ending: "fodt", to: "odt:writer8")
        case let other: throw unfit(other, [".docx", ".pdf", ".html", ".odt", ".fodt"])
        }
        try write(contents, to: path, force: force)
    }

    /// Writes a table: `.csv`, `.fods`, and with LibreOffice `.xlsx`, `.ods`.
    static func write(_ sheet: Sheet, to path: String, force: Bool) throws {
        let contents: [UInt8]
        switch ending(of: path) {
        case "csv": contents = Array(sheet.csv.utf8)
        case "fods": contents = Array(sheet.flatSpreadsheet.utf8)
        case "xlsx":
            contents = try Office.convert(Array(sheet.flatSpreadsheet.utf8), ending: "fods", to: "xlsx:Calc MS Excel 2007 XML")
        case "ods": contents = try Office.convert(Array(sheet.flatSpreadsheet.utf8), ending: "fods", to: "ods:calc8")
        case let other: throw unfit(other, [".xlsx", ".csv", ".ods", ".fods"])
        }
        try write(contents, to: path, force: force)
    }

    /// Writes the table if a file was asked for, and says so.
    func write(_ sheet: Sheet) throws {
        guard let to else { return }
        try Self.write(sheet, to: to, force: force)
        Screen.complain(tr("已写入：", "Written: ") + Screen.safe(to))
    }

    private static func write(_ contents: [UInt8], to path: String, force: Bool) throws {
        let file = try WholeFile(path, replaces: force)
        try file.write(contents)
        try file.finish()
    }

    static func ending(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return name.contains(".") ? String(name.split(separator: ".").last ?? "").lowercased() : ""
    }

    private static func unfit(_ ending: String, _ fitting: [String]) -> Explanation {
        Explanation(
            "format-unknown", exit: ExitStatus.badInput,
            ending.isEmpty
                ? tr("文件名没有结尾。", "The file's name has no ending.")
                : tr("不会写 .\(Screen.safe(ending)) 文件。", "Files ending in .\(Screen.safe(ending)) are not written."),
            tr("什么也没有写。可用：", "Nothing was written. These are: ") + fitting.joined(separator: " "))
    }
}
