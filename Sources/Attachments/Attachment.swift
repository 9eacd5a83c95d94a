// What records tell of attachments: each is a record of type `attachment` that names its content by hash and size. The content itself lies in a
// vault beside the replica (protocol/12-attachments.md).

public import Causality
public import Journals
public import Records
public import Replicas
import Wire

/// Names a content in a scope. The same photo in two scopes is two contents: whoever may see the one need not know of the other.
public struct AttachmentKey: Hashable, Comparable, Sendable {
    /// The scope of the records that tell of it.
    public var scope: ScopeID
    /// SHA-256 of the content.
    public var hash: Hash
    /// A key out of its parts.
    public init(scope: ScopeID, hash: Hash) { (self.scope, self.hash) = (scope, hash) }

    public static func < (a: Self, b: Self) -> Bool { a.scope != b.scope ? a.scope < b.scope : a.hash < b.hash }
}

/// An attachment as its record tells of it.
public struct Attachment: Hashable, Sendable {
    /// The type of the records that attachments are.
    public static let type: TypeKey = "attachment"
    /// The field with the content's SHA-256, as 64 hexadecimal digits.
    public static let hashField: FieldKey = "sha256"
    /// The field with its size in bytes.
    public static let sizeField: FieldKey = "size"
    /// The largest content, in bytes.
    public static let sizeMax = Limits.attachmentBytes

    /// The record.
    public var record: RecordID
    /// The content.
    public var key: AttachmentKey
    /// Its size in bytes.
    public var size: UInt64

    /// One out of its parts.
    public init(record: RecordID, key: AttachmentKey, size: UInt64) { (self.record, self.key, self.size) = (record, key, size) }

    /// What the record of a scope tells; nil if it is none, is deleted, or does not say which content.
    public init?(_ state: RecordState, in scope: ScopeID, by rules: some MergeRules) {
        guard state.type == Self.type, !state.isDeleted,
            let text = state.outcome(of: Self.hashField, by: rules)?.candidate?.value.text, text.utf8.count == 64,
            let hash = Hex.bytes(text).flatMap({ Hash($0) }),
            case .integer(let size)? = state.outcome(of: Self.sizeField, by: rules)?.candidate?.value.value,
            size >= 0, UInt64(size) <= Self.sizeMax
        else { return nil }
        self.init(record: state.record, key: AttachmentKey(scope: scope, hash: hash), size: UInt64(size))
    }
}

extension Replica {
    /// The attachments that records here tell of, the newest first.
    ///
    /// - Complexity: O(records of the type `attachment`).
    public func attachments(in scope: ScopeID? = nil) throws -> [Attachment] {
        var found: [Attachment] = []
        try forEachRecord(type: Attachment.type, in: scope) { scope, state in
            if let attachment = Attachment(state, in: scope, by: rules) { found.append(attachment) }
        }
        return found
    }
}
