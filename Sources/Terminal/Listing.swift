// A list of records: filtered, sorted, one page of it, and how many there are in all.
//
// Whatever the number of records, what is held at once is a few thousand decoded ones, and for a sort one key each.

package import Causality
package import Records
package import Replicas
package import Supervision

package struct Listing {
    package enum Order: Hashable, Sendable {
        /// By the last change; as lists usually are, the newest first.
        case changed(ascending: Bool)
        case field(FieldKey, ascending: Bool)

        /// Reads `field`, `-field`, `changed`, `-changed`.
        package init(_ text: String, type: Catalogue.RecordType?, _ t: Language) throws {
            let isDescending = text.hasPrefix("-")
            let name = isDescending ? String(text.dropFirst()) : text
            if name == Filter.changed {
                // Named plainly it is what everybody wants of it: the newest first.
                self = .changed(ascending: isDescending)
                return
            }
            let known = type?.field(named: name)
            if let type, known == nil { throw FieldParser.unknown(name, of: type, t) }
            self = .field(FieldKey(known?.key ?? name), ascending: !isDescending)
        }
    }

    package var type: TypeKey?
    package var scope: ScopeID?
    /// Whether the deleted ones are listed instead of the others.
    package var isOfDeleted = false
    /// Whether only what waits for review is listed.
    package var isOfContested = false
    package var filters: [Filter] = []
    package var order = Order.changed(ascending: false)
    package var limit = 50
    package var offset = 0

    package init() {}

    /// - Parameter title: what a reference is called, to sort by it.
    package func page(
        of replica: Replica, by catalogue: Catalogue, title: (RecordID) -> String
    ) throws -> (records: [Record], total: Int) {
        if filters.isEmpty, !isOfContested, order == .changed(ascending: false) {
            let records = try replica.records(type: type, in: scope, deleted: isOfDeleted, limit: limit, offset: offset)
            return (records, try replica.recordCount(type: type, in: scope, deleted: isOfDeleted))
        }
        var found: [(key: SortKey, place: Int, scope: ScopeID, record: RecordID)] = []
        try replica.forEachRecord(type: type, in: scope, deleted: isOfDeleted) { scope, state in
            guard !isOfContested || !state.reviewItems(by: catalogue).isEmpty,
                filters.allSatisfy({ $0.matches(state, by: catalogue) })
            else { return }
            found.append((key(of: state, catalogue, title), found.count, scope, state.record))
        }
        let isAscending: Bool
        switch order {
        case .changed(let ascending):
            isAscending = ascending
            if ascending { found.reverse() }
        case .field(_, let ascending):
            isAscending = ascending
            // Where two are equal the newer change stands first; records without a value stand last, either way round.
            found.sort { a, b in
                if a.key == b.key { return a.place < b.place }
                if a.key == .none || b.key == .none { return b.key == .none }
                return isAscending ? a.key < b.key : b.key < a.key
            }
        }
        let page = try found.dropFirst(offset).prefix(limit).compactMap { try replica.record($0.record, in: $0.scope) }
        return (page, found.count)
    }

    private enum SortKey: Comparable {
        case none
        case number(Double)
        case text(String)
    }

    private func key(of state: RecordState, _ catalogue: Catalogue, _ title: (RecordID) -> String) -> SortKey {
        guard case .field(let key, _) = order, let value = Filter.values(of: state, key, catalogue).first else { return .none }
        let field = catalogue.type(state.type)?.field(key.rawValue)
        switch value {
        case .integer(let number): return .number(Double(number))
        case .decimal(let text): return Double(text).map(SortKey.number) ?? .text(text)
        case .flag(let flag): return .number(flag ? 1 : 0)
        case .reference(let id): return .text(title(id))
        case .time(let text): return Filter.minutes(text).map { .number(Double($0)) } ?? .text(text)
        case .text(let text):
            // Choices stand in the order the catalogue gives them: along the ladder, if there is one.
            let order = field?.ladder ?? field?.choices?.map(\.key)
            return order?.firstIndex(of: text).map { .number(Double($0)) } ?? .text(text)
        default: return .text(value.plainText)
        }
    }
}

extension Catalogue.RecordType {
    /// What a list of this type shows if nothing else is asked for: its title, its status, its first date.
    package var usualColumns: [Field] {
        var columns = title.compactMap { field($0) }
        func add(_ field: Field?) {
            if let field, !columns.contains(where: { $0.key == field.key }) { columns.append(field) }
        }
        add(field("status") ?? fields.first { $0.ladder != nil })
        if !columns.contains(where: { $0.kind == .date || $0.kind == .time }) {
            add(fields.first { $0.kind == .date || $0.kind == .time })
        }
        if columns.count < 3 {
            add(
                fields.first { field in
                    field.required == true && !field.kind.isSet && field.kind != .longText
                        && !columns.contains { $0.key == field.key }
                })
        }
        return columns
    }

    package typealias Field = Catalogue.Field
}
