// Records by their facts, for questions about all of them: only where the facts do not tell is a record read whole.

package import Causality
package import Journals
package import Records
package import Replicas
package import Supervision
package import Terminal

/// A record as its facts tell it, and as a whole where they do not.
package struct LeanRecord {
    package let id: RecordID
    private let facts: RecordFacts
    private let rules: Catalogue
    private let read: () throws -> RecordState?

    init(_ facts: RecordFacts, rules: Catalogue, read: @escaping () throws -> RecordState?) {
        (id, self.facts, self.rules, self.read) = (facts.record, facts, rules, read)
    }

    /// What a field says.
    package func reading(_ key: FieldKey) -> FieldReading {
        switch facts[key] {
        case .value(let value): value == .empty ? .none : .value(value)
        case .none: .none
        case .ask: FieldReading(whole?.outcome(of: key, by: rules))
        }
    }

    /// The text that stands in a field; nil where there is none, or several.
    package func text(_ key: FieldKey) -> String? { if case .value(.text(let text)) = reading(key) { text } else { nil } }
    /// The record that a field refers to.
    package func reference(_ key: FieldKey) -> RecordID? {
        if case .value(.reference(let id)) = reading(key) { id } else { nil }
    }
    /// The day that stands in a field.
    package func day(_ key: FieldKey) -> Day? { if case .value(let value) = reading(key) { Day(of: value) } else { nil } }

    /// All days that are claimed for a field.
    package func days(_ key: FieldKey) -> [Day] {
        if let day = day(key) { return [day] }
        return whole?[key]?.candidates.compactMap { Day(of: $0.value.value) } ?? []
    }

    /// The records a set refers to.
    package func references(_ key: FieldKey) -> [RecordID] {
        whole?[key]?.elements.compactMap { if case .reference(let id)? = $0.value.value { id } else { nil } } ?? []
    }

    private var whole: RecordState? { try? read() }
}

/// Which records a question is about.
package struct AskedScopes {
    private let replica: Replica
    private let catalogue: Catalogue
    private let roster: Roster?
    private let restricted: Bool
    /// Records of the types asked about that were left out because only those named may see them.
    package private(set) var leftOut = 0

    /// - Parameter restricted: whether what only those named may see is among them.
    package init(of replica: Replica, catalogue: Catalogue, restricted: Bool) throws {
        (self.replica, self.catalogue, self.restricted) = (replica, catalogue, restricted)
        roster = try replica.roster()?.roster
    }

    /// Whether records of a scope are asked about; counts those that are not.
    package mutating func admit(_ scope: ScopeID) -> Bool {
        guard !restricted, roster?.scope(scope)?.kind == .restricted else { return true }
        leftOut += 1
        return false
    }

    /// Hands on the records of a type that are asked about and not deleted.
    package mutating func forEach(_ type: TypeKey, _ body: (LeanRecord) throws -> Void) throws {
        try replica.forEachFacts(of: type) { scope, facts in
            guard admit(scope) else { return }
            try body(LeanRecord(facts, rules: catalogue) { [replica] in try replica.record(facts.record, in: scope)?.state })
        }
    }

    /// The titles of scopes this device may read that were archived and have left it.
    package func departed() throws -> [String] {
        guard let roster else { return [] }
        let here = Set(try replica.store.reading { try $0.scopes() })
        return roster.scopes(of: replica.key).filter {
            $0.archive != nil && !here.contains($0.id) && (restricted || $0.kind != .restricted)
        }.map(\.title).sorted()
    }

    /// What an answer says of all that is not in it.
    package func notes(_ t: Language, atCentre command: String) throws -> [String] {
        var lines: [String] = []
        if leftOut > 0 {
            lines.append(
                t(
                    "受限范围里还有 \(leftOut) 条，没有算进来；要算加 --restricted。",
                    "\(leftOut) more are in restricted scopes and left out; --restricted takes them in."))
        }
        let departed = try departed()
        if !departed.isEmpty {
            lines.append(
                t("已归档、不在本机，没有算进来：", "Archived and not on this device, so left out: ")
                    + departed.map { Screen.safe($0) }.joined(separator: t("、", ", "))
                    + t("。在中心看：dundian-server \(command)", ". At the centre: dundian-server \(command)"))
        }
        return lines
    }
}

extension Replica {
    /// Records with all that their titles are made of, so that these can be read.
    package func titled(_ ids: some Sequence<RecordID>, by catalogue: Catalogue) throws -> CaseFile {
        var states: [RecordID: RecordState] = [:]
        var next = Set(ids)
        for _ in 0..<3 {
            var referred: Set<RecordID> = []
            for id in next where states[id] == nil {
                guard let state = try record(id)?.state else { continue }
                states[id] = state
                for key in catalogue.type(state.type)?.title ?? [] {
                    if case .reference(let id)? = state.outcome(of: FieldKey(key), by: catalogue)?.candidate?.value.value {
                        referred.insert(id)
                    }
                }
            }
            next = referred
        }
        return CaseFile(states.values, catalogue: catalogue)
    }
}
