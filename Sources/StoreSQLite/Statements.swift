// Thin, typed steps over SQLite's own calls on GRDB's cached statements: binding by hand is a third faster than going through
// GRDB's values, and a first sync does nothing else.

import GRDB
import GRDBSQLite

enum Bind {
    case integer(Int64)
    case real(Double)
    case blob([UInt8])
    case text(String)
    case null

    static func optional(_ blob: [UInt8]?) -> Bind { blob.map(Bind.blob) ?? .null }
    static func optional(_ integer: Int64?) -> Bind { integer.map(Bind.integer) ?? .null }
}

/// The row a statement stands on.
struct RowReader {
    let statement: OpaquePointer

    func integer(_ i: Int32) -> Int64 { sqlite3_column_int64(statement, i) }
    func isNull(_ i: Int32) -> Bool { sqlite3_column_type(statement, i) == SQLITE_NULL }
    func optionalInteger(_ i: Int32) -> Int64? { isNull(i) ? nil : integer(i) }

    func blob(_ i: Int32) -> [UInt8] {
        let count = Int(sqlite3_column_bytes(statement, i))
        guard count > 0, let pointer = sqlite3_column_blob(statement, i) else { return [] }
        return Array(UnsafeRawBufferPointer(start: pointer, count: count))
    }

    /// The bytes where they lie: only until the next step.
    func withBytes<T>(_ i: Int32, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        let pointer = sqlite3_column_blob(statement, i)
        return try body(UnsafeRawBufferPointer(start: pointer, count: pointer == nil ? 0 : Int(sqlite3_column_bytes(statement, i))))
    }

    func optionalBlob(_ i: Int32) -> [UInt8]? { isNull(i) ? nil : blob(i) }

    func text(_ i: Int32) -> String { String(decoding: blob(i), as: UTF8.self) }
}

/// SQLite copies what is bound, so that it may outlive the call.
private nonisolated(unsafe) let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Database {
    /// Runs a statement to its end.
    func run(_ sql: String, _ binds: Bind...) throws { try step(sql, binds) { _ in false } }
    func run(_ sql: String, _ binds: [Bind]) throws { try step(sql, binds) { _ in false } }

    /// The first row, mapped.
    func first<T>(_ sql: String, _ binds: Bind..., map: (RowReader) throws -> T) throws -> T? {
        var result: T?
        try step(sql, binds) { row in
            result = try map(row)
            return false
        }
        return result
    }

    /// Every row, mapped.
    func all<T>(_ sql: String, _ binds: Bind..., map: (RowReader) throws -> T) throws -> [T] {
        var result: [T] = []
        try step(sql, binds) { row in
            result.append(try map(row))
            return true
        }
        return result
    }

    /// Hands on every row.
    func each(_ sql: String, _ binds: Bind..., body: (RowReader) throws -> Void) throws {
        try step(sql, binds) { row in
            try body(row)
            return true
        }
    }

    private func step(_ sql: String, _ binds: [Bind], _ body: (RowReader) throws -> Bool) throws {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        sqlite3_reset(statement)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (i, bind) in binds.enumerated() {
            let index = Int32(i + 1)
            let code: Int32
            switch bind {
            case .integer(let value): code = sqlite3_bind_int64(statement, index, value)
            case .real(let value): code = sqlite3_bind_double(statement, index, value)
            case .blob(let bytes):
                code = bytes.withUnsafeBytes { raw in
                    raw.count == 0
                        ? sqlite3_bind_zeroblob(statement, index, 0)
                        : sqlite3_bind_blob(statement, index, raw.baseAddress, Int32(raw.count), transient)
                }
            case .text(var text):
                code = text.withUTF8 { utf8 in
                    utf8.count == 0
                        ? sqlite3_bind_text(statement, index, "", 0, transient)
                        : utf8.withMemoryRebound(to: CChar.self) {
                            sqlite3_bind_text(statement, index, $0.baseAddress, Int32($0.count), transient)
                        }
                }
            case .null: code = sqlite3_bind_null(statement, index)
            }
            guard code == SQLITE_OK else { throw failure(code, sql) }
        }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: if try !body(RowReader(statement: statement)) { return }
            case SQLITE_DONE: return
            case let code: throw failure(code, sql)
            }
        }
    }

    private func failure(_ code: Int32, _ sql: String) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(sqliteConnection)),
            message: sqlite3_errmsg(sqliteConnection).map { String(cString: $0) } ?? "code \(code)", sql: sql)
    }
}
