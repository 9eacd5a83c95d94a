// The tutorial, from opening to settling, with two beekeepers.
//
//   Beekeeping                          over a service in memory, in a temporary folder
//   Beekeeping FOLDER URL CODE CODE     over a running service, with two join codes for one scope

import Dundian
import DundianConformance
import Foundation

@main
struct Beekeeping {
    static func main() async throws {
        let arguments = CommandLine.arguments
        if arguments.count == 5 {
            let (folder, url) = (arguments[1], arguments[2])
            let catalogue = try Catalogue.beekeeping()
            let lan = try ReplicaFolder(path: folder + "/lan", catalogue: catalogue)
            let mei = try ReplicaFolder(path: folder + "/mei", catalogue: catalogue)
            let scopes = [
                try join(lan, url: url, code: arguments[3]), try join(mei, url: url, code: arguments[4]),
            ]
            guard let scope = scopes[0] else { fatalError("the code grants no scope") }
            try await season(lan, mei, in: scope) { try synchronise($0, url: url) }
        } else {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("beekeeping-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let (lan, mei) = (try open(folder + "/lan"), try open(folder + "/mei"))
            let service = try ConformanceService()
            try service.join(lan.replica, person: "Lan")
            try service.join(mei.replica, person: "Mei")
            try await season(lan, mei, in: service.scope) { place in
                try place.replica.sync(over: DirectTransport(to: service, from: place.replica.key))
            }
        }
    }

    /// A season in short.
    static func season(
        _ lan: ReplicaFolder, _ mei: ReplicaFolder, in scope: ScopeID, sync: @Sendable (ReplicaFolder) throws -> SyncSummary
    ) async throws {
        let hive = try await observed(in: lan) { try commit(to: lan, in: scope) }
        _ = try sync(lan)
        _ = try sync(mei)
        try edit(hive, in: lan)
        try mei.replica.edit(
            hive, fields: [("frames", .value(.integer(8))), ("plants", .adding([.text("槐花")]))], message: "南坡的槐树开了")
        for place in [lan, mei] { report(try sync(place)) }
        try settle(in: mei)
        _ = try sync(mei)
        _ = try sync(lan)
        for place in [lan, mei] { try query(in: place) }
        let digests = (try lan.replica.digests(), try mei.replica.digests())
        guard digests.0 == digests.1 else { fatalError("the two replicas differ") }
        print("两份记录一致。Both replicas hold the same.")
    }

    static func open(_ path: String) throws -> ReplicaFolder {
        let catalogue = try Catalogue.beekeeping()
        let place = try ReplicaFolder(path: path, catalogue: catalogue)
        return place
    }

    static func join(_ place: ReplicaFolder, url: String, code: String) throws -> ScopeID? {
        let service = try place.service(at: url)
        try service.join(code: code, deviceName: "蜂场的电脑")
        let roster = try place.replica.roster()?.roster
        return roster?.scopes(of: place.replica.key).first?.id
    }

    static func commit(to place: ReplicaFolder, in scope: ScopeID) throws -> RecordID {
        let hive = Hive(name: "一号箱", frames: 6, season: "wintering", plants: ["油菜花"])
        let id = try place.replica.create("hive", in: scope, fields: hive.fields, message: "越冬后第一次开箱")
        return id
    }

    static func edit(_ id: RecordID, in place: ReplicaFolder) throws {
        try place.replica.edit(
            id, fields: [("frames", .value(.integer(7))), ("season", .value(.text("growing")))])
    }

    static func query(in place: ReplicaFolder) throws {
        for record in try place.replica.records(type: "hive") {
            let hive = Hive(record)
            print(hive.name, hive.frames ?? 0, hive.season ?? "", hive.plants.sorted().joined(separator: "、"))
        }
        let large = try place.store.query("SELECT name FROM hive WHERE frames >= 6")
        for row in large.rows { print(row.compactMap { $0 }.joined(separator: " ")) }
    }

    static func observed(in place: ReplicaFolder, _ change: @Sendable () throws -> RecordID) async throws -> RecordID {
        var changes = place.replica.changes().makeAsyncIterator()
        let id = try change()
        await changes.next()
        return id
    }

    static func synchronise(_ place: ReplicaFolder, url: String) throws -> SyncSummary {
        let summary = try place.service(at: url).sync()
        return summary
    }

    static func report(_ summary: SyncSummary) {
        print("送出 \(summary.sent) 条，收到 \(summary.received) 条")
        for line in summary.refusals { print("没有收下：\(line)") }
    }

    static func settle(in place: ReplicaFolder) throws {
        for item in try place.replica.reviewItems() where item.item.kind == .contested {
            guard let record = try place.replica.record(item.item.record, in: item.scope) else { continue }
            let candidates = record.state[item.item.field]?.candidates ?? []
            for candidate in candidates { print(candidate.author ?? "?", candidate.value.value?.plainText ?? "") }
            try place.replica.settle(item, by: .value(.integer(8)), reason: "一起又数了一遍")
        }
    }
}
