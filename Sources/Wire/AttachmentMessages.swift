// The messages of the attachments' lane (protocol/12-attachments.md).

import FoundationEssentials
import SwiftProtobuf

package import Causality
package import Journals

/// How much of a content somebody holds.
public struct AttachmentHolding: Hashable, Sendable {
    /// How many of its first bytes.
    public var bytes: UInt64
    /// Whether that is all of it, and verified.
    public var isWhole: Bool
    /// Whether a record tells of it there: what nobody tells of is not taken in.
    public var isWanted: Bool
    /// One out of its parts.
    public init(bytes: UInt64 = 0, isWhole: Bool = false, isWanted: Bool = false) {
        (self.bytes, self.isWhole, self.isWanted) = (bytes, isWhole, isWanted)
    }
}

package struct AttachmentQuery: Hashable, Sendable {
    package var scope: ScopeID
    package var hashes: [Hash]
    package init(scope: ScopeID, hashes: [Hash]) { (self.scope, self.hashes) = (scope, hashes) }

    package var bytes: [UInt8] {
        var out = Dundian_V1_AttachmentQuery()
        out.scope = Data(scope.bytes)
        out.hashes = hashes.map { Data($0.bytes) }
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_AttachmentQuery.self, bytes) {
            guard $0.hashes.count <= Limits.attachmentsPerQuery else { throw Malformed("too many hashes in a query") }
            return AttachmentQuery(scope: try ScopeID(wire: $0.scope), hashes: try $0.hashes.map { try Hash(wire: $0) })
        }
    }
}

package struct AttachmentAnswer: Hashable, Sendable {
    package var holdings: [AttachmentHolding]
    package init(holdings: [AttachmentHolding]) { self.holdings = holdings }

    package var bytes: [UInt8] {
        var out = Dundian_V1_AttachmentAnswer()
        out.holdings = holdings.map { holding in
            var item = Dundian_V1_AttachmentHolding()
            (item.held, item.whole, item.wanted) = (holding.bytes, holding.isWhole, holding.isWanted)
            return item
        }
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_AttachmentAnswer.self, bytes) { message in
            AttachmentAnswer(
                holdings: message.holdings.map { AttachmentHolding(bytes: $0.held, isWhole: $0.whole, isWanted: $0.wanted) })
        }
    }
}

package struct AttachmentPiece: Hashable, Sendable {
    package var scope: ScopeID
    package var hash: Hash
    package var size: UInt64
    package var offset: UInt64
    package var data: [UInt8]
    package init(scope: ScopeID, hash: Hash, size: UInt64, offset: UInt64, data: [UInt8]) {
        (self.scope, self.hash, self.size, self.offset, self.data) = (scope, hash, size, offset, data)
    }

    package var bytes: [UInt8] {
        var out = Dundian_V1_AttachmentPiece()
        out.scope = Data(scope.bytes)
        out.hash = Data(hash.bytes)
        (out.size, out.offset, out.data) = (size, offset, Data(data))
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_AttachmentPiece.self, bytes) {
            guard $0.data.count <= Limits.attachmentPieceBytes else { throw Malformed("a piece of an attachment is too large") }
            guard $0.size <= Limits.attachmentBytes else { throw Malformed("an attachment is too large") }
            guard $0.offset <= $0.size, UInt64($0.data.count) <= $0.size - $0.offset else {
                throw Malformed("a piece of an attachment is beyond its end")
            }
            return AttachmentPiece(
                scope: try ScopeID(wire: $0.scope), hash: try Hash(wire: $0.hash), size: $0.size, offset: $0.offset,
                data: Array($0.data))
        }
    }
}

package struct AttachmentRead: Hashable, Sendable {
    package var scope: ScopeID
    package var hash: Hash
    package var offset: UInt64
    package var limit: Int
    package init(scope: ScopeID, hash: Hash, offset: UInt64, limit: Int) {
        (self.scope, self.hash, self.offset, self.limit) = (scope, hash, offset, limit)
    }

    package var bytes: [UInt8] {
        var out = Dundian_V1_AttachmentRead()
        out.scope = Data(scope.bytes)
        out.hash = Data(hash.bytes)
        (out.offset, out.limit) = (offset, UInt32(limit))
        return out.bytes
    }

    package init(bytes: [UInt8]) throws(Malformed) {
        self = try decoding(Dundian_V1_AttachmentRead.self, bytes) {
            guard (1...UInt32(Limits.attachmentPieceBytes)).contains($0.limit) else {
                throw Malformed("a read of no or too many bytes")
            }
            return AttachmentRead(
                scope: try ScopeID(wire: $0.scope), hash: try Hash(wire: $0.hash), offset: $0.offset, limit: Int($0.limit))
        }
    }
}
