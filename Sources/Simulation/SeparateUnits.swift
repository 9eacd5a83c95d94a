// Entries as they may travel: cut into the smallest pieces that verify by themselves, so that they can be lost, repeated and taken out of order.

import Causality
package import Journals
package import Replicas

/// Of entries in the order of arrival, what a peer lacks, in the smallest pieces that verify by themselves.
package func separateUnits(of entries: [StoredEntry], beyond peer: Knowledge) -> [[UnverifiedRun]] {
    var units: [[UnverifiedRun]] = []
    var unit: [UnverifiedRun] = []
    var open: Set<JournalID> = []
    for entry in entries where entry.position > peer[entry.journal]?.position ?? .none {
        if let last = unit.indices.last, unit[last].journal == entry.journal, unit[last].signature == nil {
            unit[last].entries.append(entry.entry)
            unit[last].signature = entry.signature
        } else {
            unit.append(
                UnverifiedRun(
                    journal: entry.journal, replica: entry.replica, start: entry.position, entries: [entry.entry],
                    signature: entry.signature))
        }
        if entry.signature == nil { open.insert(entry.journal) } else { open.remove(entry.journal) }
        if open.isEmpty {
            units.append(unit)
            unit = []
        }
    }
    return units
}
