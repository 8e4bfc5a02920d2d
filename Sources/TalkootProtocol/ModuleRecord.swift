public import TalkootCore

/// A module as a tracker lists it: an element of the `modlist` body for those who said `hello` with the feature
/// ``Feature/records``. The original body is an array of names.
public struct ModuleRecord: Hashable, Sendable, Codable {
    /// The module's name.
    public var name: String
    /// Its version.
    public var version: SemanticVersion
    /// Its identity: the SHA-256 of its manifest.
    public var digest: Digest
    /// The size of its package, in bytes.
    public var size: UInt64
    /// The id of the key that signed it, when one did.
    public var publisher: String?
    /// The account that uploaded it; empty when unknown.
    public var uploader: String
    /// Why its publisher withdrew it; absent when it is to be used.
    public var yanked: String?

    /// A module.
    public init(
        name: String, version: SemanticVersion, digest: Digest, size: UInt64, publisher: String? = nil, uploader: String = "",
        yanked: String? = nil
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.size = size
        self.publisher = publisher
        self.uploader = uploader
        self.yanked = yanked
    }
}
