// Who takes part: a laptop or a hub, with a store that fails as it is told, a clock that is as wrong as it is told, and the replica as shipped. A world
// and all who live in it stay on one thread; what is called `@unchecked Sendable` here relies on that and needs no lock.

import Causality
import Chance
import Journals
import Records
import Replicas

/// A machine stopped in the middle of something.
struct Crash: Error {
    var party: Int
}

/// An effect of a store failed.
struct DiskFailed: Error {}

/// What is to go wrong with a party's store next.
final class StoreTrouble: @unchecked Sendable {
    var crashesIn: Int?
    var failsIn: Int?
    var isFull = false
    private(set) var wasHit = false
    private let party: Int

    init(party: Int) { self.party = party }

    func effect(_ effect: MemoryStore.Effect) throws {
        if effect == .write {
            if isFull {
                wasHit = true
                throw ReplicaError(.storeFull, "simulated", message: "The disk is full.", next: "Make room.")
            }
            if due(&failsIn) {
                wasHit = true
                throw DiskFailed()
            }
        }
        if due(&crashesIn) {
            wasHit = true
            throw Crash(party: party)
        }
    }

    private func due(_ countdown: inout Int?) -> Bool {
        guard let left = countdown else { return false }
        countdown = left > 1 ? left - 1 : nil
        return left <= 1
    }

    /// Whether something went wrong since this was last asked.
    func takeHit() -> Bool {
        defer { wasHit = false }
        return wasHit
    }

    func clear() { (crashesIn, failsIn, isFull, wasHit) = (nil, nil, false, false) }
}

/// The time as a machine has it: the world's, off by something that grows.
final class WrongClock: WallClock, @unchecked Sendable {
    var world: Int64
    var offset: Int64 = 0
    /// Thousandths by which it runs fast.
    var drift: Int64 = 0
    private let start: Int64

    init(_ start: Int64) { (world, self.start) = (start, start) }

    func now() -> Timestamp { Timestamp(milliseconds: world &+ offset &+ (world - start) / 1_000 * drift) }
}

/// What a machine remembers outside its store.
final class MachineWitness: Witness, @unchecked Sendable {
    var progress: OwnProgress?

    func testimony() -> Testimony { progress.map { .progress($0) } ?? .none }

    func remember(_ progress: OwnProgress) { self.progress = progress.merged(with: self.progress) }
}

/// Rules as a catalogue would give them, in two versions.
struct SimulatedRules: MergeRules {
    var version: Int
    static let fields: [FieldKey] = ["title", "body", "status", "place"]
    static let ladder = ["open", "under_way", "done"]

    func rule(of field: FieldKey, in type: TypeKey) -> MergeRule {
        switch field {
        case "body": .text
        case "status": version > 1 ? .furthest(ladder: Self.ladder) : .review
        case "place": .latest
        case "tags": .union
        default: .review
        }
    }

    var fingerprint: [UInt8] { [UInt8(version)] }
}

/// A signature that costs a hash, for runs in which signing is not what is looked at. Anybody could make one; nobody here does.
struct QuickSigner: Signer {
    let publicKey: PublicKey
    let agreement: AgreementKey?

    init(_ key: SigningKey, agreement: AgreementKey?) { (publicKey, self.agreement) = (key.publicKey, agreement) }

    func signature(over message: [UInt8]) -> [UInt8] { Self.signature(over: message, by: publicKey) }

    fileprivate static func signature(over message: [UInt8], by key: PublicKey) -> [UInt8] {
        let half = Hash(.header, key.bytes + message).bytes
        return half + half
    }
}

struct QuickSignatures: SimulatedSignatures {
    func verifies(_ signature: [UInt8], over message: [UInt8], by key: PublicKey) -> Bool {
        signature == QuickSigner.signature(over: message, by: key)
    }
}

/// A laptop or a hub.
final class Party {
    let index: Int
    let key: SigningKey
    let signer: any Signer
    let isHub: Bool
    let trouble: StoreTrouble
    let clock: WrongClock
    let store: MemoryStore
    let witness = MachineWitness()
    private let entropy: SeededEntropy
    private(set) var rules = SimulatedRules(version: 2)
    private(set) var replica: Replica

    /// Every entry its store has had since it was last put back, in the order of arrival.
    var log: [ScopeID: [Hash]] = [:]
    /// Saves it acknowledged, since it was last put back.
    var acknowledged: Set<Hash> = []
    /// Older copies of its store.
    var backups: [Backup] = []
    /// Whether a bit of its store flipped.
    var isRotten = false
    /// Whether its store was copied, or put back in a way it cannot know of.
    var mayFork = false
    /// Whether it was put back: what it once held may be nowhere.
    var wasPutBack = false

    struct Backup {
        var store: MemoryStore.Snapshot
        var witnessed: OwnProgress?
        var log: [ScopeID: [Hash]]
        var acknowledged: Set<Hash>
        var isRotten: Bool
    }

    init(index: Int, key: SigningKey, signer: any Signer, isHub: Bool, seed: UInt64, time: Int64) throws {
        (self.index, self.key, self.signer, self.isHub) = (index, key, signer, isHub)
        let trouble = StoreTrouble(party: index)
        self.trouble = trouble
        clock = WrongClock(time)
        store = MemoryStore { try trouble.effect($0) }
        entropy = SeededEntropy(seed)
        replica = try Replica(store: store, signer: signer, rules: rules, clock: clock, entropy: entropy, witness: witness)
    }

    /// A copy of all there is of it.
    var copy: Backup {
        Backup(
            store: store.snapshot(), witnessed: witness.progress, log: log, acknowledged: acknowledged, isRotten: isRotten)
    }

    /// Becomes what a copy holds.
    ///
    /// - Parameter isWhole: whether the whole machine is put back, so that it does not remember better.
    func put(_ backup: Backup, isWhole: Bool) {
        store.restore(backup.store)
        if isWhole { witness.progress = backup.witnessed }
        (log, acknowledged, isRotten) = (backup.log, backup.acknowledged, backup.isRotten)
        mayFork = mayFork || isWhole
    }

    /// Starts it anew on what its store holds, as after a crash.
    func reopen(rules version: Int? = nil) throws {
        let rules = SimulatedRules(version: version ?? self.rules.version)
        replica = try Replica(store: store, signer: signer, rules: rules, clock: clock, entropy: entropy, witness: witness)
        self.rules = rules
    }

    /// Heals its damaged store.
    func recover() throws -> RecoveryReport {
        let new = MemoryStore()
        let (_, report) = try Replica.recovering(
            store, into: new, signer: signer, rules: rules, clock: clock, entropy: entropy, witness: witness)
        store.restore(new.snapshot())
        (log, isRotten) = ([:], false)
        try reopen()
        return report
    }

    var name: String { "\(isHub ? "hub" : "laptop") \(index)" }
}
