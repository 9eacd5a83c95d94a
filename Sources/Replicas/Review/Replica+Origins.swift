// Where a value comes from: who wrote it, on which laptop, when by whose clock, and when it came here.

public import Causality
import Journals
import Records

/// Where an entry comes from.
public struct Origin: Hashable, Sendable {
    /// The person the roster binds its device to, by the roster's id.
    public var author: String?
    /// What the roster calls the device.
    public var device: String?
    /// When it was written, by the service's clock as its device had last measured it.
    public var time: Timestamp
    /// What its device's clock showed then.
    public var written: Timestamp
    /// When it came here, by this device's clock; nil: it came before that was noted.
    public var received: Timestamp?
    /// How far its device's clock was behind the service's; nil: it had never measured it.
    public var offset: ClockOffset?

    /// Beyond this a clock is called wrong.
    public static let clockTolerance: Int64 = 120_000

    /// Whether the clock it was written by was wrong.
    public var isClockWrong: Bool { offset.map { abs($0.milliseconds) > Self.clockTolerance } ?? false }
}

extension Replica {
    /// Where an entry comes from; nil if it is not here.
    public func origin(of dot: Dot, in scope: ScopeID) throws -> Origin? {
        try store.reading { reader in
            guard let entry = try reader.entry(dot, in: scope) else { return nil }
            let key = try reader.journal(entry.journal, in: scope)?.tip.key
            let device = try key.flatMap { key in try reader.roster()?.roster.device(key) }
            return Origin(
                author: device?.person, device: device?.name, time: entry.entry.time.corrected(by: entry.entry.offset),
                written: entry.entry.time, received: entry.received, offset: entry.entry.offset)
        }
    }
}
