// The tail a peer lacks, cut into frames: entries in the order they arrived here, which is a causal order; a frame ends where every
// journal in it is signed. One frame's worth is in memory at a time.

package import Causality
package import Journals
import Wire

package struct TailReader: Sendable {
    package enum Part: Sendable {
        case proof(UnverifiedForkProof)
        /// The bytes of a `Tail`, and how many entries are in it.
        case tail([UInt8], entries: Int)
    }

    private let scope: ScopeID
    /// How far the peer holds each journal, in terms of the branches known here.
    private let beyond: [JournalID: Position]
    /// Journals whose first run says what it follows.
    private let explicit: Set<JournalID>
    private var proofs: [UnverifiedForkProof]
    /// What was read and not yet looked at; entries can be large, so a read takes few.
    private var fetched: ArraySlice<StoredEntry> = []
    private static let entriesPerRead = 64
    private var arrival: Arrival
    /// How many entries there are to send.
    package private(set) var entryCount = 0
    private var linked: Set<JournalID> = []
    /// Entries to give once more, for the values the peer lacks.
    private var filling: ArraySlice<Dot> = []
    /// Nobody has more than this repeated in one exchange.
    private var fillingBytesLeft = 16 << 20
    /// A signed unit that did not fit into the last frame.
    private var unit: [StoredEntry] = []

    /// - Parameters:
    ///   - resending: journals to send from a position on although the peer claims to hold them, to find a fork.
    ///   - filling: entries the peer holds and lacks values of.
    package init(
        scope: ScopeID, peer: Knowledge, resending: [JournalID: Position] = [:], filling: [Dot] = [], in reader: any JournalReader
    ) throws {
        self.scope = scope
        let branches = try reader.branchMap(in: scope)
        var beyond: [JournalID: Position] = [:]
        var explicit: Set<JournalID> = []
        for head in peer.heads {
            var part = head.journal
            // A peer that does not know of a fork names the undivided journal: find the branch it means by its hash.
            while let end = branches.end(of: part), head.position > end {
                beyond[part] = end
                guard
                    let child = try branches.children(of: part).first(where: { child in
                        try Self.line(child.journal, branches, reader, scope, has: head)
                    })
                else { break }
                part = child.journal
            }
            if branches.end(of: part).map({ head.position <= $0 }) ?? true { beyond[part] = head.position }
        }
        for (journal, position) in resending {
            beyond[journal] = position.previous
            explicit.insert(journal)
        }
        let known = Set(peer.heads.map(\.journal))
        proofs = try reader.proofs(in: scope).filter { !$0.journals.allSatisfy(known.contains) }
        var first: Arrival?
        for journal in try reader.journals(in: scope) {
            let next = max(beyond[journal.tip.journal]?.next ?? 1, branches[journal.tip.journal]?.start ?? 1)
            guard next <= journal.tip.position else { continue }
            entryCount += Int(clamping: journal.tip.position.rawValue - next.rawValue) + 1
            guard
                let arrival = try reader.arrival(of: Dot(journal.tip.journal, next), in: scope)
            else { continue }
            first = min(first ?? arrival, arrival)
        }
        self.beyond = beyond
        self.explicit = explicit
        self.filling = filling[...]
        arrival = first ?? .max
    }

    private static func line(
        _ journal: JournalID, _ branches: Branches, _ reader: any JournalReader, _ scope: ScopeID, has head: Head
    ) throws -> Bool {
        if try reader.entry(Dot(journal, head.position), in: scope)?.hash == head.hash { return true }
        return try branches.children(of: journal).contains { try line($0.journal, branches, reader, scope, has: head) }
    }

    /// The next part to send; nil when the peer has been given everything.
    ///
    /// - Parameter target: about how many bytes a frame may have; one signed unit goes whole, however long.
    package mutating func next(in reader: any JournalReader, target: Int = Limits.frameTargetBytes) throws -> Part? {
        let branches = try reader.branchMap(in: scope)
        // Evidence goes first where the peer holds what stands before the fork.
        if let i = proofs.firstIndex(where: { proof in
            let parent = branches[proof.journals[0]]?.parent ?? proof.journal
            return proof.position == 1 || beyond[parent, default: .none] >= proof.position.previous
        }) {
            return .proof(proofs.remove(at: i))
        }
        if let frame = try nextFilling(in: reader) { return .tail(frame, entries: 1) }
        var frame: [StoredEntry] = []
        var bytes = 0
        while true {
            if unit.isEmpty { unit = try nextUnit(branches, in: reader) }
            if unit.isEmpty { break }
            if let proof = proofs.firstIndex(where: { proof in unit.contains { proof.journals.contains($0.journal) } }) {
                if frame.isEmpty { return .proof(proofs.remove(at: proof)) }
                break
            }
            let size = unit.reduce(0) { $0 + $1.entry.encodedByteCount + 16 }
            if !frame.isEmpty, bytes + size > target { break }
            frame += unit
            bytes += size
            unit = []
        }
        if frame.isEmpty { return proofs.isEmpty ? nil : .proof(proofs.removeFirst()) }
        return .tail(try encode(frame, in: reader), entries: frame.count)
    }

    /// The next entry that has something which the peer lacks of it: alone in its frame, since a run that goes back begins one.
    private mutating func nextFilling(in reader: any JournalReader) throws -> [UInt8]? {
        while let dot = filling.popFirst() {
            guard dot.position <= beyond[dot.journal, default: .none], let entry = try reader.entry(dot, in: scope),
                entry.entry.values.lackingPlaces.count < entry.entry.values.count
            else { continue }
            var tail = TailWriter()
            tail.begin(
                journal: entry.journal, replica: entry.replica, start: entry.position, previous: try hash(before: entry, in: reader)
            )
            tail.append(entry.entry)
            if let signature = entry.signature { tail.sign(signature) }
            fillingBytesLeft -= tail.bytes.count
            if fillingBytesLeft < 0 { filling = [] }
            return tail.bytes
        }
        return nil
    }

    /// The next entries up to a place where every journal among them is signed.
    private mutating func nextUnit(_ branches: Branches, in reader: any JournalReader) throws -> [StoredEntry] {
        var unit: [StoredEntry] = []
        var open: Set<JournalID> = []
        while let entry = try nextEntry(in: reader) {
            if entry.position <= beyond[entry.journal, default: .none] { continue }
            unit.append(entry)
            // The last common entry before a fork may be signed only by what its branches' proof shows.
            let isEnd = branches.end(of: entry.journal) == entry.position
            if entry.signature == nil && !isEnd { open.insert(entry.journal) } else { open.remove(entry.journal) }
            if open.isEmpty { return unit }
        }
        return unit
    }

    private mutating func nextEntry(in reader: any JournalReader) throws -> StoredEntry? {
        if fetched.isEmpty, arrival < .max {
            fetched = try reader.entries(in: scope, from: arrival, limit: Self.entriesPerRead)[...]
            arrival = fetched.last.map { $0.arrival + 1 } ?? .max
        }
        return fetched.popFirst()
    }

    private mutating func encode(_ entries: [StoredEntry], in reader: any JournalReader) throws -> [UInt8] {
        var tail = TailWriter()
        var lastOf: [JournalID: Int] = [:]
        for (i, entry) in entries.enumerated() { lastOf[entry.journal] = i }
        var unsigned: [JournalID: Int] = [:]
        var current: StoredEntry?
        for (i, entry) in entries.enumerated() {
            if current?.journal != entry.journal || current?.position.next != entry.position {
                var previous: Hash?
                if explicit.contains(entry.journal), linked.insert(entry.journal).inserted {
                    previous = entry.position == 1 ? .zero : try hash(before: entry, in: reader)
                }
                tail.begin(journal: entry.journal, replica: entry.replica, start: entry.position, previous: previous)
            }
            tail.append(entry.entry)
            unsigned[entry.journal, default: 0] += 1
            if let signature = entry.signature,
                lastOf[entry.journal] == i || i + 1 == entries.count || entries[i + 1].journal != entry.journal
                    || unsigned[entry.journal, default: 0] > Limits.entriesPerSignatureOnWire / 2
            {
                tail.sign(signature)
                unsigned[entry.journal] = 0
                current = nil
            } else if entry.signature == nil, lastOf[entry.journal] == i, let cover = try cover(of: entry, in: reader) {
                tail.sign(cover.signature, cover: cover.headers)
                current = nil
            } else {
                current = entry
            }
        }
        return tail.bytes
    }

    /// The headers that follow the last common entry before a fork, up to a signed one.
    private func cover(of entry: StoredEntry, in reader: any JournalReader) throws -> ForkBranch? {
        try reader.proofs(in: scope).lazy.flatMap(\.branches).first { branch in
            branch.headers.first.flatMap { try? Header(bytes: $0) }?.previous == entry.hash
        }
    }

    private func hash(before entry: StoredEntry, in reader: any JournalReader) throws -> Hash? {
        let branches = try reader.branchMap(in: scope)
        let position = entry.position.previous
        guard let part = branches.line(of: entry.journal).last(where: { $0.start <= position }) else { return .zero }
        return try reader.entry(Dot(part.journal, position), in: scope)?.hash
    }
}

extension UnverifiedForkProof {
    /// The ids of its branches, as its headers say.
    package var journals: [JournalID] {
        branches.map { branch in
            let hash = branch.headers.first.map { Hash(.header, $0) } ?? .zero
            return .branch(of: replica, first: hash)
        }
    }
}

extension Replica {
    /// The journals of which a peer claims a head that is not ours at its position: the two sides diverge there or before.
    package func divergences(from peer: Knowledge, in scope: ScopeID, _ reader: any StoreReader) throws -> [Head] {
        let branches = try reader.branchMap(in: scope)
        return try peer.heads.filter { head in
            // Beyond a fork that is known here, a peer that does not know of it names the undivided journal and means a branch.
            guard let mine = try reader.journal(head.journal, in: scope), head.position <= mine.tip.position,
                branches.end(of: head.journal).map({ head.position <= $0 }) ?? true
            else { return false }
            return try reader.entry(Dot(head.journal, head.position), in: scope)?.hash != head.hash
        }
    }
}
