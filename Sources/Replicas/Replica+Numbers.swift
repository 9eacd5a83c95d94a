// Official numbers (protocol/11-numbers.md): given by the one replica whose device the roster names, in the transaction that writes the entry
// that carries them; without gap or repeat for each kind and year, whatever is retried, killed or restored.

package import Causality
import Journals
public import Records
import Wire

/// How records of a type are numbered: what a catalogue says, in the words of records.
public struct NumberedType: Hashable, Sendable {
    /// The type.
    public var type: TypeKey
    /// The field that is given the number.
    public var field: FieldKey
    /// The field by whose text values numbers are counted apart.
    public var kind: FieldKey
    /// The date whose year they are counted in.
    public var day: FieldKey
    /// The field that says whether a record is ready.
    public var state: FieldKey
    /// Its values while it is.
    public var ready: Set<String>
    /// How a number of a kind is written; `{year}` and `{number}` stand for those.
    public var forms: [String: String]

    /// One out of its parts.
    public init(
        type: TypeKey, field: FieldKey, kind: FieldKey, day: FieldKey, state: FieldKey, ready: Set<String>, forms: [String: String]
    ) {
        (self.type, self.field, self.kind, self.day) = (type, field, kind, day)
        (self.state, self.ready, self.forms) = (state, ready, forms)
    }
}

/// A number that was given.
public struct GivenNumber: Hashable, Sendable {
    /// The kind it was counted in.
    public var kind: String
    /// The year.
    public var year: Int
    /// The number itself, from 1.
    public var number: UInt64
    /// As it is written.
    public var text: String

    /// The message of the change that gives it: by this, and by who wrote it, it is known.
    var mark: String { "\(MessageMark.number.rawValue)\(kind)/\(year)/\(number)" }

    /// Reads the mark; the text is what the change puts.
    init?(mark: String, text: String) {
        guard let rest = MessageMark.number.rest(of: mark) else { return nil }
        let parts = String(Substring(rest)).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = Int(parts[1]), let number = UInt64(parts[2]), number > 0 else { return nil }
        self.init(kind: String(parts[0]), year: year, number: number, text: text)
    }

    init(kind: String, year: Int, number: UInt64, text: String) {
        (self.kind, self.year, self.number, self.text) = (kind, year, number, text)
    }
}

/// How far the numbers of a kind and year have come.
public struct NumberCounter: Hashable, Sendable {
    /// The kind.
    public var kind: String
    /// The year.
    public var year: Int
    /// The last number given; 0: none.
    public var last: UInt64
    /// Whether it waits for an operator: after a restore nobody else knows what was given.
    public var waits: Bool
}

extension Replica {
    private static let counterPrefix = "number/"
    private static func counter(_ kind: String, _ year: Int) -> String { "\(counterPrefix)\(kind)/\(year)" }
    /// The setting that says up to which entry of a scope records were looked at.
    static func looked(_ scope: ScopeID) -> String { "numbered-up-to/\(scope)" }

    /// Gives numbers to the records of a scope that became ready since this was last asked, in the order in which that came here.
    ///
    /// - Returns: how many were given. None if the roster names another device, or while their counters wait for an operator.
    @discardableResult
    package func giveNumbers(in scope: ScopeID, _ types: [NumberedType]) throws -> Int {
        guard try roster()?.roster.numbering == key, !types.isEmpty else { return 0 }
        let given = try transacting { writer in
            var from = try writer.setting(Self.looked(scope)).map { try Self.number($0) } ?? 0
            let branches = try writer.branchMap(in: scope)
            var given = 0
            // What waits is looked at again the next time, and keeps nothing else waiting.
            var isBlocked = false
            var looked = from
            while true {
                let entries = try writer.entries(in: scope, from: from, limit: 1_000)
                for entry in entries {
                    for placed in try entry.placedEdits(branches, author: nil) {
                        guard let type = types.first(where: { $0.type == placed.edit.type }) else { continue }
                        switch try number(placed.edit.record, type, in: scope, writer) {
                        case .given: given += 1
                        case .waits: isBlocked = true
                        case .nothing: break
                        }
                    }
                    from = entry.arrival + 1
                    if !isBlocked { looked = from }
                }
                guard entries.count == 1_000 else { break }
            }
            var out = ByteWriter()
            out.i64(looked)
            try writer.setSetting(Self.looked(scope), out.bytes)
            return given
        }
        if given > 0 { becameDurable() }
        return given
    }

    private enum Numbered { case given, waits, nothing }

    private func number(_ id: RecordID, _ type: NumberedType, in scope: ScopeID, _ writer: any StoreWriter) throws -> Numbered {
        guard let state = try writer.state(of: id, in: scope), state.type == type.type, !state.isDeleted else { return .nothing }
        func settled(_ key: FieldKey) -> Value? {
            guard case .settled(let candidate, _, _)? = state.outcome(of: key, by: rules) else { return nil }
            return candidate.value.value
        }
        guard case .text(let kind)? = settled(type.kind), let form = type.forms[kind], case .text(let ready)? = settled(type.state),
            type.ready.contains(ready), case .date(let day)? = settled(type.day), let year = Int(day.prefix(4)),
            try givenNumber(of: id, type.field, in: scope, writer) == nil
        else { return .nothing }
        let counter = try self.counter(kind, year, highest: highestNumber(kind, year, type, writer), writer)
        guard !counter.waits else { return .waits }
        let next = counter.last + 1
        let text = form.replacing("{year}", with: "\(year)").replacing("{number}", with: "\(next)")
        let given = GivenNumber(kind: kind, year: year, number: next, text: text)
        let standing = state[type.field]?.candidates ?? []
        let write = Write(
            .put, field: type.field, names: standing.count == 1 ? [.init(standing[0].dot)] : [], value: .value(.text(text)))
        _ = try self.write([try change([state.edit([write])], given.mark, writer)], in: scope, to: writer)
        try set(next, kind, year, writer)
        return .given
    }

    // MARK: What counts

    /// The number a record was given; nil: none yet. What anybody else wrote into the field is none.
    public func givenNumber(of record: RecordID, _ field: FieldKey) throws -> GivenNumber? {
        try store.reading { reader in
            guard let scope = try reader.scope(of: record) else { return nil }
            return try givenNumber(of: record, field, in: scope, reader)
        }
    }

    private func givenNumber(of record: RecordID, _ field: FieldKey, in scope: ScopeID, _ reader: any StoreReader) throws
        -> GivenNumber?
    {
        guard let authority = try reader.roster()?.roster.numbering else { return nil }
        let branches = try reader.branchMap(in: scope)
        for entry in try reader.history(of: record, in: scope) {
            let line = branches.line(of: entry.journal).map(\.journal)
            guard try line.contains(where: { try reader.journal($0, in: scope)?.tip.key == authority }),
                case .change(let change)? = try? DecodedEntry(
                    skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position, replica: entry.replica),
                let mark = change.message?.text
            else { continue }
            for edit in change.edits where edit.record == record {
                guard let text = edit.writes.first(where: { $0.kind == .put && $0.field == field })?.value?.text,
                    let given = GivenNumber(mark: mark, text: text)
                else { continue }
                return given
            }
        }
        return nil
    }

    // MARK: Counters

    /// Every counter, ascending by kind and year; also those of years and kinds that have numbers here and no counter, as after a restore.
    package func numberCounters(_ types: [NumberedType]) throws -> [NumberCounter] {
        var seen = try highestNumbers(types)
        return try store.reading { reader in
            for (key, _) in try reader.settings(beginning: Self.counterPrefix) {
                let parts = key.dropFirst(Self.counterPrefix.count).split(separator: "/")
                guard parts.count == 2, let year = Int(parts[1]) else { continue }
                let name = CounterName(kind: String(parts[0]), year: year)
                seen[name] = seen[name] ?? 0
            }
            return try seen.keys.sorted { ($0.kind, $0.year) < ($1.kind, $1.year) }.map {
                try counter($0.kind, $0.year, highest: seen[$0] ?? 0, reader)
            }
        }
    }

    /// Says what the last number of a kind and year was: after a restore none is given before.
    ///
    /// - Throws: ``ReplicaError`` with `choiceUnknown` if a higher one is among the records here.
    package func confirmNumber(kind: String, year: Int, last: UInt64, _ types: [NumberedType]) throws {
        let highest = try highestNumbers(types)[CounterName(kind: kind, year: year)] ?? 0
        guard last >= highest else {
            throw ReplicaError(
                .choiceUnknown, "\(kind) \(year)",
                message: "Number \(highest) of \(kind) \(year) is among the records here, so \(last) was not the last.",
                next: "Nothing was changed. Confirm \(highest), or the higher one that was given.")
        }
        try transacting { try set(last, kind, year, $0) }
    }

    private struct CounterName: Hashable {
        var kind: String
        var year: Int
    }

    private func highestNumber(_ kind: String, _ year: Int, _ type: NumberedType, _ reader: any StoreReader) throws -> UInt64 {
        var highest: UInt64 = 0
        for scope in try reader.scopes() {
            var after: RecordID?
            while true {
                let states = try reader.states(in: scope, after: after, limit: 1_000)
                for state in states where state.type == type.type {
                    guard let given = try givenNumber(of: state.record, type.field, in: scope, reader), given.kind == kind,
                        given.year == year
                    else { continue }
                    highest = max(highest, given.number)
                }
                guard let last = states.last, states.count == 1_000 else { break }
                after = last.record
            }
        }
        return highest
    }

    private func highestNumbers(_ types: [NumberedType]) throws -> [CounterName: UInt64] {
        var highest: [CounterName: UInt64] = [:]
        for type in types {
            try forEachRecord(type: type.type, deleted: nil) { scope, state in
                guard let given = try givenNumber(of: state.record, type.field) else { return }
                let name = CounterName(kind: given.kind, year: given.year)
                highest[name] = max(highest[name] ?? 0, given.number)
            }
        }
        return highest
    }

    /// A counter belongs to the replica id under which it was kept: a store that was restored has another, and waits.
    private func counter(
        _ kind: String, _ year: Int, highest: @autoclosure () throws -> UInt64, _ reader: any StoreReader
    ) throws -> NumberCounter {
        let (id, earlier) = try reader.replica()
        guard let bytes = try reader.setting(Self.counter(kind, year)) else {
            // Numbers without a counter were given by a store that is lost.
            return NumberCounter(kind: kind, year: year, last: 0, waits: try earlier != nil || highest() > 0)
        }
        var bytesReader = ByteReader(bytes)
        let last = try bytesReader.u64()
        return NumberCounter(kind: kind, year: year, last: last, waits: try bytesReader.u64() != id.rawValue)
    }

    private func set(_ last: UInt64, _ kind: String, _ year: Int, _ writer: any StoreWriter) throws {
        var out = ByteWriter()
        out.u64(last)
        out.u64(try writer.replica().id.rawValue)
        try writer.setSetting(Self.counter(kind, year), out.bytes)
    }

    private static func number(_ bytes: [UInt8]) throws -> Arrival {
        var reader = ByteReader(bytes)
        return try reader.i64()
    }
}
