// The documents of the domain, out of records: the report, a talk note, a card or letter.

package import Records
package import Supervision

extension Document {
    /// A report as it stands: its sections, then its problem list. Empty sections are left out.
    package init(report: RecordState, in file: CaseFile, _ language: Language) {
        let t = Words(language)
        let type = file.catalogue.type("report")
        let title = file.text(report, "title") ?? type?.label[language] ?? ""
        self.init(title: title, language: language, footer: title)
        let engagement = file.reference(report, "engagement").flatMap { file.records[$0] }
        var facts = [Fact(t("监督任务", "Engagement"), engagement.map { file.title($0.record)[language] } ?? "")]
        facts += Self.facts(["status", "submitted_on", "filed_with", "filed_on"], of: report, in: file, language)
        blocks.append(.facts(facts.filter { !$0.value.isEmpty }))
        if let open = Self.contested(report, in: file, language) { blocks.append(.note(open)) }
        let sections = ["overview", "climate", "talks", "findings", "dispositions", "suggestions"]
        var number = 0
        for key in sections {
            guard let text = file.text(report, FieldKey(key)) else { continue }
            number += 1
            let label = type?.field(key)?.label[language] ?? key
            blocks.append(.heading(language == .chinese ? "\(Self.ordinal(number))、\(label)" : "\(number). \(label)", level: 1))
            add(text: text)
        }
        if let list = file.text(report, "problem_list") {
            blocks.append(.heading(t("附：", "Annex: ") + (type?.field("problem_list")?.label[language] ?? ""), level: 1))
            add(text: list)
        }
    }

    /// A talk note to be read and signed, with its amendments. Its restricted part is a record of its own and not in it.
    package init(talk: RecordState, in file: CaseFile, _ language: Language) {
        let t = Words(language)
        let type = file.catalogue.type("talk")
        self.init(
            title: type?.label[language] ?? "", language: language,
            footer: t("只供指定人员阅看", "For those named only"))
        blocks.append(
            .facts(
                Self.facts(
                    [
                        "engagement", "subject", "session", "lead", "lead_rank", "talkers", "recorder", "place", "place_kind",
                        "start", "end", "status",
                    ],
                    of: talk, in: file, language)))
        if let open = Self.contested(talk, in: file, language) { blocks.append(.note(open)) }
        let sections = ["growth", "thought_study", "work", "responsibility", "leading_group", "advice", "other"]
        for key in sections {
            guard let text = file.text(talk, FieldKey(key)) else { continue }
            blocks.append(.heading(type?.field(key)?.label[language] ?? key, level: 2))
            add(text: text)
        }
        let acts = Self.facts(
            ["on_the_spot", "on_the_spot_note", "subject_has_read", "subject_remarks"], of: talk, in: file, language)
        if !acts.isEmpty {
            blocks.append(.heading(t("当场所做和本人意见", "On the spot, and the person's remarks"), level: 2))
            blocks.append(.facts(acts))
        }
        let amendments = file.live("amendment", "talk", refersTo: talk.record).sorted {
            (file.day($0, "made_on")?.number ?? .max, $0.record) < (file.day($1, "made_on")?.number ?? .max, $1.record)
        }
        if !amendments.isEmpty {
            blocks.append(.heading(t("封存后的更正", "Amendments after sealing"), level: 2))
            for amendment in amendments {
                blocks.append(
                    .facts(
                        Self.facts(
                            ["made_on", "made_by", "section", "reason", "text", "subject_agrees"], of: amendment, in: file, language
                        )))
            }
        }
        blocks.append(.signatures([t("谈话对象签名", "Signed by the person"), t("主谈人", "Lead"), t("记录人", "Recorder")]))
    }

    /// A card or letter.
    /// - Parameter number: the official number it was given; nil: none yet.
    package init(letter: RecordState, number: String?, in file: CaseFile, _ language: Language) {
        let t = Words(language)
        self.init(
            title: file.choice(letter, "kind")?[language] ?? file.catalogue.type("letter")?.label[language] ?? "",
            language: language,
            footer: number ?? t("未编号", "Not numbered yet"))
        if number == nil {
            blocks.append(.note(t("未编号：中心给号后才是正式文本。", "Not numbered yet: official once the centre has given it its number.")))
        }
        if file.text(letter, "status") == "voided" {
            blocks.append(.note(t("已作废：", "Voided: ") + (file.text(letter, "void_reason") ?? "")))
        }
        if let open = Self.contested(letter, in: file, language) { blocks.append(.note(open)) }
        var facts = [Fact(t("编号", "Number"), number ?? "")]
        facts += Self.facts(
            ["recipient_unit", "recipient_person", "matter", "issued_by", "issued_at"], of: letter, in: file, language)
        facts.append(
            Fact(
                t("回复期限", "Reply within"),
                t(
                    "\(LetterDeadline.days(file.integer(letter, "reply_within"))) 个工作日",
                    "\(LetterDeadline.days(file.integer(letter, "reply_within"))) working days")))
        blocks.append(.facts(facts.filter { !$0.value.isEmpty }))
        for (key, name) in [("account", t("情况", "What was found")), ("asks", t("要求", "What is asked"))] {
            guard let text = file.text(letter, FieldKey(key)) else { continue }
            blocks.append(.heading(name, level: 2))
            add(text: text)
        }
        let reply = Self.facts(["reply", "replied_at", "verdict", "verdict_note"], of: letter, in: file, language)
        if !reply.isEmpty {
            blocks.append(.heading(t("回复", "Reply"), level: 2))
            blocks.append(.facts(reply))
        }
        blocks.append(.signatures([t("签发人", "Issued by"), t("签收人", "Received by")]))
    }

    // MARK: Parts

    private struct Words {
        let language: Language
        init(_ language: Language) { self.language = language }
        func callAsFunction(_ zh: String, _ en: String) -> String { language == .chinese ? zh : en }
    }

    private static func facts(_ keys: [String], of state: RecordState, in file: CaseFile, _ language: Language) -> [Fact] {
        keys.compactMap { key in
            let value = file.shown(state, FieldKey(key))[language]
            guard !value.isEmpty else { return nil }
            return Fact(file.catalogue.type(state.type)?.field(key)?.label[language] ?? key, value)
        }
    }

    /// What stands contested is said at the top: a document must not look settled where nobody has decided.
    private static func contested(_ state: RecordState, in file: CaseFile, _ language: Language) -> String? {
        let names = state.fields.compactMap { field -> String? in
            guard case .contested? = state.outcome(of: field.key, by: file.catalogue) else { return nil }
            return file.catalogue.type(state.type)?.field(field.key.rawValue)?.label[language] ?? field.key.rawValue
        }
        guard !names.isEmpty else { return nil }
        return language == .chinese
            ? "以下各项有几个不同的值，尚待裁定，未列入或暂列其一：\(names.joined(separator: "、"))。"
            : "These have several values that wait for review, and are left out or shown provisionally: \(names.joined(separator: ", "))."
    }

    /// 一, 二, ... 十, 十一.
    private static func ordinal(_ number: Int) -> String {
        let digits = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"]
        return number <= 10 ? digits[number] : "十" + digits[number - 10]
    }
}
