// Who looks after an item: claim, release, assign, comment. Ordinary records that bind nobody.

import ArgumentParser
import Dundian
import Terminal

struct Claim: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "claim", abstract: tr("认领一项：别人看得到有人在办。", "Claim an item: others see that somebody is at it."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String
    @Option(name: .long, help: ArgumentHelp(tr("认领多少小时。", "For how many hours."), valueName: "hours")) var hours = 24

    func validate() throws {
        guard (1...720).contains(hours) else { throw ValidationError(tr("--hours 从 1 到 720。", "--hours is from 1 to 720.")) }
    }

    func run() throws {
        try review.run { desk in
            let item = try desk.finder.item(item)
            if let claim = try desk.handling(of: item).claim, claim.author != (try desk.replica.person()) {
                throw Explanation(
                    "claimed", exit: ExitStatus.badInput,
                    tr("\(desk.person(claim.author)) 已经认领了它。", "\(desk.person(claim.author)) has claimed it."),
                    tr("什么也没有改。认领不妨碍别人裁定。", "Nothing was changed. A claim keeps nobody from deciding."))
            }
            let until = Timestamp(milliseconds: desk.now.rawValue + Int64(hours) * 3_600_000)
            try desk.replica.say(.claim, about: item, until: until)
            review.options.show(
                .object([("id", .string("\(item.id)")), ("claimed_until", .integer(until.rawValue))]),
                [tr("已认领，到 \(ReviewDesk.minute(until))。", "Claimed until \(ReviewDesk.minute(until)).")])
        }
    }
}

struct Release: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "release", abstract: tr("不再认领。", "Give a claim up."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String

    func run() throws {
        try review.run { desk in
            let item = try desk.finder.item(item)
            try desk.replica.say(.release, about: item)
            review.options.show(.object([("id", .string("\(item.id)")), ("released", .flag(true))]), [tr("已放开。", "Given up.")])
        }
    }
}

struct Assign: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "assign",
            abstract: tr("请人裁定或同意，可定期限；再请别人就是委托。", "Ask somebody to decide or approve, by a day; asking another delegates it."),
            discussion: tr(
                "谁都可以替缺席的人办：期限一过，list 里标为逾期。",
                "Whoever may decide can stand in for who is absent: past its day an item shows as overdue."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String
    @Option(name: .long, help: ArgumentHelp(tr("请谁。", "Who is asked."), valueName: "person")) var to: String
    @Option(name: .long, help: ArgumentHelp(tr("几天之内。", "Within how many days."), valueName: "days")) var days: Int?
    @Option(name: .long, help: ArgumentHelp(tr("附言。", "A word with it."), valueName: "text")) var comment: String?

    func validate() throws {
        if let days, !(0...365).contains(days) { throw ValidationError(tr("--days 从 0 到 365。", "--days is from 0 to 365.")) }
    }

    func run() throws {
        try review.run { desk in
            let item = try desk.finder.item(item)
            let person = try desk.personID(to)
            let until = days.map { Timestamp(milliseconds: desk.now.rawValue + Int64($0) * 86_400_000) }
            try desk.replica.say(.assign, about: item, person: person, until: until, text: comment)
            review.options.show(
                .object([
                    ("id", .string("\(item.id)")), ("assigned_to", .string(person)),
                    ("due", until.map { .integer($0.rawValue) } ?? .null),
                ]),
                [tr("已请 \(desk.person(person))。", "\(desk.person(person)) was asked.")])
        }
    }
}

struct Comment: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "comment", abstract: tr("在一项下面留言，大家都看得到。", "Leave a comment on an item for everybody."))
    }
    @OptionGroup var review: ReviewOptions
    @Argument(help: ArgumentHelp(tr("事项编号，可只写开头。", "The item's id, or its beginning."), valueName: "item")) var item: String
    @Argument(help: ArgumentHelp(tr("留言。", "The comment."), valueName: "text")) var text: String

    func run() throws {
        try review.run { desk in
            let item = try desk.finder.item(item)
            try desk.replica.say(.comment, about: item, text: text)
            review.options.show(
                .object([("id", .string("\(item.id)")), ("commented", .flag(true))]), [tr("已留言。", "Comment left.")])
        }
    }
}
