// How the benches take and print their figures.

import Foundation

/// How long something took, in seconds.
package func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
}

/// A line of figures beneath the others.
package func line(_ what: String, _ figures: String) -> String {
    what + String(repeating: " ", count: max(1, 28 - what.count)) + figures
}

/// Two places behind the point.
package func figure(_ value: Double) -> String { String(format: "%.2f", value) }
