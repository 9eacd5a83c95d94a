// Keys that come again.

package import Journals

/// A key of its own for each number.
package func signer(_ n: UInt8) -> SigningKey {
    guard let key = SigningKey(secret: [UInt8](repeating: n, count: 32)) else { preconditionFailure("a secret has 32 bytes") }
    return key
}
