import Causality
import Journals
import Support
import Testing

private let scope = ScopeID(high: 0, low: 1)
private let replica = ReplicaID(rawValue: 10)
private let (author, stranger) = (signer(1), signer(2))

private func entry(_ n: UInt8, time: Int64 = 5, roster: UInt32 = 2, values: EntryValues = .none) -> UnverifiedEntry {
    UnverifiedEntry(time: Timestamp(milliseconds: time), offset: nil, roster: roster, skeleton: [n], values: values)
}

/// These entries, one behind the other.
private func chain(_ entries: [UnverifiedEntry], after base: Tip = Tip(scope: scope, replica: replica)) throws -> [ChainedEntry] {
    var open = OpenChain(after: base)
    return try entries.map { try open.append($0, birthKey: author.publicKey) }
}

private func tip(after entries: [ChainedEntry]) throws -> Tip {
    let last = try #require(entries.last)
    return Tip(
        scope: scope, journal: JournalID(replica), replica: replica, position: last.header.position, hash: last.hash,
        time: last.header.time, roster: last.header.roster, key: author.publicKey)
}

struct ChainTests {
    @Test func `each entry follows from the one before`() throws {
        let entries = try chain([entry(1), entry(2, time: 6), entry(3, time: 6, roster: 3)])
        #expect(entries.map(\.header.position) == [1, 2, 3])
        #expect(entries.map(\.header.previous) == [Hash.zero, entries[0].hash, entries[1].hash])
        #expect(entries.allSatisfy { $0.hash == $0.header.hash && $0.header.replica == replica && $0.header.scope == scope })
        let other = try chain([entry(1), entry(4, time: 6), entry(3, time: 6, roster: 3)])
        #expect(other[0] == entries[0] && other[2].hash != entries[2].hash)
    }

    @Test func `what cannot follow is refused with its code`() throws {
        let seed = [UInt8](repeating: 0, count: 16)
        let large = EntryValues.sealed(seed: seed, values: [[UInt8](repeating: 0, count: 1 << 20)])
        let many = EntryValues.sealed(seed: seed, values: [[UInt8]](repeating: [], count: 4_097))
        let before = try tip(after: chain([entry(1)]))
        let wrong: [(UnverifiedEntry, Fault.Code)] = [
            (entry(9, time: 4), .clockBackwards), (entry(9, roster: 1), .rosterBackwards), (entry(9, values: large), .tooLarge),
            (entry(9, values: many), .tooLarge),
        ]
        for (next, code) in wrong {
            let fault = #expect(throws: Fault.self) { try before.chaining(next) }
            #expect(fault?.code == code)
        }
    }

    @Test func `a full journal takes no more`() throws {
        var full = try tip(after: chain([entry(1)]))
        full.position = .limit
        let last = full
        #expect(throws: Fault.self) { try last.chaining(entry(2)) }
    }

    /// How a chain of four entries is cut, and with which signatures.
    private func runs(_ cuts: [(count: Int, signer: SigningKey?)]) throws -> [VerifiedRun] {
        var open = OpenChain(after: Tip(scope: scope, replica: replica))
        var n: UInt8 = 0
        for cut in cuts {
            var hash = Hash.zero
            for _ in 0..<cut.count {
                n += 1
                hash = try open.append(entry(n), birthKey: n == 1 ? author.publicKey : nil).hash
            }
            open.cut(try cut.signer?.sign(.signedHead, hash.bytes))
        }
        return try open.verified()
    }

    @Test func `the last signature covers all before it, and each that came must be right`() throws {
        let whole = try runs([(4, author)])
        #expect(whole.map(\.entries.count) == [4])
        let pieces = try runs([(1, nil), (2, author), (1, author)])
        #expect(pieces.map(\.entries.count) == [1, 2, 1])
        #expect(pieces.map { $0.signature == nil } == [true, false, false])
        #expect(pieces.last?.tip == whole.last?.tip)
        let wrong: [[(count: Int, signer: SigningKey?)]] = [
            [(4, nil)], [(4, stranger)], [(2, author), (2, nil)], [(2, stranger), (2, author)],
        ]
        for wrong in wrong {
            let fault = #expect(throws: Fault.self) { try runs(wrong) }
            #expect(fault?.code == .signatureInvalid)
        }
    }

    @Test func `an unsigned end is covered by headers that follow up to a signed one`() throws {
        let entries = try chain([entry(1), entry(2), entry(3), entry(4)])
        let headers = entries[2...].map(\.header.bytes)
        let signature = try author.sign(.signedHead, entries[3].hash.bytes)
        func run(_ cover: [[UInt8]]) throws -> VerifiedRun {
            var open = OpenChain(after: Tip(scope: scope, replica: replica))
            try open.append(entry(1), birthKey: author.publicKey)
            try open.append(entry(2))
            open.cut(signature, cover: cover)
            let runs = try open.verified()
            return try #require(runs.first)
        }
        let covered = try run(headers)
        #expect(covered.entries == Array(entries[..<2]))
        #expect(covered.signature == nil)
        let wrong: [[[UInt8]]] = [[], [headers[0]], [headers[1]], [headers[1], headers[0]], headers + [headers[0]]]
        for wrong in wrong {
            #expect(throws: Fault.self) { try run(wrong) }
        }
    }

    @Test func `a branch begins with the entry it is named by`() throws {
        let common = try tip(after: chain([entry(1), entry(2)]))
        let first = try chain([entry(3)], after: common)[0]
        var base = common
        (base.journal, base.isBranchPoint) = (.branch(of: replica, first: first.hash), true)
        let branch = try chain([entry(3), entry(4)], after: base)
        #expect(branch[0].hash == first.hash)
        let start = base
        let fault = #expect(throws: Fault.self) { try chain([entry(5)], after: start) }
        #expect(fault?.code == .doesNotLink)
    }
}

/// One side of a fork, with the hash of its first entry.
private func side(
    _ entries: [UnverifiedEntry], after base: Tip, by signer: SigningKey
) throws -> (first: Hash, branch: ForkBranch) {
    let chained = try chain(entries, after: base)
    let last = try #require(chained.last)
    let signature = try signer.sign(.signedHead, last.hash.bytes)
    let birth = base.position == 0 ? chained[0].skeleton : []
    return (chained[0].hash, ForkBranch(headers: chained.map(\.header.bytes), signature: signature, birth: birth))
}

/// Evidence that this journal went on in two ways.
private func evidence(
    after base: Tip, _ one: [UnverifiedEntry] = [entry(3), entry(4)], _ other: [UnverifiedEntry] = [entry(5)],
    by signer: SigningKey = author
) throws -> UnverifiedForkProof {
    let sides = try [side(one, after: base, by: signer), side(other, after: base, by: signer)].sorted { $0.first < $1.first }
    return UnverifiedForkProof(
        scope: scope, journal: JournalID(replica), replica: replica, position: base.position.next,
        branches: sides.map(\.branch))
}

private func check(_ evidence: UnverifiedForkProof, _ base: Tip) throws -> ForkProof {
    try ForkProof(
        checking: evidence, previous: base.hash, key: base.position == 0 ? nil : author.publicKey,
        birthKey: { _ in author.publicKey })
}

struct ForkSpoiling: Sendable, CustomStringConvertible {
    let description: String
    let spoil: @Sendable (inout UnverifiedForkProof) -> Void
    init(_ description: String, _ spoil: @escaping @Sendable (inout UnverifiedForkProof) -> Void) {
        (self.description, self.spoil) = (description, spoil)
    }
}

private let spoilings = [
    ForkSpoiling("another scope") { $0.scope = ScopeID(high: 9, low: 9) },
    ForkSpoiling("another replica") { $0.replica = ReplicaID(rawValue: 11) },
    ForkSpoiling("another position") { $0.position = 4 },
    ForkSpoiling("no position") { $0.position = .none },
    ForkSpoiling("one branch") { $0.branches.removeLast() },
    ForkSpoiling("three branches") { $0.branches.append($0.branches[0]) },
    ForkSpoiling("one branch twice") { $0.branches[1] = $0.branches[0] },
    ForkSpoiling("branches in the wrong order") { $0.branches.swapAt(0, 1) },
    ForkSpoiling("no headers") { $0.branches[0].headers = [] },
    ForkSpoiling("a header too short") { $0.branches[0].headers[0].removeLast() },
    ForkSpoiling("a header twice") { $0.branches[0].headers.append($0.branches[0].headers[0]) },
    ForkSpoiling("a header of another time") { $0.branches[1].headers[0][70] ^= 1 },
    ForkSpoiling("another signature") { $0.branches[0].signature[0] ^= 1 },
    ForkSpoiling("signatures exchanged") { proof in
        let signature = proof.branches[0].signature
        proof.branches[0].signature = proof.branches[1].signature
        proof.branches[1].signature = signature
    },
]

struct ForkProofTests {
    @Test func `two signed continuations of one entry prove a fork`() throws {
        let base = try tip(after: chain([entry(1), entry(2)]))
        let proof = try check(evidence(after: base), base)
        #expect(proof.firsts == proof.firsts.sorted() && Set(proof.firsts).count == 2)
        #expect(proof.journals == proof.firsts.map { JournalID.branch(of: replica, first: $0) })
    }

    @Test func `two births of one replica prove a fork at position 1`() throws {
        let base = Tip(scope: scope, replica: replica)
        var births = try evidence(after: base, [entry(1), entry(2)], [entry(3)])
        let proof = try check(births, base)
        #expect(proof.firsts.count == 2)
        births.branches[0].birth = [9]
        let spoiled = births
        #expect(throws: Fault.self) { try check(spoiled, base) }
    }

    @Test(arguments: spoilings)
    func `evidence that does not hold together proves nothing`(_ spoiling: ForkSpoiling) throws {
        let base = try tip(after: chain([entry(1), entry(2)]))
        var proof = try evidence(after: base)
        spoiling.spoil(&proof)
        let spoiled = proof
        #expect(throws: Fault.self) { try check(spoiled, base) }
    }

    @Test func `evidence signed by another key, or after another entry, proves nothing`() throws {
        let base = try tip(after: chain([entry(1), entry(2)]))
        let foreign = try evidence(after: base, by: stranger)
        #expect(throws: Fault.self) { try check(foreign, base) }
        let elsewhere = try evidence(after: tip(after: chain([entry(1), entry(8)])))
        #expect(throws: Fault.self) { try check(elsewhere, base) }
    }
}
