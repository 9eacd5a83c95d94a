// The figures of a period, as the central office counts them: how many of each activity, how many persons, how many cards and letters.

/// One thing that is counted.
public struct FigureEvent: Hashable, Sendable {
    /// What it counts as.
    public var figure: Figure
    /// When.
    public var day: Day
    /// The unit it concerns, by whatever names units here; nil: none.
    public var unit: String?
    /// How many: persons for those figures that count persons, else 1.
    public var count: Int

    /// An event out of its parts.
    public init(_ figure: Figure, day: Day, unit: String?, count: Int = 1) {
        (self.figure, self.day, self.unit, self.count) = (figure, day, unit, count)
    }
}

/// What is counted in a year's figures.
public enum Figure: String, Sendable, CaseIterable {
    case directives, briefings
    case selfReports = "self_reports"
    case workReminderCards = "work_reminder_cards"
    case integrityCards = "integrity_cards"
    case rectificationLetters = "rectification_letters"
    case adviceLetters = "advice_letters"
    case inquiries
    case personsVetted = "persons_vetted"
    case statements
    case rulesBuilt = "rules_built"

    /// What it is called.
    public var label: Label {
        switch self {
        case .directives: Label(zh: "工作批示（次）", en: "Directives")
        case .briefings: Label(zh: "听取汇报（次）", en: "Briefings heard")
        case .selfReports: Label(zh: "个人有关事项报告（人）", en: "Self-reports (persons)")
        case .workReminderCards: Label(zh: "工作提醒卡（份）", en: "Work reminder cards")
        case .integrityCards: Label(zh: "廉政监督卡（份）", en: "Integrity supervision cards")
        case .rectificationLetters: Label(zh: "整改建议书（份）", en: "Rectification letters")
        case .adviceLetters: Label(zh: "纪检监察建议书（份）", en: "Discipline advice letters")
        case .inquiries: Label(zh: "廉政问询（次）", en: "Integrity inquiries")
        case .personsVetted: Label(zh: "选人用人审核（人）", en: "Persons vetted")
        case .statements: Label(zh: "会上说明（人）", en: "Statements made (persons)")
        case .rulesBuilt: Label(zh: "建章立制（项）", en: "Rules built")
        }
    }

    /// The figure an activity of this kind counts in; nil: in none.
    public static func ofActivity(_ kind: String) -> Figure? {
        switch kind {
        case "directive": .directives
        case "briefing": .briefings
        case "self_report": .selfReports
        case "integrity_inquiry": .inquiries
        case "appointment_vetting": .personsVetted
        case "statement": .statements
        case "rule_built": .rulesBuilt
        default: nil
        }
    }

    /// The figure a card or letter of this kind counts in.
    public static func ofLetter(_ kind: String) -> Figure? {
        switch kind {
        case "work_reminder": .workReminderCards
        case "integrity_supervision": .integrityCards
        case "rectification_letter": .rectificationLetters
        case "discipline_advice": .adviceLetters
        default: nil
        }
    }

    /// Whether persons are counted and not occasions.
    public var countsPersons: Bool { [.selfReports, .personsVetted, .statements].contains(self) }
}

/// The figures of a period, in all and for each unit.
public struct Figures: Hashable, Sendable {
    /// In all.
    public private(set) var total: [Figure: Int] = [:]
    /// For each unit; what concerns no unit is in the total alone.
    public private(set) var units: [String: [Figure: Int]] = [:]

    /// Counts what lies in a period, its first and last day included.
    public init(_ events: some Sequence<FigureEvent>, in period: ClosedRange<Day>) {
        for event in events where period.contains(event.day) {
            Self.add(event.count, to: &total[event.figure, default: 0])
            if let unit = event.unit { Self.add(event.count, to: &units[unit, default: [:]][event.figure, default: 0]) }
        }
    }

    /// What somebody wrote down must not end the program, however large it is.
    private static func add(_ count: Int, to sum: inout Int) {
        let (value, hasOverflowed) = sum.addingReportingOverflow(count)
        sum = hasOverflowed ? .max : value
    }
}
