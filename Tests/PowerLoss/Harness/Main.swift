// dundian-powerloss: the SQLite store on a disk that loses power in the middle of everything, fails at the n-th effect for every n, and flips bits.
// The disk is CPowerVFS; what runs on it is the store and the replica as shipped.
//
//      cycles          the power goes, again and again: Cycles.swift
//      failures        the n-th effect or read fails: Failures.swift
//      allocations     the n-th allocation inside SQLite fails: the same
//      flips           a bit is other than it was: Flips.swift
//
// What is promised, and how it is looked for afterwards, is in Promised.swift.

import ArgumentParser

@main
struct PowerLoss: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dundian-powerloss", abstract: "The SQLite store on a disk that loses power, fails and flips bits.",
        subcommands: [Cycles.self, Failures.self, Allocations.self, Flips.self])
}
