// The attachments' lane over HTTP: each question, each piece, is one signed request.

public import Attachments
public import Causality
public import Wire

extension ServiceClient {
    /// The catalogue file in force, as the service has it: whoever takes it checks it against the roster.
    /// - Throws: ``TransportError``.
    package func catalogueFile() throws -> [UInt8] {
        try explaining { try CatalogueMessage(bytes: try post("/v1/catalogue", [])).file }
    }
}

extension ServiceClient: AttachmentService {
    /// Asks what the service holds.
    /// - Throws: ``TransportError``.
    public func holdings(of keys: [AttachmentKey], in scope: ScopeID) throws -> [AttachmentHolding] {
        let query = AttachmentQuery(scope: scope, hashes: keys.map(\.hash))
        let answer = try explaining { try AttachmentAnswer(bytes: try post("/v1/attachments/holdings", query.bytes)) }
        guard answer.holdings.count == keys.count else {
            throw TransportError(
                .distrusted, message: "The service answered about \(answer.holdings.count) attachments instead of \(keys.count).",
                next: "Nothing was changed. Sync again; if it happens again, tell the administrator.")
        }
        return answer.holdings
    }

    /// Sends a piece.
    /// - Throws: ``TransportError``; `AttachmentFault` with `unwanted` or `damaged`.
    public func send(_ data: [UInt8], at offset: UInt64, of attachment: Attachment) throws -> AttachmentHolding {
        let piece = AttachmentPiece(
            scope: attachment.key.scope, hash: attachment.key.hash, size: attachment.size, offset: offset, data: data)
        let answer = try explaining(attachment.key) {
            try AttachmentAnswer(bytes: try post("/v1/attachments/put", piece.bytes))
        }
        return answer.holdings.first ?? AttachmentHolding()
    }

    /// Asks for a piece.
    /// - Throws: ``TransportError``; `AttachmentFault` with `missing` or `damaged`.
    public func fetch(_ key: AttachmentKey, at offset: UInt64, limit: Int) throws -> (data: [UInt8], size: UInt64) {
        let read = AttachmentRead(scope: key.scope, hash: key.hash, offset: offset, limit: limit)
        let piece = try explaining(key) { try AttachmentPiece(bytes: try post("/v1/attachments/get", read.bytes)) }
        guard piece.hash == key.hash, piece.offset == offset else { throw AttachmentFault(.damaged, key.hash) }
        return (piece.data, piece.size)
    }

    private func explaining<T>(_ key: AttachmentKey? = nil, _ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as TransportError {
            guard let key, let problem = error.problem, let code = AttachmentFault.Code(rawValue: problem) else { throw error }
            throw AttachmentFault(code, key.hash)
        } catch LinkStopped.limit {
            throw TransportError(
                .limitReached, message: "The byte limit is reached.",
                next: "What passed is kept; the rest comes with the next sync.")
        } catch { throw explained(error) }
    }
}
