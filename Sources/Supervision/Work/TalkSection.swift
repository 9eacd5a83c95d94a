// Which section of a talk note a question belongs in: what its heading or its basis says, else what it is about.

/// The sections of a talk note.
public enum TalkSection {
    private static let words: [(key: String, words: [String])] = [
        ("growth", ["成长", "经历", "growth"]), ("thought_study", ["思想", "学习", "thought", "study"]),
        ("leading_group", ["班子", "leading group"]), ("responsibility", ["履责", "履职", "责任制", "监督责任", "主体责任", "responsib"]),
        ("advice", ["意见", "建议", "advice"]), ("work", ["工作", "项目", "work"]),
    ]

    /// - Parameter sections: keys and labels of the sections there are.
    /// - Returns: a section's key; nil if nothing tells.
    public static func of(_ question: Question, among sections: [(key: String, label: String)]) -> String? {
        let keys = Set(sections.map(\.key))
        for text in [question.heading, question.basis, question.text] where !text.isEmpty {
            if let section = sections.first(where: { text.contains($0.label) }) { return section.key }
            let lower = text.lowercased()
            if let section = words.first(where: { keys.contains($0.key) && $0.words.contains { lower.contains($0) } }) {
                return section.key
            }
        }
        return nil
    }
}
