public import TalkootCore

/// The key that names this installation, and its certificate.
public struct PeerIdentity: Sendable {
    /// The key's name.
    public let id: PeerID
    let pem: String

    /// Reads `identity.pem` in a directory, or makes a new P-256 key and writes it there, mode 0600, atomically.
    ///
    /// - Throws: ``TalkootError`` with code `badData` when the file is no identity, `cannotCreate` or `inputOutput` when it
    ///   cannot be written or read, `refused` when others may read it.
    public static func loadOrCreate(directory: String) throws(TalkootError) -> PeerIdentity {
        throw TalkootError(.internalError, "no identity yet in \(directory)")
    }

    /// A new identity that is stored nowhere.
    ///
    /// - Throws: ``TalkootError`` with code `internal` when the key cannot be made.
    public static func ephemeral() throws(TalkootError) -> PeerIdentity {
        throw TalkootError(.internalError, "no identity yet")
    }

    /// Key and certificate as PEM text, for a copy in a safe place. Who has it can speak as this peer.
    public func exportPEM() -> String { pem }

    /// Reads what ``exportPEM()`` gave.
    ///
    /// - Throws: ``TalkootError`` with code `badData` when the text is no identity.
    public init(pem: String) throws(TalkootError) {
        throw TalkootError(.badData, "this is no identity")
    }

    /// Writes the identity to `identity.pem` in a directory, mode 0600, atomically, over one that is there.
    ///
    /// - Throws: ``TalkootError`` with code `cannotCreate` or `inputOutput`.
    public func save(directory: String) throws(TalkootError) {
        throw TalkootError(.cannotCreate, "cannot write to \(directory)")
    }
}
