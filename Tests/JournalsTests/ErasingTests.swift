import Causality
import Journals
import Support
import Testing

private let seed: [UInt8] = [UInt8](repeating: 7, count: 16)
private let values: [[UInt8]] = [[], [1], [2, 2], [3, 3, 3], [4, 4, 4, 4]]

private func entry(_ values: EntryValues) -> UnverifiedEntry {
    UnverifiedEntry(time: Timestamp(milliseconds: 0), offset: nil, roster: 1, skeleton: [9], values: values)
}

struct ErasingTests {
    /// Every choice among five values.
    @Test(arguments: 0..<32)
    func `erasing removes bytes, salts and seed and keeps commitments and rest`(_ choice: Int) {
        let sealed = EntryValues.sealed(seed: seed, values: values)
        let gone = Set((0..<5).filter { choice >> $0 & 1 == 1 })
        let erased = sealed.erasing(gone)
        #expect(erased.commitments == sealed.commitments)
        #expect(entry(erased).rest == entry(sealed).rest)
        #expect(erased.count == 5)
        #expect(erased.contents == values.indices.map { gone.contains($0) ? nil : values[$0] })
        #expect(erased.byteCount == values.indices.reduce(0) { gone.contains($1) ? $0 : $0 + values[$1].count })
        guard case .opened(let parts) = erased else {
            Issue.record("the seed is still there")
            return
        }
        #expect(parts.indices.allSatisfy { gone.contains($0) == parts[$0].isErased })
    }

    @Test func `erasing once more takes the rest and brings nothing back`() {
        let sealed = EntryValues.sealed(seed: seed, values: values)
        let twice = sealed.erasing([1, 3]).erasing([0, 1])
        #expect(twice == sealed.erasing([0, 1, 3]))
        #expect(twice.erasing([]) == twice)
    }

    @Test func `each value has a salt of its own, and another seed gives others`() {
        let salts = EntryValues.salts(seed: seed, count: 9)
        #expect(salts.count == 9 && Set(salts).count == 9 && salts.allSatisfy { $0.count == 16 })
        #expect(EntryValues.salts(seed: seed, count: 4) == Array(salts[..<4]))
        let others = EntryValues.salts(seed: [UInt8](repeating: 8, count: 16), count: 9)
        #expect(Set(salts).isDisjoint(with: others))
        #expect(EntryValues.salts(seed: seed, count: 0) == [])
    }
}

extension EntryValues.Part {
    fileprivate var isErased: Bool { if case .erased = self { true } else { false } }
}
