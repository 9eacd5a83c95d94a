// Finding laptops on one network by multicast DNS, through Avahi's tools where they are installed. What is announced is a random name and
// a hash that only devices of the same service can recognise: nothing about people, nothing that stays the same from one day to the next.

import Dundian
import Foundation
import Synchronization

final class Discovery: Sendable {
    private static let service = "_dundian._tcp"

    private let root: PublicKey
    private let port: Int
    /// This laptop's name for this meeting.
    private let nonce: String
    private struct State {
        var processes: [Process] = []
        var visited: Set<String> = []
        var rest = ""
    }
    private let state = Mutex(State())

    init(root: PublicKey, port: Int, entropy: some Entropy) {
        (self.root, self.port) = (root, port)
        nonce = String(entropy.next(), radix: 16)
    }

    var isRunning: Bool { state.withLock { !$0.processes.isEmpty } }

    /// Announces this laptop and tells of others, each once. Does nothing where Avahi is not installed.
    func start(found: @escaping @Sendable (String, Int) -> Void) {
        guard let publish = Self.tool("avahi-publish-service"), let browse = Self.tool("avahi-browse") else { return }
        run(publish, [nonce, Self.service, String(port), "t=\(MeetingPlace.mark(of: root, nonce: nonce))"], output: nil)
        let pipe = Pipe()
        pipe.fileHandleForReading.readabilityHandler = { [self] handle in
            let data = handle.availableData
            // The tool has ended: there is no more to come, and no more to be told of it.
            if data.isEmpty { handle.readabilityHandler = nil }
            let lines = state.withLock { state in
                state.rest += String(decoding: data, as: UTF8.self)
                var lines = state.rest.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                state.rest = String((lines.popLast() ?? "").suffix(4_096))
                return lines
            }
            for line in lines {
                guard let other = FoundLaptop(line: line), MeetingPlace.mark(of: root, nonce: other.nonce) == other.mark,
                    // Of two that find each other one goes.
                    nonce < other.nonce, state.withLock({ $0.visited.insert(other.nonce).inserted })
                else { continue }
                found(other.host, other.port)
            }
        }
        run(browse, ["--resolve", "--parsable", "--no-db-lookup", Self.service], output: pipe)
    }

    func stop() {
        for process in state.withLock({ $0.processes }) where process.isRunning { process.terminate() }
    }

    private func run(_ tool: String, _ arguments: [String], output: Pipe?) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return }
        state.withLock { $0.processes.append(process) }
    }

    private static func tool(_ name: String) -> String? {
        let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return paths.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
