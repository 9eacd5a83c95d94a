// The laptop's side of a sync, as a machine: it says which request to make next and is told the answer. No socket, no clock of its own.
//
//      hello --> nothing differs ------------------------------------------> finished
//        |  \-> more pages of knowledge (as often as needed)
//        |  \-> probes, where the two sides hold different entries
//        \----> exchange --> divergences? --> hello again (at most twice) --> finished

public import Causality
import Journals
package import Replicas
package import Wire

/// What a sync did.
public struct SyncSummary: Hashable, Sendable {
    /// Entries sent.
    public var sent = 0
    /// Entries received that were not here.
    public var received = 0
    /// Entries that came although they were here.
    public var repeated = 0
    /// Requests made, the exchange being one.
    public var requests = 0
    /// Bytes on the link, headers included.
    public var bytesSent = 0
    /// Bytes received on the link, headers included.
    public var bytesReceived = 0
    /// How often the link broke and was taken up again.
    public var breaks = 0
    /// The bytes that were allowed are used up; the rest comes with the next sync.
    public var isLimitReached = false
    /// Scopes for which the service's signed receipt was kept.
    public var receipts: [ScopeID] = []
    /// Journals found forked.
    public var forks: [JournalID] = []
    /// What one side did not take from the other, as lines to show.
    public var refusals: [String] = []
    /// Scopes the service no longer grants.
    public var withdrawn: [ScopeID] = []
    /// This store had been restored or copied and goes on under a new replica id.
    public var replacedReplica: ReplicaID?

    /// A sync that has done nothing.
    public init() {}

    /// Adds what a later attempt did.
    package mutating func add(_ other: SyncSummary) {
        sent += other.sent
        received += other.received
        repeated += other.repeated
        requests += other.requests
        receipts += other.receipts.filter { !receipts.contains($0) }
        forks += other.forks
        refusals += other.refusals
        withdrawn = other.withdrawn
        replacedReplica = other.replacedReplica ?? replacedReplica
    }
}

/// The laptop's side of a sync, one step after the other.
///
/// ``Replica/sync(over:)`` drives it over a ``Transport``; a program that cannot wait inside a call drives it itself. Used by one
/// thread at a time, and blocks while the replica reads or writes.
public struct SyncClient {
    /// What to do next.
    public enum Step {
        /// POST this body to this path and give the answer to ``answered(_:)``.
        case request(path: String, body: [UInt8])
        /// Run this exchange and give it to ``exchanged(_:)``.
        case exchange(ExchangeClient)
        /// That was all.
        case finished(SyncSummary)
    }

    private enum State {
        case idle
        case hello(sent: Timestamp, said: HelloMessage)
        case knowledge
        case probing
        case exchanging
    }

    private let replica: Replica
    /// How frames are compressed. A transport that compresses the whole stream sets it to none before the exchange.
    package var compression: any FrameCompression
    private let software: String
    private var state = State.idle
    private var rounds = 0
    /// What was done so far, also when the link breaks.
    package private(set) var summary = SyncSummary()
    private var startedAs: ReplicaID?

    private var peer: [ScopeID: [Head]] = [:]
    private var pages: [ScopeID] = []
    private var searches: [ForkSearch] = []
    private var resending: [ScopeID: [JournalID: Position]] = [:]
    private var diverged: [Divergence] = []
    /// What the service holds and lacks values of.
    private var lacking: [ScopeID: [Dot]] = [:]
    private var partial: Partial?
    /// How much the service holds of a message of ours that broke off.
    package var bytesHeldByPeer: Int { partial?.held ?? 0 }

    package init(replica: Replica, compression: any FrameCompression, software: String) {
        (self.replica, self.compression, self.software) = (replica, compression, software)
    }

    /// The first step.
    public mutating func start() throws -> Step {
        let hello = try replica.hello(software: software)
        state = .hello(sent: try replica.monotoneNow(), said: hello)
        if startedAs == nil { startedAs = try replica.replicaID() }
        return request("/v1/hello", hello.bytes)
    }

    /// Takes the body of the answer to the last request.
    ///
    /// - Throws: what could not be read or verified; what was stored before it is kept, and a new sync begins anew.
    public mutating func answered(_ body: [UInt8]) throws -> Step {
        switch state {
        case .hello(let sent, var said):
            let answer = try HelloAnswer(bytes: body)
            if answer.wantsRoster, said.newer == nil, let roster = try replica.roster(), roster.roster.version == said.roster {
                // It was put back to an older state: whoever holds its newer roster brings it back.
                said.newer = roster.unverified
                state = .hello(sent: try replica.monotoneNow(), said: said)
                return request("/v1/hello", said.bytes)
            }
            return try welcomed(answer, to: said, sent: sent)
        case .knowledge:
            let page = try ScopeKnowledge(bytes: body)
            // Each page continues the last one of the scope it was asked for, or there would be no end.
            guard page.scope == pages.first, let last = peer[page.scope]?.last?.journal,
                zip([last] + page.heads.map(\.journal), page.heads.map(\.journal)).allSatisfy(<), !page.more || !page.heads.isEmpty
            else { throw Malformed("a page of knowledge that does not continue the one before") }
            peer[page.scope, default: []] += page.heads
            guard peer[page.scope, default: []].count <= Limits.journalsPerScope else {
                throw Malformed("more than \(Limits.journalsPerScope) journals in a scope")
            }
            if !page.more { pages.removeAll { $0 == page.scope } }
            return try nextPage()
        case .probing:
            try searches[0].narrowed(by: ProbeAnswer(bytes: body))
            return try nextProbe()
        case .idle, .exchanging: preconditionFailure("no request was made")
        }
    }

    /// Takes an exchange that ran to its end: ``ExchangeClient/isComplete``.
    public mutating func exchanged(_ exchange: ExchangeClient) throws -> Step {
        summary.sent += exchange.sent
        count(exchange)
        diverged = exchange.divergences
        let id = try replica.replicaID()
        if id != startedAs { summary.replacedReplica = id }
        guard !diverged.isEmpty else { return .finished(summary) }
        guard rounds < 3 else {
            summary.refusals += diverged.map { "journal \($0.journal) still differs at \($0.position); sync again" }
            return .finished(summary)
        }
        return try start()
    }

    /// An exchange broke: what came is counted. What arrived of what was sent the next hello tells.
    package mutating func broke(_ exchange: ExchangeClient) { count(exchange) }

    private mutating func count(_ exchange: ExchangeClient) {
        summary.received += exchange.report.stored
        summary.repeated += exchange.report.skipped
        summary.forks += exchange.report.forks
        summary.receipts += exchange.receipts
        summary.refusals += exchange.refusals
    }

    // MARK: Steps

    private mutating func request(_ path: String, _ body: [UInt8]) -> Step {
        summary.requests += 1
        return .request(path: path, body: body)
    }

    private mutating func welcomed(_ answer: HelloAnswer, to hello: HelloMessage, sent: Timestamp) throws -> Step {
        rounds += 1
        let received = try replica.monotoneNow()
        let middle = sent.rawValue / 2 + received.rawValue / 2
        let (difference, overflow) = answer.time.rawValue.subtractingReportingOverflow(middle)
        if !overflow, let offset = ClockOffset(milliseconds: difference), try replica.clockOffset() != offset {
            try replica.setClockOffset(offset)
        }
        if let roster = answer.roster {
            guard let current = try replica.roster() else { throw Malformed("a sync before joining") }
            try replica.accept(try roster.verified(by: current.roster.root))
        }
        // What does not differ the service holds just as it is here.
        let differing = Set(answer.differing.map(\.scope) + answer.refused)
        for (scope, digest) in hello.scopes where !differing.contains(scope) { try replica.noteCentre(holds: scope, as: digest) }
        for page in answer.differing {
            // What it lacks and nobody here has either is lost to both: that keeps nothing here.
            let (held, digest) = try replica.store.reading { reader in
                let sendable = try reader.withValues(page.lacking, in: page.scope)
                let heads = page.more ? Knowledge() : Knowledge(page.heads)
                return (
                    try heads.before(sendable) { try reader.entry($0, in: page.scope)?.hash }, heads.digest(of: page.scope)
                )
            }
            if !page.more, held.digest(of: page.scope) == digest { try replica.noteCentre(holds: page.scope, as: digest) }
            try replica.noteCentre(lacking: page.scope, beyond: held)
        }
        summary.withdrawn = answer.refused
        partial = answer.partial
        let followed = try replica.followedScopes()
        peer = [:]
        pages = []
        lacking = [:]
        for page in answer.differing where followed.contains(page.scope) {
            peer[page.scope] = page.heads
            lacking[page.scope] = page.lacking
            if page.more { pages.append(page.scope) }
        }
        // The service holds everything of these scopes, but its receipt for it was lost on the way: an exchange of openings brings it.
        for item in try replica.confirmations()
        where item.unconfirmed > 0 && followed.contains(item.scope) && peer[item.scope] == nil
            && !answer.refused.contains(item.scope)
        {
            peer[item.scope] = try replica.store.reading { try $0.knowledge(of: item.scope).heads }
        }
        // What this device lacks of scopes that are the same by their entries, the service may have.
        for scope in followed where peer[scope] == nil && !answer.refused.contains(scope) {
            let heads: [Head]? = try replica.store.reading { reader in
                try reader.lacking(in: scope).isEmpty ? nil : reader.knowledge(of: scope).heads
            }
            if let heads { peer[scope] = heads }
        }
        if peer.isEmpty { return .finished(summary) }
        return try nextPage()
    }

    private mutating func nextPage() throws -> Step {
        if let scope = pages.first, let last = peer[scope]?.last {
            state = .knowledge
            return request("/v1/knowledge", KnowledgeRequest(scope: scope, after: last.journal).bytes)
        }
        if let replaced = try replica.replaceIfOutrun(by: peer) { summary.replacedReplica = replaced }
        searches = try replica.store.reading { reader in
            var searches: [ForkSearch] = []
            for (scope, heads) in peer.sorted(by: { $0.key < $1.key }) {
                for head in try replica.divergences(from: Knowledge(heads), in: scope, reader) {
                    searches.append(ForkSearch(scope: scope, journal: head.journal, differs: head.position))
                }
            }
            for place in diverged where peer[place.scope] != nil {
                // What the service says of places that are not here is no place to look.
                guard let tip = try reader.journal(place.journal, in: place.scope)?.tip, place.position <= tip.position else {
                    continue
                }
                guard !searches.contains(where: { $0.scope == place.scope && $0.journal == place.journal }) else { continue }
                searches.append(ForkSearch(scope: place.scope, journal: place.journal, differs: place.position))
            }
            return searches
        }
        diverged = []
        resending = [:]
        return try nextProbe()
    }

    private mutating func nextProbe() throws -> Step {
        while let search = searches.first {
            if let found = search.found {
                resending[search.scope, default: [:]][search.journal] = found
                searches.removeFirst()
                continue
            }
            let replica = replica
            let positions = try replica.store.reading { reader in
                try searches[0].nextPositions { try reader.entry(Dot(search.journal, $0), in: search.scope)?.hash }
            }
            state = .probing
            return request("/v1/probe", Probe(scope: search.scope, journal: search.journal, positions: positions).bytes)
        }
        state = .exchanging
        summary.requests += 1
        return .exchange(
            try ExchangeClient(
                replica: replica, peer: peer.mapValues { Knowledge($0) }, resending: resending, lacking: lacking, partial: partial,
                compression: compression))
    }
}

/// Looks for the first position at which two sides hold different entries, by asking for hashes in ever smaller steps.
struct ForkSearch {
    let scope: ScopeID
    let journal: JournalID
    private var same: Position = .none
    private var differs: Position
    private var asked: [(position: Position, mine: Hash?)] = []

    init(scope: ScopeID, journal: JournalID, differs: Position) {
        (self.scope, self.journal, self.differs) = (scope, journal, differs)
    }

    var found: Position? { same.next == differs ? differs : nil }

    /// Positions between the last one known to be the same and the first known to differ.
    mutating func nextPositions(mine: (Position) throws -> Hash?) rethrows -> [Position] {
        let width = differs.rawValue - same.rawValue
        // Not found yet, so there is at least one position between.
        let count = min(UInt64(Limits.positionsPerProbe), width - 1)
        let stride = width / (count + 1)
        let positions = (1...count).map { Position(rawValue: same.rawValue + stride * $0) }
        asked = try positions.map { ($0, try mine($0)) }
        return positions
    }

    mutating func narrowed(by answer: ProbeAnswer) throws(Malformed) {
        guard answer.hashes.count == asked.count, !asked.isEmpty else { throw Malformed("a probe answered beside the question") }
        for ((position, mine), theirs) in zip(asked, answer.hashes) {
            if mine != nil, mine == theirs {
                same = max(same, position)
            } else {
                differs = min(differs, position)
                break
            }
        }
    }
}

extension Replica {
    /// A service that holds more of this replica's own journal than this store does proves that the store was restored or copied:
    /// it takes a new replica id before it writes again, and its lost tail comes back with the sync.
    func replaceIfOutrun(by peer: [ScopeID: [Head]]) throws -> ReplicaID? {
        let isOutrun = try store.reading { reader in
            let own = JournalID(try reader.replica().id)
            return try peer.contains { scope, heads in
                guard let theirs = heads.first(where: { $0.journal == own }) else { return false }
                // What this device let go of with an archived scope, and has back now, is no sign of a copy.
                return theirs.position > (try reader.journal(own, in: scope)?.tip.position ?? reader.leftEnd(of: own, in: scope))
            }
        }
        return isOutrun ? try renewReplica() : nil
    }
}
