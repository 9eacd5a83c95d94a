// Files that an organisation brings: catalogues, and years of the holiday calendar. A file that is believed can be used for everything a
// catalogue is used for, whatever its words are.
//
//      bytes = kind || the file

import Causality
import Records
import Supervision
import Terminal

enum CatalogueTarget {
    static func run(_ bytes: [UInt8]) {
        var cuts = Cuts(bytes)
        let kind = cuts.choice(of: 2)
        let file = cuts.all()
        if kind == 0 { catalogue(file) } else { year(file) }
    }

    private static func catalogue(_ file: [UInt8]) {
        let catalogue: Catalogue
        do { catalogue = try Catalogue(bytes: file) } catch {
            promise(!error.message.isEmpty, "a catalogue is refused without a word")
            return
        }
        promise(catalogue.bytes == file, "a catalogue is not the file it was read from")
        promise(catalogue.faults(replacing: catalogue).isEmpty, "a catalogue may not take its own place")
        for type in catalogue.types { use(type, of: catalogue) }
        // The same with a blank behind it differs only in not having a higher version. (Zeros: it may be UTF-16.)
        guard !file.contains(0) else { return }
        guard let again = try? Catalogue(bytes: file + [0x20]) else {
            fatalError("a promise is broken: a blank makes a catalogue none")
        }
        let faults = again.faults(replacing: catalogue)
        promise(faults.count == 1, "a catalogue differs from itself: \(faults)")
    }

    private static func use(_ type: Catalogue.RecordType, of catalogue: Catalogue) {
        let key = TypeKey(type.key)
        promise(catalogue.type(key) != nil, "a type is not found by its key")
        _ = (catalogue.checks(of: key), catalogue.naturalKey(of: key), catalogue.guards(of: key), catalogue.titleField(of: key))
        for field in type.fields {
            let rule = catalogue.rule(of: FieldKey(field.key), in: key)
            promise(field.kind.isSet == (rule == .union), "a field's rule does not fit its kind")
            promise(type.field(field.key) != nil, "a field is not found by its key")
            _ = type.field(named: field.label.zh)
            for text in ["", "1", "是", "2026-05-11", "x"] { _ = try? field.value(text) { RecordID(hex: $0) } }
        }
        _ = type.fields(near: "title")
        _ = type.missing { $0.kind.isSet ? nil : $0.key }
        let values = FormValues(FormOrigin(type: key))
        for language in Language.allCases {
            _ = Form.parse(Form.text(type, values, language), type, values, language) { RecordID(hex: $0) }
        }
    }

    private static func year(_ file: [UInt8]) {
        do {
            let year = try HolidayYear(bytes: file)
            for holiday in year.holidays {
                let days = holiday.spans.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) + 1 }
                promise(days == holiday.days.count, "the spans of a holiday have other days than it has")
            }
        } catch {
            for language in Language.allCases { promise(!error.what(language).isEmpty, "a calendar is refused without a word") }
        }
    }

    // MARK: Seeds

    static var seeds: [[UInt8]] {
        [[0] + Array(small.utf8), [0] + Array(large.utf8), [1] + Array(calendar.utf8)]
    }

    private static let small = """
        {"name":"s","version":1,"types":[{"key":"a","label":{"zh":"甲","en":"A"},"scope":"any","title":["n"],"fields":[
        {"key":"n","label":{"zh":"名","en":"Name"},"kind":"text","rule":"review","sensitivity":"ordinary"}]}]}
        """

    /// A type with everything that a type can have.
    private static let large = """
        {"name":"l","version":2,"types":[{"key":"unit","label":{"zh":"单位","en":"Unit"},"scope":"directory","title":["name"],
        "natural_key":["name"],"fields":[{"key":"name","label":{"zh":"名称","en":"Name"},"kind":"text","rule":"latest","sensitivity":
        "ordinary","required":true}]},{"key":"attachment","label":{"zh":"附件","en":"File"},"scope":"any","title":["size"],"fields":[
        {"key":"size","label":{"zh":"大小","en":"Size"},"kind":"integer","rule":"review","sensitivity":"ordinary","given":"content"}]},
        {"key":"letter","label":{"zh":"函","en":"Letter"},"help":{"zh":"写","en":"Write"},"scope":"restricted","title":["subject","kind"],
        "natural_key":["subject"],"sealed_when":{"field":"state","values":["sent"]},"never_names":[{"field":"subject","records":["to.name",
        "to"],"except":["x"],"label":{"zh":"不","en":"No"}}],"numbering":{"field":"number","kind":"kind","day":"day","state":"state","when":
        ["ready"],"forms":{"a":"A{year}-{number}","b":"B{year}-{number}"}},"checks":[{"key":"order","label":{"zh":"早","en":"Early"},"kind":
        "not_before","fields":["day","due"]},{"key":"why","label":{"zh":"缺","en":"Lacks"},"kind":"requires","fields":["kind","body"],
        "value":"a"}],"fields":[{"key":"to","label":{"zh":"致","en":"To"},"kind":"reference","target":"unit","rule":"review","sensitivity":
        "ordinary"},{"key":"subject","label":{"zh":"题","en":"Subject"},"kind":"text","rule":"review","sensitivity":"personal"},{"key":
        "body","label":{"zh":"文","en":"Body"},"kind":"long_text","rule":"text","sensitivity":"restricted","second_person":true},{"key":
        "kind","label":{"zh":"类","en":"Kind"},"kind":"choice","choices":[{"key":"a","label":{"zh":"甲","en":"A"}},{"key":"b","label":{"zh":
        "乙","en":"B"}}],"rule":"review","sensitivity":"ordinary"},{"key":"state","label":{"zh":"态","en":"State"},"kind":"choice",
        "choices":[{"key":"ready","label":{"zh":"待","en":"Ready"}},{"key":"sent","label":{"zh":"发","en":"Sent"}}],"ladder":["ready",
        "sent"],"rule":"furthest","sensitivity":"ordinary"},{"key":"number","label":{"zh":"号","en":"Number"},"kind":"text","rule":
        "review","sensitivity":"ordinary","given":"numbering"},{"key":"day","label":{"zh":"日","en":"Day"},"kind":"date","rule":"review",
        "sensitivity":"ordinary","required_when":{"field":"state","values":["sent"]}},{"key":"due","label":{"zh":"限","en":"Due"},"kind":
        "date","rule":"review","sensitivity":"ordinary"},{"key":"tags","label":{"zh":"签","en":"Tags"},"kind":"text_set","rule":"union",
        "sensitivity":"ordinary"},{"key":"files","label":{"zh":"附","en":"Files"},"kind":"attachment_set","rule":"union","sensitivity":
        "ordinary"},{"key":"units","label":{"zh":"抄","en":"Copies"},"kind":"reference_set","target":"unit","rule":"union","sensitivity":
        "ordinary"}]}]}
        """

    private static let calendar = """
        {"year":2025,"announced":[{"title":"t","number":"1","date":"2024-11-12","note":{"zh":"注","en":"Note"}}],"holidays":[{"key":
        "new_year","name":{"zh":"元旦","en":"New Year"},"days":["2025-01-01"]},{"key":"spring","name":{"zh":"春节","en":"Spring"},"days":
        ["2025-01-28","2025-01-29","2025-01-30","2025-02-04"]}],"working_weekend_days":["2025-01-26","2025-02-08"]}
        """
}
