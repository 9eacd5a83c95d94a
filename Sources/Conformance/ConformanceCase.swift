// One case of a conformance kit: a sentence about what is tested, and code that throws when it is not so. No test framework is
// needed, so any can run it.

/// One sentence of a contract, and the code that finds out whether it holds.
///
/// `Make` makes what is tested: for a store `() throws -> any Store`, for a transport
/// `(ConformanceService) throws -> any Transport`.
public struct ConformanceCase<Make>: Sendable, CustomStringConvertible {
    /// What must hold, as a sentence: also the case's identity in a report.
    public let name: String
    private let body: @Sendable (Make) throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (Make) throws -> Void) {
        (self.name, self.body) = (name, body)
    }

    /// Runs the case over what `make` makes.
    ///
    /// - Throws: ``ConformanceFailure`` if the contract is broken; whatever what is tested throws where it must not.
    public func run(_ make: Make) throws { try body(make) }

    public var description: String { name }
}

/// The contract is broken.
public struct ConformanceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was not as it must be.
    public var message: String
    /// The kit's file and line that found out.
    public var place: String

    public var description: String { "\(message) (\(place))" }
}

func expect(
    _ condition: Bool, _ message: @autoclosure () -> String = "not as the contract says", file: String = #fileID, line: Int = #line
) throws {
    if !condition { throw ConformanceFailure(message: message(), place: "\(file):\(line)") }
}

func expectEqual<T: Equatable>(
    _ found: T, _ wanted: T, _ what: String, file: String = #fileID, line: Int = #line
) throws {
    try expect(found == wanted, "\(what): found \(found), not \(wanted)", file: file, line: line)
}

func require<T>(
    _ value: T?, _ message: @autoclosure () -> String = "nothing is there", file: String = #fileID, line: Int = #line
) throws -> T {
    guard let value else { throw ConformanceFailure(message: message(), place: "\(file):\(line)") }
    return value
}

/// Thrown by the kit's own closures, to see that it comes out again and undoes what was done.
struct Stop: Error {}

func expectStop(file: String = #fileID, line: Int = #line, _ body: () throws -> Void) throws {
    do { try body() } catch is Stop { return }
    throw ConformanceFailure(message: "an error thrown inside did not come out", place: "\(file):\(line)")
}
