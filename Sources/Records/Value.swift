// What a field can hold. Two values are the same exactly when their bytes on the wire are the same.

public import Causality

/// Names one record for ever. A record never leaves its scope.
public struct RecordID: Name128 {
    public let high: UInt64
    public let low: UInt64
    public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }
}

/// The stable key of a record type, as `talk`; of the catalogue or of one this reader does not have.
public struct TypeKey: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }
    public static func < (a: Self, b: Self) -> Bool { a.rawValue.utf8.lexicographicallyPrecedes(b.rawValue.utf8) }
    public var description: String { rawValue }
}

/// The stable key of a field within its type, as `place`.
public struct FieldKey: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }
    public static func < (a: Self, b: Self) -> Bool { a.rawValue.utf8.lexicographicallyPrecedes(b.rawValue.utf8) }
    public var description: String { rawValue }
}

public enum Value: Hashable, Sendable {
    /// A field that was cleared.
    case empty
    case text(String)
    case integer(Int64)
    /// Digits as written, with an optional sign and fraction.
    case decimal(String)
    case flag(Bool)
    /// `2026-05-11`
    case date(String)
    /// `2026-05-11T09:30+08:00`
    case time(String)
    case reference(RecordID)
    case list([Value])
    case data([UInt8])
    /// Bytes of a newer or unusual encoding: kept, passed on, shown raw.
    case unrecognised([UInt8])
}

/// A value, or the place where one was erased.
public enum Content: Hashable, Sendable {
    case value(Value)
    case erased

    public var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }

    public var text: String? {
        if case .value(.text(let text)) = self { text } else { nil }
    }
}

extension Value {
    /// The value as plain text, for lists, views and search: no labels, no escaping.
    public var plainText: String {
        switch self {
        case .empty: ""
        case .text(let text), .decimal(let text), .date(let text), .time(let text): text
        case .integer(let value): String(value)
        case .flag(let flag): flag ? "true" : "false"
        case .reference(let record): record.description
        case .list(let values): values.map(\.plainText).joined(separator: "、")
        case .data(let bytes), .unrecognised(let bytes): Hex.string(bytes)
        }
    }
}
