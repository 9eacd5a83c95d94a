// Frames through zstd. Each frame is compressed by itself, so that a broken transfer loses no more than one.

import CZstd
package import Wire

public struct Zstd: Sendable {
    private let level: Int32

    /// - Parameter level: 1 is quickest, 19 smallest.
    public init(level: Int32 = 3) { self.level = level }
}

extension Zstd: FrameCompression {
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
