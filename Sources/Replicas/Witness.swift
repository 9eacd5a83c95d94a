// A witness outside the store of how far its own journals had got. A store that knows less than its witness was put back from an older copy; one
// that the witness does not know was copied or moved. Either goes on under a new replica id before it writes, so that no dot is used twice.

public import Causality
import Journals
import Synchronization

/// How far a store's own journals have got under its present replica id.
public struct OwnProgress: Hashable, Sendable {
    /// The replica id it writes under.
    public var replica: ReplicaID
    /// The last position it wrote, by scope.
    public var positions: [ScopeID: Position]

    /// Progress out of its parts.
    public init(replica: ReplicaID, positions: [ScopeID: Position]) { (self.replica, self.positions) = (replica, positions) }

    /// This, after `earlier`: under one replica id progress only grows, and what was under another is past.
    public func merged(with earlier: OwnProgress?) -> OwnProgress {
        guard let earlier, earlier.replica == replica else { return self }
        var merged = self
        merged.positions.merge(earlier.positions) { max($0, $1) }
        return merged
    }
}

/// What a witness has to say.
public enum Testimony: Hashable, Sendable {
    /// It cannot remember anything: nothing follows from its silence.
    case unable
    /// It has never seen this store.
    case none
    /// The furthest it has seen.
    case progress(OwnProgress)
}

/// Remembers, outside a store and for one place it may be in, how far the store had got.
///
/// It need not survive a power cut: a witness that remembers less than there is, or nothing, costs a replica id at most.
public protocol Witness: Sendable {
    /// What it remembers.
    func testimony() -> Testimony
    /// Remembers; what it remembers of the same replica id only grows.
    func remember(_ progress: OwnProgress)
}

/// What a replica knows of itself beside its store.
struct SelfKnowledge: Sendable {
    /// Whether the store may not be what wrote under its replica id.
    var isDoubted = false
    /// What was written and is not yet known to be durable.
    var pending: OwnProgress?
}

extension Replica {
    /// Whether this store was put back or copied, as its witness tells; it takes a new replica id with the next save.
    public var isDoubted: Bool { itself.withLock { $0.isDoubted } }

    /// Asks the witness. A store that was made just now nobody can have seen.
    func askWitness(isNew: Bool) throws {
        guard let witness else { return }
        let testimony = witness.testimony()
        let (here, isKnown) = try store.reading { reader in
            let here = try reader.ownProgress()
            switch testimony {
            case .unable: return (here, true)
            case .none: return (here, isNew)
            case .progress(let last):
                // It may have taken a newer id since, under another user's eyes; an older copy does not know its own later one.
                guard try reader.ownReplicas().contains(last.replica) else { return (here, false) }
                let journal = JournalID(last.replica)
                let reaches = try last.positions.allSatisfy { scope, position in
                    // What was let go of with an archived scope was here all the same.
                    let here = try reader.journal(journal, in: scope)?.tip.position ?? .none
                    return try position <= max(here, reader.leftEnd(of: journal, in: scope))
                }
                return (here, reaches)
            }
        }
        itself.withLock { $0.isDoubted = !isKnown }
        if isKnown { witness.remember(here) }
    }

    /// The replica id to write under: a new one if the present one is doubted.
    func writingID(in writer: any StoreWriter) throws -> (id: ReplicaID, earlier: ReplicaID?) {
        let (id, earlier) = try writer.replica()
        guard isDoubted else { return (id, earlier) }
        try renew(id, in: writer)
        return try writer.replica()
    }

    /// Gives the store a new replica id in place of this one.
    func renew(_ own: ReplicaID, in writer: any StoreWriter) throws {
        let fresh = Self.freshID(entropy)
        try writer.setReplica(fresh, earlier: own)
        itself.withLock { $0.pending = OwnProgress(replica: fresh, positions: [:]) }
    }

    /// A write transaction in which something may be noted for the witness; if it fails, nothing was.
    func transacting<T>(_ body: (any StoreWriter) throws -> T) throws -> T {
        do { return try store.writing(body) } catch {
            itself.withLock { $0.pending = nil }
            throw error
        }
    }

    /// Notes what a transaction wrote.
    func wrote(_ tip: Dot, by replica: ReplicaID, in scope: ScopeID) {
        guard witness != nil else { return }
        itself.withLock { itself in
            if itself.pending?.replica != replica { itself.pending = OwnProgress(replica: replica, positions: [:]) }
            itself.pending?.positions[scope] = tip.position
        }
    }

    /// What was written is durable: the witness may know, and whoever looks on.
    func becameDurable() {
        let pending = itself.withLock { itself in
            defer { itself.pending = nil }
            if itself.pending != nil { itself.isDoubted = false }
            return itself.pending
        }
        if let pending { witness?.remember(pending) }
        observers.notify()
    }
}

extension StoreReader {
    /// How far this store's own journals have got.
    func ownProgress() throws -> OwnProgress {
        let id = try replica().id
        var positions: [ScopeID: Position] = [:]
        for scope in try scopes() {
            if let tip = try journal(JournalID(id), in: scope)?.tip { positions[scope] = tip.position }
        }
        return OwnProgress(replica: id, positions: positions)
    }
}
