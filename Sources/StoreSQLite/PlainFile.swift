// An SQLite file of plain tables, for other programs: no view, no function, no log beside it.

import GRDB
import GRDBSQLite
import Replicas

/// A new SQLite file that is written from beginning to end and then closed. Unfinished, it is worth nothing: no journal is kept.
public final class PlainFile {
    private let queue: DatabaseQueue
    private let path: String

    /// Makes tables in an empty file, which must be there so that its permissions are its maker's choice.
    public init(path: String) throws {
        self.path = path
        var configuration = Configuration()
        configuration.label = "export"
        // All of the file is one transaction, over many calls.
        configuration.allowsUnsafeTransactions = true
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; BEGIN")
            }
        } catch { throw SQLiteStore.explained(error, path) }
    }

    /// Makes a table.
    /// - Parameter columns: their names, and SQL types as `TEXT` or `INTEGER PRIMARY KEY`.
    public func make(_ table: String, _ columns: [(name: String, type: String)]) throws {
        let list = columns.map { "\(Self.quoted($0.name)) \($0.type)" }.joined(separator: ", ")
        try execute("CREATE TABLE \(Self.quoted(table)) (\(list))")
    }

    /// Makes an index over columns of a table.
    public func index(_ table: String, _ columns: [String]) throws {
        let list = columns.map(Self.quoted).joined(separator: ", ")
        try execute(
            "CREATE INDEX \(Self.quoted(table + "_by_" + columns.joined(separator: "_"))) ON \(Self.quoted(table)) (\(list))")
    }

    /// Puts a row into a table; as many values as it has columns.
    public func insert(_ table: String, _ values: [SQLValue]) throws {
        let marks = Array(repeating: "?", count: values.count).joined(separator: ", ")
        do {
            try queue.writeWithoutTransaction { db in
                try db.run("INSERT INTO \(Self.quoted(table)) VALUES (\(marks))", values.map(\.bind))
            }
        } catch { throw SQLiteStore.explained(error, path) }
    }

    /// Ends the file.
    public func finish() throws {
        try execute("COMMIT")
        do { try queue.close() } catch { throw SQLiteStore.explained(error, path) }
    }

    private func execute(_ sql: String) throws {
        do { try queue.writeWithoutTransaction { try $0.execute(sql: sql) } } catch { throw SQLiteStore.explained(error, path) }
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// A value in SQL.
public enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    fileprivate var bind: Bind {
        switch self {
        case .null: .null
        case .integer(let value): .integer(value)
        case .real(let value): .real(value)
        case .text(let text): .text(text)
        case .blob(let bytes): .blob(bytes)
        }
    }
}
