// Errors as a person reads them: what happened, what to do next, in their language; and the exit code a script reads.

package import Supervision

import Replicas
import TransportHTTP

/// Exit codes, after sysexits(3). Scripts may rely on them.
package enum ExitStatus {
    /// `check` found something wrong, or digests differ.
    package static let faultsFound: Int32 = 3
    /// A sync went through, but one side did not take something.
    package static let notTaken: Int32 = 4
    package static let usage: Int32 = 64
    package static let badInput: Int32 = 65
    package static let notFound: Int32 = 66
    package static let unreachable: Int32 = 69
    package static let `internal`: Int32 = 70
    package static let storage: Int32 = 74
    package static let tryAgain: Int32 = 75
    package static let distrusted: Int32 = 76
    package static let noPermission: Int32 = 77
}

/// An error ready to be shown.
package struct Explanation: Error, Sendable {
    package var code: String
    package var message: String
    package var next: String
    package var exit: Int32

    package init(_ code: String, exit: Int32, _ message: String, _ next: String) {
        (self.code, self.exit, self.message, self.next) = (code, exit, message, next)
    }

    /// Explains any error in this language.
    package init(_ error: any Error, _ t: Language) {
        switch error {
        case let explanation as Explanation: self = explanation
        case let error as ReplicaError: self.init(error, t)
        case let error as TransportError: self.init(error, t)
        case let fault as ValueFault: self.init(fault, t)
        case let missing as MissingYear: self.init(missing, t)
        default:
            self.init(
                "internal", exit: ExitStatus.internal, t("出现意外错误：\(error)", "An unexpected error: \(error)"),
                t("记录没有丢失。请把这一行告诉管理员。", "No record is lost. Tell the administrator this line."))
        }
    }

    private init(_ error: ReplicaError, _ t: Language) {
        let subject = Screen.safe(error.subject)
        func make(_ exit: Int32, _ zh: String, _ zhNext: String) -> Explanation {
            Explanation(error.code.description, exit: exit, t(zh, error.message), t(zhNext, error.next))
        }
        switch error.code {
        case .notJoined:
            self = make(ExitStatus.noPermission, "本机还没有加入中心服务，没有任何范围的权限。", "请运行：dundian join 地址 加入码")
        case .scopeNotGranted:
            self = make(ExitStatus.noPermission, "本机没有写入该范围的权限（\(subject)）。", "什么也没有保存。需要权限请联系管理员。")
        case .scopeUnknown: self = make(ExitStatus.notFound, "没有这个范围：\(subject)。", "请用 dundian status 查看本机有哪些范围。")
        case .recordUnknown: self = make(ExitStatus.notFound, "这里没有记录 \(subject)。", "请核对编号；如果是别人建的，请先同步。")
        case .recordDeleted:
            self = make(ExitStatus.badInput, "记录 \(subject) 已经删除。", "什么也没有改。要修改请先恢复：dundian record restore \(subject)")
        case .recordNotDeleted: self = make(ExitStatus.badInput, "记录 \(subject) 没有被删除。", "什么也没有改。")
        case .fieldContested:
            self = make(ExitStatus.badInput, "字段 \(subject) 有几个不同的值，还没有人裁定。", "什么也没有改。请先裁定：dundian review list")
        case .itemUnknown: self = make(ExitStatus.notFound, "这一项已不在待审之列：已被裁定，或情况有了变化。", "请看现在的待审项：dundian review list")
        case .choiceUnknown: self = make(ExitStatus.badInput, "这类待审项（\(subject)）不能这样裁定。", "什么也没有改。请看：dundian review show")
        case .approvalRefused:
            self = make(
                ExitStatus.noPermission, "这个裁定是你提出的，或者其中有你写的值，你不能同意它。", "什么也没有改。要由另一个人同意，可以请人：dundian review assign")
        case .checkBroken:
            self = make(ExitStatus.badInput, "这样写，两个字段彼此矛盾（\(subject)）。", "什么也没有保存。请把两个字段改到不矛盾。")
        case .scopeArchived:
            self = make(ExitStatus.noPermission, "范围 \(subject) 已经归档，不再写入。", "什么也没有保存。确要再用，请管理员取消归档，同步之后再写。")
        case .scopeUnsent:
            self = make(ExitStatus.tryAgain, "范围 \(subject) 还有没到中心的内容，不能移出本机。", "什么也没有移出。请再同步一次。")
        case .recordSealed:
            self = make(
                ExitStatus.noPermission, "记录 \(subject) 已经封存，谁也不再改它。",
                "什么也没有保存。要更正请另写一条更正记录，写明理由：dundian amendment new talk=编号 reason=理由")
        case .writeForbidden:
            self = make(ExitStatus.noPermission, subject, "什么也没有保存。请改写给别人，或让这一项空着。")
        case .entryTooLarge: self = make(ExitStatus.badInput, "这次保存的内容太大（\(subject) 字节）；一次最多 1 MiB、4096 个值。", "什么也没有保存。请分几次保存。")
        case .rosterRefused: self = make(ExitStatus.distrusted, "中心给的名册（第 \(subject) 版）接不上本机的名册。", "什么也没有改。请问管理员服务是否被替换或恢复过。")
        case .storeBusy: self = make(ExitStatus.tryAgain, "另一个程序正在写这个副本：\(subject)。", "什么也没有保存。等它结束后再试。")
        case .storeReadOnly: self = make(ExitStatus.storage, "无法写入：\(subject)。", "请让当前用户对该文件夹有写权限，或用 --replica 换一个文件夹。")
        case .storeFull: self = make(ExitStatus.storage, "磁盘已满：\(subject)。", "这次没有保存；以前保存的都在。请腾出空间后再试。")
        case .storeUnreadable:
            self = make(
                ExitStatus.storage, "读不出来：\(subject)。\(error.message)", "什么也没有改。请先把文件夹原样复制一份，再运行 dundian recover；不行就从备份恢复并同步。")
        case .storeTooNew: self = make(ExitStatus.storage, "\(subject) 是由更新版本的程序写的。", "什么也没有改。请使用该版本或更新的版本。")
        case .fileExists: self = make(ExitStatus.badInput, "\(subject) 已经存在。", "什么也没有写。请换一个名字，或用 --force 覆盖。")
        case .fileUnwritable:
            self = make(ExitStatus.storage, "写不了文件 \(subject)。", "没有留下写了一半的文件，原有的文件没有动。请核对路径、权限和 U 盘。")
        case .fileUnreadable: self = make(ExitStatus.notFound, "读不了文件 \(subject)。", "什么也没有收下。请核对路径、权限和 U 盘。")
        case .diskFull: self = make(ExitStatus.storage, "\(subject) 所在的磁盘已满。", "没有留下写了一半的文件，原有的文件没有动。请腾出空间，或换一个位置。")
        case .keyMissing: self = make(ExitStatus.storage, "找不到密钥 \(subject)。", "什么也没有改。请从备份恢复它；笔记本也可以用新的加入码重新加入：dundian join")
        case .changeMalformed: self = make(ExitStatus.badInput, "这次修改不合规范，无法保存（\(subject)）。", "什么也没有保存。")
        default: self = make(ExitStatus.internal, error.message, error.next)
        }
    }

    private init(_ error: TransportError, _ t: Language) {
        func make(_ exit: Int32, _ zh: String, _ zhNext: String) -> Explanation {
            Explanation(error.problem ?? error.code.rawValue, exit: exit, t(zh, error.message), t(zhNext, error.next))
        }
        switch error.code {
        case .unreachable: self = make(ExitStatus.unreachable, "连不上中心服务。（\(error.message)）", "什么也没有丢，写的内容都在本机。有网络时再试。")
        case .cut: self = make(ExitStatus.tryAgain, "同步中途断了。", "已完整收到的都已保存，什么也没有丢。网络恢复后再同步。")
        case .notDundian:
            self = make(ExitStatus.unreachable, "那个地址上的不是蹲点中心服务。（\(error.message)）", "什么也没有收下。若在需要登录的网络里，请先登录网络；否则请核对地址。")
        case .refused:
            // The service answers in the language it was asked in.
            let passing = ["storage-full", "internal", "too-many-attempts", "nonce-unknown", "session-unknown"]
            let isPassing = passing.contains(error.problem ?? "")
            self.init(
                error.problem ?? "refused", exit: isPassing ? ExitStatus.tryAgain : ExitStatus.noPermission, error.message,
                error.next)
        case .distrusted:
            self = make(ExitStatus.distrusted, "对方不能证明自己是本机加入的中心服务，或送来的内容不对。（\(error.message)）", "已收下的都验证过。请核对地址；若地址无误，请告诉管理员。")
        case .joinCodeMalformed: self = make(ExitStatus.badInput, "这不是加入码：加入码有 24 个字母和数字。", "请对照管理员给的加入码；连字符和大小写无所谓。")
        case .urlMalformed: self = make(ExitStatus.badInput, "这不是服务的地址。", "请按管理员写的地址输入，以 https:// 开头。")
        case .limitReached: self = make(ExitStatus.tryAgain, "流量已用到上限。", "传过的都留着，其余下次同步再传。")
        }
    }

    private init(_ fault: ValueFault, _ t: Language) {
        let (given, field, what) = (Screen.safe(fault.given), Screen.safe(fault.field), fault.what(t))
        self.init(
            "value-malformed", exit: ExitStatus.badInput,
            t("字段 \(field) 的值“\(given)”\(what)。", "Field \(field): \"\(given)\" \(what)."), t("什么也没有保存。", "Nothing was saved."))
    }

    /// As lines for a person, or as one line of JSON for a program.
    package func show(json: Bool, _ t: Language) {
        if json {
            Screen.complain(
                JSON.object([
                    ("error", .object([("code", .string(code)), ("message", .string(message)), ("next", .string(next))]))
                ]).text)
        } else {
            Screen.complain(t("错误：", "Error: ") + Screen.safe(message, lines: true))
            if !next.isEmpty { Screen.complain(t("下一步：", "Next: ") + Screen.safe(next, lines: true)) }
        }
    }
}

extension ValueFault {
    /// What the value should be, to stand behind the value itself.
    package func what(_ t: Language) -> String {
        switch reason {
        case .notNumber: t("应是数字", "should be a number")
        case .notDate: t("应是日期，如 2026-05-11", "should be a date, as 2026-05-11")
        case .notTime: t("应是时间，如 2026-05-11T09:30+08:00", "should be a time, as 2026-05-11T09:30+08:00")
        case .notYesNo: t("应是“是”或“否”", "should be yes or no")
        case .notChoice(let allowed): t("应是下列之一：", "should be one of: ") + allowed.joined(separator: t("、", ", "))
        case .notReference: t("不是任何记录的编号", "is no record's id")
        case .isList: t("不能是列表", "cannot be a list")
        }
    }
}
