import Causality
import Chance
import Journals
import Records
import Support
import Testing

struct ForkVectorTests {
    @Test(arguments: Example.all(in: "forks", kinds: ["branch_id"]))
    func `a branch is named by the replica id and the hash of its first entry`(_ example: Example) {
        let branch = JournalID.branch(of: example["replica"].replica, first: example["first"].hash)
        #expect(branch == example["expect"]["branch"].journal)
    }

    @Test(arguments: Example.all(in: "forks", kinds: ["reading"]))
    func `contexts and names are read as their journal means them`(_ example: Example) {
        let (branches, edit, expect) = (example.branches, example["edit"], example["expect"])
        let context = branches.reading(edit["context"].vector, in: edit["journal"].journal)
        #expect(context == expect["context"].vector)
        #expect(edit["names"].list.count == expect["names"].list.count)
        for (written, wanted) in zip(edit["names"].list, expect["names"].list) {
            let read = branches.reading(written.dot, in: edit["journal"].journal)
            // A name beyond the end of a journal names nothing because the context as read does not have it.
            #expect(context.has(read) != wanted.isNull)
            if !wanted.isNull { #expect(read == wanted.dot) }
        }
    }

    @Test(arguments: Example.all(in: "forks", kinds: ["fold"]))
    func `edits of forked journals fold to the expected state, in whatever order they come`(_ example: Example) {
        let differences = Set(example.edits.orders.flatMap { example.differences(from: RecordState.fold($0)) })
        #expect(differences == [])
    }

    @Test(arguments: Example.all(in: "forks", kinds: ["fold"]))
    func `edits of forked journals folded one by one are edits folded all at once`(_ example: Example) {
        let edits = example.edits
        let whole = RecordState.fold(edits)
        let different = edits.causalOrders.filter { $0.foldedOneByOne != whole }
        #expect(different == [])
    }
}

// R: 1 2 3 4 --+-- A: 5 6 7 --+-- C: 8 ...
//              |              +-- D: 8 ...
//              +-- B: 5 ...
private let (r, a, b) = (JournalID(rawValue: 1), JournalID(rawValue: 2), JournalID(rawValue: 3))
private let (c, d) = (JournalID(rawValue: 4), JournalID(rawValue: 5))
private let known = [branch(a, of: r, from: 5), branch(b, of: r, from: 5), branch(c, of: a, from: 8), branch(d, of: a, from: 8)]

private func branch(_ journal: JournalID, of parent: JournalID, from start: Position) -> Branches.Branch {
    Branches.Branch(journal: journal, parent: parent, replica: ReplicaID(rawValue: 1), start: start)
}

struct BranchTests {
    @Test(arguments: known.permutations)
    func `the order forks are learnt in makes no difference`(_ order: [Branches.Branch]) {
        let forks = Branches(order)
        #expect(forks == Branches(known))
        #expect(forks.line(of: c).map(\.journal) == [r, a, c])
        #expect(forks.line(of: c).map(\.start) == [1, 5, 8])
        #expect(forks.line(of: r).map(\.journal) == [r])
        #expect([r, a, b, c].map { forks.end(of: $0) } == [4, 7, nil, nil])
        #expect(forks.children(of: r).map(\.journal) == [a, b])
        #expect(forks.children(of: d) == [])
    }

    @Test func `without forks everything is read as it was written`() {
        let context = VersionVector([VersionVector.Component(journal: r, position: 9)])
        #expect(Branches().reading(context, in: r) == context)
        #expect(Branches().reading(Dot(r, 9), in: c) == Dot(r, 9))
    }

    @Test(arguments: UInt64(1)...9)
    func `reading shows a branch its own line and everybody else the common part`(_ position: UInt64) {
        let forks = Branches(known)
        let position = Position(rawValue: position)
        let written = VersionVector([VersionVector.Component(journal: r, position: position)])
        let own = forks.reading(written, in: c)
        #expect(own[r] == min(position, 4))
        #expect(own[a] == (position >= 5 ? min(position, 7) : 0))
        #expect(own[c] == (position >= 8 ? position : 0))
        #expect(own[b] == 0 && own[d] == 0)
        #expect(own.has(forks.reading(Dot(r, position), in: c)))
        let others = forks.reading(written, in: JournalID(rawValue: 9))
        #expect(others == VersionVector([VersionVector.Component(journal: r, position: min(position, 4))]))
    }
}
