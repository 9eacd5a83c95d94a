// What the sources of the domain ask for and a record does not show yet. Nothing is refused for it: it stays beside the record until it is
// met, or answered with a reason.

import Causality
public import Records

/// One piece of advice.
public struct Advice: Hashable, Sendable {
    /// What a person said to it.
    public struct Answer: Hashable, Sendable {
        /// The record of type `advice_answer`.
        public var record: RecordID
        /// Why the rule is not followed here.
        public var reason: String
        /// Who wrote it, by the roster's person id; nil: nobody known.
        public var author: String?
    }

    /// The rule it comes from.
    public var rule: AdviceRule
    /// The record it is about.
    public var record: RecordID
    /// Its type.
    public var type: TypeKey
    /// Tells two pieces of one rule on one record apart, as a day does; empty: there is one only.
    public var about: String
    /// What is so.
    public var says: Label
    /// What to do.
    public var wayOn: Label
    /// What was said to it; nil: it is open.
    public var answer: Answer?

    /// Names it among all advice on its record: the rule, and what tells it apart.
    public var key: String { about.isEmpty ? rule.rawValue : "\(rule.rawValue):\(about)" }
}

/// A rule of the sources that gives advice.
public enum AdviceRule: String, Sendable, CaseIterable {
    case planApproved = "plan_approved"
    case lengthOfStay = "length_of_stay"
    case extensionApproved = "extension_approved"
    case whoTalks = "who_talks"
    case widerCircle = "wider_circle"
    case placeOfTalk = "place_of_talk"
    case outlineInTime = "outline_in_time"
    case groupsOfThree = "groups_of_three"
    case eveningList = "evening_list"
    case disposition
    case clueHandedOver = "clue_handed_over"
    case replyDue = "reply_due"
    case rectificationDue = "rectification_due"
    case accountability
    case reportDue = "report_due"
    case reportWithList = "report_with_list"

    /// What it asks for.
    public var label: Label {
        switch self {
        case .planApproved: Label(zh: "工作方案经批准后才开展", en: "The plan is approved before the work begins")
        case .lengthOfStay: Label(zh: "市级部门不超过 3 天，县市区不超过 7 天", en: "At most 3 days in a municipal department, 7 in a county")
        case .extensionApproved: Label(zh: "延长须经批准", en: "An extension needs an approval")
        case .whoTalks: Label(zh: "由相应职务的人主谈", en: "Whoever leads the talk has the post for it")
        case .widerCircle: Label(zh: "不扩大谈话范围", en: "The circle of those talked with is not widened")
        case .placeOfTalk: Label(zh: "谈话地点", en: "The place of a talk")
        case .outlineInTime: Label(zh: "谈话提纲提前 3 天交联络员", en: "The outline is with the liaison 3 days ahead")
        case .groupsOfThree: Label(zh: "按专长 2 至 3 人一组", en: "Groups of 2 or 3 by speciality")
        case .eveningList: Label(zh: "当晚碰头，列出问题清单", en: "Every evening ends with a problem list")
        case .disposition: Label(zh: "按性质分类处置", en: "What becomes of a finding follows its nature")
        case .clueHandedOver: Label(zh: "线索移送案件监督管理室", en: "A clue is handed to the case supervision office")
        case .replyDue: Label(zh: "按期回复", en: "A reply is due")
        case .rectificationDue: Label(zh: "按期整改", en: "A rectification is due")
        case .accountability: Label(zh: "敷衍整改启动问责", en: "A perfunctory rectification opens accountability")
        case .reportDue: Label(zh: "结束后及时报告", en: "After the end the report is due")
        case .reportWithList: Label(zh: "报告附问题清单", en: "The report goes out with its problem list")
        }
    }

    /// The source documents that ask for it, by their numbers.
    public var source: String {
        switch self {
        case .planApproved, .lengthOfStay, .extensionApproved, .whoTalks, .widerCircle, .placeOfTalk, .reportDue, .reportWithList:
            "000"
        case .outlineInTime, .groupsOfThree, .eveningList: "001"
        case .disposition, .clueHandedOver: "000、003"
        case .replyDue: "004"
        case .rectificationDue, .accountability: "003"
        }
    }
}

extension Advice {
    /// The type of the records that answer advice.
    public static let answerType: TypeKey = "advice_answer"

    /// The fields of a record that answers this.
    public func answering(_ reason: String) -> [(FieldKey, Value)] {
        [("record", .reference(record)), ("rule", .text(rule.rawValue)), ("about", .text(about)), ("reason", .text(reason))]
    }

    /// All advice on the records of a file, with what was answered, by record, then rule.
    ///
    /// - Parameters:
    ///   - day: days are counted to it; what lies before is over.
    ///   - calendar: for deadlines in working days; where a year is missing, no advice is given on it.
    public static func all(in file: CaseFile, on day: Day, calendar: WorkingCalendar) -> [Advice] {
        var found = AdviceReader(file: file, day: day, calendar: calendar).all()
        var answers: [RecordID: [RecordState]] = [:]
        for answer in file.live(answerType) {
            guard let record = file.reference(answer, "record") else { continue }
            answers[record, default: []].append(answer)
        }
        for i in found.indices {
            let answer = answers[found[i].record]?.first { state in
                file.text(state, "rule") == found[i].rule.rawValue && (file.text(state, "about") ?? "") == found[i].about
                    && file.text(state, "reason") != nil
            }
            found[i].answer = answer.map { state in
                Answer(
                    record: state.record, reason: file.text(state, "reason") ?? "",
                    author: state["reason"]?.candidates.first?.author)
            }
        }
        let order = Dictionary(uniqueKeysWithValues: AdviceRule.allCases.enumerated().map { ($1, $0) })
        return found.sorted { a, b in
            if a.record != b.record { return a.record < b.record }
            if a.rule != b.rule { return (order[a.rule] ?? 0) < (order[b.rule] ?? 0) }
            return a.about < b.about
        }
    }
}

extension AdviceRule {
    /// The types of records that there is advice on.
    public static let types: Set<TypeKey> = ["engagement", "talk", "finding", "clue", "letter", "rectification", "report"]
}
