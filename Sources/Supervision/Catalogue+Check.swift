// What makes a file a catalogue: all that its JSON Schema says, for programs that have no reader of schemas, and what a schema cannot say.

import Records

extension Catalogue {
    /// Versions go on being raised.
    private static let versionMax = 1_000_000

    /// What stands in journals and SQL views: `^[a-z][a-z0-9_]{0,39}$`.
    private static func isKey(_ text: String) -> Bool {
        let bytes = text.utf8
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        return bytes.count <= 40 && bytes.first.map(isLetter) ?? false
            && bytes.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_") }
    }

    private func demand(_ condition: Bool, _ message: @autoclosure () -> String) throws(CatalogueFault) {
        if !condition { throw CatalogueFault(message: message()) }
    }

    private func check(_ labels: [Label?], of what: String) throws(CatalogueFault) {
        for label in labels { try demand(label.map { !$0.zh.isEmpty && !$0.en.isEmpty } ?? true, "\(what): a label is empty") }
    }

    func check() throws(CatalogueFault) {
        try demand(Self.isKey(name), "\(name) is no key")
        try demand((1...Self.versionMax).contains(version), "its version is from 1 to \(Self.versionMax)")
        try demand(languages == Language.allCases.map(\.rawValue), "its languages are zh and en")
        try demand(!types.isEmpty, "it has no types")
        try demand(Set(types.map(\.key)).count == types.count, "a type is there twice")
        let kinds = types.flatMap { $0.numbering?.forms.keys.map(\.self) ?? [] }
        try demand(Set(kinds).count == kinds.count, "two types are numbered by a kind of one key")
        for type in types {
            try demand(Self.isKey(type.key), "\(type.key) is no key")
            try check([type.label, type.help], of: type.key)
            try demand(type.help != nil, "\(type.key): nothing says what belongs in it")
            try demand(!type.title.isEmpty && !type.fields.isEmpty, "\(type.key): it has no title, or no fields")
            for check in type.checks ?? [] { try self.check([check.label], of: "\(type.key), check \(check.key)") }
            for naming in type.neverNames ?? [] { try check([naming.label], of: "\(type.key), never_names") }
            let keys = Set(type.fields.map(\.key))
            try demand(keys.count == type.fields.count, "\(type.key): a field is there twice")
            for key in type.title + (type.naturalKey ?? []) {
                try demand(keys.contains(key), "\(type.key): \(key) is no field of it")
            }
            try demand(
                Set((type.checks ?? []).map(\.key)).count == (type.checks ?? []).count, "\(type.key): a check is there twice")
            for check in type.checks ?? [] { try self.check(check, of: type) }
            for naming in type.neverNames ?? [] {
                try demand(type.field(naming.field)?.kind == .text, "\(type.key): never_names is about a text field")
                for path in naming.records {
                    var (at, isFollowed) = (Optional(type), true)
                    for step in path.split(separator: ".") {
                        let target = at?.field(String(step))?.target
                        isFollowed = isFollowed && target != nil
                        at = types.first { $0.key == target }
                    }
                    try demand(isFollowed && !path.isEmpty, "\(type.key): never_names follows \(path), which is no reference")
                }
            }
            if let sealing = type.sealedWhen {
                let choices = Set(type.field(sealing.field)?.choices?.map(\.key) ?? [])
                try demand(
                    !sealing.values.isEmpty && choices.isSuperset(of: sealing.values),
                    "\(type.key): it is sealed by a choice there is not")
            }
            if let numbering = type.numbering { try self.check(numbering, of: type) }
            for field in type.fields {
                let name = "\(type.key).\(field.key)"
                try check(field, name, in: type)
                if let condition = field.requiredWhen {
                    let choices = Set(type.field(condition.field)?.choices?.map(\.key) ?? [])
                    try demand(
                        !condition.values.isEmpty && choices.isSuperset(of: condition.values),
                        "\(name): it is required when a choice of \(condition.field) is made that there is not")
                    try demand(field.required != true, "\(name): it is required anyway")
                }
                try demand(field.given == nil || field.required != true, "\(name): nobody can be asked for what is given")
                try demand(field.secondPerson != true || !field.kind.isSet, "\(name): nobody decides about a set")
                try demand(field.kind.isSet == (field.rule == "union"), "\(name): sets, and only sets, have the rule union")
                if let target = field.target {
                    guard let other = types.first(where: { $0.key == target }) else {
                        throw CatalogueFault(message: "\(name): there is no type \(target)")
                    }
                    try demand(
                        other.scope != .restricted || type.scope == .restricted,
                        "\(name): it would show that a restricted record exists")
                }
                if field.rule == "furthest" {
                    let choices = Set((field.choices ?? []).map(\.key))
                    try demand(Set(field.ladder ?? []) == choices, "\(name): its ladder must name every choice once")
                    try demand(field.ladder?.count == choices.count, "\(name): its ladder names a choice twice")
                }
            }
        }
    }

    private func check(_ field: Field, _ name: String, in type: RecordType) throws(CatalogueFault) {
        try demand(Self.isKey(field.key), "\(name): it is no key")
        try check([field.label, field.help] + (field.choices ?? []).map(\.label), of: name)
        let choices = (field.choices ?? []).map(\.key)
        try demand(choices.allSatisfy(Self.isKey), "\(name): a choice is no key")
        try demand(Set(choices).count == choices.count, "\(name): a choice is there twice")
        try demand(
            (field.kind.element == .choice) == !choices.isEmpty, "\(name): choices, and only they, have something to choose from")
        try demand(field.target == nil || field.kind.element == .reference, "\(name): only a reference has a target")
        try demand(
            ["review", "text", "union", "latest", "furthest"].contains(field.rule), "\(name): there is no rule \(field.rule)")
        try demand(field.rule != "text" || field.kind == .longText, "\(name): only long texts are merged as texts")
        try demand(field.rule != "furthest" || field.kind == .choice, "\(name): only a choice has a furthest")
        try demand((field.rule == "furthest") == (field.ladder != nil), "\(name): the rule furthest, and only it, has a ladder")
        // A scope is read all or nothing.
        try demand(
            field.sensitivity != .restricted || [.restricted, .any].contains(type.scope),
            "\(name): it is restricted, and everybody in the scope would read it")
    }

    private func check(_ numbering: Numbering, of type: RecordType) throws(CatalogueFault) {
        func demand(_ condition: Bool, _ what: String) throws(CatalogueFault) {
            if !condition { throw CatalogueFault(message: "\(type.key), numbering: \(what)") }
        }
        let (kind, state) = (type.field(numbering.kind), type.field(numbering.state))
        try demand(type.field(numbering.field)?.given == .numbering, "\(numbering.field) is no field that is given by it")
        try demand(type.field(numbering.day)?.kind == .date, "\(numbering.day) is no date")
        try demand(kind?.kind == .choice && state?.kind == .choice, "kind and state are choices")
        try demand(Set(numbering.forms.keys) == Set(kind?.choices?.map(\.key) ?? []), "there is a form for every kind and no other")
        try demand(
            numbering.forms.values.allSatisfy { $0.contains("{number}") && $0.contains("{year}") },
            "a form lacks {number} or {year}")
        try demand(Set(numbering.forms.values).count == numbering.forms.count, "two kinds are written alike")
        try demand(
            !numbering.when.isEmpty && Set(state?.choices?.map(\.key) ?? []).isSuperset(of: numbering.when),
            "it names a state there is not")
    }

    private func check(_ check: Check, of type: RecordType) throws(CatalogueFault) {
        let name = "\(type.key), check \(check.key)"
        let fields = check.fields.compactMap { type.field($0) }
        guard fields.count == check.fields.count, fields.count == 2 else {
            throw CatalogueFault(message: "\(name): it is over two fields of the type")
        }
        switch check.kind {
        case .notBefore:
            guard fields[0].kind == fields[1].kind, [.date, .time].contains(fields[0].kind), check.value == nil else {
                throw CatalogueFault(message: "\(name): it compares two dates or two times")
            }
        case .requires:
            guard fields[0].kind == .choice, let value = check.value, fields[0].choice(value) != nil, !fields[1].kind.isSet else {
                throw CatalogueFault(message: "\(name): it names a choice of its first field")
            }
        }
    }
}

// MARK: Members

extension Catalogue {
    private static let members: [String: Set<String>] = [
        "": ["$schema", "name", "version", "languages", "types"],
        "types": [
            "key", "label", "help", "scope", "title", "natural_key", "sealed_when", "never_names", "numbering", "checks", "fields",
        ],
        "label": ["zh", "en"], "help": ["zh", "en"], "sealed_when": ["field", "values"], "required_when": ["field", "values"],
        "never_names": ["field", "records", "except", "label"],
        "numbering": ["field", "kind", "day", "state", "when", "forms"],
        "checks": ["key", "label", "kind", "fields", "value"], "choices": ["key", "label"],
        "fields": [
            "key", "label", "help", "kind", "choices", "target", "rule", "ladder", "sensitivity", "given", "required_when",
            "second_person", "required",
        ],
    ]

    /// Sees whether each member of the file is known and there once: one that is misspelt would be as if it were not there. The file was decoded, so it
    /// is JSON.
    func checkMembers() throws(CatalogueFault) {
        var open: [(isObject: Bool, name: String, seen: Set<String>)] = []
        var (member, isKey) = ("", false)
        var i = bytes.startIndex
        while i < bytes.endIndex {
            switch bytes[i] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let name = open.last.map { $0.isObject ? member : $0.name } ?? ""
                isKey = bytes[i] == UInt8(ascii: "{")
                open.append((isKey, name, []))
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
            case UInt8(ascii: ","): isKey = open.last?.isObject ?? false
            case UInt8(ascii: "\""):
                let start = i + 1
                i = start
                while i < bytes.endIndex, bytes[i] != UInt8(ascii: "\"") { i += bytes[i] == UInt8(ascii: "\\") ? 2 : 1 }
                guard isKey, let last = open.indices.last, i <= bytes.endIndex else { break }
                (member, isKey) = (String(decoding: bytes[start..<i], as: UTF8.self), false)
                guard let known = Self.members[open[last].name] else { break }
                let place = open[last].name.isEmpty ? "" : " in \(open[last].name)"
                try demand(known.contains(member), "there is no member \(member)\(place)")
                try demand(open[last].seen.insert(member).inserted, "\(member)\(place) is there twice")
            default: break
            }
            i += 1
        }
    }
}
