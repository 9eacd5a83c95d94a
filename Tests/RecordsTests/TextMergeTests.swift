// The merge of texts on its own: laws that hold for whatever people write, and scalars that must stay together.

import Chance
import Support
import Testing

@testable import Records

private func merge(_ base: String, _ sides: String...) -> TextMerge { TextMerge(base: base, sides: sides) }

struct TextMergeTests {
    @Test func `an open place takes only what is offered there`() {
        let merge = merge("甲。乙。丙。", "甲一。乙一。丙。", "甲二。乙。丙。", "甲。乙二。丙。")
        #expect(merge.openCount == 2)
        #expect(merge.text(choosing: [0, 0]) == "甲一。乙一。丙。")
        #expect(merge.text(choosing: [1, 2]) == "甲二。乙二。丙。")
        #expect(merge.text(choosing: [nil, 2]) == "甲。乙二。丙。")
        // The second left the second place alone, the third the first.
        for wrong in [[1, 1], [2, 2], [0], [0, 0, 0], [7, 0]] as [[Int?]] { #expect(merge.text(choosing: wrong) == nil) }
    }

    @Test func `a sentence that one moved and another changed is not settled unseen`() {
        let merge = merge("甲事。乙事。丙事。丁事。", "乙事。丙事。丁事。甲事。", "甲事二。乙事。丙事。丁事。")
        #expect(merge.openCount == 2)
        #expect(merge.text(openAs: 1) == "甲事二。乙事。丙事。丁事。")
        #expect(merge.text(openAs: 0) == "乙事。丙事。丁事。甲事。")
    }

    // MARK: Laws

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `merging with a side that changed nothing gives the other, whatever it changed`(_ seed: UInt64) {
        var writer = Writer(seed)
        let (base, other) = (writer.text(), writer.text())
        for edited in [writer.edited(base), other] {
            for merge in [
                merge(base, edited, base), merge(base, base, edited), merge(base, edited), merge(base, edited, edited, base),
            ] {
                #expect(merge.isSettled && merge.text(openAs: nil).utf8.elementsEqual(edited.utf8))
            }
        }
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `which side is which changes nothing but the numbers`(_ seed: UInt64) {
        var writer = Writer(seed)
        let base = writer.text()
        let sides = (0..<3).map { _ in writer.edited(base) }
        let order = [2, 0, 1]
        let (straight, turned) = (TextMerge(base: base, sides: sides), TextMerge(base: base, sides: order.map { sides[$0] }))
        #expect(straight.spans.map(\.withoutSides) == turned.spans.map(\.withoutSides))
        #expect(straight.spans == turned.spans.map { $0.renumbered { order[$0] } })
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `each side is what its own spans and the base elsewhere spell`(_ seed: UInt64) {
        var writer = Writer(seed)
        let base = writer.text()
        let sides = (0..<3).map { _ in writer.edited(base) }
        let spans = TextMerge(base: base, sides: sides).spans
        #expect(spans.map(\.base).joined().utf8.elementsEqual(base.utf8))
        // Nothing that anybody wrote is missing, and nothing stands where it was not written.
        for (i, side) in sides.enumerated() {
            #expect(spans.map { $0.text(of: i) }.joined().utf8.elementsEqual(side.utf8))
        }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `no span and no token ends within what a reader sees as one character`(_ seed: UInt64) {
        var writer = Writer(seed, alphabet: Writer.scraps)
        let base = writer.text()
        let sides = (0..<2).map { _ in writer.edited(base) }
        for text in [base] + sides {
            let (inside, ends) = (Self.ends(TokenizedText(text).tokens.map(\.bytes.upperBound)), Self.characterEnds(text))
            #expect(inside.isSubset(of: ends))
        }
        for span in TextMerge(base: base, sides: sides).spans {
            for text in span.texts { #expect(Self.characterEnds(text).contains(text.utf8.count) || text.isEmpty) }
        }
    }

    private static func ends(_ ends: [Int]) -> Set<Int> { Set(ends) }
    private static func characterEnds(_ text: String) -> Set<Int> {
        var end = 0
        return Set(
            text.map { character in
                end += character.utf8.count
                return end
            })
    }

    @Test
    func `every scalar that Unicode joins to the one before it is joined`() {
        var split: [String] = []
        for base in ["中", "a", "é", "5", "。", "👩", " ", "가", "ᄀ", "🇨", "が"] {
            for value in UInt32(0x80)...0x1FFFF {
                guard let scalar = Unicode.Scalar(value) else { continue }
                let text = base + String(scalar)
                if text.count == 1, TokenizedText(text).tokens.count != 1 { split.append("U+" + String(value, radix: 16)) }
            }
        }
        #expect(split == [])
    }
}

extension TextMerge.Span {
    fileprivate var texts: [String] {
        switch self {
        case .same(let text): [text]
        case .merged(let base, let text, _): [base, text]
        case .open(let base, let alternatives): [base] + alternatives.map(\.text)
        }
    }

    fileprivate var withoutSides: [String] {
        switch self {
        case .same(let text): ["same", text]
        case .merged(let base, let text, _): ["merged", base, text]
        case .open(let base, let alternatives): ["open", base] + alternatives.map(\.text).sorted()
        }
    }
}

/// Writes notes and changes them as people do: within a sentence, sentences added, taken out, moved, joined, paragraphs broken.
private struct Writer {
    static let words = [
        "石桥村", "今年", "3月5日", "土地", "流转", "合同", "未公示", "村民", "王某", "12.5万元", "反映", "〔2026〕7号", "干部", "道路", "the ledger", "二十三户",
        "𠮷田",
    ]
    static let scraps = [
        "中", "a", "5", ".", "。", "！", " ", "\n", "\r\n", "\u{301}", "\u{FE0F}", "\u{200D}", "👩", "👦", "🏽", "🇨", "🇳", "葛\u{E0100}",
        "𠮷", "क", "्", "ष", "ᄀ",
        "가", "ᆨ", "か\u{3099}", "…", "—", "1\u{FE0F}\u{20E3}", "ก", "ำ", "\u{600}", "א",
    ]

    private var random: SplitMix64
    private let alphabet: [String]

    init(_ seed: UInt64, alphabet: [String] = Writer.words) { (random, self.alphabet) = (SplitMix64(seed: seed), alphabet) }

    private mutating func below(_ n: Int) -> Int { Int(random.next() % UInt64(n)) }
    private mutating func word() -> String { alphabet[below(alphabet.count)] }

    private mutating func sentence() -> String {
        (0...below(4)).map { _ in word() }.joined(separator: below(4) == 0 ? "，" : "")
            + ["。", "。", "！", "；", "……", ". ", ""][below(7)]
    }

    mutating func text() -> String {
        (0..<below(9)).map { _ in sentence() + (below(5) == 0 ? ["\n", "\r\n", "\n\n　　"][below(3)] : "") }.joined()
    }

    mutating func edited(_ base: String) -> String {
        var text = Array(
            TokenizedText(base).units().map { [$0] }.map { TokenizedText(base).text(TokenizedText(base).bytes(of: $0)) })
        for _ in 0...below(3) {
            let i = below(text.count + 1)
            switch below(6) {
            case 0: text.insert(sentence(), at: i)
            case 1 where i < text.count: text.remove(at: i)
            case 2 where i < text.count: text[i] = word() + text[i]
            case 3 where i < text.count: text[i] += word()
            case 4 where i < text.count:
                let moved = text.remove(at: i)
                text.insert(moved, at: below(text.count + 1))
            case 5 where i < text.count:
                var characters = Array(text[i])
                if !characters.isEmpty { characters.remove(at: below(characters.count)) }
                text[i] = String(characters)
            default: break
            }
        }
        return text.joined()
    }
}
