// A text that is drafted from records and edited by hand: drafted anew, no hand's work is lost, and nothing of the records either.

import Records

/// What becomes of a drafted text when the records have changed since.
public enum Redraft: Hashable, Sendable {
    /// The records say what stands there already.
    case unchanged
    /// The text to write: what the records say now, with what was edited by hand in it; empty if they say nothing any more.
    case write(String)
    /// Both changed the same place: what stands stays, and a person compares it with what the records say now.
    case compare(with: String)

    /// - Parameters:
    ///   - last: what was drafted last; nil: nothing ever was.
    ///   - standing: what stands there now; nil: nothing.
    ///   - drafted: what the records give now.
    public init(last: String?, standing: String?, drafted: String) {
        let standing = standing ?? ""
        let last = last.flatMap { $0.isEmpty ? nil : $0 }
        if standing == drafted || drafted == last || drafted.isEmpty && last == nil {
            // What was cleared by hand stays cleared as long as the records say what they said.
            self = .unchanged
        } else if standing == last || standing.isEmpty && last == nil {
            self = .write(drafted)
        } else if let last, !drafted.isEmpty, !standing.isEmpty {
            let merge = TextMerge(base: last, sides: [standing, drafted])
            self = merge.isSettled ? .write(merge.text(openAs: 0)) : .compare(with: drafted)
        } else {
            self = .compare(with: drafted)
        }
    }

    /// The message of a change that drafts: how what was drafted last is found again in a record's history.
    public static let message = "draft:1"
}
