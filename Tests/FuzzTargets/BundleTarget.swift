// Bundles as a stick may hold them, and worse: what is sealed and signed as it should be, by a device that may write, and false inside.
// Whatever comes, nothing is thrown, everything held still verifies and every record is what its edits fold to.
//
//      bytes = kind || what that kind reads
//      file       how many bytes come at a time || the file
//      messages   the messages of a bundle that is sealed and signed around them
//      plaintext  all that is sealed
//      journal    whether each run is a journal of its own, so that it forks || a tail, whose entries the device chains and signs anew
//      exchange   how many bytes come at a time || what a device says to the service

import Access
import Causality
import Journals
import Records
import Replicas
import Sync
import Synchronization
import Wire
import Worlds

enum BundleTarget {
    private static let stage = Mutex(sound { try Stage() })

    static func run(_ bytes: [UInt8]) { stage.withLock { $0.run(bytes) } }

    static var seeds: [[UInt8]] { stage.withLock { $0.seeds } }
}

/// Ben's laptop, to which bundles come; ann, who wrote some records that ben has; a device that may write and does as it likes; the service.
private final class Stage {
    private let world: World
    private let ann: Replica
    private let ben: Replica
    private let centre: Replica
    private let device: Author
    /// What ben and the service have before anything comes, and go back to.
    private let stores: [(store: MemoryStore, before: MemoryStore.Snapshot)]

    // A bundle of one section for ben alone, up to its chunks.
    private let preamble: [UInt8]
    private let header: [UInt8]
    private let key = [UInt8](repeating: 3, count: 32)

    init() throws {
        let (bens, centres) = (MemoryStore(), MemoryStore())
        world = try World()
        (ann, ben) = (try world.laptop("ann"), try world.laptop("ben", store: bens))
        centre = try world.centre(store: centres)
        device = try world.author("mallory")
        try world.agree([ann, ben])
        for n in 1...3 as ClosedRange<UInt64> { try ann.put("note \(n)", of: World.record(n), in: world.scope) }
        try world.meet(ann, centre)
        try world.meet(ben, centre)
        try ben.put("ben's", of: World.record(1), in: world.scope)
        stores = [bens, centres].map { ($0, $0.snapshot()) }

        guard let agreement = ben.agreement else { fatalError("a fuzz target is wrong: ben has no agreement key") }
        var preamble = ByteWriter()
        preamble.raw([0x89] + Array("DUNDIAN".utf8))
        preamble.u16(1)
        preamble.u16(1)
        var header = ByteWriter()
        header.u16(0)
        header.u16(1)
        header.raw(try WrappedKey.sealing(key, to: agreement))
        (self.preamble, self.header) = (preamble.bytes, header.bytes)
    }

    func run(_ bytes: [UInt8]) {
        defer { for (store, before) in stores { store.restore(before) } }
        var cuts = Cuts(bytes)
        switch cuts.choice(of: 5) {
        case 0:
            let step = 1 + cuts.choice(of: 128)
            let summary = read(cuts.all(), step: step)
            // Nobody but ann and ben can seal, and they are honest.
            promise(summary.refusals.isEmpty, "what nobody sealed was opened: \(summary.refusals)")
        case 1: _ = read(sealed(signed(cuts.all())), step: 4_096)
        case 2: _ = read(sealed(cuts.all()), step: 4_096)
        case 3:
            let isForking = cuts.choice(of: 2) == 1
            if let messages = journal(cuts.all(), isForking: isForking) {
                let summary = read(sealed(signed(messages.flatMap(\.delimited))), step: 4_096)
                promise(summary.damage == nil, "a bundle that is as it should be is damaged: \(summary.damage as Any)")
                promise(summary.writer == device.key.publicKey, "its writer is not believed")
            }
        default:
            let step = 1 + cuts.choice(of: 128)
            exchange(cuts.all(), step: step)
        }
    }

    // MARK: Bundles

    private func read(_ bytes: [UInt8], step: Int) -> BundleSummary {
        let summary = sound {
            // Damage is in the summary: what is thrown is the store's, and this one never fails.
            var reader = try BundleReader(
                replica: ben, secret: World.key("ben").agreementSecret, compression: NoCompression())
            for piece in bytes.pieces(of: step) { try reader.received(piece) }
            try reader.finish()
            return reader.summary
        }
        check(ben)
        return summary
    }

    private func check(_ replica: Replica) {
        let faults = sound { try replica.check().faults }
        promise(faults.isEmpty, "what was taken in does not hold: \(faults)")
    }

    /// A bundle's plaintext with these messages, as the device writes it.
    private func signed(_ messages: [UInt8]) -> [UInt8] {
        var plain = ByteWriter()
        plain.blob32(world.roster.unverified.bytes)
        plain.raw(messages)
        plain.i64(World.start)
        plain.raw(device.key.publicKey.bytes)
        var transcript = RunningHash(.bundle)
        transcript.update(preamble + header + plain.bytes)
        plain.raw(sound { try device.key.sign(.signedBundle, transcript.bytes) })
        return plain.bytes
    }

    private func sealed(_ plain: [UInt8]) -> [UInt8] {
        var cipher = ChunkCipher(key: key, associated: Hash(.bundle, preamble, header).bytes)
        var out = preamble + header
        var rest = plain[...]
        repeat {
            let piece = rest.prefix(ChunkCipher.chunkBytes)
            rest = rest.dropFirst(piece.count)
            let sealed = sound { try cipher.seal(piece, isLast: rest.isEmpty) }
            var length = ByteWriter()
            length.u32(UInt32(sealed.count) | (rest.isEmpty ? 1 << 31 : 0))
            out += length.bytes + sealed
        } while !rest.isEmpty
        return out
    }

    private func opening() -> ExchangeMessage { .opening(Opening(scope: world.scope, heads: [], zstd: false)) }

    /// What the device says of its journal, or of several that it passes off as one.
    private func journal(_ tail: [UInt8], isForking: Bool) -> [ExchangeMessage]? {
        guard let runs = try? [UnverifiedRun](tail: tail) else { return nil }
        let told = isForking ? runs.map(\.entries) : [runs.flatMap(\.entries)]
        let frames = told.map { entries -> ExchangeMessage in
            var device = device
            var writer = TailWriter()
            writer.append(sound { try device.run([device.birth()] + entries) })
            return .frame(UnverifiedFrame(scope: world.scope, tail: writer.bytes, compression: nil))
        }
        return [opening()] + frames + [.end]
    }

    // MARK: The service

    private func exchange(_ bytes: [UInt8], step: Int) {
        var server = ExchangeServer(
            replica: centre, device: device.key.publicKey, granted: [world.scope], signer: world.service,
            compression: NoCompression())
        do {
            for piece in bytes.pieces(of: step) { try server.received(piece) { _ in } }
        } catch {
            promise(error is Malformed || error is ExchangeBroken, "a stream is answered with an unforeseen error: \(error)")
        }
        sound {
            if server.isEnded {
                while try server.nextChunk() != nil {}
            } else {
                try server.finish()
            }
        }
        check(centre)
    }

    // MARK: Seeds

    var seeds: [[UInt8]] {
        sound {
            let plan = try ann.planBundle(basis: .everything)
            var writer = try BundleWriter(plan, of: ann, signer: World.key("ann"), compression: NoCompression())
            var file: [UInt8] = []
            while let chunk = try writer.nextChunk() { file += chunk }

            let runs = try world.units(of: ann, beyond: Knowledge()).flatMap { $0 }
            let frames = runs.map { run -> ExchangeMessage in
                var tail = TailWriter()
                tail.append(run)
                return .frame(UnverifiedFrame(scope: world.scope, tail: tail.bytes, compression: nil))
            }
            let said = ([opening()] + frames + [.end]).flatMap(\.delimited)
            let told = try journals()
            let forked = journal(told, isForking: true) ?? []
            return [
                [0, 127] + file, [0, 6] + file.dropLast(90), [1] + said, [1] + forked.flatMap(\.delimited), [2] + signed(said),
                [2] + signed(said).dropLast(120), [3, 0] + told, [3, 1] + told, [4, 127] + said,
                [4, 9] + forked.flatMap(\.delimited),
            ]
        }
    }

    /// Two tellings of what the device wrote: of records of its own, and of ann's, which it has seen.
    private func journals() throws -> [UInt8] {
        let anns = try ann.state(of: World.record(1), in: world.scope)
        let seen = anns?.vector ?? VersionVector()
        let dots = anns?["title"]?.candidates.map(\.dot) ?? []
        let own = Change([.put(.text("a")), Write(.add, field: "tags", value: .value(.text("t")))], of: World.record(9))
        let settle = Write(
            .settle, field: "title", names: dots.map { Write.Name($0) }, value: .value(.text("b")),
            reason: .value(.text("asked")))
        let tellings: [[Change]] = [
            [
                own, Change([settle], of: World.record(1), seeing: seen),
                Change([Write(.delete)], of: World.record(1), seeing: seen),
            ],
            [
                Change([.put(.text("b"), naming: dots)], of: World.record(1), seeing: seen),
                Change([Write(.restore)], of: World.record(2)),
            ],
        ]
        var tail = TailWriter()
        for changes in tellings {
            tail.append(
                UnverifiedRun(
                    journal: device.journal, replica: device.replica, start: 2, entries: changes.map(device.entry),
                    signature: nil))
        }
        return tail.bytes
    }
}
