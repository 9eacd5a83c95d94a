// Changes and births to skeleton and value bytes, and back. Reading checks everything that can be seen without knowing what
// else is held: points 4 and 5 of protocol/2-entries.md, "What verifies".

package import Causality
package import Journals
package import Records
import FoundationEssentials
import SwiftProtobuf

/// What an entry says.
package enum DecodedEntry: Hashable, Sendable {
    case birth(Birth)
    case change(Change)
}

/// The first entry of every journal.
package struct Birth: Hashable, Sendable {
    package var key: PublicKey
    package var earlier: ReplicaID?

    package init(key: PublicKey, earlier: ReplicaID?) { (self.key, self.earlier) = (key, earlier) }

    package var skeleton: [UInt8] {
        var message = Dundian_V1_Skeleton()
        message.birth.deviceKey = Data(key.bytes)
        message.birth.earlier = earlier?.rawValue ?? 0
        return message.bytes
    }
}

extension Change {
    /// The skeleton's bytes, and the values' in their order.
    ///
    /// Traps if a write names what its context does not have, or lacks its value: an author's mistake.
    package func encoded() -> (skeleton: [UInt8], values: [[UInt8]]) {
        var message = Dundian_V1_Skeleton()
        var values: [[UInt8]] = []
        func take(_ content: Content?) -> Bool {
            guard let content else { return false }
            guard case .value(let value) = content else { preconditionFailure("an author writes values, not erased ones") }
            values.append(value.bytes)
            return true
        }
        message.change.author = take(author)
        message.change.message = take(self.message)
        message.change.edits = edits.map { edit in
            var out = Dundian_V1_Edit()
            out.record = Data(edit.record.bytes)
            out.type = edit.type.rawValue
            if !edit.context.isEmpty {
                out.context.replicas = edit.context.components.map(\.journal.rawValue)
                out.context.positions = edit.context.components.map(\.position.rawValue)
            }
            out.writes = edit.writes.map { write in
                var item = Dundian_V1_Write()
                item.kind = .init(write.kind)
                item.field = write.field.rawValue
                item.names = write.names.map { name in
                    guard let i = edit.context.index(of: name.dot.journal), edit.context.has(name.dot) else {
                        preconditionFailure("\(name.dot) is named but not in the context")
                    }
                    var out = Dundian_V1_Name()
                    out.component = UInt32(i)
                    out.back = edit.context.components[i].position.rawValue - name.dot.position.rawValue
                    out.ordinal = name.ordinal
                    return out
                }
                precondition(take(write.value) == write.kind.hasValue, "a \(write.kind) has a value exactly if its kind does")
                item.reason = take(write.reason)
                return item
            }
            return out
        }
        return (message.bytes, values)
    }
}

extension DecodedEntry {
    /// Reads what an entry says at this position of this replica's journal.
    package init(
        skeleton: [UInt8], values: EntryValues, position: Position, replica: ReplicaID
    ) throws(Fault) {
        let message: Dundian_V1_Skeleton
        do { message = try Dundian_V1_Skeleton(serializedBytes: skeleton) } catch {
            throw Fault(.malformed, "entry \(position): the skeleton does not decode")
        }
        do throws(Malformed) {
            switch message.kind {
            case .birth(let birth)?:
                guard position == 1 else { throw Malformed("a birth stands only at position 1") }
                guard values.count == 0 else { throw Malformed("a birth has no values") }
                guard let key = PublicKey(Array(birth.deviceKey)) else { throw Malformed("a device key has 32 bytes") }
                self = .birth(Birth(key: key, earlier: birth.earlier == 0 ? nil : ReplicaID(rawValue: birth.earlier)))
            case .change(let change)?:
                guard position > 1 else { throw Malformed("position 1 is a birth") }
                var reading = ChangeReading(values: values.contents, position: position, own: JournalID(replica))
                self = .change(try reading.change(change))
            case nil: throw Malformed("neither a birth nor a change")
            }
        } catch {
            throw Fault(.malformed, "entry \(position): \(error.detail)")
        }
    }

    /// The device key of a birth skeleton; nil for anything else.
    package static func birthKey(_ skeleton: [UInt8]) -> PublicKey? {
        guard let message = try? Dundian_V1_Skeleton(serializedBytes: skeleton), case .birth(let birth)? = message.kind else {
            return nil
        }
        return PublicKey(Array(birth.deviceKey))
    }
}

private struct ChangeReading {
    let values: [[UInt8]?]
    let position: Position
    let own: JournalID
    var taken = 0

    mutating func take() throws(Malformed) -> Content {
        guard taken < values.count else { throw Malformed("fewer values than the skeleton speaks of") }
        defer { taken += 1 }
        guard let bytes = values[taken] else { return .erased }
        return .value(try Value(bytes: bytes))
    }

    mutating func text() throws(Malformed) -> Content {
        let content = try take()
        if content != .erased, content.text == nil { throw Malformed("an author, message or reason is a text") }
        return content
    }

    mutating func change(_ message: Dundian_V1_Change) throws(Malformed) -> Change {
        guard !message.edits.isEmpty, message.edits.count <= Limits.editsPerChange else {
            throw Malformed("a change has 1 to \(Limits.editsPerChange) edits")
        }
        var change = Change(edits: [])
        if message.author { change.author = try text() }
        if message.message { change.message = try text() }
        var records: Set<RecordID> = []
        for edit in message.edits {
            let next = try self.edit(edit)
            guard records.insert(next.record).inserted else { throw Malformed("a record is edited twice in one change") }
            change.edits.append(next)
        }
        guard taken == values.count else { throw Malformed("more values than the skeleton speaks of") }
        return change
    }

    private mutating func edit(_ message: Dundian_V1_Edit) throws(Malformed) -> Edit {
        guard let record = RecordID(bytes: message.record) else { throw Malformed("a record id has 16 bytes") }
        guard (1...Limits.keyBytes).contains(message.type.utf8.count) else {
            throw Malformed("a type key has 1 to \(Limits.keyBytes) bytes")
        }
        let context = try self.context(message.context)
        guard !message.writes.isEmpty else { throw Malformed("an edit writes nothing") }
        guard message.writes.count == 1 || !message.writes.contains(where: { $0.kind == .delete }) else {
            throw Malformed("a delete is not its edit's only write")
        }
        var edit = Edit(record: record, type: TypeKey(message.type), context: context, writes: [])
        edit.writes.reserveCapacity(message.writes.count)
        var fields: Set<FieldKey> = []
        for item in message.writes {
            let write = try self.write(item, context: context)
            if write.kind == .put || write.kind == .settle {
                guard fields.insert(write.field).inserted else { throw Malformed("a field is written twice in one edit") }
            }
            edit.writes.append(write)
        }
        return edit
    }

    private func context(_ message: Dundian_V1_Context) throws(Malformed) -> VersionVector {
        guard message.replicas.count == message.positions.count else { throw Malformed("a context is ragged") }
        guard message.replicas.count <= Limits.contextComponents else {
            throw Malformed("a context has more than \(Limits.contextComponents) components")
        }
        let components = zip(message.replicas, message.positions).map {
            VersionVector.Component(journal: JournalID(rawValue: $0), position: Position(rawValue: $1))
        }
        guard let context = VersionVector(ascending: components),
            components.allSatisfy({ $0.position <= .limit })
        else { throw Malformed("a context is not ascending from 1") }
        guard context[own] < position else { throw Malformed("a context has seen its own future") }
        return context
    }

    private mutating func write(_ message: Dundian_V1_Write, context: VersionVector) throws(Malformed) -> Write {
        guard let kind = Write.Kind(message.kind) else { throw Malformed("an unknown kind of write") }
        if kind.isOfRecord {
            guard message.field.isEmpty else { throw Malformed("a \(kind) has no field") }
        } else if !(kind == .undo && message.field.isEmpty) {
            guard (1...Limits.keyBytes).contains(message.field.utf8.count) else {
                throw Malformed("a field key has 1 to \(Limits.keyBytes) bytes")
            }
        }
        let allowed: ClosedRange<Int>
        switch kind {
        case .put: allowed = 0...1
        case .settle, .drop: allowed = 1...Int.max
        case .approve, .undo: allowed = 1...1
        case .add, .delete, .restore: allowed = 0...0
        }
        guard allowed.contains(message.names.count) else { throw Malformed("a \(kind) names \(message.names.count) writes") }
        var write = Write(kind, field: FieldKey(message.field))
        for name in message.names {
            guard Int(name.component) < context.count else { throw Malformed("a name is outside its context") }
            let component = context.components[Int(name.component)]
            guard name.back < component.position.rawValue else { throw Malformed("a name is before the first entry") }
            let dot = Dot(component.journal, Position(rawValue: component.position.rawValue - name.back))
            write.names.append(Write.Name(dot, ordinal: name.ordinal))
        }
        if kind.hasValue { write.value = try take() }
        if message.reason { write.reason = try text() }
        return write
    }
}

extension Dundian_V1_Write.Kind {
    fileprivate init(_ kind: Write.Kind) {
        // The raw values are those of the .proto file.
        self = Self(rawValue: Int(kind.rawValue)) ?? .put
    }
}

extension Write.Kind {
    fileprivate init?(_ kind: Dundian_V1_Write.Kind) {
        guard let raw = UInt8(exactly: kind.rawValue) else { return nil }
        self.init(rawValue: raw)
    }
}
