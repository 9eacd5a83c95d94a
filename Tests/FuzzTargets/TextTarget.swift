// A text and what two or three people made of it. Which of them is which makes no difference, and nothing that anybody wrote is lost.
//
//      bytes = base || FF || side || FF || side ...; what is no UTF-8 is replaced

import Records
import Support

enum TextTarget {
    static func run(_ bytes: [UInt8]) {
        let texts = bytes.split(separator: 0xff, maxSplits: 3, omittingEmptySubsequences: false).map { Array($0).text }
        let base = texts[0]
        let sides = texts.count > 1 ? Array(texts.dropFirst()) : [base]
        let merge = TextMerge(base: base, sides: sides)
        nothingIsLost(merge, base, sides)
        nobodyIsFirst(merge, base, sides)
        placesCanBeChosen(merge)
        for side in sides {
            alone(side, base, [side])
            alone(side, base, [side, side])
            alone(side, base, [base, side])
            alone(side, base, [side, base, side])
        }
    }

    /// Only one text was made of the base: that one it is.
    private static func alone(_ side: String, _ base: String, _ sides: [String]) {
        let merge = TextMerge(base: base, sides: sides)
        promise(merge.isSettled, "what one alone changed is left open")
        promise(merge.text(openAs: nil).isExactly(side), "what one alone changed is merged to something else")
    }

    /// What a side wrote stands in the spans that say so, and elsewhere it has what the base has.
    private static func nothingIsLost(_ merge: TextMerge, _ base: String, _ sides: [String]) {
        promise(merge.spans.map(\.base).joined().isExactly(base), "the spans are of another base")
        for (i, side) in sides.enumerated() {
            promise(
                merge.spans.map { $0.text(of: i) }.joined().isExactly(side), "something of side \(i) is lost, or stands elsewhere")
        }
    }

    private static func nobodyIsFirst(_ merge: TextMerge, _ base: String, _ sides: [String]) {
        let last = sides.count - 1
        let turned = TextMerge(base: base, sides: sides.reversed())
        promise(
            turned.spans.map { $0.renumbered { last - $0 } } == merge.spans, "sides the other way round merge to something else")
    }

    private static func placesCanBeChosen(_ merge: TextMerge) {
        let places = merge.spans.compactMap { span -> [TextMerge.Alternative]? in
            if case .open(_, let alternatives) = span { alternatives } else { nil }
        }
        promise(places.count == merge.openCount, "open places are counted wrongly")
        promise(merge.text(choosing: places.map { _ in nil }) != nil, "the base cannot be chosen")
        promise(merge.text(choosing: places.map(\.first?.sides.first)) != nil, "a side cannot be chosen")
        let joined = places.map { TextMerge.Place.joined($0.compactMap(\.sides.first)) }
        promise(merge.text(placing: joined) != nil, "the sides cannot be joined")
        for span in merge.spans { _ = (span.canBeJoined, span.differsOnlyInPunctuation) }
    }

    static var seeds: [[UInt8]] {
        let texts: [[String]] = [
            ["甲。乙。丙。", "甲一。乙一。丙。", "甲二。乙。丙。", "甲。乙二。丙。"],
            ["甲事。乙事。丙事。丁事。", "乙事。丙事。丁事。甲事。", "甲事二。乙事。丙事。丁事。"],
            ["石桥村今年3月5日土地流转合同未公示。\n村民王某反映12.5万元。", "石桥村今年3月6日土地流转合同未公示。\n\n村民王某反映12.5万元，干部。", "村民王某反映〔2026〕7号。"],
            ["", "a", "b"], ["a. b. c", "", "a. c"],
            ["the ledger. e\u{301}\u{200D}👩‍👦🇨🇳 x", "the ledger! 🇨🇳🇨 y", "ledger. 葛\u{E0100}"],
            ["一。\r\n二。\r\n三。", "一。\r\n三。\r\n二。", "一。\n二二。\n三。", "零。\r\n一。\r\n二。\r\n三。"],
        ]
        return texts.map { Array($0.map { Array($0.utf8) }.joined(separator: [0xff])) }
    }
}
