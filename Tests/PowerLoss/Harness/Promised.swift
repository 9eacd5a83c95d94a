// What a store has promised by returning from a call, and what is looked at when it is opened again:
//
//      every save acknowledged is there, by its dot and hash; beyond them nothing, or all of the one transaction that was under way
//      the same of pieces taken in, of drafts and of the roster
//      `check` finds nothing, and the witness has no doubt
//
// The first is loss, the rest corruption.

import Causality
import Chance
import Journals
import Records
import Replicas
import Wire
import Worlds

struct Promised {
    struct Save {
        var dot: Dot
        /// Nil if it could not be read any more.
        var hash: Hash?
    }

    var saves: [Save] = []
    var pieces = 0
    var drafts: [String: [UInt8]] = [:]
    var roster: UInt32 = 0
    var quarantined = 0
    /// Whether the scope was purged: then nothing else of it is.
    var isPurged = false

    /// How many calls have promised something.
    var count: Int { saves.count + pieces + drafts.count + quarantined }
}

/// What is not as promised.
struct Findings {
    var lost: [String] = []
    var corrupt: [String] = []
    var isEmpty: Bool { lost.isEmpty && corrupt.isEmpty }
    var text: String { (lost + corrupt).prefix(4).joined(separator: "; ") }
}

extension Sitting {
    /// Looks at everything that was promised. The store is open, and nothing fails any more.
    func findings() throws -> Findings {
        var findings = Findings()
        let replica = try opened()
        findings.corrupt += try replica.check().faults
        if replica.isDoubted { findings.lost.append("the witness has seen more than is here") }
        try replica.store.reading { reader in
            try lookForSaves(reader, &findings)
            try lookForPieces(reader, &findings)
            try lookForDrafts(reader, &findings)
        }
        let roster = try replica.roster()?.roster.version ?? 0
        if roster < promised.roster { findings.lost.append("roster \(promised.roster) was accepted, and \(roster) is here") }
        let quarantined = try replica.quarantined().count
        if !isPurging, promised.quarantined > 0, quarantined == 0 { findings.lost.append("nothing is quarantined any more") }
        return findings
    }

    private var isPurging: Bool { if case .purging = underWay { true } else { promised.isPurged } }

    private func lookForSaves(_ reader: any StoreReader, _ findings: inout Findings) throws {
        let own = JournalID(try reader.replica().id)
        let tip = try reader.journal(own, in: bench.scope)?.tip.position ?? .none
        if case .purging = underWay, try reader.journals(in: bench.scope).isEmpty { return }
        for save in promised.saves {
            guard let entry = try reader.entry(save.dot, in: bench.scope) else {
                findings.lost.append("the save \(save.dot) was acknowledged and is gone")
                continue
            }
            if let hash = save.hash, hash != entry.hash { findings.corrupt.append("the save \(save.dot) is another one") }
        }
        guard !promised.isPurged else {
            if !(try reader.journals(in: bench.scope)).isEmpty { findings.corrupt.append("something of the purged scope is here") }
            return
        }
        let acknowledged = promised.saves.filter { $0.dot.journal == own }.map(\.dot.position).max() ?? .none
        var allowed = [acknowledged.rawValue]
        // The first save of a journal writes its birth, too.
        if case .saving(let count) = underWay {
            allowed.append(acknowledged.rawValue + count + (acknowledged == .none ? 1 : 0))
        }
        if !allowed.contains(tip.rawValue) {
            findings.corrupt.append("own entries up to \(tip) are here, and \(acknowledged) is the last acknowledged")
        }
    }

    private func lookForPieces(_ reader: any StoreReader, _ findings: inout Findings) throws {
        let tip = try reader.journal(bench.colleague, in: bench.scope)?.tip.position ?? .none
        if case .purging = underWay, tip == .none { return }
        let end = bench.end(ofPieces: promised.pieces)
        if tip < end { findings.lost.append("pieces up to \(end) were taken in, up to \(tip) are here") }
        var allowed = [end]
        if case .takingIn(let count) = underWay { allowed.append(bench.end(ofPieces: count)) }
        if tip > end, !allowed.contains(tip) { findings.corrupt.append("pieces up to \(tip) are here, up to \(end) were taken in") }
        for entry in try reader.entries(of: bench.colleague, in: bench.scope, from: 1, limit: 1_000)
        where bench.hashes[entry.position] != entry.hash {
            findings.corrupt.append("the colleague's entry \(entry.position) is another one")
        }
    }

    private func lookForDrafts(_ reader: any StoreReader, _ findings: inout Findings) throws {
        var here: [String: [UInt8]] = [:]
        for draft in try reader.drafts() { here[draft.key] = draft.bytes }
        for key in Set(here.keys).union(promised.drafts.keys) {
            if case .drafting(key, let bytes) = underWay, here[key] == bytes { continue }
            if here[key] != promised.drafts[key] { findings.lost.append("draft \(key) is not as it was saved") }
        }
    }
}

extension Sitting {
    /// Takes for promised what was under way and is here, once `findings` has shown that it is all of it or nothing.
    func takeStock() throws {
        defer { underWay = .nothing }
        try opened().store.reading { reader in
            switch underWay {
            case .saving:
                let own = JournalID(try reader.replica().id)
                let held = Set(promised.saves.map(\.dot))
                for entry in try reader.entries(of: own, in: bench.scope, from: 2, limit: 1_000) where !held.contains(entry.dot) {
                    promised.saves.append(Promised.Save(dot: entry.dot, hash: entry.hash))
                }
            case .takingIn(let count):
                let tip = try reader.journal(bench.colleague, in: bench.scope)?.tip.position ?? .none
                if tip == bench.end(ofPieces: count) { promised.pieces = count }
            case .drafting(let key, let bytes):
                if try reader.drafts().contains(where: { $0.key == key && $0.bytes == bytes }) { promised.drafts[key] = bytes }
            case .purging:
                guard try reader.journals(in: bench.scope).isEmpty else { return }
                (promised.saves, promised.pieces, promised.quarantined, promised.isPurged) = ([], 0, 0, true)
            case .nothing, .other: break
            }
        }
    }

    /// One save and one piece more, as on any day.
    func goOn() throws {
        try takeStock()
        if try opened().roster() == nil { try join() }
        try save("and on it goes", of: World.record(1))
        try takeIn()
    }
}
