// The world a schedule runs in: laptops and hubs, the rosters an administrator signs, sticks that lie about, and what an onlooker knows of it.

import Causality
import Chance
import Journals
import Records
import Replicas
import Sync
import Wire

/// What is wrong, in a line; the simulation ends there.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which promise was broken: stable, so that a shrunk schedule can be held to the same one.
    package var promise: String
    package var detail: String
    package init(_ promise: String, _ detail: String) { (self.promise, self.detail) = (promise, detail) }
    package var description: String { "\(promise): \(detail)" }
}

/// A stick's file, and who its writer sealed it to.
struct Stick {
    var bytes: [UInt8]
    var recipients: Set<PublicKey>
    /// The roster its writer went by.
    var version: UInt32
}

final class SimulatedWorld {
    static let ordinary = ScopeID(high: 0xd0d1, low: 1)
    static let restricted = ScopeID(high: 0xd0d1, low: 2)
    static let scopes = [ordinary, restricted]
    /// 2026-05-11T00:00Z
    private static let start: Int64 = 1_778_457_600_000
    /// More parties than these are not made by copying.
    private static let partiesMax = 8

    let schedule: Schedule
    let isQuick: Bool
    private let telling: ((String) -> Void)?
    let root: any Signer
    let service: any Signer
    var rosters: [SignedRoster] = []
    var parties: [Party] = []
    var sticks: [Stick] = []
    var liar: Liar?
    var time = SimulatedWorld.start
    var seen = Coverage()
    /// Changes with everything that happens.
    var trace: UInt64 = 0xcbf2_9ce4_8422_2325

    // What the onlooker knows.
    var truth: [Hash: TrueEntry] = [:]
    /// Every order to erase that was given by somebody who may.
    var erasures: [Erasure] = []
    struct Erasure {
        var scope: ScopeID
        var dot: Dot
        var hash: Hash
        var record: RecordID
        var field: FieldKey
        var entries: Set<Hash>
    }
    /// How many entries of a party's scope were held when last looked at.
    var held: [Place: Int] = [:]
    struct Place: Hashable {
        var party: Int
        var scope: ScopeID
    }
    /// Every dot there ever was and its entry's hash, by scope.
    var dots: [ScopeID: [OriginalDot: Hash]] = [:]
    struct OriginalDot: Hashable {
        var replica: ReplicaID
        var position: Position
    }

    var laptops: [Party] { parties.filter { !$0.isHub } }
    var hubs: [Party] { parties.filter(\.isHub) }
    var newest: Roster { rosters[rosters.count - 1].roster }

    init(_ schedule: Schedule, isQuick: Bool, telling: ((String) -> Void)? = nil) throws {
        (self.schedule, self.isQuick, self.telling) = (schedule, isQuick, telling)
        (root, service) = (KeyRing.signer(0, isQuick), KeyRing.signer(1, isQuick))
        for i in 0..<schedule.hubs { try add(isHub: true, key: 1, number: i) }
        for i in 0..<schedule.laptops { try add(isHub: false, key: 2 + i, number: schedule.hubs + i) }
        var chance = SplitMix64(seed: schedule.seed ^ 0x0077_0f1d)
        try publishFirst(&chance)
        if schedule.hazards.contains(.clock) {
            for party in parties {
                party.clock.offset = Int64.random(in: -3_000_000_000...3_000_000_000, using: &chance)
                party.clock.drift = Int64.random(in: -50...50, using: &chance)
            }
        }
        if schedule.hazards.contains(.catalogue) {
            for party in laptops where chance.once(in: 3) { try party.reopen(rules: 1) }
        }
    }

    private func add(isHub: Bool, key: Int, number: Int) throws {
        parties.append(
            try Party(
                index: number, key: KeyRing.key(key), signer: KeyRing.signer(key, isQuick), isHub: isHub,
                seed: schedule.seed &* 0x9e37_79b9 &+ UInt64(number) &* 0x85eb_ca6b, time: time))
    }

    private func publishFirst(_ chance: inout SplitMix64) throws {
        var roster = Roster(
            version: 1, root: root.publicKey, service: service.publicKey, issued: Timestamp(milliseconds: Self.start),
            expires: Timestamp(milliseconds: Self.start + 31_536_000_000), catalogue: [UInt8](repeating: 0, count: 32))
        roster.scopes = [
            Roster.Scope(id: Self.ordinary, name: "ordinary", title: "Ordinary", kind: .ordinary),
            Roster.Scope(id: Self.restricted, name: "restricted", title: "Restricted", kind: .restricted),
        ]
        func admit(_ key: any Signer, _ name: String, _ scopes: [ScopeID]) {
            roster.people.append(Roster.Person(id: name, name: name))
            roster.devices.append(
                Roster.Device(
                    key: key.publicKey, person: name, name: name, grants: scopes.map { Roster.Grant(scope: $0, from: 1) },
                    agreement: key.agreement))
        }
        for (i, party) in laptops.enumerated() {
            admit(party.signer, "person-\(i)", i == 0 || chance.once(in: 2) ? Self.scopes : [Self.ordinary])
        }
        if schedule.hazards.contains(.liar) {
            let key = KeyRing.signer(KeyRing.liar, isQuick)
            admit(key, "liar", [Self.ordinary])
            liar = Liar(
                signer: key, scope: Self.ordinary, replica: ReplicaID(rawValue: chance.next() | 1),
                time: Timestamp(milliseconds: time))
        }
        rosters = [try SignedRoster.signing(roster, by: root)]
        for party in parties { try party.replica.accept(rosters[0]) }
    }

    /// Signs the next roster, which the first hub has at once.
    func publish(_ change: (inout Roster) -> Void) throws {
        var next = newest
        next.version += 1
        change(&next)
        rosters.append(try SignedRoster.signing(next, by: root))
    }

    /// A copy of a party's store on another machine, which goes on under the same key.
    ///
    /// - Parameter isWhole: whether the whole machine was copied, so that neither copy can know.
    func clone(_ original: Party, isWhole: Bool) throws {
        guard parties.count < Self.partiesMax, let key = KeyRing.number(of: original.key) else { return }
        try add(isHub: false, key: key, number: parties.count)
        let copy = parties[parties.count - 1]
        copy.put(original.copy, isWhole: isWhole)
        if isWhole { original.mayFork = true } else { copy.witness.progress = nil }
        (copy.clock.offset, copy.clock.drift, copy.clock.world) = (original.clock.offset, original.clock.drift, time)
        try copy.reopen(rules: original.rules.version)
        seen.reached(.copyNoticed, if: copy.replica.isDoubted)
    }

    /// Says what happens, when a schedule is looked at by itself.
    func tell(_ line: @autoclosure () -> String) { telling?(line()) }

    func note(_ word: some BinaryInteger) {
        trace = (trace ^ UInt64(truncatingIfNeeded: word)) &* 0x100_0000_01b3
    }

    // MARK: Who may see what, by the onlooker's list of rosters

    func isGranted(_ scope: ScopeID, to key: PublicKey, at version: UInt32) -> Bool {
        guard let device = rosters[Int(version) - 1].roster.devices.first(where: { $0.key == key }) else { return false }
        return device.grants.contains { $0.scope == scope && $0.from <= version && ($0.until.map { version < $0 } ?? true) }
    }

    func version(of party: Party) throws -> UInt32 { try party.replica.roster()?.roster.version ?? 1 }
}

/// Keys that come again: making one costs more than many schedules.
enum KeyRing {
    static let liar = 15
    private static let keys: [SigningKey] = (0..<16).map { number in
        guard let key = SigningKey(secret: [UInt8](repeating: UInt8(number + 1), count: 32)) else {
            preconditionFailure("a secret has 32 bytes")
        }
        return key
    }
    private static let quick = keys.map { QuickSigner($0, agreement: $0.agreement) }
    private static let numbers = Dictionary(uniqueKeysWithValues: keys.indices.map { (keys[$0].publicKey, $0) })

    static func key(_ number: Int) -> SigningKey { keys[number] }
    static func signer(_ number: Int, _ isQuick: Bool) -> any Signer { isQuick ? quick[number] : keys[number] }
    static func number(of key: SigningKey) -> Int? { numbers[key.publicKey] }
}
