// Who may sit at the table: laptops that are known, and, apart from them and few, connections that have not shown yet who they are.
// However many of those a hostile device opens, it takes no seat from a laptop that is known.

package struct Seats: Hashable, Sendable {
    package static let knownMax = 64
    package static let strangersMax = 16
    package static let strangersPerAddressMax = 4

    package private(set) var known = 0
    private var strangers: [String: Int] = [:]

    package init() {}

    package var taken: Int { known + strangersTaken }
    private var strangersTaken: Int { strangers.values.reduce(0, +) }

    /// A seat for a laptop that this one goes to; false if there is none.
    package mutating func take() -> Bool {
        guard known < Self.knownMax else { return false }
        known += 1
        return true
    }

    /// A seat for whoever comes from an address; false if there is none.
    package mutating func take(from address: String) -> Bool {
        let taken = strangers[address] ?? 0
        guard taken < Self.strangersPerAddressMax, strangersTaken < Self.strangersMax else { return false }
        strangers[address] = taken + 1
        return true
    }

    /// Whoever came from an address is known now; false if there is no seat, and it stays a stranger.
    package mutating func become(knownFrom address: String) -> Bool {
        guard take() else { return false }
        leave(stranger: address)
        return true
    }

    /// - Parameter address: where the stranger came from; nil: it was known.
    package mutating func leave(strangerFrom address: String? = nil) {
        if let address { leave(stranger: address) } else { known -= 1 }
    }

    private mutating func leave(stranger address: String) {
        let left = (strangers[address] ?? 0) - 1
        strangers[address] = left > 0 ? left : nil
    }
}
