// dundian-server scope archive, unarchive, purge: the end of an engagement at the centre; and the hourly look that archives what is closed.

import ArgumentParser
import Causality
import Dundian
import Foundation
import Logging
import Server
import ServiceLifecycle
import Terminal

/// For how long the centre keeps what is archived.
enum Retention {
    static let years = 10

    /// The same day so many years on.
    static func end(_ years: Int, from now: Timestamp) -> Timestamp {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .current
        let date = Date(timeIntervalSince1970: Double(now.rawValue) / 1_000)
        let end = calendar.date(byAdding: .year, value: years, to: date) ?? date.addingTimeInterval(Double(years) * 365.25 * 86_400)
        return Timestamp(rawValue: Int64(end.timeIntervalSince1970 * 1_000))
    }

    static func day(_ time: Timestamp) -> String { String(Screen.time(time.rawValue).prefix(10)) }
}

struct ArchiveScope: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "archive",
            abstract: tr(
                "归档：笔记本把内容送齐后移出，中心留存到期限。",
                "Archive it: laptops let go once all they wrote has arrived; the centre keeps it until its term."),
            discussion: tr(
                "任务状态改为“已结束”满一天、没有待裁定的，服务会自己归档（serve --archive-after）；这个命令用于提前做，或改留存期限。",
                "The service archives by itself what has been closed for a day and has nothing that waits for review (serve --archive-after); this does it earlier, or changes the term."
            ))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("范围的名字。", "The scopes' names."), valueName: "scope")) var scopes: [String]
    @Option(name: .long, help: ArgumentHelp(tr("留存几年。", "For how many years it is kept."), valueName: "years")) var years =
        Retention.years

    func validate() throws {
        guard (0...100).contains(years) else { throw ValidationError(tr("留存 0 到 100 年。", "0 to 100 years.")) }
    }

    func run() throws {
        try options.run { centre in
            let until = Retention.end(years, from: centre.replica.clock.now())
            try centre.authority.archive(scopes, keptUntil: until)
            options.show(
                .object([("scopes", .list(scopes.map(JSON.string))), ("kept_until", .integer(until.rawValue))]),
                [
                    tr("已归档，留存到 \(Retention.day(until))：", "Archived, kept until \(Retention.day(until)): ")
                        + Screen.safe(scopes.joined(separator: tr("、", ", ")))
                ])
        }
    }
}

struct UnarchiveScope: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "unarchive", abstract: tr("取消归档：笔记本下次同步时取回。", "Bring it back: laptops fetch it with their next sync."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("范围的名字。", "The scopes' names."), valueName: "scope")) var scopes: [String]

    func run() throws {
        try options.run { centre in
            try centre.authority.archive(scopes, keptUntil: nil)
            options.show(
                .object([("scopes", .list(scopes.map(JSON.string)))]),
                [tr("已取消归档：", "Brought back: ") + Screen.safe(scopes.joined(separator: tr("、", ", ")))])
        }
    }
}

struct PurgeScope: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "purge", abstract: tr("销毁一个留存期已满的范围。不能恢复。", "Remove a scope whose term is over, for good."),
            discussion: tr("期限未到的不销毁。备份里的那份不归它管。", "Before its term is over nothing is removed. What backups hold is not touched."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("范围的名字。", "The scope's name."), valueName: "scope")) var scope: String
    @Option(name: .long, help: ArgumentHelp(tr("再写一遍范围的名字，确认销毁。", "The scope's name once more, to confirm."), valueName: "scope"))
    var confirm: String

    func run() throws {
        try options.run { centre in
            let roster = try centre.authority.roster()
            guard let known = roster.scope(named: scope), confirm == scope else {
                throw roster.scope(named: scope) == nil
                    ? AuthorityError.scopeUnknown(scope)
                    : Explanation(
                        "not-confirmed", exit: ExitStatus.usage, tr("两次写的名字不一样。", "The two names differ."),
                        tr("没有销毁。", "Nothing was removed."))
            }
            guard let archive = known.archive, archive.keptUntil <= centre.replica.clock.now() else {
                throw Explanation(
                    "scope-kept", exit: ExitStatus.noPermission,
                    known.archive.map {
                        tr(
                            "\(Screen.safe(scope)) 要留存到 \(Retention.day($0.keptUntil))。",
                            "\(Screen.safe(scope)) is kept until \(Retention.day($0.keptUntil)).")
                    }
                        ?? tr("\(Screen.safe(scope)) 没有归档。", "\(Screen.safe(scope)) is not archived."),
                    tr("没有销毁。", "Nothing was removed."))
            }
            try centre.replica.purgeExpired(known.id, roster: roster)
            // A laptop that never came back still holds it: what it sends is not taken in again.
            try centre.authority.withdrawAll(from: known.id)
            for key in try centre.attachments.keys() where key.scope == known.id { try centre.attachments.remove(key) }
            options.show(
                .object([("purged", .string(scope))]), [tr("已销毁：", "Removed: ") + Screen.safe("\(known.title) (\(scope))")])
        }
    }
}

/// Once an hour archives the scopes whose engagements are closed.
struct Archiving: ServiceLifecycle.Service {
    let centre: Centre
    let days: Int
    let years: Int
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                do {
                    let roster = try centre.authority.roster()
                    let closed = ClosedEngagements(replica: centre.replica, catalogue: centre.catalogue)
                    let over = try closed.scopes(of: roster, closedFor: days)
                    for one in try closed.kept(of: roster, closedFor: days) {
                        logger.info(
                            "closed, and not archived while cards and ledgers are open",
                            metadata: ["scope": "\(one.scope.name)", "open": "\(one.open)"])
                    }
                    if !over.isEmpty {
                        try centre.authority.archive(
                            over.map(\.name), keptUntil: Retention.end(years, from: centre.replica.clock.now()))
                        for scope in over { logger.notice("archived", metadata: ["scope": "\(scope.name)"]) }
                    }
                    for scope in roster.scopes {
                        if let archive = scope.archive, archive.keptUntil <= centre.replica.clock.now(),
                            try !centre.replica.store.reading({ try $0.journals(in: scope.id) }).isEmpty
                        {
                            logger.notice(
                                "its retention period is over: dundian-server scope purge", metadata: ["scope": "\(scope.name)"])
                        }
                    }
                } catch { logger.warning("closed engagements could not be archived", metadata: ["reason": "\(error)"]) }
            } while (try? await Task.sleep(for: .seconds(3_600))) != nil
        }
    }
}
