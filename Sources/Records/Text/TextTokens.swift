// A text as tokens, the pieces that no merge splits: numbers with their units, dates, document numbers, words in letters, everything
// else character by character. protocol/8-text.md, "Tokens", defines them by fixed ranges of scalars, so that no two replicas read one
// text differently however new their Unicode tables are. What those tables may join is joined here, and sometimes more.

/// One token of a text.
struct TextToken {
    enum Kind { case newline, space, mark, other }

    var kind: Kind
    /// Its bytes in the text.
    var bytes: Range<Int>
    /// Its first scalar, by which sentences end.
    var first: Unicode.Scalar
}

/// A text with its tokens.
struct TokenizedText {
    let bytes: [UInt8]
    let tokens: [TextToken]

    init(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        bytes = Array(text.utf8)
        tokens = Tokenizer(scalars).tokens()
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    func bytes(of token: Int) -> ArraySlice<UInt8> { bytes[tokens[token].bytes] }
}

private struct Tokenizer {
    private let scalars: [Unicode.Scalar]
    private var next = 0
    private var offset = 0

    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    consuming func tokens() -> [TextToken] {
        var tokens: [TextToken] = []
        tokens.reserveCapacity(scalars.count)
        while next < scalars.count {
            let (from, first) = (offset, scalars[next])
            let kind = token(first)
            tokens.append(TextToken(kind: kind, bytes: from..<offset, first: first))
        }
        return tokens
    }

    /// Goes over one token.
    private mutating func token(_ first: Unicode.Scalar) -> TextToken.Kind {
        if first.isNewline {
            take()
            if first == "\r", peek() == "\n" { take() }
            return .newline
        }
        if first.isLetter || first.isNumeral || (first.isSign && peek(1)?.isNumeral == true) {
            takeRun()
            return .other
        }
        take()
        if first.isRegionalIndicator {
            while peek()?.isRegionalIndicator == true { take() }
        } else if first.isRepeatedMark {
            while peek() == first { take() }
        }
        let end = next
        takeAttached()
        guard end == next else { return .other }
        return first.isSpace ? .space : first.isMark ? .mark : .other
    }

    /// Letters and numerals with the units and connectors between them.
    private mutating func takeRun() {
        var (isAtStart, isAfterNumeral) = (true, false)
        if let sign = peek(), !sign.isLetter, !sign.isNumeral { take() }
        while let scalar = peek() {
            if scalar.isLetter || scalar.isDigit {
                isAfterNumeral = scalar.isDigit
            } else if scalar.isChineseNumeral {
                guard isAtStart || isAfterNumeral else { return }
                isAfterNumeral = true
            } else if scalar.isMeasure {
                guard isAfterNumeral else { return }
            } else if scalar.isConnector, let following = peek(1) {
                guard following.isLetter || following.isDigit || (following.isChineseNumeral && isAfterNumeral) else { return }
            } else {
                return
            }
            take()
            takeAttached()
            isAtStart = false
        }
    }

    /// What Unicode may join to the scalar before.
    private mutating func takeAttached() {
        while let scalar = peek(), next > 0 {
            let before = scalars[next - 1]
            guard
                scalar.isAttaching || (before.isLinking && !scalar.isNewline)
                    || (before.isLeadingJamo && scalar.isHangulSyllable)
            else { return }
            take()
        }
    }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? { next + ahead < scalars.count ? scalars[next + ahead] : nil }

    private mutating func take() {
        offset += UTF8.width(scalars[next])
        next += 1
    }
}
