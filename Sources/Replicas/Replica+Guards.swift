// The commit door's guards: edits that a catalogue forbids outright are refused here, whichever way they come, with the reason and the way on.

import Causality
import Journals
import Records

extension Replica {
    /// - Throws: ``ReplicaError`` with `recordSealed` or `writeForbidden`.
    func refuseForbidden(_ change: Change, in scope: ScopeID, _ reader: any StoreReader) throws {
        for edit in change.edits {
            if edit.type == ErasureOrder.type, try reader.state(of: edit.record, in: scope) != nil {
                throw ReplicaError(
                    .writeForbidden, "抹去的命令写下了就不能改，也不能撤回。",
                    message: "An order to erase stands as it was given: nobody edits it or takes it back.",
                    next: "Nothing was saved. To erase more, give another order.")
            }
            for one in rules.guards(of: edit.type) {
                let state = try reader.state(of: edit.record, in: scope) ?? RecordState(record: edit.record, type: edit.type)
                switch one {
                case .sealed(let field, let values):
                    // What came past the seal can be put right until somebody has sealed it as it stands.
                    let batch = FoldBatch(scope: scope, rules: rules, branches: try reader.branchMap(in: scope))
                    if try batch.pastSeal(of: state, in: reader) != nil { continue }
                    try refuse(edit, of: state, sealedBy: field, values)
                case .neverNames(let naming): try refuse(edit, of: state, naming, reader)
                }
            }
        }
    }

    /// Whether a record is sealed as it stands.
    func isSealed(_ state: RecordState) -> Bool {
        rules.guards(of: state.type).contains { one in
            guard case .sealed(let field, let values) = one, let value = state.outcome(of: field, by: rules)?.candidate?.value.text
            else {
                return false
            }
            return values.contains(value)
        }
    }

    private func refuse(_ edit: Edit, of state: RecordState, sealedBy field: FieldKey, _ values: Set<String>) throws {
        guard let value = state.outcome(of: field, by: rules)?.candidate?.value.text, values.contains(value),
            edit.writes.contains(where: { !$0.decides })
        else { return }
        throw ReplicaError(
            .recordSealed, "\(state.record)", message: "Record \(state.record) is sealed: nobody edits it any more.",
            next:
                "Nothing was saved. What has to be put right stands beside it, with its reason: dundian amendment new talk=ID reason=WHY"
        )
    }

    private func refuse(_ edit: Edit, of state: RecordState, _ naming: RecordGuard.Naming, _ reader: any StoreReader) throws {
        guard let text = edit.text(naming.field) ?? state.outcome(of: naming.field, by: rules)?.candidate?.value.text, !text.isEmpty
        else { return }
        // Of several recipients in a row each is looked at by itself.
        let parts = text.split { "、，,；;／/\n".contains($0) }.map(Self.bare).filter { part in
            !naming.except.contains { !$0.isEmpty && part.contains(Self.bare($0)) }
        }
        if parts.isEmpty { return }
        for path in naming.paths {
            var ends = Set(path.first.map { edit.references($0) + state.references($0, by: rules) } ?? [])
            for step in path.dropFirst() {
                ends = Set(try ends.flatMap { try self.state(of: $0, reader)?.references(step, by: rules) ?? [] })
            }
            for end in ends {
                guard let named = try self.state(of: end, reader), let title = rules.titleField(of: named.type),
                    let name = (named.outcome(of: title, by: rules)?.candidate?.value.text).map(Self.bare), !name.isEmpty,
                    parts.contains(where: { $0.contains(name) })
                else { continue }
                throw ReplicaError(
                    .writeForbidden, naming.zh, message: naming.en,
                    next: "Nothing was saved. Write somebody else, or leave the field empty.")
            }
        }
    }

    /// A name without its blanks: whoever puts one between two letters names nobody else.
    private static func bare(_ text: some StringProtocol) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.properties.isWhitespace }))
    }

    private func state(of id: RecordID, _ reader: any StoreReader) throws -> RecordState? {
        try reader.scope(of: id).flatMap { try reader.state(of: id, in: $0) }
    }
}

extension Write {
    /// Whether a person decides with it, rather than writes: what a rule had settled is only edited in the form of a settle.
    fileprivate var decides: Bool {
        switch kind {
        case .settle: !(reason?.text.map { RuleClaim(reason: $0) != nil } ?? false)
        case .approve, .undo: true
        case .put, .add, .drop, .delete, .restore: false
        }
    }
}

extension Edit {
    /// The text this edit puts into a field; nil if it puts none.
    fileprivate func text(_ field: FieldKey) -> String? {
        writes.last { $0.field == field && $0.kind.hasValue }?.value?.text
    }

    fileprivate func references(_ field: FieldKey) -> [RecordID] {
        writes.filter { $0.field == field && $0.kind.hasValue }.compactMap { write in
            if case .reference(let id)? = write.value?.value { id } else { nil }
        }
    }
}

extension RecordState {
    fileprivate func references(_ field: FieldKey, by rules: any MergeRules) -> [RecordID] {
        let contents: [Content]
        switch outcome(of: field, by: rules) {
        case .set(let elements)?: contents = elements.map(\.value)
        case let outcome?: contents = outcome.candidate.map { [$0.value] } ?? []
        case nil: contents = []
        }
        return contents.compactMap { content in
            if case .reference(let id)? = content.value { id } else { nil }
        }
    }
}
