// How one text became another, character by character: `我们[-不-]{+都+}同意`.
//
// Sentences first: those that are the same on both sides and nowhere twice hold the texts together, and only between them are characters
// compared. So a text of 200,000 characters costs about as much as its changed sentences.

package import Supervision

package struct TextDifference: Hashable, Sendable {
    package enum Part: Hashable, Sendable {
        case same(String)
        case removed(String)
        case added(String)
    }

    package private(set) var parts: [Part] = []

    /// What stands around what changed.
    package struct Marks: Sendable {
        var removed: (open: String, close: String)
        var added: (open: String, close: String)

        /// `[-不-]{+都+}`
        package static let history = Marks(removed: ("[-", "-]"), added: ("{+", "+}"))

        /// In words, for whoever has to decide: `［删：不］［增：都］`
        package static func words(_ tr: Language) -> Marks {
            Marks(removed: (tr("［删：", "[del: "), tr("］", "]")), added: (tr("［增：", "[add: "), tr("］", "]")))
        }
    }

    /// Characters on both sides of one comparison; beyond it a stretch is shown as replaced.
    private static let comparedMax = 1_200
    /// Squared characters compared in all: the bound of the time this takes.
    private static let workMax = 6_000_000

    package init(from old: String, to new: String) {
        let (a, b) = (Self.sentences(of: old), Self.sentences(of: new))
        var work = 0
        var (i, j) = (0, 0)
        for (x, y) in Self.anchors(a, b) + [(a.count, b.count)] {
            compare(a[i..<x].joined(), b[j..<y].joined(), &work)
            if x < a.count { append(.same(String(a[x]))) }
            (i, j) = (x + 1, y + 1)
        }
    }

    // MARK: Sentences

    private static func sentences(of text: String) -> [Substring] {
        var sentences: [Substring] = []
        var start = text.startIndex
        var end = start
        while end < text.endIndex {
            let character = text[end]
            end = text.index(after: end)
            if "。！？；!?;\n".contains(character) || character == "\r\n"
                || character == "." && (end == text.endIndex || text[end] == " ")
            {
                sentences.append(text[start..<end])
                start = end
            }
        }
        if start < text.endIndex { sentences.append(text[start...]) }
        return sentences
    }

    /// Pairs of equal sentences, ascending on both sides: the common beginning and end, and between them the longest chain of
    /// sentences that each side has once.
    private static func anchors(_ a: [Substring], _ b: [Substring]) -> [(Int, Int)] {
        var first = 0
        while first < min(a.count, b.count), isSame(a[first], b[first]) { first += 1 }
        var last = 0
        while last < min(a.count, b.count) - first, isSame(a[a.count - 1 - last], b[b.count - 1 - last]) { last += 1 }

        func once(_ sentences: [Substring]) -> [Substring: Int] {
            var places: [Substring: Int] = [:]
            for i in first..<sentences.count - last { places[sentences[i]] = places[sentences[i]] == nil ? i : -1 }
            return places.filter { $0.value >= 0 }
        }
        let (inA, inB) = (once(a), once(b))
        let pairs = inA.compactMap { sentence, i in inB[sentence].map { (i, $0) } }.filter { isSame(a[$0.0], b[$0.1]) }
            .sorted { $0.0 < $1.0 }
        return (0..<first).map { ($0, $0) } + longestAscending(pairs)
            + (0..<last).reversed().map { (a.count - 1 - $0, b.count - 1 - $0) }
    }

    /// Texts are the same when their bytes are.
    private static func isSame(_ a: Substring, _ b: Substring) -> Bool { a.utf8.elementsEqual(b.utf8) }

    private static func isSame(_ a: Character, _ b: Character) -> Bool { a == b && a.utf8.elementsEqual(b.utf8) }

    /// The longest of the pairs, ascending in the first, that ascend in the second too.
    private static func longestAscending(_ pairs: [(Int, Int)]) -> [(Int, Int)] {
        // Patience: the last card of each pile, and which card each lies upon.
        var tops: [Int] = []
        var below = [Int?](repeating: nil, count: pairs.count)
        for i in pairs.indices {
            var (low, high) = (0, tops.count)
            while low < high {
                let middle = (low + high) / 2
                if pairs[tops[middle]].1 < pairs[i].1 { low = middle + 1 } else { high = middle }
            }
            below[i] = low > 0 ? tops[low - 1] : nil
            if low < tops.count { tops[low] = i } else { tops.append(i) }
        }
        var chain: [(Int, Int)] = []
        var next = tops.last
        while let i = next {
            chain.append(pairs[i])
            next = below[i]
        }
        return chain.reversed()
    }

    // MARK: Characters

    private mutating func compare(_ old: String, _ new: String, _ work: inout Int) {
        if old.utf8.elementsEqual(new.utf8) { return append(.same(old)) }
        var (a, b) = (Array(old)[...], Array(new)[...])
        // A sentence that was touched in one place keeps its beginning and its end.
        var (start, end) = ("", "")
        while let x = a.first, let y = b.first, Self.isSame(x, y) {
            start.append(x)
            (a, b) = (a.dropFirst(), b.dropFirst())
        }
        let kept = a.reversed().enumerated().first { i, x in i >= b.count || !Self.isSame(x, b[b.endIndex - 1 - i]) }
        let count = kept?.offset ?? a.count
        end = String(a.suffix(count))
        (a, b) = (a.dropLast(count), b.dropLast(count))
        append(.same(start))
        compare(Array(a), Array(b), &work)
        append(.same(end))
    }

    private mutating func compare(_ a: [Character], _ b: [Character], _ work: inout Int) {
        let cost = (a.count + b.count) * (a.count + b.count)
        guard !a.isEmpty, !b.isEmpty, a.count + b.count <= Self.comparedMax, work + cost <= Self.workMax else {
            append(.removed(String(a)))
            return append(.added(String(b)))
        }
        work += cost
        let parts = Self.characters(a, b)
        // Two texts that share only scattered characters are two texts.
        let shared = parts.reduce(0) { count, part in if case .same(let text) = part { count + text.count } else { count } }
        if shared * 4 < min(a.count, b.count) {
            append(.removed(String(a)))
            append(.added(String(b)))
        } else {
            for part in parts { append(part) }
        }
    }

    private static func characters(_ a: [Character], _ b: [Character]) -> [Part] {
        var (removed, added) = (Set<Int>(), Set<Int>())
        for change in b.difference(from: a, by: isSame) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var parts: [Part] = []
        var (i, j) = (0, 0)
        while i < a.count || j < b.count {
            var (gone, come, same) = ("", "", "")
            while i < a.count, removed.contains(i) {
                gone.append(a[i])
                i += 1
            }
            while j < b.count, added.contains(j) {
                come.append(b[j])
                j += 1
            }
            while i < a.count, j < b.count, !removed.contains(i), !added.contains(j) {
                same.append(a[i])
                (i, j) = (i + 1, j + 1)
            }
            if !gone.isEmpty { parts.append(.removed(gone)) }
            if !come.isEmpty { parts.append(.added(come)) }
            if !same.isEmpty { parts.append(.same(same)) }
        }
        return parts
    }

    /// Puts a part behind the others; neighbours of a kind become one, with removals before additions.
    private mutating func append(_ part: Part) {
        switch (part, parts.last) {
        case (.same(""), _), (.removed(""), _), (.added(""), _): return
        case (.same(let text), .same(let last)?): parts[parts.count - 1] = .same(last + text)
        case (.removed(let text), .removed(let last)?): parts[parts.count - 1] = .removed(last + text)
        case (.added(let text), .added(let last)?): parts[parts.count - 1] = .added(last + text)
        case (.removed(let text), .added(let last)?):
            parts.removeLast()
            append(.removed(text))
            append(.added(last))
        default: parts.append(part)
        }
    }

    // MARK: Showing

    /// On one line, safe to print. Long stretches without a change keep only their ends.
    /// - Parameter context: characters kept on either side of a change.
    package func shown(isColoured: Bool, context: Int = 16, marks: Marks = .history) -> String {
        /// What changed is told whole, but for stretches that nobody would read on one line.
        func told(_ text: String) -> String {
            let most = 400
            guard text.count > most else { return Self.safe(text) }
            return "\(Self.safe(String(text.prefix(most / 2))))…\(Self.safe(String(text.suffix(most / 4))))"
        }
        var out = ""
        for (i, part) in parts.enumerated() {
            switch part {
            case .same(let text):
                let (before, after) = (i > 0, i < parts.count - 1)
                let kept = (before ? context : 0) + (after ? context : 0)
                if text.count <= kept + 4 {
                    out += Self.safe(text)
                } else {
                    out += (before ? Self.safe(String(text.prefix(context))) : "") + "…"
                    out += after ? Self.safe(String(text.suffix(context))) : ""
                }
            case .removed(let text):
                let shown = marks.removed.open + told(text) + marks.removed.close
                out += isColoured ? "\u{1b}[31m\(shown)\u{1b}[0m" : shown
            case .added(let text):
                let shown = marks.added.open + told(text) + marks.added.close
                out += isColoured ? "\u{1b}[32m\(shown)\u{1b}[0m" : shown
            }
        }
        return out
    }

    private static func safe(_ text: String) -> String { Screen.safe(text.replacing("\n", with: "⏎")) }
}
