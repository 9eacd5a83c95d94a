// Records out of a file of JSON lines: every line is looked at before anything is saved, and then all of them are saved in one
// transaction, or none.
//
//      {"scope":…,"type":…,"label":…,"fields":{…}}            makes a record; "@label" is how later lines refer to it
//      {"id":…,"scope":…,"type":…,"fields":{…}}               a record that has an id already: RecordLine writes such lines
//
// What a line may change of a record that is here: Importer+Updates.

package import Causality
import Foundation
package import Records
package import Replicas
package import Supervision

package struct Importer {
    /// Finds the scope a line is for.
    package typealias Scopes = (_ name: String?, _ type: Catalogue.RecordType?) throws -> ScopeID

    /// What a file would do.
    package struct Plan {
        package var created: [RecordID] = []
        package var updated: [RecordID] = []
        /// Records that are here already, just as the file has them.
        package var unchanged = 0
        /// Orders to erase that are not here: a file gives none.
        package var orders = 0
        /// Records changed elsewhere, too, since the line was exported, with the fields that have several values now; none: it was deleted.
        package var crossed: [(record: RecordID, fields: [FieldKey])] = []
        package var changes: [(scope: ScopeID, change: Change)] = []
        /// Records that are made to be deleted at once: the file has them as deleted.
        var deleted: [(scope: ScopeID, record: RecordID)] = []

        package init() {}
    }

    /// How many faulty lines are told of.
    static let faultsMax = 20

    let replica: Replica
    let catalogue: Catalogue
    let updates: Bool
    let message: String?
    let t: Language
    let scope: Scopes
    private var line: RecordLine { RecordLine(catalogue) }

    /// - Parameters:
    ///   - updates: whether records that are here and differ are changed to what the file says, instead of refused.
    ///   - message: stands beside each change in the history.
    package init(
        replica: Replica, catalogue: Catalogue, updates: Bool = false, message: String? = nil, _ t: Language,
        scope: @escaping Scopes
    ) {
        (self.replica, self.catalogue, self.updates) = (replica, catalogue, updates)
        (self.message, self.t, self.scope) = (message, t, scope)
    }

    /// Looks at every line and saves nothing. If lines are faulty, the error names them.
    package func plan(_ file: [UInt8]) throws -> Plan {
        var plan = Plan()
        var labels: [String: RecordID] = [:]
        var seen: Set<RecordID> = []
        var faults: [(line: Int, explanation: Explanation)] = []
        let bytes = file.starts(with: Array(CSV.byteOrderMark.utf8)) ? file.dropFirst(3) : file[...]
        for (i, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            // Lines end with LF or CRLF, whichever editor wrote them.
            let content = line.last == 0x0D ? line.dropLast() : line
            if content.isEmpty { continue }
            do { try read(content, into: &plan, &labels, &seen) } catch { faults.append((i + 1, Explanation(error, t))) }
        }
        if let first = faults.first {
            let shown = faults.prefix(Self.faultsMax).map { t("第 \($0.line) 行：", "Line \($0.line): ") + $0.explanation.message }
            let more = faults.count - shown.count
            throw Explanation(
                first.explanation.code, exit: ExitStatus.badInput,
                (shown + (more > 0 ? [t("另有 \(more) 行有问题。", "\(more) more lines are faulty.")] : [])).joined(separator: "\n"),
                faults.first { Self.codesOfUpdates.contains($0.explanation.code) }?.explanation.next
                    ?? t("什么也没有保存；改好文件后再试。", "Nothing was saved; mend the file and try again."))
        }
        return plan
    }

    func malformed(_ zh: String, _ en: String) -> Explanation {
        Explanation("line-malformed", exit: ExitStatus.badInput, t(zh, en), "")
    }

    private func read(
        _ bytes: ArraySlice<UInt8>, into plan: inout Plan, _ labels: inout [String: RecordID], _ seen: inout Set<RecordID>
    ) throws {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw malformed("不是 UTF-8 文本", "not UTF-8 text") }
        guard let object = try? JSONDecoder().decode(JSON.self, from: Data(bytes)), case .object = object else {
            throw malformed("不是 JSON 对象", "not a JSON object")
        }
        if object["notice"] != nil { return }
        guard let type = object["type"]?.string, case .object(let given)? = object["fields"] else {
            throw malformed("缺 type 或 fields", "type or fields is missing")
        }
        guard (1...64).contains(type.utf8.count), given.allSatisfy({ (1...64).contains($0.0.utf8.count) }) else {
            throw malformed("类型名和字段名须为 1 到 64 字节", "a type's or field's name has 1 to 64 bytes")
        }
        if TypeKey(type) == ErasureOrder.type {
            plan.orders += 1
            return
        }
        let known = catalogue.type(TypeKey(type))
        let scope = try scope(object["scope"]?.string, known)
        var fields = try given.compactMap { key, json in
            try line.input(json, key, known?.field(key), labels: labels).map { (FieldKey(key), $0) }
        }
        let contested = try self.contested(object["contested"], known, labels)
        let isDeleted = object["deleted"]?.isTrue ?? false
        guard let text = object["id"] else {
            let id = replica.freshRecordID()
            try create(id, TypeKey(type), scope, fields, contested, isDeleted, into: &plan)
            if let label = object["label"]?.string { labels[label] = id }
            return
        }
        guard let id = text.string.flatMap({ RecordID(hex: $0) }) else {
            throw malformed("id 须为 32 个十六进制数字", "an id has 32 hexadecimal digits")
        }
        guard seen.insert(id).inserted else { throw malformed("记录 \(id) 在文件里出现了两次", "record \(id) is in the file twice") }
        if let label = object["label"]?.string { labels[label] = id }
        guard let record = try replica.record(id) else {
            return try create(id, TypeKey(type), scope, fields, contested, isDeleted, into: &plan)
        }
        let basis = updates ? try basis(object) : .unsaid
        let base = try base(record, basis)
        let then = base ?? record
        guard record.scope == scope, record.type.rawValue == type, then.isDeleted == isDeleted else {
            throw differs(id, record.scope != scope ? "scope" : record.type.rawValue != type ? "type" : "deleted")
        }
        for (field, candidates) in contested {
            guard case .contested(_, let among)? = then[field],
                Set(among.map(\.value)) == Set(candidates.map { Content.value($0) })
            else { throw differs(id, field.rawValue) }
        }
        fields.removeAll { field in contested.contains { $0.field == field.0 } }
        guard let edit = try replica.amendment(of: then.state, fields) else {
            plan.unchanged += 1
            return
        }
        guard updates, !isDeleted else {
            throw differs(id, edit.writes.map(\.field.rawValue).joined(separator: t("、", ", ")))
        }
        try update(record, base, by: edit, basis, into: &plan)
    }

    private func differs(_ id: RecordID, _ what: String) -> Explanation {
        Explanation(
            "record-differs", exit: ExitStatus.badInput,
            t("记录 \(id) 本机已有，内容不同（\(Screen.safe(what))）", "record \(id) is here and differs (\(Screen.safe(what)))"), "")
    }

    private typealias Contested = [(field: FieldKey, candidates: [Value])]

    /// Erased candidates are left out: nobody knows what they said.
    private func contested(
        _ json: JSON?, _ type: Catalogue.RecordType?, _ labels: [String: RecordID]
    ) throws -> Contested {
        guard case .object(let members)? = json else { return [] }
        return try members.map { key, json in
            guard case .list(let items) = json, !items.isEmpty else {
                throw malformed("contested 须为各字段的值的列表", "contested lists the values of each field")
            }
            let values = try items.compactMap { item -> Value? in
                guard let value = item["value"] else {
                    throw malformed("contested 中缺 value", "a value is missing in contested")
                }
                return RecordLine.isErased(value) ? nil : try line.element(value, key, type?.field(key), labels)
            }
            return (FieldKey(key), values)
        }
    }

    /// A contested field stays contested: each candidate is written as by somebody who had not seen the others.
    private func create(
        _ id: RecordID, _ type: TypeKey, _ scope: ScopeID, _ fields: [(FieldKey, FieldInput)], _ contested: Contested,
        _ isDeleted: Bool, into plan: inout Plan
    ) throws {
        let settled = fields.filter { field in !contested.contains { $0.field == field.0 } }
        var edits: [Edit] = []
        for round in 1..<max(1, contested.map(\.candidates.count).max() ?? 1) {
            let writes = contested.filter { $0.candidates.count > round }.map { field, candidates in
                Write(.put, field: field, value: .value(candidates[candidates.count - 1 - round]))
            }
            edits.insert(RecordState(record: id, type: type).edit(writes), at: 0)
        }
        let shown = contested.compactMap { field, candidates in candidates.last.map { (field, FieldInput.value($0)) } }
        let last = try replica.creation(of: id, type, settled + shown)
        if isDeleted { plan.deleted.append((scope, id)) }
        for edit in edits + [last] { plan.changes.append((scope, try replica.change([edit], message: message))) }
        plan.created.append(id)
    }

    /// Saves what was planned: all of it, or nothing.
    package func commit(_ plan: Plan) throws {
        guard !plan.changes.isEmpty else { return }
        let deletion = try replica.change([], message: message)
        try replica.commit(plan.changes) { reader in
            try plan.deleted.compactMap { scope, record in
                guard let state = try reader.state(of: record, in: scope) else { return nil }
                var change = deletion
                change.edits = [state.edit([Write(.delete)])]
                return (scope, change)
            }
        }
    }
}
