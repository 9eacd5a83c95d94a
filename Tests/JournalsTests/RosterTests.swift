import Causality
import Journals
import Support
import Testing

private let (root, service, laptop) = (key(1), key(2), key(3))
private let (home, away) = (ScopeID(high: 0, low: 1), ScopeID(high: 0, low: 2))
private let (journal, branch) = (JournalID(rawValue: 10), JournalID(rawValue: 11))
private let cut = Roster.Withdrawal(scope: home, journal: journal, position: 5, hash: Hash(.header, [9]))

private func key(_ n: UInt8) -> PublicKey { signer(n).publicKey }

/// Version 3: one person, one laptop that may write in one scope from version 2 on.
private func roster(_ change: (inout Roster) -> Void = { _ in }) -> Roster {
    var roster = Roster(
        version: 3, root: root, service: service, issued: Timestamp(milliseconds: 1), expires: Timestamp(milliseconds: 2),
        catalogue: [])
    roster.people = [Roster.Person(id: "p1", name: "Lin")]
    roster.devices = [Roster.Device(key: laptop, person: "p1", name: "laptop", grants: [Roster.Grant(scope: home, from: 2)])]
    roster.scopes = [Roster.Scope(id: home, name: "home", title: "Home", kind: .ordinary)]
    change(&roster)
    return roster
}

struct RosterChange: Sendable, CustomStringConvertible {
    let description: String
    let make: @Sendable (inout Roster) -> Void
    init(_ description: String, _ make: @escaping @Sendable (inout Roster) -> Void) {
        (self.description, self.make) = (description, make)
    }
}

private let additions = [
    RosterChange("nothing") { _ in },
    RosterChange("a person") { $0.people.append(Roster.Person(id: "p2", name: "Wu")) },
    RosterChange("a name") { $0.people[0].name = "Lin Yi" },
    RosterChange("a device") { $0.devices.append(Roster.Device(key: key(4), person: "p1", name: "desk", grants: [])) },
    RosterChange("a scope") { $0.scopes.append(Roster.Scope(id: away, name: "away", title: "Away", kind: .restricted)) },
    RosterChange("a grant") { $0.devices[0].grants.append(Roster.Grant(scope: away, from: 4)) },
    RosterChange("an end to a grant") { $0.devices[0].grants[0].until = 4 },
    RosterChange("a grant ended and given again") {
        $0.devices[0].grants = [Roster.Grant(scope: home, from: 2, until: 4), Roster.Grant(scope: home, from: 4)]
    },
    RosterChange("an agreement key") { $0.devices[0].agreement = signer(7).agreement },
    RosterChange("a withdrawal") { $0.withdrawals.append(cut) },
    RosterChange("another service key") { $0.service = key(5) },
    RosterChange("other times and another catalogue") {
        ($0.issued, $0.expires, $0.catalogue) = (Timestamp(milliseconds: 3), Timestamp(milliseconds: 4), [1])
    },
]

private let removals = [
    RosterChange("another root") { $0.root = key(6) },
    RosterChange("the same version") { $0.version = 3 },
    RosterChange("an older version") { $0.version = 2 },
    RosterChange("a person gone") { $0.people = [] },
    RosterChange("a device gone") { $0.devices = [] },
    RosterChange("a device with another person") { $0.devices[0].person = "p2" },
    RosterChange("a scope gone") { $0.scopes = [] },
    RosterChange("a grant gone") { $0.devices[0].grants = [] },
    RosterChange("a grant of another scope instead") { $0.devices[0].grants[0].scope = away },
    RosterChange("a grant from another version") { $0.devices[0].grants[0].from = 1 },
    RosterChange("a grant ended in the past") { $0.devices[0].grants[0].until = 3 },
    RosterChange("a withdrawal moved") { $0.withdrawals[0].position = 6 },
    RosterChange("a withdrawal lifted") { $0.withdrawals = [] },
]

struct RosterTests {
    @Test(arguments: additions)
    func `a roster that only adds continues the older`(_ change: RosterChange) {
        let newer = roster { roster in
            roster.version = 4
            change.make(&roster)
        }
        #expect(newer.continues(roster()))
    }

    @Test(arguments: removals)
    func `a roster that takes something back does not continue the older`(_ change: RosterChange) {
        let newer = roster { roster in
            (roster.version, roster.withdrawals) = (4, [cut])
            change.make(&roster)
        }
        #expect(!newer.continues(roster { $0.withdrawals = [cut] }))
    }

    @Test func `an agreement key once said stays`() {
        let said = roster { $0.devices[0].agreement = signer(7).agreement }
        for agreement in [nil, signer(8).agreement] {
            let newer = roster { roster in
                roster.version = 4
                roster.devices[0].agreement = agreement
            }
            #expect(!newer.continues(said))
        }
    }

    @Test func `a grant that ended stays ended`() {
        let ended = roster { $0.devices[0].grants[0].until = 3 }
        for until in [nil, 2, 4, 5] as [UInt32?] {
            let newer = roster { roster in
                roster.version = 4
                roster.devices[0].grants[0].until = until
            }
            #expect(!newer.continues(ended))
        }
    }

    /// What version an entry names, and whether it counts.
    @Test(arguments: [(0, false), (1, false), (2, true), (3, true), (4, false), (.max, false)] as [(UInt32, Bool)])
    func `an entry counts from the version that grants its scope to the newest held`(_ version: UInt32, _ counts: Bool) {
        #expect(roster().counts(2, on: [journal], in: home, by: laptop, naming: version) == counts)
        #expect(!roster().counts(2, on: [journal], in: away, by: laptop, naming: version))
        #expect(!roster().counts(2, on: [journal], in: home, by: key(4), naming: version))
    }

    @Test(arguments: [(1, false), (2, true), (3, false)] as [(UInt32, Bool)])
    func `a grant that ended holds up to, and not in, the version that ends it`(_ version: UInt32, _ counts: Bool) {
        let ended = roster { $0.devices[0].grants[0].until = 3 }
        #expect(ended.counts(2, on: [journal], in: home, by: laptop, naming: version) == counts)
    }

    @Test(arguments: [(4, true), (5, true), (6, false), (7, false)] as [(UInt64, Bool)])
    func `after a withdrawal nothing of the journal or of its branches counts beyond the cut`(_ position: UInt64, _ counts: Bool) {
        let withdrawn = roster { $0.withdrawals = [cut] }
        let position = Position(rawValue: position)
        #expect(withdrawn.counts(position, on: [journal], in: home, by: laptop, naming: 2) == counts)
        #expect(withdrawn.counts(position, on: [journal, branch], in: home, by: laptop, naming: 2) == counts)
        #expect(withdrawn.counts(position, on: [branch], in: home, by: laptop, naming: 2))
    }

    @Test func `a device sees the scopes granted to it now, in the order of the roster`() {
        let both = roster { roster in
            roster.scopes = [
                Roster.Scope(id: away, name: "away", title: "Away", kind: .ordinary),
                Roster.Scope(id: home, name: "home", title: "Home", kind: .ordinary),
            ]
            roster.devices[0].grants.append(Roster.Grant(scope: away, from: 1, until: 3))
        }
        #expect(both.scopes(of: laptop).map(\.name) == ["home"])
        #expect(both.isGranted(away, to: laptop, at: 2))
        #expect(both.scopes(of: key(4)) == [])
    }
}
