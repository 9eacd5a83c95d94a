// A document as one page that needs nothing else: to be read in a browser and printed from it.

import Console
import Supervision

extension Document {
    /// The page; with no script and nothing outside it.
    package var page: String {
        let head = HTML.group {
            HTML.void("meta", .other("charset", "utf-8"))
            HTML.void("meta", .other("name", "viewport"), .other("content", "width=device-width, initial-scale=1"))
            HTML.element("title") { title }
            HTML.style(
                """
                body{font-family:"Noto Serif CJK SC","Source Han Serif SC",SimSun,"Songti SC",serif;line-height:1.75;color:#111;max-width:46em;margin:2em auto;padding:0 1.2em}
                h1{text-align:center;font-size:1.55em;margin:.6em 0 1em}
                h2{font-size:1.15em;margin:1.5em 0 .4em;break-after:avoid}
                h3{font-size:1em;margin:1em 0 .3em;break-after:avoid}
                p{margin:.25em 0;text-indent:2em;white-space:pre-wrap;overflow-wrap:anywhere}
                :lang(en) p{text-indent:0}
                p.note{text-indent:0;border-left:3px solid #a33;padding:.2em .8em;color:#611}
                table{border-collapse:collapse;width:100%;margin:.6em 0;font-size:.95em}
                th,td{border:1px solid #777;padding:.28em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere;white-space:pre-wrap}
                thead th{background:#eee}
                tr{break-inside:avoid}
                table.facts th{width:9em;font-weight:normal;color:#444;background:#f6f6f6}
                .signatures{margin-top:2.5em;display:flex;flex-wrap:wrap;gap:1.2em 2em}
                .signatures span{flex:1 1 14em;border-bottom:1px solid #555;padding-bottom:.2em}
                footer{margin-top:3em;border-top:1px solid #bbb;color:#555;font-size:.85em}
                @media print{body{margin:0;max-width:none;padding:0}@page{size:A4;margin:2.6cm 2.4cm}}

                """)
        }
        let body = HTML.group {
            HTML.element("h1") { title }
            for block in blocks { Self.html(block) }
            HTML.element("footer") { footer }
        }
        return HTML.document(head: head, body: body, language: language == .chinese ? "zh-Hans" : "en")
    }

    private static func html(_ block: Block) -> HTML {
        switch block {
        case .heading(let text, let level): level == 1 ? HTML.element("h2") { text } : HTML.element("h3") { text }
        case .paragraph(let text): HTML.element("p") { text }
        case .note(let text): HTML.element("p", .class("note")) { text }
        case .facts(let facts):
            HTML.element("table", .class("facts")) {
                for fact in facts {
                    HTML.element("tr") {
                        HTML.element("th", .scope("row")) { fact.label }
                        HTML.element("td") { fact.value }
                    }
                }
            }
        case .table(let header, let rows):
            HTML.element("table") {
                HTML.element("thead") { HTML.element("tr") { for name in header { HTML.element("th", .scope("col")) { name } } } }
                HTML.element("tbody") {
                    for row in rows { HTML.element("tr") { for cell in row { HTML.element("td") { cell } } } }
                }
            }
        case .signatures(let names):
            HTML.element("div", .class("signatures")) { for name in names { HTML.element("span") { name } } }
        }
    }
}
