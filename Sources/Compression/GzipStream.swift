// Whole streams through gzip (zlib), for sides that have no zstd.

import CZlib
import Wire

final class GzipEncoder: StreamEncoder {
    private var stream = z_stream()

    init?(level: Int32) {
        guard dundian_deflate_init(&stream, level) == Z_OK else { return nil }
    }

    deinit { deflateEnd(&stream) }

    func encode(_ bytes: [UInt8]) -> [UInt8] { compress(bytes, Z_SYNC_FLUSH) }
    func finish() -> [UInt8] { compress([], Z_FINISH) }

    private func compress(_ bytes: [UInt8], _ flush: Int32) -> [UInt8] {
        var bytes = bytes
        var result: [UInt8] = []
        bytes.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            var isFull = true
            while isFull {
                result += [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(buffer.count)
                    _ = deflate(&stream, flush)
                    count = buffer.count - Int(stream.avail_out)
                    isFull = stream.avail_out == 0
                }
            }
            stream.next_in = nil
        }
        return result
    }
}

final class GzipDecoder: StreamDecoder {
    private var stream = z_stream()
    private var isAtEnd = false

    init?() {
        guard dundian_inflate_init(&stream) == Z_OK else { return nil }
    }

    deinit { inflateEnd(&stream) }

    func decode(_ bytes: some Collection<UInt8>, to sink: ([UInt8]) throws -> Void) throws {
        let bytes = Array(bytes)
        var position = 0
        while !isAtEnd {
            var code = Z_OK
            var isFull = false
            let piece = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
                bytes.withUnsafeBufferPointer { source in
                    stream.next_in = source.baseAddress.map { UnsafeMutablePointer(mutating: $0 + position) }
                    stream.avail_in = UInt32(source.count - position)
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(buffer.count)
                    code = inflate(&stream, Z_NO_FLUSH)
                    position = source.count - Int(stream.avail_in)
                    count = buffer.count - Int(stream.avail_out)
                    isFull = stream.avail_out == 0
                    stream.next_in = nil
                }
            }
            isAtEnd = code == Z_STREAM_END
            guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
                throw Malformed("a gzip stream that does not decode")
            }
            if !piece.isEmpty { try sink(piece) }
            if position == bytes.count, !isFull { return }
        }
    }
}
