// dundian review list: what waits, by whom, where, how long; filtered and sorted.

import ArgumentParser
import Dundian
import Terminal

/// Which items are meant; shared by list, batch and the session.
struct ItemFilter: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp(tr("只看这个范围。", "Only this scope."), valueName: "scope")) var scope: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("只看这一类：", "Only this kind: ") + ReviewItem.Kind.allCases.filter { !$0.isNotice }.map(\.name).joined(separator: " "),
            valueName: "kind"))
    var kind: String?
    @Option(
        name: .long,
        help: ArgumentHelp(tr("只看涉及这个人所写的。", "Only where this person wrote something in dispute."), valueName: "person"))
    var person: String?
    @Option(name: .long, help: ArgumentHelp(tr("只看这类记录。", "Only records of this type."), valueName: "type")) var type: String?
    @Option(name: .long, help: ArgumentHelp(tr("只看等了至少这么多天的。", "Only what has waited at least so many days."), valueName: "days"))
    var days: Int?
    @Flag(name: .long, help: ArgumentHelp(tr("只看我认领的或请我办的。", "Only what I claimed, or was asked to do."))) var mine = false
    @Flag(name: .long, help: ArgumentHelp(tr("只看等人同意的。", "Only what waits for approval."))) var proposed = false
    @Flag(name: .long, help: ArgumentHelp(tr("只看逾期的。", "Only what is overdue."))) var overdue = false

    func validate() throws {
        if let kind, !ReviewItem.Kind.allCases.contains(where: { $0.name == kind && !$0.isNotice }) {
            throw ValidationError(tr("没有这一类：\(Screen.safe(kind))。", "There is no kind \(Screen.safe(kind))."))
        }
        if let days, !(0...36_500).contains(days) {
            throw ValidationError(tr("--days 从 0 到 36500。", "--days is from 0 to 36500."))
        }
    }

    var isEmpty: Bool {
        scope == nil && kind == nil && person == nil && type == nil && days == nil && !mine && !proposed && !overdue
    }

    /// The open items that are meant, the oldest first.
    /// - Complexity: O(open items); `mine` and `overdue` look up what was said about each that is left.
    func items(_ desk: ReviewDesk) throws -> [QueuedItem] {
        let scopeID = try scope.map { try desk.finder.scope($0, for: nil) }
        let personID = try person.map(desk.personID)
        let typeKey = type.map { desk.finder.type($0).key }
        let before = days.map { desk.now.rawValue - Int64($0) * 86_400_000 }
        let me = mine ? try desk.replica.person() : nil
        return try desk.replica.reviewItems(in: scopeID, limit: .max).filter { item in
            guard kind == nil || item.item.kind.name == kind, !proposed || item.isProposed, typeKey == nil || item.type == typeKey,
                personID.map({ item.people.contains($0) }) ?? true, before.map({ item.since.rawValue <= $0 }) ?? true
            else { return false }
            guard mine || overdue else { return true }
            let handling = try desk.handling(of: item)
            let isMine = me != nil && (handling.claim?.author == me || handling.assignment?.person == me)
            return (!mine || isMine) && (!overdue || handling.isOverdue(at: desk.now))
        }
    }
}

struct ReviewList: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: tr("列出等待裁定的各项，最早的在前。", "List what waits for review, the oldest first."))
    }
    @OptionGroup var review: ReviewOptions
    @OptionGroup var filter: ItemFilter
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("排序：age 最早的在前，new 最新的在前，record 按记录，kind 按类。", "Order: age (oldest first), new, record, kind."), valueName: "order"))
    var sort = "age"
    @Option(name: .long, help: ArgumentHelp(tr("最多多少项。", "At most this many."), valueName: "count")) var limit = 100

    func validate() throws {
        guard ["age", "new", "record", "kind"].contains(sort) else {
            throw ValidationError(tr("--sort 可用：age new record kind。", "--sort is one of: age new record kind."))
        }
    }

    func run() throws {
        try review.run { desk in
            var items = try filter.items(desk)
            let total = items.count
            switch sort {
            case "new": items.reverse()
            // What is equal stays in the order of age.
            case "record":
                items = items.sorted { $0.item.record != $1.item.record ? $0.item.record < $1.item.record : $0.since < $1.since }
            case "kind":
                items = items.sorted {
                    $0.item.kind != $1.item.kind ? $0.item.kind.rawValue < $1.item.kind.rawValue : $0.since < $1.since
                }
            default: break
            }
            let shown = try items.prefix(max(0, limit)).map {
                (item: $0, record: try desk.replica.record($0.item.record, in: $0.scope))
            }
            let json = try shown.map { try desk.json($0.item, $0.record) }
            let lines = try lines(shown, total, desk)
            review.options.show(.object([("total", .count(total)), ("items", .list(json))]), lines)
        }
    }

    private func lines(_ shown: [(item: QueuedItem, record: Record?)], _ total: Int, _ desk: ReviewDesk) throws -> [String] {
        if total == 0 { return [filter.isEmpty ? tr("没有等待裁定的事项。", "Nothing waits for review.") : tr("没有符合的事项。", "Nothing fits.")] }
        var lines = try shown.map { try desk.line($0.item, $0.record) }
        if shown.count < total {
            lines.append(
                tr(
                    "共 \(total) 项，以上 \(shown.count) 项；其余用 --limit 或筛选。",
                    "\(total) items, \(shown.count) shown; see more with --limit, or filter."))
        }
        return lines
    }
}

extension ReviewDesk {
    /// An item on one line: what, then age and where it stands.
    func line(_ item: QueuedItem, _ record: Record?) throws -> String {
        var words = [age(item)]
        if needsSecondPerson(item) { words.append(tr("须两人", "two persons")) }
        let handling = try handling(of: item)
        if item.isProposed { words.append(tr("等同意", "awaits approval")) }
        if let claim = handling.claim { words.append(tr("\(person(claim.author)) 认领", "claimed by \(person(claim.author))")) }
        if let asked = handling.assignment?.person { words.append(tr("请了 \(person(asked))", "asked: \(person(asked))")) }
        if handling.isOverdue(at: now) { words.append(tr("逾期", "overdue")) }
        return showing.line(item, record, check: item.item.kind == .brokenCheck ? subject(item) : nil)
            + "  〔" + words.joined(separator: tr("，", ", ")) + "〕"
    }

    /// What a program reads of an item in a list.
    func json(_ item: QueuedItem, _ record: Record?) throws -> JSON {
        guard case .object(let members) = showing.json(item, record) else { return .null }
        let handling = try handling(of: item)
        return .object(
            members + [
                ("people", .list(item.people.map(JSON.string))), ("sensitivity", .string(sensitivity(item).rawValue)),
                ("second_person", .flag(needsSecondPerson(item))),
                ("status", .string(item.isProposed ? "proposed" : handling.claim != nil ? "claimed" : "open")),
                ("claimed_by", .optional(handling.claim?.author)), ("assigned_to", .optional(handling.assignment?.person)),
                ("overdue", .flag(handling.isOverdue(at: now))), ("other", .optional(item.item.other.map { "\($0)" })),
            ])
    }
}
