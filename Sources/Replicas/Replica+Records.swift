// Records as a person works with them: made, edited, deleted, restored, looked at; conflicts settled. All of it is changes through the
// commit door; nothing here writes a record.

public import Causality
import Journals
public import Records
import Wire

/// What a field is to be.
public enum FieldInput: Hashable, Sendable {
    /// The field's value; `.empty` clears it.
    case value(Value)
    /// A set's elements, all of them.
    case elements([Value])
    /// Elements to add to a set.
    case adding([Value])
    /// Elements to take out of a set.
    case dropping([Value])
}

/// A record as it stands, with what its rules make of it.
public struct Record: Hashable, Sendable {
    /// The scope it is in.
    public var scope: ScopeID
    /// What the fold holds of it.
    public var state: RecordState
    /// Its fields, as its rules show them.
    public var fields: [ShownField]
    /// What of it waits for a person.
    public var items: [QueuedItem]

    /// Its id.
    public var id: RecordID { state.record }
    /// Its type.
    public var type: TypeKey { state.type }
    /// Whether a delete stands.
    public var isDeleted: Bool { state.isDeleted }

    /// What a field shows; nil if nothing was ever written to it.
    public subscript(field: FieldKey) -> Outcome? { fields.first { $0.key == field }?.outcome }
    /// The text a field shows; nil if it is empty, erased or a set.
    public func text(_ field: FieldKey) -> String? { self[field]?.candidate?.value.value?.plainText }

    /// The value a field shows, provisionally if it is contested; nil if it was never filled in, is erased or a set.
    public func value(_ field: FieldKey) -> Value? { self[field]?.candidate?.value.value }

    /// The whole number a field shows; nil if it shows none.
    public func integer(_ field: FieldKey) -> Int64? {
        guard case .integer(let number)? = value(field) else { return nil }
        return number
    }

    /// The elements of a set, without erased ones; none of a field that is no set.
    public func elements(_ field: FieldKey) -> [Value] {
        guard case .set(let elements)? = self[field] else { return [] }
        return elements.compactMap(\.value.value)
    }
}

/// One edit in a record's past.
public struct HistoryEdit: Sendable {
    /// The entry it came in.
    public var dot: Dot
    /// By the service's clock.
    public var time: Timestamp
    /// The person id the roster binds its device to.
    public var author: String?
    /// What the roster calls the device whose key signed it; nil if it is on no roster.
    public var device: String?
    /// What its author said about the change; nil: nothing.
    public var message: String?
    /// The earlier change that this one says it undoes.
    public var undoes: Dot?
    /// What was done to the record.
    public var writes: [Write]
}

extension Replica {
    // MARK: Looking

    /// A record as it stands; nil if it is not here. Deleted ones are found too.
    public func record(_ id: RecordID, in scope: ScopeID? = nil) throws -> Record? {
        try store.reading { reader in
            guard let scope = try scope ?? reader.scope(of: id), let state = try reader.state(of: id, in: scope) else { return nil }
            return try record(state, in: scope, reader)
        }
    }

    func record(_ state: RecordState, in scope: ScopeID, _ reader: any StoreReader) throws -> Record {
        let items = try reader.items(of: state.record, in: scope).filter { !$0.item.kind.isNotice }
        return Record(scope: scope, state: state, fields: state.shown(by: rules), items: items)
    }

    /// Records, the newest change first.
    /// - Parameter deleted: whether only deleted ones or only others; nil: all.
    public func records(
        type: TypeKey? = nil, in scope: ScopeID? = nil, deleted: Bool? = nil, limit: Int = 100, offset: Int = 0
    ) throws -> [Record] {
        try store.reading { reader in
            try reader.list(scope: scope, type: type, deleted: deleted, limit: limit, offset: offset)
                .map { try record($0.state, in: $0.scope, reader) }
        }
    }

    /// How many records `records` would give without a limit.
    public func recordCount(type: TypeKey?, in scope: ScopeID? = nil, deleted: Bool? = nil) throws -> Int {
        try store.reading { try $0.count(scope: scope, type: type, deleted: deleted) }
    }

    /// Hands on every record, the newest change first, all as they are at one moment; holds a few thousand at a time.
    public func forEachRecord(
        type: TypeKey? = nil, in scope: ScopeID? = nil, deleted: Bool? = nil,
        _ body: (ScopeID, RecordState) throws -> Void
    ) throws {
        let page = 4_000
        try store.reading { reader in
            var offset = 0
            while true {
                let found = try reader.list(scope: scope, type: type, deleted: deleted, limit: page, offset: offset)
                for one in found { try body(one.scope, one.state) }
                if found.count < page { return }
                offset += page
            }
        }
    }

    /// Every record of some scopes as the fold holds it, all at one moment; deleted ones are among them.
    public func states(in scopes: some Collection<ScopeID>) throws -> [RecordState] {
        let page = 4_000
        return try store.reading { reader in
            try scopes.flatMap { scope in
                var found: [RecordState] = []
                while true {
                    let next = try reader.states(in: scope, after: found.last?.record, limit: page)
                    found += next
                    if next.count < page { return found }
                }
            }
        }
    }

    /// The scope a record is in; nil if it is not here.
    public func scope(of record: RecordID) throws -> ScopeID? { try store.reading { try $0.scope(of: record) } }

    /// Records whose ids begin so.
    public func records(beginning id: ShortID, limit: Int = 3) throws -> [RecordID] {
        try store.reading { try $0.records(id.range(of: RecordID.self), limit: limit) }
    }

    /// What to call a record by here: long enough that no other record of this replica begins so.
    public func shortID(of record: RecordID) throws -> ShortID {
        try store.reading { reader in
            try ShortID.shortest(of: record) { range in try reader.records(range, limit: 2).allSatisfy { $0 == record } }
        }
    }

    /// Review items whose ids begin so.
    public func reviewItems(beginning id: ShortID, limit: Int = 3) throws -> [QueuedItem] {
        try store.reading { try $0.items(id.range(of: ItemID.self), limit: limit) }
    }

    /// The shortest beginning of a review item's id that names no other open one, in groups of four.
    public func shortID(of item: ItemID) throws -> ShortID {
        try store.reading { reader in
            try ShortID.shortest(of: item) { range in try reader.items(range, limit: 2).allSatisfy { $0.id == item } }
        }
    }

    /// Everything that was ever done to a record, in the order it came here.
    public func history(of id: RecordID) throws -> [HistoryEdit] {
        try store.reading { reader in
            guard let scope = try reader.scope(of: id) else { return [] }
            let branches = try reader.branchMap(in: scope)
            let roster = try reader.roster()?.roster
            var devices: [JournalID: Roster.Device] = [:]
            return try reader.history(of: id, in: scope).flatMap { entry -> [HistoryEdit] in
                let decoded = try DecodedEntry(
                    skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position, replica: entry.replica)
                guard case .change(let change) = decoded else { return [] }
                if devices[entry.journal] == nil, let key = try reader.journal(entry.journal, in: scope)?.tip.key {
                    devices[entry.journal] = roster?.device(key)
                }
                let device = devices[entry.journal]
                let time = entry.entry.time.corrected(by: entry.entry.offset)
                return decoded.placedEdits(at: entry.dot, time: time, branches, author: device?.person)
                    .filter { $0.edit.record == id }.map { placed in
                        HistoryEdit(
                            dot: placed.dot, time: time, author: placed.author, device: device?.name,
                            message: change.message?.text,
                            undoes: UndoMark(change.message?.text).map { branches.reading($0.dot, in: entry.journal) },
                            writes: placed.edit.writes)
                    }
            }
        }
    }

    /// What waits for a person, the oldest first.
    public func reviewItems(in scope: ScopeID? = nil, limit: Int = 100, offset: Int = 0) throws -> [QueuedItem] {
        try store.reading { try $0.items(in: scope, limit: limit, offset: offset) }
    }

    /// How many items wait for a person.
    public func reviewItemCount() throws -> Int { try store.reading { try $0.itemCount() } }

    /// How many records there are, deleted ones included.
    public func recordCount() throws -> Int {
        try store.reading { reader in try reader.scopes().reduce(0) { $0 + (try reader.recordCount(in: $1)) } }
    }

    /// What was received and did not verify, the newest last.
    public func quarantined(limit: Int = 100) throws -> [Quarantined] { try store.reading { try $0.quarantined(limit: limit) } }

    // MARK: Writing

    /// Makes a record and returns its id.
    @discardableResult
    public func create(
        _ type: TypeKey, in scope: ScopeID, id: RecordID? = nil, fields: [(FieldKey, FieldInput)], message: String? = nil
    ) throws -> RecordID {
        let id = id ?? freshRecordID()
        try commit(in: scope) { reader in [try self.change([creation(of: id, type, fields)], message, reader)] }
        return id
    }

    /// A record id nobody has used.
    public func freshRecordID() -> RecordID { RecordID(high: entropy.next(), low: entropy.next()) }

    /// The edit that makes a record, for changes that hold several.
    public func creation(of id: RecordID, _ type: TypeKey, _ fields: [(FieldKey, FieldInput)]) throws -> Edit {
        let state = RecordState(record: id, type: type)
        let writes = try writes(fields, on: state)
        try refuseBrokenChecks(writes, on: state)
        return state.edit(writes)
    }

    /// The edit that gives a record these fields, for changes that hold several; nil if it has them already.
    public func amendment(of state: RecordState, _ fields: [(FieldKey, FieldInput)]) throws -> Edit? {
        let writes = try writes(fields, on: state)
        try refuseBrokenChecks(writes, on: state)
        return writes.isEmpty ? nil : state.edit(writes)
    }

    /// A change by this device's person.
    public func change(_ edits: [Edit], message: String? = nil) throws -> Change {
        try store.reading { try change(edits, message, $0) }
    }

    /// Edits a record. Fields that would not change are left alone; false if that is all of them.
    @discardableResult
    public func edit(_ id: RecordID, fields: [(FieldKey, FieldInput)], message: String? = nil) throws -> Bool {
        try changing(id, message) { state in
            guard !state.isDeleted else { throw Self.deleted(id) }
            let writes = try writes(fields, on: state)
            try refuseBrokenChecks(writes, on: state)
            return writes
        }
    }

    /// Deletes a record. An edit by somebody who has not seen it becomes a review item.
    ///
    /// - Throws: ``ReplicaError`` with `recordUnknown` or `recordDeleted`.
    public func delete(_ id: RecordID, reason: String? = nil) throws {
        _ = try changing(id, nil) { state in
            guard !state.isDeleted else {
                throw ReplicaError(
                    .recordDeleted, "\(id)", message: "Record \(id) is deleted already.", next: "Nothing was changed.")
            }
            return [Write(.delete, reason: reason.map { .value(.text($0)) })]
        }
    }

    /// Brings a deleted record back.
    ///
    /// - Throws: ``ReplicaError`` with `recordUnknown` or `recordNotDeleted`.
    public func restore(_ id: RecordID, reason: String? = nil) throws {
        _ = try changing(id, nil) { state in
            guard state.isDeleted else {
                throw ReplicaError(
                    .recordNotDeleted, "\(id)", message: "Record \(id) is not deleted.", next: "Nothing was changed.")
            }
            return [Write(.restore, reason: reason.map { .value(.text($0)) })]
        }
    }

    private func changing(_ id: RecordID, _ message: String?, _ writes: (RecordState) throws -> [Write]) throws -> Bool {
        guard let scope = try store.reading({ try $0.scope(of: id) }) else { throw Self.unknown(id) }
        let dots = try commit(in: scope) { reader in
            guard let state = try reader.state(of: id, in: scope) else { throw Self.unknown(id) }
            let writes = try writes(state)
            return writes.isEmpty ? [] : [try self.change([state.edit(writes)], message, reader)]
        }
        return !dots.isEmpty
    }

    static func deleted(_ id: RecordID) -> ReplicaError {
        ReplicaError(
            .recordDeleted, "\(id)", message: "Record \(id) is deleted.",
            next: "Nothing was changed. Restore it first: dundian restore \(id)")
    }

    static func unknown(_ id: RecordID) -> ReplicaError {
        ReplicaError(
            .recordUnknown, "\(id)", message: "There is no record \(id) here.",
            next: "Check the id; if somebody else made it, sync first.")
    }

    func change(_ edits: [Edit], _ message: String?, _ reader: any StoreReader) throws -> Change {
        let person = try reader.roster()?.roster.device(key)?.person
        return Change(
            author: person.map { .value(.text($0)) }, message: message.map { .value(.text($0)) }, edits: edits)
    }

    /// Nobody writes alone what only a merge should be able to make: values that break a check which was not broken before.
    func refuseBrokenChecks(_ writes: [Write], on state: RecordState) throws {
        for check in rules.checks(of: state.type) {
            let isBroken = check.isBroken { key in
                writes.last { $0.field == key && $0.kind.hasValue }?.value?.value
                    ?? state.outcome(of: key, by: rules)?.candidate?.value.value
            }
            guard isBroken, !check.isBroken(by: state, rules) else { continue }
            throw ReplicaError(
                .checkBroken, "\(state.type).\(check.key)",
                message: "Fields \(check.first) and \(check.second) do not go together so (check \(check.key)).",
                next: "Nothing was saved. Give both fields values that fit.")
        }
    }

    func writes(_ fields: [(FieldKey, FieldInput)], on state: RecordState) throws -> [Write] {
        var writes: [Write] = []
        for (field, input) in fields {
            switch input {
            case .value(let value):
                do {
                    if let write = try state.writing(value, to: field, by: rules) { writes.append(write) }
                } catch {
                    throw ReplicaError(
                        .fieldContested, field.rawValue,
                        message: "Field \(field) of record \(state.record) has several values that nobody has chosen between.",
                        next: "Nothing was changed. Settle it first: dundian review list")
                }
            case .elements(let values): writes += state.writing(elements: values, to: field)
            case .adding(let values):
                let present = (state[field]?.elements ?? []).compactMap(\.value.value)
                writes += state.writing(elements: present + values, to: field)
            case .dropping(let values):
                let present = (state[field]?.elements ?? []).compactMap(\.value.value)
                writes += state.writing(elements: present.filter { !values.contains($0) }, to: field)
            }
        }
        // A record that was just made exists even with no field filled in.
        if writes.isEmpty, state.vector.isEmpty { writes.append(Write(.restore)) }
        return writes
    }

    // MARK: Drafts

    /// Keeps a draft across crashes; only here.
    public func saveDraft(_ key: String, _ bytes: [UInt8]) throws {
        try store.writing { try $0.setDraft(key, Draft(key: key, saved: clock.now(), bytes: bytes)) }
    }

    /// Every draft, ascending by key.
    public func drafts() throws -> [Draft] { try store.reading { try $0.drafts() } }

    /// Throws a draft away; nothing happens if there is none.
    public func discardDraft(_ key: String) throws { try store.writing { try $0.setDraft(key, nil) } }

    // MARK: Settings of the program around it

    /// A setting of the program's own, kept beside the records and synced nowhere.
    public func setting(_ name: String) throws -> String? {
        try store.reading { try $0.setting("program/\(name)") }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Sets one; nil removes it.
    public func setSetting(_ name: String, _ value: String?) throws {
        try store.writing { try $0.setSetting("program/\(name)", value.map { Array($0.utf8) }) }
    }
}
