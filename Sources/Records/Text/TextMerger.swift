// The merge itself: changes that touch belong together; what belongs together is merged if its sides agree, and open if not.

/// Changes of one or more sides that get in each other's way, or one alone.
private struct Cluster {
    var regions: [TextRegion] = []
    var lower = Int.max
    var upper = 0
    /// The text that each side that has changes here would leave, in the order of the sides.
    var texts: [(side: Int, text: String)] = []
    var isOpen = false

    mutating func add(_ region: TextRegion) {
        regions.append(region)
        (lower, upper) = (min(lower, region.lower), max(upper, region.upper))
    }

    func text(of side: Int) -> String? { texts.first { $0.side == side }?.text }
}

struct Merger {
    let base: TokenizedText
    let units: [TextUnit]
    let names: [Int]
    let sides: [SideChanges]

    func spans() -> [TextMerge.Span] {
        var clusters = clusters()
        for c in clusters.indices {
            let sides = Set(clusters[c].regions.map(\.side)).sorted()
            clusters[c].texts = sides.map { ($0, text(of: clusters[c], by: $0)) }
            clusters[c].isOpen = clusters[c].texts.contains { !$0.text.isExactly(clusters[c].texts[0].text) }
        }
        openMoves(&clusters)
        var spans: [TextMerge.Span] = []
        var next = 0
        for cluster in clusters {
            keep(next..<cluster.lower, in: &spans)
            append(cluster, to: &spans)
            next = cluster.upper
        }
        keep(next..<units.count, in: &spans)
        return spans
    }

    // MARK: What belongs together

    private func clusters() -> [Cluster] {
        let regions = sides.flatMap(\.regions).sorted {
            ($0.lower, $0.upper, $0.side, $0.units.lowerBound) < ($1.lower, $1.upper, $1.side, $1.units.lowerBound)
        }
        var roots = Array(regions.indices)
        func root(_ i: Int) -> Int {
            var i = i
            while roots[i] != i {
                roots[i] = roots[roots[i]]
                i = roots[i]
            }
            return i
        }
        var reaching: [Int] = []
        for (i, region) in regions.enumerated() {
            reaching.removeAll { regions[$0].upper < region.lower }
            for j in reaching where regions[j].side != region.side && regions[j].touches(region) {
                let (a, b) = (root(i), root(j))
                roots[max(a, b)] = min(a, b)
            }
            reaching.append(i)
        }
        var clusters: [Int: Cluster] = [:]
        for (i, region) in regions.enumerated() { clusters[root(i), default: Cluster()].add(region) }
        return clusters.values.sorted { ($0.lower, $0.upper) < ($1.lower, $1.upper) }
    }

    /// What a side has where a cluster stands: its changes, and between them the base.
    private func text(of cluster: Cluster, by side: Int) -> String {
        var text = ""
        var next = cluster.lower
        for region in cluster.regions where region.side == side {
            text += baseText(next..<region.lower) + sides[side].text(of: region)
            next = region.upper
        }
        return text + baseText(next..<cluster.upper)
    }

    private func baseText(_ range: Range<Int>) -> String { base.text(base.bytes(of: units[range])) }

    // MARK: Moves

    /// A sentence that one side took from one place to another while another side had it in hand must not stand twice, or be lost, unseen:
    /// where it was taken to is open.
    private func openMoves(_ clusters: inout [Cluster]) {
        /// A sentence as one side has it.
        struct Sentence: Hashable {
            var side: Int
            var name: Int
        }
        /// What matters of a cluster that a sentence was taken from.
        struct Origin: Hashable {
            var sides: [Int]
            var isOpen: Bool
        }
        let before = clusters
        // For each kind of origin two clusters are enough to know one that is not the target.
        var taken: [Sentence: [Origin: [Int]]] = [:]
        for (c, cluster) in before.enumerated() where cluster.texts.count > 1 {
            let origin = Origin(sides: cluster.texts.map(\.side), isOpen: cluster.isOpen)
            for region in cluster.regions {
                for unit in region.lower..<region.upper where units[unit].says {
                    let sentence = Sentence(side: region.side, name: names[unit])
                    let known = taken[sentence]?[origin] ?? []
                    if known.count < 2, !known.contains(c) { taken[sentence, default: [:]][origin, default: []].append(c) }
                }
            }
        }
        for (target, cluster) in before.enumerated() where !cluster.isOpen {
            // The sides that have the same there as this one.
            var agreeing: [Int: Set<Int>] = [:]
            for region in cluster.regions {
                let side = region.side
                if agreeing[side] == nil, let mine = cluster.text(of: side) {
                    agreeing[side] = Set(cluster.texts.filter { $0.text.isExactly(mine) }.map(\.side))
                }
                var isMovedTo = false
                for name in Set(region.units.map { sides[side].names[$0] }) {
                    for (origin, places) in taken[Sentence(side: side, name: name)] ?? [:]
                    where places.contains(where: { $0 != target }) {
                        isMovedTo = isMovedTo || origin.isOpen || !origin.sides.allSatisfy { agreeing[side]?.contains($0) ?? false }
                    }
                    if isMovedTo { break }
                }
                if isMovedTo {
                    clusters[target].isOpen = true
                    break
                }
            }
        }
    }

    // MARK: Spans

    private func keep(_ range: Range<Int>, in spans: inout [TextMerge.Span]) {
        if !range.isEmpty { append(same: baseText(range), to: &spans) }
    }

    private func append(same text: String, to spans: inout [TextMerge.Span]) {
        guard !text.isEmpty else { return }
        if case .same(let before)? = spans.last { spans[spans.count - 1] = .same(before + text) } else { spans.append(.same(text)) }
    }

    private func append(_ cluster: Cluster, to spans: inout [TextMerge.Span]) {
        let base = baseText(cluster.lower..<cluster.upper)
        guard cluster.isOpen else {
            spans.append(.merged(base: base, text: cluster.texts[0].text, sides: cluster.texts.map(\.side)))
            return
        }
        var alternatives: [TextMerge.Alternative] = []
        for (side, text) in cluster.texts {
            if let i = alternatives.firstIndex(where: { $0.text.isExactly(text) }) {
                alternatives[i].sides.append(side)
            } else {
                alternatives.append(.init(text: text, sides: [side]))
            }
        }
        // Only what differs is open; a token is never cut.
        let texts = ([base] + alternatives.map(\.text)).map(TokenizedText.init)
        let fewest = texts.map(\.tokens.count).min() ?? 0
        var head = 0
        while head < fewest, texts.allSatisfy({ $0.bytes(of: head) == texts[0].bytes(of: head) }) { head += 1 }
        var tail = 0
        while tail < fewest - head,
            texts.allSatisfy({ $0.bytes(of: $0.tokens.count - 1 - tail) == texts[0].bytes(of: texts[0].tokens.count - 1 - tail) })
        { tail += 1 }
        let open = texts.map { text in text.text(text.start(of: head)..<text.start(of: text.tokens.count - tail)) }
        append(same: texts[0].text(0..<texts[0].start(of: head)), to: &spans)
        for (i, text) in open.dropFirst().enumerated() { alternatives[i].text = text }
        spans.append(.open(base: open[0], alternatives: alternatives))
        append(same: texts[0].text(texts[0].start(of: texts[0].tokens.count - tail)..<texts[0].bytes.count), to: &spans)
    }
}

extension TokenizedText {
    fileprivate func start(of token: Int) -> Int { token < tokens.count ? tokens[token].bytes.lowerBound : bytes.count }
}
