// Writes a bundle, as a machine: it gives the file's bytes piece by piece and holds one message and one chunk of it.

import Access
package import Causality
package import Journals
package import Replicas
package import Wire

/// What one section of a bundle is to hold, and who can open it.
package struct BundleSection: Sendable {
    package var scope: ScopeID
    package var recipients: [AgreementKey]
    /// What the recipients are taken to hold already.
    package var peer: Knowledge
    package var resending: [JournalID: Position] = [:]
    /// False: only what the writer holds, so that the others know what to put into theirs.
    package var hasEntries = true
}

/// A bundle as it will be written.
package struct BundlePlan: Sendable {
    package var sections: [BundleSection] = []
    /// Devices that may see a scope and have not said yet what to seal to.
    package var unreachable: [PublicKey] = []
}

/// From where a bundle begins.
public enum BundleBasis: Hashable, Sendable {
    /// Beyond what its recipients were last heard to hold.
    case heard
    /// Beyond what the centre has signed for.
    case centre
    /// From the first entry.
    case everything
    /// No entries: it only says what is held here.
    case request
}

extension Replica {
    /// Plans a bundle of some scopes for everybody who may see them, or for these persons' devices only.
    package func planBundle(
        of scopes: [ScopeID]? = nil, to persons: [String]? = nil, basis: BundleBasis = .heard
    ) throws -> BundlePlan {
        guard let roster = try roster()?.roster else {
            throw ReplicaError(
                .notJoined, message: "This replica has not joined a service, so nobody has granted it a scope.",
                next: "Run: dundian join URL CODE")
        }
        for person in persons ?? [] where !roster.people.contains(where: { $0.id == person || $0.name == person }) {
            throw BundleError(.personUnknown, person)
        }
        var plan = BundlePlan()
        for scope in try scopes ?? followedScopes() {
            guard roster.isGranted(scope, to: key, at: roster.version) else {
                throw BundleError(.scopeNotGranted, roster.scope(scope)?.name ?? "\(scope)")
            }
            let devices = roster.laptops.filter { device in
                let name = roster.person(device.person)?.name
                return roster.isGranted(scope, to: device.key, at: roster.version)
                    && persons?.contains { $0 == device.person || $0 == name } ?? true
            }
            for device in devices where device.agreement == nil && device.key != key {
                if !plan.unreachable.contains(device.key) { plan.unreachable.append(device.key) }
            }
            let reached = devices.filter { $0.agreement != nil }
            guard reached.contains(where: { $0.key != key }) else { continue }
            plan.sections.append(try section(of: scope, for: reached, basis: basis))
        }
        guard !plan.sections.isEmpty else { throw BundleError(.noRecipients) }
        return plan
    }

    private func section(of scope: ScopeID, for devices: [Roster.Device], basis: BundleBasis) throws -> BundleSection {
        var section = BundleSection(scope: scope, recipients: devices.compactMap(\.agreement), peer: Knowledge())
        switch basis {
        case .everything: break
        case .request: section.hasEntries = false
        case .centre: section.peer = try centreKnowledge(of: scope)
        case .heard:
            let heard = try devices.filter { $0.key != key }.map { try self.heard(of: scope, from: $0.key) }
            let all = heard.compactMap { $0 }
            if all.count == heard.count { section.peer = Knowledge.common(of: all) }
            // Where one of them holds other entries than stand here, the whole journal goes along and proves the fork there.
            try store.reading { reader in
                for knowledge in all {
                    for head in try divergences(from: knowledge, in: scope, reader) { section.resending[head.journal] = 1 }
                }
            }
        }
        return section
    }
}

package struct BundleWriter {
    /// Seals a content key to a device; 80 bytes.
    package typealias Wrap = (_ key: [UInt8], _ recipient: AgreementKey) throws -> [UInt8]

    private enum State {
        case preamble
        case header
        case messages(ScopeTail?)
        case trailer
        case done
    }

    private let replica: Replica
    private let signer: any Signer
    private let compression: any FrameCompression
    private let wrap: Wrap
    private let plan: BundlePlan
    private let preamble: [UInt8]
    private let roster: SignedRoster
    private let time: Timestamp
    private var state = State.preamble
    private var number = 0
    private var cipher = ChunkCipher(key: [UInt8](repeating: 0, count: 32), associated: [])
    private var transcript = RunningHash(.bundle)
    /// Plaintext that is not sealed yet.
    private var pending: [UInt8] = []
    private var start = 0
    /// Entries put in so far.
    package private(set) var entries = 0

    package init(
        _ plan: BundlePlan, of replica: Replica, signer: any Signer, compression: any FrameCompression,
        wrap: @escaping Wrap = WrappedKey.sealing
    ) throws {
        guard let roster = try replica.roster(), !plan.sections.isEmpty, plan.sections.count <= BundleFormat.sectionsMax,
            plan.sections.allSatisfy({ (1...BundleFormat.recipientsMax).contains($0.recipients.count) })
        else { throw BundleError(.noRecipients) }
        (self.plan, self.replica, self.signer, self.roster) = (plan, replica, signer, roster)
        (self.compression, self.wrap) = (compression, wrap)
        preamble = BundleFormat.preamble(sections: plan.sections.count)
        time = try replica.monotoneNow()
    }

    /// The next bytes of the file; nil at its end.
    package mutating func nextChunk() throws -> [UInt8]? {
        while true {
            if pending.count - start > ChunkCipher.chunkBytes { return try sealed(ChunkCipher.chunkBytes, isLast: false) }
            switch state {
            case .preamble:
                state = .header
                return preamble
            case .header: return try beginSection()
            case .messages(let outbox): try fill(outbox)
            case .trailer:
                defer {
                    number += 1
                    state = number < plan.sections.count ? .header : .done
                }
                return try sealed(pending.count - start, isLast: true)
            case .done: return nil
            }
        }
    }

    private mutating func beginSection() throws -> [UInt8] {
        let section = plan.sections[number]
        let key = replica.entropy.bytes(32)
        // In the order of what chance made of them: the order of the roster would tell who they are.
        let wraps = try section.recipients.map { try wrap(key, $0) }.sorted { $0.lexicographicallyPrecedes($1) }
        let header = BundleFormat.header(number: number, wraps: wraps)
        cipher = ChunkCipher(key: key, associated: BundleFormat.associated(preamble: preamble, header: header))
        transcript = RunningHash(.bundle)
        transcript.update(preamble + header)
        (pending, start) = ([], 0)
        var first = ByteWriter()
        first.blob32(roster.unverified.bytes)
        say(first.bytes)
        let (knowledge, outbox) = try replica.store.reading { reader in
            (
                try reader.knowledge(of: section.scope),
                section.hasEntries
                    ? ScopeTail(
                        scope: section.scope,
                        tail: try TailReader(
                            scope: section.scope, peer: section.peer, resending: section.resending, in: reader),
                        compression: compression) : nil
            )
        }
        for message in knowledge.openings(of: section.scope, zstd: true, lacking: []) {
            say(ExchangeMessage.opening(message).delimited)
        }
        state = .messages(outbox)
        return header
    }

    private mutating func fill(_ outbox: ScopeTail?) throws {
        if var outbox, let (message, count) = try outbox.next(replica) {
            entries += count
            say(message.delimited)
            state = .messages(outbox)
            return
        }
        say(ExchangeMessage.end.delimited)
        var trailer = ByteWriter()
        trailer.i64(time.rawValue)
        trailer.raw(signer.publicKey.bytes)
        say(trailer.bytes)
        say(try signer.sign(.signedBundle, transcript.bytes))
        state = .trailer
    }

    private mutating func say(_ bytes: [UInt8]) {
        transcript.update(bytes)
        if start > 0 {
            pending.removeFirst(start)
            start = 0
        }
        pending += bytes
    }

    private mutating func sealed(_ count: Int, isLast: Bool) throws -> [UInt8] {
        let plain = pending[start..<start + count]
        start += count
        let sealed = try cipher.seal(plain, isLast: isLast)
        var out = ByteWriter(reserving: 4 + sealed.count)
        out.u32(UInt32(sealed.count) | (isLast ? BundleFormat.lastChunk : 0))
        out.raw(sealed)
        return out.bytes
    }
}
