// What goes to the screen. Nothing that came out of a note can move the cursor, colour the screen or turn the text around: such
// characters are shown, not obeyed.

import Foundation

package enum Screen {
    /// Text from a record, safe to print on one line or, with `lines`, on several.
    package static func safe(_ text: String, lines: Bool = false) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            if scalar == "\n", lines {
                out.unicodeScalars.append(scalar)
            } else if isHarmful(scalar) {
                out += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: return true
        case .format:
            // The joiner inside emoji families is harmless and needed.
            return scalar.value != 0x200D
        default: return false
        }
    }

    /// How many cells a text takes: two for East Asian wide characters and emoji.
    package static func width(_ text: String) -> Int {
        text.reduce(0) { width, character in
            guard let scalar = character.unicodeScalars.first else { return width }
            return width + (isWide(scalar.value) ? 2 : 1)
        }
    }

    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }

    /// The beginning of a text that fits into so many cells.
    package static func cut(_ text: String, to cells: Int) -> String {
        guard width(text) > cells else { return text }
        var out = ""
        var used = 1
        for character in text {
            let next = width(String(character))
            if used + next > cells { break }
            used += next
            out.append(character)
        }
        return out + "…"
    }

    package static func padded(_ text: String, to cells: Int) -> String {
        text + String(repeating: " ", count: max(0, cells - width(text)))
    }

    package static func print(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
    package static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// `2026-05-11 09:30:05` by the local time zone.
    package static func time(_ milliseconds: Int64) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }
}

/// A value on its way out as JSON, keys in a fixed order.
package indirect enum JSON: Sendable {
    case string(String)
    case integer(Int64)
    /// A number that is no 64-bit integer, in digits.
    case number(String)
    case flag(Bool)
    case list([JSON])
    case object([(String, JSON)])
    case null

    package static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
    package static func count(_ count: Int) -> JSON { .integer(Int64(count)) }

    package var text: String {
        switch self {
        case .string(let text): Self.quoted(text)
        case .integer(let value): String(value)
        case .number(let digits): digits
        case .flag(let flag): flag ? "true" : "false"
        case .list(let items): "[\(items.map(\.text).joined(separator: ","))]"
        case .object(let members): "{\(members.map { "\(Self.quoted($0)):\($1.text)" }.joined(separator: ","))}"
        case .null: "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            default:
                if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || [0x2028, 0x2029].contains(scalar.value) {
                    out +=
                        "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
                        + String(scalar.value, radix: 16)
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out + "\""
    }
}
