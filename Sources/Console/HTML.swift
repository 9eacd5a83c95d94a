// Pages, escaped by construction. Names of elements, classes and styles are written in the program, never made at run time; what
// comes out of a record can only come in as text, and leaves nothing that a browser would obey.

import Terminal

/// A piece of a page.
package struct HTML: Sendable {
    package private(set) var markup: String

    private init(markup: String) { self.markup = markup }

    /// Text from anywhere. Control, format and bidi characters are shown, not obeyed, as on a terminal; lines stay lines.
    package static func text(_ text: String) -> HTML {
        var out = ""
        for scalar in Screen.safe(text, lines: true).unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return HTML(markup: out)
    }

    package static func number(_ number: Int) -> HTML { HTML(markup: String(number)) }

    package static let nothing = HTML(markup: "")
    package static let lineBreak = HTML(markup: "<br>")

    /// What may be said of an element. None can hold a script, an address outside the page, or a style made at run time.
    package enum Attribute: Sendable {
        case `class`(StaticString)
        /// A place in the page that others point to.
        case anchor(Anchor)
        /// Points to a place in the page.
        case link(to: Anchor)
        case language(StaticString)
        case columns(Int)
        case rows(Int)
        case scope(StaticString)
        case other(StaticString, StaticString)
        /// Without a value, as `checked`.
        case flag(StaticString)

        fileprivate var markup: String {
            switch self {
            case .class(let name): " class=\"\(name)\""
            case .anchor(let anchor): " id=\"\(anchor.name)\""
            case .link(let anchor): " href=\"#\(anchor.name)\""
            case .language(let tag): " lang=\"\(tag)\""
            case .columns(let count): " colspan=\"\(count)\""
            case .rows(let count): " rowspan=\"\(count)\""
            case .scope(let scope): " scope=\"\(scope)\""
            case .other(let name, let value): " \(name)=\"\(value)\""
            case .flag(let name): " \(name)"
            }
        }
    }

    /// The name of a place in the page: a word of the program, and a number.
    package struct Anchor: Hashable, Sendable {
        fileprivate let name: String
        package init(_ word: StaticString, _ number: Int) { name = "\(word)\(number)" }
    }

    package static func element(_ name: StaticString, _ attributes: Attribute..., @Builder content: () -> [HTML]) -> HTML {
        HTML(markup: opening(name, attributes) + content().map(\.markup).joined() + "</\(name)>")
    }

    /// An element that has no content.
    package static func void(_ name: StaticString, _ attributes: Attribute...) -> HTML { HTML(markup: opening(name, attributes)) }

    private static func opening(_ name: StaticString, _ attributes: [Attribute]) -> String {
        "<\(name)\(attributes.map(\.markup).joined())>"
    }

    /// The style of a page.
    package static func style(_ rules: StaticString) -> HTML { HTML(markup: "<style>\n\(rules)</style>") }

    package static func group(@Builder _ content: () -> [HTML]) -> HTML {
        HTML(markup: content().map(\.markup).joined())
    }

    /// Pieces in a row, `separator` between them.
    package static func joined(_ pieces: [HTML], by separator: String) -> HTML {
        HTML(markup: pieces.map(\.markup).joined(separator: text(separator).markup))
    }

    /// A whole page.
    package static func document(head: HTML, body: HTML, language: StaticString) -> String {
        """
        <!DOCTYPE html>
        <html lang="\(language)">
        <head>
        \(head.markup)
        </head>
        <body>
        \(body.markup)
        </body>
        </html>

        """
    }

    @resultBuilder package enum Builder {
        package static func buildExpression(_ piece: HTML) -> [HTML] { [piece] }
        package static func buildExpression(_ pieces: [HTML]) -> [HTML] { pieces }
        package static func buildExpression(_ text: String) -> [HTML] { [.text(text)] }
        package static func buildBlock(_ parts: [HTML]...) -> [HTML] { parts.flatMap { $0 } }
        package static func buildOptional(_ part: [HTML]?) -> [HTML] { part ?? [] }
        package static func buildEither(first: [HTML]) -> [HTML] { first }
        package static func buildEither(second: [HTML]) -> [HTML] { second }
        package static func buildArray(_ parts: [[HTML]]) -> [HTML] { parts.flatMap { $0 } }
    }
}
