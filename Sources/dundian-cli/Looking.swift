// The verbs that look: list and show.

import ArgumentParser
import Dundian
import Terminal

struct ListVerb<let place: Int>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let command = VerbPlace(place).command
        return CommandConfiguration(
            commandName: "list", abstract: tr("列出，最近改动的在前。", "List them, the newest change first."),
            discussion: tr(
                "条件可写几个，须同时满足：字段=值、字段!=值、字段~文字（含有）、字段>值、字段<值、>=、<=；changed 是最近改动的时间。含 > 或 < 的条件请用引号括起来。\n例：\(command) list \(VerbPlace(place).type == nil ? "talk " : "")'changed>2026-05-01' --limit 20",
                "Several conditions must all hold: field=value, field!=value, field~text (contains), field>value, field<value, >=, <=; changed is when it was last changed. Quote those with > or <.\nExample: \(command) list \(VerbPlace(place).type == nil ? "talk " : "")'changed>2026-05-01' --limit 20"
            ))
    }
    @OptionGroup var options: Options
    @Argument(
        help: ArgumentHelp(
            VerbPlace(place).type == nil ? tr("类型，随后是条件。", "The type, then conditions.") : tr("条件。", "Conditions."),
            valueName: VerbPlace(place).type == nil ? "type condition" : "condition"))
    var words: [String] = []
    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp(
            tr("按字段排序，前加 - 则倒序；changed：最近改动的在前。", "Sort by a field, - before it: descending; changed: the newest change first."),
            valueName: "field"))
    var sort: String?
    @Option(name: .long, help: ArgumentHelp(tr("要显示的字段，用逗号隔开。", "Fields to show, with commas between."), valueName: "a,b,c"))
    var columns: String?
    @Option(name: .long, help: ArgumentHelp(tr("只列这个范围。", "Only this scope."), valueName: "scope")) var scope: String?
    @Flag(name: .long, help: ArgumentHelp(tr("只列等待裁定的。", "Only those that wait for review."))) var contested = false
    @Flag(name: .long, help: ArgumentHelp(tr("只列已删除的。", "Only deleted ones."))) var deleted = false
    @Option(name: .long, help: ArgumentHelp(tr("最多多少条。", "At most this many."), valueName: "count")) var limit = 50
    @Option(name: .long, help: ArgumentHelp(tr("跳过前面多少条。", "Skip this many."), valueName: "count")) var offset = 0

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let showing = finder.showing
            var (key, type, conditions) = (VerbPlace(place).type.map { TypeKey($0.key) }, VerbPlace(place).type, words)
            if key == nil, let first = words.first, !first.contains(where: { "=~<>".contains($0) }) {
                (key, type) = finder.type(first)
                conditions.removeFirst()
            }
            var listing = Listing()
            listing.type = key
            listing.scope = try scope.map { try finder.scope($0, for: nil) }
            (listing.isOfDeleted, listing.isOfContested) = (deleted, contested)
            (listing.limit, listing.offset) = (max(0, limit), max(0, offset))
            listing.filters = try conditions.map { try Filter($0, type: type, tr, records: finder.records) }
            if let sort { listing.order = try Listing.Order(sort, type: type, tr) }
            let shown = try columns.map { try named($0, type) }
            let (records, total) = try listing.page(of: folder.replica, by: folder.catalogue) { showing.title($0) }
            options.show(
                .object([("records", .list(records.map { showing.json($0) })), ("total", .count(total))]),
                records.isEmpty
                    ? [total == 0 ? tr("没有记录。", "No records.") : tr("共 \(total) 条，这一页没有。", "\(total) in all, none on this page.")]
                    : showing.table(records, type, shown).lines(width: Output.width) + [count(records.count, of: total)])
        }
    }

    private func count(_ shown: Int, of total: Int) -> String {
        if shown == total { return tr("共 \(total) 条。", "\(total) in all.") }
        let (first, last) = (offset + 1, offset + shown)
        let next = last < total ? tr("；后面的：--offset \(last)", "; the next: --offset \(last)") : ""
        return tr("共 \(total) 条，这里是第 \(first)–\(last) 条", "\(total) in all, here \(first)-\(last)") + next + tr("。", ".")
    }

    private func named(_ columns: String, _ type: Catalogue.RecordType?) throws -> [FieldKey] {
        try columns.split(whereSeparator: { ",，、".contains($0) }).map { name in
            if name == Filter.changed { return FieldKey(Filter.changed) }
            if let type, type.field(named: String(name)) == nil { throw FieldParser.unknown(String(name), of: type, tr) }
            return FieldKey(type?.field(named: String(name))?.key ?? String(name))
        }
    }
}

extension Showing {
    /// Records as a table. Without a type, or with one the catalogue does not know, each has its title.
    func table(_ records: [Record], _ type: Catalogue.RecordType?, _ columns: [FieldKey]?) -> Table {
        let fields = columns ?? type?.usualColumns.map { FieldKey($0.key) }
        let number = tr("编号", "Id")
        guard let fields else {
            var table = Table(header: [number, tr("类型", "Type"), tr("标题", "Title"), tr("改动", "Changed")])
            table.rows = records.map {
                [short($0.id), Screen.safe(label($0.type)), marks($0) + Screen.safe(title($0)), day($0)]
            }
            return table
        }
        let changed = FieldKey(Filter.changed)
        let shown = fields.contains(changed) || columns != nil ? fields : fields + [changed]
        var table = Table(
            header: [number]
                + shown.map {
                    $0 == changed ? tr("改动", "Changed") : Screen.safe(type?.field($0.rawValue)?.label[tr] ?? $0.rawValue)
                })
        for (i, key) in shown.enumerated() {
            if let kind = type?.field(key.rawValue)?.kind, kind == .integer || kind == .decimal { table.isRight.insert(i + 1) }
        }
        table.rows = records.map { record in
            var cells = shown.map { $0 == changed && record[$0] == nil ? day(record) : cell(record, $0) }
            if !cells.isEmpty { cells[0] = marks(record) + cells[0] }
            return [short(record.id)] + cells
        }
        return table
    }

    private func day(_ record: Record) -> String {
        record.state.changed.map { String(Screen.time($0.time.rawValue).prefix(16)) } ?? ""
    }

    private func cell(_ record: Record, _ key: FieldKey) -> String {
        let text: String
        if let number = officialNumber(record, key) { return Screen.safe(number) }
        switch record[key] {
        case nil: text = ""
        case .settled(let candidate, _, _)?: text = self.text(candidate.value, key, record.type)
        case .contested(let provisional, _)?: text = tr("【未定】", "[contested] ") + self.text(provisional.value, key, record.type)
        case .set(let elements)?: text = elements.map { self.text($0.value, key, record.type) }.joined(separator: tr("、", ", "))
        }
        return Screen.safe(text.replacing("\n", with: " "))
    }
}

// MARK: Show

struct ShowVerb<let place: Int>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: tr("显示一条。", "Show one."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("记录编号，可只写开头。", "The record's id, or its beginning."), valueName: "id")) var id: String

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let record = try VerbPlace(place).record(id, finder, verb: "show")
            let history = try folder.replica.history(of: record.id)
            let showing = finder.showing
            let advice = showing.openAdvice(record.id)
            let amendments = try finder.amendments(of: record)
            guard case .object(let members) = showing.json(record) else { return }
            options.show(
                .object(
                    members + [
                        ("advice", .list(advice.map(showing.json))), ("amendments", .list(amendments.map { .string("\($0.id)") })),
                    ]),
                showing.lines(record, history) + showing.lines(amendments: amendments) + advice.flatMap(showing.lines))
        }
    }
}

extension Showing {
    /// A record to be read: every field with its label; who wrote what, where it was not the one who made the record.
    func lines(_ record: Record, _ history: [HistoryEdit]) -> [String] {
        let first = history.first
        var lines = ["\(Screen.safe(label(record.type)))  \(short(record.id))"]
        for edit in history where record.state.standingDeletes.contains(edit.dot) {
            let reason = edit.writes.compactMap { $0.reason?.text }.first.map { tr("，理由：", ", reason: ") + Screen.safe($0) }
            lines.append(tr("【已删除】", "[deleted] ") + by(edit.author, edit.time) + (reason ?? ""))
        }
        let known = catalogue.type(record.type)?.fields.map { FieldKey($0.key) } ?? []
        let shown = (known + record.fields.map(\.key).filter { !known.contains($0) }).filter {
            record[$0] != nil || catalogue.type(record.type)?.field($0.rawValue)?.given == .numbering
        }
        let width = min(24, shown.map { Screen.width(Screen.safe(label($0, record.type))) }.max() ?? 0)
        for key in shown {
            if let number = officialNumber(record, key) {
                lines.append(
                    "  " + Screen.padded(Screen.safe(label(key, record.type)) + tr("：", ":"), to: width + 3) + Screen.safe(number))
                continue
            }
            guard let outcome = record[key], !isCleared(outcome) else { continue }
            if let telling = telling(of: key, in: record) {
                lines += self.lines(telling, outcome, key, record.type)
            } else {
                lines += self.lines(outcome, key, record.type, madeBy: first, width)
            }
        }
        if let first { lines.append(tr("建立：", "Made by: ") + by(first.author, first.time)) }
        if let changed = record.state.changed, changed.dot != first?.dot {
            lines.append(tr("最近改动：", "Last changed by: ") + by(changed.author, changed.time))
        }
        for item in record.items {
            lines.append(tr("等待裁定：", "Waits for review: ") + label(item.item.kind) + "  dundian review show \(short(item.id))")
        }
        if let line = attachmentsLine((try? Finder(folder: folder).attachments(of: record)) ?? []) { lines.append(line) }
        let missing = self.missing(record)
        if !missing.isEmpty {
            lines.append(tr("还没有填：", "Still missing: ") + missing.joined(separator: tr("、", ", ")))
        }
        for other in joined.members(with: record.id) where other != record.id {
            lines.append(
                tr("是同一事项，也请看：", "The same as, to be read with it: ")
                    + "\(short(other))  \(Screen.safe(Screen.cut(title(other), to: 40)))")
        }
        return lines
    }

    /// What there is to tell of texts that were written apart; nil where none were.
    func telling(of key: FieldKey, in record: Record) -> MergeTelling? {
        guard let merge = merge(of: key, in: record), let candidates = record.state[key]?.candidates else { return nil }
        return MergeTelling(merge, sides: candidates.map { by($0.author, $0.time) }, tr)
    }

    private func lines(_ telling: MergeTelling, _ outcome: Outcome, _ key: FieldKey, _ type: TypeKey) -> [String] {
        let name = Screen.safe(label(key, type))
        var lines = block("  " + name + tr("：", ": "), name, telling.text, true)
        let (merged, open) = (telling.merged(isColoured: Output.isColoured), telling.open(isColoured: Output.isColoured))
        if !open.isEmpty {
            lines.append("      " + tr("【未定】同一句各有各的写法：", "[contested] one sentence written in several ways:"))
            lines += open.map { "        " + $0 }
        }
        if !merged.isEmpty {
            lines.append("      " + tr("各改各的，已自行合并：", "changed apart, and merged by itself:"))
            lines += merged.map { "        " + $0 }
        }
        return lines
    }

    private func isCleared(_ outcome: Outcome) -> Bool {
        if case .settled(let candidate, _, _) = outcome { candidate.value == .value(.empty) } else { false }
    }

    func by(_ author: String?, _ time: Timestamp) -> String {
        "\(Screen.safe(person(author)))  \(Screen.time(time.rawValue).prefix(16))"
    }

    private func lines(
        _ outcome: Outcome, _ key: FieldKey, _ type: TypeKey, madeBy first: HistoryEdit?, _ width: Int
    ) -> [String] {
        let name = Screen.safe(label(key, type))
        let head = "  " + Screen.padded(name + tr("：", ":"), to: width + 3)
        switch outcome {
        case .settled(let candidate, let overridden, _):
            var lines = block(head, name, named(candidate.value, key, type), isLong(key, type))
            if candidate.dot != first?.dot {
                lines[lines.count - 1] += tr("  〔", "  [") + by(candidate.author, candidate.time) + tr("〕", "]")
            }
            return lines
                + overridden.map {
                    tr("      按规则未取：", "      passed over by rule: ") + Screen.safe(named($0.value, key, type))
                        + tr("  〔", "  [") + by($0.author, $0.time) + tr("〕", "]")
                }
        case .contested(_, let among):
            return [head + tr("【未定】有 \(among.count) 个值：", "[contested] \(among.count) values:")]
                + among.enumerated().flatMap { i, candidate in
                    ["    \(i + 1)) \(by(candidate.author, candidate.time))"]
                        + Paragraph.lines(
                            Screen.safe(named(candidate.value, key, type), lines: true), indent: 7, width: Output.width)
                }
        case .set(let elements):
            let text = elements.map { named($0.value, key, type) }.joined(separator: tr("、", ", "))
            return block(head, name, text, false)
        }
    }

    private func isLong(_ key: FieldKey, _ type: TypeKey) -> Bool {
        catalogue.type(type)?.field(key.rawValue)?.kind == .longText
    }

    /// Short text beside its label, long text below it.
    private func block(_ head: String, _ name: String, _ text: String, _ isLong: Bool) -> [String] {
        let safe = Screen.safe(text, lines: true)
        if !isLong, !safe.contains("\n") { return [head + safe] }
        return ["  " + name + tr("：", ":")] + Paragraph.lines(safe, indent: 6, width: Output.width)
    }

    /// A value, and for a reference the id to go on with.
    private func named(_ content: Content, _ key: FieldKey, _ type: TypeKey) -> String {
        guard case .reference(let id)? = content.value else { return text(content, key, type) }
        let (title, short) = (self.title(id), self.short(id))
        return title == short ? short : "\(title)\(tr("（", " ("))\(short)\(tr("）", ")"))"
    }
}
