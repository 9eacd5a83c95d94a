// Making the report: which records belong to the engagement, what of them waits, and the figures.

import Causality
import Journals
package import Records
import Replicas
package import Supervision

extension EngagementReport {
    /// - Parameters:
    ///   - restricted: whether what only those named may see goes in, marked as such. Otherwise it leaves no trace, in no number.
    /// - Returns: nil if there is no such engagement in the material.
    package init?(
        of id: RecordID, from material: ReportMaterial, catalogue: Catalogue, calendar: WorkingCalendar = .national, on day: Day,
        minutesEastOfUTC: Int,
        restricted: Bool = false
    ) {
        let material = restricted ? material : material.ordinary(by: catalogue)
        guard let parts = Parts(of: id, in: material, catalogue), let scope = material.roster.scope(parts.engagement.scope) else {
            return nil
        }
        let (reader, engagement) = (parts.reader, parts.engagement.state)
        self.id = id
        self.scope = scope
        short = ShortID(id).description
        (title, status) = (reader.title(engagement), reader.cell(engagement, "status"))
        isDeleted = engagement.isDeleted
        (self.day, self.minutesEastOfUTC, includesRestricted) = (day, minutesEastOfUTC, restricted)
        facts = Self.facts(of: engagement, reader)
        days = StayDays(of: engagement, in: parts.file, on: day)
        advice = Advice.all(in: parts.file, on: day, calendar: calendar).filter {
            parts.own.contains($0.record) && $0.answer == nil
        }.map {
            Advised(advice: $0, short: ShortID($0.record).description, subject: reader.title($0.record))
        }
        (persons, talks, talksByStatus, talksByTalker) = ([], [], Tally(), Tally())
        findings = []
        findingsByAspectAndNature = CrossTable(rows: [], columns: [])
        (findingsByDisposition, findingsByStatus, findingsByForm) = (Tally(), Tally(), Tally())
        overdue = Self.overdue(parts, days, calendar, on: day)
        waiting = parts.waiting
        laptops = Self.laptops(of: parts, in: material)
        deleted = parts.entries.count { $0.state.isDeleted }
        count(talks: parts)
        count(findings: parts)
    }

    private static func facts(of engagement: RecordState, _ reader: RecordReader) -> [Fact] {
        let keys: [FieldKey] = [
            "kind", "mode", "lead", "members", "groups", "units", "workplace", "start", "planned_end", "extended_end",
            "extension_approved_by", "extension_approved_at",
        ]
        return keys.map { Fact(label: reader.label($0, "engagement"), cell: reader.cell(engagement, $0)) }
            .filter { !$0.cell.isEmpty }
    }

    // MARK: Laptops

    private static func laptops(of parts: Parts, in material: ReportMaterial) -> [Laptop] {
        let roster = material.roster
        let scopes = Set(
            parts.entries.filter { roster.scope($0.scope)?.kind != .directory }.map(\.scope) + [parts.engagement.scope])
        return roster.laptops.compactMap { device in
            let journals = material.journals.filter { $0.key == device.key && scopes.contains($0.scope) }
            let grants = device.grants.filter { scopes.contains($0.scope) }
            guard !journals.isEmpty || !grants.isEmpty else { return nil }
            let contact = material.contacts[device.key]
            return Laptop(
                person: roster.person(device.person)?.name ?? device.person, device: device.name, key: device.key,
                entries: journals.reduce(0) { $0 + $1.entries }, held: journals.reduce(0) { $0 + $1.held },
                seen: contact?.seen, synced: contact?.synced,
                isGranted: roster.isGranted(parts.engagement.scope, to: device.key, at: roster.version))
        }
    }
}

/// The records a report is about.
struct Parts {
    let catalogue: Catalogue
    let engagement: ReportMaterial.Entry
    /// What belongs to the engagement, itself included.
    let entries: [ReportMaterial.Entry]
    private(set) var reader: RecordReader
    /// The same records as the domain's rules read them.
    let file: CaseFile
    /// The ids of ``entries``.
    let own: Set<RecordID>
    private(set) var waiting: [EngagementReport.Waiting] = []
    private let material: ReportMaterial
    private let byID: [RecordID: RecordState]

    init?(of id: RecordID, in material: ReportMaterial, _ catalogue: Catalogue) {
        guard let engagement = material.records.first(where: { $0.state.record == id && $0.state.type == "engagement" }) else {
            return nil
        }
        (self.catalogue, self.material, self.engagement) = (catalogue, material, engagement)
        byID = Dictionary(material.records.map { ($0.state.record, $0.state) }) { first, _ in first }
        reader = RecordReader(catalogue: catalogue, records: byID)
        file = CaseFile(byID.values, catalogue: catalogue, same: material.joined(by: catalogue).firsts)
        entries = Self.belonging(to: engagement, in: material, catalogue, reader)
        own = Set(entries.map(\.state.record))
        waiting = number()
    }

    /// Records of the engagement that are not deleted.
    func live(_ type: TypeKey) -> [ReportMaterial.Entry] { entries.filter { $0.state.type == type && !$0.state.isDeleted } }

    /// The same, of those that are one thing only the first: what is counted is counted once.
    func distinct(_ type: TypeKey) -> [ReportMaterial.Entry] {
        file.distinct(live(type).sorted { $0.state.record < $1.state.record }, \.state.record)
    }

    func isRestricted(_ entry: ReportMaterial.Entry) -> Bool { material.isRestricted(entry, by: catalogue) }

    /// A record of the engagement's scope belongs to it unless it names another engagement there; a restricted one belongs if it
    /// refers to something that does. In doubt a record is in: what no report shows would be as good as lost.
    private static func belonging(
        to engagement: ReportMaterial.Entry, in material: ReportMaterial, _ catalogue: Catalogue, _ reader: RecordReader
    ) -> [ReportMaterial.Entry] {
        let id = engagement.state.record
        let here = material.records.filter { $0.scope == engagement.scope && !material.isRestricted($0, by: catalogue) }
        let engagements = Set(here.filter { $0.state.type == "engagement" }.map(\.state.record))
        func named(_ entry: ReportMaterial.Entry) -> Set<RecordID> {
            engagements.intersection(reader.references(entry.state, "engagement"))
        }
        let units = Set(reader.references(engagement.state, "units"))
        var subjects: [RecordID: Bool] = [:]
        for talk in here where talk.state.type == "talk" {
            let isOurs = named(talk).isEmpty || named(talk).contains(id)
            for subject in reader.references(talk.state, "subject") { subjects[subject] = subjects[subject] == true || isOurs }
        }
        var belonging = here.filter { entry in
            switch entry.state.type {
            case "engagement": return entry.state.record == id
            case "person":
                // Persons name no engagement. Where a scope has several, one's talks say, or else one's unit.
                return engagements.count == 1
                    || subjects[entry.state.record] ?? !units.isDisjoint(with: reader.references(entry.state, "unit"))
            default: return named(entry).isEmpty || named(entry).contains(id)
            }
        }
        var known = Set(belonging.map(\.state.record))
        var rest = material.records.filter { material.isRestricted($0, by: catalogue) }
        while true {
            let found = rest.filter { !known.isDisjoint(with: reader.references($0.state)) }
            if found.isEmpty { break }
            belonging += found
            known.formUnion(found.map(\.state.record))
            rest.removeAll { known.contains($0.state.record) }
        }
        return belonging
    }

    /// Numbers what waits for review, the oldest first; units the engagement speaks of are among it.
    private mutating func number() -> [EngagementReport.Waiting] {
        let units = Set(entries.flatMap { reader.references($0.state) })
        let shown = material.records.filter {
            own.contains($0.state.record) || $0.state.type == "unit" && units.contains($0.state.record)
        }
        let items = shown.flatMap { entry in
            entry.state.reviewItems(by: catalogue).map { (entry: entry, item: $0, id: $0.id(in: entry.scope)) }
        }.sorted { a, b in
            let (aTime, bTime) = (a.entry.state.changed?.time.rawValue ?? 0, b.entry.state.changed?.time.rawValue ?? 0)
            return aTime != bTime ? aTime < bTime : a.id < b.id
        }
        for (i, one) in items.enumerated() { reader.mark(one.item.field, of: one.item.record, number: i + 1) }
        return items.enumerated().map { i, one in
            let state = one.entry.state
            let field = one.item.field
            let candidates = field.rawValue.isEmpty ? [] : state[field]?.candidates ?? []
            return EngagementReport.Waiting(
                number: i + 1, item: one.id, short: ShortID(one.id).description, kind: one.item.kind,
                type: reader.label(state.type), title: reader.title(state),
                field: field.rawValue.isEmpty ? nil : reader.label(field, state.type),
                candidates: candidates.map { candidate in
                    .init(
                        value: reader.value(candidate.value, field, state.type),
                        author: candidate.author.map { material.roster.person($0)?.name ?? $0 }, time: candidate.time)
                }, since: state.changed?.time ?? Timestamp(milliseconds: 0), isRestricted: isRestricted(one.entry))
        }
    }

    /// What of a record waits and none of these cells shows.
    func otherWaits(_ state: RecordState, besides cells: [Cell]) -> [Int] {
        guard reader.hasWaits(state.record) else { return [] }
        let shown = Set(cells.flatMap(\.waits))
        return state.reviewItems(by: catalogue).map(\.field).flatMap { reader.waits(state.record, $0) }
            .filter { !shown.contains($0) }.uniqued()
    }
}

extension [Int] {
    fileprivate func uniqued() -> [Int] { Array(Set(self)).sorted() }
}
