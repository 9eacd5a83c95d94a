// dundian due: what is to be answered or put right by when.

import ArgumentParser
import Console
import Dundian
import Terminal

struct DueCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "due",
            abstract: tr(
                "到期的：等回复的卡和书，没改完的整改。", "What is due: cards and letters that wait for a reply, rectifications that are not done."),
            discussion: tr(
                "卡和书的回复期限按工作日算，默认 15 个，从发出的次日起。",
                "Replies to cards and letters are due in working days, 15 unless written otherwise, from the day after they went out."
            ))
    }
    @OptionGroup var options: Options
    @Flag(name: .long, help: ArgumentHelp(tr("只列已经超期的。", "Only what is overdue."))) var overdue = false
    @OptionGroup var asOf: AsOf
    @OptionGroup var restriction: Restriction

    @Option(name: .long, help: ArgumentHelp(tr("最多列几项。", "List at most so many."), valueName: "count")) var limit = 100

    func validate() throws {
        guard limit > 0 else { throw ValidationError(tr("--limit 要大于 0。", "--limit is above 0.")) }
    }

    func run() throws {
        try options.run { folder in
            let report = try DueReport(
                of: folder.replica, catalogue: folder.catalogue, calendar: try folder.workingCalendar(), on: asOf.day,
                overdue: overdue, restricted: restriction.restricted, limit: limit)
            let (json, lines) = (try report.json(tr), try report.lines(tr, width: Output.width))
            options.show(json, lines)
        }
    }
}
