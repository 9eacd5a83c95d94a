// Reports that the laptop's and the service's commands print alike.

import Causality
package import Journals
package import Replicas
package import Supervision

package enum Reports {
    package static func json(_ report: CheckReport, _ quarantined: [Quarantined]) -> JSON {
        .object([
            ("ok", .flag(report.faults.isEmpty)), ("scopes", .count(report.scopes)), ("entries", .count(report.entries)),
            ("records", .count(report.records)), ("held", .count(report.held)),
            ("lacking", .count(report.lacking)),
            ("faults", .list(report.faults.map { .string($0) })),
            (
                "quarantine",
                .list(
                    quarantined.map { item in
                        .object([
                            ("id", .integer(item.id)), ("scope", .string("\(item.scope)")), ("journal", .string("\(item.journal)")),
                            ("position", .string("\(item.position)")), ("code", .string(item.fault.code.rawValue)),
                            ("detail", .string(item.fault.detail)), ("time", .integer(item.time.rawValue)),
                            ("bytes", .count(item.bytes.count)),
                        ])
                    })
            ),
        ])
    }

    package static func lines(_ report: CheckReport, _ quarantined: [Quarantined], _ t: Language) -> [String] {
        var lines = [
            t(
                "范围 \(report.scopes) 个，日志条目 \(report.entries) 条，记录 \(report.records) 条。",
                "\(report.scopes) scopes, \(report.entries) entries, \(report.records) records.")
        ]
        if report.lacking > 0 {
            lines.append(
                t(
                    "其中 \(report.lacking) 条送来时缺了内容，又没有抹去的命令：以后每次同步都会再要。",
                    "\(report.lacking) entries came without values that no order took: every sync asks for them again."))
        }
        if report.held > 0 {
            lines.append(
                t(
                    "其中 \(report.held) 条已保存、但按名册暂不计入。",
                    "\(report.held) entries are stored but held: the roster does not let them count yet."))
        }
        if report.faults.isEmpty {
            lines.append(t("全部验证通过：链、签名、记录都对得上。", "All verified: chains, signatures and records agree."))
        } else {
            lines += report.faults.map { t("有问题：", "Fault: ") + Screen.safe($0) }
            lines.append(
                t(
                    "修复：先把整个文件夹原样复制一份，再运行 recover；它救出能救的，救不出的逐条说明。",
                    "To heal it: copy the whole folder as it is, then run recover; it saves what can be saved and names what cannot."
                ))
        }
        lines += quarantined.map { item in
            t("隔离：", "Quarantine: ")
                + "#\(item.id) \(item.journal):\(item.position) \(item.fault.code.rawValue) \(Screen.safe(item.fault.detail))"
        }
        return lines
    }

    // MARK: Recovery

    private static func json(_ damages: [RecoveryReport.Damage]) -> JSON {
        .list(
            damages.map {
                .object([
                    ("scope", .string("\($0.scope)")), ("entry", .string("\($0.dot)")), ("own", .flag($0.isOwn)),
                    ("at_centre", .flag($0.isAtCentre)),
                ])
            })
    }

    package static func json(_ report: RecoveryReport, damagedFile: String) -> JSON {
        .object([
            ("kept", .count(report.kept)), ("damaged", json(report.damaged)), ("behind", .count(report.behind)),
            ("rewritten", .count(report.rewritten)), ("salvaged_values", .count(report.salvagedValues)),
            ("lost", json(report.lost)), ("drafts", .count(report.drafts)),
            ("damaged_drafts", .list(report.damagedDrafts.map { .string($0) })),
            ("unreadable_settings", .list(report.unreadableSettings.map { .string($0) })),
            ("damaged_file", .string(damagedFile)),
        ])
    }

    package static func lines(_ report: RecoveryReport, damagedFile: String, _ t: Language) -> [String] {
        var lines = [
            t(
                "原样救出 \(report.kept) 条日志条目，草稿 \(report.drafts) 份。",
                "Saved as they are: \(report.kept) entries, \(report.drafts) drafts.")
        ]
        for damage in report.damaged {
            let whose = damage.isOwn ? t("本机写的", "this device's own") : t("别人写的", "somebody else's")
            let fate =
                damage.isAtCentre
                ? t("中心有，同步后回来", "the centre has it: it comes back with a sync")
                : damage.isOwn
                    ? t("中心没有", "the centre does not have it") : t("同步时向中心和同事取", "to be fetched from the centre or colleagues")
            lines.append(t("损坏：", "Damaged: ") + "\(damage.dot)" + t("（\(whose)，\(fate)）", " (\(whose); \(fate))"))
        }
        if report.behind > 0 {
            lines.append(
                t(
                    "另有 \(report.behind) 条排在损坏之后，同步时重新取。",
                    "\(report.behind) more stood behind damage and come again with a sync."))
        }
        if report.rewritten > 0 {
            lines.append(
                t(
                    "本机写的、中心还没有的 \(report.rewritten) 次保存，已用新的副本编号重写。",
                    "\(report.rewritten) own saves the centre did not have were written anew under a new replica id."))
        }
        if report.salvagedValues > 0 {
            lines.append(
                t(
                    "从记录里又救出 \(report.salvagedValues) 个值；它们可能与别的值并列，等人核对。",
                    "\(report.salvagedValues) values were saved out of their records; they may stand beside others and wait for review."
                ))
        }
        for damage in report.lost {
            lines.append(t("没能救出：", "Not saved: ") + "\(damage.dot)")
        }
        for name in report.damagedDrafts {
            lines.append(
                t(
                    "草稿 \(Screen.safe(name)) 有损坏：救出来了，但请通读核对再保存。",
                    "Draft \(Screen.safe(name)) is damaged: it was saved, but read it through before you save it."))
        }
        for name in report.unreadableSettings {
            lines.append(t("读不出的设置：\(name)", "A setting that cannot be read: \(name)"))
        }
        return lines + [
            t("损坏的原文件留在：", "The damaged file is kept: ") + Screen.safe(damagedFile),
            t("下一步：dundian sync，再 dundian check；都好了再删掉它。", "Next: dundian sync, then dundian check; delete it when all is well."),
        ]
    }

    package static func json(_ digests: [ScopeDigest], _ roster: Roster?) -> JSON {
        .object([
            (
                "scopes",
                .list(
                    digests.map { digest in
                        .object([
                            ("name", .optional(roster?.scope(digest.scope)?.name)), ("id", .string("\(digest.scope)")),
                            ("records", .count(digest.records)), ("digest", .string("\(digest.digest)")),
                            ("knowledge", .string("\(digest.knowledge)")),
                        ])
                    })
            )
        ])
    }

    package static func lines(_ digests: [ScopeDigest], _ roster: Roster?) -> [String] {
        digests.map { digest in
            let name = roster?.scope(digest.scope)?.name ?? "\(digest.scope)"
            return "\(Screen.padded(Screen.safe(name), to: 28)) \(digest.records)\t\(digest.digest)"
        }
    }
}
