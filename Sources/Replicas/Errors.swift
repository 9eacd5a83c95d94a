// What can go wrong when a replica is used, said so that the next step is clear. Messages are English here; the commands put them
// into the user's language by code.

import Journals
import Records

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
            case entryTooLarge = "entry-too-large"
            case rosterRefused = "roster-refused"
            case storeBusy = "store-busy"
            case storeReadOnly = "store-read-only"
            case storeFull = "store-full"
            case storeUnreadable = "store-unreadable"
            case storeTooNew = "store-too-new"
            case keyMissing = "key-missing"
            case changeMalformed = "change-malformed"
        }

        private let name: Name
        private init(_ name: Name) { self.name = name }
        public var description: String { name.rawValue }

        public static let notJoined = Code(.notJoined)
        public static let scopeNotGranted = Code(.scopeNotGranted)
        public static let scopeUnknown = Code(.scopeUnknown)
        public static let recordUnknown = Code(.recordUnknown)
        public static let recordDeleted = Code(.recordDeleted)
        public static let recordNotDeleted = Code(.recordNotDeleted)
        public static let fieldContested = Code(.fieldContested)
        public static let itemUnknown = Code(.itemUnknown)
        public static let choiceUnknown = Code(.choiceUnknown)
        public static let entryTooLarge = Code(.entryTooLarge)
        public static let rosterRefused = Code(.rosterRefused)
        public static let storeBusy = Code(.storeBusy)
        public static let storeReadOnly = Code(.storeReadOnly)
        public static let storeFull = Code(.storeFull)
        public static let storeUnreadable = Code(.storeUnreadable)
        public static let storeTooNew = Code(.storeTooNew)
        public static let keyMissing = Code(.keyMissing)
        public static let changeMalformed = Code(.changeMalformed)
    }

    public var code: Code
    /// What it is about: an id, a field, a path.
    public var subject: String
    public var message: String
    public var next: String

    public init(_ code: Code, _ subject: String = "", message: String, next: String) {
        (self.code, self.subject, self.message, self.next) = (code, subject, message, next)
    }

    public var description: String { "\(message) \(next)" }
}
