// A message that broke off in the middle: what is held of it, so that only its rest need come (protocol/4-exchange.md, "Resuming").
//
//      first link:   length, beginning ...            (cut)
//      next link:    "I hold so many bytes of it" --> Continuation(rest)

import Causality
package import Journals

/// What one side says of a message whose rest never came.
package struct Partial: Hashable, Sendable {
    /// Bytes of the whole message.
    package var length: Int
    /// How many of them are held, from the first.
    package var held: Int
    package var digest: Hash

    package init(length: Int, held: Int, digest: Hash) { (self.length, self.held, self.digest) = (length, held, digest) }

    /// What is still to be sent of a message, if it is the one that broke off.
    package func rest(of message: [UInt8]) -> [UInt8]? {
        guard message.count == length, held < length, Hash(.partialMessage, Array(message[..<held])) == digest else { return nil }
        return Array(message[held...])
    }
}

/// The beginning of a message, kept until its rest comes.
package struct UnfinishedMessage: Hashable, Sendable {
    /// Less is not worth keeping: it comes again in a second or two on the worst of links.
    package static let worthKeeping = 4 << 10

    package private(set) var length: Int
    package private(set) var bytes: [UInt8]

    /// Nil unless it is a true beginning of a message within the limits.
    package init?(length: Int, bytes: [UInt8]) {
        guard length <= Limits.messageBytes, !bytes.isEmpty, bytes.count < length else { return nil }
        (self.length, self.bytes) = (length, bytes)
    }

    package var partial: Partial { Partial(length: length, held: bytes.count, digest: Hash(.partialMessage, bytes)) }

    /// The whole message.
    package func completed(by rest: [UInt8]) throws(Malformed) -> [UInt8] {
        guard bytes.count + rest.count == length else { throw Malformed("a continuation that does not fit its beginning") }
        return bytes + rest
    }

    /// What is held once a continuation of this message has broken off, too.
    package func extended(byBeginningOf continuation: UnfinishedMessage) -> UnfinishedMessage? {
        guard let rest = Self.restInside(continuation.bytes) else { return nil }
        return UnfinishedMessage(length: length, bytes: bytes + rest)
    }

    /// The bytes of `rest` in the beginning of a `Message` that holds a `Continuation`; nil if it is another message.
    private static func restInside(_ message: [UInt8]) -> [UInt8]? {
        var reader = ByteReader(message)
        do {
            // Field 8, then in it field 1, each tag followed by its length.
            for tag in [UInt64(8 << 3 | 2), UInt64(1 << 3 | 2)] {
                guard try reader.varint() == tag else { return nil }
                _ = try reader.varint()
            }
            return try reader.raw(reader.remaining)
        } catch { return nil }
    }

    package var stored: [UInt8] {
        var out = ByteWriter(reserving: bytes.count + 4)
        out.u32(UInt32(length))
        out.raw(bytes)
        return out.bytes
    }

    /// Nil if it is not what `stored` gives.
    package init?(stored: [UInt8]) {
        var reader = ByteReader(stored)
        guard let length = try? reader.u32(), let bytes = try? reader.raw(reader.remaining) else { return nil }
        self.init(length: Int(length), bytes: bytes)
    }
}
