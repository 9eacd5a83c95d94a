// HTTP requests through libcurl, blocking, over a connection that is kept: a whole body both ways, or a stream both ways. Proxies come from
// the environment (http_proxy, https_proxy, all_proxy, no_proxy), answers are decoded as they come.

import CCurl

/// Why no answer came.
package struct CurlFailure: Error, Sendable {
    package var code: UInt32
    package var message: String
}

final class Curl {
    /// Answers are taken in chunks; what a sink throws ends the transfer and comes out of `perform`.
    typealias Sink = ([UInt8]) throws -> Void
    /// Gives the next bytes to send; nil at the end.
    typealias Source = () throws -> [UInt8]?

    /// Told about once a second, and when bytes pass, how many have been sent and received of bodies; what it throws ends the transfer.
    typealias Tick = (_ sent: Int, _ received: Int) throws -> Void

    struct Answer {
        var status: Int
        var contentType: String
        /// What the service takes in requests, as `accept-encoding` says (RFC 7694).
        var acceptEncoding: String
    }

    private static let initialised: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let handle: OpaquePointer

    init() throws(CurlFailure) {
        guard Self.initialised, let handle = curl_easy_init() else {
            throw CurlFailure(code: 2, message: "libcurl does not start")
        }
        self.handle = OpaquePointer(handle)
    }

    deinit { curl_easy_cleanup(raw) }

    private var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(handle) }

    private final class Transfer {
        let source: Source?
        let sink: (Answer, [UInt8]) throws -> Void
        let tick: Tick?
        var answer: () -> Answer
        var pending: ArraySlice<UInt8> = []
        var failure: (any Error)?

        init(
            source: Source?, tick: Tick?, sink: @escaping (Answer, [UInt8]) throws -> Void, answer: @escaping () -> Answer
        ) {
            (self.source, self.tick, self.sink, self.answer) = (source, tick, sink, answer)
        }
    }

    private var currentAnswer: Answer {
        var status = 0
        dundian_curl_status(raw, &status)
        var type: UnsafeMutablePointer<CChar>?
        dundian_curl_content_type(raw, &type)
        return Answer(
            status: status, contentType: type.map { String(cString: $0) } ?? "",
            acceptEncoding: dundian_curl_header(raw, "accept-encoding").map { String(cString: $0) } ?? "")
    }

    /// What the last request took beside its bodies.
    var headerBytes: (sent: Int, received: Int) {
        var request = 0
        var received = 0
        dundian_curl_long(raw, CURLINFO_REQUEST_SIZE, &request)
        dundian_curl_long(raw, CURLINFO_HEADER_SIZE, &received)
        return (request, received)
    }

    /// POSTs to a URL. With a `source` the body is streamed, else it is `body`.
    ///
    /// - Parameter sink: gets the answer's status and type with each chunk of its body.
    func post(
        _ url: String, headers: [(String, String)], body: [UInt8] = [], source: Source? = nil, deadAfterSeconds: Int = 45,
        pieceBytes: Int = 65_536, tick: Tick? = nil, sink: @escaping (Answer, [UInt8]) throws -> Void
    ) throws -> Answer {
        curl_easy_reset(raw)
        let transfer = Transfer(source: source, tick: tick, sink: sink) { [unowned self] in currentAnswer }
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(list) }
        for (name, value) in headers { list = curl_slist_append(list, "\(name): \(value)") }
        // Nobody waits for permission to send, and no proxy is offered an upgrade.
        list = curl_slist_append(list, "Expect:")
        if source != nil { list = curl_slist_append(list, "Transfer-Encoding: chunked") }

        dundian_curl_set_string(raw, CURLOPT_URL, url)
        dundian_curl_set_headers(raw, list)
        dundian_curl_set_long(raw, CURLOPT_NOSIGNAL, 1)
        dundian_curl_set_long(raw, CURLOPT_POST, 1)
        dundian_curl_set_long(raw, CURLOPT_FOLLOWLOCATION, 0)
        dundian_curl_set_long(raw, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        dundian_curl_set_string(raw, CURLOPT_PROTOCOLS_STR, "http,https")
        dundian_curl_set_long(raw, CURLOPT_BUFFERSIZE, pieceBytes)
        dundian_curl_set_long(raw, CURLOPT_CONNECTTIMEOUT, 30)
        dundian_curl_set_long(raw, CURLOPT_LOW_SPEED_LIMIT, 8)
        dundian_curl_set_long(raw, CURLOPT_LOW_SPEED_TIME, deadAfterSeconds)
        dundian_curl_set_long(raw, CURLOPT_TCP_KEEPALIVE, 1)
        // Whatever this libcurl can decode.
        dundian_curl_set_string(raw, CURLOPT_ACCEPT_ENCODING, "")

        let context = Unmanaged.passRetained(transfer)
        defer { context.release() }
        dundian_curl_set_pointer(raw, CURLOPT_WRITEDATA, context.toOpaque())
        dundian_curl_set_callback(raw, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            let chunk = Array(UnsafeRawBufferPointer(start: bytes, count: size * count))
            do { try transfer.sink(transfer.answer(), chunk) } catch {
                transfer.failure = error
                return 0
            }
            return size * count
        }
        dundian_curl_set_tick(
            raw,
            { context, _, received, _, sent in
                guard let context else { return 1 }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                do { try transfer.tick?(Int(sent), Int(received)) } catch {
                    transfer.failure = error
                    return 1
                }
                return 0
            }, context.toOpaque())
        if source != nil {
            dundian_curl_set_pointer(raw, CURLOPT_READDATA, context.toOpaque())
            dundian_curl_set_callback(raw, CURLOPT_READFUNCTION) { buffer, size, count, context in
                guard let context, let buffer else { return Int(CURL_READFUNC_ABORT) }
                let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                do {
                    if transfer.pending.isEmpty { transfer.pending = try transfer.source?()?[...] ?? [] }
                } catch {
                    transfer.failure = error
                    return Int(CURL_READFUNC_ABORT)
                }
                let part = transfer.pending.prefix(size * count)
                part.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: buffer, count: size * count).copyMemory(from: $0) }
                transfer.pending = transfer.pending.dropFirst(part.count)
                return part.count
            }
        }
        let code = body.withUnsafeBytes { bytes -> CURLcode in
            if source == nil {
                dundian_curl_set_long(raw, CURLOPT_POSTFIELDSIZE, bytes.count)
                // No bytes at all must still be given as an address, or libcurl would ask for them by callback.
                if let address = bytes.baseAddress {
                    dundian_curl_set_pointer(raw, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: address))
                } else {
                    dundian_curl_set_string(raw, CURLOPT_COPYPOSTFIELDS, "")
                }
            }
            return curl_easy_perform(raw)
        }
        if let failure = transfer.failure { throw failure }
        guard code == CURLE_OK else {
            throw CurlFailure(code: code.rawValue, message: String(cString: curl_easy_strerror(code)))
        }
        return currentAnswer
    }
}
