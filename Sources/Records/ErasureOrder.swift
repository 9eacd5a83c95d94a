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
    /// The entries they stand in, each with the element that names it: whoever wrote that must have the right to.
    public var entries: [(dot: Dot, named: Write.Name)]
    /// Why, in words.
    public var reason: String?

    public static func == (a: Self, b: Self) -> Bool {
        a.record == b.record && a.fields == b.fields && a.reason == b.reason && a.entries.elementsEqual(b.entries) { $0 == $1 }
    }

    /// By record and fields.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(record)
        hasher.combine(fields)
    }

    /// Reads one; nil if the record is none, is deleted, or names nothing.
    public init?(of state: RecordState?) {
        guard let state, state.type == Self.type, !state.isDeleted,
            case .value(.reference(let record))? = state["record"]?.candidates.first?.value
        else { return nil }
        self.record = record
        fields = Set((state["fields"]?.elements ?? []).compactMap { $0.value.text.map { FieldKey($0) } })
        entries = (state["entries"]?.elements ?? []).compactMap { element in
            element.value.text.flatMap(Self.dot).map { ($0, element.name) }
        }
        reason = state["reason"]?.candidates.first?.value.text
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
    /// its value and its reason. The message goes with them if the change is about that record alone.
    package func places(of record: RecordID, fields: Set<FieldKey>) -> Set<Int> {
        var place = 0
        var found: Set<Int> = []
        if author != nil { place += 1 }
        if message != nil {
            if edits.allSatisfy({ $0.record == record }) { found.insert(place) }
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
