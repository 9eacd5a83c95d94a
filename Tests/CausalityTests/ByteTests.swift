import Causality
import Testing

/// One of everything that bytes can say.
private struct Everything: Equatable {
    var u8: UInt8 = 1
    var u16: UInt16 = 0x0203
    var u32: UInt32 = 0x0405_0607
    var u64: UInt64 = 0x0809_0a0b_0c0d_0e0f
    var i64: Int64 = -2
    var text = "é"
    var blob: [UInt8] = [0xaa, 0xbb]
    var varints: [UInt64] = [0, 127, 128, 300, 1 << 63, .max]
    var dot = Dot(JournalID(rawValue: 0x10), 0x11)
    var raw: [UInt8] = [0xcc, 0xdd, 0xee]

    var bytes: [UInt8] {
        var out = ByteWriter()
        out.u8(u8)
        out.u16(u16)
        out.u32(u32)
        out.u64(u64)
        out.i64(i64)
        out.text16(text)
        out.blob32(blob)
        for varint in varints { out.varint(varint) }
        out.dot(dot)
        out.raw(raw)
        return out.bytes
    }

    init() {}

    init(reading bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        u8 = try reader.u8()
        u16 = try reader.u16()
        u32 = try reader.u32()
        u64 = try reader.u64()
        i64 = try reader.i64()
        text = try reader.text16()
        blob = try reader.blob32()
        for i in varints.indices { varints[i] = try reader.varint() }
        dot = try reader.dot()
        raw = try reader.raw(3)
        guard reader.isAtEnd, reader.remaining == 0 else { throw BytesEnded() }
    }
}

struct ByteTests {
    @Test func `numbers are written most significant byte first, lengths before texts`() {
        let bytes = [
            "01", "0203", "04050607", "08090a0b0c0d0e0f", "fffffffffffffffe", "0002c3a9", "00000002aabb",
            "00", "7f", "8001", "ac02", "80808080808080808001", "ffffffffffffffffff01",
            "0000000000000010", "0000000000000011", "ccddee",
        ]
        #expect(Hex.string(Everything().bytes) == bytes.joined())
    }

    @Test func `what was written reads back`() throws {
        let read = try Everything(reading: Everything().bytes)
        #expect(read == Everything())
    }

    @Test func `bytes that end anywhere too early are found out`() {
        let bytes = Everything().bytes
        for count in bytes.indices {
            #expect(throws: BytesEnded.self) { try Everything(reading: Array(bytes[..<count])) }
        }
    }

    @Test func `lengths and varints that promise more than is there are found out`() {
        #expect(throws: BytesEnded.self) { try text([0xff, 0xff, 0x61]) }
        #expect(throws: BytesEnded.self) { try blob([0xff, 0xff, 0xff, 0xff, 0x61]) }
        #expect(throws: BytesEnded.self) { try raw([1, 2, 3], 4) }
        #expect(throws: BytesEnded.self) { try raw([1, 2, 3], -1) }
        #expect(throws: BytesEnded.self) { try raw([1, 2, 3], .max) }
        #expect(throws: BytesEnded.self) { try varint([UInt8](repeating: 0x80, count: 9)) }
        #expect(throws: BytesEnded.self) { try varint([UInt8](repeating: 0xff, count: 20)) }
    }

    private func text(_ bytes: [UInt8]) throws -> String {
        var reader = ByteReader(bytes)
        return try reader.text16()
    }

    private func blob(_ bytes: [UInt8]) throws -> [UInt8] {
        var reader = ByteReader(bytes)
        return try reader.blob32()
    }

    private func raw(_ bytes: [UInt8], _ count: Int) throws -> [UInt8] {
        var reader = ByteReader(bytes)
        return try reader.raw(count)
    }

    private func varint(_ bytes: [UInt8]) throws -> UInt64 {
        var reader = ByteReader(bytes)
        return try reader.varint()
    }
}

struct TimeTests {
    @Test func `corrected time adds the offset and stops at the ends`() {
        let (least, most) = (Int64.min, Int64.max)
        let examples: [(time: Int64, offset: Int64?, corrected: Int64)] = [
            (0, nil, 0), (5, nil, 5), (5, -7, -2), (-1, 5, 4), (most, 1, most), (most, -1, most - 1), (least, -1, least),
            (least, 1, least + 1), (most, most, most), (least, least + 1, least),
        ]
        for (time, offset, corrected) in examples {
            let measured = offset.flatMap { ClockOffset(milliseconds: $0) }
            #expect(Timestamp(milliseconds: time).corrected(by: measured) == Timestamp(milliseconds: corrected))
        }
    }

    @Test func `the least number is no offset: it stands for never measured`() {
        #expect(ClockOffset(milliseconds: Int64.min) == nil)
        #expect(ClockOffset(milliseconds: Int64.min + 1)?.milliseconds == Int64.min + 1)
    }
}
