// Where a verb stands in the tree of commands: under a type of the catalogue, under `record`, or by itself. ArgumentParser makes help,
// completions and documentation from types, so every place is a type of its own: `ShowVerb<3>` is `dundian plan show`.

import ArgumentParser
import Dundian
import Terminal

struct VerbPlace {
    /// How many types of a catalogue can have commands of their own; the others are reached by `record`.
    static let typesMax = 48
    static let underRecord = 48
    static let alone = 49

    let number: Int
    init(_ number: Int) { self.number = number }

    /// The type whose records are meant; nil where any type is.
    var type: Catalogue.RecordType? {
        let types = TypeCommands.types
        return types.indices.contains(number) ? types[number] : nil
    }

    /// `dundian talk`, as it is typed before a verb.
    var command: String {
        if let type { return "dundian \(type.commandName)" }
        return number == Self.underRecord ? "dundian record" : "dundian"
    }

    /// The record an id means here; a type's verb takes only records of its type.
    func record(_ id: String, _ finder: Finder, verb: String) throws -> Record {
        let record = try finder.record(id)
        guard let type, type.key != record.type.rawValue else { return record }
        let command = finder.folder.catalogue.type(record.type)?.commandName ?? "record"
        throw finder.mismatch(
            record, TypeKey(type.key), next: tr("请用：", "Use: ") + "dundian \(command) \(verb) \(finder.showing.short(record.id))")
    }
}

/// A type of the catalogue as a command: `dundian talk`, also by its Chinese label.
struct TypeCommand<let place: Int>: ParsableCommand {
    static var configuration: CommandConfiguration {
        guard let type = VerbPlace(place).type else { return CommandConfiguration(commandName: "-", shouldDisplay: false) }
        return CommandConfiguration(
            commandName: type.commandName,
            abstract: tr("\(type.label.zh)：新建、修改、列出、查看。", "\(type.label.en): make, change, list and look at."),
            discussion: TypeCommands.discussion(type),
            subcommands: [
                NewVerb<place>.self, EditVerb<place>.self, FormVerb<place>.self, ListVerb<place>.self, ShowVerb<place>.self,
                DeleteVerb<place>.self,
                RestoreVerb<place>.self, HistoryVerb<place>.self,
            ] + TypeCommands.more(of: type, place: WriteDocument<place>.self),
            aliases: TypeCommands.aliases(type))
    }
}

enum TypeCommands {
    /// Names of commands that a type of a catalogue cannot have; its records are reached by `record`.
    private static let taken: Set<String> = [
        "join", "status", "sync", "record", "review", "check", "digest", "show", "edit", "delete", "restore", "history", "undo",
        "search", "file", "due", "advice", "tonight", "erase", "workdays", "figures", "ledger", "about", "sql", "export", "import",
        "bundle", "meet", "draft",
        "drafts", "help", "completions",
        "manual",
    ]

    /// Verbs that only some types of the supervision catalogue have.
    static func more(of type: Catalogue.RecordType, place write: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        guard recordTypes.name == Catalogue.supervision.name else { return [] }
        return switch type.key {
        case "engagement": [EngagementState.self]
        case "outline": [AssembleOutline.self]
        case "questionnaire": [TallySheets.self]
        case "report": [DraftReport.self, write]
        case "finding": [ClassifyFinding.self]
        case "talk", "letter": [write]
        default: []
        }
    }

    /// The types that have commands, in the catalogue's order.
    static let types = Array(
        recordTypes.types.filter { !taken.contains($0.commandName) }.prefix(VerbPlace.typesMax))

    static var all: [any ParsableCommand.Type] { Array(every.prefix(types.count)) }

    static func aliases(_ type: Catalogue.RecordType) -> [String] {
        // A label as it can be typed: no brackets, no spaces.
        let label = type.label.zh.filter { $0.isLetter || $0.isNumber }
        return [label, type.key].filter { !$0.isEmpty && $0 != type.commandName }
    }

    /// The fields with label, kind and choices, and an example.
    static func discussion(_ type: Catalogue.RecordType) -> String {
        var lines: [String] = []
        if let help = type.help { lines.append(help[tr]) }
        lines.append(tr("字段：", "Fields:"))
        lines += type.fields.map { field in
            var line = "  \(field.key)  \(field.label[tr])\(tr("，", ", "))\(field.kindName(in: tr))"
            if field.required == true { line += tr("，应填", ", expected") }
            if let condition = field.requiredWhen, let other = type.field(condition.field) {
                let choices = condition.values.compactMap { other.choice($0)?.label[tr] }.joined(separator: tr("、", ", "))
                line += tr("，\(other.label.zh)为\(choices)时应填", ", expected while \(other.label.en) is \(choices)")
            }
            switch field.given {
            case .numbering?: line += tr("，由中心给", ", given by the central service")
            case .content?: line += tr("，由内容得出", ", from the content")
            case nil: break
            }
            let choices = field.choiceNames(in: tr)
            return choices.isEmpty ? line : "\(line)\(tr("：", ": "))\(choices)"
        }
        lines.append(tr("例：", "Example: ") + example(type))
        return lines.joined(separator: "\n")
    }

    /// A command that would make a record of this type.
    private static func example(_ type: Catalogue.RecordType) -> String {
        let fields = type.fields.filter { $0.required == true && $0.kind != .longText }.prefix(3).map { field in
            let value =
                switch field.kind.element {
                case .date: "2026-05-11"
                case .time: "2026-05-11T09:30+08:00"
                case .integer, .decimal: "1"
                case .yesNo: tr("是", "yes")
                case .choice: field.choices?.first?.key ?? ""
                case .reference: "k7q2-m4xd"
                default: tr("某某", "...")
                }
            return "\(field.key)=\(value)"
        }
        return "dundian \(type.commandName) new " + fields.joined(separator: " ")
    }

    private static let every: [any ParsableCommand.Type] = [
        TypeCommand<0>.self, TypeCommand<1>.self, TypeCommand<2>.self, TypeCommand<3>.self, TypeCommand<4>.self,
        TypeCommand<5>.self, TypeCommand<6>.self, TypeCommand<7>.self, TypeCommand<8>.self, TypeCommand<9>.self,
        TypeCommand<10>.self, TypeCommand<11>.self, TypeCommand<12>.self, TypeCommand<13>.self, TypeCommand<14>.self,
        TypeCommand<15>.self, TypeCommand<16>.self, TypeCommand<17>.self, TypeCommand<18>.self, TypeCommand<19>.self,
        TypeCommand<20>.self, TypeCommand<21>.self, TypeCommand<22>.self, TypeCommand<23>.self, TypeCommand<24>.self,
        TypeCommand<25>.self, TypeCommand<26>.self, TypeCommand<27>.self, TypeCommand<28>.self, TypeCommand<29>.self,
        TypeCommand<30>.self, TypeCommand<31>.self, TypeCommand<32>.self, TypeCommand<33>.self, TypeCommand<34>.self,
        TypeCommand<35>.self, TypeCommand<36>.self, TypeCommand<37>.self, TypeCommand<38>.self, TypeCommand<39>.self,
        TypeCommand<40>.self, TypeCommand<41>.self, TypeCommand<42>.self, TypeCommand<43>.self, TypeCommand<44>.self,
        TypeCommand<45>.self, TypeCommand<46>.self, TypeCommand<47>.self,
    ]
}

/// Records of any type, also of one the catalogue does not know.
struct RecordCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "record", abstract: tr("任何类型的记录：新建、修改、查看。", "Records of any type: make, change and look at."),
            subcommands: [
                NewRecords.self, EditVerb<48>.self, FormVerb<48>.self, ListVerb<48>.self, ShowVerb<48>.self, DeleteVerb<48>.self,
                RestoreVerb<48>.self, HistoryVerb<48>.self,
            ])
    }
}
