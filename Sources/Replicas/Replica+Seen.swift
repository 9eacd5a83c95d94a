// Editing what one has had before one's eyes for a while: in an editor, in a form that was filled in elsewhere. The edit has seen the
// version its author saw and nothing newer, so what came meanwhile is never written over: a field changed on both sides has two
// values, and its rule or a reviewer decides.

public import Causality
import Journals
public import Records
import Wire

/// What became of an edit of an earlier version.
public struct SeenEdit: Hashable, Sendable {
    /// Whether anything was written.
    public var changed: Bool
    /// The fields written here that somebody had changed since the author looked.
    public var crossed: [FieldKey]
    /// Whether somebody has deleted the record since.
    public var deletedSince: Bool

    /// What became of it.
    public init(changed: Bool, crossed: [FieldKey], deletedSince: Bool) {
        (self.changed, self.crossed, self.deletedSince) = (changed, crossed, deletedSince)
    }
}

extension Replica {
    /// The record as it stood when its version was this; nil if it is not here, or did not exist then.
    public func record(_ id: RecordID, at seen: VersionVector) throws -> Record? {
        try store.reading { reader -> Record? in
            guard let scope = try reader.scope(of: id), let state = try state(of: id, at: seen, in: scope, reader) else {
                return nil
            }
            let items = try FoldBatch(scope: scope, rules: rules, branches: Branches()).queuedItems(of: state, in: reader)
            return Record(
                scope: scope, state: state, fields: state.shown(by: rules), items: items.filter { !$0.item.kind.isNotice })
        }
    }

    /// Edits a record as its author saw it.
    ///
    /// - Parameters:
    ///   - seen: the version the author saw: ``RecordState/vector`` of then.
    ///   - draft: a draft that this save makes needless; it goes in the same transaction.
    @discardableResult
    public func edit(
        _ id: RecordID, seen: VersionVector, fields: [(FieldKey, FieldInput)], message: String? = nil,
        discarding draft: String? = nil
    ) throws -> SeenEdit {
        guard let scope = try store.reading({ try $0.scope(of: id) }) else { throw Self.unknown(id) }
        var result = SeenEdit(changed: false, crossed: [], deletedSince: false)
        try commit(in: scope, discarding: draft) { reader in
            guard let now = try reader.state(of: id, in: scope) else { throw Self.unknown(id) }
            guard let then = try seen.covers(now.vector) ? now : state(of: id, at: seen, in: scope, reader) else {
                throw Self.unknown(id)
            }
            guard !then.isDeleted else { throw Self.deleted(id) }
            let writes = try writes(fields, on: then)
            try refuseBrokenChecks(writes, on: then)
            result.changed = !writes.isEmpty
            result.deletedSince = now.isDeleted
            for field in fields.map(\.0) where now[field] != then[field] && writes.contains(where: { $0.field == field }) {
                result.crossed.append(field)
            }
            return writes.isEmpty ? [] : [try self.change([then.edit(writes)], message, reader)]
        }
        return result
    }

    /// Makes a record, and discards the draft it was written in, in one transaction.
    @discardableResult
    public func create(
        _ type: TypeKey, in scope: ScopeID, fields: [(FieldKey, FieldInput)], message: String? = nil, discarding draft: String
    ) throws -> RecordID {
        let id = freshRecordID()
        try commit(in: scope, discarding: draft) { reader in [try self.change([creation(of: id, type, fields)], message, reader)] }
        return id
    }

    private func commit(
        in scope: ScopeID, discarding draft: String?, _ make: (any StoreReader) throws -> [Change]
    ) throws {
        try transacting { writer in
            _ = try write(make(writer), in: scope, to: writer)
            if let draft { try writer.setDraft(draft, nil) }
        }
        becameDurable()
    }

    /// Folds what of the record's past the version covers.
    private func state(
        of id: RecordID, at seen: VersionVector, in scope: ScopeID, _ reader: any StoreReader
    ) throws -> RecordState? {
        let branches = try reader.branchMap(in: scope)
        let authors = Authors()
        let edits = try reader.history(of: id, in: scope).filter { seen.has($0.dot) }.flatMap { entry in
            try entry.placedEdits(branches, author: try authors.author(of: entry.journal, in: scope, reader))
        }
        return RecordState.fold(edits.filter { $0.edit.record == id })
    }
}
