// The clock a report is read by: so many minutes ahead of UTC, and said so on the page.

import Causality
import Supervision

struct Zone {
    var minutesEastOfUTC: Int

    /// `+08:00`
    var text: String {
        let minutes = abs(minutesEastOfUTC)
        return (minutesEastOfUTC < 0 ? "-" : "+") + Self.digits(minutes / 60) + ":" + Self.digits(minutes % 60)
    }

    /// `2026-05-11 09:30`
    func minute(_ time: Timestamp) -> String {
        let day = Day(milliseconds: time.rawValue, minutesEastOfUTC: minutesEastOfUTC)
        let minutes = (time.rawValue / 60_000 - (time.rawValue % 60_000 < 0 ? 1 : 0)) % 1_440 + Int64(minutesEastOfUTC)
        let ofDay = Int(((minutes % 1_440) + 1_440) % 1_440)
        return "\(day) \(Self.digits(ofDay / 60)):\(Self.digits(ofDay % 60))"
    }

    private static func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension EngagementReport {
    var zone: Zone { Zone(minutesEastOfUTC: minutesEastOfUTC) }
}
