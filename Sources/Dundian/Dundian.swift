// What a program embeds: one import for records, replicas, the supervision catalogue, and the way to a service.

@_exported public import Causality
@_exported public import Journals
@_exported public import Records
@_exported public import Replicas
@_exported public import StoreSQLite
@_exported public import Supervision
@_exported public import Sync
@_exported public import TransportHTTP

import Compression
import Wire

import class Foundation.FileManager
import struct Foundation.URL
import struct FoundationEssentials.Data
import struct FoundationEssentials.Date

/// The system's clock.
public struct SystemClock: WallClock {
    public init() {}
    public func now() -> Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}

/// The system's randomness.
public struct SystemEntropy: Entropy {
    public init() {}
    public func next() -> UInt64 { UInt64.random(in: .min ... .max) }
}

public enum Dundian {
    public static let version = "0.1.0"
}

/// A replica in a folder of its own: `replica.sqlite`, and `device.key`, the secret that is this device.
///
/// ```swift
/// let place = try ReplicaFolder(path: "/home/me/dundian")
/// try place.service(at: "https://centre.example").join(code: code, deviceName: "laptop 7")
/// ```
public struct ReplicaFolder: Sendable {
    public let path: String
    public let replica: Replica
    public let store: SQLiteStore
    public let catalogue: Catalogue
    private let key: SigningKey

    /// Opens the replica in this folder, and makes both if they are not there.
    ///
    /// - Throws: ``ReplicaError``, saying what is wrong with the folder or its file and what to do.
    public init(
        path: String, catalogue: Catalogue = .supervision, clock: any WallClock = SystemClock(),
        entropy: any Entropy = SystemEntropy()
    ) throws {
        self.path = path
        self.catalogue = catalogue
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ReplicaError(
                .storeReadOnly, path, message: "The folder \(path) cannot be made: \(error.localizedDescription)",
                next: "Choose another with --replica.")
        }
        key = try KeyFile.load(path + "/device.key")
        store = try SQLiteStore(path: path + "/replica.sqlite", views: RecordViews(catalogue))
        replica = try Replica(store: store, signer: key, rules: catalogue, clock: clock, entropy: entropy)
    }

    /// The service at this address, as this device.
    public func service(at url: String, language: Language = .chinese) throws -> ServiceClient {
        try ServiceClient(
            url: url, replica: replica, signer: key, compression: Zstd(), software: "dundian/\(Dundian.version)",
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
    /// Reads the key, or makes one if there is no file.
    public static func load(_ path: String) throws -> SigningKey {
        if let bytes = FileManager.default.contents(atPath: path) {
            guard let key = SigningKey(secret: Array(bytes)) else {
                throw ReplicaError(
                    .storeUnreadable, path, message: "\(path) is not a key: it has \(bytes.count) bytes instead of 32.",
                    next: "Restore it from a backup. Without it this device must join again.")
            }
            return key
        }
        let key = SigningKey()
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(key.secret), attributes: [.posixPermissions: 0o600])
        else {
            throw ReplicaError(
                .storeReadOnly, path, message: "The key \(path) cannot be written.",
                next: "Make the folder writable for this user, or choose another.")
        }
        return key
    }
}
