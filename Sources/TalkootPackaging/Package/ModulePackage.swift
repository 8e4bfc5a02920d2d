public import TalkootCore

/// A module package whose every part has been checked: sizes, digests, signature, manifest, libraries.
public struct ModulePackage: Sendable {
    /// What the module is.
    public let manifest: Manifest
    /// `manifest.json` as the package holds it.
    public let manifestBytes: [UInt8]
    /// The SHA-256 of ``manifestBytes``: the module's identity.
    public let digest: Digest
    /// The id of the key whose valid signature the package holds; `nil` for an unsigned one.
    public let publisher: String?
    /// The size of the package file.
    public let fileBytes: Int
    /// Where the package lies.
    public let path: String

    /// `NAME@VERSION`.
    public var reference: String { "\(manifest.name)@\(manifest.version)" }

    /// Reads a package and checks all of it. Costs one pass over the file.
    ///
    /// The libraries of this machine's architecture must pass admission; those of others must have the right digest and form.
    ///
    /// - Throws: ``TalkootError`` `notFound`, `inputOutput`, or `badData` with what is wrong and what to do.
    public static func read(path: String) throws(TalkootError) -> ModulePackage {
        let archive = try ArchiveReader(path: path)
        guard let first = try archive.next(), first.name == ArchiveReader.manifest else {
            throw fault(path, "does not begin with manifest.json")
        }
        let bytes = try archive.content(of: first)
        let manifest = try ManifestReader.json(bytes, file: "manifest.json of \(path)")
        var publisher: String?
        var missing = Set(manifest.libraries.map(\.platform))
        while let entry = try archive.next() {
            guard let platform = ArchiveReader.platform(of: entry.name) else {
                publisher = try signer(path, of: bytes, signature: try archive.content(of: entry))
                continue
            }
            guard let library = manifest.libraries.first(where: { $0.platform == platform }), library.sizeBytes == UInt64(entry.sizeBytes)
            else {
                throw fault(path, "holds \(entry.name), which its manifest does not name or gives another size")
            }
            try verify(try archive.content(of: entry), against: library, path: path)
            missing.remove(platform)
        }
        if let absent = missing.sorted().first { throw fault(path, "lacks \(ArchiveReader.libraryName(absent))") }
        guard !manifest.libraries.isEmpty else { throw fault(path, "holds no library") }
        return ModulePackage(
            manifest: manifest, manifestBytes: bytes, digest: Hashing.sha256(bytes), publisher: publisher, fileBytes: archive.fileBytes,
            path: path)
    }

    /// The library of the best level that `host` runs, read anew and checked against the manifest's digest.
    ///
    /// - Throws: ``TalkootError`` `refused` when the package has none for this machine, `badData` when the file changed.
    public func library(for host: HostPlatform = .current) throws(TalkootError) -> [UInt8] {
        let library = try choice(for: host)
        let archive = try ArchiveReader(path: path)
        while let entry = try archive.next() {
            guard entry.name == ArchiveReader.libraryName(library.platform) else { continue }
            guard UInt64(entry.sizeBytes) == library.sizeBytes else { break }
            let bytes = try archive.content(of: entry)
            guard Hashing.sha256(bytes) == library.digest else { break }
            return bytes
        }
        throw Self.fault(path, "changed after it was read")
    }

    /// The library of the best level that `host` runs and whose C library is new enough.
    ///
    /// - Throws: ``TalkootError`` `refused` when the package has none for this machine.
    public func choice(for host: HostPlatform = .current) throws(TalkootError) -> Manifest.Library {
        let candidates = host.names.compactMap { name in manifest.libraries.first { $0.platform == name } }
        if let library = candidates.first(where: { GlibcVersion($0.glibc).map { $0 <= host.glibc } ?? true }) { return library }
        let has = manifest.libraries.map(\.platform).joined(separator: ", ")
        if let newer = candidates.first {
            throw TalkootError(
                .refused, "\(reference) needs glibc \(newer.glibc), this machine has \(host.glibc)", remedy: "build it on an older system")
        }
        throw TalkootError(
            .refused, "\(reference) has no library for \(host.names.joined(separator: " or ")), only for \(has)",
            remedy: "ask its author for one, or build it here")
    }

    /// What admission says of each library that is for this machine's architecture.
    ///
    /// - Throws: ``TalkootError`` when the file can no longer be read.
    public func admission(host: HostPlatform = .current) throws(TalkootError) -> [AdmissionReport] {
        let archive = try ArchiveReader(path: path)
        var reports: [AdmissionReport] = []
        while let entry = try archive.next() {
            guard let platform = ArchiveReader.platform(of: entry.name) else { continue }
            reports.append(AdmissionReport.examine(try archive.content(of: entry), platform: platform, host: host))
        }
        return reports
    }

    private static func fault(_ path: String, _ problem: String) -> TalkootError {
        TalkootError(.badData, "\(path) \(problem)", remedy: "get or pack the module again")
    }

    private static func signer(_ path: String, of bytes: [UInt8], signature: [UInt8]) throws(TalkootError) -> String {
        guard let publisher = PublisherKey.signer(of: bytes, signature: signature) else {
            throw TalkootError(.badData, "\(path): the signature is not one of its manifest", remedy: "get it again from its publisher")
        }
        return publisher
    }

    private static func verify(_ bytes: [UInt8], against library: Manifest.Library, path: String) throws(TalkootError) {
        guard Hashing.sha256(bytes) == library.digest else {
            throw fault(path, "holds a library for \(library.platform) whose digest is not the manifest's")
        }
        // What this machine's C library lacks decides `choice(for:)`, not whether the package is sound.
        let report = AdmissionReport.examine(bytes, platform: library.platform, host: nil)
        if let refusal = report.refusal { throw TalkootError(refusal.code, "\(path): \(refusal.message)", remedy: refusal.remedy) }
        guard report.glibc?.description ?? "" == library.glibc else {
            throw fault(path, "needs glibc \(report.glibc?.description ?? "of any version") where its manifest says `\(library.glibc)`")
        }
    }
}
