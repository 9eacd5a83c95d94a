import Causality
import Records
import Replicas
import Supervision
import Testing
import Worlds

struct EveningTests {
    private func evening(_ office: Office, _ day: String = "2026-05-12") throws -> Evening {
        let file = try office.file()
        let (ann, ben) = (office.ann.key, office.ben.key)
        return Evening(of: try #require(file.records[Office.engagement]), on: try #require(Day(day)), in: file) { author in
            author == "\(ann)" ? "甲" : author == "\(ben)" ? "丙" : nil
        }
    }

    @Test func `each group's findings of the day, and those of nobody's group`() throws {
        let office = try Office(["kind=patrol", "start=2026-05-11", "groups=乙组：丙、丁", "groups=甲组：甲、戊"])
        try office.write(
            "finding", 2, ["engagement=#1", "title=一", "found_on=2026-05-12", "aspect=appointments", "nature=general", "talks=#9"])
        try office.write("finding", 3, ["engagement=#1", "title=二", "found_on=2026-05-12", "aspect=policy", "nature=early_sign"])
        try office.write("finding", 4, ["engagement=#1", "title=昨天", "found_on=2026-05-11"])
        try office.write("finding", 5, ["engagement=#1", "title=没写哪天"])
        try office.write("finding", 6, ["engagement=#1", "title=不实", "found_on=2026-05-12", "status=not_confirmed"])
        try office.write("finding", 7, ["engagement=#77", "title=别的任务", "found_on=2026-05-12"])
        try office.write("talk", 9, ["engagement=#1", "start=2026-05-12T15:00+08:00"])
        try office.write("talk", 10, ["engagement=#1", "start=2026-05-12T09:00+08:00"])
        let evening = try evening(office)
        let file = try office.file()
        #expect(evening.groups.map(\.name) == ["乙组", "甲组"])
        #expect(evening.groups.map { $0.findings.map(\.record.low) } == [[], [3, 2]])
        #expect(evening.talks.map(\.record.low) == [10, 9])
        #expect(evening.undated.map(\.record.low) == [5])
        #expect(
            evening.problemList(in: file, .chinese)
                == "1. 〔决策部署贯彻落实，苗头性、倾向性问题〕二\n2. 〔选人用人，一般性问题〕一；依据：谈话 1 次")
        #expect(evening.reports(in: file, .chinese) == "乙组：\n- 当天没有问题\n甲组：\n- 二\n- 一")
    }

    @Test func `who is in no group is not lost, and what waits for review is marked`() throws {
        let office = try Office(["kind=patrol", "start=2026-05-11", "groups=乙组：丙、丁"])
        try office.write("finding", 2, ["engagement=#1", "title=一", "found_on=2026-05-12", "form=first"])
        try office.dispute("finding", 2, "form=second", "form=third")
        let evening = try evening(office)
        #expect(evening.groups.map(\.name) == ["乙组", ""])
        #expect(try evening.problemList(in: office.file(), .english) == "1. 一 [waits for review]")
    }

    @Test func `two laptops' findings make one list once they have met`() throws {
        let office = try Office(["kind=patrol", "start=2026-05-11", "groups=甲组：甲、戊", "groups=乙组：丙、丁"])
        try office.sync()
        try office.write("finding", 2, ["engagement=#1", "title=一", "found_on=2026-05-12"])
        try office.ben.create(
            "finding", in: office.world.scope, id: World.record(3),
            fields: [
                ("engagement", .value(.reference(Office.engagement))), ("title", .value(.text("二"))),
                ("found_on", .value(.date("2026-05-12"))),
            ])
        #expect(try evening(office).findings.count == 1)
        try office.sync()
        #expect(try evening(office).groups.map { $0.findings.map(\.record.low) } == [[3], [2]])
    }
}

struct ReportDraftTests {
    @Test func `sections come from records, and empty ones stay empty`() throws {
        let office = try Office([
            "kind=resident", "start=2026-05-11", "planned_end=2026-05-13", "status=reporting", "lead=组长", "units=#5",
        ])
        try office.write("unit", 5, ["name=甲局", "tier=municipal_department"], in: Office.directory)
        try office.write("person", 2, ["name=某某", "rank_group=municipal_unit_head"])
        try office.write(
            "talk", 3, ["engagement=#1", "subject=#2", "start=2026-05-12T09:00+08:00", "on_the_spot=reminded", "advice=多下来看看。"])
        try office.write(
            "finding", 4,
            [
                "engagement=#1", "title=会议多", "account=一周十二次。", "aspect=four_conducts", "nature=general",
                "disposition=party_committee", "disposition_recipient=甲局党组",
            ])
        try office.write("finding", 6, ["engagement=#1", "title=不实", "status=not_confirmed", "aspect=policy"])
        let file = try office.file()
        let draft = ReportDraft(
            of: try #require(file.records[Office.engagement]), in: file, on: try #require(Day("2026-05-20")), .chinese)
        let texts = Dictionary(uniqueKeysWithValues: draft.sections.map { ($0.field, $0.text) })
        #expect(texts["overview"]?.contains("共谈话 1 次，发现问题 1 个。") == true)
        #expect(texts["overview"]?.contains("共 3 天（规定 3 天）") == true)
        #expect(texts["climate"] == "")
        #expect(texts["talks"]?.contains("当场提醒 1 次。") == true)
        #expect(texts["findings"] == "四风方面（1 个）\n1. 会议多。一周十二次。")
        #expect(texts["dispositions"]?.contains("1 个（甲局党组）。") == true)
        #expect(texts["suggestions"] == "1. 多下来看看。")
        #expect(texts["problem_list"] == "1. 〔四风，一般性问题〕会议多")
        // The same keys as the catalogue's, or a section would be written where no form shows it.
        for section in draft.sections { #expect(Office.catalogue.type("report")?.field(section.field.rawValue) != nil) }
    }

    @Test func `drafted anew, hand's work stays and records come in`() {
        let first = "共谈话 3 次。发现问题 2 个。"
        #expect(Redraft(last: nil, standing: nil, drafted: first) == .write(first))
        #expect(Redraft(last: first, standing: first, drafted: first) == .unchanged)
        #expect(Redraft(last: first, standing: first, drafted: "共谈话 4 次。发现问题 2 个。") == .write("共谈话 4 次。发现问题 2 个。"))
        // Nothing new in the records: what hand wrote is not asked about again.
        #expect(Redraft(last: first, standing: "共谈话三次。发现问题 2 个。", drafted: first) == .unchanged)
        // Different sentences: both.
        #expect(
            Redraft(last: first, standing: "共谈话 3 次。发现问题 2 个，都已提醒。", drafted: "共谈话 4 次。发现问题 2 个。")
                == .write("共谈话 4 次。发现问题 2 个，都已提醒。"))
        // The same sentence: neither is lost, a person compares.
        #expect(
            Redraft(last: first, standing: "谈话三次。发现问题 2 个。", drafted: "共谈话 4 次。发现问题 2 个。")
                == .compare(with: "共谈话 4 次。发现问题 2 个。"))
        // Written by hand before anything was drafted.
        #expect(Redraft(last: nil, standing: "手写。", drafted: first) == .compare(with: first))
        // The records say nothing of it any more: what was only drafted goes, what hand wrote a person looks at.
        #expect(Redraft(last: first, standing: first, drafted: "") == .write(""))
        #expect(Redraft(last: first, standing: "共谈话三次。", drafted: "") == .compare(with: ""))
        #expect(Redraft(last: nil, standing: "手写。", drafted: "") == .unchanged)
        #expect(Redraft(last: nil, standing: nil, drafted: "") == .unchanged)
        // Cleared by hand, it stays cleared until the records say something else, and then a person is asked.
        #expect(Redraft(last: first, standing: "", drafted: first) == .unchanged)
        #expect(Redraft(last: first, standing: nil, drafted: "共谈话 4 次。") == .compare(with: "共谈话 4 次。"))
    }
}
