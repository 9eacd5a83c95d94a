// The progress line, in cells.

import Supervision
import Sync
import Terminal
import Testing

struct ProgressTests {
    private var progress: SyncProgress {
        var progress = SyncProgress()
        (progress.entriesSent, progress.entriesToSend) = (3, 12_000)
        (progress.entriesReceived, progress.entriesToReceive) = (700, 90_000)
        (progress.bytesSent, progress.bytesReceived) = (123_456, 7_654_321)
        return progress
    }

    @Test func `it tells both ways, bytes and the time left`() {
        let line = ProgressBar.line(progress, seconds: 7, columns: 120, .chinese)
        #expect(line == "[....................]  送 3/12000  收 700/90000  7.7 MB  还需约 16:49")
        #expect(ProgressBar.line(progress, seconds: 7, columns: 120, .english).hasSuffix("about 16:49 left"))
    }

    @Test(arguments: Language.allCases, [1, 2, 10, 30, 31, 32, 33, 40, 55, 70])
    func `it never reaches the last column, by cells`(_ language: Language, _ columns: Int) {
        let line = ProgressBar.line(progress, seconds: 7, columns: columns, language)
        #expect(Screen.width(line) < columns)
        // A wide character may leave one cell free.
        let whole = ProgressBar.line(progress, seconds: 7, columns: 1_000, language)
        if Screen.width(whole) >= columns { #expect(Screen.width(line) >= columns - 2) }
    }
}
