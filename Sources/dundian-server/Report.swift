// dundian-server report: the merged state of an engagement, from what the centre holds at this moment.

import ArgumentParser
import Console
import Dundian
import Foundation
import Terminal

import Causality
import Files
import Replicas
import Server

struct Report: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "report",
            abstract: tr(
                "监督任务情况：谈了谁、还有谁、问题、超期、待裁定、各电脑同步。",
                "The state of an engagement: talks, who is left, findings, what is overdue or waits, laptops."),
            discussion: tr(
                "不写任务就列出全部任务。默认不含限知内容；--restricted 的表只供指定人员阅看。",
                "Without an engagement it lists them all. Restricted records stay out unless --restricted is there; such a report is for those named only."
            ))
    }
    @OptionGroup var options: Options
    @Argument(
        help: ArgumentHelp(
            tr("任务：编号（或其开头）、标题，或范围的名字。", "The engagement: its id or the beginning of it, its title, or its scope's name."),
            valueName: "engagement"))
    var engagement: String?
    @Option(
        name: .long,
        help: ArgumentHelp(tr("写成一个网页文件，可打印。", "Write it as a page, to read or print, into this file."), valueName: "file"))
    var html: String?
    @Flag(name: .long, help: ArgumentHelp(tr("覆盖已有的文件。", "Replace a file that is there."))) var force = false
    @Flag(name: .long, help: ArgumentHelp(tr("包括限知内容，并标明。", "Include what is restricted, marked as such."))) var restricted = false
    @Option(
        name: .long,
        help: ArgumentHelp(
            tr("按哪一天计天数和超期；默认今天。", "The day that days and deadlines are counted to; today by default."), valueName: "day"))
    var on: String?

    func validate() throws {
        if let on, Day(on) == nil {
            throw ValidationError(tr("日期须如 2026-05-11。", "A day is written as 2026-05-11."))
        }
        if engagement == nil, html != nil || restricted || on != nil {
            throw ValidationError(tr("请写明任务。", "Name the engagement."))
        }
        if force, html == nil {
            throw ValidationError(tr("--force 只用于 --html。", "--force belongs to --html."))
        }
    }

    func run() throws {
        try options.run { centre in
            let list = try centre.engagements()
            guard let engagement else {
                options.show(list.json(tr), list.lines(tr, width: Screen.columns))
                return
            }
            let line = try found(engagement, in: list)
            let now = centre.replica.clock.now()
            let minutes = TimeZone.current.secondsFromGMT(for: Date(timeIntervalSince1970: Double(now.rawValue) / 1000)) / 60
            let day = on.flatMap { Day($0) } ?? Day(milliseconds: now.rawValue, minutesEastOfUTC: minutes)
            let material = try centre.material(of: line.scope.id, restricted: restricted)
            guard
                let report = EngagementReport(
                    of: line.id, from: material, catalogue: centre.catalogue, calendar: try .national(with: options.path, tr),
                    on: day, minutesEastOfUTC: minutes,
                    restricted: restricted)
            else { throw unknown(engagement) }
            guard let html else {
                options.show(report.json(tr), report.lines(tr, width: Screen.columns))
                return
            }
            let file = try WholeFile(html, replaces: force)
            try file.write(report.page(tr))
            try file.finish()
            if options.json { Screen.print(report.json(tr).text) }
            Screen.complain(tr("已写入：", "Written: ") + Screen.safe(html))
        }
    }

    private func found(_ text: String, in list: EngagementList) throws -> EngagementList.Line {
        let meant = list.lines(meant: text)
        guard let line = meant.first else { throw unknown(text) }
        guard meant.count == 1 else {
            let lines = meant.prefix(5).map { "\n  \($0.short)  " + Screen.safe($0.title.value[tr]) }.joined()
            throw Explanation(
                "id-ambiguous", exit: ExitStatus.badInput,
                tr("“\(Screen.safe(text))”对应不止一个任务：", "\"\(Screen.safe(text))\" means several engagements:") + lines,
                tr("请用编号。", "Give the id."))
        }
        return line
    }

    private func unknown(_ text: String) -> Explanation {
        Explanation(
            "record-unknown", exit: ExitStatus.notFound,
            tr("中心没有这个监督任务：\(Screen.safe(text))。", "The centre holds no such engagement: \(Screen.safe(text))."),
            tr("查看全部：dundian-server report", "See all: dundian-server report"))
    }
}

extension Centre {
    func engagements() throws -> EngagementList {
        let roster = try authority.roster()
        return try replica.store.reading { reader in
            var material = ReportMaterial(roster: roster, records: [])
            var waiting: [ScopeID: Int] = [:]
            for scope in roster.scopes where scope.kind != .restricted {
                try read(scope.id, in: reader, types: ["engagement", "unit"], into: &material)
                if scope.kind == .ordinary { waiting[scope.id] = try reader.items(in: scope.id, limit: .max, offset: 0).count }
            }
            return EngagementList(material, catalogue: catalogue, waiting: waiting)
        }
    }

    /// What the centre holds that a report on this scope may speak of, all as it is at one moment.
    func material(of scope: ScopeID, restricted: Bool) throws -> ReportMaterial {
        let roster = try authority.roster()
        return try replica.store.reading { reader in
            let contacts = try Contact.all(in: reader).mapValues { ReportMaterial.Contact(seen: $0.seen, synced: $0.synced) }
            return try ReportMaterial(of: scope, roster: roster, restricted: restricted, contacts: contacts, in: reader)
        }
    }

    /// Every record of these types in a scope.
    private func read(_ scope: ScopeID, in reader: any StoreReader, types: [TypeKey], into material: inout ReportMaterial) throws {
        let page = 4_000
        for type in types {
            var offset = 0
            while true {
                let found = try reader.list(scope: scope, type: type, deleted: nil, limit: page, offset: offset)
                material.records += found.map { .init(scope: scope, state: $0.state) }
                if found.count < page { break }
                offset += page
            }
        }
    }
}
