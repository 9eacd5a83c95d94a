// The report for programs: the same figures, under stable keys; texts in the language asked for.

package import Supervision
package import Terminal

extension EngagementReport {
    package func json(_ t: Language) -> JSON {
        func cell(_ cell: Cell) -> JSON {
            if cell.others.isEmpty, cell.waits.isEmpty { return .string(cell.value[t]) }
            return .object([
                ("value", .string(cell.value[t])), ("others", .list(cell.others.map { .string($0[t]) })),
                ("review", .list(cell.waits.map(JSON.count))),
            ])
        }
        func tally(_ tally: Tally) -> JSON {
            .list(tally.lines.map { .object([("label", .string($0.label[t])), ("count", .count($0.count))]) })
        }
        func day(_ day: Day?) -> JSON { .optional(day.map { "\($0)" }) }
        func person(_ person: Person) -> JSON {
            .object([
                ("id", .string(person.short)), ("name", cell(person.name)), ("post", cell(person.post)), ("unit", cell(person.unit)),
                ("rank_group", cell(person.rankGroup)), ("talks", .count(person.talks)),
                ("review", .list(person.waits.map(JSON.count))),
            ])
        }
        let table = findingsByAspectAndNature
        return .object([
            ("id", .string("\(id)")), ("short", .string(short)), ("scope", .string(scope.name)), ("title", cell(title)),
            ("status", cell(status)), ("deleted", .flag(isDeleted)), ("day", day(self.day)), ("zone", .string("UTC\(zone.text)")),
            ("restricted", .flag(includesRestricted)),
            (
                "facts",
                .list(facts.map { .object([("label", .string($0.label[t])), ("value", cell($0.cell))]) })
            ),
            (
                "days",
                .object([
                    ("start", day(days.start)), ("end", day(days.end)), ("used", days.used.map(JSON.count) ?? .null),
                    ("allowed", days.allowed.map(JSON.count) ?? .null), ("extension_unapproved", .flag(days.isExtensionUnapproved)),
                ])
            ),
            ("persons", .count(persons.count)), ("talked_with", .count(talkedWith)), ("left", .list(left.map(person))),
            (
                "talks",
                .list(
                    talks.map { talk in
                        .object([
                            ("id", .string(talk.short)), ("start", cell(talk.start)), ("subject", cell(talk.subject)),
                            ("lead", cell(talk.lead)), ("talkers", cell(talk.talkers)), ("recorder", cell(talk.recorder)),
                            ("place", cell(talk.place)), ("status", cell(talk.status)), ("review", .list(talk.waits.map(JSON.count))),
                        ])
                    })
            ), ("talks_by_status", tally(talksByStatus)), ("talks_by_talker", tally(talksByTalker)),
            (
                "findings",
                .list(
                    findings.map { finding in
                        .object([
                            ("id", .string(finding.short)), ("title", cell(finding.title)), ("aspect", cell(finding.aspect)),
                            ("nature", cell(finding.nature)), ("form", cell(finding.form)), ("unit", cell(finding.unit)),
                            ("status", cell(finding.status)), ("disposition", cell(finding.disposition)),
                            ("disposition_date", cell(finding.dispositionDate)), ("recipient", cell(finding.recipient)),
                            ("document_number", cell(finding.documentNumber)), ("restricted", .flag(finding.isRestricted)),
                            ("review", .list(finding.waits.map(JSON.count))),
                        ])
                    })
            ),
            (
                "findings_by_aspect_and_nature",
                .object([
                    ("aspects", .list(table.rows.map { .string($0[t]) })), ("natures", .list(table.columns.map { .string($0[t]) })),
                    (
                        "counts",
                        .list(table.rows.indices.map { row in .list(table.columns.indices.map { .count(table[row, $0]) }) })
                    ), ("total", .count(table.total)),
                ])
            ), ("findings_by_disposition", tally(findingsByDisposition)), ("findings_by_status", tally(findingsByStatus)),
            ("findings_by_form", tally(findingsByForm)),
            (
                "overdue",
                .list(
                    overdue.map {
                        .object([
                            ("rule", .string($0.rule[t])), ("subject", cell($0.subject)), ("due", day($0.due)), ("days", .count($0.days)),
                            ("restricted", .flag($0.isRestricted)),
                        ])
                    })
            ),
            ("waiting", .list(waiting.map { json($0, t) })),
            (
                "laptops",
                .list(
                    laptops.map {
                        .object([
                            ("person", .string($0.person)), ("device", .string($0.device)), ("key", .string("\($0.key)")),
                            ("entries", .count($0.entries)), ("held", .count($0.held)),
                            ("seen_at", $0.seen.map { .integer($0.rawValue) } ?? .null),
                            ("synced_at", $0.synced.map { .integer($0.rawValue) } ?? .null), ("granted", .flag($0.isGranted)),
                        ])
                    })
            ), ("entries", .count(entries)), ("deleted_records", .count(deleted)),
        ])
    }

    private func json(_ item: Waiting, _ t: Language) -> JSON {
        .object([
            ("number", .count(item.number)), ("id", .string("\(item.item)")), ("short", .string(item.short)),
            ("kind", .string(item.kind.name)), ("type", .string(item.type[t])), ("title", .string(item.title.value[t])),
            ("field", .optional(item.field?[t])), ("since", .integer(item.since.rawValue)), ("restricted", .flag(item.isRestricted)),
            (
                "candidates",
                .list(
                    item.candidates.map {
                        .object([
                            ("value", .string($0.value[t])), ("author", .optional($0.author)), ("time", .integer($0.time.rawValue)),
                        ])
                    })
            ),
        ])
    }
}
