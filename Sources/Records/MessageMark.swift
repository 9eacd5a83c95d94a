// Messages of changes that a program reads (protocol/2-entries.md, "Values"): anything else in a message is a person's own words.

/// What kind of mark a change's message is, by what it begins with.
package enum MessageMark: String, CaseIterable, Sendable {
    /// The change gives a number.
    case number = "number:"
    /// The change undoes another.
    case undo = "undo:"

    /// Nil for words, and for no message.
    package init?(_ message: String?) {
        guard let message, let mark = Self.allCases.first(where: { message.utf8.starts(with: $0.rawValue.utf8) }) else {
            return nil
        }
        self = mark
    }

    /// What a message that bears this mark says after it; nil if it does not.
    package func rest(of message: String) -> Substring.UTF8View? {
        MessageMark(message) == self ? message.utf8.dropFirst(rawValue.utf8.count) : nil
    }
}
