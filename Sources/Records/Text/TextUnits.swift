// A text as units, what a merge aligns: sentences, and the breaks between paragraphs (protocol/8-text.md, "Units").

/// One unit of a text.
struct TextUnit {
    /// Its tokens.
    var tokens: Range<Int>
    /// Whether it says anything: it is not all blanks and punctuation.
    var says: Bool
}

extension TokenizedText {
    /// The units, in order; together they are the text.
    func units() -> [TextUnit] {
        var units: [TextUnit] = []
        var start = 0
        while start < tokens.count {
            let end = endOfBreak(start) ?? endOfSentence(start)
            units.append(TextUnit(tokens: start..<end, says: tokens[start..<end].contains { $0.kind == .other }))
            start = end
        }
        return units
    }

    func bytes(of units: some Collection<TextUnit>) -> Range<Int> {
        guard let first = units.first, let last = units.suffix(1).first else { return 0..<0 }
        return tokens[first.tokens.lowerBound].bytes.lowerBound..<tokens[last.tokens.upperBound - 1].bytes.upperBound
    }

    /// Whether one unit is probably the other one, edited: half of the longer one is what both begin and end with.
    static func areAlike(_ a: TokenizedText, _ x: Range<Int>, _ b: TokenizedText, _ y: Range<Int>) -> Bool {
        let fewest = min(x.count, y.count)
        var head = 0
        while head < fewest, a.bytes(of: x.lowerBound + head) == b.bytes(of: y.lowerBound + head) { head += 1 }
        var tail = 0
        while tail < fewest - head, a.bytes(of: x.upperBound - 1 - tail) == b.bytes(of: y.upperBound - 1 - tail) { tail += 1 }
        return 2 * (head + tail) >= max(x.count, y.count)
    }

    /// A break is a run of blanks with a newline in it; nil if none begins here.
    private func endOfBreak(_ start: Int) -> Int? {
        var end = start
        var hasNewline = false
        while end < tokens.count, tokens[end].kind == .newline || tokens[end].kind == .space {
            hasNewline = hasNewline || tokens[end].kind == .newline
            end += 1
        }
        return hasNewline ? end : nil
    }

    /// A sentence begins with the blanks before it, and ends with its marks and what closes them, before a break, or with the text.
    private func endOfSentence(_ start: Int) -> Int {
        var end = start
        while end < tokens.count {
            switch tokens[end].kind {
            case .newline, .space:
                if endOfBreak(end) != nil { return end }
                end += 1
            case .other:
                end += 1
            case .mark:
                guard tokens[end].first.endsSentence || tokens[end].first.mayEndSentence else {
                    end += 1
                    continue
                }
                var isEnd = false
                while end < tokens.count, tokens[end].kind == .mark, tokens[end].first.isOfEnd {
                    isEnd = isEnd || tokens[end].first.endsSentence
                    end += 1
                }
                if isEnd || end == tokens.count || tokens[end].kind != .other { return end }
            }
        }
        return end
    }
}

extension Unicode.Scalar {
    fileprivate var isOfEnd: Bool { endsSentence || mayEndSentence || closesSentence }
}
