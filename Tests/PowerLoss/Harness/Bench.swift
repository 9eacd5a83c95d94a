// What every run starts from, a replica prepared on the disk that fails and a colleague's entries for it; and one sitting at it: a store opened, worked
// with, closed. A sitting's clock and chance come from its seed alone, so that it can be had again.

import CPowerVFS
import Causality
import Chance
import Journals
import Records
import Replicas
import Simulation
import StoreSQLite
import Synchronization
import Wire
import Worlds

final class Bench {
    let world: World
    let scope: ScopeID
    /// What a colleague wrote, in pieces that verify by themselves, and the hash of each of the entries.
    let pieces: [[UnverifiedRun]]
    let hashes: [Position: Hash]
    let colleague: JournalID
    /// Before and after this device was granted more.
    let roster, nextRoster: SignedRoster
    /// The real folder holds the lock file, and an empty file in the store's place.
    let path: String
    /// What a sitting at the prepared disk begins with.
    private(set) var prepared = Promised()

    private static let slot: Int32 = 0
    static let preparedPieces = 4

    /// - Parameter pageSize: of the store; nil: as shipped. A small one makes a store small.
    init(pageSize: Int32? = nil, records: Int = 5, saves: Int = 12) throws {
        guard power_vfs_register() == 0 else { throw Broken("the disk cannot be registered") }
        world = try World()
        scope = world.scope
        path = try TemporaryFolder.file()
        let ben = try world.laptop("ben")
        for number in 0..<40 { try ben.put("by ben, number \(number)", of: World.record(UInt64(100 + number % 7)), in: scope) }
        try world.join(world.replica("ann"))
        pieces = try world.units(of: ben, beyond: Knowledge())
        let entries = try ben.entries(in: scope)
        hashes = Dictionary(uniqueKeysWithValues: entries.map { ($0.position, $0.hash) })
        colleague = JournalID(try ben.replicaID())
        roster = world.roster
        nextRoster = try world.publish()

        power_disk_reset()
        if let pageSize, power_disk_make(path, pageSize) != 0 { throw Broken("no file with pages of \(pageSize) bytes") }
        let sitting = Sitting(self, seed: 1)
        try sitting.open()
        try sitting.join()
        for number in 0..<saves { try sitting.save("prepared \(number)", of: World.record(UInt64(number % records))) }
        for _ in 0..<Self.preparedPieces { try sitting.takeIn() }
        try sitting.setDraft("draft 0", [1, 2, 3])
        try sitting.store?.checkpoint()
        prepared = sitting.promised
        sitting.close()
        power_disk_save(Self.slot)
    }

    /// A sitting at the prepared disk, or at an empty one, not opened yet.
    func sitting(seed: UInt64, isFresh: Bool = false) -> Sitting {
        if isFresh { power_disk_reset() } else { power_disk_load(Self.slot) }
        power_seed(seed)
        let sitting = Sitting(self, seed: seed)
        if !isFresh { sitting.promised = prepared }
        return sitting
    }

    /// The last position of the colleague's journal that the first pieces hold.
    func end(ofPieces count: Int) -> Position {
        guard count > 0, let run = pieces[count - 1].last else { return .none }
        return Position(rawValue: run.start.rawValue + UInt64(run.entries.count) - 1)
    }
}

/// Somebody at the replica. What they are promised is noted when a call has returned, what they are at while it has not.
final class Sitting {
    let bench: Bench
    let seed: UInt64
    private(set) var replica: Replica?
    private(set) var store: SQLiteStore?
    var promised = Promised()
    /// What is under way, or was when it broke off.
    var underWay = UnderWay.nothing
    private let clock: ScriptedClock
    private let entropy: SeededEntropy
    private let witness = MemoryWitness()

    init(_ bench: Bench, seed: UInt64) {
        (self.bench, self.seed) = (bench, seed)
        clock = ScriptedClock(World.start + 86_400_000)
        entropy = SeededEntropy(seed ^ 0x5177_1465)
    }

    // MARK: Coming and going

    func open() throws {
        close()
        let store = try SQLiteStore(path: bench.path, vfs: "power", syncingFolder: { power_sync_folder() })
        replica = try Replica(
            store: store, signer: World.key("ann"), rules: ReviewEverything(), clock: clock, entropy: entropy, witness: witness)
        self.store = store
    }

    func close() { (replica, store) = (nil, nil) }

    func opened() throws -> Replica {
        guard let replica else { throw Broken("it is not open") }
        return replica
    }

    // MARK: Work

    /// Runs a call that is one transaction.
    private func doing<T>(_ what: UnderWay, _ body: (Replica) throws -> T) throws -> T {
        clock.advance(1_000)
        underWay = what
        let result = try body(opened())
        underWay = .nothing
        return result
    }

    func join() throws { try accept(bench.roster) }

    func accept(_ roster: SignedRoster) throws {
        try doing(.other) { try $0.accept(roster) }
        promised.roster = roster.roster.version
    }

    func save(_ text: String, _ field: FieldKey = "title", of record: RecordID) throws {
        note([try doing(.saving(1)) { try $0.put(text, field, of: record, in: bench.scope) }])
    }

    /// Several changes in one transaction.
    func save(_ texts: [(RecordID, String)]) throws {
        let changes = texts.map { record, text in Change([.put(.text(text))], of: record) }
        note(try doing(.saving(UInt64(texts.count))) { replica in try replica.commit(in: bench.scope) { _ in changes } })
    }

    private func note(_ dots: [Dot]) {
        // When the power went after the save, its entry cannot be read any more; its dot can be looked for all the same.
        for dot in dots {
            let entry = try? replica?.store.reading { try $0.entry(dot, in: bench.scope) }
            promised.saves.append(Promised.Save(dot: dot, hash: entry?.hash))
        }
    }

    /// The next pieces of the colleague's, in one transaction.
    func takeIn(_ count: Int = 1) throws {
        let end = min(promised.pieces + count, bench.pieces.count)
        guard end > promised.pieces else { return }
        let next = Array(bench.pieces[promised.pieces..<end])
        _ = try doing(.takingIn(end)) { try $0.ingest(next, in: bench.scope) }
        promised.pieces = end
    }

    /// A piece that somebody has spoilt on the way.
    func takeInSpoilt() throws {
        guard promised.pieces < bench.pieces.count else { return }
        var spoilt = bench.pieces[promised.pieces]
        spoilt[spoilt.count - 1].signature?[0] ^= 1
        _ = try doing(.other) { try $0.ingest([spoilt], in: bench.scope) }
        promised.quarantined += 1
    }

    func setDraft(_ key: String, _ bytes: [UInt8]) throws {
        let draft = Draft(key: key, saved: clock.now(), bytes: bytes)
        try doing(.drafting(key, bytes)) { replica in try replica.store.writing { try $0.setDraft(key, draft) } }
        promised.drafts[key] = bytes
    }

    /// Erases what a save of this sitting or before it wrote.
    func erase(_ save: Promised.Save) throws {
        try doing(.other) { try $0.erase([0], of: save.dot, in: bench.scope) }
    }

    func purge() throws {
        try doing(.purging) { try $0.purge(bench.scope) }
        (promised.saves, promised.pieces, promised.quarantined) = ([], 0, 0)
        promised.isPurged = true
    }

    func checkpoint() throws { try doing(.other) { _ in try store?.checkpoint() } }

    func index() throws { _ = try doing(.other) { _ in try store?.index() } }

    /// Something a person or a sync does, by chance.
    func work(_ chance: inout SplitMix64) throws {
        func record() -> RecordID { World.record(UInt64.random(in: 0..<8, using: &chance)) }
        switch Int.random(in: 0..<16, using: &chance) {
        case 0..<6: try save("value \(chance.next() % 1_000)", of: record())
        case 6:
            let text = String(repeating: "a long note ", count: Int.random(in: 100...3_000, using: &chance))
            try save(text, "body", of: World.record(9))
        case 7:
            let many = (0..<Int.random(in: 2...9, using: &chance)).map { (record(), "one of many \($0)") }
            try save(many)
        case 8, 9: try takeIn(chance.once(in: 4) ? 5 : 1)
        case 10: try setDraft("draft \(chance.next() % 3)", chance.bytes(40))
        case 11: try accept(bench.nextRoster)
        case 12:
            if let save = promised.saves.randomElement(using: &chance) { try erase(save) }
        case 13: try takeInSpoilt()
        case 14:
            // The next day: the same device opens the store again.
            try open()
        default: try checkpoint()
        }
    }
}

/// What a call was to bring about when it broke off: after it, all of it is there or nothing.
enum UnderWay {
    case nothing
    /// This many entries of one's own.
    case saving(UInt64)
    /// This many pieces in all.
    case takingIn(Int)
    case drafting(String, [UInt8])
    case purging
    /// What leaves no trace in what is promised.
    case other
}

/// A mistake of the harness, or of what it runs on.
struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A witness that survives every cut: so it knows a store that has lost something.
private final class MemoryWitness: Witness {
    private let last = Mutex<Testimony>(.unable)
    func testimony() -> Testimony { last.withLock { $0 } }
    func remember(_ progress: OwnProgress) {
        last.withLock { last in
            guard case .progress(var known) = last, known.replica == progress.replica else {
                last = .progress(progress)
                return
            }
            known.positions.merge(progress.positions) { max($0, $1) }
            last = .progress(known)
        }
    }
}
