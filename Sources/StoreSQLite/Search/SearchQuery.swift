// What is searched for, and what is found.

public import Causality
public import Records

/// What to search for.
///
/// The words of a query must all be found in a record, in whatever fields: `石桥 土地 流转`. A Chinese word is found anywhere in a text, a
/// word in letters or digits where a word begins with it (`talk` in `talks`, not in `stalk`). `"合同 到期"` is one phrase, found as it
/// stands, and `-鱼塘` leaves out what has the word. Case, full and half width, accents and the ways to write quotation marks make no
/// difference. Words of punctuation alone are ignored.
///
/// ```swift
/// var query = SearchQuery("土地 流转 -鱼塘")
/// query.types = ["talk", "finding"]
/// for hit in try store.search(query) { print(hit.record, hit.snippets.map(\.text)) }
/// ```
public struct SearchQuery: Sendable {
    /// Only records of these types; nil: of every type.
    public var types: Set<TypeKey>?
    /// Only records in these scopes; nil: in every scope.
    public var scopes: Set<ScopeID>?
    /// Only records these people wrote something of, or that refer to one of these records.
    public var people: People?
    /// Only records last changed at or after this time, by the service's clock.
    public var since: Timestamp?
    /// Only records last changed before this time.
    public var until: Timestamp?
    /// How many to return at most.
    public var limit = 20
    /// How many of the best to pass over.
    public var offset = 0

    /// People as writers, by their roster ids, and as what records refer to.
    public struct People: Hashable, Sendable {
        public var authors: Set<String>
        public var records: Set<RecordID>
        public init(authors: Set<String> = [], records: Set<RecordID> = []) { (self.authors, self.records) = (authors, records) }
    }

    let wanted: [FoldedText]
    let excluded: [FoldedText]

    /// Reads a query as a person types it. Everything can be read: there are no errors.
    public init(_ text: String = "") {
        var parser = QueryParser(text)
        (wanted, excluded) = parser.parse()
    }

    /// Whether there is no word to look for: then everything the filters let through is found, the newest change first.
    public var isWithoutWords: Bool { wanted.isEmpty }
}

/// A record that was found.
public struct SearchHit: Sendable {
    public var scope: ScopeID
    /// The record as it stood when it was found.
    public var state: RecordState
    /// How well it fits: higher is better. Comparable only within one search.
    public var score: Double
    /// Where its words stand, the best places first.
    public var snippets: [Snippet]

    public var record: RecordID { state.record }
    public var type: TypeKey { state.type }

    /// A piece of a field's text around what was found.
    public struct Snippet: Hashable, Sendable {
        public var field: FieldKey
        /// In order; together they are the piece. Nothing of it is escaped.
        public var parts: [Part]
        /// Whether the text goes on before and after.
        public var isCutBefore: Bool
        public var isCutAfter: Bool

        public struct Part: Hashable, Sendable {
            public var text: String
            /// Whether this is what was searched for.
            public var isFound: Bool
        }

        public var text: String { parts.map(\.text).joined() }
    }
}

/// Takes a query apart: words, "phrases", and - before what must not be there.
private struct QueryParser {
    private let scalars: [Unicode.Scalar]
    private var at = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool { "\"“”„「」『』﹁﹂﹃﹄〝〞＂".unicodeScalars.contains(scalar) }
    private static func isMinus(_ scalar: Unicode.Scalar) -> Bool { scalar == "-" || scalar == "－" || scalar == "−" }

    mutating func parse() -> (wanted: [FoldedText], excluded: [FoldedText]) {
        var wanted: [FoldedText] = []
        var excluded: [FoldedText] = []
        while at < scalars.count {
            if scalars[at].properties.isWhitespace {
                at += 1
                continue
            }
            let isExcluded = Self.isMinus(scalars[at])
            if isExcluded { at += 1 }
            guard at < scalars.count, !scalars[at].properties.isWhitespace else { continue }
            let isPhrase = Self.isQuote(scalars[at])
            if isPhrase { at += 1 }
            var text = String.UnicodeScalarView()
            while at < scalars.count {
                let scalar = scalars[at]
                if Self.isQuote(scalar) || !isPhrase && scalar.properties.isWhitespace { break }
                text.append(scalar)
                at += 1
            }
            // A phrase ends behind its closing quotation mark; a word before the next opening one.
            if isPhrase { at += 1 }
            let word = FoldedText(String(text)).trimmed
            if word.units.isEmpty { continue }
            if isExcluded { excluded.append(word) } else if !wanted.contains(word) { wanted.append(word) }
        }
        return (wanted, excluded)
    }
}
