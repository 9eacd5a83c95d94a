// Reading a form back: fields, or what is wrong with which line.

package import Supervision

package import Records
import Causality
import Replicas

extension Form {
    /// Reads a form.
    ///
    /// - Parameters:
    ///   - values: what the form had shown: its references are known by the ids it showed, its contested fields are not to be written.
    ///   - reference: finds the record an id means.
    package static func parse(
        _ text: String, _ type: Catalogue.RecordType, _ values: FormValues, _ t: Language,
        reference: (String) throws -> RecordID?
    ) -> FormReading {
        withoutActuallyEscaping(reference) { reference in
            var reader = FormReader(text: text, type: type, values: values, t: t, reference: reference)
            reader.read()
            return reader.reading
        }
    }

    /// The lines, without the byte order mark that some editors put before the first.
    static func lines(of text: String) -> [Substring] {
        var lines = split(text)
        if let first = lines.first, first.unicodeScalars.first == "\u{FEFF}" {
            lines[0] = Substring(first.unicodeScalars.dropFirst())
        }
        return lines
    }

    /// What a form says it was made from; nil if it does not say so.
    package static func origin(of text: String) -> FormOrigin? {
        // The last such line that is in no text: a text could hold one, but nothing follows the form's own but blanks.
        for line in split(text).reversed() {
            let line = trimmed(line)
            if line.utf8.starts(with: "#=".utf8) { return origin(line: line) }
            if !line.isEmpty, !line.utf8.starts(with: "#".utf8) { return nil }
        }
        return nil
    }

    static func origin(line: String) -> FormOrigin? {
        let parts = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard parts.count >= 2, parts[0] == "#=" else { return nil }
        if parts.count == 2 { return FormOrigin(type: TypeKey(parts[1])) }
        guard let record = RecordID(hex: parts[2]) else { return nil }
        guard let seen = VersionVector(text: parts.count > 3 ? parts[3] : "") else { return nil }
        return FormOrigin(type: TypeKey(parts[1]), record: record, seen: seen)
    }

    /// Every name a field can be written by, the longest first; of equal ones keys win, then Chinese labels.
    static func names(of type: Catalogue.RecordType) -> [(name: String, field: Catalogue.Field)] {
        let all =
            type.fields.map { ($0.key, $0) } + type.fields.map { ($0.label.zh, $0) } + type.fields.map { ($0.label.en, $0) }
        return all.enumerated().sorted { a, b in
            let (x, y) = (a.element.0.utf8.count, b.element.0.utf8.count)
            return x != y ? x > y : a.offset < b.offset
        }.map { (name: $0.element.0, field: $0.element.1) }
    }
}

private struct FormReader {
    let type: Catalogue.RecordType
    let values: FormValues
    let t: Language
    let reference: (String) throws -> RecordID?
    let names: [(name: String, field: Catalogue.Field)]
    let lines: [Substring]
    var reading = FormReading()
    private var i = 0
    /// The field whose value or elements the next lines may bring.
    private var current: (field: Catalogue.Field, place: Int, isEmpty: Bool)?

    init(
        text: String, type: Catalogue.RecordType, values: FormValues, t: Language, reference: @escaping (String) throws -> RecordID?
    ) {
        (self.type, self.values, self.t, self.reference) = (type, values, t, reference)
        names = Form.names(of: type)
        self.lines = Form.lines(of: text).map { line in
            line.unicodeScalars.last == "\r" ? Substring(line.unicodeScalars.dropLast()) : line
        }
    }

    mutating func read() {
        while i < lines.count {
            let line = Form.trimmed(lines[i])
            if line.isEmpty {
                i += 1
            } else if line.utf8.starts(with: "#".utf8) || line.utf8.starts(with: "＃".utf8) {
                if line.utf8.starts(with: "#!".utf8) { reading.remarks.insert(i) }
                if line.utf8.starts(with: "#=".utf8) { readOrigin(line) }
                i += 1
            } else if let item = item(line) {
                readElement(item)
            } else if line == Form.open || line == Form.openEscaped {
                readText(line)
            } else if let (field, value) = labelled(line) {
                readField(field, value)
            } else {
                complain(
                    t(
                        "这一行不属于任何字段。多行文字请写在 <<< 与 >>> 两行之间；说明请以 # 开头。",
                        "This line belongs to no field. Put a text of several lines between <<< and >>>; begin a comment with #."))
                i += 1
            }
        }
    }

    private mutating func complain(_ message: String, at line: Int? = nil) {
        reading.faults.append(FormFault(line: (line ?? i) + 1, message: message))
    }

    private mutating func readOrigin(_ line: String) {
        guard let origin = Form.origin(line: line) else {
            return complain(t("这一行被改坏了，看不出这张表从哪里来。", "This line is damaged; it no longer says what the form was made from."))
        }
        if origin.type.rawValue != type.key {
            complain(t("这不是“\(type.label.zh)”的表。", "This is no form of \(type.label.en)."))
        }
        reading.origin = origin
    }

    // MARK: Lines

    /// What stands behind the dash of an element.
    private func item(_ line: String) -> String? {
        for dash in ["- ", "-\t", "－", "-\u{3000}"] where line.utf8.starts(with: dash.utf8) {
            return Form.trimmed(line.unicodeScalars.dropFirst(dash.unicodeScalars.count).map(String.init).joined())
        }
        return line == "-" ? "" : nil
    }

    /// The field a line names, and what stands behind the colon.
    private func labelled(_ line: String) -> (Catalogue.Field, String)? {
        for (name, field) in names where line.utf8.starts(with: name.utf8) {
            var rest = line.unicodeScalars.dropFirst(name.unicodeScalars.count)[...]
            func skipBlanks() { while let first = rest.first, Form.isBlank(first) { rest.removeFirst() } }
            skipBlanks()
            if rest.first == "(" || rest.first == "（" {
                var depth = 0
                repeat {
                    let scalar = rest.removeFirst()
                    if scalar == "(" || scalar == "（" { depth += 1 }
                    if scalar == ")" || scalar == "）" { depth -= 1 }
                } while depth > 0 && !rest.isEmpty
                skipBlanks()
            }
            guard rest.first == ":" || rest.first == "：" else { continue }
            return (field, Form.trimmed(String(String.UnicodeScalarView(rest.dropFirst()))))
        }
        return nil
    }

    // MARK: Values

    private mutating func readField(_ field: Catalogue.Field, _ value: String) {
        let key = FieldKey(field.key)
        let start = i
        current = nil
        switch values.fields[key] {
        case .contested?:
            complain(
                t(
                    "“\(field.label.zh)”有几个值还没有裁定，不能在这里改；请删掉这一行，用 dundian review list 裁定。",
                    "\(field.label.en) has several values, not settled yet: delete this line and settle it with dundian review list."
                ))
        case .fixed?:
            complain(t("“\(field.label.zh)”的值不能用表单改；请删掉这一行。", "\(field.label.en) cannot be changed in a form: delete this line."))
        default:
            if reading.fields.contains(where: { $0.key == key }) {
                complain(t("“\(field.label.zh)”写了两次；请只留一处。", "\(field.label.en) is there twice; keep one."))
            }
        }
        let place = reading.fields.count
        reading.fields.append(FormField(key: key, value: field.kind.isSet ? .elements([]) : .value(.empty), line: start + 1))
        current = (field, place, true)
        if value == Form.open || value == Form.openEscaped {
            readText(value)
        } else {
            i += 1
            if !value.isEmpty { take(value, at: start) }
        }
    }

    private mutating func readElement(_ item: String) {
        let start = i
        guard current?.field.kind.isSet == true else {
            complain(t("以“- ”开头的是列表中的一项，但上面不是列表字段。", "A line with \"- \" is an item of a list, but no list stands above it."))
            i += 1
            return
        }
        if item == Form.open || item == Form.openEscaped { return readText(item) }
        i += 1
        if !item.isEmpty { take(item, at: start) }
    }

    /// A text from its opening line, where the reader stands, to its end.
    private mutating func readText(_ opening: String) {
        let start = i
        i += 1
        var text: [String] = []
        while i < lines.count {
            let line = lines[i]
            i += 1
            if Form.isLikeClose(line) {
                guard let backslash = line.unicodeScalars.firstIndex(of: "\\") else {
                    return takeText(text, escaped: opening == Form.openEscaped, at: start)
                }
                let rest = line.unicodeScalars[line.unicodeScalars.index(after: backslash)...]
                text.append(String(line.unicodeScalars[..<backslash]) + String(rest))
            } else {
                text.append(String(line))
            }
        }
        complain(t("这里的 <<< 没有对应的 >>>。", "This <<< has no >>> after it."), at: start)
    }

    private mutating func takeText(_ lines: [String], escaped: Bool, at start: Int) {
        guard let current, current.field.kind.isSet || current.isEmpty else {
            return complain(t("这段文字不属于任何字段。", "This text belongs to no field."), at: start)
        }
        let text = lines.joined(separator: "\n")
        take(escaped ? unescaped(text) : text, at: start)
    }

    private mutating func take(_ text: String, at line: Int) {
        guard let (field, place, _) = current else { return }
        current?.isEmpty = false
        do {
            let isText = field.kind.element == .text || field.kind == .longText
            let value = try field.value(isText ? text : Form.trimmed(text)) { try referred($0, by: FieldKey(field.key)) }
            if value == .empty { return }
            guard case .elements(let elements) = reading.fields[place].value else {
                return reading.fields[place].value = .value(value)
            }
            reading.fields[place].value = .elements(elements + [value])
        } catch let fault as ValueFault {
            complain(
                t("“\(Screen.line(text, to: 40))”", "\"\(Screen.line(text, to: 40))\" ") + fault.what(t) + t("。", "."), at: line)
        } catch {
            complain(Explanation(error, t).message, at: line)
        }
    }

    /// The record an id means. The title behind it is only there to be read.
    private func referred(_ text: String, by key: FieldKey) throws -> RecordID? {
        let id = text.unicodeScalars.prefix { !Form.isBlank($0) }.map(String.init).joined()
        if let known = values.names.first(where: { $0.value.id == id }) { return known.key }
        return try reference(id)
    }

    private func unescaped(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let first = rest.popFirst() {
            if first == "\\", rest.starts(with: ["u", "{"] as [Unicode.Scalar]), let end = rest.firstIndex(of: "}") {
                let digits = String(String.UnicodeScalarView(rest[..<end].dropFirst(2)))
                if (1...6).contains(digits.utf8.count), let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) {
                    out.append(scalar)
                    rest = rest[rest.index(after: end)...]
                    continue
                }
            }
            out.append(first)
        }
        return String(out)
    }
}

extension Form {
    /// The form with its faults written above their lines, to be opened again. Remarks of an earlier reading are taken out.
    package static func annotated(_ text: String, _ reading: FormReading, _ t: Language) -> String {
        let lines = lines(of: text)
        let count = reading.faults.count
        var out = [t("#! 有 \(count) 处要改，写在各行上面；还没有保存。", "#! \(count) to mend, each written above its line; nothing is saved yet.")]
        for (i, line) in lines.enumerated() where !reading.remarks.contains(i) {
            for fault in reading.faults where fault.line == i + 1 { out.append("#! " + Screen.safe(fault.message)) }
            out.append(String(line))
        }
        return out.joined(separator: "\n")
    }
}
