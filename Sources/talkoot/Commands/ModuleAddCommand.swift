import ArgumentParser
import TalkootCore
import TalkootPackaging

/// `talkoot module add`: puts a package into this installation's store.
struct ModuleAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Check a package and keep a copy, so that it can be run by name.",
        discussion: """
            talkoot module add primes-1.0.0.talkoot
            talkoot run primes limit=1e9
            """)

    @Argument(help: "The package file.") var file: String
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let package = try home.locate().moduleStore.add(path: file)
        StandardStream.note("talkoot: \(package.reference) can be run by name now")
        try StandardStream.print(package.digest.description)
    }
}
