// The records of an engagement's scope as the rules and answers of the domain read them.

import Dundian
import Terminal

extension Finder {
    /// What the domain's rules look at around a record: all of its scope and, of the shared directory, everything. A restricted record is read with
    /// the scopes of what it refers to, an engagement with the restricted ones, where its clues are.
    func caseFile(around record: Record) throws -> CaseFile {
        var scopes: Set<ScopeID> = [record.scope]
        if record.type == "engagement" {
            let granted = try replica.roster()?.roster.scopes(of: replica.key) ?? []
            scopes.formUnion(granted.filter { $0.kind == .restricted }.map(\.id))
        }
        for field in record.fields {
            guard case .reference(let id)? = field.outcome.candidate?.value.value, let scope = try replica.scope(of: id) else {
                continue
            }
            scopes.insert(scope)
        }
        return try caseFile(of: scopes)
    }

    /// All that is here of some scopes, the shared directory with it; without any named, of all.
    func caseFile(of scopes: Set<ScopeID>? = nil) throws -> CaseFile {
        let granted = try replica.roster()?.roster.scopes(of: replica.key) ?? []
        let directory = granted.filter { $0.kind == .directory }.map(\.id)
        let asked = scopes ?? Set(granted.map(\.id))
        return CaseFile(
            try replica.states(in: asked.union(directory).sorted()), catalogue: folder.catalogue, same: showing.joined.firsts)
    }

    /// The engagement a person means; without an id the only one that is not closed here.
    func engagement(_ text: String?) throws -> Record {
        if let text {
            let record = try record(text)
            if record.type == "engagement" { return record }
            if case .reference(let id)? = record.value("engagement"), let engagement = try replica.record(id) { return engagement }
            throw Explanation(
                "engagement-unknown", exit: ExitStatus.badInput,
                tr("\(Screen.safe(text)) 不是监督任务。", "\(Screen.safe(text)) is no engagement."),
                tr("查看任务：dundian engagement list", "See them: dundian engagement list"))
        }
        var all: [Record] = []
        try replica.forEachRecord(type: "engagement", deleted: false) { scope, state in
            if let record = try replica.record(state.record, in: scope) { all.append(record) }
        }
        let open = all.filter { $0.text("status") != "closed" }
        let fitting = open.isEmpty ? all : open
        guard fitting.count == 1 else {
            throw Explanation(
                "engagement-ambiguous", exit: ExitStatus.badInput,
                fitting.isEmpty
                    ? tr("本机没有监督任务。", "There is no engagement here.")
                    : tr("本机有几个监督任务：", "There are several engagements here:")
                        + fitting.prefix(8).map { "\n  " + showing.line($0) }.joined(),
                fitting.isEmpty
                    ? tr("请先同步或新建：dundian engagement new", "Sync first, or make one: dundian engagement new")
                    : tr("请写明编号。", "Name one by its id."))
        }
        return fitting[0]
    }
}

extension Finder {
    /// The amendments of a sealed talk note, by their day.
    func amendments(of talk: Record) throws -> [Record] {
        guard talk.type == "talk" else { return [] }
        return try replica.records(referringTo: [talk.id]).filter {
            $0.type == "amendment" && $0.scope == talk.scope && $0.reference("talk") == talk.id
        }.sorted { ($0.text("made_on") ?? "", $0.id) < ($1.text("made_on") ?? "", $1.id) }
    }
}

extension Showing {
    /// What stands beside a sealed note: it is not changed, only amended.
    func lines(amendments: [Record]) -> [String] {
        guard !amendments.isEmpty else { return [] }
        return [tr("  更正（\(amendments.count) 条）：", "  Amendments (\(amendments.count)):")]
            + amendments.flatMap { amendment -> [String] in
                let head =
                    "\(short(amendment.id))  \(amendment.text("made_on") ?? "")  \(amendment.text("made_by") ?? "")  \(tr("理由：", "reason: "))\(amendment.text("reason") ?? "")"
                return Paragraph.lines(Screen.safe(head), indent: 6, width: Output.width)
                    + Paragraph.lines(
                        Screen.safe(
                            (amendment.text("section").map { $0 + tr("：", ": ") } ?? "") + (amendment.text("text") ?? ""),
                            lines: true), indent: 8,
                        width: Output.width)
            }
    }
}
