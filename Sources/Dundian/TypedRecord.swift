// Views of records by the types of the supervision catalogue, so that a program that embeds this reads `talk.status == .sealed` and not texts. The views
// themselves are made from the catalogue: SupervisionRecords.swift.

public import Records
public import Replicas

/// A field and what is written to it.
public typealias FieldWrite = (FieldKey, FieldInput)

/// A record of a known type.
///
/// A field that waits for review reads as the value shown meanwhile; ask ``Replicas/Record`` itself whether it does.
public protocol TypedRecord: Sendable {
    /// The type's key.
    static var type: TypeKey { get }
    /// What it is a view of.
    var record: Record { get }
    /// Nil if the record is of another type.
    init?(_ record: Record)
}

extension Record {
    /// The answer of a yes-or-no field; nil if it has none.
    public func flag(_ field: FieldKey) -> Bool? {
        guard case .flag(let flag)? = value(field) else { return nil }
        return flag
    }

    /// The record a field refers to; nil if it refers to none.
    public func reference(_ field: FieldKey) -> RecordID? {
        guard case .reference(let id)? = value(field) else { return nil }
        return id
    }

    /// The records a set refers to.
    public func references(_ field: FieldKey) -> [RecordID] {
        elements(field).compactMap { if case .reference(let id) = $0 { id } else { nil } }
    }
}

extension Replica {
    /// A record as this type's view; nil if it is not here, or is of another type.
    public func record<T: TypedRecord>(_ id: RecordID, as type: T.Type) throws -> T? { try record(id).flatMap { T($0) } }

    /// Records of a type that are not deleted, the newest change first.
    public func records<T: TypedRecord>(_ type: T.Type, in scope: ScopeID? = nil, limit: Int = 100, offset: Int = 0) throws -> [T] {
        try records(type: T.type, in: scope, deleted: false, limit: limit, offset: offset).compactMap { T($0) }
    }

    /// Makes a record of a type and returns its id: `create(TalkRecord.self, in: scope, [TalkRecord.subject(person), TalkRecord.status(.draft)])`.
    @discardableResult
    public func create<T: TypedRecord>(_ type: T.Type, in scope: ScopeID, _ fields: [FieldWrite], message: String? = nil) throws
        -> RecordID
    {
        try create(T.type, in: scope, fields: fields, message: message)
    }
}
