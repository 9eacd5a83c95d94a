// What the fold leaves of a record: candidates, elements, deletions. The same on every replica that counts the same edits,
// whatever its merge rules. protocol/3-fold.md defines it; `canonicalBytes` are the bytes digests are made of.

public import Causality

/// One of the values a field has, and where it came from.
public struct Candidate: Hashable, Sendable {
    /// The put or settle it comes from; its name.
    public var dot: Dot
    /// Whether a person or a rule chose it over others.
    public var isSettle: Bool
    /// By the service's clock.
    public var time: Timestamp
    /// Who wrote it; nil: the roster knows nobody.
    public var author: String?
    /// What it says.
    public var value: Content
    /// Why it was written, where a reason was given.
    public var reason: Content?
    /// The approves of this settle, ascending by dot; not all of them need count.
    public var approvals: [Approval] = []
    /// Of a settle, what it was chosen over, ascending by dot: as it was written, without what that had been chosen over.
    public var over: [Candidate] = []
    /// And what those had come from, as ``FieldState/base`` has it.
    public var overBase: Content?
    /// And whether the author of one of those had seen another, as ``FieldState/isHeldOpen`` says it.
    public var overWasHeldOpen = false
    /// Whoever wrote what went into it, ascending: they cannot approve it.
    public var writers: [String] = []
    /// The decisions it stands on, or is, that nobody has approved; ascending by dot.
    public var waiting: [WaitingDecision] = []
    /// Of a decision, what is in question, ascending; of anything else nothing.
    public var question: [Dot] = []

    /// A candidate out of its parts.
    public init(
        dot: Dot, isSettle: Bool = false, time: Timestamp, author: String? = nil, value: Content, reason: Content? = nil
    ) {
        (self.dot, self.isSettle, self.time, self.author) = (dot, isSettle, time, author)
        (self.value, self.reason) = (value, reason)
    }

    /// Whether it is a settle by which a person decided, and not one that says what a rule had settled.
    public var isDecision: Bool { isSettle && !claimsRule }
    /// Whether its reason claims a rule.
    package var claimsRule: Bool { isSettle && reason?.claimsRule ?? false }
    /// Whether it is a decision that somebody else has approved.
    public var isApproved: Bool { isDecision && !waiting.contains { $0.dot == dot } }

    /// The candidate as it was written, without what the fold found out about it.
    package var asWritten: Candidate {
        Candidate(dot: dot, isSettle: isSettle, time: time, author: author, value: value, reason: reason)
    }

    /// What `latest`, ties and display order by.
    package func isEarlier(than other: Candidate) -> Bool {
        time != other.time ? time < other.time : dot < other.dot
    }
}

/// An approve of a decision. It counts if its author is somebody, and nobody of the decision's writers.
public struct Approval: Hashable, Sendable {
    /// The entry it came in.
    public var dot: Dot
    /// By the service's clock.
    public var time: Timestamp
    /// Who; nil: the roster knows nobody.
    public var author: String?

    /// An approval out of its parts.
    public init(dot: Dot, time: Timestamp, author: String?) { (self.dot, self.time, self.author) = (dot, time, author) }

    /// Whether it counts for a decision that these people wrote.
    package func counts(against writers: [String]) -> Bool { author.map { !writers.contains($0) } ?? false }
}

/// A decision that nobody but its writers has approved.
public struct WaitingDecision: Hashable, Sendable {
    /// The settle.
    public var dot: Dot
    /// Whether it says itself that it needs approval.
    public var isProposal: Bool

    /// One out of its parts.
    public init(dot: Dot, isProposal: Bool) { (self.dot, self.isProposal) = (dot, isProposal) }
}

/// An element of a set, by the add that put it there.
public struct Element: Hashable, Sendable {
    /// The add it comes from; its name.
    public var name: Write.Name
    /// When it was added, by the service's clock.
    public var time: Timestamp
    /// Who added it; nil: the roster knows nobody.
    public var author: String?
    /// What it says.
    public var value: Content

    /// An element out of its parts.
    public init(name: Write.Name, time: Timestamp, author: String? = nil, value: Content) {
        (self.name, self.time, self.author, self.value) = (name, time, author, value)
    }
}

/// The newest edit of a record.
public struct LastChange: Hashable, Sendable {
    package init(time: Timestamp, dot: Dot, author: String?) { (self.time, self.dot, self.author) = (time, dot, author) }
    /// When, by the service's clock.
    public var time: Timestamp
    /// The entry.
    public var dot: Dot
    /// Who; nil: the roster knows nobody.
    public var author: String?
}

/// What the fold holds of one field.
public struct FieldState: Hashable, Sendable {
    /// The field.
    public var key: FieldKey
    /// Ascending by dot.
    public var candidates: [Candidate] = []
    /// Ascending by dot, then ordinal.
    public var elements: [Element] = []
    /// Of several candidates, the value that all their authors had before them; nil if there was none, or several that clashed.
    public var base: Content?
    /// Whether the author of one candidate had seen another and let it stand: then only a person settles the field, though the values be equal.
    public var isHeldOpen = false

    /// A field nothing was written to.
    public init(key: FieldKey) { self.key = key }
    package var isEmpty: Bool { candidates.isEmpty && elements.isEmpty }
}

/// A record as the fold of all edits that count left it; the same on every replica that holds the same entries.
public struct RecordState: Hashable, Sendable {
    /// Its id.
    public internal(set) var record: RecordID
    /// Its type.
    public internal(set) var type: TypeKey
    /// Every entry that edits it.
    public internal(set) var vector = VersionVector()
    /// Ascending by key; only fields that have something.
    public internal(set) var fields: [FieldState] = []
    /// Deletes that no other delete or restore has seen, ascending; the record is deleted while there is one.
    public internal(set) var standingDeletes: [Dot] = []
    /// Edits that are concurrent with a standing delete, ascending.
    public internal(set) var unseenEdits: [Dot] = []
    /// Edits that write a value although their author had seen the record deleted, ascending.
    public internal(set) var latePuts: [Dot] = []
    /// Whether any edit ever deleted it; the fold then looks at all of them again.
    package internal(set) var wasEverDeleted = false
    /// The newest edit, by the service's clock: for lists, not part of what digests cover.
    public internal(set) var changed: LastChange?

    package init(record: RecordID, type: TypeKey) { (self.record, self.type) = (record, type) }

    /// Whether a delete stands.
    public var isDeleted: Bool { !standingDeletes.isEmpty }

    /// What is held of a field; nil if nothing is.
    public subscript(field: FieldKey) -> FieldState? {
        fields.first { $0.key == field }
    }

    /// The record state bytes of protocol/3-fold.md.
    package var canonicalBytes: [UInt8] {
        var out = ByteWriter(reserving: 256)
        out.raw(record.bytes)
        out.text16(type.rawValue)
        out.u32(UInt32(vector.count))
        for component in vector.components {
            out.dot(Dot(component.journal, component.position))
        }
        out.u32(UInt32(fields.count))
        for field in fields {
            out.text16(field.key.rawValue)
            out.u32(UInt32(field.candidates.count))
            for candidate in field.candidates {
                out.dot(candidate.dot)
                out.u8(candidate.isSettle ? 1 : 0)
                out.dots(candidate.approvals.map(\.dot))
            }
            out.u32(UInt32(field.elements.count))
            for element in field.elements {
                out.dot(element.name.dot)
                out.u32(element.name.ordinal)
            }
        }
        out.dots(standingDeletes)
        out.dots(unseenEdits)
        out.dots(latePuts)
        return out.bytes
    }
}

extension ByteWriter {
    package mutating func dots(_ dots: [Dot]) {
        u32(UInt32(dots.count))
        for dot in dots { self.dot(dot) }
    }
}

extension RecordState {
    /// A state that a store kept: only what the fold once made comes back through here.
    package init(
        restoring record: RecordID, type: TypeKey, vector: VersionVector, fields: [FieldState], standingDeletes: [Dot],
        unseenEdits: [Dot], latePuts: [Dot], wasEverDeleted: Bool, changed: LastChange?
    ) {
        self.init(record: record, type: type)
        (self.vector, self.fields, self.standingDeletes) = (vector, fields, standingDeletes)
        (self.unseenEdits, self.latePuts) = (unseenEdits, latePuts)
        (self.wasEverDeleted, self.changed) = (wasEverDeleted, changed)
    }
}
