// Records out of a table: a row is a record, a column a field by its key or label. Every row is looked at before anything is saved; what is faulty
// is named by row and column; rows that look like a record that is here are held out for a person to say what they are.

package import Causality
import Foundation
package import Records
package import Replicas
package import Supervision
import SwiftCSV

package struct TableImport {
    /// What becomes of rows that look like a record that is here, or like an earlier row.
    package enum Duplicates: String, CaseIterable, Sendable {
        /// They are passed over.
        case skip
        /// What is empty in the record is filled in from the row; what differs stays as it is in the record, and is told.
        case fill
        /// They become records of their own; the review asks whether two are one thing.
        case new
    }

    /// One row of the table.
    package struct Row: Sendable {
        /// As a spreadsheet counts them; the header is row 1.
        package var number: Int
        package var title: String
        package var fields: [(FieldKey, FieldInput)]
        package var faults: [String]
        /// The record it looks like; nil: none that is here.
        package var twin: RecordID?
        /// The earlier row it looks like.
        package var twinRow: Int?
        /// Fields in which it differs from its twin.
        package var differing: [FieldKey] = []
    }

    /// What a table would do.
    package struct Plan: Sendable {
        /// Columns that are fields, in the table's order.
        package var columns: [FieldKey]
        /// Columns that are none.
        package var unused: [String]
        package var rows: [Row]

        package var faulty: [Row] { rows.filter { !$0.faults.isEmpty } }
        package var duplicates: [Row] { rows.filter { $0.twin != nil || $0.twinRow != nil } }
    }

    private let type: Catalogue.RecordType
    private let t: Language
    private let given: [(FieldKey, FieldInput)]
    private let records: [RecordState]
    private let rules: Catalogue
    private let reference: (_ text: String, _ field: Catalogue.Field) throws -> RecordID?

    /// - Parameters:
    ///   - given: fields every row has besides its columns.
    ///   - records: the records of the type that are here.
    ///   - reference: finds the record a cell names; nil: there is none.
    package init(
        _ type: Catalogue.RecordType, given: [(FieldKey, FieldInput)], records: [RecordState], rules: Catalogue, _ t: Language,
        reference: @escaping (_ text: String, _ field: Catalogue.Field) throws -> RecordID?
    ) {
        (self.type, self.t, self.given, self.records) = (type, t, given, records)
        (self.rules, self.reference) = (rules, reference)
    }

    // MARK: Reading

    /// The cells of comma-, semicolon- or tab-separated text.
    package static func cells(of text: String) throws -> [[String]] {
        let table = try EnumeratedCSV(string: text, loadColumns: false)
        return [table.header] + table.rows
    }

    /// A file's text: UTF-8, or the GB 18030 that spreadsheets in Chinese write.
    package static func text(of bytes: [UInt8]) -> String? {
        let body = bytes.starts(with: Array(CSV.byteOrderMark.utf8)) ? Array(bytes.dropFirst(3)) : bytes
        if let text = String(validating: body, as: UTF8.self) { return text }
        return GB18030.text(of: body)
    }

    package func plan(_ cells: [[String]]) throws -> Plan {
        guard let header = cells.first, header.contains(where: { !Self.trimmed($0).isEmpty }) else {
            throw Explanation(
                "table-empty", exit: ExitStatus.badInput, t("表里没有表头。", "The table has no header."),
                t("第一行写字段的名称，如：姓名、所在单位、职务。", "Name the fields in the first row."))
        }
        var columns: [Catalogue.Field?] = []
        var unused: [String] = []
        for name in header {
            let name = Self.trimmed(name)
            let field = name.isEmpty ? nil : type.field(named: name)
            if let field, field.given != nil || field.kind == .attachmentSet || columns.contains(where: { $0?.key == field.key }) {
                unused.append(name)
                columns.append(nil)
                continue
            }
            if field == nil, !name.isEmpty { unused.append(name) }
            columns.append(field)
        }
        for column in 0..<(cells.map(\.count).max() ?? 0) {
            func cell(_ row: [String]) -> String { column < row.count ? Self.trimmed(row[column]) : "" }
            if cell(header).isEmpty, cells.contains(where: { !cell($0).isEmpty }) {
                unused.append(t("第 \(column + 1) 列（没有表头）", "column \(column + 1) (it has no header)"))
            }
        }
        guard columns.contains(where: { $0 != nil }) else {
            throw Explanation(
                "table-unknown", exit: ExitStatus.badInput,
                t("表头里没有一个是“\(type.label.zh)”的字段。", "No column is a field of \(type.label.en)."),
                t("可用：", "There are: ") + type.fields.map { $0.label[t] }.joined(separator: t("、", ", ")))
        }
        var plan = Plan(columns: columns.compactMap { $0.map { FieldKey($0.key) } }, unused: unused, rows: [])
        let known = Dictionary(grouping: records.compactMap { state in key(of: state).map { ($0, state) } }, by: \.0).mapValues {
            $0[0].1
        }
        var earlier: [[String]: Int] = [:]
        for (i, row) in cells.enumerated().dropFirst() {
            if row.allSatisfy({ Self.trimmed($0).isEmpty }) { continue }
            var read = self.row(row, columns, number: i + 1)
            if let key = key(of: read) {
                if let twin = known[key] {
                    read.twin = twin.record
                    read.differing = differing(read, twin)
                }
                read.twinRow = earlier[key]
                if read.twinRow == nil { earlier[key] = i + 1 }
            }
            plan.rows.append(read)
        }
        return plan
    }

    private func row(_ cells: [String], _ columns: [Catalogue.Field?], number: Int) -> Row {
        var row = Row(number: number, title: "", fields: given, faults: [])
        for (field, cell) in zip(columns, cells) {
            guard let field else { continue }
            let text = Self.trimmed(cell)
            if text.isEmpty { continue }
            do {
                if field.kind.isSet {
                    let parts = text.split { "、，,；;\n".contains($0) }.map { Self.trimmed(String($0)) }.filter { !$0.isEmpty }
                    row.fields.append((FieldKey(field.key), .elements(try parts.map { try value($0, field) })))
                } else {
                    row.fields.append((FieldKey(field.key), .value(try value(text, field))))
                }
            } catch { row.faults.append(t("“\(field.label.zh)”", "\(field.label.en)") + t("：", ": ") + words(error, text)) }
        }
        for field in type.fields where field.required == true && field.given == nil {
            let isThere = row.fields.contains { $0.0 == FieldKey(field.key) }
            let isFaulty = row.faults.contains { $0.hasPrefix(t("“\(field.label.zh)”", "\(field.label.en)")) }
            if !isThere, !isFaulty { row.faults.append(t("缺“\(field.label.zh)”", "\(field.label.en) is missing")) }
        }
        row.title = type.title.compactMap { key in
            columns.firstIndex { $0?.key == key }.flatMap { $0 < cells.count ? Self.trimmed(cells[$0]) : nil }
        }.filter { !$0.isEmpty }.joined(separator: " ")
        return row
    }

    private func value(_ text: String, _ field: Catalogue.Field) throws -> Value {
        var text = field.kind.element == .date ? Self.day(text) ?? text : text
        // Brackets of either width make no other choice.
        func compared(_ text: String) -> String { Self.compared(.text(text)) }
        if field.kind.element == .choice,
            let choice = field.choices?.first(where: { [$0.key, $0.label.zh, $0.label.en].map(compared).contains(compared(text)) })
        {
            text = choice.key
        }
        return try field.value(text) { try reference($0, field) }
    }

    /// Days as spreadsheets show them: `2026/5/11`, `2026年5月11日`, `2026.5.11`.
    private static func day(_ text: String) -> String? {
        let parts = text.split { "/-.年月日 ".contains($0) }.prefix(3)
        guard parts.count == 3, parts[0].count == 4, parts.allSatisfy({ $0.allSatisfy(\.isNumber) && $0.count <= 4 }) else {
            return nil
        }
        func two(_ part: Substring) -> String { part.count == 1 ? "0\(part)" : String(part) }
        return "\(parts[0])-\(two(parts[1]))-\(two(parts[2]))"
    }

    private func words(_ error: any Error, _ text: String) -> String {
        let shown = Screen.safe(Screen.cut(text, to: 30))
        guard let fault = error as? ValueFault else { return Explanation(error, t).message }
        return switch fault.reason {
        case .notNumber: t("“\(shown)”不是整数", "\"\(shown)\" is no number")
        case .notDate: t("“\(shown)”不是日期，应如 2026-05-11", "\"\(shown)\" is no day, as 2026-05-11")
        case .notTime: t("“\(shown)”不是时间，应如 2026-05-11T09:30+08:00", "\"\(shown)\" is no time, as 2026-05-11T09:30+08:00")
        case .notYesNo: t("“\(shown)”应为是或否", "\"\(shown)\" should be yes or no")
        case .notChoice:
            t("“\(shown)”不是选项；可用：", "\"\(shown)\" is no choice; there are: ")
                + (type.field(fault.field)?.choices ?? []).map { $0.label[t] }.joined(separator: t("、", ", "))
        case .notReference: t("没有叫“\(shown)”的记录", "there is no record called \"\(shown)\"")
        case .isList: t("“\(shown)”不是一个值", "\"\(shown)\" is not one value")
        }
    }

    // MARK: Duplicates

    private func key(of row: Row) -> [String]? {
        let key = (type.naturalKey ?? []).map { name -> String in
            row.fields.last { $0.0 == FieldKey(name) }.flatMap { field in
                if case .value(let value) = field.1 { Self.compared(value) } else { nil }
            } ?? ""
        }
        return key.isEmpty || key.contains("") ? nil : key
    }

    private func key(of state: RecordState) -> [String]? {
        guard !state.isDeleted else { return nil }
        let key = (type.naturalKey ?? []).map { name in
            state.outcome(of: FieldKey(name), by: rules)?.candidate?.value.value.map(Self.compared) ?? ""
        }
        return key.isEmpty || key.contains("") ? nil : key
    }

    /// Blanks and full-width letters make no other person.
    private static func compared(_ value: Value) -> String {
        value.plainText.precomposedStringWithCompatibilityMapping.lowercased().filter { !$0.isWhitespace }
    }

    private func differing(_ row: Row, _ twin: RecordState) -> [FieldKey] {
        row.fields.filter { key, input in
            guard case .value(let value) = input, let standing = twin.outcome(of: key, by: rules)?.candidate?.value.value,
                standing != .empty
            else { return false }
            return Self.compared(value) != Self.compared(standing)
        }.map(\.0)
    }

    /// The fields of a row that its twin does not have yet; elements of sets that it lacks.
    private func filling(_ row: Row, _ twin: RecordState) -> [(FieldKey, FieldInput)] {
        row.fields.compactMap { key, input in
            switch (input, twin.outcome(of: key, by: rules)) {
            case (.value, nil): return (key, input)
            case (.value, let outcome?):
                if case .settled(let candidate, _, _) = outcome, candidate.value.value == .empty { return (key, input) }
                return nil
            case (.elements(let elements), _): return (key, .adding(elements))
            default: return nil
            }
        }
    }

    // MARK: Saving

    /// The changes a plan comes to, all for one scope.
    /// - Returns: the changes, how many records are made, how many are filled in.
    package func changes(
        _ plan: Plan, duplicates: Duplicates, by replica: Replica, message: String?
    ) throws -> (changes: [Change], made: [RecordID], filled: Int) {
        let byID = Dictionary(records.map { ($0.record, $0) }) { first, _ in first }
        var changes: [Change] = []
        var made: [RecordID] = []
        var filled = 0
        for row in plan.rows {
            if row.twin != nil || row.twinRow != nil, duplicates != .new {
                // What two rows say of one record is not for this program to choose between.
                guard duplicates == .fill, row.twinRow == nil, let twin = row.twin.flatMap({ byID[$0] }),
                    let edit = try replica.amendment(of: twin, filling(row, twin))
                else { continue }
                changes.append(try replica.change([edit], message: message))
                filled += 1
                continue
            }
            let id = replica.freshRecordID()
            changes.append(try replica.change([replica.creation(of: id, TypeKey(type.key), row.fields)], message: message))
            made.append(id)
        }
        return (changes, made, filled)
    }

    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines.union(.controlCharacters))
    }
}
