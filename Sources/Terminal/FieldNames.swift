// What a person may call a type or a field: its key (with - for _), or its label in either language.

import Records
package import Supervision

extension Catalogue {
    /// The type of this name; nil if the catalogue has none.
    package func type(named name: String) -> RecordType? {
        types.first { $0.key == name } ?? types.first { $0.commandName == name.lowercased() || $0.label.isNamed(name) }
    }
}

extension Catalogue.RecordType {
    /// `talk-private`
    package var commandName: String { key.replacing("_", with: "-") }

    package func field(named name: String) -> Catalogue.Field? {
        fields.first { $0.key == name } ?? fields.first { $0.optionName == name.lowercased() || $0.label.isNamed(name) }
    }

    /// Fields whose names are nearly this one, the nearest first.
    package func fields(near name: String) -> [Catalogue.Field] {
        let name = name.lowercased()
        let allowed = max(1, min(3, name.count / 2))
        let near = fields.compactMap { field -> (distance: Int, field: Catalogue.Field)? in
            let names = [field.key, field.label.zh, field.label.en.lowercased()]
            if name.count > 1, names.contains(where: { $0.contains(name) || $0.count > 1 && name.contains($0) }) {
                return (1, field)
            }
            let distance = names.map { Spelling.distance($0, name) }.min() ?? .max
            return distance <= allowed ? (distance, field) : nil
        }
        // Equally near ones stay in the catalogue's order.
        return near.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
            .prefix(3).map(\.element.field)
    }
}

extension Catalogue.Field {
    /// `place-kind`
    package var optionName: String { key.replacing("_", with: "-") }

    /// `地点类型（place_kind）`
    package func name(in t: Language) -> String { t("\(label.zh)（\(key)）", "\(key) (\(label.en))") }

    /// The kind of its values, in words.
    package func kindName(in t: Language) -> String {
        switch kind {
        case .text: t("文字", "text")
        case .longText: t("长文字", "long text")
        case .integer: t("整数", "whole number")
        case .decimal: t("数字", "number")
        case .date: t("日期，如 2026-05-11", "date, as 2026-05-11")
        case .time: t("时间，如 2026-05-11T09:30+08:00", "time, as 2026-05-11T09:30+08:00")
        case .choice: t("选项", "choice")
        case .yesNo: t("是或否", "yes or no")
        case .reference: t("引用记录", "reference")
        case .textSet: t("几段文字", "set of texts")
        case .choiceSet: t("几个选项", "set of choices")
        case .referenceSet: t("引用几条记录", "set of references")
        case .attachmentSet: t("附件", "attachments")
        }
    }

    /// `county 县、township 乡镇`
    package func choiceNames(in t: Language) -> String {
        (choices ?? []).map { "\($0.key) \($0.label[t])" }.joined(separator: t("、", ", "))
    }
}

extension Label {
    fileprivate func isNamed(_ name: String) -> Bool { zh == name || en.lowercased() == name.lowercased() }
}

package enum Spelling {
    /// How many characters must be put in, left out or replaced to make one word of the other; two swapped neighbours count once.
    package static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a), Array(b))
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var (before, last) = ([Int](), Array(0...b.count))
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                var best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, before[j - 2] + 1) }
                row.append(best)
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}
