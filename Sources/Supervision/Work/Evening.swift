// The evening meeting: what each group found that day, and the night's problem list out of it.

import Causality
public import Records

/// One evening of an engagement.
public struct Evening: Sendable {
    /// What one group brings.
    public struct Group: Sendable {
        /// What the group is called; empty: findings of people in no group.
        public var name: String
        /// Its findings of the day.
        public var findings: [RecordState]
    }

    /// Which day.
    public var day: Day
    /// The engagement.
    public var engagement: RecordState
    /// The meeting's record, if somebody has made one.
    public var meeting: RecordState?
    /// By the groups' names, then those in none.
    public var groups: [Group]
    /// The talks of that day, by their time.
    public var talks: [RecordState]
    /// Findings of the engagement without a day of their own: nobody's evening has them.
    public var undated: [RecordState]

    /// All findings of the day, in the order of the groups.
    public var findings: [RecordState] { groups.flatMap(\.findings) }

    /// - Parameter member: the name of the person behind an author, as the roster has it.
    public init(
        of engagement: RecordState, on day: Day, in file: CaseFile, member: (_ author: String) -> String?
    ) {
        (self.day, self.engagement) = (day, engagement)
        let own = file.distinct(file.live("finding", "engagement", refersTo: engagement.record)).filter {
            file.text($0, "status") != "not_confirmed"
        }
        meeting = file.live("evening_meeting", "engagement", refersTo: engagement.record).first { file.day($0, "date") == day }
        talks = file.distinct(file.live("talk", "engagement", refersTo: engagement.record)).filter { file.day($0, "start") == day }
            .sorted {
                (file.time($0, "start") ?? "", $0.record) < (file.time($1, "start") ?? "", $1.record)
            }
        undated = own.filter { file.day($0, "found_on") == nil }
        let teams = file.texts(engagement, "groups").map(TeamGroup.init).sorted { $0.name < $1.name }
        var byGroup = teams.map { Group(name: $0.name, findings: []) }
        var others: [RecordState] = []
        for finding in own where file.day(finding, "found_on") == day {
            let author = finding["title"]?.candidates.first?.author.flatMap(member)
            if let author, let i = teams.firstIndex(where: { $0.members.contains(author) }) {
                byGroup[i].findings.append(finding)
            } else {
                others.append(finding)
            }
        }
        groups = (byGroup + (others.isEmpty ? [] : [Group(name: "", findings: others)])).map { group in
            Group(name: group.name, findings: Self.ordered(group.findings, in: file))
        }
    }

    /// By aspect, in the catalogue's order, then by the day they were found.
    static func ordered(_ findings: [RecordState], in file: CaseFile) -> [RecordState] {
        let aspects = file.catalogue.type("finding")?.field("aspect")?.choices?.map(\.key) ?? []
        func place(_ state: RecordState) -> (Int, Int, RecordID) {
            (
                file.text(state, "aspect").flatMap(aspects.firstIndex) ?? aspects.count,
                file.day(state, "found_on")?.number ?? .max,
                state.record
            )
        }
        return findings.sorted { place($0) < place($1) }
    }

    /// The night's problem list: every finding of the day on a line of its own, with its aspect, nature and evidence.
    public func problemList(in file: CaseFile, _ language: Language) -> String {
        Self.problemList(of: findings, in: file, language)
    }

    /// Findings as a numbered list.
    public static func problemList(of findings: [RecordState], in file: CaseFile, _ language: Language) -> String {
        findings.enumerated().map { i, finding in
            let marks = [file.choice(finding, "aspect"), file.choice(finding, "nature")].compactMap { $0?[language] }
            var line = "\(i + 1). "
            if !marks.isEmpty {
                line += language == .chinese ? "〔\(marks.joined(separator: "，"))〕" : "[\(marks.joined(separator: ", "))] "
            }
            line += file.shown(finding, "title")[language]
            if let unit = file.reference(finding, "unit") {
                line += language == .chinese ? "（\(file.title(unit).zh)）" : " (\(file.title(unit).en))"
            }
            let talks = file.references(finding, "talks").count
            let materials = file.references(finding, "materials").count
            let sheets = file.references(finding, "answer_sheets").count
            var evidence: [String] = []
            if talks > 0 { evidence.append(language == .chinese ? "谈话 \(talks) 次" : talks == 1 ? "1 talk" : "\(talks) talks") }
            if materials > 0 {
                evidence.append(
                    language == .chinese ? "资料 \(materials) 份" : materials == 1 ? "1 material" : "\(materials) materials")
            }
            if sheets > 0 {
                evidence.append(language == .chinese ? "答卷 \(sheets) 份" : sheets == 1 ? "1 sheet" : "\(sheets) sheets")
            }
            if !evidence.isEmpty {
                line +=
                    (language == .chinese ? "；依据：" : "; evidence: ") + evidence.joined(separator: language == .chinese ? "、" : ", ")
            }
            if isContested(finding, in: file) { line += language == .chinese ? "【待裁定】" : " [waits for review]" }
            return line
        }.joined(separator: "\n")
    }

    private static func isContested(_ finding: RecordState, in file: CaseFile) -> Bool {
        finding.fields.contains { field in
            if case .contested? = finding.outcome(of: field.key, by: file.catalogue) { true } else { false }
        }
    }

    /// What each group reports: its name, and its findings below.
    public func reports(in file: CaseFile, _ language: Language) -> String {
        groups.map { group in
            let name = group.name.isEmpty ? (language == .chinese ? "未分组" : "In no group") : group.name
            let lines = group.findings.map { "- \(file.shown($0, "title")[language])" }
            let none = language == .chinese ? "- 当天没有问题" : "- no findings that day"
            return ([name + (language == .chinese ? "：" : ":")] + (lines.isEmpty ? [none] : lines)).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
