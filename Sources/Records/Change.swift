// What a person's save says: a change of one or more edits, each the writes to one record.

public import Causality

/// One or more edits, saved and judged together. At most one edit per record.
public struct Change: Hashable, Sendable {
    /// The person who made it, as the program says; readers go by the key that signed. Nil: not said.
    public var author: Content?
    /// What the person says about it; nil: nothing.
    public var message: Content?
    /// At most one edit for each record.
    public var edits: [Edit]

    /// A change out of its parts.
    public init(author: Content? = nil, message: Content? = nil, edits: [Edit]) {
        (self.author, self.message, self.edits) = (author, message, edits)
    }
}

/// What a change does to one record.
public struct Edit: Hashable, Sendable {
    /// The record it edits, or makes.
    public var record: RecordID
    /// The record's type, as the author had it.
    public var type: TypeKey
    /// The record's version vector as the author had it.
    public var context: VersionVector
    /// What is done, at most one write for each field or element.
    public var writes: [Write]

    /// An edit out of its parts.
    public init(record: RecordID, type: TypeKey, context: VersionVector, writes: [Write]) {
        (self.record, self.type, self.context, self.writes) = (record, type, context, writes)
    }
}

/// One thing an edit does: protocol/3-fold.md says what each kind means.
public struct Write: Hashable, Sendable {
    /// What a write does.
    public enum Kind: UInt8, CaseIterable, Sendable {
        case put, settle, approve, undo, add, drop, delete, restore

        /// Whether a value belongs to it.
        public var hasValue: Bool { self == .put || self == .settle || self == .add }
        /// Whether it concerns the record as a whole.
        public var isOfRecord: Bool { self == .delete || self == .restore }
    }

    /// Names an earlier write: its dot, and for an add which one of its edit.
    public struct Name: Hashable, Sendable {
        /// The entry it was made in.
        public var dot: Dot
        /// Which element of the entry, counted from 0; always 0 but for sets.
        public var ordinal: UInt32
        /// A name out of its parts.
        public init(_ dot: Dot, ordinal: UInt32 = 0) { (self.dot, self.ordinal) = (dot, ordinal) }
    }

    /// What it does.
    public var kind: Kind
    /// Empty for delete, restore and the undo of one.
    public var field: FieldKey
    /// What it replaces, settles, approves, undoes or drops.
    public var names: [Name]
    /// The value put, settled on or added; nil for the other kinds.
    public var value: Content?
    /// Why, where a reason was given.
    public var reason: Content?

    /// A write out of its parts.
    public init(_ kind: Kind, field: FieldKey = "", names: [Name] = [], value: Content? = nil, reason: Content? = nil) {
        (self.kind, self.field, self.names, self.value, self.reason) = (kind, field, names, value, reason)
    }
}

/// An edit as the fold reads it: where it stands, when it was made by the service's clock, and by whom.
public struct PlacedEdit: Hashable, Sendable {
    /// The entry it came in.
    public var dot: Dot
    /// Its author's time, corrected by the offset its author had measured.
    public var time: Timestamp
    /// The person the roster binds its device to; nil: nobody.
    public var author: String?
    /// What it does.
    public var edit: Edit

    /// A placed edit out of its parts.
    public init(dot: Dot, time: Timestamp, author: String?, edit: Edit) {
        (self.dot, self.time, self.author, self.edit) = (dot, time, author, edit)
    }
}
