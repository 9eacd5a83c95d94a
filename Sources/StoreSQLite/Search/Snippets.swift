// Snippets: the piece of a text around what was found, taken from the record itself.

import Records

extension SearchQuery {
    /// How many fields are quoted, and how many characters of each.
    private static let (fieldsMax, before, charactersMax) = (3, 10, 40)

    /// Where the words stand: first the fields with most of the different words.
    func snippets(of state: RecordState, _ fields: SearchedFields) -> [SearchHit.Snippet] {
        guard !wanted.isEmpty else { return [] }
        var found: [(words: Int, snippet: SearchHit.Snippet)] = []
        for text in state.searchableTexts(fields) {
            let (folded, origins) = FoldedText.mapping(text.text)
            let places = wanted.map { word in folded.places(of: word).map { $0..<$0 + word.units.count } }
            let words = places.count { !$0.isEmpty }
            guard words > 0 else { continue }
            let marks = places.joined().map { origins[$0.lowerBound]..<origins[$0.upperBound - 1] + 1 }
            found.append((words, Self.snippet(text, marks.sorted { $0.lowerBound < $1.lowerBound })))
        }
        // Sorting is not stable, so the order of the fields is said.
        return found.enumerated().sorted { ($1.element.words, $0.offset) < ($0.element.words, $1.offset) }.prefix(Self.fieldsMax)
            .map(\.element.snippet)
    }

    /// - Parameter marks: scalars of the text, ascending; they may overlap.
    private static func snippet(_ text: SearchableText, _ marks: [Range<Int>]) -> SearchHit.Snippet {
        // Cut between characters as people see them, never within one.
        var starts: [Int] = []
        var scalars = 0
        for character in text.text {
            starts.append(scalars)
            scalars += character.unicodeScalars.count
        }
        let characters = Array(text.text)
        func isFound(_ i: Int) -> Bool {
            let range = starts[i]..<(i + 1 < starts.count ? starts[i + 1] : scalars)
            return marks.contains { $0.overlaps(range) }
        }
        let first = starts.lastIndex { $0 <= marks[0].lowerBound } ?? 0
        let start = characters.count <= charactersMax ? 0 : max(0, min(first - before, characters.count - charactersMax))
        let end = min(characters.count, start + charactersMax)
        var parts: [SearchHit.Snippet.Part] = []
        for i in start..<end {
            let found = isFound(i)
            if parts.last?.isFound == found {
                parts[parts.count - 1].text.append(characters[i])
            } else {
                parts.append(.init(text: String(characters[i]), isFound: found))
            }
        }
        return SearchHit.Snippet(field: text.field, parts: parts, isCutBefore: start > 0, isCutAfter: end < characters.count)
    }
}
