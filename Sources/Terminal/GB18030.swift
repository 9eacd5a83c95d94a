// Text in GB 18030, which spreadsheets on Chinese systems write: read with the system's iconv.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

enum GB18030 {
    /// The text; nil if these bytes are none.
    static func text(of bytes: [UInt8]) -> String? {
        guard let converter = iconv_open("UTF-8", "GB18030"), converter != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(converter) }
        var source = bytes.map { CChar(bitPattern: $0) }
        var target = [CChar](repeating: 0, count: bytes.count * 3 + 4)
        var (left, room) = (source.count, target.count)
        let status = source.withUnsafeMutableBufferPointer { from in
            target.withUnsafeMutableBufferPointer { to in
                var (input, output) = (from.baseAddress, to.baseAddress)
                return iconv(converter, &input, &left, &output, &room)
            }
        }
        guard status != -1, left == 0 else { return nil }
        return String(validating: target.prefix(target.count - room).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
