// What waits for a person, and what a rule did by itself (protocol/3-fold.md and 9-review.md, "Review items" and "Notices").

public import Causality

/// Something a person has to decide, or, if its kind is a notice, should know. Its identity comes from what is in dispute, so every replica names it alike.
public struct ReviewItem: Hashable, Sendable {
    /// What kind of dispute it is.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case contested = 1
        case deleteAgainstEdit = 2
        case putOnDeleted = 3
        case unfoundedSettlement = 4
        /// A value in place of a decision that nobody had approved.
        case unapproved = 5
        /// Values that were written apart and do not go together.
        case brokenCheck = 6
        /// Two records with one natural key.
        case looksAlike = 7
        /// A rule passed over a value.
        case overridden = 8
        /// Texts were merged.
        case mergedApart = 9
        /// Something stands in a sealed record that nobody who sealed it had seen.
        case pastSeal = 10

        /// Its stable name, as `contested`.
        public var name: String {
            switch self {
            case .contested: "contested"
            case .deleteAgainstEdit: "delete_against_edit"
            case .putOnDeleted: "put_on_deleted"
            case .unfoundedSettlement: "unfounded_settlement"
            case .unapproved: "unapproved"
            case .brokenCheck: "broken_check"
            case .looksAlike: "looks_alike"
            case .overridden: "overridden"
            case .mergedApart: "merged_apart"
            case .pastSeal: "past_seal"
            }
        }

        /// Whether it asks nothing and only tells.
        public var isNotice: Bool { self == .overridden || self == .mergedApart }
    }

    /// What kind of dispute it is.
    public var kind: Kind
    /// The record it is about.
    public var record: RecordID
    /// The check's key for a broken check; empty where the record as a whole is in dispute.
    public var field: FieldKey
    /// The entries in dispute, ascending.
    public var dots: [Dot]
    /// Further entries it involves, ascending; which, depends on the kind.
    public var more: [Dot]
    /// The record it looks like; nil but for that kind.
    public var other: RecordID?

    package init(
        _ kind: Kind, record: RecordID, field: FieldKey = "", dots: [Dot] = [], more: [Dot] = [], other: RecordID? = nil
    ) {
        (self.kind, self.record, self.field, self.dots, self.more) = (kind, record, field, dots, more)
        self.other = other
    }

    /// An item of two records that look like one thing.
    package init(_ pair: LookingAlike) { self.init(.looksAlike, record: pair.record, other: pair.other) }

    /// What its id is a hash of.
    package func identityBytes(in scope: ScopeID) -> [UInt8] {
        var out = ByteWriter(reserving: 128)
        out.raw(scope.bytes)
        out.raw(record.bytes)
        out.u8(kind.rawValue)
        out.text16(field.rawValue)
        out.dots(dots)
        out.dots(more)
        if let other { out.raw(other.bytes) }
        return out.bytes
    }
}

extension RecordState {
    /// What of this record waits for a person, in a stable order; but for what it looks like, which only all records tell.
    public func reviewItems(by rules: some MergeRules) -> [ReviewItem] {
        var items: [ReviewItem] = []
        for field in fields {
            if let item = item(of: field, by: rules) { items.append(item) }
            for candidate in field.candidates where isUnfounded(candidate, in: field.key, rules) {
                items.append(ReviewItem(.unfoundedSettlement, record: record, field: field.key, dots: [candidate.dot]))
            }
        }
        if !unseenEdits.isEmpty {
            items.append(ReviewItem(.deleteAgainstEdit, record: record, dots: standingDeletes, more: unseenEdits))
        }
        if !latePuts.isEmpty {
            items.append(ReviewItem(.putOnDeleted, record: record, dots: latePuts))
        }
        return items + brokenChecks(by: rules)
    }

    /// An edit that drops elements.
    public struct Drop: Hashable, Sendable {
        /// The edit.
        public var dot: Dot
        /// What it drops.
        public var elements: Set<Write.Name>

        /// What an edit drops; nil if it drops nothing.
        public init?(_ edit: Edit, by dot: Dot) {
            elements = Set(edit.writes.filter { $0.kind == .drop }.flatMap(\.names))
            self.dot = dot
            if elements.isEmpty { return nil }
        }
    }

    /// What was done to a sealed record that nobody who sealed it had seen; nil if there is nothing, or the record is not sealed.
    ///
    /// - Parameters:
    ///   - context: what the author of a seal had seen of the record.
    ///   - drops: the record's edits that drop elements; asked only if it is sealed.
    public func pastSeal(
        by rules: some MergeRules, context: (Candidate) throws -> VersionVector?, drops: () throws -> [Drop]
    ) rethrows -> ReviewItem? {
        guard !isDeleted else { return nil }
        for one in rules.guards(of: type) {
            guard case .sealed(let field, let values) = one, let shown = outcome(of: field, by: rules)?.candidate?.value.text,
                values.contains(shown)
            else { continue }
            let seals = (self[field]?.candidates ?? []).filter { $0.value.text.map(values.contains) ?? false }
            var seen: [VersionVector] = []
            for seal in seals {
                guard var context = try context(seal) else { continue }
                context.see(seal.dot)
                seen.append(context)
            }
            guard !seen.isEmpty else { continue }
            var unseen: Set<Dot> = []
            for other in fields where other.key != field {
                for dot in other.candidates.map(\.dot) + other.elements.map(\.name.dot) where !seen.contains(where: { $0.has(dot) })
                {
                    unseen.insert(dot)
                }
            }
            // What was dropped stands nowhere any more.
            let (known, apart) = try drops().reduce(into: (known: Set<Write.Name>(), apart: [Drop]())) { all, drop in
                if seen.contains(where: { $0.has(drop.dot) }) { all.known.formUnion(drop.elements) } else { all.apart.append(drop) }
            }
            for drop in apart {
                let isMissed = drop.elements.subtracting(known).contains { name in seen.contains { $0.has(name.dot) } }
                if isMissed { unseen.insert(drop.dot) }
            }
            if !unseen.isEmpty {
                return ReviewItem(.pastSeal, record: record, field: field, dots: seals.map(\.dot).sorted(), more: unseen.sorted())
            }
        }
        return nil
    }

    /// What its rules did by themselves.
    public func notices(by rules: some MergeRules) -> [ReviewItem] {
        fields.compactMap { field in
            // Whether or not somebody still has to approve it.
            guard field.candidates.count > 1, case .settled(_, let overridden, let rule?)? = ruled(field, by: rules) else {
                return nil
            }
            let kind: ReviewItem.Kind? = !overridden.isEmpty ? .overridden : rule == MergeRule.text.name ? .mergedApart : nil
            return kind.map { ReviewItem($0, record: record, field: field.key, dots: field.candidates.map(\.dot)) }
        }
    }

    /// What is asked about a field whose rule does not settle it, or that waits for somebody's approval.
    private func item(of field: FieldState, by rules: some MergeRules) -> ReviewItem? {
        let dots = field.candidates.map(\.dot)
        var isSettled = false
        switch ruled(field, by: rules) {
        case .contested?: break
        case .settled(_, _, let rule)?:
            guard isUnapproved(field, settledBy: rule, rules) else { return nil }
            isSettled = true
        case .set?, nil: return nil
        }
        guard field.candidates.allSatisfy(\.isDecision) else {
            return ReviewItem(isSettled ? .unapproved : .contested, record: record, field: field.key, dots: dots)
        }
        let question = Set(field.candidates.flatMap(\.question)).sorted()
        return ReviewItem(.contested, record: record, field: field.key, dots: question)
    }

    private func brokenChecks(by rules: some MergeRules) -> [ReviewItem] {
        guard !isDeleted else { return [] }
        return rules.checks(of: type).compactMap { check in
            let dots = Set([check.first, check.second].flatMap { self[$0]?.candidates ?? [] }.map(\.dot))
            guard dots.count > 1, check.isBroken(by: self, rules) else { return nil }
            return ReviewItem(.brokenCheck, record: record, field: check.key, dots: dots.sorted())
        }
    }

    /// The values an item is about: of a field that waits for approval, those that the decisions were chosen over.
    public func disputed(_ item: ReviewItem, by rules: some MergeRules) -> [Candidate] {
        switch item.kind {
        case .contested:
            let standing = self[item.field]?.candidates ?? []
            guard isProposed(item) else { return standing }
            var seen: Set<Dot> = []
            return standing.flatMap { $0.over.isEmpty ? [$0] : $0.over }.filter { seen.insert($0.dot).inserted }
                .sorted { $0.dot < $1.dot }
        case .unfoundedSettlement:
            // What the settle says that a rule had chosen between, and then the settle.
            let claims = (self[item.field]?.candidates ?? []).filter { item.dots.contains($0.dot) }
            return claims.flatMap(\.over) + claims
        case .unapproved, .overridden, .mergedApart, .pastSeal: return self[item.field]?.candidates ?? []
        case .brokenCheck:
            guard let check = rules.checks(of: type).first(where: { $0.key == item.field }) else { return [] }
            return [check.first, check.second].flatMap { self[$0]?.candidates ?? [] }
        case .deleteAgainstEdit, .putOnDeleted, .looksAlike: return []
        }
    }

    /// What can be chosen for an item: the values in dispute, then what was decided so far, each once.
    public func choices(for item: ReviewItem, by rules: some MergeRules) -> [Candidate] {
        let disputed = disputed(item, by: rules)
        return disputed + proposals(for: item).filter { proposal in !disputed.contains { $0.dot == proposal.dot } }
    }

    /// How the texts in dispute merge; nil if they are no texts, or there is nothing to merge. Its sides are the first of ``choices(for:by:)``.
    public func merge(for item: ReviewItem, by rules: some MergeRules) -> TextMerge? {
        let proposals = proposals(for: item)
        guard let first = proposals.first else { return item.kind == .contested ? textMerge(of: item.field, by: rules) : nil }
        guard rules.rule(of: item.field, in: type) == .text, first.over.count > 1,
            proposals.allSatisfy({ $0.over == first.over }), !first.over.allSatisfy({ $0.value == first.over.first?.value })
        else { return nil }
        return TextMerge(of: first.over, from: first.overBase)
    }

    /// The decisions that stand for an item, so that it waits for approval or for a choice between them; empty while nobody has decided.
    public func proposals(for item: ReviewItem) -> [Candidate] {
        guard item.kind == .contested, let standing = self[item.field]?.candidates, standing.allSatisfy(\.isDecision) else {
            return []
        }
        return standing
    }

    /// Whether every value that stands is a decision.
    public func isProposed(_ item: ReviewItem) -> Bool { !proposals(for: item).isEmpty }

    /// When an item came to be, as far as the record tells: with the newest of the values in dispute.
    package func since(_ item: ReviewItem, by rules: some MergeRules) -> Timestamp {
        disputed(item, by: rules).map(\.time).max() ?? changed?.time ?? Timestamp(milliseconds: 0)
    }
}
