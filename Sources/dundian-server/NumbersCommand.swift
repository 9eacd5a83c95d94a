// dundian-server numbers: how far official numbers have come, and saying so after a restore.

import ArgumentParser
import Dundian
import Server
import Terminal

struct NumbersCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "numbers", abstract: tr("公文编号：给到了几号。", "Official numbers: how far they have come."),
            discussion: tr(
                "编号由中心在同步时给，按种类和年度连续。中心从备份恢复之后，须先确认各种类当年的最后一号。",
                "The service gives them with a sync, without gap for each kind and year. After it was restored from a backup, the last one of each has to be confirmed first."
            ),
            subcommands: [ListNumbers.self, ConfirmNumbers.self], defaultSubcommand: ListNumbers.self)
    }
}

extension Centre {
    /// A kind in words, in the types that are numbered.
    func label(ofKind kind: String) -> String {
        for type in catalogue.types {
            if let choice = type.numbering.flatMap({ type.field($0.kind)?.choice(kind) }) { return choice.label[tr] }
        }
        return kind
    }
}

private struct ListNumbers: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "list", abstract: tr("列出各种类、各年度的最后一号。", "List the last number of each kind and year."))
    }
    @OptionGroup var options: Options

    func run() throws {
        try options.run { centre in
            let counters = try centre.replica.numberCounters(centre.authority.numbered)
            var table = Table(header: [tr("种类", "Kind"), tr("年度", "Year"), tr("最后一号", "Last"), tr("状态", "State")])
            table.isRight = [1, 2]
            table.rows = counters.map {
                [
                    "\(centre.label(ofKind: $0.kind))\(tr("（", " ("))\($0.kind)\(tr("）", ")"))", "\($0.year)", "\($0.last)",
                    $0.waits ? tr("等待确认", "waits for confirmation") : tr("在给", "giving"),
                ]
            }
            options.show(
                .object([
                    (
                        "counters",
                        .list(
                            counters.map {
                                .object([
                                    ("kind", .string($0.kind)), ("year", .count($0.year)), ("last", .integer(Int64($0.last))),
                                    ("waits", .flag($0.waits)),
                                ])
                            })
                    )
                ]),
                counters.isEmpty ? [tr("还没有给过编号。", "No number was given yet.")] : table.lines(width: Screen.columns))
        }
    }
}

private struct ConfirmNumbers: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "confirm",
            abstract: tr("确认某种类某年度的最后一号，之后接着给。", "Say what the last number of a kind and year was; they go on from there."),
            discussion: tr(
                "请对照发文登记簿：宁可偏大，不可偏小。",
                "Compare with the register of what was sent out: too high leaves a gap, too low repeats a number."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("种类。", "The kind."), valueName: "kind")) var kind: String
    @Argument(help: ArgumentHelp(tr("年度。", "The year."), valueName: "year")) var year: Int
    @Argument(help: ArgumentHelp(tr("最后一号；没有给过写 0。", "The last number; 0: none was given."), valueName: "number")) var last: UInt64

    func run() throws {
        try options.run { centre in
            let kinds = centre.authority.numbered.flatMap { $0.forms.keys }.sorted()
            guard kinds.contains(kind) else {
                throw Explanation(
                    "kind-unknown", exit: ExitStatus.notFound,
                    tr("没有要编号的种类 \(Screen.safe(kind))。", "Nothing of kind \(Screen.safe(kind)) is numbered."),
                    tr("可用：", "There are: ") + kinds.joined(separator: " "))
            }
            do { try centre.replica.confirmNumber(kind: kind, year: year, last: last, centre.authority.numbered) } catch let error
                as ReplicaError where error.code == .choiceUnknown
            {
                throw Explanation(
                    "number-given", exit: ExitStatus.badInput,
                    tr("记录里已有更大的编号，\(last) 不是最后一号。", "A higher number is among the records, so \(last) was not the last."),
                    tr(
                        "什么也没有改。查看：dundian-server numbers；再对照登记簿。",
                        "Nothing was changed. See: dundian-server numbers, and the register."))
            }
            // What has waited for it gets its numbers now; the laptops have them with their next sync.
            let given = try centre.authority.roster().scopes.reduce(0) {
                try $0 + centre.replica.giveNumbers(in: $1.id, centre.authority.numbered)
            }
            options.show(
                .object([
                    ("kind", .string(kind)), ("year", .count(year)), ("last", .integer(Int64(last))), ("given", .count(given)),
                ]),
                [
                    tr(
                        "已确认：\(centre.label(ofKind: kind)) \(year) 年到 \(last) 号，接着往下给；刚给了 \(given) 个编号。",
                        "Confirmed: \(centre.label(ofKind: kind)), \(year), up to \(last); they go on from there. \(given) given now."
                    )
                ])
        }
    }
}
