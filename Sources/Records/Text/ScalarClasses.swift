// What a merge of texts knows about scalars: the tables of protocol/8-text.md, and nothing of the Unicode tables at hand.

extension Unicode.Scalar {
    var isNewline: Bool {
        switch value {
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    var isSpace: Bool {
        switch value {
        case 0x09, 0x20, 0xA0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// 0-9, also in full width.
    var isDigit: Bool {
        switch value {
        case 0x30...0x39, 0xFF10...0xFF19: true
        default: false
        }
    }

    var isChineseNumeral: Bool {
        switch self {
        case "〇", "零", "一", "二", "两", "三", "四", "五", "六", "七", "八", "九", "十", "百", "千", "万", "亿", "壹", "贰", "叁", "肆", "伍", "陆", "柒",
            "捌", "玖", "拾", "佰", "仟":
            true
        default: false
        }
    }

    var isNumeral: Bool { isDigit || isChineseNumeral }

    /// What belongs to the numeral before it.
    var isMeasure: Bool {
        switch self {
        case "年", "月", "日", "号", "时", "点", "分", "秒", "周", "季", "度", "元", "角", "岁", "%", "％", "‰", "℃": true
        default: false
        }
    }

    /// What may stand before a number and belongs to it.
    var isSign: Bool {
        switch self {
        case "+", "-", "＋", "－", "−", "±", "$", "＄", "¥", "￥", "€", "£", "〔", "[", "［": true
        default: false
        }
    }

    /// What may stand within a number or a word.
    var isConnector: Bool {
        switch self {
        case ".", "．", ",", ":", "：", "/", "／", "-", "－", "–", "—", "~", "～", "×", "·", "_", "@", "&", "'", "’", "〕", "]", "］", ")",
            "）":
            true
        default: false
        }
    }

    var isLetter: Bool {
        switch value {
        case 0xD7, 0xF7: false
        case 0x41...0x5A, 0x61...0x7A, 0xAA, 0xB5, 0xBA, 0xC0...0x2FF, 0x370...0x482, 0x48A...0x590, 0x1E00...0x1FFF,
            0x2C60...0x2C7F,
            0xA720...0xA7FF, 0xFF21...0xFF3A, 0xFF41...0xFF5A:
            true
        default: false
        }
    }

    /// Punctuation, that a difference can consist of without touching what is said.
    var isMark: Bool {
        switch value {
        case 0x21, 0x22, 0x27...0x29, 0x2C...0x2F, 0x3A, 0x3B, 0x3F, 0x5B, 0x5D, 0x5F, 0x60, 0x7B, 0x7D, 0xA1, 0xAB, 0xB7, 0xBB,
            0xBF,
            0x2010...0x2027, 0x2030...0x205E, 0x3001...0x3003, 0x3008...0x3011, 0x3014...0x301F, 0x3030, 0x30FB, 0xFE10...0xFE19,
            0xFE30...0xFE52, 0xFE54...0xFE5E, 0xFF01, 0xFF02, 0xFF07...0xFF09, 0xFF0C...0xFF0F, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF3B,
            0xFF3D,
            0xFF3F, 0xFF40, 0xFF5B, 0xFF5D, 0xFF5F...0xFF65:
            true
        default: false
        }
    }

    /// Marks that are one token however often they are repeated.
    var isRepeatedMark: Bool { self == "…" || self == "—" || self == "." || self == "-" }

    /// Ends a sentence wherever it stands.
    var endsSentence: Bool {
        switch self {
        case "。", "！", "？", "；", "…", "｡": true
        default: false
        }
    }

    /// Ends a sentence where a blank or nothing follows.
    var mayEndSentence: Bool {
        switch self {
        case ".", "!", "?", ";": true
        default: false
        }
    }

    /// Belongs to the sentence that ended before it.
    var closesSentence: Bool {
        switch self {
        case "”", "’", "」", "』", "）", "】", "〉", "》", "〕", "〗", ")", "]", "}", "\"", "'", "»": true
        default: false
        }
    }

    var isRegionalIndicator: Bool { (0x1F1E6...0x1F1FF).contains(value) }
    var isLeadingJamo: Bool { (0x1100...0x115F).contains(value) || (0xA960...0xA97C).contains(value) }
    var isHangulSyllable: Bool { (0xAC00...0xD7A3).contains(value) }

    /// Whatever follows belongs to it: the zero-width joiner, and signs that Unicode puts before what they belong to.
    var isLinking: Bool {
        switch value {
        case 0x200D, 0x600...0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0xD4E, 0x110BD, 0x110CD, 0x111C2, 0x111C3, 0x113D1, 0x1193F,
            0x11941, 0x11A3A, 0x11A84...0x11A89, 0x11D46, 0x11F02:
            true
        default: false
        }
    }

    /// Belongs to what stands before it: combining marks, variation selectors, joiners, tags, and all of the scripts that have
    /// combining marks of their own.
    var isAttaching: Bool {
        switch value {
        case 0x300...0x36F, 0x483...0x489, 0x591...0x1DFF, 0x200C, 0x200D, 0x20D0...0x20FF, 0x2CEF...0x2CF1, 0x2D7F,
            0x2DE0...0x2DFF,
            0x302A...0x302F, 0x3099, 0x309A, 0xA66F...0xA67D, 0xA69E, 0xA69F, 0xA6F0, 0xA6F1, 0xA800...0xABFF, 0xD7B0...0xD7FF,
            0xFB1E,
            0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xFF9E, 0xFF9F, 0x101FD, 0x102E0, 0x10376...0x1037A, 0x10A00...0x11FFF,
            0x13430...0x13455, 0x16100...0x16FFF, 0x1BC9D, 0x1BC9E, 0x1CF00...0x1CF46, 0x1D165...0x1D1AD, 0x1D242...0x1D244,
            0x1DA00...0x1DAAF, 0x1E000...0x1E95F, 0x1F3FB...0x1F3FF, 0xE0000...0xE0FFF:
            true
        default: false
        }
    }

    /// Full width as half width.
    var narrowed: Unicode.Scalar {
        switch value {
        case 0xFF01...0xFF5E: Unicode.Scalar(value - 0xFEE0) ?? self
        case 0xFFE5: "¥"
        default: self
        }
    }
}
