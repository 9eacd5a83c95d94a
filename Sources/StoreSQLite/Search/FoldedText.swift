// A text as search sees it: without case, width, accents and fancy punctuation, each scalar with its class.
//
//      "ＡＢ—土地，流转。" is searched as "ab-土地,流转."
//
// What one scalar becomes depends on nothing around it: the same text folds alike wherever it stands, so a part of a text folds to a
// part of the folded text. (NFKC would join scalars; so it is NFKD, without its accents.)

import Synchronization

import Foundation

/// Scalars, each with its class in the top two bits.
struct FoldedText: Hashable {
    typealias Unit = UInt32
    private(set) var units: [Unit] = []

    /// Nothing that can be searched for: spaces, punctuation, most symbols.
    static let gap: Unit = 0 << 30
    /// Of a script that writes words apart: they are found by their beginnings.
    static let letter: Unit = 1 << 30
    /// Of a script that does not (Chinese, kana, Thai ...), or a pictograph: found anywhere.
    static let ideograph: Unit = 2 << 30
    static let classMask: Unit = 3 << 30
    static let space: Unit = 0x20

    init() {}

    init(_ text: String) {
        units.reserveCapacity(text.utf8.count / 2)
        FoldingTable.shared.fold(text) { unit, _ in append(unit) }
    }

    init(_ units: some Sequence<Unit>) { self.units = Array(units) }

    /// Also tells, for each unit, which scalar of the text it came from.
    static func mapping(_ text: String) -> (text: FoldedText, origins: [Int]) {
        var folded = FoldedText()
        var origins: [Int] = []
        FoldingTable.shared.fold(text) { unit, origin in if folded.append(unit) { origins.append(origin) } }
        return (folded, origins)
    }

    /// Spaces count once, however many there are. False if nothing was added.
    @discardableResult
    private mutating func append(_ unit: Unit) -> Bool {
        if unit == Self.space, units.last == Self.space { return false }
        units.append(unit)
        return true
    }

    static func isLetter(_ unit: Unit) -> Bool { unit & classMask == letter }
    static func isIdeograph(_ unit: Unit) -> Bool { unit & classMask == ideograph }
    static func isGap(_ unit: Unit) -> Bool { unit & classMask == gap }

    /// Without the gaps at both ends.
    var trimmed: FoldedText {
        guard let first = units.firstIndex(where: { !Self.isGap($0) }), let last = units.lastIndex(where: { !Self.isGap($0) })
        else { return FoldedText() }
        return FoldedText(units[first...last])
    }

    /// Where a part stands, each place only once. A part that begins with a letter is found only where a word begins: `art` is in
    /// `art` and `artist`, not in `part`.
    func places(of part: FoldedText, max limit: Int = .max) -> [Int] {
        guard let first = part.units.first, units.count >= part.units.count else { return [] }
        var places: [Int] = []
        let last = units.count - part.units.count
        units.withUnsafeBufferPointer { text in
            part.units.withUnsafeBufferPointer { part in
                var i = 0
                search: while i <= last {
                    guard text[i] == first, !(Self.isLetter(first) && i > 0 && Self.isLetter(text[i - 1])) else {
                        i += 1
                        continue
                    }
                    for k in 1..<max(1, part.count) where text[i + k] != part[k] {
                        i += 1
                        continue search
                    }
                    places.append(i)
                    if places.count == limit { return }
                    i += part.count
                }
            }
        }
        return places
    }

    func contains(_ part: FoldedText) -> Bool { !places(of: part, max: 1).isEmpty }
}

/// What each scalar folds to. Pages of 256 are made when first met; those of ASCII and the common Chinese characters need none.
private final class FoldingTable: Sendable {
    static let shared = FoldingTable()

    private struct Page: Sendable {
        /// Nothing, or several units: see `others`.
        static let other: FoldedText.Unit = .max
        var units: [FoldedText.Unit]
        var others: [UInt32: [FoldedText.Unit]]
    }
    private let pages = Mutex<[UInt32: Page]>([:])
    private let ascii: [FoldedText.Unit] = (0..<128).map {
        FoldingTable.folded(Unicode.Scalar(UInt8($0))).first ?? FoldedText.space
    }

    /// Hands on each unit and the number of the scalar it came from.
    func fold(_ text: String, _ body: (FoldedText.Unit, Int) -> Void) {
        pages.withLock { pages in
            var i = 0
            for scalar in text.unicodeScalars {
                let value = scalar.value
                if value < 0x80 {
                    body(ascii[Int(value)], i)
                } else if (0x4E00...0x9FFF).contains(value) {
                    body(value | FoldedText.ideograph, i)
                } else {
                    if pages[value >> 8] == nil { pages[value >> 8] = Self.page(value >> 8) }
                    let unit = pages[value >> 8]?.units[Int(value & 0xFF)] ?? Page.other
                    if unit != Page.other {
                        body(unit, i)
                    } else {
                        for unit in pages[value >> 8]?.others[value] ?? [] { body(unit, i) }
                    }
                }
                i += 1
            }
        }
    }

    private static func page(_ number: UInt32) -> Page {
        var page = Page(units: [], others: [:])
        for value in number << 8..<(number + 1) << 8 {
            let units = Unicode.Scalar(value).map(folded) ?? []
            page.units.append(units.count == 1 ? units[0] : Page.other)
            if units.count > 1 { page.others[value] = units }
        }
        return page
    }

    private static func folded(_ scalar: Unicode.Scalar) -> [FoldedText.Unit] {
        if let alike = alike[scalar.value] { return [alike] }
        // A Hangul syllable is one thing to search for; taken apart it would be three.
        if (0xAC00...0xD7A3).contains(scalar.value) { return [scalar.value | FoldedText.ideograph] }
        return String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars.flatMap { part -> [FoldedText.Unit] in
            if (0x300...0x36F).contains(part.value) || (0xFE00...0xFE0F).contains(part.value) { return [] }
            if let alike = alike[part.value] { return [alike] }
            // By way of the upper case, so that ß is ss and every sigma the same.
            return part.properties.uppercaseMapping.lowercased().unicodeScalars.compactMap(unit)
        }
    }

    private static func unit(_ scalar: Unicode.Scalar) -> FoldedText.Unit? {
        switch scalar.properties.generalCategory {
        case .format: return nil
        case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator: return FoldedText.space
        case .otherSymbol: return scalar.value | FoldedText.ideograph
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber,
            .otherNumber, .nonspacingMark, .spacingMark, .privateUse, .unassigned:
            return scalar.value | (isUnspaced(scalar.value) ? FoldedText.ideograph : FoldedText.letter)
        default: return scalar.value | FoldedText.gap
        }
    }

    /// Of a script that puts no spaces between words, or, as Korean, endings right behind them.
    private static func isUnspaced(_ value: UInt32) -> Bool {
        switch value {
        case 0x0E00...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x2E80...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7FF, 0xE000...0xFAFF,
            0x20000...0x3FFFF:
            true
        default: false
        }
    }

    /// Punctuation that is written in several ways.
    private static let alike: [UInt32: FoldedText.Unit] = {
        var map: [UInt32: FoldedText.Unit] = [:]
        func all(_ scalars: String, _ one: Unicode.Scalar) {
            for scalar in scalars.unicodeScalars { map[scalar.value] = one.value }
        }
        all("“”„‟「」『』﹁﹂﹃﹄〝〞＂", "\"")
        all("‘’‚‛＇", "'")
        all("‐‑‒–—―−﹣－", "-")
        all("。｡", ".")
        all("、､﹑", ",")
        all("•‧∙⋅・･", "·")
        return map
    }()
}
