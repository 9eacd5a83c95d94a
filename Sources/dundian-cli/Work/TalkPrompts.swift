// The questions of a talk's outlines, above the sections of its form that they belong in.

import Dundian
import Terminal

extension Finder {
    /// - Returns: nothing for records that are no talks.
    func prompts(for values: FormValues, _ type: Catalogue.RecordType) -> [FieldKey: [String]] {
        guard type.key == "talk" else { return [:] }
        let sections = type.fields.filter { $0.kind == .longText && $0.key != "on_the_spot_note" && $0.key != "subject_remarks" }
        var prompts: [FieldKey: [String]] = [:]
        for question in questions(for: values) {
            let section = TalkSection.of(question, among: sections.map { ($0.key, $0.label.zh) }) ?? "other"
            prompts[FieldKey(section), default: []].append(
                "\(question.number). \(question.text)" + (question.basis.isEmpty ? "" : "【\(question.basis)】"))
        }
        return prompts
    }

    /// Those of the outlines the talk names; of none named, the person's own, else the common ones of the engagement.
    private func questions(for values: FormValues) -> [Question] {
        func outlines(_ ids: [RecordID]) -> [Question] {
            ids.compactMap { try? replica.record($0) }.filter { $0.type == "outline" && !$0.isDeleted }.flatMap {
                Question.all(in: $0.text("questions") ?? "")
            }
        }
        if case .elements(let named)? = values.fields["outlines"], !named.isEmpty {
            return outlines(named.compactMap { if case .reference(let id) = $0 { id } else { nil } })
        }
        func found(_ field: FieldKey, _ target: FieldKey, kind: String) -> [Question] {
            guard case .value(.reference(let id))? = values.fields[field],
                let records = try? replica.records(referringTo: [id])
            else { return [] }
            let fitting = records.filter { record in
                guard record.type == "outline", record.text("kind") == kind, case .reference(let other)? = record.value(target)
                else { return false }
                return other == id
            }
            return outlines(fitting.map(\.id))
        }
        let own = found("subject", "subject", kind: "individual")
        return own.isEmpty ? found("engagement", "engagement", kind: "common") : own
    }
}
