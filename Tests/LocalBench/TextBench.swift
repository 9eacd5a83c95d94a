// What merging long texts costs, beside the standard library's difference of the same sentences in the same run.
//
//   dundian-bench-local text [CHARACTERS]

import ArgumentParser
import BenchSupport
import Foundation
import Records

struct TextBench: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "text")
    @Argument(help: "How many characters.") var characters = 200_000

    func run() throws {
        // Bodies of workload W, one behind the other; each side has some of them in their second version.
        let count = UInt64(characters / 230 + 1)
        func text(_ isSecond: (UInt64) -> Bool) -> String {
            (0..<count).map { i in
                Workload(i, version: isSecond(i) ? 2 : 1).fields.first { $0.key == "body" }?.value.plainText ?? ""
            }.joined(separator: "\n")
        }
        let base = text { _ in false }
        print("texts of \(base.count) characters, \(base.utf8.count) bytes")
        for (what, every) in [("one paragraph in 100 changed", UInt64(100)), ("one in 10", 10), ("all of them", 1)] {
            let sides = (UInt64(0)..<2).map { side in text { $0 % every == side % every } }
            var merge = TextMerge(base: base, sides: [])
            let merging = median { merge = TextMerge(base: base, sides: sides) }
            let sentences = ([base] + sides).map { $0.split(separator: "。", omittingEmptySubsequences: false) }
            var changes = 0
            let differing = median {
                changes = sides.indices.map { sentences[$0 + 1].difference(from: sentences[0]).count }.reduce(0, +)
            }
            print(
                line(
                    what,
                    "\(figure(merging * 1000)) ms to merge two sides; the library's difference of their sentences \(figure(differing * 1000)) ms; ratio "
                        + "\(figure(differing / merging)) (\(merge.spans.count) spans, \(changes) sentences)"))
        }
    }

    private func median(_ body: () -> Void) -> Double {
        (0..<5).map { _ in seconds(body) }.sorted()[2]
    }
}
