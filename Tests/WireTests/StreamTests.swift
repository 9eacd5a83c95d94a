import Causality
import Chance
import Journals
import Support
import Testing
import Wire

/// A message's bytes behind their length.
private func delimited(_ bytes: [UInt8]) -> [UInt8] {
    var out = ByteWriter()
    out.varint(UInt64(bytes.count))
    out.raw(bytes)
    return out.bytes
}

/// Every whole message that is there now.
private func drain(_ splitter: inout MessageSplitter) throws -> [[UInt8]] {
    var messages: [[UInt8]] = []
    while let message = try splitter.next() { messages.append(message) }
    return messages
}

struct StreamTests {
    private let messages: [[UInt8]] = [[], [1], [UInt8](repeating: 2, count: 127), [UInt8](repeating: 3, count: 128), [], [4, 5]]
    private var stream: [UInt8] { messages.flatMap { delimited($0) } }

    @Test func `messages are the same fed byte by byte`() throws {
        var splitter = MessageSplitter()
        var found: [[UInt8]] = []
        for byte in stream {
            splitter.feed([byte])
            found += try drain(&splitter)
        }
        let isInside = splitter.isInsideMessage
        #expect(found == messages)
        #expect(!isInside)
    }

    @Test(arguments: UInt64(0)..<50)
    func `messages are the same however the stream is cut`(_ seed: UInt64) throws {
        var chance = SplitMix64(seed: seed)
        var splitter = MessageSplitter()
        var (found, rest) = ([] as [[UInt8]], stream[...])
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 0...90, using: &chance))
            rest = rest.dropFirst(piece.count)
            splitter.feed(piece)
            // Not every piece is looked at before the next one comes.
            if chance.once(in: 2) || rest.isEmpty { found += try drain(&splitter) }
        }
        #expect(found == messages)
    }

    @Test func `a stream that was cut is known to be`() throws {
        let bytes = stream
        let ends = Set(messages.indices.map { last in messages[...last].flatMap { delimited($0) }.count })
        for count in 1..<bytes.count {
            var splitter = MessageSplitter()
            splitter.feed(bytes[..<count])
            _ = try drain(&splitter)
            let isInside = splitter.isInsideMessage
            #expect(isInside != ends.contains(count))
        }
    }

    @Test(
        arguments: [
            UInt64(Limits.messageBytes) + 1, 1 << 28, 1 << 31, 1 << 32, 1 << 34, 1 << 35, 1 << 62, 1 << 63, UInt64.max,
        ] as [UInt64])
    func `a length over the limit is refused before anything of the message has come`(_ length: UInt64) {
        var out = ByteWriter()
        out.varint(length)
        let bytes = out.bytes
        #expect(throws: Malformed.self) {
            var splitter = MessageSplitter()
            for byte in bytes {
                splitter.feed([byte])
                _ = try splitter.next()
            }
        }
    }

    @Test func `a length that never ends is refused`() {
        #expect(throws: Malformed.self) {
            var splitter = MessageSplitter()
            splitter.feed([UInt8](repeating: 0x80, count: 100))
            _ = try splitter.next()
        }
    }

    @Test func `a message of just the limit is waited for and given`() throws {
        let message = [UInt8](repeating: 6, count: Limits.messageBytes)
        let bytes = delimited(message)
        var splitter = MessageSplitter()
        splitter.feed(bytes.dropLast())
        let early = try splitter.next()
        #expect(early == nil)
        splitter.feed(bytes.suffix(1))
        let whole = try splitter.next()
        #expect(whole == message)
    }

    @Test func `a frame that came compressed though nobody asked is refused`() throws {
        var chance = SplitMix64(seed: 1)
        let (scope, runs) = (ScopeID(high: 0, low: 1), [someRun(&chance)])
        let plain = UnverifiedFrame(scope: scope, tail: tail(runs), compression: nil)
        let read = try plain.runs(NoCompression())
        #expect(read == runs)
        let compressed = UnverifiedFrame(scope: scope, body: .zstd([1, 2, 3]))
        #expect(throws: Malformed.self) { try compressed.runs(NoCompression()) }
    }
}
