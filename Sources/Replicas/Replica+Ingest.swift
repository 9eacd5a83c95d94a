// The ingest door: other people's entries come in here, are verified, stored, and, if they count, folded. What does not verify goes
// to quarantine with the reason; a fork found on the way is proven and both branches are kept.

package import Causality
package import Journals
import Records
package import Wire

/// What became of what was received.
package struct IngestReport: Hashable, Sendable {
    package var stored = 0
    package var skipped = 0
    package var refusals: [Refusal] = []
    /// Journals that were found forked.
    package var forks: [JournalID] = []
    /// The journals something was received of.
    package var journals: Set<JournalID> = []

    package init() {}

    package mutating func add(_ other: IngestReport) {
        stored += other.stored
        skipped += other.skipped
        refusals += other.refusals
        forks += other.forks
        journals.formUnion(other.journals)
    }
}

extension Replica {
    /// Takes in the tails of several frames of one scope, in one transaction. Durable when this returns.
    package func ingest(_ frames: [[UnverifiedRun]], in scope: ScopeID) throws -> IngestReport {
        var report = IngestReport()
        // Chains, signatures and meaning are checked before the lock is taken; what was held then is confirmed under it.
        try store.writing { writer in
            for runs in frames { try ingest(runs, in: scope, into: &report, writer) }
        }
        if report.stored > 0 { observers.notify() }
        return report
    }

    private func ingest(
        _ runs: [UnverifiedRun], in scope: ScopeID, into report: inout IngestReport, _ writer: any StoreWriter
    ) throws {
        // Each fork found is proven and the frame looked at again; more forks than runs there cannot be.
        for _ in 0...runs.count {
            let tail = try TailVerifier(scope: scope, reader: writer).verify(runs)
            if let fork = tail.fork {
                try prove(fork, in: scope, writer)
                report.forks.append(fork.journal)
                continue
            }
            let roster = try writer.roster()?.roster
            var batch = FoldBatch(scope: scope, rules: rules, branches: try writer.branchMap(in: scope))
            for piece in tail.pieces {
                try take(piece.run, piece.decoded, inOrder: true, roster: roster, batch: &batch, writer: writer)
                report.stored += piece.run.entries.count
            }
            try batch.write(to: writer)
            report.skipped += tail.skipped
            report.journals.formUnion(runs.map(\.journal))
            for (run, position, fault) in tail.refused {
                report.refusals.append(
                    Refusal(
                        scope: scope, journal: run.journal, position: position, code: fault.code.rawValue, detail: fault.detail))
                if fault.code.isOfTheBytes { try quarantine(run, at: position, fault, in: scope, writer) }
            }
            return
        }
    }

    private func quarantine(
        _ run: UnverifiedRun, at position: Position, _ fault: Fault, in scope: ScopeID, _ writer: any StoreWriter
    ) throws {
        var tail = TailWriter()
        tail.append(run)
        try writer.quarantine(tail.bytes, of: Dot(run.journal, position), in: scope, fault: fault, time: clock.now())
    }

    // MARK: Forks

    /// Takes in evidence of a fork.
    package func ingest(_ evidence: UnverifiedForkProof) throws {
        try store.writing { writer in
            let branches = try writer.branchMap(in: evidence.scope)
            let ids = evidence.branches.compactMap { $0.headers.first.flatMap { try? Header(bytes: $0) } }
                .map { JournalID.branch(of: evidence.replica, first: $0.hash) }
            if !ids.isEmpty, ids.allSatisfy({ branches[$0] != nil }) { return }
            let line = branches.line(of: evidence.journal)
            var previous = Hash.zero
            if evidence.position > 1 {
                guard let part = line.last(where: { $0.start < evidence.position }),
                    let entry = try writer.entry(Dot(part.journal, evidence.position.previous), in: evidence.scope)
                else { throw Fault(.proofInvalid, "what stands before the fork is not here") }
                previous = entry.hash
            }
            let key =
                try writer.journal(evidence.journal, in: evidence.scope)?.tip.key
                ?? line.compactMap { try writer.journal($0.journal, in: evidence.scope)?.tip.key }.first
            let proof = try ForkProof(
                checking: evidence, previous: previous, key: key, birthKey: DecodedEntry.birthKey)
            try establish(proof, writer)
        }
        observers.notify()
    }

    /// Makes evidence of a fork found in a tail, and establishes it.
    private func prove(_ fork: FoundFork, in scope: ScopeID, _ writer: any StoreWriter) throws {
        guard let mine = try writer.entry(Dot(fork.journal, fork.position), in: scope), let first = fork.pieces.first?.entries.first
        else { throw Fault(.proofInvalid, "the fork is not where it was found") }
        var held: [[UInt8]] = []
        var signature: [UInt8]?
        var previous = fork.position == 1 ? Hash.zero : first.header.previous
        search: while held.count < Limits.entriesPerSignatureOnWire {
            let from = Position(rawValue: fork.position.rawValue + UInt64(held.count))
            let entries = try writer.entries(of: fork.journal, in: scope, from: from, limit: 256)
            if entries.isEmpty { break }
            for entry in entries {
                let header = entry.header(in: scope, previous: previous)
                held.append(header.bytes)
                previous = entry.hash
                signature = entry.signature
                if signature != nil { break search }
            }
        }
        let received = fork.pieces.flatMap(\.entries)
        guard let signature, let theirs = fork.pieces.last?.signature, received.count <= Limits.entriesPerSignatureOnWire else {
            throw Fault(.proofInvalid, "one side of the fork is not signed within \(Limits.entriesPerSignatureOnWire) entries")
        }
        let isBirth = fork.position == 1
        let sides = [
            (mine.hash, ForkBranch(headers: held, signature: signature, birth: isBirth ? mine.entry.skeleton : [])),
            (
                first.hash,
                ForkBranch(headers: received.map(\.header.bytes), signature: theirs, birth: isBirth ? first.skeleton : [])
            ),
        ].sorted { $0.0 < $1.0 }
        let evidence = UnverifiedForkProof(
            scope: scope, journal: fork.journal, replica: mine.replica, position: fork.position, branches: sides.map(\.1))
        let before = isBirth ? Hash.zero : first.header.previous
        let key = try writer.journal(fork.journal, in: scope)?.tip.key
        let proof = try ForkProof(checking: evidence, previous: before, key: key, birthKey: DecodedEntry.birthKey)
        try establish(proof, writer)
    }

    /// Ends the journal before the fork, makes its continuations branches, and folds the scope as it now reads.
    private func establish(_ proof: ForkProof, _ writer: any StoreWriter) throws {
        let scope = proof.evidence.scope
        let position = proof.evidence.position
        let branches = try writer.branchMap(in: scope)
        // The journal that held the place before the fork may itself have become a branch since the evidence was made.
        let line = branches.line(of: proof.evidence.journal)
        let parent = line.last { $0.start < position }?.journal ?? proof.evidence.journal
        try writer.insert(proof)
        if let held = try writer.entry(Dot(parent, position), in: scope) {
            let id = JournalID.branch(of: proof.evidence.replica, first: held.hash)
            try writer.split(parent, in: scope, at: position, into: id)
        }
        for journal in proof.journals where try writer.branchMap(in: scope)[journal] == nil {
            try writer.insert(
                Branches.Branch(journal: journal, parent: parent, replica: proof.evidence.replica, start: position), in: scope)
        }
        let own = try writer.replica().id
        if own == proof.evidence.replica { try writer.setReplica(Self.freshID(entropy), earlier: own) }
        try rebuild(scope, in: writer)
    }
}

extension StoredEntry {
    package func header(in scope: ScopeID, previous: Hash) -> Header {
        Header(
            scope: scope, replica: replica, position: position, previous: previous, time: entry.time, offset: entry.offset,
            roster: entry.roster, rest: entry.rest)
    }
}

extension Fault.Code {
    /// Whether the bytes are at fault, rather than the moment they came.
    fileprivate var isOfTheBytes: Bool {
        switch self {
        case .gap, .doesNotLink, .unprovenBranch, .scopeNotGranted: false
        default: true
        }
    }
}

extension TailWriter {
    package mutating func append(_ run: UnverifiedRun) {
        begin(journal: run.journal, replica: run.replica, start: run.start, previous: run.previous)
        for entry in run.entries { append(entry) }
        if let signature = run.signature { sign(signature) }
    }
}
