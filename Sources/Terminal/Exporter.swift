// Records on their way out into files, all as they are at one moment and a page of them in memory at a time.

package import Causality
import Files
import Foundation
import Journals
package import Records
package import Replicas
import StoreSQLite
package import Supervision

/// A record as it goes out.
package struct ExportedRecord {
    package var state: RecordState
    /// The scope's name; its id, if the roster has none.
    package var scope: String
    /// The name of the person who changed it last.
    package var author: String?

    package init(state: RecordState, scope: String, author: String?) {
        (self.state, self.scope, self.author) = (state, scope, author)
    }
}

/// Takes records and makes files of them. Without `finish` nothing is left of it.
package protocol ExportTarget: AnyObject {
    func take(_ record: ExportedRecord) throws
    func finish() throws
}

package struct Exporter {
    package var type: TypeKey?
    package var scope: ScopeID?
    /// Whether deleted records go out, too.
    package var includesDeleted = false
    /// Records held at once.
    static let page = 500

    package init() {}

    /// Hands the records on, by scope and id, and returns how many there were.
    /// - Parameter progress: is told after each page how many were looked at, of how many.
    package func run(_ replica: Replica, into target: some ExportTarget, progress: (Int, Int) -> Void = { _, _ in }) throws -> Int {
        var written = 0
        try replica.store.reading { reader in
            let roster = try reader.roster()?.roster
            let scopes = try reader.scopes().filter { scope == nil || $0 == scope }
            let total = try scopes.reduce(0) { $0 + (try reader.recordCount(in: $1)) }
            var seen = 0
            for scope in scopes {
                let name = roster?.scope(scope)?.name ?? "\(scope)"
                var last: RecordID?
                while true {
                    let states = try reader.states(in: scope, after: last, limit: Self.page)
                    for state in states where (type == nil || state.type == type) && (includesDeleted || !state.isDeleted) {
                        let author = state.changed?.author.map { roster?.person($0)?.name ?? $0 }
                        try target.take(ExportedRecord(state: state, scope: name, author: author))
                        written += 1
                    }
                    seen += states.count
                    progress(seen, total)
                    if states.count < Self.page { break }
                    last = states.last?.record
                }
            }
        }
        try target.finish()
        return written
    }
}

// MARK: JSON lines

/// One line of JSON for each record, after one that says what the file is.
package final class JSONLinesTarget: ExportTarget {
    private let file: WholeFile
    private let line: RecordLine

    package init(_ path: String, replaces: Bool, _ catalogue: Catalogue) throws {
        file = try WholeFile(path, replaces: replaces)
        line = RecordLine(catalogue)
        let notice = JSON.object([
            ("notice", .string("Dundian records. Personal data, not encrypted. 蹲点记录，含个人信息，未加密。")),
            ("catalogue", .string(catalogue.name)), ("catalogue_version", .count(catalogue.version)),
        ])
        try file.write(notice.text + "\n")
    }

    package func take(_ record: ExportedRecord) throws { try file.write(line.json(record.state, scope: record.scope).text + "\n") }
    package func finish() throws { try file.finish() }
}

// MARK: CSV

/// A folder with one file for each type that has records.
package final class CSVTarget: ExportTarget {
    private let folder: String
    private let replaces: Bool
    private let hasMark: Bool
    private let words: Language?
    private let catalogue: Catalogue
    private var files: [String: (table: RecordTable, file: WholeFile)] = [:]
    private let makesFolder: Bool
    private var isFinished = false

    /// - Parameters:
    ///   - hasMark: whether files begin with a byte order mark, which Excel needs to read Chinese.
    ///   - words: the language of headers and choices; nil: the catalogue's keys.
    package init(
        _ folder: String, replaces: Bool, hasMark: Bool, words: Language?, _ catalogue: Catalogue
    ) throws {
        (self.folder, self.replaces, self.hasMark, self.words) = (folder, replaces, hasMark, words)
        self.catalogue = catalogue
        makesFolder = !WholeFile.isThere(folder)
        if makesFolder {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            } catch { throw WholeFile.unwritable(folder) }
        } else if !replaces, (try? FileManager.default.contentsOfDirectory(atPath: folder))?.isEmpty != true {
            throw WholeFile.exists(folder)
        }
    }

    deinit {
        files = [:]
        // Only an empty folder can be removed so: a file that somebody put there meanwhile stays.
        if makesFolder, !isFinished { rmdir(folder) }
    }

    package func take(_ record: ExportedRecord) throws {
        let type = catalogue.type(record.state.type)
        let name = type?.key ?? RecordTable.otherName
        if files[name] == nil {
            let table = RecordTable(type, of: catalogue, words: words)
            let file = try WholeFile("\(folder)/\(Self.fileName(name)).csv", replaces: replaces)
            try file.write((hasMark ? CSV.byteOrderMark : "") + CSV.line(table.header))
            files[name] = (table, file)
        }
        guard let (table, file) = files[name] else { return }
        try file.write(CSV.line(table.row(record.state, scope: record.scope, author: record.author)))
    }

    package func finish() throws {
        for name in files.keys.sorted() { try files[name]?.file.finish() }
        isFinished = true
    }

    /// A catalogue of one's own may call a type anything.
    private static func fileName(_ key: String) -> String {
        String(key.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" ? $0 : "_" })
    }
}

// MARK: SQLite

/// One plain table for each type of the catalogue, with sets' elements and contested values in tables of their own.
package final class SQLiteTarget: ExportTarget {
    private let fresh: WholeFile
    private let file: PlainFile
    private let catalogue: Catalogue
    private let tables: [String: RecordTable]
    private let other: RecordTable

    package init(_ path: String, replaces: Bool, _ catalogue: Catalogue) throws {
        fresh = try WholeFile(path, replaces: replaces)
        self.catalogue = catalogue
        file = try PlainFile(path: fresh.partial)
        other = RecordTable(nil, of: catalogue)
        var tables: [String: RecordTable] = [:]
        for type in catalogue.types { tables[type.key] = RecordTable(type, of: catalogue) }
        self.tables = tables
        for table in catalogue.types.compactMap({ tables[$0.key] }) + [other] {
            try file.make(
                table.name,
                table.columns.map { column in
                    let isInteger = column.isInteger || column.name == "deleted"
                    return (column.name, column.name == "id" ? "TEXT PRIMARY KEY" : isInteger ? "INTEGER" : "TEXT")
                })
        }
        try file.make("_element", ["record", "field", "value"].map { ($0, "TEXT") })
        try file.make("_candidate", ["record", "field", "value", "author", "time"].map { ($0, "TEXT") })
    }

    package func take(_ record: ExportedRecord) throws {
        let state = record.state
        let table = tables[state.type.rawValue] ?? other
        try file.insert(
            table.name,
            table.row(state, scope: record.scope, author: record.author).map { cell in
                switch cell {
                case .empty: .null
                case .integer(let number): .integer(number)
                case .flag(let flag): .integer(flag ? 1 : 0)
                case .decimal(let text), .text(let text): .text(text)
                }
            })
        func value(_ content: Content) -> SQLValue { content.value.map { .text($0.plainText) } ?? .null }
        for field in state.shown(by: catalogue) {
            let place: [SQLValue] = [.text("\(state.record)"), .text(field.key.rawValue)]
            switch field.outcome {
            case .set(let elements): for element in elements { try file.insert("_element", place + [value(element.value)]) }
            case .contested(_, let among):
                for candidate in among {
                    try file.insert(
                        "_candidate",
                        place + [
                            value(candidate.value), candidate.author.map(SQLValue.text) ?? .null,
                            .text(RecordTable.time(candidate.time)),
                        ])
                }
            case .settled: break
            }
        }
    }

    package func finish() throws {
        try file.index("_element", ["record"])
        try file.index("_element", ["field", "value"])
        try file.index("_candidate", ["record"])
        try file.finish()
        try fresh.finish()
    }
}
