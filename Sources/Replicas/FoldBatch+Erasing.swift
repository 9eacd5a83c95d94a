// Carrying out orders to erase, in the transaction that takes in either the order or what it names, whichever comes later
// (protocol/13-erasing.md).

import Causality
import Journals
import Records
import Wire

extension FoldBatch {
    /// Erases what orders that came now name, and what came now and an earlier order names.
    /// - Returns: whether anything was erased; its records are touched.
    mutating func carryOut(_ orders: [RecordID], arrived: [Dot], in store: any StoreWriter) throws -> Bool {
        var waiting = try store.waitingErasures(in: scope)
        var due: [Dot: [(id: RecordID, given: Given)]] = [:]
        for id in orders {
            for given in try given(by: id, in: store) {
                for dot in given.order.entries { due[dot, default: []].append((id, given)) }
            }
        }
        // What comes on a branch may be meant by an order that was carried out on the other one long ago.
        let isForked = arrived.contains { branches.line(of: $0.journal).count > 1 }
        if !waiting.isEmpty || isForked {
            let all = isForked ? try ordered(in: store) : waiting
            for dot in arrived {
                for name in names(of: dot) {
                    for id in all[name] ?? [] {
                        for given in try given(by: id, in: store) where given.order.entries.contains(name) {
                            due[name, default: []].append((id, given))
                        }
                    }
                }
            }
        }
        guard !due.isEmpty else { return false }
        var (hasErased, hasChanged) = (false, false)
        for (name, orders) in due {
            let entries = try self.entries(named: name, in: store)
            if entries.isEmpty {
                // It may yet come: a bundle, a laptop that was long away.
                for (id, _) in orders where !(waiting[name] ?? []).contains(id) {
                    waiting[name, default: []].append(id)
                    hasChanged = true
                }
                continue
            }
            if waiting.removeValue(forKey: name) != nil { hasChanged = true }
            for entry in entries where try erase(orders.map(\.given), name, from: entry, in: store) { hasErased = true }
        }
        if hasChanged { try store.setWaitingErasures(waiting, in: scope) }
        return hasErased
    }

    /// An order, and the entry that gave it.
    struct Given: Hashable {
        var order: ErasureOrder
        var by: Dot
    }

    /// The orders a record's entries gave. What else was done to the record, its deletion too, takes nothing back.
    private func given(by id: RecordID, in store: any StoreReader) throws -> [Given] {
        try store.history(of: id, in: scope).flatMap { entry in
            try entry.placedEdits(branches, author: nil).filter { $0.edit.record == id }.compactMap { placed in
                ErasureOrder(placed.edit).map { Given(order: $0, by: placed.dot) }
            }
        }
    }

    /// Every entry that an order of the scope names, with the orders' records.
    private func ordered(in store: any StoreReader) throws -> [Dot: [RecordID]] {
        var all: [Dot: [RecordID]] = [:]
        let records = try store.list(scope: scope, type: ErasureOrder.type, deleted: nil, limit: .max, offset: 0)
        for record in records.map(\.state.record) {
            for dot in Set(try given(by: record, in: store).flatMap(\.order.entries)) { all[dot, default: []].append(record) }
        }
        return all
    }

    /// Every order of the scope, by each entry it names: as it was given, whatever became of its record since.
    func orders(in store: any StoreReader) throws -> [Dot: [Given]] {
        var all: [Dot: [Given]] = [:]
        for record in try store.list(scope: scope, type: ErasureOrder.type, deleted: nil, limit: .max, offset: 0).map(
            \.state.record)
        {
            for given in try given(by: record, in: store) {
                for dot in Set(given.order.entries) { all[dot, default: []].append(given) }
            }
        }
        return all
    }

    /// The places of an entry's values that orders take.
    ///
    /// - Parameter values: as whole as they are known: by them a mark or the claim of a rule is told, which no order takes.
    func ordered(
        of entry: StoredEntry, _ values: EntryValues, by orders: [Dot: [Given]], in store: any StoreReader
    ) throws -> Set<Int> {
        let decoded = try DecodedEntry(
            skeleton: entry.entry.skeleton, values: values, position: entry.position, replica: entry.replica)
        guard case .change(let change) = decoded else { return [] }
        var places: Set<Int> = []
        for given in Set(names(of: entry.dot).flatMap { orders[$0] ?? [] }) {
            guard try store.state(of: given.order.record, in: scope)?.type != ErasureOrder.type, try isEntitled(given.by, store)
            else { continue }
            places.formUnion(change.places(of: given.order.record, fields: given.order.fields))
        }
        return places
    }

    /// Erases what these orders name of one entry; whether there was anything.
    private mutating func erase(
        _ orders: [Given], _ name: Dot, from entry: StoredEntry, in store: any StoreWriter
    ) throws -> Bool {
        let decoded = try DecodedEntry(
            skeleton: entry.entry.skeleton, values: entry.entry.values, position: entry.position, replica: entry.replica)
        guard case .change(let change) = decoded else { return false }
        var places: Set<Int> = []
        for given in orders where try store.state(of: given.order.record, in: scope)?.type != ErasureOrder.type {
            guard given.order.entries.contains(name), try isEntitled(given.by, store) else { continue }
            places.formUnion(change.places(of: given.order.record, fields: given.order.fields))
        }
        let contents = entry.entry.values.contents
        places = places.filter { $0 < contents.count && contents[$0] != nil }
        if places.isEmpty { return false }
        try store.setValues(entry.entry.values.erasing(places), of: entry.dot, in: scope)
        for edit in change.edits { try touch(edit.record, in: store) }
        return true
    }

    /// Where a journal forked, an order of before may mean either branch: what both hold at that position goes.
    func entries(named name: Dot, in store: any StoreReader) throws -> [StoredEntry] {
        let journals = [name.journal] + branches.descendants(of: name.journal)
        return try journals.compactMap { try store.entry(Dot($0, name.position), in: scope) }
    }

    /// What an order may call an entry: by its journal, or by one that this branched from.
    func names(of dot: Dot) -> [Dot] { branches.line(of: dot.journal).map { Dot($0.journal, dot.position) } }

    /// Who may erase: a device that the roster version its entry names had admitted to a restricted scope.
    private func isEntitled(_ dot: Dot, _ store: any StoreReader) throws -> Bool {
        guard let entry = try store.entry(dot, in: scope), let key = try store.journal(entry.journal, in: scope)?.tip.key,
            let roster = try store.roster()?.roster
        else { return false }
        return roster.scopes.contains { $0.kind == .restricted && roster.isGranted($0.id, to: key, at: entry.entry.roster) }
    }
}

extension StoreReader {
    /// What is named by an order here and is not here itself, with the orders' records.
    func waitingErasures(in scope: ScopeID) throws -> [Dot: [RecordID]] {
        guard let bytes = try setting(SettingKey.erasures(scope)) else { return [:] }
        var reader = ByteReader(bytes)
        var waiting: [Dot: [RecordID]] = [:]
        while !reader.isAtEnd {
            let dot = Dot(JournalID(rawValue: try reader.u64()), Position(rawValue: try reader.u64()))
            waiting[dot, default: []].append(RecordID(high: try reader.u64(), low: try reader.u64()))
        }
        return waiting
    }
}

extension StoreWriter {
    func setWaitingErasures(_ waiting: [Dot: [RecordID]], in scope: ScopeID) throws {
        var out = ByteWriter()
        for (dot, ids) in waiting.sorted(by: { $0.key < $1.key }) {
            for id in ids {
                out.u64(dot.journal.rawValue)
                out.u64(dot.position.rawValue)
                out.u64(id.high)
                out.u64(id.low)
            }
        }
        try setSetting(SettingKey.erasures(scope), out.bytes)
    }
}
