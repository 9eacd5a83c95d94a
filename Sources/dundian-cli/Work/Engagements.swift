// dundian engagement state: the merged state of an engagement as this laptop has it.

import ArgumentParser
import Console
import Dundian
import Foundation
import Terminal

import Journals
import Replicas

struct EngagementState: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "state",
            abstract: tr(
                "任务情况：谈了谁、还有谁、天数、问题、超期、待裁定、各电脑。",
                "The state of an engagement: talks, who is left, days, findings, what is overdue or waits, laptops."),
            discussion: tr(
                "只算本机收到的；各电脑何时同步，本机只知道自己的，全部的看 dundian-server report。",
                "Of what is here. When other laptops synced, only the centre knows: dundian-server report."))
    }
    @OptionGroup var options: Options
    @Argument(
        help: ArgumentHelp(tr("任务的编号；只有一个时可不写。", "The engagement's id; not needed if there is only one."), valueName: "engagement"))
    var engagement: String?
    @OptionGroup var asOf: AsOf
    @Flag(name: .long, help: ArgumentHelp(tr("包括限知内容，并标明。", "Include what is restricted, marked as such."))) var restricted = false

    func run() throws {
        try options.run { folder in
            let finder = Finder(folder: folder)
            let engagement = try finder.engagement(engagement)
            guard let roster = try folder.replica.roster()?.roster else { return }
            let material = try folder.replica.store.reading {
                try ReportMaterial(of: engagement.scope, roster: roster, restricted: restricted, in: $0)
            }
            let now = folder.replica.clock.now()
            let minutes = TimeZone.current.secondsFromGMT(for: Date(timeIntervalSince1970: Double(now.rawValue) / 1000)) / 60
            guard
                let report = EngagementReport(
                    of: engagement.id, from: material, catalogue: folder.catalogue, calendar: try folder.workingCalendar(),
                    on: asOf.day, minutesEastOfUTC: minutes, restricted: restricted)
            else { return }
            options.show(report.json(tr), report.lines(tr, width: Screen.columns))
        }
    }
}
