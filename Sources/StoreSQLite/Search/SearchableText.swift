// What of a record is searched, and whether a record is what was searched for. Both the index and the plain scan go by this.

import Causality
public import Records

/// Which fields of which types are searched, and which of them weigh more.
public struct SearchedFields: Sendable {
    /// Fields whose words weigh as much as four elsewhere: titles, names.
    public var titles: [TypeKey: Set<FieldKey>]
    /// Fields that nobody wrote a text into, as choices from a list. All other fields are searched, also those of types not named here.
    public var ignored: [TypeKey: Set<FieldKey>]

    public init(titles: [TypeKey: Set<FieldKey>] = [:], ignored: [TypeKey: Set<FieldKey>] = [:]) {
        (self.titles, self.ignored) = (titles, ignored)
    }

    static let titleWeight = 4

    /// Changes with everything that changes what the index must hold.
    var fingerprint: String {
        func list(_ map: [TypeKey: Set<FieldKey>]) -> String {
            map.sorted { $0.key < $1.key }.map { type, fields in
                "\(type):" + fields.sorted().map(\.rawValue).joined(separator: ",")
            }.joined(separator: ";")
        }
        return list(titles) + "|" + list(ignored)
    }
}

/// One searched text of a record.
struct SearchableText {
    var field: FieldKey
    var text: String
    var weight: Int
}

extension RecordState {
    /// Every text that stands in the record: of an undecided field all values, of an erased one none.
    func searchableTexts(_ fields: SearchedFields) -> [SearchableText] {
        let titles = fields.titles[type] ?? []
        let ignored = fields.ignored[type] ?? []
        var texts: [SearchableText] = []
        for field in self.fields where !ignored.contains(field.key) {
            let weight = titles.contains(field.key) ? SearchedFields.titleWeight : 1
            for value in field.values {
                value.forEachText { texts.append(SearchableText(field: field.key, text: $0, weight: weight)) }
            }
        }
        return texts
    }

    /// Everybody who wrote something that stands in the record, or changed it last.
    var writers: Set<String> {
        var writers = Set(fields.flatMap { $0.candidates.compactMap(\.author) + $0.elements.compactMap(\.author) })
        if let author = changed?.author { writers.insert(author) }
        return writers
    }

    /// Every record it refers to.
    var references: Set<RecordID> {
        var references: Set<RecordID> = []
        for field in fields { for value in field.values { value.collectReferences(into: &references) } }
        return references
    }
}

extension FieldState {
    /// What stands in the field, each value once: several authors may have written the same.
    fileprivate var values: [Value] {
        var seen: Set<Value> = []
        return (candidates.map(\.value) + elements.map(\.value)).compactMap(\.value).filter { seen.insert($0).inserted }
    }
}

extension Value {
    fileprivate func forEachText(_ body: (String) -> Void) {
        switch self {
        case .text(let text), .decimal(let text), .date(let text), .time(let text): body(text)
        case .integer(let number): body(String(number))
        case .list(let values): for value in values { value.forEachText(body) }
        case .empty, .flag, .reference, .data, .unrecognised: break
        }
    }

    fileprivate func collectReferences(into references: inout Set<RecordID>) {
        switch self {
        case .reference(let record): references.insert(record)
        case .list(let values): for value in values { value.collectReferences(into: &references) }
        default: break
        }
    }
}

/// How a record answers a query.
struct Answer {
    /// How often each wanted word occurs, title words counted more; at most 15.
    var counts: [Int]
    /// Searchable characters in all.
    var length: Int
}

extension SearchQuery {
    /// Whether the filters let a record through.
    func admits(_ state: RecordState, in scope: ScopeID) -> Bool {
        if state.isDeleted { return false }
        if let types, !types.contains(state.type) { return false }
        if let scopes, !scopes.contains(scope) { return false }
        guard isWithinTime(state.changed?.time.rawValue ?? 0) else { return false }
        if let people, people.authors.isDisjoint(with: state.writers), people.records.isDisjoint(with: state.references) {
            return false
        }
        return true
    }

    /// How a record answers, nil if it does not.
    func answer(of state: RecordState, in scope: ScopeID, _ fields: SearchedFields) -> Answer? {
        guard admits(state, in: scope) else { return nil }
        var answer = Answer(counts: [Int](repeating: 0, count: wanted.count), length: 0)
        for text in state.searchableTexts(fields) {
            let folded = FoldedText(text.text)
            if excluded.contains(where: folded.contains) { return nil }
            for (i, word) in wanted.enumerated() where answer.counts[i] < Posting.countMax {
                answer.counts[i] += folded.places(of: word, max: Posting.countMax).count * text.weight
            }
            answer.length += folded.units.count
        }
        guard !answer.counts.contains(0) else { return nil }
        answer.counts = answer.counts.map { min($0, Posting.countMax) }
        answer.length = min(answer.length, Int(UInt16.max))
        return answer
    }
}
