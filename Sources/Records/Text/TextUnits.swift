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
