// Reading and writing bytes in the notation of protocol/1-definitions.md, and hexadecimal.

package enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    package static func string(_ bytes: some Sequence<UInt8>) -> String {
        var out: [UInt8] = []
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    package static func string(_ value: UInt64) -> String {
        string((0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) })
    }

    /// Nil unless an even number of hexadecimal digits, of either case.
    package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var out: [UInt8] = []
        var half: UInt8?
        for unit in text.utf8 {
            let value: UInt8
            switch unit {
            case 0x30...0x39: value = unit - 0x30
            case 0x41...0x46: value = unit - 0x41 + 10
            case 0x61...0x66: value = unit - 0x61 + 10
            default: return nil
            }
            if let high = half {
                out.append(high << 4 | value)
                half = nil
            } else {
                half = value
            }
        }
        return half == nil ? out : nil
    }
}

/// Appends numbers most significant byte first, and lengths before texts.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []
    package init(reserving capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    package mutating func u8(_ value: UInt8) { bytes.append(value) }
    package mutating func u16(_ value: UInt16) { integer(value) }
    package mutating func u32(_ value: UInt32) { integer(value) }
    package mutating func u64(_ value: UInt64) { integer(value) }
    package mutating func i64(_ value: Int64) { integer(UInt64(bitPattern: value)) }
    package mutating func raw(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }

    /// u16 byte count, then the UTF-8 bytes. Keys are at most 64 bytes; longer than 65,535 is a programmer's mistake.
    package mutating func text16(_ value: String) {
        let utf8 = value.utf8
        u16(UInt16(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    /// u32 byte count, then the bytes.
    package mutating func blob32(_ value: [UInt8]) {
        u32(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    /// Unsigned LEB128, as protobuf's varint.
    package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    package mutating func dot(_ dot: Dot) {
        u64(dot.journal.rawValue)
        u64(dot.position.rawValue)
    }

    private mutating func integer<I: FixedWidthInteger & UnsignedInteger>(_ value: I) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// The bytes ended before what was to be read, or do not mean what was to be read.
package struct BytesEnded: Error {
    package init() {}
}

/// Reads what ``ByteWriter`` wrote; never past the end, never more than is there.
package struct ByteReader {
    private let bytes: [UInt8]
    private var at: Int

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        at = 0
    }

    package var isAtEnd: Bool { at == bytes.count }
    package var remaining: Int { bytes.count - at }

    package mutating func u8() throws(BytesEnded) -> UInt8 { try integer() }
    package mutating func u16() throws(BytesEnded) -> UInt16 { try integer() }
    package mutating func u32() throws(BytesEnded) -> UInt32 { try integer() }
    package mutating func u64() throws(BytesEnded) -> UInt64 { try integer() }
    package mutating func i64() throws(BytesEnded) -> Int64 { Int64(bitPattern: try integer()) }

    package mutating func raw(_ count: Int) throws(BytesEnded) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw BytesEnded() }
        defer { at += count }
        return Array(bytes[at..<at + count])
    }

    package mutating func text16() throws(BytesEnded) -> String {
        let count = Int(try u16())
        guard count <= remaining else { throw BytesEnded() }
        defer { at += count }
        return String(decoding: bytes[at..<at + count], as: UTF8.self)
    }

    package mutating func blob32() throws(BytesEnded) -> [UInt8] { try raw(Int(try u32())) }

    package mutating func varint() throws(BytesEnded) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let byte: UInt8 = try integer()
            if shift == 63, byte > 1 { throw BytesEnded() }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw BytesEnded()
    }

    package mutating func dot() throws(BytesEnded) -> Dot {
        Dot(JournalID(rawValue: try u64()), Position(rawValue: try u64()))
    }

    private mutating func integer<I: FixedWidthInteger & UnsignedInteger>() throws(BytesEnded) -> I {
        let width = I.bitWidth / 8
        guard width <= remaining else { throw BytesEnded() }
        var value: I = 0
        for i in 0..<width {
            value = width == 1 ? I(truncatingIfNeeded: bytes[at + i]) : value << 8 | I(truncatingIfNeeded: bytes[at + i])
        }
        at += width
        return value
    }
}
