// What each kind of step does, by its luck and by what it meets.

import Causality
import Chance
import Journals
import Records
import Replicas

extension SimulatedWorld {
    /// Does one step. Throws a violation; everything else that a step can meet is part of the world.
    func take(_ step: Step) throws {
        var chance = SplitMix64(seed: step.luck)
        advanceTime(&chance)
        note(step.luck)
        switch step.kind {
        case .edit: try edit(&chance)
        case .sync: try sync(chance.one(of: laptops), with: chance.one(of: hubs), &chance)
        case .meet: try meet(&chance)
        case .carry: try carry(&chance)
        case .bundle: try writeBundle(&chance)
        case .read: try readBundle(&chance)
        case .crash: try crash(chance.one(of: parties), &chance)
        case .fail: chance.one(of: parties).trouble.failsIn = Int.random(in: 1...12, using: &chance)
        case .full: chance.one(of: parties).trouble.isFull.toggle()
        case .rot: try rot(chance.one(of: laptops), &chance)
        case .recover:
            if let party = laptops.filter(\.isRotten).randomElement(using: &chance) { try recover(party) }
        case .clock: try jump(chance.one(of: parties), &chance)
        case .copy:
            let party = chance.one(of: parties)
            party.backups.append(party.copy)
        case .clone: try clone(chance.one(of: laptops), isWhole: !chance.once(in: 3))
        case .restore: try restore(chance.one(of: laptops), &chance)
        case .restoreHub: try restore(chance.one(of: hubs), &chance)
        case .roster: try changeRoster(&chance)
        case .erase: try erase(&chance)
        case .catalogue:
            let party = chance.one(of: laptops)
            let version = chance.once(in: 2) ? 1 : 2
            try guarding([party]) { try party.reopen(rules: version) }
        case .lie: try lie(&chance)
        }
    }

    private func advanceTime(_ chance: inout SplitMix64) {
        time += Int64.random(in: 0...60_000, using: &chance)
        for party in parties { party.clock.world = time }
        liar?.time = Timestamp(milliseconds: time)
    }

    /// Runs what may fail because a store does, and looks at the party afterwards. True if it ran to its end.
    @discardableResult
    func guarding(_ involved: [Party], from sender: UInt32? = nil, _ body: () throws -> Void) throws -> Bool {
        var isWhole = true
        do { try body() } catch let crash as Crash {
            isWhole = false
            try stopped(crash)
        } catch let violation as Violation {
            throw violation
        } catch {
            isWhole = false
            guard explains(error, involved) else { throw Violation("no error without a cause", "\(error)") }
        }
        for party in involved { try look(at: party, sender) }
        return isWhole
    }

    private func explains(_ error: any Error, _ involved: [Party]) -> Bool {
        let hit = involved.contains { $0.trouble.takeHit() }
        if error is DiskFailed { seen.reached(.effectFailed) }
        if let error = error as? ReplicaError, error.code == .storeFull { seen.reached(.diskFull) }
        if let error = error as? ReplicaError, error.code == .scopeNotGranted {
            seen.reached(.writerRefused)
            return true
        }
        return hit || error is LineBroke || involved.contains(where: \.isRotten)
    }

    /// Starts a party that stopped anew.
    func stopped(_ crash: Crash, wrote meant: [TrueEdit] = [], in scope: ScopeID? = nil) throws {
        seen.reached(.crashed)
        let party = parties[crash.party]
        party.trouble.clear()
        try party.reopen()
        try look(at: party, nil, wrote: meant, in: scope)
    }

    private func crash(_ party: Party, _ chance: inout SplitMix64) throws {
        if chance.once(in: 4) {
            try stopped(Crash(party: party.index))
        } else {
            party.trouble.crashesIn = Int.random(in: 1...16, using: &chance)
        }
    }

    private func jump(_ party: Party, _ chance: inout SplitMix64) throws {
        seen.reached(.clockJumped)
        // Now and then by a battery's length: seventy years.
        let far: Int64 = chance.once(in: 3) ? 2_200_000_000_000 : 4_000_000
        party.clock.offset = Int64.random(in: -far...far, using: &chance)
    }

    private func rot(_ party: Party, _ chance: inout SplitMix64) throws {
        let scope = chance.one(of: Self.scopes)
        let count = party.log[scope]?.count ?? 0
        guard count > 0, !party.isHub else { return }
        let place = Int.random(in: 0..<count, using: &chance)
        guard party.store.flip(bit: Int.random(in: 0..<4_096, using: &chance), ofEntry: place, in: scope) else { return }
        seen.reached(.bitFlipped)
        party.isRotten = true
    }

    private func restore(_ party: Party, _ chance: inout SplitMix64) throws {
        guard !party.backups.isEmpty else { return }
        party.put(chance.one(of: party.backups), isWhole: chance.once(in: 2))
        party.wasPutBack = true
        party.trouble.clear()
        try party.reopen()
        seen.reached(.copyNoticed, if: party.replica.isDoubted)
        seen.reached(party.isHub ? .hubRestored : .laptopRestored)
        // The operator says so, or forgets to.
        if chance.once(in: 4) { try guarding([party]) { _ = try party.replica.renewReplica() } }
    }

    private func changeRoster(_ chance: inout SplitMix64) throws {
        // Rather somebody whose store was copied: withdrawals and forks meet seldom enough.
        let copied = laptops.filter { one in laptops.contains { $0.index != one.index && $0.key.publicKey == one.key.publicKey } }
        let laptop = chance.one(of: copied.isEmpty || chance.once(in: 3) ? laptops : copied)
        let scope = chance.once(in: 3) ? Self.restricted : Self.ordinary
        let hub = hubs[0]
        try hub.replica.store.reading { reader in
            let journals = try reader.journals(in: scope).filter { $0.tip.key == laptop.key.publicKey }
            try publish { roster in
                guard let i = roster.devices.firstIndex(where: { $0.key == laptop.key.publicKey }) else { return }
                if let g = roster.devices[i].grants.firstIndex(where: { $0.scope == scope && $0.until == nil }) {
                    // Not everybody loses everything.
                    guard chance.once(in: 2), roster.devices[i].grants.count > 1 || chance.once(in: 3) else { return }
                    roster.devices[i].grants[g].until = roster.version
                    for journal in journals where !roster.withdrawals.contains(where: { $0.journal == journal.tip.journal }) {
                        roster.withdrawals.append(
                            Roster.Withdrawal(
                                scope: scope, journal: journal.tip.journal, position: journal.tip.position, hash: journal.tip.hash))
                    }
                    seen.reached(.cutOff)
                } else if !roster.devices[i].grants.contains(where: { $0.scope == scope }) {
                    roster.devices[i].grants.append(Roster.Grant(scope: scope, from: roster.version))
                }
            }
        }
        for hub in hubs where hub.index == 0 || chance.once(in: 2) {
            try guarding([hub]) { try hub.replica.accept(rosters[rosters.count - 1]) }
        }
    }

    private func lie(_ chance: inout SplitMix64) throws {
        guard var liar else { return }
        defer { self.liar = liar }
        let party = chance.one(of: parties)
        let other = chance.one(of: parties)
        liar.roster = try version(of: party)
        let entries = try other.store.reading { try $0.entries(in: Self.ordinary, from: 0, limit: 1_000) }
        if chance.once(in: 3), !other.isRotten { return try passStripped(entries, to: party, &chance) }
        let told = try liar.tell(entries, &chance)
        if told.isFork { seen.reached(.liarForked) }
        try guarding([party]) {
            let report = try party.replica.ingest([told.runs], in: Self.ordinary)
            seen.reached(.lieRefused, if: !report.refusals.isEmpty)
            note(report.stored)
        }
        seen.reached(.lieQuarantined, if: try party.store.reading { try !$0.quarantined(limit: 1).isEmpty })
    }

    /// It passes on what others wrote, and leaves the values out.
    private func passStripped(_ entries: [StoredEntry], to party: Party, _ chance: inout SplitMix64) throws {
        let heard = try party.store.reading { try $0.knowledge(of: Self.ordinary) }
        let units = separateUnits(of: entries, beyond: heard)
        guard !units.isEmpty else { return }
        let stripped = units.prefix(Int.random(in: 1...3, using: &chance)).map { unit in
            unit.map { run in
                var run = run
                for i in run.entries.indices {
                    run.entries[i].values = run.entries[i].values.erasing(Set(0..<run.entries[i].values.count))
                }
                return run
            }
        }
        try guarding([party]) {
            let report = try party.replica.ingest(stripped, in: Self.ordinary)
            seen.reached(.valuesStripped, if: report.stored > 0)
            note(report.stored)
        }
    }

    // MARK: Writing

    private func edit(_ chance: inout SplitMix64) throws {
        let party = chance.one(of: laptops)
        var scope = chance.once(in: 3) ? Self.restricted : Self.ordinary
        // Now and then where it may not.
        if !isGranted(scope, to: party.key.publicKey, at: newest.version), !chance.once(in: 8) { scope = Self.ordinary }
        var picks = Array((UInt64(0)..<4).shuffled(using: &chance).prefix(chance.once(in: 6) ? 2 : 1))
        if chance.once(in: 3), let item = try party.replica.reviewItems(in: scope, limit: 1).first {
            picks = [item.item.record.low & 0xff]
        }
        var luck = chance
        try write(party, in: scope) { reader in
            [
                try picks.map { number in
                    let record = RecordID(high: 0xec0d, low: number | scope.low << 8)
                    let state = try reader.state(of: record, in: scope)
                    return Edit(
                        record: record, type: state?.type ?? (luck.once(in: 8) ? "note" : "talk"),
                        context: state?.vector ?? VersionVector(), writes: writes(on: state, party.rules, &luck))
                }
            ]
        }
    }

    private func erase(_ chance: inout SplitMix64) throws {
        let party = chance.one(of: laptops)
        let record = RecordID(high: 0xec0d, low: UInt64.random(in: 0..<4, using: &chance) | Self.ordinary.low << 8)
        let field = chance.one(of: SimulatedRules.fields)
        guard !party.isRotten, try party.replica.mayErase(), try party.replica.record(record, in: Self.ordinary) != nil else {
            return
        }
        let entries = try party.replica.entries(writing: [field], of: record, standing: chance.once(in: 2))
        guard !entries.isEmpty else { return }
        let edit = try party.replica.erasure(of: [field], of: record, in: entries, reason: "it is a clue")
        let hashes = try party.store.reading { reader in
            Set(try entries.compactMap { try reader.entry($0, in: Self.ordinary)?.hash })
        }
        let isAdmitted = try isGranted(Self.restricted, to: party.key.publicKey, at: version(of: party))
        guard try write(party, in: Self.ordinary, { _ in [[edit]] }), isAdmitted else { return }
        try party.store.reading { reader in
            guard let last = try reader.entries(in: Self.ordinary, from: 0, limit: 10_000).last else { return }
            erasures.append(
                Erasure(
                    scope: Self.ordinary, dot: last.dot, hash: last.hash, record: record, field: field, entries: hashes))
        }
        seen.reached(.valueErased)
    }

    /// Saves one change and tells the onlooker what its author had before their eyes; true if it was acknowledged.
    @discardableResult
    private func write(_ party: Party, in scope: ScopeID, _ make: (any StoreReader) throws -> [[Edit]]) throws -> Bool {
        var meant: [TrueEdit] = []
        var isAcknowledged = false
        let before = party.log[scope]?.count ?? 0
        do {
            try party.replica.commit(in: scope) { reader in
                let edits = try make(reader)
                meant = try edits.flatMap { try $0.map { try trueEdit($0, party, in: scope, reader) } }
                return edits.map { Change(author: .value(.text("somebody")), edits: $0) }
            }
            isAcknowledged = true
        } catch let crash as Crash {
            try stopped(crash, wrote: meant, in: scope)
        } catch let violation as Violation {
            throw violation
        } catch {
            guard explains(error, [party]) else {
                throw Violation("no error without a cause", "\(party.name) saving: \(error)")
            }
        }
        try look(at: party, nil, wrote: meant, in: scope)
        let new = (party.log[scope] ?? []).dropFirst(before)
        if isAcknowledged {
            guard let last = new.last, truth[last]?.edits.isEmpty == false else {
                throw Violation("an acknowledged save is there", "\(party.name) acknowledged a save that left no entry")
            }
            party.acknowledged.insert(last)
        } else if !new.isEmpty {
            seen.reached(.crashedAfterCommit)
        }
        note(new.count)
        return isAcknowledged
    }

    private func trueEdit(_ edit: Edit, _ party: Party, in scope: ScopeID, _ reader: any StoreReader) throws -> TrueEdit {
        var ordinals: [FieldKey: UInt32] = [:]
        let writes = try edit.writes.map { write in
            var ordinal: UInt32 = 0
            if write.kind == .add {
                ordinal = ordinals[write.field, default: 0]
                ordinals[write.field] = ordinal + 1
            }
            let names = try write.names.map { name -> TrueWrite.Place in
                guard let entry = try reader.entry(name.dot, in: scope) else {
                    throw Violation("what is shown is there", "\(party.name) shows \(name.dot), which it does not hold")
                }
                return TrueWrite.Place(entry: entry.hash, ordinal: name.ordinal)
            }
            return TrueWrite(
                kind: write.kind, field: write.field, names: names, value: write.value, ordinal: ordinal)
        }
        return TrueEdit(record: edit.record, writes: writes, seen: try counted(in: scope, reader))
    }

    /// The hashes of every entry that counts in a store.
    func counted(in scope: ScopeID, _ reader: any StoreReader) throws -> Set<Hash> {
        var ends: [JournalID: Position] = [:]
        for journal in try reader.journals(in: scope) { ends[journal.tip.journal] = journal.counted }
        var found: Set<Hash> = []
        for entry in try reader.entries(in: scope, from: 0, limit: 10_000) where entry.position <= ends[entry.journal] ?? .none {
            found.insert(entry.hash)
        }
        return found
    }

    private func writes(on state: RecordState?, _ rules: SimulatedRules, _ chance: inout SplitMix64) -> [Write] {
        if let state, chance.once(in: 8) { return [Write(state.isDeleted ? .restore : .delete)] }
        if let state, let deletion = state.standingDeletes.first, chance.once(in: 4) {
            return [Write(.undo, field: "", names: [.init(deletion)])]
        }
        var writes: [Write] = []
        if chance.once(in: 3) { writes = setWrites(on: state, &chance) }
        if writes.isEmpty || chance.once(in: 2) { writes.append(fieldWrite(on: state, rules, &chance)) }
        return writes
    }

    private func fieldWrite(on state: RecordState?, _ rules: SimulatedRules, _ chance: inout SplitMix64) -> Write {
        var field = chance.one(of: SimulatedRules.fields)
        if let contested = state?.fields.first(where: { $0.candidates.count > 1 })?.key, chance.once(in: 2) { field = contested }
        let isLong = schedule.hazards.contains(.cut) && chance.once(in: 6)
        let value = Self.value(of: field, isLong: isLong, &chance)
        let candidates = state?[field]?.candidates ?? []
        let settles = candidates.filter(\.isSettle)
        if !settles.isEmpty, chance.once(in: 4) {
            return Write(chance.once(in: 2) ? .approve : .undo, field: field, names: [.init(chance.one(of: settles).dot)])
        }
        guard let state, !candidates.isEmpty, !chance.once(in: 10) else { return Write(.put, field: field, value: .value(value)) }
        switch state.outcome(of: field, by: rules) {
        case .settled(_, _, let rule?):
            seen.reached(.mergedByRule)
            return Write(
                .settle, field: field, names: candidates.map { .init($0.dot) }, value: .value(value),
                reason: .value(.text(RuleClaim(name: rule).reason)))
        case .contested where !chance.once(in: 4):
            seen.reached(.settled)
            return Write(
                .settle, field: field, names: candidates.map { .init($0.dot) }, value: .value(value),
                reason: .value(.text("talked it over")))
        default: return Write(.put, field: field, names: [.init(chance.one(of: candidates).dot)], value: .value(value))
        }
    }

    private static func value(of field: FieldKey, isLong: Bool, _ chance: inout SplitMix64) -> Value {
        let number = Int64.random(in: 0...6, using: &chance)
        switch field {
        case "status": return .text(chance.one(of: SimulatedRules.ladder))
        case "body":
            return .text("They said \(number % 3). Nobody had asked \(number % 2) of them. It was left at \(number).")
        case "title" where isLong: return .text(String(repeating: "\(number) ", count: 3_000))
        default: return .integer(number)
        }
    }

    private func setWrites(on state: RecordState?, _ chance: inout SplitMix64) -> [Write] {
        let elements = state?["tags"]?.elements ?? []
        if !elements.isEmpty, chance.once(in: 2) {
            let gone = elements.shuffled(using: &chance).prefix(Int.random(in: 1...2, using: &chance))
            return [Write(.drop, field: "tags", names: gone.map(\.name))]
        }
        return (0..<Int.random(in: 1...2, using: &chance)).map { _ in
            Write(.add, field: "tags", value: .value(.integer(Int64.random(in: 0...3, using: &chance))))
        }
    }
}
