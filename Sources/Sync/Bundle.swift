// A bundle's bytes (protocol/7-bundles.md), as both its writer and its reader know them.
//
//      bundle    = 89 "DUNDIAN" || u16(1) || u16(sections) || section ...
//      section   = u16(its number, from 0) || u16(wraps) || wrapped key ... || chunk ...
//      chunk     = u32(length of what follows, the top bit set on the section's last) || sealed bytes
//      plaintext = blob(roster) || messages of the exchange, each behind its length, to the end || i64(time) || writer's key || signature

import Access
import Causality
import Journals
import Wire

enum BundleFormat {
    static let magic: [UInt8] = [0x89] + Array("DUNDIAN".utf8)
    static let version: UInt16 = 1
    static let preambleBytes = 12
    static let sectionsMax = 4_096
    static let recipientsMax = 4_096
    static let trailerBytes = 8 + 32 + 64
    static let lastChunk: UInt32 = 1 << 31

    static func preamble(sections: Int) -> [UInt8] {
        var out = ByteWriter()
        out.raw(magic)
        out.u16(version)
        out.u16(UInt16(sections))
        return out.bytes
    }

    static func header(number: Int, wraps: [[UInt8]]) -> [UInt8] {
        var out = ByteWriter(reserving: 4 + WrappedKey.byteCount * wraps.count)
        out.u16(UInt16(number))
        out.u16(UInt16(wraps.count))
        for wrap in wraps { out.raw(wrap) }
        return out.bytes
    }

    /// What every chunk of a section is sealed together with.
    static func associated(preamble: [UInt8], header: [UInt8]) -> [UInt8] { Hash(.bundle, preamble, header).bytes }
}

/// Why a bundle could not be read to its end, or one cannot be written.
public struct BundleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable: programs and translations go by it.
    public enum Code: String, Sendable {
        /// The file does not begin as a bundle does.
        case notABundle = "not-a-bundle"
        /// A newer program wrote it.
        case newerVersion = "bundle-too-new"
        /// It ends before its end.
        case cut = "bundle-cut"
        /// A piece of it is not what was written.
        case changed = "bundle-changed"
        /// No section of it is for this device.
        case notForThisDevice = "bundle-not-for-this-device"
        /// It opened, and what is in it breaks the rules: its writer is at fault.
        case malformed = "bundle-malformed"
        /// It is from devices of another service.
        case otherService = "bundle-of-another-service"
        /// Its roster does not continue the one here.
        case rosterRefused = "roster-refused"
        /// This device may not see what the section is of.
        case scopeNotGranted = "scope-not-granted"
        /// There is nobody it could be sealed to.
        case noRecipients = "no-recipients"
        /// It would be for somebody the roster does not know.
        case personUnknown = "person-unknown"
    }

    /// What is wrong.
    public var code: Code
    /// Where in the file: the section from 0, and the chunk of it from 0.
    public var section: Int?
    /// The chunk within the section, from 0.
    public var chunk: Int?
    /// For whoever looks closer; English.
    public var detail: String

    /// An error out of its parts.
    public init(_ code: Code, section: Int? = nil, chunk: Int? = nil, _ detail: String = "") {
        (self.code, self.section, self.chunk, self.detail) = (code, section, chunk, detail)
    }

    public var description: String {
        let place = section.map { " in section \($0)" + (chunk.map { ", chunk \($0)" } ?? "") } ?? ""
        return "\(code.rawValue)\(place)\(detail.isEmpty ? "" : ": \(detail)")"
    }
}
