// dundian-fuzz: one target under libFuzzer, which brings `main`. Scripts/fuzz builds and runs it.
//
//      DUNDIAN_FUZZ_TARGET=frame DUNDIAN_FUZZ_SEEDS=folder dundian-fuzz folder ...
//
// With DUNDIAN_FUZZ_SEEDS the target's seeds are written to that folder before anything is read from it.

import Foundation
import FuzzTargets

private let environment = ProcessInfo.processInfo.environment

private let target: FuzzTarget = {
    guard let target = environment["DUNDIAN_FUZZ_TARGET"].flatMap(FuzzTarget.init) else {
        fatalError("DUNDIAN_FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return target
}()

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    guard let folder = environment["DUNDIAN_FUZZ_SEEDS"] else { return 0 }
    for (i, seed) in target.seeds.enumerated() {
        let file = URL(fileURLWithPath: folder).appendingPathComponent("seed-\(i)")
        do { try Data(seed).write(to: file) } catch { fatalError("\(file.path): \(error)") }
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
