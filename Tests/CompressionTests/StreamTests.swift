// Compressed streams: what went in comes out, piece by piece, and nothing small grows without bound.

import Chance
import Support
import Testing
import Wire

@testable import Compression

struct StreamCodingTests {
    private static let codings = Zstd().codings

    private func codec(_ coding: String, pieceBytes: Int = 32 << 10) throws -> (any StreamEncoder, any StreamDecoder) {
        (try #require(Zstd().encoder(coding, pieceBytes: pieceBytes)), try #require(Zstd().decoder(coding)))
    }

    @Test(arguments: codings)
    func `each piece can be read as soon as it has come whole`(_ coding: String) throws {
        let (encoder, decoder) = try codec(coding)
        var chance = SplitMix64(seed: 11)
        for size in [0, 1, 100, 5_000, 33_000, 200_000] {
            let piece = (0..<size).map { _ in UInt8(chance.next() % 7) }
            var out: [UInt8] = []
            for byte in encoder.encode(piece) { try decoder.decode([byte]) { out += $0 } }
            #expect(out == piece)
        }
        try decoder.decode(encoder.finish()) { #expect($0.isEmpty) }
    }

    @Test func `a cut stream gives what came before the piece that was cut`() throws {
        let (encoder, decoder) = try codec("zstd", pieceBytes: 8 << 10)
        var chance = SplitMix64(seed: 5)
        let noise = chance.bytes(100_000)
        let stream = encoder.encode(noise)
        var out: [UInt8] = []
        try decoder.decode(stream.prefix(stream.count / 2)) { out += $0 }
        #expect(noise.starts(with: out))
        #expect(out.count > 50_000 - (10 << 10))
    }

    @Test(arguments: codings)
    func `later pieces shrink by what came before`(_ coding: String) throws {
        let (encoder, _) = try codec(coding)
        let text = Array("谈话在镇政府一楼办公室进行，先说明来意，再按提纲逐项了解情况。".utf8)
        let first = encoder.encode(text).count
        #expect(encoder.encode(text).count < first / 2)
    }

    @Test(arguments: codings)
    func `a stream that would blow up comes in bounded pieces`(_ coding: String) throws {
        let (encoder, decoder) = try codec(coding)
        let bytes = encoder.encode([UInt8](repeating: 0, count: 20 << 20))
        #expect(bytes.count < 100_000)
        struct Enough: Error {}
        var total = 0
        #expect(throws: Enough.self) {
            try decoder.decode(bytes) { piece in
                #expect(piece.count <= 128 << 10)
                total += piece.count
                if total > 1 << 20 { throw Enough() }
            }
        }
        #expect(total < 2 << 20)
    }

    @Test(arguments: codings)
    func `noise is refused`(_ coding: String) throws {
        let (_, decoder) = try codec(coding)
        #expect(throws: Malformed.self) { try decoder.decode(Array("this is no stream of any kind".utf8)) { _ in } }
    }

    @Test(
        arguments: [
            ("zstd, gzip", "zstd"), ("gzip, deflate, br, zstd", "zstd"), ("gzip", "gzip"), ("br", nil), ("", nil),
            ("zstd;q=0, gzip;q=0.5", "gzip"), ("ZSTD ; q=1", "zstd"),
        ] as [(String, String?)])
    func `the best coding both sides know is taken`(_ list: String, _ expected: String?) {
        #expect(Zstd().coding(acceptedBy: list) == expected)
    }
}
