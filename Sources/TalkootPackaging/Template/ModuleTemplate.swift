import Glibc
public import TalkootCore

/// The folder that `talkoot module new` writes: a small module that builds, passes its check and runs as it is.
public struct ModuleTemplate: Sendable {
    /// What the module is written in.
    public enum Language: String, CaseIterable, Sendable {
        /// C11.
        case c
        /// C++17.
        case cpp
        /// Embedded Swift.
        case swift
        /// Rust, which cargo builds.
        case rust
    }

    /// One file of the folder.
    struct File {
        let path: String
        let text: String
    }

    /// The module's name.
    public let name: String
    /// Its language.
    public let language: Language

    /// A template.
    ///
    /// - Throws: ``TalkootError`` `usage` for a name that no module can have.
    public init(name: String, language: Language) throws(TalkootError) {
        guard Names.isModule(name) else {
            throw TalkootError(
                .usage, "`\(name.prefix(80))` is no name for a module",
                remedy: "take a small letter, then small letters, digits and -, 2 to 63 in all: prime-gaps")
        }
        (self.name, self.language) = (name, language)
    }

    /// The name as an identifier of C.
    var identifier: String { name.split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_") }

    /// Writes the folder `directory`, which must not exist yet or be empty.
    ///
    /// - Returns: the paths of the files in it, from `directory`.
    /// - Throws: ``TalkootError`` `cannotCreate` when something is there already or cannot be made, `notFound` without an SDK.
    public func write(to directory: String, sdk: ModuleSDK? = nil) throws(TalkootError) -> [String] {
        if Files.isDirectory(directory), try !Files.names(in: directory, limit: 16).isEmpty {
            throw TalkootError(.cannotCreate, "\(directory) is there already and not empty", remedy: "choose another name or --output")
        }
        let sdk = if let sdk { sdk } else { try ModuleSDK.locate() }
        try Files.makeDirectories(directory)
        let files = common + sources + editor(directory: Files.absolute(directory), sdk: sdk)
        for file in files {
            let path = "\(directory)/\(file.path)"
            try Files.makeDirectories(Files.directory(of: path))
            try Files.write(Array(file.text.utf8), to: path)
        }
        return files.map(\.path)
    }

    private var sources: [File] {
        switch language {
        case .c: [File(path: "src/\(name).c", text: cSource)]
        case .cpp: [File(path: "src/\(name).cpp", text: cppSource)]
        case .swift: [File(path: "src/\(name).swift", text: swiftSource)]
        case .rust:
            [
                File(path: "src/lib.rs", text: rustSource), File(path: "Cargo.toml", text: cargo), File(path: "build.sh", text: rustBuild),
            ]
        }
    }

    private var common: [File] {
        [
            File(path: "module.yaml", text: manifest), File(path: "README.md", text: readme),
            File(path: ".gitignore", text: ".build/\n*.talkoot\n" + (language == .rust ? "target/\nlib/\n" : "")),
            File(path: ".editorconfig", text: "root = true\n\n[*]\nindent_style = space\nindent_size = 4\ninsert_final_newline = true\n"),
        ]
    }

    private var manifest: String {
        """
        name: \(name)
        version: 0.1.0
        summary: Sums the squares of the numbers below a limit.
        license: Apache-2.0
        parameters:
          limit: {type: integer, default: 1000000, minimum: 0, maximum: 1000000000000, help: Sum the squares of the numbers below this.}
        input: none                # none | lines | records(SIZE) | bytes(BLOCK)
        output: {name: \(name).txt, media-type: text/plain}
        resources: {memory: 64 MiB, threads: 1}
        determinism: exact         # exact | tolerance (with `equal`) | none
        samples:                   # jobs whose output you know: `talkoot module check` runs them
          - {parameters: {limit: 0}, output: "0\\n"}
          - {parameters: {limit: 4}, output: "14\\n"}
          - {parameters: {limit: 100000}, output: "333328333350000\\n"}

        """
    }

    private var readme: String {
        let build = language == .rust ? "sh build.sh                        # compile with cargo, into lib/\n" : ""
        let file = ["c": "src/\(name).c", "cpp": "src/\(name).cpp", "swift": "src/\(name).swift"][language.rawValue] ?? "src/lib.rs"
        return """
            # \(name)

            Sums the squares of the numbers below a limit: a start for a module of your own. The computation is in `\(file)`, what it takes and
            gives in `module.yaml`. Run these in this directory:

            ```
            \(build)talkoot module run . limit=10       # build, and run one unit in a cell here
            talkoot module check .              # everything that could go wrong elsewhere, before it does
            talkoot module pack .               # \(name)-0.1.0.talkoot, signed with your publisher key
            talkoot run ./\(name)-0.1.0.talkoot limit=1e9
            talkoot module publish .            # offer it at the tracker that you are logged in to
            ```

            The output must not depend on how the job is cut into units, and `merge` gives the same however results are grouped: then it is
            right on one machine and on a thousand.

            """
    }

    /// So that an editor's language server finds the SDK.
    private func editor(directory: String, sdk: ModuleSDK) -> [File] {
        let include = "-I\(sdk.headers)"
        switch language {
        case .c: return [File(path: "compile_flags.txt", text: "-std=c11\n-D_GNU_SOURCE\n-Wall\n-Wextra\n\(include)\n")]
        case .cpp: return [File(path: "compile_flags.txt", text: "-xc++\n-std=c++17\n-D_GNU_SOURCE\n-Wall\n-Wextra\n\(include)\n")]
        case .swift:
            let folder = ".build/\(HostPlatform.current.baseline)"
            let arguments = [
                "swiftc", "-enable-experimental-feature", "Embedded", "-swift-version", "6", "-wmo", "-parse-as-library", "-Xcc",
                "-fmodule-map-file=\(folder)/module.modulemap", "-module-name", "module_\(identifier)", "-I", folder, "src/\(name).swift",
            ]
            let command = CanonicalJSON.list([
                .map([
                    "directory": .text(directory), "file": .text("src/\(name).swift"),
                    "arguments": .list(arguments.map(CanonicalJSON.text)),
                ])
            ])
            return [File(path: "compile_commands.json", text: String(decoding: command.bytes, as: UTF8.self) + "\n")]
        case .rust: return []
        }
    }
}
