// The figures of a period as the central office asks for them: in all and for each unit, with what could not be counted and why.

package import Causality
import Journals
package import Records
package import Replicas
package import Supervision
package import Terminal

package struct FiguresReport {
    package let period: ClosedRange<Day>
    /// In all, and for each unit by its record's id.
    package let figures: Figures
    /// The units that something counts for, by their titles.
    package let units: [(key: String, title: String)]
    /// Records a field of which waits for review, so that nobody can say what they count as.
    package private(set) var disputed: [RecordID] = []
    /// Records that count persons and do not say how many.
    package private(set) var unnumbered: [RecordID] = []
    private let asked: AskedScopes

    /// Above this a number of persons is none.
    private static let personsMax: Int64 = 1_000_000

    package init(
        of replica: Replica, catalogue: Catalogue, in period: ClosedRange<Day>, restricted: Bool, _ t: Language
    ) throws {
        var asked = try AskedScopes(of: replica, catalogue: catalogue, restricted: restricted)
        let joined = try replica.joinedRecords()
        var events: [FigureEvent] = []
        var (disputed, unnumbered): ([RecordID], [RecordID]) = ([], [])
        /// The day a record counts by; nil if that lies elsewhere, or is not to be said.
        func day(_ record: LeanRecord, _ key: FieldKey) -> Day? {
            if case .contested = record.reading(key) {
                if record.days(key).contains(where: period.contains) { disputed.append(record.id) }
                return nil
            }
            return record.day(key).flatMap { period.contains($0) ? $0 : nil }
        }
        // Records that are one unit count as one.
        func named(_ unit: RecordID?) -> String? { unit.map { "\(joined.first(of: $0))" } }
        var unitOfPerson: [RecordID: RecordID?] = [:]
        func unit(of person: RecordID) throws -> RecordID? {
            if let known = unitOfPerson[person] { return known }
            var unit: RecordID?
            if case .reference(let id)? = try replica.record(person)?.value("unit") { unit = id }
            unitOfPerson[person] = .some(unit)
            return unit
        }
        // Activities that are one thing count once.
        var seen: Set<RecordID> = []
        try asked.forEach("activity") { record in
            if case .contested = record.reading("kind") {
                if record.days("date").contains(where: period.contains) { disputed.append(record.id) }
                return
            }
            guard let figure = record.text("kind").flatMap(Figure.ofActivity), let day = day(record, "date"),
                seen.insert(joined.first(of: record.id)).inserted
            else { return }
            var count = 1
            if figure.countsPersons {
                switch record.reading("count") {
                case .contested:
                    disputed.append(record.id)
                    return
                case .value(.integer(let number)) where (0...Self.personsMax).contains(number): count = Int(number)
                default:
                    count = Set(record.references("persons").map { joined.first(of: $0) }).count
                    guard count > 0 else {
                        unnumbered.append(record.id)
                        return
                    }
                }
            }
            events.append(FigureEvent(figure, day: day, unit: named(record.reference("unit")), count: count))
        }
        try asked.forEach("letter") { record in
            if case .contested = record.reading("kind") {
                if record.days("issued_at").contains(where: period.contains) { disputed.append(record.id) }
                return
            }
            guard let figure = record.text("kind").flatMap(Figure.ofLetter),
                let status = record.text("status"), ["issued", "replied", "closed"].contains(status),
                let day = day(record, "issued_at"), seen.insert(joined.first(of: record.id)).inserted
            else { return }
            let person = try record.reference("recipient_person").flatMap { try unit(of: $0) }
            events.append(FigureEvent(figure, day: day, unit: named(record.reference("recipient_unit") ?? person)))
        }
        let figures = Figures(events, in: period)
        let titles = try replica.titled(figures.units.keys.compactMap { RecordID(hex: $0) }, by: catalogue)
        (self.period, self.figures, self.asked) = (period, figures, asked)
        (self.disputed, self.unnumbered) = (disputed.sorted(), unnumbered.sorted())
        units = figures.units.keys.map { (key: $0, title: RecordID(hex: $0).map { titles.title($0)[t] } ?? $0) }.sorted {
            ($0.title, $0.key) < ($1.title, $1.key)
        }
    }

    /// What counts for no unit.
    private func elsewhere(_ figure: Figure) -> Int {
        (figures.total[figure] ?? 0) - figures.units.values.reduce(0) { $0 + ($1[figure] ?? 0) }
    }
    private var hasElsewhere: Bool { Figure.allCases.contains { elsewhere($0) != 0 } }

    package func header(_ t: Language) -> [String] {
        [t("项目", "Figure"), t("合计", "Total")] + units.map(\.title) + (hasElsewhere ? [t("不属哪个单位", "Of no unit")] : [])
    }

    /// A row for each figure, its numbers in the order of the header.
    package func rows(_ t: Language) -> [(label: String, numbers: [Int])] {
        Figure.allCases.map { figure in
            (
                figure.label[t],
                [figures.total[figure] ?? 0] + units.map { figures.units[$0.key]?[figure] ?? 0 }
                    + (hasElsewhere ? [elsewhere(figure)] : [])
            )
        }
    }

    /// What is not in the numbers, and why.
    package func notes(_ t: Language) throws -> [String] {
        func named(_ ids: [RecordID]) -> String {
            ids.prefix(10).map { ShortID($0).description }.joined(separator: " ") + (ids.count > 10 ? " …" : "")
        }
        var lines: [String] = []
        if !disputed.isEmpty {
            lines.append(
                t("\(disputed.count) 条等待裁定，没有计入：", "\(disputed.count) wait for review and do not count: ") + named(disputed))
        }
        if !unnumbered.isEmpty {
            lines.append(
                t("\(unnumbered.count) 条没有写人数，没有计入：", "\(unnumbered.count) do not say how many persons and do not count: ")
                    + named(unnumbered))
        }
        return try lines + asked.notes(t, atCentre: "figures")
    }

    package func lines(_ t: Language, width: Int?) throws -> [String] {
        var table = Table(header: header(t).map { Screen.safe($0) })
        table.isRight = Set(1..<table.header.count)
        table.rows = rows(t).map { [$0.label] + $0.numbers.map { "\($0)" } }
        return try [t("\(period.lowerBound) 至 \(period.upperBound)", "\(period.lowerBound) to \(period.upperBound)")]
            + table.lines(width: width) + notes(t)
    }

    package func json() throws -> JSON {
        func json(_ counts: [Figure: Int]) -> JSON {
            .object(Figure.allCases.map { ($0.rawValue, .count(counts[$0] ?? 0)) })
        }
        return .object([
            ("from", .string("\(period.lowerBound)")), ("to", .string("\(period.upperBound)")), ("total", json(figures.total)),
            (
                "units",
                .list(
                    units.map {
                        .object([
                            ("unit", .string($0.key)), ("title", .string($0.title)),
                            ("figures", json(figures.units[$0.key] ?? [:])),
                        ])
                    })
            ),
            ("disputed", .list(disputed.map { .string("\($0)") })), ("unnumbered", .list(unnumbered.map { .string("\($0)") })),
            ("restricted_left_out", .count(asked.leftOut)), ("archived_left_out", .list(try asked.departed().map { .string($0) })),
        ])
    }
}
