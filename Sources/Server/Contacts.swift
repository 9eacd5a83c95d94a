// When each laptop was last heard of, by the service's own clock. Kept beside the records: the centre's own observation, synced nowhere.

package import Causality
package import Journals
package import Replicas

/// What the service notes of one device.
package struct Contact: Hashable, Sendable {
    /// It said hello.
    package var seen: Timestamp?
    /// All it had to send was here.
    package var synced: Timestamp?

    private static let prefix = "contact/"
    private static func setting(_ device: PublicKey) -> String { prefix + "\(device)" }
    private static let never = Int64.min

    private init() {}

    private init(bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        func time(_ value: Int64) -> Timestamp? { value == Self.never ? nil : Timestamp(rawValue: value) }
        seen = time(try reader.i64())
        synced = time(try reader.i64())
    }

    private var bytes: [UInt8] {
        var out = ByteWriter()
        out.i64(seen?.rawValue ?? Self.never)
        out.i64(synced?.rawValue ?? Self.never)
        return out.bytes
    }

    /// Every device that was ever heard of.
    package static func all(in reader: any StoreReader) throws -> [PublicKey: Contact] {
        var contacts: [PublicKey: Contact] = [:]
        for (name, value) in try reader.settings(beginning: prefix) {
            guard let key = Hex.bytes(String(name.dropFirst(prefix.count))).flatMap({ PublicKey($0) }) else { continue }
            contacts[key] = try Contact(bytes: value)
        }
        return contacts
    }

    // MARK: Noting

    /// A laptop that keeps asking need not cost a write each time.
    private static let restMilliseconds: Int64 = 30_000

    /// Notes that a device is heard of now. A clock that was set back is believed, too: the note says when, not what came first.
    ///
    /// - Parameter isWhole: whether all that it had to send is here.
    package static func note(_ device: PublicKey, isWhole: Bool, in replica: Replica) throws {
        let now = replica.clock.now()
        func isFresh(_ time: Timestamp?) -> Bool { time.map { abs(now.rawValue - $0.rawValue) < restMilliseconds } ?? false }
        let name = setting(device)
        let known = try replica.store.reading { try $0.setting(name) }.flatMap { try? Contact(bytes: $0) }
        if let known, isFresh(known.seen), !isWhole || isFresh(known.synced) { return }
        try replica.store.writing { writer in
            var contact = try writer.setting(name).flatMap { try? Contact(bytes: $0) } ?? Contact()
            contact.seen = now
            if isWhole { contact.synced = now }
            try writer.setSetting(name, contact.bytes)
        }
    }
}
