// SQL that only reads, as a table, as lines of JSON or as CSV.

import ArgumentParser
import Dundian
import Foundation
import Terminal

struct SQLCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "sql", abstract: tr("用 SQL 查询本机的记录（只读）。", "Query the records here by SQL (read-only)."),
            discussion: tr(
                "每种类型是一个视图，列是它的字段，另有 id、scope、deleted、changed、contested。\n例：dundian sql \"SELECT status, count(*) FROM finding WHERE NOT deleted GROUP BY 1\"",
                "Each type is a view, with its fields as columns beside id, scope, deleted, changed, contested.\nExample: dundian sql \"SELECT status, count(*) FROM finding WHERE NOT deleted GROUP BY 1\""
            ))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("一条查询。", "One query."), valueName: "query")) var query: String
    @Flag(name: .long, help: ArgumentHelp(tr("输出 CSV。", "Print CSV."))) var csv = false
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("最多多少行；0 为不限。屏幕上的表默认 1000。", "At most so many rows; 0: all. A table on the screen has 1000."), valueName: "count"))
    var limit: Int?
    @Option(name: .long, help: ArgumentHelp(tr("最多多少秒。", "At most so many seconds."), valueName: "seconds")) var timeout = 60

    func validate() throws {
        guard timeout > 0, limit ?? 0 >= 0 else {
            throw ValidationError(tr("--timeout 须大于 0，--limit 不能小于 0。", "--timeout is more than 0, --limit not less than 0."))
        }
        guard !(csv && options.json) else {
            throw ValidationError(tr("--csv 和 --json 只能写一个。", "Give one of --csv and --json."))
        }
    }

    func run() throws {
        try options.run { folder in
            let max = limit ?? (csv || options.json ? 0 : 1000)
            var table = Table(header: [])
            var names: [String] = []
            var (count, isCut) = (0, false)
            do {
                try folder.store.select(query, secondsMax: Double(timeout)) { columns in
                    names = columns
                    table = Table(header: columns.map { Screen.safe($0) })
                    if csv { write(columns.map(Cell.text)) }
                } row: { row in
                    if max > 0, count == max {
                        isCut = true
                        return false
                    }
                    count += 1
                    if csv {
                        write(row.map(\.cell))
                    } else if options.json {
                        Screen.print(JSON.object(Array(zip(names, row.map(\.json)))).text)
                    } else {
                        table.rows.append(row.map { Screen.safe($0.text) })
                    }
                    return true
                }
            } catch let error as QueryError { throw explanation(error) }
            if !csv, !options.json {
                for line in table.lines(width: Output.width) { Screen.print(line) }
                Screen.print(tr("\(count) 行。", count == 1 ? "1 row." : "\(count) rows."))
            }
            if isCut {
                Screen.complain(
                    tr("还有更多：只给出前 \(max) 行（--limit）。", "There is more: only the first \(max) rows are given (--limit)."))
            }
        }
    }

    /// A terminal would obey what stands in a cell; a file or another program gets it as it is.
    private func write(_ cells: [Cell]) {
        let cells = Output.isTerminal ? cells.map(\.safe) : cells
        FileHandle.standardOutput.write(Data(CSV.line(cells).utf8))
    }

    private func explanation(_ error: QueryError) -> Explanation {
        let message = Screen.safe(error.message)
        switch error.code {
        case .malformed:
            return Explanation(
                error.code.rawValue, exit: ExitStatus.badInput, tr("查询有误：\(message)", "The query is wrong: \(message)"),
                tr(
                    "各类型的视图：dundian sql \"SELECT name FROM sqlite_master WHERE type = 'view'\"",
                    "The views: dundian sql \"SELECT name FROM sqlite_master WHERE type = 'view'\""))
        case .refused:
            return Explanation(
                error.code.rawValue, exit: ExitStatus.badInput,
                tr(
                    "这里只能查询记录，一次一条：\(message)", "Only queries of records are taken here, one at a time: \(message)"),
                tr("什么也没有改。修改请用 dundian edit。", "Nothing was changed. To change records: dundian edit"))
        case .tooLong:
            return Explanation(
                error.code.rawValue, exit: ExitStatus.tryAgain,
                tr("查询超过了 \(timeout) 秒，已停止。", "The query took more than \(timeout) seconds and was stopped."),
                tr("请缩小范围，或用 --timeout 放宽。", "Ask for less, or allow more with --timeout."))
        }
    }
}

extension Cell {
    fileprivate var safe: Cell { if case .text(let text) = self { .text(Screen.safe(text, lines: true)) } else { self } }
}

extension SQLValue {
    fileprivate var text: String {
        switch self {
        case .null: ""
        case .integer(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): text
        case .blob(let bytes): Data(bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
    }

    fileprivate var cell: Cell {
        switch self {
        case .null: .empty
        case .integer(let number): .integer(number)
        case .real: .decimal(text)
        case .text, .blob: .text(text)
        }
    }

    fileprivate var json: JSON {
        switch self {
        case .null: .null
        case .integer(let number): .integer(number)
        // JSON has no word for infinity.
        case .real(let number): number.isFinite ? .number(text) : .string(text)
        case .text, .blob: .string(text)
        }
    }
}
