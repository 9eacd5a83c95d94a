// Writing a form: what stands in a record now, with what a person needs to know to go on.

package import Supervision

import Causality
import Records
import Replicas

extension Form {
    /// The form of a type with these values. Reading it back gives the same values.
    package static func text(_ type: Catalogue.RecordType, _ values: FormValues, _ t: Language) -> String {
        var lines = header(type, values, t)
        for field in type.fields where field.given == nil {
            lines.append("")
            if let help = field.help?[t] { lines.append("# " + Screen.safe(help)) }
            lines += self.lines(field, values, type, t)
        }
        lines.append("")
        if values.unshown > 0 {
            lines.append(
                t(
                    "# 另有 \(values.unshown) 个字段是本程序不认识的，原样保留，这里不显示。",
                    "# \(values.unshown) more fields are unknown to this program; they stay as they are and are not shown."))
        }
        lines.append(t("# 下面一行说明这张表从哪里来，请勿改动。", "# The line below says what this form was made from; leave it as it is."))
        lines.append(tag(values.origin))
        return lines.joined(separator: "\n") + "\n"
    }

    private static func header(_ type: Catalogue.RecordType, _ values: FormValues, _ t: Language) -> [String] {
        let id = values.origin.record.map { " " + (values.names[$0]?.id ?? String($0.description.prefix(8))) } ?? ""
        return [
            "# " + type.label[t] + (id.isEmpty ? t("（新建）", " (new)") : id),
            t(
                "# 写好后存盘退出即可；不改就退出，什么也不会存。以 # 开头的行是说明，不会存。",
                "# Save and quit when done; quit without a change and nothing is saved. Lines with # are not kept."),
            t(
                "# 冒号后面写内容，留空就是清除；整行删掉则保持原样。列表一项一行，以“- ”开头。",
                "# Write behind the colon; nothing clears the field. Lists: one item a line behind \"- \"."),
            t(
                "# <<< 与 >>> 之间可以写多行，写什么存什么。其他字段要写多行，也照这样写。",
                "# Between <<< and >>> write as many lines as you like; they are kept exactly. Any field may use them."),
        ]
    }

    private static func lines(
        _ field: Catalogue.Field, _ values: FormValues, _ type: Catalogue.RecordType, _ t: Language
    ) -> [String] {
        let label = self.label(field, type, t)
        let shown = values.fields[FieldKey(field.key)]
        switch shown {
        case .contested(let candidates)?:
            return [
                t(
                    "# \(label)：有几个值还没有裁定，不能在这里改。请用 dundian review list 裁定。",
                    "# \(label): several values, not settled yet; not changed here. Settle it: dundian review list")
            ]
                + candidates.enumerated().map { "#   \($0.offset + 1)) " + Screen.safe($0.element) }
        case .fixed(let text)?:
            return [
                t("# \(label)：这个值不能用表单改，保持原样：", "# \(label): this value cannot be changed in a form, and stays: ")
                    + Screen.safe(text)
            ]
        default: break
        }
        var lines: [String] = []
        if shown == .erased { lines.append(t("# 原来的值已经抹去。", "# The value that stood here was erased.")) }
        if let choices = field.choices, !choices.isEmpty {
            lines.append(t("# 可选：", "# One of: ") + choices.map { self.text($0, field, t) }.joined(separator: t("、", ", ")))
        }
        lines += (values.prompts[FieldKey(field.key)] ?? []).map { "# ▸ " + Screen.line($0, to: 300) }
        let start = label + hint(field, t) + t("：", ":")
        if field.kind.isSet {
            guard case .elements(let elements)? = shown, !elements.isEmpty else { return lines + [start] }
            return lines + [start] + elements.flatMap { written($0, field, values, t, after: "- ") }
        }
        let value: Value = if case .value(let value)? = shown { value } else { .empty }
        guard field.kind == .longText else { return lines + written(value, field, values, t, after: start + t("", " ")) }
        return lines + block(value.plainText, after: start + t("", " "), roomy: true)
    }

    /// A value behind its label or dash, as one line where it can be one.
    private static func written(
        _ value: Value, _ field: Catalogue.Field, _ values: FormValues, _ t: Language, after start: String
    ) -> [String] {
        if value == .empty || value == .text("") { return [trimmedEnd(start)] }
        if case .reference(let id) = value {
            let name = values.names[id]
            let title = name.map { $0.title.isEmpty ? "" : "  " + Screen.line($0.title, to: 60) } ?? ""
            return [start + (name?.id ?? id.description) + title]
        }
        let text = plainText(value, field, values, t) ?? value.plainText
        return isPlain(text) ? [start + text] : block(text, after: start, roomy: false)
    }

    private static func plainText(
        _ value: Value, _ field: Catalogue.Field, _ values: FormValues, _ t: Language
    ) -> String? {
        switch value {
        case .flag(let flag): t(flag ? "是" : "否", flag ? "yes" : "no")
        case .text(let key): field.choice(key).map { text($0, field, t) } ?? key
        case .reference: nil
        default: value.plainText
        }
    }

    /// A text between its marks. With `roomy` an empty one has a line to write on.
    private static func block(_ text: String, after start: String, roomy: Bool) -> [String] {
        let escapes = hides(text, exceptLines: true)
        let body = escapes ? escaped(text) : text
        let lines = body.isEmpty && !roomy ? [] : split(body).map { isLikeClose($0) ? "\\" + $0 : String($0) }
        return [start + (escapes ? openEscaped : open)] + lines + [close]
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        // `\u{` in the text itself must not be read as an escape.
        let scalars = Array(text.unicodeScalars)
        var i = 0
        Screen.visit(text) { scalar, isHarmful in
            let isBackslash = scalar == "\\" && i + 2 < scalars.count && scalars[i + 1] == "u" && scalars[i + 2] == "{"
            let isEscaped = isBackslash || (isHarmful && scalar != "\n" && scalar != "\t")
            if isEscaped { out += Screen.shown(scalar) } else { out.unicodeScalars.append(scalar) }
            i += 1
        }
        return out
    }

    /// Lines by LF alone, whatever stands before it.
    static func split(_ text: String) -> [Substring] {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { Substring($0) }
    }

    private static func trimmedEnd(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let last = scalars.last, isBlank(last) { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars))
    }

    /// The choice in words that mean it and no other.
    private static func text(_ choice: Catalogue.Choice, _ field: Catalogue.Field, _ t: Language) -> String {
        let label = choice.label[t]
        let first = field.choices?.first { $0.key == label || $0.label.zh == label || $0.label.en == label }
        return first?.key == choice.key && isPlain(label) ? label : choice.key
    }

    /// The field in words that mean it and no other.
    static func label(_ field: Catalogue.Field, _ type: Catalogue.RecordType, _ t: Language) -> String {
        let label = field.label[t]
        return names(of: type).first { $0.name == label }?.field.key == field.key && isPlain(label) ? label : field.key
    }

    private static func hint(_ field: Catalogue.Field, _ t: Language) -> String {
        var hints: [String] = []
        if field.required == true { hints.append(t("必填", "required")) }
        switch field.kind.element {
        case .date: hints.append(t("日期，如 2026-05-11", "date, as 2026-05-11"))
        case .time: hints.append(t("时间，如 2026-05-11T09:30+08:00", "time, as 2026-05-11T09:30+08:00"))
        case .integer: hints.append(t("整数", "whole number"))
        case .decimal: hints.append(t("数字", "number"))
        case .yesNo: hints.append(t("是／否", "yes or no"))
        case .reference: hints.append(t("填编号", "an id"))
        default: break
        }
        return hints.isEmpty ? "" : t("（", " (") + hints.joined(separator: t("，", ", ")) + t("）", ")")
    }

    static func tag(_ origin: FormOrigin) -> String {
        var parts = ["#=", origin.type.rawValue]
        if let record = origin.record {
            parts.append(record.description)
            parts.append(origin.seen.text)
        }
        return parts.joined(separator: " ")
    }
}
