// A person's own outline: the common questions, and questions of their own, each with its basis in what is known here.

import Causality
public import Records

/// Assembles the outline for one person out of common outlines and of records that touch the person or their unit.
public struct OutlineAssembly: Sendable {
    /// All questions, the common ones first.
    public var questions: [Question]
    /// How many of them are common.
    public var common: Int

    /// - Parameters:
    ///   - person: whom the talk is with.
    ///   - outlines: the common outlines to take from.
    ///   - language: of the questions that are made here.
    public init(
        for person: RecordState, engagement: RecordID, from outlines: [RecordState], in file: CaseFile, _ language: Language
    ) {
        var questions = outlines.flatMap { Question.all(in: file.text($0, "questions") ?? "") }
        common = questions.count
        let unit = file.reference(person, "unit").map(file.first)
        let heading = language == .chinese ? "个性问题" : "Questions of their own"
        func touches(_ state: RecordState) -> Bool {
            file.references(state, "persons").contains { file.first(of: $0) == file.first(of: person.record) }
        }
        func isHere(_ state: RecordState) -> Bool { file.reference(state, "engagement") == engagement }
        func isOfUnit(_ state: RecordState) -> Bool { unit != nil && file.reference(state, "unit").map(file.first) == unit }
        func add(_ zh: String, _ en: String, basis: String) {
            let question = Question(number: "", text: language == .chinese ? zh : en, basis: basis, heading: heading)
            if !questions.contains(question) { questions.append(question) }
        }
        func ofType(_ state: RecordState) -> String { file.catalogue.type(state.type)?.label[language] ?? state.type.rawValue }

        // What is known of the person comes before what is known of the unit.
        let findings = file.live("finding").filter { isHere($0) && file.text($0, "status") != "not_confirmed" }
        for finding in findings.filter(touches) + findings.filter({ !touches($0) && isOfUnit($0) }) {
            let title = file.shown(finding, "title")[language]
            add(
                "关于“\(title)”，您了解和参与的情况是怎样的？", "About \"\(title)\": what do you know of it, and what was your part?",
                basis: ofType(finding))
        }
        let materials = file.live("material").filter(isHere)
        for material in materials.filter(touches) + materials.filter({ !touches($0) && isOfUnit($0) }) {
            guard file.text(material, "notes") != nil else { continue }
            let title = file.shown(material, "title")[language]
            add(
                "\(title)里提到的情况，请您谈谈经过和现状。", "What \(title) tells of: how did it come about, and how does it stand?",
                basis: ofType(material) + language.colon + title)
        }
        for letter in file.live("letter") where isHere(letter) && file.reference(letter, "recipient_person") == person.record {
            let matter = file.shown(letter, "matter")[language]
            add("“\(matter)”提出的要求落实得怎样？", "How far is what \"\(matter)\" asked for?", basis: ofType(letter))
        }
        for rectification in file.live("rectification") where isHere(rectification) && isOfUnit(rectification) {
            guard ["open", "under_way", "perfunctory"].contains(file.text(rectification, "state") ?? "") else { continue }
            let measure = file.shown(rectification, "measure")[language]
            add(
                "整改措施“\(measure)”进展如何，卡在哪里？", "How far is the measure \"\(measure)\", and what holds it up?",
                basis: ofType(rectification))
        }
        for (i, _) in questions.enumerated() { questions[i].number = "\(i + 1)" }
        self.questions = questions
    }

    /// The outline's text.
    public var text: String { Question.text(questions) }
}

extension Language {
    /// Between a name and what it is about.
    var colon: String { self == .chinese ? "：" : ": " }
}
