// The fuzz targets without a fuzzer: every input that was ever found against one, and some thousands near to good ones. A broken promise
// ends the process; the bytes that broke it are then in .build/fuzz-last, in a file named for the target.

import Chance
import Foundation
import FuzzTargets
import Testing

struct FuzzTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let last = folder.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
        ".build/fuzz-last")

    /// What was found against a target and is kept.
    private static func kept(_ target: FuzzTarget) throws -> [[UInt8]] {
        let corpus = folder.appendingPathComponent("Corpus/\(target.rawValue)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: corpus.path)) ?? []
        return try names.sorted().map { Array(try Data(contentsOf: corpus.appendingPathComponent($0))) }
    }

    /// Runs these, each written down before.
    private static func run(_ target: FuzzTarget, _ inputs: some Sequence<[UInt8]>) throws {
        try FileManager.default.createDirectory(at: last, withIntermediateDirectories: true)
        let file = last.appendingPathComponent(target.rawValue)
        for input in inputs {
            try Data(input).write(to: file)
            target.run(input)
        }
        try FileManager.default.removeItem(at: file)
    }

    @Test func `only targets have a corpus`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.appendingPathComponent("Corpus").path)
        let targets = Set(FuzzTarget.allCases.map(\.rawValue))
        #expect(names.filter { $0 != "README.md" && !targets.contains($0) } == [])
    }

    // One test: two would write to one file at a time.
    @Test(arguments: FuzzTarget.allCases)
    func `promises hold for all that was found, and for 2,000 inputs near to good ones`(_ target: FuzzTarget) throws {
        let seeds = target.seeds
        try #require(!seeds.isEmpty)
        let corpus = seeds + (try Self.kept(target))
        try Self.run(target, corpus + [[]])
        var mutator = Mutator(seed: 0xf022, corpus: corpus)
        try Self.run(target, (0..<2_000).lazy.map { _ in mutator.next() })
    }
}

/// Makes bytes that are nearly good.
private struct Mutator {
    private var chance: SplitMix64
    private let corpus: [[UInt8]]

    init(seed: UInt64, corpus: [[UInt8]]) { (chance, self.corpus) = (SplitMix64(seed: seed), corpus) }

    mutating func next() -> [UInt8] {
        var bytes = chance.one(of: corpus)
        for _ in 0...Int.random(in: 0..<4, using: &chance) { change(&bytes) }
        return bytes
    }

    private mutating func place(in bytes: [UInt8]) -> Int { Int.random(in: 0...bytes.count, using: &chance) }

    private mutating func change(_ bytes: inout [UInt8]) {
        let at = place(in: bytes)
        let end = min(bytes.count, at + Int.random(in: 1...16, using: &chance))
        switch Int.random(in: 0..<8, using: &chance) {
        case 0 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
        case 1 where at < bytes.count: bytes[at] = chance.one(of: [0, 1, 0x7f, 0x80, 0xfe, 0xff, 0x0a, 0x22])
        case 2: bytes.insert(contentsOf: chance.bytes(Int.random(in: 1...4, using: &chance)), at: at)
        case 3: bytes.removeSubrange(at..<end)
        case 4: bytes.insert(contentsOf: Array(bytes[at..<end]), at: place(in: bytes))
        case 5: bytes.removeSubrange(at...)
        case 6:
            let other = chance.one(of: corpus)
            bytes = Array(bytes[..<at]) + other[min(other.count, Int.random(in: 0...other.count, using: &chance))...]
        default: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &chance) }
        }
    }
}
