// Every engagement the centre holds, a line each.

package import Causality
package import Journals
package import Records
package import Supervision
package import Terminal

package struct EngagementList: Sendable {
    package struct Line: Hashable, Sendable {
        package var id: RecordID
        package var short: String
        package var title: Cell
        package var kind: Cell
        package var status: Cell
        package var start: Cell
        package var end: Cell
        package var scope: Roster.Scope
        /// Review items open in its scope.
        package var waiting: Int
        package var isDeleted: Bool
    }

    /// By start, the newest first; deleted ones last.
    package var lines: [Line]

    /// - Parameters:
    ///   - material: the engagements, and the units they name.
    ///   - waiting: how many review items are open in each scope.
    package init(_ material: ReportMaterial, catalogue: Catalogue, waiting: [ScopeID: Int]) {
        let material = material.ordinary(by: catalogue)
        let records = Dictionary(material.records.map { ($0.state.record, $0.state) }) { first, _ in first }
        let reader = RecordReader(catalogue: catalogue, records: records)
        lines = material.records.compactMap { entry in
            guard entry.state.type == "engagement", let scope = material.roster.scope(entry.scope) else { return nil }
            let state = entry.state
            return Line(
                id: state.record, short: ShortID(state.record).description, title: reader.title(state),
                kind: reader.cell(state, "kind"),
                status: reader.cell(state, "status"), start: reader.cell(state, "start"), end: reader.cell(state, "planned_end"),
                scope: scope, waiting: waiting[entry.scope] ?? 0, isDeleted: state.isDeleted)
        }.sorted { a, b in
            if a.isDeleted != b.isDeleted { return b.isDeleted }
            return a.start.value.zh != b.start.value.zh ? a.start.value.zh > b.start.value.zh : a.id < b.id
        }
    }

    /// The engagements a person means by an id or its beginning, by the title, or by the scope's name.
    package func lines(meant text: String) -> [Line] {
        let named = lines.filter { $0.scope.name == text || $0.title.value.zh == text || $0.title.value.en == text }
        guard named.isEmpty, let id = ShortID(text) else { return named }
        return lines.filter { id.range(of: RecordID.self).contains($0.id) }
    }

    package func lines(_ t: Language, width: Int?) -> [String] {
        guard !lines.isEmpty else { return [t("中心还没有监督任务的记录。", "The centre holds no engagement yet.")] }
        var table = Table(header: [
            t("编号", "Id"), t("任务", "Engagement"), t("方式", "Kind"), t("进度", "Status"), t("开始", "Start"), t("计划结束", "Planned end"),
            t("范围", "Scope"), t("待裁定", "Review"),
        ])
        table.isRight = [7]
        table.rows = lines.map { line in
            let deleted = line.isDeleted ? t("【已删除】", "[deleted] ") : ""
            return [line.short, deleted + EngagementReport.text(line.title, t)]
                + [line.kind, line.status, line.start, line.end].map { EngagementReport.text($0, t) }
                + [Screen.safe(line.scope.name), "\(line.waiting)"]
        }
        return table.lines(width: width)
    }

    package func json(_ t: Language) -> JSON {
        let all: [JSON] = lines.map { line in
            var members: [(String, JSON)] = [
                ("id", .string("\(line.id)")), ("short", .string(line.short)), ("title", .string(line.title.value[t])),
                ("kind", .string(line.kind.value[t])), ("status", .string(line.status.value[t])),
            ]
            members.append(("start", .string(line.start.value[t])))
            members.append(("planned_end", .string(line.end.value[t])))
            members.append(("scope", .string(line.scope.name)))
            members.append(("waiting_in_scope", .count(line.waiting)))
            members.append(("deleted", .flag(line.isDeleted)))
            return .object(members)
        }
        return .object([("engagements", .list(all))])
    }
}
