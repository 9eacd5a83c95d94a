// The command `dundian`: one person's replica on one laptop.

import ArgumentParser
import Dundian
import Foundation
import Logging
import Terminal

/// The language of this run. Help texts are made before options are parsed, so `--lang` is looked for by hand.
let tr: Language = {
    let arguments = CommandLine.arguments
    let asked =
        arguments.firstIndex(of: "--lang").flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
        ?? arguments.first { $0.hasPrefix("--lang=") }.map { String($0.dropFirst(7)) }
    return Language.chosen(asked, environment: ProcessInfo.processInfo.environment)
}()

/// The record types in use. Commands are made of them before options are parsed, so the folder is looked for by hand.
let recordTypes: Catalogue = {
    let arguments = CommandLine.arguments
    let asked =
        arguments.firstIndex(of: "--replica").flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
        ?? arguments.first { $0.hasPrefix("--replica=") }.map { String($0.dropFirst(10)) }
    // A file that is no catalogue is complained of when the replica is opened.
    return (try? ReplicaFolder.catalogue(in: Options.path(asked))) ?? .supervision
}()

@main
struct Program: SpeakingCommand {
    static var language: Language { tr }
    static func main() { Launch.run(Program.self, columns: Screen.pageColumns, tr) }

    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "dundian",
            abstract: tr(
                "蹲点：现场监督的记录，没有网络也能写，见面再合并。", "Dundian: field supervision records, written offline and merged when laptops meet."),
            discussion: tr(
                "本机的全部记录在一个文件夹里（--replica，或环境变量 DUNDIAN_REPLICA）。\n退出码：0 成功，3 检查发现问题，4 有内容未被收下，64 用法，65 输入不对，66 找不到，69 连不上，74 存储，75 稍后再试，76 对方不可信，77 没有权限。",
                "Everything is in one folder (--replica, or DUNDIAN_REPLICA).\nExit codes: 0 success, 3 check found faults, 4 something was not taken, 64 usage, 65 bad input, 66 not found, 69 unreachable, 74 storage, 75 try again, 76 distrusted, 77 no permission."
            ),
            version: Dundian.version,
            subcommands: [Join.self, Status.self, Sync.self, Search.self, BundleCommand.self, Meet.self] + TypeCommands.all + [
                RecordCommand.self, ShowVerb<49>.self, EditVerb<49>.self, DeleteVerb<49>.self, RestoreVerb<49>.self,
                HistoryVerb<49>.self, UndoCommand.self, FileCommand.self, DueCommand.self, AdviceCommand.self, Tonight.self,
                EraseCommand.self, FiguresCommand.self, Ledger.self,
                About.self,
                Workdays.self, DraftCommand.self, Review.self, Inbox.self,
                SQLCommand.self,
                ExportCommand.self,
                ImportCommand.self, Check.self, Recover.self, Digest.self, Completions<Program>.self, Manual<Program>.self,
            ])
    }
}

struct Options: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp(tr("副本所在的文件夹。", "The folder of the replica."), valueName: "folder"))
    var replica: String?

    @Flag(name: .long, help: ArgumentHelp(tr("输出 JSON，供脚本使用。", "Print JSON, for scripts.")))
    var json = false

    @Option(name: .long, help: ArgumentHelp(tr("语言：zh 或 en。", "Language: zh or en."), valueName: "zh|en"))
    var lang: String?

    @Flag(
        name: .shortAndLong,
        help: ArgumentHelp(tr("在标准错误上显示运行日志；其中没有记录的内容。", "Show the log on standard error; it holds nothing of what records say.")))
    var verbose = false

    /// Where the replica's log goes: nowhere unless asked for, because what a person must know the commands say.
    private var telemetry: Telemetry {
        var logger = Logger(label: "dundian") { label -> any LogHandler in
            if verbose { StreamLogHandler.standardError(label: label) } else { SwiftLogNoOpLogHandler() }
        }
        logger.logLevel = .trace
        return Telemetry(logger: logger)
    }

    var folderPath: String { Self.path(replica) }

    static func path(_ asked: String?) -> String {
        let environment = ProcessInfo.processInfo.environment
        if let path = asked ?? environment["DUNDIAN_REPLICA"], !path.isEmpty { return path }
        let data = environment["XDG_DATA_HOME"] ?? (environment["HOME"] ?? ".") + "/.local/share"
        return data + "/dundian"
    }

    /// Before a sync, a bundle or an export: on a full disk the room that was set aside is given back.
    func makeRoom(_ folder: ReplicaFolder) {
        guard folder.makeRoom(), !json else { return }
        Screen.complain(
            tr(
                "磁盘已满：用上了预留的空间。已写的送得出去；要再写，请先腾出地方。",
                "The disk is full: the room set aside is used now. What was written can go out; to write more, make room first."))
    }

    /// Said until the first save under the new replica id.
    private static var putBack: String {
        tr(
            "这个本机库像是从旧备份恢复、复制或移动来的：下次保存起换用新的副本编号，已写的都保留。请同步：恢复之前交出过的会回来。",
            "This replica looks put back from an older copy, copied or moved: with the next save it goes on under a new replica id, and nothing here is lost. Sync: what it had handed on before comes back."
        )
    }

    /// Opens the replica, runs `body`, and turns what goes wrong into an explanation and an exit code.
    func run(renewingKey: Bool = false, _ body: (ReplicaFolder) throws -> Void) throws {
        do {
            let folder = try ReplicaFolder(path: folderPath, renewingKey: renewingKey, instruments: telemetry)
            if folder.replica.isDoubted, !json { Screen.complain(Self.putBack) }
            try body(folder)
        } catch let code as ExitCode {
            throw code
        } catch {
            let explanation = Explanation(error, tr)
            explanation.show(json: json, tr)
            throw ExitCode(explanation.exit)
        }
    }

    /// Prints a result as JSON, or as lines.
    func show(_ json: @autoclosure () -> JSON, _ lines: @autoclosure () -> [String]) {
        if self.json { Screen.print(json().text) } else { for line in lines() { Screen.print(line) } }
    }
}

// MARK: Join, sync, status

struct Join: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "join", abstract: tr("用一次性加入码加入中心服务。", "Join the central service with a one-time code."),
            discussion: tr("加入码由管理员用 dundian-server invite 发出。", "An administrator makes codes with dundian-server invite."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("中心服务的地址。", "The service's address."), valueName: "url")) var url: String
    @Argument(help: ArgumentHelp(tr("加入码。", "The join code."), valueName: "code")) var code: String
    @Option(name: .long, help: ArgumentHelp(tr("这台设备的名字。", "This device's name."), valueName: "name"))
    var device: String?

    func run() throws {
        try options.run(renewingKey: true) { folder in
            if let roster = try folder.replica.roster()?.roster, roster.device(folder.replica.key) != nil {
                throw Explanation(
                    "already-joined", exit: ExitStatus.badInput, tr("本机已经加入过中心服务。", "This replica has joined a service already."),
                    tr("可以直接同步：dundian sync", "You can sync: dundian sync"))
            }
            let service = try folder.service(at: url, language: tr)
            try service.join(code: code, deviceName: device ?? ProcessInfo.processInfo.hostName)
            try folder.replica.setSetting("service-url", url)
            guard let roster = try folder.replica.roster()?.roster else { return }
            let scopes = roster.scopes(of: folder.replica.key)
            // A first sync would bring it too; a link that breaks now is no reason to join again.
            _ = try? folder.takeCatalogue(from: service)
            let person = roster.device(folder.replica.key).flatMap { roster.person($0.person)?.name } ?? ""
            options.show(
                .object([
                    ("person", .string(person)), ("roster", .integer(Int64(roster.version))),
                    ("scopes", .list(scopes.map { .string($0.name) })),
                ]),
                [
                    tr("已加入。这台设备登记在", "Joined. This device is registered to ") + Screen.safe(person) + tr("名下。", "."),
                    tr("可以使用的范围：", "Scopes: ")
                        + scopes.map { Screen.safe("\($0.title) (\($0.name))") }.joined(separator: tr("、", ", ")),
                    tr("下一步：dundian sync", "Next: dundian sync"),
                ])
        }
    }
}

// MARK: Check, digest

struct Check: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check", abstract: tr("重新验证每条日志链、每个签名、每条记录。", "Verify every chain, signature and record again."))
    }
    @OptionGroup var options: Options

    func run() throws {
        try options.run { folder in
            let report = try folder.replica.check()
            let quarantined = try folder.replica.quarantined()
            options.show(Reports.json(report, quarantined), Reports.lines(report, quarantined, tr))
            if !report.faults.isEmpty { throw ExitCode(ExitStatus.faultsFound) }
        }
    }
}

struct Recover: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "recover", abstract: tr("修复损坏的本机库。", "Heal a damaged replica."),
            discussion: tr(
                "check 查出问题之后用。能验证的条目原样救出；只在本机的、排在损坏之后的保存，用新的副本编号重写；救不出的逐条说明。损坏的原文件留在旁边。运行之前请先把整个文件夹复制一份，并退出其他 dundian 程序。",
                "For when check found faults. Entries that verify are saved as they are; saves that only this device has and that stand behind damage are written anew under a new replica id; what cannot be saved is named. The damaged file stays beside it. Copy the whole folder first, and end other dundian programs."
            ))
    }
    @OptionGroup var options: Options

    func run() throws {
        do {
            let (report, kept) = try ReplicaFolder.recover(path: options.folderPath)
            options.show(Reports.json(report, damagedFile: kept), Reports.lines(report, damagedFile: kept, tr))
            if !report.lost.isEmpty { throw ExitCode(ExitStatus.faultsFound) }
        } catch let code as ExitCode {
            throw code
        } catch {
            let explanation = Explanation(error, tr)
            explanation.show(json: options.json, tr)
            throw ExitCode(explanation.exit)
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
        try options.run { folder in
            let roster = try folder.replica.roster()?.roster
            let digests = try folder.replica.digests()
            options.show(Reports.json(digests, roster), Reports.lines(digests, roster))
        }
    }
}
