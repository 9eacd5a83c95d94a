// Which records a list shows: `field=value`, `field!=value`, `field~text`, `field>value`, `field<value`, `>=`, `<=`.
//
// A contested field matches if any of its values does: what is undecided is not hidden. `changed` is when a record was last changed.

import Causality
package import Records
package import Supervision

import struct Foundation.Date
import struct Foundation.TimeZone

package struct Filter: Sendable {
    package enum Comparison: String, CaseIterable, Sendable {
        case notEqual = "!="
        case atLeast = ">="
        case atMost = "<="
        case equal = "="
        case contains = "~"
        case above = ">"
        case below = "<"

        var isOrder: Bool { [.atLeast, .atMost, .above, .below].contains(self) }
    }

    private enum Wanted: Sendable {
        /// Nothing stands in the field.
        case nothing
        case text(String)
        case number(Double)
        /// A day, `2026-05-11`: for times, the day they are written with.
        case day(String)
        /// Minutes, from 1970 on.
        case minute(Int64)
        case values(Set<Value>)
    }

    package static let changed = "changed"
    package let field: FieldKey
    package let comparison: Comparison
    private let wanted: Wanted
    private let choices: [String: String]

    /// Reads a filter as a person types it.
    /// - Parameter type: nil if records of several types, or of an unknown one, are listed.
    /// - Parameter records: the records a text may refer to: by id, or by part of their titles.
    package init(
        _ text: String, type: Catalogue.RecordType?, _ t: Language,
        records: (_ text: String, _ field: Catalogue.Field) throws -> Set<RecordID>
    ) throws {
        func fault(_ zh: String, _ en: String) -> Explanation {
            Explanation(
                "filter-malformed", exit: ExitStatus.badInput, t(zh, en),
                t(
                    "条件写作 字段=值、字段~文字、字段>值、字段<值；含 > 或 < 时请用引号括起来。",
                    "Write field=value, field~text, field>value or field<value; quote those with > or <."))
        }
        guard let start = text.firstIndex(where: { "=~><!".contains($0) }), start > text.startIndex,
            let comparison = Comparison.allCases.first(where: { text[start...].hasPrefix($0.rawValue) })
        else { throw fault("“\(Screen.safe(text))”不是条件。", "\"\(Screen.safe(text))\" is no filter.") }
        let name = String(text[..<start])
        let given = String(text[start...].dropFirst(comparison.rawValue.count))
        self.comparison = comparison
        let known = type?.field(named: name)
        let isChanged = name == Self.changed && known == nil
        if let type, known == nil, !isChanged { throw FieldParser.unknown(name, of: type, t) }
        field = FieldKey(known?.key ?? name)
        choices = Dictionary((known?.choices ?? []).map { ($0.key, "\($0.label.zh) \($0.label.en)") }) { a, _ in a }

        let label = Screen.safe(known?.name(in: t) ?? name)
        if given.isEmpty {
            guard comparison == .equal || comparison == .notEqual else {
                throw fault("“\(Screen.safe(text))”缺少值。", "\"\(Screen.safe(text))\" has no value.")
            }
            wanted = .nothing
            return
        }
        let kind = isChanged ? .time : known?.kind.element
        if let known, kind == .reference, !comparison.isOrder {
            wanted = .values(Set(try records(given, known).map(Value.reference)))
            return
        }
        switch (kind, comparison) {
        case (_, .contains): wanted = .text(Self.folded(given))
        case (.integer?, _), (.decimal?, _):
            guard let number = Double(given) else {
                throw fault("字段“\(label)”要与数字比较。", "Field \(label) is compared with a number.")
            }
            wanted = .number(number)
        case (.date?, _), (.time?, _):
            if let minute = Self.minutes(given) {
                wanted = .minute(minute)
            } else if Self.isDay(given) {
                wanted = .day(given)
            } else {
                throw fault("字段“\(label)”要与日期比较，如 2026-05-11。", "Field \(label) is compared with a date, as 2026-05-11.")
            }
        case (nil, _) where comparison.isOrder:
            if let number = Double(given) { wanted = .number(number) } else { wanted = .day(given) }
        case (_, _) where comparison.isOrder:
            throw fault("字段“\(label)”没有大小先后，不能用 > 或 <。", "Field \(label) has no order: it takes no > or <.")
        default:
            let parser = FieldParser(type: type, t) { _, _ in nil }
            wanted = .values([try known.map { try parser.value(given, of: $0) } ?? .text(given)])
        }
    }

    /// Whether a record in this state passes.
    package func matches(_ state: RecordState, by rules: some MergeRules) -> Bool {
        if field.rawValue == Self.changed, state[field] == nil, let changed = state.changed {
            return holds(.time(Self.local(changed.time.rawValue)))
        }
        let values = Self.values(of: state, field, rules)
        if case .nothing = wanted { return values.isEmpty == (comparison == .equal) }
        if comparison == .notEqual { return !values.contains { holds($0) } }
        return values.contains { holds($0) }
    }

    /// The values that stand in a field, those of a contested one all.
    static func values(of state: RecordState, _ field: FieldKey, _ rules: some MergeRules) -> [Value] {
        let contents: [Content] =
            switch state.outcome(of: field, by: rules) {
            case nil: []
            case .settled(let candidate, _, _)?: [candidate.value]
            case .contested(_, let among)?: among.map(\.value)
            case .set(let elements)?: elements.map(\.value)
            }
        return contents.compactMap(\.value).filter { $0 != .empty }
    }

    private func holds(_ value: Value) -> Bool {
        switch wanted {
        case .nothing: return false
        case .values(let wanted):
            if wanted.contains(value) { return true }
            // A field of no known type was asked for as text, whatever its kind.
            guard wanted.count == 1, case .text(let text)? = wanted.first else { return false }
            return text == value.plainText
        case .text(let needle):
            let text = value.plainText
            return Self.folded(text).contains(needle) || choices[text].map { Self.folded($0).contains(needle) } ?? false
        case .number(let number): return Double(value.plainText).map { compare($0, number) } ?? false
        case .day(let day): return compare(String(value.plainText.prefix(day.count)), day)
        case .minute(let minute): return Self.minutes(value.plainText).map { compare($0, minute) } ?? false
        }
    }

    private func compare<T: Comparable>(_ a: T, _ b: T) -> Bool {
        switch comparison {
        case .equal, .notEqual, .contains: a == b
        case .above: a > b
        case .below: a < b
        case .atLeast: a >= b
        case .atMost: a <= b
        }
    }

    package static func folded(_ text: String) -> String { text.lowercased() }

    private static func isDay(_ text: String) -> Bool {
        // A year or a month stands for all its days.
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return (1...3).contains(parts.count)
            && zip(parts, [4, 2, 2]).allSatisfy { part, count in
                part.utf8.count == count && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            }
    }

    /// `2026-05-11T09:30+08:00` as minutes since 1970.
    static func minutes(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 22, bytes[10] == 0x54 else { return nil }
        func number(_ from: Int, _ count: Int) -> Int64? { Int64(String(decoding: bytes[from..<from + count], as: UTF8.self)) }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
            let minute = number(14, 2), let zoneHour = number(17, 2), let zoneMinute = number(20, 2),
            (1...12).contains(month)
        else { return nil }
        let zone = (zoneHour * 60 + zoneMinute) * (bytes[16] == 0x2d ? -1 : 1)
        // Days from civil: years begin in March, so that leap days come last.
        let y = month > 2 ? year : year - 1
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return days * 1_440 + hour * 60 + minute - zone
    }

    /// A moment as a time field would be written here.
    private static func local(_ milliseconds: Int64) -> String {
        let zone = Int64(TimeZone.current.secondsFromGMT(for: Date(timeIntervalSince1970: Double(milliseconds) / 1_000)))
        let minutes = Int64((Double(milliseconds) / 60_000).rounded(.down)) + zone / 60
        let days = Int64((Double(minutes) / 1_440).rounded(.down))
        // Civil from days, the other way round.
        let shifted = days + 719_468
        let era = Int64((Double(shifted) / 146_097).rounded(.down))
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (month < 10 ? 0 : 1)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = "\(year)-\(two(month < 10 ? month + 3 : month - 9))-\(two(dayOfYear - (153 * month + 2) / 5 + 1))"
        let minute = minutes - days * 1_440
        let offset = "\(zone < 0 ? "-" : "+")\(two(abs(zone) / 3_600)):\(two(abs(zone) / 60 % 60))"
        return "\(day)T\(two(minute / 60)):\(two(minute % 60))\(offset)"
    }
}
