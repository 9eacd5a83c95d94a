// A record type as a plain table, and its records as rows: for spreadsheets and for other programs' databases.

import Causality
import Foundation
package import Records
package import Supervision

package struct RecordTable {
    package struct Column {
        package var name: String
        package var label: Label
        package var isInteger = false
    }

    /// Where records of types go that the catalogue does not have.
    package static let otherName = "_other"

    /// Nil for the table of all types the catalogue does not have.
    package let type: Catalogue.RecordType?
    package let columns: [Column]
    private let catalogue: Catalogue
    private let line: RecordLine
    private let fields: [FieldKey]
    /// In whose words cells are; nil: in the keys that programs go by.
    private let words: Language?

    package init(_ type: Catalogue.RecordType?, of catalogue: Catalogue, words: Language? = nil) {
        (self.type, self.catalogue, self.words) = (type, catalogue, words)
        line = RecordLine(catalogue)
        fields = type?.fields.map { FieldKey($0.key) } ?? []
        var columns = [
            Column(name: "id", label: Label(zh: "编号", en: "Id")), Column(name: "type", label: Label(zh: "类型", en: "Type")),
            Column(name: "scope", label: Label(zh: "范围", en: "Scope")),
            Column(name: "deleted", label: Label(zh: "已删除", en: "Deleted")),
            Column(name: "changed_at", label: Label(zh: "改动时间", en: "Changed at")),
            Column(name: "changed_by", label: Label(zh: "改动人", en: "Changed by")),
            Column(name: "contested", label: Label(zh: "未定的字段", en: "Contested fields")),
            Column(name: "other", label: Label(zh: "其他字段", en: "Other fields")),
        ]
        let taken = Set(columns.map(\.name))
        columns += (type?.fields ?? []).map { field in
            let isInteger = field.kind == .integer || field.kind == .yesNo
            return Column(
                name: taken.contains(field.key) ? field.key + "_field" : field.key, label: field.label, isInteger: isInteger)
        }
        self.columns = columns
    }

    package var name: String { type?.key ?? Self.otherName }

    /// The names above the columns.
    package var header: [Cell] { columns.map { column in .text(words.map { column.label[$0] } ?? column.name) } }

    /// - Parameter scope: the scope's name.
    /// - Parameter author: the name of the person who changed it last.
    package func row(_ state: RecordState, scope: String, author: String?) -> [Cell] {
        let shown = state.shown(by: catalogue)
        let contested = shown.filter { if case .contested = $0.outcome { true } else { false } }.map { name(of: $0.key) }
        let others = shown.filter { !fields.contains($0.key) }
        let other = JSON.object(others.map { ($0.key.rawValue, line.json($0.outcome, nil)) }).text
        let type = words.flatMap { self.type?.label[$0] } ?? state.type.rawValue
        let head: [Cell] = [
            .text("\(state.record)"), .text(type), .text(scope), .flag(state.isDeleted),
            state.changed.map { .text(Self.time($0.time)) } ?? .empty, author.map(Cell.text) ?? .empty,
            contested.isEmpty ? .empty : .text(contested.joined(separator: words == .chinese ? "、" : ",")),
            others.isEmpty ? .empty : .text(other),
        ]
        return head + fields.map { key in shown.first { $0.key == key }.map { cell($0.outcome, key) } ?? .empty }
    }

    private func name(of key: FieldKey) -> String {
        words.flatMap { type?.field(key.rawValue)?.label[$0] } ?? key.rawValue
    }

    /// A set's elements stand in one cell; what was erased is an empty one.
    private func cell(_ outcome: Outcome, _ key: FieldKey) -> Cell {
        switch outcome {
        case .settled(let candidate, _, _), .contested(let candidate, _): candidate.value.value.map { cell($0, key) } ?? .empty
        case .set(let elements):
            .text(elements.compactMap { $0.value.value.map { text($0, key) } }.joined(separator: "、"))
        }
    }

    private func cell(_ value: Value, _ key: FieldKey) -> Cell {
        switch value {
        case .empty: .empty
        case .integer(let number): .integer(number)
        case .decimal(let digits) where digits.utf8.allSatisfy { (0x2D...0x39).contains($0) }: .decimal(digits)
        case .flag(let flag): words.map { .text(flag ? $0("是", "yes") : $0("否", "no")) } ?? .flag(flag)
        default: .text(text(value, key))
        }
    }

    private func text(_ value: Value, _ key: FieldKey) -> String {
        let text = value.plainText
        return words.flatMap { type?.field(key.rawValue)?.choice(text)?.label[$0] } ?? text
    }

    /// `2026-05-11T00:00:00Z`, which databases and spreadsheets can sort.
    static func time(_ time: Timestamp) -> String {
        Date(timeIntervalSince1970: Double(time.rawValue) / 1000).formatted(.iso8601)
    }
}
