// Entries that came without values: whoever passes an entry on may have erased values of it, rightly or not. What no order took is lacking: it is asked
// for, and put in where it comes again (protocol/13-erasing.md, "What is lacking"). A hash covers a commitment to each value, so nothing else can be put in.

package import Causality
package import Journals
import Records
import Wire

extension FoldBatch {
    /// Puts in what entries lack of these values and no order takes. What does not read is none of its author's values, and is passed over.
    ///
    /// - Returns: the entries in which there was something, and what orders among them name.
    mutating func fill(
        _ fuller: [(dot: Dot, values: EntryValues)], in store: any StoreWriter
    ) throws -> (filled: Set<Dot>, named: Set<Dot>) {
        if fuller.isEmpty { return ([], []) }
        // An order that is among these is carried out when the batch is written.
        let orders = try orders(in: store)
        var (filled, named): (Set<Dot>, Set<Dot>) = ([], [])
        for (dot, values) in fuller {
            guard let entry = try store.entry(dot, in: scope) else { continue }
            let offered = entry.entry.values.lackingPlaces.subtracting(values.lackingPlaces)
            let whole = entry.entry.values.filling(offered, from: values)
            guard
                case .change(let change)? = try? DecodedEntry(
                    skeleton: entry.entry.skeleton, values: whole, position: entry.position, replica: entry.replica)
            else { continue }
            let places = offered.subtracting(try ordered(of: entry, whole, by: orders, in: store))
            guard !places.isEmpty else { continue }
            try store.setValues(entry.entry.values.filling(places, from: values), of: dot, in: scope)
            filled.insert(dot)
            for edit in change.edits {
                try touch(edit.record, in: store)
                guard edit.type == ErasureOrder.type else { continue }
                note(order: edit.record, by: dot)
                named.formUnion(ErasureOrder(edit)?.entries ?? [])
            }
        }
        return (filled, named)
    }

    /// Of these entries, those that lack what no order takes. One whose journal has forked since is named by its branch.
    func lacking(among dots: Set<Dot>, in store: any StoreReader) throws -> Set<Dot> {
        if dots.isEmpty { return [] }
        let orders = try orders(in: store)
        var found: Set<Dot> = []
        for dot in dots {
            for entry in try entries(named: dot, in: store) {
                let places = entry.entry.values.lackingPlaces
                if try !places.isEmpty && !places.isSubset(of: ordered(of: entry, entry.entry.values, by: orders, in: store)) {
                    found.insert(entry.dot)
                }
            }
        }
        return found
    }
}

extension StoreReader {
    /// Entries that are here without values which no order took, as far as that was noted.
    package func lacking(in scope: ScopeID) throws -> Set<Dot> {
        guard let bytes = try setting(SettingKey.lacking(scope)) else { return [] }
        var reader = ByteReader(bytes)
        var lacking: Set<Dot> = []
        while !reader.isAtEnd {
            lacking.insert(Dot(JournalID(rawValue: try reader.u64()), Position(rawValue: try reader.u64())))
        }
        return lacking
    }
}

extension StoreWriter {
    func setLacking(_ lacking: Set<Dot>, in scope: ScopeID) throws {
        var out = ByteWriter()
        for dot in lacking.sorted() {
            out.u64(dot.journal.rawValue)
            out.u64(dot.position.rawValue)
        }
        try setSetting(SettingKey.lacking(scope), lacking.isEmpty ? nil : out.bytes)
    }
}
