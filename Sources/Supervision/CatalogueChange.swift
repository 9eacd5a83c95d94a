// What a newer catalogue may change. Journals hold keys and values for ever: a key that was renamed, or a field that became of another kind, would
// make nonsense of what was written.

extension Catalogue {
    /// What is wrong with this catalogue in place of an older one; empty if it may take its place.
    ///
    /// Types, fields and choices are added and never removed or renamed; a field keeps its kind and what it refers to, a type where it lives. Merge rules,
    /// ladders, natural keys, checks and whatever else may change, but only under a higher version: what was folded by other rules is folded anew.
    public func faults(replacing old: Catalogue) -> [CatalogueFault] {
        guard bytes != old.bytes else { return [] }
        var faults: [String] = []
        if name != old.name { faults.append("it is called \(name), and the one in force \(old.name)") }
        if version <= old.version {
            faults.append("it differs from version \(old.version), so its version must be higher, and it is \(version)")
        }
        for before in old.types {
            guard let after = types.first(where: { $0.key == before.key }) else {
                faults.append("\(before.key): the type is gone or renamed; records of it would have no names any more")
                continue
            }
            if after.scope != before.scope {
                faults.append("\(before.key): it lives in \(after.scope.rawValue), and its records are in \(before.scope.rawValue)")
            }
            for field in before.fields { faults += Self.faults(of: after.field(field.key), replacing: field, in: before.key) }
        }
        return faults.map { CatalogueFault(message: $0) }
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
        if after.sensitivity != before.sensitivity, before.sensitivity == .restricted {
            faults.append("\(name): it was restricted and is \(after.sensitivity.rawValue)")
        }
        return faults
    }
}
