// Nothing that came out of a note can move the cursor, colour the screen, turn the text around or hide in it: such characters are
// shown as \u{...}, not obeyed.
//
//   shown                                                     left alone
//   controls, tabs, line and paragraph separators             line ends, where several lines are wanted
//   bidi embeddings, overrides, isolates, marks               letters of scripts written from the right
//   zero-width spaces and joiners, soft hyphen, BOM, fillers  a joiner inside an emoji, or inside a word of a script that needs it
//   tag characters, interlinear annotation                    a variation selector behind its base
//   private use, unassigned, noncharacters                    Arabic number signs, which are format characters but seen
//   marks without a base, or heaped up

extension Screen {
    /// Text from a record, safe to print on one line or, with `lines`, on several.
    package static func safe(_ text: String, lines: Bool = false) -> String {
        var out = ""
        out.reserveCapacity(text.utf8.count)
        let text = lines && text.utf8.contains(0x0D) ? withoutCarriageReturns(text) : text
        visit(text) { scalar, isHarmful in
            if isHarmful, !(lines && scalar == "\n") { out += shown(scalar) } else { out.unicodeScalars.append(scalar) }
        }
        return out
    }

    /// How a harmful character is written where people can see it.
    package static func shown(_ scalar: Unicode.Scalar) -> String { "\\u{\(String(scalar.value, radix: 16))}" }

    /// A line end is one however it is written; a lone carriage return stays, to be shown.
    private static func withoutCarriageReturns(_ text: String) -> String {
        String(text.map { $0 == "\r\n" ? "\n" : $0 })
    }

    /// Hands over every scalar, and whether a terminal would obey it or hide it where it stands.
    package static func visit(_ text: String, _ body: (Unicode.Scalar, Bool) -> Void) {
        let scalars = text.unicodeScalars
        var before: Unicode.Scalar?
        var marks = 0
        var i = scalars.startIndex
        while i < scalars.endIndex {
            let scalar = scalars[i]
            scalars.formIndex(after: &i)
            if scalar.value < 0x7F {
                let isHarmful = scalar.value < 0x20
                body(scalar, isHarmful)
                (before, marks) = (isHarmful ? nil : scalar, 0)
                continue
            }
            let next = i < scalars.endIndex ? scalars[i] : nil
            if isMark(scalar) { marks += 1 } else if scalar.value != 0x200D { marks = 0 }
            let isHarmful = marks > marksMax || isHarmful(scalar, between: before, and: next)
            body(scalar, isHarmful)
            // What is shown as an escape carries no marks and joins nothing.
            before = isHarmful ? nil : scalar
        }
    }

    /// More marks than this on one letter are no writing.
    private static let marksMax = 8

    private static func isHarmful(
        _ scalar: Unicode.Scalar, between before: Unicode.Scalar?, and next: Unicode.Scalar?
    ) -> Bool {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return true
        case .nonspacingMark, .enclosingMark, .spacingMark:
            guard let before, !before.properties.isWhitespace else { return true }
            if properties.isVariationSelector { return before.properties.isVariationSelector }
            return properties.isDefaultIgnorableCodePoint
        case .format:
            switch scalar.value {
            case 0x0600...0x0605, 0x06DD, 0x070F, 0x0890...0x0891, 0x08E2, 0x110BD, 0x110CD: return false
            case 0x200C: return !(isJoining(before) && isJoining(next))
            case 0x200D: return !(isJoining(before) && isJoining(next)) && !(endsEmoji(before) && isPictograph(next))
            default: return true
            }
        default: return properties.isDefaultIgnorableCodePoint || scalar.value == 0xFFFC
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: true
        default: false
        }
    }

    /// Letters and marks of the scripts whose words need joiners: Arabic, Syriac, N'Ko, Indic scripts, Myanmar, Khmer, Mongolian.
    private static func isJoining(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        switch scalar.value {
        case 0x0620...0x07FA, 0x0840...0x0DFF, 0x1000...0x109F, 0x1780...0x17DD, 0x1807, 0x180A, 0x1820...0x18AF:
            return scalar.properties.isAlphabetic || isMark(scalar)
        default: return false
        }
    }

    private static func endsEmoji(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { $0.value == 0xFE0F || $0.properties.isEmojiModifier || isPictograph($0) } ?? false
    }

    private static func isPictograph(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { $0.value > 0xFF && $0.properties.isEmoji && $0.properties.generalCategory != .decimalNumber } ?? false
    }
}
