// What a field can hold. Two values are the same exactly when their bytes on the wire are the same.

public import Causality

/// Names one record for ever. A record never leaves its scope.
public struct RecordID: Name128 {
    public let high: UInt64
    public let low: UInt64
    public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }
}

// Swift's strings are equal when they look alike; here texts are equal when their bytes are.
extension String {
    package func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    package func hashBytes(into hasher: inout Hasher) {
        var copy = self
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(utf8.count)
    }
}

/// The stable key of a record type, as `talk`; of the catalogue or of one this reader does not have.
public struct TypeKey: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }
    public static func < (a: Self, b: Self) -> Bool { a.rawValue.utf8.lexicographicallyPrecedes(b.rawValue.utf8) }
    public static func == (a: Self, b: Self) -> Bool { a.rawValue.isExactly(b.rawValue) }
    /// Hashes the bytes, as they are compared.
    public func hash(into hasher: inout Hasher) { rawValue.hashBytes(into: &hasher) }
    public var description: String { rawValue }
}

/// The stable key of a field within its type, as `place`.
public struct FieldKey: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }
    public static func < (a: Self, b: Self) -> Bool { a.rawValue.utf8.lexicographicallyPrecedes(b.rawValue.utf8) }
    public static func == (a: Self, b: Self) -> Bool { a.rawValue.isExactly(b.rawValue) }
    /// Hashes the bytes, as they are compared.
    public func hash(into hasher: inout Hasher) { rawValue.hashBytes(into: &hasher) }
    public var description: String { rawValue }
}

/// What a field or an element holds.
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

extension Value {
    public static func == (a: Value, b: Value) -> Bool {
        switch (a, b) {
        case (.empty, .empty): true
        case (.text(let a), .text(let b)), (.decimal(let a), .decimal(let b)), (.date(let a), .date(let b)),
            (.time(let a), .time(let b)):
            a.isExactly(b)
        case (.integer(let a), .integer(let b)): a == b
        case (.flag(let a), .flag(let b)): a == b
        case (.reference(let a), .reference(let b)): a == b
        case (.list(let a), .list(let b)): a == b
        case (.data(let a), .data(let b)), (.unrecognised(let a), .unrecognised(let b)): a == b
        default: false
        }
    }

    /// Hashes texts by their bytes, as they are compared.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .empty: hasher.combine(0)
        case .text(let text):
            hasher.combine(1)
            text.hashBytes(into: &hasher)
        case .integer(let value):
            hasher.combine(2)
            hasher.combine(value)
        case .decimal(let text):
            hasher.combine(3)
            text.hashBytes(into: &hasher)
        case .flag(let flag):
            hasher.combine(4)
            hasher.combine(flag)
        case .date(let text):
            hasher.combine(5)
            text.hashBytes(into: &hasher)
        case .time(let text):
            hasher.combine(6)
            text.hashBytes(into: &hasher)
        case .reference(let record):
            hasher.combine(7)
            hasher.combine(record)
        case .list(let values):
            hasher.combine(8)
            hasher.combine(values)
        case .data(let bytes):
            hasher.combine(9)
            hasher.combine(bytes)
        case .unrecognised(let bytes):
            hasher.combine(10)
            hasher.combine(bytes)
        }
    }
}

/// A value, or the place where one was erased.
public enum Content: Hashable, Sendable {
    case value(Value)
    case erased

    /// The value; nil if it was erased.
    public var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }

    /// The value's text; nil if it was erased or is no text.
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
