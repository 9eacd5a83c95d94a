// Deciding: a review item is settled, approved, sent back, undone. All of it is changes through the commit door, made by looking at the record
// as it is in the same transaction: what somebody else decided meanwhile is never decided over unseen (protocol/9-review.md).

public import Causality
import Journals
public import Records

extension Replica {
    /// How a person decides an item.
    public enum Decision: Hashable, Sendable {
        /// One of the item's choices, by its place from 0: ``RecordState/choices(for:by:)``. Of texts that merge, what others changed elsewhere
        /// stays: only the open spans become this candidate's.
        case candidate(Int)
        /// Of texts that merge, what each open span becomes, in order.
        case places([TextMerge.Place])
        /// Another value for the field.
        case value(Value)
        /// The record stays, or comes back; of values that do not go together, they stand as they are.
        case keep
        /// The record goes, with what was written meanwhile.
        case delete
        /// New values for the fields of a broken check; those not named stay as they are.
        case fields([FieldKey: Value])
        /// Whether two records are one thing.
        case verdict(Verdict)
    }

    /// Settles an item, naming everything it was about; the reason stands with it.
    ///
    /// - Parameter seen: the dots of the field's standing candidates that the decider looked at; nil: whatever stands now.
    /// - Returns: whether it needs somebody else's approval to hold.
    /// - Throws: ``ReplicaError`` with `itemUnknown` if it is no longer open or no longer what was looked at, or `choiceUnknown`.
    @discardableResult
    public func settle(_ item: QueuedItem, by decision: Decision, reason: Reason, seen: [Dot]? = nil) throws -> Bool {
        var waits = false
        try commit(in: item.scope) { reader in
            if case .verdict(let verdict) = decision {
                return [try self.change([judging(item, verdict, reason, reader)], nil, reader)]
            }
            guard item.item.kind != .looksAlike else { throw Self.noWay(item.item) }
            let state = try open(item, seen: seen, reader)
            let writes = try writes(item.item, decision, .value(.text(reason.text)), on: state)
            waits = writes.contains { write in
                write.kind == .settle && (reason.isProposal || rules.needsSecondPerson(write.field, in: state.type))
            }
            return [try self.change([state.edit(writes)], nil, reader)]
        }
        return waits
    }

    /// Approves the decision an item waits with. It holds from then on, here and wherever this arrives.
    ///
    /// - Parameter seen: the dots of the decisions that the approver looked at; nil: whatever stands now.
    /// - Throws: ``ReplicaError`` with `itemUnknown`, `choiceUnknown` if there is not one decision to approve, `approvalRefused` if this
    ///   person made it or wrote one of the values.
    public func approve(_ item: QueuedItem, seen: [Dot]? = nil) throws {
        try commit(in: item.scope) { reader in
            let state = try open(item, seen: seen, reader)
            let proposals = state.proposals(for: item.item)
            guard let first = proposals.first, first.value != .erased, proposals.allSatisfy({ $0.value == first.value }) else {
                throw ReplicaError(
                    .choiceUnknown, item.item.kind.name,
                    message: proposals.isEmpty
                        ? "Nobody has decided this item yet, so there is nothing to approve."
                        : "This item has several decisions that differ; one of them has to be chosen first.",
                    next: "Nothing was changed. See: dundian review show")
            }
            let person = try reader.roster()?.roster.device(key)?.person
            // Of equal decisions one that is approved is enough.
            guard let person, let decision = proposals.first(where: { !$0.writers.contains(person) }) else {
                throw ReplicaError(
                    .approvalRefused, "\(item.id)",
                    message: "You made this decision or wrote one of the values it is about, so you cannot approve it.",
                    next: "Nothing was changed. Somebody else has to: dundian review assign")
            }
            let write = Write(.approve, field: item.item.field, names: [.init(decision.dot)])
            return [try self.change([state.edit([write])], nil, reader)]
        }
    }

    /// Sends back what was decided: the values in dispute stand again. Of several decisions each is taken back by a change of its own.
    public func sendBack(_ item: QueuedItem, reason: Reason, seen: [Dot]? = nil) throws {
        var left: [Dot] = []
        var isFirst = true
        repeat {
            try commit(in: item.scope) { reader in
                guard let state = try reader.state(of: item.item.record, in: item.scope) else {
                    throw Self.unknown(item.item.record)
                }
                if isFirst {
                    left = try open(item, seen: seen, reader).proposals(for: item.item).map(\.dot)
                    isFirst = false
                }
                guard let dot = left.popLast() else {
                    throw ReplicaError(
                        .choiceUnknown, item.item.kind.name,
                        message: "Nobody has decided this item yet, so there is nothing to send back.",
                        next: "Nothing was changed. See: dundian review show")
                }
                let write = Write(.undo, field: item.item.field, names: [.init(dot)], reason: .value(.text(reason.text)))
                return [try self.change([state.edit([write])], nil, reader)]
            }
        } while !left.isEmpty
    }

    /// Takes a decision back, whoever made it: what it was chosen over stands again.
    ///
    /// - Throws: ``ReplicaError`` with `choiceUnknown` if it is no decision that can be taken back.
    public func undo(_ decided: Decided, reason: Reason) throws {
        try commit(in: decided.scope) { reader in
            guard let state = try reader.state(of: decided.record, in: decided.scope) else { throw Self.unknown(decided.record) }
            let writes: [Write]
            switch decided.act {
            case .settled, .kept, .deleted:
                guard try !isUndone(decided, reader) else {
                    throw ReplicaError(
                        .choiceUnknown, decided.act.name, message: "This decision was taken back already.",
                        next: "Nothing was changed. See: dundian review list")
                }
                // What was decided in one edit is taken back whole.
                let fields = state.fields.filter { $0.candidates.contains { $0.isDecision && $0.dot == decided.dot } }.map(\.key)
                writes = Set(fields + [decided.field]).sorted().map { field in
                    Write(.undo, field: field, names: [.init(decided.dot)], reason: .value(.text(reason.text)))
                }
            case .judged:
                writes = try self.writes([("verdict", .value(.empty))], on: state)
                if writes.isEmpty { return [] }
            case .approved, .undone:
                throw ReplicaError(
                    .choiceUnknown, decided.act.name, message: "Only a decision is taken back, not its approval or its undoing.",
                    next: "Nothing was changed. See: dundian review log")
            }
            return [try self.change([state.edit(writes)], nil, reader)]
        }
    }

    private func isUndone(_ decided: Decided, _ reader: any StoreReader) throws -> Bool {
        let branches = try reader.branchMap(in: decided.scope)
        return try reader.history(of: decided.record, in: decided.scope).contains { entry in
            try entry.placedEdits(branches, author: nil).contains { placed in
                placed.edit.record == decided.record
                    && placed.edit.writes.contains { write in
                        write.kind == .undo && write.field == decided.field && write.names.contains { $0.dot == decided.dot }
                    }
            }
        }
    }

    // MARK: What is written

    /// The record of an item that is still open.
    private func open(_ item: QueuedItem, seen: [Dot]?, _ reader: any StoreReader) throws -> RecordState {
        guard let state = try reader.state(of: item.item.record, in: item.scope) else { throw Self.unknown(item.item.record) }
        let standing = state[item.item.field]?.candidates.map(\.dot) ?? []
        var items = state.reviewItems(by: rules)
        if item.item.kind == .pastSeal {
            let batch = FoldBatch(scope: item.scope, rules: rules, branches: try reader.branchMap(in: item.scope))
            if let past = try batch.pastSeal(of: state, in: reader) { items.append(past) }
        }
        guard items.contains(where: { $0.id(in: item.scope) == item.id }), seen ?? standing == standing
        else {
            throw Self.notOpen(item)
        }
        return state
    }

    private static func notOpen(_ item: QueuedItem) -> ReplicaError {
        ReplicaError(
            .itemUnknown, "\(item.id)", message: "This item is no longer open: it was settled, or changed, meanwhile.",
            next: "Look at what is open now: dundian review list")
    }

    private func judging(_ item: QueuedItem, _ verdict: Verdict, _ reason: Reason, _ reader: any StoreReader) throws -> Edit {
        guard let other = item.item.other else { throw Self.noWay(item.item) }
        guard try reader.items(of: item.item.record, in: item.scope).contains(where: { $0.id == item.id }) else {
            throw Self.notOpen(item)
        }
        let id = RecordID.sameAs(item.item.record, other, in: item.scope)
        let fields: [(FieldKey, FieldInput)] = [
            ("first", .value(.reference(min(item.item.record, other)))),
            ("second", .value(.reference(max(item.item.record, other)))),
            ("verdict", .value(.text(verdict.rawValue))), ("reason", .value(.text(reason.text))),
        ]
        let state = try reader.state(of: id, in: item.scope) ?? RecordState(record: id, type: Verdict.type)
        var writes = try writes(fields, on: state)
        if state.isDeleted { writes.append(Write(.restore)) }
        return state.edit(writes)
    }

    private static func noWay(_ item: ReviewItem) -> ReplicaError {
        ReplicaError(
            .choiceUnknown, item.kind.name, message: "That is not a way to settle an item of kind \(item.kind.name).",
            next: "Nothing was changed. See: dundian review show")
    }

    private static func placeByPlace(_ item: ReviewItem) -> ReplicaError {
        ReplicaError(
            .choiceUnknown, item.kind.name,
            message: "Each open place of this text needs one of the values that are offered there.",
            next: "Nothing was changed. dundian review show says which; --spans chooses place by place.")
    }

    private func writes(
        _ item: ReviewItem, _ decision: Decision, _ reason: Content, on state: RecordState
    ) throws -> [Write] {
        // A rule's settle that does not hold is settled by itself: what came since is another question.
        let standing = (state[item.field]?.candidates ?? []).filter {
            item.kind != .unfoundedSettlement || item.dots.contains($0.dot)
        }
        func settle(_ value: Content) -> [Write] {
            [Write(.settle, field: item.field, names: standing.map { .init($0.dot) }, value: value, reason: reason)]
        }
        switch (item.kind, decision) {
        case (.contested, .candidate(let i)), (.unfoundedSettlement, .candidate(let i)), (.unapproved, .candidate(let i)):
            let choices = state.choices(for: item, by: rules)
            guard choices.indices.contains(i), choices[i].value != .erased else { throw Self.noWay(item) }
            guard let merge = state.merge(for: item, by: rules),
                !state.proposals(for: item).contains(where: { $0.dot == choices[i].dot })
            else { return settle(choices[i].value) }
            // Where it left an open span alone it has no say, and must not undo what others wrote there.
            guard let merged = merge.text(choosing: [Int?](repeating: i, count: merge.openCount)) else {
                throw Self.placeByPlace(item)
            }
            return settle(merge.content(merged, of: choices))
        case (.contested, .places(let places)):
            guard let merge = state.merge(for: item, by: rules) else { throw Self.noWay(item) }
            guard let merged = merge.text(placing: places) else { throw Self.placeByPlace(item) }
            return settle(merge.content(merged, of: state.disputed(item, by: rules)))
        case (.contested, .value(let value)), (.unfoundedSettlement, .value(let value)), (.unapproved, .value(let value)):
            return settle(.value(value))
        case (.deleteAgainstEdit, .keep), (.putOnDeleted, .keep): return [Write(.restore, reason: reason)]
        case (.deleteAgainstEdit, .delete), (.putOnDeleted, .delete): return [Write(.delete, reason: reason)]
        case (.pastSeal, .keep):
            guard let value = state.outcome(of: item.field, by: rules)?.candidate?.value else { throw Self.noWay(item) }
            return settle(value)
        case (.brokenCheck, .keep): return try writes(item, .fields([:]), reason, on: state)
        case (.brokenCheck, .fields(let values)):
            guard let check = rules.checks(of: state.type).first(where: { $0.key == item.field }),
                values.keys.allSatisfy({ $0 == check.first || $0 == check.second })
            else { throw Self.noWay(item) }
            for key in [check.first, check.second] {
                // Values that the check's page does not show are not settled with it.
                guard case .contested? = state.outcome(of: key, by: rules) else { continue }
                throw ReplicaError(
                    .fieldContested, key.rawValue,
                    message: "Field \(key) of record \(state.record) has several values that nobody has chosen between.",
                    next: "Nothing was changed. Settle it first: dundian review list")
            }
            return [check.first, check.second].compactMap { key in
                guard let standing = state.outcome(of: key, by: rules)?.candidate?.value else { return nil }
                return Write(
                    .settle, field: key, names: (state[key]?.candidates ?? []).map { .init($0.dot) },
                    value: values[key].map(Content.value) ?? standing, reason: reason)
            }
        default: throw Self.noWay(item)
        }
    }
}
