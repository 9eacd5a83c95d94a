// The days of an engagement: used, allowed, extended.

import Causality
public import Records

/// The days a team stays, counted from the start, the first day included.
public struct StayDays: Hashable, Sendable {
    /// The first day.
    public var start: Day?
    /// The last day: the actual one, else the extended one if that is approved, else the planned one.
    public var end: Day?
    /// How many are used up to the day asked about; nil if that cannot be said.
    public var used: Int?
    /// What the rules allow for its units; nil where no rule says: only resident supervision has a limit.
    public var limit: Int?
    /// ``limit``, or what an approved extension allows.
    public var allowed: Int?
    /// An extension is written down and approved.
    public var isExtended = false
    /// An extension is written down without an approval.
    public var isExtensionUnapproved = false

    /// The days of an engagement, as of a day.
    public init(of engagement: RecordState, in file: CaseFile, on day: Day) {
        start = file.day(engagement, "start")
        end = file.day(engagement, "planned_end")
        let extended = file.day(engagement, "extended_end")
        if let extended {
            isExtended =
                file.text(engagement, "extension_approved_by") != nil && file.day(engagement, "extension_approved_at") != nil
            isExtensionUnapproved = !isExtended
            if isExtended { end = extended }
        }
        if file.text(engagement, "kind") == "resident" {
            let tiers = Set(
                file.references(engagement, "units").compactMap { file.records[$0] }.compactMap { file.text($0, "tier") })
            if tiers.contains("county") || tiers.contains("township") {
                limit = 7
            } else if tiers.contains("municipal_department") {
                limit = 3
            }
        }
        guard let start else { return }
        allowed = limit.map { max($0, isExtended ? extended.map { $0 - start + 1 } ?? 0 : 0) }
        let ended = file.day(engagement, "ended_on")
        let isOver = ["reporting", "closed"].contains(file.text(engagement, "status") ?? "")
        if let last = ended ?? (isOver ? end : day) { used = max(0, min(last, ended ?? day) - start + 1) }
        if let ended { end = ended }
    }
}

/// A group of a team, as a field holds it: its name, a colon, the names of its members.
public struct TeamGroup: Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// Who is in it.
    public var members: [String]

    /// Reads `党建人事组：甲、乙`; without a colon it is a name alone.
    public init(_ text: String) {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "：" || $0 == ":" }
        name = String(parts[0]).trimmingBlanks()
        members = parts.count < 2 ? [] : parts[1].split { "、，,；; ".contains($0) }.map(String.init)
    }
}

extension String {
    /// Without blanks at both ends.
    func trimmingBlanks() -> String {
        var rest = self[...]
        while rest.first?.isWhitespace ?? false { rest.removeFirst() }
        while rest.last?.isWhitespace ?? false { rest.removeLast() }
        return String(rest)
    }
}
