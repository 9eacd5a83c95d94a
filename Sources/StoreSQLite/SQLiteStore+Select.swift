// SQL that a person types, over their own records. Read-only three times over: the connection was opened for reading, it is told to
// query only, and an authorizer lets nothing pass but reading.

import CSQLite
import GRDB
import Records
import Replicas

/// A query was not run, or not to its end.
public struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with a query.
    public enum Code: String, Hashable, Sendable {
        /// It is no SQL, or names what is not there.
        case malformed = "query-malformed"
        /// It would do more than read, or read what is no record's: settings with their keys, drafts.
        case refused = "query-refused"
        /// It took longer than was allowed.
        case tooLong = "query-too-long"
    }
    /// Which error: go by this.
    public var code: Code
    /// What SQLite says, in English.
    public var message: String
    public var description: String { message }
}

extension SQLiteStore {
    /// Runs one query that only reads, on a snapshot, and hands on its rows one by one.
    ///
    /// What scopes hold may be read, and each record type's view (``query(_:arguments:)``). Refused is whatever is not a query:
    /// writes, `ATTACH`, transactions, pragmas but for those that describe tables, functions that load code or open files; and the
    /// tables of what this device keeps for itself, as settings and drafts.
    ///
    /// - Parameters:
    ///   - secondsMax: how long it may take.
    ///   - columns: is told the names of the columns, once, before the first row.
    ///   - row: is handed each row; false ends the query.
    /// - Throws: ``QueryError``, or ``ReplicaError`` if the store cannot be read.
    public func select(
        _ sql: String, secondsMax: Double = 60, columns: ([String]) throws -> Void, row: ([SQLValue]) throws -> Bool
    ) throws {
        do {
            let queue = try DatabaseQueue(path: Self.location(path, vfs: vfs), configuration: readingOnly())
            defer { try? queue.close() }
            try queue.inDatabase { db in
                guard let connection = db.sqliteConnection else { throw QueryError(code: .malformed, message: "no connection") }
                try Self.select(sql, on: connection, secondsMax, columns, row)
            }
        } catch { throw Self.explained(error, path) }
    }

    private func readingOnly() -> Configuration {
        let views = views
        var configuration = Configuration()
        configuration.label = "select"
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA temp_store = MEMORY; PRAGMA query_only = ON")
            guard dundian_no_checkpoint_on_close(db.sqliteConnection) == 0 else {
                throw DatabaseError(message: "this SQLite cannot leave its log alone on close")
            }
            views?.register(in: db)
        }
        return configuration
    }

    private static func select(
        _ sql: String, on connection: OpaquePointer, _ secondsMax: Double, _ columns: ([String]) throws -> Void,
        _ row: ([SQLValue]) throws -> Bool
    ) throws {
        sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0)
        // GRDB looks at the statements it prepares itself through an authorizer; on this connection it prepares none after this.
        // A refused function is reported as an ordinary error, so what was refused is noted here.
        let refusals = Refusals()
        sqlite3_set_authorizer(
            connection,
            { context, action, first, second, _, _ in
                let answer = Permission.of(action, first, second)
                if answer != SQLITE_OK, let context { Unmanaged<Refusals>.fromOpaque(context).takeUnretainedValue().count += 1 }
                return answer
            }, Unmanaged.passUnretained(refusals).toOpaque())
        defer { sqlite3_set_authorizer(connection, nil, nil) }
        let deadline = Deadline(seconds: secondsMax)
        sqlite3_progress_handler(
            connection, 10_000,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Deadline>.fromOpaque(context).takeUnretainedValue().isPast ? 1 : 0
            }, Unmanaged.passUnretained(deadline).toOpaque())
        defer { sqlite3_progress_handler(connection, 0, nil, nil) }

        func fault(_ code: Int32) -> QueryError {
            let message = sqlite3_errmsg(connection).map { String(cString: $0) } ?? "code \(code)"
            let isRefused = code == SQLITE_AUTH || refusals.count > 0 || Permission.isRefusedFunction(message)
            return QueryError(code: isRefused ? .refused : code == SQLITE_INTERRUPT ? .tooLong : .malformed, message: message)
        }
        let statement = try prepare(sql, on: connection, fault)
        defer { sqlite3_finalize(statement) }
        let count = sqlite3_column_count(statement)
        try columns((0..<count).map { sqlite3_column_name(statement, $0).map { String(cString: $0) } ?? "" })
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: if try !row((0..<count).map { value(statement, $0) }) { return }
            case SQLITE_DONE: return
            case let code: throw fault(code)
            }
        }
    }

    /// Exactly one statement, and one that reads.
    private static func prepare(
        _ sql: String, on connection: OpaquePointer, _ fault: (Int32) -> QueryError
    ) throws -> OpaquePointer {
        guard !sql.utf8.contains(0) else { throw QueryError(code: .malformed, message: "a NUL byte in the query") }
        return try sql.withCString { text in
            var statement: OpaquePointer?
            var rest: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v2(connection, text, -1, &statement, &rest)
            guard code == SQLITE_OK else { throw fault(code) }
            guard let statement else { throw QueryError(code: .malformed, message: "no query") }
            var second: OpaquePointer?
            let after = sqlite3_prepare_v2(connection, rest, -1, &second, nil)
            guard after == SQLITE_OK, second == nil else {
                sqlite3_finalize(second)
                sqlite3_finalize(statement)
                throw QueryError(code: .refused, message: "more than one statement")
            }
            guard sqlite3_stmt_readonly(statement) != 0, sqlite3_column_count(statement) > 0 else {
                sqlite3_finalize(statement)
                throw QueryError(code: .refused, message: "not a query")
            }
            return statement
        }
    }

    private static func value(_ statement: OpaquePointer, _ i: Int32) -> SQLValue {
        let row = RowReader(statement: statement)
        return switch sqlite3_column_type(statement, i) {
        case SQLITE_INTEGER: .integer(row.integer(i))
        case SQLITE_FLOAT: .real(sqlite3_column_double(statement, i))
        case SQLITE_TEXT: .text(row.text(i))
        case SQLITE_BLOB: .blob(row.blob(i))
        default: .null
        }
    }
}

private final class Deadline {
    private let end: ContinuousClock.Instant
    init(seconds: Double) { end = .now + .seconds(seconds) }
    var isPast: Bool { .now > end }
}

private final class Refusals { var count = 0 }

/// What a query may do: the list says what is allowed, so that what a later SQLite invents is not.
private enum Permission {
    private static let pragmas: Set<String> = [
        "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list", "function_list",
        "collation_list", "user_version", "schema_version", "application_id", "encoding", "page_count", "page_size",
    ]
    /// Of our own tables, those of what the scopes hold.
    private static let tables: Set<String> = [
        "_scope", "_journal", "_branch", "_fork_proof", "_entry", "_record", "_edit", "_item",
    ]
    private static let catalogues: Set<String> = ["sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema"]
    /// Functions that run code, open files or hand out addresses.
    private static let functions: Set<String> = ["load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "fsdir"]
    /// Those of them that take an argument which is not a setting.
    private static let described: Set<String> = [
        "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
    ]

    /// Whether SQLite complains that it has no such function, of one that would have been refused.
    static func isRefusedFunction(_ message: String) -> Bool {
        let prefix = "no such function: "
        return message.hasPrefix(prefix) && functions.contains(message.dropFirst(prefix.count).lowercased())
    }

    static func of(_ action: Int32, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?) -> Int32 {
        func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0).lowercased() } ?? "" }
        switch action {
        case SQLITE_SELECT, SQLITE_RECURSIVE: return SQLITE_OK
        case SQLITE_READ:
            let table = text(first)
            if table.hasPrefix("_") { return tables.contains(table) ? SQLITE_OK : SQLITE_DENY }
            // Others of SQLite's own hand out pages as they are.
            return !table.hasPrefix("sqlite_") || catalogues.contains(table) ? SQLITE_OK : SQLITE_DENY
        case SQLITE_UPDATE:
            // So SQLite reports that a table-valued function describes its columns. Nobody writes there by hand: it takes a
            // setting that is refused, and a connection that may write.
            return text(first) == "sqlite_master" ? SQLITE_OK : SQLITE_DENY
        case SQLITE_FUNCTION: return functions.contains(text(second)) ? SQLITE_DENY : SQLITE_OK
        case SQLITE_PRAGMA:
            let name = text(first)
            return pragmas.contains(name) && (second == nil || described.contains(name)) ? SQLITE_OK : SQLITE_DENY
        default: return SQLITE_DENY
        }
    }
}
