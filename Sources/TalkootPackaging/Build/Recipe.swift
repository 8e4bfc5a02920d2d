import Glibc
import TalkootCore

/// The commands that make one library of a module, and whether they need to run.
struct Recipe {
    let sources: ModuleSources
    let variant: ModuleBuilder.Variant
    let sdk: ModuleSDK

    private let folder: String
    private let commands: [[String]]
    private let remedy: String

    /// The library that the commands make.
    var library: String { "\(folder)/module.so" }
    private var stamp: String { "\(folder)/commands.txt" }
    private var exports: String { "\(folder)/exports.map" }
    private var moduleMap: String { "\(folder)/module.modulemap" }

    init(sources: ModuleSources, variant: ModuleBuilder.Variant, sdk: ModuleSDK) throws(TalkootError) {
        self.sources = sources
        self.variant = variant
        self.sdk = sdk
        let folder = "\(sources.directory)/.build/\(variant.folder ?? variant.platform)"
        self.folder = folder
        switch sources.language {
        case .c:
            remedy = Self.remedy(sources, "cc, or what CC names")
            let compiler = try Self.compiler("CC", ["cc", "clang", "gcc"], package: "gcc")
            commands = [Self.compile(compiler, sources, variant, sdk, folder, ["-std=c11"])]
        case .cplusplus:
            remedy = Self.remedy(sources, "c++, or what CXX names")
            let compiler = try Self.compiler("CXX", ["c++", "clang++", "g++"], package: "g++")
            let flags = ["-std=c++17", "-fno-exceptions", "-fno-rtti", "-static-libstdc++", "-static-libgcc"]
            commands = [Self.compile(compiler, sources, variant, sdk, folder, flags)]
        case .swift:
            remedy = "mend the sources; the compiler is swiftc, or what SWIFTC names"
            let swift = try Self.compiler("SWIFTC", ["swiftc"], package: "Swift 6.3 from swift.org")
            let linker = try Self.compiler("CC", ["cc", "clang", "gcc"], package: "gcc")
            commands = try SwiftCommands(compiler: swift, linker: linker, sources: sources, variant: variant, sdk: sdk, folder: folder)
                .all()
        }
    }

    private static func remedy(_ sources: ModuleSources, _ compiler: String) -> String {
        let libraries = sources.build.libraries
        return "mend the sources; the compiler is \(compiler)"
            + (libraries.isEmpty
                ? "" : "; it links \(libraries.joined(separator: ", ")), of which the headers and static libraries must be here")
    }

    /// Runs the commands unless the library is up to date; what the compilers said when they ran.
    func perform() throws(TalkootError) -> String? {
        let text = commands.map { $0.joined(separator: " ") }.joined(separator: "\n") + "\n"
        if isUpToDate(text) { return nil }
        try Files.makeDirectories(folder)
        unlink(stamp)
        try Files.write(Array("{ global: \(Admission.entryPoint); local: *; };\n".utf8), to: exports)
        try Files.write(Array("module CTalkoot { header \"\(sdk.headers)/talkoot.h\" export * }\n".utf8), to: moduleMap)
        var words = ""
        for command in commands { words += try Compiler.run(command, remedy: remedy) }
        try Files.write(Array(text.utf8), to: stamp)
        return words
    }

    private func isUpToDate(_ text: String) -> Bool {
        guard let built = Files.changed(library), let known = try? Files.read(stamp, limitBytes: 1 << 20), known == Array(text.utf8) else {
            return false
        }
        var inputs = sources.files + sources.headers + sources.build.files(in: sources.directory)
        inputs += ["\(sdk.headers)/talkoot.h", "\(sdk.headers)/talkoot.hpp"]
        if sources.language == .swift {
            inputs += (try? (SwiftCommands.files(sdk.swiftSources) + SwiftCommands.files(sdk.asyncSources))) ?? []
        }
        return inputs.allSatisfy { (Files.changed($0) ?? .max) < built }
    }

    static func compiler(_ variable: String, _ names: [String], package: String) throws(TalkootError) -> String {
        if let named = getenv(variable).map({ String(cString: $0) }), !named.isEmpty {
            if let found = Compiler.find(named) { return found }
            throw TalkootError(.notFound, "\(variable) names \(named), which is not there", remedy: "unset it or name a compiler")
        }
        for name in names { if let found = Compiler.find(name) { return found } }
        throw TalkootError(.notFound, "there is no \(names[0])", remedy: "install \(package)")
    }

    /// Paths in messages and debug data must not depend on where the author works.
    private static func reproducible(_ sources: ModuleSources) -> [String] { ["-ffile-prefix-map=\(sources.directory)=."] }

    /// Linked so that admission passes: nothing undefined, nothing executable but code, one symbol shown. The names of functions stay
    /// in the file, so that a crash can be named by them.
    static func linking(_ folder: String) -> [String] {
        [
            "-shared", "-Wl,--strip-debug", "-Wl,-z,defs,-z,noexecstack,-z,relro,-z,now", "-Wl,--gc-sections,--build-id=none",
            "-Wl,--version-script=\(folder)/exports.map",
        ]
    }

    private static func compile(
        _ compiler: String, _ sources: ModuleSources, _ variant: ModuleBuilder.Variant, _ sdk: ModuleSDK, _ folder: String,
        _ flags: [String]
    ) -> [String] {
        let processor = variant.processor.map { ["-march=\($0)"] } ?? []
        // Contraction into fused multiply-add would make the levels' results differ. Without a thought of errno and of trapped exceptions the
        // results are the same to the bit, and a loop with a root or a choice becomes vector code.
        let code = [
            "-O3", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-ffunction-sections",
            "-fdata-sections", "-Wall", "-Wextra",
        ]
        let macros = ["-D_GNU_SOURCE", "-I\(sdk.headers)"] + sources.build.compiling(in: sources.directory)
        return [compiler] + flags + code + variant.flags + processor + macros + reproducible(sources) + sources.files + linking(folder)
            + ["-o", "\(folder)/module.so"] + sources.build.linking(in: sources.directory) + ["-lm"]
    }
}
