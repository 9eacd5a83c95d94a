import Causality
import Testing

struct NameTests {
    @Test(
        arguments: [
            ("", []), ("00", [0]), ("fF09Aa", [0xff, 0x09, 0xaa]), ("0", nil), ("000", nil), ("0g", nil), (" 00", nil),
            ("0x00", nil),
            ("é0", nil), ("００", nil),
        ] as [(String, [UInt8]?)])
    func `hexadecimal reads in either case, in pairs, and nothing else reads`(_ text: String, _ bytes: [UInt8]?) {
        #expect(Hex.bytes(text) == bytes)
        if let bytes { #expect(Hex.string(bytes) == text.lowercased()) }
    }

    @Test(
        arguments: [
            ("0000000000000000", 0), ("000000000000000a", 10), ("0102030405060708", 0x0102_0304_0506_0708),
            ("FFFFFFFFFFFFFFFF", UInt64.max), ("00000000000000", nil), ("000000000000000000", nil), ("000000000000000", nil),
            ("000000000000000g", nil), ("", nil),
        ] as [(String, UInt64?)])
    func `a name of 64 bits reads from 16 digits and no other count`(_ text: String, _ value: UInt64?) {
        #expect(JournalID(hex: text)?.rawValue == value)
        #expect(ReplicaID(hex: text)?.rawValue == value)
        if let value { #expect(JournalID(rawValue: value).description == text.lowercased()) }
    }

    @Test(arguments: [
        ("0102030405060708090a0b0c0d0e0f10", true), ("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", true),
        ("0102030405060708090a0b0c0d0e0f", false), ("0102030405060708090a0b0c0d0e0f1011", false),
        ("0102030405060708090a0b0c0d0e0f1", false), ("", false),
    ])
    func `a name of 128 bits reads from 32 digits or 16 bytes and no other count`(_ text: String, _ reads: Bool) {
        let scope = ScopeID(hex: text)
        #expect((scope != nil) == reads)
        guard let scope else { return }
        #expect(scope.description == text.lowercased())
        #expect(scope.bytes == Hex.bytes(text))
        #expect(ScopeID(bytes: scope.bytes) == scope)
        #expect(ScopeID(bytes: scope.bytes.dropLast()) == nil)
        #expect(ScopeID(bytes: scope.bytes + [0]) == nil)
    }

    @Test func `names stand in the order of their bytes`() {
        let journals = ([0, 1, 0x7fff_ffff_ffff_ffff, 1 << 63, .max] as [UInt64]).map { JournalID(rawValue: $0) }
        #expect(journals.reversed().sorted() == journals)
        let halves: [(UInt64, UInt64)] = [(0, 1), (0, .max), (1, 0), (1 << 63, 0), (.max, 0)]
        let scopes = halves.map { ScopeID(high: $0.0, low: $0.1) }
        #expect(scopes.reversed().sorted() == scopes)
        let dots = [Dot(journals[1], 2), Dot(journals[1], 10), Dot(journals[3], 1)]
        #expect(dots.reversed().sorted() == dots)
    }

    @Test func `positions step by one, and back no further than nothing`() {
        #expect(Position.none.next == 1)
        #expect(Position(rawValue: 1).previous == Position.none)
        #expect(Position.none.previous == Position.none)
        #expect(Position.limit.rawValue == 0x7fff_ffff_ffff_ffff)
    }
}
