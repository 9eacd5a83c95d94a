// Between what a person types or a JSON file says and the values of a record, by the kinds of the catalogue.

public import Records

/// What was given does not fit the field.
public struct ValueFault: Error, Hashable, Sendable {
    /// What does not fit.
    public enum Reason: Hashable, Sendable {
        case notNumber
        case notDate
        case notTime
        case notYesNo
        case notChoice(allowed: [String])
        case notReference
        case isList
    }
    /// The field's key.
    public var field: String
    /// What was given.
    public var given: String
    /// What does not fit.
    public var reason: Reason

    /// A fault out of its parts.
    public init(field: String, given: String, reason: Reason) {
        (self.field, self.given, self.reason) = (field, given, reason)
    }
}

extension Catalogue.Field {
    /// Reads one value of this field (one element, if it is a set) as a person types it. Nothing typed clears the field.
    /// - Parameter reference: finds the record a text refers to.
    public func value(
        _ text: String, reference: (String) throws -> RecordID?
    ) throws -> Value {
        if text.isEmpty { return .empty }
        func fault(_ reason: ValueFault.Reason) -> ValueFault { ValueFault(field: key, given: text, reason: reason) }
        switch kind.element {
        case .integer:
            guard let number = Int64(text) else { throw fault(.notNumber) }
            return .integer(number)
        case .decimal:
            guard text.isDecimal else { throw fault(.notNumber) }
            return .decimal(text)
        case .date:
            guard text.isDate else { throw fault(.notDate) }
            return .date(text)
        case .time:
            guard text.isTime else { throw fault(.notTime) }
            return .time(text)
        case .yesNo:
            switch text.lowercased() {
            case "true", "yes", "y", "是", "1": return .flag(true)
            case "false", "no", "n", "否", "0": return .flag(false)
            default: throw fault(.notYesNo)
            }
        case .choice:
            let choices = choices ?? []
            guard let choice = choices.first(where: { $0.key == text || $0.label.zh == text || $0.label.en == text }) else {
                throw fault(.notChoice(allowed: choices.map(\.key)))
            }
            return .text(choice.key)
        case .reference:
            guard let record = try reference(text) else { throw fault(.notReference) }
            return .reference(record)
        default: return .text(text)
        }
    }
}

extension StringProtocol {
    fileprivate var isDecimal: Bool {
        let digits = hasPrefix("-") ? self.dropFirst() : self[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count)
            && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }

    fileprivate var isDate: Bool { Day(self) != nil }

    /// `2026-05-11T09:30+08:00`
    fileprivate var isTime: Bool {
        let parts = split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].isDate else { return false }
        let clock = Array(parts[1].utf8)
        guard clock.count == 11, clock[2] == 0x3a, clock[8] == 0x3a, clock[5] == 0x2b || clock[5] == 0x2d else { return false }
        func number(_ i: Int) -> Int? { Int(String(decoding: clock[i..<i + 2], as: UTF8.self)) }
        guard let hour = number(0), let minute = number(3), let zone = number(6), let zoneMinute = number(9) else { return false }
        return (0...23).contains(hour) && (0...59).contains(minute) && (0...14).contains(zone) && (0...59).contains(zoneMinute)
    }
}
