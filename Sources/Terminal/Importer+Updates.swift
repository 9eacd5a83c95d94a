// What a line may change of a record that is here. It must never write over a value that its author had not seen:
//
//      "seen"         the version it was exported from: the line is an edit of that version. What came since is kept beside it, for review
//      "changed_at"   without "seen": a field that was changed later than that is refused
//      neither        a field is filled where it is empty; a value is replaced, an element taken away, where this person wrote it

import Causality
import Journals
import Records
import Replicas
import Supervision

extension VersionVector {
    /// `journal:position`, with commas between; empty for nothing seen.
    package var text: String { components.map { "\($0.journal):\($0.position)" }.joined(separator: ",") }

    /// Nil for what `text` never says.
    package init?(text: String) {
        self.init()
        for component in text.split(separator: ",", omittingEmptySubsequences: true) {
            let pair = component.split(separator: ":", omittingEmptySubsequences: false)
            guard pair.count == 2, let journal = JournalID(hex: pair[0]), let position = UInt64(pair[1]) else { return nil }
            see(Dot(journal, Position(rawValue: position)))
        }
    }
}

extension Importer {
    /// What a line says of the record it was made from.
    enum Basis {
        case version(VersionVector)
        case time(Timestamp)
        case unsaid
    }

    /// Explanations that say of themselves what to do next.
    static let codesOfUpdates: Set<String> = ["version-missing", "field-changed-since", "version-unsaid"]

    func basis(_ line: JSON) throws -> Basis {
        if let seen = line["seen"] {
            guard let vector = seen.string.flatMap(VersionVector.init(text:)) else {
                throw malformed("seen 须照导出的原样", "seen is to be as it was exported")
            }
            return .version(vector)
        }
        if case .integer(let time)? = line["changed_at"] { return .time(Timestamp(milliseconds: time)) }
        return .unsaid
    }

    /// The record as the line's author saw it; nil if that version is not here.
    func base(_ record: Record, _ basis: Basis) throws -> Record? {
        guard case .version(let seen) = basis, seen != record.state.vector else { return record }
        return record.state.vector.covers(seen) ? try replica.record(record.id, at: seen) : nil
    }

    /// Plans an edit of what the line's author saw, or refuses it.
    /// - Parameter base: nil: the version the line names is not here.
    func update(_ record: Record, _ base: Record?, by edit: Edit, _ basis: Basis, into plan: inout Plan) throws {
        guard let base else {
            throw refusal(
                "version-missing", "记录 \(record.id) 改自的版本（seen）本机没有",
                "the version of record \(record.id) that this line changes (seen) is not here",
                t("请先同步。", "Sync first."))
        }
        var edit = edit
        // A file that comes in a second time says nothing new.
        edit.writes.removeAll { stands($0, in: record.state) }
        if edit.writes.isEmpty {
            plan.unchanged += 1
            return
        }
        var fields: [FieldKey] = []
        for write in edit.writes where !fields.contains(write.field) { fields.append(write.field) }
        switch basis {
        case .version:
            let crossed = fields.filter { record.state[$0] != base.state[$0] }
            if !crossed.isEmpty || record.isDeleted { plan.crossed.append((record.id, crossed)) }
        case .time(let time):
            for write in edit.writes where wasChanged(write, in: record.state, after: time) {
                throw refusal(
                    "field-changed-since", "记录 \(record.id) 的字段 \(Screen.safe(write.field.rawValue)) 在该行的 changed_at 之后改过",
                    "field \(Screen.safe(write.field.rawValue)) of record \(record.id) was changed after the line's changed_at")
            }
        case .unsaid:
            let person = try replica.roster()?.roster.device(replica.key)?.person
            for write in edit.writes where !isOwn(write, in: record.state, of: person) {
                throw refusal(
                    "version-unsaid", "记录 \(record.id) 的字段 \(Screen.safe(write.field.rawValue)) 是别人写的，该行没有写明改自哪个版本（seen）",
                    "field \(Screen.safe(write.field.rawValue)) of record \(record.id) was written by somebody else, and the line does not say which version it changes (seen)"
                )
            }
        }
        plan.changes.append((record.scope, try replica.change([edit], message: message)))
        plan.updated.append(record.id)
    }

    private func refusal(_ code: String, _ zh: String, _ en: String, _ first: String = "") -> Explanation {
        Explanation(
            code, exit: ExitStatus.badInput, t(zh, en),
            t("什么也没有保存。", "Nothing was saved. ") + first
                + t(
                    "也可以重新导出，在新文件里改好再导入：新文件的每行都有 seen。",
                    (first.isEmpty ? "Export" : " Or export")
                        + " again, change that file and import it: its lines say what they change (seen)."))
    }

    private func stands(_ write: Write, in state: RecordState) -> Bool {
        let field = state[write.field]
        return switch write.kind {
        case .put, .settle: field?.candidates.contains { $0.value == write.value } ?? false
        case .add: field?.elements.contains { $0.value == write.value } ?? false
        case .drop: !(field?.elements.contains { write.names.contains($0.name) } ?? false)
        default: false
        }
    }

    /// Nobody notes when an element was dropped: of a set, any later change of the record counts.
    private func wasChanged(_ write: Write, in state: RecordState, after time: Timestamp) -> Bool {
        if write.kind == .add || write.kind == .drop { return state.changed.map { $0.time > time } ?? false }
        return state[write.field]?.candidates.contains { $0.time > time } ?? false
    }

    /// Whether all that a write takes away is empty, or this person's.
    private func isOwn(_ write: Write, in state: RecordState, of person: String?) -> Bool {
        guard let field = state[write.field] else { return true }
        func isTheirs(_ author: String?) -> Bool { author != nil && author == person }
        return field.candidates.filter { write.names.contains(.init($0.dot)) }.allSatisfy {
            $0.value.value == .empty || isTheirs($0.author)
        } && field.elements.filter { write.names.contains($0.name) }.allSatisfy { isTheirs($0.author) }
    }
}
