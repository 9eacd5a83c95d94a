// Page 3 of the protocol word for word, without a thought for speed: what the fold is compared with.

package import Causality
package import Records

package struct PlainFold {
    package typealias Written = (edit: PlacedEdit, write: Write)

    package let edits: [PlacedEdit]

    package init(_ edits: [PlacedEdit]) { self.edits = edits.sorted { $0.dot < $1.dot } }

    /// The write names the dot, and its edit's context has it.
    package func names(_ written: Written, _ dot: Dot) -> Bool {
        written.edit.edit.context.has(dot) && written.write.names.contains { $0.dot == dot }
    }

    package func writes(_ field: FieldKey, _ kinds: Write.Kind...) -> [Written] {
        edits.flatMap { edit -> [Written] in
            let writes = edit.edit.writes.filter { $0.field == field && kinds.contains($0.kind) }
            return writes.map { (edit: edit, write: $0) }
        }
    }

    package func inForce(_ field: FieldKey) -> [Written] {
        writes(field, .put, .settle).filter { written in
            written.write.kind == .put || !writes(field, .undo).contains { names($0, written.edit.dot) }
        }
    }

    package func candidates(_ field: FieldKey) -> [Written] {
        inForce(field).filter { written in
            !inForce(field).contains { $0.edit.dot != written.edit.dot && names($0, written.edit.dot) }
        }
    }

    /// What all authors of several candidates had before them: one value, or several that settle as texts do.
    package func base(_ field: FieldKey) -> Content? {
        let candidates = candidates(field)
        guard candidates.count > 1 else { return nil }
        let past = edits.filter { edit in candidates.allSatisfy { $0.edit.edit.context.has(edit.dot) } }
        let standing = PlainFold(past).candidates(field)
        let left = standing.map { Candidate(dot: $0.edit.dot, time: $0.edit.time, value: $0.write.value ?? .erased) }
        let below = PlainFold(past).base(field)
        // Its author had seen the other and let it stand.
        let isHeldOpen = standing.contains { one in
            standing.contains { $0.edit.dot != one.edit.dot && one.edit.edit.context.has($0.edit.dot) }
        }
        if case .settled(let settled, _, _)? = MergeRule.text.outcome(of: left, from: below, isHeldOpen: isHeldOpen) {
            return settled.value
        }
        return left.count > 1 && (left.contains { $0.value == .erased } || below == .erased) ? .erased : nil
    }

    package func approvals(_ field: FieldKey, of settle: Dot) -> [Dot] {
        let dots = writes(field, .approve).filter { names($0, settle) }.map { $0.edit.dot }
        return Set(dots).sorted()
    }

    package func elements(_ field: FieldKey) -> [Write.Name] {
        let added = edits.flatMap { edit -> [Write.Name] in
            let adds = edit.edit.writes.filter { $0.field == field && $0.kind == .add }
            return adds.indices.map { Write.Name(edit.dot, ordinal: UInt32($0)) }
        }
        return added.filter { name in
            !writes(field, .drop).contains { $0.edit.edit.context.has(name.dot) && $0.write.names.contains(name) }
        }
    }

    private func has(_ edit: PlacedEdit, _ kinds: Write.Kind...) -> Bool {
        edit.edit.writes.contains { kinds.contains($0.kind) }
    }

    private func standingDeletes(of edits: [PlacedEdit]) -> [PlacedEdit] {
        edits.filter { delete in
            has(delete, .delete)
                && !edits.contains {
                    $0.dot != delete.dot && has($0, .delete, .restore) && $0.edit.context.has(delete.dot)
                }
        }
    }

    private var unseenEdits: [PlacedEdit] {
        let deletes = standingDeletes(of: edits)
        return edits.filter { edit in
            edit.edit.writes.contains { $0.kind != .delete }
                && deletes.contains {
                    $0.dot != edit.dot && !$0.edit.context.has(edit.dot) && !edit.edit.context.has($0.dot)
                }
        }
    }

    private var latePuts: [PlacedEdit] {
        edits.filter { edit in
            has(edit, .put, .settle, .add) && !has(edit, .restore)
                && !standingDeletes(of: edits.filter { edit.edit.context.has($0.dot) }).isEmpty
                && !edits.contains { has($0, .delete, .restore) && $0.edit.context.has(edit.dot) }
        }
    }

    /// The state as far as its bytes go: times, authors and values are not in it.
    package var state: RecordState? {
        guard let first = edits.first else { return nil }
        let typed = edits.first { $0.edit.context.isEmpty } ?? first
        let keys = Set(edits.flatMap(\.edit.writes).filter { !$0.kind.isOfRecord }.map(\.field))
        let never = Timestamp(milliseconds: 0)
        let fields = keys.sorted().map { key -> FieldState in
            var field = FieldState(key: key)
            field.candidates = candidates(key).map { written in
                let isSettle = written.write.kind == .settle
                var candidate = Candidate(dot: written.edit.dot, isSettle: isSettle, time: never, value: .erased)
                if isSettle {
                    candidate.approvals = approvals(key, of: written.edit.dot).map { Approval(dot: $0, time: never, author: nil) }
                }
                return candidate
            }
            field.elements = elements(key).map { Element(name: $0, time: never, value: .erased) }
            return field
        }
        var vector = VersionVector()
        for edit in edits { vector.see(edit.dot) }
        return RecordState(
            restoring: first.edit.record, type: typed.edit.type, vector: vector, fields: fields.filter { !$0.isEmpty },
            standingDeletes: standingDeletes(of: edits).map(\.dot), unseenEdits: unseenEdits.map(\.dot),
            latePuts: latePuts.map(\.dot), wasEverDeleted: false, changed: nil)
    }
}
