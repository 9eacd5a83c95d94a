// Sound things of every kind, for seeds to be made of.

import Causality
import Journals
import Records
import Wire
import Worlds

enum Samples {
    static let scope = ScopeID(high: 0xd0d1, low: 1)
    static let time = Timestamp(milliseconds: World.start)

    /// Every kind of value there is.
    static let values: [Value] = [
        .empty, .text("谈话 cafe\u{301}"), .integer(-65), .decimal("-1.50"), .flag(true), .date("2026-05-11"),
        .time("2026-05-11T09:30+08:00"), .reference(RecordID(high: 1, low: 2)),
        .list([.text("x"), .list([.flag(false), .data([1, 2])])]),
        .data([0, 255]), .unrecognised([0x0a, 0x81, 0x00, 0x78]),
    ]

    /// A change that writes in every way there is.
    static var change: Change {
        let (one, two) = (Dot(JournalID(rawValue: 2), 3), Dot(JournalID(rawValue: 5), 300))
        let context = VersionVector([one, two].map { VersionVector.Component(journal: $0.journal, position: $0.position) })
        func name(_ dot: Dot, _ ordinal: UInt32 = 0) -> Write.Name { Write.Name(dot, ordinal: ordinal) }
        let writes = [
            Write(.put, field: "title", names: [name(one)], value: .value(.text("x")), reason: .value(.text("because"))),
            Write(.settle, field: "place", names: [name(one), name(two)], value: .value(.empty)),
            Write(.approve, field: "state", names: [name(two)]), Write(.undo, field: "kind", names: [name(one)]),
            Write(.add, field: "tags", value: .value(.text("a"))), Write(.add, field: "tags", value: .value(.integer(7))),
            Write(.drop, field: "tags", names: [name(two, 2)]),
        ]
        let record = RecordID(high: 3, low: 4)
        return Change(
            author: .value(.text("p1")), message: .value(.text("said")),
            edits: [
                Edit(record: record, type: "talk", context: context, writes: writes),
                Edit(record: RecordID(high: 3, low: 5), type: "talk", context: context, writes: [Write(.delete)]),
                Edit(record: RecordID(high: 3, low: 6), type: "note", context: VersionVector(), writes: [Write(.restore)]),
            ])
    }

    /// A change with every kind of value in it.
    static var fullChange: Change {
        let writes = values.enumerated().map { Write(.put, field: FieldKey("field_\($0.offset)"), value: .value($0.element)) }
        return Change(
            [writes, [Write(.add, field: "tags", value: .value(.text("t")))]].flatMap { $0 }, of: RecordID(high: 8, low: 9))
    }

    /// A device that writes its journal by hand.
    static var author: Author {
        Author(key: World.key("ann"), scope: scope, replica: ReplicaID(rawValue: 7), time: time, roster: 1)
    }

    /// A birth, changes whole and with something erased, all of it signed.
    static var run: UnverifiedRun {
        var author = author
        var entries = [author.birth(), author.entry(fullChange), author.entry(change), author.entry(change)]
        entries[2].offset = ClockOffset(milliseconds: -7)
        entries[3].values = entries[3].values.erasing([0, 2])
        entries[3].time = Timestamp(milliseconds: World.start + 9)
        return sound { try author.run(entries) }
    }

    /// A run whose end only headers lead to a signature.
    static var coveredRun: UnverifiedRun {
        var author = author
        let all = [author.birth(), author.entry("one", of: RecordID(high: 3, low: 4)), author.entry(change)]
        let headers = author.headers(of: all)
        var run = sound { try author.run(all) }
        run.entries.removeLast()
        run.cover = [headers[2].bytes]
        run.previous = .zero
        return run
    }

    static var tail: [UInt8] {
        var writer = TailWriter()
        for run in [run, coveredRun] {
            writer.begin(journal: run.journal, replica: run.replica, start: run.start, previous: run.previous)
            for entry in run.entries { writer.append(entry) }
            if let signature = run.signature { writer.sign(signature, cover: run.cover) }
        }
        return writer.bytes
    }

    /// Proof that one journal went on in two ways.
    static var proof: UnverifiedForkProof {
        let birth = author.birth()
        let sides = ["one", "two"].map { text -> (header: Header, branch: ForkBranch) in
            var author = author
            let entries = [birth, author.entry(text, of: RecordID(high: 3, low: 4))]
            let header = author.headers(of: entries)[1]
            let run = sound { try author.run(entries) }
            return (header, ForkBranch(headers: [header.bytes], signature: run.signature ?? []))
        }
        return UnverifiedForkProof(
            scope: scope, journal: author.journal, replica: author.replica, position: 2,
            branches: sides.sorted { $0.header.hash < $1.header.hash }.map(\.branch))
    }

    /// Every kind of message, in an order in which they may come.
    static var messages: [ExchangeMessage] {
        let hash = Hash(.value, [1])
        let heads = [Head(journal: author.journal, position: 3, hash: hash)]
        let receipt = sound {
            try Receipt(scope: scope, time: time, digest: hash, heads: heads, signer: World.key("service"))
        }
        return [
            .opening(
                Opening(scope: scope, heads: heads, zstd: true, partial: Partial(length: 9_000, held: 5_000, digest: hash))),
            .refusal(Refusal(scope: scope, journal: author.journal, position: 2, code: "gap", detail: "why")),
            .divergence(Divergence(scope: scope, journal: author.journal, position: 2)),
            .receipt(receipt.unverified), .proof(proof),
            .frame(UnverifiedFrame(scope: scope, tail: tail, compression: nil)),
            .frame(UnverifiedFrame(scope: scope, body: .zstd([1, 2, 3]))), .continuation([1, 2, 3]), .end,
        ]
    }

    static var roster: Roster {
        let (root, service, ann) = (World.key("root"), World.key("service"), World.key("ann"))
        var roster = Roster(
            version: 3, root: root.publicKey, service: service.publicKey, issued: time,
            expires: Timestamp(milliseconds: World.start + 1), catalogue: [UInt8](repeating: 1, count: 32))
        roster.people = [Roster.Person(id: "p1", name: "Ann", unit: "u")]
        roster.scopes = [Roster.Scope(id: scope, name: "everyone", title: "Everyone", kind: .ordinary)]
        roster.devices = [
            Roster.Device(
                key: ann.publicKey, person: "p1", name: "laptop", grants: [Roster.Grant(scope: scope, from: 1, until: 9)],
                agreement: ann.agreement)
        ]
        return roster
    }
}
