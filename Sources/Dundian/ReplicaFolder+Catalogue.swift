// The record types of an organisation: which a folder uses, and how a laptop comes by them.

import Files

import class Foundation.FileManager

extension ReplicaFolder {
    private static func file(in path: String) -> String { path + "/catalogue.json" }

    /// The record types in use in a folder: those of a file `catalogue.json` in it, or the built-in ones.
    /// - Throws: ``ReplicaError`` with `fileUnreadable` if the file is no catalogue.
    public static func catalogue(in path: String) throws -> Catalogue {
        let file = file(in: path)
        guard let bytes = FileManager.default.contents(atPath: file) else { return .supervision }
        do { return try Catalogue(bytes: Array(bytes)) } catch {
            throw ReplicaError(
                .fileUnreadable, file, message: "\(file) cannot be used: \(error).",
                next: "Nothing was changed. Remove it: the next sync brings the one in force.")
        }
    }

    /// Whether the record types in use here are those the roster names; true before it has joined.
    public func isCatalogueInForce() throws -> Bool {
        guard let roster = try replica.roster()?.roster, !roster.catalogue.isEmpty else { return true }
        return roster.catalogue == catalogue.hash
    }

    /// Takes over the record types that the roster names, where they are others than those in use: from the next opening of the replica on, what is
    /// here is folded and shown by them.
    ///
    /// - Returns: the new ones; nil if those in use are in force.
    /// - Throws: ``TransportError``; ``ReplicaError`` with `fileUnreadable` if what the service has is not what the roster names, or cannot follow
    ///   what is in use here.
    public func takeCatalogue(from service: ServiceClient) throws -> Catalogue? {
        guard try !isCatalogueInForce(), let hash = try replica.roster()?.roster.catalogue else { return nil }
        let file = Self.file(in: path)
        let bytes = hash == Catalogue.supervision.hash ? Catalogue.supervision.bytes : try service.catalogueFile()
        let next: Catalogue
        do { next = try Catalogue(bytes: bytes) } catch { throw Self.refused(file, "\(error)") }
        guard next.hash == hash else { throw Self.refused(file, "it is not the one the roster names") }
        let faults =
            next.name == catalogue.name
            ? next.faults(replacing: catalogue) : try next.faults(lackingTypes: catalogue.recorded(in: replica))
        if let fault = faults.first { throw Self.refused(file, "\(fault)") }
        // A program that runs on has its types until it is started anew.
        guard try Self.catalogue(in: path).hash != hash else { return nil }
        if hash == Catalogue.supervision.hash {
            try? FileManager.default.removeItem(atPath: file)
        } else {
            let whole = try WholeFile(file, replaces: true)
            try whole.write(bytes)
            try whole.finish()
        }
        return next
    }

    private static func refused(_ file: String, _ why: String) -> ReplicaError {
        ReplicaError(
            .fileUnreadable, file, message: "The record types of the service cannot be used here: \(why).",
            next: "Nothing was changed; records sync all the same. Tell the administrator.")
    }
}

extension Catalogue {
    /// Those of its types that a replica has records of.
    public func recorded(in replica: Replica) throws -> [String] {
        try types.map(\.key).filter { try replica.recordCount(type: TypeKey($0)) > 0 }
    }

    /// SHA-256 of the file: what the roster names.
    public var hash: [UInt8] {
        var hasher = ContentHasher()
        hasher.update(bytes)
        return hasher.finish().bytes
    }
}
