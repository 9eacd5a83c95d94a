// Runs of entries, before and after they were checked. Only what a check here returned can be stored.

public import Causality

/// Consecutive entries of one journal as somebody sent them.
package struct UnverifiedRun: Hashable, Sendable {
    package var journal: JournalID
    package var replica: ReplicaID
    package var start: Position
    /// The hash before the first entry, if the sender gave it.
    package var previous: Hash?
    package var entries: [UnverifiedEntry]
    /// Over the last entry, or over the last header of `cover`.
    package var signature: [UInt8]?
    /// Headers that follow the last entry up to a signed one, where the last entry is not signed itself.
    package var cover: [[UInt8]]
    /// Of its headers.
    package var version: UInt32 = 1

    package init(
        journal: JournalID, replica: ReplicaID, start: Position, previous: Hash? = nil, entries: [UnverifiedEntry],
        signature: [UInt8]?, cover: [[UInt8]] = []
    ) {
        (self.journal, self.replica, self.start) = (journal, replica, start)
        (self.previous, self.entries, self.signature, self.cover) = (previous, entries, signature, cover)
    }
}

/// Consecutive entries of one journal that follow from its tip and are covered by a signature: the one it carries, or that of
/// a later run it was checked together with and must be stored together with.
public struct VerifiedRun: Hashable, Sendable {
    /// The journal it continues.
    public let journal: JournalID
    /// What it follows: the journal's tip so far.
    public let base: Tip
    /// The journal's tip once it is stored.
    public let tip: Tip
    package let entries: [ChainedEntry]
    /// Over the last entry.
    package let signature: [UInt8]?

    fileprivate init(base: Tip, tip: Tip, entries: [ChainedEntry], signature: [UInt8]?) {
        (self.journal, self.base, self.tip) = (base.journal, base, tip)
        (self.entries, self.signature) = (entries, signature)
    }
}

/// Entries chained behind a tip that no signature covers yet.
package struct OpenChain: Sendable {
    package let base: Tip
    package private(set) var tip: Tip
    private var pieces: [(base: Tip, tip: Tip, entries: [ChainedEntry], signature: [UInt8]?, cover: [[UInt8]])] = []
    private var entries: [ChainedEntry] = []
    private var pieceBase: Tip

    package init(after base: Tip) { (self.base, tip, pieceBase) = (base, base, base) }

    package var isEmpty: Bool { pieces.isEmpty && entries.isEmpty }

    /// Puts one more entry behind. At position 1 `birthKey` is the key of the birth it holds.
    @discardableResult
    package mutating func append(_ entry: UnverifiedEntry, birthKey: PublicKey? = nil) throws(Fault) -> ChainedEntry {
        let (chained, next) = try tip.chaining(entry)
        tip = next
        if chained.header.position == 1 { tip.key = birthKey }
        entries.append(chained)
        return chained
    }

    /// Ends a piece of the chain, with the signature over its last entry if one came.
    package mutating func cut(_ signature: [UInt8]?, cover: [[UInt8]] = []) {
        guard !entries.isEmpty else { return }
        pieces.append((pieceBase, tip, entries, signature, cover))
        (entries, pieceBase) = ([], tip)
    }

    /// The pieces, if the last one's signature covers them and every other signature that came is right.
    package func verified() throws(Fault) -> [VerifiedRun] {
        var runs: [VerifiedRun] = []
        var unsigned = 0
        for (i, piece) in pieces.enumerated() {
            unsigned += piece.entries.count
            guard unsigned <= Limits.entriesPerSignatureOnWire else {
                throw Fault(.tooLarge, "\(unsigned) entries without a signature")
            }
            if piece.signature != nil || i == pieces.count - 1 {
                unsigned = 0
                guard let key = tip.key, let signature = piece.signature,
                    key.verifies(signature, over: headMessage(try piece.tip.covered(by: piece.cover)))
                else { throw Fault(.signatureInvalid, "journal \(base.journal) up to \(piece.tip.position)") }
            }
            runs.append(
                VerifiedRun(
                    base: piece.base, tip: piece.tip, entries: piece.entries,
                    signature: piece.cover.isEmpty ? piece.signature : nil))
        }
        return runs
    }

    /// All that was appended as one run, signed by its author.
    package func signed(by signer: some Signer) throws -> VerifiedRun {
        let signature = try signer.signature(over: headMessage(tip.hash))
        return VerifiedRun(base: base, tip: tip, entries: entries, signature: signature)
    }
}

extension Tip {
    /// The hash at the end of headers that follow this tip.
    fileprivate func covered(by headers: [[UInt8]]) throws(Fault) -> Hash {
        guard headers.count <= Limits.entriesPerSignatureOnWire else {
            throw Fault(.tooLarge, "a cover of \(headers.count) headers")
        }
        var last = (position, hash)
        for bytes in headers {
            let header = try Header(bytes: bytes)
            guard header.scope == scope, header.replica == replica, header.position == last.0.next, header.previous == last.1 else {
                throw Fault(.signatureInvalid, "a cover does not follow entry \(last.0)")
            }
            last = (header.position, header.hash)
        }
        return last.1
    }
}
