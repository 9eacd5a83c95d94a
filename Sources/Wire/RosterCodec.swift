// Rosters to bytes and back. The signed bytes are kept; nobody encodes a roster twice.

import FoundationEssentials
import SwiftProtobuf

import Causality
package import Journals

/// A roster as somebody sent it.
package struct UnverifiedRoster: Hashable, Sendable {
    package var roster: [UInt8]
    package var signature: [UInt8]
    package init(roster: [UInt8], signature: [UInt8]) { (self.roster, self.signature) = (roster, signature) }

    init(_ message: Dundian_V1_SignedRoster) {
        self.init(roster: Array(message.roster), signature: Array(message.signature))
    }

    var message: Dundian_V1_SignedRoster {
        var out = Dundian_V1_SignedRoster()
        out.roster = Data(roster)
        out.signature = Data(signature)
        return out
    }

    package var bytes: [UInt8] { message.bytes }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_SignedRoster.self, bytes) { UnverifiedRoster($0) }
    }

    /// Checks the signature by this root.
    package func verified(by root: PublicKey) throws(Fault) -> SignedRoster {
        try SignedRoster(try decodedRoster(), bytes: roster, signature: signature, root: root)
    }

    /// The root these bytes themselves name: to be compared with the fingerprint of a join code before anything is believed.
    package func claimedRoot() throws(Fault) -> PublicKey { try decodedRoster().root }

    private func decodedRoster() throws(Fault) -> Roster {
        do { return try Roster(bytes: roster) } catch { throw Fault(.malformed, error.detail) }
    }
}

extension SignedRoster {
    package var unverified: UnverifiedRoster { UnverifiedRoster(roster: bytes, signature: signature) }

    /// Signs a new roster.
    package static func signing(_ roster: Roster, by root: some Signer) throws -> SignedRoster {
        let bytes = roster.bytes
        return try SignedRoster(
            roster, bytes: bytes, signature: try root.sign(.signedRoster, bytes), root: root.publicKey)
    }
}

extension Roster {
    fileprivate var bytes: [UInt8] {
        var out = Dundian_V1_Roster()
        out.version = version
        out.root = Data(root.bytes)
        out.service = Data(service.bytes)
        out.issued = issued.rawValue
        out.expires = expires.rawValue
        out.catalogue = Data(catalogue)
        out.people = people.map { person in
            var item = Dundian_V1_RosterPerson()
            (item.id, item.name, item.unit) = (person.id, person.name, person.unit)
            return item
        }
        out.devices = devices.map { device in
            var item = Dundian_V1_RosterDevice()
            (item.key, item.person, item.name) = (Data(device.key.bytes), device.person, device.name)
            if let agreement = device.agreement { item.agreement = Data(agreement.bytes) }
            item.grants = device.grants.map { grant in
                var out = Dundian_V1_Grant()
                (out.scope, out.from, out.until) = (Data(grant.scope.bytes), grant.from, grant.until ?? 0)
                return out
            }
            return item
        }
        out.scopes = scopes.map { scope in
            var item = Dundian_V1_RosterScope()
            (item.id, item.name, item.title) = (Data(scope.id.bytes), scope.name, scope.title)
            item.kind = .init(rawValue: scope.kind.rawValue) ?? .directory
            if let archive = scope.archive {
                (item.archived, item.keptUntil) = (archive.since.rawValue, archive.keptUntil.rawValue)
            }
            return item
        }
        out.withdrawals = withdrawals.map { withdrawal in
            var item = Dundian_V1_Withdrawal()
            item.scope = Data(withdrawal.scope.bytes)
            item.journal = withdrawal.journal.rawValue
            item.position = withdrawal.position.rawValue
            item.hash = Data(withdrawal.hash.bytes)
            return item
        }
        if let numbering { out.numbering = Data(numbering.bytes) }
        return out.bytes
    }

    fileprivate init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_Roster.self, bytes) { message in
            var roster = Roster(
                version: message.version, root: try PublicKey(wire: message.root), service: try PublicKey(wire: message.service),
                issued: Timestamp(rawValue: message.issued), expires: Timestamp(rawValue: message.expires),
                catalogue: Array(message.catalogue))
            if !message.numbering.isEmpty { roster.numbering = try PublicKey(wire: message.numbering) }
            roster.people = message.people.map { Person(id: $0.id, name: $0.name, unit: $0.unit) }
            roster.devices = try message.devices.map { device in
                Device(
                    key: try PublicKey(wire: device.key), person: device.person, name: device.name,
                    grants: try device.grants.map {
                        Grant(scope: try ScopeID(wire: $0.scope), from: $0.from, until: $0.until == 0 ? nil : $0.until)
                    }, agreement: try AgreementKey(wire: device.agreement))
            }
            roster.scopes = try message.scopes.map { scope in
                guard let kind = Scope.Kind(rawValue: scope.kind.rawValue) else { throw Malformed("an unknown kind of scope") }
                let archive =
                    scope.archived == 0
                    ? nil : Archive(since: Timestamp(rawValue: scope.archived), keptUntil: Timestamp(rawValue: scope.keptUntil))
                return Scope(id: try ScopeID(wire: scope.id), name: scope.name, title: scope.title, kind: kind, archive: archive)
            }
            roster.withdrawals = try message.withdrawals.map {
                Withdrawal(
                    scope: try ScopeID(wire: $0.scope), journal: JournalID(rawValue: $0.journal),
                    position: Position(rawValue: $0.position), hash: try Hash(wire: $0.hash))
            }
            return roster
        }
    }
}
