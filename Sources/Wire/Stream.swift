// A stream of messages, each behind its length as a varint; and frames, plain or compressed.

package import Causality
package import Journals

/// Shrinks frames and stretches them again. The transport brings one in; without it frames go plain.
package protocol FrameCompression: Sendable {
    /// Nil if it would not get smaller.
    func compressed(_ bytes: [UInt8]) -> [UInt8]?
    /// Gives at most `limit` bytes, or throws before it has taken more memory than that.
    func expanded(_ bytes: [UInt8], limit: Int) throws(Malformed) -> [UInt8]
}

/// Shrinks a whole stream as it goes by: HTTP's content codings (RFC 9110, 8.4.1). What was given to the encoder comes out of the decoder
/// with it, so a stream that is cut loses no message that had left whole.
package protocol StreamCompression: FrameCompression {
    /// The codings there are, the best first.
    var codings: [String] { get }
    /// - Parameter pieceBytes: after how many bytes at most the receiver can read what it has; small ones cost a few bytes each.
    func encoder(_ coding: String, pieceBytes: Int) -> (any StreamEncoder)?
    func decoder(_ coding: String) -> (any StreamDecoder)?
}

/// Of one stream, used by one side at a time.
package protocol StreamEncoder: AnyObject {
    /// Everything that is needed to decode these bytes and those before.
    func encode(_ bytes: [UInt8]) -> [UInt8]
    /// What closes the stream.
    func finish() -> [UInt8]
}

package protocol StreamDecoder: AnyObject {
    /// Gives what comes out in pieces of at most 128 KiB, so that a small stream cannot take all memory.
    func decode(_ bytes: some Collection<UInt8>, to sink: ([UInt8]) throws -> Void) throws
}

extension StreamCompression {
    /// For a link that has shown that it breaks, or may carry little.
    package static var smallPieceBytes: Int { 8 << 10 }
    package static var largePieceBytes: Int { 32 << 10 }

    /// The best coding that a list as in `accept-encoding` allows; nil: none.
    package func coding(acceptedBy list: String) -> String? {
        let accepted = list.lowercased().split(separator: ",").compactMap { item -> Substring? in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let name = parts.first else { return nil }
            return parts.dropFirst().contains { ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains($0) } ? nil : Substring(name)
        }
        return codings.first { accepted.contains(Substring($0)) }
    }
}

package struct NoCompression: StreamCompression {
    package init() {}
    package var codings: [String] { [] }
    package func encoder(_ coding: String, pieceBytes: Int) -> (any StreamEncoder)? { nil }
    package func decoder(_ coding: String) -> (any StreamDecoder)? { nil }
    package func compressed(_ bytes: [UInt8]) -> [UInt8]? { nil }
    package func expanded(_ bytes: [UInt8], limit: Int) throws(Malformed) -> [UInt8] {
        throw Malformed("a compressed frame, which was not asked for")
    }
}

extension UnverifiedFrame {
    package init(scope: ScopeID, tail: [UInt8], compression: (any FrameCompression)?) {
        self.init(scope: scope, body: compression?.compressed(tail).map(Body.zstd) ?? .plain(tail))
    }

    /// The runs in it, within the limit on frames.
    package func runs(_ compression: any FrameCompression) throws(Malformed) -> [UnverifiedRun] {
        switch body {
        case .plain(let bytes): try [UnverifiedRun](tail: bytes)
        case .zstd(let bytes): try [UnverifiedRun](tail: try compression.expanded(bytes, limit: Limits.frameBytes))
        }
    }
}

extension ExchangeMessage {
    /// What the bytes of an opening begin with: field 1, with a length.
    package static let openingTag: UInt8 = 0x0a

    /// The message behind its length.
    package var delimited: [UInt8] { Self.delimited(bytes) }

    /// A message's bytes behind their length.
    package static func delimited(_ message: [UInt8]) -> [UInt8] {
        var out = ByteWriter(reserving: message.count + 4)
        out.varint(UInt64(message.count))
        out.raw(message)
        return out.bytes
    }
}

/// Cuts a byte stream into messages as bytes come in. Holds no more than one message and the chunk it came with.
package struct MessageSplitter {
    private var buffer: [UInt8] = []
    private var start = 0

    package init() {}

    package mutating func feed(_ bytes: some Collection<UInt8>) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// Whether bytes of an unfinished message are waiting.
    package var isInsideMessage: Bool { start < buffer.count }

    /// Gives up what is left unread, for what follows a stream's end.
    package mutating func rest() -> [UInt8] {
        defer { (buffer, start) = ([], 0) }
        return Array(buffer[start...])
    }

    /// The beginning of the message whose rest has not come; nil between messages.
    package var unfinished: UnfinishedMessage? {
        guard let (length, at) = try? header(), at < buffer.count else { return nil }
        return UnfinishedMessage(length: length, bytes: Array(buffer[at...]))
    }

    /// The next whole message's bytes; nil until more came. A length over the limit is refused before anything is kept for it.
    package mutating func next() throws(Malformed) -> [UInt8]? {
        guard let (length, at) = try header(), at + length <= buffer.count else { return nil }
        defer { start = at + length }
        return Array(buffer[at..<at + length])
    }

    /// The length of the message that begins at `start`, and where its bytes begin; nil while not all of the length is here.
    private func header() throws(Malformed) -> (length: Int, at: Int)? {
        var length: UInt64 = 0
        var at = start
        var shift: UInt64 = 0
        while true {
            guard at < buffer.count else { return nil }
            let byte = buffer[at]
            at += 1
            guard shift < 35 else { throw Malformed("a message's length does not decode") }
            length |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        guard length <= UInt64(Limits.messageBytes) else {
            throw Malformed("a message of \(length) bytes, over the limit of \(Limits.messageBytes)")
        }
        return (Int(length), at)
    }
}
