import ArgumentParser
import TalkootCore
import TalkootPackaging

/// `talkoot module pack`: makes a package file.
struct ModulePackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Build a module, check it, sign it and pack it into one file.",
        discussion: """
            talkoot module pack Modules/primes
            talkoot module pack Modules/primes --output dist/ --unsigned

            The package is signed with this installation's publisher key, which is made when there is none yet.
            """)

    @Argument(help: "The module's directory.") var directory: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The file, or a directory for NAME-VERSION.talkoot.", valueName: "path"))
    var output: String?
    @Flag(name: .long, help: "Leave the package unsigned.") var unsigned = false
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let key = unsigned ? nil : try PublisherKey.loadOrCreate(path: try home.locate().publisherKeyFile)
        let package = try PackageWriter().pack(directory: directory, signingKey: key, output: output)
        if package.manifest.check == nil { StandardStream.note("talkoot: not checked as it is; see `talkoot module check`") }
        StandardStream.note(
            "talkoot: packed \(package.reference), \(NumberText.size(UInt64(package.fileBytes))), identity \(package.digest.short)")
        try StandardStream.print(package.path)
    }
}
