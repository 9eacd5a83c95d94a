// A form that was begun and not saved yet, as it is kept across crashes: the text, and what it takes to go on with it.

import Records
import Replicas

import Causality
import Foundation

package struct FormDraft: Hashable, Sendable {
    /// What the form was made from.
    package var origin: FormOrigin
    /// The scope a new record is for, by name; nil if it was not said.
    package var scope: String?
    /// The message the save is to have.
    package var message: String?
    /// The form as it was first shown.
    package var shown: String
    /// The form as it was last written.
    package var text: String

    package init(origin: FormOrigin, scope: String? = nil, message: String? = nil, shown: String, text: String) {
        (self.origin, self.scope, self.message, self.shown, self.text) = (origin, scope, message, shown, text)
    }

    /// Whether anything was written.
    package var isTouched: Bool { !text.utf8.elementsEqual(shown.utf8) }
}

extension FormDraft {
    private struct File: Codable {
        var origin: String
        var scope: String?
        var message: String?
        var shown: String
        var text: String
    }

    package var bytes: [UInt8] {
        let file = File(origin: Form.tag(origin), scope: scope, message: message, shown: shown, text: text)
        // Five strings can always be encoded.
        return (try? JSONEncoder().encode(file)).map { Array($0) } ?? []
    }

    /// Nil for bytes that are no draft of a form: another program's, a newer version's.
    package init?(bytes: [UInt8]) {
        guard let file = try? JSONDecoder().decode(File.self, from: Data(bytes)), let origin = Form.origin(line: file.origin) else {
            return nil
        }
        self.init(origin: origin, scope: file.scope, message: file.message, shown: file.shown, text: file.text)
    }
}
