// Which elements of two sequences are the same ones (protocol/8-text.md, "Alignment"): what both begin and end with, then what occurs
// once in both, then the longest common sequence where that is cheap. Written out because every replica must choose alike where there
// is a choice, which no library promises.

/// Pairs of positions, ascending in both.
struct Alignment {
    private(set) var pairs: [(a: Int, b: Int)] = []
    private let a: [Int]
    private let b: [Int]

    /// The largest table that is filled for a longest common sequence.
    private static let tableMax = 250_000
    private static let depthMax = 32

    init(_ a: [Int], _ b: [Int]) {
        (self.a, self.b) = (a, b)
        align(0..<a.count, 0..<b.count, depth: 0)
    }

    private mutating func align(_ x: Range<Int>, _ y: Range<Int>, depth: Int) {
        var (x, y) = (x, y)
        while let i = x.first, let j = y.first, a[i] == b[j] {
            pairs.append((i, j))
            (x, y) = (i + 1..<x.upperBound, j + 1..<y.upperBound)
        }
        var suffix: [(a: Int, b: Int)] = []
        while let i = x.last, let j = y.last, a[i] == b[j] {
            suffix.append((i, j))
            (x, y) = (x.lowerBound..<i, y.lowerBound..<j)
        }
        defer { pairs.append(contentsOf: suffix.reversed()) }
        guard !x.isEmpty, !y.isEmpty, depth < Self.depthMax else { return }
        let anchors = anchors(x, y)
        guard !anchors.isEmpty else { return alignByTable(x, y) }
        var (i, j) = (x.lowerBound, y.lowerBound)
        for anchor in anchors {
            align(i..<anchor.a, j..<anchor.b, depth: depth + 1)
            pairs.append(anchor)
            (i, j) = (anchor.a + 1, anchor.b + 1)
        }
        align(i..<x.upperBound, j..<y.upperBound, depth: depth + 1)
    }

    /// What occurs exactly once in both, as far as it stands in the same order: of the longest such sequences the one whose positions in
    /// b, from the last backwards, are smallest.
    private func anchors(_ x: Range<Int>, _ y: Range<Int>) -> [(a: Int, b: Int)] {
        var places: [Int: (count: Int, position: Int)] = [:]
        for j in y { places[b[j], default: (0, j)].count += 1 }
        var counts: [Int: Int] = [:]
        for i in x { counts[a[i], default: 0] += 1 }
        let unique = x.compactMap { i -> (a: Int, b: Int)? in
            guard counts[a[i]] == 1, let place = places[a[i]], place.count == 1 else { return nil }
            return (i, place.position)
        }
        // Patience: each pile's top is the smallest end of an ascending sequence of that length.
        var tops: [Int] = []
        var before = [Int?](repeating: nil, count: unique.count)
        for (k, pair) in unique.enumerated() {
            var (low, high) = (0, tops.count)
            while low < high {
                let middle = (low + high) / 2
                if unique[tops[middle]].b < pair.b { low = middle + 1 } else { high = middle }
            }
            before[k] = low > 0 ? tops[low - 1] : nil
            if low < tops.count { tops[low] = k } else { tops.append(k) }
        }
        var sequence: [(a: Int, b: Int)] = []
        var next = tops.last
        while let k = next {
            sequence.append(unique[k])
            next = before[k]
        }
        return sequence.reversed()
    }

    /// The longest common sequence; of several, the one that pairs first, then passes over what only a has.
    private mutating func alignByTable(_ x: Range<Int>, _ y: Range<Int>) {
        let (rows, columns) = (x.count, y.count)
        guard rows <= Self.tableMax / columns else { return }
        let width = columns + 1
        var lengths = [Int32](repeating: 0, count: (rows + 1) * width)
        for i in (0..<rows).reversed() {
            for j in (0..<columns).reversed() {
                lengths[i * width + j] =
                    a[x.lowerBound + i] == b[y.lowerBound + j]
                    ? lengths[(i + 1) * width + j + 1] + 1 : max(lengths[(i + 1) * width + j], lengths[i * width + j + 1])
            }
        }
        var (i, j) = (0, 0)
        while i < rows, j < columns {
            if a[x.lowerBound + i] == b[y.lowerBound + j] {
                pairs.append((x.lowerBound + i, y.lowerBound + j))
                (i, j) = (i + 1, j + 1)
            } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
                i += 1
            } else {
                j += 1
            }
        }
    }
}
