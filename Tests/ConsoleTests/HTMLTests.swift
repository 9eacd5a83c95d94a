// Whatever a record says, a page stays what the program made of it.

import Console
import Foundation
import Supervision
import Terminal
import Testing
import Worlds

private let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</td></table></main><h1>",
    "</style><style>*{display:none}", "<!--", "]]>", "&lt;b&gt;", "javascript:alert(1)", "{{constructor}}", "<svg/onload=alert(1)>",
    "\u{202e}gnp.exe", "\u{1b}[2J\u{1b}[31m", "a\u{0}b", "\u{2066}x\u{2069}", "line\nbreak\r\n", "&#x3c;script&#x3e;",
]

struct HTMLTests {
    @Test(arguments: hostile)
    func `text out of a record is text on the page`(_ text: String) throws {
        let office = try Office(["workplace=\(text)", "lead=\(text)", "members=\(text)"])
        try office.write("unit", 5, ["name=\(text)"], in: Office.directory)
        try office.write("person", 10, ["name=\(text)", "post=\(text)", "unit=#5"])
        try office.write("talk", 20, ["engagement=#1", "subject=#10", "place=\(text)", "recorder=\(text)", "talkers=\(text)"])
        try office.write("finding", 30, ["engagement=#1", "title=\(text)", "unit=#5"])
        try office.dispute("finding", 30, "document_number=甲\(text)", "document_number=乙\(text)")
        let report = try office.report()
        let clean = try Office(["workplace=x", "lead=x", "members=x"])
        try clean.write("unit", 5, ["name=x"], in: Office.directory)
        try clean.write("person", 10, ["name=x", "post=x", "unit=#5"])
        try clean.write("talk", 20, ["engagement=#1", "subject=#10", "place=x", "recorder=x", "talkers=x"])
        try clean.write("finding", 30, ["engagement=#1", "title=x", "unit=#5"])
        try clean.dispute("finding", 30, "document_number=甲x", "document_number=乙x")
        let page = report.page(.chinese)
        // The same elements in the same order, whatever was written.
        #expect(tags(page) == tags(try clean.report().page(.chinese)))
        for scalar in page.unicodeScalars {
            let category = scalar.properties.generalCategory
            #expect(scalar == "\n" || category != .control && category != .format, "U+\(String(scalar.value, radix: 16))")
        }
        for line in report.lines(.chinese, width: nil) {
            #expect(!line.unicodeScalars.contains { [.control, .format].contains($0.properties.generalCategory) })
        }
        _ = try JSONSerialization.jsonObject(with: Data(report.json(.chinese).text.utf8))
    }

    /// Every tag of a page, attributes included.
    private func tags(_ page: String) -> [Substring] {
        page.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
    }

    @Test func `a page needs nothing and runs nothing`() throws {
        let page = try Office().report().page(.chinese)
        #expect(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'"))
        for word in [
            "<script", "http://", "https://", "src=", "url(", "@import", "javascript:", "onload", "<iframe", "<form", "<link",
        ] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test func `both languages are on the page, the one asked for first`() throws {
        let report = try Office().report()
        for language in Language.allCases {
            let page = report.page(language)
            #expect(page.contains("监督任务情况表") && page.contains("State of the engagement"))
            let checked = language == .chinese ? "id=\"switch-zh\" value=\"zh\" checked" : "id=\"switch-en\" value=\"en\" checked"
            #expect(page.contains(checked))
        }
    }

    @Test func `a page points only to places it has`() throws {
        let office = try Office()
        try office.write("finding", 30, ["engagement=#1", "title=问题"])
        try office.dispute("finding", 30, "title=甲", "title=乙")
        let page = try office.report().page(.chinese)
        let links = page.matches(of: /href="#([^"]+)"/).map { String($0.1) }
        let places = page.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
        #expect(!links.isEmpty && Set(links).isSubset(of: places))
        #expect(Set(places).count == places.count)
    }
}
