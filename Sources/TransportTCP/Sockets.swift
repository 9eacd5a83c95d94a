// The few calls of POSIX sockets that a meeting needs, with errors instead of errno. Why not SwiftNIO:
// protocol/decisions/meeting-sockets.md.

import Sync

#if canImport(Glibc)
    import Glibc
    private let streamType = Int32(SOCK_STREAM.rawValue)
    private func systemListen(_ descriptor: Int32) -> Bool { Glibc.listen(descriptor, 16) == 0 }
    private func systemAccept(_ descriptor: Int32) -> Int32 { Glibc.accept(descriptor, nil, nil) }
    private func systemConnect(_ descriptor: Int32, _ info: addrinfo) -> Int32 {
        Glibc.connect(descriptor, info.ai_addr, info.ai_addrlen)
    }
#elseif canImport(Musl)
    import Musl
    private let streamType = SOCK_STREAM
    private func systemListen(_ descriptor: Int32) -> Bool { Musl.listen(descriptor, 16) == 0 }
    private func systemAccept(_ descriptor: Int32) -> Int32 { Musl.accept(descriptor, nil, nil) }
    private func systemConnect(_ descriptor: Int32, _ info: addrinfo) -> Int32 {
        Musl.connect(descriptor, info.ai_addr, info.ai_addrlen)
    }
#endif

/// A file descriptor that is closed once.
final class Socket: @unchecked Sendable {
    let descriptor: Int32
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    deinit { close(descriptor) }

    /// The address at the other end, or at this one.
    func name(ofPeer: Bool) -> (host: String, port: Int) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let failed = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                ofPeer ? getpeername(descriptor, $0, &length) : getsockname(descriptor, $0, &length)
            }
        }
        guard failed == 0 else { return ("", 0) }
        var host = [CChar](repeating: 0, count: 256)
        var port = [CChar](repeating: 0, count: 16)
        let unnamed = withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getnameinfo(
                    $0, length, &host, socklen_t(host.count), &port, socklen_t(port.count), NI_NUMERICHOST | NI_NUMERICSERV)
            }
        }
        guard unnamed == 0 else { return ("", 0) }
        return (String(decodingCString: host), Int(String(decodingCString: port)) ?? 0)
    }

    func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    func makeNonBlocking() { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }
}

extension String {
    fileprivate init(decodingCString characters: [CChar]) {
        self.init(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

enum Sockets {
    /// Goes through what a name resolves to until `body` gives a socket.
    private static func resolve(
        _ host: String?, _ port: Int, flags: Int32, _ body: (addrinfo) -> Socket?
    ) throws(MeetingError) -> Socket {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = streamType
        hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else { throw MeetingError(.unreachable, String(cString: gai_strerror(status))) }
        var last: Int32 = 0
        var next = list
        while let info = next {
            if let socket = body(info.pointee) { return socket }
            last = errno
            next = info.pointee.ai_next
        }
        throw MeetingError(.unreachable, String(cString: strerror(last)))
    }

    private static func open(_ info: addrinfo) -> Socket? {
        let descriptor = socket(info.ai_family, info.ai_socktype, info.ai_protocol)
        return descriptor < 0 ? nil : Socket(descriptor)
    }

    /// A listening socket; port 0 takes any that is free. Without a host, on every address.
    static func listen(on host: String?, port: Int) throws(MeetingError) -> Socket {
        try resolve(host, port, flags: AI_PASSIVE) { info in
            guard let socket = open(info) else { return nil }
            socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
            if info.ai_family == AF_INET6 { socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, host == nil ? 0 : 1) }
            guard bind(socket.descriptor, info.ai_addr, info.ai_addrlen) == 0, systemListen(socket.descriptor) else { return nil }
            return socket
        }
    }

    /// A connection, made within so many milliseconds.
    static func connect(to host: String, port: Int, milliseconds: Int32) throws(MeetingError) -> Socket {
        try resolve(host, port, flags: 0) { info in
            guard let socket = open(info) else { return nil }
            socket.makeNonBlocking()
            if systemConnect(socket.descriptor, info) == 0 { return socket }
            guard errno == EINPROGRESS else { return nil }
            var wait = pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&wait, 1, milliseconds) == 1 else {
                errno = ETIMEDOUT
                return nil
            }
            var failure: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0, failure == 0 else {
                errno = failure
                return nil
            }
            return socket
        }
    }

    /// The next connection, waiting at most so many milliseconds; nil if none came.
    static func accept(_ listener: Socket, milliseconds: Int32) -> Socket? {
        var wait = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, milliseconds) == 1 else { return nil }
        let descriptor = systemAccept(listener.descriptor)
        guard descriptor >= 0 else { return nil }
        let socket = Socket(descriptor)
        socket.makeNonBlocking()
        return socket
    }

    /// The addresses of this machine that others may reach it at, loopback and link-local left out.
    package static func ownAddresses() -> [String] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [String] = []
        var next = list
        while let item = next {
            defer { next = item.pointee.ifa_next }
            guard let address = item.pointee.ifa_addr, item.pointee.ifa_flags & UInt32(IFF_LOOPBACK) == 0 else { continue }
            let family = Int32(address.pointee.sa_family)
            guard family == AF_INET || family == AF_INET6 else { continue }
            let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            var host = [CChar](repeating: 0, count: 256)
            guard getnameinfo(address, socklen_t(size), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0 else { continue }
            let text = String(decodingCString: host)
            if !text.hasPrefix("fe80:"), !found.contains(text) { found.append(text) }
        }
        // What is short to read out comes first.
        return found.filter { !$0.contains(":") } + found.filter { $0.contains(":") }
    }
}
