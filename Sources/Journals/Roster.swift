// Who may write what: the signed list of people, devices, scopes and grants, and whether an entry counts by it
// (protocol/5-access.md).

public import Causality

/// Who may take part: devices, people, scopes, and who was granted what from when on. Only the root signs one.
public struct Roster: Hashable, Sendable {
    /// Somebody devices belong to.
    public struct Person: Hashable, Sendable {
        /// Stable, and bound to journals for ever.
        public var id: String
        /// For people to read; may change.
        public var name: String
        /// Where they work, for people to read; may change. Empty: nobody said.
        public var unit: String
        /// A person out of their parts.
        public init(id: String, name: String, unit: String = "") { (self.id, self.name, self.unit) = (id, name, unit) }
    }

    /// One laptop.
    public struct Device: Hashable, Sendable {
        /// Its key; a new key is a new device.
        public var key: PublicKey
        /// The id of the person it belongs to.
        public var person: String
        /// For people to read, as `laptop 7`.
        public var name: String
        /// What it may write to.
        public var grants: [Grant]
        /// What bundles for it are sealed to; nil until the device has said it.
        public var agreement: AgreementKey?
        /// A device out of its parts.
        public init(key: PublicKey, person: String, name: String, grants: [Grant], agreement: AgreementKey? = nil) {
            (self.key, self.person, self.name, self.grants) = (key, person, name, grants)
            self.agreement = agreement
        }
    }

    /// Holds from one roster version up to, not including, another.
    public struct Grant: Hashable, Sendable {
        /// The scope granted.
        public var scope: ScopeID
        /// The roster version it begins with.
        public var from: UInt32
        /// Nil: it holds still.
        public var until: UInt32?
        /// A grant out of its parts; without an end it goes on.
        public init(scope: ScopeID, from: UInt32, until: UInt32? = nil) {
            (self.scope, self.from, self.until) = (scope, from, until)
        }

        func holds(at version: UInt32) -> Bool { from <= version && until.map { version < $0 } ?? true }
    }

    /// The unit of who sees what.
    public struct Scope: Hashable, Sendable {
        /// Where records of which sensitivity live.
        public enum Kind: Int, Sendable { case directory, ordinary, restricted }
        /// Its id, which journals name.
        public var id: ScopeID
        /// For commands; never two alike.
        public var name: String
        /// For people to read.
        public var title: String
        /// What kind it is.
        public var kind: Kind
        /// Nil while it is in use. Then laptops let go of it, once all they wrote has arrived.
        public var archive: Archive?
        /// A scope out of its parts.
        public init(id: ScopeID, name: String, title: String, kind: Kind, archive: Archive? = nil) {
            (self.id, self.name, self.title, self.kind) = (id, name, title, kind)
            self.archive = archive
        }
    }

    /// Since when a scope is archived, and until when the centre keeps it.
    public struct Archive: Hashable, Sendable {
        /// When it was archived, by the service's clock.
        public var since: Timestamp
        /// The end of its retention period.
        public var keptUntil: Timestamp
        /// An archive out of its parts.
        public init(since: Timestamp, keptUntil: Timestamp) { (self.since, self.keptUntil) = (since, keptUntil) }
    }

    /// Of this journal nothing after the cut counts.
    public struct Withdrawal: Hashable, Sendable {
        /// The scope it is withdrawn from.
        public var scope: ScopeID
        /// The journal that is cut.
        public var journal: JournalID
        /// The last position that is accepted.
        public var position: Position
        /// The hash of the entry there.
        public var hash: Hash
        /// A withdrawal out of its parts.
        public init(scope: ScopeID, journal: JournalID, position: Position, hash: Hash) {
            (self.scope, self.journal, self.position, self.hash) = (scope, journal, position, hash)
        }
    }

    /// Grows by one with each roster.
    public var version: UInt32
    /// The key that signs rosters, the same in all of them.
    public var root: PublicKey
    /// The key that signs receipts and answers.
    public var service: PublicKey
    /// When it was signed, by the service's clock.
    public var issued: Timestamp
    /// When devices should have a newer one.
    public var expires: Timestamp
    /// SHA-256 of the catalogue in force.
    public var catalogue: [UInt8]
    /// Everybody there ever was.
    public var people: [Person] = []
    /// Every device there ever was.
    public var devices: [Device] = []
    /// Every scope there ever was.
    public var scopes: [Scope] = []
    /// What was cut off, and where.
    public var withdrawals: [Withdrawal] = []

    /// The device key that gives official numbers: the central service's own; nil: nobody gives any.
    public var numbering: PublicKey?

    /// A roster without people, devices and scopes.
    public init(
        version: UInt32, root: PublicKey, service: PublicKey, issued: Timestamp, expires: Timestamp, catalogue: [UInt8]
    ) {
        (self.version, self.root, self.service) = (version, root, service)
        (self.issued, self.expires, self.catalogue) = (issued, expires, catalogue)
    }

    /// The devices of people: all but the one that gives numbers.
    public var laptops: [Device] { devices.filter { $0.key != numbering } }
    /// The device with this key; nil if there is none.
    public func device(_ key: PublicKey) -> Device? { devices.first { $0.key == key } }
    /// The person with this id; nil if there is none.
    public func person(_ id: String) -> Person? { people.first { $0.id == id } }
    /// The scope with this id; nil if there is none.
    public func scope(_ id: ScopeID) -> Scope? { scopes.first { $0.id == id } }
    /// The scope with this name; nil if there is none.
    public func scope(named name: String) -> Scope? { scopes.first { $0.name == name } }

    /// Whether a device may write to a scope by a roster version not newer than this one.
    public func isGranted(_ scope: ScopeID, to key: PublicKey, at version: UInt32) -> Bool {
        device(key)?.grants.contains { $0.scope == scope && $0.holds(at: version) } ?? false
    }

    /// Whether an archived scope was removed for good: a device once had it, and has no more.
    package func isRemoved(_ scope: Scope, to key: PublicKey) -> Bool {
        scope.archive != nil && device(key)?.grants.contains { $0.scope == scope.id && $0.until != nil } ?? false
    }

    /// The scopes a device may see now, in the roster's order.
    public func scopes(of key: PublicKey) -> [Scope] {
        scopes.filter { isGranted($0.id, to: key, at: version) }
    }

    /// Whether an entry counts, all before it in its line counting. `line` is the journals it stands on, `version` the roster its
    /// header names.
    package func counts(
        _ position: Position, on line: [JournalID], in scope: ScopeID, by key: PublicKey, naming version: UInt32
    ) -> Bool {
        version <= self.version && isGranted(scope, to: key, at: version)
            && !withdrawals.contains { $0.scope == scope && line.contains($0.journal) && $0.position < position }
    }

    /// Whether this roster continues an older one: the same root, nothing taken out, grants only ended, agreement keys and
    /// withdrawals kept.
    public func continues(_ older: Roster) -> Bool {
        guard root == older.root, version > older.version else { return false }
        let people = Set(people.map(\.id))
        let scopes = Set(scopes.map(\.id))
        let withdrawals = Set(withdrawals)
        return older.people.allSatisfy { people.contains($0.id) } && older.scopes.allSatisfy { scopes.contains($0.id) }
            && older.withdrawals.allSatisfy { withdrawals.contains($0) }
            && older.devices.allSatisfy { before in
                guard let now = device(before.key), now.person == before.person,
                    before.agreement == nil || now.agreement == before.agreement
                else { return false }
                return before.grants.allSatisfy { grant in
                    now.grants.contains {
                        $0.scope == grant.scope && $0.from == grant.from
                            && ($0.until == grant.until || (grant.until == nil && ($0.until ?? 0) > older.version))
                    }
                }
            }
    }
}

/// A roster whose signature was checked, with the exact bytes it was checked over.
public struct SignedRoster: Hashable, Sendable {
    /// What it says.
    public let roster: Roster
    package let bytes: [UInt8]
    package let signature: [UInt8]

    /// Checks that the root signed these bytes, which say what `roster` says.
    package init(_ roster: Roster, bytes: [UInt8], signature: [UInt8], root: PublicKey) throws(Fault) {
        guard roster.root == root, root.verifies(signature, .signedRoster, bytes) else {
            throw Fault(.signatureInvalid, "the roster is not signed by the root this device joined")
        }
        (self.roster, self.bytes, self.signature) = (roster, bytes, signature)
    }
}

extension PublicKey {
    /// The twelve characters a join code carries of the root key.
    package var fingerprint: String { LegibleAlphabet.characters(of: Hash(.rootFingerprint, bytes).prefix64 >> 4, count: 12) }
}

/// What an administrator hands to a person: a secret good once, and the fingerprint of the root key.
public struct JoinCode: Hashable, Sendable, CustomStringConvertible {
    /// Known to the administrator and the device alone.
    public let secret: String
    /// Of the root key: a code cannot be used with another service.
    public let fingerprint: String

    package init(secret bits: UInt64, root: PublicKey) {
        secret = LegibleAlphabet.characters(of: bits >> 4, count: 12)
        fingerprint = root.fingerprint
    }

    /// Reads a code as a person types it; nil if it is not 24 characters of the alphabet.
    public init?(_ text: String) {
        var characters = ""
        for character in text where character != "-" && character != " " {
            guard let value = LegibleAlphabet.value(of: character) else { return nil }
            characters += LegibleAlphabet.characters(of: UInt64(value), count: 1)
        }
        guard characters.count == 24 else { return nil }
        secret = String(characters.prefix(12))
        fingerprint = String(characters.suffix(12))
    }

    public var description: String {
        let all = Array(secret + fingerprint)
        return stride(from: 0, to: all.count, by: 4).map { String(all[$0..<$0 + 4]) }.joined(separator: "-")
    }
}
