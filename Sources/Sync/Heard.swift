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
                    // A head beyond this one could be of another branch: it proves nothing.
                    guard let head = theirs[tip.journal] else { return false }
                    return head.position == tip.position && head.hash == tip.hash
                }
            }
        }
    }

    /// What of this device's own work the centre has not confirmed, and who else holds it.
    package func unconfirmedWork() throws -> UnconfirmedWork {
        try store.reading { reader in
            var work = UnconfirmedWork()
            var holding: Set<PublicKey> = []
            let devices = (try reader.roster()?.roster.devices ?? []).map(\.key).filter { $0 != key }
            for scope in try reader.scopes() {
                let heard = try devices.compactMap { device in
                    try Self.heard(of: scope, from: device, reader).map { (device, $0) }
                }
                for journal in try ownJournals(in: scope, reader) {
                    var known = journal.confirmed
                    for (device, knowledge) in heard {
                        guard let head = knowledge[journal.id] else { continue }
                        // A head beyond our end could be of another branch, as after a restored backup: it proves nothing.
                        let position = head.position > journal.end ? .none : try reader.position(provenBy: head, in: scope)
                        if position > journal.confirmed { holding.insert(device) }
                        known = max(known, position)
                    }
                    work.count += journal.count(beyond: journal.confirmed)
                    work.onlyHere += journal.count(beyond: known)
                    work.known[scope, default: [:]][journal.id] = known
                }
            }
            work.devices = devices.filter(holding.contains)
            return work
        }
    }
}

/// Own work that the centre has not confirmed.
package struct UnconfirmedWork: Sendable {
    /// Own entries that no receipt covers.
    package var count = 0
    /// Those of them that no other device was heard to hold.
    package var onlyHere = 0
    /// The devices that were heard to hold some of them.
    package var devices: [PublicKey] = []
    /// How far the centre or another device holds each own journal.
    package var known: [ScopeID: [JournalID: Position]] = [:]
}
