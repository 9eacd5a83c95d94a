// Bytes that nobody vouches for, and what is promised of them: one target for each door they come in by. A fuzzer or a test draws the
// bytes and calls `run`. What a decoder refuses is its right; a promise that is broken ends the process with a sentence, and so does
// every trap.

/// A door that bytes come in by.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// Messages, tails and streams of the exchange.
    case frame
    /// Skeletons, values, headers, and what a store gives back.
    case entry
    /// Bundles, what is sealed in them, and what a device says to the service that is signed and may be false.
    case bundle
    /// Catalogue and calendar files.
    case catalogue
    /// Forms, drafts, tables and lines of records, as people and spreadsheets write them.
    case form
    /// Edits of one record, folded in every way there is.
    case fold
    /// A text and what several people made of it.
    case text
    /// Signatures of requests.
    case request

    /// Runs these bytes through the door. Traps if a promise is broken.
    package func run(_ bytes: [UInt8]) {
        switch self {
        case .frame: FrameTarget.run(bytes)
        case .entry: EntryTarget.run(bytes)
        case .bundle: BundleTarget.run(bytes)
        case .catalogue: CatalogueTarget.run(bytes)
        case .form: FormTarget.run(bytes)
        case .fold: FoldTarget.run(bytes)
        case .text: TextTarget.run(bytes)
        case .request: RequestTarget.run(bytes)
        }
    }

    /// Bytes that are as they should be, to begin with.
    package var seeds: [[UInt8]] {
        switch self {
        case .frame: FrameTarget.seeds
        case .entry: EntryTarget.seeds
        case .bundle: BundleTarget.seeds
        case .catalogue: CatalogueTarget.seeds
        case .form: FormTarget.seeds
        case .fold: FoldTarget.seeds
        case .text: TextTarget.seeds
        case .request: RequestTarget.seeds
        }
    }
}

/// Ends the process unless this holds, in release builds too and with its words.
func promise(_ isKept: Bool, _ sentence: @autoclosure () -> String) {
    if !isKept { fatalError("a promise is broken: \(sentence())") }
}

/// What cannot fail unless the target itself is wrong.
func sound<T>(_ body: () throws -> T) -> T {
    do { return try body() } catch { fatalError("a fuzz target is wrong: \(error)") }
}

/// Takes bytes apart for a target that wants several things: a byte here, there a piece behind its length in two bytes. At their end it
/// gives zeros and nothing.
struct Cuts {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// One of so many.
    mutating func choice(of count: Int) -> Int { Int(byte()) % count }

    /// As many bytes as its length says, or as there are.
    mutating func piece() -> [UInt8] {
        let length = Int(byte()) << 8 | Int(byte())
        defer { rest = rest.dropFirst(length) }
        return Array(rest.prefix(length))
    }

    mutating func all() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    /// Bytes that `piece` reads as these.
    static func piece(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count >> 8 & 0xff), UInt8(bytes.count & 0xff)] + bytes }
}

/// Chance that bytes decide, one for each choice. At their end every choice is the first.
struct DecidedChance: RandomNumberGenerator {
    private var cuts: Cuts

    init(_ bytes: [UInt8]) { cuts = Cuts(bytes) }

    mutating func next() -> UInt64 {
        // Choices among few look at the highest bits, choices of a byte at the lowest. What is between keeps a choice from being made anew.
        let byte = UInt64(cuts.byte())
        return byte << 56 | 0x00ff_ffff_ffff_ff00 | byte
    }
}

extension [UInt8] {
    /// One after the other, each at most so long.
    func pieces(of length: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: count, by: Swift.max(1, length)).map { self[$0..<Swift.min(count, $0 + Swift.max(1, length))] }
    }

    /// The text; what is no UTF-8 in it is replaced.
    var text: String { String(decoding: self, as: UTF8.self) }
}
