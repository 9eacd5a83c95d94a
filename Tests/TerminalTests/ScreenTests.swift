// What reaches the screen out of a note, and how many cells it takes.

import Terminal
import Testing

struct SafeTextTests {
    @Test(
        arguments: [
            ("escape", "\u{1B}[31m", "\\u{1b}[31m"), ("bell", "a\u{7}", "a\\u{7}"), ("tab", "a\tb", "a\\u{9}b"),
            ("line end", "a\nb", "a\\u{a}b"), ("CRLF", "a\r\nb", "a\\u{d}\\u{a}b"), ("delete", "\u{7F}", "\\u{7f}"),
            ("C1 CSI", "\u{9B}31m", "\\u{9b}31m"), ("line separator", "\u{2028}", "\\u{2028}"),
            ("paragraph separator", "\u{2029}", "\\u{2029}"), ("embedding", "\u{202A}x", "\\u{202a}x"),
            ("override", "\u{202E}x", "\\u{202e}x"), ("isolate", "\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("mark", "\u{200E}\u{200F}", "\\u{200e}\\u{200f}"), ("Arabic letter mark", "\u{61C}", "\\u{61c}"),
            ("zero-width space", "张\u{200B}三", "张\\u{200b}三"), ("word joiner", "a\u{2060}b", "a\\u{2060}b"),
            ("BOM", "\u{FEFF}a", "\\u{feff}a"), ("soft hyphen", "a\u{AD}b", "a\\u{ad}b"),
            ("non-joiner between ideographs", "张\u{200C}三", "张\\u{200c}三"), ("joiner in Latin", "a\u{200D}b", "a\\u{200d}b"),
            ("tag", "🏴\u{E0067}\u{E007F}", "🏴\\u{e0067}\\u{e007f}"), ("private use", "\u{E000}\u{F0000}", "\\u{e000}\\u{f0000}"),
            ("unassigned", "\u{0378}", "\\u{378}"), ("noncharacter", "\u{FFFE}", "\\u{fffe}"),
            ("annotation", "\u{FFF9}a\u{FFFA}b\u{FFFB}", "\\u{fff9}a\\u{fffa}b\\u{fffb}"), ("filler", "\u{3164}", "\\u{3164}"),
            ("object", "\u{FFFC}", "\\u{fffc}"), ("grapheme joiner", "a\u{34F}b", "a\\u{34f}b"),
            ("selector without base", "\u{FE0F}a", "\\u{fe0f}a"), ("two selectors", "葛\u{E0100}\u{E0101}", "葛\u{E0100}\\u{e0101}"),
            ("mark without base", "\u{301}a", "\\u{301}a"), ("mark behind an escape", "\t\u{301}", "\\u{9}\\u{301}"),
            ("invisible operator", "a\u{2062}b", "a\\u{2062}b"), ("deprecated format", "\u{206A}", "\\u{206a}"),
        ])
    func `what a terminal would obey or hide is shown`(_ what: String, _ text: String, _ shown: String) {
        #expect(Screen.safe(text) == shown)
    }

    @Test(
        arguments: [
            "青石县农业农村局（试行）〇𠮷", "naïve café e\u{301}", "👨‍👩‍👧‍👦🇨🇳🏳️‍🌈👍🏽1️⃣❤️‍🔥", "葛\u{E0100}城", "שלום", "السلام", "می\u{200C}خواهم",
            "क\u{94D}\u{200D}ष", "ᠮᠣᠩᠭᠣᠯ\u{180B}", "བོད་ཡིག", "𝄞①…“”　全角", "\u{600}12", "C:\\u{41}",
        ])
    func `writing of any script is left alone`(_ text: String) {
        #expect(Screen.safe(text) == text)
    }

    @Test func `several lines keep their ends, however they are written`() {
        #expect(Screen.safe("a\nb\r\nc\rd\u{1B}", lines: true) == "a\nb\nc\\u{d}d\\u{1b}")
    }

    @Test func `marks heaped on one letter are shown`() {
        let heap = "a" + String(repeating: "\u{301}", count: 30)
        #expect(Screen.safe(heap).unicodeScalars.filter { $0 == "\u{301}" }.count == 8)
        #expect(Screen.safe(heap).contains("\\u{301}"))
    }

    @Test func `of all of Unicode, nothing that is a control or format character passes alone`() {
        let seen: [ClosedRange<UInt32>] = [
            0x600...0x605, 0x6DD...0x6DD, 0x70F...0x70F, 0x890...0x891, 0x8E2...0x8E2, 0x110BD...0x110BD, 0x110CD...0x110CD,
        ]
        var passed: [String] = []
        for scalar in (0..<0x110000 as Range<UInt32>).lazy.compactMap(Unicode.Scalar.init) {
            let category = scalar.properties.generalCategory
            guard [.control, .format, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator].contains(category) else {
                continue
            }
            if seen.contains(where: { $0.contains(scalar.value) }) { continue }
            if Screen.safe("a\(scalar)b").unicodeScalars.contains(scalar) { passed.append(String(scalar.value, radix: 16)) }
        }
        #expect(passed == [])
    }

    @Test func `JSON escapes what a terminal would obey, and means the same`() {
        #expect(JSON.string("a\u{1B}\u{202E}\u{E0001}\"\\\n\t张").text == #""a\u001b\u202e\udb40\udc01\"\\\n\t张""#)
    }
}

struct WidthTests {
    @Test(
        arguments: [
            ("", 0), ("abc", 3), ("青石县", 6), ("ａｂ（）：", 10), ("ｱｲ", 2), ("한국", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("é", 1),
            ("e\u{301}", 1), ("𠮷", 2),
            ("𱍐", 2), ("👍", 2), ("👍🏽", 2), ("👨‍👩‍👧‍👦", 2), ("🇨🇳", 2), ("🏳️‍🌈", 2), ("1️⃣", 2), ("❤", 1), ("❤️", 2), ("☺", 1), ("葛\u{E0100}", 2),
            ("\u{1B}", 0), ("、。「」", 8), ("〇", 2), ("क्ष", 2), ("ѐ", 1), ("　", 2), ("a\u{300}\u{301}b", 2), ("⌚", 2), ("①…", 2),
        ])
    func `a text takes as many cells as a terminal gives it`(_ text: String, _ cells: Int) {
        #expect(Screen.width(text, isAmbiguousWide: false) == cells)
    }

    @Test func `ambiguous characters are wide where the font makes them so`() {
        #expect(Screen.width("①…“”°", isAmbiguousWide: true) == 10)
        #expect(Screen.width("abc张", isAmbiguousWide: true) == 5)
    }

    @Test func `a cut never goes through a character and never takes more cells than asked`() {
        let text = "张👨‍👩‍👧‍👦e\u{301}🇨🇳三👍🏽"
        let characters = Array(text)
        for cells in 0...12 {
            let cut = Screen.cut(text, to: cells)
            #expect(Screen.width(cut) <= cells)
            let kept = cut.hasSuffix("…") ? Array(cut.dropLast()) : Array(cut)
            #expect(Array(characters.prefix(kept.count)) == kept)
        }
        #expect(Screen.cut("abc", to: 3) == "abc")
        #expect(Screen.cut("abcd", to: 3) == "ab…")
    }

    @Test func `an escape that was cut is still no escape`() {
        #expect(Screen.line("ab\u{1B}[2Jcd", to: 6) == "ab\\u{…")
    }

    @Test func `padding counts cells`() {
        #expect(Screen.padded("张三", to: 6) == "张三  ")
        #expect(Screen.padded("张三丰", to: 4) == "张三丰")
    }
}
