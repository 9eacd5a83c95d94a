// Names as people read them out and type them: digits and letters that cannot be taken for one another.
//
//      record id   f5dddbe4a3bace6e116f530e7e3e1cf1
//      short id    yqex-qs53      (its leading 40 bits, five to a character)

/// Digits and small letters without i, l, o and u. What looks like one of them is read as it.
public enum LegibleAlphabet {
    static let characters = Array("0123456789abcdefghjkmnpqrstvwxyz")

    /// The five bits a character stands for: case does not matter, o reads as 0, i and l as 1.
    public static func value(of character: Character) -> UInt8? {
        guard let byte = character.asciiValue else { return nil }
        // Only ASCII letters have a lower case here.
        let lower = (0x41...0x5a).contains(byte) ? byte + 0x20 : byte
        let read: Character
        switch lower {
        case 0x6f: read = "0"
        case 0x69, 0x6c: read = "1"
        default: read = Character(Unicode.Scalar(lower))
        }
        return characters.firstIndex(of: read).map { UInt8($0) }
    }

    /// What a person typed, as it is printed: without hyphens and blanks, look-alikes read as what they stand for. Empty if it is something else.
    public static func canonical(_ typed: String) -> String {
        let values = typed.filter { $0 != "-" && $0 != " " }.map(value)
        guard !values.contains(nil) else { return "" }
        return String(values.compactMap { $0 }.map { characters[Int($0)] })
    }

    /// The lowest 5 * count bits, five to a character, most significant first.
    public static func characters(of bits: UInt64, count: Int) -> String {
        String((0..<count).map { characters[Int(bits >> UInt64(5 * (count - 1 - $0)) & 31)] })
    }
}

/// The beginning of a 128-bit name, as a person types it: at least 4 characters of the legible alphabet, or all 32 hexadecimal digits.
public struct ShortID: Hashable, Sendable, CustomStringConvertible {
    /// What a person is shown where it is enough.
    public static let usualCount = 8
    static let leastCount = 4
    /// 24 characters hold 120 of the 128 bits; nothing is shown longer.
    static let mostCount = 24

    /// The names that begin so are those from `low` to `high`.
    let low: UInt128
    let high: UInt128
    /// The characters; nil if all of a name was given, as hexadecimal digits.
    private let text: String?

    /// Reads what a person typed; nil if it cannot begin a name. Hyphens, spaces and case do not matter.
    public init?(_ typed: String) {
        let typed = typed.filter { $0 != "-" && $0 != " " }
        if typed.utf8.count == 32, let bytes = Hex.bytes(typed.lowercased()) {
            low = bytes.reduce(0) { $0 << 8 | UInt128($1) }
            (high, text) = (low, nil)
            return
        }
        guard (Self.leastCount...25).contains(typed.count) else { return nil }
        var bits: UInt128 = 0
        var text = ""
        for character in typed {
            guard let value = LegibleAlphabet.value(of: character) else { return nil }
            bits = bits << 5 | UInt128(value)
            text.append(LegibleAlphabet.characters[Int(value)])
        }
        let rest = 128 - 5 * typed.count
        low = bits << rest
        high = low | (1 << rest - 1)
        self.text = text
    }

    /// The beginning of a name.
    /// - Parameter count: how many characters; a multiple of 4 up to 24 reads best.
    public init(_ name: some Name128, count: Int = ShortID.usualCount) {
        let all = UInt128(name.high) << 64 | UInt128(name.low)
        let count = min(max(count, Self.leastCount), Self.mostCount)
        let rest = 128 - 5 * count
        low = (all >> rest) << rest
        high = low | (1 << rest - 1)
        text = String((0..<count).map { LegibleAlphabet.characters[Int(truncatingIfNeeded: all >> (123 - 5 * $0) & 31)] })
    }

    /// The names that begin so.
    public func range<Name: Name128>(of: Name.Type) -> ClosedRange<Name> { Self.name(low)...Self.name(high) }

    private static func name<Name: Name128>(_ bits: UInt128) -> Name {
        Name(high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits))
    }

    /// `yqex-qs53`
    public var description: String {
        guard let text else {
            return Hex.string(UInt64(truncatingIfNeeded: low >> 64)) + Hex.string(UInt64(truncatingIfNeeded: low))
        }
        let all = Array(text)
        return stride(from: 0, to: all.count, by: 4).map { String(all[$0..<min($0 + 4, all.count)]) }.joined(separator: "-")
    }

    /// The shortest usual beginning of a name that `isAlone` says no other name has; the longest if none is.
    public static func shortest<Name: Name128>(
        of name: Name, where isAlone: (ClosedRange<Name>) throws -> Bool
    ) rethrows -> ShortID {
        for count in stride(from: usualCount, to: mostCount, by: 4) {
            let short = ShortID(name, count: count)
            if try isAlone(short.range(of: Name.self)) { return short }
        }
        return ShortID(name, count: mostCount)
    }
}
