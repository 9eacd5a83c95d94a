// What a person is told about the command line: help, complaints, manual pages, in their language and in cells.

import ArgumentParser
import Supervision
import Terminal
import Testing

private struct Tool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tool", abstract: "工具。", discussion: "第一段。\n  一行", version: "1.2",
        subcommands: [Go.self, Group.self, Bad.self])
}

private struct Group: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "group", abstract: "一组。", subcommands: [Inner.self])
}

private struct Inner: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "inner", abstract: "里面的。")
}

private enum Colour: String, ExpressibleByArgument, CaseIterable { case red, green }
private enum Many: String, ExpressibleByArgument, CaseIterable { case a, b, c, d, e, f, g }
private enum Speed: String, EnumerableFlag { case fast, slow }

private struct Choosy: ExpressibleByArgument {
    struct Refusal: Error, CustomStringConvertible { var description: String { "太挑剔" } }
    init?(argument: String) { nil }
}

private struct Go: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "go", abstract: "走。")
    @Argument(help: "去哪里。") var place: String
    @Option(help: "多少。") var count = 3
    @Option(help: "颜色。") var colour: Colour = .red
    @Option(help: "很多。") var many: Many = .a
    @Option(help: "必填。") var must: String
    @Flag(help: "静。") var quiet = false
    @Flag var speed: Speed = .fast
}

private struct Bad: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bad", abstract: "坏的。")
    @Option(name: .customShort("n"), help: "数。") var number: Int?
    @Option(help: "", transform: { _ -> Int in throw Choosy.Refusal() }) var picky: Int?
    @Flag(exclusivity: .exclusive) var speed: Speed
    func validate() throws { throw ValidationError("我们自己的话。") }
}

private func answer(_ line: String, _ t: Language = .chinese, columns: Int = 80) -> Answer {
    let arguments = line.split(separator: " ").map(String.init)
    do {
        var command = try Tool.parseAsRoot(arguments)
        try command.run()
    } catch { return Answer(error, Tool.self, arguments: arguments, columns: columns, t) }
    return Answer(ExitCode.success, Tool.self, arguments: arguments, columns: columns, t)
}

struct UsageTests {
    @Test(
        arguments: [
            ("go x --must a --cuont", "错误：没有选项“--cuont”。是不是“--count”？"), ("go x --must a --zzzzzzz", "错误：没有选项“--zzzzzzz”。"),
            ("go x --must a -z", "错误：没有选项“-z”。"),
            ("go x --must", "错误：“--must <must>”缺值。"), ("go x y --must a", "错误：多出了“y”。"),
            ("go x y z --must a", "错误：多出了 2 项：“y”、“z”。"),
            ("go --must a", "错误：缺少“<place>”。"), ("go x", "错误：缺少“--must <must>”。"),
            ("go x --quiet=1 --must a", "错误：选项“--quiet”不带值，却写了“1”。"),
            ("go x --must a --count z", "错误：“z”不能作“--count <数>”的值。"),
            ("go x --must a --colour z", "错误：“z”不能作“--colour <colour>”的值；可以是：“red”、“green”。"),
            ("go x --must a --many z", "错误：“z”不能作“--many <many>”的值；可以是："),
            ("go x --must a --fast --slow", "错误：“--slow”与前面的“--fast”冲突，只能写一个。"),
            ("bad --picky 1 --fast", "错误：“1”不能作“--picky <picky>”的值：太挑剔"), ("bad", "错误：下列各项要写其一：“--fast”、“--slow”。"),
            ("bad --fast", "错误：我们自己的话。"), ("nowhere", "错误：多出了“nowhere”。"),
            ("og x", "错误：没有“og”。是不是“go”？"), ("gruop", "错误：没有“gruop”。是不是“group”？"),
            ("gruop inner --zzz 1", "错误：没有“gruop”。是不是“group”？"), ("group iner x y", "错误：没有“iner”。是不是“inner”？"), ("x", "错误：多出了“x”。"),
            ("group xyzzy", "错误：多出了“xyzzy”。"),
            ("--generate-completion-script=csh", "错误：做不出“csh”的补全脚本。"),
        ])
    func `a wrong command line is explained in Chinese, and is a usage error`(_ line: String, _ said: String) throws {
        let answer = answer(line)
        #expect(String(try #require(answer.text.split(separator: "\n").first)) == said)
        #expect(answer.exit == ExitStatus.usage)
        #expect(!answer.isAsked)
    }

    @Test func `the rest of a complaint is Chinese too`() {
        let said = answer("go --must a").text
        #expect(
            said
                == "错误：缺少“<place>”。\n说明：<place>  去哪里。\n用法：tool go <place> [--count <数>] [--colour <colour>] [--many <many>]\n      --must <must> [--quiet] [--fast] [--slow]\n  详见：tool go --help"
        )
    }

    @Test func `in English it is what ArgumentParser says`() {
        #expect(answer("go --must a", .english).text.hasPrefix("Error: Missing expected argument '<place>'\nHelp:  <place>"))
        #expect(answer("gruop", .english).text.hasPrefix("Error: Unexpected argument 'gruop'. Did you mean 'group'?\n"))
        #expect(answer("og x", .english).text.hasPrefix("Error: Unexpected argument 'og'. Did you mean 'go'?\n"))
    }

    @Test func `what was typed cannot colour the screen`() {
        #expect(!answer("go \u{1B}[31m \u{202E}x --must a").text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
    }

    @Test(arguments: ["--help", "-h", "help", ""])
    func `help is in Chinese`(_ line: String) {
        let answer = answer(line)
        #expect(answer.isAsked)
        #expect(
            answer.text == """
                工具。

                第一段。
                  一行

                用法：tool <子命令>

                选项：
                  --version               显示版本。
                  -h, --help              显示说明。

                子命令：
                  go                      走。
                  group                   一组。
                  bad                     坏的。

                  某个子命令的说明：tool help <子命令>
                """)
    }

    @Test(arguments: ["go --help", "help go"])
    func `help of a command has its arguments, options and defaults`(_ line: String) {
        let text = answer(line).text
        #expect(text.contains("参数：\n  <place>                 去哪里。\n"))
        #expect(text.contains("--count <数>            多少。（默认：3）"))
        #expect(text.contains("--colour <colour>       颜色。（可选：red、green）（默认：red）"))
        for word in ["OVERVIEW", "USAGE", "ARGUMENTS", "OPTIONS", "default", "Show "] { #expect(!text.contains(word)) }
    }

    @Test func `help in English has ArgumentParser's headings`() {
        let text = answer("group --help", .english).text
        #expect(text.contains("USAGE: tool group <subcommand>"))
        #expect(text.contains("See 'tool help group <subcommand>' for detailed help."))
        #expect(text.contains("SUBCOMMANDS:\n  inner                   里面的。"))
    }

    @Test func `versions and completion scripts are left as they are`() {
        #expect(answer("--version").text == "1.2")
        #expect(answer("--generate-completion-script=bash").text.hasPrefix("#!/bin/bash"))
    }

    @Test(arguments: [20, 33, 40, 77])
    func `lines are wrapped by cells, and no mark begins one`(_ cells: Int) {
        let text = "本机的全部记录在一个文件夹里（--replica，或环境变量 DUNDIAN_REPLICA）。退出码：0 成功，3 检查发现问题，4 有内容未被收下。"
        let lines = HelpPage.wrapped(text, to: cells)
        #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
        for line in lines {
            #expect(Screen.width(line) <= cells)
            #expect(!"，。）：".contains(line.first ?? " "))
        }
    }

    @Test func `what is to be copied is not broken, in help and in manual pages`() throws {
        struct Long: ParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "long", discussion: Completing.install(String(repeating: "name", count: 20), .chinese))
        }
        let line = "bash  \(String(repeating: "name", count: 20)) completions bash > ~/.local/share/"
        let tree = try CommandTree(Long.self)
        #expect(HelpPage.text(tree, ["long"], columns: 80, .chinese).contains(line))
        #expect(Manuals.pages(tree, version: "1", .chinese)[0].text.contains(line.replacing("~", with: "\\(ti")))
    }

    @Test func `lines of a manual page may break between ideographs, not before a mark, and its name is plain`() throws {
        struct Chinese: ParsableCommand {
            static let configuration = CommandConfiguration(commandName: "zh", abstract: "一句话。", discussion: "先看，再写 a-b。")
        }
        let text = Manuals.pages(try CommandTree(Chinese.self), version: "1", .chinese)[0].text
        #expect(text.contains("zh \\- 一句话\n"))
        #expect(text.contains("先\\:看，\\:再\\:写 a\\-b。"))
    }

    @Test(arguments: Language.allCases)
    func `every command has a manual page that names its verbs`(_ language: Language) throws {
        let pages = Manuals.pages(try CommandTree(Tool.self), version: "1.2", language)
        #expect(pages.map(\.name) == ["tool.1", "tool-go.1", "tool-group.1", "tool-bad.1"])
        #expect(pages[0].text.contains(".TH \"TOOL\" 1 \"\" \"tool 1.2\""))
        #expect(pages[1].text.contains("\\fBtool go\\fR "))
        #expect(pages[1].text.contains("\\fB\\-\\-count <\(language("数", "count"))>\\fR"))
        #expect(pages[2].text.contains("\\fBtool group inner\\fR"))
    }

    @Test func `nothing in a help text is a request or an escape of roff`() throws {
        struct Odd: ParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "odd", abstract: ".so /etc/passwd", discussion: "'quoted'\n.TH x\n\\fBbold \\n(xx a-b")
        }
        let text = Manuals.pages(try CommandTree(Odd.self), version: "1", .english)[0].text
        let requests = text.split(separator: "\n").filter { $0.hasPrefix(".") || $0.hasPrefix("'") }.map { $0.prefix(3) }
        #expect(Set(requests).isSubset(of: [".\\\"", ".TH", ".SH", ".PP", ".TP", ".br", ".ad", ".nh"]))
        #expect(requests.count { $0 == ".TH" } == 1)
        #expect(text.contains("\\efBbold \\en(xx a\\-b"))
    }
}
