import ArgumentParser
import TalkootCore
import TalkootPackaging

/// `talkoot module sign`: puts this installation's signature on a package.
struct ModuleSignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign a package with this installation's publisher key, or show the key's name.",
        discussion: """
            talkoot module sign primes-1.0.0.talkoot
            talkoot module sign primes-1.0.0.talkoot --output signed.talkoot
            talkoot module sign                                 the name of the key, for others to trust

            The module's identity stays the same; a signature that is there is replaced. The key is made when there is none \
            yet: publisher.pem in the home. Whoever has the file can sign in your name; keep a copy of it.
            """)

    @Argument(help: "The .talkoot file.") var file: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("The signed package; FILE itself when left out.", valueName: "file")) var output:
        String?
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let key = try PublisherKey.loadOrCreate(path: try home.locate().publisherKeyFile)
        guard let file else { return try StandardStream.print(key.id) }
        let package = try PackageWriter().sign(path: file, key: key, output: output)
        StandardStream.note("talkoot: \(package.reference) is signed by \(key.id)")
        try StandardStream.print(package.path)
    }
}
