// `dundian meet`: laptops at one table find each other and exchange, with no server.

import ArgumentParser
import Dundian
import Foundation
import Synchronization
import Terminal

struct Meet: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "meet",
            abstract: tr("同一网络里的几台电脑直接互通，不用服务器。", "Exchange directly with laptops on the same network, with no server."),
            discussion: tr(
                "每台电脑都运行 dundian meet。装有 avahi 的会自动找到对方；否则把这里显示的地址念给对方，对方输入：dundian meet 地址。按 Ctrl-C 结束。",
                "Run dundian meet on every laptop. With avahi they find each other; else read out the address shown here, to be typed as: dundian meet ADDRESS. Ctrl-C ends it."
            ))
    }
    @OptionGroup var options: Options
    @Argument(
        help: ArgumentHelp(
            tr("对方的地址，可带端口，如 192.168.3.7:47963。", "The others' addresses, as 192.168.3.7:47963."), valueName: "address"))
    var addresses: [String] = []
    @Option(name: .long, help: ArgumentHelp(tr("监听的端口；0 为任选。", "The port to listen on; 0: any."), valueName: "port"))
    var port = MeetingPlace.defaultPort
    @Option(name: .long, help: ArgumentHelp(tr("只在这个地址上监听。", "Listen on this address only."), valueName: "address"))
    var listen: String?
    @Option(name: .long, help: ArgumentHelp(tr("把端口写进这个文件。", "Write the port to this file."), valueName: "file"))
    var portFile: String?
    @Flag(name: .long, help: ArgumentHelp(tr("与人互通一次后就结束。", "End once somebody was met."))) var once = false
    @Option(name: .customLong("for"), help: ArgumentHelp(tr("多少秒后结束。", "End after so many seconds."), valueName: "seconds"))
    var seconds: Double?
    @Flag(name: .long, help: ArgumentHelp(tr("不广播，也不自动寻找。", "Neither announce this laptop nor look for others.")))
    var noDiscovery = false

    func run() throws {
        let places = try addresses.map { text in
            guard let place = Self.place(text) else {
                throw ValidationError(tr("“\(text)”不是地址。", "\"\(text)\" is no address."))
            }
            return place
        }
        guard (0...65_535).contains(port) else { throw ValidationError(tr("端口是 0 到 65535。", "A port is 0 to 65535.")) }
        try options.run { folder in
            options.makeRoom(folder)
            guard let roster = try folder.replica.roster()?.roster else {
                throw ReplicaError(
                    .notJoined, message: "This replica has not joined a service, so it knows nobody to meet.",
                    next: "Run: dundian join URL CODE")
            }
            let table = MeetingTable(folder: folder, isJSON: options.json)
            let place = folder.meetingPlace { table.happened($0) }
            let bound: Int
            do { bound = try place.listen(on: listen, port: port) } catch let error as MeetingError {
                throw Explanation(
                    "port-taken", exit: ExitStatus.tryAgain,
                    tr("无法在端口 \(port) 上监听（\(error.detail)）。", "Port \(port) cannot be listened on (\(error.detail))."),
                    tr(
                        "可能已有一个 dundian meet 在运行；或用 --port 0 换一个端口。",
                        "Perhaps dundian meet is running already; or take another with --port 0."))
            }
            if let portFile { try Data("\(bound)\n".utf8).write(to: URL(fileURLWithPath: portFile), options: .atomic) }
            if !options.json { announce(bound) }
            let discovery =
                noDiscovery || listen != nil ? nil : Discovery(root: roster.root, port: bound, entropy: SystemEntropy())
            defer { discovery?.stop() }
            discovery?.start { place.visit($0, port: $1) }
            if !options.json, listen == nil, !noDiscovery, discovery?.isRunning != true {
                Screen.print(tr("这台电脑上没有 avahi，请把地址念给对方。", "There is no avahi here: read the address out."))
            }
            for (host, port) in places { place.visit(host, port: port, isPatient: !once) }
            wait(for: place, table, expected: places.count)
            try table.finish(options)
        }
    }

    /// `host`, `host:port`, `[v6]:port` or a bare IPv6 address.
    static func place(_ text: String) -> (host: String, port: Int)? {
        var host = text
        var port: Int? = MeetingPlace.defaultPort
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            if !rest.isEmpty { port = rest.hasPrefix(":") ? Int(rest.dropFirst()) : nil }
        } else if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
            host = String(text[..<colon])
            port = Int(text[text.index(after: colon)...])
        }
        guard let port, (1...65_535).contains(port), !host.isEmpty else { return nil }
        return (host, port)
    }

    private func announce(_ port: Int) {
        let addresses = listen.map { [$0] } ?? MeetingPlace.ownAddresses
        let shown = addresses.map { address in
            let host = address.contains(":") ? "[\(address)]" : address
            return port == MeetingPlace.defaultPort ? host : "\(host):\(port)"
        }
        Screen.print(
            tr("本机地址：", "This laptop: ") + (shown.isEmpty ? "—" : shown.joined(separator: tr("、", ", ")))
                + tr("。对方输入：", ". The others type: ") + "dundian meet \(shown.first ?? tr("地址", "ADDRESS"))")
    }

    /// Until Ctrl-C, until the time is up, or until whoever was expected was met and nobody is talking.
    private func wait(for place: MeetingPlace, _ table: MeetingTable, expected: Int) {
        Interrupt.watch()
        let begun = Date()
        var quietSince: Date?
        while !Interrupt.isAsked {
            if let seconds, Date().timeIntervalSince(begun) >= seconds { break }
            let isDone = once && table.outcomes >= max(1, expected) && place.conversations.busy == 0
            quietSince = isDone ? quietSince ?? Date() : nil
            if let quietSince, Date().timeIntervalSince(quietSince) > 0.5 { break }
            Thread.sleep(forTimeInterval: 0.05)
        }
        place.stop()
        // Who is in the middle of something may finish it.
        let asked = Date()
        while place.conversations.all > 0, Date().timeIntervalSince(asked) < 5 { Thread.sleep(forTimeInterval: 0.02) }
    }
}

/// Ctrl-C ends a meeting in order.
private enum Interrupt {
    static var isAsked: Bool { interrupted.load(ordering: .relaxed) }
    static func watch() {
        signal(SIGINT) { _ in interrupted.store(true, ordering: .relaxed) }
        signal(SIGTERM) { _ in interrupted.store(true, ordering: .relaxed) }
    }
}

/// What a signal handler may reach.
private let interrupted = Atomic<Bool>(false)

/// What happened at the table, told as it happens.
private final class MeetingTable: Sendable {
    private struct State {
        var met: [PublicKey: MeetingSummary] = [:]
        var outcomes = 0
        var failures: [(address: String, error: MeetingError)] = []
        var storeError: (any Error)?
        var told: [PublicKey: (sent: Int, received: Int)] = [:]
        var lastNews: Date?
    }
    private let folder: ReplicaFolder
    private let isJSON: Bool
    private let begun = Date()
    private let state = Mutex(State())

    init(folder: ReplicaFolder, isJSON: Bool) { (self.folder, self.isJSON) = (folder, isJSON) }

    /// Laptops met, and attempts that failed.
    var outcomes: Int { state.withLock { $0.outcomes } }

    private func name(_ key: PublicKey?) -> String {
        guard let key, let roster = try? folder.replica.roster()?.roster else { return "?" }
        return roster.name(of: key)
    }

    func happened(_ event: MeetingEvent) {
        switch event {
        case .met(let summary):
            let isNews = state.withLock { state in
                guard let peer = summary.peer else { return false }
                if state.met[peer] == nil { state.outcomes += 1 }
                state.met[peer] = summary
                let told = state.told[peer]
                state.told[peer] = (summary.sent, summary.received)
                let isNews = told == nil || told?.sent != summary.sent || told?.received != summary.received
                if isNews { state.lastNews = Date() }
                return isNews
            }
            if isNews, !isJSON { tell(summary) }
        case .left: break
        case .failed(let address, let error, let summary):
            state.withLock { state in
                state.outcomes += 1
                state.failures.append((address, error))
            }
            if !isJSON {
                let who = summary.peer.map { name($0) } ?? address
                Screen.complain(Screen.safe(who) + tr("：", ": ") + Explanation(error).message)
            }
        case .storeFailed(let error): state.withLock { $0.storeError = $0.storeError ?? error }
        }
    }

    private func tell(_ summary: MeetingSummary) {
        let seconds = String(format: "%.1f", Date().timeIntervalSince(begun))
        Screen.print(
            tr(
                "与 \(Screen.safe(name(summary.peer))) 互通：送出 \(summary.sent) 条，收到 \(summary.received) 条（第 \(seconds) 秒）。",
                "Met \(Screen.safe(name(summary.peer))): sent \(summary.sent), received \(summary.received) entries (after \(seconds) s)."
            ))
        if !summary.isSame {
            Screen.print(tr("两边还不完全一致，可再来一次。", "The two do not hold quite the same yet; meet again."))
        }
        for fork in summary.forks {
            Screen.print(tr("发现副本编号 \(fork) 被用在两处，两边的内容都已保留。", "Replica id \(fork) was used by two stores; both sides are kept."))
        }
        for refusal in summary.refusals { Screen.print(tr("未收下：", "Not taken: ") + Screen.safe(refusal)) }
    }

    func finish(_ options: Options) throws {
        let state = state.withLock { $0 }
        if let error = state.storeError { throw error }
        let met = state.met.sorted { $0.key < $1.key }
        let held = try heldElsewhere()
        options.show(
            .object([
                (
                    "met",
                    .list(
                        met.map { key, summary in
                            .object([
                                ("device", .string("\(key)")), ("name", .string(name(key))), ("sent", .count(summary.sent)),
                                ("received", .count(summary.received)), ("rounds", .count(summary.rounds)),
                                ("same", .flag(summary.isSame)), ("scopes", .list(summary.scopes.map { .string("\($0)") })),
                                ("forks", .list(summary.forks.map { .string("\($0)") })),
                                ("refusals", .list(summary.refusals.map { .string($0) })),
                            ])
                        })
                ),
                (
                    "failed",
                    .list(
                        state.failures.map {
                            .object([
                                ("address", .string($0.address)), ("code", .string($0.error.code.rawValue)),
                                ("detail", .string($0.error.detail)),
                            ])
                        })
                ), ("also_held_by", .list(held.map { .string($0) })),
                ("last_news_at", state.lastNews.map { .integer(Int64($0.timeIntervalSince1970 * 1_000)) } ?? .null),
            ]),
            met.isEmpty
                ? [tr("没有遇到别的电脑。", "No other laptop was met.")]
                : held.isEmpty
                    ? []
                    : [
                        tr("本机写的内容，现在这些电脑上也都有：", "What was written here is now on these laptops too: ")
                            + held.map { Screen.safe($0) }.joined(separator: tr("、", ", "))
                    ])
        if met.isEmpty, let failure = state.failures.first { throw Explanation(failure.error) }
        if met.contains(where: { !$0.value.refusals.isEmpty }) { throw ExitCode(ExitStatus.notTaken) }
    }

    /// Who holds everything this device wrote, in all its scopes.
    private func heldElsewhere() throws -> [String] {
        let replica = folder.replica
        let scopes = try replica.confirmations().filter { $0.unconfirmed > 0 }.map(\.scope)
        guard let first = scopes.first else { return [] }
        var devices = try replica.alsoHeld(in: first)
        for scope in scopes.dropFirst() {
            let here = try replica.alsoHeld(in: scope)
            devices.removeAll { !here.contains($0) }
        }
        return devices.map { name($0) }
    }
}

extension Explanation {
    /// Why a meeting did not come about, and what to do.
    init(_ error: MeetingError) {
        let detail = Screen.safe(error.detail)
        func make(_ exit: Int32, _ zh: String, _ en: String, _ zhNext: String, _ enNext: String) -> Explanation {
            Explanation(error.code.rawValue, exit: exit, tr(zh, en), tr(zhNext, enNext))
        }
        switch error.code {
        case .unreachable:
            self = make(
                ExitStatus.unreachable, "连不上对方（\(detail)）。", "The other laptop cannot be reached (\(detail)).",
                "请核对地址和端口，确认两台电脑在同一网络，且对方正在运行 dundian meet。",
                "Check the address and the port, that both are on one network, and that dundian meet runs there.")
        case .notDundian, .malformed:
            self = make(
                ExitStatus.distrusted, "对方不是蹲点，或说的话不合规矩（\(detail)）。",
                "What is there is not Dundian, or breaks the rules (\(detail)).",
                "已收下的都验证过。请核对地址。", "What was taken in was verified. Check the address.")
        case .otherVersion:
            self = make(
                ExitStatus.badInput, "对方的程序是另一个版本（第 \(detail) 版）。", "The other's program speaks another version (\(detail)).",
                "请两边都更新到同一版本。", "Update both to the same version.")
        case .otherService:
            self = make(
                ExitStatus.distrusted, "对方不属于同一个中心服务，或线路被动过手脚。", "The other is of another service, or the line was tampered with.",
                "什么也没有交换。请核对对方是不是自己人。", "Nothing was exchanged. Check who it is.")
        case .distrusted:
            self = make(
                ExitStatus.distrusted, "对方不能证明自己的身份（\(detail)）。", "The other cannot prove who it is (\(detail)).",
                "已收下的都验证过。请告诉管理员。", "What was taken in was verified. Tell the administrator.")
        case .stranger:
            self = make(
                ExitStatus.noPermission, "名册上没有对方的设备。", "The roster does not list the other device.",
                "什么也没有给对方。请双方先与中心同步一次。", "Nothing was given to it. Both should sync with the centre first.")
        case .withdrawn:
            self = make(
                ExitStatus.noPermission, "对方设备的权限已被收回。", "Every scope was taken from the other device.", "什么也没有给对方。",
                "Nothing was given to it.")
        case .refused:
            self = make(
                ExitStatus.noPermission, "对方不认识本机，或本机的权限已被收回（\(detail)）。",
                "The other does not know this device, or its scopes were withdrawn (\(detail)).", "请先与中心同步一次，或联系管理员。",
                "Sync with the centre first, or ask the administrator.")
        case .oneself:
            self = make(
                ExitStatus.badInput, "那是本机自己，或本机的一份拷贝。", "That is this device itself, or a copy of it.", "请输入对方的地址。",
                "Type another laptop's address.")
        case .cut:
            self = make(
                ExitStatus.tryAgain, "与对方的连接断了。", "The line to the other laptop broke.", "已完整收到的都已保存。再来一次即可。",
                "What came whole is kept. Just meet again.")
        }
    }
}
