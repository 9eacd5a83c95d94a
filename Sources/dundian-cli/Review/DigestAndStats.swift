// dundian review digest: what is new since yesterday. dundian review stats: how much waits, how long, who settles how fast.

import ArgumentParser
import Dundian
import Terminal

/// `1d`, `12h`, `30m`, or a day.
struct Since: ExpressibleByArgument {
    let text: String
    init?(argument: String) {
        guard Self.length(argument) != nil || Self.day(argument) != nil else { return nil }
        text = argument
    }
    private init(text: String) { self.text = text }
    static let yesterday = Since(text: "1d")
    static let month = Since(text: "30d")

    private static func length(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["d": 86_400_000, "h": 3_600_000, "m": 60_000]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()), (0...100_000).contains(number)
        else {
            return nil
        }
        return number * unit
    }

    private static func day(_ text: String) -> Int64? {
        // Midnight by the local time zone.
        guard text.count == 10 else { return nil }
        return Screen.milliseconds(ofDay: text)
    }

    func time(before now: Timestamp) -> Timestamp {
        Timestamp(milliseconds: Self.length(text).map { now.rawValue - $0 } ?? Self.day(text) ?? 0)
    }
}

struct ReviewDigest: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "digest",
            abstract: tr(
                "昨天以来有什么：新来的、重开的、等我的、逾期的、裁定了的。", "What is new since yesterday: come, open again, waiting for me, overdue, decided.")
        )
    }
    @OptionGroup var review: ReviewOptions
    @Option(
        name: .long,
        help: ArgumentHelp(tr("从什么时候起：1d、12h，或 2026-05-11。", "Since when: 1d, 12h, or 2026-05-11."), valueName: "since"))
    var since = Since.yesterday

    func run() throws {
        try review.run { desk in
            let start = since.time(before: desk.now)
            let items = try desk.replica.reviewItems(limit: .max)
            // By when it came here: what was written offline a week ago is new today.
            let new = try items.filter { item in
                let came = try (item.item.dots + item.item.more).compactMap { dot in
                    try desk.replica.origin(of: dot, in: item.scope).map { $0.received ?? $0.time }
                }
                return (came.max() ?? item.since) >= start
            }
            let decided = try desk.replica.decisions(since: start, limit: 10_000)
            let me = try desk.replica.person() ?? ""
            let mine = try items.filter { item in
                guard item.isProposed, let record = try desk.replica.record(item.item.record, in: item.scope) else { return false }
                return record.state.proposals(for: item.item).contains { !$0.writers.contains(me) }
            }
            let overdue = try items.filter { try desk.handling(of: $0).isOverdue(at: desk.now) }
            // Decided once, and asked again: somebody took it back, or what came had not seen the decision.
            let reopened =
                try new.filter { try !$0.isProposed && !desk.page($0).earlier.isEmpty }
                + items.filter { item in
                    !new.contains { $0.id == item.id } && decided.contains { $0.act == .undone && $0.id == item.id }
                }
            let again = Set(reopened.map(\.id))
            let parts: [(String, String, [QueuedItem])] = [
                ("new", tr("新来待裁定的", "New"), new.filter { !again.contains($0.id) }),
                ("reopened", tr("重开的", "Open again"), reopened), ("for_me", tr("等我同意的", "Waiting for my approval"), mine),
                ("overdue", tr("逾期的", "Overdue"), overdue),
            ]
            let most = 50
            var lines: [String] = []
            for (_, label, items) in parts {
                lines.append("\(label)\(tr("：", ": "))\(items.count)")
                for item in items.prefix(most) {
                    lines.append("  " + (try desk.line(item, try desk.replica.record(item.item.record, in: item.scope))))
                }
                if items.count > most { lines.append(tr("  …… 其余 \(items.count - most) 项", "  … \(items.count - most) more")) }
            }
            let undone = decided.filter { $0.act == .undone }.count
            lines.append(
                tr(
                    "作了裁定的：\(decided.count - undone)，撤销或退回的：\(undone)",
                    "Decided: \(decided.count - undone), taken or sent back: \(undone)"))
            for one in decided.prefix(most) { lines += desk.lines(one).map { "  " + $0 } }
            review.options.show(
                .object(
                    [("since", .integer(start.rawValue))] + parts.map { ($0.0, .list($0.2.map { .string("\($0.id)") })) } + [
                        ("decided", .list(decided.map(desk.showing.decisionJSON)))
                    ]), lines)
        }
    }
}

struct ReviewStats: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "stats",
            abstract: tr("待裁定的有多少、等了多久；裁定用了多久，按类、按人。", "How much waits and how long; how long settling took, by kind and person."))
    }
    @OptionGroup var review: ReviewOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("裁定从什么时候算起：30d、12h，或 2026-05-11。", "Decisions since when: 30d, 12h, or 2026-05-11."), valueName: "since"))
    var since = Since.month

    func run() throws {
        try review.run { desk in
            let items = try desk.replica.reviewItems(limit: .max)
            var seen: Set<String> = []
            let decided = try desk.replica.decisions(since: since.time(before: desk.now), limit: 1_000_000).filter { one in
                seen.insert("\(one.dot) \(one.id)").inserted
            }
            let settled = decided.filter { $0.act != .undone && $0.act != .approved }
            let objections = decided.count { $0.act == .undone }
            func age(_ items: [QueuedItem]) -> [Int64] { items.map { ReviewDesk.length(from: $0.since, to: desk.now) }.sorted() }
            func took(_ decided: [Decided]) -> [Int64] { decided.map { ReviewDesk.length(from: $0.since, to: $0.time) }.sorted() }
            let kinds = ReviewItem.Kind.allCases.filter { !$0.isNotice }
            let people = Set(settled.compactMap(\.author)).sorted { desk.person($0) < desk.person($1) }

            var open = Table(header: [
                tr("类", "Kind"), tr("待裁定", "Open"), tr("等同意", "To approve"), tr("等了（中位）", "Age (median)"), tr("最久", "Oldest"),
            ])
            open.isRight = [1, 2]
            for kind in kinds {
                let of = items.filter { $0.item.kind == kind }
                guard !of.isEmpty else { continue }
                open.rows.append([
                    desk.showing.label(kind), "\(of.count)", "\(of.count(where: \.isProposed))", Self.span(Self.median(age(of))),
                    Self.span(age(of).last),
                ])
            }
            var done = Table(header: [tr("类或人", "Kind or person"), tr("裁定", "Decided"), tr("用时（中位）", "Took (median)")])
            done.isRight = [1]
            for kind in kinds {
                let of = settled.filter { $0.item.kind == kind }
                if !of.isEmpty { done.rows.append([desk.showing.label(kind), "\(of.count)", Self.span(Self.median(took(of)))]) }
            }
            for person in people {
                let of = settled.filter { $0.author == person }
                done.rows.append([desk.person(person), "\(of.count)", Self.span(Self.median(took(of)))])
            }
            func json(_ name: String, _ key: String, _ count: Int, _ median: Int64?) -> JSON {
                .object([(key, .string(name)), ("count", .count(count)), ("median_ms", median.map(JSON.integer) ?? .null)])
            }
            review.options.show(
                .object([
                    ("open", .count(items.count)), ("proposed", .count(items.count(where: \.isProposed))),
                    ("median_age_ms", Self.median(age(items)).map(JSON.integer) ?? .null),
                    (
                        "open_by_kind",
                        .list(
                            kinds.map { kind in
                                let of = items.filter { $0.item.kind == kind }
                                return json(kind.name, "kind", of.count, Self.median(age(of)))
                            })
                    ),
                    ("decided", .count(settled.count)), ("undone", .count(objections)),
                    (
                        "decided_by_kind",
                        .list(
                            kinds.map { kind in
                                let of = settled.filter { $0.item.kind == kind }
                                return json(kind.name, "kind", of.count, Self.median(took(of)))
                            })
                    ),
                    (
                        "decided_by_person",
                        .list(
                            people.map { person in
                                let of = settled.filter { $0.author == person }
                                return json(person, "person", of.count, Self.median(took(of)))
                            })
                    ),
                ]),
                [
                    tr(
                        "待裁定 \(items.count) 项，其中等同意 \(items.count(where: \.isProposed)) 项。",
                        "\(items.count) items wait, \(items.count(where: \.isProposed)) of them for approval.")
                ]
                    + (items.isEmpty ? [] : open.lines(width: Output.width))
                    + [
                        tr(
                            "裁定 \(settled.count) 次，撤销或退回 \(objections) 次（自 \(since.text)）。",
                            "Decided \(settled.count), taken or sent back \(objections) (since \(since.text)).")
                    ]
                    + (settled.isEmpty ? [] : done.lines(width: Output.width)))
        }
    }

    private static func median(_ sorted: [Int64]) -> Int64? { sorted.isEmpty ? nil : sorted[(sorted.count - 1) / 2] }
    private static func span(_ milliseconds: Int64?) -> String { milliseconds.map { ReviewDesk.span($0) } ?? "" }
}
