import Documents
import Foundation
import FoundationXML
import Supervision
import Terminal
import Testing

private final class Reader: NSObject, XMLParserDelegate {
    var texts: [String] = []
    var types: [String] = []
    func parser(_ parser: XMLParser, foundCharacters string: String) { texts.append(string) }
    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        if let type = attributes["office:value-type"] { types.append(type) }
    }
}

/// The text of a file that is XML, or nil.
private func read(_ xml: String) -> Reader? {
    let parser = XMLParser(data: Data(xml.utf8))
    let reader = Reader()
    parser.delegate = reader
    return parser.parse() ? reader : nil
}

struct DocumentTests {
    private let hostile = "<b>&\"'\u{1}\u{202E}\u{FFFE}]]>\n第二行\t尾"

    private var document: Document {
        var document = Document(title: hostile, language: .chinese, footer: hostile)
        document.blocks = [
            .heading(hostile, level: 1), .heading(hostile, level: 2), .paragraph(hostile), .note(hostile),
            .facts([.init(hostile, hostile)]),
            .table(header: [hostile], rows: [[hostile]]), .signatures([hostile]),
        ]
        document.add(text: "一\n\n  \n二")
        return document
    }

    @Test func `whatever a record says, a flat document is XML with all of it in`() throws {
        let reader = try #require(read(document.flatText))
        let text = reader.texts.joined()
        #expect(text.components(separatedBy: "<b>&\"'").count - 1 == 12)
        #expect(!text.unicodeScalars.contains("\u{202E}") && !text.unicodeScalars.contains("\u{1}"))
        #expect(text.contains("第二行") && text.contains("一") && text.contains("二"))
    }

    @Test func `whatever a record says, a page holds no element of it and nothing from outside`() {
        let page = document.page
        #expect(!page.contains("<b>") && page.contains("&lt;b&gt;"))
        #expect(!page.contains("<script") && !page.contains("http://") && !page.contains("https://") && !page.contains("\u{202E}"))
        #expect(page.contains("<html lang=\"zh-Hans\">"))
    }

    @Test func `cells name their kind, so a formula is a text`() throws {
        var sheet = Sheet(title: "台账[1]/2", language: .chinese, header: ["序号", "措施", "日期", "空"])
        sheet.rows = [[.number(1), .text("=1+1\n第二行"), .day(try #require(Day("2026-05-11"))), .empty]]
        let reader = try #require(read(sheet.flatSpreadsheet))
        #expect(reader.types == ["string", "string", "string", "string", "float", "string", "date"])
        #expect(reader.texts.joined().contains("=1+1"))
        #expect(!sheet.flatSpreadsheet.contains("table:formula"))
        #expect(sheet.csv == "\u{FEFF}序号,措施,日期,空\r\n1,\"'=1+1\n第二行\",2026-05-11,\r\n")
    }
}
