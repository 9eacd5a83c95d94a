// dundian-server catalogue: which record types are in force, whether others could take their place, and putting them in force.

import ArgumentParser
import Dundian
import Files
import Foundation
import Server
import Terminal

struct CatalogueCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "catalogue", abstract: tr("管理记录类型目录。", "Manage the catalogue of record types."),
            subcommands: [ShowCatalogue.self, CheckCatalogue.self, UseCatalogue.self])
    }
}

private struct CatalogueFile {
    let catalogue: Catalogue

    init(_ path: String) throws {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Explanation(
                "file-unreadable", exit: ExitStatus.notFound,
                tr("读不到 \(Screen.safe(path))。", "\(Screen.safe(path)) cannot be read."),
                tr("请检查路径。", "Check the path."))
        }
        do { catalogue = try Catalogue(bytes: Array(bytes)) } catch {
            throw Explanation(
                "catalogue-malformed", exit: ExitStatus.badInput,
                tr("\(Screen.safe(path)) 不是记录类型目录：", "\(Screen.safe(path)) is no catalogue: ") + Screen.safe("\(error)"),
                tr(
                    "什么也没有改。格式见 protocol/catalogue/catalogue.schema.json。",
                    "Nothing was changed. The format is in protocol/catalogue/catalogue.schema.json."))
        }
    }
}

extension CatalogueRefused {
    var explanation: Explanation {
        Explanation(
            "catalogue-refused", exit: ExitStatus.badInput,
            tr(
                "这份目录不能代替现在的，会使已写的内容失去意义：\n",
                "This catalogue cannot take the place of the one in force; it would make nonsense of what was written:\n")
                + faults.prefix(20).map { "  " + Screen.safe("\($0)") }.joined(separator: "\n"),
            tr(
                "什么也没有改。类型、字段和选项只能添加；改动要提高 version。",
                "Nothing was changed. Types, fields and choices are only added; a change needs a higher version."))
    }
}

private struct ShowCatalogue: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "show", abstract: tr("在用的是哪一份，有哪些类型。", "Which is in force, and its types."))
    }
    @OptionGroup var options: Options

    func run() throws {
        try options.run { centre in
            let catalogue = centre.catalogue
            options.show(
                .object([
                    ("name", .string(catalogue.name)), ("version", .count(catalogue.version)),
                    ("sha256", .string(Data(catalogue.hash).map { String(format: "%02x", $0) }.joined())),
                    ("types", .list(catalogue.types.map { .string($0.key) })),
                ]),
                [tr("\(catalogue.name) 第 \(catalogue.version) 版", "\(catalogue.name), version \(catalogue.version)")]
                    + catalogue.types.map { "  \($0.key)  \($0.label[tr])" })
        }
    }
}

private struct CheckCatalogue: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check",
            abstract: tr("检查一份目录：本身对不对，能不能代替在用的。", "Check a catalogue: by itself, and in place of the one in force."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("目录文件。", "The catalogue file."), valueName: "file")) var file: String

    func run() throws {
        try options.run { centre in
            let next = try CatalogueFile(file).catalogue
            let faults = next.faults(replacing: centre.catalogue)
            guard faults.isEmpty else { throw CatalogueRefused(faults: faults).explanation }
            options.show(
                .object([("name", .string(next.name)), ("version", .count(next.version)), ("fits", .flag(true))]),
                [tr("可以使用：\(next.name) 第 \(next.version) 版。", "It can be used: \(next.name), version \(next.version).")])
        }
    }
}

private struct UseCatalogue: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "use",
            abstract: tr("启用一份目录：各电脑下次同步时换用。", "Put a catalogue in force; laptops take it with their next sync."),
            discussion: tr("服务正在运行的，须重新启动。", "A service that is running must be started anew."))
    }
    @OptionGroup var options: Options
    @Argument(help: ArgumentHelp(tr("目录文件。", "The catalogue file."), valueName: "file")) var file: String
    @Flag(
        name: .long,
        help: ArgumentHelp(
            tr(
                "换成另一套类型，而不是同一套的新版本。只在没有它所缺、或写法不同的类型的记录时可用。",
                "Change to another set of types, not a newer version of the same. Only while there are no records of types that it lacks or has otherwise."
            ))) var other =
        false

    func run() throws {
        try options.run { centre in
            let next = try CatalogueFile(file).catalogue
            let isOther = other && next.name != centre.catalogue.name
            let faults =
                isOther
                ? try next.faults(forRecordsOf: centre.catalogue.recorded(in: centre.replica), in: centre.catalogue)
                : next.faults(replacing: centre.catalogue)
            guard faults.isEmpty else { throw CatalogueRefused(faults: faults).explanation }
            // In this order: what was forgotten and not replaced is noted again with the next opening.
            if isOther { try centre.authority.forgetCatalogue() }
            let whole = try WholeFile(options.path + "/catalogue.json", replaces: true)
            try whole.write(next.bytes)
            try whole.finish()
            // Opened anew, it puts the file in force.
            _ = try options.open()
            options.show(
                .object([("name", .string(next.name)), ("version", .count(next.version))]),
                [
                    tr(
                        "已启用：\(next.name) 第 \(next.version) 版。正在运行的服务请重新启动。",
                        "In force: \(next.name), version \(next.version). Start a running service anew.")
                ])
        }
    }
}
