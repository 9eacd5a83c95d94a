import Causality
import Records
import Replicas
import Supervision
import Terminal
import Testing
import Worlds

struct TableImportTests {
    private let person = Catalogue.supervision.type("person")

    private func plan(_ text: String, records: [RecordState] = []) throws -> TableImport.Plan {
        try table(records).plan(try TableImport.cells(of: text))
    }

    private func table(_ records: [RecordState]) throws -> TableImport {
        TableImport(try #require(person), given: [], records: records, rules: .supervision, .english) { text, _ in
            text == "甲局" ? World.record(50) : nil
        }
    }

    @Test func `columns by key or label in either language, others are named and stay out`() throws {
        let plan = try plan("姓名,Unit,post,rank_group,备注,\n某某,甲局,局长,县（市、区）党政主要负责人,x,\n")
        #expect(plan.columns == ["name", "unit", "post", "rank_group"] && plan.unused == ["备注"])
        #expect(plan.rows.count == 1 && plan.rows[0].faults.isEmpty && plan.rows[0].number == 2)
        #expect(plan.rows[0].title == "某某 局长")
        #expect(plan.rows[0].fields.contains { $0.0 == "rank_group" && $0.1 == .value(.text("county_party_government_head")) })
        #expect(plan.rows[0].fields.contains { $0.0 == "unit" && $0.1 == .value(.reference(World.record(50))) })
    }

    @Test func `every fault is told by row and column, and a row has all of its faults`() throws {
        let plan = try plan("name;unit;post;rank_group\n某某;乙局;;无此类\n\n;甲局;局长;outside\n")
        #expect(plan.rows.map(\.number) == [2, 4])
        #expect(plan.rows[0].faults.count == 3 && plan.rows[1].faults.count == 1)
        #expect(plan.rows[0].faults.contains { $0.contains("乙局") } && plan.rows[0].faults.contains { $0.contains("无此类") })
    }

    @Test(arguments: ["2026-05-11", "2026/5/11", "2026年5月11日", "2026.05.11"])
    func `days as spreadsheets write them`(_ text: String) throws {
        let type = try #require(Catalogue.supervision.type("finding"))
        let table = TableImport(type, given: [], records: [], rules: .supervision, .english) { _, _ in nil }
        let plan = try table.plan([["title", "found_on"], ["甲", text]])
        #expect(plan.rows[0].fields.contains { $0.0 == "found_on" && $0.1 == .value(.date("2026-05-11")) })
    }

    @Test func `twins of records and of rows are held out, whatever their blanks and widths`() throws {
        let world = try World()
        let ann = try world.laptop("ann", rules: Catalogue.supervision)
        let id = try ann.create(
            "person", in: world.scope,
            fields: [
                ("name", .value(.text("张 三A"))), ("unit", .value(.reference(World.record(50)))), ("post", .value(.text("局长"))),
            ])
        let records = try ann.states(in: [world.scope])
        let text = "name,unit,post,rank_group\n张三Ａ,甲局,副局长,outside\n李四,甲局,科长,outside\n李 四,甲局,处长,outside\n"
        let table = try table(records)
        let plan = try table.plan(try TableImport.cells(of: text))
        #expect(plan.rows.map(\.twin) == [id, nil, nil] && plan.rows.map(\.twinRow) == [nil, nil, 3])
        #expect(plan.rows[0].differing == ["post"])

        // Passed over: only the one that is new.
        let skipped = try table.changes(plan, duplicates: .skip, by: ann, message: nil)
        #expect(skipped.made.count == 1 && skipped.filled == 0 && skipped.changes.count == 1)
        // Filled in: what was empty is there, what differs stays.
        let filled = try table.changes(plan, duplicates: .fill, by: ann, message: nil)
        #expect(filled.made.count == 1 && filled.filled == 1)
        try ann.commit(filled.changes.map { (world.scope, $0) })
        let record = try #require(try ann.record(id))
        #expect(record.text("rank_group") == "outside" && record.text("post") == "局长")
        // Made as new: the review asks whether they are one.
        let new = try table.changes(plan, duplicates: .new, by: ann, message: nil)
        #expect(new.made.count == 3)
    }

    @Test func `text is UTF-8 or what Chinese spreadsheets write`() {
        #expect(TableImport.text(of: Array("姓名,职务".utf8)) == "姓名,职务")
        #expect(TableImport.text(of: [0xEF, 0xBB, 0xBF] + Array("姓名".utf8)) == "姓名")
        // 姓名,谈话 in GB 18030.
        #expect(TableImport.text(of: [0xD0, 0xD5, 0xC3, 0xFB, 0x2C, 0xCC, 0xB8, 0xBB, 0xB0]) == "姓名,谈话")
        #expect(TableImport.text(of: [0x50, 0x4B, 0x03, 0x04, 0xFF, 0xFF, 0x80]) == nil)
    }

    @Test func `a file with no header, or none of its columns known, is refused with what there is`() {
        #expect(throws: Explanation.self) { try plan(",,\n甲,乙,丙\n") }
        #expect(throws: Explanation.self) { try plan("一,二\n甲,乙\n") }
    }
}
