// Where the contents of attachments are kept: beside the replica, never in it. One protocol, so that another place is another type.

public import Causality
public import Journals
@_exported public import struct Wire.AttachmentHolding

/// What is wrong with a content.
public struct AttachmentFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable: go by this.
    public enum Code: String, Sendable {
        /// It is not here, or not all of it.
        case missing = "attachment-missing"
        /// What is here is not what its hash says. It was set aside, and can be fetched again.
        case damaged = "attachment-damaged"
        /// It is larger than an attachment may be.
        case tooLarge = "attachment-too-large"
        /// No record tells of it there.
        case unwanted = "attachment-unwanted"
    }
    /// Which fault.
    public var code: Code
    /// The content.
    public var hash: Hash
    /// A fault out of its parts.
    public init(_ code: Code, _ hash: Hash) { (self.code, self.hash) = (code, hash) }

    public var description: String { "\(code.rawValue): \(hash)" }
}

/// A place for the contents of attachments. Blocks while it works.
///
/// A content is whole only once its hash was found to be its name; what is not whole is its first bytes, which a transfer goes on from.
public protocol AttachmentVault: Sendable {
    /// How much of a content is here. ``AttachmentHolding/isWanted`` is not the vault's to say.
    func holding(of key: AttachmentKey) throws -> AttachmentHolding

    /// Puts bytes behind those that are here. Bytes for another place change nothing. With the last byte the content is checked: it is
    /// whole and durable when this returns.
    ///
    /// - Throws: ``AttachmentFault`` with `damaged` if the whole is not what the hash says; nothing of it is left then.
    func append(_ bytes: [UInt8], at offset: UInt64, of key: AttachmentKey, size: UInt64) throws -> AttachmentHolding

    /// Bytes of a whole content, at most `limit`; none at its end.
    /// - Throws: ``AttachmentFault`` with `missing`.
    func read(_ key: AttachmentKey, at offset: UInt64, limit: Int) throws -> [UInt8]

    /// Reads a whole content and checks it against its hash. What is damaged is set aside, and is not here any more.
    /// - Throws: ``AttachmentFault`` with `missing` or `damaged`.
    func verify(_ key: AttachmentKey) throws

    /// Every content of which something is here, what was set aside as damaged too, ascending.
    func keys() throws -> [AttachmentKey]

    /// Removes what a program that is no more was just taking in.
    func sweep() throws

    /// Removes a content; nothing if it is not here.
    func remove(_ key: AttachmentKey) throws

    /// Since when a content has lacked a record that tells of it, by the clock of whoever noted it; nil: it does not.
    func orphaned(_ key: AttachmentKey) throws -> Timestamp?
    /// Notes that, or with nil that a record tells of it again.
    func setOrphaned(_ time: Timestamp?, _ key: AttachmentKey) throws

    /// Whether the central service is known to hold a content whole.
    func isAtCentre(_ key: AttachmentKey) throws -> Bool
    /// Notes that it does, or no longer does.
    func setAtCentre(_ isThere: Bool, _ key: AttachmentKey) throws
}

extension AttachmentVault {
    /// A vault that keeps nothing half taken in has nothing to sweep.
    public func sweep() {}

    /// Hands a whole content on, piece by piece, and checks it on the way: only when this returns was it what its hash says.
    /// - Throws: ``AttachmentFault`` with `missing` or `damaged`; then what was handed on is not to be used.
    public func deliver(_ key: AttachmentKey, to sink: ([UInt8]) throws -> Void) throws {
        var hasher = ContentHasher()
        var offset: UInt64 = 0
        while true {
            let bytes = try read(key, at: offset, limit: 1 << 18)
            if bytes.isEmpty { break }
            hasher.update(bytes)
            try sink(bytes)
            offset += UInt64(bytes.count)
        }
        guard hasher.finish() == key.hash else {
            try verify(key)
            throw AttachmentFault(.damaged, key.hash)
        }
    }

    /// Keeps a whole content for another scope too, checked on the way.
    ///
    /// - Returns: its name there.
    /// - Throws: ``AttachmentFault`` with `missing` or `damaged`.
    @discardableResult
    public func copy(_ key: AttachmentKey, to scope: ScopeID) throws -> AttachmentKey {
        let new = AttachmentKey(scope: scope, hash: key.hash)
        let size = try holding(of: key).bytes
        var offset = try holding(of: new).isWhole ? size : 0
        if offset == 0, size > 0 { try remove(new) }
        try deliver(key) { bytes in
            guard offset < size else { return }
            _ = try append(bytes, at: offset, of: new, size: size)
            offset += UInt64(bytes.count)
        }
        // An empty one is handed on without a piece.
        if size == 0 { _ = try append([], at: 0, of: new, size: 0) }
        try setOrphaned(nil, new)
        return new
    }

    private static var graceAfterErasing: Int64 { 600_000 }

    /// Removes the contents that no record has told of for a while, and begins to count for those that none tells of now.
    ///
    /// - Parameters:
    ///   - wanted: what records tell of.
    ///   - erased: scopes in which something was erased: there a content goes after ten minutes, time enough for the change that tells of it.
    ///   - keeping: for how many milliseconds after its record went a content stays; a deletion may be taken back.
    /// - Returns: what was removed.
    @discardableResult
    public func tidy(
        keeping wanted: Set<AttachmentKey>, now: Timestamp, grace keeping: Int64, soonIn erased: Set<ScopeID> = []
    ) throws -> [AttachmentKey] {
        try sweep()
        var removed: [AttachmentKey] = []
        for key in try keys() {
            guard !wanted.contains(key) else {
                if try orphaned(key) != nil { try setOrphaned(nil, key) }
                continue
            }
            guard let since = try orphaned(key) else {
                try setOrphaned(now, key)
                continue
            }
            // A clock that jumped back removes nothing early.
            let keeping = erased.contains(key.scope) ? min(keeping, Self.graceAfterErasing) : keeping
            guard now.rawValue - since.rawValue >= keeping else { continue }
            try remove(key)
            removed.append(key)
        }
        return removed
    }
}
