// What the index lists: numbers of 64 bits that stand for pieces of texts. Different pieces may share one, so what the index
// finds is looked at again in the record itself.
//
//      kind, 8 bits | 0 ideograph   c << 21 | d: the characters c and d beside each other; d is 0: c, wherever it stands
//                   | 1 word        its first seven bytes
//                   | 2 beginning   the first letter of a word, and its first two
//                   | 3 ...         a type, a scope, a writer, a record referred to: seven bytes of it or of its hash

import Causality
import Records

typealias Term = UInt64

enum Terms {
    private static let bytesMax = 7
    private enum Kind {
        static let word: Term = 1
        static let beginning: Term = 2
        static let type: Term = 3
        static let scope: Term = 4
        static let writer: Term = 5
        static let reference: Term = 6
    }

    // MARK: Of a record

    /// What a record is filtered by.
    static func filters(of state: RecordState, in scope: ScopeID) -> Set<Term> {
        var terms: Set<Term> = [of(state.type), of(scope)]
        for writer in state.writers { terms.insert(of(writer: writer)) }
        for record in state.references { terms.insert(of(reference: record)) }
        return terms
    }

    static func of(_ type: TypeKey) -> Term { Kind.type << 56 | hash(type.rawValue.utf8) }
    static func of(_ scope: ScopeID) -> Term { Kind.scope << 56 | scope.low >> 8 ^ scope.high >> 8 }
    static func of(writer: String) -> Term { Kind.writer << 56 | hash(writer.utf8) }
    static func of(reference record: RecordID) -> Term { Kind.reference << 56 | record.high >> 8 }

    /// FNV-1a, 56 bits of it.
    private static func hash(_ bytes: some Sequence<UInt8>) -> Term {
        bytes.reduce(0xcbf2_9ce4_8422_2325 as Term) { ($0 ^ Term($1)) &* 0x0100_0000_01b3 } >> 8
    }

    // MARK: Of a text

    /// Every term of a text, as often as it occurs.
    static func collect(_ text: FoldedText, into terms: inout [Term]) {
        let units = text.units
        var i = 0
        while i < units.count {
            if FoldedText.isIdeograph(units[i]) {
                terms.append(pair(units[i], 0))
                if i + 1 < units.count, FoldedText.isIdeograph(units[i + 1]) { terms.append(pair(units[i], units[i + 1])) }
                i += 1
            } else if FoldedText.isLetter(units[i]) {
                let end = units[i...].firstIndex { !FoldedText.isLetter($0) } ?? units.count
                terms.append(word(units[i..<end]))
                terms.append(beginning(units[i..<i + 1]))
                if i + 1 < end { terms.append(beginning(units[i..<i + 2])) }
                i = end
            } else {
                i += 1
            }
        }
    }

    private static func pair(_ a: FoldedText.Unit, _ b: FoldedText.Unit) -> Term {
        Term(a & ~FoldedText.classMask) << 21 | Term(b & ~FoldedText.classMask)
    }

    private static func word(_ units: some Sequence<FoldedText.Unit>) -> Term { Kind.word << 56 | packed(units).term }
    private static func beginning(_ units: some Sequence<FoldedText.Unit>) -> Term { Kind.beginning << 56 | packed(units).term }

    /// The first seven bytes, most significant first, and how many there are in all.
    private static func packed(_ units: some Sequence<FoldedText.Unit>) -> (term: Term, bytes: Int) {
        var term: Term = 0
        var bytes = 0
        func add(_ byte: UInt32) {
            if bytes < bytesMax { term |= Term(byte) << Term(48 - 8 * bytes) }
            bytes += 1
        }
        for unit in units {
            let value = unit & ~FoldedText.classMask
            // As UTF-8 has it, so that a longer word never stands before a shorter one it begins with.
            if value < 0x80 {
                add(value)
            } else if value < 0x800 {
                add(0xC0 | value >> 6)
                add(0x80 | value & 0x3F)
            } else if value < 0x10000 {
                add(0xE0 | value >> 12)
                add(0x80 | value >> 6 & 0x3F)
                add(0x80 | value & 0x3F)
            } else {
                add(0xF0 | value >> 18)
                add(0x80 | value >> 12 & 0x3F)
                add(0x80 | value >> 6 & 0x3F)
                add(0x80 | value & 0x3F)
            }
        }
        return (term, bytes)
    }

    // MARK: Of a query

    /// What a wanted or excluded word is looked up by.
    struct LookUp {
        /// A record has the word only if it has a term of each range.
        var ranges: [ClosedRange<Term>]
        /// Whether the ranges say it all: what they give has the word.
        var isExact: Bool
    }

    static func lookUp(_ word: FoldedText) -> LookUp {
        let units = word.units
        var look = LookUp(ranges: [], isExact: true)
        var runs = 0
        var i = 0
        while i < units.count {
            let start = i
            if FoldedText.isIdeograph(units[i]) {
                i = units[i...].firstIndex { !FoldedText.isIdeograph($0) } ?? units.count
                let run = units[start..<i]
                let terms = run.count == 1 ? [pair(run[start], 0)] : zip(run, run.dropFirst()).map(pair)
                look.ranges += terms.map { $0...$0 }
                if run.count > 2 { look.isExact = false }
                runs += 1
            } else if FoldedText.isLetter(units[i]) {
                i = units[i...].firstIndex { !FoldedText.isLetter($0) } ?? units.count
                add(units[start..<i], isWhole: i < units.count, to: &look)
                runs += 1
            } else {
                i += 1
                runs += 1
            }
        }
        if runs > 1 { look.isExact = false }
        var seen: Set<ClosedRange<Term>> = []
        look.ranges = look.ranges.filter { seen.insert($0).inserted }
        return look
    }

    /// A run of letters. Behind the last one the text's word may go on.
    private static func add(_ run: ArraySlice<FoldedText.Unit>, isWhole: Bool, to look: inout LookUp) {
        let bytes = packed(run).bytes
        let term = word(run)
        if bytes > bytesMax {
            look.ranges.append(term...term)
            look.isExact = false
        } else if isWhole {
            look.ranges.append(term...term)
        } else if run.count <= 2 {
            look.ranges.append(beginning(run)...beginning(run))
        } else {
            // The word itself, and every longer one.
            let rest: Term = (1 << Term(8 * (bytesMax - bytes))) - 1
            look.ranges.append(term...(term | rest))
        }
    }
}
