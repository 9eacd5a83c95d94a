// The report of an engagement as its records give it, section by section. A person goes on from there.

public import Records

/// The sections of a report, drafted.
public struct ReportDraft: Sendable {
    /// A section's field, and its text; empty: the records say nothing about it yet.
    public var sections: [(field: FieldKey, text: String)]

    /// - Parameters:
    ///   - engagement: what the report is about.
    ///   - day: the day it is drafted.
    public init(of engagement: RecordState, in file: CaseFile, on day: Day, _ language: Language) {
        let writer = Writer(engagement: engagement, file: file, day: day, language: language)
        sections = [
            ("overview", writer.overview), ("climate", writer.climate), ("talks", writer.talks), ("findings", writer.findings),
            ("dispositions", writer.dispositions), ("suggestions", writer.suggestions), ("problem_list", writer.problemList),
        ]
    }

    private struct Writer {
        let engagement: RecordState
        let file: CaseFile
        let day: Day
        let language: Language

        private func t(_ zh: String, _ en: String) -> String { language == .chinese ? zh : en }
        private var comma: String { t("、", ", ") }
        private func own(_ type: TypeKey) -> [RecordState] {
            file.distinct(file.live(type, "engagement", refersTo: engagement.record))
        }
        /// Talks that were held by then; a note that was prepared for a later day is none yet.
        private var held: [RecordState] { own("talk").filter { file.day($0, "start").map { $0 <= day } ?? true } }
        private func shown(_ state: RecordState, _ field: FieldKey) -> String { file.shown(state, field)[language] }
        private var confirmed: [RecordState] {
            Evening.ordered(own("finding").filter { file.text($0, "status") != "not_confirmed" }, in: file)
        }

        var overview: String {
            var lines: [String] = []
            let units = shown(engagement, "units")
            let kind = file.choice(engagement, "kind")?[language] ?? ""
            let days = StayDays(of: engagement, in: file, on: day)
            var first = t("\(kind)：\(shown(engagement, "title"))。", "\(kind): \(shown(engagement, "title")).")
            if !units.isEmpty { first += t("被监督单位：\(units)。", " Supervised: \(units).") }
            lines.append(first)
            if let start = days.start {
                let end = days.end.map { t("至 \($0)", " to \($0)") } ?? ""
                var line = t("时间：\(start) \(end)", "Time: \(start)\(end)")
                if let used = days.used { line += t("，共 \(used) 天", ", \(used) days") }
                if let allowed = days.allowed { line += t("（规定 \(allowed) 天）", " (\(allowed) allowed)") }
                lines.append(line + t("。", "."))
            }
            let lead = shown(engagement, "lead")
            let members = shown(engagement, "members")
            if !lead.isEmpty {
                lines.append(
                    t("组长：\(lead)", "Lead: \(lead)") + (members.isEmpty ? "" : t("；组员：\(members)", "; members: \(members)"))
                        + t("。", "."))
            }
            let plans = own("plan").compactMap { plan in
                file.text(plan, "approved_by").flatMap { by in file.day(plan, "approved_at").map { (by, $0) } }
            }
            if let (by, at) = plans.first { lines.append(t("工作方案经\(by)于 \(at) 批准。", "The plan was approved by \(by) on \(at).")) }
            let (talks, materials, activities) = (held.count, own("material").count, own("activity").count)
            let sheets = own("questionnaire").reduce(0) {
                $0 + file.distinct(file.live("answer_sheet", "questionnaire", refersTo: $1.record)).count
            }
            var counts = [t("谈话 \(talks) 次", "\(talks) talks")]
            if materials > 0 { counts.append(t("查阅资料 \(materials) 份", "\(materials) materials read")) }
            if sheets > 0 { counts.append(t("收回答卷 \(sheets) 份", "\(sheets) answer sheets")) }
            if activities > 0 { counts.append(t("监督活动 \(activities) 项", "\(activities) activities")) }
            lines.append(
                t("共", "In all: ") + counts.joined(separator: comma)
                    + t("，发现问题 \(confirmed.count) 个。", ", \(confirmed.count) findings."))
            return lines.joined(separator: "\n")
        }

        var climate: String {
            own("climate_analysis").map { analysis in
                let parts: [(String, FieldKey)] = [
                    (t("规则", "Rules"), "rules"), (t("风气", "Conduct"), "conduct"), (t("导向", "Direction"), "direction"),
                ]
                return
                    ([shown(analysis, "unit") + t("：", ":")]
                    + parts.compactMap { name, field in file.text(analysis, field).map { "\(name)\(t("：", ": "))\($0)" } }).joined(
                        separator: "\n")
            }.joined(separator: "\n\n")
        }

        var talks: String {
            let talks = held
            guard !talks.isEmpty else { return "" }
            let persons = Set(talks.compactMap { file.reference($0, "subject") }.map { file.first(of: $0) })
            var lines = [t("谈话 \(talks.count) 次，谈话对象 \(persons.count) 人。", "\(talks.count) talks with \(persons.count) persons.")]
            var groups: [(Label, Int)] = []
            for choice in file.catalogue.type("person")?.field("rank_group")?.choices ?? [] {
                let count = persons.count { id in file.records[id].flatMap { file.text($0, "rank_group") } == choice.key }
                if count > 0 { groups.append((choice.label, count)) }
            }
            if !groups.isEmpty {
                lines.append(
                    groups.map { t("\($0[language]) \($1) 人", "\($0[language]): \($1)") }.joined(separator: t("，", ", "))
                        + t("。", "."))
            }
            let acts: [(String, String)] = [
                ("rules_explained", t("释规释纪释法", "rules explained")), ("reminded", t("提醒", "reminded")),
                ("criticised", t("批评教育", "criticised")),
            ]
            let done = acts.compactMap { key, name -> String? in
                let count = talks.count { file.texts($0, "on_the_spot").contains(key) }
                return count == 0 ? nil : t("\(name) \(count) 次", "\(name): \(count)")
            }
            if !done.isEmpty { lines.append(t("当场", "On the spot ") + done.joined(separator: comma) + t("。", ".")) }
            return lines.joined(separator: "\n")
        }

        var findings: String {
            let aspects = file.catalogue.type("finding")?.field("aspect")?.choices ?? []
            var lines: [String] = []
            // What is in no aspect, because two say different things, is in the report all the same.
            let groups = aspects.map { aspect in (aspect.label, confirmed.filter { file.text($0, "aspect") == aspect.key }) }
            let others = confirmed.filter { finding in !aspects.contains { file.text(finding, "aspect") == $0.key } }
            for (label, of) in groups + [(Label(zh: "待裁定", en: "To be settled"), others)] {
                if of.isEmpty { continue }
                lines.append(t("\(label.zh)方面（\(of.count) 个）", "\(label.en) (\(of.count))"))
                for (i, finding) in of.enumerated() {
                    let account =
                        file.isContested(finding, "account")
                        ? t("【待裁定】", "[to be settled]") : file.text(finding, "account") ?? ""
                    lines.append("\(i + 1). \(shown(finding, "title"))" + (account.isEmpty ? "" : t("。", ". ") + account))
                }
            }
            return lines.joined(separator: "\n")
        }

        var dispositions: String {
            let choices = file.catalogue.type("finding")?.field("disposition")?.choices ?? []
            var lines: [String] = []
            for choice in choices {
                let of = confirmed.filter { file.text($0, "disposition") == choice.key }
                if of.isEmpty { continue }
                let recipients = Set(of.compactMap { file.text($0, "disposition_recipient") }).sorted()
                lines.append(
                    t("\(choice.label.zh)：\(of.count) 个", "\(choice.label.en): \(of.count)")
                        + (recipients.isEmpty
                            ? "" : t("（\(recipients.joined(separator: "、"))）", " (\(recipients.joined(separator: ", ")))"))
                        + t("。", "."))
            }
            let disputed = confirmed.count { file.isContested($0, "disposition") }
            if disputed > 0 { lines.append(t("处置方式待裁定：\(disputed) 个。", "How it was disposed of is to be settled: \(disputed).")) }
            let open = confirmed.count { file.text($0, "disposition") == nil && !file.isContested($0, "disposition") }
            if open > 0 { lines.append(t("尚未处置：\(open) 个。", "Not disposed of yet: \(open).")) }
            let letters = own("letter").filter { ["issued", "replied", "closed"].contains(file.text($0, "status") ?? "") }
            for choice in file.catalogue.type("letter")?.field("kind")?.choices ?? [] {
                let count = letters.count { file.text($0, "kind") == choice.key }
                if count > 0 { lines.append(t("\(choice.label.zh) \(count) 份。", "\(choice.label.en): \(count).")) }
            }
            let ledger = own("rectification")
            if !ledger.isEmpty {
                let done = ledger.count { ["done", "verified"].contains(file.text($0, "state") ?? "") }
                lines.append(t("整改台账 \(ledger.count) 项，已完成 \(done) 项。", "\(ledger.count) rectifications, \(done) done."))
            }
            return lines.joined(separator: "\n")
        }

        var suggestions: String {
            held.compactMap { file.text($0, "advice") }.enumerated().map { "\($0 + 1). \($1)" }.joined(separator: "\n")
        }

        var problemList: String { Evening.problemList(of: confirmed, in: file, language) }
    }
}
