// Healing the store in a folder: the damaged file stays beside it under another name, and the new one takes its place in one step.

import Files
import Wire

import class Foundation.FileManager

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension ReplicaFolder {
    /// Saves what can be saved of a damaged store into a new one, which takes its place.
    ///
    /// Nothing else may have the replica open meanwhile.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - clock: where the time comes from.
    ///   - entropy: where chance comes from.
    /// - Returns: what became of it, and where the damaged file is kept.
    /// - Throws: `ReplicaError` if the file cannot be read at all, its log cannot be moved into it, or the new one cannot be written; the damaged
    ///   one is then in its place as it was.
    public static func recover(
        path: String, clock: any WallClock = SystemClock(), entropy: any Entropy = SystemEntropy()
    ) throws -> (report: RecoveryReport, damagedFile: String) {
        let file = path + "/replica.sqlite"
        let new = file + ".recovering"
        guard access(file, F_OK) == 0 else {
            throw ReplicaError(
                .storeUnreadable, file, message: "There is no replica in \(path).", next: "Choose its folder with --replica.")
        }
        let key = try KeyFile.load(path + "/device.key", making: false)
        let catalogue = try catalogue(in: path)
        for ending in ["", "-wal", "-shm", ".lock", ".search.sqlite"] { unlink(new + ending) }
        let report: RecoveryReport
        do {
            let damaged = try SQLiteStore(path: file)
            // The log belongs to the file it was written for: it must not be taken for the new one's.
            try damaged.checkpoint()
            let store = try SQLiteStore(path: new, views: RecordViews(catalogue))
            (_, report) = try Replica.recovering(
                damaged, into: store, signer: key, rules: catalogue, clock: clock, entropy: entropy,
                witness: WitnessFile(of: path))
            try store.checkpoint()
        }
        let kept = "\(file).damaged-\(clock.now().rawValue / 1_000)"
        guard link(file, kept) == 0, rename(new, file) == 0 else {
            throw ReplicaError(
                .storeReadOnly, file, message: "The new file cannot take the place of \(file).",
                next: "Nothing was changed. Make the folder writable for this user.")
        }
        for ending in ["-wal", "-shm"] {
            unlink(file + ending)
            unlink(new + ending)
        }
        unlink(new + ".lock")
        // Made anew with the next search.
        unlink(path + "/search.sqlite")
        WholeFile.keepNames(path)
        return (report, kept)
    }
}
