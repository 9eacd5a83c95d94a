// Moments as records write them.

/// A moment as a record writes it: `2026-05-11T09:30+08:00`.
package struct Moment {
    /// Since 1970-01-01T00:00Z.
    package let seconds: Int

    /// A moment this long after 1970-01-01T00:00Z.
    package init(seconds: Int) { self.seconds = seconds }

    /// Nil if it is not written so.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        func digits(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            return bytes[range].reduce(0 as Int?) { number, byte in
                (0x30...0x39).contains(byte) ? number.map { $0 * 10 + Int(byte - 0x30) } : nil
            }
        }
        func has(_ character: Unicode.Scalar, at i: Int) -> Bool { i < bytes.count && UInt32(bytes[i]) == character.value }
        guard let year = digits(0..<4), has("-", at: 4), let month = digits(5..<7), has("-", at: 7), let day = digits(8..<10),
            has("T", at: 10), let hour = digits(11..<13), has(":", at: 13), let minute = digits(14..<16)
        else { return nil }
        guard has("+", at: 16) || has("-", at: 16), let hours = digits(17..<19), has(":", at: 19), let minutes = digits(20..<22),
            bytes.count == 22
        else { return nil }
        let offset = (hours * 60 + minutes) * (has("-", at: 16) ? -1 : 1)
        // Days since 1970 of the proleptic Gregorian calendar, counted in years that begin in March.
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        seconds = ((days * 24 + hour) * 60 + minute - offset) * 60
    }

    /// `2026-05-11T01:30+00:00`, whole minutes in UTC.
    package var text: String {
        let minutes = Int((Double(seconds) / 60).rounded(.down))
        let (days, minute) = minutes.quotientAndRemainder(dividingBy: 1_440)
        let day = (minute < 0 ? days - 1 : days) + 719_468
        let minuteOfDay = minute < 0 ? minute + 1_440 : minute
        let era = (day >= 0 ? day : day - 146_096) / 146_097
        let dayOfEra = day - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let m = (5 * dayOfYear + 2) / 153
        let (month, dayOfMonth) = (m < 10 ? m + 3 : m - 9, dayOfYear - (153 * m + 2) / 5 + 1)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let year = String(yearOfEra + era * 400 + (month <= 2 ? 1 : 0))
        return String(repeating: "0", count: max(0, 4 - year.count)) + year
            + "-\(two(month))-\(two(dayOfMonth))T\(two(minuteOfDay / 60)):\(two(minuteOfDay % 60))+00:00"
    }
}
