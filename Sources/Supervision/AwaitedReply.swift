// Whether a card or letter waits for a reply, and until when: the one place that says so, for reports, advice and lists alike.

import Causality
public import Records

/// What a field says.
public enum FieldReading: Hashable, Sendable {
    /// Nothing.
    case none
    /// A value that stands.
    case value(Value)
    /// Several that wait for review: nobody can say what it says.
    case contested

    /// What an outcome says; nil: the field was never written to.
    public init(_ outcome: Outcome?) {
        switch outcome {
        case .contested?: self = .contested
        case let outcome?: self = outcome.candidate?.value.value.flatMap { $0 == .empty ? nil : .value($0) } ?? .none
        case nil: self = .none
        }
    }
}

/// Where the reply to a card or letter stands.
public enum AwaitedReply: Hashable, Sendable {
    /// None is waited for.
    case notAwaited
    /// It is due on this day.
    case due(Day)
    /// It is waited for, and no day says since when.
    case undated
    /// A field that this hangs on waits for review.
    case disputed
    /// It is due in a year, or after one, whose holidays are not here.
    case unknownYear(Int)

    /// Reads a card or letter.
    ///
    /// A card waits while it is issued, and again when its reply was sent back, from the day after that.
    ///
    /// - Parameters:
    ///   - reading: what a field of it says.
    ///   - due: on which day so many working days after a day end.
    public init(
        to reading: (FieldKey) -> FieldReading, due: (_ days: Int, _ day: Day) throws(MissingYear) -> Day
    ) {
        let since: FieldKey
        switch (reading("status"), reading("verdict")) {
        case (.contested, _): self = .disputed; return
        case (.value(.text("issued")), _): since = "issued_at"
        case (.value(.text("replied")), .contested): self = .disputed; return
        case (.value(.text("replied")), .value(.text("returned"))): since = "returned_on"
        default: self = .notAwaited; return
        }
        switch (reading(since), reading("reply_within")) {
        case (.contested, _), (_, .contested): self = .disputed
        case (let day, let within):
            guard case .value(let value) = day, let day = Day(of: value) else { self = .undated; return }
            var written: Int?
            if case .value(.integer(let days)) = within { written = Int(exactly: days) }
            do { self = .due(try due(LetterDeadline.days(written), day)) } catch { self = .unknownYear(error.year) }
        }
    }

    /// Reads a card or letter by a calendar.
    public init(to reading: (FieldKey) -> FieldReading, by calendar: WorkingCalendar) {
        self.init(to: reading) { days, day throws(MissingYear) in try calendar.due(days, workingDaysAfter: day) }
    }
}

/// The days a reply may take.
public enum LetterDeadline {
    /// Working days unless a letter says otherwise.
    public static let usual = 15

    /// The working days a letter gives, or the usual ones where it gives none that make sense.
    public static func days(_ written: Int?) -> Int { written.flatMap { (1...5_000).contains($0) ? $0 : nil } ?? usual }
}

extension CaseFile {
    /// What a field of a record says.
    public func reading(_ state: RecordState, _ field: FieldKey) -> FieldReading {
        FieldReading(state.outcome(of: field, by: catalogue))
    }
}
