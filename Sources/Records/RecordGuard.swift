// What a person may not write at all, as a catalogue says it. Few things are: everything else is advice. What others wrote, apart or by
// another program, is taken in as it is.

/// Edits of records of a type that are refused where they are made.
public enum RecordGuard: Hashable, Sendable {
    /// While the field shows one of the texts nobody edits or deletes the record. Decisions of a review are no edits.
    case sealed(field: FieldKey, values: Set<String>)
    /// The field's text names none of the records that stand at the ends of these paths of references.
    case neverNames(Naming)

    /// A field and whom it must not name.
    public struct Naming: Hashable, Sendable {
        /// The field, a text.
        public var field: FieldKey
        /// Each one or two references from the record on.
        public var paths: [[FieldKey]]
        /// A part of the text, between commas, that has one of these is fine: an office whose name begins with a place's.
        public var except: [String]
        /// Why, in Chinese.
        public var zh: String
        /// Why, in English.
        public var en: String

        /// One out of its parts.
        public init(field: FieldKey, paths: [[FieldKey]], except: [String] = [], zh: String, en: String) {
            (self.field, self.paths, self.except, self.zh, self.en) = (field, paths, except, zh, en)
        }
    }
}
