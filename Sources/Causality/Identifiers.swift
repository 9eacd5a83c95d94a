// The names of things: replicas, journals, scopes, and positions in a journal. Bare wrappers, so that one cannot pass for another.

/// A name of 64 random bits, written as 16 hexadecimal digits.
public protocol Name64: Hashable, Comparable, Sendable, CustomStringConvertible {
    var rawValue: UInt64 { get }
    init(rawValue: UInt64)
}

extension Name64 {
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    public var description: String { Hex.string(rawValue) }

    /// Reads 16 hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.bytes(hex), bytes.count == 8 else { return nil }
        self.init(rawValue: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// One incarnation of one store. A restored, copied or doubted store takes a new one before it writes. Never 0.
public struct ReplicaID: Name64 {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// One journal of a scope: that of a replica, or after a fork one of its branches.
public struct JournalID: Name64 {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The journal of a replica that has not forked.
    public init(_ replica: ReplicaID) { self.init(rawValue: replica.rawValue) }
}

/// A name of 128 random bits, written as 32 hexadecimal digits.
public protocol Name128: Hashable, Comparable, Sendable, CustomStringConvertible {
    var high: UInt64 { get }
    var low: UInt64 { get }
    init(high: UInt64, low: UInt64)
}

extension Name128 {
    public static func < (a: Self, b: Self) -> Bool { a.high != b.high ? a.high < b.high : a.low < b.low }
    public var description: String { Hex.string(high) + Hex.string(low) }

    /// The 16 bytes, most significant first.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            raw.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            raw.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            count = 16
        }
    }

    /// Reads exactly 16 bytes; nil for any other count.
    @inlinable
    public init?(bytes: some Collection<UInt8>) {
        // Inlined, because stores and codecs read many: without it every one goes through the generics of another module.
        var (high, low): (UInt64, UInt64) = (0, 0)
        var count = 0
        for byte in bytes {
            if count < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
            count += 1
        }
        guard count == 16 else { return nil }
        self.init(high: high, low: low)
    }

    /// Reads 32 hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.bytes(hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// A fresh name out of the caller's source of chance.
    public init(using random: inout some RandomNumberGenerator) {
        self.init(high: random.next(), low: random.next())
    }
}

/// The unit of replication and access, all or nothing.
public struct ScopeID: Name128 {
    public let high: UInt64
    public let low: UInt64
    public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }
}

/// A place in a journal, from 1, without gaps. 0 stands before the first entry.
public struct Position: RawRepresentable, Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Before the first entry: a place, of no entry.
    public static let none: Position = 0
    /// The last position there can be: a journal that long is full.
    public static let limit = Position(rawValue: UInt64(Int64.max))

    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public init(integerLiteral value: UInt64) { self.init(rawValue: value) }

    /// The one behind; of the last there is none.
    public var next: Position { Position(rawValue: rawValue == .max ? .max : rawValue + 1) }
    /// The position before; of the first one and of none, none.
    public var previous: Position { Position(rawValue: rawValue == 0 ? 0 : rawValue - 1) }
    public static func < (a: Position, b: Position) -> Bool { a.rawValue < b.rawValue }
    public var description: String { String(rawValue) }
}

/// Names one entry of a scope.
public struct Dot: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The journal the entry is in.
    public let journal: JournalID
    /// Its place there.
    public let position: Position

    /// The entry at a position of a journal.
    public init(_ journal: JournalID, _ position: Position) { (self.journal, self.position) = (journal, position) }

    public static func < (a: Dot, b: Dot) -> Bool {
        a.journal != b.journal ? a.journal < b.journal : a.position < b.position
    }
    public var description: String { "\(journal):\(position)" }
}
