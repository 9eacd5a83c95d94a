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
    /// What was put into quarantine, told to the instruments.
    fileprivate var quarantined: [InstrumentEvent] = []
    /// Journals that were found forked.
    package var forks: [JournalID] = []
    /// Entries that got values which they had come without.
    package var filled = 0
    /// Entries of which it must be seen anew whether they lack something: they came without values, or got some.
    fileprivate var unsettled: Set<Dot> = []
    /// What orders name that came, or came by their words.
    fileprivate var named: Set<Dot> = []
    /// The journals something was received of.
    package var journals: Set<JournalID> = []

    package init() {}

    fileprivate mutating func refuse(_ run: UnverifiedRun, at position: Position, _ fault: Fault, in scope: ScopeID) {
        // A hostile stream can be refused at every run; what is listed of it stays small.
        guard refusals.count < 1_000 else { return }
        refusals.append(
            Refusal(scope: scope, journal: run.journal, position: position, code: fault.code.rawValue, detail: fault.detail))
    }

    fileprivate mutating func noteQuarantined(_ run: UnverifiedRun, at position: Position, _ fault: Fault, in scope: ScopeID) {
        guard quarantined.count < 1_000 else { return }
        quarantined.append(
            .quarantined(scope: scope, journal: run.journal, position: position, code: fault.code.rawValue))
    }

    /// What the instruments are told of one transaction: codes, never details, which may quote what came.
    fileprivate func events(in scope: ScopeID) -> [InstrumentEvent] {
        var events: [InstrumentEvent] = []
        if stored + skipped > 0 { events.append(.ingested(scope: scope, entries: stored, repeated: skipped)) }
        events += forks.map { .forked(scope: scope, journal: $0) }
        events += refusals.map {
            .refused(scope: $0.scope, journal: $0.journal, position: $0.position, code: $0.code)
        }
        return events + quarantined
    }

    package mutating func add(_ other: IngestReport) {
        stored += other.stored
        skipped += other.skipped
        filled += other.filled
        refusals += other.refusals
        forks += other.forks
        journals.formUnion(other.journals)
    }
}

extension Replica {
    /// Takes in the tails of several frames of one scope, in one transaction. Durable when this returns.
    package func ingest(_ frames: [[UnverifiedRun]], in scope: ScopeID) throws -> IngestReport {
        var report = IngestReport()
        try transacting { writer in
            // A record that many frames touch is folded once.
            var batch = FoldBatch(scope: scope, rules: rules, branches: try writer.branchMap(in: scope))
            for runs in frames { try ingest(runs, in: scope, into: &report, &batch, writer) }
            try batch.write(to: writer)
            try noteLacking(report.unsettled, named: report.named, in: scope, writer)
        }
        note(report.events(in: scope))
        report.quarantined = []
        (report.unsettled, report.named) = ([], [])
        if report.stored + report.filled > 0 { becameDurable() }
        return report
    }

    private func ingest(
        _ runs: [UnverifiedRun], in scope: ScopeID, into report: inout IngestReport, _ batch: inout FoldBatch,
        _ writer: any StoreWriter
    ) throws {
        var runs = runs
        // Each fork found is proven and the frame looked at again; more forks than runs there cannot be.
        for _ in 0...runs.count {
            let tail = try TailVerifier(scope: scope, reader: writer).verify(runs)
            if let fork = tail.fork {
                do {
                    // It folds the whole scope as it reads then, with what this transaction took in.
                    try prove(fork, in: scope, writer)
                    batch = FoldBatch(scope: scope, rules: rules, branches: try writer.branchMap(in: scope))
                    report.forks.append(fork.journal)
                } catch let fault as Fault {
                    // What cannot be proven is not taken; the others in the frame are.
                    let replica = fork.first.header.replica
                    for run in runs where run.replica == replica { report.refuse(run, at: fork.position, fault, in: scope) }
                    runs.removeAll { $0.replica == replica }
                }
                continue
            }
            let roster = try writer.roster()?.roster
            for piece in tail.pieces {
                if try take(piece.run, piece.decoded, inOrder: true, roster: roster, batch: &batch, writer: writer) {
                    try batch.write(to: writer)
                    try recount(scope, in: writer)
                    batch = FoldBatch(scope: scope, rules: rules, branches: batch.branches)
                }
                report.stored += piece.run.entries.count
                for (i, entry) in piece.run.entries.enumerated() where !entry.values.lackingPlaces.isEmpty {
                    report.unsettled.insert(
                        Dot(
                            piece.run.journal,
                            Position(rawValue: piece.run.tip.position.rawValue + 1 + UInt64(i) - UInt64(piece.run.entries.count))))
                }
                for case .change(let change) in piece.decoded {
                    for edit in change.edits { report.named.formUnion(ErasureOrder(edit)?.entries ?? []) }
                }
                // Of one's own journal others have what is lacking here only if this store was restored from an older copy.
                let own = try writer.replica().id
                if piece.run.journal == JournalID(own), piece.run.tip.position > (try writer.leftEnd(of: JournalID(own), in: scope))
                {
                    try renew(own, in: writer)
                }
            }
            let (filled, named) = try batch.fill(tail.fuller, in: writer)
            // They may be ready for a number.
            if !filled.isEmpty { try writer.setSetting(Self.looked(scope), nil) }
            report.filled += filled.count
            report.unsettled.formUnion(filled)
            report.named.formUnion(named)
            report.skipped += tail.skipped
            report.journals.formUnion(runs.map(\.journal) + tail.pieces.map(\.run.journal))
            for (run, position, fault) in tail.refused {
                report.refuse(run, at: position, fault, in: scope)
                if fault.code.isOfTheBytes {
                    try quarantine(run, at: position, fault, in: scope, writer)
                    report.noteQuarantined(run, at: position, fault, in: scope)
                }
            }
            return
        }
        for run in runs { report.refuse(run, at: run.start, Fault(.proofInvalid, "it forks again and again"), in: scope) }
    }

    /// Keeps the list of what is lacking: what came without values, less what orders took and what has come. Only what may have changed is looked at.
    ///
    /// - Parameters:
    ///   - named: what orders that came name.
    ///   - all: whether the whole list is looked at, as when a journal has forked.
    private func noteLacking(
        _ unsettled: Set<Dot>, named: Set<Dot> = [], all: Bool = false, in scope: ScopeID, _ writer: any StoreWriter
    ) throws {
        let before = try writer.lacking(in: scope)
        let batch = FoldBatch(scope: scope, rules: rules, branches: try writer.branchMap(in: scope))
        let looked = unsettled.union(before.filter { dot in all || batch.names(of: dot).contains(where: named.contains) })
        guard !looked.isEmpty else { return }
        let after = try before.subtracting(looked).union(batch.lacking(among: looked, in: writer))
        if after != before { try writer.setLacking(after, in: scope) }
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
        try transacting { writer in
            let branches = try writer.branchMap(in: evidence.scope)
            let ids = evidence.branches.compactMap { $0.headers.first.flatMap { try? Header(bytes: $0) } }
                .map { JournalID.branch(of: evidence.replica, first: $0.hash) }
            if !ids.isEmpty, ids.allSatisfy({ branches[$0] != nil }) { return }
            let previous = evidence.branches.first?.headers.first.flatMap { try? Header(bytes: $0) }?.previous ?? .zero
            let parent = try parent(
                of: evidence.replica, at: evidence.position, previous: previous, in: evidence.scope, branches, writer)
            let key = try key(on: branches.line(of: parent).map(\.journal), in: evidence.scope, writer)
            let proof = try ForkProof(
                checking: evidence, previous: previous, key: key, birthKey: DecodedEntry.birthKey)
            let further = try furtherSide(beside: proof, of: parent, previous, in: writer)
            try establish(proof, behind: parent, writer)
            if let further {
                let proof = try ForkProof(checking: further, previous: previous, key: key, birthKey: DecodedEntry.birthKey)
                try establish(proof, behind: parent, writer)
            }
        }
        becameDurable()
    }

    /// Evidence that what is held here is a third continuation, or nobody would take it from here; nil if the proof shows it.
    private func furtherSide(
        beside proof: ForkProof, of parent: JournalID, _ previous: Hash, in reader: any StoreReader
    ) throws -> UnverifiedForkProof? {
        let evidence = proof.evidence
        guard let held = try reader.entry(Dot(parent, evidence.position), in: evidence.scope), !proof.firsts.contains(held.hash)
        else { return nil }
        let mine = try side(of: parent, at: evidence.position, previous: previous, in: evidence.scope, reader)
        let sides = [(mine.hash, mine.branch), (proof.firsts[0], evidence.branches[0])].sorted { $0.0 < $1.0 }
        return UnverifiedForkProof(
            scope: evidence.scope, journal: evidence.journal, replica: evidence.replica, position: evidence.position,
            branches: sides.map(\.1))
    }

    /// Makes evidence of a fork found in a tail, and establishes it.
    private func prove(_ fork: FoundFork, in scope: ScopeID, _ writer: any StoreWriter) throws {
        let first = fork.first
        let isBirth = fork.position == 1
        let mine = try side(of: fork.journal, at: fork.position, previous: first.header.previous, in: scope, writer)
        let sides = [
            (mine.hash, mine.branch),
            (first.hash, ForkBranch(headers: fork.headers, signature: fork.signature, birth: isBirth ? first.skeleton : [])),
        ].sorted { $0.0 < $1.0 }
        let evidence = UnverifiedForkProof(
            scope: scope, journal: fork.journal, replica: first.header.replica, position: fork.position,
            branches: sides.map(\.1))
        let before = isBirth ? Hash.zero : first.header.previous
        let branches = try writer.branchMap(in: scope)
        let parent = try parent(
            of: evidence.replica, at: fork.position, previous: before, in: scope, branches, writer)
        let key = try key(on: branches.line(of: fork.journal).map(\.journal), in: scope, writer)
        let proof = try ForkProof(checking: evidence, previous: before, key: key, birthKey: DecodedEntry.birthKey)
        try establish(proof, behind: parent, writer)
    }

    /// What is held of a journal from a position on, as one side of a proof: headers up to a signed one.
    private func side(
        of journal: JournalID, at position: Position, previous: Hash, in scope: ScopeID, _ reader: any StoreReader
    ) throws -> (hash: Hash, branch: ForkBranch) {
        var headers: [[UInt8]] = []
        var last = previous
        var first: StoredEntry?
        search: while headers.count < Limits.entriesPerSignatureOnWire {
            let from = Position(rawValue: position.rawValue + UInt64(headers.count))
            let entries = try reader.entries(of: journal, in: scope, from: from, limit: 256)
            if entries.isEmpty { break }
            for entry in entries {
                headers.append(entry.header(in: scope, previous: last).bytes)
                first = first ?? entry
                last = entry.hash
                if let signature = entry.signature {
                    let birth = position == 1 ? first?.entry.skeleton ?? [] : []
                    return (first?.hash ?? last, ForkBranch(headers: headers, signature: signature, birth: birth))
                }
            }
        }
        // What stands before another fork may be signed only through that fork's proof; and of a branch only its proof may be here.
        let shown = try reader.proofs(in: scope).lazy.flatMap(\.branches)
        guard
            let cover = shown.first(where: { branch in
                branch.headers.first.flatMap { try? Header(bytes: $0) }?.previous == last
            }), headers.count + cover.headers.count <= Limits.entriesPerSignatureOnWire,
            let opening = (headers + cover.headers).first
        else {
            throw Fault(.proofInvalid, "what is held is not signed within \(Limits.entriesPerSignatureOnWire) entries")
        }
        let birth = position == 1 ? first?.entry.skeleton ?? cover.birth : []
        return (
            Hash(.header, opening), ForkBranch(headers: headers + cover.headers, signature: cover.signature, birth: birth)
        )
    }

    /// The journal of a replica id that holds the entry before a fork: the undivided one, or by now a branch of it.
    private func parent(
        of replica: ReplicaID, at position: Position, previous: Hash, in scope: ScopeID, _ branches: Branches,
        _ reader: any StoreReader
    ) throws -> JournalID {
        let root = JournalID(replica)
        if position == 1, previous == .zero { return root }
        for journal in [root] + branches.descendants(of: root) {
            if try reader.entry(Dot(journal, position.previous), in: scope)?.hash == previous { return journal }
        }
        throw Fault(.proofInvalid, "what stands before the fork is not here")
    }

    /// The device key of a line's birth.
    private func key(on line: [JournalID], in scope: ScopeID, _ reader: any StoreReader) throws -> PublicKey? {
        for journal in line {
            if let key = try reader.journal(journal, in: scope)?.tip.key { return key }
        }
        return nil
    }

    /// Ends the journal before the fork, makes its continuations branches, and folds the scope as it now reads.
    private func establish(_ proof: ForkProof, behind parent: JournalID, _ writer: any StoreWriter) throws {
        let scope = proof.evidence.scope
        let position = proof.evidence.position
        let branches = try writer.branchMap(in: scope)
        for journal in proof.journals where branches[journal] == nil {
            // A branch id is a hash nobody can choose; a journal that bears it already was made to stand in its way.
            guard try writer.journal(journal, in: scope) == nil else {
                throw Fault(.proofInvalid, "\(journal) is a journal already")
            }
        }
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
        if own == proof.evidence.replica { try renew(own, in: writer) }
        // Of a journal that somebody was withdrawn from, only the branch that holds what was accepted goes on counting.
        try recount(scope, in: writer, foldingAnew: true)
        try noteLacking([], all: true, in: scope, writer)
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
        begin(journal: run.journal, replica: run.replica, start: run.start, previous: run.previous, version: run.version)
        for entry in run.entries { append(entry) }
        if let signature = run.signature { sign(signature, cover: run.cover) }
    }
}
