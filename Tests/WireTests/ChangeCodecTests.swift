import Causality
import Chance
import FoundationEssentials
import Journals
import Records
import Support
import SwiftProtobuf
import Testing
import Wire

private let replica = ReplicaID(rawValue: 100)
private let seed = [UInt8](repeating: 7, count: 16)

struct ChangeCodecTests {
    @Test(arguments: UInt64(0)..<20)
    func `what an author wrote is what a reader reads`(_ block: UInt64) throws {
        var chance = SplitMix64(seed: block)
        for _ in 0..<50 {
            let change = someChange(&chance)
            let (skeleton, values) = change.encoded()
            let read = try DecodedEntry(skeleton: skeleton, values: sealed(values), position: 2, replica: replica)
            guard case .change(let again) = read else {
                Issue.record("a change was read as something else")
                return
            }
            #expect(again == change)
            #expect(again.encoded().skeleton == skeleton)
            #expect(again.encoded().values == values)
        }
    }

    @Test(arguments: UInt64(0)..<20)
    func `an erased value is read as erased, in its place, and the others as they were`(_ seed: UInt64) throws {
        var chance = SplitMix64(seed: seed)
        let change = someChange(&chance)
        let (skeleton, values) = change.encoded()
        for gone in values.indices {
            let erased = sealed(values).erasing([gone])
            let read = try DecodedEntry(skeleton: skeleton, values: erased, position: 2, replica: replica)
            guard case .change(let again) = read else {
                Issue.record("a change was read as something else")
                return
            }
            var contents = change.contents
            contents[gone] = .erased
            #expect(again.contents == contents)
        }
    }

    @Test func `a birth reads back`() throws {
        let key = try #require(PublicKey([UInt8](repeating: 3, count: 32)))
        for birth in [Birth(key: key, earlier: nil), Birth(key: key, earlier: replica)] {
            let read = try DecodedEntry(skeleton: birth.skeleton, values: .none, position: 1, replica: replica)
            #expect(read == .birth(birth))
            #expect(DecodedEntry.birthKey(birth.skeleton) == key)
        }
        var chance = SplitMix64(seed: 1)
        #expect(DecodedEntry.birthKey(someChange(&chance).encoded().skeleton) == nil)
        #expect(DecodedEntry.birthKey([0xff]) == nil)
    }

    @Test(arguments: Example.all(in: "hashing"))
    func `the skeletons and values of the hashing vectors are read`(_ example: Example) throws {
        let values = example["values"].list.map { $0.isNull ? nil : $0.bytes }
        let parts = values.map { value -> EntryValues.Part in
            if let value { .present(salt: seed, value: value) } else { .erased(commitment: .zero) }
        }
        let isBirth = example["position"].position == 1
        _ = try DecodedEntry(
            skeleton: example["skeleton"].bytes, values: .opened(parts), position: isBirth ? 1 : 2, replica: replica)
    }
}

private func sealed(_ values: [[UInt8]]) -> EntryValues { .sealed(seed: values.isEmpty ? [] : seed, values: values) }

extension Change {
    /// What it says in values, in their order.
    fileprivate var contents: [Content] {
        let writes = edits.flatMap(\.writes).flatMap { [$0.value, $0.reason] }
        return ([author, message] + writes).compactMap { $0 }
    }
}

// MARK: What is refused

/// An entry at position 5 of replica 2, in the making.
struct Draft {
    var change = Dundian_V1_Change()
    var values: [[UInt8]] = [[0x0a, 0x01, 0x78]]
    var position: Position = 5

    /// The one edit it has at first: a title put in place of another.
    init() {
        var edit = Dundian_V1_Edit()
        edit.record = Data([UInt8](repeating: 1, count: 16))
        edit.type = "talk"
        edit.context.replicas = [1, 2]
        edit.context.positions = [3, 4]
        edit.writes = [Draft.write(.put, names: [(0, 0)])]
        change.edits = [edit]
    }

    /// The first edit.
    var edit: Dundian_V1_Edit {
        get { change.edits[0] }
        set { change.edits[0] = newValue }
    }

    static func write(
        _ kind: Dundian_V1_Write.Kind, _ field: String = "title", names: [(UInt32, UInt64)] = []
    ) -> Dundian_V1_Write {
        var write = Dundian_V1_Write()
        (write.kind, write.field) = (kind, field)
        write.names = names.map { (component, back) -> Dundian_V1_Name in
            var name = Dundian_V1_Name()
            (name.component, name.back) = (component, back)
            return name
        }
        return write
    }

    /// This many values, each a text.
    mutating func say(_ count: Int) { values = [[UInt8]](repeating: [0x0a, 0x01, 0x78], count: count) }

    /// Edits of this many records.
    mutating func edits(_ count: Int) {
        let first = edit
        change.edits = (0..<count).map { n -> Dundian_V1_Edit in
            var next = first
            next.record = Data(RecordID(high: 0, low: UInt64(n)).bytes)
            return next
        }
        say(count)
    }

    mutating func components(_ count: UInt64) {
        edit.context.replicas = (0..<count).map { 1_000 + $0 }
        edit.context.positions = (0..<count).map { 1 + $0 }
    }

    func decoded() throws -> DecodedEntry {
        var skeleton = Dundian_V1_Skeleton()
        skeleton.change = change
        return try DecodedEntry(
            skeleton: skeleton.serializedBytes(), values: sealed(values), position: position, replica: ReplicaID(rawValue: 2))
    }
}

private typealias Spoiled = Spoiling<Draft>

/// So many bytes, the last two of them one letter.
private func text(of bytes: Int) -> String { String(repeating: "t", count: bytes - 2) + "\u{e9}" }

/// The bytes of a text in so many lists.
private func nested(_ lists: Int) -> [UInt8] {
    var value = Value.text("x")
    for _ in 0..<lists { value = .list([value]) }
    return value.bytes
}

private let malformed: [Spoiled] = [
    Spoiled("no edits") { draft in
        draft.change.edits = []
        draft.say(0)
    },
    Spoiled("1,025 edits") { $0.edits(1_025) },
    Spoiled("a record twice") { draft in
        draft.change.edits.append(draft.edit)
        draft.say(2)
    },
    Spoiled("a record id of 15 bytes") { $0.edit.record = Data([UInt8](repeating: 1, count: 15)) },
    Spoiled("a record id of 17 bytes") { $0.edit.record = Data([UInt8](repeating: 1, count: 17)) },
    Spoiled("no type") { $0.edit.type = "" },
    Spoiled("a type of 65 bytes") { $0.edit.type = text(of: 65) },
    Spoiled("a context that descends") { $0.edit.context.replicas = [2, 1] },
    Spoiled("a context with a replica twice") { $0.edit.context.replicas = [1, 1] },
    Spoiled("a context that descends as unsigned numbers") { $0.edit.context.replicas = [UInt64.max, 1] },
    Spoiled("a context with a position of 0") { $0.edit.context.positions = [0, 4] },
    Spoiled("a context beyond the last position") { $0.edit.context.positions = [Position.limit.rawValue + 1, 4] },
    Spoiled("a context with more replicas than positions") { $0.edit.context.replicas = [1, 2, 3] },
    Spoiled("a context with more positions than replicas") { $0.edit.context.positions = [3, 4, 5] },
    Spoiled("a context of 1,025 components") { $0.components(1_025) },
    Spoiled("a context with the entry itself") { $0.edit.context.positions = [3, 5] },
    Spoiled("a context with what its own journal has later") { $0.edit.context.positions = [3, 6] },
    Spoiled("no writes") { draft in
        draft.edit.writes = []
        draft.say(0)
    },
    Spoiled("a kind of write nobody knows") { $0.edit.writes[0].kind = .UNRECOGNIZED(8) },
    Spoiled("a kind of write below none") { $0.edit.writes[0].kind = .UNRECOGNIZED(-1) },
    Spoiled("a put of no field") { $0.edit.writes[0].field = "" },
    Spoiled("a field of 65 bytes") { $0.edit.writes[0].field = text(of: 65) },
    Spoiled("a put that names two") { $0.edit.writes = [Draft.write(.put, names: [(0, 0), (1, 0)])] },
    Spoiled("a settle that names none") { $0.edit.writes = [Draft.write(.settle)] },
    Spoiled("an approve that names none") { $0.only(.approve, names: 0) },
    Spoiled("an approve that names two") { $0.only(.approve, names: 2) },
    Spoiled("an undo that names none") { $0.only(.undo, names: 0) },
    Spoiled("an undo that names two") { $0.only(.undo, names: 2) },
    Spoiled("an add that names one") { $0.edit.writes = [Draft.write(.add, names: [(0, 0)])] },
    Spoiled("a drop that names none") { $0.only(.drop, names: 0) },
    Spoiled("a delete that names one") { $0.only(.delete, field: "", names: 1) },
    Spoiled("a restore that names one") { $0.only(.restore, field: "", names: 1) },
    Spoiled("a delete of a field") { $0.only(.delete, names: 0) },
    Spoiled("a restore of a field") { $0.only(.restore, names: 0) },
    Spoiled("an approve of no field") { $0.only(.approve, field: "", names: 1) },
    Spoiled("a delete before another write") { $0.edit.writes.insert(Draft.write(.delete, ""), at: 0) },
    Spoiled("a delete after another write") { $0.edit.writes.append(Draft.write(.delete, "")) },
    Spoiled("two deletes") { draft in
        draft.edit.writes = [Draft.write(.delete, ""), Draft.write(.delete, "")]
        draft.say(0)
    },
    Spoiled("a name outside the context") { $0.edit.writes[0].names[0].component = 2 },
    Spoiled("a name far outside the context") { $0.edit.writes[0].names[0].component = .max },
    Spoiled("a name before the first entry") { $0.edit.writes[0].names[0].back = 3 },
    Spoiled("a name far before the first entry") { $0.edit.writes[0].names[0].back = .max },
    Spoiled("a name without a context") { draft in
        draft.edit.context.replicas = []
        draft.edit.context.positions = []
    },
    Spoiled("a field put twice") { draft in
        draft.edit.writes.append(Draft.write(.put))
        draft.say(2)
    },
    Spoiled("a field put and settled") { draft in
        draft.edit.writes.append(Draft.write(.settle, names: [(1, 0)]))
        draft.say(2)
    },
    Spoiled("a value too few") { $0.say(0) },
    Spoiled("a value too many") { $0.say(2) },
    Spoiled("a reason that is not there") { $0.edit.writes[0].reason = true },
    Spoiled("an author that is no text") { draft in
        draft.change.author = true
        draft.values.insert([0x10, 0x0a], at: 0)
    },
    Spoiled("a message that is no text") { draft in
        draft.change.message = true
        draft.values.insert([], at: 0)
    },
    Spoiled("a reason that is no text") { draft in
        draft.edit.writes[0].reason = true
        draft.values.append([0x20, 0x01])
    },
    Spoiled("a value that does not decode") { $0.values = [[0x0a, 0x01, 0xff]] },
    Spoiled("a value nested too deep") { $0.values = [nested(17)] },
    Spoiled("position 1") { $0.position = 1 },
]

private let justWithinLimits: [Spoiled] = [
    Spoiled("as it is") { _ in },
    Spoiled("1,024 edits") { $0.edits(1_024) },
    Spoiled("a type and a field of 64 bytes") { draft in
        draft.edit.type = text(of: 64)
        draft.edit.writes[0].field = text(of: 64)
    },
    Spoiled("1,024 components") { $0.components(1_024) },
    Spoiled("no context and no name") { draft in
        draft.edit.clearContext()
        draft.edit.writes = [Draft.write(.put)]
    },
    Spoiled("the last position") { $0.edit.context.positions = [Position.limit.rawValue, 4] },
    Spoiled("replicas ascending as unsigned numbers") { $0.edit.context.replicas = [1, UInt64.max] },
    Spoiled("a name of the first entry") { $0.edit.writes[0].names[0].back = 2 },
    Spoiled("a name with an ordinal nobody uses") { $0.edit.writes[0].names[0].ordinal = .max },
    Spoiled("two fields, one put and one settled") { draft in
        draft.edit.writes.append(Draft.write(.settle, "place", names: [(0, 0), (1, 0), (0, 0)]))
        draft.say(2)
    },
    Spoiled("two fields whose keys look alike") { draft in
        draft.edit.writes = [Draft.write(.put, "caf\u{e9}"), Draft.write(.put, "cafe\u{301}")]
        draft.say(2)
    },
    Spoiled("a field added to twice, dropped from and put") { draft in
        draft.edit.writes += [Draft.write(.add), Draft.write(.add), Draft.write(.drop, names: [(0, 0)])]
        draft.say(3)
    },
    Spoiled("a restore beside a put") { $0.edit.writes.append(Draft.write(.restore, "")) },
    Spoiled("a delete alone") { $0.only(.delete, field: "", names: 0) },
    Spoiled("a delete with a reason") { draft in
        draft.only(.delete, field: "", names: 0)
        draft.edit.writes[0].reason = true
        draft.say(1)
    },
    Spoiled("author, message and reason") { draft in
        (draft.change.author, draft.change.message, draft.edit.writes[0].reason) = (true, true, true)
        draft.say(4)
    },
    Spoiled("a value nested sixteen deep") { $0.values = [nested(16)] },
    Spoiled("the last position of a journal") { $0.position = .limit },
]

extension Draft {
    /// One write without a value and nothing else.
    fileprivate mutating func only(_ kind: Dundian_V1_Write.Kind, field: String = "title", names: UInt32) {
        edit.writes = [Draft.write(kind, field, names: (0..<names).map { ($0, 0) })]
        say(0)
    }
}

struct MalformedEntryTests {
    @Test(arguments: malformed)
    func `a change that breaks a rule is malformed`(_ spoiling: Spoiling<Draft>) {
        var draft = Draft()
        spoiling.spoil(&draft)
        let spoiled = draft
        let fault = #expect(throws: Fault.self) { try spoiled.decoded() }
        #expect(fault?.code == .malformed)
    }

    @Test(arguments: justWithinLimits)
    func `a change just within the rules is read`(_ spoiling: Spoiling<Draft>) throws {
        var draft = Draft()
        spoiling.spoil(&draft)
        _ = try draft.decoded()
    }

    @Test func `a skeleton of another shape, or in another place, is malformed`() throws {
        let key = [UInt8](repeating: 3, count: 32)
        var short = Dundian_V1_Skeleton()
        short.birth.deviceKey = Data(key.dropLast())
        var birth = Dundian_V1_Skeleton()
        birth.birth.deviceKey = Data(key)
        let shortBytes: [UInt8] = try short.serializedBytes()
        let birthBytes: [UInt8] = try birth.serializedBytes()
        let wrong: [(skeleton: [UInt8], values: [[UInt8]], position: Position)] = [
            ([], [], 1), ([], [], 2), ([0xff], [], 1), ([0x12, 0x05], [], 2), (shortBytes, [], 1), (birthBytes, [], 2),
            (birthBytes, [[0x0a, 0x01, 0x78]], 1),
        ]
        for (skeleton, values, position) in wrong {
            let fault = #expect(throws: Fault.self) {
                try DecodedEntry(skeleton: skeleton, values: sealed(values), position: position, replica: replica)
            }
            #expect(fault?.code == .malformed)
        }
    }

    @Test func `a field nobody knows changes nothing`() throws {
        var chance = SplitMix64(seed: 3)
        let change = someChange(&chance)
        let (skeleton, values) = change.encoded()
        // Field 1,007, length-delimited: "abc".
        let read = try DecodedEntry(
            skeleton: skeleton + [0xfa, 0x3e, 0x03, 0x61, 0x62, 0x63], values: sealed(values), position: 2, replica: replica)
        #expect(read == .change(change))
    }

    @Test func `no truncation and no flipped bit of a skeleton does harm`() {
        var chance = SplitMix64(seed: 5)
        let (skeleton, values) = someChange(&chance).encoded()
        for spoiled in skeleton.truncations + skeleton.flips {
            _ = try? DecodedEntry(skeleton: spoiled, values: sealed(values), position: 2, replica: replica)
        }
    }
}
