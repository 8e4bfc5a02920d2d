import ArgumentParser
import TalkootCore
import TalkootPackaging

/// `talkoot module build`: compiles a module's sources.
struct ModuleBuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Compile a module's sources into its shared libraries.",
        discussion: """
            talkoot module build Modules/primes

            The directory holds module.yaml and src/ with C, C++ or Swift; the libraries go to .build in it.
            """)

    @Argument(help: "The module's directory.") var directory: String

    func run() async throws {
        for library in try ModuleBuilder().build(directory: directory) {
            StandardStream.note("talkoot: \(library.isFresh ? "built" : "kept") \(library.platform)")
            try StandardStream.print(library.path)
        }
    }
}
