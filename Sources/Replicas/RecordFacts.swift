// The short settled values of a record, kept beside its state so that questions over many records need not read the states; and whom it refers to.

public import Causality
public import Records
import Wire

/// What of a record is short and stands by itself: a store keeps it with the state and hands it out without the state.
public struct RecordFacts: Hashable, Sendable {
    /// What is known of a field.
    public enum Fact: Hashable, Sendable {
        /// The one value it has.
        case value(Value)
        /// It has several, a long one, or an erased one: only the record tells.
        case ask
        /// It has none.
        case none
    }

    /// A value of more bytes is not kept here.
    private static let valueMax = 48

    /// The record.
    public var record: RecordID
    /// As a store keeps them.
    public let storedBytes: [UInt8]

    /// The facts of a state.
    public init(_ state: RecordState) {
        record = state.record
        var out = ByteWriter(reserving: 160)
        for field in state.fields where !field.candidates.isEmpty {
            let key = Array(field.key.rawValue.utf8)
            out.u8(UInt8(truncatingIfNeeded: key.count))
            out.raw(key)
            let value = field.candidates.count == 1 ? field.candidates[0].value.value?.bytes : nil
            if let value, value.count <= Self.valueMax {
                out.u8(UInt8(value.count))
                out.raw(value)
            } else {
                out.u8(255)
            }
        }
        storedBytes = out.bytes
    }

    /// Facts that a store kept.
    public init(record: RecordID, storedBytes: [UInt8]) { (self.record, self.storedBytes) = (record, storedBytes) }

    /// What is known of a field.
    ///
    /// - Complexity: O(the facts' bytes), without reading the values of other fields.
    public subscript(field: FieldKey) -> Fact {
        let wanted = field.rawValue.utf8
        var i = 0
        while i < storedBytes.count {
            let keyEnd = i + 1 + Int(storedBytes[i])
            guard keyEnd < storedBytes.count else { return .ask }
            let count = Int(storedBytes[keyEnd])
            let end = keyEnd + 1 + (count == 255 ? 0 : count)
            guard end <= storedBytes.count else { return .ask }
            if wanted.count == keyEnd - i - 1, storedBytes[(i + 1)..<keyEnd].elementsEqual(wanted) {
                guard count != 255, let value = try? Value(bytes: Array(storedBytes[(keyEnd + 1)..<end])) else { return .ask }
                return .value(value)
            }
            i = end
        }
        return .none
    }
}

extension RecordState {
    /// Every record it refers to, by whichever of its values, ascending.
    public var links: [RecordID] {
        var found: Set<RecordID> = []
        func add(_ value: Value?) {
            switch value {
            case .reference(let id)?: found.insert(id)
            case .list(let values)?: values.forEach(add)
            default: break
            }
        }
        for field in fields {
            for candidate in field.candidates { add(candidate.value.value) }
            for element in field.elements { add(element.value.value) }
        }
        return found.sorted()
    }
}

extension Replica {
    /// Hands on the facts of every record of a type that is not deleted, all as they are at one moment.
    ///
    /// - Complexity: some microseconds for each such record, however many others there are.
    public func forEachFacts(of type: TypeKey, in scope: ScopeID? = nil, _ body: (ScopeID, RecordFacts) throws -> Void) throws {
        try store.reading { try $0.forEachFacts(of: type, in: scope, body) }
    }

    /// The records that refer to any of these, deleted ones left out.
    ///
    /// - Complexity: O(what is found), however many others there are.
    public func records(referringTo targets: some Collection<RecordID>) throws -> [Record] {
        try store.reading { reader in
            try reader.states(referringTo: Set(targets)).filter { !$0.state.isDeleted }.map {
                try record($0.state, in: $0.scope, reader)
            }
        }
    }
}
