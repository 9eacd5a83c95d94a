// dundian sync: once, or for as long as there may be news, over whatever link there is.

import ArgumentParser
import Dundian
import Foundation
import Terminal

struct Sync: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "sync",
            abstract: tr(
                "与中心服务互通有无。断了会自己接着来，传过的不再传。",
                "Exchange with the service what the other lacks. A broken link is taken up where it broke."),
            discussion: tr(
                "自己没送出的内容总是先送。代理用环境变量 https_proxy、http_proxy、no_proxy 设置。",
                "Your own unsent work always goes first. Proxies are set by https_proxy, http_proxy, no_proxy."))
    }
    @OptionGroup var options: Options
    @Option(
        name: .long,
        help: ArgumentHelp(tr("改用这个地址，同步成功就记住它。", "Use this address, and remember it once a sync went through."), valueName: "url"))
    var url: String?
    @Flag(
        name: .long,
        help: ArgumentHelp(
            tr("一直等着：没有网就等网，有新内容就同步，按 Ctrl-C 结束。", "Keep going: wait for a link, then sync whenever there is news. Ctrl-C ends it.")
        ))
    var watch = false
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("最多用这么多流量，如 500k、2M；其余下次再传。", "Let at most so many bytes pass, as 500k or 2M; the rest comes next time."),
            valueName: "bytes"))
    var maxBytes: String?
    @Flag(name: .long, help: ArgumentHelp(tr("只同步记录，不传附件的内容。", "Sync records only, no contents of attachments.")))
    var noFiles = false
    @Flag(name: .long, help: ArgumentHelp(tr("不显示进度。", "Show no progress.")))
    var quiet = false

    /// The setting that keeps when the centre was last asked about every content here.
    private static let lastRecheck = "files-rechecked"
    private static let recheckMilliseconds: Int64 = 86_400_000

    /// With less hardly more than the greetings would pass.
    private static let maxBytesLeast = 16_000

    func validate() throws {
        if let maxBytes, ByteCount(maxBytes).map({ $0.bytes < Self.maxBytesLeast }) ?? true {
            throw ValidationError(
                tr("流量应写成 500k、2M 这样，至少 16k。", "Write bytes as 500k or 2M, at least 16k."))
        }
    }

    func run() throws {
        try options.run { folder in
            options.makeRoom(folder)
            guard let url = try url ?? folder.replica.setting("service-url") else {
                throw ReplicaError(
                    .notJoined, message: "This replica has not joined a service.", next: "Run: dundian join URL CODE")
            }
            let service = try folder.service(at: url, language: tr)
            let bar = ProgressBar(language: tr, isShown: !quiet && !options.json && isatty(2) != 0)
            var sync = SyncOptions()
            sync.maxBytes = maxBytes.flatMap { ByteCount($0)?.bytes }
            sync.progress = { bar.show($0) }
            guard watch else {
                defer { bar.clear() }
                let summary = try service.sync(sync)
                bar.clear()
                try show(summary, folder)
                try takeCatalogue(folder, service)
                let carries = !noFiles && !summary.isLimitReached
                if carries { try carry(folder, service, sync) }
                // What was sent just now the centre confirms as a whole when it is asked once more.
                if !summary.isLimitReached, try folder.replica.departingScopes().contains(where: { $0.unconfirmed > 0 }) {
                    _ = try service.sync(sync)
                }
                try letGo(folder, contentsWereAsked: carries)
                if !summary.refusals.isEmpty { throw ExitCode(ExitStatus.notTaken) }
                return
            }
            try service.watch(sync) { event in
                bar.clear()
                switch event {
                case .synced(let summary):
                    if !options.json { Screen.print(Screen.time(SystemClock().now().rawValue)) }
                    try? show(summary, folder)
                    try? takeCatalogue(folder, service)
                    let carries = !noFiles && !summary.isLimitReached
                    if carries { try? carry(folder, service, sync) }
                    try? letGo(folder, contentsWereAsked: carries)
                case .waiting(let error, let milliseconds):
                    let explanation = Explanation(error, tr)
                    if options.json {
                        Screen.print(
                            JSON.object([("waiting", .count(milliseconds)), ("code", .string(explanation.code))]).text)
                    } else {
                        let seconds = (milliseconds + 999) / 1000
                        Screen.print(
                            Screen.safe(explanation.message) + tr("　\(seconds) 秒后再试。", "  Trying again in \(seconds) s."))
                    }
                }
            }
        }
    }

    /// Contents of attachments, after the records; what was written here meanwhile goes first again.
    private func carry(_ folder: ReplicaFolder, _ service: ServiceClient, _ sync: SyncOptions) throws {
        guard try !folder.replica.attachments().isEmpty else { return }
        var total = AttachmentSummary()
        // A centre that was restored has lost contents it once held. Once a day it is asked about all of them; on a metered link it is not.
        let now = SystemClock().now().rawValue
        let asked = try folder.replica.setting(Self.lastRecheck).flatMap { Int64($0) } ?? 0
        var recheck = maxBytes == nil && !(asked...asked + Self.recheckMilliseconds).contains(now)
        do {
            while true {
                let summary = try Carrier(folder: folder, service: service, options: options, quiet: quiet).carry(recheck: recheck)
                if recheck, !summary.wasInterrupted {
                    recheck = false
                    try folder.replica.setSetting(Self.lastRecheck, "\(now)")
                }
                total.sent += summary.sent
                total.fetched += summary.fetched
                (total.unsent, total.missing, total.damaged) = (summary.unsent, summary.missing, summary.damaged)
                guard summary.wasInterrupted else { break }
                _ = try service.sync(sync)
            }
        } catch let error as TransportError where error.code == .limitReached || error.code == .cut || error.code == .unreachable {
            total.wasInterrupted = true
        }
        guard !options.json else { return }
        var lines: [String] = []
        if total.sent + total.fetched > 0 {
            lines.append(
                tr("附件：送出 \(total.sent) 件，取到 \(total.fetched) 件。", "Attachments: \(total.sent) sent, \(total.fetched) fetched."))
        }
        if total.wasInterrupted {
            lines.append(tr("附件没有传完，下次同步接着传。", "Not all attachments have passed; the next sync goes on."))
            total.wasInterrupted = false
        }
        for line in lines + Carrier.lines(total) { Screen.print(line) }
    }

    /// Scopes that the centre has archived leave once everything here has arrived.
    private func letGo(_ folder: ReplicaFolder, contentsWereAsked: Bool) throws {
        let departures = try folder.letGoOfArchived(
            drafts: DraftBox(folder).all().count, contentsWereAsked: contentsWereAsked)
        if departures.contains(where: { $0.waiting == nil }) { _ = try? folder.indexForSearch() }
        guard !options.json else { return }
        for departure in departures {
            let scope = departure.scope
            let title = Screen.safe(scope.title)
            let until = scope.archive.map { String(Screen.time($0.keptUntil.rawValue).prefix(10)) } ?? ""
            let line =
                switch departure.waiting {
                case nil:
                    tr(
                        "“\(title)”已归档，已移出本机；中心留存到 \(until)。",
                        "\"\(title)\" is archived and has left this laptop; the centre keeps it until \(until).")
                case .entries(let count)?:
                    tr(
                        "“\(title)”已归档；还有 \(count) 条没有到中心，送到之后移出本机。",
                        "\"\(title)\" is archived; \(count) entries have not reached the centre and keep it here until then.")
                case .attachments(let count)?:
                    tr(
                        "“\(title)”已归档；还有 \(count) 件附件没有确认到了中心，确认之后移出本机。",
                        "\"\(title)\" is archived; \(count) attachments are not confirmed at the centre and keep it here until they are."
                    )
                case .drafts(let count)?:
                    tr(
                        "“\(title)”已归档；本机还有 \(count) 份草稿，保存或丢弃之后移出本机：dundian draft list",
                        "\"\(title)\" is archived; \(count) drafts keep it here until they are saved or thrown away: dundian draft list"
                    )
                }
            Screen.print(line)
        }
    }

    /// The record types in force, if they are others than those in use.
    private func takeCatalogue(_ folder: ReplicaFolder, _ service: ServiceClient) throws {
        guard let next = try folder.takeCatalogue(from: service), !options.json else { return }
        Screen.print(
            tr(
                "记录类型换成了中心在用的：\(Screen.safe(next.name)) 第 \(next.version) 版，从下一个命令起。",
                "The record types are now those the centre uses: \(Screen.safe(next.name)), version \(next.version), from the next command on."
            ))
    }

    private func show(_ summary: SyncSummary, _ folder: ReplicaFolder) throws {
        if !summary.isLimitReached {
            try folder.replica.setSetting(Status.lastSync, "\(SystemClock().now().rawValue)")
            if let url { try folder.replica.setSetting("service-url", url) }
        }
        let waiting = try folder.replica.reviewItemCount()
        let unconfirmed = try folder.replica.confirmations().reduce(0) { $0 + $1.unconfirmed }
        let fields: [(String, JSON)] = [
            ("sent", .count(summary.sent)), ("received", .count(summary.received)), ("requests", .count(summary.requests)),
            ("bytes_sent", .count(summary.bytesSent)), ("bytes_received", .count(summary.bytesReceived)),
            ("breaks", .count(summary.breaks)), ("limit_reached", .flag(summary.isLimitReached)),
            ("receipts", .list(summary.receipts.map { .string("\($0)") })),
            ("forks", .list(summary.forks.map { .string("\($0)") })),
            ("refusals", .list(summary.refusals.map { .string($0) })),
            ("withdrawn", .list(summary.withdrawn.map { .string("\($0)") })),
            ("replaced_replica", .optional(summary.replacedReplica.map { "\($0)" })), ("waiting_for_review", .count(waiting)),
            ("unconfirmed", .count(unconfirmed)),
        ]
        options.show(.object(fields), lines(summary, waiting: waiting, unconfirmed: unconfirmed))
        // Nobody waits any more. A search is right without it, only slower.
        _ = try? folder.indexForSearch(limit: 20_000)
    }

    private func lines(_ summary: SyncSummary, waiting: Int, unconfirmed: Int) -> [String] {
        let isSilent = summary.sent == 0 && summary.received == 0 && summary.refusals.isEmpty
        var lines: [String] = []
        if !isSilent {
            lines.append(
                tr(
                    "送出 \(summary.sent) 条，收到 \(summary.received) 条。",
                    "Sent \(summary.sent), received \(summary.received) entries."))
        } else if !summary.isLimitReached {
            lines.append(tr("没有新内容，两边一致。", "Nothing new: both sides are the same."))
        }
        if unconfirmed == 0 {
            lines.append(tr("本机写的内容，中心都已签收。", "The centre has signed for everything written here."))
        } else {
            lines.append(tr("还有 \(unconfirmed) 条中心没有签收，请再同步一次。", "\(unconfirmed) entries are not confirmed yet; sync again."))
        }
        if waiting > 0 {
            lines.append(tr("有 \(waiting) 项等待裁定：dundian review list", "\(waiting) items wait for review: dundian review list"))
        }
        if let id = summary.replacedReplica {
            lines.append(
                tr(
                    "发现本机曾从旧备份恢复，或被复制过，已换用新的副本编号 \(id)；各处写的内容都保留着。",
                    "This store had been restored from an older copy, or copied; it goes on as replica \(id), and what was written anywhere is kept."
                ))
        }
        if summary.isLimitReached {
            lines.append(tr("流量已用到上限，其余下次再传：dundian sync", "The byte limit is reached; the rest comes next time: dundian sync"))
        }
        if summary.breaks > 0 {
            lines.append(tr("中途断过 \(summary.breaks) 次，都接上了。", "The link broke \(summary.breaks) times and was taken up again."))
        }
        for fork in summary.forks {
            lines.append(tr("发现副本编号 \(fork) 被用在两处，两边的内容都已保留。", "Replica id \(fork) was used by two stores; both sides are kept."))
        }
        lines += summary.refusals.map { tr("未收下：", "Not taken: ") + Screen.safe($0) }
        lines += summary.withdrawn.map { tr("不再有权限的范围：", "No longer granted: ") + "\($0)" }
        return lines
    }
}
