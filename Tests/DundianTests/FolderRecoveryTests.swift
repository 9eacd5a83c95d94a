// A replica folder that is copied, put back or damaged, as it happens to files.

import Dundian
import Files
import Foundation
import Replicas
import Testing
import Worlds

struct FolderRecoveryTests {
    /// A folder, and what stands for the user's state elsewhere.
    private struct Place {
        let folder: String
        let state: String
        init() throws {
            folder = try TemporaryFolder.file("replica")
            state = try TemporaryFolder.file("state")
        }

        func witness(of folder: String? = nil) -> WitnessFile {
            WitnessFile(of: folder ?? self.folder, environment: ["DUNDIAN_STATE": state])
        }

        func open(_ folder: String? = nil) throws -> ReplicaFolder {
            let folder = folder ?? self.folder
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            return try ReplicaFolder(path: folder, instruments: nil, witness: witness(of: folder))
        }

        /// Admits the folder's device to a scope by a roster of its own making.
        func admit(_ folder: ReplicaFolder) throws -> ScopeID {
            let world = try World()
            try world.grant(folder.replica.key, [world.scope])
            try folder.replica.accept(world.roster)
            return world.scope
        }
    }

    @Test func `a copied folder is known as a copy, and one that was put back as older; the original goes on`() throws {
        let place = try Place()
        let scope: ScopeID
        do {
            let folder = try place.open()
            scope = try place.admit(folder)
            try folder.replica.create("talk", in: scope, fields: [("title", .value(.text("one")))])
            try folder.store.checkpoint()
        }
        let backup = place.folder + ".backup"
        try FileManager.default.copyItem(atPath: place.folder, toPath: backup)
        do {
            let folder = try place.open()
            #expect(!folder.replica.isDoubted)
            try folder.replica.create("talk", in: scope, fields: [("title", .value(.text("two")))])
            try folder.store.checkpoint()
        }
        #expect(try place.open(backup).replica.isDoubted)
        try FileManager.default.removeItem(atPath: place.folder)
        try FileManager.default.copyItem(atPath: backup, toPath: place.folder)
        let back = try place.open()
        #expect(back.replica.isDoubted)
        let old = try back.replica.replicaID()
        try back.replica.create("talk", in: scope, fields: [("title", .value(.text("three")))])
        #expect(try back.replica.replicaID() != old)
        #expect(try !place.open().replica.isDoubted)
    }

    @Test func `without a place to remember nothing is doubted, and a spoiled memory is none`() throws {
        let place = try Place()
        try FileManager.default.createDirectory(atPath: place.folder, withIntermediateDirectories: true)
        let none = WitnessFile(of: place.folder, environment: ["DUNDIAN_STATE": ""])
        #expect(none.testimony() == .unable)
        let witness = place.witness()
        #expect(witness.testimony() == .none)
        let progress = OwnProgress(replica: ReplicaID(rawValue: 7), positions: [ScopeID(high: 1, low: 2): 5])
        witness.remember(progress)
        #expect(witness.testimony() == .progress(progress))
        witness.remember(OwnProgress(replica: ReplicaID(rawValue: 7), positions: [ScopeID(high: 1, low: 2): 3]))
        #expect(witness.testimony() == .progress(progress))
        let folder = place.state + "/witness"
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder + "/" + file))
        #expect(witness.testimony() == .none)
    }

    @Test func `a damaged file is healed in its place, and kept beside it`() throws {
        let place = try Place()
        let ids: [RecordID]
        do {
            let folder = try place.open()
            let scope = try place.admit(folder)
            ids = try (0..<40).map { number in
                try folder.replica.create("talk", in: scope, fields: [("title", .value(.text("talk number \(number) of forty")))])
            }
            try folder.store.checkpoint()
        }
        // One letter of an entry's value changes on the disk, wherever it stands in the file.
        let file = place.folder + "/replica.sqlite"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let needle = Data("talk number 17 of".utf8)
        var hits = 0
        while let range = bytes.firstRange(of: needle) {
            bytes[range.lowerBound] = UInt8(ascii: "T")
            hits += 1
        }
        #expect(hits > 0)
        try bytes.write(to: URL(fileURLWithPath: file))
        #expect(try !place.open().replica.check().faults.isEmpty)
        let (report, kept) = try ReplicaFolder.recover(path: place.folder)
        #expect(FileManager.default.fileExists(atPath: kept))
        #expect(report.damaged.count == 1)
        #expect(report.rewritten == 22)
        let healed = try place.open()
        #expect(try healed.replica.check().faults == [])
        let here = try ids.filter { try healed.replica.record($0) != nil }
        #expect(here.count >= 39)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder).filter { $0.contains("recovering") } == [])
    }

    @Test func `what is no replica is not recovered, and nothing changes`() throws {
        let place = try Place()
        #expect(throws: ReplicaError.self) { try ReplicaFolder.recover(path: place.folder) }
        try FileManager.default.createDirectory(atPath: place.folder, withIntermediateDirectories: true)
        try Data("not a database".utf8).write(to: URL(fileURLWithPath: place.folder + "/replica.sqlite"))
        #expect(throws: ReplicaError.self) { try ReplicaFolder.recover(path: place.folder) }
        #expect(try String(contentsOfFile: place.folder + "/replica.sqlite", encoding: .utf8) == "not a database")
    }
}
