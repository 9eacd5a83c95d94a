// Attachments of a replica in a folder: added from files, carried to and from the service, handed out as files.

import Files

extension ReplicaFolder {
    private static let ruleSetting = "attachment-rule"
    /// How long a content stays here that no record tells of.
    private static let grace: Int64 = 86_400_000

    /// Which contents this device fetches unasked; none unless set.
    public func attachmentRule() throws -> AttachmentRule {
        try replica.setting(Self.ruleSetting).flatMap { AttachmentRule($0) } ?? .none
    }

    /// Sets which contents this device fetches unasked.
    public func setAttachmentRule(_ rule: AttachmentRule) throws {
        try replica.setSetting(Self.ruleSetting, rule == .none ? nil : "\(rule)")
    }

    /// Attaches a file to a record: its content is kept beside the replica, and one change makes the attachment's record and has the record refer to it.
    ///
    /// - Parameters:
    ///   - path: the file; it is copied.
    ///   - record: what it is attached to.
    ///   - field: the record's field for references to attachments.
    ///   - described: further fields of the attachment's record, as its name.
    /// - Returns: the attachment's record.
    /// - Throws: ``ReplicaError`` if the file cannot be read or kept, or the record not edited; `AttachmentFault` with `tooLarge`.
    public func attach(
        _ path: String, to record: RecordID, field: FieldKey, described: [(FieldKey, FieldInput)]
    ) throws -> RecordID {
        guard let state = try replica.record(record) else {
            throw ReplicaError(
                .recordUnknown, "\(record)", message: "There is no record \(record) here.",
                next: "Nothing was added. Sync first, or check the id.")
        }
        let (key, size) = try vault.add(path, to: state.scope)
        let id = replica.freshRecordID()
        let fields =
            described + [
                (Attachment.hashField, .value(.text("\(key.hash)"))), (Attachment.sizeField, .value(.integer(Int64(size)))),
            ]
        let edits = [
            try replica.creation(of: id, Attachment.type, fields),
            try replica.amendment(of: state.state, [(field, .adding([.reference(id)]))]),
        ].compactMap(\.self)
        try replica.commit(try replica.change(edits), in: state.scope)
        return id
    }

    /// Whether all of a content is here.
    public func isWhole(_ attachment: Attachment) -> Bool { vault.holding(of: attachment.key).isWhole }

    /// Keeps an attachment's content for another scope too, where a record is yet to tell of it.
    ///
    /// - Throws: `AttachmentFault` with `missing` or `damaged`.
    public func keep(_ attachment: Attachment, in scope: ScopeID) throws -> AttachmentKey {
        try vault.copy(attachment.key, to: scope)
    }

    /// Carries contents to and from the service, after a sync. Records go first: it stops as soon as this device has unsent ones.
    ///
    /// - Parameters:
    ///   - asked: attachments to fetch whatever the rule says.
    ///   - recheck: whether the service is asked again about what it once held.
    /// - Throws: ``TransportError`` when the link broke; the next run goes on from there.
    public func carryAttachments(
        over service: ServiceClient, asked: [Attachment] = [], recheck: Bool = false,
        isInterrupted: @escaping () -> Bool = { false },
        progress: @escaping (_ attachment: Attachment, _ bytes: UInt64, _ isSending: Bool) -> Void = { _, _, _ in }
    ) throws -> AttachmentSummary {
        var lane = AttachmentLane(replica: replica, vault: vault, service: service)
        lane.isInterrupted = isInterrupted
        lane.progress = progress
        let summary = try lane.run(try attachmentRule(), asked: Set(asked.map(\.key)), recheck: recheck)
        try tidyAttachments()
        return summary
    }

    /// Removes the contents that no record here has told of for a day.
    @discardableResult
    public func tidyAttachments() throws -> [AttachmentKey] {
        try vault.tidy(
            keeping: Set(try replica.attachments().map(\.key)), now: SystemClock().now(), grace: Self.grace,
            soonIn: try replica.scopesWithErasures())
    }

    /// Writes a content to a file, which is there whole and checked, or not at all.
    ///
    /// - Throws: `AttachmentFault` with `missing` or `damaged`, ``ReplicaError`` if the file cannot be written.
    public func write(_ attachment: Attachment, to path: String, overwriting: Bool = false) throws {
        let file = try WholeFile(path, replaces: overwriting)
        try vault.deliver(attachment.key) { try file.write($0) }
        try file.finish()
    }
}
