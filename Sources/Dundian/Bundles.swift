// Bundles as files on a stick, and meetings, of a replica in a folder.

import Compression
import Sync
public import TransportTCP
import Wire

import class Foundation.FileManager

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
    /// - Throws: ``BundleError``, and ``ReplicaError`` where the stick is full or cannot be written.
    public func writeBundle(
        to path: String, scopes: [ScopeID]? = nil, persons: [String]? = nil, basis: BundleBasis = .heard,
        overwriting: Bool = false
    ) throws -> WrittenBundle {
        if !overwriting, access(path, F_OK) == 0 {
            throw ReplicaError(
                .storeReadOnly, path, message: "\(path) is there already.", next: "Choose another name, or add --overwrite.")
        }
        let plan = try replica.planBundle(of: scopes, to: persons, basis: basis)
        var writer = try BundleWriter(plan, of: replica, signer: signer, compression: Zstd())
        var written = WrittenBundle(
            path: path, scopes: plan.sections.map(\.scope), recipients: plan.sections.map(\.recipients.count).max() ?? 0,
            unreachable: plan.unreachable)
        let file = try NewFile(replacing: path, salt: replica.entropy.next())
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
        guard descriptor >= 0 else { throw Self.failure(path, writing: false) }
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

    fileprivate static func failure(_ path: String, writing: Bool) -> ReplicaError {
        let code = errno
        let reason = String(cString: strerror(code))
        if code == ENOSPC || code == EDQUOT || code == EFBIG {
            return ReplicaError(
                .storeFull, path, message: "The disk of \(path) is full.",
                next: "Nothing was left there. Make room, or take another.")
        }
        return ReplicaError(
            writing ? .storeReadOnly : .storeUnreadable, path,
            message: "\(path) cannot be \(writing ? "written" : "read"): \(reason).", next: "Check the path and the stick.")
    }
}

/// A file that appears under its name only when it is whole and on the disk.
private final class NewFile {
    private let path: String
    private let draft: String
    private let descriptor: Int32
    private var isFinished = false

    init(replacing path: String, salt: UInt64) throws {
        self.path = path
        draft = "\(path).\(String(salt, radix: 36)).part"
        descriptor = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ReplicaFolder.failure(path, writing: true) }
    }

    deinit {
        close(descriptor)
        if !isFinished { unlink(draft) }
    }

    func write(_ bytes: [UInt8]) throws {
        var at = 0
        while at < bytes.count {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress.map { $0 + at }, bytes.count - at) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw ReplicaFolder.failure(path, writing: true) }
            at += count
        }
    }

    func finish() throws {
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw ReplicaFolder.failure(path, writing: true) }
        isFinished = true
        // The name too must survive the stick being pulled out now; a file system that cannot sync a folder has no better way.
        let folder = open(path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/" : ".", O_RDONLY)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }
}

#if canImport(Glibc)
    private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        Glibc.write(descriptor, bytes, count)
    }
#elseif canImport(Musl)
    private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        Musl.write(descriptor, bytes, count)
    }
#endif
