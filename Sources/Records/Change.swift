// What a person's save says: a change of one or more edits, each the writes to one record.

public import Causality

/// One or more edits, saved and judged together. At most one edit per record.
public struct Change: Hashable, Sendable {
    public var author: Content?
    public var message: Content?
    public var edits: [Edit]

    public init(author: Content? = nil, message: Content? = nil, edits: [Edit]) {
        (self.author, self.message, self.edits) = (author, message, edits)
    }
}

public struct Edit: Hashable, Sendable {
    public var record: RecordID
    public var type: TypeKey
    /// The record's version vector as the author had it.
    public var context: VersionVector
    public var writes: [Write]

    public init(record: RecordID, type: TypeKey, context: VersionVector, writes: [Write]) {
        (self.record, self.type, self.context, self.writes) = (record, type, context, writes)
    }
}

public struct Write: Hashable, Sendable {
    public enum Kind: UInt8, CaseIterable, Sendable {
        case put, settle, approve, undo, add, drop, delete, restore

        /// Whether a value belongs to it.
        public var hasValue: Bool { self == .put || self == .settle || self == .add }
        /// Whether it concerns the record as a whole.
        public var isOfRecord: Bool { self == .delete || self == .restore }
    }

    /// Names an earlier write: its dot, and for an add which one of its edit.
    public struct Name: Hashable, Sendable {
        public var dot: Dot
        public var ordinal: UInt32
        public init(_ dot: Dot, ordinal: UInt32 = 0) { (self.dot, self.ordinal) = (dot, ordinal) }
    }

    public var kind: Kind
    /// Empty for delete and restore.
    public var field: FieldKey
    public var names: [Name]
    public var value: Content?
    public var reason: Content?

    public init(_ kind: Kind, field: FieldKey = "", names: [Name] = [], value: Content? = nil, reason: Content? = nil) {
        (self.kind, self.field, self.names, self.value, self.reason) = (kind, field, names, value, reason)
    }
}

/// An edit as the fold reads it: where it stands, when it was made by the service's clock, and by whom.
public struct PlacedEdit: Hashable, Sendable {
    public var dot: Dot
    public var time: Timestamp
    public var author: String?
    public var edit: Edit

    public init(dot: Dot, time: Timestamp, author: String?, edit: Edit) {
        (self.dot, self.time, self.author, self.edit) = (dot, time, author, edit)
    }
}
