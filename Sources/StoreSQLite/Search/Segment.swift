// A segment of the index: up to 4,096 records and, for each term, which of them have it. A segment is written once; records that change
// or go are marked in it, and it is in time written anew without them.
//
//      chunk    one or more lists, terms ascending; its first term is its key
//      list     term u64 | how many u16 | postings, records ascending
//      posting  u16: the record's slot in the segment << 4 | how often the term occurs, title words counted more, at most 15
//
// All little endian. A chunk fits a page unless one list alone is longer.

import Causality
import Records

enum Posting {
    static let countMax = 15
}

struct SegmentBuilder {
    static let slotsMax = 4_096
    private static let chunkBytes = 3_800
    private static let listHeadBytes = 10

    /// A record's key in the replica's file.
    private(set) var records: [Int64] = []
    /// When it was last changed.
    private(set) var changes: [Int64] = []
    /// How much text it has; at most 65,535.
    private(set) var lengths: [UInt16] = []
    private var postings: [(term: Term, posting: UInt16)] = []
    private var terms: [Term] = []

    var isFull: Bool { records.count >= Self.slotsMax }

    mutating func add(_ record: Int64, _ state: RecordState, in scope: ScopeID, _ fields: SearchedFields) {
        let slot = UInt16(records.count)
        terms.removeAll(keepingCapacity: true)
        terms += Terms.filters(of: state, in: scope)
        var length = 0
        for text in state.searchableTexts(fields) {
            let folded = FoldedText(text.text)
            length += folded.units.count
            for _ in 0..<text.weight { Terms.collect(folded, into: &terms) }
        }
        terms.sort()
        var i = 0
        while i < terms.count {
            var end = i + 1
            while end < terms.count, terms[end] == terms[i] { end += 1 }
            postings.append((terms[i], slot << 4 | UInt16(min(end - i, Posting.countMax))))
            i = end
        }
        records.append(record)
        changes.append(state.changed?.time.rawValue ?? 0)
        lengths.append(UInt16(clamping: length))
    }

    /// Hands on the chunks in order.
    consuming func forEachChunk(_ body: (_ first: Term, _ bytes: [UInt8]) throws -> Void) rethrows {
        // Each record's terms stand sorted already, which this sort makes use of.
        postings.sort { $0.term != $1.term ? $0.term < $1.term : $0.posting < $1.posting }
        var chunk: [UInt8] = []
        var first: Term = 0
        var i = 0
        while i < postings.count {
            let term = postings[i].term
            var end = i + 1
            while end < postings.count, postings[end].term == term { end += 1 }
            let bytes = Self.listHeadBytes + 2 * (end - i)
            if !chunk.isEmpty, chunk.count + bytes > Self.chunkBytes {
                try body(first, chunk)
                chunk.removeAll(keepingCapacity: true)
            }
            if chunk.isEmpty { first = term }
            chunk.append(littleEndian: term)
            chunk.append(littleEndian: UInt16(end - i))
            for posting in postings[i..<end] { chunk.append(littleEndian: posting.posting) }
            i = end
        }
        if !chunk.isEmpty { try body(first, chunk) }
    }
}

/// A chunk as it is read: bytes of a file, so nothing is believed of them.
enum Chunk {
    /// Hands on the postings of every list within a range of terms.
    static func forEachPosting(
        in bytes: UnsafeRawBufferPointer, _ range: ClosedRange<Term>, _ body: (_ slot: Int, _ count: UInt8) -> Void
    ) {
        var at = 0
        while at + 10 <= bytes.count {
            let term = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let count = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt16.self)))
            at += 10
            guard at + 2 * count <= bytes.count, term <= range.upperBound else { return }
            if term >= range.lowerBound {
                for i in 0..<count {
                    let posting = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 2 * i, as: UInt16.self))
                    body(Int(posting >> 4), UInt8(posting & 15))
                }
            }
            at += 2 * count
        }
    }
}

extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Numbers one behind the other.
    init(littleEndian values: [some FixedWidthInteger]) {
        self.init()
        for value in values { append(littleEndian: value) }
    }

    /// Whole numbers of this type; what is left over is dropped.
    func littleEndian<I: FixedWidthInteger>(as type: I.Type) -> [I] {
        withUnsafeBytes { bytes in
            let width = I.bitWidth / 8
            return (0..<bytes.count / width).map { I(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * width, as: I.self)) }
        }
    }
}
