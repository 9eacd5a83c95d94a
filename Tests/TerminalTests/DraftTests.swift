// A form that was begun, as it is kept across crashes.

import Records
import Terminal
import Testing

struct DraftTests {
    @Test func `a draft comes back as it was`() throws {
        let draft = FormDraft(
            origin: FormOrigin(type: "talk"), scope: "notes", message: nil, shown: "a\n", text: "e\u{301}\r\n\u{202E}\u{0}张")
        let read = try #require(FormDraft(bytes: draft.bytes))
        #expect(read == draft)
        #expect(read.text.utf8.elementsEqual(draft.text.utf8))
        #expect(read.isTouched)
    }

    @Test(arguments: ["", "\u{1}\u{2}\u{3}", "{}", ##"{"origin":"#= talk zz","shown":"","text":""}"##])
    func `bytes that are no draft are none`(_ text: String) { #expect(FormDraft(bytes: [UInt8](text.utf8)) == nil) }
}
