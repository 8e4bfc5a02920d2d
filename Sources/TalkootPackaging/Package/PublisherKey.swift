import Glibc
public import TalkootCore

import enum Crypto.Curve25519

/// The Ed25519 key with which a publisher signs packages, kept as a PKCS #8 PEM file of mode 0600 (RFC 8410).
public struct PublisherKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// The name of the public key: `tkp1` and the grouped digits of its SHA-256, in the form of a peer id.
    public var id: String { Self.id(ofPublicKey: Array(key.publicKey.rawRepresentation)) }

    /// Makes a fresh key that is kept nowhere.
    public init() { key = Curve25519.Signing.PrivateKey() }

    /// Reads the key, or makes and keeps one when the file is not there. Two callers at once get the same key.
    ///
    /// - Throws: ``TalkootError`` `badData` when the file holds no Ed25519 key, `cannotCreate` or `inputOutput` when it cannot be
    ///   written or read.
    public static func loadOrCreate(path: String) throws(TalkootError) -> PublisherKey {
        if Files.isFile(path) { return try load(path: path) }
        try Files.makeDirectories(Files.directory(of: path))
        let fresh = PublisherKey()
        let temporary = Files.temporaryPath(beside: path)
        let file = try OpenFile.creating(temporary, mode: 0o600)
        defer {
            file.close()
            unlink(temporary)
        }
        try file.write(Array(fresh.pem.utf8))
        try file.synchronize()
        if link(temporary, path) == 0 { return fresh }
        guard errno == EEXIST else { throw FileFault.error(errno, "cannot create", path, creating: true) }
        return try load(path: path)
    }

    /// Reads the key.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is no file, `badData` when it holds no Ed25519 key.
    public static func load(path: String) throws(TalkootError) -> PublisherKey {
        let text = String(decoding: try Files.read(path, limitBytes: 4096), as: UTF8.self)
        let lines = text.split(separator: "\n").map { String($0.filter { !$0.isWhitespace || $0 == " " }) }
        guard lines.count == 3, lines[0] == header, lines[2] == footer, let bytes = Base64.decode(lines[1]),
            bytes.starts(with: prefix), let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes.dropFirst(prefix.count))
        else {
            throw TalkootError(.badData, "\(path) holds no Ed25519 key in PKCS #8 PEM form", remedy: "move it away and a new key is made")
        }
        return PublisherKey(key: key)
    }

    private init(key: Curve25519.Signing.PrivateKey) { self.key = key }

    /// The public key's 32 bytes and the signature's 64: the content of `manifest.sig`.
    func sign(_ bytes: [UInt8]) throws(TalkootError) -> [UInt8] {
        do {
            return Array(key.publicKey.rawRepresentation) + Array(try key.signature(for: bytes))
        } catch {
            throw TalkootError(.internalError, "signing failed: \(error)")
        }
    }

    /// The id of the key that signed, or `nil` when the signature is not one of these bytes.
    static func signer(of bytes: [UInt8], signature: [UInt8]) -> String? {
        guard signature.count == PackageLimits.signatureBytes else { return nil }
        let publicBytes = Array(signature[..<32])
        guard !WeakKeys.contains(publicBytes), let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicBytes),
            key.isValidSignature(signature[32...], for: bytes)
        else { return nil }
        return id(ofPublicKey: publicBytes)
    }

    private static func id(ofPublicKey bytes: [UInt8]) -> String {
        "tkp1" + PeerID(digest: Hashing.sha256(bytes)).description.dropFirst(3)
    }

    private static let header = "-----BEGIN PRIVATE KEY-----"
    private static let footer = "-----END PRIVATE KEY-----"
    /// PrivateKeyInfo of an Ed25519 key up to its 32 bytes.
    private static let prefix: [UInt8] = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20]

    private var pem: String {
        "\(Self.header)\n\(Base64.encode(Self.prefix + Array(key.rawRepresentation)))\n\(Self.footer)\n"
    }
}

/// Public keys that are points of small order: with them a signature can be made up that is valid for many texts.
private enum WeakKeys {
    /// The y coordinates of the eight points whose order divides 8, and the two that exceed the field's prime, without the sign bit.
    private static let coordinates: Set<[UInt8]> = [
        [UInt8](repeating: 0, count: 32),
        [1] + [UInt8](repeating: 0, count: 31),
        [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
        [0xED] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
        [0xEE] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
        [
            0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0, 0xD5, 0xDF, 0xAC, 0x05, 0xD3,
            0xC6,
            0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
        ],
        [
            0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F, 0x2A, 0x20, 0x53, 0xFA, 0x2C,
            0x39,
            0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
        ],
    ]

    static func contains(_ key: [UInt8]) -> Bool {
        coordinates.contains(Array(key.dropLast()) + key.suffix(1).map { $0 & 0x7F })
    }
}
