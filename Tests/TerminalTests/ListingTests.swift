// Lists: which records pass, in which order, how many there are.

import Causality
import Journals
import Records
import Replicas
import Supervision
import Terminal
import Testing
import Worlds

private let catalogue = Catalogue.supervision
private let person = RecordID(high: 0x9e, low: 1)

/// Talks with one field each, or more, numbered from 1; each a second younger than the one before.
private struct Talks {
    let world: World
    let ann: Replica

    init(_ fields: [[String]], in kind: StoreKind = .memory) throws {
        world = try World()
        ann = try world.laptop("ann", store: kind.open())
        let parser = FieldParser(type: catalogue.type(named: "talk"), takesUnknown: true, .english) { _, _ in person }
        for (i, texts) in fields.enumerated() {
            world.clock.set(World.start + Int64(i) * 1_000)
            try ann.create("talk", in: world.scope, id: World.record(UInt64(i) + 1), fields: parser.fields(texts))
        }
    }

    /// The numbers of the talks listed.
    func listed(
        _ filters: [String] = [], sort: String? = nil, typed: Bool = true, _ change: (inout Listing) -> Void = { _ in }
    ) throws -> (numbers: [UInt64], total: Int) {
        let type = typed ? catalogue.type(named: "talk") : nil
        var listing = Listing()
        listing.type = "talk"
        listing.filters = try filters.map { try Filter($0, type: type, .english) { _, _ in [person] } }
        if let sort { listing.order = try Listing.Order(sort, type: type, .english) }
        change(&listing)
        let page = try listing.page(of: ann, by: catalogue) { "\($0)" }
        return (page.records.map { $0.id.low }, page.total)
    }
}

struct ListingTests {
    private static let four = [
        ["place=三楼会议室", "session=2", "start=2026-05-11T09:30+08:00", "status=draft", "talkers=甲"],
        ["place=Room 3", "session=10", "start=2026-05-11T09:30+00:00", "status=sealed", "talkers=甲", "talkers=乙"],
        ["place=三楼", "start=2026-06-01T09:30+08:00", "status=confirmed", "subject=k7q2"],
        [],
    ]

    @Test(
        arguments: [
            (["place=三楼"], [3]), (["place~三楼"], [3, 1]), (["place~room"], [2]), (["place!=三楼"], [4, 2, 1]), (["place="], [4]),
            (["place!="], [3, 2, 1]), (["session>2"], [2]), (["session>=2"], [2, 1]), (["session<10"], [1]), (["session=10"], [2]),
            (["start=2026-05-11"], [2, 1]), (["start>2026-05-11"], [3]), (["start<=2026-05-11"], [2, 1]), (["start>=2026-06"], [3]),
            (["start<2026-06"], [2, 1]), (["start>2026-05-11T10:00+08:00"], [3, 2]), (["start=2026-05-11T01:30+00:00"], [1]),
            (["status=草稿"], [1]), (["status~confirm"], [3]), (["talkers=乙"], [2]), (["talkers=甲"], [2, 1]),
            (["talkers!=乙"], [4, 3, 1]),
            (["subject~anybody"], [3]), (["subject=k7q2"], [3]), (["地点~三楼", "status=confirmed"], [3]),
            (["changed>2026-05-10"], [4, 3, 2, 1]),
            (["changed<2026-05-10"], []), (["talkers~甲", "session>2", "place~3"], [2]),
        ] as [([String], [UInt64])])
    func `a filter passes what it says`(_ filters: [String], _ expected: [UInt64]) throws {
        let listed = try Talks(Self.four).listed(filters)
        #expect(listed.numbers == expected)
        #expect(listed.total == expected.count)
    }

    @Test(arguments: [(["place~三楼"], [3, 1]), (["session>2"], [2]), (["session=2"], [1])] as [([String], [UInt64])])
    func `fields of a type nobody knows are compared as what they are`(_ filters: [String], _ expected: [UInt64]) throws {
        let listed = try Talks(Self.four).listed(filters, typed: false)
        #expect(listed.numbers == expected)
    }

    @Test(arguments: [
        "place", "=x", "~x", "place>", "place~", "place>x", "session>two", "start>soon", "status=open", "colour=red",
        "status>draft",
    ])
    func `what is no filter of this type is refused`(_ filter: String) throws {
        #expect(throws: Explanation.self) { try Talks([]).listed([filter]) }
    }

    @Test(
        arguments: [
            ("session", [1, 2, 4, 3]), ("-session", [2, 1, 4, 3]), ("start", [1, 2, 3, 4]), ("-start", [3, 2, 1, 4]),
            ("status", [1, 3, 2, 4]), ("-状态", [2, 3, 1, 4]), ("changed", [4, 3, 2, 1]), ("-changed", [1, 2, 3, 4]),
        ] as [(String, [UInt64])])
    func `a sort is by what the values mean, empty ones last`(_ sort: String, _ expected: [UInt64]) throws {
        let listed = try Talks(Self.four).listed(sort: sort)
        #expect(listed.numbers == expected)
    }

    @Test(arguments: StoreKind.allCases)
    func `titles are looked up in the store while it is being listed`(_ kind: StoreKind) throws {
        let talks = try Talks(Self.four, in: kind)
        try talks.ann.create("person", in: talks.world.scope, id: person, fields: [("name", .value(.text("田绍华")))])
        var asked: [String] = []
        var listing = Listing()
        listing.type = "talk"
        listing.order = .field("subject", ascending: true)
        let page = try listing.page(of: talks.ann, by: catalogue) { id in
            asked.append((try? talks.ann.record(id)?.text("name")) ?? "nobody")
            return asked.last ?? ""
        }
        #expect(page.records.map(\.id.low) == [3, 4, 2, 1])
        #expect(asked == ["田绍华"])
    }

    @Test func `a page is a part of it, and the total is of all`() throws {
        let talks = try Talks(Array(repeating: ["place=x"], count: 9))
        let pages = try [nil, "-changed", "place"].map { sort in
            try talks.listed(sort: sort) { ($0.limit, $0.offset) = (3, 2) }
        }
        #expect(pages.map(\.numbers) == [[7, 6, 5], [3, 4, 5], [7, 6, 5]])
        #expect(pages.map(\.total) == [9, 9, 9])
        let (beyond, none) = (try talks.listed { $0.offset = 20 }, try talks.listed { $0.limit = 0 })
        #expect(beyond.numbers.isEmpty && none.numbers.isEmpty)
        #expect([beyond.total, none.total] == [9, 9])
    }

    @Test func `deleted records are listed when asked for, and only then`() throws {
        let talks = try Talks(Self.four)
        try talks.ann.delete(World.record(2))
        let (others, deleted) = (try talks.listed(), try talks.listed { $0.isOfDeleted = true })
        #expect(others.numbers == [4, 3, 1])
        #expect(deleted.numbers == [2])
        let filtered = try talks.listed(["talkers=甲"])
        #expect(filtered.numbers == [1])
    }

    @Test func `a contested field passes by any of its values, and its record is found as contested`() throws {
        let talks = try Talks(Self.four)
        let ben = try talks.world.laptop("ben")
        let units = try talks.world.units(of: talks.ann, beyond: Knowledge())
        for unit in units { _ = try ben.ingest([unit], in: talks.world.scope) }
        try talks.ann.edit(World.record(1), fields: [("place", .value(.text("left")))])
        try ben.edit(World.record(1), fields: [("place", .value(.text("right")))])
        for unit in try talks.world.units(of: ben, beyond: Knowledge()) { _ = try talks.ann.ingest([unit], in: talks.world.scope) }
        let found = try [["place=left"], ["place=right"], ["place=三楼会议室"]].map { try talks.listed($0).numbers }
        #expect(found == [[1], [1], []])
        let contested = try talks.listed { $0.isOfContested = true }
        #expect(contested.numbers == [1])
    }

    @Test func `a list's usual columns are the title, the status and a date`() {
        let columns = ["talk", "finding", "unit", "person"].map { catalogue.type(named: $0)?.usualColumns.map(\.key) ?? [] }
        #expect(
            columns == [
                ["subject", "start", "status"], ["title", "status", "found_on"], ["name", "tier"], ["name", "post", "unit"],
            ])
    }
}

struct TableTests {
    @Test func `columns are aligned by cells`() {
        var table = Table(header: ["编号", "地点", "n"])
        table.rows = [["a", "三楼", "2"], ["abcd", "x", "10"]]
        table.isRight = [2]
        #expect(table.lines(width: nil) == ["编号  地点   n", "a     三楼   2", "abcd  x     10"])
    }

    @Test(arguments: [40, 60, 80, 120])
    func `no line is wider than the screen where the headers fit`(_ width: Int) {
        var table = Table(header: ["编号", "标题", "类型"])
        table.rows = [["yqex-qs53", String(repeating: "很长的标题", count: 20), String(repeating: "x", count: 90)], ["b", "c", "d"]]
        let lines = table.lines(width: width)
        #expect(lines.allSatisfy { Screen.width($0) <= width })
        #expect(lines[1].hasPrefix("yqex-qs53  很长"))
    }
}

struct ParagraphTests {
    @Test func `a long text is broken where the line is full, words kept whole`() {
        let lines = Paragraph.lines("蹲点监督工作记录\n\nan evening in the township", indent: 2, width: 16)
        #expect(lines == ["  蹲点监督工作记", "  录", "  ", "  an evening in", "  the township"])
        #expect(Paragraph.lines("as it is", indent: 4, width: nil) == ["    as it is"])
        // No line begins with what closes the one before.
        #expect(Paragraph.lines("蹲点监督工作记录，一天一本", indent: 0, width: 16) == ["蹲点监督工作记", "录，一天一本"])
    }
}
