// The transport kit over the transport that calls directly, and over ones made as a careless author would.

import DundianConformance
import Journals
import Sync
import Testing

struct TransportConformanceTests {
    @Test(arguments: TransportConformance.cases)
    func `a transport that carries every byte conforms`(_ conformance: TransportCase) throws {
        try conformance.run { DirectTransport(to: $0, from: $1) }
    }

    @Test(arguments: Careless.Way.allCases)
    func `the kit finds what a careless author does`(_ way: Careless.Way) {
        let broken = TransportConformance.cases.filter { conformance in
            do {
                try conformance.run { Careless(inner: DirectTransport(to: $0, from: $1), device: $1, service: $0, way: way) }
            } catch {
                return true
            }
            return false
        }
        #expect(!broken.isEmpty)
    }
}

struct Careless: Transport {
    enum Way: CaseIterable, Sendable {
        /// Says every piece of the upload twice.
        case doubling
        /// Takes a failure for an empty answer.
        case answeringNothing
        /// Stops reading after the first piece of the answer.
        case hasty
        /// Gives the pieces of the answer in the wrong order.
        case shuffling
    }

    let inner: DirectTransport
    let device: PublicKey
    let service: ConformanceService
    let way: Way

    func request(path: String, body: [UInt8]) throws -> [UInt8] {
        do { return try inner.request(path: path, body: body) } catch {
            guard way == .answeringNothing else { throw error }
            return []
        }
    }

    func exchange(_ exchange: inout ExchangeClient) throws {
        var far = try service.exchange(with: device)
        try far.received(exchange.opening)
        while let chunk = try exchange.nextChunk() {
            try far.received(chunk)
            if way == .doubling { try far.received(chunk) }
        }
        var pieces: [[UInt8]] = []
        while let chunk = try far.nextChunk() { pieces.append(chunk) }
        if way == .shuffling { pieces.reverse() }
        for piece in way == .hasty ? pieces.prefix(1) : pieces[...] { try exchange.received(piece) }
    }
}
