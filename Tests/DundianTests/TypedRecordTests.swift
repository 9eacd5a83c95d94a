import Dundian
import Testing
import Worlds

struct TypedRecordTests {
    @Test func `records are written and read by their types`() throws {
        let world = try World()
        let ann = try world.laptop("ann", rules: Catalogue.supervision)
        let person = try ann.create(
            PersonRecord.self, in: world.scope, [PersonRecord.name("某某"), PersonRecord.rankGroup(.outside)])
        let talk = try ann.create(
            TalkRecord.self, in: world.scope,
            [
                TalkRecord.subject(person), TalkRecord.talkers(["甲", "乙"]), TalkRecord.start("2026-05-11T09:00+08:00"),
                TalkRecord.onTheSpot([.reminded]), TalkRecord.subjectHasRead(true), TalkRecord.session(2),
                TalkRecord.status(.draft),
            ])
        let read = try #require(try ann.record(talk, as: TalkRecord.self))
        #expect(read.subject == person && Set(read.talkers) == ["甲", "乙"] && read.onTheSpot == [.reminded])
        #expect(read.subjectHasRead == true && read.session == 2 && read.status == .draft && read.lead == nil)
        #expect(try ann.record(talk, as: PersonRecord.self) == nil)
        #expect(try ann.records(PersonRecord.self).map(\.name) == ["某某"])
        let day = try #require(Day("2026-05-12"))
        try ann.edit(
            try ann.create(FindingRecord.self, in: world.scope, [FindingRecord.title("甲")]), fields: [FindingRecord.foundOn(day)])
        #expect(try ann.records(FindingRecord.self).first?.foundOn == day)
    }

    @Test func `every type of the catalogue has its view`() {
        let views: [any TypedRecord.Type] = [
            UnitRecord.self, PersonRecord.self, EngagementRecord.self, PlanRecord.self, ClimateAnalysisRecord.self,
            MaterialRecord.self,
            OutlineRecord.self, TalkRecord.self, TalkPrivateRecord.self, AmendmentRecord.self,
            AmendmentPrivateRecord.self, MaterialPrivateRecord.self, QuestionnaireRecord.self,
            AnswerSheetRecord.self, EveningMeetingRecord.self, FindingRecord.self, ClueRecord.self, LetterRecord.self,
            RectificationRecord.self, ActivityRecord.self, ReportRecord.self, AttachmentRecord.self, AdviceAnswerRecord.self,
        ]
        #expect(Set(views.map { $0.type.rawValue }) == Set(Catalogue.supervision.types.map(\.key)))
    }
}
