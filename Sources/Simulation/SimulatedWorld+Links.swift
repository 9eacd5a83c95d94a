// How entries travel: a sync over a bad line, two laptops at one table, pieces carried by hand, sticks.

import Causality
import Chance
import Journals
import Replicas
import Sync
import Wire

/// The stream ended early, or came changed.
struct LineBroke: Error {}

/// What becomes of a sync's streams.
struct Line {
    /// Bytes that come at a time.
    var chunk = 4_096
    /// How many bytes of a stream come through; nil: all.
    var uploadEnds: Int?
    var downloadEnds: Int?
    /// A bit of a stream that flips.
    var uploadFlips: Int?
    var downloadFlips: Int?
    /// Whether the upload reaches the hub twice, the laptop hearing only the second answer.
    var repeats = false
    /// Whether the hub's first answer is lost.
    var losesAnswer = false

    init() {}

    init(_ hazards: Set<Hazard>, _ chance: inout SplitMix64) {
        chunk = Int.random(in: 64...4_096, using: &chance)
        func sometimes(_ hazard: Hazard, _ range: ClosedRange<Int>, _ chance: inout SplitMix64) -> Int? {
            hazards.contains(hazard) && chance.once(in: 3) ? Int.random(in: range, using: &chance) : nil
        }
        let reach = chance.once(in: 3) ? 9_000 : 1_500
        uploadEnds = sometimes(.cut, 0...reach, &chance)
        downloadEnds = sometimes(.cut, 0...reach, &chance)
        uploadFlips = sometimes(.noise, 0...12_000, &chance)
        downloadFlips = sometimes(.noise, 0...12_000, &chance)
        repeats = hazards.contains(.again) && chance.once(in: 4)
        losesAnswer = hazards.contains(.cut) && chance.once(in: 10)
    }

    /// Hands a stream on as this line does; false if it ended early.
    func carry(_ stream: [UInt8], ends: Int?, flips: Int?, to take: (ArraySlice<UInt8>) throws -> Void) rethrows -> Bool {
        var stream = stream
        if let flips, flips / 8 < stream.count { stream[flips / 8] ^= 1 << UInt8(flips % 8) }
        let end = min(ends ?? stream.count, stream.count)
        var at = 0
        while at < end {
            let next = min(at + chunk, end)
            try take(stream[at..<next])
            at = next
        }
        return end == stream.count
    }
}

extension SimulatedWorld {
    // MARK: With the service

    func sync(_ laptop: Party, with hub: Party, _ chance: inout SplitMix64) throws {
        try sync(laptop, with: hub, over: Line(schedule.hazards, &chance))
    }

    /// One sync; what came whole is kept however it ends. Returns how many requests it took, nil if it broke.
    @discardableResult
    func sync(_ laptop: Party, with hub: Party, over line: Line) throws -> Int? {
        var requests: Int?
        let version = try version(of: hub)
        let wasLacking = lackingCount(laptop, hub)
        try guarding([laptop, hub], from: version) {
            requests = try talk(laptop, hub, line)
        }
        seen.reached(.valuesFilled, if: lackingCount(laptop, hub) < wasLacking)
        try checkBelief(of: laptop)
        note(requests ?? -1)
        return requests
    }

    private func talk(_ laptop: Party, _ hub: Party, _ line: Line) throws -> Int? {
        let key = laptop.key.publicKey
        let granted = try hub.replica.roster()?.roster.scopes(of: key).map(\.id) ?? []
        var client = SyncClient(replica: laptop.replica, compression: NoCompression(), software: "simulated")
        var step = try client.start()
        defer { seen.reached(.messageResumed, if: client.bytesHeldByPeer > 0) }
        // A conversation has an end.
        for _ in 0..<200 {
            switch step {
            case .request(let path, let body):
                if line.losesAnswer { throw LineBroke() }
                step = try client.answered(answer(path, body, by: hub.replica, granted: granted, to: key))
            case .exchange(var exchange):
                try run(&exchange, laptop, hub, granted: granted, line)
                step = try client.exchanged(exchange)
            case .finished(let summary):
                for refusal in summary.refusals { tell("  \(laptop.name) with \(hub.name): \(refusal)") }
                if summary.replacedReplica != nil { seen.reached(.replicaRenewed) }
                if hub.wasPutBack, summary.sent > 0 { seen.reached(.hubRefilled) }
                seen.reached(.received, if: summary.received > 0)
                // Values that neither has are asked for with every sync, and nothing comes of it.
                let isIdle = summary.sent + summary.received + summary.repeated == 0
                return isIdle && lackingCount(laptop, hub) > 0 ? 1 : summary.requests
            }
        }
        throw Violation("a sync ends", "\(laptop.name) and \(hub.name) go on asking")
    }

    /// How many entries these have without values that no order took.
    private func lackingCount(_ parties: Party...) -> Int {
        parties.reduce(0) { count, party in
            Self.scopes.reduce(count) { sum, scope in
                sum + ((try? party.store.reading { try $0.lacking(in: scope).count }) ?? 0)
            }
        }
    }

    private func answer(
        _ path: String, _ body: [UInt8], by hub: Replica, granted: [ScopeID], to device: PublicKey
    ) throws -> [UInt8] {
        switch path {
        case "/v1/hello":
            let hello = try HelloMessage(bytes: body)
            seen.reached(.rosterBroughtBack, if: try hub.takeRoster(from: hello))
            return try hub.answer(hello, granted: granted, device: device).bytes
        case "/v1/knowledge": return try hub.answer(try KnowledgeRequest(bytes: body)).bytes
        case "/v1/probe": return try hub.answer(try Probe(bytes: body)).bytes
        default: throw Violation("a sync ends", "an unknown request: \(path)")
        }
    }

    private func run(
        _ client: inout ExchangeClient, _ laptop: Party, _ hub: Party, granted: [ScopeID], _ line: Line
    ) throws {
        var upload = client.opening
        let opening = upload
        do { while let chunk = try client.nextChunk() { upload += chunk } } catch {
            try finish(&client, unless: error, of: laptop)
            throw error
        }
        for round in 0..<(line.repeats ? 2 : 1) {
            var server = ExchangeServer(
                replica: hub.replica, device: laptop.key.publicKey, granted: granted,
                signer: service, compression: NoCompression())
            do {
                let isWhole = try line.carry(upload, ends: line.uploadEnds, flips: line.uploadFlips) { chunk in
                    // The opening is under the request's own signature.
                    try server.received(chunk) { guard $0 == opening else { throw LineBroke() } }
                }
                guard isWhole, server.isEnded else {
                    seen.reached(.linkCut)
                    throw LineBroke()
                }
                if line.repeats, round == 0 {
                    seen.reached(.streamRepeated)
                    continue
                }
                var download: [UInt8] = []
                while let chunk = try server.nextChunk() { download += chunk }
                let isAllHeard = try line.carry(download, ends: line.downloadEnds, flips: line.downloadFlips) {
                    try client.received($0)
                }
                guard isAllHeard, client.isComplete else {
                    seen.reached(.linkCut)
                    throw LineBroke()
                }
            } catch {
                try finish(&server, unless: error, of: hub)
                try finish(&client, unless: error, of: laptop)
                // A stream that is played twice may go on with a message that was completed the first time.
                if line.uploadFlips != nil || line.downloadFlips != nil || line.repeats, isOfTheBytes(error) {
                    seen.reached(.bytesChanged, if: !line.repeats)
                    throw LineBroke()
                }
                throw error
            }
        }
    }

    private func isOfTheBytes(_ error: any Error) -> Bool {
        error is ExchangeBroken || error is Malformed || error is Fault || error is BytesEnded
    }

    /// What came whole is kept, unless it is this side that stopped.
    private func finish(_ server: inout ExchangeServer, unless error: any Error, of hub: Party) throws {
        if (error as? Crash)?.party != hub.index { try server.finish() }
    }

    private func finish(_ client: inout ExchangeClient, unless error: any Error, of laptop: Party) throws {
        if (error as? Crash)?.party != laptop.index { try client.finish() }
    }

    // MARK: Without a network

    func meet(_ chance: inout SplitMix64) throws {
        let pair = laptops.shuffled(using: &chance).prefix(2)
        guard pair.count == 2 else { return }
        let (a, b) = (pair[0], pair[1])
        var cut = schedule.hazards.contains(.cut) && chance.once(in: 3) ? Int.random(in: 0...3_000, using: &chance) : Int.max
        try guarding([a, b], from: max(version(of: a), version(of: b))) {
            func machine(_ party: Party, _ role: PeerRole) throws -> PeerExchange {
                try PeerExchange(
                    replica: party.replica, signer: party.signer, role: role, secret: party.replica.entropy.bytes(32),
                    compression: NoCompression())
            }
            var (one, other) = (try machine(a, .initiator), try machine(b, .responder))
            do {
                for _ in 0..<1_000 {
                    var said = false
                    if let chunk = try one.nextChunk() {
                        said = true
                        cut -= chunk.count
                        guard cut > 0 else { throw LineBroke() }
                        try other.received(chunk)
                    }
                    if let chunk = try other.nextChunk() {
                        said = true
                        cut -= chunk.count
                        guard cut > 0 else { throw LineBroke() }
                        try one.received(chunk)
                    }
                    if !said {
                        seen.reached(.metAtTable)
                        return
                    }
                }
                throw Violation("a meeting ends", "\(a.name) and \(b.name) go on talking")
            } catch let violation as Violation {
                throw violation
            } catch {
                if error is LineBroke { seen.reached(.tableCut) }
                if (error as? Crash)?.party != a.index { try? one.finish() }
                if (error as? Crash)?.party != b.index { try? other.finish() }
                if let error = error as? MeetingError {
                    // A withdrawn device, or one's own copy, is refused: that is as it should be.
                    seen.reached(.cloneMet, if: a.key.publicKey == b.key.publicKey)
                    note(error.code.rawValue.utf8.count)
                    return
                }
                throw error
            }
        }
    }

    /// What a peer lacks in the smallest pieces that verify by themselves: lost, repeated, out of order, changed.
    func carry(_ chance: inout SplitMix64) throws {
        let from = chance.one(of: parties)
        let to = chance.one(of: parties)
        let scope = chance.once(in: 4) ? Self.restricted : Self.ordinary
        guard from.index != to.index, !from.isRotten else { return }
        let version = try version(of: from)
        guard to.isHub || isGranted(scope, to: to.key.publicKey, at: version), from.isHub || to.isHub else { return }
        let heard = try to.store.reading { try $0.knowledge(of: scope) }
        let entries = try from.store.reading { try $0.entries(in: scope, from: 0, limit: 10_000) }
        var units = separateUnits(of: entries, beyond: heard)
        guard !units.isEmpty else { return }
        var luck = chance
        if schedule.hazards.contains(.cut), luck.once(in: 3) {
            units = Array(units.prefix(Int.random(in: 0...units.count, using: &luck)))
        }
        if schedule.hazards.contains(.again) {
            if luck.once(in: 3) { units += units.prefix(2) }
            if luck.once(in: 3) {
                units.shuffle(using: &luck)
                seen.reached(.framesReordered)
            }
        }
        if schedule.hazards.contains(.noise), luck.once(in: 3), let i = units.indices.randomElement(using: &luck) {
            units[i] = Liar.spoil(units[i], &luck)
            seen.reached(.bytesChanged)
        }
        try guarding([from, to], from: version) {
            while !units.isEmpty {
                let count = min(units.count, Int.random(in: 1...3, using: &luck))
                let report = try to.replica.ingest(Array(units.prefix(count)), in: scope)
                seen.reached(.lacksEarlier, if: report.refusals.contains { $0.code == "gap" || $0.code == "unseen-context" })
                note(report.stored)
                units.removeFirst(count)
            }
        }
    }

    // MARK: Sticks

    func writeBundle(_ chance: inout SplitMix64) throws {
        let party = chance.one(of: laptops)
        guard !party.isRotten else { return }
        let version = try version(of: party)
        let scope = chance.once(in: 4) ? Self.restricted : Self.ordinary
        var basis: BundleBasis = .everything
        if chance.once(in: 2) { basis = .heard } else if chance.once(in: 3) { basis = .centre }
        try guarding([party]) {
            let plan: BundlePlan
            do { plan = try party.replica.planBundle(of: [scope], basis: basis) } catch is BundleError { return }
            var writer = try BundleWriter(plan, of: party.replica, signer: party.signer, compression: NoCompression())
            var bytes: [UInt8] = []
            while let chunk = try writer.nextChunk() { bytes += chunk }
            let recipients = rosters[Int(version) - 1].roster.devices.filter { isGranted(scope, to: $0.key, at: version) }
            sticks.append(Stick(bytes: bytes, recipients: Set(recipients.map(\.key)), version: version))
            note(bytes.count)
        }
    }

    func readBundle(_ chance: inout SplitMix64) throws {
        guard !sticks.isEmpty else { return }
        let stick = chance.one(of: sticks)
        let party = chance.one(of: laptops)
        var bytes = stick.bytes
        let isCut = schedule.hazards.contains(.cut) && chance.once(in: 3)
        if isCut { bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &chance))) }
        let isChanged = schedule.hazards.contains(.noise) && chance.once(in: 4) && !bytes.isEmpty
        if isChanged { bytes[Int.random(in: bytes.indices, using: &chance)] ^= 1 << UInt8.random(in: 0...7, using: &chance) }
        let isFor = stick.recipients.contains(party.key.publicKey)
        try guarding([party], from: stick.version) {
            var reader = try BundleReader(
                replica: party.replica, secret: party.key.agreementSecret, compression: NoCompression())
            do {
                var at = 0
                while at < bytes.count {
                    let next = min(at + 1_024, bytes.count)
                    try reader.received(bytes[at..<next])
                    at = next
                }
                try reader.finish()
            } catch {
                throw error
            }
            let summary = reader.summary
            seen.reached(.bundleCut, if: isCut && summary.damage != nil)
            seen.reached(.bytesChanged, if: isChanged)
            seen.reached(.bundleRead, if: summary.received > 0)
            seen.reached(.bundleTwice, if: summary.repeated > 0)
            seen.reached(.bundleMisdirected, if: !isFor)
            seen.reached(.lacksEarlier, if: summary.lacksEarlier)
            if !isFor, summary.received > 0 {
                throw Violation("nobody receives what is not theirs", "\(party.name) read a bundle that was sealed to others")
            }
            note(summary.received)
        }
    }
}
