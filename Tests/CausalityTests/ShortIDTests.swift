// Ids as people type them.

import Causality
import Chance
import Support
import Testing

private struct Name: Name128 {
    let high: UInt64
    let low: UInt64
}

private let name = Name(high: 0xf5dd_dbe4_a3ba_ce6e, low: 0x116f_530e_7e3e_1cf1)

struct ShortIDTests {
    @Test func `a short id is the leading bits, in fours`() {
        #expect(ShortID(name).description == "yqex-qs53")
        #expect(ShortID(name, count: 24).description == "yqex-qs53-qb76-w4bf-ac77-wfgw")
        #expect(ShortID(Name(high: 0, low: 0)).description == "0000-0000")
        #expect(ShortID(Name(high: .max, low: .max)).description == "zzzz-zzzz")
    }

    @Test(arguments: [
        "yqex-qs53", "YQEXQS53", "yqex qs53", "y-q-e-x", "yqex", "yqex-qs53-qb76-w4bf-ac77-wfgw",
        "f5dddbe4a3bace6e116f530e7e3e1cf1", "F5DDDBE4A3BACE6E116F530E7E3E1CF1", "f5dddbe4-a3ba-ce6e-116f-530e7e3e1cf1",
    ])
    func `what a person may type finds the name`(_ typed: String) throws {
        let short = try #require(ShortID(typed))
        #expect(short.range(of: Name.self).contains(name))
    }

    @Test(arguments: ["yqe", "", "----", "yqex-qs5u", "谈话记录", "yqex.", "yqex-qs53-qb76-w4bf-ac77-wfgw-00", "\u{212a}000"])
    func `what cannot begin a name is refused`(_ typed: String) { #expect(ShortID(typed) == nil) }

    @Test func `letters that look alike are one`() {
        #expect(ShortID("o0il-L1IO") == ShortID("0011-1110"))
    }

    @Test func `a beginning covers exactly the names that begin so`() throws {
        let range = try #require(ShortID("zzz0")).range(of: Name.self)
        #expect(range.lowerBound == Name(high: 0xfffe_0000_0000_0000, low: 0))
        #expect(range.upperBound == Name(high: 0xfffe_0fff_ffff_ffff, low: .max))
        let whole = try #require(ShortID("\(name)")).range(of: Name.self)
        #expect(whole == name...name)
        #expect(ShortID("\(name)")?.description == "\(name)")
    }

    @Test(arguments: 0..<50)
    func `what is shown is read back, at every length`(_ seed: UInt64) throws {
        var chance = SplitMix64(seed: seed)
        let name = Name(using: &chance)
        for count in 4...24 {
            let short = ShortID(name, count: count)
            let read = try #require(ShortID(short.description))
            #expect(read == short)
            #expect(read.range(of: Name.self).contains(name))
            let after = Name(high: name.high ^ 1 << 63, low: name.low)
            #expect(!read.range(of: Name.self).contains(after))
        }
    }

    @Test func `an id is shown longer while another begins alike`() {
        let twin = Name(high: name.high ^ 0xff, low: name.low)
        let short = ShortID.shortest(of: name) { range in !range.contains(twin) }
        #expect(short.description == "yqex-qs53-qb76")
        let alone = ShortID.shortest(of: name) { _ in true }
        #expect(alone == ShortID(name))
        let never = ShortID.shortest(of: name) { _ in false }
        #expect(never == ShortID(name, count: 24))
    }
}
