// One SQL view per record type, its columns the type's fields as a reader is shown them. The columns come out of the state blob
// through two functions registered on every connection of ours.

import Causality
import GRDB
public import Records
import Replicas
import Synchronization

/// Which record types get a view, and the rules their fields are shown by.
public struct RecordViews: Sendable {
    /// How a field with several candidates is shown.
    public var rules: any MergeRules
    /// The types that get a view, and their columns.
    public var types: [(type: TypeKey, fields: [FieldKey])]

    /// Views out of their parts.
    public init(rules: any MergeRules, types: [(type: TypeKey, fields: [FieldKey])]) {
        (self.rules, self.types) = (rules, types)
    }

    func register(in db: Database) {
        let rules = rules
        // A view asks for every field of one row in turn: the last state read is remembered.
        let last = Mutex<(bytes: [UInt8], state: RecordState?)>(([], nil))
        @Sendable func state(_ value: DatabaseValue) -> RecordState? {
            guard case .blob(let data) = value.storage else { return nil }
            let bytes = Array(data)
            return last.withLock { last in
                if last.bytes == bytes, let state = last.state { return state }
                let state = try? RecordState(storedBytes: bytes)
                last = (bytes, state)
                return state
            }
        }
        db.add(
            function: DatabaseFunction("dundian_field", argumentCount: 2, pure: true) { values in
                guard let state = state(values[0]), let key = String.fromDatabaseValue(values[1]) else { return nil }
                return state.outcome(of: FieldKey(key), by: rules)?.sqlValue
            })
        db.add(
            function: DatabaseFunction("dundian_contested", argumentCount: 1, pure: true) { values in
                guard let state = state(values[0]) else { return nil }
                let fields = state.shown(by: rules).compactMap { field -> String? in
                    if case .contested = field.outcome { field.key.rawValue } else { nil }
                }
                return fields.isEmpty ? nil : fields.joined(separator: ",")
            })
    }

    private static func name(_ key: String) -> String {
        "\"" + key.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
    private static func text(_ key: String) -> String {
        "'" + key.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    /// Makes the views anew if they are not those of this catalogue.
    func install(in db: Database) throws {
        let wanted = types.sorted { $0.type < $1.type }.map { type, fields in
            let columns = fields.map { "dundian_field(state, \(Self.text($0.rawValue))) AS \(Self.name($0.rawValue))" }
            return """
                CREATE VIEW \(Self.name(type.rawValue)) AS SELECT lower(hex(name)) AS id, \
                (SELECT lower(hex(s.name)) FROM _scope s WHERE s.id = scope) AS scope, deleted, changed, \
                dundian_contested(state) AS contested\(columns.map { ", " + $0 }.joined()) FROM _record WHERE type = \(Self.text(type.rawValue))
                """
        }
        let present = try String.fetchAll(db, sql: "SELECT sql FROM sqlite_master WHERE type = 'view' ORDER BY name")
        guard Set(present) != Set(wanted) else { return }
        try db.inTransaction(.immediate) {
            for name in try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'view'") {
                try db.execute(sql: "DROP VIEW \(Self.name(name))")
            }
            for sql in wanted { try db.execute(sql: sql) }
            return .commit
        }
    }
}

extension Outcome {
    fileprivate var sqlValue: (any DatabaseValueConvertible)? {
        switch self {
        case .settled(let candidate, _, _), .contested(let candidate, _): candidate.value.value?.sqlValue
        case .set(let elements): elements.compactMap { $0.value.value?.plainText }.joined(separator: "、")
        }
    }
}

extension Value {
    fileprivate var sqlValue: (any DatabaseValueConvertible)? {
        switch self {
        case .empty: nil
        case .integer(let value): value
        case .flag(let flag): flag
        default: plainText
        }
    }
}
