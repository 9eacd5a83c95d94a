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
            lines.append(t("请先原样留一份副本，再与中心同步，或从备份恢复。", "Keep a copy as it is; then sync, or restore a backup."))
        }
        lines += quarantined.map { item in
            t("隔离：", "Quarantine: ")
                + "#\(item.id) \(item.journal):\(item.position) \(item.fault.code.rawValue) \(Screen.safe(item.fault.detail))"
        }
        return lines
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
