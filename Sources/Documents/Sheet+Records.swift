// The tables of the domain as spreadsheets: a problem list, a ledger, the figures of a period.

package import Causality
package import Records
package import Supervision

extension Sheet {
    /// Findings, a row each.
    package init(findings: [RecordState], title: String, in file: CaseFile, _ language: Language) {
        let keys = [
            "title", "account", "aspect", "nature", "form", "unit", "found_on", "status", "disposition", "disposition_date",
            "disposition_recipient", "document_number",
        ]
        self.init(records: findings, keys: keys, type: "finding", title: title, in: file, language)
    }

    /// A unit's ledger of rectifications, a row each.
    package init(ledger: [RecordState], title: String, in file: CaseFile, _ language: Language) {
        let keys = [
            "finding", "measure", "responsible", "opened_on", "deadline", "progress", "state", "done_on", "verification",
            "verified_by",
            "verified_on", "accountability",
        ]
        self.init(records: ledger, keys: keys, type: "rectification", title: title, in: file, language)
    }

    /// Records of a type, these fields of each.
    package init(records: [RecordState], keys: [String], type: TypeKey, title: String, in file: CaseFile, _ language: Language) {
        let known = file.catalogue.type(type)
        let fields = keys.compactMap { known?.field($0) }
        self.init(
            title: title, language: language, header: [language == .chinese ? "序号" : "No."] + fields.map { $0.label[language] })
        rows = records.enumerated().map { i, state in
            [.number(i + 1)]
                + fields.map { field in
                    let key = FieldKey(field.key)
                    if field.kind == .date, let day = file.day(state, key) { return .day(day) }
                    if field.kind == .integer, let number = file.integer(state, key) { return .number(number) }
                    var text = file.shown(state, key)[language]
                    if case .contested? = state.outcome(of: key, by: file.catalogue) {
                        text += language == .chinese ? "【待裁定】" : " [waits for review]"
                    }
                    return text.isEmpty ? .empty : .text(text)
                }
        }
    }
}
