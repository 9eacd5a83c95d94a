// The witness of a replica folder: a small file in the user's state folder, so that neither a backup of the replica folder nor a copy of it brings
// it along. It is named for the place it speaks of, and holds a checksum of itself: what cannot be read was never written.

import Causality
import Journals
public import Replicas
import Wire

import class Foundation.FileManager
import class Foundation.ProcessInfo

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Remembers how far the store in a folder had got, in a file elsewhere.
public struct WitnessFile: Witness {
    private let path: String?

    /// The witness of a folder: `$XDG_STATE_HOME/dundian/witness/…`, by default under `~/.local/state`. `DUNDIAN_STATE` names another place; empty, it
    /// means no witness.
    public init(of folder: String, environment: [String: String]? = nil) {
        guard let state = Self.stateFolder(environment ?? ProcessInfo.processInfo.environment), let place = realpath(folder, nil)
        else {
            path = nil
            return
        }
        defer { free(place) }
        let name = Hex.string(Hash(.local, Array(String(cString: place).utf8)).bytes.prefix(16))
        path = "\(state)/\(name)"
    }

    private static func stateFolder(_ environment: [String: String]) -> String? {
        if let named = environment["DUNDIAN_STATE"] { return named.isEmpty ? nil : named + "/witness" }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/dundian/witness" }
        return environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/.local/state/dundian/witness" : nil }
    }

    public func testimony() -> Testimony {
        locked { file in
            guard let bytes = Self.contents(of: file) else { return .unable }
            return Self.progress(bytes).map { .progress($0) } ?? .none
        } ?? .unable
    }

    public func remember(_ progress: OwnProgress) {
        _ = locked { file in
            let last = Self.contents(of: file).flatMap { Self.progress($0) }
            let progress = progress.merged(with: last)
            if progress == last { return }
            let new = Self.bytes(progress)
            if new.withUnsafeBytes({ pwrite(file, $0.baseAddress, $0.count, 0) }) == new.count {
                _ = ftruncate(file, off_t(new.count))
            }
        }
    }

    /// All that is in an open file; nil if it cannot be read.
    private static func contents(of file: Int32) -> [UInt8]? {
        var status = stat()
        guard fstat(file, &status) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        return count == bytes.count ? bytes : nil
    }

    /// Runs `body` on the open file, alone among processes; nil if there is no such place.
    private func locked<T>(_ body: (Int32) -> T) -> T? {
        guard let path else { return nil }
        var file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if file < 0, errno == ENOENT, let end = path.lastIndex(of: "/") {
            try? FileManager.default.createDirectory(
                atPath: String(path[..<end]), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard flock(file, LOCK_EX) == 0 else { return nil }
        return body(file)
    }

    // MARK: Bytes: a format number, the replica id, then scope and position as often as there are; before all a checksum of it.

    private static func bytes(_ progress: OwnProgress) -> [UInt8] {
        var out = ByteWriter()
        out.u8(1)
        out.u64(progress.replica.rawValue)
        for (scope, position) in progress.positions.sorted(by: { $0.key < $1.key }) {
            out.raw(scope.bytes)
            out.u64(position.rawValue)
        }
        return Array(Hash(.local, out.bytes).bytes.prefix(8)) + out.bytes
    }

    private static func progress(_ bytes: [UInt8]) -> OwnProgress? {
        guard bytes.count > 8 else { return nil }
        let said = Array(bytes.dropFirst(8))
        guard Hash(.local, said).bytes.prefix(8).elementsEqual(bytes.prefix(8)) else { return nil }
        var reader = ByteReader(said)
        guard (try? reader.u8()) == 1, let replica = try? reader.u64() else { return nil }
        var positions: [ScopeID: Position] = [:]
        while !reader.isAtEnd {
            guard let high = try? reader.u64(), let low = try? reader.u64(), let position = try? reader.u64() else { return nil }
            positions[ScopeID(high: high, low: low)] = Position(rawValue: position)
        }
        return OwnProgress(replica: ReplicaID(rawValue: replica), positions: positions)
    }
}
