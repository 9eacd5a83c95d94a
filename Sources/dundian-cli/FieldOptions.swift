// A type's fields as options: `--place-kind 值`. They come from the catalogue, so they are given to ArgumentParser by reflection, as the
// properties it would have found: help, completions and documentation then know them.

import ArgumentParser
import Dundian
import Terminal

struct FieldOptions<let place: Int>: ParsableArguments, CustomReflectable {
    /// What was given, as `field=value`.
    private(set) var given: [String] = []

    init() {}

    init(from decoder: any Swift.Decoder) throws {
        let container = try decoder.container(keyedBy: FieldOptionKey.self)
        for field in FieldOptionKey.fields(of: place) {
            let option = try container.decode(Option<[String]>.self, forKey: FieldOptionKey(field))
            given += option.wrappedValue.map { "\(field.key)=\($0)" }
        }
    }

    var customMirror: Mirror {
        let options = FieldOptionKey.fields(of: place).map { field -> Mirror.Child in
            let names = [field.optionName, field.label.zh].filter { name in
                name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
            }
            let choices = (field.choices ?? []).map(\.key)
            let help = ArgumentHelp(
                "\(field.label[tr])\(tr("，", ", "))\(field.kindName(in: tr))" + (choices.isEmpty ? "" : tr("：", ": "))
                    + field.choiceNames(in: tr), valueName: tr("值", "value"))
            let option = Option<[String]>(
                wrappedValue: [], name: NameSpecification(names.map { .customLong($0) }), parsing: .singleValue, help: help,
                completion: field.kind == .yesNo
                    ? .list([tr("是", "yes"), tr("否", "no")]) : choices.isEmpty ? nil : .list(choices))
            return ("_" + FieldOptionKey(field).stringValue, option)
        }
        return Mirror(self, children: options, displayStyle: .struct)
    }
}

struct FieldOptionKey: CodingKey {
    /// Options every command has; a field of such a name is written `field=value`.
    private static let taken: Set<String> = [
        "replica", "json", "lang", "help", "version", "scope", "file", "message", "reason", "unknown-fields", "yes", "form",
        "form-file", "draft", "editor",
    ]

    let stringValue: String
    var intValue: Int? { nil }

    init(_ field: Catalogue.Field) { stringValue = "field-\(field.key)" }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    static func fields(of place: Int) -> [Catalogue.Field] {
        (VerbPlace(place).type?.fields ?? []).filter { $0.given == nil && !taken.contains($0.optionName) }
    }
}
