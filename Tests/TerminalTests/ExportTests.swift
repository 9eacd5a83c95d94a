// Records out into files and in again: the same come back, nothing half, and no cell that a spreadsheet would run.

import Causality
import Foundation
import Journals
import Records
import Replicas
import StoreSQLite
import Supervision
import Terminal
import Testing
import Worlds

private let catalogue = Catalogue.supervision

/// Two laptops that know nothing of each other, each with a store of its own.
private struct Desk {
    let world: World
    let ann: Replica
    let ben: Replica

    init() throws {
        world = try World()
        ann = try world.laptop("ann", store: SQLiteStore(path: TemporaryFolder.file()))
        ben = try world.laptop("ben", store: SQLiteStore(path: TemporaryFolder.file()))
    }

    /// Writes to a record without having seen what is there.
    func put(_ fields: [(FieldKey, Value)], of record: UInt64, _ type: TypeKey = "talk") throws {
        let writes = fields.map { Write(.put, field: $0.0, value: .value($0.1)) }
        let edit = Edit(record: World.record(record), type: type, context: VersionVector(), writes: writes)
        try ann.commit(Change(edits: [edit]), in: world.scope)
    }

    func importer(_ replica: Replica, updates: Bool = false) -> Importer {
        Importer(replica: replica, catalogue: catalogue, updates: updates, .english) { name, _ in
            guard name == "everyone" else {
                throw Explanation("scope-unknown", exit: 66, "no scope \(name ?? "")", "")
            }
            return world.scope
        }
    }

    /// The lines of all records, without who changed them when.
    func lines(of replica: Replica) throws -> [String] {
        let path = try TemporaryFolder.file("out.jsonl")
        var exporter = Exporter()
        exporter.includesDeleted = true
        _ = try exporter.run(replica, into: JSONLinesTarget(path, replaces: false, catalogue))
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            String(line).replacing(/"changed_at":\d+,"changed_by":"?\w+"?,"seen":"[^"]*",/, with: "")
                .replacing(/,"author":"?\w+"?,"time":\d+/, with: "")
        }
    }

    func take(_ lines: [String], into replica: Replica, updates: Bool = false) throws -> Importer.Plan {
        let importer = importer(replica, updates: updates)
        let plan = try importer.plan(Array(lines.joined(separator: "\n").utf8))
        try importer.commit(plan)
        return plan
    }

    func refusal(_ lines: [String], into replica: Replica, updates: Bool = false) throws -> Explanation? {
        do {
            _ = try take(lines, into: replica, updates: updates)
            return nil
        } catch { return error as? Explanation }
    }
}

struct CSVTests {
    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"so\"", "\"say \"\"so\"\"\""), ("two\nlines", "\"two\nlines\""),
        (" edge", "\" edge\""), ("三楼会议室", "三楼会议室"), ("=1+1", "'=1+1"), ("+86", "'+86"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"), ("\r=1", "\"'\r=1\""), ("＝1", "'＝1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠x", "'＠x"), ("  =1", "'  =1"),
        ("\u{FEFF}=1", "'\u{FEFF}=1"), ("a=1", "a=1"), ("", ""),
        ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
    ])
    func `a text is quoted as RFC 4180 says and never a formula`(_ text: String, _ expected: String) {
        #expect(CSV.line([.text(text)]) == expected + "\r\n")
    }

    @Test func `numbers stay numbers`() {
        #expect(CSV.line([.integer(-5), .decimal("-12.50"), .flag(true), .empty, .text("x")]) == "-5,-12.50,true,,x\r\n")
    }
}

struct ExportTests {
    /// Every kind of value, in fields the catalogue has, in fields it has not, and where they do not fit.
    private static let values: [(FieldKey, Value)] = [
        ("place", .text("三楼\n会议室 \"A\"")), ("session", .integer(2)), ("start", .time("2026-05-11T09:30+08:00")),
        ("place_kind", .text("no such choice")), ("status", .text("draft")), ("subject", .reference(RecordID(high: 7, low: 9))),
        ("subject_has_read", .flag(true)), ("work", .text("")), ("growth", .empty), ("talkers", .text("not a set here")),
        ("x_text", .text("@label")), ("x_integer", .integer(.max)), ("x_flag", .flag(false)), ("x_date", .date("2026-05-11")),
        ("x_decimal", .decimal("12.50")), ("x_reference", .reference(RecordID(high: 1, low: 2))), ("x_data", .data([0, 255])),
        ("x_list", .list([.text("a"), .integer(1), .list([])])), ("x_empty", .text("")),
        ("lead", .integer(3)), ("x_time", .time("2026-05-11T09:30+08:00")),
    ]

    @Test func `what goes out comes in the same`() throws {
        let desk = try Desk()
        try desk.put(Self.values, of: 1)
        try desk.ann.create(
            "talk", in: desk.world.scope, id: World.record(2),
            fields: [("talkers", .elements([.text("甲"), .text("乙")])), ("x_set", .elements([.integer(1), .date("2026-05-11")]))])
        try desk.ann.create("mystery", in: desk.world.scope, id: World.record(3), fields: [("colour", .value(.text("blue")))])
        try desk.ann.delete(World.record(3))
        try desk.ann.create("unit", in: desk.world.scope, id: World.record(4), fields: [])

        let before = try desk.lines(of: desk.ann)
        let plan = try desk.take(before, into: desk.ben)
        #expect(plan.created.count == 4)
        let after = try desk.lines(of: desk.ben)
        // A cleared field of a record nobody has seen is one that was never written.
        #expect(after == before.map { $0.replacing("\"growth\":null,", with: "") })
        for (field, value) in Self.values where value != .empty {
            let read = try desk.ben.record(World.record(1))?.value(field)
            #expect(read == value, "\(field)")
        }
        let report = try desk.ben.check()
        #expect(report.faults == [])
        let open = try desk.ben.reviewItemCount()
        #expect(open == 0)
    }

    @Test func `a contested field comes in contested, with the same values and the same one shown`() throws {
        let desk = try Desk()
        try desk.put([("place", .text("A")), ("session", .integer(1))], of: 1)
        try desk.put([("place", .text("B"))], of: 1)
        try desk.put([("place", .text("C"))], of: 1)
        let before = try desk.lines(of: desk.ann)
        #expect(before.contains { $0.contains(#""contested":{"place":[{"value":"A"},{"value":"B"},{"value":"C"}]}"#) })
        _ = try desk.take(before, into: desk.ben)
        let after = try desk.lines(of: desk.ben)
        #expect(after == before)
        let open = try desk.ben.reviewItemCount()
        #expect(open == 1)
        let again = try desk.take(before, into: desk.ben)
        #expect((again.created.count, again.changes.count, again.unchanged) == (0, 0, 1))
    }

    @Test func `what is here and the same is passed over, what differs is refused unless it may be changed`() throws {
        let desk = try Desk()
        let line = { (place: String) in
            #"{"id":"\#(World.record(1))","type":"talk","scope":"everyone","fields":{"place":"\#(place)","session":1}}"#
        }
        let first = try desk.take([line("A")], into: desk.ann)
        #expect((first.created, first.unchanged) == ([World.record(1)], 0))
        let second = try desk.take([line("A")], into: desk.ann)
        #expect((second.created, second.unchanged, second.changes.count) == ([], 1, 0))
        let refused = try desk.refusal([line("B")], into: desk.ann)
        #expect(refused?.code == "record-differs")
        let before = try desk.ann.record(World.record(1))?.text("place")
        #expect(before == "A")
        let third = try desk.take([line("B")], into: desk.ann, updates: true)
        #expect(third.updated == [World.record(1)])
        let after = try desk.ann.record(World.record(1))?.text("place")
        #expect(after == "B")
    }

    /// Ann's record, as a line of it goes out, with its place changed in the file.
    private func exported(_ desk: Desk, without removed: [String] = [], place: String = "mine") throws -> String {
        try desk.ann.create(
            "talk", in: desk.world.scope, id: World.record(1),
            fields: [("place", .value(.text("A"))), ("work", .value(.text("B"))), ("talkers", .elements([.text("甲")]))])
        let state = try #require(try desk.ann.record(World.record(1))).state
        guard case .object(var members) = RecordLine(catalogue).json(state, scope: "everyone") else { return "" }
        members.removeAll { removed.contains($0.0) }
        return JSON.object(members).text.replacing(#""place":"A""#, with: #""place":"\#(place)""#)
    }

    private func places(_ replica: Replica) throws -> [String] {
        let candidates = try replica.record(World.record(1))?.state["place"]?.candidates ?? []
        return candidates.compactMap { $0.value.value?.plainText }.sorted()
    }

    @Test func `a line is an edit of the version it was exported from: what came since is kept beside it`() throws {
        let desk = try Desk()
        let line = try exported(desk)
        desk.world.clock.advance(1_000)
        try desk.ann.edit(World.record(1), fields: [("place", .value(.text("newer"))), ("work", .value(.text("newer")))])
        let plan = try desk.take([line], into: desk.ann, updates: true)
        #expect(plan.crossed.map(\.fields) == [["place"]])
        let (both, record) = (try places(desk.ann), try desk.ann.record(World.record(1)))
        #expect(both == ["mine", "newer"])
        #expect(record?.text("work") == "newer")
        let items = try desk.ann.reviewItems().map(\.item.field)
        #expect(items == ["place"])
        let report = try desk.ann.check()
        #expect(report.faults == [])
        let again = try desk.take([line], into: desk.ann, updates: true)
        #expect((again.unchanged, again.changes.count) == (1, 0))
    }

    @Test func `a line that nobody changed says nothing new, whatever came since`() throws {
        let desk = try Desk()
        let line = try exported(desk, place: "A")
        try desk.ann.edit(World.record(1), fields: [("place", .value(.text("newer")))])
        let refused = try desk.refusal([line], into: desk.ann)
        #expect(refused?.code == "record-differs")
        let plan = try desk.take([line], into: desk.ann, updates: true)
        #expect((plan.unchanged, plan.updated, plan.crossed.count) == (1, [], 0))
        let now = try places(desk.ann)
        #expect(now == ["newer"])
    }

    @Test func `a line of a record that was deleted since is kept for review`() throws {
        let desk = try Desk()
        let line = try exported(desk)
        try desk.ann.delete(World.record(1))
        let plan = try desk.take([line], into: desk.ann, updates: true)
        #expect(plan.crossed.map(\.fields) == [[]])
        let open = try desk.ann.reviewItemCount()
        #expect(open == 1)
    }

    @Test func `a version that is not here is not guessed at`() throws {
        let desk = try Desk()
        let line = try exported(desk)
        _ = try desk.take([line.replacing("mine", with: "A")], into: desk.ben)
        let refused = try desk.refusal([line], into: desk.ben, updates: true)
        #expect(refused?.code == "version-missing")
        #expect(refused?.next.contains("Sync first") == true)
        let kept = try places(desk.ben)
        #expect(kept == ["A"])
        let faulty = try desk.refusal([line.replacing(#""seen":""#, with: #""seen":"x"#)], into: desk.ann, updates: true)
        #expect(faulty?.code == "line-malformed")
    }

    @Test func `without a version, a field changed after the line's time is refused by name`() throws {
        let desk = try Desk()
        let line = try exported(desk, without: ["seen"])
        desk.world.clock.advance(1_000)
        try desk.ann.edit(World.record(1), fields: [("work", .value(.text("newer")))])
        let other = line.replacing(#""work":"B""#, with: #""work":"newer""#)
        let plan = try desk.take([other], into: desk.ann, updates: true)
        #expect(plan.updated.count == 1)
        desk.world.clock.advance(1_000)
        try desk.ann.edit(World.record(1), fields: [("place", .value(.text("newer")))])
        let refused = try desk.refusal([other], into: desk.ann, updates: true)
        #expect(refused?.code == "field-changed-since")
        #expect(refused?.message.contains("field place of record \(World.record(1))") == true)
        #expect(refused?.next.contains("Export again") == true)
        // Of a set nobody notes when an element was dropped.
        let set = other.replacing(#""place":"mine""#, with: #""place":"newer""#).replacing("甲", with: "乙")
        let unsure = try desk.refusal([set], into: desk.ann, updates: true)
        #expect(unsure?.message.contains("field talkers") == true)
        let now = try places(desk.ann)
        #expect(now == ["newer"])
    }

    @Test func `with neither, a person's own values are replaced and empty fields filled, nothing else`() throws {
        let desk = try Desk()
        let line = try exported(desk, without: ["seen", "changed_at", "changed_by"])
        for unit in try desk.world.units(of: desk.ann, beyond: Knowledge()) {
            _ = try desk.ben.ingest([unit], in: desk.world.scope)
        }
        let refused = try desk.refusal([line], into: desk.ben, updates: true)
        #expect(refused?.code == "version-unsaid")
        #expect(refused?.message.contains("field place of record \(World.record(1))") == true)
        let dropped = try desk.refusal(
            [line.replacing("mine", with: "A").replacing("甲", with: "乙")], into: desk.ben, updates: true)
        #expect(dropped?.message.contains("field talkers") == true)
        let filled = line.replacing("mine", with: "A").replacing(#""fields":{"#, with: #""fields":{"growth":"new","#)
            .replacing(#"["甲"]"#, with: #"["甲","乙"]"#)
        let plan = try desk.take([filled], into: desk.ben, updates: true)
        #expect(plan.updated.count == 1)
        let record = try desk.ben.record(World.record(1))
        #expect(record?.text("growth") == "new" && record?.elements("talkers").count == 2)
        let own = try desk.take([line], into: desk.ann, updates: true)
        #expect(own.updated.count == 1)
    }

    @Test func `one faulty line and nothing is saved; every faulty line is named`() throws {
        let desk = try Desk()
        let id = World.record(5)
        let refused = try desk.refusal(
            [
                #"{"type":"talk","scope":"everyone","fields":{"place":"good"}}"#, "", "[1]", #"{"type":"talk","scope":"everyone"}"#,
                #"{"type":"talk","scope":"nowhere","fields":{}}"#, #"{"type":"talk","scope":"everyone","fields":{"start":"soon"}}"#,
                #"{"id":"12","type":"talk","scope":"everyone","fields":{}}"#,
                #"{"id":"\#(id)","type":"talk","scope":"everyone","fields":{}}"#,
                #"{"id":"\#(id)","type":"talk","scope":"everyone","fields":{}}"#,
                #"{"type":"talk","scope":"everyone","fields":{"x":1.5}}"#,
                #"{"type":"talk","scope":"everyone","fields":{"x":{"colour":"red"}}}"#,
            ], into: desk.ann)
        let lines = (refused?.message ?? "").split(separator: "\n").map { $0.prefix { $0 != ":" } }
        #expect(lines == ["Line 3", "Line 4", "Line 5", "Line 6", "Line 7", "Line 9", "Line 10", "Line 11"])
        #expect(refused?.code == "line-malformed")
        let count = try desk.ann.recordCount()
        #expect(count == 0)
    }

    @Test func `lines may refer to earlier lines by label, end with CRLF and begin with a mark`() throws {
        let desk = try Desk()
        let plan = try desk.take(
            [
                "\u{FEFF}{\"notice\":\"sample\"}\r",
                "{\"type\":\"person\",\"scope\":\"everyone\",\"label\":\"p\",\"fields\":{\"name\":\"甲\"}}\r",
                "{\"type\":\"talk\",\"scope\":\"everyone\",\"fields\":{\"subject\":\"@p\"}}\r",
            ], into: desk.ann)
        let subject = try desk.ann.record(plan.created[1])?.value("subject")
        #expect(subject == .reference(plan.created[0]))
    }

    @Test func `an erased value goes out as erased and stays unsaid`() throws {
        let line = RecordLine(catalogue).json(
            {
                var field = FieldState(key: "place")
                field.candidates = [
                    Candidate(dot: Dot(JournalID(rawValue: 1), 1), time: Timestamp(milliseconds: 0), value: .erased)
                ]
                return RecordState(
                    restoring: World.record(1), type: "talk", vector: VersionVector(), fields: [field], standingDeletes: [],
                    unseenEdits: [], latePuts: [], wasEverDeleted: false, changed: nil)
            }(), scope: "everyone")
        #expect(line["fields"]?.text == #"{"place":{"erased":true}}"#)
        let desk = try Desk()
        let plan = try desk.take([line.text], into: desk.ann)
        let record = try desk.ann.record(plan.created[0])
        #expect(record?.fields.isEmpty == true)
    }

    // MARK: Files

    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `an SQLite file has a table for each type, sets and contested values beside them`() throws {
        let desk = try Desk()
        try desk.put(Self.values, of: 1)
        try desk.put([("place", .text("=B"))], of: 1)
        try desk.ann.create(
            "talk", in: desk.world.scope, id: World.record(2), fields: [("talkers", .elements([.text("甲"), .text("乙")]))])
        try desk.ann.create("mystery", in: desk.world.scope, id: World.record(3), fields: [("colour", .value(.text("blue")))])
        let path = try TemporaryFolder.file("out.sqlite")
        let count = try Exporter().run(desk.ann, into: SQLiteTarget(path, replaces: false, catalogue))
        #expect(count == 3)
        let mode = try permissions(path)
        #expect(mode == 0o600)
        let tables = try DatabaseReader.rows(path, "SELECT id, session, place, talkers, contested FROM talk ORDER BY id")
        #expect(
            tables == [
                "\(World.record(1))|2|=B|not a set here|place", "\(World.record(2))|||甲、乙|",
            ])
        let elements = try DatabaseReader.rows(
            path, "SELECT value FROM _element WHERE record = '\(World.record(2))' ORDER BY rowid")
        #expect(elements == ["甲", "乙"])
        let candidates = try DatabaseReader.rows(path, "SELECT field || value FROM _candidate ORDER BY value")
        #expect(candidates == ["place=B", "place三楼\n会议室 \"A\""])
        let others = try DatabaseReader.rows(path, "SELECT type || other FROM _other")
        #expect(others == [#"mystery{"colour":"blue"}"#])
    }

    @Test func `a file that is there is not replaced unless asked, and then whole`() throws {
        let desk = try Desk()
        try desk.put([("place", .text("A"))], of: 1)
        let path = try TemporaryFolder.file("out.jsonl")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: ReplicaError.self) { try JSONLinesTarget(path, replaces: false, catalogue) }
        #expect(throws: ReplicaError.self) { try SQLiteTarget(path, replaces: false, catalogue) }
        let kept = try String(contentsOfFile: path, encoding: .utf8)
        #expect(kept == "mine")
        _ = try Exporter().run(desk.ann, into: JSONLinesTarget(path, replaces: true, catalogue))
        let mode = try permissions(path)
        #expect(mode == 0o600)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
    }

    @Test func `an export that breaks off leaves nothing`() throws {
        let folder = try TemporaryFolder.file("out")
        do {
            let target = try CSVTarget(folder, replaces: false, hasMark: false, words: nil, catalogue)
            let state = RecordState(
                restoring: World.record(1), type: "talk", vector: VersionVector(), fields: [], standingDeletes: [], unseenEdits: [],
                latePuts: [], wasEverDeleted: false, changed: nil)
            try target.take(ExportedRecord(state: state, scope: "everyone", author: nil))
            #expect(FileManager.default.fileExists(atPath: folder))
        }
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func `CSV has a file for each type, in keys or in words`() throws {
        let desk = try Desk()
        try desk.put([("place", .text("=cmd")), ("status", .text("draft")), ("subject_has_read", .flag(true))], of: 1)
        func header(_ words: Language?) throws -> (String, String) {
            let folder = try TemporaryFolder.file("csv")
            let target = try CSVTarget(folder, replaces: false, hasMark: words != nil, words: words, catalogue)
            _ = try Exporter().run(desk.ann, into: target)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files == ["talk.csv"])
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/talk.csv"))
            #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]) == (words != nil))
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
            return (String(lines[0]), String(lines[1]))
        }
        let (keys, plain) = try header(nil)
        #expect(keys.hasPrefix("id,type,scope,deleted,changed_at,changed_by,contested,other,"))
        #expect(plain.contains(",'=cmd,") && plain.contains(",draft") && plain.contains(",true"))
        let (words, said) = try header(.chinese)
        #expect(words.contains("编号,类型,范围"))
        #expect(said.contains(",草稿") && said.contains(",是"))
    }
}

/// Reads another program's way: a replica's store does not open such a file.
private enum DatabaseReader {
    static func rows(_ path: String, _ sql: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import sqlite3,sys,json\nprint(json.dumps(['|'.join('' if c is None else str(c) for c in r) for r in sqlite3.connect(sys.argv[1]).execute(sys.argv[2])]))",
            path, sql,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode([String].self, from: data)
    }
}
