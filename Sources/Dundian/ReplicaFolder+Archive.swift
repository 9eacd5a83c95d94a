// What an archived scope leaves behind on a laptop: nothing, once all of it has arrived at the centre.

import Files

/// What became of an archived scope that was still here.
public struct Departure: Hashable, Sendable {
    /// The scope, as the roster has it.
    public var scope: Roster.Scope
    /// Why it stays for now.
    public enum Waiting: Hashable, Sendable {
        /// Entries that the centre is not known to hold.
        case entries(Int)
        /// Contents of attachments that are only here.
        case attachments(Int)
        /// Drafts that somebody here has begun and not saved.
        case drafts(Int)
    }
    /// Nil: it has left.
    public var waiting: Waiting?
}

extension ReplicaFolder {
    /// Lets go of the archived scopes whose entries and contents are all at the centre.
    ///
    /// - Parameters:
    ///   - drafts: how many drafts are begun here: while there are any, nothing leaves.
    ///   - contentsWereAsked: whether the centre was asked just now which contents it holds (``carryAttachments(over:asked:recheck:isInterrupted:progress:)``);
    ///     if not, what it once said is not believed, for it may have been restored since.
    public func letGoOfArchived(drafts: Int, contentsWereAsked: Bool) throws -> [Departure] {
        try vault.sweep()
        return try replica.departingScopes().map { departing in
            let id = departing.scope.id
            let keys = try vault.keys().filter { $0.scope == id }
            let wanted = Set(try replica.attachments().map(\.key))
            let unsent = try keys.count {
                try wanted.contains($0) && vault.holding(of: $0).isWhole && !(contentsWereAsked && vault.isAtCentre($0))
            }
            if departing.unconfirmed > 0 { return Departure(scope: departing.scope, waiting: .entries(departing.unconfirmed)) }
            if unsent > 0 { return Departure(scope: departing.scope, waiting: .attachments(unsent)) }
            if drafts > 0 { return Departure(scope: departing.scope, waiting: .drafts(drafts)) }
            // First what the centre holds: if this is cut short, the records are still here, and the next sync goes on. Then the records, and
            // with them what none of them tells of.
            for key in keys where try vault.isAtCentre(key) { try vault.remove(key) }
            try replica.letGo(of: id)
            for key in keys { try vault.remove(key) }
            return Departure(scope: departing.scope, waiting: nil)
        }
    }
}
