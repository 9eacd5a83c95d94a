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

package struct NoCompression: FrameCompression {
    package init() {}
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
    /// The message behind its length.
    package var delimited: [UInt8] {
        let body = bytes
        var out = ByteWriter(reserving: body.count + 4)
        out.varint(UInt64(body.count))
        out.raw(body)
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

    /// The next whole message's bytes; nil until more came. A length over the limit is refused before anything is kept for it.
    package mutating func next() throws(Malformed) -> [UInt8]? {
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
        let end = at + Int(length)
        guard end <= buffer.count else { return nil }
        defer { start = end }
        return Array(buffer[at..<end])
    }
}
