public import TalkootCore

/// Makes package files: what `talkoot module pack` calls.
public struct PackageWriter: Sendable {
    private let sdk: ModuleSDK?

    /// A writer that builds with `sdk`, or the one that ``ModuleSDK/locate()`` finds, when something must be built.
    public init(sdk: ModuleSDK? = nil) { self.sdk = sdk }

    /// Packs the module in `directory`: the libraries in `lib/PLATFORM/module.so`, when the author put some there, else those that
    /// ``ModuleBuilder`` makes of `src/`.
    ///
    /// - Parameters:
    ///   - directory: the module's directory, with `module.yaml`.
    ///   - signingKey: the publisher's key; `nil` makes an unsigned package.
    ///   - output: the file to write, or a directory for `NAME-VERSION.talkoot`; `nil` is the module's directory.
    /// - Returns: the package as written: read back and checked whole.
    /// - Throws: ``TalkootError`` of the manifest, the build, admission, or `cannotCreate`/`inputOutput` for the file.
    public func pack(directory: String, signingKey: PublisherKey?, output: String? = nil) throws(TalkootError) -> ModulePackage {
        var (manifest, libraries) = try content(directory: directory)
        manifest.check = CheckRecord(directory: directory).verdict(for: manifest)
        let place = output ?? directory
        let name = "\(manifest.name)-\(manifest.version).talkoot"
        let path = Files.isDirectory(place) ? "\(Files.absolute(place))/\(name)" : place
        try Self.write(manifest: manifest, libraries: libraries, signingKey: signingKey, path: path)
        return try ModulePackage.read(path: path)
    }

    /// Signs a package anew: the same module, with this key's signature instead of the one it has, if any.
    ///
    /// - Parameter output: the file to write; `nil` replaces the package.
    /// - Returns: the package as written.
    /// - Throws: ``TalkootError`` of ``ModulePackage/read(path:)``, `cannotCreate` or `inputOutput` for the file.
    public func sign(path: String, key: PublisherKey, output: String? = nil) throws(TalkootError) -> ModulePackage {
        let package = try ModulePackage.read(path: path)
        let archive = try ArchiveReader(path: path)
        var libraries: [Content] = []
        while let entry = try archive.next() {
            guard let platform = ArchiveReader.platform(of: entry.name) else { continue }
            libraries.append(try Self.content(platform: platform, bytes: try archive.content(of: entry)))
        }
        guard libraries.map(\.entry) == package.manifest.libraries else {
            throw TalkootError(.badData, "\(path) changed while it was read", remedy: "try again")
        }
        try Self.write(manifest: package.manifest, libraries: libraries, signingKey: key, path: output ?? path)
        return try ModulePackage.read(path: output ?? path)
    }

    /// The manifest with its libraries, and their bytes.
    func content(directory: String) throws(TalkootError) -> (Manifest, [Content]) {
        var manifest = try ModuleSources.manifest(in: directory)
        let libraries = try libraries(in: directory)
        manifest.libraries = libraries.map(\.entry)
        return (manifest, libraries)
    }

    typealias Content = (entry: Manifest.Library, bytes: [UInt8])

    /// Writes a package of a manifest that names exactly these libraries.
    static func write(manifest: Manifest, libraries: [Content], signingKey: PublisherKey?, path: String) throws(TalkootError) {
        let bytes = CanonicalManifest.bytes(of: manifest)
        guard bytes.count <= PackageLimits.manifestBytes else {
            throw TalkootError(.badData, "the manifest has \(bytes.count) bytes; at most \(PackageLimits.manifestBytes) are allowed")
        }
        var entries: [(name: String, content: [UInt8])] = [(ArchiveReader.manifest, bytes)]
        if let signingKey { entries.append((ArchiveReader.signature, try signingKey.sign(bytes))) }
        for library in libraries { entries.append((ArchiveReader.libraryName(library.entry.platform), library.bytes)) }
        let package = try ArchiveWriter.bytes(of: entries)
        guard package.count <= PackageLimits.packageBytes else {
            throw TalkootError(.badData, "the package has \(package.count) bytes; at most \(PackageLimits.packageBytes) are allowed")
        }
        try Files.write(package, to: path)
    }

    private func libraries(in directory: String) throws(TalkootError) -> [Content] {
        let paths = try ModuleFolder(directory).libraries(sdk: sdk)
        var contents: [Content] = []
        for (platform, path) in paths.sorted(by: { $0.platform < $1.platform }) {
            contents.append(try Self.content(platform: platform, bytes: try Files.read(path, limitBytes: PackageLimits.libraryBytes)))
        }
        return contents
    }

    /// A library with its manifest entry, once admission passed it.
    static func content(platform: String, bytes: [UInt8]) throws(TalkootError) -> Content {
        let report = AdmissionReport.examine(bytes, platform: platform, host: nil)
        if let refusal = report.refusal { throw refusal }
        let entry = Manifest.Library(
            platform: platform, digest: Hashing.sha256(bytes), sizeBytes: UInt64(bytes.count), glibc: report.glibc?.description ?? "")
        return (entry, bytes)
    }
}
