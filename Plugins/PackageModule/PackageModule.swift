import Foundation
import PackagePlugin

/// `swift package package-module NAME`: builds a static library product as a module and packs it with `talkoot module pack`.
///
/// SwiftPM compiles the product's targets, Swift as Embedded Swift; the system's linker makes the one library that cells load, since SwiftPM's own
/// dynamic libraries carry search paths and Swift's runtime, which admission refuses.
@main
struct PackageModule: CommandPlugin {
    func performCommand(context: PluginContext, arguments: [String]) throws {
        var extractor = ArgumentExtractor(arguments)
        let isUnsigned = extractor.extractFlag(named: "unsigned") > 0
        guard extractor.extractFlag(named: "help") == 0 else { return print(Self.help) }
        guard let name = extractor.remainingArguments.first, extractor.remainingArguments.count == 1 else { throw Fault(Self.help) }
        let products = context.package.products(ofType: LibraryProduct.self)
        guard let product = products.first(where: { $0.name == name }) else {
            throw Fault("this package has no library product \(name), only \(products.map(\.name).joined(separator: ", "))")
        }
        guard product.kind == .static else {
            throw Fault("the product \(name) must be of type .static: .library(name: \"\(name)\", type: .static, targets: …)")
        }
        let manifest = try Self.manifest(of: product, in: context.package)
        let talkoot = try Self.program()
        let folder = context.pluginWorkDirectoryURL.appending(path: name)
        try Self.prepare(folder, manifest: manifest)
        for level in Self.levels { try Self.link(try build(product, for: level), for: level, into: folder) }
        try Self.run(talkoot, ["module", "pack", folder.path, "--output", folder.path] + (isUnsigned ? ["--unsigned"] : []))
    }

    private static let help = """
        Builds a static library product of this package as a Talkoot module, on x86-64 for every processor and for level v3, and packs it.

            swift package package-module NAME [--unsigned]

        NAME is the product; module.yaml lies in the directory of its first target, or beside Package.swift. The program talkoot is looked
        for in $TALKOOT and in $PATH.
        """

    /// A platform of a package, and what compilers call its processor when it is not the plainest.
    private struct Level {
        let platform: String
        var processor: String?
    }

    /// The levels that `talkoot module build` makes, too.
    private static var levels: [Level] {
        #if arch(x86_64)
            [Level(platform: "x86_64-linux-gnu"), Level(platform: "x86_64-v3-linux-gnu", processor: "x86-64-v3")]
        #else
            [Level(platform: "aarch64-linux-gnu")]
        #endif
    }

    /// The product's archive of objects, compiled so that it can go into a library that needs libc only.
    private func build(_ product: LibraryProduct, for level: Level) throws -> URL {
        var parameters = PackageManager.BuildParameters(configuration: .release)
        let code = ["-fPIC", "-ffp-contract=off"] + (level.processor.map { ["-march=\($0)"] } ?? [])
        parameters.otherSwiftcFlags = ["-enable-experimental-feature", "Embedded"] + code.flatMap { ["-Xcc", $0] }
        parameters.otherCFlags = code + ["-fvisibility=hidden", "-O3"]
        parameters.otherCxxFlags = parameters.otherCFlags + ["-fno-exceptions", "-fno-rtti"]
        let result = try packageManager.build(.product(product.name), parameters: parameters)
        guard result.succeeded else { throw Fault(result.logText) }
        let archives = result.builtArtifacts.filter { $0.kind == .staticLibrary }
        guard let archive = archives.first(where: { $0.url.lastPathComponent == "lib\(product.name).a" }) ?? archives.first else {
            throw Fault("the build of \(product.name) made no static library")
        }
        return archive.url
    }

    private static func manifest(of product: LibraryProduct, in package: Package) throws -> URL {
        let places = product.targets.map(\.directoryURL) + [package.directoryURL]
        let files = places.map { $0.appending(path: "module.yaml") }
        guard let found = files.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
            throw Fault("there is no module.yaml; put it at \(files[0].path)")
        }
        return found
    }

    /// A directory as `talkoot module pack` wants it, without what an earlier run left.
    private static func prepare(_ folder: URL, manifest: URL) throws {
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: manifest, to: folder.appending(path: "module.yaml"))
        let exports = "{ global: talkoot_module_v1; local: *; };\n"
        try exports.write(to: folder.appending(path: "exports.map"), atomically: true, encoding: .utf8)
    }

    private static func link(_ archive: URL, for level: Level, into folder: URL) throws {
        let compiler = try find(ProcessInfo.processInfo.environment["CC"] ?? "cc", remedy: "install gcc or clang, or set CC")
        let place = folder.appending(path: "lib/\(level.platform)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try run(
            compiler,
            [
                "-shared", "-Wl,--whole-archive", archive.path, "-Wl,--no-whole-archive", "-Wl,--strip-debug",
                "-Wl,-z,defs,-z,noexecstack,-z,relro,-z,now", "-Wl,--gc-sections,--build-id=none",
                "-Wl,--version-script=\(folder.path)/exports.map", "-o", "\(place.path)/module.so",
            ] + concurrency() + ["-lm"])
    }

    /// Swift's tasks for a program of one thread, for products with `TalkootAsync`; others take nothing of them.
    private static func concurrency() throws -> [String] {
        let compiler = try find("swiftc", remedy: "put Swift's programs into PATH").resolvingSymlinksInPath()
        #if arch(x86_64)
            let target = "x86_64-unknown-linux-gnu"
        #else
            let target = "aarch64-unknown-linux-gnu"
        #endif
        let resources = compiler.deletingLastPathComponent().deletingLastPathComponent().appending(path: "lib/swift/embedded/\(target)")
        guard FileManager.default.fileExists(atPath: resources.appending(path: "libswift_Concurrency.a").path) else { return [] }
        return ["-L\(resources.path)", "-lswift_Concurrency", "-lswift_ConcurrencyDefaultExecutor", "-l:libstdc++.a", "-static-libgcc"]
    }

    private static func program() throws -> URL {
        let named = ProcessInfo.processInfo.environment["TALKOOT"] ?? "talkoot"
        return try find(named, remedy: "install it (`make install` in the talkoot sources), or set TALKOOT to its path")
    }

    private static func find(_ name: String, remedy: String) throws -> URL {
        let places = name.contains("/") ? [""] : (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/" }
        guard let path = places.map({ $0 + name }).first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw Fault("the program \(name) is not there; \(remedy)")
        }
        return URL(fileURLWithPath: path)
    }

    private static func run(_ program: URL, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Fault("\(program.lastPathComponent) ended with status \(process.terminationStatus)")
        }
    }
}

/// What is wrong, and what to do.
struct Fault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
