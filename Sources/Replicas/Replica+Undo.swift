// Undo: the newest change this device wrote is taken back by another change. History stays; what somebody has changed since stays too.
//
//      put       the value it replaced is put again, where the undone value is the only one standing
//      add       dropped;  drop: what it dropped is added again
//      delete    restored; restore: deleted again, unless somebody else edited the record since
//      creation  deleted, unless somebody else edited the record
//      settle    undone by the write `undo`: what it had settled stands again
//      approve, undo   stay
//
// The new change says which one it undoes, as its message (protocol/2-entries.md, "Values").

public import Causality
import Journals
public import Records
import Wire

/// The message of a change that undoes another: `undo:<journal>:<position>`.
public struct UndoMark: Hashable, Sendable {
    /// The change that is undone.
    public var dot: Dot

    /// The mark of undoing this change.
    public init(_ dot: Dot) { self.dot = dot }

    /// Nil unless the whole message is such a mark; anything else is a person's own words.
    public init?(_ message: String?) {
        guard let message, let rest = MessageMark.undo.rest(of: message) else { return nil }
        let parts = rest.split(separator: 0x3a, omittingEmptySubsequences: false)
        guard parts.count == 2, let journal = String(parts[0]).flatMap({ JournalID(hex: $0) }),
            let digits = String(parts[1]), let position = UInt64(digits)
        else { return nil }
        dot = Dot(journal, Position(rawValue: position))
        // One mark has one spelling.
        guard position > 0, self.message.isExactly(message) else { return nil }
    }

    /// The mark as a change's message: `undo:<dot>`.
    public var message: String { MessageMark.undo.rawValue + dot.description }
}

/// What undoing the last save comes to.
public struct Undoing: Hashable, Sendable {
    /// Why a write is left as it is.
    public enum Reason: Hashable, Sendable {
        /// Somebody has changed it since, or it did not stand when it came.
        case changedSince
        /// Several values stand there that nobody has chosen between.
        case contested
        /// A rule made one value of this and others.
        case merged
        /// What was there before was erased, or is not here.
        case erased
        /// The record is deleted.
        case deleted
        /// An approval or an undo is not taken back.
        case final
        /// The record is sealed.
        case sealed
    }

    /// Something that stays as it is.
    public struct Left: Hashable, Sendable {
        /// The record it is about.
        public var record: RecordID
        /// Empty where it is about the record as a whole.
        public var field: FieldKey
        /// Why it stays.
        public var reason: Reason

        package init(record: RecordID, field: FieldKey, reason: Reason) {
            (self.record, self.field, self.reason) = (record, field, reason)
        }
    }

    /// The change to be undone.
    public var dot: Dot
    /// Where the change was made.
    public var scope: ScopeID
    /// By the service's clock.
    public var time: Timestamp
    /// What its author said about the change; nil: nothing.
    public var message: String?
    /// The edits of that change.
    public var undone: [Edit]
    /// The edits that undo it.
    public var edits: [Edit]
    /// What of it stays.
    public var left: [Left]
}

extension Replica {
    /// What `undo` would do now; nil if this device has saved nothing that is not undone.
    public func undoing() throws -> Undoing? { try store.reading { try undoing(in: $0) } }

    /// Undoes the newest change this device wrote that is neither an undo nor undone, and returns what was done.
    ///
    /// - Parameter expected: what a person was shown and agreed to; if it is no longer that, nothing is done.
    /// - Returns: nil if there was nothing to undo, or something else than expected.
    @discardableResult
    public func undo(expecting expected: Undoing? = nil) throws -> Undoing? {
        var done: Undoing?
        guard let scope = try expected?.scope ?? undoing()?.scope else { return nil }
        try commit(in: scope) { reader in
            guard let undoing = try undoing(in: reader), undoing.scope == scope, expected == nil || undoing == expected else {
                return []
            }
            done = undoing
            guard !undoing.edits.isEmpty else { return [] }
            return [try self.change(undoing.edits, UndoMark(undoing.dot).message, reader)]
        }
        return done
    }

    // MARK: Finding it

    private func undoing(in reader: any StoreReader) throws -> Undoing? {
        var newest: (entry: StoredEntry, change: Change, scope: ScopeID)?
        for scope in try reader.scopes() {
            guard let found = try lastChange(in: scope, reader) else { continue }
            if newest.map({ $0.entry.entry.time < found.entry.entry.time }) ?? true {
                newest = (found.entry, found.change, scope)
            }
        }
        guard let (entry, change, scope) = newest else { return nil }
        var plan = UndoPlan(replica: self, reader: reader, scope: scope, dot: entry.dot)
        let placed = try entry.placedEdits(plan.branches(), author: nil).map(\.edit)
        for edit in placed { try plan.take(back: edit) }
        return Undoing(
            dot: entry.dot, scope: scope, time: entry.entry.time.corrected(by: entry.entry.offset), message: change.message?.text,
            undone: placed, edits: plan.edits, left: plan.left)
    }

    /// The newest counting change of a scope that this device wrote and that can be asked to be undone.
    ///
    /// - Complexity: O(entries written since): it looks at them from the newest on.
    private func lastChange(in scope: ScopeID, _ reader: any StoreReader) throws -> (entry: StoredEntry, change: Change)? {
        let branches = try reader.branchMap(in: scope)
        var journals = try reader.journals(in: scope).filter { $0.tip.key == key && $0.counted > .none }.map { journal in
            BackwardEntries(journal: journal.tip.journal, scope: scope, next: journal.counted)
        }
        var undone: Set<Dot> = []
        while true {
            // Arrivals of one scope are in causal order, so an undo is met before what it undoes.
            var latest: (index: Int, entry: StoredEntry)?
            for i in journals.indices {
                guard let entry = try journals[i].peek(reader) else { continue }
                if latest.map({ $0.entry.arrival < entry.arrival }) ?? true { latest = (i, entry) }
            }
            guard let (index, entry) = latest else { return nil }
            journals[index].drop()
            let decoded = try DecodedEntry(
                skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position, replica: entry.replica)
            guard case .change(let change) = decoded else { continue }
            if let mark = UndoMark(change.message?.text) {
                undone.insert(branches.reading(mark.dot, in: entry.journal))
            } else if !undone.contains(entry.dot), change.edits.contains(where: { $0.writes.contains { $0.kind != .approve } }) {
                return (entry, change)
            }
        }
    }
}

/// A journal's entries, the newest first, a few at a time.
private struct BackwardEntries {
    let journal: JournalID
    let scope: ScopeID
    /// The position of the next entry that is not here yet.
    var next: Position
    private var waiting: [StoredEntry] = []

    init(journal: JournalID, scope: ScopeID, next: Position) { (self.journal, self.scope, self.next) = (journal, scope, next) }

    mutating func peek(_ reader: any StoreReader) throws -> StoredEntry? {
        if waiting.isEmpty, next > .none {
            let first = Position(rawValue: next.rawValue > 64 ? next.rawValue - 63 : 1)
            let count = Int(clamping: next.rawValue - first.rawValue + 1)
            waiting = try reader.entries(of: journal, in: scope, from: first, limit: count).filter { $0.position <= next }
            next = first.previous
        }
        return waiting.last
    }

    mutating func drop() { _ = waiting.popLast() }
}

// MARK: Taking back

/// Makes the edits that undo one change, record by record.
private struct UndoPlan {
    let replica: Replica
    let reader: any StoreReader
    let scope: ScopeID
    let dot: Dot
    var edits: [Edit] = []
    var left: [Undoing.Left] = []

    func branches() throws -> Branches { try reader.branchMap(in: scope) }

    mutating func take(back edit: Edit) throws {
        guard let state = try reader.state(of: edit.record, in: scope) else { return }
        var leave: [(FieldKey, Undoing.Reason)] = []
        var writes: [Write] = []
        if state.type == ErasureOrder.type {
            leave = [("", .final)]
        } else if replica.isSealed(state) {
            leave = [("", .sealed)]
        } else if edit.writes.contains(where: { $0.kind == .delete }) {
            if try isStanding(state.standingDeletes, state.record) {
                writes = [Write(.restore)]
            } else {
                leave = [("", .changedSince)]
            }
        } else if state.isDeleted {
            leave = [("", .deleted)]
        } else if edit.context.isEmpty || edit.writes.contains(where: { $0.kind == .restore }) {
            if try isEditedByOthers(state, beyond: edit.context) {
                leave = [("", .changedSince)]
            } else {
                writes = [Write(.delete)]
            }
        } else {
            var ordinals: [FieldKey: UInt32] = [:]
            for write in edit.writes {
                if write.kind == .add {
                    let ordinal = ordinals[write.field, default: 0]
                    ordinals[write.field] = ordinal + 1
                    let drop = try drop(.init(dot, ordinal: ordinal), of: write.field, state)
                    if let drop { writes.append(drop) } else { leave.append((write.field, .changedSince)) }
                } else {
                    switch try takenBack(write, state) {
                    case .write(let new): writes += new
                    case .left(let reason): leave.append((write.field, reason))
                    }
                }
            }
            writes = Self.joined(writes)
        }
        left += leave.map { Undoing.Left(record: edit.record, field: $0.0, reason: $0.1) }
        if !writes.isEmpty { edits.append(state.edit(writes)) }
    }

    private enum Answer {
        case write([Write])
        case left(Undoing.Reason)
    }

    private func takenBack(_ write: Write, _ state: RecordState) throws -> Answer {
        let field = state[write.field]
        switch write.kind {
        case .put:
            guard let candidates = field?.candidates, !candidates.isEmpty else { return .left(.changedSince) }
            let origins = try candidates.map { try origin(of: .init($0.dot), write.field, state.record).dot }
            guard origins.contains(dot) else { return .left(.changedSince) }
            guard candidates.count == 1 else {
                if case .settled? = state.outcome(of: write.field, by: replica.rules) { return .left(.merged) }
                return .left(.contested)
            }
            guard let before = try value(before: write, state.record) else { return .left(.erased) }
            return .write([Write(.put, field: write.field, names: [.init(candidates[0].dot)], value: .value(before))])
        case .settle:
            guard field?.candidates.contains(where: { $0.dot == dot }) ?? false else { return .left(.changedSince) }
            return .write([Write(.undo, field: write.field, names: [.init(dot)])])
        case .drop:
            var present = Set((field?.elements ?? []).compactMap(\.value.value))
            var adds: [Write] = []
            for name in write.names {
                guard let value = try self.value(named: name, kinds: [.add], write.field, state.record) else {
                    return .left(.erased)
                }
                if present.insert(value).inserted { adds.append(Write(.add, field: write.field, value: .value(value))) }
            }
            return .write(adds)
        case .approve, .undo: return .left(.final)
        case .add, .delete, .restore: return .write([])
        }
    }

    /// One drop names all it drops of a field.
    private static func joined(_ writes: [Write]) -> [Write] {
        var result: [Write] = []
        for write in writes {
            if write.kind == .drop, let i = result.firstIndex(where: { $0.kind == .drop && $0.field == write.field }) {
                result[i].names += write.names
            } else {
                result.append(write)
            }
        }
        // In a change of a set, drops stand before adds, as a save writes them.
        return result.filter { $0.kind == .drop } + result.filter { $0.kind != .drop }
    }

    private func drop(_ name: Write.Name, of field: FieldKey, _ state: RecordState) throws -> Write? {
        let element = try (state[field]?.elements ?? []).first { try origin(of: $0.name, field, state.record) == name }
        return element.map { Write(.drop, field: field, names: [$0.name]) }
    }

    /// Whether the one delete that stands is the undone change's, or brought it back by undoing a restore.
    private func isStanding(_ deletes: [Dot], _ record: RecordID) throws -> Bool {
        guard deletes.count == 1, let delete = deletes.first else { return false }
        if delete == dot { return true }
        guard let restore = try undone(by: delete, record) else { return false }
        return restore.writes.contains { $0.kind == .restore } && restore.context.has(dot)
    }

    // MARK: Through earlier undos

    /// The write a value came from: an undo writes anew what an earlier change had written, and that is the change to go by.
    private func origin(of name: Write.Name, _ field: FieldKey, _ record: RecordID) throws -> Write.Name {
        var name = name
        // Each step leads to an earlier entry, so it ends.
        while name.dot != dot, let undone = try undone(by: name.dot, record) {
            let writes = undone.writes.filter { $0.field == field }
            if let put = writes.first(where: { $0.kind == .put }), let replaced = put.names.first {
                name = replaced
            } else if let value = try value(named: name, kinds: [.add], field, record),
                let dropped = try writes.filter({ $0.kind == .drop }).flatMap(\.names).first(where: { dropped in
                    try self.value(named: dropped, kinds: [.add], field, record) == value
                })
            {
                name = dropped
            } else {
                break
            }
        }
        return name
    }

    /// What the change that this device's undo at a dot took back did to the record; nil if that is no undo of this device.
    private func undone(by undo: Dot, _ record: RecordID) throws -> Edit? {
        guard try reader.journal(undo.journal, in: scope)?.tip.key == replica.key, let entry = try reader.entry(undo, in: scope),
            case .change(let change) = try DecodedEntry(
                skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position, replica: entry.replica),
            let mark = UndoMark(change.message?.text),
            let undone = try reader.entry(branches().reading(mark.dot, in: undo.journal), in: scope),
            undone.arrival < entry.arrival
        else { return nil }
        return try undone.placedEdits(branches(), author: nil).first { $0.edit.record == record }?.edit
    }

    /// What a put replaced; `.empty` if nothing, nil if it cannot be known.
    private func value(before write: Write, _ record: RecordID) throws -> Value? {
        guard let name = write.names.first else { return .empty }
        return try value(named: name, kinds: [.put, .settle], write.field, record)
    }

    private func value(
        named name: Write.Name, kinds: Set<Write.Kind>, _ field: FieldKey, _ record: RecordID
    ) throws -> Value? {
        guard let entry = try reader.entry(name.dot, in: scope) else { return nil }
        let edit = try entry.placedEdits(branches(), author: nil).first { $0.edit.record == record }?.edit
        let writes = (edit?.writes ?? []).filter { $0.field == field && kinds.contains($0.kind) }
        guard writes.indices.contains(Int(name.ordinal)) else { return nil }
        return writes[Int(name.ordinal)].value?.value
    }

    /// Whether anybody but this device edited the record and the undone change had not seen it.
    private func isEditedByOthers(_ state: RecordState, beyond context: VersionVector) throws -> Bool {
        let branches = try branches()
        return try reader.history(of: state.record, in: scope).contains { entry in
            guard !context.has(entry.dot), try reader.journal(entry.journal, in: scope)?.tip.key != replica.key else {
                return false
            }
            return try entry.placedEdits(branches, author: nil).contains { $0.edit.record == state.record }
        }
    }
}
