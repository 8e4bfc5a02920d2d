import ArgumentParser
import TalkootCore
import TalkootPackaging

/// `talkoot module new`: the folder of a module that works as it is.
struct ModuleNewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Write the folder of a new module, which builds, passes its check and runs as it is.",
        discussion: """
            talkoot module new prime-gaps --language c
            cd prime-gaps
            talkoot module run . limit=10
            talkoot module check .

            The folder holds module.yaml, the source, samples, a README and what an editor needs. Rust is built by cargo \
            (`sh build.sh`), everything else by `talkoot module build`.
            """)

    @Argument(help: "The module's name: small letters, digits and -.") var name: String
    @Option(name: .shortAndLong, help: "What it is written in: c, cpp, swift or rust.") var language: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The folder; the name when left out.", valueName: "dir")) var output: String?

    func run() async throws {
        guard let language = ModuleTemplate.Language(rawValue: language) else {
            let known = ModuleTemplate.Language.allCases.map(\.rawValue).joined(separator: ", ")
            throw TalkootError(.usage, "--language \(language.prefix(40)) is not known", remedy: "write one of \(known)")
        }
        let directory = output ?? name
        let files = try ModuleTemplate(name: name, language: language).write(to: directory)
        for file in files { try StandardStream.print("\(directory)/\(file)") }
        let build = language == .rust ? "sh build.sh && " : ""
        StandardStream.note("talkoot: next: cd \(directory) && \(build)talkoot module run . limit=10")
    }
}
