// What a replica and what stands around it can tell somebody who listens: numbers, codes and names of scopes. Never a value, a name, a
// message or a key: an event has no place to put one.

public import Causality
public import Journals

/// Hears what happens, for logs and counters.
///
/// Called on the thread that did it, after it is durable, and never inside a transaction; it must not call the replica.
public protocol Instruments: Sendable {
    /// Takes one event.
    func note(_ event: InstrumentEvent)
}

/// Something that happened. What a record says is in none of them.
public enum InstrumentEvent: Hashable, Sendable {
    /// A save: how many entries in which scope.
    case committed(scope: ScopeID, entries: Int)
    /// Entries of others were taken in: new ones, and ones that were here.
    case ingested(scope: ScopeID, entries: Int, repeated: Int)
    /// What was received was refused, with the code of the fault.
    case refused(scope: ScopeID, journal: JournalID, position: Position, code: String)
    /// Bytes that do not verify were kept apart, with the code of the fault.
    case quarantined(scope: ScopeID, journal: JournalID, position: Position, code: String)
    /// A replica id was found used by two stores.
    case forked(scope: ScopeID, journal: JournalID)
    /// How many review items are open in all scopes.
    case reviewItems(open: Int)
    /// A write transaction of a store, from asking for it until it was durable.
    case storeWrote(milliseconds: Double)
    /// A sync ended well.
    case synced(SyncFigures)
    /// A sync ended with an error; what came whole before is kept.
    case syncFailed(code: String, milliseconds: Double)
    /// A request or an exchange is tried again.
    case retried(code: String)
}

/// A sync in numbers.
public struct SyncFigures: Hashable, Sendable {
    /// Entries sent.
    public var sent: Int
    /// Entries received that were not here.
    public var received: Int
    /// Requests made.
    public var requests: Int
    /// Bytes sent, as they were handed to the transport; 0 if it does not count.
    public var bytesSent: Int
    /// Bytes received, as the transport handed them over; 0 if it does not count.
    public var bytesReceived: Int
    /// How long it took.
    public var milliseconds: Double

    /// Figures out of their parts.
    public init(sent: Int, received: Int, requests: Int, bytesSent: Int, bytesReceived: Int, milliseconds: Double) {
        (self.sent, self.received, self.requests) = (sent, received, requests)
        (self.bytesSent, self.bytesReceived, self.milliseconds) = (bytesSent, bytesReceived, milliseconds)
    }
}

/// An error with a stable code that may be logged, unlike its message.
package protocol CodedError: Error {
    var codeName: String { get }
}

extension ReplicaError: CodedError {
    package var codeName: String { code.description }
}

extension Fault: CodedError {
    package var codeName: String { code.rawValue }
}

extension Replica {
    /// Tells the instruments, and after whatever may have changed it how many review items are open.
    package func note(_ events: [InstrumentEvent]) {
        guard let instruments, !events.isEmpty else { return }
        for event in events { instruments.note(event) }
        // A count that cannot be read now is told after the next event.
        if let open = try? reviewItemCount() { instruments.note(.reviewItems(open: open)) }
    }

    /// Runs a sync and tells the instruments how it went: its figures, or the error's code.
    package func noting<Summary>(
        _ figures: (Summary, _ milliseconds: Double) -> SyncFigures, _ sync: () throws -> Summary
    ) throws -> Summary {
        guard let instruments else { return try sync() }
        let start = clock.now()
        // The wall clock may be set back meanwhile; a duration is never negative.
        func milliseconds() -> Double {
            Double(max(0, clock.now().rawValue.subtractingReportingOverflow(start.rawValue).partialValue))
        }
        do {
            let summary = try sync()
            instruments.note(.synced(figures(summary, milliseconds())))
            return summary
        } catch {
            // Of an error without a code only the kind is told: its text may quote what came.
            let code = (error as? any CodedError)?.codeName ?? "\(type(of: error))"
            instruments.note(.syncFailed(code: code, milliseconds: milliseconds()))
            throw error
        }
    }
}
