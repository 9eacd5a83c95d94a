// Forks: one replica id used by two stores (protocol/4-exchange.md, "Forks"). The journal ends before the fork; what followed
// on either side goes on as a branch, a journal of its own:
//
//      R: 1 2 3 4 --+-- Ra: 5 6 7
//                   +-- Rb: 5 6
//
// Other journals' contexts read R as at most 4; a branch's own contexts read R as their own line.

public import Causality

extension JournalID {
    /// The id of the branch that begins with this entry.
    package static func branch(of replica: ReplicaID, first: Hash) -> JournalID {
        var out = ByteWriter(reserving: 40)
        out.u64(replica.rawValue)
        out.hash(first)
        return JournalID(rawValue: Hash(.branch, out.bytes).prefix64)
    }
}

/// The branches of a scope, and how contexts read because of them.
public struct Branches: Hashable, Sendable {
    /// Where a branch leaves the journal it continues.
    public struct Branch: Hashable, Sendable {
        /// The branch itself, a journal of its own.
        public var journal: JournalID
        /// The journal it continues: the one that forked, or a branch of it.
        public var parent: JournalID
        /// The replica id that was used twice.
        public var replica: ReplicaID
        /// Position of its first entry.
        public var start: Position

        /// A branch out of its parts, as a store gives back what it kept.
        public init(journal: JournalID, parent: JournalID, replica: ReplicaID, start: Position) {
            (self.journal, self.parent, self.replica, self.start) = (journal, parent, replica, start)
        }
    }

    private var branches: [JournalID: Branch] = [:]
    /// Where a forked journal ends.
    private var ends: [JournalID: Position] = [:]

    package init(_ branches: some Sequence<Branch> = []) {
        for branch in branches { insert(branch) }
    }

    package var isEmpty: Bool { branches.isEmpty }

    package mutating func insert(_ branch: Branch) {
        branches[branch.journal] = branch
        ends[branch.parent] = branch.start.previous
    }

    package subscript(journal: JournalID) -> Branch? { branches[journal] }

    /// The last position a forked journal has; nil if it goes on.
    package func end(of journal: JournalID) -> Position? { ends[journal] }

    package func children(of journal: JournalID) -> [Branch] {
        branches.values.filter { $0.parent == journal }.sorted { $0.journal < $1.journal }
    }

    /// All branches that come out of a journal, parents before children.
    package func descendants(of journal: JournalID) -> [JournalID] {
        var found: [JournalID] = []
        var waiting = [journal]
        while !waiting.isEmpty, found.count <= branches.count {
            let children = children(of: waiting.removeFirst()).map(\.journal)
            found += children
            waiting += children
        }
        return found
    }

    /// The journals an entry of this one stands on, root first, each with its first position.
    package func line(of journal: JournalID) -> [(journal: JournalID, start: Position)] {
        var line: [(journal: JournalID, start: Position)] = []
        var next = journal
        while let branch = branches[next], line.count <= branches.count {
            line.append((next, branch.start))
            next = branch.parent
        }
        line.append((next, 1))
        return line.reversed()
    }

    /// A context as an edit in this journal means it.
    package func reading(_ context: VersionVector, in journal: JournalID) -> VersionVector {
        guard !isEmpty else { return context }
        let line = line(of: journal)
        var result = VersionVector()
        for component in context.components {
            if line.count > 1, component.journal == line[0].journal {
                for (i, part) in line.enumerated() where component.position >= part.start {
                    let end = i + 1 < line.count ? line[i + 1].start.previous : component.position
                    if end >= part.start { result.see(Dot(part.journal, min(component.position, end))) }
                }
            } else {
                let end = ends[component.journal] ?? component.position
                result.see(Dot(component.journal, min(component.position, end)))
            }
        }
        return result
    }

    /// A dot named by an edit in this journal, as that edit means it.
    package func reading(_ dot: Dot, in journal: JournalID) -> Dot {
        guard !isEmpty else { return dot }
        let line = line(of: journal)
        guard line.count > 1, dot.journal == line[0].journal,
            let part = line.last(where: { $0.start <= dot.position })
        else { return dot }
        return Dot(part.journal, dot.position)
    }
}

/// One side of a fork: headers from the fork on, up to one that is signed.
public struct ForkBranch: Hashable, Sendable {
    package var headers: [[UInt8]]
    package var signature: [UInt8]
    /// The skeleton of the birth, where the fork is at position 1.
    package var birth: [UInt8]

    package init(headers: [[UInt8]], signature: [UInt8], birth: [UInt8] = []) {
        (self.headers, self.signature, self.birth) = (headers, signature, birth)
    }
}

/// Evidence of a fork as somebody sent it.
public struct UnverifiedForkProof: Hashable, Sendable {
    /// The scope the forked journal lies in.
    public package(set) var scope: ScopeID
    package var journal: JournalID
    package var replica: ReplicaID
    package var position: Position
    package var branches: [ForkBranch]

    package init(scope: ScopeID, journal: JournalID, replica: ReplicaID, position: Position, branches: [ForkBranch]) {
        (self.scope, self.journal, self.replica) = (scope, journal, replica)
        (self.position, self.branches) = (position, branches)
    }
}

/// Evidence of a fork that was checked.
public struct ForkProof: Hashable, Sendable {
    /// What a store keeps of it.
    public let evidence: UnverifiedForkProof
    /// The hashes of the two entries at the fork, ascending, and with them the branches' ids.
    package let firsts: [Hash]

    package var journals: [JournalID] { firsts.map { .branch(of: evidence.replica, first: $0) } }

    /// Checks evidence against what is held: the common entry before the fork, and the key of the journal's birth.
    /// - Parameter birthKey: reads the device key out of a birth skeleton.
    package init(
        checking evidence: UnverifiedForkProof, previous: Hash, key: PublicKey?, birthKey: ([UInt8]) -> PublicKey?
    ) throws(Fault) {
        guard evidence.branches.count == 2, evidence.position > .none else {
            throw Fault(.proofInvalid, "a fork has two branches")
        }
        var firsts: [Hash] = []
        for branch in evidence.branches {
            guard (1...Limits.entriesPerSignatureOnWire).contains(branch.headers.count) else {
                throw Fault(.proofInvalid, "a branch shows \(branch.headers.count) headers")
            }
            var last = previous
            var position = evidence.position
            for (i, bytes) in branch.headers.enumerated() {
                let header = try Header(bytes: bytes)
                guard header.scope == evidence.scope, header.replica == evidence.replica, header.position == position,
                    header.previous == last
                else { throw Fault(.proofInvalid, "a header does not follow") }
                last = header.hash
                if i == 0 { firsts.append(last) }
                position = position.next
            }
            var key = key
            if evidence.position == 1, let first = branch.headers.first {
                let birth = UnverifiedEntry(
                    time: Timestamp(rawValue: 0), offset: nil, roster: 0, skeleton: branch.birth, values: .none)
                guard try Header(bytes: first).rest == birth.rest else {
                    throw Fault(.proofInvalid, "the birth shown is not the one hashed")
                }
                key = birthKey(branch.birth)
            }
            guard let key, key.verifies(branch.signature, over: headMessage(last)) else {
                throw Fault(.proofInvalid, "a branch is not signed by the journal's device")
            }
        }
        guard firsts[0] < firsts[1] else { throw Fault(.proofInvalid, "the two entries are one, or in the wrong order") }
        self.evidence = evidence
        self.firsts = firsts
    }
}
