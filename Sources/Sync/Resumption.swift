// Messages that broke off: the beginning is kept with the peer it came from, so that a long one gets through a link that never lives long
// enough for it (protocol/4-exchange.md, "Resuming").

import Causality
package import Journals
package import Replicas
package import Wire

/// What one side keeps of an unfinished message of the other, from one exchange to the next.
struct Resumption: Sendable {
    private let key: String
    private var kept: UnfinishedMessage?
    private var isUsed = false

    init(from peer: PublicKey, _ replica: Replica) throws {
        key = SettingKey.unfinished(peer)
        kept = try replica.unfinishedMessage(from: peer)
    }

    var partial: Partial? { kept?.partial }

    /// The message that a continuation completes.
    mutating func completed(by rest: [UInt8]) throws -> ExchangeMessage {
        guard let kept, !isUsed else { throw Malformed("a continuation of nothing that is here") }
        isUsed = true
        guard let message = try ExchangeMessage.decode(try kept.completed(by: rest)) else {
            throw Malformed("a continuation of a message of no known kind")
        }
        // One message in place of one: a continuation or an opening inside would go round what is checked of them.
        switch message {
        case .continuation, .opening: throw Malformed("a continuation of what is never continued")
        default: return message
        }
    }

    /// Keeps what the stream broke off in, or forgets what is of no more use.
    mutating func end(with splitter: MessageSplitter, isComplete: Bool, _ replica: Replica) throws {
        var next = isUsed ? nil : kept
        if isComplete {
            next = nil
        } else if let broken = splitter.unfinished {
            let longer = next?.extended(byBeginningOf: broken) ?? broken
            if longer.bytes.count >= UnfinishedMessage.worthKeeping { next = longer }
        }
        guard next != kept else { return }
        try replica.store.writing { try $0.setSetting(key, next?.stored) }
        (kept, isUsed) = (next, false)
    }
}

extension Replica {
    /// The beginning of a message of this peer's that broke off.
    package func unfinishedMessage(from peer: PublicKey) throws -> UnfinishedMessage? {
        try store.reading { try $0.setting(SettingKey.unfinished(peer)) }.flatMap { UnfinishedMessage(stored: $0) }
    }
}

extension SettingKey {
    static func unfinished(_ peer: PublicKey) -> String { "unfinished/\(peer)" }
}

extension Knowledge {
    /// How many entries this is ahead of another.
    func count(beyond other: Knowledge) -> Int {
        heads.reduce(0) { count, head in
            let held = other[head.journal]?.position ?? .none
            return count + (head.position > held ? Int(clamping: head.position.rawValue - held.rawValue) : 0)
        }
    }
}
