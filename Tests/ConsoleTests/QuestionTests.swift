import Causality
import Records
import Replicas
import Supervision
import Testing
import Worlds

struct QuestionTests {
    @Test func `questions, their bases and headings are read out of a text as people write it`() {
        let text = """
            一、工作情况
            1. 眼下最放不下的是哪一件？【重点工作进展】
            2、卡在什么地方
                说具体些【台账】

            二、班子
            10）不同意见在会上说吗？
            11．
            没有题号的一行
            3) 最后一问
            """
        let questions = Question.all(in: text)
        #expect(
            questions == [
                Question(number: "1", text: "眼下最放不下的是哪一件？", basis: "重点工作进展", heading: "一、工作情况"),
                Question(number: "2", text: "卡在什么地方 说具体些", basis: "台账", heading: "一、工作情况"),
                Question(number: "10", text: "不同意见在会上说吗？", heading: "二、班子"),
                Question(number: "3", text: "最后一问", heading: "没有题号的一行"),
            ])
        #expect(Question.all(in: Question.text(questions)).map(\.text) == questions.map(\.text))
        #expect(Question.all(in: "").isEmpty)
    }

    @Test func `a tally counts every sheet once for every question`() throws {
        let office = try Office()
        try office.write("questionnaire", 2, ["engagement=#1", "title=问卷", "questions=执行政策\n1. 甲？\n2. 乙？\n其他\n3. 丙？"])
        try office.write("answer_sheet", 3, ["questionnaire=#2", "sheet=1", "yes=1", "yes=3", "no=2", "accounts=1：说得多做得少\n总的还行"])
        try office.write("answer_sheet", 4, ["questionnaire=#2", "sheet=2", "yes=1", "no=1", "yes=9"])
        try office.write("answer_sheet", 5, ["questionnaire=#7", "sheet=别的", "yes=1"])
        let file = try office.file()
        let tally = SheetTally(of: try #require(file.records[World.record(2)]), in: file)
        #expect(tally.sheets == 2)
        #expect(tally.lines.map { [$0.yes, $0.no, $0.both, $0.blank] } == [[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 1]])
        #expect(tally.lines.allSatisfy { $0.yes + $0.no + $0.both + $0.blank == tally.sheets })
        #expect(tally.lines[0].accounts == ["说得多做得少"] && tally.remarks == ["总的还行"] && tally.unknown == ["9"])
    }

    @Test func `a person's outline has the common questions and their own, each with its basis`() throws {
        let office = try Office()
        try office.write("unit", 20, ["name=甲局"], in: Office.directory)
        try office.write("person", 2, ["name=某某", "unit=#20"])
        try office.write("person", 3, ["name=别人", "unit=#21"])
        try office.write("outline", 4, ["engagement=#1", "title=共性", "kind=common", "questions=1. 共同的一问？【方案】"])
        try office.write("finding", 5, ["engagement=#1", "title=欠款", "unit=#20"])
        try office.write("finding", 6, ["engagement=#1", "title=本人签字", "persons=#2"])
        try office.write("finding", 7, ["engagement=#1", "title=别人的", "persons=#3"])
        try office.write("finding", 8, ["engagement=#99", "title=别的任务", "persons=#2"])
        try office.write("material", 9, ["engagement=#1", "title=会议记录", "persons=#2", "notes=三次缺席"])
        try office.write("letter", 10, ["engagement=#1", "kind=work_reminder", "matter=清欠", "recipient_person=#2"])
        try office.write("rectification", 11, ["engagement=#1", "unit=#20", "measure=排出次序", "state=open"])
        let file = try office.file()
        let assembly = OutlineAssembly(
            for: try #require(file.records[World.record(2)]), engagement: Office.engagement,
            from: [try #require(file.records[World.record(4)])], in: file, .chinese)
        #expect(assembly.common == 1)
        let texts = assembly.questions.map(\.text)
        #expect(texts.count == 6 && texts[0] == "共同的一问？")
        #expect(texts[1].contains("本人签字") && texts[2].contains("欠款") && texts[3].contains("会议记录"))
        #expect(texts[4].contains("清欠") && texts[5].contains("排出次序"))
        #expect(assembly.questions.allSatisfy { !$0.basis.isEmpty })
        #expect(!assembly.text.contains("别人的") && !assembly.text.contains("别的任务"))
        #expect(Question.all(in: assembly.text).count == 6)
    }
}
