// The tally of a questionnaire: for each question how many sheets say yes, no, or nothing. Sheets are anonymous; nothing here names anybody.

import Causality
public import Records

/// What the answer sheets of a questionnaire say together.
public struct SheetTally: Sendable {
    /// One question's answers.
    public struct Line: Hashable, Sendable {
        /// The question.
        public var question: Question
        /// How many sheets say yes.
        public var yes = 0
        /// How many say no.
        public var no = 0
        /// How many say both, as can come of two people entering one sheet.
        public var both = 0
        /// How many say neither.
        public var blank = 0
        /// What sheets say to it in words.
        public var accounts: [String] = []
    }

    /// In the order of the questionnaire.
    public var lines: [Line]
    /// How many sheets there are.
    public var sheets: Int
    /// Numbers that sheets answer and the questionnaire does not have.
    public var unknown: [String]
    /// What sheets say in words to no question in particular.
    public var remarks: [String]

    /// - Parameter questionnaire: a record of that type; its sheets are looked for in the file.
    public init(of questionnaire: RecordState, in file: CaseFile) {
        lines = Question.all(in: file.text(questionnaire, "questions") ?? "").map { Line(question: $0) }
        let sheets = file.live("answer_sheet", "questionnaire", refersTo: questionnaire.record)
        self.sheets = sheets.count
        (unknown, remarks) = ([], [])
        let places = Dictionary(lines.enumerated().map { ($1.question.number, $0) }) { first, _ in first }
        for sheet in sheets {
            let (yes, no) = (Set(file.texts(sheet, "yes")), Set(file.texts(sheet, "no")))
            for i in lines.indices {
                let number = lines[i].question.number
                switch (yes.contains(number), no.contains(number)) {
                case (true, false): lines[i].yes += 1
                case (false, true): lines[i].no += 1
                case (true, true): lines[i].both += 1
                case (false, false): lines[i].blank += 1
                }
            }
            unknown += yes.union(no).filter { places[$0] == nil && !unknown.contains($0) }
            // An account begins with the number of its question.
            for line in (file.text(sheet, "accounts") ?? "").split(whereSeparator: \.isNewline) {
                let digits = String(line.prefix { $0.isASCII && $0.isNumber })
                let rest = String(line.dropFirst(digits.count).drop { ".、:：)） ".contains($0) }).trimmingBlanks()
                if let place = places[digits], !rest.isEmpty {
                    lines[place].accounts.append(rest)
                } else if !String(line).trimmingBlanks().isEmpty {
                    remarks.append(String(line).trimmingBlanks())
                }
            }
        }
        unknown.sort { (Int($0) ?? .max, $0) < (Int($1) ?? .max, $1) }
    }
}
