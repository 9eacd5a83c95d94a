// The store contract: what a fork does to a journal.

import Causality
import Journals
import Records
import Replicas

extension StoreConformance {
    static let forks: [StoreCase] = [
        StoreCase("a split ends a journal and moves what follows into a branch") { make in
            let store = try make()
            var hand = Hand(ann)
            let first = try hand.run(3)
            let common = hand.tip
            let later = try hand.run(2)
            let replica = ReplicaID(rawValue: ann.rawValue)
            let branch = JournalID.branch(of: replica, first: later.entries[0].hash)
            var end = hand.tip
            end.journal = branch
            try store.writing { writer in
                _ = try writer.append(first)
                _ = try writer.append(later)
                try writer.setCounted(5, of: ann, in: scope)
                try writer.split(ann, in: scope, at: 4, into: branch)
            }
            let tip = end
            try store.reading { reader in
                let parent = try reader.journal(ann, in: scope)
                try expect(parent == StoredJournal(tip: common, counted: 3))
                let child = try reader.journal(branch, in: scope)
                try expect(child == StoredJournal(tip: tip, counted: 5))
                let branches = try reader.branches(in: scope)
                try expect(branches == [Branches.Branch(journal: branch, parent: ann, replica: replica, start: 4)])
                let all = try reader.entries(in: scope, from: 0, limit: 10)
                try expect(all.map(\.dot) == [dot(ann, 1), dot(ann, 2), dot(ann, 3), dot(branch, 4), dot(branch, 5)])
                try expect(all.map(\.hash) == (first.entries + later.entries).map(\.hash))
                let moved = try reader.entries(of: branch, in: scope, from: 1, limit: 10)
                try expect(moved.map(\.position) == [4, 5])
                let gone = try reader.entry(dot(ann, 4), in: scope)
                try expect(gone == nil)
            }
        },
        StoreCase("a split hangs later branches on the new one") { make in
            let store = try make()
            var hand = Hand(ann)
            let run = try hand.run(6)
            let replica = ReplicaID(rawValue: ann.rawValue)
            let branch = JournalID.branch(of: replica, first: run.entries[3].hash)
            let (later, same) = (JournalID(rawValue: 0x77), JournalID(rawValue: 0x66))
            try store.writing { writer in
                _ = try writer.append(run)
                try writer.insert(Branches.Branch(journal: later, parent: ann, replica: replica, start: 6), in: scope)
                try writer.insert(Branches.Branch(journal: same, parent: ann, replica: replica, start: 4), in: scope)
                try writer.split(ann, in: scope, at: 4, into: branch)
            }
            let branches = try store.reading { try $0.branchMap(in: scope) }
            try expect(branches[later]?.parent == branch)
            try expect(branches[same]?.parent == ann)
            try expect(branches[branch]?.parent == ann)
            try expect(branches.end(of: ann) == Position(rawValue: 3))
        },
        StoreCase("a split at the birth leaves nothing of the journal") { make in
            let store = try make()
            var hand = Hand(ann)
            let run = try hand.run(2)
            let branch = JournalID.branch(of: ReplicaID(rawValue: ann.rawValue), first: run.entries[0].hash)
            try store.writing { writer in
                _ = try writer.append(run)
                try writer.split(ann, in: scope, at: 1, into: branch)
            }
            let journals = try store.reading { try $0.journals(in: scope) }
            try expect(journals.map(\.tip.journal) == [branch])
            try expect(journals.map(\.tip.position) == [2])
        },
        StoreCase("a branch without entries takes its first run behind its parent") { make in
            let store = try make()
            var hand = Hand(ann)
            let run = try hand.run(2)
            let replica = ReplicaID(rawValue: ann.rawValue)
            let (first, _) = try hand.tip.chaining(hand.entry(3))
            let branch = JournalID.branch(of: replica, first: first.hash)
            try store.writing { writer in
                _ = try writer.append(run)
                try writer.insert(Branches.Branch(journal: branch, parent: ann, replica: replica, start: 3), in: scope)
                let tip = try require(try writer.tip(of: branch, replica: replica, in: scope))
                var hand = Hand(after: tip)
                _ = try writer.append(try hand.run(1))
            }
            let found = try store.reading { try $0.entry(dot(branch, 3), in: scope) }
            try expect(found?.hash == first.hash)
            try expect(found?.replica == replica)
        },
        StoreCase("evidence of a fork is kept as it came") { make in
            let store = try make()
            let key = Hand.key
            let replica = ReplicaID(rawValue: ann.rawValue)
            let before = Hash(.header, [1])
            let headers = (0..<2).map { n in
                Header(
                    scope: scope, replica: replica, position: 5, previous: before, time: Timestamp(milliseconds: n), offset: nil,
                    roster: 1, rest: Hash(.rest, [2]))
            }.sorted { $0.hash < $1.hash }
            let evidence = UnverifiedForkProof(
                scope: scope, journal: ann, replica: replica, position: 5,
                branches: try headers.map { header in
                    ForkBranch(headers: [header.bytes], signature: try key.sign(.signedHead, header.hash.bytes))
                })
            let proof = try ForkProof(checking: evidence, previous: before, key: key.publicKey) { _ in nil }
            try store.writing { try $0.insert(proof) }
            let (here, there) = try store.reading { (try $0.proofs(in: scope), try $0.proofs(in: elsewhere)) }
            try expect(here == [evidence])
            try expect(there.isEmpty)
        },
    ]
}
