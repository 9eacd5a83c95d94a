import Records
import Supervision
import Testing

struct FiguresTests {
    private func day(_ text: String) throws -> Day { try #require(Day(text)) }

    @Test func `what lies in the period is counted, in all and for each unit, persons by number`() throws {
        let events = [
            FigureEvent(.directives, day: try day("2026-01-01"), unit: "a"),
            FigureEvent(.directives, day: try day("2026-12-31"), unit: "b"),
            FigureEvent(.directives, day: try day("2025-12-31"), unit: "a"),
            FigureEvent(.directives, day: try day("2027-01-01"), unit: "a"),
            FigureEvent(.personsVetted, day: try day("2026-05-11"), unit: "a", count: 12),
            FigureEvent(.personsVetted, day: try day("2026-06-11"), unit: nil, count: 3),
            FigureEvent(.workReminderCards, day: try day("2026-06-11"), unit: "b"),
        ]
        let figures = Figures(events, in: try day("2026-01-01")...day("2026-12-31"))
        #expect(figures.total == [.directives: 2, .personsVetted: 15, .workReminderCards: 1])
        #expect(figures.units == ["a": [.directives: 1, .personsVetted: 12], "b": [.directives: 1, .workReminderCards: 1]])
        #expect(Figures(events, in: try day("2020-01-01")...day("2020-12-31")).total.isEmpty)
    }

    @Test func `every kind of activity and letter of the catalogue that is counted has its figure`() throws {
        let activity = try #require(Catalogue.supervision.type("activity")?.field("kind")?.choices?.map(\.key))
        let letter = try #require(Catalogue.supervision.type("letter")?.field("kind")?.choices?.map(\.key))
        let counted = activity.compactMap(Figure.ofActivity) + letter.compactMap(Figure.ofLetter)
        #expect(Set(counted) == Set(Figure.allCases) && counted.count == Figure.allCases.count)
        #expect(letter.allSatisfy { Figure.ofLetter($0) != nil })
    }
}
