import Attachments
import Causality
import Files
import Journals
import Replicas
import Testing
import Wire
import Worlds

import struct Foundation.UUID
import class Foundation.FileManager
import class Foundation.ProcessInfo

enum VaultKind: CaseIterable { case memory, folder }

struct AttachmentVaultTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/vault-\(UUID().uuidString)"
    private let scope = ScopeID(high: 1, low: 2)

    private func vault(_ kind: VaultKind) -> any AttachmentVault {
        kind == .memory ? MemoryVault() : AttachmentFolder(path: folder)
    }
    private func key(_ bytes: [UInt8]) -> AttachmentKey {
        var hasher = ContentHasher()
        hasher.update(bytes)
        return AttachmentKey(scope: scope, hash: hasher.finish())
    }
    private func clear() { try? FileManager.default.removeItem(atPath: folder) }

    @Test(arguments: VaultKind.allCases)
    func `a content is whole once its last byte is there and its hash is its name`(_ kind: VaultKind) throws {
        defer { clear() }
        let vault = vault(kind)
        let bytes: [UInt8] = Array("a photo".utf8)
        let key = key(bytes)
        #expect(try vault.holding(of: key) == AttachmentHolding())
        #expect(throws: AttachmentFault(.missing, key.hash)) { _ = try vault.read(key, at: 0, limit: 9) }
        #expect(try vault.append(Array(bytes[..<3]), at: 0, of: key, size: 7) == AttachmentHolding(bytes: 3))
        // Another place, the same again, more than there is: nothing changes.
        for (offset, count) in [(0, 3), (4, 3), (3, 5)] {
            #expect(try vault.append([UInt8](repeating: 1, count: count), at: UInt64(offset), of: key, size: 7).bytes == 3)
        }
        #expect(throws: AttachmentFault(.missing, key.hash)) { _ = try vault.read(key, at: 0, limit: 9) }
        #expect(try vault.append(Array(bytes[3...]), at: 3, of: key, size: 7) == AttachmentHolding(bytes: 7, isWhole: true))
        #expect(try vault.read(key, at: 2, limit: 3) == Array("pho".utf8))
        #expect(try vault.read(key, at: 7, limit: 3).isEmpty)
        #expect(try vault.append([9], at: 7, of: key, size: 8).isWhole)
        try vault.verify(key)
        #expect(try vault.keys() == [key])
        try vault.remove(key)
        #expect(try vault.keys().isEmpty)
        try vault.remove(key)
    }

    @Test(arguments: VaultKind.allCases)
    func `what does not have its hash leaves nothing behind`(_ kind: VaultKind) throws {
        defer { clear() }
        let vault = vault(kind)
        let key = key([1, 2, 3])
        _ = try vault.append([1], at: 0, of: key, size: 3)
        #expect(throws: AttachmentFault(.damaged, key.hash)) { _ = try vault.append([2, 4], at: 1, of: key, size: 3) }
        #expect(try vault.holding(of: key) == AttachmentHolding())
        #expect(try vault.append([1, 2, 3], at: 0, of: key, size: 3).isWhole)
    }

    @Test(arguments: VaultKind.allCases)
    func `what no record tells of stays for a while, and stays for good if one tells of it again`(_ kind: VaultKind) throws {
        defer { clear() }
        let vault = vault(kind)
        let (a, b) = (key([1]), key([2]))
        _ = try vault.append([1], at: 0, of: a, size: 1)
        _ = try vault.append([2], at: 0, of: b, size: 1)
        func tidy(_ wanted: Set<AttachmentKey>, _ time: Int64) throws -> [AttachmentKey] {
            try vault.tidy(keeping: wanted, now: Timestamp(milliseconds: time), grace: 1_000)
        }
        #expect(try tidy([a], 5_000).isEmpty)
        #expect(try tidy([a], 5_999).isEmpty)
        #expect(try tidy([a, b], 6_000).isEmpty)
        #expect(try tidy([a], 7_000).isEmpty)
        #expect(try tidy([a], 4_000).isEmpty)
        #expect(try tidy([a], 8_000) == [b])
        #expect(try vault.keys() == [a])
    }

    @Test(arguments: VaultKind.allCases, [0, 700_000])
    func `a content is kept for another scope too, whole, an empty one as well`(_ kind: VaultKind, _ count: Int) throws {
        defer { clear() }
        let vault = vault(kind)
        let bytes = [UInt8](repeating: 7, count: count)
        _ = try vault.append(bytes, at: 0, of: key(bytes), size: UInt64(count))
        let copy = try vault.copy(key(bytes), to: ScopeID(high: 3, low: 4))
        #expect(copy.scope == ScopeID(high: 3, low: 4) && copy.hash == key(bytes).hash)
        #expect(try vault.holding(of: copy).isWhole && vault.holding(of: key(bytes)).isWhole)
        var got: [UInt8] = []
        try vault.deliver(copy) { got += $0 }
        #expect(got == bytes)
    }

    @Test(arguments: VaultKind.allCases)
    func `what the centre holds is noted`(_ kind: VaultKind) throws {
        defer { clear() }
        let vault = vault(kind)
        let key = key([1])
        _ = try vault.append([1], at: 0, of: key, size: 1)
        #expect(try !vault.isAtCentre(key))
        try vault.setAtCentre(true, key)
        try vault.setAtCentre(true, key)
        #expect(try vault.isAtCentre(key))
        try vault.setAtCentre(false, key)
        #expect(try !vault.isAtCentre(key))
    }

    @Test func `a file is copied in under its hash, for its owner alone, and checked whenever it is handed out`() throws {
        defer { clear() }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let source = folder + "/photo.jpg"
        let bytes = [UInt8](repeating: 7, count: 600_000)
        #expect(FileManager.default.createFile(atPath: source, contents: .init(bytes)))
        let vault = AttachmentFolder(path: folder + "/in/../vault")
        try FileManager.default.createDirectory(atPath: folder + "/in", withIntermediateDirectories: true)
        let (added, size) = try vault.add(source, to: scope)
        #expect(added == key(bytes) && size == 600_000)
        #expect(try vault.add(source, to: scope).key == added)
        #expect(vault.keys() == [added])
        let file = "\(vault.path)/\(Hex.string(scope.bytes))/\(added.hash)"
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        var got: [UInt8] = []
        try vault.deliver(added) { got += $0 }
        #expect(got == bytes)
        var spoiled = bytes
        spoiled[599_999] = 8
        #expect(FileManager.default.createFile(atPath: file, contents: .init(spoiled)))
        #expect(throws: AttachmentFault(.damaged, added.hash)) { try vault.deliver(added) { _ in } }
        #expect(!vault.holding(of: added).isWhole)
        // What was set aside is still something of it, and goes with it.
        #expect(vault.keys() == [added])
        #expect(throws: ReplicaError.self) { _ = try vault.add(folder, to: scope) }
        #expect(throws: ReplicaError.self) { _ = try vault.add(folder + "/none", to: scope) }
    }

    @Test func `what a killed program was taking in is swept away, what a living one is taking in is not`() throws {
        defer { clear() }
        let vault = AttachmentFolder(path: folder + "/vault")
        let inside = "\(vault.path)/\(Hex.string(scope.bytes))"
        try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: true)
        // No process has this number: it is above what the system gives.
        for name in ["adding-4194305-1", "adding-\(ProcessInfo.processInfo.processIdentifier)-1"] {
            #expect(FileManager.default.createFile(atPath: "\(inside)/\(name)", contents: .init([1])))
        }
        #expect(vault.keys() == [])
        vault.sweep()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: inside) == ["adding-\(ProcessInfo.processInfo.processIdentifier)-1"]
        )
    }

    @Test func `a content that lay here without a record and is added again begins its time anew`() throws {
        defer { clear() }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: folder + "/photo.jpg", contents: .init([1, 2, 3])))
        let vault = AttachmentFolder(path: folder + "/vault")
        let (added, _) = try vault.add(folder + "/photo.jpg", to: scope)
        try vault.setOrphaned(Timestamp(milliseconds: 5), added)
        _ = try vault.add(folder + "/photo.jpg", to: scope)
        #expect(vault.orphaned(added) == nil)
    }

    @Test func `two vaults over one folder, as two processes have them, take one content together`() throws {
        defer { clear() }
        let (one, other) = (AttachmentFolder(path: folder), AttachmentFolder(path: folder))
        let bytes = [UInt8](0..<100)
        let key = key(bytes)
        _ = try one.append(Array(bytes[..<60]), at: 0, of: key, size: 100)
        #expect(try other.append(Array(bytes[..<50]), at: 0, of: key, size: 100).bytes == 60)
        #expect(try other.append(Array(bytes[60...]), at: 60, of: key, size: 100).isWhole)
        #expect(try one.append(Array(bytes[60...]), at: 60, of: key, size: 100).isWhole)
        #expect(one.keys() == [key])
    }
}
