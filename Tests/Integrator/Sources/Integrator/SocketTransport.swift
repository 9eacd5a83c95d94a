// A transport of one's own: one connected pair of sockets for each request, a length before the path and before each piece, and a
// far end on its own thread that answers for a service. The device speaks for itself here: what connects the two ends is private.

import Dundian
import DundianConformance
import Foundation
import Glibc

/// The far end closed the connection before it had answered.
struct HungUp: Error {}

/// Pieces of bytes over a socket, each with its length before it; a piece of no bytes ends a stream.
struct Pieces {
    let socket: Int32

    func send(_ bytes: [UInt8]) throws {
        let length = withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) }
        var rest = (length + bytes)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw HungUp() }
            rest = rest.dropFirst(sent)
        }
    }

    func receive() throws -> [UInt8] {
        let length = try receive(exactly: 4).reduce(0) { $0 << 8 | Int($1) }
        guard length <= 16 << 20 else { throw HungUp() }
        return try receive(exactly: length)
    }

    private func receive(exactly count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let got = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress?.advanced(by: have), count - have, 0) }
            guard got > 0 else { throw HungUp() }
            have += got
        }
        return bytes
    }
}

struct SocketTransport: Transport {
    let service: ConformanceService
    let device: PublicKey

    init(to service: ConformanceService, from device: PublicKey) throws { (self.service, self.device) = (service, device) }

    func request(path: String, body: [UInt8]) throws -> [UInt8] {
        try connected { near in
            try near.send(Array(path.utf8))
            try near.send(body)
            return try near.receive()
        }
    }

    func exchange(_ exchange: inout ExchangeClient) throws {
        try connected { near in
            try near.send(Array("/v1/exchange".utf8))
            try near.send(exchange.opening)
            while let chunk = try exchange.nextChunk() { try near.send(chunk) }
            try near.send([])
            while true {
                let piece = try near.receive()
                if piece.isEmpty { return }
                try exchange.received(piece)
            }
        }
    }

    private func connected<T>(_ body: (Pieces) throws -> T) throws -> T {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { throw HungUp() }
        let (near, far) = (ends[0], ends[1])
        defer { close(near) }
        Thread.detachNewThread { [self] in
            defer { close(far) }
            // What goes wrong at the service ends the connection without an answer.
            try? answer(Pieces(socket: far))
        }
        return try body(Pieces(socket: near))
    }

    private func answer(_ far: Pieces) throws {
        let path = String(decoding: try far.receive(), as: UTF8.self)
        guard path == "/v1/exchange" else {
            try far.send(try service.respond(to: path, body: try far.receive(), from: device))
            return
        }
        var exchange = try service.exchange(with: device)
        while true {
            let piece = try far.receive()
            if piece.isEmpty { break }
            try exchange.received(piece)
        }
        while let piece = try exchange.nextChunk() { try far.send(piece) }
        try far.send([])
    }
}
