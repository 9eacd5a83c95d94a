// What other devices said they hold, as last heard from them: in a bundle they signed, or at a meeting. It decides what a bundle for
// them leaves out, and tells whose laptop holds what is not at the centre yet. A device that lost its disk says less than before: the
// newest word counts, not the largest.

public import Causality
public import Journals
public import Replicas

extension SettingKey {
    static func heard(_ scope: ScopeID, _ device: PublicKey) -> String { "heard/\(scope)/\(device)" }
}

extension Replica {
    /// Notes what a device says it holds of a scope, unless something newer is known.
    package func note(heard knowledge: Knowledge, of scope: ScopeID, from device: PublicKey, at time: Timestamp) throws {
        guard device != key else { return }
        var out = ByteWriter()
        out.i64(time.rawValue)
        out.raw(knowledge.stored)
        let bytes = out.bytes
        let name = SettingKey.heard(scope, device)
        try store.writing { writer in
            if let old = try writer.setting(name) {
                var reader = ByteReader(old)
                if try reader.i64() > time.rawValue { return }
            }
            try writer.setSetting(name, bytes)
        }
    }

    /// What a device was last heard to hold of a scope; nil if it was never heard.
    package func heard(of scope: ScopeID, from device: PublicKey) throws -> Knowledge? {
        try store.reading { try Self.heard(of: scope, from: device, $0) }
    }

    private static func heard(of scope: ScopeID, from device: PublicKey, _ reader: any StoreReader) throws -> Knowledge? {
        try reader.setting(SettingKey.heard(scope, device)).map { try Knowledge(stored: Array($0.dropFirst(8))) }
    }

    /// Devices of which it is known that they hold everything this device wrote in a scope.
    public func alsoHeld(in scope: ScopeID) throws -> [PublicKey] {
        try store.reading { reader in
            let own = try reader.journals(in: scope).filter { $0.tip.key == key }.map(\.tip)
            guard !own.isEmpty else { return [] }
            let roster = try reader.roster()?.roster
            return try (roster?.devices ?? []).map(\.key).filter { device in
                guard device != key, let theirs = try Self.heard(of: scope, from: device, reader) else { return false }
                return own.allSatisfy { tip in
                    guard let head = theirs[tip.journal] else { return false }
                    return head.position > tip.position || head.position == tip.position && head.hash == tip.hash
                }
            }
        }
    }
}
