// Workload W: talk notes made from a seed, the same in every run and on every machine. Each record has 17 values beside its id, about 1.1 KiB.
//
// PRNG: splitmix64. Stream A of record i (everything but the body) begins at mix(seed ^ i), stream B (the body of version v) at
// mix(seed ^ i ^ v << 40). A character costs 16 bits u of a draw, low bits first, and is number (u * u * n) >> 32 of the n characters.

package import Causality
package import Records

package struct Workload {
    private static let seed: UInt64 = 20_260_117
    private static let characters = Array(
        "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
            + "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相"
            + "全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果"
            + "料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则"
            + "任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带"
            + "安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装")
    private static let names = Array("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗")

    package let record: RecordID
    package let fields: [(key: String, value: Value)]

    package init(_ i: UInt64, version: UInt64 = 1) {
        var random = Stream(from: Self.seed ^ i)
        record = RecordID(high: random.next(), low: random.next())
        let kind = random.next() % 10
        let type = kind < 7 ? "talk_note" : ["person", "visit", "place"][Int(kind) - 7]
        let village = Self.padded(random.next() % 40, 2)
        let created = 1_735_689_600_000 + random.next() % 31_536_000_000
        let b = random.next()
        let day = "2025-\(Self.padded(1 + (b & 0xFF) % 12, 2))-\(Self.padded(1 + (b >> 8 & 0xFF) % 28, 2))"
        let title = Self.text(&random, 6 + Int(b >> 16 % 9))
        let speaker = String(Self.names[Int((b >> 24) % 20)]) + Self.text(&random, 2)
        let place = Self.text(&random, 4) + "村"
        let tags = [Self.text(&random, 2), Self.text(&random, 2)]
        let c = random.next()
        func pick(_ shift: UInt64, _ of: [String]) -> String { of[Int((c >> shift) % UInt64(of.count))] }
        fields = [
            ("kind", .text(type)), ("village", .text("village-\(village)")), ("title", .text(title)),
            ("author", .text("user-\(Self.padded(c % 120, 3))")), ("speaker", .text(speaker)), ("day", .date(day)),
            ("created", .integer(Int64(created))), ("updated", .integer(Int64(created) + (version == 1 ? 0 : 86_400_000))),
            ("place", .text(place)), ("lang", .text(pick(8, ["zh", "yue", "nan", "hak"]))),
            ("status", .text(pick(16, ["draft", "checked", "final", "redo"]))),
            ("way", .text(pick(24, ["interview", "phone", "group", "field"]))), ("minutes", .integer(Int64(5 + (c >> 32) % 90))),
            ("device", .text("LAP-\(Self.padded((c >> 40) % 60, 2))")), ("tag1", .text(tags[0])), ("tag2", .text(tags[1])),
            ("body", .text(Self.body(i, version))),
        ]
    }

    /// The record as one line of JSON, as a program without us would keep it.
    package var json: String {
        "{\"id\":\"\(record)\"," + fields.map { "\"\($0.key)\":\"\($0.value.plainText)\"" }.joined(separator: ",") + "}"
    }

    /// The edit that makes it.
    package var creation: Edit {
        Edit(
            record: record, type: "talk_note", context: VersionVector(),
            writes: fields.map { Write(.put, field: FieldKey($0.key), value: .value($0.value)) })
    }

    private static func body(_ i: UInt64, _ version: UInt64) -> String {
        var random = Stream(from: seed ^ i ^ version << 40)
        let count = 185 + Int(random.next() % 31)
        var out = ""
        for (k, character) in text(&random, count).enumerated() {
            out.append(character)
            if (k + 1) % 33 == 0 { out.append("。") } else if (k + 1) % 11 == 0 { out.append("，") }
        }
        return out + "。"
    }

    private static func text(_ random: inout Stream, _ count: Int) -> String {
        var out = ""
        var made = 0
        while made < count {
            let draw = random.next()
            for k in 0..<4 where made < count {
                let u = draw >> UInt64(16 * k) & 0xFFFF
                out.append(characters[Int((u * u * UInt64(characters.count)) >> 32)])
                made += 1
            }
        }
        return out
    }

    private static func padded(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private struct Stream {
        private var state: UInt64

        init(from start: UInt64) { state = Self.mix(start) }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            return Self.mix(state)
        }

        private static func mix(_ z: UInt64) -> UInt64 {
            var z = z
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
    }
}
