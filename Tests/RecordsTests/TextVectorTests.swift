import Support
import Testing

@testable import Records

struct TextVectorTests {
    @Test(arguments: Example.all(in: "text"))
    func `texts merge to the expected spans`(_ example: Example) {
        let merge = TextMerge(base: example["base"].text, sides: example["sides"].list.map(\.text))
        #expect(JSON.array(merge.spans.map(JSON.init)) == example["spans"])
    }

    @Test(arguments: Example.all(in: "text"))
    func `the sides in another order merge to the same spans`(_ example: Example) {
        let sides = example["sides"].list.map(\.text)
        let last = sides.count - 1
        let turned = TextMerge(base: example["base"].text, sides: sides.reversed())
        #expect(JSON.array(turned.spans.map { JSON($0.renumbered { last - $0 }) }) == example["spans"])
    }
}

extension JSON {
    fileprivate init(_ span: TextMerge.Span) {
        func numbers(_ sides: [Int]) -> JSON { .array(sides.map { .whole(Int64($0)) }) }
        switch span {
        case .same(let text):
            self = .object(["same": .string(Spelling(text))])
        case .merged(let base, let text, let sides):
            self = .object([
                "merged": .object([
                    "base": .string(Spelling(base)), "text": .string(Spelling(text)), "sides": numbers(sides),
                ])
            ])
        case .open(let base, let alternatives):
            self = .object([
                "open": .object([
                    "base": .string(Spelling(base)),
                    "alternatives": .array(
                        alternatives.map { .object(["text": .string(Spelling($0.text)), "sides": numbers($0.sides)]) }),
                    "punctuation": .bool(span.differsOnlyInPunctuation),
                ])
            ])
        }
    }
}
