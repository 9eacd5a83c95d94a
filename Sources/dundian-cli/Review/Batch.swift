// dundian review batch: many items of one obvious sort at once. Shown first, then done to exactly those.

import ArgumentParser
import Dundian
import Terminal

/// Which items a batch settles, and on what.
enum BatchRule: String, CaseIterable, ExpressibleByArgument {
    /// Values that say the same but for width and blanks: the newest.
    case sameValue = "same-value"
    /// Texts that differ only in punctuation wherever something is open: the newest.
    case punctuation
    /// The newest value.
    case newest
    /// What was written on one device.
    case device
}

struct Batch: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "batch",
            abstract: tr("按规则一次裁定许多项：先用 --dry-run 看，再办。", "Settle many items by a rule: look with --dry-run first, then do it."),
            discussion: tr(
                "same-value：只差全角半角和空白的；punctuation：只差标点的；newest：取最新写的；device：取某台电脑上写的（--device）。须两人的字段，成批的也只是提议。",
                "same-value: differing only in width and blanks; punctuation: only in punctuation; newest: the newest; device: what was written on one (--device). Where two persons are needed, a batch only proposes."
            ))
    }
    @OptionGroup var review: ReviewOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("规则：same-value punctuation newest device。", "The rule: same-value punctuation newest device."), valueName: "rule"))
    var rule: BatchRule
    @Option(name: .long, help: ArgumentHelp(tr("哪台电脑，用于 device。", "Which device, for the rule device."), valueName: "name"))
    var device: String?
    @OptionGroup var filter: ItemFilter
    @Flag(name: .long, help: ArgumentHelp(tr("只看会怎样，什么也不改。", "Only show what would be done."))) var dryRun = false
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("--dry-run 给出的校验码：其间有变化就什么也不做。", "The mark that --dry-run gave: nothing is done if something has changed since."),
            valueName: "mark"))
    var mark: String?
    @Option(name: .long, help: ArgumentHelp(tr("理由。", "The reason."), valueName: "text")) var reason: String?

    func validate() throws {
        guard (rule == .device) == (device != nil) else {
            throw ValidationError(tr("--device 与 --rule device 一起用。", "--device goes with --rule device."))
        }
        guard dryRun || mark != nil else {
            throw ValidationError(
                tr("请先用 --dry-run 看，再写它给出的 --mark。", "Look with --dry-run first, then give the --mark it printed."))
        }
        guard dryRun || rule == .sameValue || rule == .punctuation || reason?.isEmpty == false else {
            throw ValidationError(tr("裁定要有理由：--reason。", "A decision needs a reason: --reason."))
        }
    }

    private struct Plan {
        var page: ItemPage
        var number: Int
    }

    private var made: Reason {
        let code: Reason.Code =
            switch rule {
            case .sameValue, .punctuation: .same
            case .newest: .newer
            case .device: .other
            }
        return Reason(code, reason ?? "")
    }

    func run() throws {
        try review.run { desk in
            let plans = try filter.items(desk).compactMap { item -> Plan? in
                guard item.item.kind == .contested, !item.isProposed else { return nil }
                let page = try desk.page(item)
                return number(page, desk).map { Plan(page: page, number: $0) }
            }
            // Which items, as they stand, and what each becomes.
            let now = ReviewDesk.mark(of: [rule.rawValue] + plans.map { "\($0.page.item.id) \($0.page.mark) \($0.number)" })
            if dryRun { return show(plans, now, desk) }
            guard LegibleAlphabet.canonical(mark ?? "") == now else {
                throw Explanation(
                    "seen-otherwise", exit: ExitStatus.badInput,
                    tr(
                        "校验码 \(Screen.safe(mark ?? "")) 与现在的不符：规则或筛选不同，或在你看过之后有了变化；现在符合的有 \(plans.count) 项。",
                        "The mark \(Screen.safe(mark ?? "")) is not the present one: the rule or the filters are others, or something has changed since you looked; \(plans.count) items fit now."
                    ),
                    tr("什么也没有改。请再用 --dry-run 看一遍。", "Nothing was changed. Look again with --dry-run."))
            }
            var (settled, proposed, left) = (0, 0, [String]())
            for plan in plans {
                do {
                    let waits = try desk.replica.settle(
                        plan.page.item, by: .candidate(plan.number), reason: made, seen: plan.page.seen)
                    if waits { proposed += 1 } else { settled += 1 }
                } catch let error as ReplicaError where error.code == .itemUnknown || error.code == .choiceUnknown {
                    left.append(plan.page.id)
                }
            }
            review.options.show(
                .object([
                    ("settled", .count(settled)), ("proposed", .count(proposed)), ("left", .list(left.map(JSON.string))),
                ]),
                [
                    tr(
                        "裁定 \(settled) 项，提出 \(proposed) 项（等另一人同意），留下 \(left.count) 项。",
                        "\(settled) settled, \(proposed) proposed (somebody else has to approve), \(left.count) left.")
                ] + left.map { tr("  其间有变化：", "  changed meanwhile: ") + $0 })
        }
    }

    private func show(_ plans: [Plan], _ mark: String, _ desk: ReviewDesk) {
        func value(_ plan: Plan, _ i: Int) -> String {
            Screen.line(
                desk.showing.text(plan.page.choices[i].value, plan.page.item.item.field, plan.page.item.type).replacing(
                    "\n", with: " "), to: 60)
        }
        review.options.show(
            .object([
                ("count", .count(plans.count)), ("mark", .string(mark)),
                (
                    "items",
                    .list(
                        plans.map {
                            .object([
                                ("id", .string("\($0.page.item.id)")), ("chosen", desk.showing.json($0.page.choices[$0.number])),
                            ])
                        })
                ),
            ]),
            plans.flatMap { plan in
                [plan.page.head[0], tr("  取：", "  takes: ") + value(plan, plan.number)]
                    + plan.page.choices.indices.filter { $0 != plan.number }.map { tr("  舍：", "  not:   ") + value(plan, $0) }
            } + [
                tr(
                    "符合的有 \(plans.count) 项。什么也没有改；要办，把 --dry-run 换成：--mark \(mark)",
                    "\(plans.count) items fit. Nothing was changed; to do it, in place of --dry-run: --mark \(mark)")
            ])
    }

    /// Which of an item's choices the rule takes; nil: none.
    private func number(_ page: ItemPage, _ desk: ReviewDesk) -> Int? {
        let choices = page.choices
        guard !choices.contains(where: { $0.value == .erased }),
            let newest = choices.indices.max(by: { a, b in
                choices[a].time != choices[b].time ? choices[a].time < choices[b].time : choices[a].dot < choices[b].dot
            })
        else { return nil }
        // Of texts that merge, a choice must have a say wherever something is open.
        func hasSay(_ i: Int) -> Bool {
            page.telling.map { $0.merge.text(choosing: [Int?](repeating: i, count: $0.openCount)) != nil } ?? true
        }
        switch rule {
        case .newest: return hasSay(newest) ? newest : nil
        case .sameValue:
            let reduced = choices.map { $0.value.value.map { Self.reduced($0) } ?? "" }
            return Set(reduced).count == 1 && hasSay(newest) ? newest : nil
        case .punctuation:
            guard let telling = page.telling else { return nil }
            let open = telling.merge.spans.filter { if case .open = $0 { true } else { false } }
            return open.allSatisfy(\.differsOnlyInPunctuation) && hasSay(newest) ? newest : nil
        case .device:
            let there = choices.indices.filter { i in
                (try? desk.replica.origin(of: choices[i].dot, in: page.item.scope))?.device == device
            }
            return there.count == 1 && hasSay(there[0]) ? there[0] : nil
        }
    }

    private static func reduced(_ value: Value) -> String {
        guard case .text(let text) = value else { return value.plainText }
        var out = String.UnicodeScalarView()
        var isAfterBlank = false
        for scalar in text.unicodeScalars {
            guard !scalar.properties.isWhitespace else {
                isAfterBlank = true
                continue
            }
            let isWide = (0xff01...0xff5e).contains(scalar.value)
            let narrow = isWide ? Unicode.Scalar(scalar.value - 0xfee0) ?? scalar : scalar
            // Between words and numbers a blank says something; beside Chinese it does not.
            if isAfterBlank, let last = out.last, last.isOfWord, narrow.isOfWord { out.append(" ") }
            isAfterBlank = false
            out.append(narrow)
        }
        return String(out)
    }
}

extension Unicode.Scalar {
    /// A letter or digit of ASCII.
    fileprivate var isOfWord: Bool { properties.isAlphabetic && isASCII || ("0"..."9").contains(self) }
}
