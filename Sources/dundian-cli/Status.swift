// dundian status: on one screen, can I close the lid, what is only here, when did the centre last confirm what, what waits for me.

import ArgumentParser
import Dundian
import Terminal

struct Status: ParsableCommand {
    /// The setting that keeps when this replica last synced, by its own clock.
    static let lastSync = "last-sync"
    static let titlesMax = 4
    private static let scopesMax = 5
    private static let itemsMax = 3

    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "status",
            abstract: tr("能合上电脑吗？有什么只在本机，有什么在等我。", "Can I close the lid: what is only here, what waits for me."))
    }
    @OptionGroup var options: Options

    func run() throws {
        try options.run { folder in
            let facts = try StatusFacts(folder)
            let width = Output.width ?? .max
            options.show(
                facts.json,
                facts.roster == nil
                    ? [tr("还没有加入中心服务。请运行：dundian join 地址 加入码", "Not joined yet. Run: dundian join URL CODE")]
                    : lines(facts).map { Screen.cut($0, to: width) })
        }
    }

    private func lines(_ facts: StatusFacts) -> [String] {
        let showing = facts.showing
        var lines = Reports.lid(
            unconfirmed: facts.work.count, onlyHere: facts.work.onlyHere, alsoOn: facts.alsoOn, drafts: facts.drafts, tr)
        lines += facts.onlyHere.prefix(Self.titlesMax).map { "  " + showing.line($0) }
        if facts.onlyHereMore { lines.append(tr("  ……", "  ...")) }
        lines.append("")
        lines.append(
            tr("使用者：", "Person: ") + Screen.safe(facts.person ?? "?") + tr("，设备：", ", device: ") + Screen.safe(facts.device ?? "?")
                + tr("，本机有记录 \(facts.records) 条。", ", \(facts.records) records here."))
        lines.append(
            tr("上次同步：", "Last sync: ") + (facts.lastSync.map { String(Screen.time($0).prefix(16)) } ?? tr("还没有过", "never"))
                + tr("。中心签收到：", ". The centre confirmed up to:"))
        for scope in facts.scopes.filter({ $0.archive == nil || facts.here.contains($0.id) }).prefix(Self.scopesMax) {
            let confirmation = facts.confirmation(scope)
            let when = confirmation?.time.map { String(Screen.time($0.rawValue).prefix(16)) } ?? tr("还没有签收过", "never")
            let count = confirmation?.unconfirmed ?? 0
            lines.append(
                "  \(when)  \(Screen.safe(scope.title))" + tr("（", " (") + Screen.safe(scope.name) + tr("）", ")")
                    + (count > 0 ? tr("，未签收 \(count) 条", ", \(count) unconfirmed") : "")
                    + (scope.archive.map { archive in
                        let until = Screen.time(archive.keptUntil.rawValue).prefix(10)
                        return tr("，已归档，中心留存到 \(until)", ", archived; the centre keeps it until \(until)")
                    } ?? ""))
        }
        if facts.scopes.count > Self.scopesMax {
            let more = facts.scopes.count - Self.scopesMax
            lines.append(tr("  另有 \(more) 个范围：dundian status --json", "  and \(more) more scopes: dundian status --json"))
        }
        lines.append("")
        if facts.waiting == 0 {
            lines.append(tr("没有等待裁定的事项。", "Nothing waits for review."))
        } else {
            lines.append(
                tr(
                    "等待裁定 \(facts.waiting) 项，其中与你有关 \(facts.mine.count) 项：dundian review list",
                    "Waiting for review: \(facts.waiting), of which \(facts.mine.count) concern you: dundian review list"))
            lines += facts.mine.prefix(Self.itemsMax).map { "  " + showing.line($0.item, $0.record) }
        }
        if facts.quarantined > 0 {
            lines.append(
                tr(
                    "隔离 \(facts.quarantined) 件验证不过的内容：dundian check",
                    "\(facts.quarantined) pieces did not verify and are in quarantine: dundian check"))
        }
        return lines + expiry(facts)
    }

    private func expiry(_ facts: StatusFacts) -> [String] {
        guard let roster = facts.roster else { return [] }
        let left = roster.expires.rawValue - SystemClock().now().rawValue
        let day = Screen.time(roster.expires.rawValue).prefix(10)
        if left < 0 {
            return [
                tr("名册（第 \(roster.version) 版）已于 \(day) 过期，请同步。", "The roster (version \(roster.version)) expired on \(day); sync.")
            ]
        }
        if left < 14 * 86_400_000 {
            return [
                tr(
                    "名册（第 \(roster.version) 版）将于 \(day) 过期，请在此前同步。",
                    "The roster (version \(roster.version)) expires on \(day); sync before.")
            ]
        }
        return [tr("名册第 \(roster.version) 版，有效到 \(day)。", "Roster \(roster.version), valid to \(day).")]
    }
}

/// What a status is told from.
struct StatusFacts {
    let showing: Showing
    let roster: Roster?
    let device: String?
    let person: String?
    let scopes: [Roster.Scope]
    /// The scopes of which something is here.
    let here: Set<ScopeID>
    let confirmations: [Confirmation]
    let work: UnconfirmedWork
    /// The other laptops that hold some of what the centre has not confirmed.
    let alsoOn: [String]
    let onlyHere: [Record]
    let onlyHereMore: Bool
    let records: Int
    let waiting: Int
    let mine: [(item: QueuedItem, record: Record)]
    /// What was begun and not saved yet, in forms or by other programs.
    let drafts: Int
    let quarantined: Int
    let lastSync: Int64?
    let service: String?
    let replicaID: ReplicaID

    func confirmation(_ scope: Roster.Scope) -> Confirmation? { confirmations.first { $0.scope == scope.id } }

    init(_ folder: ReplicaFolder) throws {
        let replica = folder.replica
        showing = Showing(folder: folder)
        roster = try replica.roster()?.roster
        let me = roster?.device(replica.key)
        device = me?.name
        person = me.flatMap { [roster] in roster?.person($0.person)?.name }
        scopes = roster?.scopes(of: replica.key) ?? []
        confirmations = try replica.confirmations()
        here = Set(confirmations.map(\.scope))
        work = try replica.unconfirmedWork()
        alsoOn = work.devices.compactMap { [roster] in roster?.name(of: $0) }
        let unconfirmed = try replica.unconfirmedRecords(limit: 6, beyond: work.known)
        onlyHere = try unconfirmed.compactMap { try replica.record($0.record, in: $0.scope) }
        onlyHereMore = unconfirmed.count > Status.titlesMax
        records = try replica.recordCount()
        waiting = try replica.reviewItemCount()
        let items = try replica.reviewItems(limit: 1_000)
        mine = try items.compactMap { [person] item in
            guard let record = try replica.record(item.item.record, in: item.scope),
                record.state.concerns(me?.person, named: person)
            else { return nil }
            return (item, record)
        }
        drafts = try DraftBox(folder).all().count + replica.drafts().count { !$0.key.hasPrefix(DraftBox.prefix) }
        quarantined = try replica.quarantined(limit: 1_000).count
        lastSync = try replica.setting(Status.lastSync).flatMap { Int64($0) }
        service = try replica.setting("service-url")
        replicaID = try replica.replicaID()
    }

    var json: JSON {
        .object([
            ("joined", .flag(roster != nil)), ("person", .optional(person)), ("device", .optional(device)),
            ("replica", .string("\(replicaID)")), ("service", .optional(service)), ("records", .count(records)),
            ("waiting_for_review", .count(waiting)), ("waiting_for_me", .count(mine.count)), ("drafts", .count(drafts)),
            ("quarantined", .count(quarantined)), ("unconfirmed", .count(work.count)),
            ("unconfirmed_only_here", .count(work.onlyHere)), ("also_on", .list(alsoOn.map { .string($0) })),
            ("last_sync", lastSync.map { .integer($0) } ?? .null),
            ("roster", roster.map { .integer(Int64($0.version)) } ?? .null),
            ("roster_expires", roster.map { .integer($0.expires.rawValue) } ?? .null),
            (
                "only_here",
                .list(
                    onlyHere.prefix(5).map {
                        .object([
                            ("id", .string("\($0.id)")), ("short", .string(showing.short($0.id))),
                            ("type", .string($0.type.rawValue)), ("title", .string(showing.title($0))),
                        ])
                    })
            ),
            (
                "scopes",
                .list(
                    scopes.map { scope in
                        .object([
                            ("name", .string(scope.name)), ("title", .string(scope.title)), ("id", .string("\(scope.id)")),
                            ("archived_at", scope.archive.map { .integer($0.since.rawValue) } ?? .null),
                            ("kept_until", scope.archive.map { .integer($0.keptUntil.rawValue) } ?? .null),
                            ("unconfirmed", .count(confirmation(scope)?.unconfirmed ?? 0)),
                            ("confirmed_at", confirmation(scope)?.time.map { .integer($0.rawValue) } ?? .null),
                        ])
                    })
            ),
        ])
    }
}

extension RecordState {
    /// Whether a person wrote something that stands in this record, or is named in it.
    func concerns(_ id: String?, named name: String?) -> Bool {
        if let id, changed?.author == id { return true }
        return fields.contains { field in
            let authors = field.candidates.map(\.author) + field.elements.map(\.author)
            if let id, authors.contains(id) { return true }
            guard let name, !name.isEmpty else { return false }
            return (field.candidates.map(\.value) + field.elements.map(\.value)).contains { $0.text == name }
        }
    }
}
