// A sync over a line that breaks or lies: what came whole is kept, what is wrong is refused, and the next sync brings the rest.

import Causality
import Journals
import Records
import Replicas
import Sync
import Testing
import Wire
import Worlds

/// Where each message of a stream ends, and how many entries it brings.
private func messages(of stream: [UInt8]) throws -> [(end: Int, entries: Int)] {
    var reader = ByteReader(stream)
    var messages: [(end: Int, entries: Int)] = []
    while !reader.isAtEnd {
        let body = try reader.raw(Int(try reader.varint()))
        var entries = 0
        if case .frame(let frame)? = try ExchangeMessage.decode(body) {
            for run in try frame.runs(NoCompression()) { entries += run.entries.count }
        }
        messages.append((stream.count - reader.remaining, entries))
    }
    return messages
}

/// A service, and a laptop with some entries whose texts are this long.
private struct Scene {
    let world: World
    let ann: Replica
    var scope: ScopeID { world.scope }

    init(_ texts: Int, length: Int) throws {
        let world = try World()
        let ann = try world.laptop("ann")
        for n in 0..<texts {
            try ann.put(String(repeating: "\(n % 10)", count: length), of: World.record(UInt64(n % 4)), in: world.scope)
        }
        // So that every Ben is on the roster before the first one comes.
        _ = try world.laptop("ben")
        (self.world, self.ann) = (world, ann)
    }

    /// A new store of Ben's that has joined.
    func ben() throws -> Replica { try world.laptop("ben") }

    /// Both have the same, and the first is in order.
    func areEqual(_ one: Replica, _ other: Replica, _ comment: String) throws {
        let (here, there) = (try one.digest(of: scope), try other.digest(of: scope))
        #expect(here != nil && here == there, "\(comment)")
        let report = try one.check()
        #expect(report.faults == [], "\(comment)")
    }
}

struct BadLineTests {
    // MARK: Cut

    @Test func `a download cut anywhere keeps the frames that came whole, and the next sync brings the rest`() throws {
        let scene = try Scene(4, length: 600_000)
        let centre = try scene.world.centre()
        try scene.world.meet(scene.ann, centre)
        let whole = Line()
        try scene.world.meet(try scene.ben(), centre, over: whole)
        let sent = try messages(of: whole.downloaded)
        // The receipt comes before the news; each entry fills a frame; the end follows.
        #expect(sent.map { $0.entries } == [0, 1, 1, 1, 1, 1, 0])
        let ends = sent.map { $0.end }
        let cuts = [0, 1, ends[0] - 1, ends[0], ends[1] + 1, ends[3] - 1, ends[3], ends[4] - 1, ends[5], ends[6] - 1]
        for cut in cuts {
            let ben = try scene.ben()
            let line = Line()
            line.chunk = 50_000
            line.downloadEnds = cut
            #expect(throws: LineBroke.self, "cut at \(cut)") { try scene.world.meet(ben, centre, over: line) }
            let held = try ben.entries(in: scene.scope).count
            let expected = sent.filter { $0.end <= cut }.reduce(0) { $0 + $1.entries }
            #expect(held == expected, "cut at \(cut)")
            let rest = try scene.world.meet(ben, centre)
            #expect(rest.received == 5 - held && rest.repeated == 0, "cut at \(cut)")
            try scene.areEqual(ben, centre, "cut at \(cut)")
        }
    }

    @Test(arguments: [1, 11, 64])
    func `a small download cut at every so many bytes takes nothing by halves`(_ step: Int) throws {
        let scene = try Scene(5, length: 10)
        let centre = try scene.world.centre()
        try scene.world.meet(scene.ann, centre)
        let whole = Line()
        try scene.world.meet(try scene.ben(), centre, over: whole)
        // The frame comes behind the receipt.
        let frame = try messages(of: whole.downloaded)[1].end
        let size = whole.downloaded.count
        // Of the steps of one byte only those around the frame's end.
        let range = step == 1 ? frame - 20..<size : 0..<size
        for cut in stride(from: range.lowerBound, to: range.upperBound, by: step) {
            let ben = try scene.ben()
            let line = Line()
            line.chunk = 1 + cut % 50
            line.downloadEnds = cut
            #expect(throws: LineBroke.self, "cut at \(cut)") { try scene.world.meet(ben, centre, over: line) }
            let held = try ben.entries(in: scene.scope).count
            #expect(held == (cut < frame ? 0 : 6), "cut at \(cut)")
            try scene.world.meet(ben, centre)
            try scene.areEqual(ben, centre, "cut at \(cut)")
        }
    }

    @Test(arguments: [13, 50])
    func `an upload cut at every so many bytes takes nothing by halves, and the next one completes it`(_ step: Int) throws {
        let scene = try Scene(5, length: 10)
        let whole = Line()
        try scene.world.meet(scene.ann, try scene.world.centre(), over: whole)
        for cut in stride(from: 0, to: whole.uploaded.count, by: step) {
            let centre = try scene.world.centre()
            let line = Line()
            line.chunk = 1 + cut % 50
            line.uploadEnds = cut
            #expect(throws: LineBroke.self, "cut at \(cut)") { try scene.world.meet(scene.ann, centre, over: line) }
            let held = try centre.entries(in: scene.scope).count
            #expect(held == 0 || held == 6, "cut at \(cut)")
            try scene.world.meet(scene.ann, centre)
            try scene.areEqual(centre, scene.ann, "cut at \(cut)")
        }
    }

    @Test func `an upload of several frames cut between them completes with the next one`() throws {
        let scene = try Scene(3, length: 600_000)
        let whole = Line()
        try scene.world.meet(scene.ann, try scene.world.centre(), over: whole)
        let ends = try messages(of: whole.uploaded).map { $0.end }
        for cut in [ends[1], ends[2] - 5, ends[2] + 5, whole.uploaded.count - 1] {
            let centre = try scene.world.centre()
            let line = Line()
            line.uploadEnds = cut
            #expect(throws: LineBroke.self, "cut at \(cut)") { try scene.world.meet(scene.ann, centre, over: line) }
            let check = try centre.check()
            #expect(check.faults == [], "cut at \(cut)")
            try scene.world.meet(scene.ann, centre)
            try scene.areEqual(centre, scene.ann, "cut at \(cut)")
        }
    }

    // MARK: Spoilt

    @Test func `a spoilt download is refused without loss`() throws {
        let scene = try Scene(5, length: 10)
        let centre = try scene.world.centre()
        try scene.world.meet(scene.ann, centre)
        let whole = Line()
        try scene.world.meet(try scene.ben(), centre, over: whole)
        let right = try centre.entries(in: scene.scope)
        for byte in stride(from: 0, to: whole.downloaded.count, by: 5) {
            let ben = try scene.ben()
            let line = Line()
            line.spoilDownload = { $0[byte] ^= 1 << UInt8(byte % 8) }
            // It may break off, or end with refusals; it may not bring anything wrong.
            _ = try? scene.world.meet(ben, centre, over: line)
            let held = try ben.entries(in: scene.scope)
            #expect(held.map(\.hash) == right.prefix(held.count).map(\.hash), "byte \(byte)")
            #expect(held.map(\.entry) == right.prefix(held.count).map(\.entry), "byte \(byte)")
            try scene.world.meet(ben, centre)
            try scene.areEqual(ben, centre, "byte \(byte)")
        }
    }

    @Test func `a spoilt upload is refused without loss`() throws {
        let scene = try Scene(5, length: 10)
        let whole = Line()
        try scene.world.meet(scene.ann, try scene.world.centre(), over: whole)
        let right = try scene.ann.entries(in: scene.scope)
        for byte in stride(from: 0, to: whole.uploaded.count, by: 5) {
            let centre = try scene.world.centre()
            let line = Line()
            line.spoilUpload = { $0[byte] ^= 1 << UInt8(byte % 8) }
            _ = try? scene.world.meet(scene.ann, centre, over: line)
            let held = try centre.entries(in: scene.scope)
            #expect(held.map(\.hash) == right.prefix(held.count).map(\.hash), "byte \(byte)")
            try scene.world.meet(scene.ann, centre)
            try scene.areEqual(centre, scene.ann, "byte \(byte)")
        }
        let after = try scene.ann.entries(in: scene.scope)
        #expect(after == right)
    }

    @Test func `a length over the limit is refused before anything is kept for it`() throws {
        let scene = try Scene(1, length: 10)
        let centre = try scene.world.centre()
        var server = ExchangeServer(
            replica: centre, device: scene.ann.key, granted: [scene.scope], signer: scene.world.service,
            compression: NoCompression())
        var length = ByteWriter()
        length.varint(UInt64(Limits.messageBytes + 1))
        #expect(throws: Malformed.self) { try server.received(length.bytes) { _ in } }
    }

    @Test func `a refusal is told to the laptop, and nothing else suffers`() throws {
        let scene = try Scene(2, length: 10)
        let centre = try scene.world.centre()
        // An entry that has lost its meaning on the laptop's disk.
        let entry = try #require(try scene.ann.entries(in: scene.scope).last)
        let other = EntryValues.sealed(seed: [UInt8](repeating: 1, count: 16), values: [[0x0a, 0x00]])
        try scene.ann.store.writing { try $0.setValues(other, of: entry.dot, in: scene.scope) }
        let ben = try scene.ben()
        try ben.put("Ben's", of: World.record(8), in: scene.scope)
        for unit in try scene.world.units(of: ben, beyond: Knowledge()) {
            let report = try scene.ann.ingest([unit], in: scene.scope)
            #expect(report.refusals.isEmpty)
        }
        let summary = try scene.world.meet(scene.ann, centre)
        #expect(summary.refusals.count == 1)
        #expect(summary.refusals.first?.contains("signature-invalid") == true)
        let texts = try centre.texts(of: World.record(8), in: scene.scope)
        #expect(texts == ["Ben's"])
        let confirmations = try scene.ann.confirmations()
        #expect(confirmations.map(\.unconfirmed) == [3])
        let quarantined = try centre.quarantined()
        #expect(quarantined.map(\.fault.code) == [Fault.Code.signatureInvalid])
    }
}
