// Taking what a report is made from out of a store, all as it is at one moment.

package import Causality
package import Journals
package import Replicas
import Records

extension ReportMaterial {
    /// What a store holds that a report on this scope may speak of. What is restricted is not even read unless it was asked for.
    package init(
        of scope: ScopeID, roster: Roster, restricted: Bool, contacts: [PublicKey: Contact] = [:], in reader: any StoreReader
    ) throws {
        self.init(roster: roster, records: [], contacts: contacts)
        for one in roster.scopes where one.id == scope || one.kind == .directory || restricted && one.kind == .restricted {
            try read(one.id, in: reader)
            let branches = try reader.branchMap(in: one.id)
            journals += try reader.journals(in: one.id).map { journal in
                // A branch counts from where it leaves its parent.
                let before = (branches[journal.tip.journal]?.start ?? 1).previous
                let end = journal.tip.position
                return JournalLength(
                    scope: one.id, key: journal.tip.key, entries: Int(clamping: end.rawValue - before.rawValue),
                    held: Int(clamping: end.rawValue - max(before, min(journal.counted, end)).rawValue))
            }
        }
    }

    private mutating func read(_ scope: ScopeID, in reader: any StoreReader) throws {
        let page = 4_000
        var last: RecordID?
        while true {
            let found = try reader.states(in: scope, after: last, limit: page)
            records += found.map { .init(scope: scope, state: $0) }
            guard found.count == page else { return }
            last = found.last?.record
        }
    }
}
