// The command `dundian-server`: the central service, and what an administrator does beside it.

import ArgumentParser
import Crypto
import Dundian
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import Terminal
import UnixSignals

import Compression
import Server

/// The language of this run. Help texts are made before options are parsed, so `--lang` is looked for by hand.
let tr: Language = {
    let arguments = CommandLine.arguments
    let asked =
        arguments.firstIndex(of: "--lang").flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
        ?? arguments.first { $0.hasPrefix("--lang=") }.map { String($0.dropFirst(7)) }
    return Language.chosen(asked, environment: ProcessInfo.processInfo.environment)
}()

@main
struct Program: AsyncParsableCommand, SpeakingCommand {
    static var language: Language { tr }
    static func main() async { await Launch.run(Program.self, columns: Screen.pageColumns, tr) }

    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "dundian-server", abstract: tr("蹲点中心服务。", "The central service of Dundian."),
            discussion: tr(
                "数据在一个文件夹里（--data，或环境变量 DUNDIAN_DATA）：replica.sqlite（及其 -wal）、device.key、service.key、root.key、attachments/。请停服后一并备份；root.key 能签发名册，不要外传。",
                "Everything is in one folder (--data, or DUNDIAN_DATA): replica.sqlite (with its -wal), device.key, service.key, root.key, attachments/. Back them up together, with the service stopped; root.key signs rosters: keep it secret."
            ),
            version: Dundian.version,
            subcommands: [
                Serve.self, ScopeCommand.self, CatalogueCommand.self, NumbersCommand.self, Invite.self, Report.self,
                FiguresCommand.self, DueCommand.self, LedgerCommand.self, Check.self,
                Digest.self,
                Completions<Program>.self,
                Manual<Program>.self,
            ])
    }
}

struct Options: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp(tr("数据文件夹。", "The data folder."), valueName: "folder"))
    var data: String?

    @Flag(name: .long, help: ArgumentHelp(tr("输出 JSON，供脚本使用。", "Print JSON, for scripts.")))
    var json = false

    @Option(name: .long, help: ArgumentHelp(tr("语言：zh 或 en。", "Language: zh or en."), valueName: "zh|en"))
    var lang: String?

    var path: String {
        let environment = ProcessInfo.processInfo.environment
        if let path = data ?? environment["DUNDIAN_DATA"], !path.isEmpty { return path }
        return (environment["HOME"] ?? ".") + "/dundian-server"
    }

    func open() throws -> Centre { try Centre(path: path) }

    func run(_ body: (Centre) throws -> Void) throws {
        do { try body(try open()) } catch { throw explained(error) }
    }

    func explained(_ error: any Error) -> any Error {
        if error is ExitCode { return error }
        let explanation: Explanation
        switch error {
        case AuthorityError.scopeExists(let name):
            explanation = Explanation(
                "scope-exists", exit: ExitStatus.badInput,
                tr("已有名为 \(Screen.safe(name)) 的范围。", "There is a scope named \(Screen.safe(name)) already."),
                tr("请换一个名字。", "Choose another name."))
        case AuthorityError.scopeUnknown(let name):
            explanation = Explanation(
                "scope-unknown", exit: ExitStatus.notFound,
                tr("没有名为 \(Screen.safe(name)) 的范围。", "There is no scope named \(Screen.safe(name))."),
                tr("查看：dundian-server scope list", "See: dundian-server scope list"))
        case AuthorityError.personUnknown(let name):
            explanation = Explanation(
                "person-unknown", exit: ExitStatus.notFound,
                tr("名册上没有 \(Screen.safe(name)) 的设备。", "The roster has no device of \(Screen.safe(name))."),
                tr("请先用 dundian-server invite 邀请。", "Invite them first: dundian-server invite"))
        case AuthorityError.scopeShared(let name):
            explanation = Explanation(
                "scope-shared", exit: ExitStatus.badInput,
                tr("共享名录 \(Screen.safe(name)) 不归档。", "The shared directory \(Screen.safe(name)) is not archived."),
                tr("什么也没有改。", "Nothing was changed."))
        case let refused as CatalogueRefused: explanation = refused.explanation
        default: explanation = Explanation(error, tr)
        }
        explanation.show(json: json, tr)
        return ExitCode(explanation.exit)
    }

    func show(_ json: @autoclosure () -> JSON, _ lines: @autoclosure () -> [String]) {
        if self.json { Screen.print(json().text) } else { for line in lines() { Screen.print(line) } }
    }
}

/// The service's folder: its replica and its keys.
struct Centre {
    let replica: Replica
    let authority: Authority
    let service: SigningKey
    let catalogue: Catalogue
    let attachments: any AttachmentVault

    init(path: String) throws {
        // The replica folder's own device key signs the service's entries when it writes some; statements have a key of their own.
        let folder = try ReplicaFolder(path: path)
        replica = folder.replica
        catalogue = folder.catalogue
        attachments = folder.attachments
        let roster = try replica.roster()?.roster
        service = try KeyFile.load(path + "/service.key", making: roster == nil)
        let root = try KeyFile.load(path + "/root.key", making: roster == nil)
        if let roster, roster.service != service.publicKey || roster.root != root.publicKey {
            let name = roster.root != root.publicKey ? "root.key" : "service.key"
            throw Explanation(
                "key-foreign", exit: ExitStatus.storage, tr("\(name) 不是这个服务的密钥。", "\(name) is not this service's key."),
                tr("什么也没有改。请从备份恢复它。", "Nothing was changed. Restore it from a backup."))
        }
        authority = Authority(
            replica: replica, root: root, service: service, catalogue: folder.catalogue)
        try authority.begin()
    }
}

struct Serve: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "serve", abstract: tr("运行中心服务。", "Run the service."),
            discussion: tr(
                "默认只在本机监听（127.0.0.1）。对外服务请置于 TLS 网关之后：本版本自身不做 TLS。",
                "Listens on this machine only (127.0.0.1) unless told otherwise. Put a TLS gateway in front of it: this version does no TLS itself."
            ))
    }
    @OptionGroup var options: Options
    @Option(name: .long, help: ArgumentHelp(tr("监听地址。", "The address to listen on."), valueName: "address")) var host = "127.0.0.1"
    @Option(name: .long, help: ArgumentHelp(tr("端口；0 表示任选一个空闲的。", "The port; 0 takes a free one."), valueName: "port")) var port =
        8470
    @Option(name: .long, help: ArgumentHelp(tr("把端口写入这个文件。", "Write the port into this file."), valueName: "file")) var portFile:
        String?

    @Flag(
        name: .long,
        help: ArgumentHelp(
            tr(
                "刚从备份恢复：换用新的副本编号；编号等确认之后再给。",
                "It was restored from a backup: go on under a new replica id, and give no number before the last was confirmed.")))
    var restored = false
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("任务结束满几天后归档。", "Archive an engagement so many days after it was closed."),
            valueName: "days"))
    var archiveAfter = 1
    @Flag(name: .long, help: ArgumentHelp(tr("不自动归档。", "Archive nothing unasked."))) var noArchive = false
    @Option(name: .long, help: ArgumentHelp(tr("归档后留存几年。", "For how many years what is archived is kept."), valueName: "years"))
    var keepYears = Retention.years

    func validate() throws {
        guard archiveAfter >= 0, (0...100).contains(keepYears) else {
            throw ValidationError(tr("天数不小于 0，年数 0 到 100。", "Days from 0 on, years from 0 to 100."))
        }
        guard (0...65_535).contains(port) else {
            throw ValidationError(tr("端口须为 0 到 65535。", "A port is 0 to 65535."))
        }
    }

    func run() async throws {
        do {
            let centre = try options.open()
            let service = Service(
                replica: centre.replica, authority: centre.authority, signer: centre.service, compression: Zstd(),
                attachments: centre.attachments)
            let isDoubted = centre.replica.isDoubted
            if restored || isDoubted { _ = try centre.replica.renewReplica() }
            if isDoubted, !restored {
                Screen.complain(
                    tr(
                        "这个数据文件夹像是从旧备份恢复、复制或移动来的：已换用新的副本编号，正式编号等确认之后再给（dundian-server numbers confirm）。笔记本同步时会把这里缺的补上。",
                        "This data folder looks put back from an older copy, copied or moved: it goes on under a new replica id, and gives no official number before the last one was confirmed (dundian-server numbers confirm). Laptops bring back what is missing here as they sync."
                    ))
            }
            if restored || isDoubted, !noArchive {
                Screen.complain(
                    tr(
                        "这次运行不自动归档：等笔记本把缺的送来，再照常重新启动。",
                        "This run archives nothing unasked: let the laptops bring what is missing first, then start it again as usual."
                    ))
            }
            try await service.catchUpNumbers()
            var logger = Logger(label: "dundian-server") { StreamLogHandler.standardError(label: $0) }
            logger.logLevel = .notice
            let options = options
            let host = host
            let portFile = portFile
            let application = Application(
                router: service.router(), configuration: .init(address: .hostname(host, port: port), serverName: "dundian"),
                onServerRunning: { channel in
                    let port = channel.localAddress?.port ?? 0
                    if let portFile { try? Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: portFile), options: .atomic) }
                    options.show(
                        .object([("host", .string(host)), ("port", .count(port))]),
                        [tr("中心服务已启动：", "The service is running: ") + "http://\(host):\(port)"])
                }, logger: logger)
            var group = ServiceGroupConfiguration(
                services: [application, Tidying(service: service, logger: logger)]
                    + (noArchive || restored || isDoubted
                        ? [] : [Archiving(centre: centre, days: archiveAfter, years: keepYears, logger: logger)]),
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger)
            group.maximumGracefulShutdownDuration = .seconds(10)
            try await ServiceGroup(configuration: group).run()
        } catch { throw options.explained(error) }
    }
}

/// Every five minutes removes the contents of attachments whose records were deleted long ago, or erased just now.
private struct Tidying: ServiceLifecycle.Service {
    static let days = 30
    let service: Server.Service
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                do {
                    let count = try await service.tidyAttachments(afterDays: Self.days)
                    if count > 0 { logger.notice("attachments removed", metadata: ["count": "\(count)"]) }
                } catch { logger.warning("attachments could not be tidied", metadata: ["reason": "\(error)"]) }
            } while (try? await Task.sleep(for: .seconds(300))) != nil
        }
    }
}

struct ScopeCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "scope", abstract: tr("管理范围：谁能看到什么的单位。", "Manage scopes: the unit of who sees what."),
            subcommands: [Add.self, ListScopes.self, Grant.self, ArchiveScope.self, UnarchiveScope.self, PurgeScope.self])
    }

    struct Add: ParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "add", abstract: tr("新建一个范围。", "Add a scope."))
        }
        @OptionGroup var options: Options
        @Argument(help: ArgumentHelp(tr("名字，供命令使用。", "Its name, for commands."), valueName: "name")) var name: String
        @Option(name: .long, help: ArgumentHelp(tr("标题，供人看。", "Its title, for people."), valueName: "title")) var title: String?
        @Option(
            name: .long,
            help: ArgumentHelp(
                tr("种类：directory、ordinary 或 restricted。", "Its kind: directory, ordinary or restricted."), valueName: "kind"))
        var kind = "ordinary"

        func validate() throws {
            guard ["directory", "ordinary", "restricted"].contains(kind) else {
                throw ValidationError(tr("种类须为 directory、ordinary 或 restricted。", "The kind is directory, ordinary or restricted."))
            }
        }

        func run() throws {
            try options.run { centre in
                let kind: Roster.Scope.Kind = kind == "directory" ? .directory : kind == "restricted" ? .restricted : .ordinary
                let scope = try centre.authority.addScope(name: name, title: title ?? name, kind: kind)
                options.show(
                    .object([("id", .string("\(scope.id)")), ("name", .string(scope.name))]),
                    [tr("已新建范围：", "Added scope: ") + Screen.safe("\(scope.title) (\(scope.name))")])
            }
        }
    }

    struct ListScopes: ParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "list", abstract: tr("列出范围，以及各有哪些设备。", "List scopes and who has them."))
        }
        @OptionGroup var options: Options

        func run() throws {
            try options.run { centre in
                let roster = try centre.authority.roster()
                func holders(_ scope: Roster.Scope) -> [Roster.Device] {
                    roster.laptops.filter { roster.isGranted(scope.id, to: $0.key, at: roster.version) }
                }
                func person(_ device: Roster.Device) -> String { roster.person(device.person)?.name ?? device.person }
                options.show(
                    .object([
                        ("roster", .integer(Int64(roster.version))),
                        (
                            "scopes",
                            .list(
                                roster.scopes.map { scope in
                                    .object([
                                        ("name", .string(scope.name)), ("title", .string(scope.title)),
                                        ("id", .string("\(scope.id)")),
                                        ("kind", .string("\(scope.kind)")),
                                        ("archived_at", scope.archive.map { .integer($0.since.rawValue) } ?? .null),
                                        ("kept_until", scope.archive.map { .integer($0.keptUntil.rawValue) } ?? .null),
                                        (
                                            "devices",
                                            .list(
                                                holders(scope).map {
                                                    .object([
                                                        ("person", .string(person($0))), ("device", .string($0.name)),
                                                        ("key", .string("\($0.key)")),
                                                    ])
                                                })
                                        ),
                                    ])
                                })
                        ),
                    ]),
                    roster.scopes.isEmpty
                        ? [tr("还没有范围。新建：dundian-server scope add", "No scopes yet. Add one: dundian-server scope add")]
                        : roster.scopes.map { scope in
                            let names = holders(scope).map { Screen.safe("\(person($0)) (\($0.name))") }
                            return
                                "\(Screen.padded(Screen.safe(scope.name), to: 28)) \(Screen.safe(scope.title))\(tr("：", ": "))\(names.isEmpty ? tr("无", "nobody") : names.joined(separator: tr("、", ", ")))"
                                + (scope.archive.map {
                                    tr(
                                        "  【已归档，留存到 \(Retention.day($0.keptUntil))】",
                                        "  [archived, kept until \(Retention.day($0.keptUntil))]")
                                } ?? "")
                        })
            }
        }
    }

    struct Grant: ParsableCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "grant", abstract: tr("把范围授予某人的全部设备。", "Grant scopes to all of a person's devices."))
        }
        @OptionGroup var options: Options
        @Argument(help: ArgumentHelp(tr("人的姓名。", "The person's name."), valueName: "person")) var person: String
        @Argument(help: ArgumentHelp(tr("范围的名字。", "The scopes' names."), valueName: "scope")) var scopes: [String]

        func run() throws {
            try options.run { centre in
                try centre.authority.grant(scopes, toPerson: person)
                options.show(
                    .object([("person", .string(person)), ("scopes", .list(scopes.map { .string($0) }))]),
                    [tr("已授予，设备下次同步时生效。", "Granted; it takes effect with the device's next sync.")])
            }
        }
    }
}

struct Invite: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "invite", abstract: tr("为某人的一台设备发一次性加入码。", "Make a one-time join code for a person's device."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("人的姓名。", "The person's name."), valueName: "person")) var person: String
    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp(tr("授予的范围，可有几个。", "The scopes to grant, one or more."), valueName: "scope"))
    var scope: [String]
    @Option(
        name: .long,
        help: ArgumentHelp(tr("在哪个单位，复核时与姓名一同显示。", "Where they work; shown with the name in review."), valueName: "unit"))
    var unit = ""
    @Option(name: .long, help: ArgumentHelp(tr("几小时内有效。", "For how many hours it is good."), valueName: "hours")) var hours = 72

    func validate() throws {
        guard (1...8_760).contains(hours) else {
            throw ValidationError(tr("有效期须为 1 到 8760 小时。", "It is good for 1 to 8760 hours."))
        }
    }

    func run() throws {
        try options.run { centre in
            let code = try centre.authority.invite(
                person: person, unit: unit, scopes: scope, lifetimeMilliseconds: Int64(hours) * 3_600_000)
            options.show(
                .object([("code", .string("\(code)")), ("person", .string(person)), ("hours", .count(hours))]),
                [
                    tr("加入码（\(hours) 小时内有效，只能用一次）：", "Join code (good once, for \(hours) hours):"), "    \(code)",
                    tr("在那台电脑上运行：dundian join 服务地址 \(code)", "On that laptop: dundian join URL \(code)"),
                ])
        }
    }
}

struct Check: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check", abstract: tr("重新验证每条日志链、每个签名、每条记录。", "Verify every chain, signature and record again."))
    }
    @OptionGroup var options: Options

    func run() throws {
        try options.run { centre in
            let report = try centre.replica.check()
            let quarantined = try centre.replica.quarantined()
            options.show(Reports.json(report, quarantined), Reports.lines(report, quarantined, tr))
            if !report.faults.isEmpty { throw ExitCode(ExitStatus.faultsFound) }
        }
    }
}

struct Digest: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "digest",
            abstract: tr(
                "各范围的摘要：两处的 digest 与 knowledge（见 --json）都相同，内容就相同。",
                "A digest of each scope: where digest and knowledge (see --json) are equal, so are the records."))
    }
    @OptionGroup var options: Options

    func run() throws {
        try options.run { centre in
            let digests = try centre.replica.digests()
            let roster = try centre.authority.roster()
            options.show(Reports.json(digests, roster), Reports.lines(digests, roster))
        }
    }
}
