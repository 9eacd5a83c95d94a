// Records as the rules and answers of the domain look at them: values of one moment, read through the catalogue, with nothing of where they are kept.

import Causality
public import Records

/// Records of some scopes at one moment, by id and by type.
public struct CaseFile: Sendable {
    /// Their types and rules.
    public let catalogue: Catalogue
    /// All of them, deleted ones included.
    public let records: [RecordID: RecordState]
    private let live: [TypeKey: [RecordState]]
    private let same: [RecordID: RecordID]

    /// - Parameter same: for records that are one thing with an earlier one, that one.
    public init(_ records: some Sequence<RecordState>, catalogue: Catalogue, same: [RecordID: RecordID] = [:]) {
        self.catalogue = catalogue
        self.same = same
        self.records = Dictionary(records.map { ($0.record, $0) }) { first, _ in first }
        live = Dictionary(grouping: self.records.values.filter { !$0.isDeleted }, by: \.type).mapValues { states in
            states.sorted { $0.record < $1.record }
        }
    }

    /// The records of a type that are not deleted, ascending by id.
    public func live(_ type: TypeKey) -> [RecordState] { live[type] ?? [] }

    /// Of records that are one thing, the first of these: what counts them counts them once.
    public func distinct(_ states: [RecordState]) -> [RecordState] { distinct(states, \.record) }

    /// The same of whatever stands for a record.
    public func distinct<T>(_ all: [T], _ id: (T) -> RecordID) -> [T] {
        if same.isEmpty { return all }
        var seen: Set<RecordID> = []
        return all.filter { seen.insert(first(of: id($0))).inserted }
    }

    /// The first of the records that are one thing with this one.
    public func first(of id: RecordID) -> RecordID { same[id] ?? id }

    // MARK: Values

    private func settled(_ state: RecordState, _ field: FieldKey) -> Value? {
        guard case .settled(let candidate, _, _)? = state.outcome(of: field, by: catalogue) else { return nil }
        return candidate.value.value
    }

    /// The settled text of a field that is not blank, as `"under_way"`; nil for anything else, a contested field too.
    public func text(_ state: RecordState, _ field: FieldKey) -> String? {
        guard case .text(let text)? = settled(state, field), text.contains(where: { !$0.isWhitespace }) else { return nil }
        return text
    }

    /// Whether one of these fields waits for review: nobody can say then what it says.
    public func isContested(_ state: RecordState, _ fields: FieldKey...) -> Bool {
        fields.contains { field in
            if case .contested? = state.outcome(of: field, by: catalogue) { true } else { false }
        }
    }

    /// The settled day of a date or time.
    public func day(_ state: RecordState, _ field: FieldKey) -> Day? { Day(of: settled(state, field)) }

    /// The settled time as it stands, `2026-05-11T09:30+08:00`.
    public func time(_ state: RecordState, _ field: FieldKey) -> String? {
        if case .time(let text)? = settled(state, field) { text } else { nil }
    }

    /// The settled whole number of a field.
    public func integer(_ state: RecordState, _ field: FieldKey) -> Int? {
        if case .integer(let number)? = settled(state, field) { Int(exactly: number) } else { nil }
    }

    /// The settled answer of a yes-or-no field.
    public func flag(_ state: RecordState, _ field: FieldKey) -> Bool? {
        if case .flag(let flag)? = settled(state, field) { flag } else { nil }
    }

    /// The record a field refers to.
    public func reference(_ state: RecordState, _ field: FieldKey) -> RecordID? {
        if case .reference(let id)? = settled(state, field) { id } else { nil }
    }

    /// What a set holds, in its order.
    public func elements(_ state: RecordState, _ field: FieldKey) -> [Value] {
        guard case .set(let elements)? = state.outcome(of: field, by: catalogue) else { return [] }
        return elements.compactMap(\.value.value)
    }

    /// The texts of a set.
    public func texts(_ state: RecordState, _ field: FieldKey) -> [String] {
        elements(state, field).compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    /// The records a set refers to.
    public func references(_ state: RecordState, _ field: FieldKey) -> [RecordID] {
        elements(state, field).compactMap { if case .reference(let id) = $0 { id } else { nil } }
    }

    /// The records of a type that refer to one by a field.
    public func live(_ type: TypeKey, _ field: FieldKey, refersTo id: RecordID) -> [RecordState] {
        live(type).filter { reference($0, field) == id }
    }

    // MARK: Words

    /// The label of the choice a field shows; nil if it shows none.
    public func choice(_ state: RecordState, _ field: FieldKey) -> Label? {
        text(state, field).flatMap { catalogue.type(state.type)?.field(field.rawValue)?.choice($0)?.label }
    }

    /// A record's one-line title by its catalogue fields; its id if it has none.
    public func title(_ id: RecordID?, depth: Int = 0) -> Label {
        guard let id else { return Label(zh: "", en: "") }
        guard depth < 3, let state = records[id] else {
            let short = ShortID(id).description
            return Label(zh: short, en: short)
        }
        let parts = (catalogue.type(state.type)?.title ?? []).map { shown(state, FieldKey($0), depth: depth) }.filter {
            !$0.zh.isEmpty
        }
        guard !parts.isEmpty else { return Label(zh: ShortID(id).description, en: ShortID(id).description) }
        return Label(zh: parts.map(\.zh).joined(separator: " "), en: parts.map(\.en).joined(separator: " "))
    }

    private static func clock(_ time: String) -> String { String(time.prefix(16)).split(separator: "T").joined(separator: " ") }

    /// A field as a person reads it; sets with their elements in a row; empty if there is nothing.
    public func shown(_ state: RecordState, _ field: FieldKey, depth: Int = 0) -> Label {
        func shown(_ value: Value?) -> Label {
            switch value {
            case .text(let text)?:
                catalogue.type(state.type)?.field(field.rawValue)?.choice(text)?.label ?? Label(zh: text, en: text)
            case .reference(let id)?: title(id, depth: depth + 1)
            case .time(let time)?:
                Label(zh: Self.clock(time), en: Self.clock(time))
            case .flag(let flag)?: flag ? Label(zh: "是", en: "yes") : Label(zh: "否", en: "no")
            case let value?: Label(zh: value.plainText, en: value.plainText)
            case nil: Label(zh: "", en: "")
            }
        }
        guard case .set? = state.outcome(of: field, by: catalogue) else {
            return shown(state.outcome(of: field, by: catalogue)?.candidate?.value.value)
        }
        let all = elements(state, field).map(shown)
        return Label(zh: all.map(\.zh).joined(separator: "、"), en: all.map(\.en).joined(separator: ", "))
    }
}
