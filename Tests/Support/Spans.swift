// What a span of a text merge says of the base and of each side.

package import Records

extension TextMerge.Span {
    /// What stood there.
    package var base: String {
        switch self {
        case .same(let text): text
        case .merged(let base, _, _), .open(let base, _): base
        }
    }

    /// What a side has there.
    package func text(of side: Int) -> String {
        switch self {
        case .same(let text): text
        case .merged(let base, let text, let sides): sides.contains(side) ? text : base
        case .open(let base, let alternatives): alternatives.first { $0.sides.contains(side) }?.text ?? base
        }
    }

    /// The same with other numbers for the sides.
    package func renumbered(_ number: (Int) -> Int) -> TextMerge.Span {
        switch self {
        case .same: return self
        case .merged(let base, let text, let sides): return .merged(base: base, text: text, sides: sides.map(number).sorted())
        case .open(let base, var alternatives):
            for i in alternatives.indices { alternatives[i].sides = alternatives[i].sides.map(number).sorted() }
            return .open(base: base, alternatives: alternatives.sorted { $0.sides.lexicographicallyPrecedes($1.sides) })
        }
    }
}
