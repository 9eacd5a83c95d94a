// A document as a flat OpenDocument text (one XML file, ISO/IEC 26300): what LibreOffice turns into DOCX and PDF.

import Supervision

extension Document {
    /// The file `.fodt`.
    package var flatText: String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <office:document \(FlatXML.namespaces) office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
        <office:meta><dc:title>\(FlatXML.text(title))</dc:title><dc:language>\(language == .chinese ? "zh-CN" : "en-GB")</dc:language></office:meta>
        \(FlatXML.fonts)
        <office:styles>
        <style:default-style style:family="paragraph">
        <style:paragraph-properties fo:line-height="150%" fo:orphans="2" fo:widows="2" style:writing-mode="lr-tb"/>
        <style:text-properties style:font-name="Body" style:font-name-asian="Body" fo:font-size="12pt" style:font-size-asian="12pt" \
        fo:language="\(language == .chinese ? "zh" : "en")" fo:country="\(language == .chinese ? "CN" : "GB")" style:language-asian="zh" style:country-asian="CN"/>
        </style:default-style>
        <style:style style:name="Standard" style:family="paragraph"/>
        <style:style style:name="Title" style:family="paragraph" style:parent-style-name="Standard">
        <style:paragraph-properties fo:text-align="center" fo:margin-bottom="0.5cm" fo:keep-with-next="always"/>
        <style:text-properties style:font-name="Head" style:font-name-asian="Head" fo:font-size="18pt" style:font-size-asian="18pt" fo:font-weight="bold" style:font-weight-asian="bold"/>
        </style:style>
        \(Self.heading(1, size: "14pt", top: "0.5cm"))
        \(Self.heading(2, size: "12pt", top: "0.3cm"))
        <style:style style:name="Body" style:family="paragraph" style:parent-style-name="Standard">
        <style:paragraph-properties fo:text-indent="\(language == .chinese ? "0.85cm" : "0cm")" fo:margin-bottom="0.1cm"/>
        </style:style>
        <style:style style:name="Note" style:family="paragraph" style:parent-style-name="Standard">
        <style:paragraph-properties fo:border-left="0.06cm solid #aa3333" fo:padding-left="0.25cm" fo:margin-bottom="0.15cm"/>
        <style:text-properties fo:color="#661111"/>
        </style:style>
        <style:style style:name="CellText" style:family="paragraph" style:parent-style-name="Standard">
        <style:paragraph-properties fo:line-height="130%"/>
        <style:text-properties fo:font-size="10.5pt" style:font-size-asian="10.5pt"/>
        </style:style>
        <style:style style:name="CellHead" style:family="paragraph" style:parent-style-name="CellText">
        <style:text-properties fo:font-weight="bold" style:font-weight-asian="bold"/>
        </style:style>
        <style:style style:name="Sign" style:family="paragraph" style:parent-style-name="Standard">
        <style:paragraph-properties fo:margin-top="0.9cm" fo:keep-with-next="always"><style:tab-stops><style:tab-stop style:position="15.5cm" style:leader-style="solid" style:leader-text="_"/></style:tab-stops></style:paragraph-properties>
        </style:style>
        <style:style style:name="Foot" style:family="paragraph" style:parent-style-name="Standard">
        <style:paragraph-properties fo:text-align="center"/>
        <style:text-properties fo:font-size="9pt" style:font-size-asian="9pt" fo:color="#555555"/>
        </style:style>
        </office:styles>
        <office:automatic-styles>
        <style:page-layout style:name="Page"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" fo:margin-top="2.6cm" fo:margin-bottom="1.8cm" fo:margin-left="2.6cm" fo:margin-right="2.4cm"/>
        <style:footer-style><style:header-footer-properties fo:min-height="0.9cm" fo:margin-top="0.4cm"/></style:footer-style></style:page-layout>
        <style:style style:name="Table" style:family="table"><style:table-properties style:width="16cm" table:align="margins" fo:margin-bottom="0.25cm"/></style:style>
        <style:style style:name="FactLabel" style:family="table-column"><style:table-column-properties style:column-width="3.6cm" style:rel-column-width="3600*"/></style:style>
        <style:style style:name="FactValue" style:family="table-column"><style:table-column-properties style:column-width="12.4cm" style:rel-column-width="12400*"/></style:style>
        <style:style style:name="Cell" style:family="table-cell"><style:table-cell-properties fo:border="0.02cm solid #777777" fo:padding="0.12cm"/></style:style>
        <style:style style:name="HeadCell" style:family="table-cell"><style:table-cell-properties fo:border="0.02cm solid #777777" fo:padding="0.12cm" fo:background-color="#eeeeee"/></style:style>
        <style:style style:name="Row" style:family="table-row"><style:table-row-properties fo:keep-together="always"/></style:style>
        </office:automatic-styles>
        <office:master-styles><style:master-page style:name="Standard" style:page-layout-name="Page"><style:footer><text:p text:style-name="Foot">\(FlatXML.text(footer))　<text:page-number text:select-page="current">1</text:page-number></text:p></style:footer></style:master-page></office:master-styles>
        <office:body><office:text>
        <text:p text:style-name="Title">\(FlatXML.text(title))</text:p>
        \(blocks.enumerated().map { Self.flat($1, number: $0) }.joined(separator: "\n"))
        </office:text></office:body>
        </office:document>

        """
    }

    private static func heading(_ level: Int, size: String, top: String) -> String {
        """
        <style:style style:name="Heading_20_\(level)" style:display-name="Heading \(level)" style:family="paragraph" style:parent-style-name="Standard" style:next-style-name="Body" style:default-outline-level="\(level)">
        <style:paragraph-properties fo:margin-top="\(top)" fo:margin-bottom="0.15cm" fo:keep-with-next="always"/>
        <style:text-properties style:font-name="Head" style:font-name-asian="Head" fo:font-size="\(size)" style:font-size-asian="\(size)" fo:font-weight="bold" style:font-weight-asian="bold"/>
        </style:style>
        """
    }

    private static func paragraph(_ style: String, _ text: String) -> String {
        "<text:p text:style-name=\"\(style)\">\(FlatXML.text(text))</text:p>"
    }

    private static func cell(_ style: String, _ content: String) -> String {
        "<table:table-cell table:style-name=\"\(style)\" office:value-type=\"string\">\(content)</table:table-cell>"
    }

    private static func flat(_ block: Block, number: Int) -> String {
        switch block {
        case .heading(let text, let level):
            return "<text:h text:style-name=\"Heading_20_\(level)\" text:outline-level=\"\(level)\">\(FlatXML.text(text))</text:h>"
        case .paragraph(let text): return paragraph("Body", text)
        case .note(let text): return paragraph("Note", text)
        case .facts(let facts):
            let rows = facts.map { fact in
                "<table:table-row table:style-name=\"Row\">" + cell("HeadCell", paragraph("CellText", fact.label))
                    + cell("Cell", paragraph("CellText", fact.value)) + "</table:table-row>"
            }
            return
                "<table:table table:name=\"T\(number)\" table:style-name=\"Table\"><table:table-column table:style-name=\"FactLabel\"/>"
                + "<table:table-column table:style-name=\"FactValue\"/>\(rows.joined())</table:table>"
        case .table(let header, let rows):
            let head = header.map { cell("HeadCell", paragraph("CellHead", $0)) }.joined()
            let body = rows.map { row in
                "<table:table-row table:style-name=\"Row\">" + row.map { cell("Cell", paragraph("CellText", $0)) }.joined()
                    + "</table:table-row>"
            }
            return "<table:table table:name=\"T\(number)\" table:style-name=\"Table\">"
                + "<table:table-column table:number-columns-repeated=\"\(max(1, header.count))\"/>"
                + "<table:table-header-rows><table:table-row>\(head)</table:table-row></table:table-header-rows>\(body.joined())</table:table>"
        case .signatures(let names):
            return names.map { "<text:p text:style-name=\"Sign\">\(FlatXML.text($0))<text:tab/></text:p>" }.joined(separator: "\n")
        }
    }
}
