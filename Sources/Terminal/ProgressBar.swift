// How far a sync is, on one line that is written over: entries both ways, bytes, time left.

import Foundation
package import Supervision
package import Sync
import Synchronization

/// Bytes as people write and read them.
package struct ByteCount: Hashable, Sendable {
    package var bytes: Int

    package init(bytes: Int) { self.bytes = bytes }

    /// Reads `1500`, `500k`, `2M`, `1.5 MB`; nil for anything else, and for nothing.
    package init?(_ text: String) {
        var digits = text.lowercased().filter { $0 != " " }
        if digits.hasSuffix("b") { digits.removeLast() }
        var unit = 1.0
        if let last = digits.last, let factor = ["k": 1e3, "m": 1e6, "g": 1e9][last] {
            unit = factor
            digits.removeLast()
        }
        guard !digits.isEmpty, digits.allSatisfy({ "0123456789.".contains($0) }), let number = Double(digits),
            number * unit >= 1, number * unit < 1e15
        else { return nil }
        bytes = Int(number * unit)
    }

    /// `812 B`, `45.3 KB`, `2.1 MB`
    package var text: String {
        switch bytes {
        case ..<1_000: "\(bytes) B"
        case ..<1_000_000: Self.tenths(bytes, of: 1_000) + " KB"
        case ..<1_000_000_000: Self.tenths(bytes, of: 1_000_000) + " MB"
        default: Self.tenths(bytes, of: 1_000_000_000) + " GB"
        }
    }

    private static func tenths(_ bytes: Int, of unit: Int) -> String { "\(bytes / unit).\(bytes % unit * 10 / unit)" }
}

package final class ProgressBar: Sendable {
    private let language: Language
    private let isShown: Bool
    private let state = Mutex<(began: Date?, isThere: Bool)>((nil, false))

    package init(language: Language, isShown: Bool) { (self.language, self.isShown) = (language, isShown) }

    package func show(_ progress: SyncProgress) {
        guard isShown else { return }
        let now = Date()
        state.withLock { state in
            let began = state.began ?? now
            state.began = began
            let line = Self.line(
                progress, seconds: now.timeIntervalSince(began), columns: Screen.errorColumns ?? 80, language)
            Self.write("\r" + line + "\u{1B}[K")
            state.isThere = true
        }
    }

    /// Takes the line away.
    package func clear() {
        state.withLock { state in
            guard state.isThere else { return }
            Self.write("\r\u{1B}[K")
            state = (nil, false)
        }
    }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    /// The line after so many seconds. It leaves the last column free: a full line would wrap, and could not be written over.
    package static func line(_ progress: SyncProgress, seconds: Double, columns: Int, _ t: Language) -> String {
        let done = progress.entriesSent + progress.entriesReceived
        let all = max(done, progress.entriesToSend + progress.entriesToReceive)
        let cells = 20
        let filled = all == 0 ? cells : done * cells / all
        var parts = ["[" + String(repeating: "#", count: filled) + String(repeating: ".", count: cells - filled) + "]"]
        if progress.entriesToSend > 0 {
            parts.append(t("送 ", "sent ") + "\(progress.entriesSent)/\(progress.entriesToSend)")
        }
        if progress.entriesToReceive > 0 {
            parts.append(t("收 ", "received ") + "\(progress.entriesReceived)/\(progress.entriesToReceive)")
        }
        parts.append(ByteCount(bytes: progress.bytesSent + progress.bytesReceived).text)
        if done > 0, done < all, seconds >= 1 {
            let left = Int((seconds * Double(all - done) / Double(done)).rounded(.up))
            parts.append(t("还需约 ", "about ") + clock(left) + t("", " left"))
        }
        return Screen.cut(parts.joined(separator: "  "), to: columns - 1)
    }

    private static func clock(_ seconds: Int) -> String {
        let (minutes, rest) = (seconds / 60, seconds % 60)
        return "\(minutes):\(rest < 10 ? "0" : "")\(rest)"
    }
}
