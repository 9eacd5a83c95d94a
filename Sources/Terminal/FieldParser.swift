// Reads `field=value`, `field+=value` and `field-=value` by the catalogue.

package import Records
package import Replicas
package import Supervision

package struct FieldParser {
    /// Finds the record a text refers to.
    package typealias References = (_ text: String, _ field: Catalogue.Field?) throws -> RecordID?

    let type: Catalogue.RecordType?
    let takesUnknown: Bool
    let t: Language
    let reference: References

    /// - Parameter type: nil for a type the catalogue does not know: then any field is taken, as text.
    /// - Parameter takesUnknown: whether fields the catalogue does not have are taken for a type it has.
    package init(type: Catalogue.RecordType?, takesUnknown: Bool = false, _ t: Language, reference: @escaping References) {
        (self.type, self.takesUnknown, self.t, self.reference) = (type, takesUnknown, t, reference)
    }

    package func fields(_ texts: [String]) throws -> [(FieldKey, FieldInput)] {
        var result: [(FieldKey, FieldInput)] = []
        for text in texts {
            let (key, input) = try self.field(text)
            if let i = try place(of: key, input, in: result) {
                result[i].1 = Self.joined(result[i].1, input) ?? result[i].1
            } else {
                result.append((key, input))
            }
        }
        return result
    }

    /// Where in the result an input for the same field stands that this one belongs with.
    private func place(of key: FieldKey, _ input: FieldInput, in result: [(FieldKey, FieldInput)]) throws -> Int? {
        for i in result.indices where result[i].0 == key {
            switch (result[i].1, input) {
            case (.adding, .dropping), (.dropping, .adding): continue
            case (let a, let b) where Self.joined(a, b) != nil: return i
            default:
                throw Self.fault(
                    "field-repeated", t("字段“\(name(key))”写了两次。", "Field \(name(key)) is given twice."), t)
            }
        }
        return nil
    }

    private static func joined(_ a: FieldInput, _ b: FieldInput) -> FieldInput? {
        switch (a, b) {
        case (.elements(let a), .elements(let b)): .elements(a + b)
        case (.adding(let a), .adding(let b)): .adding(a + b)
        case (.dropping(let a), .dropping(let b)): .dropping(a + b)
        default: nil
        }
    }

    private func field(_ text: String) throws -> (FieldKey, FieldInput) {
        guard let equals = text.firstIndex(of: "=") else {
            throw Self.fault(
                "field-malformed", t("“\(Screen.safe(text))”不是 字段=值。", "\"\(Screen.safe(text))\" is not field=value."), t)
        }
        var name = text[..<equals]
        let given = String(text[text.index(after: equals)...])
        var mark: Character?
        if let last = name.last, last == "+" || last == "-" {
            mark = last
            name = name.dropLast()
        }
        guard (1...64).contains(name.utf8.count) else {
            throw Self.fault("field-malformed", t("字段名须有 1 到 64 字节。", "A field's name has 1 to 64 bytes."), t)
        }
        let field = type?.field(named: String(name))
        if let type, field == nil, !takesUnknown { throw Self.unknown(String(name), of: type, t) }
        let key = FieldKey(field?.key ?? String(name))
        if let field, mark != nil, !field.kind.isSet {
            throw Self.fault(
                "field-malformed",
                t(
                    "字段“\(field.name(in: t))”只有一个值，不能用 += 或 -=。",
                    "Field \(field.name(in: t)) has one value: it takes no += or -=."), t)
        }
        if let field, let giver = field.given { throw Self.given(field, giver, t) }
        let value = try field.map { try self.value(given, of: $0) } ?? (given.isEmpty ? .empty : .text(given))
        guard field?.kind.isSet ?? (mark != nil) else { return (key, .value(value)) }
        let values = value == .empty ? [] : [value]
        return (key, mark == "+" ? .adding(values) : mark == "-" ? .dropping(values) : .elements(values))
    }

    /// One value of a field as a person types it; a fault names the field and what it allows.
    package func value(_ text: String, of field: Catalogue.Field) throws -> Value {
        do { return try field.value(text) { try reference($0, field) } } catch let fault as ValueFault {
            guard case .notChoice = fault.reason else { throw fault }
            let (given, allowed) = (Screen.safe(text), field.choiceNames(in: t))
            throw Self.fault(
                "value-malformed",
                t(
                    "字段“\(field.name(in: t))”的值“\(given)”应是下列之一：\(allowed)。",
                    "Field \(field.name(in: t)): \"\(given)\" should be one of: \(allowed)."), t)
        }
    }

    /// Nobody sets this field by hand.
    private static func given(_ field: Catalogue.Field, _ giver: Catalogue.Giver, _ t: Language) -> Explanation {
        let name = field.name(in: t)
        let why =
            switch giver {
            case .numbering:
                t("字段“\(name)”由中心编号，不能自己填。", "Field \(name) is numbered by the central service and not filled in by hand.")
            case .content:
                t("字段“\(name)”由附件的内容得出，不能自己填。", "Field \(name) comes from the attachment's content and is not filled in by hand.")
            }
        let next =
            switch giver {
            case .numbering:
                t("什么也没有保存。状态改为待编号，同步之后就有编号。", "Nothing was saved. Set the status to ready; the number comes with a sync.")
            case .content: t("什么也没有保存。添加附件用：dundian file add", "Nothing was saved. Attachments are added with: dundian file add")
            }
        return Explanation("field-given", exit: ExitStatus.badInput, why, next)
    }

    private func name(_ key: FieldKey) -> String {
        type?.field(key.rawValue)?.name(in: t) ?? Screen.safe(key.rawValue)
    }

    static func fault(_ code: String, _ message: String, _ t: Language) -> Explanation {
        Explanation(code, exit: ExitStatus.badInput, message, t("什么也没有保存。", "Nothing was saved."))
    }

    /// The type has no such field; names those that are nearly called so, or else all.
    package static func unknown(_ name: String, of type: Catalogue.RecordType, _ t: Language) -> Explanation {
        let near = type.fields(near: name).map { $0.name(in: t) }
        let all = type.fields.map(\.key).joined(separator: t("、", ", "))
        return Explanation(
            "field-unknown", exit: ExitStatus.badInput,
            t("“\(type.label.zh)”没有字段“\(Screen.safe(name))”。", "\(type.label.en) has no field \"\(Screen.safe(name))\"."),
            near.isEmpty
                ? t("它的字段有：\(all)。", "Its fields are: \(all).")
                : t("是不是：", "Did you mean: ") + near.joined(separator: t("、", ", ")) + t("？", "?"))
    }
}
