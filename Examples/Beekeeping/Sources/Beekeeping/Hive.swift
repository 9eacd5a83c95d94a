// An own catalogue, and a hive as the program works with it: a plain value, read out of a record and written field by field.

import Dundian

extension Catalogue {
    /// The example's own record types: beekeeping.json, checked when it is first used.
    static func beekeeping() throws -> Catalogue { try Catalogue(bytes: PackageResources.beekeeping_json) }
}

struct Hive {
    var name: String
    var frames: Int64?
    var season: String?
    var plants: [String]

    init(name: String, frames: Int64? = nil, season: String? = nil, plants: [String] = []) {
        (self.name, self.frames, self.season, self.plants) = (name, frames, season, plants)
    }

    /// What a record shows; a contested field shows a provisional value.
    init(_ record: Record) {
        name = record.text("name") ?? ""
        frames = record.integer("frames")
        season = record.text("season")
        plants = record.elements("plants").map(\.plainText)
    }

    var fields: [(FieldKey, FieldInput)] {
        [
            ("name", .value(.text(name))),
            ("frames", .value(frames.map { .integer($0) } ?? .empty)),
            ("season", .value(season.map { .text($0) } ?? .empty)),
            ("plants", .elements(plants.map { .text($0) })),
        ]
    }
}
