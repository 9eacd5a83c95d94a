// What the central office asks of all engagements at once: figures, what is due, a unit's ledger; each counts a thing once, and says what it could
// not count.

import Causality
import Console
import Records
import Replicas
import Supervision
import Terminal
import Testing
import Worlds

struct AnswersTests {
    private func figures(_ office: Office, restricted: Bool = false) throws -> FiguresReport {
        try office.sync()
        let (first, last) = (try #require(Day("2026-01-01")), try #require(Day("2026-12-31")))
        return try FiguresReport(of: office.centre, catalogue: Office.catalogue, in: first...last, restricted: restricted, .chinese)
    }

    private func due(_ office: Office, restricted: Bool = false) throws -> DueReport {
        try office.sync()
        return try DueReport(
            of: office.centre, catalogue: Office.catalogue, calendar: .national, on: try #require(Day("2026-06-30")),
            overdue: false,
            restricted: restricted, limit: 100)
    }

    @Test func `persons are as many as are written down or named, and nobody makes up one`() throws {
        let office = try Office()
        try office.write("activity", 2, ["engagement=#1", "kind=appointment_vetting", "title=甲", "date=2026-03-01", "count=5"])
        try office.write(
            "activity", 3,
            ["engagement=#1", "kind=appointment_vetting", "title=乙", "date=2026-03-02", "persons=#21", "persons=#22"])
        try office.write("activity", 4, ["engagement=#1", "kind=appointment_vetting", "title=丙", "date=2026-03-03"])
        try office.write(
            "activity", 5, ["engagement=#1", "kind=self_report", "title=丁", "date=2026-03-03", "count=9223372036854775807"])
        try office.write("activity", 6, ["engagement=#1", "kind=statement", "title=戊", "date=2026-03-04", "count=4"])
        let report = try figures(office)
        #expect(report.figures.total == [.personsVetted: 7, .statements: 4])
        #expect(report.unnumbered.map(\.low) == [4, 5])
        #expect(try report.lines(.chinese, width: nil).contains { $0.hasPrefix("2 条没有写人数") })
    }

    @Test func `what waits for review counts as nothing and is named`() throws {
        let office = try Office()
        try office.write("activity", 2, ["engagement=#1", "kind=briefing", "title=甲", "date=2026-03-01"])
        try office.dispute("activity", 2, "date=2025-12-31", "date=2026-01-02")
        try office.write("activity", 3, ["engagement=#1", "kind=appointment_vetting", "title=乙", "date=2026-03-02", "count=5"])
        try office.dispute("activity", 3, "count=550", "count=50")
        try office.write("letter", 4, ["engagement=#1", "kind=work_reminder", "matter=丙", "issued_at=2026-06-01", "status=issued"])
        try office.dispute("letter", 4, "reply_within=10", "reply_within=30")
        let report = try figures(office)
        #expect(report.figures.total == [.workReminderCards: 1])
        #expect(report.disputed.map(\.low) == [2, 3])
        #expect(try due(office).items.isEmpty)
        #expect(try due(office).disputed.map(\.low) == [4])
    }

    @Test func `a card to a person counts for the person's unit, and what is of no unit has a column`() throws {
        let office = try Office()
        try office.write("unit", 20, ["name=示例局"], in: Office.directory)
        try office.write("person", 21, ["name=某人", "unit=#20"])
        let card = ["engagement=#1", "kind=work_reminder", "matter=甲", "issued_at=2026-06-01", "status=issued"]
        try office.write("letter", 2, card + ["recipient_person=#21"])
        try office.write("letter", 3, card + ["recipient_unit=#20"])
        try office.write("letter", 4, card)
        let report = try figures(office)
        #expect(report.header(.chinese) == ["项目", "合计", "示例局", "不属哪个单位"])
        #expect(report.rows(.chinese).first { $0.label == "工作提醒卡（份）" }?.numbers == [3, 2, 1])
    }

    @Test func `records that are one thing count once`() throws {
        let office = try Office()
        for number in [2, 3] as [UInt64] {
            try office.write("person", number, ["name=张某", "post=科长"])
            try office.write(
                "finding", number + 10, ["engagement=#1", "title=账目不清", "aspect=other", "nature=general", "found_on=2026-05-12"])
        }
        try office.write("talk", 20, ["engagement=#1", "subject=#3", "start=2026-05-12T09:00+08:00"])
        try office.write("talk", 21, ["engagement=#1", "subject=#2", "start=2026-05-14T09:00+08:00"])
        try office.sync()
        for (a, b) in [(World.record(2), World.record(3)), (World.record(12), World.record(13))] {
            try office.ann.create(
                Verdict.type, in: office.world.scope, id: .sameAs(a, b, in: office.world.scope),
                fields: [
                    ("first", .value(.reference(a))), ("second", .value(.reference(b))), ("verdict", .value(.text("same"))),
                ])
        }
        let report = try office.report(on: "2026-05-13")
        #expect(report.persons.map(\.talks) == [1])
        #expect(report.findings.count == 1)
        // The note that was prepared for tomorrow is listed.
        #expect(report.talks.count == 2)
    }

    @Test func `what lies in a restricted scope is in no answer unless it is asked for, and how much that is is said`() throws {
        let office = try Office()
        try office.write("unit", 20, ["name=示例局"], in: Office.directory)
        try office.write("rectification", 2, ["unit=#20", "measure=改", "deadline=2026-06-01", "state=open"], in: Office.secret)
        try office.write("rectification", 3, ["unit=#20", "measure=再改", "state=open"])
        #expect(try due(office).items.isEmpty)
        #expect(try due(office).undated.map(\.low) == [3])
        #expect(try due(office, restricted: true).items.map(\.id.low) == [2])
        let unit = try #require(try office.centre.record(World.record(20)))
        let day = try #require(Day("2026-06-30"))
        let open = try UnitLedger(of: unit, in: office.centre, catalogue: Office.catalogue, on: day, restricted: false)
        #expect(open.entries.map(\.id.low) == [3] && open.overdue == 0)
        #expect(try open.lines(.chinese, width: nil).last?.hasPrefix("受限范围里还有 1 条") == true)
        let all = try UnitLedger(of: unit, in: office.centre, catalogue: Office.catalogue, on: day, restricted: true)
        #expect(all.entries.map(\.id.low) == [3, 2] && all.overdue == 1)
    }

    @Test func `the restricted part of a note is sealed like the note, and so is an amendment once it is made`() throws {
        let office = try Office(rules: Office.catalogue)
        try office.write("talk", 2, ["engagement=#1", "status=sealed"])
        try office.write("talk_private", 3, ["talk=#2", "family=甲", "status=sealed"], in: Office.secret)
        try office.write("amendment_private", 4, ["talk=#2", "text=乙", "reason=记错", "status=draft"], in: Office.secret)
        try office.edit("amendment_private", 4, ["text=丙", "status=made"], by: office.ann)
        for (type, number, field) in [("talk_private", 3, "family=丁"), ("amendment_private", 4, "text=丁")]
            as [(String, UInt64, String)]
        {
            #expect {
                try office.edit(type, number, [field], by: office.ann)
            } throws: {
                ($0 as? ReplicaError)?.code == .recordSealed
            }
        }
    }

    @Test func `the catalogue's own checks refuse days that do not go together`() throws {
        let office = try Office(rules: Office.catalogue)
        try office.write("letter", 2, ["engagement=#1", "kind=work_reminder", "issued_at=2026-06-02"])
        #expect {
            try office.edit("letter", 2, ["replied_at=2026-06-01"], by: office.ann)
        } throws: {
            ($0 as? ReplicaError)?.code == .checkBroken
        }
        // Each by itself is sound: what they merge to waits for a person.
        try office.sync()
        try office.edit("letter", 2, ["replied_at=2026-06-03"], by: office.ann)
        try office.edit("letter", 2, ["issued_at=2026-06-05"], by: office.ben)
        try office.sync()
        #expect(try office.centre.reviewItems().map(\.item.kind) == [.brokenCheck])
    }

    @Test func `what an analysis of the climate says is a section of the drafted report`() throws {
        let office = try Office()
        try office.write("unit", 20, ["name=示例局"], in: Office.directory)
        try office.write("climate_analysis", 2, ["engagement=#1", "unit=#20", "rules=按章办事", "conduct=会风转好"])
        let file = try office.file()
        let draft = ReportDraft(
            of: try #require(file.records[Office.engagement]), in: file, on: try #require(Day("2026-05-20")), .chinese)
        #expect(draft.sections.first { $0.field == "climate" }?.text == "示例局：\n规则：按章办事\n风气：会风转好")
    }
}
