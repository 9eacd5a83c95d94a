// Ordering that values go: what was written in fields of a record, once and ever since, or all of it but what stands.

public import Causality
public import Records
import Journals

extension Replica {
    /// The entries that wrote to these fields of a record.
    /// - Parameter standing: whether the values that stand now go, too.
    public func entries(writing fields: [FieldKey], of id: RecordID, standing: Bool) throws -> [Dot] {
        guard let record = try record(id) else { throw Self.unknown(id) }
        var kept: Set<Dot> = []
        if !standing {
            for field in fields {
                for candidate in record.state[field]?.candidates ?? [] { kept.insert(candidate.dot) }
                for element in record.state[field]?.elements ?? [] { kept.insert(element.name.dot) }
            }
        }
        return try history(of: id).filter { edit in
            !kept.contains(edit.dot) && edit.writes.contains { fields.contains($0.field) && ($0.kind.hasValue || $0.reason != nil) }
        }.map(\.dot)
    }

    /// The record of an order to erase: made with others in one change, or by itself.
    public func erasure(of fields: [FieldKey], of record: RecordID, in entries: [Dot], reason: String) throws -> Edit {
        let values = ErasureOrder.values(erasing: fields, of: record, in: entries, reason: reason)
        return try creation(
            of: freshRecordID(), ErasureOrder.type,
            [
                ("record", .value(values.record)), ("fields", .elements(values.fields)), ("entries", .elements(values.entries)),
                ("reason", .value(values.reason)),
            ])
    }

    /// The scopes in which something was ordered to be erased.
    public func scopesWithErasures() throws -> Set<ScopeID> {
        try store.reading { reader in
            Set(try reader.scopes().filter { try reader.count(scope: $0, type: ErasureOrder.type, deleted: false) > 0 })
        }
    }

    /// Whether this device's orders to erase are carried out: the roster admits it to a restricted scope.
    public func mayErase() throws -> Bool {
        guard let roster = try roster()?.roster else { return false }
        return roster.scopes.contains { $0.kind == .restricted && roster.isGranted($0.id, to: key, at: roster.version) }
    }
}
