// One unit's ledger of rectifications: for each finding the measure, who is responsible, by when, and what a check showed.

package import Causality
import Journals
package import Records
package import Replicas
package import Supervision
package import Terminal

package struct UnitLedger {
    package let unit: Record
    /// By deadline; those without one first.
    package let entries: [Record]
    private let day: Day
    private let asked: AskedScopes
    private let titles: CaseFile

    package init(
        of unit: Record, in replica: Replica, catalogue: Catalogue, on day: Day, restricted: Bool
    ) throws {
        var asked = try AskedScopes(of: replica, catalogue: catalogue, restricted: restricted)
        let joined = try replica.joinedRecords()
        let same = Set(joined.members(with: unit.id))
        var seen: Set<RecordID> = []
        var entries = try replica.records(referringTo: same).filter { record in
            guard record.type == "rectification", case .reference(let id)? = record.value("unit"), same.contains(id) else {
                return false
            }
            return asked.admit(record.scope)
        }
        entries = entries.sorted { $0.id < $1.id }.filter { seen.insert(joined.first(of: $0.id)).inserted }
        func deadline(_ record: Record) -> Int { Day(of: record.value("deadline"))?.number ?? .min }
        entries.sort { (deadline($0), $0.id) < (deadline($1), $1.id) }
        (self.unit, self.entries, self.day, self.asked) = (unit, entries, day, asked)
        titles = try replica.titled(
            [unit.id] + entries.map(\.id)
                + entries.compactMap { if case .reference(let id)? = $0.value("finding") { id } else { nil } }, by: catalogue)
    }

    private func reading(_ record: Record, _ key: FieldKey) -> FieldReading { titles.reading(record.state, key) }

    private func isOver(_ record: Record) -> Bool {
        guard case .value(let value) = reading(record, "deadline"), let due = Day(of: value),
            case .value(.text(let state)) = reading(record, "state")
        else { return false }
        return due < day && ["open", "under_way"].contains(state)
    }

    package func title(_ t: Language) -> String { titles.title(unit.id)[t] }
    package var overdue: Int { entries.count(where: isOver) }

    package func notes(_ t: Language) throws -> [String] { try asked.notes(t, atCentre: "ledger") }

    package func lines(_ t: Language, width: Int?) throws -> [String] {
        func cell(_ record: Record, _ key: FieldKey) -> String {
            let text = Screen.safe(titles.shown(record.state, key)[t].replacing("\n", with: " "))
            guard case .contested = reading(record, key) else { return text }
            return text + t("【待裁定】", " [in review]")
        }
        var table = Table(header: [
            t("编号", "Id"), t("问题", "Finding"), t("措施", "Measure"), t("责任人", "Responsible"), t("期限", "Deadline"), t("状态", "State"),
        ])
        table.rows = entries.map { record in
            [ShortID(record.id).description] + ["finding", "measure", "responsible", "deadline"].map { cell(record, FieldKey($0)) }
                + [cell(record, "state") + (isOver(record) ? t("，超期", ", overdue") : "")]
        }
        return try ["\(t("整改台账：", "Ledger: "))\(Screen.safe(title(t)))"]
            + (entries.isEmpty ? [t("台账是空的。", "The ledger is empty.")] : table.lines(width: width))
            + [t("共 \(entries.count) 项，超期 \(overdue) 项。", "\(entries.count) in all, \(overdue) overdue.")] + notes(t)
    }

    /// - Parameter entry: how one rectification is told.
    package func json(_ t: Language, entry: (Record) -> JSON) throws -> JSON {
        .object([
            ("unit", .string("\(unit.id)")), ("title", .string(title(t))), ("overdue", .count(overdue)),
            ("entries", .list(entries.map(entry))), ("restricted_left_out", .count(asked.leftOut)),
            ("archived_left_out", .list(try asked.departed().map { .string($0) })),
        ])
    }
}
