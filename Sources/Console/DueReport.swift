// What is to be answered or put right by when, with what waits and nobody can say until when.

package import Causality
import Journals
package import Records
package import Replicas
package import Supervision
package import Terminal

package struct DueReport {
    /// Something that is due.
    package struct Item: Hashable, Sendable {
        package var id: RecordID
        package var type: TypeKey
        package var due: Day
        /// Days of the calendar from the day asked about; less than 0: overdue.
        package var left: Int
        /// The next year's announcement may yet move it.
        package var mayChange = false
    }

    package let day: Day
    /// Due first, first.
    package private(set) var items: [Item]
    /// What waits, and no day says since when or until when.
    package private(set) var undated: [RecordID] = []
    /// What hangs on a field that waits for review.
    package private(set) var disputed: [RecordID] = []
    /// Years whose holidays would have to be known.
    package private(set) var missingYears: [Int] = []
    private let asked: AskedScopes
    private let titles: CaseFile
    private let limit: Int

    /// - Parameters:
    ///   - overdue: whether only what is overdue is listed.
    ///   - limit: how many items are shown; they are counted all.
    package init(
        of replica: Replica, catalogue: Catalogue, calendar: WorkingCalendar, on day: Day, overdue: Bool, restricted: Bool,
        limit: Int
    ) throws {
        var asked = try AskedScopes(of: replica, catalogue: catalogue, restricted: restricted)
        var items: [Item] = []
        var (undated, disputed): ([RecordID], [RecordID]) = ([], [])
        var years: Set<Int> = []
        // Many letters go out on one day.
        var known: [[Int]: Day] = [:]
        try asked.forEach("letter") { record in
            let reply = AwaitedReply(to: record.reading) { days, day throws(MissingYear) in
                if let due = known[[days, day.number]] { return due }
                let due = try calendar.due(days, workingDaysAfter: day)
                known[[days, day.number]] = due
                return due
            }
            switch reply {
            case .notAwaited: break
            case .due(let due):
                items.append(
                    Item(
                        id: record.id, type: "letter", due: due, left: due.number - day.number, mayChange: calendar.mayChange(due)))
            case .undated: undated.append(record.id)
            case .disputed: disputed.append(record.id)
            case .unknownYear(let year): years.insert(year)
            }
        }
        try asked.forEach("rectification") { record in
            switch (record.reading("state"), record.reading("deadline")) {
            case (.contested, _): disputed.append(record.id)
            case (.value(.text(let state)), let deadline) where ["open", "under_way"].contains(state):
                switch deadline {
                case .contested: disputed.append(record.id)
                case .none: undated.append(record.id)
                case .value(let value):
                    guard let due = Day(of: value) else { return undated.append(record.id) }
                    items.append(Item(id: record.id, type: "rectification", due: due, left: due.number - day.number))
                }
            default: break
            }
        }
        items = items.filter { !overdue || $0.left < 0 }.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
        (self.day, self.items, self.asked, self.limit) = (day, items, asked, limit)
        (self.undated, self.disputed, missingYears) = (undated.sorted(), disputed.sorted(), years.sorted())
        titles = try replica.titled(items.prefix(limit).map(\.id) + undated.prefix(limit) + disputed.prefix(limit), by: catalogue)
    }

    package func lines(_ t: Language, width: Int?) throws -> [String] {
        let shown = items.prefix(limit)
        var table = Table(header: [t("编号", "Id"), t("类型", "Type"), t("事项", "What"), t("到期", "Due"), t("还剩", "Left")])
        table.rows = shown.map { item in
            [
                ShortID(item.id).description, Screen.safe(titles.catalogue.type(item.type)?.label[t] ?? ""),
                Screen.safe(titles.title(item.id)[t]),
                "\(item.due)" + (item.mayChange ? t("（待定）", " (may change)") : ""),
                item.left < 0 ? t("超期 \(-item.left) 天", "\(-item.left) days over") : t("\(item.left) 天", "\(item.left) days"),
            ]
        }
        var lines = items.isEmpty ? [t("没有到期的。", "Nothing is due.")] : table.lines(width: width)
        if items.count > shown.count {
            lines.append(
                t(
                    "共 \(items.count) 项，这里是最早到期的 \(shown.count) 项；更多：--limit。",
                    "\(items.count) in all, the \(shown.count) due first are here; more: --limit."))
        }
        for (ids, heading) in [
            (undated, t("在等，没有写日期，算不出期限：", "Waiting, and without the day that would say until when:")),
            (disputed, t("等待裁定，说不清期限：", "In review, so that nobody can say until when:")),
        ] where !ids.isEmpty {
            lines.append(heading)
            lines += ids.prefix(limit).map { "  \(ShortID($0).description)  " + Screen.safe(titles.title($0)[t]) }
            if ids.count > limit { lines.append(t("  ……共 \(ids.count) 项", "  … \(ids.count) in all")) }
        }
        return try lines + missingYears.map { Explanation(MissingYear(year: $0), t).message } + asked.notes(t, atCentre: "due")
    }

    package func json(_ t: Language) throws -> JSON {
        .object([
            ("on", .string("\(day)")), ("total", .count(items.count)), ("overdue", .count(items.count { $0.left < 0 })),
            (
                "items",
                .list(
                    items.prefix(limit).map { item in
                        .object([
                            ("id", .string("\(item.id)")), ("type", .string(item.type.rawValue)),
                            ("title", .string(titles.title(item.id)[t])), ("due", .string("\(item.due)")),
                            ("days_left", .count(item.left)), ("may_change", .flag(item.mayChange)),
                        ])
                    })
            ), ("undated", .list(undated.map { .string("\($0)") })), ("disputed", .list(disputed.map { .string("\($0)") })),
            ("missing_years", .list(missingYears.map(JSON.count))), ("restricted_left_out", .count(asked.leftOut)),
            ("archived_left_out", .list(try asked.departed().map { .string($0) })),
        ])
    }
}
