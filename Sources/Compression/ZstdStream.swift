// Whole streams through zstd, each piece flushed, so that what left whole can be read whole.

import CZstd
import Wire

final class ZstdEncoder: StreamEncoder {
    private let context: OpaquePointer

    init?(level: Int32) {
        guard let context = ZSTD_createCCtx() else { return nil }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, ZstdDecoder.windowLogMax)
    }

    deinit { ZSTD_freeCCtx(context) }

    /// A block is read whole or not at all, so on a link that is cut often blocks must be small.
    private static let blockBytes = 32 << 10

    func encode(_ bytes: [UInt8]) -> [UInt8] {
        stride(from: 0, to: bytes.count, by: Self.blockBytes).reduce(into: []) { result, start in
            result += compress(Array(bytes[start..<min(start + Self.blockBytes, bytes.count)]), ZSTD_e_flush)
        }
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
