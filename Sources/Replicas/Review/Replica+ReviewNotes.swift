// What people say about an item without deciding it: claims, comments, whom they ask. Ordinary records, each written once, that bind nobody
// (protocol/9-review.md, "Claims, comments and delegation").

public import Causality
import Journals
public import Records

/// Something said about a review item.
public struct ReviewNote: Hashable, Sendable {
    /// The type of the records it is kept in.
    public static let type: TypeKey = "review_note"

    /// What is said.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case claim, release, comment, assign
    }

    /// The record it is kept in.
    public var record: RecordID
    /// What is said.
    public var kind: Kind
    /// Who says it, by the roster's id.
    public var author: String?
    /// By the service's clock.
    public var time: Timestamp
    /// Who is asked.
    public var person: String?
    /// How long it holds, or by when.
    public var until: Timestamp?
    /// In their words.
    public var text: String?
}

/// Where an item stands with the people who look after it.
public struct ReviewHandling: Hashable, Sendable {
    /// Everything said, the oldest first.
    public var notes: [ReviewNote] = []
    /// The claim that holds; nil: nobody has it.
    public var claim: ReviewNote?
    /// The newest assignment; nil: nobody was asked.
    public var assignment: ReviewNote?

    /// Whether whoever was asked has let the time pass.
    public func isOverdue(at now: Timestamp) -> Bool { assignment?.until.map { $0 < now } ?? false }

    init(_ notes: [ReviewNote], at now: Timestamp) {
        self.notes = notes.sorted { $0.time != $1.time ? $0.time < $1.time : $0.record < $1.record }
        let places = self.notes.enumerated()
        claim =
            places.first { i, note in
                note.kind == .claim && note.until.map { now <= $0 } ?? true
                    && !places.contains { j, other in j > i && other.kind == .release && other.author == note.author }
            }?.element
        assignment = self.notes.last { $0.kind == .assign }
    }
}

extension Replica {
    /// What was said about an item.
    /// - Parameter now: by the service's clock.
    public func handling(of item: ItemID, in scope: ScopeID, at now: Timestamp) throws -> ReviewHandling {
        try store.reading { reader in
            let range = RecordID(high: item.high, low: 0)...RecordID(high: item.high, low: .max)
            let notes = try reader.records(range, limit: 10_000).compactMap { id in
                try reader.state(of: id, in: scope).flatMap { note($0, on: item) }
            }
            return ReviewHandling(notes, at: now)
        }
    }

    /// Says something about an item.
    /// - Returns: the record it is kept in.
    @discardableResult
    public func say(
        _ kind: ReviewNote.Kind, about item: QueuedItem, person: String? = nil, until: Timestamp? = nil, text: String? = nil
    ) throws -> RecordID {
        let id = RecordID(high: item.id.high, low: entropy.next())
        var fields: [(FieldKey, FieldInput)] = [
            ("item", .value(.text("\(item.id)"))), ("about", .value(.reference(item.item.record))),
            ("kind", .value(.text(kind.rawValue))),
        ]
        if let person { fields.append(("person", .value(.text(person)))) }
        if let until { fields.append(("until", .value(.time(Moment(seconds: Int(until.rawValue / 1_000)).text)))) }
        if let text { fields.append(("text", .value(.text(text)))) }
        return try create(ReviewNote.type, in: item.scope, id: id, fields: fields)
    }

    /// The time now, by the service's clock as last measured.
    public func serviceTime() throws -> Timestamp { clock.now().corrected(by: try clockOffset()) }

    private func note(_ state: RecordState, on item: ItemID) -> ReviewNote? {
        func shown(_ key: FieldKey) -> Value? { state.outcome(of: key, by: rules)?.candidate?.value.value }
        func text(_ key: FieldKey) -> String? {
            guard case .text(let text)? = shown(key) else { return nil }
            return text
        }
        guard state.type == ReviewNote.type, !state.isDeleted, let named = text("item"), named.isExactly("\(item)"),
            let kind = text("kind").flatMap(ReviewNote.Kind.init(rawValue:)), let changed = state.changed,
            // Written once: what somebody edited later is nobody's word.
            state.fields.allSatisfy({ $0.candidates.allSatisfy { $0.dot == changed.dot } })
        else { return nil }
        var until: Timestamp?
        if case .time(let moment)? = shown("until") {
            until = Moment(moment).map { Timestamp(milliseconds: Int64($0.seconds) * 1_000) }
        }
        return ReviewNote(
            record: state.record, kind: kind, author: changed.author, time: changed.time, person: text("person"), until: until,
            text: text("text"))
    }
}
