// Runs the conformance kit over an own store and transport; then opens two replicas, joins them to a running service, commits,
// observes, syncs and settles.
//
//   Integrator FOLDER URL CODE CODE

import Dundian

func expect(_ condition: Bool, _ what: String) {
    guard condition else { fatalError("not as expected: \(what)") }
    print("ok: \(what)")
}

@main
struct Integrator {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5 else { fatalError("usage: Integrator FOLDER URL CODE CODE") }
        let (folder, url) = (arguments[1], arguments[2])

        // A store and a transport of one's own
        try conformance()

        // Open
        let mine = try ReplicaFolder(path: folder + "/mine")
        let theirs = try ReplicaFolder(path: folder + "/theirs")

        // Join
        try mine.service(at: url).join(code: arguments[3], deviceName: "integrator 1")
        try theirs.service(at: url).join(code: arguments[4], deviceName: "integrator 2")
        guard let roster = try mine.replica.roster()?.roster, let scope = roster.scopes(of: mine.replica.key).first else {
            fatalError("no scope was granted")
        }
        expect(roster.devices.count >= 1, "joined, and on the roster")

        // Observe: the stream is asked for before the commit, so that nothing is missed.
        var changes = mine.replica.changes().makeAsyncIterator()

        // Commit
        let id = try mine.replica.create(
            "unit", in: scope.id, fields: [("name", .value(.text("示例单位"))), ("tier", .value(.text("township")))])
        await changes.next()
        expect(try mine.replica.record(id)?.text("name") == "示例单位", "committed and observed")

        // Sync
        _ = try mine.service(at: url).sync()
        _ = try theirs.service(at: url).sync()
        expect(try theirs.replica.record(id)?.text("name") == "示例单位", "synced to the other replica")

        // Part, write, meet
        try mine.replica.edit(id, fields: [("name", .value(.text("示例单位（甲）")))])
        try theirs.replica.edit(id, fields: [("name", .value(.text("示例单位（乙）")))])
        _ = try mine.service(at: url).sync()
        _ = try theirs.service(at: url).sync()
        let items = try theirs.replica.reviewItems().filter { $0.item.record == id }
        expect(items.count == 1 && items[0].item.kind == .contested, "the conflict waits for review")
        do {
            try theirs.replica.edit(id, fields: [("name", .value(.text("悄悄定下")))])
            fatalError("a contested field was edited")
        } catch let error as ReplicaError {
            expect(error.code == .fieldContested, "a contested field is not edited silently")
        }

        // Settle
        try theirs.replica.settle(items[0], by: .value(.text("示例单位（甲、乙）")), reason: "双方商定")
        _ = try theirs.service(at: url).sync()
        _ = try mine.service(at: url).sync()
        expect(try mine.replica.record(id)?.text("name") == "示例单位（甲、乙）", "settled, and the settlement arrived")
        let digests = (try mine.replica.digests(), try theirs.replica.digests())
        expect(digests.0 == digests.1, "equal digests")
        expect(try mine.replica.check().faults.isEmpty, "everything verifies")

        // SQL
        let names = try mine.store.query("SELECT name FROM unit WHERE id = ?", arguments: ["\(id)"])
        expect(names.rows == [["示例单位（甲、乙）"]], "one SQL view per record type")
    }
}
