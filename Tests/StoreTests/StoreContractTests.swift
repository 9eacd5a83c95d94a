// One contract, two stores: both answer alike whatever a replica asks of them.

import Causality
import Journals
import Records
import Replicas
import Testing
import Worlds

private let scope = ScopeID(high: 1, low: 1)
private let elsewhere = ScopeID(high: 1, low: 2)
private let (ann, ben) = (JournalID(rawValue: 0xa), JournalID(rawValue: 0xffff_ffff_ffff_fff0))

/// Makes runs for a store to keep. A store looks into nothing, so the skeletons say nothing.
private struct Hand {
    let key = World.key("hand")
    private(set) var tip: Tip

    init(_ journal: JournalID, in place: ScopeID = scope) {
        tip = Tip(scope: place, replica: ReplicaID(rawValue: journal.rawValue))
    }

    init(after tip: Tip) { self.tip = tip }

    func entry(_ position: UInt64, _ values: EntryValues = .none) -> UnverifiedEntry {
        UnverifiedEntry(
            time: Timestamp(milliseconds: Int64(1_000 * position)),
            offset: position % 2 == 0 ? ClockOffset(milliseconds: -5) : nil, roster: 3,
            skeleton: [UInt8(truncatingIfNeeded: position), 0xff], values: values)
    }

    mutating func run(_ count: Int, _ values: EntryValues = .none) throws -> VerifiedRun {
        var chain = OpenChain(after: tip)
        for _ in 0..<count {
            try chain.append(entry(chain.tip.position.next.rawValue, values), birthKey: key.publicKey)
        }
        tip = chain.tip
        return try chain.signed(by: key)
    }
}

private struct Stop: Error {}

private func dot(_ journal: JournalID, _ position: UInt64) -> Dot { Dot(journal, Position(rawValue: position)) }

private func record(_ high: UInt64) -> RecordID { RecordID(high: high, low: 7) }

/// A record's state after one edit.
private func state(
    _ record: RecordID, type: TypeKey = "talk", time: Int64 = 0, title: String = "Harbour"
) throws -> RecordState {
    let edit = Edit(record: record, type: type, context: VersionVector(), writes: [.put(.text(title))])
    return try #require(
        RecordState.fold([PlacedEdit(dot: dot(ann, 2), time: Timestamp(milliseconds: time), author: "Ann", edit: edit)]))
}

/// The state of a record that its first edit deleted.
private func deletedState(_ record: RecordID, time: Int64) throws -> RecordState {
    let edit = Edit(record: record, type: "talk", context: VersionVector(), writes: [Write(.delete)])
    return try #require(
        RecordState.fold([PlacedEdit(dot: dot(ann, 2), time: Timestamp(milliseconds: time), author: "Ann", edit: edit)]))
}

private func item(_ number: UInt64, of record: RecordID, in place: ScopeID = scope, since: Int64) -> QueuedItem {
    QueuedItem(
        id: ItemID(high: number, low: 0), scope: place,
        item: ReviewItem(.contested, record: record, field: "title", dots: [dot(ann, 2), dot(ben, 2)], more: []), type: "talk",
        since: Timestamp(milliseconds: since))
}

struct StoreContractTests {
    // MARK: Journals

    @Test(arguments: StoreKind.allCases)
    func `entries come back as they went in, in the order they arrived`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var (hand, other) = (Hand(ann), Hand(ben))
        let sealed = EntryValues.sealed(seed: [UInt8](repeating: 9, count: 16), values: [[1, 2], []])
        let runs = try [hand.run(2), other.run(1, sealed), hand.run(3, sealed.erasing([0]))]
        let firsts = try store.writing { writer in try runs.map { try writer.append($0) } }
        let all = try store.reading { try $0.entries(in: scope, from: 0, limit: 100) }

        #expect(all.map(\.dot) == [dot(ann, 1), dot(ann, 2), dot(ben, 1), dot(ann, 3), dot(ann, 4), dot(ann, 5)])
        #expect(all.map(\.arrival) == [firsts[0], firsts[0] + 1, firsts[1], firsts[2], firsts[2] + 1, firsts[2] + 2])
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.arrival < $1.arrival })
        let chained = runs.flatMap(\.entries)
        #expect(all.map(\.hash) == chained.map(\.hash))
        #expect(all.map(\.entry.skeleton) == chained.map(\.skeleton))
        #expect(all.map(\.entry.values) == chained.map(\.values))
        #expect(all.map(\.entry.time) == chained.map(\.header.time))
        #expect(all.map(\.entry.offset) == chained.map(\.header.offset))
        #expect(all.map(\.entry.roster) == chained.map(\.header.roster))
        #expect(all.map(\.replica) == chained.map(\.header.replica))
        #expect(all.map(\.signature) == [nil, runs[0].signature, runs[1].signature, nil, nil, runs[2].signature])
    }

    @Test(arguments: StoreKind.allCases)
    func `entries are read from a place on, no more of them than asked for`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var (hand, other, far) = (Hand(ann), Hand(ben), Hand(ann, in: elsewhere))
        let runs = try [hand.run(3), far.run(2), other.run(2), hand.run(2)]
        let firsts = try store.writing { writer in try runs.map { try writer.append($0) } }
        try store.reading { reader in
            let some = try reader.entries(in: scope, from: firsts[0] + 1, limit: 3)
            #expect(some.map(\.dot) == [dot(ann, 2), dot(ann, 3), dot(ben, 1)])
            let rest = try reader.entries(in: scope, from: firsts[3] + 1, limit: 100)
            #expect(rest.map(\.dot) == [dot(ann, 5)])
            let none = try reader.entries(in: scope, from: firsts[3] + 2, limit: 100)
            #expect(none.isEmpty)
            let journal = try reader.entries(of: ann, in: scope, from: 2, limit: 3)
            #expect(journal.map(\.dot) == [dot(ann, 2), dot(ann, 3), dot(ann, 4)])
            let beyond = try reader.entries(of: ann, in: scope, from: 6, limit: 3)
            #expect(beyond.isEmpty)
            let far = try reader.entries(in: elsewhere, from: 0, limit: 100)
            #expect(far.map(\.dot) == [dot(ann, 1), dot(ann, 2)])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an entry is found by its dot, and so is its arrival`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let run = try hand.run(2)
        let first = try store.writing { try $0.append(run) }
        try store.reading { reader in
            let found = try reader.entry(dot(ann, 2), in: scope)
            #expect(found?.hash == run.entries[1].hash)
            let arrival = try reader.arrival(of: dot(ann, 2), in: scope)
            #expect(arrival == first + 1)
            let missing = [(dot(ann, 3), scope), (dot(ann, 0), scope), (dot(ben, 1), scope), (dot(ann, 1), elsewhere)]
            for (nothing, place) in missing {
                let entry = try reader.entry(nothing, in: place)
                #expect(entry == nil)
                let arrival = try reader.arrival(of: nothing, in: place)
                #expect(arrival == nil)
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a journal ends where its last run did, and counts as far as was set`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var (hand, other, far) = (Hand(ann), Hand(ben), Hand(ben, in: elsewhere))
        let runs = try [other.run(1), hand.run(2), far.run(1), hand.run(1)]
        try store.writing { writer in
            for run in runs { _ = try writer.append(run) }
            try writer.setCounted(2, of: ann, in: scope)
        }
        try store.reading { reader in
            let scopes = try reader.scopes()
            #expect(scopes == [scope, elsewhere])
            let journals = try reader.journals(in: scope)
            #expect(journals == [StoredJournal(tip: hand.tip, counted: 2), StoredJournal(tip: other.tip, counted: 0)])
            let one = try reader.journal(ann, in: scope)
            #expect(one == journals[0])
            let missing = try reader.journal(ann, in: elsewhere)
            #expect(missing == nil)
            let knowledge = try reader.knowledge(of: scope)
            #expect(knowledge.heads.map(\.hash) == [hand.tip.hash, other.tip.hash])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `the values of an entry are replaced, and nothing else of it`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let run = try hand.run(3, .sealed(seed: [UInt8](repeating: 9, count: 16), values: [[1], [2]]))
        let erased = run.entries[1].values.erasing([1])
        _ = try store.writing { try $0.append(run) }
        let before = try store.reading { try $0.entries(in: scope, from: 0, limit: 10) }
        try store.writing { try $0.setValues(erased, of: dot(ann, 2), in: scope) }
        let after = try store.reading { try $0.entries(in: scope, from: 0, limit: 10) }
        var expected = before
        expected[1].entry.values = erased
        #expect(after == expected)
    }

    @Test(arguments: StoreKind.allCases)
    func `a writer sees what it has written itself`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let (first, second) = (try hand.run(1), try hand.run(1))
        let count = try store.writing { writer in
            _ = try writer.append(first)
            _ = try writer.append(second)
            return try writer.entries(in: scope, from: 0, limit: 10).count
        }
        #expect(count == 2)
    }

    // MARK: Forks

    @Test(arguments: StoreKind.allCases)
    func `a split ends a journal and moves what follows into a branch`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let first = try hand.run(3)
        let common = hand.tip
        let later = try hand.run(2)
        let replica = ReplicaID(rawValue: ann.rawValue)
        let branch = JournalID.branch(of: replica, first: later.entries[0].hash)
        var end = hand.tip
        end.journal = branch
        try store.writing { writer in
            _ = try writer.append(first)
            _ = try writer.append(later)
            try writer.setCounted(5, of: ann, in: scope)
            try writer.split(ann, in: scope, at: 4, into: branch)
        }
        let tip = end
        try store.reading { reader in
            let parent = try reader.journal(ann, in: scope)
            #expect(parent == StoredJournal(tip: common, counted: 3))
            let child = try reader.journal(branch, in: scope)
            #expect(child == StoredJournal(tip: tip, counted: 5))
            let branches = try reader.branches(in: scope)
            #expect(branches == [Branches.Branch(journal: branch, parent: ann, replica: replica, start: 4)])
            let all = try reader.entries(in: scope, from: 0, limit: 10)
            #expect(all.map(\.dot) == [dot(ann, 1), dot(ann, 2), dot(ann, 3), dot(branch, 4), dot(branch, 5)])
            #expect(all.map(\.hash) == (first.entries + later.entries).map(\.hash))
            let moved = try reader.entries(of: branch, in: scope, from: 1, limit: 10)
            #expect(moved.map(\.position) == [4, 5])
            let gone = try reader.entry(dot(ann, 4), in: scope)
            #expect(gone == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a split hangs later branches on the new one`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let run = try hand.run(6)
        let replica = ReplicaID(rawValue: ann.rawValue)
        let branch = JournalID.branch(of: replica, first: run.entries[3].hash)
        let (later, same) = (JournalID(rawValue: 0x77), JournalID(rawValue: 0x66))
        try store.writing { writer in
            _ = try writer.append(run)
            try writer.insert(Branches.Branch(journal: later, parent: ann, replica: replica, start: 6), in: scope)
            try writer.insert(Branches.Branch(journal: same, parent: ann, replica: replica, start: 4), in: scope)
            try writer.split(ann, in: scope, at: 4, into: branch)
        }
        let branches = try store.reading { try $0.branchMap(in: scope) }
        #expect(branches[later]?.parent == branch)
        #expect(branches[same]?.parent == ann)
        #expect(branches[branch]?.parent == ann)
        #expect(branches.end(of: ann) == Position(rawValue: 3))
    }

    @Test(arguments: StoreKind.allCases)
    func `a split at the birth leaves nothing of the journal`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let run = try hand.run(2)
        let branch = JournalID.branch(of: ReplicaID(rawValue: ann.rawValue), first: run.entries[0].hash)
        try store.writing { writer in
            _ = try writer.append(run)
            try writer.split(ann, in: scope, at: 1, into: branch)
        }
        let journals = try store.reading { try $0.journals(in: scope) }
        #expect(journals.map(\.tip.journal) == [branch])
        #expect(journals.map(\.tip.position) == [2])
    }

    @Test(arguments: StoreKind.allCases)
    func `a branch without entries takes its first run behind its parent`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let run = try hand.run(2)
        let replica = ReplicaID(rawValue: ann.rawValue)
        let (first, _) = try hand.tip.chaining(hand.entry(3))
        let branch = JournalID.branch(of: replica, first: first.hash)
        try store.writing { writer in
            _ = try writer.append(run)
            try writer.insert(Branches.Branch(journal: branch, parent: ann, replica: replica, start: 3), in: scope)
            let tip = try #require(try writer.tip(of: branch, replica: replica, in: scope))
            var hand = Hand(after: tip)
            _ = try writer.append(try hand.run(1))
        }
        let found = try store.reading { try $0.entry(dot(branch, 3), in: scope) }
        #expect(found?.hash == first.hash)
        #expect(found?.replica == replica)
    }

    @Test(arguments: StoreKind.allCases)
    func `evidence of a fork is kept as it came`(_ kind: StoreKind) throws {
        let store = try kind.open()
        let key = World.key("hand")
        let replica = ReplicaID(rawValue: ann.rawValue)
        let before = Hash(.header, [1])
        let headers = (0..<2).map { n in
            Header(
                scope: scope, replica: replica, position: 5, previous: before, time: Timestamp(milliseconds: n), offset: nil,
                roster: 1, rest: Hash(.rest, [2]))
        }.sorted { $0.hash < $1.hash }
        let evidence = UnverifiedForkProof(
            scope: scope, journal: ann, replica: replica, position: 5,
            branches: try headers.map { header in
                ForkBranch(headers: [header.bytes], signature: try key.sign(.signedHead, header.hash.bytes))
            })
        let proof = try ForkProof(checking: evidence, previous: before, key: key.publicKey) { _ in nil }
        try store.writing { try $0.insert(proof) }
        let (here, there) = try store.reading { (try $0.proofs(in: scope), try $0.proofs(in: elsewhere)) }
        #expect(here == [evidence])
        #expect(there.isEmpty)
    }

    // MARK: Records

    @Test(arguments: StoreKind.allCases)
    func `a state with everything in it comes back whole`(_ kind: StoreKind) throws {
        let id = record(1)
        var edits: [PlacedEdit] = []
        func add(_ place: Dot, seeing seen: [Dot] = [], by author: String? = nil, _ writes: Write...) {
            var context = VersionVector()
            for dot in seen { context.see(dot) }
            let edit = Edit(record: id, type: "talk", context: context, writes: writes)
            let time = Timestamp(milliseconds: Int64(place.position.rawValue))
            edits.append(PlacedEdit(dot: place, time: time, author: author, edit: edit))
        }
        let (a2, a3, b2, b3, b4) = (dot(ann, 2), dot(ann, 3), dot(ben, 2), dot(ben, 3), dot(ben, 4))
        add(
            a2, by: "Ann", .put(.text("a")), Write(.add, field: "tags", value: .value(.integer(-1))),
            Write(.add, field: "tags", value: .erased), .put(.unrecognised([0xfa, 0x01, 0x00]), "odd"))
        add(b2, Write(.put, field: "title", value: .value(.list([.flag(true), .text("b")])), reason: .erased))
        let both = [Write.Name(a2), Write.Name(b2)]
        let rule = Content.value(.text("rule:latest@1"))
        add(a3, seeing: [a2, b2], Write(.settle, field: "title", names: both, value: .value(.text("c")), reason: rule))
        add(b3, seeing: [a3, b2], by: "Ben", Write(.approve, field: "title", names: [Write.Name(a3)]))
        add(dot(ann, 4), seeing: [a3, b2], Write(.drop, field: "tags", names: [Write.Name(a2, ordinal: 0)]))
        add(b4, seeing: [a3, b3], Write(.delete))
        add(dot(ben, 5), seeing: [a3, b4], .put(.empty, "place"))
        let state = try #require(RecordState.fold(edits))
        #expect(state.isDeleted && !state.unseenEdits.isEmpty && !state.latePuts.isEmpty)
        let store = try kind.open()
        try store.writing { try $0.setState(state, in: scope, items: [], edits: []) }
        let kept = try store.reading { try $0.state(of: id, in: scope) }
        #expect(kept == state)
    }

    @Test(arguments: StoreKind.allCases)
    func `states come ascending by record, page by page, the last one written`(_ kind: StoreKind) throws {
        let store = try kind.open()
        let highs: [UInt64] = [0, 1, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, .max]
        let ids = highs.map { record($0) }
        let states = try ids.map { try state($0) }
        let newer = try state(ids[2], title: "Second")
        try store.writing { writer in
            for state in states.reversed() { try writer.setState(state, in: scope, items: [], edits: []) }
            try writer.setState(newer, in: scope, items: [], edits: [])
            try writer.setState(states[0], in: elsewhere, items: [], edits: [])
        }
        try store.reading { reader in
            let first = try reader.states(in: scope, after: nil, limit: 2)
            #expect(first.map(\.record) == [ids[0], ids[1]])
            let rest = try reader.states(in: scope, after: ids[1], limit: 10)
            #expect(rest == [newer, states[3], states[4]])
            let none = try reader.states(in: scope, after: ids[4], limit: 10)
            #expect(none.isEmpty)
            let (count, far) = (try reader.recordCount(in: scope), try reader.recordCount(in: elsewhere))
            #expect(count == 5 && far == 1)
            let missing = try reader.state(of: ids[1], in: elsewhere)
            #expect(missing == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a list shows the newest first, of one type and scope or of all`(_ kind: StoreKind) throws {
        let store = try kind.open()
        let made: [(scope: ScopeID, state: RecordState)] = [
            (scope, try state(record(1), time: 10)), (scope, try state(record(2), time: 30)),
            (scope, try state(record(3), type: "person", time: 20)), (elsewhere, try state(record(4), time: 20)),
            (scope, try deletedState(record(5), time: 5)),
        ]
        try store.writing { writer in
            for (scope, state) in made { try writer.setState(state, in: scope, items: [], edits: []) }
        }
        func list(
            _ scope: ScopeID?, _ type: TypeKey?, deleted: Bool? = nil, limit: Int = 10, offset: Int = 0
        ) throws -> [RecordID] {
            let found = try store.reading {
                let count = try $0.count(scope: scope, type: type, deleted: deleted)
                let all = try $0.list(scope: scope, type: type, deleted: deleted, limit: 10, offset: 0)
                #expect(count == all.count)
                return try $0.list(scope: scope, type: type, deleted: deleted, limit: limit, offset: offset)
            }
            #expect(found.allSatisfy { one in made.contains { $0.scope == one.scope && $0.state == one.state } })
            return found.map { $0.state.record }
        }
        let all = try list(nil, nil)
        #expect(all == [record(2), record(3), record(4), record(1), record(5)])
        let talks = try list(nil, "talk", deleted: false)
        #expect(talks == [record(2), record(4), record(1)])
        let gone = try list(scope, "talk", deleted: true)
        #expect(gone == [record(5)])
        let here = try list(scope, nil, deleted: false)
        #expect(here == [record(2), record(3), record(1)])
        let both = try list(scope, "talk")
        #expect(both == [record(2), record(1), record(5)])
        let page = try list(nil, nil, limit: 2, offset: 1)
        #expect(page == [record(3), record(4)])
        let nothing = try list(ScopeID(high: 9, low: 9), nil) + list(nil, "zither") + list(nil, nil, offset: 5)
        #expect(nothing.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `a record is found by its scope and by a range its id is in`(_ kind: StoreKind) throws {
        let store = try kind.open()
        let highs: [UInt64] = [0xab01_0000_0000_0000, 0xab12_0000_0000_0000, 0xcd00_0000_0000_0000]
        let ids = highs.map { record($0) }
        let states = try ids.map { try state($0) }
        try store.writing { writer in
            try writer.setState(states[0], in: scope, items: [], edits: [])
            try writer.setState(states[1], in: elsewhere, items: [], edits: [])
            try writer.setState(states[2], in: scope, items: [], edits: [])
        }
        func range(_ low: UInt64, _ high: UInt64) -> ClosedRange<RecordID> {
            RecordID(high: low, low: 0)...RecordID(high: high, low: .max)
        }
        let expected: [(ClosedRange<RecordID>, [RecordID])] = [
            (range(0xab << 56, 0xac << 56 - 1), [ids[0], ids[1]]), (range(0xab01 << 48, 0xab11 << 48), [ids[0]]),
            (range(0, .max), ids), (ids[2]...ids[2], [ids[2]]), (range(0xab02 << 48, 0xab12 << 48 - 1), []),
            (RecordID(high: highs[0], low: 8)...RecordID(high: highs[1], low: 7), [ids[1]]),
        ]
        try store.reading { reader in
            for (range, records) in expected {
                let found = try reader.records(range, limit: 10)
                #expect(found == records, "\(range)")
            }
            let one = try reader.records(range(0, .max), limit: 1)
            #expect(one == [ids[0]])
            let scopes = try ids.map { try reader.scope(of: $0) }
            #expect(scopes == [scope, elsewhere, scope])
            let missing = try reader.scope(of: record(5))
            #expect(missing == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a record's history is the entries that edit it, each once, in the order of arrival`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var (hand, other, far) = (Hand(ann), Hand(ben), Hand(ann, in: elsewhere))
        let (mine, theirs, distant) = (try hand.run(3), try other.run(2), try far.run(1))
        let (one, two) = (try state(record(1)), try state(record(2)))
        try store.writing { writer in
            let (a, b, c) = (try writer.append(mine), try writer.append(theirs), try writer.append(distant))
            try writer.setState(one, in: scope, items: [], edits: [b + 1, a + 1])
            try writer.setState(one, in: scope, items: [], edits: [a + 1, a + 2])
            try writer.setState(two, in: scope, items: [], edits: [a + 1])
            try writer.setState(two, in: elsewhere, items: [], edits: [c])
        }
        try store.reading { reader in
            let history = try reader.history(of: record(1), in: scope)
            #expect(history.map(\.dot) == [dot(ann, 2), dot(ann, 3), dot(ben, 2)])
            let short = try reader.history(of: record(2), in: scope)
            #expect(short.map(\.dot) == [dot(ann, 2)])
            let none = try reader.history(of: record(3), in: scope)
            #expect(none.isEmpty)
            let counts = try [scope, elsewhere].map { try reader.editCount(in: $0) }
            #expect(counts == [4, 1])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `review items are found by a range their ids are in, ascending`(_ kind: StoreKind) throws {
        let store = try kind.open()
        let items = [item(3, of: record(1), since: 10), item(2, of: record(1), since: 20), item(9, of: record(1), since: 5)]
        let one = try state(record(1))
        try store.writing { try $0.setState(one, in: scope, items: items, edits: []) }
        func found(_ low: UInt64, _ high: UInt64, limit: Int = 10) throws -> [QueuedItem] {
            try store.reading { try $0.items(ItemID(high: low, low: 0)...ItemID(high: high, low: 0), limit: limit) }
        }
        let (some, first, none) = (try found(2, 8), try found(0, .max, limit: 1), try found(4, 8))
        #expect(some == [items[1], items[0]])
        #expect(first == [items[1]])
        #expect(none.isEmpty)
    }

    @Test(arguments: StoreKind.allCases)
    func `review items stand oldest first, and go with the state they came with`(_ kind: StoreKind) throws {
        let store = try kind.open()
        let (one, two) = (try state(record(1)), try state(record(2)))
        let items = [
            item(3, of: record(1), since: 10), item(2, of: record(1), since: 10), item(1, of: record(1), since: 30),
            item(4, of: record(2), in: elsewhere, since: 20),
        ]
        try store.writing { writer in
            try writer.setState(one, in: scope, items: Array(items[..<3]), edits: [])
            try writer.setState(two, in: elsewhere, items: [items[3]], edits: [])
        }
        func queue(_ scope: ScopeID?, limit: Int = 10, offset: Int = 0) throws -> [QueuedItem] {
            try store.reading { try $0.items(in: scope, limit: limit, offset: offset) }
        }
        let all = try queue(nil)
        #expect(all == [items[1], items[0], items[3], items[2]])
        let here = try queue(scope)
        #expect(here == [items[1], items[0], items[2]])
        let page = try queue(nil, limit: 2, offset: 1)
        #expect(page == [items[0], items[3]])
        let none = try queue(ScopeID(high: 9, low: 9))
        #expect(none.isEmpty)

        try store.writing { try $0.setState(one, in: scope, items: [items[2]], edits: []) }
        let fewer = try queue(nil)
        #expect(fewer == [items[3], items[2]])
        let count = try store.reading { try $0.itemCount() }
        #expect(count == 2)
    }

    @Test(arguments: StoreKind.allCases)
    func `removing a scope's states leaves its entries and every other scope`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let run = try hand.run(2)
        let (one, two) = (try state(record(1)), try state(record(2)))
        try store.writing { writer in
            let first = try writer.append(run)
            try writer.setState(one, in: scope, items: [item(1, of: record(1), since: 1)], edits: [first + 1])
            try writer.setState(two, in: elsewhere, items: [item(2, of: record(2), in: elsewhere, since: 1)], edits: [])
            try writer.removeStates(in: scope)
        }
        try store.reading { reader in
            let counts = try [reader.recordCount(in: scope), reader.editCount(in: scope), reader.itemCount()]
            #expect(counts == [0, 0, 1])
            let history = try reader.history(of: record(1), in: scope)
            #expect(history.isEmpty)
            let entries = try reader.entries(in: scope, from: 0, limit: 10)
            #expect(entries.count == 2)
            let far = try reader.state(of: record(2), in: elsewhere)
            #expect(far == two)
        }
    }

    // MARK: The rest

    @Test(arguments: StoreKind.allCases)
    func `settings are set, replaced, found by prefix and removed`(_ kind: StoreKind) throws {
        let store = try kind.open()
        try store.writing { writer in
            for key in ["b", "a%1", "a_2", "a"] { try writer.setSetting(key, Array(key.utf8)) }
            try writer.setSetting("b", [])
        }
        try store.reading { reader in
            let (empty, missing) = (try reader.setting("b"), try reader.setting("c"))
            #expect(empty == [] && missing == nil)
            let found = try reader.settings(beginning: "a")
            let keys = ["a", "a%1", "a_2"]
            #expect(found.map { $0.key } == keys)
            #expect(found.map { $0.value } == keys.map { Array($0.utf8) })
            let literal = try reader.settings(beginning: "a_")
            #expect(literal.map { $0.key } == ["a_2"])
            let all = try reader.settings(beginning: "")
            #expect(all.count == 4)
        }
        try store.writing { writer in
            try writer.setSetting("a", nil)
            try writer.setSetting("never", nil)
        }
        let gone = try store.reading { try $0.setting("a") }
        #expect(gone == nil)
    }

    @Test(arguments: StoreKind.allCases)
    func `drafts are kept by key until they are taken away`(_ kind: StoreKind) throws {
        let store = try kind.open()
        let drafts = ["a", "b"].map { Draft(key: $0, saved: Timestamp(milliseconds: 5), bytes: Array("\($0) 🦆".utf8)) }
        let newer = Draft(key: "a", saved: Timestamp(milliseconds: 6), bytes: [])
        try store.writing { writer in
            for draft in drafts.reversed() { try writer.setDraft(draft.key, draft) }
        }
        let both = try store.reading { try $0.drafts() }
        #expect(both == drafts)
        try store.writing { writer in
            try writer.setDraft("a", newer)
            try writer.setDraft("b", nil)
        }
        let one = try store.reading { try $0.drafts() }
        #expect(one == [newer])
    }

    @Test(arguments: StoreKind.allCases)
    func `what did not verify is kept once, with the reason, the newest last`(_ kind: StoreKind) throws {
        let store = try kind.open()
        let faults = [Fault(.signatureInvalid, "first"), Fault(.malformed, "second"), Fault(.tooLarge)]
        try store.writing { writer in
            for (n, fault) in faults.enumerated() {
                for _ in 0..<2 {
                    try writer.quarantine(
                        [UInt8(n), 0], of: dot(ann, UInt64(n + 1)), in: scope, fault: fault, time: Timestamp(milliseconds: 9))
                }
            }
        }
        try store.writing {
            try $0.quarantine([0, 0], of: dot(ann, 1), in: scope, fault: faults[1], time: Timestamp(milliseconds: 10))
        }
        let all = try store.reading { try $0.quarantined(limit: 10) }
        #expect(all.map(\.fault) == faults)
        #expect(all.map(\.bytes) == [[0, 0], [1, 0], [2, 0]])
        #expect(all.map(\.position) == [1, 2, 3])
        #expect(all.allSatisfy { $0.scope == scope && $0.journal == ann && $0.time == Timestamp(milliseconds: 9) })
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.id < $1.id })
        let newest = try store.reading { try $0.quarantined(limit: 2) }
        #expect(newest == Array(all.dropFirst()))
    }

    // MARK: Transactions

    @Test(arguments: StoreKind.allCases)
    func `what a writer did that threw did not happen`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let run = try hand.run(2)
        let one = try state(record(1))
        func write(_ writer: any StoreWriter) throws {
            let first = try writer.append(run)
            try writer.setState(one, in: scope, items: [item(1, of: record(1), since: 1)], edits: [first])
            try writer.setSetting("a", [1])
            try writer.setDraft("a", Draft(key: "a", saved: Timestamp(milliseconds: 1), bytes: []))
            try writer.quarantine([1], of: dot(ann, 1), in: scope, fault: Fault(.malformed), time: Timestamp(milliseconds: 1))
        }
        #expect(throws: Stop.self) {
            try store.writing { writer in
                try write(writer)
                throw Stop()
            }
        }
        try store.reading { reader in
            let (scopes, drafts) = (try reader.scopes(), try reader.drafts())
            #expect(scopes.isEmpty && drafts.isEmpty)
            let (setting, quarantined) = (try reader.setting("a"), try reader.quarantined(limit: 10))
            #expect(setting == nil && quarantined.isEmpty)
            let counts = try [reader.recordCount(in: scope), reader.itemCount()]
            #expect(counts == [0, 0])
        }
        // And it can be done again.
        try store.writing { try write($0) }
        let entries = try store.reading { try $0.entries(in: scope, from: 0, limit: 10) }
        #expect(entries.map(\.hash) == run.entries.map(\.hash))
    }

    @Test(arguments: StoreKind.allCases)
    func `a reader sees one state, whatever is written meanwhile`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let (first, second) = (try hand.run(1), try hand.run(1))
        _ = try store.writing { try $0.append(first) }
        try store.reading { reader in
            let before = try reader.entries(in: scope, from: 0, limit: 10)
            try store.writing { writer in
                _ = try writer.append(second)
                try writer.setSetting("a", [1])
            }
            let after = try reader.entries(in: scope, from: 0, limit: 10)
            #expect(before.count == 1 && after == before)
            let setting = try reader.setting("a")
            #expect(setting == nil)
            let journal = try reader.journal(ann, in: scope)
            #expect(journal?.tip.position == Position(rawValue: 1))
        }
        let now = try store.reading { try $0.entries(in: scope, from: 0, limit: 10) }
        #expect(now.count == 2)
    }

    @Test(arguments: StoreKind.allCases)
    func `a store in order finds no fault with itself`(_ kind: StoreKind) throws {
        let store = try kind.open()
        var hand = Hand(ann)
        let run = try hand.run(2)
        _ = try store.writing { try $0.append(run) }
        let faults = try store.faults()
        #expect(faults.isEmpty)
    }
}
