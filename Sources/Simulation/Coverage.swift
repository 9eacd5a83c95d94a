// What a run came by: places every campaign must pass now and then, or it did not look where it thinks it looked.

/// Something that has to happen sometimes.
package enum Landmark: String, CaseIterable, Sendable {
    case conflict, settled, deletedApart, mergedByRule
    case linkCut, streamRepeated, bytesChanged, framesReordered, messageResumed
    case crashed, crashedAfterCommit, effectFailed, diskFull, bitFlipped, damageFound, recovered, writtenAnew
    case forkFrozen, cloneMet, copyNoticed, replicaRenewed, laptopRestored, hubRestored, hubRefilled, rosterBroughtBack
    case entryHeld, entryReleased, writerRefused, cutOff
    case valueErased, erasedEverywhere
    case bundleRead, bundleTwice, bundleCut, bundleMisdirected, lacksEarlier
    case lieRefused, lieQuarantined, liarForked, valuesStripped, valuesFilled
    case metAtTable, tableCut, oldCatalogue, clockJumped, received
}

package struct Coverage: Sendable {
    package private(set) var counts: [Landmark: Int] = [:]
    package init() {}

    mutating func reached(_ landmark: Landmark, if holds: Bool = true) {
        if holds { counts[landmark, default: 0] += 1 }
    }

    package subscript(_ landmark: Landmark) -> Int { counts[landmark] ?? 0 }

    package mutating func add(_ other: Coverage) {
        for (landmark, count) in other.counts { counts[landmark, default: 0] += count }
    }

    /// What was never reached.
    package var missing: [Landmark] { Landmark.allCases.filter { self[$0] == 0 } }
}
