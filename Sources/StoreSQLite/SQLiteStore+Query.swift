// Read-only SQL over the views of the record types.

import GRDB
import Replicas

/// What a query gave: column names, and each row's values as text.
public struct QueryResult: Hashable, Sendable {
    /// The names of the columns.
    public var columns: [String]
    /// Nil is SQL's NULL.
    public var rows: [[String?]]
}

extension SQLiteStore {
    /// Runs one query on a snapshot. Each record type has a view of its name, with a column for each field beside `id`, `scope`, `deleted`,
    /// `changed` (milliseconds) and `contested` (the fields that wait for review).
    public func query(_ sql: String, arguments: [String] = []) throws -> QueryResult {
        try reading { db in
            let cursor = try Row.fetchCursor(db, sql: sql, arguments: StatementArguments(arguments))
            var result = QueryResult(columns: Array(try db.makeStatement(sql: sql).columnNames), rows: [])
            while let row = try cursor.next() {
                result.rows.append(row.databaseValues.map { value in value.isNull ? nil : "\(value.storage.value ?? "")" })
            }
            return result
        }
    }
}
