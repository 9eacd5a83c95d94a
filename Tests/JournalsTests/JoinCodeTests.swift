import Causality
import Journals
import Support
import Testing

private let root = signer(5).publicKey

struct JoinCodeTests {
    @Test(arguments: [
        "0123-4567-89ab-cdef-ghjk-mnpq", "0123456789abcdefghjkmnpq", "0123-4567-89AB-CDEF-GHJK-MNPQ",
        "o123-4567-89ab-cdef-ghjk-mnpq", "Oi23-4567-89ab-cdef-ghjk-mnpq", "OL23-4567-89ab-cdef-ghjk-mnpq",
        "0l23-4567-89ab-cdef-ghjk-mnpq", "0I23 4567 89ab cdef ghjk mnpq", " 012345 6789ab-cdefgh jkmnpq ",
    ])
    func `a code reads however it is typed`(_ text: String) {
        let code = JoinCode(text)
        #expect(code?.secret == "0123456789ab")
        #expect(code?.fingerprint == "cdefghjkmnpq")
        #expect(code?.description == "0123-4567-89ab-cdef-ghjk-mnpq")
    }

    @Test(arguments: [
        "", "-", "0123-4567-89ab-cdef-ghjk-mnp", "0123-4567-89ab-cdef-ghjk-mnpqr", "u123-4567-89ab-cdef-ghjk-mnpq",
        "0123_4567_89ab_cdef_ghjk_mnpq", "0123-4567-89ab-cdef-ghjk-mnp!", "é123-4567-89ab-cdef-ghjk-mnpq",
        "０123-4567-89ab-cdef-ghjk-mnpq", "0123-4567-89ab-cdef-ghjk-mnp\u{301}q",
    ])
    func `what is not 24 characters of the alphabet is no code`(_ text: String) { #expect(JoinCode(text) == nil) }

    @Test(arguments: [0, 1, 0x8000_0000_0000_0000, 0xfedc_ba98_7654_3210, .max] as [UInt64])
    func `a code that is made reads back, with the fingerprint of its root`(_ bits: UInt64) {
        let code = JoinCode(secret: bits, root: root)
        #expect(JoinCode(code.description) == code)
        #expect(code.secret.count == 12)
        #expect(code.fingerprint == root.fingerprint)
    }

    @Test func `secrets and fingerprints are 60 bits, the most significant first`() {
        #expect(JoinCode(secret: 0, root: root).secret == "000000000000")
        #expect(JoinCode(secret: .max, root: root).secret == "zzzzzzzzzzzz")
        #expect(JoinCode(secret: 1 << 63, root: root).secret == "g00000000000")
        #expect(JoinCode(secret: 0x1f, root: root).secret == "000000000001")
    }
}
