// What a field of a record shows in a report: in both languages, with what of it nobody has decided yet.

import Causality
import Records
package import Supervision

package struct Cell: Hashable, Sendable {
    /// The value; where several stand, the one shown meanwhile.
    package var value: Label
    /// The other values that stand, each once.
    package var others: [Label]
    /// The numbers, in the report's list of what waits for review, of what concerns this field.
    package var waits: [Int]

    package init(_ value: Label = Label(zh: "", en: ""), others: [Label] = [], waits: [Int] = []) {
        (self.value, self.others, self.waits) = (value, others, waits)
    }

    package init(_ text: String) { self.init(Label(zh: text, en: text)) }

    package var isEmpty: Bool { value.zh.isEmpty && others.isEmpty }

    /// Cells one after the other as one.
    static func joined(_ cells: [Cell], zh: String, en: String) -> Cell {
        var all = Cell(
            Label(zh: cells.map(\.value.zh).joined(separator: zh), en: cells.map(\.value.en).joined(separator: en)))
        for cell in cells {
            all.others += cell.others
            all.waits += cell.waits.filter { !all.waits.contains($0) }
        }
        return all
    }
}

/// Reads records as a person is shown them. References show titles; a title in dispute is marked wherever it stands.
struct RecordReader {
    let catalogue: Catalogue
    private let records: [RecordID: RecordState]
    private var numbers: [Place: [Int]] = [:]
    private var waiting: Set<RecordID> = []

    private struct Place: Hashable {
        var record: RecordID
        var field: FieldKey
    }

    init(catalogue: Catalogue, records: [RecordID: RecordState]) { (self.catalogue, self.records) = (catalogue, records) }

    /// From here on this field is shown with this number.
    mutating func mark(_ field: FieldKey, of record: RecordID, number: Int) {
        numbers[Place(record: record, field: field), default: []].append(number)
        waiting.insert(record)
    }

    /// Whether anything of a record waits.
    func hasWaits(_ record: RecordID) -> Bool { waiting.contains(record) }

    func waits(_ record: RecordID, _ field: FieldKey) -> [Int] { numbers[Place(record: record, field: field)] ?? [] }

    // MARK: Values

    /// One settled text, as `"under_way"`; nil for anything else.
    func text(_ record: RecordState, _ field: FieldKey) -> String? {
        guard case .settled(let candidate, _, _)? = record.outcome(of: field, by: catalogue) else { return nil }
        let text = candidate.value.value?.plainText
        return text?.isEmpty == true ? nil : text
    }

    /// The day a field shows, settled or not.
    func day(_ record: RecordState, _ field: FieldKey) -> Day? {
        record.outcome(of: field, by: catalogue)?.candidate?.value.value.flatMap { Day($0.plainText) }
    }

    func isContested(_ record: RecordState, _ field: FieldKey) -> Bool {
        if case .contested? = record.outcome(of: field, by: catalogue) { true } else { false }
    }

    /// Every record a field refers to, through whichever of its values.
    func references(_ record: RecordState, _ field: FieldKey) -> [RecordID] {
        let contents = (record[field]?.candidates.map(\.value) ?? []) + (record[field]?.elements.map(\.value) ?? [])
        return contents.compactMap { if case .value(.reference(let id)) = $0 { id } else { nil } }
    }

    /// Every record a record refers to.
    func references(_ record: RecordState) -> [RecordID] { record.fields.flatMap { references(record, $0.key) } }

    // MARK: Cells

    func cell(_ record: RecordState, _ field: FieldKey, depth: Int = 0) -> Cell {
        var cell = Cell()
        switch record.outcome(of: field, by: catalogue) {
        case nil: break
        case .settled(let candidate, _, _)?: cell = shown(candidate.value, field, record.type, depth)
        case .contested(let provisional, let among)?:
            cell = shown(provisional.value, field, record.type, depth)
            for candidate in among {
                let other = shown(candidate.value, field, record.type, depth).value
                if other != cell.value, !cell.others.contains(other) { cell.others.append(other) }
            }
        case .set(let elements)?:
            cell = .joined(elements.map { shown($0.value, field, record.type, depth) }, zh: "、", en: ", ")
        }
        if hasWaits(record.record) {
            let own = waits(record.record, field)
            cell.waits = own + cell.waits.filter { !own.contains($0) }
        }
        return cell
    }

    /// A record's one-line title by its catalogue fields; its short id if it has none.
    func title(_ record: RecordState, depth: Int = 0) -> Cell {
        let parts = (catalogue.type(record.type)?.title ?? []).map { cell(record, FieldKey($0), depth: depth + 1) }
        let title = Cell.joined(parts.filter { !$0.isEmpty }, zh: " ", en: " ")
        return title.isEmpty ? Cell(ShortID(record.record).description) : title
    }

    func title(_ id: RecordID, depth: Int = 0) -> Cell {
        guard depth < 3, let record = records[id] else { return Cell(ShortID(id).description) }
        return title(record, depth: depth)
    }

    func value(_ content: Content, _ field: FieldKey, _ type: TypeKey) -> Label { shown(content, field, type, 0).value }

    private func shown(_ content: Content, _ field: FieldKey, _ type: TypeKey, _ depth: Int) -> Cell {
        switch content {
        case .erased: return Cell(Label(zh: "（已抹去）", en: "(erased)"))
        case .value(.flag(let flag)): return Cell(flag ? Label(zh: "是", en: "yes") : Label(zh: "否", en: "no"))
        case .value(.text(let text)):
            return catalogue.type(type)?.field(field.rawValue)?.choice(text).map { Cell($0.label) } ?? Cell(Self.clipped(text))
        // The time on the wall where it happened: what a reader expects, wherever the report is made.
        case .value(.time(let time)): return Cell(String(time.prefix(16)).split(separator: "T").joined(separator: " "))
        case .value(.reference(let id)): return title(id, depth: depth)
        case .value(let value): return Cell(value.plainText)
        }
    }

    /// A report names things; whoever wants all of a long text opens the record.
    private static func clipped(_ text: String) -> String {
        let most = 300
        return text.utf8.count <= most ? text : text.count <= most ? text : String(text.prefix(most)) + "…"
    }

    // MARK: Names

    func label(_ type: TypeKey) -> Label { catalogue.type(type)?.label ?? Label(zh: type.rawValue, en: type.rawValue) }

    func label(_ field: FieldKey, _ type: TypeKey) -> Label {
        catalogue.type(type)?.field(field.rawValue)?.label ?? Label(zh: field.rawValue, en: field.rawValue)
    }
}
