// dundian tonight: the evening meeting. What each group found today, and the night's problem list out of it.

import ArgumentParser
import Documents
import Dundian
import Terminal

struct Tonight: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "tonight",
            abstract: tr(
                "晚上的碰头会：各组当天的问题，汇成当晚问题清单。", "The evening meeting: the day's findings of each group become the night's problem list."
            ),
            discussion: tr(
                "先让各台电脑碰一次（dundian meet，不需要网络），再在一台上运行。\n--save 把清单写进当天的碰头会记录；手改过的地方不会被盖掉。\n没有写发现日期的问题会点出来。",
                "Let the laptops meet first (dundian meet, no network needed), then run it on one.\n--save writes the list into that day's meeting record; what was edited by hand is not written over.\nFindings without a day are named."
            ))
    }
    @OptionGroup var options: Options
    @Argument(
        help: ArgumentHelp(tr("任务的编号；只有一个时可不写。", "The engagement's id; not needed if there is only one."), valueName: "engagement"))
    var engagement: String?
    @OptionGroup var asOf: AsOf
    @Flag(name: .long, help: ArgumentHelp(tr("写进碰头会记录。", "Write it into the meeting's record."))) var save = false
    @Flag(
        name: .long,
        help: ArgumentHelp(tr("清单与手改的对不上时，用新的。", "Where the list and hand's work do not go together, take the new one.")))
    var replace = false
    @Option(name: .long, help: ArgumentHelp(tr("讨论情况，随 --save 保存。", "What was discussed; kept with --save."), valueName: "text"))
    var discussion: String?
    @Option(
        name: .long,
        help: ArgumentHelp(tr("到会的人，可写几次；随 --save 保存。", "Who is there, may be given often; kept with --save."), valueName: "name"))
    var present: [String] = []
    @OptionGroup var file: OutgoingFile

    func validate() throws {
        guard save || !replace && discussion == nil && present.isEmpty else {
            throw ValidationError(tr("这些选项要和 --save 一起用。", "These options go with --save."))
        }
    }

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let showing = finder.showing
            let engagement = try finder.engagement(engagement)
            let day = asOf.day
            let records = try finder.caseFile(of: [engagement.scope])
            let roster = try folder.replica.roster()?.roster
            guard let state = records.records[engagement.id] else { return }
            let evening = Evening(of: state, on: day, in: records) { roster?.person($0)?.name }
            let list = evening.problemList(in: records, tr)
            var saved: (id: RecordID, kept: [FieldKey])?
            if save { saved = try self.save(evening, list, records, engagement, finder) }
            try file.write(
                Sheet(findings: evening.findings, title: tr("问题清单 \(day)", "Problem list \(day)"), in: records, tr))

            var lines = ["\(Screen.safe(showing.title(engagement)))  \(day)"]
            for group in evening.groups {
                lines.append(
                    "\(Screen.safe(group.name.isEmpty ? tr("未分组", "In no group") : group.name))\(tr("：", ": "))"
                        + tr("\(group.findings.count) 个问题", "\(group.findings.count) findings"))
                lines += group.findings.map { finding in
                    let author = finding["title"]?.candidates.first?.author
                    return
                        "  \(showing.short(finding.record))  \(Screen.safe(records.shown(finding, "title")[tr]))  \(tr("〔", "["))\(Screen.safe(showing.person(author)))\(tr("〕", "]"))"
                }
            }
            lines.append(tr("今天谈话 \(evening.talks.count) 次。", "\(evening.talks.count) talks that day."))
            lines.append(tr("当晚问题清单：", "The night's problem list:"))
            lines +=
                list.isEmpty
                ? [tr("  （没有）", "  (none)")] : Paragraph.lines(Screen.safe(list, lines: true), indent: 2, width: Output.width)
            if !evening.undated.isEmpty {
                lines.append(tr("没有写发现日期、哪天的清单里都没有的：", "Findings without a day, on no night's list:"))
                lines += evening.undated.map { "  \(showing.short($0.record))  \(Screen.safe(records.shown($0, "title")[tr]))" }
            }
            let waiting = evening.findings.filter { (try? folder.replica.record($0.record))?.map { !$0.items.isEmpty } ?? false }
                .count
            if waiting > 0 {
                lines.append(tr("其中 \(waiting) 个待裁定：dundian review", "\(waiting) of them wait for review: dundian review"))
            }
            if let saved {
                lines.append(tr("已写进碰头会记录：", "Written into the meeting's record: ") + showing.short(saved.id))
                for field in saved.kept {
                    lines.append(
                        tr(
                            "“\(showing.label(field, "evening_meeting"))”手改过，与记录对不上，没有动；要用新的加 --replace。",
                            "\"\(showing.label(field, "evening_meeting"))\" was edited by hand and does not go with the records; it is left. Take the new one with --replace."
                        ))
                }
            } else {
                lines.append(tr("要保存加 --save。", "Add --save to keep it."))
            }
            options.show(
                .object([
                    ("engagement", .string("\(engagement.id)")), ("day", .string("\(day)")),
                    (
                        "groups",
                        .list(
                            evening.groups.map { group in
                                .object([
                                    ("name", .string(group.name)),
                                    ("findings", .list(group.findings.map { .string("\($0.record)") })),
                                ])
                            })
                    ),
                    ("talks", .list(evening.talks.map { .string("\($0.record)") })), ("problem_list", .string(list)),
                    ("undated", .list(evening.undated.map { .string("\($0.record)") })), ("waiting", .count(waiting)),
                    ("meeting", .optional((saved?.id ?? evening.meeting?.record).map { "\($0)" })),
                    ("kept", .list((saved?.kept ?? []).map { .string($0.rawValue) })),
                ]), lines)
        }
    }

    private func save(
        _ evening: Evening, _ list: String, _ records: CaseFile, _ engagement: Record, _ finder: Finder
    ) throws -> (id: RecordID, kept: [FieldKey]) {
        let replica = finder.replica
        let texts: [FieldKey: String] = ["reports": evening.reports(in: records, tr), "problem_list": list]
        var (fields, kept) = try Drafting.fields(texts, of: evening.meeting?.record, replaces: replace, finder)
        let had = evening.meeting.map { Set(records.references($0, "findings")) } ?? []
        let new = evening.findings.map(\.record).filter { !had.contains($0) }
        if !new.isEmpty { fields.append(("findings", .adding(new.map { .reference($0) }))) }
        let groups = evening.groups.map(\.name).filter { !$0.isEmpty }
        let hadGroups = evening.meeting.map { Set(records.texts($0, "groups")) } ?? []
        let newGroups = groups.filter { !hadGroups.contains($0) }
        if !newGroups.isEmpty { fields.append(("groups", .adding(newGroups.map { .text($0) }))) }
        if !present.isEmpty { fields.append(("present", .adding(present.map { .text($0) }))) }
        if let discussion { fields.append(("discussion", .value(.text(discussion)))) }
        if evening.meeting.flatMap({ records.text($0, "status") }) != "listed" {
            fields.append(("status", .value(.text("listed"))))
        }
        if let meeting = evening.meeting {
            try replica.edit(meeting.record, fields: fields, message: Redraft.message)
            return (meeting.record, kept)
        }
        let id = try replica.create(
            "evening_meeting", in: engagement.scope,
            fields: [("engagement", .value(.reference(engagement.id))), ("date", .value(.date("\(evening.day)")))] + fields,
            message: Redraft.message)
        return (id, [])
    }
}

/// Texts drafted from records, put into a record that may have been edited by hand since.
enum Drafting {
    /// What to write, and the fields that stay because hand's work and records do not go together.
    static func fields(
        _ texts: [FieldKey: String], of record: RecordID?, replaces: Bool, _ finder: Finder
    ) throws -> (write: [(FieldKey, FieldInput)], kept: [FieldKey]) {
        guard let record, let standing = try finder.replica.record(record) else {
            return (
                texts.filter { !$0.value.isEmpty }.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    ($0.key, .value(.text($0.value)))
                }, []
            )
        }
        let history = try finder.replica.history(of: record)
        var write: [(FieldKey, FieldInput)] = []
        var kept: [FieldKey] = []
        for (field, text) in texts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let last = history.last { edit in
                edit.message == Redraft.message && edit.writes.contains { $0.field == field && $0.kind.hasValue }
            }?
            .writes.last { $0.field == field && $0.kind.hasValue }?.value?.text
            switch Redraft(last: last, standing: standing.text(field), drafted: text) {
            case .unchanged: break
            case .write(let new): write.append((field, .value(new.isEmpty ? .empty : .text(new))))
            case .compare(let new):
                if replaces { write.append((field, .value(new.isEmpty ? .empty : .text(new)))) } else { kept.append(field) }
            }
        }
        return (write, kept)
    }
}
