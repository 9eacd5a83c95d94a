// A journal written by hand, where a replica would refuse to: for everything a broken or lying device can send. A copy of an author
// is a fork.

package import Causality
package import Journals
package import Records
import Wire

package struct Author: Sendable {
    package let key: SigningKey
    package let scope: ScopeID
    package let replica: ReplicaID
    package var time: Timestamp
    package var roster: UInt32
    /// Of the last entry written.
    package private(set) var position = Position.none
    package private(set) var hash = Hash.zero

    package init(key: SigningKey, scope: ScopeID, replica: ReplicaID, time: Timestamp, roster: UInt32) {
        (self.key, self.scope, self.replica, self.time, self.roster) = (key, scope, replica, time, roster)
    }

    package var journal: JournalID { JournalID(replica) }
    package var last: Dot { Dot(journal, position) }

    // MARK: What entries say

    package func birth() -> UnverifiedEntry { entry(skeleton: Birth(key: key.publicKey, earlier: nil).skeleton, values: []) }

    /// A first edit of a record.
    package func entry(_ text: String, of record: RecordID) -> UnverifiedEntry {
        entry(Change([.put(.text(text))], of: record))
    }

    package func entry(_ change: Change) -> UnverifiedEntry {
        let (skeleton, values) = change.encoded()
        return entry(skeleton: skeleton, values: values)
    }

    package func entry(skeleton: [UInt8], values: [[UInt8]]) -> UnverifiedEntry {
        let seed = [UInt8](repeating: 7, count: values.isEmpty ? 0 : 16)
        return UnverifiedEntry(
            time: time, offset: nil, roster: roster, skeleton: skeleton, values: .sealed(seed: seed, values: values))
    }

    // MARK: Writing them down

    /// Puts entries behind the last one and signs them, whatever they are.
    package mutating func run(_ entries: [UnverifiedEntry]) throws -> UnverifiedRun {
        let start = position.next
        for header in headers(of: entries) { (position, hash) = (header.position, header.hash) }
        return UnverifiedRun(
            journal: journal, replica: replica, start: start, entries: entries,
            signature: try key.sign(.signedHead, hash.bytes))
    }

    /// The headers these entries would have as the next ones.
    package func headers(of entries: [UnverifiedEntry]) -> [Header] {
        var position = self.position
        var previous = hash
        return entries.map { entry in
            position = position.next
            let header = Header(
                scope: scope, replica: replica, position: position, previous: previous, time: entry.time, offset: entry.offset,
                roster: entry.roster, rest: entry.rest)
            previous = header.hash
            return header
        }
    }
}
