// What a newer catalogue may change. Journals hold keys and values for ever: a key that was renamed, or a field that became of another kind, would
// make nonsense of what was written.

extension Catalogue {
    /// What is wrong with this catalogue in place of an older one; empty if it may take its place.
    ///
    /// Types, fields and choices are added and never removed or renamed; a field keeps its kind, what it refers to and who gives it, a type where it lives and
    /// how it is numbered; what protects a record stays: a sensitivity may rise and not fall, seals, names a field must not name and second persons may come
    /// and not go; no two choices or fields change places. Merge rules, natural keys, checks and whatever else may change, but only under a higher version: what was
    /// folded by other rules is folded anew.
    public func faults(replacing old: Catalogue) -> [CatalogueFault] {
        guard bytes != old.bytes else { return [] }
        var faults: [String] = []
        if name != old.name { faults.append("it is called \(name), and the one in force \(old.name)") }
        if version <= old.version {
            faults.append("it differs from version \(old.version), so its version must be higher, and it is \(version)")
        }
        return faults.map { CatalogueFault(message: $0) } + old.types.flatMap { self.faults(replacing: $0) }
    }

    /// What is wrong with what becomes of one type.
    private func faults(replacing before: RecordType) -> [CatalogueFault] {
        var faults: [String] = []
        guard let after = types.first(where: { $0.key == before.key }) else {
            faults.append("\(before.key): the type is gone or renamed; records of it would have no names any more")
            return faults.map { CatalogueFault(message: $0) }
        }
        if after.scope != before.scope {
            faults.append("\(before.key): it lives in \(after.scope.rawValue), and its records are in \(before.scope.rawValue)")
        }
        for field in before.fields { faults += Self.faults(of: after.field(field.key), replacing: field, in: before.key) }
        faults += Self.faults(ofProtection: after, replacing: before)
        if let numbering = before.numbering { faults += Self.faults(of: after.numbering, replacing: numbering, in: before.key) }
        faults += Self.exchanged(
            before.fields.map { ($0.key, $0.label) }, after.fields.map { ($0.key, $0.label) }, in: before.key)
        return faults.map { CatalogueFault(message: $0) }
    }

    /// What is wrong with another set of types in place of an older one, where there are records of these: a type that is in both must stay what it was.
    public func faults(forRecordsOf present: [String], in old: Catalogue) -> [CatalogueFault] {
        old.types.filter { present.contains($0.key) }.flatMap { faults(replacing: $0) }
    }

    /// What stands in the way of another set of types where there are records of these types: a type that it does not have.
    ///
    /// Types of one name in both may differ: whoever puts the other set in force has looked at that.
    public func faults(lackingTypes present: [String]) -> [CatalogueFault] {
        present.filter { key in !types.contains { $0.key == key } }.map {
            CatalogueFault(message: "\($0): there are records of this type, and it has no such type")
        }
    }

    private static func faults(ofProtection after: RecordType, replacing before: RecordType) -> [String] {
        var faults: [String] = []
        if let seal = before.sealedWhen {
            let stays = after.sealedWhen.map { $0.field == seal.field && Set($0.values).isSuperset(of: seal.values) } ?? false
            if !stays { faults.append("\(before.key): what is sealed could be edited again") }
        }
        for naming in before.neverNames ?? [] {
            let stays = (after.neverNames ?? []).contains {
                $0.field == naming.field && Set($0.records).isSuperset(of: naming.records)
            }
            if !stays { faults.append("\(before.key): \(naming.field) could name whom it must not") }
        }
        return faults
    }

    private static func faults(of after: Numbering?, replacing before: Numbering, in type: String) -> [String] {
        guard let after else { return ["\(type): it was numbered and is no more"] }
        var faults: [String] = []
        if (after.field, after.kind, after.day, after.state) != (before.field, before.kind, before.day, before.state) {
            faults.append("\(type): it was numbered by other fields; what has a number would get another")
        }
        for (kind, form) in before.forms.sorted(by: { $0.key < $1.key }) where after.forms[kind] != form {
            faults.append("\(type): numbers of kind \(kind) were written otherwise; two could look alike")
        }
        return faults
    }

    /// Whose label is now what another's was: what was written under the one would be read as the other.
    private static func exchanged(
        _ before: [(key: String, label: Label)], _ after: [(key: String, label: Label)], in place: String
    ) -> [String] {
        let now = Dictionary(after.map { ($0.key, $0.label) }) { first, _ in first }
        return before.flatMap { one in
            before.filter { other in
                guard other.key != one.key, let label = now[one.key], label != one.label else { return false }
                return label.zh == other.label.zh || label.en == other.label.en
            }.map { "\(place): \(one.key) is called what \($0.key) was called" }
        }
    }

    private static func faults(of after: Field?, replacing before: Field, in type: String) -> [String] {
        let name = "\(type).\(before.key)"
        guard let after else { return ["\(name): the field is gone or renamed; what was written to it would be shown raw"] }
        var faults: [String] = []
        if after.kind != before.kind { faults.append("\(name): it was \(before.kind.rawValue) and is \(after.kind.rawValue)") }
        if after.target != before.target {
            faults.append("\(name): it referred to \(before.target ?? "nothing") and refers to \(after.target ?? "nothing")")
        }
        let choices = Set((after.choices ?? []).map(\.key))
        for choice in before.choices ?? [] where !choices.contains(choice.key) {
            faults.append("\(name): the choice \(choice.key) is gone or renamed")
        }
        if after.sensitivity < before.sensitivity {
            faults.append("\(name): it was \(before.sensitivity.rawValue) and is \(after.sensitivity.rawValue)")
        }
        if after.given != before.given { faults.append("\(name): somebody else gave it its value") }
        if before.secondPerson == true, after.secondPerson != true {
            faults.append("\(name): decisions about it would hold without a second person")
        }
        if let ladder = before.ladder, let now = after.ladder, now.filter(ladder.contains) != ladder {
            faults.append("\(name): its ladder goes another way")
        }
        faults += exchanged(
            (before.choices ?? []).map { ($0.key, $0.label) }, (after.choices ?? []).map { ($0.key, $0.label) }, in: name)
        return faults
    }
}
