// dundian review: what waits for a person, and settling it. Without a sub-command on a terminal it is a session: one question a screen.

import ArgumentParser
import Dundian
import Terminal

struct Review: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "review", abstract: tr("裁定冲突：没有什么是悄悄定下的。", "Settle conflicts: nothing is settled silently."),
            discussion: tr(
                "各项都有编号，在哪台电脑上都一样。重要字段的裁定要另一个人同意才生效（list、show 里标明“须两人”）。",
                "Every item has an id, the same on every laptop. A decision about an important field holds once somebody else has approved it (list and show say \"two persons\")."
            ),
            subcommands: [
                ReviewList.self, ReviewShow.self, Take.self, ReviewEdit.self, Propose.self, Approve.self, SendBack.self,
                UndoDecision.self,
                Claim.self, Release.self, Assign.self, Comment.self, Decisions.self, ReviewDigest.self, Batch.self,
                ReviewStats.self,
                ReviewExport.self, ReviewSession.self,
            ], defaultSubcommand: ReviewSession.self)
    }
}

/// What all commands of review have in common.
struct ReviewOptions: ParsableArguments {
    @OptionGroup var options: Options
    @Flag(
        name: .long,
        help: ArgumentHelp(
            tr(
                "对着中心办：先收下中心的最新情况，做完当场送回，送不到就报错。",
                "Work against the centre: take in its newest state first, send the result at once, fail if it cannot be reached.")))
    var remote = false

    /// Opens the replica, with `--remote` brings it level with the centre before and after.
    func run(_ body: (ReviewDesk) throws -> Void) throws {
        try options.run { folder in
            if remote { try Self.exchange(folder) }
            try body(ReviewDesk(folder))
            if remote, try folder.replica.confirmations().contains(where: { $0.unconfirmed > 0 }) { try Self.exchange(folder) }
        }
    }

    private static func exchange(_ folder: ReplicaFolder) throws {
        guard let url = try folder.replica.setting("service-url") else {
            throw ReplicaError(.notJoined, message: "This replica has not joined a service.", next: "Run: dundian join URL CODE")
        }
        let summary = try folder.service(at: url, language: tr).sync(SyncOptions())
        guard summary.refusals.isEmpty else {
            throw Explanation(
                "refused", exit: ExitStatus.notTaken, summary.refusals.map { Screen.safe($0) }.joined(separator: "\n"),
                tr("什么也没有丢：dundian status", "Nothing is lost: dundian status"))
        }
        try folder.replica.setSetting(Status.lastSync, "\(SystemClock().now().rawValue)")
    }
}

struct ReviewShow: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: tr("显示一个待裁定事项和可选的做法。", "Show an item and the ways to settle it."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String

    func run() throws {
        try review.run { desk in
            let page = try desk.page(try desk.finder.item(item))
            review.options.show(page.json, page.lines + page.ways)
        }
    }
}
