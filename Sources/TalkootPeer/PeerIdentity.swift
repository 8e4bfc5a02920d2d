import Crypto
import Glibc
import NIOSSL
public import TalkootCore

/// The key that names this installation. Its certificate is made from it at every start.
public struct PeerIdentity: Sendable {
    /// The key's name.
    public let id: PeerID
    let certificate: NIOSSLCertificate
    let key: NIOSSLPrivateKey
    private let pem: String

    private static let fileName = "identity.pem"

    /// Reads `identity.pem` in a directory, or makes a new P-256 key and writes it there, mode 0600, atomically.
    ///
    /// - Throws: ``TalkootError`` with code `badData` when the file is no identity, `cannotCreate` or `inputOutput` when it
    ///   cannot be written or read, `refused` when others may read it.
    public static func loadOrCreate(directory: String) throws(TalkootError) -> PeerIdentity {
        let path = "\(directory)/\(fileName)"
        if let pem = try PrivateFile.read(path) {
            guard let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) else {
                throw TalkootError(
                    .badData, "\(path) is not a P-256 private key in PEM form",
                    remedy: "restore it from a copy, or remove it to get a new name")
            }
            return try PeerIdentity(key: key)
        }
        let identity = try ephemeral()
        try identity.save(directory: directory)
        return identity
    }

    /// A new identity that is stored nowhere.
    ///
    /// - Throws: ``TalkootError`` with code `internal` when the certificate cannot be made.
    public static func ephemeral() throws(TalkootError) -> PeerIdentity { try PeerIdentity(key: P256.Signing.PrivateKey()) }

    /// Reads what ``exportPEM()`` gave.
    ///
    /// - Throws: ``TalkootError`` with code `badData` when the text is no identity.
    public init(pem: String) throws(TalkootError) {
        guard let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) else {
            throw TalkootError(.badData, "this is not a P-256 private key in PEM form", remedy: "give the file that the export wrote")
        }
        try self.init(key: key)
    }

    /// The key as PEM text, for a copy in a safe place. Who has it can speak as this peer.
    public func exportPEM() -> String { pem }

    /// Writes the identity to `identity.pem` in a directory, mode 0600, atomically, over one that is there.
    ///
    /// - Throws: ``TalkootError`` with code `cannotCreate` or `inputOutput`.
    public func save(directory: String) throws(TalkootError) {
        try PrivateFile.write(pem + "\n", to: "\(directory)/\(Self.fileName)")
    }

    /// The key, for what is signed outside TLS.
    func signingKey() throws -> P256.Signing.PrivateKey { try P256.Signing.PrivateKey(pemRepresentation: pem) }

    private init(key: P256.Signing.PrivateKey) throws(TalkootError) {
        do {
            let der = try SelfSignedCertificate.der(for: key, now: time(nil))
            certificate = try NIOSSLCertificate(bytes: der, format: .der)
            pem = key.pemRepresentation
            self.key = try NIOSSLPrivateKey(bytes: Array(pem.utf8), format: .pem)
        } catch {
            throw TalkootError(.internalError, "cannot make a certificate: \(error)")
        }
        id = PeerID(publicKey: Array(key.publicKey.derRepresentation))
    }
}

extension PeerID {
    /// The name of the key whose SubjectPublicKeyInfo (DER) this is.
    init(publicKey: [UInt8]) {
        guard let digest = Digest(bytes: Array(SHA256.hash(data: publicKey))) else { preconditionFailure("SHA-256 has 32 bytes") }
        self.init(digest: digest)
    }
}
