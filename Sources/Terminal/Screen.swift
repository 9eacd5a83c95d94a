// What goes to the screen: lines cut and padded by cells, times, JSON. What came out of a note goes through `Screen.safe` first.

import Foundation

package enum Screen {
    /// Text from a record on one line of at most so many cells: made safe, then cut.
    package static func line(_ text: String, to cells: Int) -> String { cut(safe(text), to: cells) }

    /// The beginning of a text that fits into so many cells. A character is never cut in two, however many scalars it is made of.
    package static func cut(_ text: String, to cells: Int) -> String {
        guard width(text) > cells else { return text }
        var out = ""
        var used = width("…")
        for character in text {
            let next = width(character)
            if used + next > cells { break }
            used += next
            out.append(character)
        }
        return cells < width("…") ? "" : out + "…"
    }

    package static func padded(_ text: String, to cells: Int) -> String {
        text + String(repeating: " ", count: max(0, cells - width(text)))
    }

    package static func print(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
    package static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// When a day, written as `2026-05-11`, begins by the local time zone; nil if there is no such day.
    package static func milliseconds(ofDay day: String) -> Int64? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd"
        formatter.isLenient = false
        return formatter.date(from: day).map { Int64($0.timeIntervalSince1970 * 1000) }
    }

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

    /// Characters that a terminal would obey are written as escapes, which say the same to whoever reads JSON.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        Screen.visit(text) { scalar, isHarmful in
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            default:
                guard isHarmful else { return out.unicodeScalars.append(scalar) }
                for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                    let digits = String(unit, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        return out + "\""
    }
}
