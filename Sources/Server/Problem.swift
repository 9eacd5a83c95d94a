// Problem answers (RFC 9457): a stable code, what happened, and the next step, in the language the client asked for.

import Attachments
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Journals
import Replicas
import Supervision
import Sync
import Wire

/// What the service answers instead of what was asked. The codes are those of protocol/6-limits.md.
struct Problem: Error, Hashable, Sendable {
    enum Code: String, CaseIterable, Sendable {
        case badRequest = "bad-request"
        case nonceUnknown = "nonce-unknown"
        case sessionUnknown = "session-unknown"
        case signatureInvalid = "signature-invalid"
        case deviceUnknown = "device-unknown"
        case joinCodeWrong = "join-code-wrong"
        case joinCodeUsed = "join-code-used"
        case joinCodeExpired = "join-code-expired"
        case scopeNotGranted = "scope-not-granted"
        case tooLarge = "too-large"
        case tooManyAttempts = "too-many-attempts"
        case notFound = "not-found"
        case storageFull = "storage-full"
        case attachmentMissing = "attachment-missing"
        case attachmentDamaged = "attachment-damaged"
        case attachmentUnwanted = "attachment-unwanted"
        case `internal`
    }

    var code: Code
    /// For whoever reads the log or builds a client; the title is for people.
    var detail: String?

    init(_ code: Code, _ detail: String? = nil) { (self.code, self.detail) = (code, detail) }

    /// The problem behind any error; what is not ours to explain is `internal`.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let malformed as Malformed: self.init(.badRequest, malformed.detail)
        case let fault as Fault: self.init(.badRequest, fault.description)
        case let broken as ExchangeBroken:
            switch broken.reason {
            case .scopeNotGranted(let scope): self.init(.scopeNotGranted, "\(scope)")
            case .outOfTurn(let what): self.init(.badRequest, what)
            case .cut: self.init(.badRequest, "the stream ended without its end")
            }
        case let error as ReplicaError where error.code == .storeFull || error.code == .diskFull:
            self.init(.storageFull, error.message)
        case let fault as AttachmentFault:
            switch fault.code {
            case .missing: self.init(.attachmentMissing, "\(fault.hash)")
            case .damaged: self.init(.attachmentDamaged, "\(fault.hash)")
            case .unwanted: self.init(.attachmentUnwanted, "\(fault.hash)")
            case .tooLarge: self.init(.tooLarge, "\(fault.hash)")
            }
        default: self.init(.internal)
        }
    }

    var status: HTTPResponse.Status {
        switch code {
        case .badRequest: .badRequest
        case .nonceUnknown, .sessionUnknown, .signatureInvalid: .unauthorized
        case .deviceUnknown, .joinCodeWrong, .joinCodeUsed, .joinCodeExpired, .scopeNotGranted: .forbidden
        case .tooLarge: .contentTooLarge
        case .tooManyAttempts: .tooManyRequests
        case .notFound, .attachmentMissing: .notFound
        case .attachmentDamaged, .attachmentUnwanted: .conflict
        case .storageFull: .init(code: 507, reasonPhrase: "Insufficient Storage")
        case .internal: .internalServerError
        }
    }

    var title: Label {
        switch code {
        case .badRequest: Label(zh: "请求的内容无法识别。", en: "The request cannot be read.")
        case .nonceUnknown: Label(zh: "一次性随机数无效、已用过或已过期。", en: "The nonce is unknown, used or old.")
        case .sessionUnknown: Label(zh: "会话已失效。", en: "The session is not known.")
        case .signatureInvalid: Label(zh: "请求的签名不对。", en: "The request's signature does not verify.")
        case .deviceUnknown: Label(zh: "这台设备不在名册上。", en: "This device is not on the roster.")
        case .joinCodeWrong: Label(zh: "没有这个加入码。", en: "There is no such join code.")
        case .joinCodeUsed: Label(zh: "这个加入码已经用过。", en: "This join code was used before.")
        case .joinCodeExpired: Label(zh: "这个加入码已经过期。", en: "This join code has expired.")
        case .scopeNotGranted: Label(zh: "这台设备没有该范围的权限。", en: "This device is not granted that scope.")
        case .tooLarge: Label(zh: "请求太大。", en: "The request is too large.")
        case .tooManyAttempts: Label(zh: "试错加入码的次数太多。", en: "Join codes were tried too often.")
        case .notFound: Label(zh: "没有这个地址。", en: "There is nothing at this path.")
        case .attachmentMissing: Label(zh: "中心没有这个附件的全部内容。", en: "The service does not have all of this attachment.")
        case .attachmentDamaged: Label(zh: "这个附件的内容与它的哈希不符。", en: "This attachment is not what its hash says.")
        case .attachmentUnwanted: Label(zh: "中心没有记录提到这个附件。", en: "No record at the service tells of this attachment.")
        case .storageFull: Label(zh: "中心的磁盘已满,这次没有确认任何内容。", en: "The service's disk is full; nothing of this was acknowledged.")
        case .internal: Label(zh: "中心服务出错,这次没有确认任何内容。", en: "The service failed; nothing of this was acknowledged.")
        }
    }

    var next: Label {
        switch code {
        case .badRequest, .tooLarge:
            Label(zh: "请更新程序后再试;仍不行请告诉管理员。", en: "Update the program and try again; else tell the administrator.")
        case .nonceUnknown, .sessionUnknown, .signatureInvalid:
            Label(
                zh: "程序会自动重新登录;若反复出现请告诉管理员。", en: "The program signs in again by itself; if this repeats, tell the administrator.")
        case .deviceUnknown:
            Label(zh: "请管理员发一个新的加入码,再运行 dundian join。", en: "Ask the administrator for a join code and run dundian join.")
        case .joinCodeWrong: Label(zh: "请对照管理员给的加入码重新输入。", en: "Check it against what the administrator gave you.")
        case .joinCodeUsed, .joinCodeExpired: Label(zh: "请管理员另发一个加入码。", en: "Ask the administrator for a new one.")
        case .scopeNotGranted:
            Label(zh: "本机的记录都还在;需要权限请联系管理员。", en: "Your records are still here; ask the administrator for access.")
        case .tooManyAttempts: Label(zh: "请一分钟后再试。", en: "Try again in a minute.")
        case .notFound: Label(zh: "请检查地址和程序版本。", en: "Check the address and the program's version.")
        case .attachmentMissing: Label(zh: "等有它的电脑同步后再取。", en: "Fetch it again once a laptop that has it has synced.")
        case .attachmentDamaged: Label(zh: "请再同步；它会重新传送。", en: "Sync again: it is sent anew.")
        case .attachmentUnwanted: Label(zh: "请先同步记录，再传附件。", en: "Sync the records first, then the attachment.")
        case .storageFull, .internal:
            Label(
                zh: "本机的记录都还在,稍后再同步;管理员请看服务日志。",
                en: "Your records are still here; sync later. Administrators: see the service's log.")
        }
    }

    func response(in language: Language) -> Response {
        struct Body: Encodable {
            var type: String
            var title: String
            var status: Int
            var detail: String
            var next: String
        }
        let body = Body(
            type: "urn:dundian:problem:\(code.rawValue)", title: title[language], status: Int(status.code),
            detail: detail.map { "\(title[language]) (\($0))" } ?? title[language], next: next[language])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = (try? encoder.encode(body)) ?? Data()
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if code == .tooManyAttempts { headers[.retryAfter] = "60" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
