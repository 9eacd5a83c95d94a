// The report as one page that needs nothing else: no script, no address outside itself. Both languages are in it, one is shown; the
// switch is two radio buttons and the style.

import Journals
package import Supervision
import Terminal

extension EngagementReport {
    /// - Parameter language: the one shown first.
    package func page(_ language: Language) -> String {
        let layout = ReportLayout(self)
        let head = HTML.group {
            HTML.void("meta", .other("charset", "utf-8"))
            // Whatever came into the page, a browser loads and runs nothing from it.
            HTML.void(
                "meta", .other("http-equiv", "Content-Security-Policy"),
                .other("content", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"))
            HTML.void("meta", .other("name", "viewport"), .other("content", "width=device-width, initial-scale=1"))
            HTML.void("meta", .other("name", "referrer"), .other("content", "no-referrer"))
            HTML.void("meta", .other("name", "robots"), .other("content", "noindex, noarchive"))
            HTML.element("title") { title.value[language] + " " + "\(day)" }
            HTML.style(PageStyle.rules)
        }
        let body = HTML.group {
            radio("switch-zh", "zh", isChecked: language == .chinese)
            radio("switch-en", "en", isChecked: language == .english)
            HTML.element("nav", .class("switch")) {
                HTML.element("label", .other("for", "switch-zh"), .language("zh-CN")) { "中文" }
                HTML.element("label", .other("for", "switch-en"), .language("en")) { "English" }
            }
            article(layout, .chinese)
            article(layout, .english)
        }
        return HTML.document(head: head, body: body, language: language == .chinese ? "zh-CN" : "en")
    }

    private func radio(_ id: StaticString, _ value: StaticString, isChecked: Bool) -> HTML {
        let kind = HTML.Attribute.other("type", "radio")
        let name = HTML.Attribute.other("name", "language")
        return isChecked
            ? .void("input", kind, name, .other("id", id), .other("value", value), .flag("checked"))
            : .void("input", kind, name, .other("id", id), .other("value", value))
    }

    private func article(_ layout: ReportLayout, _ t: Language) -> HTML {
        let content = Article(t: t)
        return HTML.element("main", .class(t == .chinese ? "zh" : "en"), .language(t == .chinese ? "zh-CN" : "en")) {
            HTML.element("header") {
                if includesRestricted { HTML.element("p", .class("secrecy")) { t("限知", "Restricted") } }
                HTML.element("h1") { content.cell(layout.title) }
                HTML.element("p", .class("subtitle")) { layout.subtitle[t] }
            }
            HTML.element("dl", .class("summary")) {
                for figure in layout.summary {
                    HTML.element("div", .class(figure.isUrgent ? "urgent" : "")) {
                        HTML.element("dt") { figure.label[t] }
                        HTML.element("dd") { figure.value[t] }
                    }
                }
            }
            for (i, section) in layout.sections.enumerated() {
                HTML.element("section", .class(section.isLong ? "long" : "")) {
                    HTML.element("h2") { t("\(Self.ordinal(i + 1))、", "\(i + 1). ") + section.heading[t] }
                    content.blocks(section.blocks)
                }
            }
            HTML.element("footer") {
                HTML.element("ul") { for note in layout.notes { HTML.element("li") { note[t] } } }
                HTML.element("p") { t("任务编号 \(short)，范围 \(scope.name)", "Engagement \(short), scope \(scope.name)") }
            }
        }
    }
}

/// The blocks of one language's half of the page.
private struct Article {
    let t: Language

    /// A place in the list of what waits. Each language has its own.
    private func anchor(_ number: Int) -> HTML.Anchor { t == .chinese ? .init("dai", number) : .init("review", number) }

    func blocks(_ blocks: [ReportLayout.Block]) -> [HTML] {
        var out: [HTML] = []
        var small: [HTML] = []
        // Small tables stand side by side.
        func flush() {
            if !small.isEmpty { out.append(HTML.element("div", .class("side")) { small }) }
            small = []
        }
        for block in blocks {
            switch block {
            case .table(let grid) where grid.columns.count == 2: small.append(table(grid))
            case .table(let grid):
                flush()
                out.append(table(grid))
            case .note(let note):
                flush()
                out.append(HTML.element("p", .class("note")) { note[t] })
            case .facts(let facts):
                flush()
                out.append(self.facts(facts))
            }
        }
        flush()
        return out
    }

    private func facts(_ facts: [EngagementReport.Fact]) -> HTML {
        HTML.element("table", .class("facts")) {
            HTML.element("tbody") {
                for fact in facts {
                    HTML.element("tr") {
                        HTML.element("th", .scope("row")) { fact.label[t] }
                        HTML.element("td") { cell(fact.cell) }
                    }
                }
            }
        }
    }

    private func table(_ grid: ReportLayout.Grid) -> HTML {
        HTML.element("table") {
            if let caption = grid.caption { HTML.element("caption") { caption[t] } }
            HTML.element("thead") {
                HTML.element("tr") {
                    for column in grid.columns { HTML.element("th", .scope("col"), style(column)) { column.label[t] } }
                }
            }
            HTML.element("tbody") { for row in grid.rows { self.row(row, grid) } }
        }
    }

    private func row(_ row: ReportLayout.Row, _ grid: ReportLayout.Grid) -> HTML {
        let first = grid.columns.firstIndex { $0.width == .wide } ?? 0
        let cells = HTML.group {
            for (i, column) in grid.columns.enumerated() {
                HTML.element("td", style(column)) {
                    if i == first, row.isRestricted { HTML.element("span", .class("restricted")) { t("限知", "restricted") } }
                    if i < row.cells.count { cell(row.cells[i]) }
                    if i == first, !row.waits.isEmpty { mark(row.waits) }
                }
            }
        }
        let kind = HTML.Attribute.class(row.isTotal ? "total" : "")
        guard let number = row.number else { return HTML.element("tr", kind) { cells } }
        return HTML.element("tr", kind, .anchor(anchor(number))) { cells }
    }

    private func style(_ column: ReportLayout.Column) -> HTML.Attribute {
        switch column.width {
        case .number: .class("number")
        case .time: .class("time")
        case .narrow: .class("narrow")
        case .wide: .class("wide")
        }
    }

    func cell(_ cell: Cell) -> HTML {
        if cell.waits.isEmpty { return .text(cell.value[t]) }
        return HTML.group {
            HTML.element("span", .class("contested")) {
                cell.value[t]
                if !cell.others.isEmpty {
                    HTML.element("span", .class("or")) {
                        t("（或：", " (or: ") + cell.others.map { $0[t] }.joined(separator: t("、", ", ")) + t("）", ")")
                    }
                }
            }
            mark(cell.waits)
        }
    }

    private func mark(_ numbers: [Int]) -> HTML {
        HTML.group {
            for number in numbers {
                HTML.element("a", .class("mark"), .link(to: anchor(number))) { t("待裁定 \(number)", "review \(number)") }
            }
        }
    }
}
