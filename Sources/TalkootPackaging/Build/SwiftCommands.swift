import Glibc
import TalkootCore

/// The commands that make a library of a module in Swift: the library `TalkootModule`, `TalkootAsync` when the module imports it, the module itself,
/// and all linked.
struct SwiftCommands {
    let compiler: String
    let linker: String
    let sources: ModuleSources
    let variant: ModuleBuilder.Variant
    let sdk: ModuleSDK
    let folder: String

    func all() throws(TalkootError) -> [[String]] {
        var commands = [library("TalkootModule", try Self.files(sdk.swiftSources))]
        var objects = ["\(folder)/module.o", "\(folder)/TalkootModule.o"]
        var libraries = ["-lm"]
        if sources.isAsync {
            commands.append(library("TalkootAsync", try Self.files(sdk.asyncSources)))
            objects.append("\(folder)/TalkootAsync.o")
            libraries = try Self.concurrency(of: compiler) + libraries
        }
        let name = sources.manifest.name.split(separator: "-").joined(separator: "_")
        commands.append(common + ["-module-name", "module_\(name)", "-I", folder, "-c", "-o", "\(folder)/module.o"] + sources.files)
        commands.append([linker] + objects + Recipe.linking(folder) + ["-o", "\(folder)/module.so"] + libraries)
        return commands
    }

    /// The Swift files of a directory.
    static func files(_ directory: String) throws(TalkootError) -> [String] {
        try Files.names(in: directory, limit: PackageLimits.sources).filter { $0.hasSuffix(".swift") }.map { "\(directory)/\($0)" }
    }

    private var common: [String] {
        [compiler, "-enable-experimental-feature", "Embedded", "-swift-version", "6", "-wmo", "-O", "-parse-as-library"]
            + ["-Xcc", "-fmodule-map-file=\(folder)/module.modulemap", "-Xcc", "-ffp-contract=off", "-Xcc", "-fPIC"]
            + ["-file-prefix-map", "\(sources.directory)=.", "-module-cache-path", "\(sources.directory)/.build/cache"]
            + (variant.processor.map { ["-Xcc", "-march=\($0)"] } ?? [])
    }

    private func library(_ name: String, _ files: [String]) -> [String] {
        common + ["-module-name", name, "-I", folder, "-emit-module", "-emit-module-path", "\(folder)/\(name).swiftmodule"]
            + ["-c", "-o", "\(folder)/\(name).o"] + files
    }

    /// Swift's tasks for a program of one thread. They come with the compiler and are written in C++.
    private static func concurrency(of compiler: String) throws(TalkootError) -> [String] {
        let target = HostPlatform.current.baseline.replacing("-linux-gnu", with: "-unknown-linux-gnu")
        let place = "\(try resources(of: compiler))/embedded/\(target)"
        guard Files.isFile("\(place)/libswift_Concurrency.a") else {
            throw TalkootError(
                .notFound, "\(compiler) has no tasks for Embedded Swift: \(place) holds no libswift_Concurrency.a",
                remedy: "install Swift 6.3 or later from swift.org, or do without TalkootAsync")
        }
        return ["-L\(place)", "-lswift_Concurrency", "-lswift_ConcurrencyDefaultExecutor", "-l:libstdc++.a", "-static-libgcc"]
    }

    /// `lib/swift` beside the compiler, which may be a link to it or stand for one elsewhere.
    private static func resources(of compiler: String) throws(TalkootError) -> String {
        if let real = realpath(compiler, nil) {
            defer { free(real) }
            let place = "\(Files.directory(of: Files.directory(of: String(cString: real))))/lib/swift"
            if Files.isDirectory("\(place)/embedded") { return place }
        }
        let words = try Compiler.run([compiler, "-print-target-info"], remedy: "install Swift 6.3 from swift.org")
        return words.firstMatch(of: /"runtimeResourcePath": "([^"]+)"/).map { String($0.1) } ?? ""
    }
}
