// A county's engagement on three laptops' and a centre's desks: who is who, and records written as a person types them.

import Causality
import Console
import Journals
import Records
import Replicas
import Supervision
import Terminal
import Worlds

/// Everybody and everything here is made up.
struct Office {
    static let catalogue = Catalogue.supervision
    static let directory = ScopeID(high: 0xd1, low: 1)
    static let secret = ScopeID(high: 0x5ec, low: 1)
    static let engagement = World.record(1)

    let world: World
    let ann: Replica
    let ben: Replica
    let centre: Replica
    var contacts: [PublicKey: ReportMaterial.Contact] = [:]

    /// - Parameters:
    ///   - fields: what the engagement says beside its title.
    ///   - rules: by which all of them merge, refuse and ask.
    init(
        _ fields: [String] = ["start=2026-05-11", "status=under_way", "kind=resident"], rules: any MergeRules = ReviewEverything()
    ) throws {
        world = try World()
        try world.publish { roster in
            roster.scopes += [
                Roster.Scope(id: Self.directory, name: "directory", title: "名录", kind: .directory),
                Roster.Scope(id: Self.secret, name: "secret", title: "限知", kind: .restricted),
            ]
        }
        (ann, ben) = (try world.replica("ann", rules: rules), try world.replica("ben", rules: rules))
        for laptop in [ann, ben] { try world.join(laptop, [world.scope, Self.directory, Self.secret]) }
        centre = try world.centre(rules: rules)
        try write("engagement", 1, ["title=青石县蹲点监督"] + fields)
    }

    /// References are written as `#2`.
    private func fields(_ type: String, _ texts: [String]) throws -> [(FieldKey, FieldInput)] {
        let parser = FieldParser(type: Self.catalogue.type(named: type), .english) { text, _ in
            UInt64(text.dropFirst()).map { World.record($0) }
        }
        return try parser.fields(texts)
    }

    /// Ann writes a record.
    func write(_ type: String, _ number: UInt64, _ texts: [String], in scope: ScopeID? = nil) throws {
        try ann.create(
            TypeKey(type), in: scope ?? world.scope, id: World.record(number), fields: fields(type, texts))
    }

    func edit(_ type: String, _ number: UInt64, _ texts: [String], by replica: Replica) throws {
        try replica.edit(World.record(number), fields: fields(type, texts))
    }

    /// Everybody has what everybody wrote.
    func sync() throws { _ = try world.converge([centre, ann, ben]) }

    /// The two write different values into one field, not having met.
    func dispute(_ type: String, _ number: UInt64, _ one: String, _ other: String) throws {
        try sync()
        try edit(type, number, [one], by: ann)
        world.clock.advance(60_000)
        try edit(type, number, [other], by: ben)
        try sync()
    }

    func material() throws -> ReportMaterial {
        try sync()
        let roster = world.roster.roster
        return try centre.store.reading { reader in
            var material = ReportMaterial(roster: roster, records: [], contacts: contacts)
            for scope in roster.scopes.map(\.id) {
                material.records += try reader.states(in: scope, after: nil, limit: 10_000).map { .init(scope: scope, state: $0) }
                material.journals += try reader.journals(in: scope).map {
                    .init(scope: scope, key: $0.tip.key, entries: Int($0.tip.position.rawValue), held: 0)
                }
            }
            return material
        }
    }

    func report(on day: String = "2026-05-13", restricted: Bool = false) throws -> EngagementReport {
        guard let day = Day(day),
            let report = EngagementReport(
                of: Self.engagement, from: try material(), catalogue: Self.catalogue, on: day, minutesEastOfUTC: 480,
                restricted: restricted)
        else { throw NoReport() }
        return report
    }

    struct NoReport: Error {}
}
