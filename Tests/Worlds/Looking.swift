// Writing to a replica and looking into it in one line.

package import Causality
package import Journals
package import Records
package import Replicas
package import Wire

extension World {
    /// A record by its number.
    package static func record(_ number: UInt64) -> RecordID { RecordID(high: 0xec0d, low: number) }
}

extension Write {
    package static func put(_ value: Value, _ field: FieldKey = "title", naming names: [Dot] = []) -> Write {
        Write(.put, field: field, names: names.map { Name($0) }, value: .value(value))
    }
}

extension Change {
    /// One edit of one record.
    package init(
        _ writes: [Write], of record: RecordID, type: TypeKey = "talk", seeing context: VersionVector = VersionVector()
    ) {
        self.init(edits: [Edit(record: record, type: type, context: context, writes: writes)])
    }
}

extension Replica {
    /// Gives a field a value in place of all this replica sees there.
    @discardableResult
    package func put(
        _ value: Value, _ field: FieldKey = "title", of record: RecordID, type: TypeKey = "talk", in scope: ScopeID
    ) throws -> Dot {
        try commit(in: scope) { reader in
            let state = try reader.state(of: record, in: scope)
            let seen = state?[field]?.candidates.map(\.dot) ?? []
            var write = Write.put(value, field, naming: seen)
            if seen.count > 1 {
                write.kind = .settle
                write.reason = .value(.text("decided"))
            }
            return [Change([write], of: record, type: state?.type ?? type, seeing: state?.vector ?? VersionVector())]
        }[0]
    }

    /// The same with a text.
    @discardableResult
    package func put(_ text: String, _ field: FieldKey = "title", of record: RecordID, in scope: ScopeID) throws -> Dot {
        try put(.text(text), field, of: record, in: scope)
    }

    package func state(of record: RecordID, in scope: ScopeID) throws -> RecordState? {
        try store.reading { try $0.state(of: record, in: scope) }
    }

    /// The values that stand in a field, ascending by dot.
    package func values(of record: RecordID, _ field: FieldKey = "title", in scope: ScopeID) throws -> [Content] {
        try state(of: record, in: scope)?[field]?.candidates.map(\.value) ?? []
    }

    /// The texts that stand in a field, in alphabetical order.
    package func texts(of record: RecordID, _ field: FieldKey = "title", in scope: ScopeID) throws -> [String] {
        try values(of: record, field, in: scope).compactMap(\.text).sorted()
    }

    /// Every entry in the order of arrival.
    package func entries(in scope: ScopeID) throws -> [StoredEntry] {
        try store.reading { try $0.entries(in: scope, from: 0, limit: 1_000_000) }
    }

    package func journals(in scope: ScopeID) throws -> [JournalID] {
        try store.reading { try $0.journals(in: scope).map(\.tip.journal) }
    }

    package func knowledge(of scope: ScopeID) throws -> Knowledge { try store.reading { try $0.knowledge(of: scope) } }

    package func digest(of scope: ScopeID) throws -> ScopeDigest? { try digests().first { $0.scope == scope } }

    package func quarantined() throws -> [Quarantined] { try store.reading { try $0.quarantined(limit: 1_000) } }
}

extension StoredEntry {
    package func decoded() throws -> DecodedEntry {
        try DecodedEntry(skeleton: entry.skeleton, values: entry.values, position: position, replica: replica)
    }
}
