// Record states and entry values as stores keep them. This is a store's own affair: nobody hashes these bytes, and a newer version may
// write them differently as long as it reads the old ones.

public import Causality
public import Journals
public import Records
import Wire

/// Bytes a store gave back are not what it was given: it is damaged, or was written by a newer version.
public struct StoredBytesFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A fault that says no more than that.
    public init() {}
    public var description: String { "a store gave back bytes that cannot be read" }
}

extension EntryValues {
    /// These values as bytes for a store to keep. Only a store on this device reads them again: nobody hashes or sends them.
    public var storedBytes: [UInt8] {
        var out = ByteWriter(reserving: byteCount + 64)
        switch self {
        case .sealed(let seed, let values):
            out.u8(0)
            out.blob(seed)
            out.varint(UInt64(values.count))
            for value in values { out.blob(value) }
        case .opened(let parts):
            out.u8(1)
            out.varint(UInt64(parts.count))
            for part in parts {
                switch part {
                case .present(let salt, let value):
                    out.u8(0)
                    out.blob(salt)
                    out.blob(value)
                case .erased(let commitment):
                    out.u8(1)
                    out.hash(commitment)
                }
            }
        }
        return out.bytes
    }

    /// Reads what ``storedBytes`` gave.
    ///
    /// - Throws: ``StoredBytesFault`` if these are not such bytes: the store is damaged.
    public init(storedBytes bytes: [UInt8]) throws(StoredBytesFault) {
        do { try self.init(reading: bytes) } catch { throw StoredBytesFault() }
    }

    private init(reading bytes: [UInt8]) throws(BytesEnded) {
        var reader = ByteReader(bytes)
        // u8 0, seed, values; or u8 1, parts.
        if try reader.u8() == 0 {
            let seed = try reader.blob()
            var values: [[UInt8]] = []
            for _ in 0..<(try reader.count()) { values.append(try reader.blob()) }
            self = .sealed(seed: seed, values: values)
        } else {
            var parts: [Part] = []
            for _ in 0..<(try reader.count()) {
                if try reader.u8() == 0 {
                    parts.append(.present(salt: try reader.blob(), value: try reader.blob()))
                } else {
                    parts.append(.erased(commitment: try reader.hash()))
                }
            }
            self = .opened(parts)
        }
    }
}

extension UnverifiedForkProof {
    /// This evidence as bytes for a store to keep.
    public var storedBytes: [UInt8] { bytes }

    /// Reads what ``storedBytes`` gave.
    ///
    /// - Throws: ``StoredBytesFault`` if these are not such bytes: the store is damaged.
    public init(storedBytes bytes: [UInt8]) throws(StoredBytesFault) {
        do { try self.init(bytes: bytes) } catch { throw StoredBytesFault() }
    }
}

extension RecordState {
    /// This state as bytes for a store to keep. A newer version may write them differently, and reads the old ones.
    public var storedBytes: [UInt8] {
        var out = ByteWriter(reserving: 1024)
        out.u8(4)
        out.raw(record.bytes)
        out.string(type.rawValue)
        out.varint(UInt64(vector.count))
        for component in vector.components { out.dot(Dot(component.journal, component.position)) }
        out.u8(wasEverDeleted ? 1 : 0)
        out.optional(changed) { out, last in
            out.i64(last.time.rawValue)
            out.dot(last.dot)
            out.optional(last.author) { $0.string($1) }
        }
        for dots in [standingDeletes, unseenEdits, latePuts] { out.dots(dots) }
        out.varint(UInt64(fields.count))
        for field in fields {
            out.string(field.key.rawValue)
            out.varint(UInt64(field.candidates.count))
            for candidate in field.candidates { out.candidate(candidate) }
            out.optional(field.base) { $0.content($1) }
            out.u8(field.isHeldOpen ? 1 : 0)
            out.varint(UInt64(field.elements.count))
            for element in field.elements {
                out.dot(element.name.dot)
                out.u32(element.name.ordinal)
                out.i64(element.time.rawValue)
                out.optional(element.author) { $0.string($1) }
                out.content(element.value)
            }
        }
        return out.bytes
    }

    /// Reads what ``storedBytes`` gave.
    ///
    /// - Throws: ``StoredBytesFault`` if these are not such bytes: the store is damaged.
    public init(storedBytes bytes: [UInt8]) throws(StoredBytesFault) {
        do { try self.init(reading: bytes) } catch { throw StoredBytesFault() }
    }

    private init(reading bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        // 1 had no bases, 2 did not say what decisions were chosen over, 3 not what its authors had left standing; whoever opens a replica of those times folds it anew.
        let version = try reader.u8()
        guard (1...4).contains(version) else { throw BytesEnded() }
        guard let record = RecordID(bytes: try reader.raw(16)) else { throw BytesEnded() }
        let type = TypeKey(try reader.string())
        var vector = VersionVector()
        for _ in 0..<(try reader.count()) { vector.see(try reader.dot()) }
        let wasEverDeleted = try reader.u8() == 1
        let changed = try reader.optional { reader in
            LastChange(
                time: Timestamp(rawValue: try reader.i64()), dot: try reader.dot(),
                author: try reader.optional { try $0.string() })
        }
        let deletions = [try reader.dots(), try reader.dots(), try reader.dots()]
        var fields: [FieldState] = []
        for _ in 0..<(try reader.count()) {
            var field = FieldState(key: FieldKey(try reader.string()))
            for _ in 0..<(try reader.count()) { field.candidates.append(try reader.candidate(version, depth: 0)) }
            if version > 1 { field.base = try reader.optional { try $0.content() } }
            if version > 3 { field.isHeldOpen = try reader.u8() == 1 }
            for _ in 0..<(try reader.count()) {
                let name = Write.Name(try reader.dot(), ordinal: try reader.u32())
                field.elements.append(
                    Element(
                        name: name, time: Timestamp(rawValue: try reader.i64()), author: try reader.optional { try $0.string() },
                        value: try reader.content()))
            }
            fields.append(field)
        }
        self.init(
            restoring: record, type: type, vector: vector, fields: fields, standingDeletes: deletions[0],
            unseenEdits: deletions[1], latePuts: deletions[2], wasEverDeleted: wasEverDeleted, changed: changed)
    }
}

extension QueuedItem {
    /// All of this item but its id, scope, type and age, as bytes for a store to keep.
    public var storedBytes: [UInt8] {
        var out = ByteWriter(reserving: 96)
        out.u8(item.kind.rawValue)
        out.raw(item.record.bytes)
        out.string(item.field.rawValue)
        out.dots(item.dots)
        out.dots(item.more)
        out.optional(item.other) { $0.raw($1.bytes) }
        out.u8(isProposed ? 1 : 0)
        out.varint(UInt64(people.count))
        for person in people { out.string(person) }
        return out.bytes
    }

    /// Reads what ``storedBytes`` gave.
    ///
    /// - Throws: ``StoredBytesFault`` if these are not such bytes: the store is damaged.
    public init(id: ItemID, scope: ScopeID, type: TypeKey, since: Timestamp, storedBytes bytes: [UInt8]) throws(StoredBytesFault) {
        do { try self.init(id, scope, type, since, reading: bytes) } catch { throw StoredBytesFault() }
    }

    private init(_ id: ItemID, _ scope: ScopeID, _ type: TypeKey, _ since: Timestamp, reading bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        guard let kind = ReviewItem.Kind(rawValue: try reader.u8()), let record = RecordID(bytes: try reader.raw(16)) else {
            throw BytesEnded()
        }
        let item = ReviewItem(
            kind, record: record, field: FieldKey(try reader.string()), dots: try reader.dots(), more: try reader.dots(),
            other: try reader.optional { RecordID(bytes: try $0.raw(16)) } ?? nil)
        let isProposed = try reader.u8() == 1
        var people: [String] = []
        for _ in 0..<(try reader.count()) { people.append(try reader.string()) }
        self.init(id: id, scope: scope, item: item, type: type, since: since, isProposed: isProposed, people: people)
    }
}

extension ByteWriter {
    fileprivate mutating func blob(_ bytes: [UInt8]) {
        varint(UInt64(bytes.count))
        raw(bytes)
    }

    fileprivate mutating func string(_ text: String) {
        varint(UInt64(text.utf8.count))
        raw(text.utf8)
    }

    fileprivate mutating func optional<T>(_ value: T?, _ write: (inout ByteWriter, T) -> Void) {
        u8(value == nil ? 0 : 1)
        if let value { write(&self, value) }
    }

    fileprivate mutating func content(_ content: Content) {
        optional(content.value) { $0.blob($1.bytes) }
    }

    fileprivate mutating func candidate(_ candidate: Candidate) {
        dot(candidate.dot)
        u8(candidate.isSettle ? 1 : 0)
        i64(candidate.time.rawValue)
        optional(candidate.author) { $0.string($1) }
        content(candidate.value)
        optional(candidate.reason) { $0.content($1) }
        varint(UInt64(candidate.approvals.count))
        for approval in candidate.approvals {
            dot(approval.dot)
            i64(approval.time.rawValue)
            optional(approval.author) { $0.string($1) }
        }
        varint(UInt64(candidate.over.count))
        for other in candidate.over { self.candidate(other) }
        optional(candidate.overBase) { $0.content($1) }
        u8(candidate.overWasHeldOpen ? 1 : 0)
        varint(UInt64(candidate.writers.count))
        for writer in candidate.writers { string(writer) }
        varint(UInt64(candidate.waiting.count))
        for decision in candidate.waiting {
            dot(decision.dot)
            u8(decision.isProposal ? 1 : 0)
        }
        dots(candidate.question)
    }
}

extension ByteReader {
    /// A count of things that take at least a byte each.
    fileprivate mutating func count() throws(BytesEnded) -> Int {
        let count = try varint()
        guard count <= UInt64(remaining) else { throw BytesEnded() }
        return Int(count)
    }

    fileprivate mutating func blob() throws(BytesEnded) -> [UInt8] { try raw(try count()) }

    fileprivate mutating func string() throws(BytesEnded) -> String { String(decoding: try blob(), as: UTF8.self) }

    fileprivate mutating func dots() throws(BytesEnded) -> [Dot] {
        var dots: [Dot] = []
        for _ in 0..<(try u32()) { dots.append(try dot()) }
        return dots
    }

    fileprivate mutating func optional<T>(_ read: (inout ByteReader) throws -> T) throws -> T? {
        try u8() == 0 ? nil : try read(&self)
    }

    fileprivate mutating func content() throws -> Content {
        guard try u8() == 1 else { return .erased }
        return .value(try Value(bytes: try blob()))
    }

    fileprivate mutating func candidate(_ version: UInt8, depth: Int) throws -> Candidate {
        // A settle can stand on settles; the fold goes one step down.
        guard depth <= 1 else { throw BytesEnded() }
        var candidate = Candidate(
            dot: try dot(), isSettle: try u8() == 1, time: Timestamp(rawValue: try i64()), author: try optional { try $0.string() },
            value: try content(), reason: try optional { try $0.content() })
        if version < 3 {
            // Only to be folded anew.
            for dot in try dots() { candidate.approvals.append(Approval(dot: dot, time: candidate.time, author: nil)) }
        } else {
            for _ in 0..<(try count()) {
                candidate.approvals.append(
                    Approval(
                        dot: try dot(), time: Timestamp(rawValue: try i64()), author: try optional { try $0.string() }))
            }
        }
        for _ in 0..<(try count()) { candidate.over.append(try self.candidate(version, depth: depth + 1)) }
        if version > 1 { candidate.overBase = try optional { try $0.content() } }
        if version > 3 { candidate.overWasHeldOpen = try u8() == 1 }
        guard version > 2 else { return candidate }
        for _ in 0..<(try count()) { candidate.writers.append(try string()) }
        for _ in 0..<(try count()) {
            candidate.waiting.append(WaitingDecision(dot: try dot(), isProposal: try u8() == 1))
        }
        candidate.question = try dots()
        return candidate
    }
}
