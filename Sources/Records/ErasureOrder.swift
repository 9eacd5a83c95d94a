// An order to erase values: an ordinary record that names what goes (protocol/13-erasing.md). The fold reads skeletons only, so every replica comes to
// the same state, whether it has erased yet or not.

public import Causality

/// Which values of a record go, out of which entries.
public struct ErasureOrder: Hashable, Sendable {
    /// The type of the records that orders are.
    public static let type: TypeKey = "erasure"

    /// The record whose values go.
    public var record: RecordID
    /// The fields whose values, elements and reasons go; none named: all of the record's.
    public var fields: Set<FieldKey>
    /// The entries they stand in.
    public var entries: [Dot]
    /// Why, in words.
    public var reason: String?

    /// The order that one edit of an order's record gives, if it says what goes; nil for anything else.
    ///
    /// Only the edit that gave an order speaks for it: who edits its record later, deletes it or takes that back changes nothing of what it ordered.
    public init?(_ edit: Edit) {
        guard edit.type == Self.type,
            case .value(.reference(let record))? = edit.writes.last(where: { $0.kind == .put && $0.field == "record" })?.value
        else { return nil }
        func added(_ field: FieldKey) -> [String] {
            edit.writes.filter { $0.kind == .add && $0.field == field }.compactMap { $0.value?.text }
        }
        self.record = record
        fields = Set(added("fields").map { FieldKey($0) })
        entries = added("entries").compactMap(Self.dot)
        reason = edit.writes.last { $0.kind == .put && $0.field == "reason" }?.value?.text
        if entries.isEmpty { return nil }
    }

    /// The fields of a record that orders this.
    public static func values(
        erasing fields: [FieldKey], of record: RecordID, in entries: [Dot], reason: String
    ) -> (record: Value, fields: [Value], entries: [Value], reason: Value) {
        (.reference(record), fields.map { .text($0.rawValue) }, entries.map { .text("\($0)") }, .text(reason))
    }

    /// Reads `journal:position` as ``Dot`` writes it.
    package static func dot(_ text: String) -> Dot? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let journal = JournalID(hex: parts[0]), let position = UInt64(parts[1]), position > 1 else {
            return nil
        }
        let dot = Dot(journal, Position(rawValue: position))
        // One entry has one spelling.
        return "\(dot)".utf8.elementsEqual(text.utf8) ? dot : nil
    }
}

extension Change {
    /// Where the values of some fields of a record stand among all values of the change, in the order of an entry: author, message, then of each write
    /// its value and its reason. The message goes with them if the change is about that record alone, unless a program reads it: a number that
    /// was given stays given, and what was taken back stays taken back.
    package func places(of record: RecordID, fields: Set<FieldKey>) -> Set<Int> {
        var place = 0
        var found: Set<Int> = []
        if author != nil { place += 1 }
        if message != nil {
            if MessageMark(message?.text) == nil, edits.allSatisfy({ $0.record == record }) { found.insert(place) }
            place += 1
        }
        for edit in edits {
            for write in edit.writes {
                let isMeant = edit.record == record && (fields.isEmpty || fields.contains(write.field))
                if write.kind.hasValue {
                    if isMeant { found.insert(place) }
                    place += 1
                }
                if let reason = write.reason {
                    // The claim of a rule tells nothing of anybody, and how a field reads hangs on it.
                    if isMeant, reason.text.flatMap(RuleClaim.init(reason:)) == nil { found.insert(place) }
                    place += 1
                }
            }
        }
        return found
    }
}
