// Checks the runs of one frame against what is held: chains, signatures, meaning, causal order (protocol/2-entries.md, "What
// verifies"). Stores nothing.
//
//   1. Each journal's runs are chained behind its tip and its last signature is checked: all or nothing per journal.
//   2. The pieces are gone through in the order they came; one whose context has what is neither held nor before it in the
//      frame falls, and with it what is behind it in its journal and whoever depended on that.

import Causality
import Journals
import Records
import Wire

/// What became of one frame's runs.
struct VerifiedTail {
    struct Piece {
        var run: VerifiedRun
        var decoded: [DecodedEntry]
    }
    var pieces: [Piece] = []
    /// Runs that were not taken, with the reason.
    var refused: [(run: UnverifiedRun, position: Position, fault: Fault)] = []
    /// A second continuation of a journal, found where it leaves what is held.
    var fork: FoundFork?
    /// Entries that were held already.
    var skipped = 0
    /// Of these, what came with values that are not here.
    var fuller: [(dot: Dot, values: EntryValues)] = []
}

/// Two entries at one position of one journal.
struct FoundFork {
    var journal: JournalID
    var position: Position
    /// The new continuation, verified from the fork on: its headers up to a signed one, its signature, and its first entry.
    var headers: [[UInt8]]
    var signature: [UInt8]
    var first: ChainedEntry
}

struct TailVerifier {
    let scope: ScopeID
    let reader: any StoreReader
    private var branches: Branches
    private var tips: [JournalID: Tip] = [:]

    init(scope: ScopeID, reader: any StoreReader) throws {
        (self.scope, self.reader) = (scope, reader)
        branches = try reader.branchMap(in: scope)
        for journal in try reader.journals(in: scope) { tips[journal.tip.journal] = journal.tip }
    }

    private struct Chain {
        var chain: OpenChain
        var decoded: [DecodedEntry] = []
        /// How many of `decoded` belong to each piece.
        var counts: [Int] = []
        var runs: [UnverifiedRun] = []
        var fault: (position: Position, fault: Fault)?
    }

    func verify(_ runs: [UnverifiedRun]) throws -> VerifiedTail {
        var tail = VerifiedTail()
        var chains: [JournalID: Chain] = [:]
        var order: [(journal: JournalID, piece: Int)] = []

        for run in runs {
            var run = run
            guard run.version == UInt32(Header.version) else {
                let fault = Fault(.unsupportedVersion, "format version \(run.version), which is newer than this program")
                tail.refused.append((run, run.start, fault))
                continue
            }
            let resolved = try resolve(run)
            run.journal = resolved.journal
            guard let tip = resolved.tip else {
                tail.refused.append((run, run.start, Fault(.unprovenBranch, "journal \(run.journal)")))
                continue
            }
            var chain = chains[run.journal] ?? Chain(chain: OpenChain(after: tip))
            chain.runs.append(run)
            if chain.fault == nil {
                do {
                    let overlap = try skipHeld(&run, tip: chain.chain.tip, isFresh: chain.chain.isEmpty)
                    tail.skipped += overlap.skipped
                    tail.fuller += overlap.fuller
                    if let fork = overlap.fork {
                        tail.fork = fork
                        return tail
                    }
                    if let end = branches.end(of: run.journal), !run.entries.isEmpty, run.start > end {
                        tail.fork = try furtherBranch(run, behind: chain.chain.tip)
                        return tail
                    }
                    if !run.entries.isEmpty {
                        try append(run, to: &chain)
                        order.append((run.journal, chain.counts.count - 1))
                    }
                } catch let fault as Fault {
                    chain.fault = (chain.chain.tip.position.next, fault)
                }
            }
            chains[run.journal] = chain
        }

        var pieces: [JournalID: [VerifiedTail.Piece]] = [:]
        for (journal, chain) in chains.sorted(by: { $0.key < $1.key }) {
            if let (position, fault) = chain.fault {
                for run in chain.runs { tail.refused.append((run, position, fault)) }
                continue
            }
            guard !chain.counts.isEmpty else { continue }
            do {
                var decoded = chain.decoded[...]
                pieces[journal] = zip(try chain.chain.verified(), chain.counts).map { run, count in
                    defer { decoded = decoded.dropFirst(count) }
                    return VerifiedTail.Piece(run: run, decoded: Array(decoded.prefix(count)))
                }
            } catch {
                for run in chain.runs { tail.refused.append((run, chain.chain.base.position.next, error)) }
            }
        }

        // Causal order. A journal that falls may take others with it, so this is repeated until nothing more falls.
        var faults: [JournalID: (position: Position, fault: Fault)] = [:]
        while true {
            var held = tips.mapValues(\.position)
            var fell = false
            for (journal, i) in order where faults[journal] == nil {
                guard let piece = pieces[journal]?[i] else { continue }
                if let (position, fault) = unseen(in: piece, held) {
                    faults[journal] = (position, fault)
                    fell = true
                } else {
                    held[journal] = piece.run.tip.position
                }
            }
            if !fell { break }
        }
        for (journal, (position, fault)) in faults.sorted(by: { $0.key < $1.key }) {
            for run in chains[journal]?.runs ?? [] { tail.refused.append((run, position, fault)) }
        }
        tail.pieces = order.compactMap { journal, i in faults[journal] == nil ? pieces[journal]?[i] : nil }
        return tail
    }

    private func append(_ run: UnverifiedRun, to chain: inout Chain) throws(Fault) {
        let before = chain.decoded.count
        for entry in run.entries {
            let position = chain.chain.tip.position.next
            let decoded = try DecodedEntry(
                skeleton: entry.skeleton, values: entry.values, position: position, replica: chain.chain.tip.replica)
            if case .birth(let birth) = decoded {
                try chain.chain.append(entry, birthKey: birth.key)
            } else {
                try chain.chain.append(entry)
            }
            chain.decoded.append(decoded)
        }
        chain.chain.cut(run.signature, cover: run.cover)
        chain.counts.append(chain.decoded.count - before)
    }

    // MARK: Which journal a run continues

    /// The journal a run belongs to and its tip. A sender that does not know of a fork sends a branch under the undivided journal: it is the
    /// line that agrees with the run furthest.
    private func resolve(_ run: UnverifiedRun) throws -> (journal: JournalID, tip: Tip?) {
        let named = run.journal
        guard let end = branches.end(of: named),
            run.start.rawValue + UInt64(run.entries.count) - 1 > end.rawValue
        else { return (run.journal, try tip(of: run.journal, replica: run.replica)) }
        var best: (agrees: Position, tip: Tip)?
        for journal in [named] + branches.descendants(of: named) {
            guard let tip = try tip(of: journal, replica: run.replica), let agrees = try agreement(of: run, with: tip),
                best.map({ agrees >= $0.agrees }) ?? true
            else { continue }
            best = (agrees, tip)
        }
        guard let best else { return (named, try tip(of: named, replica: run.replica)) }
        return (best.tip.journal, best.tip)
    }

    private func tip(of journal: JournalID, replica: ReplicaID) throws -> Tip? {
        if let tip = tips[journal] { return tip }
        return try reader.tip(of: journal, replica: replica, in: scope)
    }

    /// The last position at which a run and the line a tip ends hold the same; nil if the run does not belong on that line.
    private func agreement(of run: UnverifiedRun, with tip: Tip) throws -> Position? {
        guard run.start <= tip.position.next, let base = try hash(before: run.start, tip: tip),
            run.previous.map({ $0 == base }) ?? true
        else { return nil }
        var chain = OpenChain(after: pseudoTip(tip, before: run.start, hash: base))
        var agrees = run.start.previous
        for entry in run.entries {
            guard let chained = try? chain.append(entry) else { return nil }
            let position = chained.header.position
            if position > tip.position {
                // A branch without entries is known by what its first one must be.
                if tip.isBranchPoint, JournalID.branch(of: tip.replica, first: chained.hash) != tip.journal { return nil }
                break
            }
            guard try hash(at: position, tip: tip) == chained.hash else { break }
            agrees = position
        }
        if let branch = branches[tip.journal], !tip.isBranchPoint, agrees < branch.start { return nil }
        guard agrees < run.start, run.previous == nil, branches.end(of: tip.journal) == nil, !tip.isBranchPoint else {
            return agrees
        }
        // Nothing overlaps and the sender did not say what it follows: its signature tells.
        var rest = OpenChain(after: tip)
        for entry in run.entries { guard (try? rest.append(entry)) != nil else { return nil } }
        rest.cut(run.signature, cover: run.cover)
        return run.signature == nil || (try? rest.verified()) != nil ? agrees : nil
    }

    // MARK: Overlap and forks

    /// Drops the entries that are held already. Finds the fork if one of them is another than the one held.
    private func skipHeld(
        _ run: inout UnverifiedRun, tip: Tip, isFresh: Bool
    ) throws -> (skipped: Int, fuller: [(dot: Dot, values: EntryValues)], fork: FoundFork?) {
        guard run.start <= tip.position.next else {
            throw Fault(.gap, "journal \(run.journal) goes on at \(run.start), \(tip.position) is held")
        }
        guard run.start <= tip.position else {
            if let previous = run.previous, previous != tip.hash {
                throw Fault(.doesNotLink, "journal \(run.journal) at \(run.start)")
            }
            return (0, [], nil)
        }
        guard isFresh else { throw Fault(.malformed, "a run goes back in its own frame") }
        guard let base = try hash(before: run.start, tip: tip), run.previous.map({ $0 == base }) ?? true else {
            throw Fault(.doesNotLink, "journal \(run.journal) at \(run.start)")
        }
        var chain = OpenChain(after: pseudoTip(tip, before: run.start, hash: base))
        var skipped = 0
        var fuller: [(dot: Dot, values: EntryValues)] = []
        for entry in run.entries {
            guard chain.tip.position < tip.position else { break }
            let before = chain.tip
            let key = before.position == .none ? DecodedEntry.birthKey(entry.skeleton) : nil
            let chained = try chain.append(entry, birthKey: key)
            guard let held = try self.entry(at: chained.header.position, tip: tip), held.hash == chained.hash else {
                return (skipped, fuller, try fork(run, skipping: skipped, at: before, tip: tip))
            }
            // The hash covers a commitment to each value: what comes is what was written.
            if !held.entry.values.lackingPlaces.isSubset(of: entry.values.lackingPlaces) { fuller.append((held.dot, entry.values)) }
            skipped += 1
        }
        run.entries.removeFirst(skipped)
        run.start = Position(rawValue: run.start.rawValue + UInt64(skipped))
        run.previous = nil
        return (skipped, fuller, nil)
    }

    /// The continuation that leaves the held journal behind `base`, if its signature proves it.
    private func fork(_ run: UnverifiedRun, skipping: Int, at base: Tip, tip: Tip) throws -> FoundFork {
        var base = base
        // The rules of a chain are checked from the fork on by the entry before it.
        if let before = try reader.entry(Dot(tip.journal, base.position), in: scope) {
            (base.time, base.roster) = (before.entry.time, before.entry.roster)
        }
        // Position 1 is a birth, whose key signs; behind it the journal's own key does.
        base.key = base.position == .none ? nil : tip.key
        var chain = OpenChain(after: base)
        for entry in run.entries.dropFirst(skipping) {
            let position = chain.tip.position.next
            _ = try DecodedEntry(skeleton: entry.skeleton, values: entry.values, position: position, replica: run.replica)
            try chain.append(entry, birthKey: position == 1 ? DecodedEntry.birthKey(entry.skeleton) : nil)
        }
        chain.cut(run.signature, cover: run.cover)
        let entries = try chain.verified().flatMap(\.entries)
        guard let first = entries.first, let signature = run.signature,
            entries.count + run.cover.count <= Limits.entriesPerSignatureOnWire
        else { throw Fault(.proofInvalid, "a continuation is not signed within \(Limits.entriesPerSignatureOnWire) entries") }
        return FoundFork(
            journal: tip.journal, position: base.position.next, headers: entries.map(\.header.bytes) + run.cover,
            signature: signature, first: first)
    }

    /// A further continuation where a journal has forked before: it is proven against a branch that is known.
    private func furtherBranch(_ run: UnverifiedRun, behind tip: Tip) throws -> FoundFork {
        var fork = try fork(run, skipping: 0, at: tip, tip: tip)
        guard let known = branches.children(of: tip.journal).first(where: { $0.start == fork.position }) else {
            throw Fault(.unprovenBranch, "journal \(run.journal)")
        }
        fork.journal = known.journal
        return fork
    }

    private func pseudoTip(_ tip: Tip, before start: Position, hash: Hash) -> Tip {
        var base = tip
        // Other journal, so that a branch's id is not asked of an entry in its middle.
        (base.journal, base.isBranchPoint) = (JournalID(tip.replica), false)
        (base.position, base.hash) = (start.previous, hash)
        (base.time, base.roster) = (Timestamp(rawValue: .min), 0)
        return base
    }

    private func hash(before start: Position, tip: Tip) throws -> Hash? {
        start == 1 ? .zero : try hash(at: start.previous, tip: tip)
    }

    /// The hash held at a position of the line that a journal's tip ends.
    private func hash(at position: Position, tip: Tip) throws -> Hash? { try entry(at: position, tip: tip)?.hash }

    /// The entry held at a position of the line that a journal's tip ends.
    private func entry(at position: Position, tip: Tip) throws -> StoredEntry? {
        for part in branches.line(of: tip.journal).reversed() where part.start <= position {
            return try reader.entry(Dot(part.journal, position), in: scope)
        }
        return nil
    }

    // MARK: Causal order

    private func unseen(
        in piece: VerifiedTail.Piece, _ held: [JournalID: Position]
    ) -> (position: Position, fault: Fault)? {
        for (entry, decoded) in zip(piece.run.entries, piece.decoded) {
            guard case .change(let change) = decoded else { continue }
            for edit in change.edits {
                for component in branches.reading(edit.context, in: piece.run.journal).components
                where !isOwn(component.journal, piece.run.journal) && held[component.journal, default: .none] < component.position {
                    return (
                        entry.header.position,
                        Fault(.unseenContext, "it claims to have seen \(component.journal):\(component.position)")
                    )
                }
            }
        }
        return nil
    }

    /// Whether a context's component is about the line the entry itself stands on.
    private func isOwn(_ component: JournalID, _ journal: JournalID) -> Bool {
        branches.line(of: journal).contains { $0.journal == component }
    }
}
