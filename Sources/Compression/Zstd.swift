// What shrinks on the way: frames through zstd, each by itself, and whole streams through zstd or gzip.

import CZstd
package import Wire

public struct Zstd: Sendable {
    private let level: Int32
    private let streamLevel: Int32

    /// - Parameters:
    ///   - level: of frames; 1 is quickest, 19 smallest.
    ///   - streamLevel: of whole streams on a fast link, from the second mebibyte on.
    public init(level: Int32 = 3, streamLevel: Int32 = 3) { (self.level, self.streamLevel) = (level, streamLevel) }
}

extension Zstd: StreamCompression {
    package var codings: [String] { ["zstd", "gzip"] }

    package func encoder(_ coding: String, pieceBytes: Int) -> (any StreamEncoder)? {
        switch coding {
        case "zstd": ZstdEncoder(lightLevel: streamLevel, blockBytes: pieceBytes)
        case "gzip": GzipEncoder(level: 6)
        default: nil
        }
    }

    package func decoder(_ coding: String) -> (any StreamDecoder)? {
        switch coding {
        case "zstd": ZstdDecoder()
        case "gzip": GzipDecoder()
        default: nil
        }
    }

    package func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var out = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = ZSTD_compress(&out, out.count, bytes, bytes.count, level)
        guard ZSTD_isError(count) == 0, count < bytes.count else { return nil }
        return Array(out[..<count])
    }

    package func expanded(_ bytes: [UInt8], limit: Int) throws(Malformed) -> [UInt8] {
        // The size a frame states is checked before memory is taken; zstd itself then never writes past it.
        let stated = ZSTD_getFrameContentSize(bytes, bytes.count)
        guard stated <= UInt64(limit) else {
            throw Malformed("a compressed frame that does not state a size within \(limit) bytes")
        }
        guard ZSTD_findFrameCompressedSize(bytes, bytes.count) == bytes.count else {
            throw Malformed("a compressed frame that is cut, or has something behind it")
        }
        var out = [UInt8](repeating: 0, count: Int(stated))
        let count = ZSTD_decompress(&out, out.count, bytes, bytes.count)
        guard ZSTD_isError(count) == 0, count == out.count else { throw Malformed("a compressed frame that does not expand") }
        return out
    }
}
