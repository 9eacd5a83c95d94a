// dundian search: records by their words.

import ArgumentParser
import Dundian
import Foundation
import Terminal

struct Search: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "search", abstract: tr("按词查找记录，最相关的在前。", "Find records by their words, the best first."),
            discussion: tr(
                "几个词须同时出现；中文一个字也能查。加引号的词组照原样查（引号外请再套一层单引号），前面加减号的词不许出现（这时先写 --）。不分大小写、全角半角。\n例：dundian search 石桥 流转\n　　dundian search '\"土地流转合同\"' --type talk --since 2026-05-01\n　　dundian search -- 土地 -鱼塘",
                "All words must occur. A Chinese word is found anywhere, others where a word begins. A phrase in double quotes (put single ones around them) is found as it stands; a word with - before it must not occur (write -- first). Case and width make no difference.\nExample: dundian search 'harbour \"land lease\"' --type talk --since 2026-05-01\n         dundian search -- harbour -fish"
            ))
    }
    @OptionGroup var options: Options
    @Argument(
        help: ArgumentHelp(tr("要找的词。不写词则按条件列出。", "What to look for; nothing: all that the options let through."), valueName: "word")
    )
    var words: [String] = []
    @Option(name: .long, help: ArgumentHelp(tr("只找这些类型，可写几次。", "Only these types; may be repeated."), valueName: "type"))
    var type: [String] = []
    @Option(name: .long, help: ArgumentHelp(tr("只找这些范围，可写几次。", "Only these scopes; may be repeated."), valueName: "scope"))
    var scope: [String] = []
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("只找此人写过的，或提到此人记录的；可写姓名或编号。", "Only what this person wrote, or what refers to their record: a name or an id."),
            valueName: "person"))
    var person: String?
    @Option(name: .long, help: ArgumentHelp(tr("从这一天起改动过的。", "Changed on this day or later."), valueName: "yyyy-mm-dd")) var since:
        String?
    @Option(name: .long, help: ArgumentHelp(tr("到这一天为止改动的（含当天）。", "Changed on this day or earlier."), valueName: "yyyy-mm-dd"))
    var until: String?
    @Option(name: .long, help: ArgumentHelp(tr("最多多少条。", "At most this many."), valueName: "count")) var limit = 20
    @Option(name: .long, help: ArgumentHelp(tr("跳过前面多少条。", "Skip this many."), valueName: "count")) var offset = 0

    /// As many records as one search brings into the index, so that it ends soon.
    private static let indexedAtOnce = 8_192

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            var query = SearchQuery(words.joined(separator: " "))
            if !type.isEmpty { query.types = Set(type.map { finder.type($0).key }) }
            if !scope.isEmpty { query.scopes = Set(try scope.map { try finder.scope($0, for: nil) }) }
            query.since = try since.map { try Self.day($0, adding: 0) }
            query.until = try until.map { try Self.day($0, adding: 1) }
            query.people = try person.map { try finder.people($0) }
            // One more than is shown tells whether there are more.
            let limit = max(0, min(limit, 10_000))
            (query.limit, query.offset) = (limit + 1, max(0, offset))
            let found = try folder.search(query)
            show(found.prefix(limit), isMore: found.count > limit, finder.showing)
            // The answer is out; what follows only makes the next one faster. What goes wrong here is no matter for who asked.
            _ = try? folder.indexForSearch(limit: Self.indexedAtOnce)
        }
    }

    private func show(_ hits: ArraySlice<SearchHit>, isMore: Bool, _ showing: Showing) {
        let json = JSON.object([
            ("hits", .list(hits.map { showing.json($0) })), ("more", .flag(isMore)),
        ])
        var lines = hits.flatMap { showing.lines($0) }
        if hits.isEmpty { lines = [offset > 0 ? tr("没有更多了。", "No more.") : tr("没有找到。", "Nothing found.")] }
        if isMore {
            let next = max(0, offset) + hits.count
            lines.append(tr("还有；后面的：--offset \(next)", "There are more: --offset \(next)"))
        }
        options.show(json, lines)
    }

    /// The beginning of a day as this machine has it, or of the one after.
    private static func day(_ text: String, adding days: Int) throws -> Timestamp {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .current
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2], (1970...9_999).contains(year),
            let date = calendar.date(from: DateComponents(year: year, month: month, day: day)),
            calendar.component(.month, from: date) == month, calendar.component(.day, from: date) == day,
            let moved = calendar.date(byAdding: .day, value: days, to: date)
        else {
            throw Explanation(
                "date-malformed", exit: ExitStatus.badInput,
                tr("“\(Screen.safe(text))”不是日期。", "\(Screen.safe(text)) is not a date."),
                tr("请写成 2026-05-11 这样。", "Write it as 2026-05-11."))
        }
        return Timestamp(milliseconds: Int64((moved.timeIntervalSince1970 * 1000).rounded()))
    }
}

extension Finder {
    /// Whom a name or an id means: those who write, and records of people by their title or id.
    func people(_ text: String) throws -> SearchQuery.People {
        let listed = try replica.roster()?.roster.people ?? []
        let authors = listed.filter { $0.id == text || Filter.folded($0.name) == Filter.folded(text) }.map(\.id)
        var records = Set(try ShortID(text).map { try replica.records(beginning: $0, limit: 10) } ?? [])
        // Whatever a field can refer to may be a person; a record is meant if its title has the name.
        let targets = folder.catalogue.types.flatMap { $0.fields.compactMap(\.target) }
        var query = SearchQuery("\"\(text)\"")
        query.types = Set(targets.map { TypeKey($0) })
        query.limit = 1_000
        if !query.isWithoutWords {
            for hit in try folder.search(query) where Filter.folded(showing.title(hit.state)).contains(Filter.folded(text)) {
                records.insert(hit.record)
            }
        }
        guard !authors.isEmpty || !records.isEmpty else {
            throw Explanation(
                "person-unknown", exit: ExitStatus.notFound,
                tr("本机没有叫“\(Screen.safe(text))”的人。", "Nobody here is called \(Screen.safe(text))."),
                tr("请写姓名、名册里的代号，或此人记录的编号。", "Give a name, the roster's id, or the id of the person's record."))
        }
        return SearchQuery.People(authors: Set(authors), records: records)
    }
}

extension Showing {
    /// A hit: its line, and below it where the words stand.
    func lines(_ hit: SearchHit) -> [String] {
        let title = title(hit.state)
        let shown = title == short(hit.record) ? tr("（没有标题）", "(no title)") : Screen.safe(Screen.cut(title, to: 50))
        let day = hit.state.changed.map { "  " + Screen.time($0.time.rawValue).prefix(10) } ?? ""
        return ["\(short(hit.record))  \(Screen.safe(label(hit.type)))  \(shown)\(day)"]
            + hit.snippets.map { "    \(Screen.safe(label($0.field, hit.type)))\(tr("：", ": "))\(marked($0))" }
    }

    /// Found words stand out on a screen that has colours; elsewhere they are as the record has them.
    private func marked(_ snippet: SearchHit.Snippet) -> String {
        let parts = snippet.parts.map { part in
            let safe = Screen.safe(part.text.replacing("\n", with: " "))
            return part.isFound && Output.isColoured ? "\u{1B}[1m\(safe)\u{1B}[0m" : safe
        }
        return (snippet.isCutBefore ? "……" : "") + parts.joined() + (snippet.isCutAfter ? "……" : "")
    }

    func json(_ hit: SearchHit) -> JSON {
        .object([
            ("id", .string("\(hit.record)")), ("short", .string(short(hit.record))), ("type", .string(hit.type.rawValue)),
            ("scope", .string("\(hit.scope)")),
            ("title", .string(title(hit.state))),
            ("changed", hit.state.changed.map { .integer($0.time.rawValue) } ?? .null),
            (
                "snippets",
                .list(
                    hit.snippets.map { snippet in
                        .object([
                            ("field", .string(snippet.field.rawValue)), ("text", .string(snippet.text)),
                            ("found", .list(snippet.parts.filter(\.isFound).map { .string($0.text) })),
                        ])
                    })
            ),
        ])
    }
}
