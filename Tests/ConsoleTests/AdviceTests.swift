import Causality
import Records
import Replicas
import Supervision
import Testing
import Worlds

extension Office {
    /// What is here, as the domain's rules read it.
    func file() throws -> CaseFile {
        CaseFile(try ann.states(in: [world.scope, Self.directory, Self.secret]), catalogue: Self.catalogue)
    }

    func advice(on day: String = "2026-05-20") throws -> [Advice] {
        guard let day = Day(day) else { throw NoReport() }
        return Advice.all(in: try file(), on: day, calendar: .national)
    }

    func keys(on day: String = "2026-05-20") throws -> [String] {
        try advice(on: day).map { "\($0.record == Self.engagement ? "e" : "\($0.record.low)") \($0.key)" }
    }
}

struct AdviceTests {
    // MARK: Engagements

    @Test func `work that began before its plan was approved`() throws {
        let office = try Office(["kind=stationed", "start=2026-05-11", "status=approved"])
        #expect(try office.keys().isEmpty)
        try office.edit("engagement", 1, ["status=under_way"], by: office.ann)
        #expect(try office.keys() == ["e plan_approved"])
        try office.write("plan", 2, ["engagement=#1", "approved_by=某负责人"])
        #expect(try office.keys() == ["e plan_approved"])
        try office.edit("plan", 2, ["approved_at=2026-05-12"], by: office.ann)
        #expect(try office.keys() == ["e plan_approved"])
        try office.edit("plan", 2, ["approved_at=2026-05-11"], by: office.ann)
        #expect(try office.keys().isEmpty)
    }

    @Test(arguments: [("municipal_department", 3), ("county", 7), ("township", 7), ("state_enterprise", 0)])
    func `a stay is as long as its unit allows`(_ tier: String, _ limit: Int) throws {
        let office = try Office(["kind=resident", "start=2026-05-11", "status=approved", "units=#5"])
        try office.write("unit", 5, ["name=甲单位", "tier=\(tier)"], in: Office.directory)
        func isLong(_ day: Int) throws -> Bool { try office.keys(on: "2026-05-\(day)").contains("e length_of_stay") }
        if limit == 0 {
            #expect(try !isLong(31))
        } else {
            #expect(try !isLong(10 + limit))
            #expect(try isLong(11 + limit))
        }
    }

    @Test func `an extension counts once it is approved, by whom and when`() throws {
        let office = try Office(["kind=resident", "start=2026-05-11", "status=approved", "units=#5", "extended_end=2026-05-20"])
        try office.write("unit", 5, ["name=甲单位", "tier=county"], in: Office.directory)
        #expect(
            try office.keys()
                == ["e length_of_stay", "e extension_approved"].sorted { a, b in a.contains("length") && !b.contains("length") })
        try office.edit("engagement", 1, ["extension_approved_by=某负责人", "extension_approved_at=2026-05-16"], by: office.ann)
        #expect(try office.keys().isEmpty)
        #expect(try office.keys(on: "2026-05-21") == ["e length_of_stay"])
        // Once it has ended, later days are not counted.
        try office.edit("engagement", 1, ["ended_on=2026-05-20"], by: office.ann)
        #expect(try !office.keys(on: "2026-06-21").contains("e length_of_stay"))
    }

    @Test func `a plan that is too long is told before the start`() throws {
        let office = try Office(["kind=resident", "start=2026-05-11", "planned_end=2026-05-14", "status=submitted", "units=#5"])
        try office.write("unit", 5, ["name=甲局", "tier=municipal_department"], in: Office.directory)
        #expect(try office.keys(on: "2026-05-01") == ["e length_of_stay"])
    }

    @Test func `groups of a patrol`() throws {
        let office = try Office(["kind=patrol", "start=2026-05-11", "status=submitted"])
        #expect(try office.keys() == ["e groups_of_three"])
        try office.edit("engagement", 1, ["groups=党建组：甲、乙", "groups=财务组:丙", "groups=信访组：丁、戊、己、庚"], by: office.ann)
        #expect(try office.keys() == ["e groups_of_three:信访组", "e groups_of_three:财务组"])
    }

    @Test func `every evening that something was done has its list`() throws {
        let office = try Office(["kind=patrol", "start=2026-05-11", "status=under_way", "groups=一组：甲、乙"])
        try office.write("plan", 2, ["engagement=#1", "approved_by=某", "approved_at=2026-05-08"])
        try office.write("finding", 3, ["engagement=#1", "title=甲", "found_on=2026-05-12"])
        try office.write("material", 4, ["engagement=#1", "title=乙", "read_on=2026-05-13"])
        try office.write("material", 5, ["engagement=#1", "title=丙", "read_on=2026-05-20"])
        #expect(try office.keys() == ["e evening_list:2026-05-12", "e evening_list:2026-05-13"])
        try office.write("evening_meeting", 6, ["engagement=#1", "date=2026-05-12", "status=listed"])
        try office.write("evening_meeting", 7, ["engagement=#1", "date=2026-05-13", "status=gathering"])
        #expect(try office.keys() == ["e evening_list:2026-05-13"])
        try office.edit("evening_meeting", 7, ["problem_list=1. 乙"], by: office.ann)
        #expect(try office.keys().isEmpty)
        // Tonight is not over.
        #expect(try office.keys(on: "2026-05-21") == ["e evening_list:2026-05-20"])
    }

    @Test func `a report is due after the end, and goes out with its list`() throws {
        let office = try Office(["kind=peer_level", "start=2026-05-11", "ended_on=2026-05-19", "status=approved"])
        #expect(try office.keys(on: "2026-05-19").isEmpty)
        #expect(try office.keys() == ["e report_due"])
        try office.write("report", 2, ["engagement=#1", "title=报告", "status=drafting"])
        #expect(try office.keys() == ["e report_due"])
        try office.edit("report", 2, ["status=submitted"], by: office.ann)
        #expect(try office.keys() == ["2 report_with_list"])
        try office.edit("report", 2, ["problem_list=1. 甲"], by: office.ann)
        #expect(try office.keys().isEmpty)
    }

    // MARK: Talks

    @Test(arguments: [
        ("county_party_government_head", ["standing_committee_member", "commissioner"]),
        ("county_discipline_head", ["standing_committee_member", "commissioner"]),
        ("municipal_unit_head", ["standing_committee_member", "commissioner"]),
        ("county_congress_conference_head", ["standing_committee_member", "commissioner", "office_director"]),
        ("dispatched_agency_head", ["standing_committee_member", "commissioner", "office_director"]),
        ("township_party_secretary", ["standing_committee_member", "commissioner", "office_director", "team_member"]),
    ])
    func `who may talk with whom`(_ group: String, _ fitting: [String]) throws {
        let office = try Office(["kind=resident", "start=2026-05-11", "status=approved"])
        try office.write("person", 2, ["name=某某", "rank_group=\(group)"])
        try office.write("talk", 3, ["engagement=#1", "subject=#2", "start=2026-05-12T09:00+08:00"])
        for rank in ["standing_committee_member", "commissioner", "office_director", "team_member"] {
            try office.edit("talk", 3, ["lead_rank=\(rank)"], by: office.ann)
            #expect(try office.keys() == (fitting.contains(rank) ? [] : ["3 who_talks"]), "\(rank)")
        }
    }

    @Test func `the circle, the place`() throws {
        let office = try Office(["kind=resident", "start=2026-05-11", "status=approved"])
        try office.write("person", 2, ["name=某某", "rank_group=outside"])
        try office.write(
            "talk", 3, ["engagement=#1", "subject=#2", "start=2026-05-12T09:00+08:00", "place_kind=discipline_interview_room"])
        #expect(try office.keys() == ["3 wider_circle", "3 place_of_talk"])
        try office.edit("talk", 3, ["place_kind=own_ground_floor_office"], by: office.ann)
        #expect(try office.keys() == ["3 wider_circle"])
    }

    @Test func `an outline is with the liaison three days before the talk of a patrol`() throws {
        let office = try Office(["kind=patrol", "start=2026-05-11", "status=approved", "groups=一组：甲、乙"])
        try office.write("person", 2, ["name=某某", "rank_group=township_party_secretary"])
        try office.write("talk", 3, ["engagement=#1", "subject=#2", "start=2026-05-15T09:00+08:00"])
        #expect(try office.keys() == ["3 outline_in_time"])
        try office.write("outline", 4, ["engagement=#1", "title=提纲", "kind=individual", "subject=#2", "questions=1. 问"])
        #expect(try office.keys() == ["3 outline_in_time"])
        try office.edit("outline", 4, ["handed_over_at=2026-05-13"], by: office.ann)
        #expect(try office.keys() == ["3 outline_in_time"])
        try office.edit("outline", 4, ["handed_over_at=2026-05-12"], by: office.ann)
        #expect(try office.keys().isEmpty)
    }

    // MARK: Findings, letters, rectifications

    @Test func `what becomes of a finding follows its nature`() throws {
        let office = try Office(["kind=stationed", "status=approved"])
        try office.write("finding", 2, ["engagement=#1", "title=甲", "nature=general", "disposition=reminder"])
        try office.write("finding", 3, ["engagement=#1", "title=乙", "nature=early_sign", "disposition=reminder"])
        try office.write("clue", 4, ["engagement=#1", "title=丙", "status=agreed"], in: Office.secret)
        #expect(try office.keys() == ["2 disposition", "4 clue_handed_over"])
    }

    @Test func `replies are due in working days, by a calendar that may not know the year`() throws {
        let office = try Office(["kind=peer_level", "status=approved"])
        // The fifteenth working day after 29 April 2026 is 22 May: five days of Labour Day, one of them made up for.
        try office.write("letter", 2, ["engagement=#1", "kind=work_reminder", "matter=甲", "issued_at=2026-04-29", "status=issued"])
        let issued = try #require(Day("2026-04-29"))
        let due = try WorkingCalendar.national.due(15, workingDaysAfter: issued)
        #expect(try office.keys(on: "\(due)").isEmpty)
        #expect(try office.keys(on: "\(due + 1)") == ["2 reply_due"])
        try office.edit("letter", 2, ["reply_within=3"], by: office.ann)
        #expect(try office.keys(on: "2026-05-09") == ["2 reply_due"])
        // A year that is not known is said, and so is a day that is missing.
        try office.edit("letter", 2, ["issued_at=2050-01-03"], by: office.ann)
        #expect(try office.keys(on: "2051-01-03") == ["2 reply_due:2050"])
        try office.edit("letter", 2, ["issued_at=2026-04-29", "status=replied"], by: office.ann)
        #expect(try office.keys(on: "2026-12-01").isEmpty)
        // A reply that was sent back is waited for again, from the day after.
        try office.edit("letter", 2, ["verdict=returned"], by: office.ann)
        #expect(try office.keys(on: "2026-06-01") == ["2 reply_due"])
        try office.edit("letter", 2, ["returned_on=2026-06-01"], by: office.ann)
        #expect(try office.keys(on: "2026-06-04").isEmpty)
        #expect(try office.keys(on: "2026-06-05") == ["2 reply_due"])
        try office.edit("letter", 2, ["status=closed"], by: office.ann)
        #expect(try office.keys(on: "2026-12-01").isEmpty)
    }

    @Test func `a card that is contested is neither due nor overdue, and nobody makes up a number`() throws {
        let office = try Office(["kind=peer_level", "status=approved"])
        try office.write("letter", 2, ["engagement=#1", "kind=work_reminder", "matter=甲", "issued_at=2026-04-29", "status=issued"])
        try office.dispute("letter", 2, "reply_within=10", "reply_within=30")
        #expect(try office.keys(on: "2026-12-01").isEmpty)
        let state = try #require(try office.file().live("letter").first)
        let file = try office.file()
        #expect(AwaitedReply(to: { file.reading(state, $0) }, by: .national) == .disputed)
    }

    @Test func `a perfunctory rectification opens accountability`() throws {
        let office = try Office(["kind=stationed", "status=approved"])
        try office.write("rectification", 2, ["engagement=#1", "measure=改", "deadline=2026-05-19", "state=under_way"])
        #expect(try office.keys() == ["2 rectification_due"])
        try office.edit("rectification", 2, ["state=perfunctory"], by: office.ann)
        #expect(try office.keys() == ["2 accountability"])
        try office.edit("rectification", 2, ["accountability=约谈"], by: office.ann)
        #expect(try office.keys().isEmpty)
    }

    // MARK: Answers

    @Test func `advice that was answered stays, with its reason, and only what was meant is answered`() throws {
        let office = try Office(["kind=patrol", "start=2026-05-11", "status=submitted", "groups=一组：甲", "groups=二组：乙"])
        let first = try #require(try office.advice().first { $0.about == "一组" })
        try office.ann.create(
            Advice.answerType, in: office.world.scope, fields: first.answering("人手不够").map { ($0, .value($1)) })
        let advice = try office.advice()
        #expect(advice.map(\.about) == ["一组", "二组"])
        #expect(advice[0].answer?.reason == "人手不够" && advice[1].answer == nil)
        // What was answered is met: nothing is said any more. The answer taken away: it is open again.
        let answer = try #require(advice[0].answer?.record)
        try office.ann.delete(answer)
        #expect(try office.advice().allSatisfy { $0.answer == nil })
    }

    @Test func `what waits for review gives no advice, and a merged record does`() throws {
        var office = try Office(["kind=peer_level", "status=approved"])
        try office.write("rectification", 2, ["engagement=#1", "measure=改", "deadline=2026-05-19", "state=under_way"])
        try office.dispute("rectification", 2, "deadline=2026-05-18", "deadline=2026-05-17")
        #expect(try office.keys().isEmpty)
        office = try Office(["kind=peer_level", "status=approved"])
        try office.write("finding", 2, ["engagement=#1", "title=甲", "nature=general"])
        try office.sync()
        try office.edit("finding", 2, ["nature=early_sign"], by: office.ann)
        try office.edit("finding", 2, ["disposition=party_committee"], by: office.ben)
        #expect(try office.keys().isEmpty)
        try office.sync()
        #expect(try office.keys() == ["2 disposition"])
    }

    @Test func `every rule has words and a source`() {
        for rule in AdviceRule.allCases {
            #expect(!rule.label.zh.isEmpty && !rule.label.en.isEmpty && rule.source.contains("00"))
        }
    }

    @Test func `a catalogue of other types has no advice`() throws {
        let office = try Office()
        let other = try Catalogue(
            bytes: Array(
                #"""
                {"name":"other","version":1,"languages":["zh","en"],"types":[{"key":"a","label":{"zh":"甲","en":"A"},"help":{"zh":"甲","en":"A"},
                "scope":"engagement","title":["b"],"fields":[{"key":"b","label":{"zh":"乙","en":"B"},"kind":"text","rule":"review",
                "sensitivity":"ordinary"}]}]}
                """#.utf8))
        let file = CaseFile(try office.ann.states(in: [office.world.scope]).filter { $0.type != "engagement" }, catalogue: other)
        let day = try #require(Day("2026-05-20"))
        #expect(Advice.all(in: file, on: day, calendar: .national).isEmpty)
    }
}
