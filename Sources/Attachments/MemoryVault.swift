// Contents in memory: for tests, and for programs that keep none.

public import Causality
import Journals
import Synchronization
public import Wire

/// Keeps contents in memory alone.
public final class MemoryVault: AttachmentVault {
    private struct Content {
        var bytes: [UInt8] = []
        var isWhole = false
        var orphaned: Timestamp?
        var isAtCentre = false
    }
    private let contents = Mutex<[AttachmentKey: Content]>([:])

    /// An empty vault.
    public init() {}

    public func holding(of key: AttachmentKey) -> AttachmentHolding {
        contents.withLock {
            $0[key].map { AttachmentHolding(bytes: UInt64($0.bytes.count), isWhole: $0.isWhole) } ?? AttachmentHolding()
        }
    }

    public func append(_ bytes: [UInt8], at offset: UInt64, of key: AttachmentKey, size: UInt64) throws -> AttachmentHolding {
        try contents.withLock { contents in
            var content = contents[key] ?? Content()
            if !content.isWhole, offset == UInt64(content.bytes.count), offset + UInt64(bytes.count) <= size {
                content.bytes += bytes
                if UInt64(content.bytes.count) == size {
                    var hasher = ContentHasher()
                    hasher.update(content.bytes)
                    guard hasher.finish() == key.hash else {
                        contents[key] = nil
                        throw AttachmentFault(.damaged, key.hash)
                    }
                    content.isWhole = true
                }
                contents[key] = content
            }
            return AttachmentHolding(bytes: UInt64(content.bytes.count), isWhole: content.isWhole)
        }
    }

    public func read(_ key: AttachmentKey, at offset: UInt64, limit: Int) throws -> [UInt8] {
        try contents.withLock { contents in
            guard let content = contents[key], content.isWhole else { throw AttachmentFault(.missing, key.hash) }
            guard offset < UInt64(content.bytes.count) else { return [] }
            return Array(content.bytes.dropFirst(Int(offset)).prefix(limit))
        }
    }

    public func verify(_ key: AttachmentKey) throws {
        guard contents.withLock({ $0[key]?.isWhole ?? false }) else { throw AttachmentFault(.missing, key.hash) }
    }

    public func keys() -> [AttachmentKey] { contents.withLock { $0.keys.sorted() } }
    public func remove(_ key: AttachmentKey) { contents.withLock { $0[key] = nil } }
    public func orphaned(_ key: AttachmentKey) -> Timestamp? { contents.withLock { $0[key]?.orphaned } }
    public func setOrphaned(_ time: Timestamp?, _ key: AttachmentKey) { contents.withLock { $0[key]?.orphaned = time } }
    public func isAtCentre(_ key: AttachmentKey) -> Bool { contents.withLock { $0[key]?.isAtCentre ?? false } }
    public func setAtCentre(_ isThere: Bool, _ key: AttachmentKey) { contents.withLock { $0[key]?.isAtCentre = isThere } }
}
