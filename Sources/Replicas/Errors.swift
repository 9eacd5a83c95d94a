// What can go wrong when a replica is used, said so that the next step is clear. Messages are English here; the commands put them
// into the user's language by code.

import Journals
import Records

/// What went wrong with a replica, and what to do next.
public struct ReplicaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable: programs and translations go by it.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Name: String {
            case notJoined = "not-joined"
            case scopeNotGranted = "scope-not-granted"
            case scopeUnknown = "scope-unknown"
            case recordUnknown = "record-unknown"
            case recordDeleted = "record-deleted"
            case recordNotDeleted = "record-not-deleted"
            case fieldContested = "field-contested"
            case itemUnknown = "item-unknown"
            case choiceUnknown = "choice-unknown"
            case approvalRefused = "approval-refused"
            case checkBroken = "check-broken"
            case scopeArchived = "scope-archived"
            case scopeUnsent = "scope-unsent"
            case recordSealed = "record-sealed"
            case writeForbidden = "write-forbidden"
            case entryTooLarge = "entry-too-large"
            case rosterRefused = "roster-refused"
            case storeBusy = "store-busy"
            case storeReadOnly = "store-read-only"
            case storeFull = "store-full"
            case storeUnreadable = "store-unreadable"
            case storeTooNew = "store-too-new"
            case fileExists = "file-exists"
            case fileUnwritable = "file-unwritable"
            case fileUnreadable = "file-unreadable"
            case diskFull = "disk-full"
            case keyMissing = "key-missing"
            case changeMalformed = "change-malformed"
        }

        private let name: Name
        private init(_ name: Name) { self.name = name }
        public var description: String { name.rawValue }

        /// The replica has not joined a service.
        public static let notJoined = Code(.notJoined)
        /// This device may not write to the scope.
        public static let scopeNotGranted = Code(.scopeNotGranted)
        /// There is no such scope.
        public static let scopeUnknown = Code(.scopeUnknown)
        /// There is no such record here.
        public static let recordUnknown = Code(.recordUnknown)
        /// The record is deleted; restore it first.
        public static let recordDeleted = Code(.recordDeleted)
        /// The record is not deleted, so it cannot be restored.
        public static let recordNotDeleted = Code(.recordNotDeleted)
        /// The field has several values nobody has chosen between.
        public static let fieldContested = Code(.fieldContested)
        /// The item was settled or has changed meanwhile.
        public static let itemUnknown = Code(.itemUnknown)
        /// That is no way to settle this item.
        public static let choiceUnknown = Code(.choiceUnknown)
        /// This person may not approve the decision: they made it, or wrote one of the values.
        public static let approvalRefused = Code(.approvalRefused)
        /// The values do not go together.
        public static let checkBroken = Code(.checkBroken)
        /// The scope is archived: nothing is written there any more.
        public static let scopeArchived = Code(.scopeArchived)
        /// The scope has entries here that the centre has not signed for.
        public static let scopeUnsent = Code(.scopeUnsent)
        /// The record is sealed: what has to be put right stands beside it.
        public static let recordSealed = Code(.recordSealed)
        /// The catalogue forbids what was to be written outright.
        public static let writeForbidden = Code(.writeForbidden)
        /// A change is larger than an entry may be.
        public static let entryTooLarge = Code(.entryTooLarge)
        /// A roster does not continue the present one.
        public static let rosterRefused = Code(.rosterRefused)
        /// Another program uses the store; try again.
        public static let storeBusy = Code(.storeBusy)
        /// The store cannot be written.
        public static let storeReadOnly = Code(.storeReadOnly)
        /// The disk is full.
        public static let storeFull = Code(.storeFull)
        /// The store is damaged, or not a replica.
        public static let storeUnreadable = Code(.storeUnreadable)
        /// A newer version wrote the store.
        public static let storeTooNew = Code(.storeTooNew)
        /// A file to be written is there already: a bundle, an export.
        public static let fileExists = Code(.fileExists)
        /// A file beside the store, as on a stick, cannot be written.
        public static let fileUnwritable = Code(.fileUnwritable)
        /// A file beside the store, as on a stick, cannot be read.
        public static let fileUnreadable = Code(.fileUnreadable)
        /// The disk such a file was to go to is full.
        public static let diskFull = Code(.diskFull)
        /// The device key is missing.
        public static let keyMissing = Code(.keyMissing)
        /// The program made a change nobody could read.
        public static let changeMalformed = Code(.changeMalformed)
    }

    /// Which error: go by this.
    public var code: Code
    /// What it is about: an id, a field, a path.
    public var subject: String
    /// What happened, in English.
    public var message: String
    /// What to do about it, in English.
    public var next: String

    /// An error out of its parts.
    public init(_ code: Code, _ subject: String = "", message: String, next: String) {
        (self.code, self.subject, self.message, self.next) = (code, subject, message, next)
    }

    public var description: String { "\(message) \(next)" }
}
