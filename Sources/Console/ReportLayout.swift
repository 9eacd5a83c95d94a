// The report as headings and tables, before it is text or a page: what stands where is said once.

import Causality
import Journals
import Records
import Supervision

struct ReportLayout {
    struct Column {
        enum Width { case number, time, narrow, wide }
        var label: Label
        var width: Width

        init(_ zh: String, _ en: String, _ width: Width = .narrow) { (label, self.width) = (Label(zh: zh, en: en), width) }
        init(_ label: Label, _ width: Width = .narrow) { (self.label, self.width) = (label, width) }
    }

    struct Row {
        var cells: [Cell]
        /// What of the record waits besides what the cells say.
        var waits: [Int] = []
        var isRestricted = false
        var isTotal = false
        /// Others point here by this number.
        var number: Int?
    }

    struct Grid {
        var columns: [Column]
        var rows: [Row]
        var caption: Label?
    }

    enum Block {
        case facts([EngagementReport.Fact])
        case table(Grid)
        case note(Label)
    }

    struct Section {
        var heading: Label
        var blocks: [Block]
        /// So long that in print it begins a page.
        var isLong = false
    }

    /// The figures at the top: what each is, and its text.
    var summary: [(label: Label, value: Label, isUrgent: Bool)]
    var sections: [Section]
    var notes: [Label]
    let title: Cell
    let subtitle: Label

    init(_ report: EngagementReport) {
        let zone = report.zone
        title = report.title
        subtitle = Label(
            zh: "监督任务情况表　\(report.scope.title)　截至 \(report.day)",
            en: "State of the engagement · \(report.scope.title) · as of \(report.day)")
        summary = Self.summary(report)
        sections = [
            Section(heading: Label(zh: "基本情况", en: "The engagement"), blocks: [.facts(report.facts)] + Self.dayNotes(report)),
            Section(heading: Label(zh: "谈话情况", en: "Talks"), blocks: Self.talks(report)),
            Section(heading: Label(zh: "尚未谈话", en: "Not talked with yet"), blocks: Self.left(report)),
            Section(heading: Label(zh: "问题分类", en: "Findings by kind"), blocks: Self.findings(report)),
            Section(
                heading: Label(zh: "问题清单", en: "List of findings"), blocks: Self.list(report),
                isLong: report.findings.count > 12),
            Section(heading: Label(zh: "超期事项", en: "Overdue"), blocks: Self.overdue(report)),
            Section(heading: Label(zh: "提示", en: "Advice"), blocks: Self.advice(report)),
            Section(heading: Label(zh: "等待裁定", en: "Waiting for review"), blocks: Self.waiting(report, zone)),
            Section(heading: Label(zh: "各电脑同步情况", en: "Laptops"), blocks: Self.laptops(report, zone)),
        ]
        notes = [
            report.includesRestricted
                ? Label(zh: "本表含限知内容，标有“限知”，只供指定人员阅看。", en: "Restricted records are included and marked; for those named only.")
                : Label(zh: "本表不含限知内容。", en: "Restricted records are not included."),
            Label(
                zh: "标有“待裁定”的内容有几个不同的值，先显示其中一个，以裁定为准；其后的号码对应“等待裁定”一栏。",
                en:
                    "What is marked \"review\" has several values; one is shown meanwhile. The number leads to the list \"Waiting for review\"."
            ),
            Label(
                zh: "依据中心已收到的记录；电脑上尚未同步的内容不在其中。时刻按 UTC\(zone.text) 计。",
                en: "From what the centre has received; what laptops have not synced is not in it. Times are UTC\(zone.text)."),
        ]
        if report.isDeleted {
            notes.insert(Label(zh: "这次任务的记录已被删除。", en: "The engagement's record is deleted."), at: 0)
        }
        if report.deleted > 0 {
            notes.append(
                Label(zh: "另有已删除的记录 \(report.deleted) 条，不计入各表。", en: "Deleted records, in no table: \(report.deleted)."))
        }
    }

    // MARK: Sections

    private static func summary(_ report: EngagementReport) -> [(label: Label, value: Label, isUrgent: Bool)] {
        let used = report.days.used.map(String.init) ?? "—"
        let days = report.days.allowed.map { "\(used) / \($0)" } ?? used
        let isOver = (report.days.used ?? 0) > report.days.allowed ?? .max
        func both(_ text: String) -> Label { Label(zh: text, en: text) }
        return [
            (Label(zh: "进度", en: "Status"), report.status.value, false),
            (
                report.days.allowed == nil ? Label(zh: "已用天数", en: "Days used") : Label(zh: "已用／规定天数", en: "Days used / allowed"),
                both(days), isOver
            ),
            (
                Label(zh: "已谈／应谈人数", en: "Persons talked with / of"), both("\(report.talkedWith) / \(report.persons.count)"), false
            ),
            (Label(zh: "谈话次数", en: "Talks"), both("\(report.talks.count)"), false),
            (Label(zh: "问题", en: "Findings"), both("\(report.findings.count)"), false),
            (Label(zh: "超期", en: "Overdue"), both("\(report.overdue.count)"), !report.overdue.isEmpty),
            (Label(zh: "待裁定", en: "To review"), both("\(report.waiting.count)"), !report.waiting.isEmpty),
        ]
    }

    private static func dayNotes(_ report: EngagementReport) -> [Block] {
        report.days.isExtensionUnapproved
            ? [
                .note(
                    Label(zh: "已填延长日期，但没有批准人，天数仍按规定计。", en: "An extension is written down without an approval; it is not counted."))
            ] : []
    }

    private static func talks(_ report: EngagementReport) -> [Block] {
        guard !report.talks.isEmpty else { return [.note(Label(zh: "还没有谈话记录。", en: "No talks yet."))] }
        let rows = report.talks.map { talk in
            Row(
                cells: [talk.start, talk.subject, talk.lead, talk.talkers, talk.recorder, talk.place, talk.status],
                waits: talk.waits)
        }
        return [
            .table(
                Grid(
                    columns: [
                        Column("时间", "When", .time), Column("谈话对象", "With", .wide), Column("主谈人", "Lead"),
                        Column("谈话组成员", "Talkers"), Column("记录人", "Recorder"), Column("地点", "Place", .wide),
                        Column("状态", "Status"),
                    ], rows: rows)),
            tally(report.talksByTalker, "谈话人", "Who talked", "参加次数", "Talks", total: false),
            tally(report.talksByStatus, "谈话记录状态", "Talk notes", "份数", "Notes"),
        ]
    }

    private static func left(_ report: EngagementReport) -> [Block] {
        let left = report.left
        if report.persons.isEmpty {
            return [.note(Label(zh: "还没有登记谈话对象。", en: "No persons to talk with are entered yet."))]
        }
        guard !left.isEmpty else { return [.note(Label(zh: "登记的谈话对象都已谈过。", en: "Everybody entered has been talked with."))] }
        return [
            .table(
                Grid(
                    columns: [
                        Column("姓名", "Name"), Column("职务", "Post", .wide), Column("所在单位", "Unit", .wide),
                        Column("类别", "Rank group", .wide),
                    ],
                    rows: left.map { Row(cells: [$0.name, $0.post, $0.unit, $0.rankGroup], waits: $0.waits) }))
        ]
    }

    private static func findings(_ report: EngagementReport) -> [Block] {
        let table = report.findingsByAspectAndNature
        guard table.total > 0 else { return [.note(Label(zh: "还没有记录问题。", en: "No findings yet."))] }
        let sum = Label(zh: "合计", en: "Total")
        func number(_ count: Int) -> Cell { Cell(count == 0 ? "—" : "\(count)") }
        var rows = table.rows.indices.map { row in
            Row(
                cells: [Cell(table.rows[row])] + table.columns.indices.map { number(table[row, $0]) } + [
                    number(table.total(ofRow: row))
                ])
        }
        rows.append(
            Row(
                cells: [Cell(sum)] + table.columns.indices.map { number(table.total(ofColumn: $0)) } + [number(table.total)],
                isTotal: true))
        let columns = [Column("方面", "Aspect", .wide)] + table.columns.map { Column($0, .number) } + [Column(sum, .number)]
        return [
            .table(Grid(columns: columns, rows: rows, caption: Label(zh: "方面与性质", en: "By aspect and nature"))),
            tally(report.findingsByDisposition, "处置方式", "Disposition", "个数", "Findings"),
            tally(report.findingsByStatus, "核实状态", "Status", "个数", "Findings"),
            tally(report.findingsByForm, "四种形态", "Form", "个数", "Findings"),
        ]
    }

    private static func list(_ report: EngagementReport) -> [Block] {
        guard !report.findings.isEmpty else { return [.note(Label(zh: "无。", en: "None."))] }
        return [
            .table(
                Grid(
                    columns: [
                        Column("序号", "No.", .number), Column("问题概述", "Finding", .wide), Column("方面", "Aspect"),
                        Column("性质", "Nature"), Column("所属单位", "Unit"), Column("状态", "Status"), Column("处置", "Disposition"),
                        Column("处置日期", "On", .time), Column("文号", "Document"),
                    ],
                    rows: report.findings.enumerated().map { i, finding in
                        Row(
                            cells: [
                                Cell("\(i + 1)"), finding.title, finding.aspect, finding.nature, finding.unit, finding.status,
                                finding.disposition, finding.dispositionDate, finding.documentNumber,
                            ], waits: finding.waits + finding.form.waits + finding.recipient.waits,
                            isRestricted: finding.isRestricted)
                    }))
        ]
    }

    private static func overdue(_ report: EngagementReport) -> [Block] {
        guard !report.overdue.isEmpty else { return [.note(Label(zh: "没有超期事项。", en: "Nothing is overdue."))] }
        return [
            .table(
                Grid(
                    columns: [
                        Column("事项", "What", .wide), Column("依据", "By"), Column("期限", "Due", .time),
                        Column("超期天数", "Days over", .number),
                    ],
                    rows: report.overdue.map {
                        Row(
                            cells: [$0.subject, Cell($0.rule), Cell("\($0.due)"), Cell("\($0.days)")], isRestricted: $0.isRestricted
                        )
                    }))
        ]
    }

    private static func advice(_ report: EngagementReport) -> [Block] {
        guard !report.advice.isEmpty else { return [.note(Label(zh: "没有未答复的提示。", en: "No advice is open."))] }
        return [
            .table(
                Grid(
                    columns: [
                        Column("事项", "What", .wide), Column("提示", "Advice", .wide), Column("来源", "Source"),
                    ],
                    rows: report.advice.map { line in
                        Row(
                            cells: [line.subject, Cell(line.advice.says), Cell(line.advice.rule.source)],
                            isRestricted: line.advice.type == "clue")
                    }))
        ]
    }

    private static func waiting(_ report: EngagementReport, _ zone: Zone) -> [Block] {
        guard !report.waiting.isEmpty else { return [.note(Label(zh: "没有等待裁定的事项。", en: "Nothing waits for review."))] }
        let rows = report.waiting.map { item in
            let somebody = Label(zh: "某人", en: "somebody")
            let values = item.candidates.map { candidate in
                let author = candidate.author.map { Label(zh: $0, en: $0) } ?? somebody
                let time = zone.minute(candidate.time)
                return Cell(
                    Label(zh: "\(candidate.value.zh)（\(author.zh) \(time)）", en: "\(candidate.value.en) (\(author.en) \(time))"))
            }
            return Row(
                cells: [
                    Cell("\(item.number)"), Cell(item.short), Cell(item.type),
                    Cell(item.title.value), item.field.map { Cell($0) } ?? Cell(Label(zh: "整条记录", en: "the record")),
                    Cell(item.kind.label), .joined(values, zh: "；", en: "; "), Cell(zone.minute(item.since)),
                ], isRestricted: item.isRestricted, number: item.number)
        }
        return [
            .table(
                Grid(
                    columns: [
                        Column("序号", "No.", .number), Column("编号", "Item", .time), Column("类型", "Type"),
                        Column("记录", "Record", .wide),
                        Column("字段", "Field"), Column("情况", "What happened"), Column("各个值", "Values", .wide),
                        Column("最近修改", "Changed", .time),
                    ], rows: rows)),
            .note(
                Label(
                    zh: "在任一台有权限的电脑上裁定：dundian review show 编号",
                    en: "Settle them on any laptop that may: dundian review show ITEM")),
        ]
    }

    private static func laptops(_ report: EngagementReport, _ zone: Zone) -> [Block] {
        guard !report.laptops.isEmpty else {
            return [.note(Label(zh: "还没有电脑加入这次任务。", en: "No laptop has joined this engagement yet."))]
        }
        let never = Label(zh: "未记录", en: "not recorded")
        func time(_ time: Timestamp?) -> Cell { time.map { Cell(zone.minute($0)) } ?? Cell(never) }
        var rows = report.laptops.map { laptop in
            Row(cells: [
                Cell(laptop.person), Cell(laptop.device), time(laptop.seen), time(laptop.synced), Cell("\(laptop.entries)"),
                Cell(laptop.held == 0 ? "—" : "\(laptop.held)"),
                Cell(laptop.isGranted ? Label(zh: "有", en: "yes") : Label(zh: "已收回", en: "withdrawn")),
            ])
        }
        rows.append(
            Row(
                cells: [Cell(Label(zh: "合计", en: "Total")), Cell(), Cell(), Cell(), Cell("\(report.entries)"), Cell(), Cell()],
                isTotal: true))
        return [
            .table(
                Grid(
                    columns: [
                        Column("使用人", "Person"), Column("电脑", "Laptop"), Column("最近联系", "Last seen", .time),
                        Column("最近送齐", "All sent by", .time), Column("送来条目", "Entries", .number),
                        Column("暂不计入", "Held", .number), Column("权限", "Access"),
                    ], rows: rows))
        ]
    }

    private static func tally(
        _ tally: Tally, _ zh: String, _ en: String, _ unitZh: String, _ unitEn: String, total: Bool = true
    ) -> Block {
        var rows = tally.lines.map { Row(cells: [Cell($0.label), Cell($0.count == 0 ? "—" : "\($0.count)")]) }
        if total { rows.append(Row(cells: [Cell(Label(zh: "合计", en: "Total")), Cell("\(tally.total)")], isTotal: true)) }
        return .table(Grid(columns: [Column(zh, en, .wide), Column(unitZh, unitEn, .number)], rows: rows))
    }
}
