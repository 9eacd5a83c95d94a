// The figures of a report: each is what a person with a pencil would count.

import Causality
import Console
import Records
import Replicas
import Supervision
import Terminal
import Testing
import Worlds

private func label(_ type: String, _ field: String, _ choice: String) throws -> Label {
    try #require(Catalogue.supervision.type(named: type)?.field(field)?.choice(choice)?.label)
}

struct EngagementReportTests {
    @Test func `an empty engagement has a report that says so`() throws {
        let report = try Office([]).report()
        #expect(report.title.value.zh == "青石县蹲点监督")
        #expect(report.persons.isEmpty && report.talks.isEmpty && report.findings.isEmpty && report.overdue.isEmpty)
        #expect(report.days.used == nil && report.days.allowed == nil)
        #expect(report.findingsByAspectAndNature.total == 0)
        #expect(report.lines(.chinese, width: nil).contains("  还没有谈话记录。"))
        #expect(report.page(.chinese).contains("还没有记录问题。"))
    }

    @Test func `an engagement that is not there has none`() throws {
        let material = try Office().material()
        let day = try #require(Day("2026-05-13"))
        let report = EngagementReport(
            of: World.record(99), from: material, catalogue: .supervision, on: day, minutesEastOfUTC: 480)
        #expect(report == nil)
    }

    // MARK: Talks

    @Test func `who has talked with whom, and who is left`() throws {
        let office = try Office()
        try office.write("person", 10, ["name=甲", "rank_group=municipal_unit_head"])
        try office.write("person", 11, ["name=乙", "rank_group=county_discipline_head"])
        try office.write("person", 12, ["name=丙"])
        try office.write("talk", 20, ["engagement=#1", "subject=#11", "lead=沈立群", "talkers=罗以宁", "status=sealed"])
        try office.write("talk", 21, ["engagement=#1", "subject=#11", "lead=沈立群", "talkers=沈立群", "talkers=罗以宁"])
        let report = try office.report()
        #expect(report.talkedWith == 1)
        #expect(report.left.map(\.name.value.zh) == ["甲", "丙"])
        #expect(report.talks.map(\.subject.value.zh) == ["乙", "乙"])
        #expect(report.persons.first { $0.name.value.zh == "乙" }?.talks == 2)
        // Somebody who led and is also among the talkers took part once.
        #expect(report.talksByTalker.count(of: Label(zh: "沈立群", en: "沈立群")) == 2)
        #expect(report.talksByTalker.count(of: Label(zh: "罗以宁", en: "罗以宁")) == 2)
        #expect(report.talksByStatus.count(of: try label("talk", "status", "sealed")) == 1)
        #expect(report.talksByStatus.total == 2)
    }

    @Test func `a deleted talk was not held, and is counted as deleted`() throws {
        let office = try Office()
        try office.write("person", 10, ["name=甲"])
        try office.write("talk", 20, ["engagement=#1", "subject=#10"])
        try office.ann.delete(World.record(20))
        let report = try office.report()
        #expect(report.talks.isEmpty && report.deleted == 1)
        #expect(report.left.map(\.name.value.zh) == ["甲"])
    }

    // MARK: Days

    @Test(arguments: [
        ("county", "2026-05-11", 1, 7, 0), ("county", "2026-05-17", 7, 7, 0), ("county", "2026-05-18", 8, 7, 1),
        ("municipal_department", "2026-05-13", 3, 3, 0), ("municipal_department", "2026-05-20", 10, 3, 7),
    ])
    func `days count from the start and against the limit of the unit's tier`(
        _ tier: String, _ day: String, _ used: Int, _ allowed: Int, _ over: Int
    ) throws {
        let office = try Office(["kind=resident", "start=2026-05-11", "status=under_way", "units=#5"])
        try office.write("unit", 5, ["name=青石县", "tier=\(tier)"], in: Office.directory)
        let report = try office.report(on: day)
        #expect(report.days.used == used)
        #expect(report.days.allowed == allowed)
        #expect(report.overdue.map(\.days) == (over > 0 ? [over] : []))
    }

    @Test func `only an approved extension gives more days`() throws {
        let office = try Office(["kind=resident", "start=2026-05-11", "extended_end=2026-05-20", "units=#5"])
        try office.write("unit", 5, ["name=青石县", "tier=county"], in: Office.directory)
        let before = try office.report()
        #expect(before.days.allowed == 7 && before.days.isExtensionUnapproved)
        try office.edit("engagement", 1, ["extension_approved_by=某负责人", "extension_approved_at=2026-05-12"], by: office.ann)
        let after = try office.report()
        #expect(after.days.allowed == 10 && !after.days.isExtensionUnapproved)
    }

    // MARK: Findings

    @Test func `findings stand in one cell each, and every total is their number`() throws {
        let office = try Office()
        for (i, nature) in ["general", "general", "early_sign"].enumerated() {
            try office.write("finding", UInt64(30 + i), ["engagement=#1", "title=问题", "aspect=policy", "nature=\(nature)"])
        }
        try office.write("finding", 33, ["engagement=#1", "title=问题", "disposition=reminder"])
        let report = try office.report()
        let table = report.findingsByAspectAndNature
        let row = try #require(table.rows.firstIndex(of: label("finding", "aspect", "policy")))
        let general = try #require(table.columns.firstIndex(of: label("finding", "nature", "general")))
        #expect(table[row, general] == 2 && table.total(ofRow: row) == 3)
        let tallies = [report.findingsByDisposition, report.findingsByStatus, report.findingsByForm]
        #expect(tallies.map(\.total) == [4, 4, 4])
        #expect(table.total == 4 && report.findings.count == 4)
        #expect(report.findingsByDisposition.count(of: try label("finding", "disposition", "reminder")) == 1)
    }

    @Test func `a contested field is marked where it stands, counted apart, and listed`() throws {
        let office = try Office()
        try office.write("finding", 30, ["engagement=#1", "title=问题", "nature=general"])
        try office.dispute("finding", 30, "disposition=reminder", "disposition=party_committee")
        let report = try office.report()
        let finding = try #require(report.findings.first)
        #expect(finding.disposition.waits == [1] && finding.disposition.others.count == 1)
        #expect(report.findingsByDisposition.count(of: Label(zh: "待裁定", en: "Waits for review")) == 1)
        #expect(report.findingsByDisposition.total == 1)
        let item = try #require(report.waiting.first)
        #expect(report.waiting.count == 1 && item.candidates.count == 2 && item.kind == .contested)
        let page = report.page(.chinese)
        #expect(page.contains("<a class=\"mark\" href=\"#dai1\">待裁定 1</a>") && page.contains("id=\"dai1\""))
        #expect(report.lines(.chinese, width: nil).contains { $0.contains("【待裁定 1】") })
    }

    @Test func `a record in dispute as a whole is marked though no field is`() throws {
        let office = try Office()
        try office.write("finding", 30, ["engagement=#1", "title=夜间点名"])
        try office.sync()
        try office.ann.delete(World.record(30))
        try office.edit("finding", 30, ["status=being_checked"], by: office.ben)
        let report = try office.report()
        #expect(report.waiting.map(\.kind) == [.deleteAgainstEdit])
        #expect(report.waiting.map(\.field) == [nil])
    }

    // MARK: What is restricted

    @Test func `a report without what is restricted has no trace of it`() throws {
        let office = try Office()
        let before = try office.report()
        try office.write("clue", 40, ["engagement=#1", "title=机密线索", "aspect=policy"], in: Office.secret)
        try office.dispute("clue", 40, "account=甲说", "account=乙说")
        let report = try office.report()
        #expect(report.json(.chinese).text == before.json(.chinese).text)
        #expect(!report.page(.chinese).contains("机密线索"))
        #expect(!report.page(.chinese).contains("问题线索"))
    }

    @Test func `a report with it marks it`() throws {
        let office = try Office()
        try office.write("clue", 40, ["engagement=#1", "title=机密线索", "aspect=policy"], in: Office.secret)
        let report = try office.report(restricted: true)
        #expect(report.findings.map(\.isRestricted) == [true])
        #expect(report.findingsByAspectAndNature.total == 1)
        #expect(report.page(.chinese).contains("<span class=\"restricted\">限知</span>机密线索"))
        #expect(report.lines(.chinese, width: nil).contains { $0.contains("【限知】机密线索") })
    }

    // MARK: Laptops

    @Test func `each laptop says when it was heard of and how much it sent`() throws {
        var office = try Office()
        let (seen, synced) = (Timestamp(milliseconds: World.start + 1_000), Timestamp(milliseconds: World.start + 2_000))
        office.contacts[office.ann.key] = .init(seen: seen, synced: synced)
        try office.write("person", 10, ["name=甲"])
        let report = try office.report()
        let laptop = try #require(report.laptops.first { $0.key == office.ann.key })
        // Its birth, the engagement, the person.
        #expect(laptop.entries == 3 && laptop.seen == seen && laptop.synced == synced && laptop.isGranted)
        let other = try #require(report.laptops.first { $0.key == office.ben.key })
        #expect(other.entries == 0 && other.seen == nil)
        #expect(report.lines(.chinese, width: nil).contains { $0.contains("2026-05-11 08:00") })
    }

    // MARK: Many

    @Test func `five hundred findings are all there, on the page, in lines and in JSON`() throws {
        let office = try Office()
        let natures = ["nature=general", "nature=early_sign"]
        for i in 0..<500 {
            try office.write("finding", UInt64(100 + i), ["engagement=#1", "title=问题第\(i)号", natures[i % 2], "aspect=other"])
        }
        let report = try office.report()
        let table = report.findingsByAspectAndNature
        #expect(report.findings.count == 500 && table.total == 500)
        let page = report.page(.english)
        let lines = report.lines(.chinese, width: nil).joined(separator: "\n")
        let json = report.json(.chinese).text
        for i in 0..<500 {
            let title = "问题第\(i)号"
            #expect(page.contains(title) && lines.contains(title) && json.contains(title))
        }
    }
}
