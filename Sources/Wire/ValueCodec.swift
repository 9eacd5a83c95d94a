// Values to bytes and back: the message `Value` of protocol/dundian.proto, read strictly. Bytes that are not exactly what this
// writes are kept as they are (`unrecognised`), so that equal values are equal bytes and nothing is lost in a round trip.

import Causality
import Journals
package import Records

extension Value {
    package var bytes: [UInt8] {
        var out = ByteWriter()
        switch self {
        case .empty: break
        case .text(let text): out.field(1, Array(text.utf8))
        case .integer(let value):
            out.varint(2 << 3)
            out.varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
        case .decimal(let text): out.field(3, Array(text.utf8))
        case .flag(let flag):
            out.varint(4 << 3)
            out.varint(flag ? 1 : 0)
        case .date(let text): out.field(5, Array(text.utf8))
        case .time(let text): out.field(6, Array(text.utf8))
        case .reference(let record): out.field(7, record.bytes)
        case .list(let values):
            var list = ByteWriter()
            for value in values { list.field(1, value.bytes) }
            out.field(8, list.bytes)
        case .data(let data): out.field(9, data)
        case .unrecognised(let bytes): out.raw(bytes)
        }
        return out.bytes
    }

    /// Reads any `Value` message. Refused is what does not decode as one, and lists nested too deep.
    package init(bytes: [UInt8]) throws(Malformed) {
        let read = try Self.recognised(bytes, depth: 0)
        // One tag, one length, one content: written as `bytes` writes it exactly if it is no longer than that.
        if let read, read.scalarByteCount == bytes.count {
            self = read
            return
        }
        let value = read.flatMap { $0.bytes == bytes ? $0 : nil }
        if let value, value.isRecognised {
            self = value
            return
        }
        let depth = try decoding(Dundian_V1_Value.self, bytes) { $0.depth }
        guard depth <= Limits.nesting else { throw Self.tooDeep }
        self = value ?? .unrecognised(bytes)
    }

    /// How many bytes a text or other plain content takes when written; nil for what is not that.
    private var scalarByteCount: Int? {
        let content: Int
        switch self {
        case .text(let text), .decimal(let text), .date(let text), .time(let text): content = text.utf8.count
        case .data(let data): content = data.count
        case .reference: content = 16
        default: return nil
        }
        return 1 + max(1, (Int.bitWidth - content.leadingZeroBitCount + 6) / 7) + content
    }

    private var isRecognised: Bool {
        switch self {
        case .unrecognised: false
        case .list(let values): values.allSatisfy(\.isRecognised)
        default: true
        }
    }

    private static let tooDeep = Malformed("a value is nested more than \(Limits.nesting) deep")

    /// Nil for what is not written as ``bytes`` writes it.
    private static func recognised(_ bytes: [UInt8], depth: Int) throws(Malformed) -> Value? {
        if bytes.isEmpty { return .empty }
        var reader = ByteReader(bytes)
        guard let tag = try? reader.varint() else { return nil }
        let value: Value
        switch tag {
        case 2 << 3:
            guard let raw = try? reader.varint() else { return nil }
            value = .integer(Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1))
        case 4 << 3:
            guard let raw = try? reader.varint(), raw <= 1 else { return nil }
            value = .flag(raw == 1)
        case let tag where tag & 7 == 2:
            guard let content = reader.lengthDelimited() else { return nil }
            switch tag >> 3 {
            case 1: value = .text(try utf8(content))
            case 3: value = .decimal(try utf8(content))
            case 5: value = .date(try utf8(content))
            case 6: value = .time(try utf8(content))
            case 7:
                guard let record = RecordID(bytes: content) else { return nil }
                value = .reference(record)
            case 8:
                guard depth < Limits.nesting else { throw tooDeep }
                guard let values = try list(content, depth: depth + 1) else { return nil }
                value = .list(values)
            case 9: value = .data(content)
            default: return nil
            }
        default: return nil
        }
        return reader.isAtEnd ? value : nil
    }

    private static func utf8(_ bytes: [UInt8]) throws(Malformed) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed("a text is not UTF-8") }
        return text
    }

    private static func list(_ bytes: [UInt8], depth: Int) throws(Malformed) -> [Value]? {
        var reader = ByteReader(bytes)
        var values: [Value] = []
        while !reader.isAtEnd {
            guard (try? reader.varint()) == 1 << 3 | 2, let item = reader.lengthDelimited() else { return nil }
            values.append(try recognised(item, depth: depth) ?? .unrecognised(item))
        }
        return values
    }
}

/// What cannot be read as what it should be.
package struct Malformed: Error, Hashable, Sendable {
    package var detail: String
    package init(_ detail: String) { self.detail = detail }
}

extension Dundian_V1_Value {
    /// How many lists deep it goes.
    fileprivate var depth: Int {
        guard case .list(let list)? = kind else { return 0 }
        return 1 + (list.values.map(\.depth).max() ?? 0)
    }
}

extension ByteWriter {
    /// A length-delimited protobuf field.
    fileprivate mutating func field(_ number: UInt64, _ content: [UInt8]) {
        varint(number << 3 | 2)
        varint(UInt64(content.count))
        raw(content)
    }
}

extension ByteReader {
    fileprivate mutating func lengthDelimited() -> [UInt8]? {
        guard let count = try? varint(), count <= UInt64(remaining) else { return nil }
        return try? raw(Int(count))
    }
}
