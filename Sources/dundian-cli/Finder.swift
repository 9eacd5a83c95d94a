// Finds what a person means: a record or a review item by an id or its beginning, a scope by its name.

import Dundian
import Terminal

struct Finder {
    let folder: ReplicaFolder
    let showing: Showing
    var replica: Replica { folder.replica }

    init(folder: ReplicaFolder) {
        self.folder = folder
        showing = Showing(folder: folder)
    }

    func record(_ text: String) throws -> Record {
        let matches = try ShortID(text).map { try replica.records(beginning: $0, limit: 6) } ?? []
        guard matches.count < 2 else {
            throw ambiguous(text, try matches.compactMap { try replica.record($0) }.map { showing.line($0) })
        }
        guard let id = matches.first, let record = try replica.record(id) else {
            throw ReplicaError(
                .recordUnknown, text, message: "There is no record \(Screen.safe(text)) here.",
                next: "Check the id (at least four of its characters); if somebody else made it, sync first.")
        }
        return record
    }

    /// The record an id means, of the one type that will do.
    func record(_ text: String, of type: TypeKey) throws -> Record {
        let record = try record(text)
        guard record.type == type else {
            let command = folder.catalogue.type(type)?.commandName ?? "record"
            throw mismatch(record, type, next: tr("查看：", "See them: ") + "dundian \(command) list")
        }
        return record
    }

    /// A record is of another type than what is done takes.
    func mismatch(_ record: Record, _ type: TypeKey, next: String) -> Explanation {
        let (short, other, wanted) = (
            showing.short(record.id), Screen.safe(showing.label(record.type)), Screen.safe(showing.label(type))
        )
        return Explanation(
            "type-mismatch", exit: ExitStatus.badInput,
            tr("\(short) 是“\(other)”，不是“\(wanted)”。", "\(short) is a \(other), not a \(wanted)."), next)
    }

    func item(_ text: String) throws -> QueuedItem {
        let matches = try ShortID(text).map { try replica.reviewItems(beginning: $0, limit: 6) } ?? []
        guard matches.count < 2 else {
            throw ambiguous(text, try matches.map { showing.line($0, try replica.record($0.item.record, in: $0.scope)) })
        }
        guard let item = matches.first else {
            throw ReplicaError(
                .itemUnknown, text, message: "No open review item begins with \(Screen.safe(text)).",
                next: "Look at what is open: dundian review list")
        }
        return item
    }

    private func ambiguous(_ text: String, _ lines: [String]) -> Explanation {
        let shown = lines.prefix(5).map { "\n  " + $0 }.joined() + (lines.count > 5 ? "\n  ……" : "")
        return Explanation(
            "id-ambiguous", exit: ExitStatus.badInput,
            tr("编号 \(Screen.safe(text)) 对应不止一条：", "\(Screen.safe(text)) is the beginning of several ids:") + shown,
            tr("请多写几位。", "Give more of it."))
    }

    /// The type a name means; one the catalogue does not know stands for itself.
    func type(_ name: String) -> (key: TypeKey, known: Catalogue.RecordType?) {
        let known = folder.catalogue.type(named: name)
        return (TypeKey(known?.key ?? name), known)
    }

    /// The record a field is to refer to. All of an id is taken as it is: the record may not have come here yet.
    func reference(_ text: String, _ field: Catalogue.Field?) throws -> RecordID? {
        if let id = RecordID(hex: text) { return id }
        return try record(text).id
    }

    /// The records a filter on a reference field means: by id, or by part of the title.
    func records(like text: String, _ field: Catalogue.Field) throws -> Set<RecordID> {
        var found = Set(try ShortID(text).map { try replica.records(beginning: $0, limit: 100) } ?? [])
        let needle = Filter.folded(text)
        try replica.forEachRecord(type: field.target.map { TypeKey($0) }) { scope, state in
            if Filter.folded(showing.title(state)).contains(needle) { found.insert(state.record) }
        }
        // Whoever looks for one finds what is said of the others that are the same.
        return Set(found.flatMap(showing.joined.members))
    }

    /// The scope a name means; without a name the only granted one of the type's kind.
    func scope(_ name: String?, for type: Catalogue.RecordType?) throws -> ScopeID {
        guard let roster = try replica.roster()?.roster else {
            throw ReplicaError(
                .notJoined, message: "This replica has not joined a service, so nobody has granted it a scope.",
                next: "Run: dundian join URL CODE")
        }
        let scopes = roster.scopes(of: replica.key)
        if let name {
            guard let scope = scopes.first(where: { $0.name == name || $0.title == name }) else {
                throw ReplicaError(
                    .scopeUnknown, name, message: "This device has no scope \(Screen.safe(name)).", next: "See: dundian status")
            }
            if type?.scope == .restricted, scope.kind != .restricted {
                throw Explanation(
                    "scope-unfit", exit: ExitStatus.badInput,
                    tr(
                        "这类记录只能放在限知范围里，\(Screen.safe(name)) 不是。",
                        "Records of this type belong in a restricted scope, which \(Screen.safe(name)) is not."),
                    tr("什么也没有保存。dundian status 可查看范围。", "Nothing was saved. See dundian status."))
            }
            return scope.id
        }
        let kind: Roster.Scope.Kind =
            switch type?.scope {
            case .directory?: .directory
            case .restricted?: .restricted
            default: .ordinary
            }
        let fitting = scopes.filter { $0.kind == kind }
        guard fitting.count == 1 else {
            throw Explanation(
                "scope-ambiguous", exit: ExitStatus.badInput,
                fitting.isEmpty
                    ? tr("本机没有适合这类记录的范围。", "This device has no scope for this type of record.")
                    : tr("有几个范围适合这类记录。", "Several scopes fit this type of record."),
                tr("请用 --scope 写明范围；dundian status 可查看。", "Name one with --scope; see dundian status."))
        }
        return fitting[0].id
    }
}
