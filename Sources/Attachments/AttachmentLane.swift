// The side that asks: sends what the service lacks, fetches what is wanted here, piece by piece, each transfer going on where it broke off.
// Records never wait for it: it runs after them, and stops between two pieces as soon as there are records to send.

public import Causality
import Journals
public import Replicas
public import Wire

/// The service, as this lane sees it. Every call is one request.
public protocol AttachmentService {
    /// What the service holds of contents of a scope, one answer for each hash.
    func holdings(of keys: [AttachmentKey], in scope: ScopeID) throws -> [AttachmentHolding]
    /// Sends a piece; the answer is how much the service holds then.
    func send(_ data: [UInt8], at offset: UInt64, of attachment: Attachment) throws -> AttachmentHolding
    /// Asks for a piece.
    func fetch(_ key: AttachmentKey, at offset: UInt64, limit: Int) throws -> (data: [UInt8], size: UInt64)
}

/// Which contents a device fetches without being asked.
public enum AttachmentRule: Hashable, Sendable, CustomStringConvertible {
    /// None: only what somebody asks for.
    case none
    /// Those of at most so many bytes.
    case upTo(UInt64)
    /// All.
    case all

    /// Reads `none`, `all` or a number of bytes.
    public init?(_ text: String) {
        switch text {
        case "none": self = .none
        case "all": self = .all
        default:
            guard let bytes = UInt64(text) else { return nil }
            self = .upTo(bytes)
        }
    }

    public var description: String {
        switch self {
        case .none: "none"
        case .upTo(let bytes): "\(bytes)"
        case .all: "all"
        }
    }

    /// Whether it fetches a content of this size.
    public func admits(_ size: UInt64) -> Bool {
        switch self {
        case .none: false
        case .upTo(let bytes): size <= bytes
        case .all: true
        }
    }
}

/// What a run of the lane did.
public struct AttachmentSummary: Hashable, Sendable {
    /// Contents that are whole at the service now and were not before.
    public var sent = 0
    /// Contents that are whole here now and were not before.
    public var fetched = 0
    /// Bytes of contents that passed, both ways.
    public var bytes: UInt64 = 0
    /// Contents that are here and that the service still lacks.
    public var unsent = 0
    /// Contents that were to be fetched and that the service does not have whole.
    public var missing: [AttachmentKey] = []
    /// Contents that arrived and were not what their hash says, or were so here.
    public var damaged: [AttachmentKey] = []
    /// Whether it stopped because something else goes first.
    public var wasInterrupted = false
    /// Nothing done.
    public init() {}
}

/// One run of the lane.
public struct AttachmentLane {
    private let replica: Replica
    private let vault: any AttachmentVault
    private let service: any AttachmentService
    private var pieceBytes = Self.firstPieceBytes
    /// Asked before each piece; true ends the run.
    public var isInterrupted: () -> Bool = { false }
    /// Told after each piece: the content, how many bytes of it have passed, and which way.
    public var progress: (_ attachment: Attachment, _ bytes: UInt64, _ isSending: Bool) -> Void = { _, _, _ in }

    private static let firstPieceBytes = 32 << 10
    private static let smallestPieceBytes = 4 << 10
    private static let quickMilliseconds: Int64 = 2_500

    /// A run between a vault and a service.
    public init(replica: Replica, vault: any AttachmentVault, service: any AttachmentService) {
        (self.replica, self.vault, self.service) = (replica, vault, service)
    }

    /// How large pieces are at first; grows while they pass whole.
    public mutating func begin(pieceBytes: Int) {
        self.pieceBytes = min(max(pieceBytes, Self.smallestPieceBytes), Limits.attachmentPieceBytes)
    }

    /// Sends what the service lacks, then fetches what is asked for, the smallest first: many are done soon, and a large one delays none.
    ///
    /// - Parameters:
    ///   - rule: what is fetched unasked.
    ///   - asked: contents to fetch whatever the rule says.
    ///   - recheck: whether the service is asked also about what it once held.
    /// - Throws: what the service or the vault throws; what passed before is kept, and the next run goes on from there.
    public mutating func run(_ rule: AttachmentRule, asked: Set<AttachmentKey> = [], recheck: Bool = false) throws
        -> AttachmentSummary
    {
        var summary = AttachmentSummary()
        var attachments: [AttachmentKey: Attachment] = [:]
        for attachment in try replica.attachments() {
            attachments[attachment.key] = attachments[attachment.key] ?? attachment
        }
        let all = attachments.values.sorted { $0.size != $1.size ? $0.size < $1.size : $0.key < $1.key }
        try send(all, recheck, &summary)
        if !summary.wasInterrupted { try fetch(all.filter { rule.admits($0.size) || asked.contains($0.key) }, &summary) }
        return summary
    }

    private mutating func send(_ all: [Attachment], _ recheck: Bool, _ summary: inout AttachmentSummary) throws {
        // Of what is about to leave this device nothing is taken on trust: the service may have been restored since it said so.
        let departing = Set(try replica.departingScopes().map(\.scope.id))
        for attachment in all where departing.contains(attachment.key.scope) { try vault.setAtCentre(false, attachment.key) }
        let here = try all.filter { try vault.holding(of: $0.key).isWhole && (recheck || !vault.isAtCentre($0.key)) }
        summary.unsent = here.count
        for (scope, group) in Dictionary(grouping: here, by: \.key.scope).sorted(by: { $0.key < $1.key }) {
            for start in stride(from: 0, to: group.count, by: Limits.attachmentsPerQuery) {
                let asked = Array(group[start..<min(start + Limits.attachmentsPerQuery, group.count)])
                let holdings = try service.holdings(of: asked.map(\.key), in: scope)
                for (attachment, holding) in zip(asked, holdings) {
                    if holding.isWhole {
                        try vault.setAtCentre(true, attachment.key)
                        summary.unsent -= 1
                        continue
                    }
                    try vault.setAtCentre(false, attachment.key)
                    guard holding.isWanted else { continue }
                    // What is damaged here must not become the only copy there.
                    do { try vault.verify(attachment.key) } catch let fault as AttachmentFault {
                        if fault.code == .damaged { summary.damaged.append(attachment.key) }
                        continue
                    }
                    guard try send(attachment, from: holding.bytes, &summary) else {
                        summary.wasInterrupted = true
                        return
                    }
                }
            }
        }
    }

    /// - Returns: false if it was interrupted.
    private mutating func send(_ attachment: Attachment, from held: UInt64, _ summary: inout AttachmentSummary) throws -> Bool {
        var offset = held
        var turns = 0
        while true {
            if isInterrupted() { return false }
            let data = try vault.read(attachment.key, at: offset, limit: pieceBytes)
            let before = offset
            let holding = try passing { service throws in try service.send(data, at: offset, of: attachment) }
            summary.bytes += UInt64(data.count)
            offset = holding.bytes
            progress(attachment, offset, true)
            if holding.isWhole {
                try vault.setAtCentre(true, attachment.key)
                summary.sent += 1
                summary.unsent -= 1
                return true
            }
            // A service that does not move on, or back, is not asked for ever.
            turns = offset > before ? 0 : turns + 1
            if turns > 3 { return true }
        }
    }

    private mutating func fetch(_ all: [Attachment], _ summary: inout AttachmentSummary) throws {
        for attachment in all where try !vault.holding(of: attachment.key).isWhole {
            do {
                guard try fetch(attachment, &summary) else {
                    summary.wasInterrupted = true
                    return
                }
            } catch let fault as AttachmentFault {
                switch fault.code {
                case .damaged: summary.damaged.append(attachment.key)
                case .missing: summary.missing.append(attachment.key)
                case .tooLarge, .unwanted: throw fault
                }
            }
        }
    }

    /// - Returns: false if it was interrupted.
    private mutating func fetch(_ attachment: Attachment, _ summary: inout AttachmentSummary) throws -> Bool {
        var offset = try vault.holding(of: attachment.key).bytes
        while true {
            if isInterrupted() { return false }
            let limit = pieceBytes
            let (data, size) = try passing { service throws in try service.fetch(attachment.key, at: offset, limit: limit) }
            guard size == attachment.size, !data.isEmpty || size == offset else {
                throw AttachmentFault(.damaged, attachment.key.hash)
            }
            let holding = try vault.append(data, at: offset, of: attachment.key, size: size)
            summary.bytes += UInt64(data.count)
            // Whoever else writes to the same vault may have come further.
            guard holding.bytes > offset || holding.isWhole else { throw AttachmentFault(.damaged, attachment.key.hash) }
            offset = holding.bytes
            progress(attachment, offset, false)
            if holding.isWhole {
                try vault.setAtCentre(true, attachment.key)
                summary.fetched += 1
                return true
            }
        }
    }

    /// Pieces grow while they pass quickly, so that a good link carries few requests, and begin small, so that a bad one loses little.
    private mutating func passing<T>(_ body: (any AttachmentService) throws -> T) throws -> T {
        let start = replica.clock.now()
        let result = try body(service)
        let took = replica.clock.now().rawValue - start.rawValue
        if took < Self.quickMilliseconds { pieceBytes = min(pieceBytes * 2, Limits.attachmentPieceBytes) }
        if took > 4 * Self.quickMilliseconds { pieceBytes = max(pieceBytes / 2, Self.smallestPieceBytes) }
        return result
    }
}
