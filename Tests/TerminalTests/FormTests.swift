// A record as text and back: what a person writes is what is kept.

import Causality
import Chance
import Records
import Supervision
import Support
import Terminal
import Testing

private let talk = typed("talk")
private let engagement = typed("engagement")

private func typed(_ key: String) -> Catalogue.RecordType {
    guard let type = Catalogue.supervision.type(TypeKey(key)) else { preconditionFailure("the catalogue has \(key)") }
    return type
}

private func values(_ type: Catalogue.RecordType, _ fields: [FieldKey: FormValue] = [:]) -> FormValues {
    FormValues(FormOrigin(type: TypeKey(type.key)), fields: fields)
}

private func read(
    _ text: String, _ type: Catalogue.RecordType = talk, _ shown: FormValues? = nil, _ language: Language = .chinese
) -> FormReading {
    Form.parse(text, type, shown ?? values(type), language) { RecordID(hex: $0) }
}

/// The fields a form was read as, which must have no faults.
private func fields(_ text: String, _ type: Catalogue.RecordType = talk, _ shown: FormValues? = nil) -> [FieldKey: FormValue] {
    let reading = read(text, type, shown)
    #expect(reading.faults == [])
    return Dictionary(reading.fields.map { ($0.key, $0.value) }) { a, _ in a }
}

struct FormTests {
    static let nasty = [
        "", "一行", "两行\n文字", "\n", "\n\n", "末尾换行\n", "\n开头换行", "  前有空格", "后有空格  ", "\t制表", "　全角空格　",
        "成长经历：不是标签", "growth: no label", "工作情况（必填）：<<<", "# 不是说明", "#! 不是说明", "#= talk", "- 不是列表", "－ 不是列表", "<<<",
        "<<< \\u", ">>>", "\\>>>", "\\\\>>>", "  >>>  ", "a\n>>>\nb", ">>>\n", "\n>>>", "<<<\n>>>\n<<<", "a\r\nb\r\nc", "a\r", "\r",
        "\r\n", "\u{1B}[31m红", "\u{202E}倒\u{202C}", "\\u{1b}", "\\u{41}\u{200B}", "\\", "\\u{", "张\u{200B}三", "\u{FEFF}a",
        "e\u{301}", "\u{301}a",
        "👨‍👩‍👧‍👦🇨🇳🏳️‍🌈", "\u{E000}", "a\u{2028}b", "\u{0}", "：", "：值", "状态:x", "\u{85}", "：\u{301}", "a\n\u{301}b", "a\n# b\n- c\n成长经历：d",
    ]

    @Test(arguments: nasty, Language.allCases)
    func `any text comes back byte for byte`(_ text: String, _ language: Language) {
        let shown = values(
            talk,
            [
                "growth": .value(.text(text)), "place": .value(.text(text)),
                "talkers": .elements([.text(text), .text("x" + text)]),
                "status": .value(.text("draft")),
            ])
        let reading = Form.parse(Form.text(talk, shown, language), talk, shown, language) { _ in nil }
        #expect(reading.faults == [])
        let value = text.isEmpty ? Value.empty : .text(text)
        #expect(reading.fields.first { $0.key == "growth" }?.value == .value(value))
        #expect(reading.fields.first { $0.key == "place" }?.value == .value(value))
        #expect(
            reading.fields.first { $0.key == "talkers" }?.value == .elements((text.isEmpty ? [] : [value]) + [.text("x" + text)]))
        #expect(Form.changes(in: reading, against: shown).filter { $0.0 != "talkers" || !text.isEmpty }.isEmpty)
    }

    @Test(arguments: 0..<200)
    func `texts made of every nasty piece come back byte for byte`(_ seed: Int) {
        var chance = SplitMix64(seed: UInt64(seed))
        let pieces = Self.nasty + ["\n", "\n", ">>>", "\\", "\u{D}", "a"]
        func text() -> String { (0..<Int.random(in: 1...6, using: &chance)).map { _ in chance.one(of: pieces) }.joined() }
        let shown = values(
            talk, ["growth": .value(.text(text())), "work": .value(.text(text())), "place": .value(.text(text() + "。"))])
        let form = Form.text(talk, shown, chance.one(of: Language.allCases))
        let reading = read(form, talk, shown)
        #expect(reading.faults == [], "\(form)")
        #expect(Form.changes(in: reading, against: shown).isEmpty, "\(form)")
    }

    @Test func `what is typed into a text is kept whatever it looks like`() {
        let typed = FormTests.nasty.filter { !$0.utf8.contains(0x0D) && !$0.contains(">>>") }.joined(separator: "\n")
        #expect(fields("成长经历：<<<\n\(typed)\n>>>\n工作情况：好")["growth"] == .value(.text(typed)))
    }

    @Test func `an end mark typed into a text is a fault, not a loss`() {
        let reading = read("成长经历：<<<\n一\n>>>\n二\n>>>\n地点：村部")
        #expect(reading.faults.map(\.line) == [4, 5])
    }

    @Test(
        arguments: [
            "地点：村部", "地点: 村部", "地点（写清楚：哪一间）：村部", "Place: 村部", "Place (where: exactly):村部", "place：村部", "  地点 ：村部  ", "地点：村部\r",
            "地点：\n<<<\n村部\n>>>",
        ])
    func `a label is known in both languages, by key and with either colon`(_ line: String) {
        #expect(fields(line) == ["place": .value(.text("村部"))])
    }

    @Test func `an editor may save CRLF and a byte order mark`() {
        let text = "\u{FEFF}# 说明\r\n成长经历：<<<\r\n一\r\n二\r\n>>>\r\n谈话组成员：\r\n- 张三\r\n－李四\r\n"
        #expect(fields(text) == ["growth": .value(.text("一\n二")), "talkers": .elements([.text("张三"), .text("李四")])])
    }

    @Test(
        arguments: [
            ("开始时间：昨天", 1, "应是时间"), ("# x\n\n状态：没有", 3, "应是下列之一"), ("不知道是什么", 1, "不属于任何字段"), ("- 张三", 1, "不是列表字段"),
            ("成长经历：<<<\n一", 1, "没有对应的"), ("地点：a\n地点：b", 2, "写了两次"), ("<<<\na\n>>>", 1, "不属于任何字段"),
            ("地点：a\n<<<\nb\n>>>", 2, "不属于任何字段"),
            ("谈话对象：zzzz", 1, "编号"), ("#= talk zz", 1, "改坏"), ("#= unit", 1, "不是“谈话记录”"), ("本人已核阅：也许", 1, "是”或“否"),
            ("第几次谈话：三", 1, "应是数字"),
        ])
    func `a fault names its line`(_ text: String, _ line: Int, _ message: String) throws {
        let faults = read(text).faults
        let fault = try #require(faults.first)
        #expect(faults.count == 1)
        #expect(fault.line == line)
        #expect(fault.message.contains(message), "\(fault.message)")
    }

    @Test func `faults are written above their lines, go when mended, and take nothing with them`() {
        let text = "地点：村部\n状态：没有\n成长经历：<<<\n#! 留着\n>>>\n"
        let once = Form.annotated(text, read(text), .chinese)
        #expect(once.contains("#! “没有”应是下列之一"))
        let twice = Form.annotated(once, read(once), .chinese)
        #expect(twice == once)
        let mended = once.split(separator: "\n").map { $0.hasPrefix("状态") ? "状态：草稿" : String($0) }.joined(separator: "\n")
        #expect(fields(mended)["growth"] == .value(.text("#! 留着")))
    }

    @Test func `a contested field is shown with its candidates and cannot be written`() {
        let shown = values(talk, ["place": .contested(["村部 —— 张三", "镇上\u{1B}[2J —— 李四"])])
        let form = Form.text(talk, shown, .chinese)
        #expect(form.contains("#   1) 村部 —— 张三\n#   2) 镇上\\u{1b}[2J —— 李四"))
        #expect(form.contains("dundian review list"))
        #expect(read(form, talk, shown).faults == [])
        #expect(read("地点：镇上", talk, shown).faults.count == 1)
    }

    @Test func `what a form cannot express stays as it is`() {
        let shown = values(talk, ["place": .fixed("00ff")])
        let reading = read(Form.text(talk, shown, .english), talk, shown, .english)
        #expect(reading.faults == [])
        #expect(!reading.fields.contains { $0.key == "place" })
    }

    @Test func `references are an id, with a title that is only there to be read`() {
        let (unit, other) = (RecordID(high: 1, low: 2), RecordID(high: 3, low: 4))
        var shown = values(engagement, ["units": .elements([.reference(unit), .reference(other)])])
        shown.names = [unit: ("0001abcd", "青石县\n农业农村局"), other: ("0003abcd", "")]
        let form = Form.text(engagement, shown, .chinese)
        #expect(form.contains("- 0001abcd  青石县\\u{a}农业农村局\n- 0003abcd\n"))
        #expect(fields(form, engagement, shown)["units"] == .elements([.reference(unit), .reference(other)]))
        let renamed = form.replacing("青石县\\u{a}农业农村局", with: "随便写")
        #expect(fields(renamed, engagement, shown)["units"] == .elements([.reference(unit), .reference(other)]))
    }

    @Test func `only what was changed is a change, and a field that is not there stays`() {
        let shown = values(
            talk,
            [
                "place": .value(.text("村部")), "growth": .value(.text("一")), "talkers": .elements([.text("张三"), .text("李四")]),
                "status": .value(.text("draft")),
            ])
        let changes = Form.changes(in: read("地点：\n谈话组成员：\n- 李四\n- 张三\n状态：草稿\n其他情况：\n记录人：王五"), against: shown)
        #expect(Dictionary(uniqueKeysWithValues: changes) == ["place": .value(.empty), "recorder": .value(.text("王五"))])
    }

    @Test func `a form says what it was made from`() {
        let seen = VersionVector([
            .init(journal: JournalID(rawValue: 1), position: 3), .init(journal: JournalID(rawValue: 2), position: 7),
        ])
        let origin = FormOrigin(type: "talk", record: RecordID(high: 1, low: 2), seen: seen)
        let form = Form.text(talk, FormValues(origin, fields: ["growth": .value(.text("#= unit\n"))]), .english)
        #expect(read(form).origin == origin)
        #expect(Form.origin(of: form) == origin)
        #expect(Form.origin(of: "地点：x\n") == nil)
    }

    @Test(arguments: Catalogue.supervision.types.map(\.key), Language.allCases)
    func `every type of the catalogue has a form that reads back empty`(_ key: String, _ language: Language) {
        let type = typed(key)
        let shown = values(type)
        let reading = Form.parse(Form.text(type, shown, language), type, shown, language) { _ in nil }
        #expect(reading.faults == [])
        #expect(reading.fields.map(\.key.rawValue) == type.fields.filter { $0.given == nil }.map(\.key))
        #expect(Form.changes(in: reading, against: shown).isEmpty)
    }

    @Test(arguments: Catalogue.supervision.types.map(\.key), Language.allCases)
    func `every choice reads back as itself`(_ key: String, _ language: Language) {
        let type = typed(key)
        for field in type.fields {
            for choice in field.choices ?? [] {
                let value: FormValue = field.kind.isSet ? .elements([.text(choice.key)]) : .value(.text(choice.key))
                let shown = values(type, [FieldKey(field.key): value])
                let reading = Form.parse(Form.text(type, shown, language), type, shown, language) { _ in nil }
                #expect(reading.fields.first { $0.key.rawValue == field.key }?.value == value)
            }
        }
    }
}
