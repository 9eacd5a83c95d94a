// What an author should know: whose value was not chosen finds what was chosen, by whom and why, and what their own was.

public import Causality
import Journals
public import Records

/// Something of one's own that a decision set aside.
public struct ReviewReceipt: Hashable, Sendable {
    /// What became of it.
    public enum Kind: Hashable, Sendable {
        /// Another value was chosen.
        case notChosen
        /// One's edit or deletion was set aside with the record as a whole.
        case setAside
        /// One's decision was taken back or sent back.
        case takenBack
    }

    /// What became of it.
    public var kind: Kind
    /// The decision.
    public var decided: Decided
    /// One's own values that it was about, ascending by dot; empty where no value was.
    public var own: [Candidate]
}

extension Replica {
    /// The person this device belongs to, by the roster's id; nil before it has joined.
    public func person() throws -> String? { try roster()?.roster.device(key)?.person }

    /// What was decided over this person's own words, the newest first.
    /// - Parameter since: only what was decided at or after this time, by the service's clock.
    public func receipts(since: Timestamp? = nil, limit: Int = 1_000) throws -> [ReviewReceipt] {
        guard let person = try person() else { return [] }
        return Array(
            try decisions(since: since, .over(person), limit: .max).lazy.compactMap { $0.receipt(for: person) }.prefix(limit))
    }

    /// What rules did by themselves with this person's words, the newest first.
    public func notices(limit: Int = 1_000) throws -> [QueuedItem] {
        guard let person = try person() else { return [] }
        let page = 5_000
        return try store.reading { reader in
            var found: [QueuedItem] = []
            var offset = 0
            while true {
                let notices = try reader.notices(limit: page, offset: offset)
                found += notices.filter { $0.people.contains(person) }
                if notices.count < page { break }
                offset += page
            }
            return Array(found.reversed().prefix(limit))
        }
    }
}

extension Decided {
    /// What it means to one person; nil if it set nothing of theirs aside.
    public func receipt(for person: String) -> ReviewReceipt? {
        guard author != person else { return nil }
        switch act {
        case .settled:
            let own = over.filter { $0.author == person }
            guard !own.isEmpty, !own.contains(where: isChosen) else { return nil }
            return ReviewReceipt(kind: .notChosen, decided: self, own: own)
        case .undone:
            let own = over.filter { $0.author == person }
            guard !own.isEmpty || against.contains(person) else { return nil }
            return ReviewReceipt(kind: .takenBack, decided: self, own: own)
        case .kept, .deleted: return against.contains(person) ? ReviewReceipt(kind: .setAside, decided: self, own: []) : nil
        case .approved, .judged: return nil
        }
    }

    /// Whether what was chosen holds all that a candidate had to say: it is that value, or, of merged texts, has it wherever something was open.
    private func isChosen(_ candidate: Candidate) -> Bool {
        guard let value else { return false }
        if candidate.value == value { return true }
        let sides = over.filter { !$0.isDecision }
        guard let side = sides.firstIndex(where: { $0.dot == candidate.dot }), let merge = TextMerge(of: sides, from: overBase),
            let text = value.text
        else { return false }
        // Span by span: what is not in question as it is, one's own where one has a say, anything where one has none.
        var rest = text[...]
        var isAnything = false
        for span in merge.spans {
            let wanted: String
            switch span {
            case .same(let text), .merged(_, let text, _): wanted = text
            case .open(_, let alternatives):
                guard let own = alternatives.first(where: { $0.sides.contains(side) }) else {
                    isAnything = true
                    continue
                }
                wanted = own.text
            }
            guard !wanted.isEmpty else { continue }
            guard let found = rest.firstRange(of: wanted), isAnything || found.lowerBound == rest.startIndex else { return false }
            rest = rest[found.upperBound...]
            isAnything = false
        }
        return isAnything || rest.isEmpty
    }
}
