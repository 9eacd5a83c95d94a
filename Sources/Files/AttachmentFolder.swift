// A vault on disk: a folder for each scope, in it a file for each content, named by its hash.
//
//     attachments/SCOPE/HASH            whole, checked when it became so
//     attachments/SCOPE/HASH.part       its first bytes
//     attachments/SCOPE/HASH.damaged    what was found not to be what its name says
//     attachments/SCOPE/HASH.centre     the central service is known to hold it
//     attachments/SCOPE/HASH.orphaned   since when no record tells of it, in milliseconds

package import Attachments
package import Causality
import Journals
import Replicas
package import Wire

import class Foundation.FileManager

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Keeps contents as files for this user alone. Several processes may use one folder.
package struct AttachmentFolder: AttachmentVault {
    private enum Suffix: String, CaseIterable {
        case part = ".part"
        case damaged = ".damaged"
        case centre = ".centre"
        case orphaned = ".orphaned"
    }

    /// Where it is. Made when the first content comes.
    package let path: String

    package init(path: String) { self.path = path }

    private func folder(_ scope: ScopeID) -> String { "\(path)/\(Hex.string(scope.bytes))" }
    private func file(_ key: AttachmentKey, _ suffix: Suffix? = nil) -> String {
        "\(folder(key.scope))/\(key.hash)\(suffix?.rawValue ?? "")"
    }

    private func makeFolder(_ scope: ScopeID) throws {
        let folder = folder(scope)
        guard mkdir(folder, 0o700) != 0, errno != EEXIST else { return }
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw WholeFile.unwritable(folder) }
    }

    private func size(_ path: String) -> UInt64? {
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
        return UInt64(information.st_size)
    }

    // MARK: Taking in

    /// Takes a file in as a content of a scope: a copy, whole and durable when this returns.
    ///
    /// - Throws: `ReplicaError` if it cannot be read or kept, ``AttachmentFault`` with `tooLarge`.
    package func add(_ source: String, to scope: ScopeID) throws -> (key: AttachmentKey, size: UInt64) {
        try makeFolder(scope)
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw Self.unreadable(source) }
        defer { close(input) }
        var information = stat()
        guard fstat(input, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw ReplicaError(
                .fileUnreadable, source, message: "\(source) is no file that can be attached.",
                next: "Nothing was added. Give a file's path.")
        }
        // Its name is known only at its end.
        let copy = try WholeFile("\(folder(scope))/\(Self.adding)\(getpid())-\(UInt64.random(in: .min ... .max))", replaces: true)
        var hasher = ContentHasher()
        var size: UInt64 = 0
        while true {
            let bytes = try Self.read(input, 1 << 18, source)
            if bytes.isEmpty { break }
            size += UInt64(bytes.count)
            let hash = hasher
            guard size <= Attachment.sizeMax else { throw AttachmentFault(.tooLarge, hash.finish()) }
            hasher.update(bytes)
            try copy.write(bytes)
        }
        let key = AttachmentKey(scope: scope, hash: hasher.finish())
        try copy.finish()
        guard rename(copy.path, file(key)) == 0 else { throw WholeFile.unwritable(file(key)) }
        WholeFile.keepNames(folder(scope))
        unlink(file(key, .part))
        // It may have lain here without a record until now: its time begins anew, or the record that is about to tell of it would come too late.
        unlink(file(key, .orphaned))
        return (key, size)
    }

    package func append(_ bytes: [UInt8], at offset: UInt64, of key: AttachmentKey, size: UInt64) throws -> AttachmentHolding {
        try makeFolder(key.scope)
        let part = file(key, .part)
        let handle = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard handle >= 0 else { throw WholeFile.unwritable(part) }
        defer { close(handle) }
        // Another process may be at the same content; what it finished meanwhile is under the other name.
        guard flock(handle, LOCK_EX) == 0 else { throw WholeFile.unwritable(part) }
        if let whole = self.size(file(key)) {
            unlink(part)
            return AttachmentHolding(bytes: whole, isWhole: true)
        }
        let held = self.size(part) ?? 0
        guard held == offset, offset + UInt64(bytes.count) <= size else { return AttachmentHolding(bytes: held) }
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { pwrite(handle, $0.baseAddress, $0.count, off_t(offset) + off_t(done)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = WholeFile.unwritable(part)
                ftruncate(handle, off_t(held))
                throw error
            }
            done += count
        }
        guard offset + UInt64(bytes.count) == size else { return AttachmentHolding(bytes: offset + UInt64(bytes.count)) }
        guard try Self.hash(of: part) == key.hash else {
            unlink(part)
            throw AttachmentFault(.damaged, key.hash)
        }
        guard fsync(handle) == 0, rename(part, file(key)) == 0 else { throw WholeFile.unwritable(file(key)) }
        WholeFile.keepNames(folder(key.scope))
        return AttachmentHolding(bytes: size, isWhole: true)
    }

    // MARK: Giving out

    package func holding(of key: AttachmentKey) -> AttachmentHolding {
        if let whole = size(file(key)) { return AttachmentHolding(bytes: whole, isWhole: true) }
        return AttachmentHolding(bytes: size(file(key, .part)) ?? 0)
    }

    package func read(_ key: AttachmentKey, at offset: UInt64, limit: Int) throws -> [UInt8] {
        let handle = open(file(key), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard handle >= 0 else { throw AttachmentFault(.missing, key.hash) }
        defer { close(handle) }
        guard lseek(handle, off_t(clamping: offset), SEEK_SET) >= 0 else { throw Self.unreadable(file(key)) }
        return try Self.read(handle, limit, file(key))
    }

    package func verify(_ key: AttachmentKey) throws {
        guard size(file(key)) != nil else { throw AttachmentFault(.missing, key.hash) }
        guard try Self.hash(of: file(key)) == key.hash else {
            guard rename(file(key), file(key, .damaged)) == 0 else { throw WholeFile.unwritable(file(key)) }
            throw AttachmentFault(.damaged, key.hash)
        }
    }

    // MARK: Notes

    private static let adding = "adding-"

    /// Removes what a program that is no more was just adding.
    private func removeIfLeft(_ path: String, by name: String) {
        guard let process = name.dropFirst(Self.adding.count).split(separator: "-").first.flatMap({ pid_t($0) }), process > 0,
            kill(process, 0) != 0, errno == ESRCH
        else { return }
        unlink(path)
    }

    package func keys() -> [AttachmentKey] {
        var keys: Set<AttachmentKey> = []
        for (scope, name) in names() {
            let hash = name.split(separator: ".", maxSplits: 1).first.flatMap { Hex.bytes($0) }.flatMap { Hash($0) }
            guard let hash,
                name.utf8.count == 64 || [.part, .damaged].contains(where: { (ending: Suffix) in name.hasSuffix(ending.rawValue) })
            else { continue }
            keys.insert(AttachmentKey(scope: scope, hash: hash))
        }
        return keys.sorted()
    }

    package func sweep() {
        for (scope, name) in names() where name.hasPrefix(Self.adding) { removeIfLeft(folder(scope) + "/" + name, by: name) }
    }

    /// The names of the files of each scope.
    private func names() -> [(scope: ScopeID, name: String)] {
        let files = FileManager.default
        return ((try? files.contentsOfDirectory(atPath: path)) ?? []).flatMap { name -> [(scope: ScopeID, name: String)] in
            guard let scope = Hex.bytes(name).flatMap({ ScopeID(bytes: $0) }) else { return [] }
            return ((try? files.contentsOfDirectory(atPath: folder(scope))) ?? []).map { (scope, $0) }
        }
    }

    package func remove(_ key: AttachmentKey) throws {
        for path in [file(key)] + Suffix.allCases.map({ file(key, $0) }) where unlink(path) != 0 && errno != ENOENT {
            throw WholeFile.unwritable(path)
        }
    }

    package func orphaned(_ key: AttachmentKey) -> Timestamp? {
        FileManager.default.contents(atPath: file(key, .orphaned)).flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
            .map { Timestamp(rawValue: $0) }
    }

    package func setOrphaned(_ time: Timestamp?, _ key: AttachmentKey) throws {
        try note(time.map { "\($0.rawValue)" }, file(key, .orphaned))
    }

    package func isAtCentre(_ key: AttachmentKey) -> Bool { size(file(key, .centre)) != nil }
    package func setAtCentre(_ isThere: Bool, _ key: AttachmentKey) throws { try note(isThere ? "" : nil, file(key, .centre)) }

    private func note(_ text: String?, _ path: String) throws {
        guard let text else {
            guard unlink(path) == 0 || errno == ENOENT else { throw WholeFile.unwritable(path) }
            return
        }
        let file = try WholeFile(path, replaces: true)
        try file.write(text)
        try file.finish()
    }

    // MARK: Bytes

    private static func hash(of path: String) throws -> Hash {
        let handle = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard handle >= 0 else { throw unreadable(path) }
        defer { close(handle) }
        var hasher = ContentHasher()
        while true {
            let bytes = try read(handle, 1 << 18, path)
            if bytes.isEmpty { return hasher.finish() }
            hasher.update(bytes)
        }
    }

    private static func read(_ handle: Int32, _ limit: Int, _ path: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        var done = 0
        while done < limit {
            let count = bytes[done...].withUnsafeMutableBytes { systemRead(handle, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            if count == 0 { break }
            done += count
        }
        bytes.removeLast(limit - done)
        return bytes
    }

    private static func unreadable(_ path: String) -> ReplicaError {
        ReplicaError(
            .fileUnreadable, path, message: "\(path) cannot be read: \(String(cString: strerror(errno))).",
            next: "Nothing was changed. Check the path and its permissions.")
    }
}

// Inside the type `read` means its own.
#if canImport(Glibc)
    private func systemRead(_ handle: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        Glibc.read(handle, bytes, count)
    }
#elseif canImport(Musl)
    private func systemRead(_ handle: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        Musl.read(handle, bytes, count)
    }
#endif
