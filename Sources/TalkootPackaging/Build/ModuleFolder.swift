import Glibc
public import TalkootCore

/// A module's directory as its author keeps it: `module.yaml` with `src/`, or with `lib/PLATFORM/module.so` from a build of its own.
public struct ModuleFolder: Sendable {
    /// Where it is.
    public let directory: String

    /// The module in this directory; nothing is read yet.
    public init(_ directory: String) { self.directory = Files.absolute(directory) }

    /// What `module.yaml` says, without libraries.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is none, `badData` when it is faulty.
    public func manifest() throws(TalkootError) -> Manifest { try ModuleSources.manifest(in: directory) }

    /// Whether the author brings libraries, in `lib`.
    public var hasLibraries: Bool { Files.isDirectory("\(directory)/lib") }

    /// The module's libraries, up to date, sorted by platform: those of `lib`, else built from `src`.
    ///
    /// - Throws: ``TalkootError`` `badData` for a strange `lib`, and of ``ModuleBuilder/build(directory:)``.
    public func libraries(sdk: ModuleSDK? = nil) throws(TalkootError) -> [(platform: String, path: String)] {
        let folder = "\(directory)/lib"
        var paths: [(platform: String, path: String)] = []
        if hasLibraries {
            for platform in try Files.names(in: folder, limit: 64) {
                guard Names.isPlatform(platform), Files.isFile("\(folder)/\(platform)/module.so") else {
                    throw TalkootError(.badData, "\(folder)/\(platform) holds no module.so", remedy: "only PLATFORM/module.so goes there")
                }
                paths.append((platform, "\(folder)/\(platform)/module.so"))
            }
        } else {
            paths = try ModuleBuilder(sdk: sdk).build(directory: directory).map { ($0.platform, $0.path) }
        }
        guard (1...PackageLimits.libraries).contains(paths.count) else {
            throw TalkootError(
                .badData, "\(folder) holds \(paths.count) libraries", remedy: "a package has 1 to \(PackageLimits.libraries)")
        }
        return paths
    }

    /// The bytes of one of ``libraries(sdk:)``, once admission has passed it.
    ///
    /// - Throws: ``TalkootError`` `badData` with the point that failed and its remedy.
    public static func library(at path: String, platform: String) throws(TalkootError) -> [UInt8] {
        try PackageWriter.content(platform: platform, bytes: try Files.read(path, limitBytes: PackageLimits.libraryBytes)).bytes
    }

    /// Compiles one C file into a shared library with the system's compiler, or what `CC` names.
    ///
    /// - Throws: ``TalkootError`` `notFound` without a compiler, `badData` with its words when it fails.
    public static func compile(c source: String, to path: String) throws(TalkootError) {
        let compiler = try Recipe.compiler("CC", ["cc", "clang", "gcc"], package: "gcc")
        let file = path + ".c"
        try Files.write(Array(source.utf8), to: file)
        defer { unlink(file) }
        _ = try Compiler.run([compiler, "-shared", "-fPIC", "-O1", "-o", path, file, "-ldl"], remedy: "look at the compiler")
        chmod(path, 0o644)
    }
}
