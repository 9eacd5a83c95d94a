// What a program embeds: one import for records, replicas, the supervision catalogue, and the way to a service.

@_exported public import Attachments
@_exported public import Causality
@_exported public import Journals
@_exported public import Records
@_exported public import Replicas
@_exported public import StoreSQLite
@_exported public import Supervision
@_exported public import Sync
@_exported public import TransportHTTP
@_exported public import TransportTCP

import Compression
import Files
import Wire

import class Foundation.FileManager
import struct FoundationEssentials.Date

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The system's clock.
public struct SystemClock: WallClock {
    /// The system's clock.
    public init() {}
    /// The time now.
    public func now() -> Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}

/// The system's randomness.
public struct SystemEntropy: Entropy {
    /// The system's randomness.
    public init() {}
    /// 64 random bits.
    public func next() -> UInt64 { UInt64.random(in: .min ... .max) }
}

/// What this library is.
public enum Dundian {
    /// Its version, by semantic versioning.
    public static let version = "0.1.0"
}

/// A replica in a folder of its own: `replica.sqlite`, and `device.key`, the secret that is this device.
///
/// ```swift
/// let place = try ReplicaFolder(path: "/home/me/dundian")
/// try place.service(at: "https://centre.example").join(code: code, deviceName: "laptop 7")
/// ```
public struct ReplicaFolder: Sendable {
    /// Where the folder is.
    public let path: String
    /// The replica in it.
    public let replica: Replica
    /// Where it is kept: for SQL, checkpoints and backups.
    public let store: SQLiteStore
    /// The record types in use.
    public let catalogue: Catalogue
    private let key: SigningKey
    var signer: SigningKey { key }

    /// Opens the replica in this folder, and makes both if they are not there.
    ///
    /// - Parameters:
    ///   - path: the folder; made for this user alone if it is not there.
    ///   - catalogue: the record types in use here; nil: those of ``catalogue(in:)``. One replica, one catalogue.
    ///   - clock: where the time comes from.
    ///   - entropy: where chance comes from.
    ///   - renewingKey: whether a device key that was lost may be made anew, to join again with.
    ///   - instruments: who is told, in numbers and codes, what happens: ``Telemetry`` logs and counts; nil tells nobody.
    ///   - witness: who remembers, outside the folder, how far it had got, so that a folder that was put back or copied is known; nil: a file in the
    ///     user's state folder.
    /// - Throws: `ReplicaError`, saying what is wrong with the folder or its file and what to do.
    public init(
        path: String, catalogue: Catalogue? = nil, clock: any WallClock = SystemClock(),
        entropy: any Entropy = SystemEntropy(), renewingKey: Bool = false,
        instruments: (any Instruments)? = Telemetry(), witness: (any Witness)? = nil
    ) throws {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ReplicaError(
                .storeReadOnly, path, message: "The folder \(path) cannot be made: \(error.localizedDescription)",
                next: "Choose another with --replica.")
        }
        let catalogue = try catalogue ?? Self.catalogue(in: path)
        self.catalogue = catalogue
        store = try SQLiteStore(path: path + "/replica.sqlite", views: RecordViews(catalogue), instruments: instruments)
        let isNew = try store.reading { try $0.setting(SettingKey.roster) } == nil
        Reserve(in: path).keep()
        key = try KeyFile.load(path + "/device.key", making: isNew || renewingKey)
        replica = try Replica(
            store: store, signer: key, rules: catalogue, clock: clock, entropy: entropy, instruments: instruments,
            witness: witness ?? WitnessFile(of: path))
    }

    /// Gives back the room that was set aside beside the store if the disk is full, so that a sync or an export goes through; whether it did.
    ///
    /// Call it before either. Saves do not get that room: they would use it up.
    @discardableResult
    public func makeRoom() -> Bool { Reserve(in: path).giveIfFull() }

    /// Where the contents of attachments are kept.
    public var attachments: any AttachmentVault { vault }
    var vault: AttachmentFolder { AttachmentFolder(path: path + "/attachments") }

    /// The service at this address, as this device.
    public func service(at url: String, language: Language = .chinese) throws -> ServiceClient {
        try ServiceClient(url: url, replica: replica, signer: key, language: language)
    }
}

extension ServiceClient {
    /// The service at this address, for a replica in a store of your own.
    ///
    /// - Parameters:
    ///   - url: where the service is, as `https://centre.example:8443`.
    ///   - signer: the device key the replica was opened with.
    ///   - language: in which the service explains what it refuses.
    /// - Throws: ``TransportError`` with `urlMalformed`.
    public convenience init(url: String, replica: Replica, signer: any Signer, language: Language = .chinese) throws {
        try self.init(
            url: url, replica: replica, signer: signer, compression: Zstd(), software: "dundian/\(Dundian.version)",
            language: language.rawValue)
    }
}

extension RecordViews {
    /// A view for every type of a catalogue.
    public init(_ catalogue: Catalogue) {
        self.init(
            rules: catalogue, types: catalogue.types.map { (TypeKey($0.key), $0.fields.map { FieldKey($0.key) }) })
    }
}

/// A secret key in a file that only its owner may read.
public enum KeyFile {
    /// Reads the key. If there is no file one is made, or, where a key must be there, its absence is an error.
    public static func load(_ path: String, making: Bool = true) throws -> SigningKey {
        if let bytes = FileManager.default.contents(atPath: path) {
            guard let key = SigningKey(secret: Array(bytes)) else {
                throw ReplicaError(
                    .storeUnreadable, path, message: "\(path) is not a key: it has \(bytes.count) bytes instead of 32.",
                    next: "Nothing was changed. Restore it from a backup.")
            }
            return key
        }
        guard making else {
            throw ReplicaError(
                .keyMissing, path, message: "The key \(path) is missing.",
                next: "Nothing was changed. Restore it from a backup. A laptop can also join again with a new code: dundian join")
        }
        let key = SigningKey()
        // Whole or not at all, and not over a key that another process made meanwhile.
        do {
            let file = try WholeFile(path, replaces: false)
            try file.write(key.secret)
            try file.finish()
        } catch let error as ReplicaError where error.code == .fileExists {
            return try load(path, making: false)
        } catch {
            throw ReplicaError(
                .storeReadOnly, path, message: "The key \(path) cannot be written.",
                next: "Make the folder writable for this user, or choose another.")
        }
        return key
    }
}
