// The onlooker: looks at every store after everything that touched it, and in the end compares what each shows with what really happened.

import Causality
import Chance
import Journals
import Records
import Replicas
import Wire

extension SimulatedWorld {
    // MARK: After each step

    /// Notes what came to a party's store. Nothing may have left it; nothing may be there that nobody wrote, or that it may not see.
    ///
    /// - Parameters:
    ///   - sender: the roster by which it was sent, nil if it was not.
    ///   - wrote: what the party itself just wrote, if it did.
    func look(
        at party: Party, _ sender: UInt32?, wrote: [TrueEdit] = [], in written: ScopeID? = nil, isRecovering: Bool = false
    ) throws {
        for scope in Self.scopes {
            let log = party.log[scope] ?? []
            try party.store.reading { reader in
                let entries = try reader.entries(in: scope, from: Arrival(max(0, log.count - 1)), limit: 10_000)
                guard log.isEmpty || entries.first?.hash == log.last else {
                    throw Violation("what is stored stays", "\(party.name) lost entries of \(scope)")
                }
                let new = log.isEmpty ? entries : Array(entries.dropFirst())
                if new.isEmpty { return }
                let own = try reader.replica().id
                if try reader.branches(in: scope).isEmpty { try lookAtOrder(of: new, in: scope, party, reader) }
                for entry in new {
                    let wrote = isRecovering || written == scope ? wrote : nil
                    try look(at: entry, in: scope, of: party, own: own, sender, wrote, reader, isAnew: isRecovering)
                }
            }
        }
    }

    /// Whatever an author had seen is here too.
    private func lookAtOrder(of new: [StoredEntry], in scope: ScopeID, _ party: Party, _ reader: any StoreReader) throws {
        var held: [JournalID: Position] = [:]
        for journal in try reader.journals(in: scope) { held[journal.tip.journal] = journal.tip.position }
        for entry in new {
            guard
                case .change(let change)? = try? DecodedEntry(
                    skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position, replica: entry.replica)
            else { continue }
            for component in change.edits.flatMap(\.context.components) where component.position > held[component.journal] ?? .none
            {
                throw Violation(
                    "nothing comes before what it has seen",
                    "\(party.name) holds \(entry.dot) without \(component.journal):\(component.position)")
            }
        }
    }

    private func look(
        at entry: StoredEntry, in scope: ScopeID, of party: Party, own: ReplicaID, _ sender: UInt32?, _ wrote: [TrueEdit]?,
        _ reader: any StoreReader, isAnew: Bool
    ) throws {
        let hash = entry.hash
        if truth[hash] == nil {
            let key = try reader.journal(entry.journal, in: scope)?.tip.key
            if let wrote, entry.replica == own, key == party.key.publicKey {
                let isBirth = entry.position == 1
                var written = TrueEntry(
                    scope: scope, replica: entry.replica, position: entry.position, author: party.index, edits: isBirth ? [] : wrote
                )
                written.isWrittenAnew = isAnew && !isBirth
                truth[hash] = written
            } else if liar == nil || key != liar?.signer.publicKey {
                throw Violation(
                    "nothing is believed that nobody wrote", "\(party.name) holds \(entry.dot), which no honest device wrote")
            }
        }
        let dot = OriginalDot(replica: entry.replica, position: entry.position)
        if let other = dots[scope]?[dot], other != hash {
            guard parties.contains(where: \.mayFork) || truth[hash] == nil || truth[other] == nil else {
                throw Violation("one dot, one entry", "\(party.name) holds a second entry at \(entry.replica):\(entry.position)")
            }
        } else {
            dots[scope, default: [:]][dot] = hash
        }
        if let sender, !party.isHub, !isGranted(scope, to: party.key.publicKey, at: sender) {
            throw Violation("nobody receives what is not theirs", "\(party.name) got \(entry.dot) of \(scope)")
        }
        party.log[scope, default: []].append(hash)
        tell("  \(party.name) has \(entry.dot), \(hash), written as \(entry.replica):\(entry.position)")
    }

    /// What a laptop believes the centre to hold, some hub has held since it was last put back.
    func checkBelief(of laptop: Party) throws {
        guard !hubs.contains(where: \.wasPutBack) else { return }
        for scope in Self.scopes {
            for head in try laptop.replica.centreKnowledge(of: scope).heads {
                guard hubs.contains(where: { $0.log[scope]?.contains(head.hash) ?? false }) else {
                    throw Violation(
                        "what is confirmed is there", "\(laptop.name) believes the centre to hold \(head.journal):\(head.position)")
                }
            }
        }
    }

    /// Heals a damaged store. What it had acknowledged is there, with a hub, written anew, or named as lost.
    func recover(_ party: Party) throws {
        let report = try party.recover()
        try look(at: party, nil, isRecovering: true)
        seen.reached(.recovered)
        seen.reached(.writtenAnew, if: report.rewritten + report.salvagedValues > 0)
        let named = Set(report.renamed.keys).union(report.damaged.map(\.dot)).union(report.lost.map(\.dot))
        let here = Set(party.log.values.flatMap(\.self))
        for hash in party.acknowledged.subtracting(here) {
            guard let entry = truth[hash] else { continue }
            let isNamed = named.contains { $0.position == entry.position }
            let isElsewhere = hubs.contains { $0.log[entry.scope]?.contains(hash) ?? false || $0.wasPutBack }
            guard isNamed || isElsewhere else {
                throw Violation(
                    "what cannot be saved is named", "\(party.name) lost \(entry.replica):\(entry.position) and does not say so")
            }
        }
        party.acknowledged.formIntersection(here)
        let faults = try party.replica.check().faults
        guard faults.isEmpty else { throw Violation("recovering heals", "\(party.name): \(faults[0])") }
    }

    // MARK: In the end

    /// Lets everybody meet over good lines until nobody has anything to say.
    func settle() throws {
        for party in parties { party.trouble.clear() }
        for hub in hubs { try hub.replica.accept(rosters[rosters.count - 1]) }
        for hub in hubs { try look(at: hub, nil) }
        let before = survivors()
        var isQuiet = false
        for _ in 0..<12 where !isQuiet {
            isQuiet = true
            for laptop in laptops where !laptop.isRotten {
                for hub in hubs {
                    let requests = try sync(laptop, with: hub, over: Line())
                    tell("settling: \(laptop.name) with \(hub.name), \(requests ?? -1) requests")
                    guard let requests else { throw Violation("good lines carry", "\(laptop.name) and \(hub.name) did not sync") }
                    if requests > 1 { isQuiet = false }
                }
            }
        }
        guard isQuiet else { throw Violation("everything settles", "somebody always has something to say") }
        for party in parties where !party.isRotten {
            for scope in Self.scopes where try holds(party, scope) {
                // Two hubs speak through laptops only.
                if party.isHub, hubs.count > 1, try !laptops.contains(where: { try !$0.isRotten && holds($0, scope) }) { continue }
                let missing = (before[scope] ?? []).subtracting(party.log[scope] ?? [])
                if let hash = missing.first {
                    let entry = truth[hash]
                    throw Violation(
                        "nothing written is lost",
                        "\(party.name) never got \(entry.map { "\($0.replica):\($0.position)" } ?? "\(hash)") of \(scope)")
                }
            }
        }
    }

    /// Whether a party is to have a scope by the newest roster.
    private func holds(_ party: Party, _ scope: ScopeID) throws -> Bool {
        party.isHub || isGranted(scope, to: party.key.publicKey, at: newest.version)
    }

    /// What honest devices wrote and is on some disk that is still part of it.
    private func survivors() -> [ScopeID: Set<Hash>] {
        var found: [ScopeID: Set<Hash>] = [:]
        for party in parties where !party.isRotten {
            for scope in Self.scopes where party.isHub || isGranted(scope, to: party.key.publicKey, at: newest.version) {
                found[scope, default: []].formUnion((party.log[scope] ?? []).filter { truth[$0] != nil })
            }
        }
        return found
    }

    /// Compares every store with what really happened, and the stores with each other.
    func judge(isSettled: Bool) throws {
        var states: [Sameness: (party: Party, digest: Hash)] = [:]
        var items: [Sameness: (party: Party, items: Set<ItemID>)] = [:]
        for party in parties {
            if party.isRotten {
                try judgeRotten(party)
                continue
            }
            for scope in Self.scopes {
                try party.store.reading { reader in
                    let entries = try reader.entries(in: scope, from: 0, limit: 10_000)
                    let log = party.log[scope] ?? []
                    guard entries.map(\.hash) == log else {
                        throw Violation("what is stored stays", "\(party.name)'s \(scope) is not what came")
                    }
                    guard party.acknowledged.allSatisfy({ truth[$0]?.scope != scope || Set(log).contains($0) }) else {
                        throw Violation("an acknowledged save is there", "\(party.name) lost one")
                    }
                    try judge(party, scope, entries, reader)
                    let knowledge = try reader.knowledge(of: scope).digest(of: scope)
                    let roster = try reader.roster()?.roster.version ?? 0
                    var same = Sameness(scope: scope, knowledge: knowledge, roster: roster, rules: 0, isSettled: isSettled)
                    let digest = try Self.digest(of: scope, reader)
                    note(digest.prefix64)
                    if let other = states[same], other.digest != digest {
                        throw Violation("equal knowledge, equal state", "\(other.party.name) and \(party.name) differ in \(scope)")
                    }
                    states[same] = (party, digest)
                    // What was erased here and not yet there reads otherwise.
                    guard isSettled else { return }
                    try judgeErased(party, scope, entries, reader)
                    same.rules = party.rules.version
                    let found = Set(
                        try reader.items(in: scope, limit: 10_000, offset: 0).map(\.id)
                            + reader.notices(limit: 10_000, offset: 0).filter { $0.scope == scope }.map(\.id))
                    if let other = items[same], other.items != found {
                        throw Violation("equal knowledge, equal items", "\(other.party.name) and \(party.name) differ in \(scope)")
                    }
                    items[same] = (party, found)
                    note(found.count)
                }
            }
        }
        if isSettled { for scope in Self.scopes { try judgeFilled(scope) } }
    }

    /// What one store has of an entry, every store has that holds it, unless an order names the entry.
    private func judgeFilled(_ scope: ScopeID) throws {
        let ordered = Set(erasures.filter { $0.scope == scope }.flatMap(\.entries))
        let honest = try parties.filter { try !$0.isRotten && holds($0, scope) }
        // Hubs meet through laptops.
        guard honest.contains(where: { !$0.isHub }) else { return }
        var least: [Hash: (party: Party, places: Set<Int>)] = [:]
        var lacking: [Hash: (party: Party, places: Set<Int>)] = [:]
        for party in honest {
            for entry in try party.store.reading({ try $0.entries(in: scope, from: 0, limit: 10_000) })
            where !ordered.contains(entry.hash) {
                let places = entry.entry.values.lackingPlaces
                if least[entry.hash].map({ places.count < $0.places.count }) ?? true { least[entry.hash] = (party, places) }
                if lacking[entry.hash].map({ places.count > $0.places.count }) ?? true { lacking[entry.hash] = (party, places) }
            }
        }
        for (hash, worst) in lacking {
            guard let best = least[hash], !worst.places.subtracting(best.places).isEmpty else { continue }
            throw Violation("no value is lost on the way", "\(worst.party.name) lacks what \(best.party.name) has of \(hash)")
        }
    }

    private struct Sameness: Hashable {
        var scope: ScopeID
        var knowledge: Hash
        var roster: UInt32
        var rules: Int
        var isSettled: Bool
    }

    private static func digest(of scope: ScopeID, _ reader: any StoreReader) throws -> Hash {
        var out = ByteWriter()
        for state in try reader.states(in: scope, after: nil, limit: 10_000) { out.hash(state.digest) }
        return Hash(.scopeState, out.bytes)
    }

    /// A flipped bit is found, and only there.
    private func judgeRotten(_ party: Party) throws {
        let report = try party.replica.check()
        guard !report.faults.isEmpty else { throw Violation("damage is found", "check says that \(party.name) is well") }
        seen.reached(.damageFound)
    }

    /// Every chain and every record, checked by the replica itself: slow, so done in a share of the runs.
    func checkThemselves() throws {
        for party in parties where !party.isRotten {
            let report = try party.replica.check()
            guard report.faults.isEmpty else { throw Violation("chains hold", "\(party.name): \(report.faults[0])") }
        }
    }

    // MARK: One store against the truth

    private func judge(_ party: Party, _ scope: ScopeID, _ entries: [StoredEntry], _ reader: any StoreReader) throws {
        let branches = try reader.branches(in: scope)
        seen.reached(.forkFrozen, if: !branches.isEmpty)
        let journals = try reader.journals(in: scope)
        let roster = try version(of: party)
        var ends: [JournalID: Position] = [:]
        for journal in journals {
            ends[journal.tip.journal] = journal.counted
            if branches.isEmpty { try judgeCounted(journal, party, scope, entries, roster) }
        }
        let counting = entries.filter { $0.position <= ends[$0.journal] ?? .none }
        let held = entries.count - counting.count
        let place = Place(party: party.index, scope: scope)
        seen.reached(.entryHeld, if: held > 0)
        seen.reached(.entryReleased, if: held < self.held[place, default: 0])
        self.held[place] = held
        seen.reached(.oldCatalogue, if: party.rules.version == 1)
        var dots: [Dot: Hash] = [:]
        var edits: [RecordID: [(entry: Hash, edit: TrueEdit)]] = [:]
        // What a liar wrote over, or was written anew, may read otherwise than the truth knows.
        var uncertain: Set<RecordID> = []
        for entry in entries { dots[entry.dot] = entry.hash }
        for entry in counting {
            if let honest = truth[entry.hash], !honest.isWrittenAnew {
                for edit in honest.edits { edits[edit.record, default: []].append((entry.hash, edit)) }
            } else {
                let decoded = try DecodedEntry(
                    skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position, replica: entry.replica)
                if case .change(let change) = decoded { uncertain.formUnion(change.edits.map(\.record)) }
            }
        }
        for (record, edits) in edits where !uncertain.contains(record) {
            let wanted = TrueState(edits)
            guard let state = try reader.state(of: record, in: scope) else {
                throw Violation("every accepted edit is somewhere", "\(party.name) shows no record \(record)")
            }
            try judge(state, wanted, edits, dots, party, mayBeFalse: !branches.isEmpty)
        }
    }

    private func judge(
        _ state: RecordState, _ wanted: TrueState, _ edits: [(entry: Hash, edit: TrueEdit)], _ dots: [Dot: Hash], _ party: Party,
        mayBeFalse: Bool
    ) throws {
        let place = "\(party.name), record \(state.record)"
        func hash(_ dot: Dot) throws -> Hash {
            guard let hash = dots[dot] else { throw Violation("what is shown is there", "\(place) shows \(dot)") }
            return hash
        }
        for field in Set(wanted.candidates.keys).union(state.fields.map(\.key)).union(wanted.elements.keys) {
            let shown = Set(try (state[field]?.candidates ?? []).map { try hash($0.dot) })
            let should = wanted.candidates[field] ?? []
            if let lost = should.subtracting(shown).first {
                throw Violation("every accepted edit is somewhere", "\(place): \(field) lost the value of \(lost)")
            }
            if !mayBeFalse, let extra = shown.subtracting(should).first {
                throw Violation("no false conflict", "\(place): \(field) still has the value of \(extra)")
            }
            seen.reached(.conflict, if: shown.count > 1)
            let elements = Set(
                try (state[field]?.elements ?? []).map {
                    TrueWrite.Place(entry: try hash($0.name.dot), ordinal: $0.name.ordinal)
                })
            let wantedElements = wanted.elements[field] ?? []
            if !wantedElements.isSubset(of: elements) {
                throw Violation("every accepted edit is somewhere", "\(place): \(field) lost an element")
            }
            if !mayBeFalse, elements != wantedElements {
                throw Violation("no false conflict", "\(place): \(field) kept an element")
            }
            for candidate in state[field]?.candidates ?? [] {
                guard let value = candidate.value.value else { continue }
                let entry = try hash(candidate.dot)
                let written = edits.first { $0.entry == entry }?.edit.writes.first {
                    $0.field == field && ($0.kind == .put || $0.kind == .settle)
                }
                guard written?.value == .value(value) else {
                    throw Violation("nothing is changed unseen", "\(place): \(field) shows what nobody wrote there")
                }
            }
        }
        let standing = Set(try state.standingDeletes.map { try hash($0) })
        if !wanted.standingDeletes.isSubset(of: standing) || !mayBeFalse && wanted.standingDeletes != standing {
            throw Violation("a record is deleted by who saw it", "\(place): the deletes that stand are others")
        }
        let unseen = Set(try state.unseenEdits.map { try hash($0) })
        if standing == wanted.standingDeletes, !wanted.apart.isSubset(of: unseen) {
            throw Violation("every accepted edit is somewhere", "\(place): a delete took an edit its author had not seen")
        }
        seen.reached(.deletedApart, if: !unseen.isEmpty)
    }

    /// What an order that counts names is gone: of an entry the order names no value of the record's fields is left.
    private func judgeErased(_ party: Party, _ scope: ScopeID, _ entries: [StoredEntry], _ reader: any StoreReader) throws {
        for order in erasures where order.scope == scope {
            // One whose words somebody left out, and that nobody who may pass it on has whole, cannot be carried out.
            let isHere =
                try reader.entry(order.dot, in: scope).map {
                    $0.hash == order.hash && $0.entry.values.lackingPlaces.isEmpty
                } ?? false
            let counts = try reader.journal(order.dot.journal, in: scope).map { order.dot.position <= $0.counted } ?? false
            guard isHere, counts, try reader.branches(in: scope).isEmpty else { continue }
            for entry in entries where order.entries.contains(entry.hash) {
                let decoded = try DecodedEntry(
                    skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position, replica: entry.replica)
                guard case .change(let change) = decoded else { continue }
                for edit in change.edits where edit.record == order.record {
                    for write in edit.writes where write.field == order.field {
                        guard write.value?.value == nil else {
                            throw Violation("what was erased is gone", "\(party.name) still has a value of \(entry.dot)")
                        }
                    }
                }
            }
            seen.reached(.erasedEverywhere)
        }
    }

    /// How far a journal counts, by the onlooker's own reading of the rosters.
    private func judgeCounted(
        _ journal: StoredJournal, _ party: Party, _ scope: ScopeID, _ entries: [StoredEntry], _ version: UInt32
    ) throws {
        guard let key = journal.tip.key else { return }
        let id = journal.tip.journal
        let cuts = rosters[Int(version) - 1].roster.withdrawals.filter { $0.scope == scope && $0.journal == id }
        var end = Position.none
        for entry in entries.filter({ $0.journal == id }).sorted(by: { $0.position < $1.position }) {
            let named = entry.entry.roster
            guard named <= version, named >= 1, isGrantedAsOf(version, scope, key, at: named),
                cuts.allSatisfy({ entry.position <= $0.position })
            else { break }
            end = entry.position
        }
        guard journal.counted == end else {
            throw Violation(
                "who may write, counts", "\(party.name): \(id) counts to \(journal.counted), by the rosters to \(end)")
        }
    }

    /// As the roster of one version tells of an earlier one.
    private func isGrantedAsOf(_ version: UInt32, _ scope: ScopeID, _ key: PublicKey, at named: UInt32) -> Bool {
        let device = rosters[Int(version) - 1].roster.devices.first { $0.key == key }
        return device?.grants.contains { $0.scope == scope && $0.from <= named && ($0.until.map { named < $0 } ?? true) } ?? false
    }
}
