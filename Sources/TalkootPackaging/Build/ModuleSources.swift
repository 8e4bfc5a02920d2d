import TalkootCore

/// What a module's directory holds: `module.yaml` and, in `src/`, sources of one language.
struct ModuleSources {
    enum Language: String, CaseIterable {
        case c
        case cplusplus
        case swift

        var suffixes: [String] {
            switch self {
            case .c: [".c"]
            case .cplusplus: [".cpp", ".cc", ".cxx"]
            case .swift: [".swift"]
            }
        }
    }

    let directory: String
    let manifest: Manifest
    let build: BuildSettings
    let language: Language
    let files: [String]
    /// Headers, which count for what is up to date.
    let headers: [String]
    /// Whether sources in Swift import `TalkootAsync`.
    let isAsync: Bool

    static func manifest(in directory: String) throws(TalkootError) -> Manifest {
        try ManifestReader.yaml(try text(in: directory), file: "\(directory)/module.yaml")
    }

    private static func text(in directory: String) throws(TalkootError) -> [UInt8] {
        let path = "\(directory)/module.yaml"
        guard Files.isFile(path) else {
            throw TalkootError(.notFound, "there is no module.yaml in \(directory)", remedy: "name a module's directory")
        }
        return try Files.read(path, limitBytes: PackageLimits.manifestBytes)
    }

    init(directory: String) throws(TalkootError) {
        let directory = Files.absolute(directory)
        self.directory = directory
        manifest = try Self.manifest(in: directory)
        build = try ManifestReader.build(try Self.text(in: directory), file: "\(directory)/module.yaml")
        let folder = "\(directory)/src"
        let names = Files.isDirectory(folder) ? try Files.names(in: folder, limit: PackageLimits.sources) : []
        let found = Language.allCases.filter { language in names.contains { name in language.suffixes.contains { name.hasSuffix($0) } } }
        guard let first = found.first else {
            throw TalkootError(.notFound, "there is no source in \(folder)", remedy: "put .c, .cpp or .swift files there")
        }
        guard !found.contains(.swift) || found.count == 1 else {
            throw TalkootError(.badData, "\(folder) mixes Swift with C or C++", remedy: "use one language; C and C++ go together")
        }
        guard build == BuildSettings() || !found.contains(.swift) else {
            throw TalkootError(.badData, "\(directory)/module.yaml: build is for C and C++ only", remedy: "leave it out for Swift")
        }
        language = found.contains(.cplusplus) ? .cplusplus : first
        files = names.filter { name in found.contains { $0.suffixes.contains { name.hasSuffix($0) } } }.map { "\(folder)/\($0)" }
        headers = names.filter { $0.hasSuffix(".h") || $0.hasSuffix(".hpp") || $0.hasSuffix(".inc") }.map { "\(folder)/\($0)" }
        isAsync = if language == .swift { try Self.importsAsync(files) } else { false }
    }

    private static func importsAsync(_ files: [String]) throws(TalkootError) -> Bool {
        for file in files {
            let text = String(decoding: try Files.read(file, limitBytes: PackageLimits.libraryBytes), as: UTF8.self)
            if text.split(separator: "\n").contains(where: { $0.hasSuffix("import TalkootAsync") }) { return true }
        }
        return false
    }
}
