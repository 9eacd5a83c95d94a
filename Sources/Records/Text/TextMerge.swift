// Several versions of a text and the one they all come from, merged (protocol/8-text.md). What different sides changed in different
// sentences is taken together; where they changed the same sentence, a person chooses.

/// What became of a text that was changed in several places at once.
public struct TextMerge: Hashable, Sendable {
    /// One of the texts an open span may get.
    public struct Alternative: Hashable, Sendable {
        /// What would stand there.
        public var text: String
        /// Which sides have it so, ascending.
        public var sides: [Int]
    }

    /// A piece of the merged text.
    public enum Span: Hashable, Sendable {
        /// As it was.
        case same(String)
        /// Changed by these sides, alike, while the others left it alone.
        case merged(base: String, text: String, sides: [Int])
        /// Changed by several sides, not alike, or moved by one and changed by another. The sides not listed left it as it was.
        case open(base: String, alternatives: [Alternative])
    }

    /// The text in order. Two spans of one kind stand beside each other only where different sides made them.
    public var spans: [Span]

    /// Whether nothing is left for a person to choose.
    public var isSettled: Bool { openCount == 0 }

    /// How many places are open.
    public var openCount: Int {
        spans.count { if case .open = $0 { true } else { false } }
    }

    /// The text with all that merged, and in open spans what one side has.
    ///
    /// - Parameter side: nil, or a side that left an open span alone, gives what stood there before.
    public func text(openAs side: Int?) -> String {
        spans.map { Self.text(of: $0, openAs: side) }.joined()
    }

    /// What an open span is to become.
    public enum Place: Hashable, Sendable {
        /// What stood there before.
        case base
        /// What a side has there.
        case side(Int)
        /// What several sides have there, one after the other: both accounts.
        case joined([Int])
        /// Something else.
        case text(String)
    }

    /// The text with all that merged, and in the open spans, in their order, what these places say.
    ///
    /// - Returns: nil if there are not as many places as open spans, or one names a side that left its span alone.
    public func text(placing places: [Place]) -> String? {
        var left = places[...]
        var text = ""
        for span in spans {
            guard case .open(let base, let alternatives) = span else {
                text += Self.text(of: span, openAs: nil)
                continue
            }
            func written(by side: Int) -> String? { alternatives.first { $0.sides.contains(side) }?.text }
            switch left.popFirst() {
            case nil: return nil
            case .base?: text += base
            case .text(let own)?: text += own
            case .side(let side)?:
                guard let written = written(by: side) else { return nil }
                text += written
            case .joined(let sides)?:
                let texts = sides.compactMap(written)
                guard texts.count == sides.count, !sides.isEmpty else { return nil }
                text += texts.joined()
            }
        }
        return left.isEmpty ? text : nil
    }

    /// The text with all that merged, and in the open spans, in their order, what these sides have there.
    ///
    /// - Parameter choices: for each open span a side that changed it; nil gives what stood there before.
    /// - Returns: nil if there are not as many choices as open spans, or a side left its span alone.
    public func text(choosing choices: [Int?]) -> String? { text(placing: choices.map { $0.map(Place.side) ?? .base }) }

    private static func text(of span: Span, openAs side: Int?) -> String {
        switch span {
        case .same(let text), .merged(_, let text, _): text
        case .open(let base, let alternatives):
            alternatives.first { alternative in side.map { alternative.sides.contains($0) } ?? false }?.text ?? base
        }
    }

    /// Merges the sides into what they have in common.
    ///
    /// Which side is which changes nothing but the numbers; a side that is the base changes nothing at all.
    /// - Complexity: about linear in the texts' lengths times the sides; a stretch of many sentences in which nothing is alike is taken as one.
    public init(base: String, sides: [String]) {
        let base = TokenizedText(base)
        let units = base.units()
        var names: [ArraySlice<UInt8>: Int] = [:]
        func named(_ text: TokenizedText, _ units: [TextUnit]) -> [Int] {
            units.map { unit in
                let bytes = text.bytes[text.bytes(of: CollectionOfOne(unit))]
                if let known = names[bytes] { return known }
                names[bytes] = names.count
                return names.count - 1
            }
        }
        let baseNames = named(base, units)
        let changes = sides.enumerated().map { side, text in
            let text = TokenizedText(text)
            let textUnits = text.units()
            return SideChanges(
                side: side, text: text, units: textUnits, names: named(text, textUnits), base: base, baseUnits: units,
                baseNames: baseNames)
        }
        spans = Merger(base: base, units: units, names: baseNames, sides: changes).spans()
    }
}

extension TextMerge.Span {
    /// Whether the alternatives of an open span can stand one after the other: whole sentences all of them.
    public var canBeJoined: Bool {
        guard case .open(_, let alternatives) = self, alternatives.count > 1 else { return false }
        return alternatives.allSatisfy { alternative in alternative.text.last.map { "。！？；…!?;\n".contains($0) } ?? false }
    }

    /// Whether the alternatives of an open span say the same in the same words, and differ only in punctuation, blanks, width or newlines.
    public var differsOnlyInPunctuation: Bool {
        guard case .open(_, let alternatives) = self, let first = alternatives.first, alternatives.count > 1 else { return false }
        let words = TokenizedText(first.text).words
        return alternatives.dropFirst().allSatisfy { TokenizedText($0.text).words == words }
    }
}

extension TokenizedText {
    /// The tokens that are no blank and no punctuation, all in half width.
    fileprivate var words: [[Unicode.Scalar]] {
        tokens.filter { $0.kind == .other }.map { text($0.bytes).unicodeScalars.map(\.narrowed) }
    }
}

/// A stretch of the base that one side replaced: units `lower..<upper` of the base by `units` of its own; nothing where it only put in.
struct TextRegion {
    var side: Int
    var lower: Int
    var upper: Int
    var units: Range<Int>

    var isInsertion: Bool { lower == upper }
    /// One unit in place of one: what stands before and behind it is not touched.
    var isInPlace: Bool { upper - lower == 1 && units.count == 1 }

    /// Whether two sides' changes get in each other's way.
    func touches(_ other: TextRegion) -> Bool {
        if isInsertion, other.isInsertion { return lower == other.lower }
        if isInsertion || other.isInsertion {
            let (point, stretch) = isInsertion ? (lower, other) : (other.lower, self)
            if stretch.lower < point, point < stretch.upper { return true }
            return (point == stretch.lower || point == stretch.upper) && !stretch.isInPlace
        }
        return lower < other.upper && other.lower < upper
    }
}

/// What one side changed.
struct SideChanges {
    let side: Int
    let text: TokenizedText
    let units: [TextUnit]
    let names: [Int]
    let regions: [TextRegion]

    init(
        side: Int, text: TokenizedText, units: [TextUnit], names: [Int], base: TokenizedText, baseUnits: [TextUnit],
        baseNames: [Int]
    ) {
        (self.side, self.text, self.units, self.names) = (side, text, units, names)
        var regions: [TextRegion] = []
        func put(_ lower: Int, _ upper: Int, _ units: Range<Int>) {
            let isSame = upper - lower == 1 && units.count == 1 && baseNames[lower] == names[units.lowerBound]
            if !isSame, lower < upper || !units.isEmpty {
                regions.append(TextRegion(side: side, lower: lower, upper: upper, units: units))
            }
        }
        func areAlike(_ i: Int, _ j: Int) -> Bool {
            TokenizedText.areAlike(base, baseUnits[i].tokens, text, units[j].tokens)
        }
        var (i, j) = (0, 0)
        for pair in Alignment(baseNames, names).pairs + [(baseNames.count, names.count)] {
            // Those that are probably the same sentences, from both ends; what is left between them is one region.
            var (head, tail) = (0, 0)
            let fewest = min(pair.a - i, pair.b - j)
            while head < fewest, areAlike(i + head, j + head) { head += 1 }
            while tail < fewest - head, areAlike(pair.a - 1 - tail, pair.b - 1 - tail) { tail += 1 }
            let rest = (base: pair.a - i - head - tail, own: pair.b - j - head - tail)
            if rest != (0, 0) {
                // What was split, joined or moved over a full stop belongs together.
                (head, tail) = (max(0, head - 1), max(0, tail - 1))
            }
            for k in 0..<head { put(i + k, i + k + 1, j + k..<j + k + 1) }
            put(i + head, pair.a - tail, j + head..<pair.b - tail)
            for k in (0..<tail).reversed() { put(pair.a - 1 - k, pair.a - k, pair.b - 1 - k..<pair.b - k) }
            (i, j) = (pair.a + 1, pair.b + 1)
        }
        self.regions = regions
    }

    func text(of region: TextRegion) -> String { text.text(text.bytes(of: units[region.units])) }
}
