// How many cells of a terminal a text takes, by East Asian width (UAX 11) and grapheme cluster.

import Foundation

extension Screen {
    /// Whether characters that are wide only in Chinese fonts (`…`, `“`, `①`) take two cells here: `DUNDIAN_AMBIGUOUS_WIDE=1`.
    package static let isAmbiguousWide: Bool = {
        let asked = ProcessInfo.processInfo.environment["DUNDIAN_AMBIGUOUS_WIDE"] ?? ""
        return !["", "0", "no", "false"].contains(asked.lowercased())
    }()

    /// How many cells a text takes: two for East Asian wide characters and emoji, none for marks.
    package static func width(_ text: String, isAmbiguousWide: Bool = isAmbiguousWide) -> Int {
        text.reduce(0) { $0 + width($1, isAmbiguousWide: isAmbiguousWide) }
    }

    /// How many cells one character takes, whatever it is made of: a flag or a family is one emoji.
    package static func width(_ character: Character, isAmbiguousWide: Bool = isAmbiguousWide) -> Int {
        if let value = character.asciiValue { return value < 0x20 || value == 0x7F ? 0 : 1 }
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return 0 }
        var sum = 0
        var isEmoji = false
        for scalar in scalars {
            sum += cells(scalar, isAmbiguousWide)
            isEmoji = isEmoji || scalar.value == 0xFE0F || (scalar.properties.isEmojiModifier && sum > 2)
        }
        isEmoji = isEmoji || (scalars.count > 1 && (0x1F1E6...0x1F1FF).contains(first.value))
        isEmoji = isEmoji || (first.properties.isEmoji && scalars.contains { $0.value == 0x200D })
        return isEmoji && first.properties.isEmoji ? 2 : sum
    }

    private static func cells(_ scalar: Unicode.Scalar, _ isAmbiguousWide: Bool) -> Int {
        let value = scalar.value
        if value < 0x20 || (0x7F..<0xA0).contains(value) { return 0 }
        if CellTables.nothing.holds(value) { return 0 }
        if CellTables.wide.holds(value) { return 2 }
        return isAmbiguousWide && CellTables.ambiguous.holds(value) ? 2 : 1
    }
}

extension [ClosedRange<UInt32>] {
    /// - Complexity: O(log ranges); the ranges ascend.
    fileprivate func holds(_ value: UInt32) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].contains(value)
    }
}
