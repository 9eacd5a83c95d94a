// Chance for replicas that are not to surprise anybody: the same ids and salts for the same seed.

package import Chance
package import Replicas
import Synchronization

/// The same words for the same seed.
package final class SeededEntropy: Entropy {
    private let chance: Mutex<SplitMix64>

    package init(_ seed: UInt64) { chance = Mutex(SplitMix64(seed: seed)) }

    package func next() -> UInt64 { chance.withLock { $0.next() } }
}
