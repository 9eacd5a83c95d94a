// Searching a replica by its catalogue: titles weigh more, choices from a list are no text.

public import StoreSQLite
public import Supervision
import Records

extension ReplicaFolder {
    /// The best answers to a query, in order; see ``SearchQuery`` for how to write one.
    ///
    /// - Complexity: a few milliseconds for 100,000 records. Records that were not indexed yet are read through, so nothing is missed.
    public func search(_ query: SearchQuery) throws -> [SearchHit] { try store.search(query, fields: SearchedFields(catalogue)) }

    /// Writes into the search index what changed since; for when nobody waits, as after a sync.
    ///
    /// - Parameter limit: after this many records it stops.
    /// - Returns: how many records a search still has to read through.
    @discardableResult
    public func indexForSearch(limit: Int = .max) throws -> Int { try store.index(SearchedFields(catalogue), limit: limit) }
}

extension SearchedFields {
    /// What is searched by a catalogue.
    public init(_ catalogue: Catalogue) {
        self.init()
        for type in catalogue.types {
            titles[TypeKey(type.key)] = Set(type.title.map { FieldKey($0) })
            let ignored = type.fields.filter { [.choice, .yesNo].contains($0.kind.element) }
            self.ignored[TypeKey(type.key)] = Set(ignored.map { FieldKey($0.key) })
        }
    }
}
