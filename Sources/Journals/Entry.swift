// One entry of a journal: header, skeleton, values (protocol/2-entries.md).
//
//      header (118 bytes) --commits to--> rest = H(skeleton hash, commitment 1 ... commitment n)
//      hash of header     --is named by-> the next header
//
// The skeleton's and the values' bytes are kept as they came. Erasing a value removes its bytes and its salt; the commitment
// stays, so chain and fold do too.

public import Causality

/// The 118 bytes that are chained: place, time and a commitment to the rest of an entry.
public struct Header: Hashable, Sendable {
    package static let version: UInt8 = 1
    package static let algorithm: UInt8 = 1
    package static let byteCount = 118

    package var scope: ScopeID
    package var replica: ReplicaID
    package var position: Position
    package var previous: Hash
    package var time: Timestamp
    package var offset: ClockOffset?
    package var roster: UInt32
    package var rest: Hash

    package init(
        scope: ScopeID, replica: ReplicaID, position: Position, previous: Hash, time: Timestamp, offset: ClockOffset?,
        roster: UInt32, rest: Hash
    ) {
        (self.scope, self.replica, self.position, self.previous) = (scope, replica, position, previous)
        (self.time, self.offset, self.roster, self.rest) = (time, offset, roster, rest)
    }

    package var bytes: [UInt8] {
        var out = ByteWriter(reserving: Self.byteCount)
        out.u8(Self.version)
        out.u8(Self.algorithm)
        out.u64(scope.high)
        out.u64(scope.low)
        out.u64(replica.rawValue)
        out.u64(position.rawValue)
        out.hash(previous)
        out.i64(time.rawValue)
        out.i64(offset?.milliseconds ?? .min)
        out.u32(roster)
        out.hash(rest)
        return out.bytes
    }

    package var hash: Hash { Hash(.header, bytes) }

    /// Reads the 118 bytes; of another version or algorithm nothing is believed.
    package init(bytes: [UInt8]) throws(Fault) {
        guard bytes.count >= 2, bytes[0] == Self.version, bytes[1] == Self.algorithm else {
            throw Fault(.unsupportedVersion)
        }
        guard bytes.count == Self.byteCount else { throw Fault(.malformed, "a header has \(bytes.count) bytes") }
        do {
            var reader = ByteReader(bytes)
            _ = try reader.raw(2)
            scope = ScopeID(high: try reader.u64(), low: try reader.u64())
            replica = ReplicaID(rawValue: try reader.u64())
            position = Position(rawValue: try reader.u64())
            previous = try reader.hash()
            time = Timestamp(rawValue: try reader.i64())
            offset = ClockOffset(milliseconds: try reader.i64())
            roster = try reader.u32()
            rest = try reader.hash()
        } catch {
            throw Fault(.malformed, "a header ends early")
        }
    }
}

/// The values of an entry as they are kept: all of them under one seed, or one by one once something was erased.
public enum EntryValues: Hashable, Sendable {
    /// Nothing was erased: one seed, and the bytes of each value.
    case sealed(seed: [UInt8], values: [[UInt8]])
    /// Something was erased: each value with its own salt, or what is left of it.
    case opened([Part])

    /// One value of an entry something was erased from.
    public enum Part: Hashable, Sendable {
        /// The value is here.
        case present(salt: [UInt8], value: [UInt8])
        /// The value and its salt are gone; the chain still verifies with this.
        case erased(commitment: Hash)
    }

    package static let none = EntryValues.sealed(seed: [], values: [])

    package var count: Int {
        switch self {
        case .sealed(_, let values): values.count
        case .opened(let parts): parts.count
        }
    }

    /// The bytes of each value; nil where it was erased.
    package var contents: [[UInt8]?] {
        switch self {
        case .sealed(_, let values): values
        case .opened(let parts):
            parts.map { if case .present(_, let value) = $0 { value } else { nil } }
        }
    }

    package var byteCount: Int {
        switch self {
        case .sealed(_, let values): values.reduce(0) { $0 + $1.count }
        case .opened(let parts):
            parts.reduce(0) { if case .present(_, let value) = $1 { $0 + value.count } else { $0 } }
        }
    }

    /// One salt for each value of a sealed entry.
    package static func salts(seed: [UInt8], count: Int) -> [[UInt8]] {
        var salts: [[UInt8]] = []
        salts.reserveCapacity(count)
        for block in 0..<UInt32((count + 3) / 4) {
            let bytes = saltBlock(seed: seed, block: block)
            for i in 0..<4 where salts.count < count { salts.append(Array(bytes[16 * i..<16 * i + 16])) }
        }
        return salts
    }

    package static func commitment(salt: [UInt8], value: [UInt8]) -> Hash { Hash(.value, salt, value) }

    package var commitments: [Hash] {
        switch self {
        case .sealed(let seed, let values):
            zip(Self.salts(seed: seed, count: values.count), values).map(Self.commitment)
        case .opened(let parts):
            parts.map { part in
                switch part {
                case .present(let salt, let value): Self.commitment(salt: salt, value: value)
                case .erased(let commitment): commitment
                }
            }
        }
    }

    /// The places at which nothing is left of a value.
    package var lackingPlaces: Set<Int> { Set(contents.indices.filter { contents[$0] == nil }) }

    /// These values, with what the same values elsewhere have at the given places.
    ///
    /// - Parameter other: values of the same commitments.
    package func filling(_ places: Set<Int>, from other: EntryValues) -> EntryValues {
        guard places.isSubset(of: lackingPlaces), commitments == other.commitments else { return self }
        // Nothing is gone any more: as its author wrote it.
        if case .sealed = other, places == lackingPlaces { return other }
        let (mine, theirs) = (opened, other.opened)
        return .opened(mine.indices.map { places.contains($0) ? theirs[$0] : mine[$0] })
    }

    /// Each value with a salt of its own.
    private var opened: [Part] {
        switch self {
        case .sealed(let seed, let values):
            zip(Self.salts(seed: seed, count: values.count), values).map { .present(salt: $0, value: $1) }
        case .opened(let parts): parts
        }
    }

    /// These values without those at the given places: bytes, salts and seed are gone, commitments stay.
    package func erasing(_ places: Set<Int>) -> EntryValues {
        let commitments = commitments
        return .opened(
            opened.enumerated().map { places.contains($0.offset) ? .erased(commitment: commitments[$0.offset]) : $0.element })
    }
}

/// What an entry says besides what its place in the journal implies. Nobody has checked it yet.
public struct UnverifiedEntry: Hashable, Sendable {
    /// The author's clock, monotone within a journal.
    public var time: Timestamp
    /// The clock offset the author had last measured; nil if none.
    public var offset: ClockOffset?
    /// The roster version the author had seen.
    public var roster: UInt32
    /// Record ids, types, contexts and kinds of write, as exact bytes: never re-encoded, never erased.
    public var skeleton: [UInt8]
    /// Field values, authors, messages and reasons; the only part a store ever replaces.
    public var values: EntryValues

    /// An entry out of its parts, as a store gives back what it kept.
    public init(time: Timestamp, offset: ClockOffset?, roster: UInt32, skeleton: [UInt8], values: EntryValues) {
        (self.time, self.offset, self.roster, self.skeleton, self.values) = (time, offset, roster, skeleton, values)
    }

    package var rest: Hash {
        var out = ByteWriter(reserving: 36 + 32 * values.count)
        out.hash(Hash(.skeleton, skeleton))
        let commitments = values.commitments
        out.u32(UInt32(commitments.count))
        for commitment in commitments { out.hash(commitment) }
        return Hash(.rest, out.bytes)
    }
}

/// An entry at its place in the chain, its hash computed. Made only by ``Tip/chaining(_:)`` from what it was given.
public struct ChainedEntry: Hashable, Sendable {
    package let header: Header
    package let hash: Hash
    package let skeleton: [UInt8]
    package let values: EntryValues

    fileprivate init(header: Header, skeleton: [UInt8], values: EntryValues) {
        (self.header, self.skeleton, self.values) = (header, skeleton, values)
        hash = header.hash
    }
}

/// What is not as it must be, with the code of protocol/6-limits.md.
public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable: protocol/6-limits.md lists them.
    public enum Code: String, Sendable {
        case gap
        case doesNotLink = "does-not-link"
        case signatureInvalid = "signature-invalid"
        case malformed
        case unsupportedVersion = "unsupported-version"
        case clockBackwards = "clock-backwards"
        case rosterBackwards = "roster-backwards"
        case unseenContext = "unseen-context"
        case unprovenBranch = "unproven-branch"
        case proofInvalid = "proof-invalid"
        case tooLarge = "too-large"
        case scopeNotGranted = "scope-not-granted"
    }

    /// What kind of fault.
    public var code: Code
    /// More about it, in English; may be empty.
    public var detail: String

    /// A fault out of its parts, as a store gives back what it kept with quarantined bytes.
    public init(_ code: Code, _ detail: String = "") { (self.code, self.detail) = (code, detail) }
    public var description: String { detail.isEmpty ? code.rawValue : "\(code.rawValue): \(detail)" }
}

/// The end of a journal, as far as it is held: all that is needed to take the next entry.
///
/// A store keeps one beside each journal and gives it back as it was in ``VerifiedRun/tip``; all but ``isBranchPoint``, which is
/// true only of a place where nothing was stored yet.
public struct Tip: Hashable, Sendable {
    /// The scope the journal lies in.
    public var scope: ScopeID
    /// The journal that ends here.
    public var journal: JournalID
    /// The replica id its entries name: of a branch, that of the replica that forked.
    public var replica: ReplicaID
    /// Of the last entry.
    public var position: Position
    /// Of the last entry's header; the next entry must name it.
    public var hash: Hash
    /// Of the last entry; the next may not be earlier.
    public var time: Timestamp
    /// The roster version the last entry names; the next may not name an older one.
    public var roster: UInt32
    /// The device key of the journal's birth; nil before the birth.
    public var key: PublicKey?
    /// Whether the next entry is the first of a branch, whose id it must give.
    package var isBranchPoint = false

    /// A tip out of its parts, as a store gives back what it kept.
    public init(
        scope: ScopeID, journal: JournalID, replica: ReplicaID, position: Position, hash: Hash, time: Timestamp, roster: UInt32,
        key: PublicKey?
    ) {
        (self.scope, self.journal, self.replica, self.position) = (scope, journal, replica, position)
        (self.hash, self.time, self.roster, self.key) = (hash, time, roster, key)
    }

    /// Before the first entry of a replica's journal.
    package init(scope: ScopeID, replica: ReplicaID) {
        self.init(
            scope: scope, journal: JournalID(replica), replica: replica, position: .none, hash: .zero,
            time: Timestamp(rawValue: .min), roster: 0, key: nil)
    }

    /// The entry put behind this tip, and the tip after it.
    package func chaining(_ entry: UnverifiedEntry) throws(Fault) -> (ChainedEntry, Tip) {
        guard position < .limit else { throw Fault(.malformed, "the journal is full") }
        guard entry.time >= time else {
            throw Fault(.clockBackwards, "entry \(position.next) is older than the one before")
        }
        guard entry.roster >= roster else {
            throw Fault(.rosterBackwards, "entry \(position.next) names an older roster than the one before")
        }
        let size = entry.skeleton.count + entry.values.byteCount
        guard size <= Limits.entryBytes, entry.values.count <= Limits.valuesPerEntry else {
            throw Fault(.tooLarge, "entry \(position.next) has \(size) bytes and \(entry.values.count) values")
        }
        let header = Header(
            scope: scope, replica: replica, position: position.next, previous: hash, time: entry.time, offset: entry.offset,
            roster: entry.roster, rest: entry.rest)
        let chained = ChainedEntry(header: header, skeleton: entry.skeleton, values: entry.values)
        guard !isBranchPoint || JournalID.branch(of: replica, first: chained.hash) == journal else {
            throw Fault(.doesNotLink, "entry \(header.position) does not begin branch \(journal)")
        }
        var tip = self
        tip.isBranchPoint = false
        (tip.position, tip.hash, tip.time, tip.roster) = (header.position, chained.hash, entry.time, entry.roster)
        return (chained, tip)
    }
}

/// Sizes that are checked before memory is taken (protocol/6-limits.md).
package enum Limits {
    package static let entryBytes = 1 << 20
    package static let valuesPerEntry = 4_096
    package static let editsPerChange = 1_024
    package static let frameBytes = 2 << 20
    package static let frameTargetBytes = 1 << 20
    package static let firstFrameBytes = 32 << 10
    package static let messageBytes = (2 << 20) + (64 << 10)
    package static let requestBytes = 1 << 20
    package static let answerBytes = 8 << 20
    package static let contextComponents = 1_024
    package static let journalsPerScope = 65_536
    package static let headsPerMessage = 8_192
    /// Entries that a side may say it lacks values of.
    package static let lackingPerMessage = 1_024
    package static let keyBytes = 64
    package static let nesting = 16
    package static let entriesPerSignature = 256
    package static let unsignedBytes = 32 << 10
    package static let entriesPerSignatureOnWire = 2_048
    package static let positionsPerProbe = 256
    package static let attachmentBytes: UInt64 = 1 << 30
    package static let attachmentPieceBytes = 512 << 10
    package static let attachmentsPerQuery = 256
}
