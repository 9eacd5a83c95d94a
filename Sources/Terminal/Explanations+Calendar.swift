// What is said where working days cannot be reckoned: a year that nobody knows, a file that is no year's calendar.

package import Supervision

extension Explanation {
    /// A year is missing: which one, and how it is added.
    package init(_ missing: MissingYear, _ t: Language) {
        let year = missing.year
        self.init(
            "year-missing", exit: ExitStatus.notFound,
            t("没有 \(year) 年的放假安排，这一年的工作日无从算起。", "The holidays of \(year) are not known, so its working days cannot be counted."),
            t(
                "把公布的安排照 protocol/calendar/2026.json 的样子写成 \(year).json，放到副本文件夹的 calendar/ 里；或更新程序。",
                "Write what was announced into \(year).json, in the form of protocol/calendar/2026.json, and put it into calendar/ in the replica's folder; or update the program."
            ))
    }

    /// A file is no year's calendar.
    package init(_ fault: CalendarFault, file: String, _ t: Language) {
        self.init(
            "calendar-malformed", exit: ExitStatus.badInput,
            t("\(Screen.safe(file)) 不是一年的放假安排：", "\(Screen.safe(file)) is no year's calendar: ") + Screen.safe(fault.what(t))
                + t("。", "."),
            t("请改正或移走它。", "Put it right, or take it away."))
    }
}
