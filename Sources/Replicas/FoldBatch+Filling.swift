// Entries that came without values: whoever passes an entry on may have erased values of it, rightly or not. What no order took is lacking: it is asked
// for, and put in where it comes again (protocol/13-erasing.md, "What is lacking"). A hash covers a commitment to each value, so nothing else can be put in.

package import Causality
package import Journals
import Records
import Wire

extension FoldBatch {
    /// Puts in what an entry lacks of these values and no order takes.
    ///
    /// - Returns: whether there was anything; what does not read is none of its author's values, and is passed over.
    mutating func fill(_ dot: Dot, from values: EntryValues, in store: any StoreWriter) throws -> Bool {
        guard let entry = try store.entry(dot, in: scope) else { return false }
        let lacking = entry.entry.values.lackingPlaces
        let whole = entry.entry.values.filling(lacking.subtracting(values.lackingPlaces), from: values)
        guard
            let decoded = try? DecodedEntry(
                skeleton: entry.entry.skeleton, values: whole, position: entry.position, replica: entry.replica),
            case .change(let change) = decoded
        else { return false }
        let places = lacking.subtracting(values.lackingPlaces)
            .subtracting(try ordered(of: entry, whole, by: orders(in: store), in: store))
        guard !places.isEmpty else { return false }
        let filled = entry.entry.values.filling(places, from: values)
        guard filled != entry.entry.values else { return false }
        try store.setValues(filled, of: dot, in: scope)
        for edit in change.edits {
            try touch(edit.record, in: store)
            if edit.type == ErasureOrder.type { note(order: edit.record, by: dot) }
        }
        return true
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
