// What a person types for fields, and what is said of it.

import Records
import Replicas
import Supervision
import Terminal
import Testing

private let catalogue = Catalogue.supervision
private let known = RecordID(high: 7, low: 7)

private func parser(_ type: String?, takesUnknown: Bool = false, _ t: Language = .english) -> FieldParser {
    FieldParser(type: type.flatMap { catalogue.type(named: $0) }, takesUnknown: takesUnknown, t) { text, _ in
        text == "k7q2" ? known : nil
    }
}

/// The field inputs, as text, so that tables can be written.
private func read(_ type: String?, _ texts: [String], takesUnknown: Bool = false) throws -> [String] {
    try parser(type, takesUnknown: takesUnknown).fields(texts).map { "\($0.0) \($0.1)" }
}

private func explanation(_ type: String?, _ texts: [String], _ t: Language = .english) -> Explanation? {
    do {
        _ = try parser(type, t).fields(texts)
        return nil
    } catch { return Explanation(error, t) }
}

struct FieldTests {
    @Test(arguments: [
        "talk", "谈话记录", "Talk note", "talk note", "talk_private", "talk-private", "finding", "问题",
    ])
    func `a type is called by its key or its label`(_ name: String) {
        #expect(catalogue.type(named: name) != nil)
    }

    @Test(arguments: ["place_kind", "place-kind", "Place-Kind", "地点类型", "Kind of place", "kind of PLACE"])
    func `a field is called by its key, with either line, or its label`(_ name: String) {
        let talk = catalogue.type(named: "talk")
        #expect(talk?.field(named: name)?.key == "place_kind")
    }

    @Test func `values are read by the kind of their field`() throws {
        let read = try parser("talk").fields([
            "session=2", "地点=三楼会议室=东侧", "start=2026-05-11T09:30+08:00", "subject=k7q2", "status=已确认",
            "subject_has_read=是", "talkers=甲", "talkers=乙", "on_the_spot+=reminded", "on_the_spot-=criticised", "work=",
        ])
        let expected: [(FieldKey, FieldInput)] = [
            ("session", .value(.integer(2))), ("place", .value(.text("三楼会议室=东侧"))),
            ("start", .value(.time("2026-05-11T09:30+08:00"))), ("subject", .value(.reference(known))),
            ("status", .value(.text("confirmed"))), ("subject_has_read", .value(.flag(true))),
            ("talkers", .elements([.text("甲"), .text("乙")])), ("on_the_spot", .adding([.text("reminded")])),
            ("on_the_spot", .dropping([.text("criticised")])), ("work", .value(.empty)),
        ]
        #expect(read.map(\.0) == expected.map(\.0))
        #expect(read.map(\.1) == expected.map(\.1))
    }

    @Test(arguments: [
        (["place"], "field-malformed"), (["=x"], "field-malformed"), (["+=x"], "field-malformed"),
        (["place+=x"], "field-malformed"),
        (["place=a", "place=b"], "field-repeated"), (["talkers=a", "talkers+=b"], "field-repeated"),
        (["session=two"], "value-malformed"), (["status=open"], "value-malformed"), (["colour=red"], "field-unknown"),
        (["start=2026-02-30T09:30+08:00"], "value-malformed"),
    ])
    func `what cannot be read is refused, by code`(_ texts: [String], _ code: String) {
        #expect(explanation("talk", texts)?.code == code)
        #expect(explanation("talk", texts)?.exit == ExitStatus.badInput)
    }

    @Test(arguments: [
        ("plcae", "place"), ("startt", "start"), ("地类型", "place_kind"), ("responsability", "responsibility"), ("主谈", "lead"),
    ])
    func `a typing slip is answered with the field that was meant`(_ typed: String, _ meant: String) throws {
        let fault = try #require(explanation("talk", ["\(typed)=x"]))
        #expect(fault.message.contains(typed))
        #expect(fault.next.contains(meant))
    }

    @Test func `where nothing is near, all fields are named`() throws {
        let fault = try #require(explanation("unit", ["zzzzzz=x"], .chinese))
        #expect(fault.message == "“单位”没有字段“zzzzzz”。")
        #expect(fault.next == "它的字段有：name、tier、organ、parent、liaison、attachments。")
    }

    @Test func `a wrong choice is answered with the choices, in words`() throws {
        let fault = try #require(explanation("talk", ["status=开着"], .chinese))
        #expect(fault.message == "字段“状态（status）”的值“开着”应是下列之一：draft 草稿、confirmed 已确认、sealed 已封存。")
    }

    @Test func `an unknown field is text where that was asked for, and in an unknown type always`() throws {
        let (asked, always) = (
            try read("talk", ["colour=red"], takesUnknown: true), try read(nil, ["colour=red", "tags+=a", "x="])
        )
        #expect(asked == ["colour value(Records.Value.text(\"red\"))"])
        #expect(always.count == 3)
        let inputs = try parser(nil).fields(["tags+=a", "x="]).map(\.1)
        #expect(inputs == [.adding([.text("a")]), .value(.empty)])
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("talk", "talk", 0), ("talk", "tlak", 1), ("talk", "tall", 1), ("talk", "alk", 1),
        ("谈话", "谈化", 1), ("kitten", "sitting", 3),
    ])
    func `words are so many slips apart`(_ a: String, _ b: String, _ distance: Int) {
        #expect(Spelling.distance(a, b) == distance)
        #expect(Spelling.distance(b, a) == distance)
    }
}
