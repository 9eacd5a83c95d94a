// Version vectors: what of each journal has been seen, and how two such views compare. No clock is involved.

/// Journal id -> highest position seen. Ascending by journal, no component 0.
public struct VersionVector: Hashable, Sendable {
    /// How far one journal was seen.
    public struct Component: Hashable, Sendable {
        /// The journal.
        public let journal: JournalID
        /// The last position seen of it.
        public let position: Position
        /// A component out of its parts.
        public init(journal: JournalID, position: Position) { (self.journal, self.position) = (journal, position) }
    }

    /// How two vectors stand to each other: one covers the other, both do, or neither.
    public enum Relation: String, Sendable { case equal, before, after, concurrent }

    /// What was seen, ascending by journal, each once and none at position 0.
    public private(set) var components: [Component]

    /// A vector that has seen nothing.
    public init() { components = [] }

    /// Takes components in any order; of two for one journal the greater, of 0 none.
    public init(_ components: some Sequence<Component>) {
        self.init()
        for component in components { see(Dot(component.journal, component.position)) }
    }

    /// Takes components that are already ascending and positive; nil if they are not.
    public init?(ascending components: [Component]) {
        var last: JournalID?
        for component in components {
            guard component.position > .none, last.map({ $0 < component.journal }) ?? true else { return nil }
            last = component.journal
        }
        self.components = components
    }

    /// Whether nothing was seen.
    public var isEmpty: Bool { components.isEmpty }
    /// Of how many journals something was seen.
    public var count: Int { components.count }

    /// The last position seen of a journal; none if nothing was.
    public subscript(journal: JournalID) -> Position {
        index(of: journal).map { components[$0].position } ?? .none
    }

    /// - Complexity: O(log components)
    package func index(of journal: JournalID) -> Int? {
        let i = lowerBound(journal)
        return i < components.count && components[i].journal == journal ? i : nil
    }

    /// Whether this entry was seen.
    public func has(_ dot: Dot) -> Bool { dot.position <= self[dot.journal] }

    /// Raises the dot's component to at least its position.
    public mutating func see(_ dot: Dot) {
        guard dot.position > .none else { return }
        let component = Component(journal: dot.journal, position: dot.position)
        let i = lowerBound(dot.journal)
        if i < components.count, components[i].journal == dot.journal {
            if components[i].position < dot.position { components[i] = component }
        } else {
            components.insert(component, at: i)
        }
    }

    /// What either has seen.
    public func joined(with other: VersionVector) -> VersionVector {
        var result = self
        for component in other.components { result.see(Dot(component.journal, component.position)) }
        return result
    }

    /// True if every component of `other` is covered.
    public func covers(_ other: VersionVector) -> Bool {
        var i = 0
        for component in other.components {
            while i < components.count, components[i].journal < component.journal { i += 1 }
            guard i < components.count, components[i].journal == component.journal,
                components[i].position >= component.position
            else { return false }
        }
        return true
    }

    /// How this vector stands to another.
    public func relation(to other: VersionVector) -> Relation {
        switch (other.covers(self), covers(other)) {
        case (true, true): .equal
        case (true, false): .before
        case (false, true): .after
        case (false, false): .concurrent
        }
    }

    private func lowerBound(_ journal: JournalID) -> Int {
        var low = 0
        var high = components.count
        while low < high {
            let middle = (low + high) / 2
            if components[middle].journal < journal { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
