// Search against reading everything: whatever is edited, deleted, erased or restored, and however far the index is behind.

import Causality
import Chance
import Dispatch
import Foundation
import GRDB
import Journals
import Records
import Replicas
import StoreSQLite
import Support
import Synchronization
import Testing
import Worlds

/// A replica to search.
private struct Searched {
    let world: World
    let path: String
    let store: SQLiteStore
    let replica: Replica
    var scope: ScopeID { world.scope }
    var index: String { path + ".search.sqlite" }

    init(seed: UInt64 = 1) throws {
        world = try World(seed: seed)
        path = try TemporaryFolder.file()
        store = try SQLiteStore(path: path)
        replica = try world.laptop("ann", store: store)
    }

    /// The numbers of the records found, best first.
    func numbers(_ text: String, _ change: (inout SearchQuery) -> Void = { _ in }) throws -> [UInt64] {
        var query = SearchQuery(text)
        query.limit = 1_000
        change(&query)
        return try store.search(query).map(\.record.low)
    }

    func sql(_ statement: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: statement) }
        try queue.close()
    }
}

/// The plainest searcher: folds with Foundation, tries every place.
private struct Reading {
    private var wanted: [[Character]] = []
    private var excluded: [[Character]] = []

    init(wanted: [String], excluded: [String]) {
        (self.wanted, self.excluded) = (wanted.map(Self.folded), excluded.map(Self.folded))
    }

    private static func folded(_ text: String) -> [Character] {
        // Spaces count once.
        Array(text.precomposedStringWithCompatibilityMapping.lowercased().replacing(#/ +/#, with: " "))
    }
    private static func isLatin(_ character: Character) -> Bool { character.isASCII && (character.isLetter || character.isNumber) }

    private static func holds(_ text: [Character], _ word: [Character]) -> Bool {
        guard text.count >= word.count else { return false }
        return (0...text.count - word.count).contains { i in
            Array(text[i..<i + word.count]) == word && !(isLatin(word[0]) && i > 0 && isLatin(text[i - 1]))
        }
    }

    func answers(_ state: RecordState) -> Bool {
        let texts = state.fields.flatMap { $0.candidates.compactMap(\.value.text) }.map(Self.folded)
        return !state.isDeleted && wanted.allSatisfy { word in texts.contains { Self.holds($0, word) } }
            && !excluded.contains { word in texts.contains { Self.holds($0, word) } }
    }

    func found(in replica: Replica) throws -> Set<UInt64> {
        var found: Set<UInt64> = []
        try replica.forEachRecord { _, state in if answers(state) { found.insert(state.record.low) } }
        return found
    }
}

private let letters = Array("石桥土地流转合同到期的一AbＣ３7 ，。")

private func text(_ count: Int, _ chance: inout SplitMix64) -> String {
    String((0..<count).map { _ in chance.one(of: letters) })
}

struct SearchTests {
    // MARK: Against reading everything

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `every query finds what reading everything finds`(seed: UInt64) throws {
        let searched = try Searched(seed: seed)
        var chance = SplitMix64(seed: seed)
        var erasable: [Dot] = []
        for step in 0..<120 {
            let record = World.record(UInt64.random(in: 1...40, using: &chance))
            let state = try searched.replica.state(of: record, in: searched.scope)
            switch Int.random(in: 0..<12, using: &chance) {
            case 0 where state?.isDeleted == false: try searched.replica.delete(record)
            case 1 where state?.isDeleted == true: try searched.replica.restore(record)
            case 2 where !erasable.isEmpty:
                try searched.replica.erase(
                    [0], of: erasable.remove(at: Int.random(in: erasable.indices, using: &chance)), in: searched.scope)
            case 3: try searched.store.index(limit: Int.random(in: 1...20, using: &chance))
            default:
                guard state?.isDeleted != true else { continue }
                let field: FieldKey = chance.once(in: 3) ? "title" : "body"
                erasable.append(
                    try searched.replica.put(
                        text(.random(in: 1...12, using: &chance), &chance), field, of: record, in: searched.scope))
            }
            if step % 3 == 0 { try compare(searched, &chance) }
        }
        try searched.store.index()
        for _ in 0..<60 { try compare(searched, &chance) }
    }

    private func compare(_ searched: Searched, _ chance: inout SplitMix64) throws {
        func words(_ count: Int) -> [String] {
            let words = (0..<count).map { _ in text(.random(in: 1...3, using: &chance), &chance) }
            // What begins or ends with a gap is searched without it.
            return words.filter { word in ![word.first, word.last].contains { $0.map { " ，。".contains($0) } ?? true } }
        }
        let (wanted, excluded) = (words(.random(in: 1...2, using: &chance)), words(.random(in: 0...1, using: &chance)))
        guard !wanted.isEmpty else { return }
        let query = (wanted.map { "\"\($0)\"" } + excluded.map { "-\"\($0)\"" }).joined(separator: " ")
        let found = try searched.numbers(query)
        let read = try Reading(wanted: wanted, excluded: excluded).found(in: searched.replica)
        #expect(Set(found) == read, "\(query)")
        #expect(found.count == read.count, "\(query)")
        // The few best are the first of all.
        let best = try searched.numbers(query) { $0.limit = 3 }
        #expect(best == Array(found.prefix(3)), "\(query)")
        let next = try searched.numbers(query) { ($0.limit, $0.offset) = (3, 2) }
        #expect(next == Array(found.dropFirst(2).prefix(3)), "\(query)")
    }

    // MARK: What is found

    @Test(
        arguments: [
            ("石桥", [1]), ("桥", [1, 2]), ("流转合同", [1]), ("土地 合同", [1]), ("\"土地 合同\"", []), ("桥 -石桥", [2]), ("TALK", [3]),
            ("talk", [3]),
            ("ｔａｌｋ", [3]), ("tal", [3]), ("alk", []), ("cafe", [3]), ("「土地流转」", [1]), ("，。", [1, 2, 3]), ("", [1, 2, 3]),
            ("第3", [2]),
            ("第35", []), ("2026-05", [3]),
        ] as [(String, [UInt64])])
    func `a query means what it looks like`(query: String, expected: [UInt64]) throws {
        let searched = try Searched()
        try searched.replica.put("石桥村土地流转合同", of: World.record(1), in: searched.scope)
        try searched.replica.put("铁桥第３组", of: World.record(2), in: searched.scope)
        try searched.replica.put("Ｔalks at the Café, 2026-05-11", of: World.record(3), in: searched.scope)
        let scanned = try searched.numbers(query).sorted()
        #expect(scanned == expected)
        let left = try searched.store.index()
        #expect(left == 0)
        let indexed = try searched.numbers(query).sorted()
        #expect(indexed == expected)
    }

    @Test func `filters let through what they name`() throws {
        let searched = try Searched()
        let (replica, scope) = (searched.replica, searched.scope)
        try replica.put("石桥", of: World.record(1), in: scope)
        searched.world.clock.advance(1_000)
        try replica.put(.reference(World.record(1)), "about", of: World.record(2), type: "finding", in: scope)
        try replica.put("石桥的事", of: World.record(2), in: scope)
        let author = try #require(try replica.roster()).roster.people[0].id
        let mine = try replica.create("talk", in: scope, fields: [("title", .value(.text("铁桥")))])
        var ben = try searched.world.author("ben")
        _ = try replica.ingest([[ben.run([ben.birth(), ben.entry("Harbour", of: World.record(9))])]], in: scope)
        let later = Timestamp(milliseconds: World.start + 1_000)
        for _ in 0..<2 {
            #expect(try searched.numbers("石桥") { $0.types = ["finding"] } == [2])
            #expect(try searched.numbers("石桥") { $0.scopes = [scope] }.count == 2)
            #expect(try searched.numbers("石桥") { $0.scopes = [] } == [])
            #expect(try searched.numbers("石桥") { $0.since = later } == [2])
            #expect(try searched.numbers("石桥") { $0.until = later } == [1])
            #expect(try searched.numbers("") { $0.people = .init(records: [World.record(1)]) } == [2])
            let written = try searched.numbers("") { $0.people = .init(authors: [author]) }
            #expect(written.contains(mine.low) && !written.contains(9))
            let either = try searched.numbers("桥") { $0.people = .init(authors: [author], records: [World.record(1)]) }
            #expect(either.contains(mine.low) && either.contains(2))
            #expect(try searched.numbers("") { $0.people = .init(authors: ["nobody"]) } == [])
            try searched.store.index()
        }
    }

    @Test func `titles weigh more, and the newest comes first among equals`() throws {
        let searched = try Searched()
        let (replica, scope) = (searched.replica, searched.scope)
        try replica.put("鱼塘", "title", of: World.record(1), in: scope)
        try replica.put("村口", "body", of: World.record(1), in: scope)
        searched.world.clock.advance(1_000)
        for number in 2...3 as ClosedRange<UInt64> {
            try replica.put("村口", "title", of: World.record(number), in: scope)
            searched.world.clock.advance(1_000)
            try replica.put("鱼塘", "body", of: World.record(number), in: scope)
        }
        let fields = SearchedFields(titles: ["talk": ["title"]])
        let expected: [UInt64] = [1, 3, 2]
        let scanned = try searched.store.search(SearchQuery("鱼塘"), fields: fields).map(\.record.low)
        #expect(scanned == expected)
        try searched.store.index(fields)
        let indexed = try searched.store.search(SearchQuery("鱼塘"), fields: fields).map(\.record.low)
        #expect(indexed == expected)
    }

    @Test func `an undecided field is found by each of its values`() throws {
        let searched = try Searched()
        var ben = try searched.world.author("ben")
        try searched.replica.put("石桥", of: World.record(1), in: searched.scope)
        try searched.store.index()
        _ = try searched.replica.ingest(
            [[ben.run([ben.birth(), ben.entry("铁桥", of: World.record(1)), ben.entry("Harbour", of: World.record(2))])]],
            in: searched.scope)
        for _ in 0..<2 {
            #expect(try searched.numbers("石桥") == [1])
            #expect(try searched.numbers("铁桥") == [1])
            #expect(try searched.numbers("harb") == [2])
            try searched.store.index()
        }
    }

    @Test func `a snippet shows where the words are`() throws {
        let searched = try Searched()
        let body = String(repeating: "今天下雨。", count: 20) + "在ＢＡＲ村谈土地流转。" + String(repeating: "明天天晴。", count: 20)
        try searched.replica.put(body, "body", of: World.record(1), in: searched.scope)
        let hit = try #require(try searched.store.search(SearchQuery("bar 土地")).first)
        let snippet = try #require(hit.snippets.first)
        #expect(snippet.parts.filter(\.isFound).map(\.text) == ["ＢＡＲ", "土地"])
        #expect(body.contains(snippet.text))
        #expect(snippet.text.count == 40)
        #expect(snippet.isCutBefore && snippet.isCutAfter)
    }

    // MARK: What must be gone

    @Test func `what was erased is in the index's file no more, also if it was edited before`() throws {
        let searched = try Searched()
        for number in 2...30 as ClosedRange<UInt64> {
            try searched.replica.put("第\(number)条", of: World.record(number), in: searched.scope)
        }
        let dot = try searched.replica.put("龘靐", of: World.record(1), in: searched.scope)
        try searched.store.index()
        // How a pair of characters stands in a list.
        let pair = withUnsafeBytes(
            of: (UInt64(("龘" as Unicode.Scalar).value) << 21 | UInt64(("靐" as Unicode.Scalar).value)).littleEndian
        ) { Data($0) }
        func isInFile() throws -> Bool {
            try Data(contentsOf: URL(fileURLWithPath: searched.index)).range(of: pair) != nil
        }
        #expect(try isInFile())
        try searched.replica.put("改了", of: World.record(1), in: searched.scope)
        try searched.store.index()
        try searched.replica.erase([0], of: dot, in: searched.scope)
        #expect(try searched.numbers("龘靐") == [])
        try searched.store.index()
        #expect(try !isInFile())
        #expect(try searched.numbers("改了") == [1])
        #expect(try searched.numbers("条").count == 29)
    }

    @Test func `a deleted record is not found, a restored one is`() throws {
        let searched = try Searched()
        try searched.replica.put("石桥", of: World.record(1), in: searched.scope)
        try searched.store.index()
        try searched.replica.delete(World.record(1))
        #expect(try searched.numbers("石桥") == [])
        try searched.store.index()
        #expect(try searched.numbers("石桥") == [])
        try searched.replica.restore(World.record(1))
        #expect(try searched.numbers("石桥") == [1])
        try searched.store.index()
        #expect(try searched.numbers("石桥") == [1])
    }

    // MARK: Two files

    @Test func `a search by the index opens no record that the index rules out`() throws {
        let searched = try Searched()
        for i: UInt64 in 1...40 { try searched.replica.put("石桥", of: World.record(i), in: searched.scope) }
        try searched.replica.put("铁桥", of: World.record(50), in: searched.scope)
        try searched.store.index()
        // Whoever read another record now would be told of damage.
        try searched.sql("UPDATE _record SET state = x'00' WHERE id <> (SELECT max(id) FROM _record)")
        #expect(try searched.numbers("铁") == [50])
        #expect(try searched.numbers("鱼塘") == [])
        #expect(throws: (any Error).self) { try searched.numbers("石") }
    }

    @Test func `a crash between the index and the replica loses nothing`() throws {
        let searched = try Searched()
        try searched.replica.put("石桥", of: World.record(1), in: searched.scope)
        try searched.store.index()
        try searched.replica.put("铁桥", of: World.record(2), in: searched.scope)
        try searched.replica.put("木桥", of: World.record(1), in: searched.scope)
        try searched.sql(
            "CREATE TRIGGER crash BEFORE DELETE ON _unindexed BEGIN SELECT RAISE(ABORT, 'power cut'); END")
        #expect(throws: (any Error).self) { try searched.store.index() }
        #expect(try searched.numbers("桥").sorted() == [1, 2])
        #expect(try searched.numbers("石桥") == [])
        try searched.replica.put("竹桥", of: World.record(2), in: searched.scope)
        try searched.sql("DROP TRIGGER crash")
        let left = try searched.store.index()
        #expect(left == 0)
        #expect(try searched.numbers("桥").sorted() == [1, 2])
        #expect(try searched.numbers("竹桥") == [2])
        #expect(try searched.numbers("铁桥") == [])
    }

    @Test(arguments: ["older", "garbage", "cut", "gone", "empty", "folder"])
    func `an index that is not of use is made anew`(fault: String) throws {
        let searched = try Searched()
        let file = URL(fileURLWithPath: searched.index)
        try searched.replica.put("石桥", of: World.record(1), in: searched.scope)
        try searched.store.index()
        let older = try Data(contentsOf: file)
        try searched.replica.put("铁桥", of: World.record(1), in: searched.scope)
        try searched.replica.put("木桥", of: World.record(2), in: searched.scope)
        try searched.store.index()
        switch fault {
        case "older": try older.write(to: file)
        case "garbage": try Data(repeating: 0x5A, count: 8_192).write(to: file)
        case "cut": try older.prefix(5_000).write(to: file)
        case "gone": try FileManager.default.removeItem(at: file)
        case "empty": try Data().write(to: file)
        default:
            try FileManager.default.removeItem(at: file)
            try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        }
        #expect(try searched.numbers("石桥") == [])
        #expect(try searched.numbers("桥").sorted() == [1, 2])
        if fault == "folder" {
            #expect(throws: ReplicaError.self) { try searched.store.index() }
        } else {
            let left = try searched.store.index()
            #expect(left == 0)
            let made = try Data(contentsOf: file)
            #expect(made != older && made.starts(with: Array("SQLite format 3\0".utf8)) && made.count > older.count / 2)
        }
        #expect(try searched.numbers("石桥") == [])
        #expect(try searched.numbers("桥").sorted() == [1, 2])
    }

    @Test func `other fields, another index`() throws {
        let searched = try Searched()
        try searched.replica.put("draft", "status", of: World.record(1), in: searched.scope)
        try searched.store.index()
        let fields = SearchedFields(ignored: ["talk": ["status"]])
        let without = try searched.store.search(SearchQuery("draft"), fields: fields)
        #expect(without.isEmpty)
        try searched.store.index(fields)
        let after = try searched.store.search(SearchQuery("draft"), fields: fields)
        #expect(after.isEmpty)
        #expect(try searched.numbers("draft") == [1])
    }

    @Test func `the index's file is for its owner alone`() throws {
        let searched = try Searched()
        try searched.replica.put("石桥", of: World.record(1), in: searched.scope)
        try searched.store.index()
        for file in [searched.index, searched.index + ".lock"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    // MARK: Several at once

    @Test func `who searches while others write and index finds all that was saved`() throws {
        let searched = try Searched()
        let saved = Atomic<UInt64>(0)
        let faults = Mutex<[String]>([])
        let (replica, scope) = (searched.replica, searched.scope)
        let (indexer, searcher) = (try SQLiteStore(path: searched.path), try SQLiteStore(path: searched.path))
        DispatchQueue.concurrentPerform(iterations: 3) { role in
            do {
                switch role {
                case 0:
                    for number in 1...150 as ClosedRange<UInt64> {
                        try replica.put("石桥\(number)", of: World.record(number), in: scope)
                        saved.store(number, ordering: .sequentiallyConsistent)
                    }
                case 1: while saved.load(ordering: .sequentiallyConsistent) < 150 { try indexer.index(limit: 10) }
                default:
                    var before: UInt64 = 0
                    repeat {
                        before = saved.load(ordering: .sequentiallyConsistent)
                        var query = SearchQuery("石桥")
                        query.limit = 1_000
                        let found = Set(try searcher.search(query).map(\.record.low))
                        let missing = (0..<before).filter { !found.contains($0 + 1) }
                        if !missing.isEmpty { faults.withLock { $0.append("saved and not found: \(missing)") } }
                    } while before < 150
                }
            } catch {
                faults.withLock { $0.append("\(error)") }
                saved.store(150, ordering: .sequentiallyConsistent)
            }
        }
        #expect(faults.withLock(\.self) == [])
        let left = try indexer.index()
        #expect(left == 0)
        #expect(try searched.numbers("石桥").count == 150)
    }
}
