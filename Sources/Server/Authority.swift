// Who may take part: makes the roster, hands out join codes, admits devices. Every change is a new roster version signed by the root,
// written in one transaction, so a command beside a running service is as safe as a request to it.

import Access
package import Causality
package import Journals
import Records
package import Replicas
package import Supervision
import Wire

package struct Authority: Sendable {
    private static let rosterLifetimeMilliseconds: Int64 = 400 * 86_400_000

    private let replica: Replica
    private let root: any Signer
    private let service: any Signer
    let catalogue: Catalogue
    let catalogueHash: [UInt8]

    /// - Parameter catalogue: the one that is to be in force.
    package init(replica: Replica, root: any Signer, service: any Signer, catalogue: Catalogue) {
        (self.replica, self.root, self.service) = (replica, root, service)
        self.catalogue = catalogue
        var hasher = ContentHasher()
        hasher.update(catalogue.bytes)
        catalogueHash = hasher.finish().bytes
    }

    /// Makes the first roster if there is none.
    /// What gets official numbers, by the catalogue in force.
    package var numbered: [NumberedType] {
        catalogue.types.compactMap { type in
            type.numbering.map {
                NumberedType(
                    type: TypeKey(type.key), field: FieldKey($0.field), kind: FieldKey($0.kind), day: FieldKey($0.day),
                    state: FieldKey($0.state), ready: Set($0.when), forms: $0.forms)
            }
        }
    }

    package func begin() throws {
        guard let roster = try replica.roster()?.roster else {
            try beginRoster()
            return try nameNumbering()
        }
        let known = try replica.store.reading { try $0.setting(SettingKey.catalogue) }
        if roster.catalogue == catalogueHash, known == catalogue.bytes { return try nameNumbering() }
        // Of a service that never kept its catalogue there is nothing to compare with.
        if let known {
            let old: Catalogue
            do { old = try Catalogue(unchecked: known) } catch {
                throw CatalogueRefused(faults: [CatalogueFault(message: "the one in force cannot be read: \(error)")])
            }
            let faults = catalogue.faults(replacing: old)
            guard faults.isEmpty else { throw CatalogueRefused(faults: faults) }
        }
        _ = try change { _, writer in
            try writer.setSetting(SettingKey.catalogue, catalogue.bytes)
            return roster.catalogue != catalogueHash
        }
        try nameNumbering()
    }

    /// The roster's id of the central service where it writes itself.
    private static let centre = "centre"

    /// Names this service's own device as the one that gives numbers, and grants it every scope.
    private func nameNumbering() throws {
        _ = try change { roster, _ in Self.grantAll(to: replica.key, in: &roster) }
    }

    /// - Returns: whether something changed.
    private static func grantAll(to key: PublicKey, in roster: inout Roster) -> Bool {
        var isChanged = roster.numbering != key
        roster.numbering = key
        if roster.person(centre) == nil { roster.people.append(Roster.Person(id: centre, name: "中心")) }
        if roster.device(key) == nil {
            roster.devices.append(Roster.Device(key: key, person: centre, name: "中心", grants: []))
            isChanged = true
        }
        for i in roster.devices.indices where roster.devices[i].key == key {
            for scope in roster.scopes
            where !roster.isGranted(scope.id, to: key, at: roster.version) && !roster.isRemoved(scope, to: key) {
                roster.devices[i].grants.append(Roster.Grant(scope: scope.id, from: roster.version))
                isChanged = true
            }
        }
        return isChanged
    }

    private func beginRoster() throws {
        try replica.updateRoster { current, writer in
            if let current { return current }
            try writer.setSetting(SettingKey.catalogue, catalogue.bytes)
            let now = replica.clock.now()
            let roster = Roster(
                version: 1, root: root.publicKey, service: service.publicKey, issued: now,
                expires: Timestamp(rawValue: now.rawValue + Self.rosterLifetimeMilliseconds), catalogue: catalogueHash)
            return try .signing(roster, by: root)
        }
    }

    /// Another set of types may begin where no record was written by the one in force.
    package func forgetCatalogue() throws {
        try replica.store.writing { try $0.setSetting(SettingKey.catalogue, nil) }
    }

    package func roster() throws -> Roster {
        guard let roster = try replica.roster() else { throw Problem(.internal, "no roster yet") }
        return roster.roster
    }

    /// Signs what `body` makes of the roster as its next version; returns the present one if `body` says nothing changed.
    private func change(_ body: (inout Roster, any StoreWriter) throws -> Bool) throws -> SignedRoster {
        var result: SignedRoster?
        try replica.updateRoster { current, writer in
            guard let current else { throw Problem(.internal, "no roster yet") }
            var roster = current.roster
            let now = replica.clock.now()
            roster.version += 1
            roster.issued = max(now, roster.issued)
            roster.expires = Timestamp(rawValue: roster.issued.rawValue + Self.rosterLifetimeMilliseconds)
            roster.catalogue = catalogueHash
            let changed = try body(&roster, writer)
            let next = changed ? try SignedRoster.signing(roster, by: root) : current
            result = next
            return next
        }
        guard let result else { preconditionFailure("the update ran") }
        return result
    }

    // MARK: Scopes

    /// Adds a scope. A name that is taken is refused.
    package func addScope(name: String, title: String, kind: Roster.Scope.Kind) throws -> Roster.Scope {
        var random = EntropyGenerator(replica.entropy)
        let scope = Roster.Scope(id: ScopeID(using: &random), name: name, title: title, kind: kind)
        _ = try change { roster, _ in
            guard roster.scope(named: name) == nil else { throw AuthorityError.scopeExists(name) }
            roster.scopes.append(scope)
            _ = Self.grantAll(to: replica.key, in: &roster)
            return true
        }
        return scope
    }

    /// Grants scopes to every device of a person, from the next roster version on.
    package func grant(_ scopes: [String], toPerson person: String) throws {
        _ = try change { roster, _ in
            let ids = try Self.ids(of: scopes, in: roster)
            let devices = roster.devices.indices.filter {
                roster.devices[$0].person == person || roster.person(roster.devices[$0].person)?.name == person
            }
            guard !devices.isEmpty else { throw AuthorityError.personUnknown(person) }
            for device in devices {
                for id in ids where !roster.isGranted(id, to: roster.devices[device].key, at: roster.version) {
                    roster.devices[device].grants.append(Roster.Grant(scope: id, from: roster.version))
                }
            }
            return true
        }
    }

    /// Archives scopes until a time, or brings them back.
    /// - Returns: whether something changed.
    @discardableResult
    package func archive(_ names: [String], keptUntil: Timestamp?) throws -> Bool {
        var isChanged = false
        _ = try change { roster, _ in
            let ids = Set(try Self.ids(of: names, in: roster))
            for i in roster.scopes.indices where ids.contains(roster.scopes[i].id) {
                let archive = keptUntil.map { until in
                    Roster.Archive(since: roster.scopes[i].archive?.since ?? replica.clock.now(), keptUntil: until)
                }
                if roster.scopes[i].kind == .directory { throw AuthorityError.scopeShared(roster.scopes[i].name) }
                isChanged = isChanged || roster.scopes[i].archive != archive
                roster.scopes[i].archive = archive
            }
            return isChanged
        }
        return isChanged
    }

    /// Ends every grant of a scope that is removed: who still holds it sends it to nobody.
    package func withdrawAll(from scope: ScopeID) throws {
        _ = try change { roster, _ in
            for device in roster.devices.indices {
                for grant in roster.devices[device].grants.indices
                where roster.devices[device].grants[grant].scope == scope && roster.devices[device].grants[grant].until == nil {
                    roster.devices[device].grants[grant].until = roster.version
                }
            }
            return true
        }
    }

    private static func ids(of names: [String], in roster: Roster) throws -> [ScopeID] {
        try names.map { name in
            guard let scope = roster.scope(named: name) else { throw AuthorityError.scopeUnknown(name) }
            return scope.id
        }
    }

    // MARK: Agreement keys

    /// Puts a device's agreement key on the roster, for one that joined before there were any. What stands there stays.
    func note(_ agreement: AgreementKey?, of key: PublicKey) throws {
        guard let agreement, try roster().device(key)?.agreement == nil else { return }
        _ = try change { roster, _ in
            guard let i = roster.devices.firstIndex(where: { $0.key == key && $0.agreement == nil }) else { return false }
            roster.devices[i].agreement = agreement
            return true
        }
    }

    // MARK: Join codes

    /// Makes a one-time code for a person's device.
    package func invite(person: String, unit: String = "", scopes: [String], lifetimeMilliseconds: Int64) throws -> JoinCode {
        let roster = try roster()
        let ids = try Self.ids(of: scopes, in: roster)
        let code = JoinCode(secret: replica.entropy.next(), root: root.publicKey)
        let key = JoinProof.key(secret: code.secret)
        let invitation = Invitation(
            key: key, person: person, unit: unit, scopes: ids,
            expires: Timestamp(rawValue: replica.clock.now().rawValue + lifetimeMilliseconds), usedBy: nil)
        try replica.store.writing { try $0.setSetting(Invitation.setting(JoinProof.lookup(key: key)), invitation.bytes) }
        return code
    }

    /// Puts a device on the roster that proves to know a code. The code is used up in the same transaction; the device that used it may
    /// ask again, because the answer may have been lost on the way.
    func admit(_ join: JoinMessage, nonce: [UInt8]) throws -> SignedRoster {
        guard join.lookup.count == 16, join.deviceName.utf8.count <= 200 else {
            throw Problem(.badRequest, "a lookup has 16 bytes")
        }
        return try change { roster, writer in
            let setting = Invitation.setting(join.lookup)
            guard let bytes = try writer.setting(setting), var invitation = try? Invitation(bytes: bytes),
                JoinProof.isProof(
                    join.proof, key: invitation.key, nonce: nonce, device: join.key, name: join.deviceName)
            else { throw Problem(.joinCodeWrong) }
            if let user = invitation.usedBy {
                guard user == join.key else { throw Problem(.joinCodeUsed) }
                return false
            }
            guard replica.clock.now() < invitation.expires else { throw Problem(.joinCodeExpired) }
            invitation.usedBy = join.key
            try writer.setSetting(setting, invitation.bytes)
            let grants = invitation.scopes.map { Roster.Grant(scope: $0, from: roster.version) }
            if let known = roster.devices.firstIndex(where: { $0.key == join.key }) {
                // A further code for a device that has joined: it gets the scopes it did not have.
                let device = roster.devices[known]
                guard roster.person(device.person)?.name == invitation.person else {
                    throw Problem(.badRequest, "this device is another person's")
                }
                if device.agreement == nil { roster.devices[known].agreement = join.agreement }
                roster.devices[known].grants += grants.filter { !roster.isGranted($0.scope, to: join.key, at: roster.version) }
                return true
            }
            let person: String
            if let known = roster.people.first(where: { $0.name == invitation.person }) {
                person = known.id
                if !invitation.unit.isEmpty {
                    roster.people = roster.people.map {
                        $0.id == person ? Roster.Person(id: $0.id, name: $0.name, unit: invitation.unit) : $0
                    }
                }
            } else {
                person = "p\(roster.people.filter { $0.id != Self.centre }.count + 1)"
                roster.people.append(Roster.Person(id: person, name: invitation.person, unit: invitation.unit))
            }
            roster.devices.append(
                Roster.Device(
                    key: join.key, person: person, name: join.deviceName, grants: grants, agreement: join.agreement))
            return true
        }
    }
}

/// The catalogue given would make nonsense of what was written under the one in force.
package struct CatalogueRefused: Error, Hashable, Sendable {
    /// Why.
    package var faults: [CatalogueFault]

    package init(faults: [CatalogueFault]) { self.faults = faults }
}

/// What an administrator asked for cannot be done.
package enum AuthorityError: Error, Hashable, Sendable {
    case scopeExists(String)
    case scopeUnknown(String)
    case personUnknown(String)
    /// The shared directory is not archived.
    case scopeShared(String)
}

/// A join code as the service keeps it: not the secret, only what checks it.
private struct Invitation {
    var key: [UInt8]
    var person: String
    var unit: String
    var scopes: [ScopeID]
    var expires: Timestamp
    var usedBy: PublicKey?

    static func setting(_ lookup: [UInt8]) -> String { "invitation/\(Hex.string(lookup))" }

    init(key: [UInt8], person: String, unit: String, scopes: [ScopeID], expires: Timestamp, usedBy: PublicKey?) {
        (self.key, self.person, self.unit, self.scopes) = (key, person, unit, scopes)
        (self.expires, self.usedBy) = (expires, usedBy)
    }

    var bytes: [UInt8] {
        var out = ByteWriter()
        out.blob32(key)
        out.blob32(Array(person.utf8))
        out.u32(UInt32(scopes.count))
        for scope in scopes { out.raw(scope.bytes) }
        out.i64(expires.rawValue)
        out.blob32(usedBy?.bytes ?? [])
        out.blob32(Array(unit.utf8))
        return out.bytes
    }

    init(bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        key = try reader.blob32()
        person = String(decoding: try reader.blob32(), as: UTF8.self)
        scopes = []
        for _ in 0..<(try reader.u32()) {
            guard let scope = ScopeID(bytes: try reader.raw(16)) else { throw BytesEnded() }
            scopes.append(scope)
        }
        expires = Timestamp(rawValue: try reader.i64())
        usedBy = PublicKey(try reader.blob32())
        // Codes that were made before units were asked for end here.
        unit = reader.remaining > 0 ? String(decoding: try reader.blob32(), as: UTF8.self) : ""
    }
}

/// A replica's chance as Swift's generators want it.
package struct EntropyGenerator: RandomNumberGenerator {
    private let entropy: any Entropy
    package init(_ entropy: any Entropy) { self.entropy = entropy }
    package mutating func next() -> UInt64 { entropy.next() }
}
