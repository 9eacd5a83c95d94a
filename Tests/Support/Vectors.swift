// The test vectors of protocol/vectors, as they stand there.

package import Foundation

/// One case of a file of vectors.
package struct Example: Sendable, CustomStringConvertible {
    package let json: JSON

    package var description: String { json["name"].text }
    package subscript(key: Spelling) -> JSON { json[key] }

    /// `protocol/vectors`
    package static var folder: URL {
        let repository = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return repository.appendingPathComponent("protocol/vectors")
    }

    /// Every case of `protocol/vectors/<file>.json`. Traps if it cannot be read: no test has a meaning then.
    package static func all(in file: String) -> [Example] {
        let url = folder.appendingPathComponent("\(file).json")
        do {
            let json = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: url))
            precondition(json["version"].number == 1, "\(url.path) is of another version")
            return json["cases"].list.map { Example(json: $0) }
        } catch { fatalError("\(url.path): \(error)") }
    }

    /// The cases of these kinds.
    package static func all(in file: String, kinds: Set<String>) -> [Example] {
        all(in: file).filter { kinds.contains($0["kind"].text) }
    }
}

/// Text by its bytes. String's own == takes a composed and a decomposed letter as one; protocol and vectors do not.
package struct Spelling: Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
    package let utf8: [UInt8]
    package init(_ text: String) { utf8 = Array(text.utf8) }
    package init(stringLiteral text: String) { self.init(text) }
    package var text: String { String(decoding: utf8, as: UTF8.self) }
    package static func < (a: Spelling, b: Spelling) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}

/// JSON with whole numbers only. What is not there is `null`; what is there but of another kind traps.
package enum JSON: Hashable, Sendable, CustomStringConvertible {
    case null
    case bool(Bool)
    case whole(Int64)
    case string(Spelling)
    case array([JSON])
    case object([Spelling: JSON])

    package subscript(key: Spelling) -> JSON { members[key] ?? .null }
    package subscript(index: Int) -> JSON { list.indices.contains(index) ? list[index] : .null }

    package var isNull: Bool { self == .null }

    package var members: [Spelling: JSON] {
        switch self {
        case .object(let members): members
        case .null: [:]
        default: preconditionFailure("no object: \(self)")
        }
    }

    package var list: [JSON] {
        switch self {
        case .array(let items): items
        case .null: []
        default: preconditionFailure("no list: \(self)")
        }
    }

    package var flag: Bool {
        guard case .bool(let flag) = self else { preconditionFailure("neither true nor false: \(self)") }
        return flag
    }

    package var text: String {
        guard case .string(let text) = self else { preconditionFailure("no text: \(self)") }
        return text.text
    }

    /// A number, or beyond 2^53 a text of digits.
    package var number: Int64 {
        switch self {
        case .whole(let number): return number
        case .string(let digits):
            guard let number = Int64(digits.text) else { preconditionFailure("no number: \(self)") }
            return number
        default: preconditionFailure("no number: \(self)")
        }
    }

    package var description: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .whole(let number): "\(number)"
        case .string(let text): "\"\(text.text)\""
        case .array(let items): "[" + items.map(\.description).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key.text)\": \($0.value)" }.joined(separator: ", ") + "}"
        }
    }
}

extension JSON: Decodable {
    package init(from decoder: any Decoder) throws {
        let one = try decoder.singleValueContainer()
        if let text = try? one.decode(String.self) {
            self = .string(Spelling(text))
        } else if let number = try? one.decode(Int64.self) {
            self = .whole(number)
        } else if let items = try? one.decode([JSON].self) {
            self = .array(items)
        } else if let flag = try? one.decode(Bool.self) {
            self = .bool(flag)
        } else if one.decodeNil() {
            self = .null
        } else {
            // No object of the vectors has two keys that differ only in how they are composed; a Dictionary would lose one.
            let members = try one.decode([String: JSON].self)
            self = .object(Dictionary(uniqueKeysWithValues: members.map { (Spelling($0.key), $0.value) }))
        }
    }
}
