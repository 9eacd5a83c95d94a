// Whole streams through zstd, each piece flushed, so that what left whole can be read whole.

import CZstd
import Wire

/// Compresses as hard as the link gives time for: the beginning at the highest level that pays, and the rest too while compressing takes a small
/// part of the time that passes. On a fast link it goes on lightly, in a zstd frame of its own.
final class ZstdEncoder: StreamEncoder {
    /// So much is always compressed hard: less than half a second's work.
    private static let hardBytes = 1 << 20
    private static let hardLevel: Int32 = 19

    private let context: OpaquePointer
    private let lightLevel: Int32
    /// A block is read whole or not at all.
    private let blockBytes: Int
    private var isLight = false
    private var taken = 0
    private var busy = Duration.zero
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    init?(lightLevel: Int32, blockBytes: Int) {
        guard let context = ZSTD_createCCtx() else { return nil }
        self.context = context
        (self.lightLevel, self.blockBytes) = (lightLevel, blockBytes)
        start = clock.now
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.hardLevel)
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, ZstdDecoder.windowLogMax)
    }

    deinit { ZSTD_freeCCtx(context) }

    func encode(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        if !isLight, taken > Self.hardBytes, busy > (clock.now - start) / 4 {
            isLight = true
            result += compress([], ZSTD_e_end)
            ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, lightLevel)
        }
        taken += bytes.count
        busy += clock.measure {
            for start in stride(from: 0, to: bytes.count, by: blockBytes) {
                result += compress(Array(bytes[start..<min(start + blockBytes, bytes.count)]), ZSTD_e_flush)
            }
        }
        return result
    }

    func finish() -> [UInt8] { compress([], ZSTD_e_end) }

    private func compress(_ bytes: [UInt8], _ directive: ZSTD_EndDirective) -> [UInt8] {
        var result: [UInt8] = []
        bytes.withUnsafeBytes { source in
            var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            while true {
                var left = 0
                result += [UInt8](unsafeUninitializedCapacity: ZSTD_CStreamOutSize()) { buffer, count in
                    var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
                    left = ZSTD_compressStream2(context, &output, &input, directive)
                    count = output.pos
                }
                // An error here would be out of memory; the receiver finds the stream cut.
                if left == 0 || ZSTD_isError(left) != 0 { return }
            }
        }
        return result
    }
}

final class ZstdDecoder: StreamDecoder {
    /// How far back a stream may reach, as a power of two: 4 MiB of memory on either side.
    static let windowLogMax: Int32 = 22

    private let context: OpaquePointer

    init?() {
        guard let context = ZSTD_createDCtx() else { return nil }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogMax)
    }

    deinit { ZSTD_freeDCtx(context) }

    func decode(_ bytes: some Collection<UInt8>, to sink: ([UInt8]) throws -> Void) throws {
        let bytes = Array(bytes)
        var position = 0
        while true {
            var code = 0
            var isFull = false
            let piece = [UInt8](unsafeUninitializedCapacity: ZSTD_DStreamOutSize()) { buffer, count in
                bytes.withUnsafeBytes { source in
                    var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
                    var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
                    code = ZSTD_decompressStream(context, &output, &input)
                    position = input.pos
                    count = output.pos
                    isFull = output.pos == output.size
                }
            }
            guard ZSTD_isError(code) == 0 else { throw Malformed("a zstd stream that does not decode") }
            if !piece.isEmpty { try sink(piece) }
            if position == bytes.count, !isFull { return }
        }
    }
}
