// The figures of talks and findings, and what is overdue.

import Causality
import Records
import Supervision

extension EngagementReport {
    // MARK: Talks

    mutating func count(talks parts: Parts) {
        let reader = parts.reader
        let entries = parts.distinct("talk").map { (start: reader.cell($0.state, "start").value.zh, state: $0.state) }.sorted {
            a, b in
            a.start != b.start ? a.start < b.start : a.state.record < b.state.record
        }
        talksByStatus = Tally(choices("status", of: "talk", parts))
        var bySubject: [RecordID: Int] = [:]
        var disputed: [RecordID: [Int]] = [:]
        for talk in entries.map(\.state) {
            talksByStatus.count(place(of: talk, "status", parts))
            // A note that was prepared for a later day is listed, and is no talk yet.
            let isHeld = parts.file.day(talk, "start").map { $0 <= day } ?? true
            if isHeld { for name in talkers(of: talk, parts) { talksByTalker.count(name) } }
            for subject in Set(reader.references(talk, "subject").map { parts.file.first(of: $0) }) where isHeld {
                if reader.isContested(talk, "subject") {
                    disputed[subject, default: []] += reader.waits(talk.record, "subject")
                } else {
                    bySubject[subject, default: 0] += 1
                }
            }
            var line = Talk(
                short: ShortID(talk.record).description, start: reader.cell(talk, "start"), subject: reader.cell(talk, "subject"),
                lead: reader.cell(talk, "lead"), talkers: reader.cell(talk, "talkers"), recorder: reader.cell(talk, "recorder"),
                place: reader.cell(talk, "place"), status: reader.cell(talk, "status"), waits: [])
            line.waits = parts.otherWaits(
                talk, besides: [line.start, line.subject, line.lead, line.talkers, line.recorder, line.place, line.status])
            talks.append(line)
        }
        let ranks = parts.catalogue.type("person")?.field("rank_group")?.choices?.map(\.key) ?? []
        func rank(_ person: RecordState) -> Int { reader.text(person, "rank_group").flatMap(ranks.firstIndex) ?? ranks.count }
        let states = parts.distinct("person").map { (rank: rank($0.state), state: $0.state) }.sorted { a, b in
            a.rank != b.rank ? a.rank < b.rank : a.state.record < b.state.record
        }
        persons = states.map(\.state).map { person in
            var line = Person(
                short: ShortID(person.record).description, name: reader.cell(person, "name"), post: reader.cell(person, "post"),
                unit: reader.cell(person, "unit"), rankGroup: reader.cell(person, "rank_group"),
                talks: bySubject[parts.file.first(of: person.record)] ?? 0,
                waits: disputed[parts.file.first(of: person.record)] ?? [])
            if line.name.isEmpty { line.name = Cell(line.short) }
            line.waits += parts.otherWaits(person, besides: [line.name, line.post, line.unit, line.rankGroup])
            return line
        }
    }

    /// Everybody who led a talk or took part in leading it, once.
    private func talkers(of talk: RecordState, _ parts: Parts) -> [Label] {
        let reader = parts.reader
        var names: [Label] = []
        if reader.isContested(talk, "lead") {
            names.append(Unsaid.contested)
        } else if let lead = reader.text(talk, "lead") {
            names.append(Label(zh: lead, en: lead))
        }
        for element in talk["talkers"]?.elements ?? [] {
            guard let name = element.value.text, !name.isEmpty else { continue }
            names.append(Label(zh: name, en: name))
        }
        return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    // MARK: Findings

    mutating func count(findings parts: Parts) {
        let reader = parts.reader
        let clues = parts.distinct("clue")
        let clue = reader.label("clue")
        let hasClues = includesRestricted && parts.catalogue.type("clue") != nil
        findingsByAspectAndNature = CrossTable(
            rows: choices("aspect", of: "finding", parts),
            columns: choices("nature", of: "finding", parts) + (hasClues ? [clue] : []))
        let undecided = Label(zh: "尚未处置", en: "Not disposed of yet")
        findingsByDisposition = Tally(
            choices("disposition", of: "finding", parts) + (hasClues ? choices("disposition", of: "clue", parts) : []) + [undecided]
        )
        findingsByStatus = Tally(choices("status", of: "finding", parts))
        findingsByForm = Tally(choices("form", of: "finding", parts))

        let aspects = parts.catalogue.type("finding")?.field("aspect")?.choices?.map(\.key) ?? []
        func order(_ state: RecordState) -> Int { reader.text(state, "aspect").flatMap(aspects.firstIndex) ?? aspects.count }
        let entries = (clues + parts.distinct("finding")).map { entry in
            (order: order(entry.state), day: reader.day(entry.state, "found_on")?.number ?? .max, entry: entry)
        }.sorted { a, b in
            let (x, y) = (a.entry.state, b.entry.state)
            if x.type != y.type { return x.type == "clue" }
            return (a.order, a.day, x.record) < (b.order, b.day, y.record)
        }
        for entry in entries.map(\.entry) {
            let state = entry.state
            let isClue = state.type == "clue"
            findingsByAspectAndNature.count(
                place(of: state, "aspect", parts), isClue ? clue : place(of: state, "nature", parts))
            findingsByForm.count(place(of: state, "form", parts))
            findingsByStatus.count(place(of: state, "status", parts))
            let dropped = ["not_confirmed", "withdrawn"].contains(reader.text(state, "status"))
            let disposition = place(of: state, "disposition", parts)
            findingsByDisposition.count(
                disposition != Unsaid.empty ? disposition : dropped ? place(of: state, "status", parts) : undecided)
            var line = Finding(
                short: ShortID(state.record).description, title: reader.title(state),
                nature: isClue ? Cell(clue) : reader.cell(state, "nature"), aspect: reader.cell(state, "aspect"),
                form: reader.cell(state, "form"), unit: reader.cell(state, "unit"), status: reader.cell(state, "status"),
                disposition: reader.cell(state, "disposition"), dispositionDate: reader.cell(state, "disposition_date"),
                recipient: reader.cell(state, "disposition_recipient"), documentNumber: reader.cell(state, "document_number"),
                isRestricted: parts.isRestricted(entry), waits: [])
            line.waits = parts.otherWaits(
                state,
                besides: [
                    line.title, line.nature, line.aspect, line.form, line.unit, line.status, line.disposition,
                    line.dispositionDate, line.recipient, line.documentNumber,
                ])
            findings.append(line)
        }
    }

    private func choices(_ field: String, of type: TypeKey, _ parts: Parts) -> [Label] {
        parts.catalogue.type(type)?.field(field)?.choices?.map(\.label) ?? []
    }

    /// Where a record counts by one of its fields.
    private func place(of state: RecordState, _ field: FieldKey, _ parts: Parts) -> Label {
        if parts.reader.isContested(state, field) { return Unsaid.contested }
        let cell = parts.reader.cell(state, field)
        return cell.isEmpty ? Unsaid.empty : cell.value
    }

    // MARK: Overdue

    static func overdue(_ parts: Parts, _ days: StayDays, _ calendar: WorkingCalendar, on day: Day) -> [Overdue] {
        let (reader, engagement, file) = (parts.reader, parts.engagement.state, parts.file)
        var lines: [Overdue] = []
        if let start = days.start, let used = days.used, let allowed = days.allowed, used > allowed {
            lines.append(
                Overdue(
                    rule: Label(zh: "停留天数", en: "Days of the stay"), subject: reader.title(engagement), due: start + (allowed - 1),
                    days: used - allowed, isRestricted: false))
        }
        let isOver = ["reporting", "closed"].contains(reader.text(engagement, "status"))
        let hasEnded = file.reading(engagement, "ended_on") != .none
        if !isOver, !hasEnded, let end = days.end, day > end {
            lines.append(
                Overdue(
                    rule: Label(zh: "计划结束日期", en: "Planned end"), subject: reader.title(engagement), due: end, days: day - end,
                    isRestricted: false))
        }
        func add(_ entry: ReportMaterial.Entry, _ rule: Label, _ due: Day?) {
            guard let due, due < day else { return }
            lines.append(
                Overdue(
                    rule: rule, subject: reader.title(entry.state), due: due, days: day - due,
                    isRestricted: parts.isRestricted(entry)))
        }
        // What waits and cannot be reckoned is among the advice.
        for entry in parts.distinct("letter") {
            guard case .due(let due) = AwaitedReply(to: { file.reading(entry.state, $0) }, by: calendar) else { continue }
            add(entry, Label(zh: "两卡一书回复", en: "Reply to a card or letter"), due)
        }
        for entry in parts.distinct("rectification") where ["open", "under_way"].contains(file.text(entry.state, "state") ?? "") {
            add(entry, Label(zh: "整改时限", en: "Rectification"), file.day(entry.state, "deadline"))
        }
        return lines.sorted { $0.due < $1.due }
    }
}
