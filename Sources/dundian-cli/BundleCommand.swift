// `dundian bundle`: an evening's work on a stick, sealed to those who may see it.

import ArgumentParser
import Dundian
import Terminal

struct BundleCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "bundle",
            abstract: tr("用 U 盘传递记录：写出、读入，没有网络也行。", "Pass records along by stick: write and read bundles, with no network."),
            discussion: tr(
                "一个 .dundian 文件只有名册上有权看的设备打得开；U 盘丢了，捡到的人什么也看不到。",
                "A .dundian file opens only on devices the roster lets see what is in it: a lost stick tells its finder nothing."),
            subcommands: [BundleWrite.self, BundleRead.self, BundleRequest.self])
    }
}

extension Options {
    /// Runs `body` and explains a bundle's faults as well.
    func runBundles(_ body: (ReplicaFolder) throws -> Void) throws {
        try run { folder in
            do { try body(folder) } catch let error as BundleError { throw Explanation(error) }
        }
    }
}

struct BundleWrite: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "write",
            abstract: tr("把别人可能没有的内容写进一个文件。", "Put what the others may lack into one file."),
            discussion: tr(
                "默认从对方上次告知的进度之后写起；没听说过进度的，从头写。",
                "It begins beyond what the others were last heard to hold, or at the beginning where nobody was heard."))
    }
    @OptionGroup var options: Options
    @Argument(
        help: ArgumentHelp(tr("要写的文件，如 /media/usb/今晚.dundian。", "The file, as /media/usb/tonight.dundian."), valueName: "file"))
    var file: String
    @Option(
        name: .long,
        help: ArgumentHelp(tr("只写这些范围，可写几次（默认全部）。", "Only these scopes; may be repeated (all by default)."), valueName: "scope"))
    var scope: [String] = []
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("只给这些人，可写几次（默认所有有权看的人）。", "Only for these people; may be repeated (everybody who may see it by default)."),
            valueName: "person"))
    var to: [String] = []
    @Flag(name: .long, help: ArgumentHelp(tr("从头写起，全部写入。", "Everything, from the beginning."))) var all = false
    @Flag(name: .long, help: ArgumentHelp(tr("只写中心还没有签收的。", "Only what the centre has not signed for.")))
    var sinceCentre = false
    @Flag(name: .long, help: ArgumentHelp(tr("覆盖已有的文件。", "Replace a file that is there."))) var force = false

    func validate() throws {
        if all, sinceCentre { throw ValidationError(tr("--all 与 --since-centre 不能同用。", "Give --all or --since-centre, not both.")) }
    }

    func run() throws {
        try write(options, file, scopes: scope, to: to, basis: all ? .everything : sinceCentre ? .centre : .heard, force)
    }
}

struct BundleRequest: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "request",
            abstract: tr("写一个很小的文件，告诉别人本机有到哪里。", "Write a small file that tells the others what is here."),
            discussion: tr(
                "对方读入后，再写给本机的文件就正好是缺的部分。", "Once they have read it, what they write for this laptop is just what it lacks."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("要写的文件。", "The file."), valueName: "file")) var file: String
    @Flag(name: .long, help: ArgumentHelp(tr("覆盖已有的文件。", "Replace a file that is there."))) var force = false

    func run() throws { try write(options, file, scopes: [], to: [], basis: .request, force) }
}

private func write(
    _ options: Options, _ file: String, scopes: [String], to: [String], basis: BundleBasis, _ force: Bool
) throws {
    try options.runBundles { folder in
        let roster = try folder.replica.roster()?.roster
        let ids = try scopes.map { name in
            guard let scope = roster?.scope(named: name)?.id else {
                throw ReplicaError(.scopeUnknown, name, message: "There is no scope \(name).", next: "See: dundian status")
            }
            return scope
        }
        let path = file.hasSuffix(".dundian") ? file : file + ".dundian"
        let written = try folder.writeBundle(
            to: path, scopes: ids.isEmpty ? nil : ids, persons: to.isEmpty ? nil : to, basis: basis, overwriting: force)
        let names = written.scopes.map { roster?.scope($0)?.name ?? "\($0)" }
        let missing = written.unreachable.map { roster?.name(of: $0) ?? "\($0)" }
        var lines: [String] = [
            basis == .request
                ? tr("已写好 \(Screen.safe(path))：告诉对方本机有到哪里。", "Wrote \(Screen.safe(path)): it tells what is here.")
                : tr(
                    "已写好 \(Screen.safe(path))：\(written.entries) 条，\(written.bytes) 字节。",
                    "Wrote \(Screen.safe(path)): \(written.entries) entries, \(written.bytes) bytes."),
            tr("范围：", "Scopes: ") + names.map { Screen.safe($0) }.joined(separator: tr("、", ", "))
                + tr("。打得开的设备：\(written.recipients) 台。", ". Devices that can open it: \(written.recipients)."),
        ]
        if basis != .request, written.entries == 0 {
            lines.append(
                tr("对方应该都已经有了；要从头写，请加 --all。", "The others should have everything already; add --all to write from the beginning."))
        }
        if !missing.isEmpty {
            lines.append(
                tr("打不开的设备（要先用新版程序与中心同步一次）：", "Devices that cannot open it (they must sync once with this version first): ")
                    + missing.map { Screen.safe($0) }.joined(separator: tr("、", ", ")))
        }
        options.show(
            .object([
                ("path", .string(path)), ("entries", .count(written.entries)), ("bytes", .count(written.bytes)),
                ("scopes", .list(names.map { .string($0) })), ("recipients", .count(written.recipients)),
                ("unreachable", .list(missing.map { .string($0) })),
            ]), lines)
    }
}

struct BundleRead: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "read",
            abstract: tr("读入别人写的文件。读几次都可以。", "Take in a file that another wrote. Reading it again does no harm."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("文件。", "The file."), valueName: "file")) var file: String

    func run() throws {
        try options.runBundles { folder in
            let summary = try folder.readBundle(from: file)
            let roster = try folder.replica.roster()?.roster
            let waiting = try folder.replica.reviewItemCount()
            let writer = summary.writer.map { roster?.name(of: $0) ?? "\($0)" }
            let failure = summary.damage.map { Explanation($0) }
            options.show(
                .object([
                    ("received", .count(summary.received)), ("repeated", .count(summary.repeated)),
                    ("sections", .count(summary.sections)), ("opened", .count(summary.opened)), ("writer", .optional(writer)),
                    ("written_at", summary.written.map { .integer($0.rawValue) } ?? .null),
                    ("scopes", .list(summary.scopes.map { .string(roster?.scope($0)?.name ?? "\($0)") })),
                    ("roster", summary.roster.map { .integer(Int64($0)) } ?? .null),
                    ("forks", .list(summary.forks.map { .string("\($0)") })),
                    ("refusals", .list(summary.refusals.map { .string($0) })), ("lacks_earlier", .flag(summary.lacksEarlier)),
                    ("replaced_replica", .optional(summary.replacedReplica.map { "\($0)" })),
                    ("waiting_for_review", .count(waiting)), ("damage", .optional(summary.damage?.code.rawValue)),
                ]), lines(summary, writer: writer, waiting: waiting))
            if let failure { throw failure }
            if !summary.refusals.isEmpty { throw ExitCode(ExitStatus.notTaken) }
        }
    }

    private func lines(_ summary: BundleSummary, writer: String?, waiting: Int) -> [String] {
        var lines: [String] = []
        if let writer, let time = summary.written {
            lines.append(
                tr("写的人：", "Written by ") + Screen.safe(writer) + tr("，时间 ", ", ") + Screen.time(time.rawValue) + tr("。", "."))
        }
        if summary.received > 0 {
            lines.append(
                tr(
                    "收到 \(summary.received) 条" + (summary.repeated > 0 ? "，另有 \(summary.repeated) 条本机已有。" : "。"),
                    "Received \(summary.received) entries"
                        + (summary.repeated > 0 ? "; \(summary.repeated) were here already." : ".")))
        } else if summary.damage == nil, summary.refusals.isEmpty {
            lines.append(tr("没有新内容：文件里的本机都有。", "Nothing new: everything in it is here already."))
        }
        if summary.roster != nil { lines.append(tr("名册已更新。", "The roster is newer now.")) }
        if summary.lacksEarlier {
            lines.append(
                tr(
                    "有些内容接不上：本机缺更早的部分。请对方用 dundian bundle write --all 再写一份，或先把 dundian bundle request 写的文件给对方。",
                    "Some of it follows on what is missing here. Ask for dundian bundle write --all, or hand over what dundian bundle request writes."
                ))
        }
        for fork in summary.forks {
            lines.append(tr("发现副本编号 \(fork) 被用在两处，两边的内容都已保留。", "Replica id \(fork) was used by two stores; both sides are kept."))
        }
        if let id = summary.replacedReplica {
            lines.append(
                tr(
                    "发现本机曾从旧备份恢复，或被复制过，已换用新的副本编号 \(id)。",
                    "This store had been restored from an older copy, or copied; it goes on as replica \(id)."))
        }
        lines += summary.refusals.map { tr("未收下：", "Not taken: ") + Screen.safe($0) }
        if waiting > 0 {
            lines.append(tr("有 \(waiting) 项等待裁定：dundian review list", "\(waiting) items wait for review: dundian review list"))
        }
        return lines
    }
}

extension Roster {
    /// Whose device this is, and which, for showing.
    func name(of key: PublicKey) -> String {
        guard let device = device(key) else { return "\("\(key)".prefix(12))" }
        return "\(person(device.person)?.name ?? device.person) (\(device.name))"
    }
}

extension Explanation {
    /// What is wrong with a bundle, and what to do.
    init(_ error: BundleError) {
        let detail = Screen.safe(error.detail)
        let place =
            error.chunk.map {
                tr("第 \((error.section ?? 0) + 1) 段第 \($0 + 1) 块", "section \((error.section ?? 0) + 1), chunk \($0 + 1)")
            }
            ?? error.section.map { tr("第 \($0 + 1) 段", "section \($0 + 1)") } ?? tr("开头", "the beginning")
        let kept = tr("此前完整的内容都已收下。", "What came whole before that is kept.")
        func make(_ exit: Int32, _ zh: String, _ en: String, _ zhNext: String, _ enNext: String) -> Explanation {
            Explanation(error.code.rawValue, exit: exit, tr(zh, en), tr(zhNext, enNext))
        }
        switch error.code {
        case .notABundle:
            self = make(
                ExitStatus.badInput, "这不是蹲点的文件。", "This is not a Dundian bundle.", "请核对文件名；也可能是拷贝时只剩了空文件。",
                "Check the name; a copy that went wrong may be empty.")
        case .newerVersion:
            self = make(
                ExitStatus.badInput, "这个文件是更新版本的程序写的（第 \(detail) 版格式）。", "A newer program wrote this bundle (format \(detail)).",
                "什么也没有收下。请先更新本机的程序。", "Nothing was taken in. Update this program first.")
        case .cut:
            self = make(
                ExitStatus.tryAgain, "文件不完整，到\(place)就断了。", "The bundle ends early, in \(place).", "\(kept)请重新拷贝一次再读。",
                "\(kept) Copy it again and read it once more.")
        case .changed:
            self = make(
                ExitStatus.distrusted, "文件在\(place)被改动或损坏了。", "The bundle was changed or damaged in \(place).",
                "\(kept)请重新拷贝，或请对方再写一份。",
                "\(kept) Copy it again, or ask for another.")
        case .notForThisDevice:
            self = make(
                ExitStatus.noPermission, "这个文件不是写给本机的，打不开。", "This bundle is not for this device.",
                "什么也没有收下。若应当能看，请先同步一次，再请对方重写一份。", "Nothing was taken in. If it should be, sync once and ask for a new one.")
        case .malformed:
            self = make(
                ExitStatus.distrusted, "文件的内容不合规矩（\(place)：\(detail)）。",
                "What is in the bundle breaks the rules (\(place): \(detail)).",
                "\(kept)请告诉管理员这个文件是谁写的。", "\(kept) Tell the administrator who wrote it.")
        case .otherService:
            self = make(
                ExitStatus.distrusted, "这个文件出自另一个中心服务。", "This bundle is from devices of another service.", "什么也没有收下。",
                "Nothing was taken in.")
        case .rosterRefused:
            self = make(
                ExitStatus.distrusted, "文件里的名册（第 \(detail) 版）接不上本机的名册。",
                "The roster in the bundle (version \(detail)) does not continue the one here.",
                "什么也没有收下。请问管理员服务是否被替换或恢复过。", "Nothing was taken in. Ask the administrator whether the service was replaced.")
        case .scopeNotGranted:
            self = make(
                ExitStatus.noPermission, "本机没有范围 \(detail) 的权限。", "This device may not see scope \(detail).", "需要权限请联系管理员。",
                "Ask the administrator for access.")
        case .noRecipients:
            self = make(
                ExitStatus.noPermission, "没有哪台设备能打开这个文件，所以没有写。", "No other device could open it, so nothing was written.",
                "请本机先同步一次；对方的设备也要用新版程序同步过一次。", "Sync first; the others' devices must have synced once with this version too.")
        case .personUnknown:
            self = make(
                ExitStatus.notFound, "名册上没有“\(detail)”。", "The roster does not know \(detail).", "请核对姓名。", "Check the name.")
        }
    }
}
