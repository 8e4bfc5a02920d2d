public import TalkootCore
public import TalkootPackaging

/// The module of a job as its coordinator needs it: what it is, its package for the volunteers, and its library for this machine.
public struct JobModule: Sendable {
    /// What the module is, takes and gives.
    public var manifest: Manifest
    /// The module's identity: the SHA-256 of its manifest.
    public var digest: Digest
    /// The package file, from which volunteers fetch.
    public var packagePath: String
    /// Its size, in bytes.
    public var packageBytes: UInt64
    /// The shared library for this machine, checked before.
    public var library: [UInt8]

    /// Names the parts of a module.
    public init(manifest: Manifest, digest: Digest, packagePath: String, packageBytes: UInt64, library: [UInt8]) {
        self.manifest = manifest
        self.digest = digest
        self.packagePath = packagePath
        self.packageBytes = packageBytes
        self.library = library
    }

    /// Takes a checked package and reads its library for this machine.
    ///
    /// - Throws: ``TalkootError`` `refused` when the package has none for this machine, `bad-data` when the file changed.
    public init(_ package: ModulePackage) throws(TalkootError) {
        self.init(
            manifest: package.manifest, digest: package.digest, packagePath: package.path, packageBytes: UInt64(package.fileBytes),
            library: try package.library())
    }
}
