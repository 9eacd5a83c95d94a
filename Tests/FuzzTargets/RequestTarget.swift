// Signatures of requests: what a client signs the service accepts, anything else of it the service refuses, and headers that are none are
// not taken for some.
//
//      bytes = kind || what that kind reads
//      headers   which digest is covered || signature-input || LF || signature
//      request   what is changed || where || path piece || nonce piece || body
//      proof     what is changed || where || name piece || nonce
//      code      a join code as typed

import Access
import Causality
import Journals
import Worlds

enum RequestTarget {
    private static let key = [UInt8](repeating: 0x5a, count: 32)
    private static let device = World.key("ann")

    static func run(_ bytes: [UInt8]) {
        var cuts = Cuts(bytes)
        switch cuts.choice(of: 4) {
        case 0: headers(&cuts)
        case 1: request(&cuts)
        case 2: proof(&cuts)
        default: code(cuts.all())
        }
    }

    // MARK: Headers

    private static func headers(_ cuts: inout Cuts) {
        let covered = cuts.choice(of: 2) == 0 ? RequestSignature.Covered.body : .opening
        let parts = cuts.all().split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false).map { Array($0).text }
        let (input, signature) = (parts[0], parts.count > 1 ? parts[1] : nil)
        guard let received = ReceivedSignature(input: input, signature: signature, covered: covered) else { return }
        let expected = RequestSignature.parameters(
            covered: covered, nonce: received.nonce, key: received.keyID, algorithm: received.algorithm, tag: received.tag)
        promise(Array(input.utf8) == Array("dundian=\(expected)".utf8), "a signature-input of another form is accepted: \(input)")
        let again = ReceivedSignature(input: input, signature: RequestSignature.header(received.signature), covered: covered)
        promise(again?.signature == received.signature, "a signature is read back as another one")
    }

    // MARK: Requests

    /// A request as it goes over the line.
    private struct Request: Equatable {
        var path: String
        var body: [UInt8]
        var covered: RequestSignature.Covered
        var input: String
        var signature: String

        /// Whether the service takes it for one of this session.
        func isSigned(with key: [UInt8]) -> Bool {
            guard let received = ReceivedSignature(input: input, signature: signature, covered: covered) else { return false }
            let base = RequestSignature.base(
                path: path, covered: covered, digest: RequestSignature.digest(of: body), parameters: received.parameters)
            return RequestSignature.isMAC(received.signature, of: base, key: key)
        }
    }

    private static func request(_ cuts: inout Cuts) {
        let (change, place) = (cuts.byte(), Int(cuts.byte()) << 8 | Int(cuts.byte()))
        // Paths and nonces hold what a request line and our nonces can hold.
        let path = "/" + visible(cuts.piece())
        let nonce = Hex.string(cuts.piece())
        let body = cuts.all()
        let parameters = RequestSignature.parameters(
            covered: .body, nonce: nonce, key: Hex.string(key.prefix(16)), algorithm: "hmac-sha256", tag: "dundian-session")
        let base = RequestSignature.base(
            path: path, covered: .body, digest: RequestSignature.digest(of: body), parameters: parameters)
        let mac = RequestSignature.mac(base, key: key)
        let request = Request(
            path: path, body: body, covered: .body, input: "dundian=\(parameters)", signature: RequestSignature.header(mac))
        promise(request.isSigned(with: key), "what a client signs is refused")
        promise(!request.isSigned(with: changed(key, at: place)), "what a client signs is accepted of another")

        var other = request
        switch change % 6 {
        case 0: other.path = changed(path, at: place)
        case 1: other.body = body.isEmpty ? [0] : changed(body, at: place)
        case 2: other.input = changed(request.input, at: place)
        case 3: other.signature = RequestSignature.header(changed(mac, at: place))
        case 4: other.covered = .opening
        default: other.body.append(UInt8(truncatingIfNeeded: place))
        }
        promise(other != request, "nothing was changed")
        promise(!other.isSigned(with: key), "a request that was changed is accepted")
    }

    private static func visible(_ bytes: [UInt8]) -> String { bytes.map { 0x21 + $0 % 0x5e }.text }

    /// The same with one bit of one byte turned over.
    private static func changed(_ bytes: [UInt8], at place: Int) -> [UInt8] {
        var bytes = bytes
        bytes[place % bytes.count] ^= 1 << UInt8(place / bytes.count % 8)
        return bytes
    }

    /// The same with another visible character in one place.
    private static func changed(_ text: String, at place: Int) -> String {
        var bytes = Array(text.utf8)
        let i = place % bytes.count
        bytes[i] = bytes[i] == 0x7e ? 0x21 : bytes[i] + 1
        return bytes.text
    }

    // MARK: Joining

    private static func proof(_ cuts: inout Cuts) {
        let (change, place) = (cuts.byte(), Int(cuts.byte()) << 8 | Int(cuts.byte()))
        let name = cuts.piece().text
        let nonce = cuts.all() + [0]
        let secret = JoinProof.key(secret: name)
        _ = JoinProof.lookup(key: secret)
        let device = device.publicKey
        let proof = JoinProof.proof(key: secret, nonce: nonce, device: device, name: name)
        func isProof(_ proof: [UInt8], _ key: [UInt8], _ nonce: [UInt8], _ name: String) -> Bool {
            JoinProof.isProof(proof, key: key, nonce: nonce, device: device, name: name)
        }
        promise(isProof(proof, secret, nonce, name), "what proves a join code is refused")
        let isFooled =
            switch change % 4 {
            case 0: isProof(changed(proof, at: place), secret, nonce, name)
            case 1: isProof(proof, changed(secret, at: place), nonce, name)
            case 2: isProof(proof, secret, changed(nonce, at: place), name)
            default: isProof(proof, secret, nonce, name + "x")
            }
        promise(!isFooled, "something else proves a join code")
    }

    private static func code(_ bytes: [UInt8]) {
        guard let code = JoinCode(bytes.text) else { return }
        promise(JoinCode(code.description) == code, "a join code is read back as another one")
    }

    // MARK: Seeds

    static var seeds: [[UInt8]] {
        func headers(_ covered: RequestSignature.Covered, _ algorithm: String, _ tag: String) -> [UInt8] {
            let parameters = RequestSignature.parameters(
                covered: covered, nonce: "17", key: Hex.string(key.prefix(16)), algorithm: algorithm, tag: tag)
            let mac = RequestSignature.mac([1], key: key)
            return [0, covered == .body ? 0 : 1] + Array("dundian=\(parameters)\n\(RequestSignature.header(mac))".utf8)
        }
        let requests = (0..<6 as Range<UInt8>).map { change in
            [1, change, change, 77] + Cuts.piece(Array("v1/hello".utf8)) + Cuts.piece([0x17]) + [0x0a, 3, 1, 2, 3]
        }
        let proofs = (0..<4 as Range<UInt8>).map { [2, $0, 0, 5] + Cuts.piece(Array("laptop 7".utf8)) + [1, 2, 3] }
        let code = JoinCode(secret: 0x0123_4567_89ab_cdef, root: device.publicKey).description
        return [headers(.body, "hmac-sha256", "dundian-session"), headers(.opening, "ed25519", "dundian-device")] + requests
            + proofs + [[3] + Array(code.utf8), [3] + Array(code.lowercased().utf8)]
    }
}
