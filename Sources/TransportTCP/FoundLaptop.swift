// What an announcement on the local network says, and how it is read from avahi-browse's lines.

import Causality
public import Journals

/// A laptop that announced itself.
public struct FoundLaptop: Hashable, Sendable {
    public var nonce: String
    public var host: String
    public var port: Int
    /// What shows to those of the same service that it is one of theirs.
    public var mark: String

    /// Reads a resolved line of `avahi-browse --resolve --parsable`; nil for every other line. Anybody on the network can say anything here.
    ///
    /// `=;eth0;IPv4;5f0c;_dundian._tcp;local;host.local;192.168.3.7;47963;"t=0011223344556677"`
    public init?(line: String) {
        let parts = line.split(separator: ";", maxSplits: 9, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 10, parts[0] == "=", parts[4] == "_dundian._tcp", let port = Int(parts[8]),
            (1...65_535).contains(port),
            parts[3].utf8.count <= 32, !parts[3].isEmpty, parts[3].utf8.allSatisfy(Self.isHexadecimal), parts[7].utf8.count <= 64,
            parts[7].utf8.allSatisfy({ Self.isHexadecimal($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") })
        else { return nil }
        let marks = parts[9].split(separator: "\"").filter { $0.hasPrefix("t=") }
        guard let mark = marks.first?.dropFirst(2), mark.utf8.count == 16, mark.utf8.allSatisfy(Self.isHexadecimal) else {
            return nil
        }
        // An address good on one link only needs that link's name.
        let host = parts[7].hasPrefix("fe80:") ? "\(parts[7])%\(parts[1])" : parts[7]
        (nonce, self.host, self.port, self.mark) = (parts[3], host, port, String(mark))
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension MeetingPlace {
    /// The mark that a laptop announces beside its random name.
    public static func mark(of root: PublicKey, nonce: String) -> String {
        String(Hash(.meetingPlace, root.bytes, Array(nonce.utf8)).description.prefix(16))
    }

    /// The addresses of this machine that others may reach it at.
    public static var ownAddresses: [String] { Sockets.ownAddresses() }
}
