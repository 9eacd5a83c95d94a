// A record as one line of JSON, out and in: what `export --jsonl` writes and `import` reads.
//
//      {"id":…,"type":"talk","scope":"notes","seen":…,"fields":{"place":"…","talkers":["甲","乙"]}}
//
// A value stands plainly where the catalogue makes the same value of it again. Elsewhere it names its kind: {"date":"2026-05-11"}.

import Causality
import Foundation
package import Records
import Replicas
package import Supervision

/// Between a record's values and JSON, such that what goes out comes in the same.
package struct RecordLine {
    let catalogue: Catalogue

    package init(_ catalogue: Catalogue) { self.catalogue = catalogue }

    // MARK: Out

    /// The line of a record. `seen` is its version, so that an import knows what the line's author had
    /// before them. `changed_by` is for readers: nobody can write another's name by importing it.
    package func json(_ state: RecordState, scope: String) -> JSON {
        let type = catalogue.type(state.type)
        let shown = state.shown(by: catalogue)
        var members: [(String, JSON)] = [
            ("id", .string("\(state.record)")), ("type", .string(state.type.rawValue)), ("scope", .string(scope)),
        ]
        if state.isDeleted { members.append(("deleted", .flag(true))) }
        if let changed = state.changed {
            members += [("changed_at", .integer(changed.time.rawValue)), ("changed_by", .optional(changed.author))]
        }
        if !state.vector.isEmpty { members.append(("seen", .string(state.vector.text))) }
        members.append(
            ("fields", .object(shown.map { ($0.key.rawValue, json($0.outcome, type?.field($0.key.rawValue))) })))
        let contested = shown.compactMap { field -> (String, JSON)? in
            guard case .contested(let last, let among) = field.outcome else { return nil }
            let known = type?.field(field.key.rawValue)
            // The import makes the last one the newest, so that the same one is shown. What was merged of them nobody wrote.
            let candidates = (among.filter { $0.dot != last.dot } + among.filter { $0.dot == last.dot }).map { candidate in
                JSON.object([
                    ("value", single(candidate.value, known)), ("author", .optional(candidate.author)),
                    ("time", .integer(candidate.time.rawValue)),
                ])
            }
            return (field.key.rawValue, .list(candidates))
        }
        if !contested.isEmpty { members.append(("contested", .object(contested))) }
        return .object(members)
    }

    func json(_ outcome: Outcome, _ field: Catalogue.Field?) -> JSON {
        switch outcome {
        case .settled(let candidate, _, _), .contested(let candidate, _): single(candidate.value, field)
        case .set(let elements): .list(elements.map { json($0.value, field) })
        }
    }

    /// A value that is not an element, also where the catalogue has a set.
    private func single(_ content: Content, _ field: Catalogue.Field?) -> JSON {
        guard field?.kind.isSet == true, let value = content.value, value != .empty else { return json(content, field) }
        return Self.typed(value)
    }

    private func json(_ content: Content, _ field: Catalogue.Field?) -> JSON {
        guard let value = content.value else { return .object([("erased", .flag(true))]) }
        let plain = Self.plain(value)
        guard let plain, let read = try? self.value(plain, field, labels: [:]), read == value else { return Self.typed(value) }
        return plain
    }

    private static func plain(_ value: Value) -> JSON? {
        switch value {
        case .empty: .null
        case .text(let text), .decimal(let text), .date(let text), .time(let text): .string(text)
        case .integer(let number): .integer(number)
        case .flag(let flag): .flag(flag)
        case .reference(let id): .string("\(id)")
        case .list, .data, .unrecognised: nil
        }
    }

    private static func typed(_ value: Value) -> JSON {
        let (kind, json): (String, JSON) =
            switch value {
            case .empty: ("empty", .flag(true))
            case .text(let text): ("text", .string(text))
            case .integer(let number): ("integer", .integer(number))
            case .decimal(let text): ("decimal", .string(text))
            case .flag(let flag): ("flag", .flag(flag))
            case .date(let text): ("date", .string(text))
            case .time(let text): ("time", .string(text))
            case .reference(let id): ("reference", .string("\(id)"))
            case .list(let values): ("list", .list(values.map(typed)))
            case .data(let bytes): ("data", .string(Hex.string(bytes)))
            case .unrecognised(let bytes): ("unrecognised", .string(Hex.string(bytes)))
            }
        return .object([(kind, json)])
    }

    // MARK: In

    /// What a field is to be; nil for what was erased: the line does not say what it was.
    func input(_ json: JSON, _ key: String, _ field: Catalogue.Field?, labels: [String: RecordID]) throws -> FieldInput? {
        if case .list(let items) = json {
            return .elements(try items.filter { !Self.isErased($0) }.map { try element($0, key, field, labels) })
        }
        if Self.isErased(json) { return nil }
        let value = try element(json, key, field, labels)
        if case .object = json { return .value(value) }
        return field?.kind.isSet == true ? .elements(value == .empty ? [] : [value]) : .value(value)
    }

    static func isErased(_ json: JSON) -> Bool {
        if case .object(let members) = json { members.count == 1 && members[0].0 == "erased" } else { false }
    }

    func element(_ json: JSON, _ key: String, _ field: Catalogue.Field?, _ labels: [String: RecordID]) throws -> Value {
        do { return try value(json, field, labels: labels) } catch is Unreadable {
            throw ValueFault(field: key, given: json.text, reason: .isList)
        }
    }

    private struct Unreadable: Error {}

    private func value(_ json: JSON, _ field: Catalogue.Field?, labels: [String: RecordID]) throws -> Value {
        func read(_ text: String) throws -> Value {
            guard let field else { return .text(text) }
            return try field.value(text) { name in
                name.hasPrefix("@") ? labels[String(name.dropFirst())] : RecordID(hex: name)
            }
        }
        switch json {
        case .null: return .empty
        case .string(let text): return try read(text)
        case .integer(let number): return field == nil ? .integer(number) : try read(String(number))
        case .flag(let flag): return field == nil ? .flag(flag) : try read(flag ? "true" : "false")
        case .number(let digits):
            // A field nobody knows takes no fraction as a number: JSON does not say how many digits were meant.
            guard field != nil else { throw Unreadable() }
            return try read(digits)
        case .object(let members):
            guard members.count == 1, let value = Self.value(members[0].0, members[0].1) else { throw Unreadable() }
            return value
        case .list: throw Unreadable()
        }
    }

    /// A value that names its kind.
    private static func value(_ kind: String, _ json: JSON) -> Value? {
        switch (kind, json) {
        case ("empty", .flag(true)): .empty
        case ("text", .string(let text)): .text(text)
        case ("integer", .integer(let number)): .integer(number)
        case ("decimal", .string(let text)): .decimal(text)
        case ("flag", .flag(let flag)): .flag(flag)
        case ("date", .string(let text)): .date(text)
        case ("time", .string(let text)): .time(text)
        case ("reference", .string(let text)): RecordID(hex: text).map(Value.reference)
        case ("list", .list(let items)): list(items)
        case ("data", .string(let text)): Hex.bytes(text).map(Value.data)
        case ("unrecognised", .string(let text)): Hex.bytes(text).map(Value.unrecognised)
        default: nil
        }
    }

    private static func list(_ items: [JSON]) -> Value? {
        let values = items.compactMap { item -> Value? in
            if case .object(let members) = item, members.count == 1 { value(members[0].0, members[0].1) } else { nil }
        }
        return values.count == items.count ? .list(values) : nil
    }
}

extension JSON: Decodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Members of objects come ascending by name.
    package init(from decoder: any Swift.Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            self = .object(
                try object.allKeys.sorted { $0.stringValue < $1.stringValue }.map {
                    ($0.stringValue, try object.decode(JSON.self, forKey: $0))
                })
            return
        }
        if var items = try? decoder.unkeyedContainer() {
            var list: [JSON] = []
            while !items.isAtEnd { list.append(try items.decode(JSON.self)) }
            self = .list(list)
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let flag = try? single.decode(Bool.self) {
            self = .flag(flag)
        } else if let text = try? single.decode(String.self) {
            self = .string(text)
        } else if let number = try? single.decode(Int64.self) {
            self = .integer(number)
        } else {
            self = .number("\(try single.decode(Decimal.self))")
        }
    }

    /// A member of an object; nil if there is none, or this is no object.
    package subscript(name: String) -> JSON? {
        if case .object(let members) = self { members.first { $0.0 == name }?.1 } else { nil }
    }

    package var string: String? { if case .string(let text) = self { text } else { nil } }

    /// Whether it says `true`.
    package var isTrue: Bool { if case .flag(true) = self { true } else { false } }
}
