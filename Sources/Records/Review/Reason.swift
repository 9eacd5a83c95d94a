// Why somebody decided as they did: a code that can be counted and a comment that can be read (protocol/9-review.md, "Reasons").

/// The reason of a decision: a code, a comment, and whether somebody else is asked to approve it.
public struct Reason: Hashable, Sendable {
    /// The codes people choose from.
    public enum Code: String, Sendable, CaseIterable {
        case verified, newer, complete, correction, same, agreed, instructed, other
    }

    private static let decision = "decision:"
    private static let proposal = "proposal:"

    /// A known code, or whatever another program wrote there.
    public var code: String
    /// In the decider's words; may be empty.
    public var comment: String
    /// Whether it is to hold only once somebody else has approved it, whatever the field is.
    public var isProposal: Bool

    /// A reason out of its parts.
    public init(_ code: Code, _ comment: String = "", isProposal: Bool = false) {
        (self.code, self.comment, self.isProposal) = (code.rawValue, comment, isProposal)
    }

    /// Reads any text: what is not written as a decision is all comment.
    public init(_ text: String) {
        (code, comment, isProposal) = (Code.other.rawValue, text, text.utf8.starts(with: Self.proposal.utf8))
        for prefix in [Self.decision, Self.proposal] where text.utf8.starts(with: prefix.utf8) {
            let rest = text.utf8.dropFirst(prefix.utf8.count)
            let code = rest.prefix { $0 != 0x0a }
            guard (1...32).contains(code.count), code.allSatisfy({ (0x61...0x7a).contains($0) || $0 == 0x5f }),
                let name = String(code), let words = String(rest.dropFirst(code.count + 1))
            else { continue }
            (self.code, comment) = (name, words)
        }
    }

    /// As a settle carries it.
    public var text: String {
        (isProposal ? Self.proposal : Self.decision) + code + (comment.isEmpty ? "" : "\n" + comment)
    }
}

extension Reason: ExpressibleByStringLiteral {
    /// As ``init(_:)`` reads a text.
    public init(stringLiteral value: String) { self.init(value) }
}

extension Content {
    /// Whether, as the reason of a settle, it marks a proposal.
    package var marksProposal: Bool { text.map { Reason($0).isProposal } ?? false }
    /// Whether, as the reason of a settle, it claims a rule.
    package var claimsRule: Bool { text.flatMap(RuleClaim.init(reason:)) != nil }
}
