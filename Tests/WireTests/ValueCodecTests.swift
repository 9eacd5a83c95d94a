import Causality
import Chance
import Records
import Support
import SwiftProtobuf
import Testing
import Wire

/// A value, its bytes in hexadecimal.
private let written: [(Value, String)] = [
    (.empty, ""), (.text("5"), "0a0135"), (.text(""), "0a00"), (.text("caf\u{e9}"), "0a05636166c3a9"),
    (.text("cafe\u{301}"), "0a0663616665cc81"), (.integer(5), "100a"), (.integer(0), "1000"), (.integer(-1), "1001"),
    (.integer(.max), "10feffffffffffffffff01"), (.integer(.min), "10ffffffffffffffffff01"), (.decimal("1.50"), "1a04312e3530"),
    (.flag(true), "2001"), (.flag(false), "2000"), (.date("2026-05-11"), "2a0a323032362d30352d3131"),
    (.time("2026-05-11T09:30+08:00"), "3216323032362d30352d31315430393a33302b30383a3030"),
    (.reference(RecordID(high: 1, low: 2)), "3a1000000000000000010000000000000002"), (.list([]), "4200"),
    (.list([.empty]), "42020a00"), (.list([.text("5"), .integer(5)]), "42090a030a01350a02100a"),
    (.list([.list([.flag(true)])]), "42080a0642040a022001"), (.data([]), "4a00"), (.data([0, 255]), "4a0200ff"),
]

/// A text in so many lists, or with nothing in the innermost.
private func nested(_ lists: Int, around value: Value?) -> Value {
    let innermost = value.map { Value.list([$0]) } ?? .list([])
    return (1..<lists).reduce(innermost) { value, _ in .list([value]) }
}

struct ValueCodecTests {
    @Test(arguments: written)
    func `a value is written in the one way the protocol gives it`(_ value: Value, _ hex: String) throws {
        let read = try Value(bytes: value.bytes)
        #expect(Hex.string(value.bytes) == hex)
        #expect(read == value)
        #expect(Hex.string(read.bytes) == hex)
    }

    @Test(arguments: UInt64(0)..<10)
    func `values read back, and are what protobuf writes`(_ block: UInt64) throws {
        var chance = SplitMix64(seed: block)
        for _ in 0..<100 {
            let value = someValue(&chance)
            let read = try Value(bytes: value.bytes)
            #expect(read == value)
            #expect(read.bytes == value.bytes)
            let message: [UInt8] = try Dundian_V1_Value(serializedBytes: value.bytes).serializedBytes()
            #expect(message == value.bytes)
        }
    }

    @Test(arguments: [
        "8a000135", "0a810035", "108a00", "2002", "208100", "0a01350a0136", "0a0135100a", "100a0a0135", "5001", "520161",
        "0a01355001", "3a0101", "3a00", "3a11" + String(repeating: "00", count: 17), "428000", "42030a8000", "42038a0000",
        "42021001", "42040a005001", "42050a03108a00",
    ])
    func `bytes of another encoding are kept as they are and equal nothing else`(_ hex: String) throws {
        let bytes = try #require(Hex.bytes(hex))
        let value = try Value(bytes: bytes)
        #expect(value.bytes == bytes)
        #expect(value.isRaw)
    }

    @Test(arguments: 1...16)
    func `lists are read up to sixteen deep`(_ lists: Int) throws {
        for value in [nested(lists, around: .text("x")), nested(lists, around: .empty), nested(lists, around: nil)] {
            let read = try Value(bytes: value.bytes)
            #expect(read == value)
        }
    }

    @Test(arguments: [17, 18, 40])
    func `lists more than sixteen deep are refused`(_ lists: Int) {
        for value in [nested(lists, around: .text("x")), nested(lists, around: .empty), nested(lists, around: nil)] {
            #expect(throws: Malformed.self) { try Value(bytes: value.bytes) }
        }
        let among = Value.list([.text("y"), nested(lists - 1, around: .text("x"))])
        #expect(throws: Malformed.self) { try Value(bytes: among.bytes) }
    }

    @Test(arguments: ["0a01ff", "1a01c3", "2a02c080", "3203eda080", "42050a030a01ff"])
    func `a text that is not UTF-8 is refused`(_ hex: String) throws {
        let bytes = try #require(Hex.bytes(hex))
        #expect(throws: Malformed.self) { try Value(bytes: bytes) }
    }

    @Test(arguments: written)
    func `no truncation and no flipped bit does harm, and what reads is written as it came`(_ value: Value, _ hex: String) {
        let bytes = value.bytes
        for spoiled in bytes.truncations + bytes.flips {
            if let read = try? Value(bytes: spoiled) { #expect(read.bytes == spoiled) }
        }
    }
}

extension Value {
    /// Whether some of it is kept as bytes only.
    fileprivate var isRaw: Bool {
        switch self {
        case .unrecognised: true
        case .list(let items): items.contains { $0.isRaw }
        default: false
        }
    }
}

extension [UInt8] {
    /// These bytes up to every length but their own.
    var truncations: [[UInt8]] { indices.map { [UInt8](self[..<$0]) } }

    /// These bytes with one bit turned over, each in its turn.
    var flips: [[UInt8]] {
        (0..<8 * count).map { bit -> [UInt8] in
            var bytes = self
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            return bytes
        }
    }
}
