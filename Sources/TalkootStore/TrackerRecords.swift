public import TalkootCore

/// An account of a tracker.
public struct TrackerAccount: Hashable, Sendable {
    /// Its name, unique.
    public var name: String
    /// What is kept of the password: `scrypt$17$8$1$SALT$HASH`.
    public var passwordHash: String
    /// When it was made, in seconds since 1970 (UTC).
    public var created: Int64

    /// Describes an account.
    public init(name: String, passwordHash: String, created: Int64) {
        self.name = name
        self.passwordHash = passwordHash
        self.created = created
    }
}

/// A login token as a tracker keeps it: only its hash, so that a stolen database opens no session.
public struct TrackerToken: Hashable, Sendable {
    /// The SHA-256 of the token.
    public var hash: Digest
    /// Whose it is.
    public var account: String
    /// The key it is bound to: only a connection that proves this key may use it. `nil` when the login had no certificate.
    public var peer: PeerID?
    /// When it was given, in seconds since 1970 (UTC).
    public var created: Int64
    /// From when on it is worth nothing, in seconds since 1970 (UTC).
    public var expires: Int64

    /// Describes a token.
    public init(hash: Digest, account: String, peer: PeerID?, created: Int64, expires: Int64) {
        self.hash = hash
        self.account = account
        self.peer = peer
        self.created = created
        self.expires = expires
    }
}

/// Where and when a tracker last saw one peer of an account, and which modules the peer said it holds.
public struct TrackerSighting: Hashable, Sendable {
    /// The account.
    public var account: String
    /// The peer's key; `nil` for those without a certificate, which count as one peer of the account.
    public var peer: PeerID?
    /// The address the tracker saw.
    public var address: String
    /// The port the peer listened on; 0 when it did not.
    public var port: UInt16
    /// When, in seconds since 1970 (UTC).
    public var seen: Int64
    /// The names of the modules it holds.
    public var modules: [String]

    /// Describes a sighting.
    public init(account: String, peer: PeerID?, address: String, port: UInt16, seen: Int64, modules: [String]) {
        self.account = account
        self.peer = peer
        self.address = address
        self.port = port
        self.seen = seen
        self.modules = modules
    }
}

/// A module that a tracker holds.
public struct TrackerModule: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its version; a name and a version mean one digest for ever.
    public var version: SemanticVersion
    /// Its identity: the SHA-256 of its manifest.
    public var digest: Digest
    /// The size of its package file, in bytes.
    public var sizeBytes: UInt64
    /// The id of the key that signed it, when one did.
    public var publisher: String?
    /// The account that uploaded it.
    public var uploader: String
    /// When, in seconds since 1970 (UTC).
    public var created: Int64
    /// Why it is not to be used any more; `nil` when it is.
    public var yanked: String?

    /// Describes a module.
    public init(
        name: String, version: SemanticVersion, digest: Digest, sizeBytes: UInt64, publisher: String?, uploader: String, created: Int64,
        yanked: String? = nil
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.sizeBytes = sizeBytes
        self.publisher = publisher
        self.uploader = uploader
        self.created = created
        self.yanked = yanked
    }
}

/// What somebody's words for a module mean.
public enum ModuleLookup: Hashable, Sendable {
    /// This module.
    case found(TrackerModule)
    /// This module, named by its version, or the newest of a name whose every version is yanked: not to be given.
    case yanked(TrackerModule)
    /// None, or more than one.
    case unknown
}

/// What became of a yank.
public enum YankVerdict: Hashable, Sendable {
    /// It is as was asked for.
    case done
    /// There is no such version.
    case unknown
    /// The name belongs to this account.
    case notYours(TrackerModule)
}

/// Whether a tracker may take a module.
public enum ModuleVerdict: Hashable, Sendable {
    /// It is there now, or may come.
    case accepted
    /// The same module was there already.
    case present
    /// The same module was there already and was yanked, for this reason.
    case yanked(String)
    /// The name and version mean another module, with this digest.
    case versionTaken(Digest)
    /// The name belongs to this account.
    case nameTaken(by: String)
    /// The account holds ``TrackerDatabase/modulesPerAccount`` modules.
    case tooMany
}
