// The record catalogue: types, fields, labels, choices, rules. It is data (protocol/catalogue/): an organisation can bring its own.

public import Records

import FoundationEssentials

/// Chinese or English, for everything a person reads.
public enum Language: String, Sendable, CaseIterable {
    case chinese = "zh"
    case english = "en"
}

/// A text in both languages.
public struct Label: Hashable, Sendable, Decodable {
    /// In Chinese.
    public var zh: String
    /// In English.
    public var en: String
    /// A text out of both.
    public init(zh: String, en: String) { (self.zh, self.en) = (zh, en) }
    /// The text in one language.
    public subscript(language: Language) -> String { language == .chinese ? zh : en }
}

/// The file is not a catalogue, or contradicts itself.
public struct CatalogueFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in English.
    public var message: String
    public var description: String { message }

    package init(message: String) { self.message = message }
}

/// Record types, their fields, labels and rules, as data.
public struct Catalogue: Sendable {
    /// Where records of a type live.
    public enum ScopeKind: String, Sendable, Decodable {
        case directory, engagement, restricted
        /// Wherever the record is that it belongs to.
        case any
    }
    /// Who may see a field.
    public enum Sensitivity: String, Sendable, Decodable, Comparable, CaseIterable {
        case ordinary, personal, restricted

        public static func < (a: Sensitivity, b: Sensitivity) -> Bool {
            (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
        }
    }

    /// What a field holds.
    public enum Kind: String, Sendable, Decodable {
        case text
        case longText = "long_text"
        case integer
        case decimal
        case date
        case time
        case choice
        case yesNo = "yes_no"
        case reference
        case textSet = "text_set"
        case choiceSet = "choice_set"
        case referenceSet = "reference_set"
        /// References to records of the type `attachment`.
        case attachmentSet = "attachment_set"

        /// Whether it holds several elements.
        public var isSet: Bool { element != self }
        /// What one element of a set is; the kind itself otherwise.
        public var element: Kind {
            switch self {
            case .textSet: .text
            case .choiceSet: .choice
            case .referenceSet, .attachmentSet: .reference
            default: self
            }
        }
    }

    /// One of the values a choice may have.
    public struct Choice: Hashable, Sendable, Decodable {
        /// Written into journals; never renamed.
        public var key: String
        /// For people to read.
        public var label: Label
    }

    /// Who gives a field its value, where people do not.
    public enum Giver: String, Sendable, Decodable {
        /// The numbering authority: official numbers.
        case numbering
        /// What an attachment's content is.
        case content
    }

    /// When a field is expected: while another has one of some choices.
    public struct Condition: Hashable, Sendable, Decodable {
        /// The other field, a choice.
        public var field: String
        /// Keys of its choices.
        public var values: [String]
    }

    /// A field of a record type.
    public struct Field: Sendable, Decodable {
        /// Written into journals and SQL views; never renamed.
        public var key: String
        /// For people to read.
        public var label: Label
        /// What belongs in it; nil: the label says it.
        public var help: Label?
        /// What it holds.
        public var kind: Kind
        /// Its merge rule's name.
        public var rule: String
        /// Who may see it.
        public var sensitivity: Sensitivity
        /// Whether a form asks for it; a record without it is still saved.
        public var required: Bool?
        /// What a choice may be; nil for other kinds.
        public var choices: [Choice]?
        /// The type a reference refers to.
        public var target: String?
        /// The order of the choices, for the rule `furthest`.
        public var ladder: [String]?
        /// When a form asks for it; nil: as ``required`` says.
        public var requiredWhen: Condition?
        /// Who gives it its value; nil: people do.
        public var given: Giver?
        /// Whether a decision between values of it holds only once somebody else has approved it; nil: no.
        public var secondPerson: Bool?

        enum CodingKeys: String, CodingKey {
            case key, label, help, kind, rule, sensitivity, required, choices, target, ladder, given
            case secondPerson = "second_person"
            case requiredWhen = "required_when"
        }

        /// Its merge rule.
        public var mergeRule: MergeRule {
            switch rule {
            case "text": .text
            case "union": .union
            case "latest": .latest
            case "furthest": .furthest(ladder: ladder ?? [])
            default: .review
            }
        }

        /// The choice with this key; nil if there is none.
        public func choice(_ key: String) -> Choice? { choices?.first { $0.key == key } }
    }

    /// What the values of a record must not say together.
    public struct Check: Sendable, Decodable {
        /// What it demands of its two fields.
        public enum Kind: String, Sendable, Decodable {
            /// The second is not before the first.
            case notBefore = "not_before"
            /// Where the first has a certain value, the second is filled in.
            case requires
        }
        /// Stable within the type.
        public var key: String
        /// What is wrong with a record that breaks it.
        public var label: Label
        /// What it demands.
        public var kind: Kind
        /// Two.
        public var fields: [String]
        /// The value, for `requires`.
        public var value: String?
    }

    /// How records of a type get official numbers: without gap or repeat for each kind and year.
    public struct Numbering: Hashable, Sendable, Decodable {
        /// The field that is given the number.
        public var field: String
        /// The choice by which numbers are counted apart.
        public var kind: String
        /// The date whose year they are counted in.
        public var day: String
        /// The choice that says whether a record is ready for a number.
        public var state: String
        /// Its values while it is.
        public var when: [String]
        /// For each kind how a number is written: `{year}` and `{number}` stand for those.
        public var forms: [String: String]
    }

    /// Whom a field must not name: an edit that does is refused.
    public struct NeverNames: Hashable, Sendable, Decodable {
        /// The field, a text.
        public var field: String
        /// Fields that refer to those it must not name: `unit`, or through a record, `engagement.units`.
        public var records: [String]
        /// A part of the text, between commas, that has one of these is fine all the same.
        public var except: [String]?
        /// Why it is refused, with the source, and what to do.
        public var label: Label
    }

    /// A type of record.
    public struct RecordType: Sendable, Decodable {
        /// Written into journals and SQL views; never renamed.
        public var key: String
        /// For people to read.
        public var label: Label
        /// What belongs in such a record.
        public var help: Label?
        /// Where its records live.
        public var scope: ScopeKind
        /// The fields whose values make its one-line title.
        public var title: [String]
        /// The fields by which two records look like one thing.
        public var naturalKey: [String]?
        /// While a field has one of these values its records are not edited any more; nil: they always are.
        public var sealedWhen: Condition?
        /// What its fields never name; nil: no such guard.
        public var neverNames: [NeverNames]?
        /// How its records are numbered; nil: they are not.
        public var numbering: Numbering?
        /// What its records must not say; nil: nothing.
        public var checks: [Check]?
        /// In the order of the form.
        public var fields: [Field]

        enum CodingKeys: String, CodingKey {
            case key, label, help, scope, title, checks, fields, numbering
            case naturalKey = "natural_key"
            case sealedWhen = "sealed_when"
            case neverNames = "never_names"
        }

        /// The field with this key; nil if there is none.
        public func field(_ key: String) -> Field? { fields.first { $0.key == key } }
        /// The check with this key; nil if there is none.
        public func check(_ key: String) -> Check? { checks?.first { $0.key == key } }
    }

    private struct File: Decodable {
        var name: String
        var version: Int
        var languages: [String]?
        var types: [RecordType]
    }

    /// Its name.
    public let name: String
    /// Raised with every change.
    public let version: Int
    /// The languages its labels are in.
    let languages: [String]
    /// In the order in which people see them.
    public let types: [RecordType]
    /// The file itself: the roster names its hash.
    public let bytes: [UInt8]
    private let rules: [TypeKey: TypeRules]

    private struct TypeRules: Sendable {
        var fields: [FieldKey: MergeRule] = [:]
        var needingSecondPerson: Set<FieldKey> = []
        var checks: [RecordCheck] = []
        var naturalKey: [FieldKey] = []
        var guards: [RecordGuard] = []
        var title: FieldKey?
    }

    /// Reads a catalogue file and checks all that its JSON Schema says (`protocol/catalogue/catalogue.schema.json`), and what a schema cannot say.
    public init(bytes: [UInt8]) throws(CatalogueFault) {
        try self.init(unchecked: bytes)
        try checkMembers()
        try check()
    }

    /// Reads a file that an earlier version took for a catalogue, to compare with.
    package init(unchecked bytes: [UInt8]) throws(CatalogueFault) {
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(bytes)) } catch {
            throw CatalogueFault(message: "not a catalogue: \(error)")
        }
        types = file.types.map { type in
            var type = type
            for i in type.fields.indices where type.fields[i].kind == .attachmentSet { type.fields[i].target = "attachment" }
            return type
        }
        (name, version, languages, self.bytes) = (file.name, file.version, file.languages ?? [], bytes)
        var rules: [TypeKey: TypeRules] = [:]
        for type in types {
            var of = TypeRules(naturalKey: (type.naturalKey ?? []).map { FieldKey($0) })
            of.title = type.title.first.map { FieldKey($0) }
            if let sealing = type.sealedWhen {
                of.guards.append(.sealed(field: FieldKey(sealing.field), values: Set(sealing.values)))
            }
            for naming in type.neverNames ?? [] {
                of.guards.append(
                    .neverNames(
                        RecordGuard.Naming(
                            field: FieldKey(naming.field),
                            paths: naming.records.map { $0.split(separator: ".").map { FieldKey(String($0)) } },
                            except: naming.except ?? [], zh: naming.label.zh,
                            en: naming.label.en)))
            }
            for field in type.fields {
                of.fields[FieldKey(field.key)] = field.mergeRule
                if field.secondPerson == true { of.needingSecondPerson.insert(FieldKey(field.key)) }
            }
            for check in type.checks ?? [] where check.fields.count == 2 {
                let demand: RecordCheck.Demand = check.kind == .notBefore ? .notBefore : .requires(check.value ?? "")
                of.checks.append(
                    RecordCheck(key: FieldKey(check.key), demand, FieldKey(check.fields[0]), FieldKey(check.fields[1])))
            }
            rules[TypeKey(type.key)] = of
        }
        self.rules = rules
    }

    /// The supervision catalogue this version comes with.
    public static let supervision: Catalogue = {
        // The tests check it.
        do { return try Catalogue(unchecked: PackageResources.supervision_json) } catch {
            preconditionFailure("the built-in catalogue is broken: \(error)")
        }
    }()

    /// The type with this key; nil if there is none.
    public func type(_ key: TypeKey) -> RecordType? { types.first { $0.key == key.rawValue } }
}

extension Catalogue.RecordType {
    /// What a record lacks that it is expected to have: its fields in the order of the form.
    /// - Parameter value: the text value of a field, or any other as it is written; nil: the field is empty or cleared. For sets: whether there is an element.
    public func missing(_ value: (Catalogue.Field) -> String?) -> [Catalogue.Field] {
        fields.filter { field in
            let isExpected =
                field.required == true
                || field.requiredWhen.map { condition in
                    self.field(condition.field).flatMap(value).map(condition.values.contains) ?? false
                } ?? false
            return isExpected && value(field) == nil
        }
    }
}

extension Catalogue: MergeRules {
    public func rule(of field: FieldKey, in type: TypeKey) -> MergeRule { rules[type]?.fields[field] ?? .review }
    /// Whether the field is marked `second_person`.
    public func needsSecondPerson(_ field: FieldKey, in type: TypeKey) -> Bool {
        rules[type]?.needingSecondPerson.contains(field) ?? false
    }
    /// The type's checks.
    public func checks(of type: TypeKey) -> [RecordCheck] { rules[type]?.checks ?? [] }
    /// The type's natural key.
    public func naturalKey(of type: TypeKey) -> [FieldKey] { rules[type]?.naturalKey ?? [] }
    /// What the type's records refuse.
    public func guards(of type: TypeKey) -> [RecordGuard] { rules[type]?.guards ?? [] }
    /// The first field of the type's titles.
    public func titleField(of type: TypeKey) -> FieldKey? { rules[type]?.title }
    /// The file itself.
    public var fingerprint: [UInt8] { bytes }
}
