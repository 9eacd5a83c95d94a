// The merged state of one engagement as values: what the central office asks of it. Text, page and JSON are made of these and count
// nothing themselves, so their numbers cannot differ.

package import Causality
package import Journals
package import Records
package import Replicas
package import Supervision

package struct EngagementReport: Sendable {
    /// One field of the engagement.
    package struct Fact: Hashable, Sendable {
        package var label: Label
        package var cell: Cell
    }

    /// Open advice on one of its records.
    package struct Advised: Hashable, Sendable {
        package var advice: Advice
        package var short: String
        package var subject: Cell
    }

    package struct Person: Hashable, Sendable {
        package var short: String
        package var name: Cell
        package var post: Cell
        package var unit: Cell
        package var rankGroup: Cell
        /// Talks whose subject is settled to be this person.
        package var talks: Int
        /// What concerns this person and no cell here shows.
        package var waits: [Int]
    }

    package struct Talk: Hashable, Sendable {
        package var short: String
        package var start: Cell
        package var subject: Cell
        package var lead: Cell
        package var talkers: Cell
        package var recorder: Cell
        package var place: Cell
        package var status: Cell
        package var waits: [Int]
    }

    package struct Finding: Hashable, Sendable {
        package var short: String
        package var title: Cell
        /// For a clue, the name of its type.
        package var nature: Cell
        package var aspect: Cell
        package var form: Cell
        package var unit: Cell
        package var status: Cell
        package var disposition: Cell
        package var dispositionDate: Cell
        package var recipient: Cell
        package var documentNumber: Cell
        package var isRestricted: Bool
        package var waits: [Int]
    }

    package struct Overdue: Hashable, Sendable {
        /// The rule that was not kept.
        package var rule: Label
        package var subject: Cell
        package var due: Day
        package var days: Int
        package var isRestricted: Bool
    }

    package struct Waiting: Hashable, Sendable {
        package struct Candidate: Hashable, Sendable {
            package var value: Label
            package var author: String?
            package var time: Timestamp
        }
        package var number: Int
        package var item: ItemID
        package var short: String
        package var kind: ReviewItem.Kind
        package var type: Label
        package var title: Cell
        /// Nil where the record as a whole is in dispute.
        package var field: Label?
        package var candidates: [Candidate]
        /// The newest edit of the record.
        package var since: Timestamp
        package var isRestricted: Bool
    }

    package struct Laptop: Hashable, Sendable {
        package var person: String
        package var device: String
        package var key: PublicKey
        /// Entries of this device that are here, of the scopes this report covers.
        package var entries: Int
        package var held: Int
        package var seen: Timestamp?
        package var synced: Timestamp?
        /// The roster lets it see the engagement now.
        package var isGranted: Bool
    }

    // MARK: What it says

    package var id: RecordID
    package var short: String
    package var scope: Roster.Scope
    package var title: Cell
    package var status: Cell
    package var isDeleted: Bool
    /// The day it was made for, and how many minutes its clock times are ahead of UTC.
    package var day: Day
    package var minutesEastOfUTC: Int
    package var includesRestricted: Bool

    package var facts: [Fact]
    package var days: StayDays
    package var advice: [Advised]
    package var persons: [Person]
    package var talks: [Talk]
    package var talksByStatus: Tally
    /// Talks a person took part in as lead or talker.
    package var talksByTalker: Tally
    package var findings: [Finding]
    package var findingsByAspectAndNature: CrossTable
    package var findingsByDisposition: Tally
    package var findingsByStatus: Tally
    package var findingsByForm: Tally
    package var overdue: [Overdue]
    package var waiting: [Waiting]
    package var laptops: [Laptop]
    /// Deleted records of the engagement.
    package var deleted: Int

    package var talkedWith: Int { persons.count { $0.talks > 0 } }
    package var left: [Person] { persons.filter { $0.talks == 0 } }
    package var entries: Int { laptops.reduce(0) { $0 + $1.entries } }
    /// When the centre and some laptop last held the same.
    package var synced: Timestamp? { laptops.compactMap(\.synced).max() }
}

extension ReviewItem.Kind {
    package var label: Label {
        switch self {
        case .contested: Label(zh: "同一字段有几个值", en: "Several values")
        case .deleteAgainstEdit: Label(zh: "一边删除，一边修改", en: "Deleted and edited apart")
        case .putOnDeleted: Label(zh: "删除之后又被写入", en: "Written after deletion")
        case .unfoundedSettlement: Label(zh: "自动合并的理由不成立", en: "Unfounded merge")
        case .unapproved: Label(zh: "未经同意的裁定又被改写", en: "Written over an unapproved decision")
        case .brokenCheck: Label(zh: "分头写的内容彼此矛盾", en: "Values that do not go together")
        case .pastSeal: Label(zh: "封存时没有看到的修改", en: "Written past a seal")
        case .looksAlike: Label(zh: "疑为同一事项的两条记录", en: "Looks like one thing")
        case .overridden: Label(zh: "规则略过的值", en: "Passed over by a rule")
        case .mergedApart: Label(zh: "分头写、已合并", en: "Merged while apart")
        }
    }
}
