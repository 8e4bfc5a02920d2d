import ArgumentParser
import TalkootCore
import TalkootPackaging
import TalkootPeer

/// `talkoot module publish`: uploads a package to a tracker.
struct ModulePublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Offer a module at a tracker.",
        discussion: """
            talkoot module publish . --tracker tracker.example.org      build, sign and pack this directory's module, and offer it
            talkoot module publish primes-1.0.0.talkoot
            talkoot module publish primes

            Volunteers trust publishers by their signatures, so an unsigned package is offered with --unsigned only.
            """)

    @Argument(help: "A module's directory, a .talkoot file, or the name of a module in this installation.") var module: String
    @Flag(name: .long, help: "Offer it although it is not signed.") var unsigned = false
    @OptionGroup var tracker: TrackerOptions

    func run() async throws {
        try await tracker.use { (use) async throws(TalkootError) in
            let package = try package(home: use.home)
            guard package.publisher != nil || unsigned else {
                throw TalkootError(
                    .refused, "\(package.reference) is not signed, so volunteers cannot tell whose it is",
                    remedy: "sign it with `talkoot module sign FILE`, or give --unsigned")
            }
            let (client, name) = try await use.dialer.authenticated(use.endpoint, session: use.session)
            try await client.publish(name: package.manifest.name, path: package.path)
            await client.quit()
            StandardStream.note("talkoot: \(package.reference) is offered at \(use.key) by \(name)")
        }
    }

    private func package(home: Home) throws(TalkootError) -> ModulePackage {
        guard FileBytes.exists(module + "/module.yaml") else { return try home.module(module) }
        let key = unsigned ? nil : try PublisherKey.loadOrCreate(path: home.publisherKeyFile)
        return try PackageWriter().pack(directory: module, signingKey: key)
    }
}
