// What the fold finds out about a candidate by looking back along what it names: who wrote what went into it, which decisions it stands on
// that nobody approved, and what was in question (protocol/9-review.md).

import Causality

/// All that was ever written to one field of one record.
struct FieldPast {
    private struct Origin {
        var candidate: Candidate
        /// What it names and its author had seen, ascending.
        var names: [Dot]
    }

    private var origins: [Dot: Origin] = [:]
    private var approvals: [Dot: [Approval]] = [:]
    private var undone: Set<Dot> = []

    /// The past of every field that these edits write to.
    static func byField(_ edits: [PlacedEdit]) -> [FieldKey: FieldPast] {
        var pasts: [FieldKey: FieldPast] = [:]
        for edit in edits {
            for write in edit.edit.writes where !write.kind.isOfRecord {
                pasts[write.field, default: FieldPast()].note(write, in: edit)
            }
        }
        return pasts
    }

    private mutating func note(_ write: Write, in edit: PlacedEdit) {
        let names = write.names.map(\.dot).filter { $0 != edit.dot && edit.edit.context.has($0) }
        switch write.kind {
        case .put, .settle:
            let known = origins[edit.dot]
            origins[edit.dot] = Origin(
                candidate: known?.candidate ?? Candidate(write, in: edit), names: Set((known?.names ?? []) + names).sorted())
        case .approve:
            let approval = Approval(dot: edit.dot, time: edit.time, author: edit.author)
            for name in Set(names) where approvals[name]?.contains(approval) != true {
                approvals[name, default: []].append(approval)
            }
        case .undo: undone.formUnion(names)
        case .add, .drop, .delete, .restore: break
        }
    }

    /// Fills in what only the past tells, but for the base.
    func trace(_ candidate: inout Candidate) {
        candidate.waiting = waiting(of: candidate.dot)
        candidate.writers = writers(of: candidate.dot)
        guard candidate.isSettle else { return }
        candidate.approvals = (approvals[candidate.dot] ?? []).sorted { $0.dot < $1.dot }
        candidate.over = named(by: candidate.dot).map(\.candidate.asWritten)
        if candidate.isDecision { candidate.question = question(of: candidate.dot) }
    }

    private func named(by dot: Dot) -> [Origin] { (origins[dot]?.names ?? []).compactMap { origins[$0] } }

    private func isApproved(_ decision: Dot) -> Bool {
        guard let approvals = approvals[decision] else { return false }
        let writers = writers(of: decision)
        return approvals.contains { $0.counts(against: writers) }
    }

    private func writers(of dot: Dot) -> [String] {
        var writers: Set<String> = []
        walk(from: dot) { origin in
            if let author = origin.candidate.author { writers.insert(author) }
            return origin.candidate.isSettle
        }
        return writers.sorted(by: String.precedes)
    }

    private func waiting(of dot: Dot) -> [WaitingDecision] {
        var waiting: [WaitingDecision] = []
        walk(from: dot) { origin in
            let candidate = origin.candidate
            guard candidate.isDecision else { return true }
            if !undone.contains(candidate.dot), !isApproved(candidate.dot) {
                waiting.append(WaitingDecision(dot: candidate.dot, isProposal: candidate.reason?.marksProposal ?? false))
            }
            return false
        }
        return waiting.sorted { $0.dot < $1.dot }
    }

    private func question(of decision: Dot) -> [Dot] {
        var question: Set<Dot> = []
        var seen: Set<Dot> = []
        var next = [decision]
        while let dot = next.popLast() {
            guard seen.insert(dot).inserted else { continue }
            let named = named(by: dot)
            if named.isEmpty {
                question.insert(dot)
            } else if named.allSatisfy(\.candidate.isDecision) {
                next += named.map(\.candidate.dot)
            } else {
                question.formUnion(named.map(\.candidate.dot))
            }
        }
        return question.sorted()
    }

    /// Visits a write and all that it stands on, each once, further only from those for which `visit` says so.
    private func walk(from dot: Dot, _ visit: (Origin) -> Bool) {
        var seen: Set<Dot> = []
        var next = [dot]
        while let dot = next.popLast() {
            guard let origin = origins[dot], seen.insert(dot).inserted else { continue }
            if visit(origin) { next += origin.names }
        }
    }
}
