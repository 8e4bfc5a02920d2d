public import TalkootCore
public import TalkootPackaging

/// The module that is checked: its manifest and the libraries that run here.
public struct CheckSubject: Sendable {
    /// A library and what it is for.
    public struct Library: Sendable {
        /// The platform, `x86_64-v3-linux-gnu` for instance.
        public var platform: String
        /// The file.
        public var bytes: [UInt8]

        /// A library.
        public init(platform: String, bytes: [UInt8]) { (self.platform, self.bytes) = (platform, bytes) }
    }

    /// What the module is.
    public var manifest: Manifest
    /// The libraries that this machine runs, the plainest first; at least one.
    public var libraries: [Library]
    /// The plainest library once more, built so that variables which the sources leave unset hold a pattern; `nil` when there are no
    /// sources, or their compiler cannot do that.
    public var filled: [UInt8]?

    /// Builds the module in a directory.
    ///
    /// - Throws: ``TalkootError`` of the manifest, the build and admission, `refused` when nothing of it runs on this machine.
    public init(directory: String) throws(TalkootError) {
        let folder = ModuleFolder(directory)
        manifest = try folder.manifest()
        libraries = []
        for library in try folder.libraries() where HostPlatform.current.names.contains(library.platform) {
            let bytes = try ModuleFolder.library(at: library.path, platform: library.platform)
            libraries.append(Library(platform: library.platform, bytes: bytes))
        }
        filled = nil
        let order = HostPlatform.current.names.reversed().map { $0 }
        libraries.sort { (order.firstIndex(of: $0.platform) ?? 0) < (order.firstIndex(of: $1.platform) ?? 0) }
        guard !libraries.isEmpty else {
            throw TalkootError(.refused, "no library of \(manifest.name) runs on this machine", remedy: "build it here")
        }
    }

    /// Builds what ``filled`` holds, when the module comes from a directory with sources.
    ///
    /// - Throws: ``TalkootError`` of ``ModuleBuilder/buildFilled(directory:)``.
    public mutating func fill(directory: String) throws(TalkootError) {
        guard !ModuleFolder(directory).hasLibraries else { return }
        filled = try ModuleBuilder().buildFilled(directory: directory)
    }

    /// The module of a package.
    ///
    /// - Throws: ``TalkootError`` `refused` when it has no library for this machine, `badData` when the file changed.
    public init(package: ModulePackage) throws(TalkootError) {
        manifest = package.manifest
        filled = nil
        libraries = []
        let glibc = HostPlatform.current.glibc
        for name in HostPlatform.current.names.reversed() where package.manifest.libraries.contains(where: { $0.platform == name }) {
            let bytes = try package.library(for: HostPlatform(names: [name], glibc: glibc))
            libraries.append(Library(platform: name, bytes: bytes))
        }
        if libraries.isEmpty { _ = try package.choice() }
    }
}

extension CheckSubject {
    static func digest(of bytes: [UInt8]) -> Digest { Hashing.sha256(bytes) }
}
