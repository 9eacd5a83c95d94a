// Looking at everything again: chains, signatures, and that every record is what its edits fold to. And the digest that proves two
// stores equal.

public import Causality
import Wire

public import Journals
import Records

/// What `check` found.
public struct CheckReport: Hashable, Sendable {
    /// How many scopes were looked at.
    public var scopes = 0
    /// How many entries were verified.
    public var entries = 0
    /// How many records were folded anew.
    public var records = 0
    /// How many entries are held and do not count.
    public var held = 0
    /// How many entries are here without values that no order took: they are asked for with every sync.
    public var lacking = 0
    /// What is wrong, each in a line; empty if nothing is.
    public var faults: [String] = []

    package init() {}
}

/// What two stores compare to see that they hold the same.
public struct ScopeDigest: Hashable, Sendable {
    /// The scope.
    public var scope: ScopeID
    /// How many records it has.
    public var records: Int
    /// Of the fold state: equal in two stores that hold the same records.
    public var digest: Hash
    /// Of the journals: equal in two stores that hold the same entries.
    public var knowledge: Hash
}

extension Replica {
    /// Verifies every chain, signature and record again. Takes time in proportion to the entries.
    public func check() throws -> CheckReport {
        var report = CheckReport()
        report.faults = try store.faults()
        try store.reading { reader in
            for scope in try reader.scopes() {
                report.scopes += 1
                report.lacking += try reader.lacking(in: scope).count
                let edits = try checkJournals(of: scope, in: reader, into: &report)
                try checkRecords(of: scope, in: reader, edits: edits, into: &report)
            }
        }
        return report
    }

    /// Returns how many (entry, record) pairs count.
    private func checkJournals(
        of scope: ScopeID, in reader: any StoreReader, into report: inout CheckReport
    ) throws -> Int {
        let branches = try reader.branchMap(in: scope)
        var edits = 0
        for journal in try reader.journals(in: scope) {
            let id = journal.tip.journal
            let start: Position = branches[id]?.start ?? 1
            guard var tip = try base(of: journal, branches, in: reader) else {
                report.faults.append("journal \(id): what it branches from is missing")
                continue
            }
            var unsigned = 0
            while tip.position < journal.tip.position {
                let next = max(tip.position.next, start)
                let entries: [StoredEntry]
                do { entries = try reader.entries(of: id, in: scope, from: next, limit: 500) } catch {
                    report.faults += unreadable(of: id, from: next, through: journal.tip.position, in: scope, reader)
                    break
                }
                guard !entries.isEmpty else {
                    report.faults.append("journal \(id): entries after \(tip.position) are missing")
                    break
                }
                for entry in entries {
                    report.entries += 1
                    guard entry.position == tip.position.next else {
                        report.faults.append("journal \(id): entry \(tip.position.next) is missing")
                        return edits
                    }
                    let header = entry.header(in: scope, previous: tip.hash)
                    if header.hash != entry.hash {
                        report.faults.append("entry \(entry.dot): it is not the one that was hashed")
                    }
                    (tip.position, tip.hash) = (entry.position, entry.hash)
                    do {
                        let decoded = try DecodedEntry(
                            skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position,
                            replica: entry.replica)
                        if case .birth(let birth) = decoded { tip.key = birth.key }
                        if case .change(let change) = decoded, entry.position <= journal.counted { edits += change.edits.count }
                    } catch { report.faults.append("entry \(entry.dot): \(error)") }
                    unsigned += 1
                    if let signature = entry.signature {
                        unsigned = 0
                        if tip.key?.verifies(signature, .signedHead, entry.hash.bytes) != true {
                            report.faults.append("entry \(entry.dot): its signature does not verify")
                        }
                    }
                }
            }
            // What stands before a fork may be signed only through its branches, which are checked by themselves.
            if unsigned > 0, branches.end(of: id) == nil {
                report.faults.append("journal \(id): its last \(unsigned) entries are not signed")
            }
            if tip.position > journal.tip.position {
                report.faults.append("journal \(id): there are entries beyond its head, \(journal.tip.position)")
            }
            if tip.hash != journal.tip.hash { report.faults.append("journal \(id): its head is not its last entry") }
            let counted = min(max(journal.counted, start.previous), journal.tip.position)
            let held = journal.tip.position.rawValue - counted.rawValue
            report.held += Int(clamping: held)
        }
        return edits
    }

    /// The entries among these that cannot even be read.
    private func unreadable(
        of journal: JournalID, from first: Position, through last: Position, in scope: ScopeID, _ reader: any StoreReader
    ) -> [String] {
        var faults: [String] = []
        var position = first
        while position <= last, faults.count < 20 {
            do { _ = try reader.entry(Dot(journal, position), in: scope) } catch {
                faults.append("entry \(journal):\(position): it cannot be read: \(error)")
            }
            position = position.next
        }
        return faults
    }

    private func base(of journal: StoredJournal, _ branches: Branches, in reader: any StoreReader) throws -> Tip? {
        var tip = Tip(scope: journal.tip.scope, replica: journal.tip.replica)
        tip.journal = journal.tip.journal
        guard let branch = branches[journal.tip.journal], branch.start > 1 else { return tip }
        guard let before = try reader.entry(Dot(branch.parent, branch.start.previous), in: journal.tip.scope) else { return nil }
        (tip.position, tip.hash, tip.key) = (before.position, before.hash, journal.tip.key)
        return tip
    }

    private func checkRecords(
        of scope: ScopeID, in reader: any StoreReader, edits: Int, into report: inout CheckReport
    ) throws {
        let batch = FoldBatch(scope: scope, rules: rules, branches: try reader.branchMap(in: scope))
        var last: RecordID?
        while true {
            let states: [RecordState]
            do { states = try reader.states(in: scope, after: last, limit: 500) } catch {
                report.faults.append(
                    "scope \(scope): a record after \(last.map { "\($0)" } ?? "the first") cannot be read: \(error)")
                return
            }
            for state in states {
                report.records += 1
                do {
                    if try batch.refold(state.record, in: reader) != state {
                        report.faults.append("record \(state.record): it is not what its edits fold to")
                    }
                } catch { report.faults.append("record \(state.record): \(error)") }
            }
            guard let end = states.last else { break }
            last = end.record
        }
        let known = try reader.editCount(in: scope)
        if known != edits { report.faults.append("scope \(scope): \(edits) edits count, \(known) are folded") }
    }

    // MARK: Digests

    /// A digest for each scope, ascending. Takes time in proportion to the records.
    public func digests() throws -> [ScopeDigest] {
        try store.reading { reader in try reader.scopes().map { try Self.digest(of: $0, in: reader) } }
    }

    private static func digest(of scope: ScopeID, in reader: any StoreReader) throws -> ScopeDigest {
        var out = ByteWriter()
        out.raw(scope.bytes)
        let count = try reader.recordCount(in: scope)
        out.u64(UInt64(count))
        var last: RecordID?
        while true {
            let states = try reader.states(in: scope, after: last, limit: 1_000)
            for state in states { out.hash(state.digest) }
            guard let end = states.last else { break }
            last = end.record
        }
        return ScopeDigest(
            scope: scope, records: count, digest: Hash(.scopeState, out.bytes),
            knowledge: try reader.knowledge(of: scope).digest(of: scope))
    }
}
