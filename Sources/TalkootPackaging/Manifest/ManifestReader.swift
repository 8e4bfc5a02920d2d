import TalkootCore

/// Reads a manifest from `module.yaml` (as an author writes it) or from `manifest.json` (as a package holds it): one schema for both.
enum ManifestReader {
    /// Reads `module.yaml`.
    ///
    /// - Throws: ``TalkootError`` `badData` with file, line, field and what is allowed.
    static func yaml(_ bytes: [UInt8], file: String) throws(TalkootError) -> Manifest {
        try manifest(try document(bytes, file: file), file: file, fields: authorFields + ["build"])
    }

    /// Reads what `module.yaml` says of the build.
    ///
    /// - Throws: ``TalkootError`` `badData` with file, line, field and what is allowed.
    static func build(_ bytes: [UInt8], file: String) throws(TalkootError) -> BuildSettings {
        let root = try document(bytes, file: file)
        return try BuildSettings.read(try FieldReader(root, file: file, path: "", known: authorFields + ["build"]))
    }

    private static func document(_ bytes: [UInt8], file: String) throws(TalkootError) -> DocumentNode {
        guard bytes.count <= PackageLimits.manifestBytes, let text = String(validating: bytes, as: UTF8.self) else {
            throw TalkootError(.badData, "\(file) is not UTF-8 text of at most \(PackageLimits.manifestBytes) bytes")
        }
        do {
            return try YAMLDocument.parse(text)
        } catch {
            throw TalkootError(.badData, "\(file) line \(error.line): \(error.reason)", remedy: "see docs/abi.md for its form")
        }
    }

    /// Reads `manifest.json`, which must be in its canonical form to the byte.
    ///
    /// - Throws: ``TalkootError`` `badData`.
    static func json(_ bytes: [UInt8], file: String) throws(TalkootError) -> Manifest {
        guard bytes.count <= PackageLimits.manifestBytes else {
            throw TalkootError(.badData, "\(file) has more than \(PackageLimits.manifestBytes) bytes")
        }
        let root: DocumentNode
        do {
            root = try JSONDocument.parse(bytes)
        } catch {
            throw TalkootError(.badData, "\(file) line \(error.line): \(error.reason)", remedy: "pack the module again")
        }
        let manifest = try manifest(root, file: file, fields: authorFields + ["libraries", "check"])
        guard CanonicalManifest.bytes(of: manifest) == bytes else {
            throw TalkootError(.badData, "\(file) is not in canonical form", remedy: "pack the module again with `talkoot module pack`")
        }
        return manifest
    }

    private static let authorFields = [
        "name", "version", "summary", "license", "parameters", "input", "output", "resources", "determinism", "isolation", "samples",
    ]

    private static func manifest(_ root: DocumentNode, file: String, fields: [String]) throws(TalkootError) -> Manifest {
        let reader = try FieldReader(root, file: file, path: "", known: fields)
        var manifest = Manifest(
            name: try reader.value("name", allowed: "[a-z][a-z0-9-]{1,62}") { Names.isModule($0) ? $0 : nil },
            version: try reader.value("version", allowed: "a semantic version such as 1.2.0", SemanticVersion.init),
            summary: try reader.line("summary"), license: try reader.line("license"),
            parameters: try parameters(reader),
            input: try reader.optionalValue("input", allowed: "none, lines, records(SIZE) or bytes(BLOCK)", InputKind.init) ?? .none,
            output: try output(reader), resources: try resources(reader),
            determinism: try reader.optionalValue("determinism", allowed: "exact, tolerance or none", Manifest.Determinism.init) ?? .exact,
            isolation: try reader.optionalValue("isolation", allowed: "job or unit", Isolation.init) ?? .job,
            libraries: try libraries(reader))
        manifest.samples = try samples(reader, of: manifest)
        manifest.check = try check(reader)
        return manifest
    }

    private static func check(_ reader: FieldReader) throws(TalkootError) -> Manifest.Check? {
        guard let group = try reader.group("check", known: ["determinism", "passed"]) else { return nil }
        var passed: [String] = []
        for node in try group.list("passed", limit: PackageLimits.checkPoints) {
            guard case .scalar(let name, _) = node.content, Names.isPoint(name) else {
                throw group.fault("passed", "holds \(node.kind)", allowed: "names of small letters and spaces")
            }
            passed.append(name)
        }
        let determinism = try group.value("determinism", allowed: "exact, tolerance or none", Manifest.Determinism.init)
        return Manifest.Check(determinism: determinism, passed: passed)
    }

    private static func output(_ reader: FieldReader) throws(TalkootError) -> Manifest.Output {
        guard let group = try reader.group("output", known: ["name", "media-type"]) else {
            throw reader.fault("output", "is missing", allowed: "a map with name, media-type")
        }
        return Manifest.Output(
            name: try group.value("name", allowed: "a file name without a directory") { Names.isFile($0) ? $0 : nil },
            mediaType: try group.value("media-type", allowed: "a media type such as text/plain") { Names.isMediaType($0) ? $0 : nil })
    }

    private static func resources(_ reader: FieldReader) throws(TalkootError) -> Manifest.Resources {
        var resources = Manifest.Resources()
        guard let group = try reader.group("resources", known: ["memory", "threads"]) else { return resources }
        let memory = try group.optionalValue("memory", allowed: "a size from 8 MiB to 1 TiB, such as 64 MiB") { text in
            NumberText.byteCount(text).flatMap { (8 << 20...1 << 40).contains($0) ? $0 : nil }
        }
        let threads = try group.optionalValue("threads", allowed: "1 to 256") { text in
            NumberText.integer(text).flatMap { (1...256).contains($0) ? Int($0) : nil }
        }
        resources.memoryBytes = memory ?? resources.memoryBytes
        resources.threads = threads ?? resources.threads
        return resources
    }

    private static func libraries(_ reader: FieldReader) throws(TalkootError) -> [Manifest.Library] {
        var libraries: [Manifest.Library] = []
        for (index, node) in try reader.list("libraries", limit: PackageLimits.libraries).enumerated() {
            let group = try FieldReader(
                node, file: reader.file, path: "libraries[\(index)]", known: ["platform", "sha256", "size", "glibc"])
            let library = Manifest.Library(
                platform: try group.value("platform", allowed: "a platform such as x86_64-linux-gnu") { Names.isPlatform($0) ? $0 : nil },
                digest: try group.value("sha256", allowed: "64 hexadecimal digits", Digest.init),
                sizeBytes: try group.value("size", allowed: "1 to \(PackageLimits.libraryBytes)") { text in
                    UInt64(text).flatMap { (1...UInt64(PackageLimits.libraryBytes)).contains($0) ? $0 : nil }
                },
                glibc: try group.optionalValue("glibc", allowed: "a version such as 2.34") { GlibcVersion($0)?.description } ?? "")
            guard !libraries.contains(where: { $0.platform == library.platform }) else {
                throw group.fault("platform", "is there twice", allowed: "each platform once")
            }
            libraries.append(library)
        }
        return libraries
    }
}
