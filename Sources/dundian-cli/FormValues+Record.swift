// A record as what a form shows of it, and what a form says as what a record is to be.

import Dundian
import Terminal

extension Finder {
    /// What a form shows of a record; of nil, what it shows of one that is being made.
    func formValues(_ type: Catalogue.RecordType, _ record: Record?) -> FormValues {
        var values = FormValues(
            FormOrigin(type: TypeKey(type.key), record: record?.id, seen: record?.state.vector ?? VersionVector()))
        guard let record else { return values }
        for field in type.fields {
            let key = FieldKey(field.key)
            if let outcome = record[key] { values.fields[key] = formValue(outcome, field, record) }
        }
        values.unshown = record.fields.count { type.field($0.key.rawValue) == nil }
        addNames(to: &values)
        values.names[record.id] = (showing.short(record.id), "")
        values.prompts = prompts(for: values, type)
        return values
    }

    private func formValue(_ outcome: Outcome, _ field: Catalogue.Field, _ record: Record) -> FormValue {
        func text(_ content: Content) -> String { showing.text(content, FieldKey(field.key), record.type) }
        switch outcome {
        case .contested(_, let among):
            return .contested(
                among.map { candidate in
                    Screen.line(text(candidate.value), to: 60) + tr(" —— ", " - ") + showing.person(candidate.author)
                        + tr("，", ", ") + Screen.time(candidate.time.rawValue)
                })
        case .settled(let candidate, _, _):
            guard let value = candidate.value.value else { return .erased }
            return !field.kind.isSet && isExpressible(value, in: field) ? .value(value) : .fixed(text(candidate.value))
        case .set(let elements):
            let present = elements.compactMap(\.value.value)
            guard field.kind.isSet, present.allSatisfy({ isExpressible($0, in: field) }) else {
                return .fixed(elements.map { text($0.value) }.joined(separator: tr("、", ", ")))
            }
            return .elements(present)
        }
    }

    /// Whether a form can say this value of this field: it was made by another catalogue otherwise.
    private func isExpressible(_ value: Value, in field: Catalogue.Field) -> Bool {
        switch value {
        case .empty: true
        case .reference: field.kind.element == .reference
        case .list, .data, .unrecognised: false
        default: (try? field.value(value.plainText) { _ in nil }) == value
        }
    }

    /// The form with what was given on the command line filled in.
    func filling(_ values: FormValues, with given: [(FieldKey, FieldInput)]) -> FormValues {
        var values = values
        for (key, input) in given {
            switch (input, values.fields[key]) {
            case (_, .contested?), (_, .fixed?): continue
            case (.value(let value), _): values.fields[key] = .value(value)
            case (.elements(let elements), _): values.fields[key] = .elements(elements)
            case (.adding(let added), .elements(let present)?):
                values.fields[key] = .elements(present + added.filter { !present.contains($0) })
            case (.adding(let added), _): values.fields[key] = .elements(added)
            case (.dropping(let dropped), .elements(let present)?):
                values.fields[key] = .elements(present.filter { !dropped.contains($0) })
            case (.dropping, _): continue
            }
        }
        addNames(to: &values)
        if let type = folder.catalogue.type(values.origin.type) { values.prompts = prompts(for: values, type) }
        return values
    }

    private func addNames(to values: inout FormValues) {
        for value in values.fields.values {
            let all: [Value] =
                switch value {
                case .value(let value): [value]
                case .elements(let elements): elements
                default: []
                }
            for case .reference(let id) in all where values.names[id] == nil {
                let (short, title) = (showing.short(id), showing.title(id))
                values.names[id] = (short, title == short ? "" : title)
            }
        }
    }

    /// Reads a form back.
    func read(_ text: String, _ type: Catalogue.RecordType, _ values: FormValues) -> FormReading {
        Form.parse(text, type, values, tr) { try reference($0, nil) }
    }
}

extension FormReading {
    /// What is to be saved: only what the author changed.
    func inputs(against shown: FormValues) -> [(FieldKey, FieldInput)] {
        Form.changes(in: self, against: shown).compactMap { key, value in
            switch value {
            case .value(let value): (key, .value(value))
            case .elements(let elements): (key, .elements(elements))
            default: nil
            }
        }
    }

    /// The faults as one explanation, by line.
    func explanation(_ next: String) -> Explanation {
        Explanation(
            "form-malformed", exit: ExitStatus.badInput,
            tr("表里有 \(faults.count) 处要改：", "\(faults.count) to mend in the form:")
                + faults.map { fault in
                    "\n  " + tr("第 \(fault.line) 行：", "Line \(fault.line): ") + Screen.safe(fault.message)
                }.joined(), next)
    }
}
