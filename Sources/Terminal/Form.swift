// A record as a form: plain text that any editor can fill in, and that is read back by line. Pure: text in, fields out.
//
//   # anything                 a comment, ignored; so is a blank line
//   #! anything                what was wrong with the line below, written when the form is opened again
//   #= talk 3f2a… a1:3,b2:7    what the form was made from: type, record, and the version its author sees
//   Label (hint): value        a field; the label in either language or the field's key, either colon; nothing clears the field
//   - value                    an element of the set whose label stands above
//   <<<                        in place of a value: the lines down to a line `>>>` are the text, exactly, whatever stands in them
//   <<< \u                     the same, where \u{200b} stands for a character nobody could see
//   \>>>                       within a text: the line `>>>` (one backslash is taken off such lines)
//
// A field whose label is not in the form stays as it is. A line that is none of these is a fault, so nothing typed is lost.

package import Causality
package import Records
import Supervision

import Replicas

/// What a form shows of a field.
package enum FormValue: Hashable, Sendable {
    case value(Value)
    case elements([Value])
    /// Several values that nobody has chosen between, each as a line. It is settled by review, not here.
    case contested([String])
    /// What no form can express, as a line. It stays as it is.
    case fixed(String)
    /// The value was erased; another can be written.
    case erased
}

/// What a form was made from.
package struct FormOrigin: Hashable, Sendable {
    package var type: TypeKey
    /// Nil for a record that is being made.
    package var record: RecordID?
    /// The record's version that the author sees.
    package var seen: VersionVector

    package init(type: TypeKey, record: RecordID? = nil, seen: VersionVector = VersionVector()) {
        (self.type, self.record, self.seen) = (type, record, seen)
    }
}

package struct FormValues: Sendable {
    package var fields: [FieldKey: FormValue]
    /// How a record that is referred to is shown: an id to type, and its title.
    package var names: [RecordID: (id: String, title: String)]
    package var origin: FormOrigin
    /// Fields of the record that the catalogue does not know, and the form does not show.
    package var unshown: Int
    /// What stands above a field to be answered in it, a line each: an outline's questions. Comments: nothing of them is kept.
    package var prompts: [FieldKey: [String]] = [:]

    package init(
        _ origin: FormOrigin, fields: [FieldKey: FormValue] = [:], names: [RecordID: (id: String, title: String)] = [:],
        unshown: Int = 0
    ) {
        (self.fields, self.names, self.origin, self.unshown) = (fields, names, origin, unshown)
    }
}

/// What is wrong with a line of a form.
package struct FormFault: Error, Hashable, Sendable {
    /// From 1.
    package var line: Int
    package var message: String
}

package struct FormField: Hashable, Sendable {
    package var key: FieldKey
    /// `.value` or `.elements`.
    package var value: FormValue
    package var line: Int
}

/// A form that was read. With faults, its fields are not to be used.
package struct FormReading: Sendable {
    package var fields: [FormField] = []
    package var faults: [FormFault] = []
    package var origin: FormOrigin?
    /// The lines that an earlier reading's faults were written on.
    package var remarks: Set<Int> = []
}

package enum Form {
    static let open = "<<<"
    static let openEscaped = "<<< \\u"
    static let close = ">>>"

    /// What the author changed, against what the form had shown.
    package static func changes(in reading: FormReading, against shown: FormValues) -> [(FieldKey, FormValue)] {
        reading.fields.compactMap { field in
            switch (shown.fields[field.key], field.value) {
            case (let before?, let after) where before == after: nil
            case (.elements(let before)?, .elements(let after)) where Set(before) == Set(after): nil
            case (.value(.text(""))?, .value(.empty)), (nil, .value(.empty)), (nil, .elements([])), (.erased?, .value(.empty)): nil
            case (.contested?, _), (.fixed?, _): nil
            default: (field.key, field.value)
            }
        }
    }

    /// Whether a line is the end of a text, or would be one but for its backslashes.
    static func isLikeClose(_ line: some StringProtocol) -> Bool {
        var rest = line.unicodeScalars[...]
        while let first = rest.first, isBlank(first) || first == "\\" { rest.removeFirst() }
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest.elementsEqual(close.unicodeScalars)
    }

    static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\u{3000}" || scalar == "\r"
    }

    /// Whether a text can stand behind a label as it is.
    static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        return !isBlank(first) && !isBlank(last) && !text.utf8.starts(with: open.utf8) && !hides(text, exceptLines: false)
    }

    /// Whether characters are in a text that an editor would obey or hide.
    static func hides(_ text: String, exceptLines: Bool) -> Bool {
        var found = false
        Screen.visit(text) { scalar, isHarmful in
            found = found || (isHarmful && !(exceptLines && (scalar == "\n" || scalar == "\t")))
        }
        return found
    }

    /// Blanks taken off both ends, scalar by scalar: a mark behind a blank belongs to what follows.
    static func trimmed(_ text: some StringProtocol) -> String {
        var rest = text.unicodeScalars[...]
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(String.UnicodeScalarView(rest))
    }
}
