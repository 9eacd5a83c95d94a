// Counters in a file that outlives the process that counts: a run that may crash is done by a child, and its parent notes where it ended and lets
// another child go on behind that place.

import ArgumentParser
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

final class Ledger {
    private static let words = 256
    /// Before the counters: the place a child is at, in up to three numbers.
    private static let places = 3
    private let path: String
    private let map: UnsafeMutablePointer<Int64>

    /// A new one, or the one in this file.
    init(_ path: String? = nil) throws {
        let own = FileManager.default.temporaryDirectory.appendingPathComponent("powerloss-\(getpid()).ledger").path
        self.path = path ?? own
        let file = open(self.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        let bytes = Self.words * MemoryLayout<Int64>.stride
        guard file >= 0, ftruncate(file, off_t(bytes)) == 0,
            let map = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), map != MAP_FAILED
        else { throw Broken("\(self.path) cannot be mapped") }
        close(file)
        self.map = map.bindMemory(to: Int64.self, capacity: Self.words)
        if path == nil { for i in 0..<Self.words { self.map[i] = 0 } }
    }

    /// The place a child is at.
    var place: Int64 {
        get { map[0] }
        set { map[0] = newValue }
    }
    /// And of what it is a place, where there are several sweeps.
    var sweep: (Int, Int) {
        get { (Int(map[1]), Int(map[2])) }
        set { (map[1], map[2]) = (Int64(newValue.0), Int64(newValue.1)) }
    }
    subscript(_ counter: Int) -> Int64 {
        get { map[Self.places + counter] }
        set { map[Self.places + counter] = newValue }
    }

    /// Runs this program with these arguments until it ends by itself. After a crash, `crashed` is told the place, the signal and what was said last,
    /// and moves the place on.
    func supervise(_ arguments: [String], crashed: (Int64, Int32, String) throws -> Void) throws {
        let said = path + ".err"
        defer { for file in [path, said] { try? FileManager.default.removeItem(atPath: file) } }
        while true {
            let child = Process()
            child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            child.arguments = arguments + ["--ledger", path]
            _ = FileManager.default.createFile(atPath: said, contents: nil)
            child.standardError = FileHandle(forWritingAtPath: said)
            try child.run()
            child.waitUntilExit()
            let text = String(decoding: FileManager.default.contents(atPath: said) ?? Data(), as: UTF8.self)
            guard child.terminationReason == .uncaughtSignal else {
                guard child.terminationStatus == 0 else { throw Broken("it ended with \(child.terminationStatus): \(text)") }
                return
            }
            try crashed(place, child.terminationStatus, text)
        }
    }
}
