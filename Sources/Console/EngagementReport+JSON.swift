// The report for programs: the same figures, under stable keys; texts in the language asked for.

import Causality
import Journals
import Records
import Replicas
package import Supervision
package import Terminal

extension EngagementReport {
    package func json(_ t: Language) -> JSON { ReportJSON(report: self, t: t).whole }
}

/// Built of small pieces with their types written down: one large literal takes the compiler minutes.
private struct ReportJSON {
    let report: EngagementReport
    let t: Language

    var whole: JSON {
        var members: [(String, JSON)] = head
        members.append(("facts", .list(report.facts.map { (fact: EngagementReport.Fact) -> JSON in self.fact(fact) })))
        members.append(("days", days))
        members.append(("persons", .count(report.persons.count)))
        members.append(("talked_with", .count(report.talkedWith)))
        members.append(("left", .list(report.left.map { self.person($0) })))
        members.append(("talks", .list(report.talks.map { self.talk($0) })))
        members.append(("talks_by_status", tally(report.talksByStatus)))
        members.append(("talks_by_talker", tally(report.talksByTalker)))
        members.append(("findings", .list(report.findings.map { self.finding($0) })))
        members.append(("findings_by_aspect_and_nature", cross(report.findingsByAspectAndNature)))
        members.append(("findings_by_disposition", tally(report.findingsByDisposition)))
        members.append(("findings_by_status", tally(report.findingsByStatus)))
        members.append(("findings_by_form", tally(report.findingsByForm)))
        members.append(("overdue", .list(report.overdue.map { self.overdue($0) })))
        members.append(("advice", .list(report.advice.map { self.advice($0) })))
        members.append(("waiting", .list(report.waiting.map { self.waiting($0) })))
        members.append(("laptops", .list(report.laptops.map { self.laptop($0) })))
        members.append(("entries", .count(report.entries)))
        members.append(("deleted_records", .count(report.deleted)))
        return .object(members)
    }

    private var head: [(String, JSON)] {
        var members: [(String, JSON)] = [("id", .string("\(report.id)")), ("short", .string(report.short))]
        members.append(("scope", .string(report.scope.name)))
        members.append(("title", cell(report.title)))
        members.append(("status", cell(report.status)))
        members.append(("deleted", .flag(report.isDeleted)))
        members.append(("day", day(report.day)))
        members.append(("zone", .string("UTC\(report.zone.text)")))
        members.append(("restricted", .flag(report.includesRestricted)))
        return members
    }

    // MARK: Small values

    private func numbers(_ numbers: [Int]) -> JSON { .list(numbers.map { JSON.count($0) }) }
    private func day(_ day: Day?) -> JSON { .optional(day.map { "\($0)" }) }
    private func labels(_ labels: [Label]) -> JSON { .list(labels.map { JSON.string($0[t]) }) }

    /// A text; where it is in dispute, an object.
    private func cell(_ cell: Cell) -> JSON {
        if cell.others.isEmpty, cell.waits.isEmpty { return .string(cell.value[t]) }
        let members: [(String, JSON)] = [
            ("value", .string(cell.value[t])), ("others", labels(cell.others)), ("review", numbers(cell.waits)),
        ]
        return .object(members)
    }

    private func tally(_ tally: Tally) -> JSON {
        .list(
            tally.lines.map { line in
                let members: [(String, JSON)] = [("label", .string(line.label[t])), ("count", .count(line.count))]
                return .object(members)
            })
    }

    private func cross(_ table: CrossTable) -> JSON {
        let counts: [JSON] = table.rows.indices.map { row in
            let line: [JSON] = table.columns.indices.map { JSON.count(table[row, $0]) }
            return .list(line)
        }
        let members: [(String, JSON)] = [
            ("aspects", labels(table.rows)), ("natures", labels(table.columns)), ("counts", .list(counts)),
            ("total", .count(table.total)),
        ]
        return .object(members)
    }

    // MARK: Lines

    private func fact(_ fact: EngagementReport.Fact) -> JSON {
        let members: [(String, JSON)] = [("label", .string(fact.label[t])), ("value", cell(fact.cell))]
        return .object(members)
    }

    private var days: JSON {
        let days = report.days
        let used: JSON = days.used.map { JSON.count($0) } ?? .null
        let allowed: JSON = days.allowed.map { JSON.count($0) } ?? .null
        let members: [(String, JSON)] = [
            ("start", day(days.start)), ("end", day(days.end)), ("used", used), ("allowed", allowed),
            ("extension_unapproved", .flag(days.isExtensionUnapproved)),
        ]
        return .object(members)
    }

    private func person(_ person: EngagementReport.Person) -> JSON {
        let members: [(String, JSON)] = [
            ("id", .string(person.short)), ("name", cell(person.name)), ("post", cell(person.post)), ("unit", cell(person.unit)),
            ("rank_group", cell(person.rankGroup)), ("talks", .count(person.talks)), ("review", numbers(person.waits)),
        ]
        return .object(members)
    }

    private func talk(_ talk: EngagementReport.Talk) -> JSON {
        let members: [(String, JSON)] = [
            ("id", .string(talk.short)), ("start", cell(talk.start)), ("subject", cell(talk.subject)), ("lead", cell(talk.lead)),
            ("talkers", cell(talk.talkers)), ("recorder", cell(talk.recorder)), ("place", cell(talk.place)),
            ("status", cell(talk.status)), ("review", numbers(talk.waits)),
        ]
        return .object(members)
    }

    private func finding(_ finding: EngagementReport.Finding) -> JSON {
        var members: [(String, JSON)] = [
            ("id", .string(finding.short)), ("title", cell(finding.title)), ("aspect", cell(finding.aspect)),
            ("nature", cell(finding.nature)), ("form", cell(finding.form)), ("unit", cell(finding.unit)),
        ]
        members.append(("status", cell(finding.status)))
        members.append(("disposition", cell(finding.disposition)))
        members.append(("disposition_date", cell(finding.dispositionDate)))
        members.append(("recipient", cell(finding.recipient)))
        members.append(("document_number", cell(finding.documentNumber)))
        members.append(("restricted", .flag(finding.isRestricted)))
        members.append(("review", numbers(finding.waits)))
        return .object(members)
    }

    private func overdue(_ line: EngagementReport.Overdue) -> JSON {
        let members: [(String, JSON)] = [
            ("rule", .string(line.rule[t])), ("subject", cell(line.subject)), ("due", day(line.due)), ("days", .count(line.days)),
            ("restricted", .flag(line.isRestricted)),
        ]
        return .object(members)
    }

    private func advice(_ line: EngagementReport.Advised) -> JSON {
        let members: [(String, JSON)] = [
            ("id", .string(line.short)), ("rule", .string(line.advice.key)), ("source", .string(line.advice.rule.source)),
            ("subject", cell(line.subject)), ("says", .string(line.advice.says[t])), ("next", .string(line.advice.wayOn[t])),
        ]
        return .object(members)
    }

    private func waiting(_ item: EngagementReport.Waiting) -> JSON {
        let candidates: [JSON] = item.candidates.map { candidate in
            let members: [(String, JSON)] = [
                ("value", .string(candidate.value[t])), ("author", .optional(candidate.author)),
                ("time", .integer(candidate.time.rawValue)),
            ]
            return .object(members)
        }
        var members: [(String, JSON)] = [
            ("number", .count(item.number)), ("id", .string("\(item.item)")), ("short", .string(item.short)),
            ("kind", .string(item.kind.name)), ("type", .string(item.type[t])),
        ]
        members.append(("title", .string(item.title.value[t])))
        members.append(("field", .optional(item.field?[t])))
        members.append(("since", .integer(item.since.rawValue)))
        members.append(("restricted", .flag(item.isRestricted)))
        members.append(("candidates", .list(candidates)))
        return .object(members)
    }

    private func laptop(_ laptop: EngagementReport.Laptop) -> JSON {
        let seen: JSON = laptop.seen.map { JSON.integer($0.rawValue) } ?? .null
        let synced: JSON = laptop.synced.map { JSON.integer($0.rawValue) } ?? .null
        let members: [(String, JSON)] = [
            ("person", .string(laptop.person)), ("device", .string(laptop.device)), ("key", .string("\(laptop.key)")),
            ("entries", .count(laptop.entries)), ("held", .count(laptop.held)), ("seen_at", seen), ("synced_at", synced),
            ("granted", .flag(laptop.isGranted)),
        ]
        return .object(members)
    }
}
