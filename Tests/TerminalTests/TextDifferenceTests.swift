// How one text became another.

import Chance
import Support
import Terminal
import Testing

private func shown(_ old: String, _ new: String) -> String { TextDifference(from: old, to: new).shown(isColoured: false) }

/// The text on one side of a difference.
private func side(_ difference: TextDifference, isNew: Bool) -> String {
    difference.parts.map { part in
        switch part {
        case .same(let text): text
        case .removed(let text): isNew ? "" : text
        case .added(let text): isNew ? text : ""
        }
    }.joined()
}

struct TextDifferenceTests {
    @Test(arguments: [
        ("", "", ""), ("同意", "同意", "同意"), ("", "新写的", "{+新写的+}"), ("旧的", "", "[-旧的-]"),
        ("我们不同意。", "我们都同意。", "我们[-不-]{+都+}同意。"),
        ("第一句。第二句。", "第一句。加一句。第二句。", "第一句。{+加一句。+}第二句。"),
        ("第一句。第二句。第三句。", "第一句。第三句。", "第一句。[-第二句。-]第三句。"), ("aaa", "aa", "aa[-a-]"), ("aa", "aaa", "aa{+a+}"),
        ("慰问老同志要求举牌拍照", "改过的概述", "[-慰问老同志要求举牌拍照-]{+改过的概述+}"),
        ("一行\n", "一行\n两行\n", "一行⏎{+两行⏎+}"),
    ])
    func `what went and what came is marked`(_ old: String, _ new: String, _ expected: String) {
        #expect(shown(old, new) == expected)
    }

    @Test func `long stretches that stay keep only their ends`() {
        let (before, after) = (String(repeating: "甲", count: 100) + "。", "。" + String(repeating: "乙", count: 100))
        let text = TextDifference(from: before + "不" + after, to: before + "都" + after).shown(isColoured: false, context: 3)
        #expect(text == "…甲甲。[-不-]{+都+}。乙乙…")
    }

    @Test func `a difference is coloured only where asked, and nothing in it moves the cursor`() {
        let difference = TextDifference(from: "a", to: "\u{1b}[2Jb")
        #expect(difference.shown(isColoured: true).contains("\u{1b}[32m{+"))
        #expect(!difference.shown(isColoured: false).contains("\u{1b}"))
        #expect(!difference.shown(isColoured: true).contains("[2Jb\u{1b}[2J"))
    }

    @Test(arguments: 0..<60)
    func `whatever the texts, each side can be read out of the difference`(_ seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        let alphabet = ["甲", "乙", "。", "a", "é", "e\u{301}", "👨‍👩‍👧", "\n", " ", ". ", "\r\n"]
        func text() -> String { (0..<Int.random(in: 0...80, using: &chance)).map { _ in chance.one(of: alphabet) }.joined() }
        let (old, new) = (text(), text())
        let difference = TextDifference(from: old, to: new)
        #expect(side(difference, isNew: false).utf8.elementsEqual(old.utf8))
        #expect(side(difference, isNew: true).utf8.elementsEqual(new.utf8))
    }

    @Test func `a sentence without an end is compared where it changed, however long`() {
        let (before, after) = (String(repeating: "甲", count: 100_000), String(repeating: "乙", count: 100_000))
        let text = TextDifference(from: before + "不" + after, to: before + "都" + after).shown(isColoured: false, context: 2)
        #expect(text == "…甲甲[-不-]{+都+}乙乙…")
        let whole = TextDifference(from: before, to: after).shown(isColoured: false)
        #expect(whole.count < 700)
    }

    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `texts of 200,000 characters are compared by their sentences`(_ isReversed: Bool) {
        let sentences = (0..<10_000).map { "这是第\($0)句话，写着一些事情和意见。" }
        var changed = sentences
        changed[17] = "这是改过的一句。"
        changed.remove(at: 9_000)
        let difference = TextDifference(
            from: sentences.joined(), to: (isReversed ? changed.reversed() : changed).joined())
        #expect(side(difference, isNew: false) == sentences.joined())
        if !isReversed {
            let removed = difference.parts.compactMap { if case .removed(let text) = $0 { text } else { nil } }
            #expect(removed.last == sentences[9_000])
        }
    }
}
