// Many records at once, from a file of JSON lines.

import Dundian
import Foundation
import Terminal

/// Many records from a file of JSON lines: `{"scope":…,"type":…,"label":…,"fields":{…}}`, references as `"@label"` of an earlier line.
/// All of them are saved, or none.
struct Loader {
    let folder: ReplicaFolder
    let finder: Finder

    func load(_ path: String) throws -> [RecordID] {
        guard let bytes = FileManager.default.contents(atPath: path), let text = String(validating: bytes, as: UTF8.self) else {
            throw Explanation(
                "file-unreadable", exit: ExitStatus.notFound,
                tr("读不了文件 \(Screen.safe(path))（须为 UTF-8）。", "\(Screen.safe(path)) cannot be read as UTF-8 text."),
                tr("什么也没有保存。", "Nothing was saved."))
        }
        var labels: [String: RecordID] = [:]
        var changes: [(scope: ScopeID, change: Change)] = []
        var ids: [RecordID] = []
        // Lines end with LF or CRLF, whichever editor wrote them.
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (number, line) in lines.enumerated() where !line.isEmpty {
            do {
                guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                    throw Explanation("line-malformed", exit: ExitStatus.badInput, tr("不是 JSON 对象", "not a JSON object"), "")
                }
                if object["notice"] != nil { continue }
                guard let type = object["type"] as? String, let given = object["fields"] as? [String: Any] else {
                    throw Explanation(
                        "line-malformed", exit: ExitStatus.badInput, tr("缺 type 或 fields", "type or fields is missing"), "")
                }
                let known = folder.catalogue.type(TypeKey(type))
                let scope = try finder.scope(object["scope"] as? String, for: known)
                let id = folder.replica.freshRecordID()
                let fields = try given.sorted { $0.key < $1.key }.map { key, value in
                    (FieldKey(key), try input(value, known?.field(key), key, labels))
                }
                let edit = try folder.replica.creation(of: id, TypeKey(type), fields)
                changes.append((scope, try folder.replica.change([edit])))
                if let label = object["label"] as? String { labels[label] = id }
                ids.append(id)
            } catch {
                let explanation = Explanation(error, tr)
                throw Explanation(
                    explanation.code, exit: ExitStatus.badInput,
                    tr("第 \(number + 1) 行：", "Line \(number + 1): ") + explanation.message,
                    tr("什么也没有保存；改好文件后再试。", "Nothing was saved; mend the file and try again."))
            }
        }
        try folder.replica.commit(changes)
        return ids
    }

    private func input(
        _ given: Any, _ field: Catalogue.Field?, _ key: String, _ labels: [String: RecordID]
    ) throws -> FieldInput {
        func value(_ given: Any) throws -> Value {
            let text: String
            switch given {
            case let string as String: text = string
            case let number as NSNumber:
                if field == nil { return number.isBoolean ? .flag(number.boolValue) : .integer(number.int64Value) }
                text = number.isBoolean ? (number.boolValue ? "true" : "false") : number.stringValue
            default: throw ValueFault(field: key, given: "\(given)", reason: .isList)
            }
            guard let field else { return .text(text) }
            return try field.value(text) { name in
                name.hasPrefix("@") ? labels[String(name.dropFirst())] : RecordID(hex: name)
            }
        }
        if let list = given as? [Any] { return .elements(try list.map(value)) }
        let single = try value(given)
        return field?.kind.isSet == true ? .elements([single]) : .value(single)
    }
}

extension NSNumber {
    fileprivate var isBoolean: Bool {
        String(cString: objCType) == "c" || self === (true as NSNumber) || self === (false as NSNumber)
    }
}
