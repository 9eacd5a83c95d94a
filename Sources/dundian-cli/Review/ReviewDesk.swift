// What everybody who looks at review items needs: names, times, where an item stands, in the reader's language.

import Dundian
import Terminal

struct ReviewDesk {
    let folder: ReplicaFolder
    let finder: Finder
    /// By the service's clock.
    let now: Timestamp

    init(_ folder: ReplicaFolder) throws {
        self.folder = folder
        finder = Finder(folder: folder)
        now = try folder.replica.serviceTime()
    }

    var replica: Replica { folder.replica }
    var showing: Showing { finder.showing }

    /// An item as it is now, with all that is shown of it.
    func page(_ item: QueuedItem) throws -> ItemPage { try ItemPage(item, self) }

    func handling(of item: QueuedItem) throws -> ReviewHandling { try replica.handling(of: item.id, in: item.scope, at: now) }

    // MARK: Names

    /// Safe to print.
    func person(_ id: String?) -> String { Screen.safe(showing.person(id)) }

    func people(_ ids: [String]) -> String { ids.map { person($0) }.joined(separator: tr("、", ", ")) }

    func scope(_ id: ScopeID) -> String {
        let scope = (try? replica.roster())?.roster.scope(id)
        return Screen.safe(scope.map { $0.title.isEmpty ? $0.name : $0.title } ?? "\(id)")
    }

    /// Where a person works, if the roster says it.
    func unit(_ id: String?) -> String? {
        let unit = id.flatMap { try? replica.roster()?.roster.person($0)?.unit } ?? ""
        return unit.isEmpty ? nil : Screen.safe(unit)
    }

    /// `罗以宁（市监督办，笔记本二，05-11 09:30 写，05-12 08:00 收到）`, with a word where that laptop's clock was wrong.
    func who(_ dot: Dot, author: String?, in scope: ScopeID) -> String {
        guard let origin = try? replica.origin(of: dot, in: scope) else { return person(author) }
        var parts: [String] = []
        if let unit = unit(origin.author ?? author) { parts.append(unit) }
        if let device = origin.device { parts.append(Screen.safe(device)) }
        parts.append(tr("\(Self.minute(origin.time)) 写", "written \(Self.minute(origin.time))"))
        if let received = origin.received {
            let (came, day) = (Self.minute(received), Self.minute(origin.time).prefix(11))
            let short = came.hasPrefix(day) ? String(came.dropFirst(11)) : came
            parts.append(tr("\(short) 收到", "received \(short)"))
        }
        if origin.isClockWrong, let offset = origin.offset?.milliseconds {
            let span = Self.span(abs(offset))
            parts.append(
                offset > 0
                    ? tr("⚠ 那台电脑的钟慢 \(span)", "⚠ that laptop's clock was \(span) slow")
                    : tr("⚠ 那台电脑的钟快 \(span)", "⚠ that laptop's clock was \(span) fast"))
        } else if origin.offset == nil {
            parts.append(tr("钟没有对过", "clock never checked"))
        }
        return person(origin.author ?? author) + tr("（", " (") + parts.joined(separator: tr("，", ", ")) + tr("）", ")")
    }

    // MARK: Times

    /// To the minute, by the local time zone.
    static func minute(_ time: Timestamp) -> String { String(Screen.time(time.rawValue).dropLast(3)) }

    /// A length of time in its largest unit.
    static func span(_ milliseconds: Int64) -> String {
        let minutes = max(0, milliseconds) / 60_000
        switch minutes {
        case ..<1: return tr("不到 1 分钟", "under a minute")
        case ..<120: return tr("\(minutes) 分钟", "\(minutes) min")
        case ..<2_880: return tr("\(minutes / 60) 小时", "\(minutes / 60) h")
        default: return tr("\(minutes / 1_440) 天", "\(minutes / 1_440) days")
        }
    }

    func age(_ item: QueuedItem) -> String { Self.span(Self.length(from: item.since, to: now)) }

    /// From one time to another; whatever times hostile entries claim, it stays within bounds.
    static func length(from start: Timestamp, to end: Timestamp) -> Int64 {
        let (length, overflow) = end.rawValue.subtractingReportingOverflow(start.rawValue)
        return overflow ? (end > start ? .max : 0) : max(0, length)
    }

    // MARK: What an item is

    /// Whether a decision about it holds only with a second person.
    func needsSecondPerson(_ item: QueuedItem) -> Bool {
        fields(of: item).contains { folder.catalogue.needsSecondPerson($0, in: item.type) }
    }

    /// How sensitive it is: the most of its fields.
    func sensitivity(_ item: QueuedItem) -> Catalogue.Sensitivity {
        let type = folder.catalogue.type(item.type)
        let all =
            fields(of: item).isEmpty
            ? (type?.fields ?? []).map(\.sensitivity) : fields(of: item).compactMap { type?.field($0.rawValue)?.sensitivity }
        return all.contains(.restricted) ? .restricted : all.contains(.personal) ? .personal : .ordinary
    }

    /// The fields it is about; none where the record as a whole is in dispute.
    func fields(of item: QueuedItem) -> [FieldKey] {
        switch item.item.kind {
        case .contested, .unfoundedSettlement, .unapproved, .overridden, .mergedApart: return [item.item.field]
        case .brokenCheck:
            return (folder.catalogue.type(item.type)?.check(item.item.field.rawValue)?.fields ?? []).map { FieldKey($0) }
        case .deleteAgainstEdit, .putOnDeleted, .looksAlike, .pastSeal: return []
        }
    }

    /// What it is about, in a few words; safe to print.
    func subject(_ item: QueuedItem) -> String {
        switch item.item.kind {
        case .brokenCheck:
            return Screen.safe(
                folder.catalogue.type(item.type)?.check(item.item.field.rawValue)?.label[tr] ?? item.item.field.rawValue)
        case .deleteAgainstEdit, .putOnDeleted, .looksAlike, .pastSeal: return showing.label(item.item.kind)
        default: return tr("字段“\(field(item.item.field, item.type))”", "field \"\(field(item.item.field, item.type))\"")
        }
    }

    func field(_ key: FieldKey, _ type: TypeKey) -> String { Screen.safe(showing.label(key, type)) }

    /// Four characters that change whenever the values or decisions do that somebody looks at.
    static func mark(of state: RecordState, _ item: ReviewItem) -> String {
        mark(of: state[item.field]?.candidates.map(\.dot.description) ?? [])
    }

    /// Four characters that change whenever one of these does.
    static func mark(of parts: [String]) -> String {
        // FNV-1a.
        let hash = parts.joined(separator: " ").utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return LegibleAlphabet.characters(of: hash ^ hash >> 32, count: 4)
    }

    /// What a code of a reason says.
    static func label(_ code: String) -> String {
        switch Reason.Code(rawValue: code) {
        case .verified: tr("已核对", "verified")
        case .newer: tr("情况有更新", "newer")
        case .complete: tr("更完整", "more complete")
        case .correction: tr("笔误更正", "a slip put right")
        case .same: tr("意思相同", "the same")
        case .agreed: tr("双方同意", "agreed")
        case .instructed: tr("上级决定", "instructed")
        case .other: tr("其他", "other")
        case nil: Screen.safe(code)
        }
    }

    /// Safe to print, on one line.
    static func told(_ reason: Reason?) -> String {
        guard let reason else { return tr("没有说明理由", "no reason given") }
        let comment = Screen.safe(reason.comment.replacing("\n", with: " "))
        return reason.code == Reason.Code.other.rawValue && !comment.isEmpty
            ? comment : label(reason.code) + (comment.isEmpty ? "" : tr("：", ": ") + comment)
    }
}
