// What the service notes of when it heard of a laptop.

import Causality
import Journals
import Replicas
import Server
import Testing
import Worlds

struct ContactTests {
    private let world: World
    private let centre: Replica
    private let ann = World.key("ann").publicKey

    init() throws {
        world = try World()
        centre = try world.centre()
    }

    private func note(isWhole: Bool, after milliseconds: Int64 = 0) throws -> Contact? {
        world.clock.advance(milliseconds)
        try Contact.note(ann, isWhole: isWhole, in: centre)
        return try contacts()[ann]
    }
    private func contacts() throws -> [PublicKey: Contact] { try centre.store.reading { try Contact.all(in: $0) } }
    private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: World.start + milliseconds) }

    @Test func `nobody was heard of before; who says hello is seen, who had nothing left to send is synced`() throws {
        #expect(try contacts().isEmpty)
        let first = try #require(try note(isWhole: false))
        #expect(first.seen == time(0) && first.synced == nil)
        // All being here is news at once.
        let whole = try #require(try note(isWhole: true, after: 1_000))
        #expect(whole.seen == time(1_000) && whole.synced == time(1_000))
        let later = try #require(try note(isWhole: false, after: 60_000))
        #expect(later.seen == time(61_000) && later.synced == time(1_000))
        #expect(try Set(contacts().keys) == [ann])
    }

    @Test func `a laptop that keeps asking costs no write within half a minute`() throws {
        _ = try note(isWhole: true)
        for isWhole in [true, false] {
            let soon = try #require(try note(isWhole: isWhole, after: 10_000))
            #expect(soon.seen == time(0) && soon.synced == time(0))
        }
        let later = try #require(try note(isWhole: true, after: 10_000))
        #expect(later.seen == time(30_000) && later.synced == time(30_000))
    }

    @Test func `a clock that was set back is believed`() throws {
        _ = try note(isWhole: true)
        let back = try #require(try note(isWhole: true, after: -3_600_000))
        #expect(back.seen == time(-3_600_000) && back.synced == time(-3_600_000))
    }

    @Test func `devices are noted apart`() throws {
        _ = try note(isWhole: true)
        world.clock.advance(5)
        try Contact.note(World.key("ben").publicKey, isWhole: false, in: centre)
        let all = try contacts()
        #expect(all.count == 2)
        #expect(all[ann]?.synced == time(0))
        #expect(all[World.key("ben").publicKey]?.seen == time(5))
        #expect(all[World.key("ben").publicKey]?.synced == nil)
    }
}
