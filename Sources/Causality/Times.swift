// Times as replicas write them down. They order nothing but the rule `latest` and the display.

/// Milliseconds since 1970-01-01T00:00Z by some replica's own clock.
public struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    /// A time this many milliseconds after 1970-01-01T00:00Z.
    public init(milliseconds: Int64) { rawValue = milliseconds }
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.rawValue < b.rawValue }

    /// This time as the central service's clock would have shown it; saturates at the ends.
    public func corrected(by offset: ClockOffset?) -> Timestamp {
        let (sum, overflow) = rawValue.addingReportingOverflow(offset?.milliseconds ?? 0)
        guard overflow else { return Timestamp(rawValue: sum) }
        return Timestamp(rawValue: rawValue < 0 ? .min : .max)
    }
}

/// What to add to a replica's clock to get the central service's, as last measured.
public struct ClockOffset: Hashable, Sendable {
    /// What is to be added to the own clock.
    public let milliseconds: Int64

    /// Nil for -2^63, which on the wire stands for "never measured".
    public init?(milliseconds: Int64) {
        guard milliseconds != .min else { return nil }
        self.milliseconds = milliseconds
    }
}

/// Where times come from: the wall clock at the edge, a script in tests.
public protocol WallClock: Sendable {
    func now() -> Timestamp
}
