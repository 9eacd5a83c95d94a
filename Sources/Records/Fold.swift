// From the set of a record's edits to its state (protocol/3-fold.md). Order, repetition and batching cannot matter: `fold`
// looks at all edits at once, and `folding` takes one more only where that is provably the same.

import Causality

extension RecordState {
    /// The state that exactly these edits of one record make. Nil for no edits; edits with one dot count once.
    public static func fold(_ edits: some Sequence<PlacedEdit>) -> RecordState? {
        var seen: Set<Dot> = []
        let edits = edits.filter { seen.insert($0.dot).inserted }.sorted { $0.dot < $1.dot }
        guard let smallest = edits.first else { return nil }
        let typed = edits.first { $0.edit.context.isEmpty } ?? smallest
        var state = RecordState(record: smallest.edit.record, type: typed.edit.type)
        for edit in edits { state.note(edit) }
        state.foldFields(edits)
        state.foldDeletions(edits)
        return state
    }

    /// The state of a record that has this one edit. What it names is not there, so only what it puts and adds counts.
    public static func fold(first edit: PlacedEdit) -> RecordState? {
        guard edit.edit.writes.allSatisfy({ $0.kind == .put || $0.kind == .add }) else { return fold([edit]) }
        var state = RecordState(record: edit.edit.record, type: edit.edit.type)
        state.note(edit)
        var fields: [FieldState] = []
        fields.reserveCapacity(edit.edit.writes.count)
        for write in edit.edit.writes {
            // Few fields, so looking through them costs less than hashing keys.
            let known = fields.firstIndex { $0.key == write.field }
            let i = known ?? fields.count
            if known == nil { fields.append(FieldState(key: write.field)) }
            if write.kind == .put {
                fields[i].candidates.append(Candidate(write, in: edit))
            } else {
                fields[i].elements.append(Element(write, ordinal: UInt32(fields[i].elements.count), in: edit))
            }
        }
        state.fields = fields.sorted { $0.key < $1.key }
        return state
    }

    /// This state with one more edit, or nil if only a fold of all edits can tell.
    ///
    /// The caller answers for one thing: no edit folded so far has this one in its context. Edits that arrive in causal order
    /// fulfil it; entries released after having been held may not.
    ///
    /// What the authors of several candidates had in common only a fold of all edits can tell.
    ///
    /// - Complexity: O(fields + candidates), whatever the record's history.
    public func folding(_ next: PlacedEdit) -> RecordState? {
        guard !wasEverDeleted, next.edit.type == type, !vector.has(next.dot),
            next.edit.writes.allSatisfy({ $0.isAdditive })
        else { return nil }
        var state = self
        state.note(next)
        var ordinals: [FieldKey: UInt32] = [:]
        for write in next.edit.writes {
            let context = next.edit.context
            let named = Set(write.names.filter { context.has($0.dot) })
            if write.kind.isOfValue || write.kind == .approve {
                // What is no candidate any more may have waiting decisions and writers of its own.
                let standing = state[write.field]?.candidates ?? []
                guard named.allSatisfy({ name in standing.contains { $0.dot == name.dot } }) else { return nil }
            }
            state.update(write.field) { field in
                switch write.kind {
                case .put, .settle:
                    let over = field.candidates.filter { candidate in named.contains { $0.dot == candidate.dot } }
                    let base = over.count == field.candidates.count ? field.base : nil
                    let wasHeldOpen = over.count == field.candidates.count && field.isHeldOpen
                    field.candidates.removeAll { candidate in named.contains { $0.dot == candidate.dot } }
                    field.candidates.insertSorted(Candidate(write, in: next, over: over, from: base, heldOpen: wasHeldOpen))
                    (field.base, field.isHeldOpen) = (nil, false)
                case .approve:
                    let approval = Approval(dot: next.dot, time: next.time, author: next.author)
                    for name in named { field.approve(name.dot, by: approval) }
                case .add:
                    let ordinal = ordinals[write.field, default: 0]
                    ordinals[write.field] = ordinal + 1
                    field.elements.insertSorted(Element(write, ordinal: ordinal, in: next))
                case .drop:
                    field.elements.removeAll { named.contains($0.name) }
                case .undo, .delete, .restore:
                    break
                }
            }
            if write.kind.isOfValue, state[write.field].map({ $0.candidates.count > 1 }) ?? false { return nil }
        }
        return state
    }

    private mutating func note(_ next: PlacedEdit) {
        vector.see(next.dot)
        guard let last = changed, (next.time, next.dot) <= (last.time, last.dot) else {
            changed = LastChange(time: next.time, dot: next.dot, author: next.author)
            return
        }
    }

    private mutating func update(_ key: FieldKey, _ body: (inout FieldState) -> Void) {
        let i = fields.firstIndex { !($0.key < key) } ?? fields.count
        var field = i < fields.count && fields[i].key == key ? fields.remove(at: i) : FieldState(key: key)
        body(&field)
        if !field.isEmpty { fields.insert(field, at: i) }
    }

    // MARK: Fields

    private mutating func foldFields(_ edits: [PlacedEdit]) {
        fields = Self.fields(of: edits)
        let places = Dictionary(uniqueKeysWithValues: edits.map { ($0.dot, $0) })
        let pasts = FieldPast.byField(edits)
        for f in fields.indices {
            let key = fields[f].key
            fields[f].base = Self.base(of: fields[f].candidates, in: key, edits, places)
            fields[f].isHeldOpen = Self.isHeldOpen(fields[f].candidates, places)
            guard let past = pasts[key] else { continue }
            for c in fields[f].candidates.indices {
                past.trace(&fields[f].candidates[c])
                let over = fields[f].candidates[c].over
                fields[f].candidates[c].overBase = Self.base(of: over, in: key, edits, places)
                fields[f].candidates[c].overWasHeldOpen = Self.isHeldOpen(over, places)
            }
        }
    }

    /// What these edits leave of each field, but for what only shows in comparison; ascending by key.
    private static func fields(of edits: [PlacedEdit]) -> [FieldState] {
        struct Place: Hashable {
            var field: FieldKey
            var name: Write.Name
        }
        func named(_ kinds: Set<Write.Kind>, where counts: (PlacedEdit, Write) -> Bool = { _, _ in true }) -> Set<Place> {
            var places: Set<Place> = []
            for edit in edits {
                for write in edit.edit.writes where kinds.contains(write.kind) && counts(edit, write) {
                    for name in write.names where edit.edit.context.has(name.dot) && name.dot != edit.dot {
                        // Only adds have ordinals; other writes are named by their dot.
                        places.insert(Place(field: write.field, name: write.kind == .drop ? name : .init(name.dot)))
                    }
                }
            }
            return places
        }
        func place(_ edit: PlacedEdit, _ write: Write) -> Place { Place(field: write.field, name: .init(edit.dot)) }

        let undone = named([.undo])
        let isInForce = { (edit: PlacedEdit, write: Write) in
            write.kind == .put || !undone.contains(place(edit, write))
        }
        let replaced = named([.put, .settle], where: isInForce)
        let dropped = named([.drop])

        var states: [FieldKey: FieldState] = [:]
        for edit in edits {
            var ordinals: [FieldKey: UInt32] = [:]
            for write in edit.edit.writes {
                switch write.kind {
                case .put, .settle:
                    guard isInForce(edit, write), !replaced.contains(place(edit, write)) else { continue }
                    states[write.field, default: FieldState(key: write.field)].candidates.append(Candidate(write, in: edit))
                case .add:
                    let ordinal = ordinals[write.field, default: 0]
                    ordinals[write.field] = ordinal + 1
                    let name = Write.Name(edit.dot, ordinal: ordinal)
                    guard !dropped.contains(Place(field: write.field, name: name)) else { continue }
                    states[write.field, default: FieldState(key: write.field)].elements
                        .append(Element(write, ordinal: ordinal, in: edit))
                default: continue
                }
            }
        }
        return states.values.filter { !$0.isEmpty }.sorted { $0.key < $1.key }
    }

    /// How many merges deep a base is looked for.
    private static let deepestBase = 16

    /// The value that these candidates of a field come from: what it was by the edits that all of their authors had seen. Several values that
    /// merge as texts are one, since that is what those authors were shown.
    private static func base(
        of candidates: [Candidate], in field: FieldKey, _ edits: [PlacedEdit], _ places: [Dot: PlacedEdit], depth: Int = 1
    ) -> Content? {
        guard candidates.count > 1, depth <= deepestBase else { return nil }
        let contexts = candidates.compactMap { places[$0.dot]?.edit.context }
        let past = edits.filter { edit in
            edit.edit.writes.contains { $0.field == field } && contexts.allSatisfy { $0.has(edit.dot) }
        }
        let left = fields(of: past).first { $0.key == field }?.candidates ?? []
        guard left.count > 1 else { return left.first?.value }
        let below = base(of: left, in: field, past, places, depth: depth + 1)
        let isHeldOpen = isHeldOpen(left, places)
        guard case .settled(let merged, _, _)? = MergeRule.text.outcome(of: left, from: below, isHeldOpen: isHeldOpen) else {
            // Nobody can tell any more what those authors were shown.
            return left.contains { $0.value == .erased } || below == .erased ? .erased : nil
        }
        return merged.value
    }

    /// Whether the author of one of these candidates had seen another and let it stand.
    private static func isHeldOpen(_ candidates: [Candidate], _ places: [Dot: PlacedEdit]) -> Bool {
        guard candidates.count > 1 else { return false }
        return candidates.contains { candidate in
            guard let context = places[candidate.dot]?.edit.context else { return false }
            return candidates.contains { $0.dot != candidate.dot && context.has($0.dot) }
        }
    }

    // MARK: Deletions

    private mutating func foldDeletions(_ edits: [PlacedEdit]) {
        guard edits.contains(where: { $0.edit.deletes }) else { return }
        wasEverDeleted = true
        let all = Deciding(edits)
        standingDeletes = all.standing(for: nil)
        let standing = Set(standingDeletes)
        let deletes = edits.filter { standing.contains($0.dot) }
        unseenEdits = edits.filter { edit in
            let context = edit.edit.context
            let isApart =
                edit.edit.writes.contains { $0.kind != .delete }
                && deletes.contains { $0.dot != edit.dot && !context.has($0.dot) && !$0.edit.context.has(edit.dot) }
            // Or it was written while a delete that stands again had been ended.
            return isApart
                || edit.edit.writes.contains { $0.kind.hasValue } && standing.contains { context.has($0) }
                    && !Set(all.standing(for: context)).isSuperset(of: standing.filter { context.has($0) })
        }.map(\.dot)
        let inForce = all.inForce(for: nil)
        latePuts = edits.filter { edit in
            edit.edit.writes.contains { $0.kind.hasValue } && !edit.edit.restores
                && !inForce.contains { $0.dot != edit.dot && $0.edit.context.has(edit.dot) }
                && !all.standing(for: edit.edit.context).isEmpty
        }.map(\.dot)
    }
}

/// The edits that say whether the record is there: deletes, restores, and the undos of such.
private struct Deciding {
    private let edits: [PlacedEdit]
    private let undos: [(by: PlacedEdit, of: Dot)]

    init(_ all: [PlacedEdit]) {
        edits = all.filter { $0.edit.deletes || $0.edit.restores }
        undos = all.flatMap { edit in
            edit.edit.writes.flatMap { write in
                write.kind == .undo && write.field.rawValue.isEmpty
                    ? write.names.map(\.dot).filter { $0 != edit.dot && edit.edit.context.has($0) }.map { (edit, $0) } : []
            }
        }
    }

    /// Those that nobody has taken back, as an author sees them who has this context; nil: as all edits have it.
    func inForce(for context: VersionVector?) -> [PlacedEdit] {
        let undone = Set(undos.filter { context?.has($0.by.dot) ?? true }.map(\.of))
        return edits.filter { (context?.has($0.dot) ?? true) && !undone.contains($0.dot) }
    }

    /// The deletes that stand then: those that nothing in force has seen.
    func standing(for context: VersionVector?) -> [Dot] {
        let inForce = inForce(for: context)
        guard inForce.contains(where: { $0.edit.deletes }) else { return [] }
        // An edit's context never has the edit itself.
        var seen = VersionVector()
        for edit in inForce { seen = seen.joined(with: edit.edit.context) }
        return inForce.filter { $0.edit.deletes && !seen.has($0.dot) }.map(\.dot)
    }
}

extension Write {
    /// Whether it can be folded into a state without looking at the record's other edits.
    fileprivate var isAdditive: Bool {
        switch kind {
        case .put, .approve, .add, .drop: true
        case .settle: !(reason?.claimsRule ?? false)
        case .undo, .delete, .restore: false
        }
    }
}

extension Write.Kind {
    /// Whether it makes a candidate.
    var isOfValue: Bool { self == .put || self == .settle }
}

extension Edit {
    fileprivate var deletes: Bool { writes.contains { $0.kind == .delete } }
    fileprivate var restores: Bool { writes.contains { $0.kind == .restore } }
}

extension Candidate {
    init(_ write: Write, in edit: PlacedEdit) {
        self.init(
            dot: edit.dot, isSettle: write.kind == .settle, time: edit.time, author: edit.author, value: write.value ?? .erased,
            reason: write.reason)
        writers = author.map { [$0] } ?? []
    }

    /// One that was written in place of these, which were candidates until then.
    fileprivate init(
        _ write: Write, in edit: PlacedEdit, over named: [Candidate], from base: Content?, heldOpen wasHeldOpen: Bool
    ) {
        self.init(write, in: edit)
        if isSettle {
            over = named.map(\.asWritten)
            (overBase, overWasHeldOpen) = named.count > 1 ? (base, wasHeldOpen) : (nil, false)
            writers = Set(writers + named.flatMap(\.writers)).sorted(by: String.precedes)
        }
        if isDecision {
            waiting = [WaitingDecision(dot: dot, isProposal: reason?.marksProposal ?? false)]
            question =
                named.isEmpty
                ? [dot] : Set(named.allSatisfy(\.isDecision) ? named.flatMap(\.question) : named.map(\.dot)).sorted()
        } else {
            waiting = Set(named.flatMap(\.waiting)).sorted { $0.dot < $1.dot }
        }
    }
}

extension String {
    /// By bytes, the same everywhere.
    package static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}

extension Element {
    fileprivate init(_ write: Write, ordinal: UInt32, in edit: PlacedEdit) {
        self.init(
            name: Write.Name(edit.dot, ordinal: ordinal), time: edit.time, author: edit.author, value: write.value ?? .erased)
    }
}

extension FieldState {
    fileprivate mutating func approve(_ settle: Dot, by approval: Approval) {
        for i in candidates.indices where candidates[i].isSettle && candidates[i].dot == settle {
            guard !candidates[i].approvals.contains(where: { $0.dot == approval.dot }) else { continue }
            candidates[i].approvals.append(approval)
            candidates[i].approvals.sort { $0.dot < $1.dot }
            if candidates[i].isDecision, approval.counts(against: candidates[i].writers) { candidates[i].waiting = [] }
        }
    }
}

extension [Candidate] {
    fileprivate mutating func insertSorted(_ next: Candidate) {
        insert(next, at: firstIndex { next.dot < $0.dot } ?? endIndex)
    }
}

extension [Element] {
    fileprivate mutating func insertSorted(_ next: Element) {
        let isBefore = { (a: Write.Name, b: Write.Name) in a.dot != b.dot ? a.dot < b.dot : a.ordinal < b.ordinal }
        insert(next, at: firstIndex { isBefore(next.name, $0.name) } ?? endIndex)
    }
}
