// The rules themselves: what each looks at, and what it says. A field that waits for review gives no advice: first somebody decides.

import Causality
import Records

struct AdviceReader {
    let file: CaseFile
    let day: Day
    let calendar: WorkingCalendar

    func all() -> [Advice] {
        file.live("engagement").flatMap(engagement) + file.live("talk").flatMap(talk) + file.live("finding").flatMap(finding)
            + file.live("clue").flatMap(clue) + file.live("letter").flatMap(letter)
            + file.live("rectification").flatMap(rectification) + file.live("report").flatMap(report)
    }

    private func advice(
        _ rule: AdviceRule, _ state: RecordState, about: String = "", _ zh: String, _ en: String, then zhNext: String,
        _ enNext: String
    ) -> Advice {
        Advice(
            rule: rule, record: state.record, type: state.type, about: about, says: Label(zh: zh, en: en),
            wayOn: Label(zh: zhNext, en: enNext))
    }

    // MARK: Engagements

    private func engagement(_ state: RecordState) -> [Advice] {
        plan(state) + length(state) + groups(state) + evenings(state) + reportDue(state)
    }

    private func plan(_ state: RecordState) -> [Advice] {
        guard let status = file.text(state, "status"), ["under_way", "reporting", "closed"].contains(status) else { return [] }
        let plans = file.live("plan", "engagement", refersTo: state.record)
        if plans.contains(where: { file.isContested($0, "approved_by", "approved_at", "engagement") }) { return [] }
        let approvals = plans.compactMap { plan in
            file.text(plan, "approved_by").flatMap { _ in file.day(plan, "approved_at") }
        }
        guard let approved = approvals.min() else {
            return [
                advice(
                    .planApproved, state, "任务已经开展，没有已批准的工作方案。", "The work is under way and no plan is approved.",
                    then: "请把方案报批，在方案里写明批准人和批准日期。", "Have the plan approved; write in it who approved it, and when.")
            ]
        }
        guard let start = file.day(state, "start"), approved > start else { return [] }
        return [
            advice(
                .planApproved, state, "方案 \(approved) 才批准，任务 \(start) 就开始了。",
                "The plan was approved on \(approved), the work began on \(start).",
                then: "请核对两个日期；确是先开展后批准的，写明原因。", "Check both days; if it was so, say why.")
        ]
    }

    private func length(_ state: RecordState) -> [Advice] {
        if file.isContested(
            state, "start", "planned_end", "extended_end", "extension_approved_by", "extension_approved_at", "ended_on")
        {
            return []
        }
        let days = StayDays(of: state, in: file, on: day)
        var found: [Advice] = []
        if days.isExtensionUnapproved {
            found.append(
                advice(
                    .extensionApproved, state, "写了延长日期，没有批准人和批准日期。",
                    "An extended end is written down without who approved it, and when.",
                    then: "请报批，写明延长批准人和批准日期。", "Have it approved and write both down."))
        }
        guard let limit = days.limit else { return found }
        if let used = days.used, let allowed = days.allowed, used > allowed {
            found.append(
                advice(
                    .lengthOfStay, state, "已用 \(used) 天，规定 \(allowed) 天。", "\(used) days are used, \(allowed) are allowed.",
                    then: "请结束驻点，或报批延长。", "End the stay, or have an extension approved."))
        } else if let start = days.start, let end = days.end, !days.isExtended, end - start + 1 > limit {
            found.append(
                advice(
                    .lengthOfStay, state, "计划 \(end - start + 1) 天，规定不超过 \(limit) 天。",
                    "\(end - start + 1) days are planned, at most \(limit) are allowed.",
                    then: "请缩短计划，或报批延长。", "Plan fewer days, or have an extension approved."))
        }
        return found
    }

    private func groups(_ state: RecordState) -> [Advice] {
        guard file.text(state, "kind") == "patrol", let status = file.text(state, "status"), status != "drafting" else { return [] }
        let groups = file.texts(state, "groups").map(TeamGroup.init)
        if groups.isEmpty {
            return [
                advice(
                    .groupsOfThree, state, "还没有分组。", "There are no groups yet.",
                    then: "请按专长分组，每组一行：组名：甲、乙。", "Make groups by speciality, each as: name：A、B.")
            ]
        }
        return groups.filter { !(2...3).contains($0.members.count) }.map { group in
            advice(
                .groupsOfThree, state, about: group.name, "“\(group.name)”有 \(group.members.count) 人。",
                "\"\(group.name)\" has \(group.members.count) members.", then: "每组以 2 至 3 人为宜。", "2 or 3 are right.")
        }
    }

    private func evenings(_ state: RecordState) -> [Advice] {
        guard ["patrol", "resident"].contains(file.text(state, "kind") ?? ""),
            ["under_way", "reporting"].contains(file.text(state, "status") ?? ""), let start = file.day(state, "start")
        else { return [] }
        func belongs(_ record: RecordState) -> Bool { file.reference(record, "engagement") == state.record }
        let worked = Set(
            file.live("talk").filter(belongs).compactMap { file.day($0, "start") }
                + file.live("finding").filter(belongs).compactMap { file.day($0, "found_on") }
                + file.live("material").filter(belongs).compactMap { file.day($0, "read_on") })
        let listed = Set(
            file.live("evening_meeting").filter { meeting in
                belongs(meeting)
                    && (file.text(meeting, "problem_list") != nil || file.text(meeting, "status") == "listed")
            }.compactMap { file.day($0, "date") })
        return worked.subtracting(listed).filter { $0 >= start && $0 < day }.sorted().map { day in
            advice(
                .eveningList, state, about: "\(day)", "\(day) 有谈话或问题，当晚没有问题清单。",
                "There were talks or findings on \(day), and no problem list that night.",
                then: "补上：dundian tonight --on \(day) --save", "Make it up: dundian tonight --on \(day) --save")
        }
    }

    private func reportDue(_ state: RecordState) -> [Advice] {
        let status = file.text(state, "status")
        let ended = file.day(state, "ended_on")
        guard status == "reporting" || status == "closed" || ended.map({ $0 < day }) ?? false else { return [] }
        let reports = file.live("report", "engagement", refersTo: state.record)
        if file.isContested(state, "status", "ended_on") || reports.contains(where: { file.isContested($0, "status") }) {
            return []
        }
        guard !reports.contains(where: { ["submitted", "filed"].contains(file.text($0, "status") ?? "") }) else { return [] }
        return [
            advice(
                .reportDue, state, ended.map { "\($0) 已结束，报告还没有呈报。" } ?? "任务已结束，报告还没有呈报。",
                ended.map { "It ended on \($0); the report is not submitted." } ?? "It is over; the report is not submitted.",
                then: "起草：dundian report draft；呈报后把状态改为 submitted。",
                "Draft it: dundian report draft; once submitted, set its status.")
        ]
    }

    // MARK: Talks

    private func talk(_ state: RecordState) -> [Advice] {
        guard let subject = file.reference(state, "subject").flatMap({ file.records[$0] }) else { return place(state) }
        return whoTalks(state, subject) + place(state) + outline(state, subject)
    }

    private func whoTalks(_ state: RecordState, _ subject: RecordState) -> [Advice] {
        if file.isContested(state, "lead_rank", "subject") || file.isContested(subject, "rank_group") { return [] }
        let group = file.text(subject, "rank_group")
        if group == "outside" {
            // The groups are those of resident supervision; other kinds have other subjects.
            let kind = file.reference(state, "engagement").flatMap { file.records[$0] }.flatMap { file.text($0, "kind") }
            guard kind == nil || kind == "resident" else { return [] }
            return [
                advice(
                    .widerCircle, state, "谈话对象不在规定的几类人之内。", "The person is in none of the groups to be talked with.",
                    then: "建议不扩大范围；确有必要的，写明原因。", "Do not widen the circle; where it must be, say why.")
            ]
        }
        let rank = file.text(state, "lead_rank")
        let fitting: (ranks: Set<String>, zh: String, en: String)
        switch group {
        case "county_party_government_head", "county_discipline_head", "municipal_unit_head":
            fitting = (
                ["secretary", "standing_committee_member", "commissioner"], "常委或委员", "a standing-committee member or commissioner"
            )
        case "county_congress_conference_head", "dispatched_agency_head":
            fitting = (
                ["office_director", "secretary", "standing_committee_member", "commissioner"], "监督检查室主任",
                "the supervision office's director"
            )
        default: return []
        }
        guard !(rank.map(fitting.ranks.contains) ?? false) else { return [] }
        return [
            advice(
                .whoTalks, state, rank == nil ? "没有写明主谈人身份；这位同志一般由\(fitting.zh)主谈。" : "这位同志一般由\(fitting.zh)主谈。",
                (rank == nil ? "The post of whoever leads is not written down; " : "")
                    + "such a person is talked with by \(fitting.en).",
                then: "请写明主谈人身份（lead_rank），或调整主谈人。", "Write down the lead's post (lead_rank), or let somebody else lead.")
        ]
    }

    private func place(_ state: RecordState) -> [Advice] {
        guard file.text(state, "place_kind") == "discipline_interview_room" else { return [] }
        return [
            advice(
                .placeOfTalk, state, "在纪检监察机关的谈话室谈话。", "It is held in the discipline body's interview room.",
                then: "一般选本单位一楼办公室或其他适当的地方。", "Choose an office on the ground floor of the unit, or another suitable place.")
        ]
    }

    private func outline(_ state: RecordState, _ subject: RecordState) -> [Advice] {
        guard let engagement = file.reference(state, "engagement").flatMap({ file.records[$0] }),
            file.text(engagement, "kind") == "patrol", let start = file.day(state, "start")
        else { return [] }
        let used = Set(file.references(state, "outlines"))
        let outlines = file.live("outline").filter {
            used.contains($0.record) || file.reference($0, "subject") == subject.record && file.text($0, "kind") == "individual"
        }
        if file.isContested(state, "start")
            || outlines.contains(where: { file.isContested($0, "handed_over_at", "kind", "subject") })
        {
            return []
        }
        // Where there is one for this person, that is the one that has to be there in time.
        let individual = outlines.filter { file.text($0, "kind") == "individual" }
        let handed = (individual.isEmpty ? outlines : individual).compactMap { file.day($0, "handed_over_at") }.min()
        if let handed, start - handed >= 3 { return [] }
        let zh = handed.map { "提纲 \($0) 才交联络员，离谈话 \(start - $0) 天。" } ?? (outlines.isEmpty ? "没有谈话提纲。" : "提纲还没有交联络员。")
        let en =
            handed.map { "The outline went to the liaison on \($0), \(start - $0) days before the talk." }
            ?? (outlines.isEmpty ? "There is no outline." : "The outline has not gone to the liaison.")
        return [
            advice(
                .outlineInTime, state, zh, en, then: "提纲应至少提前 3 天交联络员转本人：dundian outline assemble。",
                "It should be with the liaison 3 days ahead: dundian outline assemble.")
        ]
    }

    // MARK: Findings, letters, rectifications

    private func finding(_ state: RecordState) -> [Advice] {
        guard let nature = file.text(state, "nature"), let disposition = file.text(state, "disposition") else { return [] }
        let fitting = ["general": "party_committee", "early_sign": "reminder"][nature]
        guard let fitting, fitting != disposition else { return [] }
        return [
            advice(
                .disposition, state,
                nature == "general" ? "一般性问题一般转被监督单位党委（党组）处理。" : "苗头性倾向性问题一般当场提醒。",
                nature == "general"
                    ? "A general problem goes to the supervised unit's party committee."
                    : "An early sign is met with a reminder on the spot.",
                then: "请核对性质和处置方式。", "Check nature and disposition.")
        ]
    }

    private func clue(_ state: RecordState) -> [Advice] {
        guard !file.isContested(state, "disposition", "disposition_date"), file.text(state, "status") == "agreed",
            file.text(state, "disposition") == nil || file.day(state, "disposition_date") == nil
        else { return [] }
        return [
            advice(
                .clueHandedOver, state, "线索已议定，还没有移送案件监督管理室。", "The clue is agreed on and not handed over.",
                then: "移送后写明日期、接收人和文号。", "Hand it over; write down the day, the recipient and the number.")
        ]
    }

    private func letter(_ state: RecordState) -> [Advice] {
        switch AwaitedReply(to: { file.reading(state, $0) }, by: calendar) {
        case .due(let due) where due < day:
            [
                advice(
                    .replyDue, state, "回复期限是 \(due)，已过 \(day - due) 天。", "The reply was due on \(due), \(day - due) days ago.",
                    then: "请催办；收到后写明回复和日期。", "Ask for it; once it is there, write it down with its day.")
            ]
        case .undated:
            [
                advice(
                    .replyDue, state, "在等回复，没有写从哪天起算。", "It waits for a reply, and no day says since when.",
                    then: "请写明发出日期（issued_at）；退回重报的，写明退回日期（returned_on）。",
                    "Write down when it went out (issued_at) or, if its reply was sent back, when that was (returned_on).")
            ]
        case .unknownYear(let year):
            [
                advice(
                    .replyDue, state, about: "\(year)", "回复期限算不出：没有 \(year) 年的节假日安排。",
                    "When the reply is due cannot be said: the holidays of \(year) are not here.",
                    then: "请把 \(year) 年的节假日文件放进 calendar 文件夹。", "Put the file of that year's holidays into the folder calendar.")
            ]
        case .due, .notAwaited, .disputed: []
        }
    }

    private func rectification(_ state: RecordState) -> [Advice] {
        switch file.text(state, "state") {
        case "perfunctory" where file.text(state, "accountability") == nil && !file.isContested(state, "accountability"):
            return [
                advice(
                    .accountability, state, "整改敷衍，还没有启动问责。", "The rectification was perfunctory and accountability is not opened.",
                    then: "请写明问责情况和日期。", "Write down what was opened, and when.")
            ]
        case "open", "under_way":
            if case .none = file.reading(state, "deadline") {
                return [
                    advice(
                        .rectificationDue, state, "没有写完成期限。", "No day says when it is to be done.", then: "请写明完成期限（deadline）。",
                        "Write it down (deadline).")
                ]
            }
            guard let due = file.day(state, "deadline"), due < day else { return [] }
            return [
                advice(
                    .rectificationDue, state, "完成期限是 \(due)，已过 \(day - due) 天。", "It was due on \(due), \(day - due) days ago.",
                    then: "请核实进展。", "Find out how far it is.")
            ]
        default: return []
        }
    }

    private func report(_ state: RecordState) -> [Advice] {
        guard ["submitted", "filed"].contains(file.text(state, "status") ?? ""), file.text(state, "problem_list") == nil,
            !file.isContested(state, "problem_list")
        else {
            return []
        }
        return [
            advice(
                .reportWithList, state, "报告已呈报，没有附问题清单。", "The report is submitted without its problem list.",
                then: "请附上问题清单：dundian report draft。", "Add the problem list: dundian report draft.")
        ]
    }
}
