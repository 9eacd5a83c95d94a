// What people write into editors and spreadsheets, and what other programs export for us to take in. Nothing typed is lost: a form without
// faults, written again, reads the same, and one with faults has the same faults once they are written into it.
//
//      bytes = kind || what that kind reads
//      form     type || language || text
//      draft    a file
//      table    type || a file
//      lines    a file
//      words    type || conditions and fields, a line each

import Causality
import Journals
import Records
import Replicas
import Supervision
import Terminal
import Worlds

enum FormTarget {
    private static let catalogue = Catalogue.supervision

    static func run(_ bytes: [UInt8]) {
        var cuts = Cuts(bytes)
        switch cuts.choice(of: 5) {
        case 0:
            let (type, language) = (type(&cuts), cuts.choice(of: 2) == 0 ? Language.chinese : .english)
            form(cuts.all().text, type, language)
        case 1:
            guard let draft = FormDraft(bytes: cuts.all()) else { return }
            promise(FormDraft(bytes: draft.bytes) == draft, "a draft is kept as another one")
        case 2:
            let type = type(&cuts)
            table(cuts.all(), type)
        case 3: lines(cuts.all())
        default:
            let type = type(&cuts)
            words(cuts.all().text, type)
        }
    }

    private static func type(_ cuts: inout Cuts) -> Catalogue.RecordType {
        catalogue.types[cuts.choice(of: catalogue.types.count)]
    }

    // MARK: Forms

    private static func parse(
        _ text: String, _ type: Catalogue.RecordType, _ values: FormValues, _ t: Language
    ) -> FormReading {
        Form.parse(text, type, values, t) { RecordID(hex: $0) }
    }

    private static func form(_ text: String, _ type: Catalogue.RecordType, _ t: Language) {
        _ = Form.origin(of: text)
        let blank = FormValues(FormOrigin(type: TypeKey(type.key)))
        let reading = parse(text, type, blank, t)
        guard reading.faults.isEmpty else {
            let again = parse(Form.annotated(text, reading, t), type, blank, t)
            promise(again.faults.map(\.message) == reading.faults.map(\.message), "a form with its faults in it has other faults")
            promise(
                again.fields.map(\.key) == reading.fields.map(\.key) && again.fields.map(\.value) == reading.fields.map(\.value),
                "a form with its faults in it has other fields")
            return
        }
        // What nobody fills in by hand is not in a form that is written.
        let fields = reading.fields.filter { type.field($0.key.rawValue)?.given == nil }
        var values = FormValues(reading.origin ?? blank.origin)
        for field in fields { values.fields[field.key] = field.value }
        let written = Form.text(type, values, t)
        let again = parse(written, type, values, t)
        promise(again.faults.isEmpty, "a form that was written has faults: \(again.faults)")
        promise(again.origin == values.origin, "a form that was written says that it was made from something else")
        promise(Form.changes(in: again, against: values).isEmpty, "a form that was written and not touched changes something")
        for field in fields {
            let value = again.fields.first { $0.key == field.key }?.value
            promise(value == field.value, "\(field.key) is read back as \(value as Any) in place of \(field.value)")
        }
    }

    // MARK: Files

    private static func table(_ file: [UInt8], _ type: Catalogue.RecordType) {
        guard let text = TableImport.text(of: file), let cells = try? TableImport.cells(of: text) else { return }
        let table = TableImport(type, given: [], records: [], rules: catalogue, .english) { text, _ in RecordID(hex: text) }
        guard let plan = try? table.plan(cells) else { return }
        promise(plan.rows.count < max(1, cells.count), "a table has more records than rows")
        guard plan.faulty.isEmpty else { return }
        _ = try? table.changes(plan, duplicates: .new, by: laptop, message: "from a table")
    }

    private static func lines(_ file: [UInt8]) {
        let importer = Importer(replica: laptop, catalogue: catalogue, .english) { _, _ in scope }
        guard let plan = try? importer.plan(file) else { return }
        promise(plan.changes.count <= file.split(separator: 0x0A).count, "a file has more changes than lines")
    }

    private static func words(_ text: String, _ type: Catalogue.RecordType) {
        let lines = text.split(separator: "\n").map(String.init)
        let parser = FieldParser(type: type, .english) { text, _ in RecordID(hex: text) }
        if let fields = try? parser.fields(lines) {
            promise(fields.count <= lines.count, "more fields were read than were written")
        }
        for line in lines {
            _ = try? Filter(line, type: type, .chinese) { text, _ in Set([RecordID(hex: text)].compactMap { $0 }) }
        }
    }

    private static let scope = Samples.scope
    /// Somebody who may write; nothing is ever saved.
    private static let laptop = sound { try World().laptop("ann", rules: Catalogue.supervision) }

    // MARK: Seeds

    static var seeds: [[UInt8]] {
        func number(_ key: String) -> UInt8 { UInt8(catalogue.types.firstIndex { $0.key == key } ?? 0) }
        let talk = catalogue.types[Int(number("talk"))]
        var values = FormValues(
            FormOrigin(
                type: "talk", record: RecordID(high: 1, low: 2),
                seen: VersionVector([VersionVector.Component(journal: JournalID(rawValue: 7), position: 3)])))
        values.fields = [
            "growth": .value(.text("一\n>>>\n\\u{200b}\u{200B}二\r\n")), "place": .value(.text("村部")),
            "talkers": .elements([.text("张三"), .text("- 李四")]), "status": .value(.text("draft")),
        ]
        let forms = Language.allCases.enumerated().map { i, t in
            [0, number("talk"), UInt8(i)] + Array(Form.text(talk, values, t).utf8)
        }
        let typed = [
            "地点（写清楚：哪一间）：村部\n\n# 说明\n成长经历：<<<\n一\n\\>>>\n>>>\n谈话组成员：\n- 张三\n－李四\n", "地点：a\n地点：b\n状态：没有\n- 张三\n<<<\nx\n",
            "开始时间：2026-05-11T09:30+08:00\n第几次谈话：3\n本人已核阅：是\n#= talk zz\n",
            "#! mend\nPlace: x\nGrowth: <<< \\u\n\\u{1b}\n>>>\n#= talk\n",
            "\u{FEFF}# 说明\r\n地点：村部\r\n",
        ].map { [0, number("talk"), 0] + Array($0.utf8) }
        let draft = FormDraft(
            origin: values.origin, scope: "everyone", message: "m", shown: "地点：\n", text: "地点：村部\n")
        let table = [
            "姓名,Unit,post,rank_group,备注,", #""某,某",00000000000000010000000000000002,局长,县（市、区）党政主要负责人,x,"#,
            "李四;\"a \"\"b\"\"\";;\t",
        ].joined(separator: "\n")
        let lines = """
            {"scope":"everyone","type":"unit","label":"u","fields":{"name":"甲局"}}\r
            {"type":"person","fields":{"name":"张三","unit":"@u","post":"局长","rank_group":"outside"}}
            {"id":"00000000000000010000000000000009","type":"talk","fields":{"talkers":["a","b"]},"seen":"0000000000000007:3"}
            """
        let words =
            "title=x\nfound_on=2026-05-11\ntags+=a\ntags-=b\nfound_on>=2026-05-01\ntitle~甲\nstatus!=open\nchanged<2026-05-11\n"
        let others: [[UInt8]] = [
            [1] + draft.bytes, [2, number("person")] + Array(table.utf8),
            [2, number("person"), 0xd0, 0xd5, 0xc3, 0xfb, 0x2c, 0x61, 0x0a, 0xd5, 0xc5, 0x2c, 0x62],
            [2, number("finding")] + Array("title\tfound_on\n甲\t2026年5月1日\n".utf8), [3] + Array(lines.utf8),
            [4, number("finding")] + Array(words.utf8),
        ]
        return forms + typed + others
    }
}
