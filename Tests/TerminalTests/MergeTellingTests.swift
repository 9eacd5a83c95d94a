import Records
import Supervision
import Terminal
import Testing

struct MergeTellingTests {
    private let merge = TextMerge(
        base: "上午查账。下午走访五户。晚上碰头。", sides: ["上午查账目。下午走访六户。晚上碰头。", "上午查账。下午走访八户。晚上碰头。"])

    @Test func `what is open is asked by number, what merged is told by whom`() {
        let telling = MergeTelling(merge, sides: ["沈", "罗"], .chinese)
        #expect(telling.text == "上午查账目。下午走访［待定 1］户。晚上碰头。")
        #expect(telling.open(isColoured: false) == ["待定 1", "  0) 原来：五", "  1) 沈：［删：五］［增：六］", "  2) 罗：［删：五］［增：八］"])
        #expect(telling.merged(isColoured: false) == ["沈：上午查账［增：目］。"])
        #expect(telling.openCount == 1)
    }

    @Test func `nothing out of a text reaches the screen as it is`() {
        let hostile = TextMerge(base: "甲。乙。", sides: ["\u{1b}[2J甲。乙一。", "甲。乙\u{202e}二。"])
        let telling = MergeTelling(hostile, sides: ["沈", "罗"], .chinese)
        let lines = telling.open(isColoured: false) + telling.merged(isColoured: false)
        #expect(lines.allSatisfy { !$0.unicodeScalars.contains("\u{1b}") && !$0.unicodeScalars.contains("\u{202e}") })
    }
}
