// What a report is made from: what the centre holds of some scopes, taken at one moment, and nothing of how it holds it.

package import Causality
package import Journals
package import Records
import Replicas
import Supervision

package struct ReportMaterial: Sendable {
    package struct Entry: Sendable {
        package var scope: ScopeID
        package var state: RecordState
        package init(scope: ScopeID, state: RecordState) { (self.scope, self.state) = (scope, state) }
    }

    /// How long one journal is here.
    package struct JournalLength: Hashable, Sendable {
        package var scope: ScopeID
        /// The device that writes it.
        package var key: PublicKey?
        package var entries: Int
        /// Entries of them that the roster does not let count.
        package var held: Int

        package init(scope: ScopeID, key: PublicKey?, entries: Int, held: Int) {
            (self.scope, self.key, self.entries, self.held) = (scope, key, entries, held)
        }
    }

    /// When the centre last heard of a device, by its own clock.
    package struct Contact: Hashable, Sendable {
        /// The device said hello.
        package var seen: Timestamp?
        /// All it had to send was here then.
        package var synced: Timestamp?

        package init(seen: Timestamp? = nil, synced: Timestamp? = nil) { (self.seen, self.synced) = (seen, synced) }
    }

    package var roster: Roster
    package var records: [Entry]
    package var journals: [JournalLength]
    package var contacts: [PublicKey: Contact]

    package init(
        roster: Roster, records: [Entry], journals: [JournalLength] = [], contacts: [PublicKey: Contact] = [:]
    ) {
        (self.roster, self.records, self.journals, self.contacts) = (roster, records, journals, contacts)
    }

    /// Without what only those named may see: restricted scopes, and records of restricted types wherever they lie.
    func ordinary(by catalogue: Catalogue) -> ReportMaterial {
        func isOpen(_ scope: ScopeID) -> Bool { roster.scope(scope).map { $0.kind != .restricted } ?? false }
        var material = self
        material.records = records.filter { isOpen($0.scope) && catalogue.type($0.state.type)?.scope != .restricted }
        material.journals = journals.filter { isOpen($0.scope) }
        return material
    }

    /// Which of the records people said are one thing.
    func joined(by catalogue: Catalogue) -> JoinedRecords {
        JoinedRecords(
            records.compactMap { entry in
                guard entry.state.type == Verdict.type, !entry.state.isDeleted, Verdict(of: entry.state, by: catalogue) == .same,
                    let pair = Verdict.pair(of: entry.state, by: catalogue),
                    entry.state.record == .sameAs(pair.first, pair.second, in: entry.scope)
                else { return nil }
                return pair
            })
    }

    func isRestricted(_ entry: Entry, by catalogue: Catalogue) -> Bool {
        roster.scope(entry.scope)?.kind == .restricted || catalogue.type(entry.state.type)?.scope == .restricted
    }
}
