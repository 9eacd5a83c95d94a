import Records
import Supervision
import Testing

import struct Foundation.URL
import class Foundation.FileManager

/// The catalogue files of the tests.
enum Files {
    static func catalogue(_ name: String) throws -> Catalogue {
        try Catalogue(bytes: try bytes(name))
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return Array(try #require(FileManager.default.contents(atPath: folder.path + "/Catalogues/\(name).json")))
    }
}

struct CatalogueTests {
    @Test func `every record type of the domain is there, in both languages`() {
        let catalogue = Catalogue.supervision
        let wanted = [
            "unit", "person", "engagement", "plan", "climate_analysis", "material", "outline", "talk", "questionnaire",
            "answer_sheet",
            "evening_meeting", "finding", "letter", "rectification", "activity", "report", "attachment",
        ]
        #expect(Set(wanted).isSubset(of: catalogue.types.map(\.key)))
        for type in catalogue.types {
            for label in [type.label] + [type.help].compactMap(\.self)
                + type.fields.flatMap({ field in
                    [field.label] + [field.help].compactMap(\.self) + (field.choices ?? []).map(\.label)
                })
            {
                #expect(!label.zh.isEmpty && !label.en.isEmpty)
                // Words of the other language in the one were forgotten, but for names.
                #expect(!label.en.unicodeScalars.contains { (0x4e00...0x9fff).contains($0.value) }, "\(label.en)")
            }
        }
    }

    @Test func `the built-in catalogue is one`() throws {
        #expect(throws: Never.self) { try Catalogue(bytes: Catalogue.supervision.bytes) }
    }

    @Test func `it may take the place of the version before, and of itself`() throws {
        let before = try Files.catalogue("supervision-4")
        #expect(Catalogue.supervision.faults(replacing: before).isEmpty)
        #expect(Catalogue.supervision.faults(replacing: .supervision).isEmpty)
        // And not the other way round.
        let back = before.faults(replacing: .supervision).map(\.message)
        #expect(back.contains { $0.contains("version must be higher") })
        #expect(back.contains { $0.hasPrefix("material_private: the type is gone") })
    }

    /// What becomes of the catalogue of safety inspections, and what is said of it; nil: it may be used.
    static let changes: [(from: String, to: String, fault: String?)] = [
        (#""version": 1"#, #""version": 2"#, nil),
        (#""en": "Site"}, "kind""#, #""en": "Place"}, "kind""#, "version must be higher"),
        (#""key": "phone""#, #""key": "telephone""#, "site.phone: the field is gone"),
        (
            #""key": "inspectors", "label": {"zh": "检查人员", "en": "Inspectors"}, "kind": "text_set", "rule": "union""#,
            #""key": "inspectors", "label": {"zh": "检查人员", "en": "Inspectors"}, "kind": "text", "rule": "review""#,
            "inspection.inspectors: it was text_set and is text"
        ),
        (#"{"key": "minor", "label": {"zh": "一般", "en": "Minor"}},"#, "", "the choice minor is gone"),
        (
            #""key": "site", "label": {"zh": "场所", "en": "Site"}, "kind": "reference", "target": "site""#,
            #""key": "site", "label": {"zh": "场所", "en": "Site"}, "kind": "reference", "target": "hazard""#,
            "it referred to site and refers to hazard"
        ),
        (#""scope": "directory""#, #""scope": "engagement""#, "site: it lives in engagement"),
        (#""name": "safety""#, #""name": "other""#, "it is called other"),
        (#"{"zh": "重大", "en": "Major"}"#, #"{"zh": "一般", "en": "Serious"}"#, "major is called what minor was called"),
        (#""sensitivity": "ordinary", "given": "content"}"#, #""sensitivity": "ordinary"}"#, "somebody else gave it its value"),
        (#""second_person": true"#, #""second_person": false"#, "without a second person"),
        (#""sensitivity": "personal""#, #""sensitivity": "ordinary""#, "it was personal and is ordinary"),
    ]

    /// What becomes of the built-in catalogue, whose types are numbered, sealed and must not name somebody.
    static let weakened: [(from: String, to: String, fault: String)] = [
        (#""field": "number", "kind": "kind""#, #""field": "number2", "kind": "kind""#, "is no field that is given by it"),
        ("廉督〔{year}〕{number}号", "督廉〔{year}〕{number}号", "were written otherwise"),
        (
            #""sealed_when": {"field": "status", "values": ["sealed"]}"#,
            #""sealed_when": {"field": "status", "values": ["confirmed"]}"#, "could be edited again"
        ),
        (#""records": ["unit", "engagement.units"]"#, #""records": ["unit"]"#, "could name whom it must not"),
    ]

    @Test(arguments: weakened.indices)
    func `what protects a record stays`(_ i: Int) throws {
        let change = Self.weakened[i]
        let text = String(decoding: Catalogue.supervision.bytes, as: UTF8.self)
        #expect(text.contains(change.from))
        let changed = text.replacing(change.from, with: change.to, maxReplacements: 1)
            .replacing(#""version": \#(Catalogue.supervision.version)"#, with: #""version": 900"#)
        let faults: [String]
        do { faults = try Catalogue(bytes: Array(changed.utf8)).faults(replacing: .supervision).map(\.message) } catch {
            faults = ["\(error)"]
        }
        #expect(faults.count == 1 && faults.allSatisfy { $0.contains(change.fault) }, "\(faults)")
    }

    @Test func `other types altogether stand in for these only where no record is lost to view`() throws {
        let safety = try Files.catalogue("safety")
        #expect(safety.faults(lackingTypes: []).isEmpty)
        #expect(safety.faults(lackingTypes: ["attachment"]).isEmpty)
        #expect(safety.faults(lackingTypes: ["talk", "attachment"]).count == 1)
        // Where it is put in force, a type that is in both must stay what it was.
        #expect(!safety.faults(forRecordsOf: ["attachment"], in: .supervision).isEmpty)
    }

    @Test(arguments: changes.indices)
    func `a change that would make nonsense of what was written is refused`(_ i: Int) throws {
        let change = Self.changes[i]
        let old = try Files.catalogue("safety")
        let text = String(decoding: try Files.bytes("safety"), as: UTF8.self)
        #expect(text.contains(change.from))
        var changed = text.replacing(change.from, with: change.to, maxReplacements: 1)
        if change.fault != "version must be higher" { changed = changed.replacing(#""version": 1"#, with: #""version": 2"#) }
        let faults = try Catalogue(bytes: Array(changed.utf8)).faults(replacing: old).map(\.message)
        if let fault = change.fault {
            #expect(faults.count == 1 && faults.allSatisfy { $0.contains(fault) }, "\(faults)")
        } else {
            #expect(faults.isEmpty, "\(faults)")
        }
    }

    @Test func `a merge rule may change under a higher version`() throws {
        let old = try Files.catalogue("safety")
        let text = String(decoding: try Files.bytes("safety"), as: UTF8.self)
            .replacing(#""kind": "text", "rule": "latest""#, with: #""kind": "text", "rule": "review""#)
        #expect(try !Catalogue(bytes: Array(text.utf8)).faults(replacing: old).isEmpty)
        let raised = text.replacing(#""version": 1"#, with: #""version": 2"#)
        #expect(try Catalogue(bytes: Array(raised.utf8)).faults(replacing: old).isEmpty)
    }

    static let broken = [
        (#""required_when": {"field": "grade", "values": ["major"]}"#, #""required_when": {"field": "grade", "values": ["huge"]}"#),
        (#""required_when": {"field": "grade", "values": ["major"]}"#, #""required_when": {"field": "found_on", "values": ["x"]}"#),
        (#""sensitivity": "ordinary", "given": "content"}"#, #""sensitivity": "ordinary", "given": "content", "required": true}"#),
        (#""kind": "attachment_set", "rule": "union""#, #""kind": "attachment_set", "rule": "review""#),
        (#""title": ["title"]"#, #""title": ["caption"]"#),
        (#""required_when""#, #""required_whan""#),
        (#""rule": "latest""#, #""rule": "lastest""#),
        (#""kind": "text", "rule": "latest""#, #""kind": "text", "rule": "text""#),
        (#""sensitivity": "personal""#, #""sensitivity": "restricted""#),
        (#""key": "phone""#, #""key": "Phone; drop""#),
        (#""key": "phone""#, #""key": "phone", "key": "phone""#),
        (#""version": 1"#, #""version": 9223372036854775807"#),
        (#"["zh", "en"]"#, #"["zh", "xx"]"#),
        (#"{"zh": "一般", "en": "Minor"}"#, #"{"zh": "一般", "en": ""}"#),
        (#"{"key": "minor", "label""#, #"{"key": "major", "label""#),
    ]

    @Test(arguments: broken.indices)
    func `a catalogue that contradicts itself is none`(_ i: Int) throws {
        let text = String(decoding: try Files.bytes("safety"), as: UTF8.self)
        #expect(text.contains(Self.broken[i].0))
        let changed = Array(text.replacing(Self.broken[i].0, with: Self.broken[i].1, maxReplacements: 1).utf8)
        #expect(throws: CatalogueFault.self) { _ = try Catalogue(bytes: changed) }
    }

    @Test func `no ordinary record refers to a restricted one`() throws {
        let text = String(decoding: Catalogue.supervision.bytes, as: UTF8.self)
        let field =
            #"{"key": "materials", "label": {"zh": "资料印证", "en": "Evidence: materials"}, "kind": "reference_set", "target": "material""#
        #expect(text.contains(field))
        let changed = text.replacing(
            field, with: field.replacing(#""target": "material""#, with: #""target": "clue""#), maxReplacements: 1)
        do {
            _ = try Catalogue(bytes: Array(changed.utf8))
            Issue.record("it was taken")
        } catch { #expect(error.message.contains("a restricted record exists")) }
    }

    @Test func `what the sources ask of a record in a certain state is told as missing`() throws {
        func missing(_ type: TypeKey, _ values: [String: String]) throws -> Set<String> {
            Set(try #require(Catalogue.supervision.type(type)).missing { values[$0.key] }.filter { $0.required != true }.map(\.key))
        }
        #expect(try missing("finding", ["status": "disposed"]) == ["disposition", "disposition_date", "disposition_recipient"])
        #expect(
            try missing("clue", ["status": "handed_over"])
                == ["disposition", "disposition_date", "disposition_recipient", "document_number"])
        #expect(try missing("outline", ["kind": "individual"]) == ["subject"])
        #expect(try missing("engagement", ["kind": "stationed", "status": "reporting"]) == ["mode", "start"])
        #expect(
            try missing("letter", ["status": "replied", "verdict": "returned"]) == [
                "issued_at", "issued_by", "reply", "replied_at", "returned_on",
            ])
        #expect(try missing("rectification", ["state": "perfunctory"]).contains("accountability_on"))
        #expect(try missing("activity", ["kind": "statement"]) == ["count"])
    }

    @Test func `what is expected depends on what was chosen`() throws {
        let hazard = try #require(try Files.catalogue("safety").type("hazard"))
        func missing(_ values: [String: String]) -> [String] { hazard.missing { values[$0.key] }.map(\.key) }
        #expect(missing([:]) == ["inspection", "title", "grade"])
        #expect(missing(["inspection": "x", "title": "x", "grade": "minor"]) == [])
        #expect(missing(["inspection": "x", "title": "x", "grade": "major"]) == ["due"])
        #expect(missing(["inspection": "x", "title": "x", "grade": "major", "due": "2026-05-11"]) == [])
    }
}
