// Bundles as files on a stick, and meetings, of a replica in a folder.

import Compression
import Files
import Sync
public import TransportTCP
import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What was written into a bundle.
public struct WrittenBundle: Hashable, Sendable {
    /// Where the file is.
    public var path: String
    /// Bytes of the file.
    public var bytes = 0
    /// Entries in it, over all scopes.
    public var entries = 0
    /// The scopes in it.
    public var scopes: [ScopeID] = []
    /// How many devices can open it, in the section that most can.
    public var recipients = 0
    /// Devices that should have been able to and have not said yet what to seal to: they must sync once with a newer program.
    public var unreachable: [PublicKey] = []
}

extension ReplicaFolder {
    private static let readBytes = 256 << 10

    /// Writes what others may lack into one file, sealed to those who may see it. The file is there whole or not at all.
    ///
    /// - Parameters:
    ///   - scopes: nil: every scope of this device.
    ///   - persons: names or ids; nil: everybody the roster grants a scope.
    ///   - overwriting: whether a file that is there may be replaced.
    /// - Throws: ``BundleError``, and ``ReplicaError`` with `fileExists`, `fileUnwritable` or `diskFull`.
    public func writeBundle(
        to path: String, scopes: [ScopeID]? = nil, persons: [String]? = nil, basis: BundleBasis = .heard,
        overwriting: Bool = false
    ) throws -> WrittenBundle {
        if !overwriting, WholeFile.isThere(path) { throw WholeFile.exists(path) }
        let plan = try replica.planBundle(of: scopes, to: persons, basis: basis)
        var writer = try BundleWriter(plan, of: replica, signer: signer, compression: Zstd())
        var written = WrittenBundle(
            path: path, scopes: plan.sections.map(\.scope), recipients: plan.sections.map(\.recipients.count).max() ?? 0,
            unreachable: plan.unreachable)
        let file = try WholeFile(path, replaces: overwriting)
        while let chunk = try writer.nextChunk() {
            try file.write(chunk)
            written.bytes += chunk.count
        }
        try file.finish()
        written.entries = writer.entries
        return written
    }

    /// Takes a bundle in. What had come whole before any damage is kept; the damage is in the summary.
    public func readBundle(from path: String) throws -> BundleSummary {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(path) }
        defer { close(descriptor) }
        var reader = try BundleReader(replica: replica, secret: signer.agreementSecret, compression: Zstd())
        var buffer = [UInt8](repeating: 0, count: Self.readBytes)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            // A stick that cannot be read any further is one that was cut there.
            if count <= 0 { break }
            try reader.received(buffer[..<count])
            if reader.isOver, reader.summary.damage != nil { break }
        }
        try reader.finish()
        return reader.summary
    }

    /// A place to meet other laptops; what comes of each is reported, from threads of its own.
    public func meetingPlace(report: @escaping @Sendable (MeetingEvent) -> Void) -> MeetingPlace {
        MeetingPlace(replica: replica, signer: signer, compression: Zstd(), report: report)
    }

    private static func unreadable(_ path: String) -> ReplicaError {
        ReplicaError(
            .fileUnreadable, path, message: "\(path) cannot be read: \(String(cString: strerror(errno))).",
            next: "Nothing was taken in. Check the path, its permissions and the stick.")
    }
}
